package io.github.gatewright.conformance

import io.github.gatewright.Attempt
import io.github.gatewright.Decision
import io.github.gatewright.Gate
import io.github.gatewright.LimitItem
import io.github.gatewright.LockoutStatus
import io.github.gatewright.Permit
import io.github.gatewright.ServerLimits
import io.github.gatewright.TierDecision
import java.time.Duration
import java.time.temporal.ChronoUnit

/** Runs one step of a `limits.sequence`. */
internal suspend fun limitsStep(gate: Gate, op: String, arguments: Map<String, Any?>): Answer {
    val (policy, subject) = listOf("policy", "subject").map { arguments.text(it).orEmpty() }
    val context = arguments.obj("context")?.let(::requestContext)
    return when (op) {
        "check" -> answer(gate.limits.check(policy, subject, cost(arguments["cost"]), context))
        "check_all" -> answer(gate.limits.checkAll(arguments.list("bundle").map(::item), context))
        "check_local" -> answer(gate.limits.checkLocal(policy, subject, cost(arguments["cost"]), context))
        "allow_local" -> Answer(mapOf("value" to gate.limits.allowLocal(policy, subject, cost(arguments["cost"]), context)))
        "peek" -> answer(gate.limits.peek(policy, subject, context))
        "reserve" -> answer(gate.limits.reserve(policy, subject, cost(arguments["cost"]), span(arguments["max_wait"]), context))
        "refund" -> answer(gate.limits.refund(arguments["permit"] as? Permit ?: throw Unresolved(), arguments["cost"]?.let(::whole)))
        "reset" -> answer(gate.limits.reset(policy, subject, context))
        "headers" -> {
            val decision = arguments["decision"] as? Decision ?: throw Unresolved()
            Answer(mapOf("headers" to gate.limits.headers(decision).map { (name, value) -> listOf(name, value) }))
        }
        "parse_headers" -> Answer(gate.limits.parseHeaders(headers(arguments)).offers())
        else -> lockoutStep(gate, op, arguments)
    }
}

private suspend fun lockoutStep(gate: Gate, op: String, arguments: Map<String, Any?>): Answer {
    val (policy, identifier) = listOf("policy", "identifier").map { arguments.text(it).orEmpty() }
    val device = arguments.text("device")
    val context = arguments.obj("context")?.let(::requestContext)
    when (op) {
        "lockout.begin" -> {
            val attempt = gate.lockout.begin(policy, identifier, device, context)
            return Answer(mapOf("n" to attempt.n, "last" to attempt.last), attempt)
        }
        "lockout.status" -> return Answer(gate.lockout.status(policy, identifier, device, context).offers())
        "lockout.unlock" -> gate.lockout.unlock(policy, identifier, device, context)
        else -> {
            val attempt = arguments["attempt"] as? Attempt ?: throw Unresolved()
            when (op) {
                "attempt.settle" -> attempt.settle(arguments["success"] as Boolean)
                "attempt.abandon" -> attempt.abandon()
                else -> throw Rejected("unknown op $op")
            }
        }
    }
    return Answer()
}

private fun answer(decision: Decision) = Answer(decision.offers(), decision)

private fun cost(given: Any?): Long = given?.let(::whole) ?: 1

/** `[policy, subject, cost?]` or `{policy, subject, cost?}`. */
private fun item(item: Any?): LimitItem {
    val parts = if (item is List<*>) item + List(3) { null } else listOf("policy", "subject", "cost").map { (item as Map<*, *>)[it] }
    val (policy, subject, cost) = parts
    return LimitItem(policy as String, subject as String, cost(cost))
}

/** Whole µs, or a duration as a policy writes it. */
private fun span(given: Any?): Duration =
    Duration.of(wholeOrNull(given) ?: spanMicrosOrNull(given) ?: throw Rejected("no duration"), ChronoUnit.MICROS)

/** The µs of a duration as a policy writes it; `null` if it is none. */
internal fun spanMicrosOrNull(given: Any?): Long? {
    val (digits, unit) = SPAN.matchEntire(given as? String ?: return null)?.destructured ?: return null
    return try {
        digits.toLongOrNull()?.let { Math.multiplyExact(it, UNITS.getValue(unit)) }
    } catch (_: ArithmeticException) {
        null
    }
}

private val SPAN = Regex("([0-9]+)(us|ms|s|m|h|d)")
private val UNITS = mapOf("us" to 1L, "ms" to 1_000L, "s" to 1_000_000L, "m" to 60_000_000L, "h" to 3_600_000_000L, "d" to 86_400_000_000L)

private fun Decision.offers(): Map<String, Any?> = mapOf(
    "allowed" to allowed,
    "source" to source.code,
    "now_us" to nowUs,
    "cost" to cost,
    "binding" to mapOf("policy" to binding.policy, "tier" to binding.tier),
    "retry_after_us" to retryAfterUs,
    "wait_us" to waitUs,
    "tiers" to tiers.map(TierDecision::offers),
    "permit" to permit?.let { mapOf("cost" to it.cost) },
    "atomicity" to atomicity.code,
)

private fun TierDecision.offers(): Map<String, Any?> = mapOf(
    "policy" to policy,
    "id" to id,
    "algo" to algo.code,
    "limit" to limit,
    "burst" to burst,
    "period_us" to periodUs,
    "remaining" to remaining,
    "used" to used,
    "next_unit_us" to nextUnitUs,
    "full_at_us" to fullAtUs,
    "retry_after_us" to retryAfterUs,
    "allowed" to allowed,
)

private fun LockoutStatus.offers(): Map<String, Any?> = mapOf(
    "fails" to fails,
    "threshold" to threshold,
    "locked_until" to lockedUntil?.micros(),
    "level" to level,
    "now" to now.micros(),
)

private fun ServerLimits.offers(): Map<String, Any?> = mapOf(
    "wait_us" to waitUs,
    "limits" to limits.map {
        mapOf(
            "name" to it.name,
            "quota" to it.quota,
            "window_s" to it.windowS,
            "remaining" to it.remaining,
            "reset_s" to it.resetS,
            "unit" to it.unit,
            "partition_key" to it.partitionKey,
        )
    },
)
