package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiBegunDecision
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.FfiLimitItem
import io.github.gatewright.internal.ffi.FfiLimitRequest
import io.github.gatewright.internal.microsOf
import io.github.gatewright.internal.received
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.time.Duration

/**
 * The calls on limits: `gate.limits`. Policies are named by their id.
 *
 * A refusal is a [Decision], never an exception; and so is the decision while the store is down, as the policy says. A coroutine that is
 * cancelled before it gets its decision gives back what that took, where it can be given back.
 */
public class Limits internal constructor(private val gate: FfiGate) {
    /**
     * Takes [cost] units of every tier of a policy for a subject, or of none.
     *
     * ```
     * val decision = gate.limits.check("tenant", "acme", cost = 40)
     * if (!decision.allowed) log.info("${decision.binding} refuses; again after ${decision.retryAfter}")
     * ```
     *
     * @param policy one of `limits.policies`.
     * @param subject whose limits they are, in the policy's form.
     * @param cost units, 0–4,294,967,295; 0 only looks.
     * @throws GatewrightException.LimitError `cost_impossible` where a tier holds fewer units than that, `subject_invalid`.
     * @throws GatewrightException `invalid_argument` for an unknown policy or a cost out of range; `record_unreadable`, `closed`,
     *   `config_invalid` without `[limits]`, store or, for a store that is not in memory, root key.
     */
    public suspend fun check(policy: String, subject: String, cost: Long = 1, context: RequestContext? = null): Decision =
        decided { gate.checkLimit(request(policy, subject, cost, context)) }

    /** [check] for callers without coroutines. */
    @JvmOverloads
    public fun checkBlocking(policy: String, subject: String, cost: Long = 1, context: RequestContext? = null): Decision =
        runBlocking { check(policy, subject, cost, context) }

    /**
     * What is left to a subject. Takes nothing and writes nothing.
     *
     * @throws GatewrightException as [check].
     */
    public suspend fun peek(policy: String, subject: String, context: RequestContext? = null): Decision =
        decided { gate.peekLimit(request(policy, subject, 0, context)) }

    /** [peek] for callers without coroutines. */
    @JvmOverloads
    public fun peekBlocking(policy: String, subject: String, context: RequestContext? = null): Decision =
        runBlocking { peek(policy, subject, context) }

    /**
     * Takes the cost of each item, or of none.
     *
     * ```
     * val decision = gate.limits.checkAll(listOf(LimitItem("tenant", "acme"), LimitItem("user", "u-42"), LimitItem("provider", "sms", 2)))
     * ```
     *
     * @param bundle 1–16 items.
     * @throws GatewrightException as [check]; `invalid_argument` where a policy and subject are named twice, or for another number of items.
     */
    public suspend fun checkAll(bundle: List<LimitItem>, context: RequestContext? = null): Decision =
        decided { gate.checkLimits(bundle.map(LimitItem::toFfi), context?.toFfi()) }

    /** [checkAll] for callers without coroutines. */
    @JvmOverloads
    public fun checkAllBlocking(bundle: List<LimitItem>, context: RequestContext? = null): Decision =
        runBlocking { checkAll(bundle, context) }

    /**
     * Takes units ahead of time, if they will be there within [maxWait] and the policy's `reserve_max_wait`: [wait], then go on; or
     * [refund] the permit. First come, first served. A refused one says after what time the same call would succeed.
     *
     * ```
     * val decision = gate.limits.reserve("provider", "sms", cost = 1, maxWait = Duration.ofSeconds(5))
     * if (decision.allowed) {
     *     gate.limits.wait(decision)
     *     send(message)
     * }
     * ```
     *
     * @param maxWait how long the caller would wait; parts of a microsecond do not count.
     * @throws GatewrightException as [check]; `invalid_argument` for a policy without `reserve_max_wait` or a negative time.
     */
    public suspend fun reserve(
        policy: String,
        subject: String,
        cost: Long,
        maxWait: Duration,
        context: RequestContext? = null,
    ): Decision = decided { gate.reserveLimit(request(policy, subject, cost, context), microsOf(maxWait)) }

    /** [reserve] for callers without coroutines. */
    @JvmOverloads
    public fun reserveBlocking(
        policy: String,
        subject: String,
        cost: Long,
        maxWait: Duration,
        context: RequestContext? = null,
    ): Decision = runBlocking { reserve(policy, subject, cost, maxWait, context) }

    /**
     * Waits what is left of a reservation's [Decision.wait], from when it was decided; returns at once where nothing is, as by a clock of
     * `io.github.gatewright.testing`. Cancelled, it gives the reservation back first and then goes on.
     *
     * @throws GatewrightException `closed`, also where the gate is closed meanwhile; `invalid_argument` where the permit is given back
     *   meanwhile.
     */
    public suspend fun wait(decision: Decision) {
        try {
            currentCoroutineContext().ensureActive()
            suspending { gate.waitFor(decision.permit?.ffi) }
        } catch (cancelled: CancellationException) {
            withContext(NonCancellable) { giveBack(decision, cancelled) }
            throw cancelled
        }
    }

    /** [wait] for callers without coroutines; an interrupt of the thread is what gives the reservation back. */
    @Throws(InterruptedException::class)
    public fun waitBlocking(decision: Decision) {
        // Elsewhere: a `runBlocking` that is interrupted does not wait for what goes on inside it. Begun here: one that is cancelled before
        // it has begun never does, and gives nothing back.
        val waiting = CoroutineScope(Dispatchers.Default).async(start = CoroutineStart.UNDISPATCHED) { wait(decision) }
        try {
            runBlocking { waiting.await() }
        } catch (interrupted: InterruptedException) {
            runBlocking { waiting.cancelAndJoin() }
            throw interrupted
        }
    }

    /** What could not be given back leaks away: the reason for trying matters more. */
    private suspend fun giveBack(decision: Decision, reason: Throwable) {
        try {
            decision.permit?.let { refund(it) }
        } catch (second: GatewrightException) {
            reason.addSuppressed(second)
        }
    }

    /**
     * Gives units of a permit back, or less where some have come back by themselves; of a bundle at most each item's cost. Once: again,
     * it only looks. What is held (`concurrent`) and reserved always comes back, other units where the policy is `refundable`.
     *
     * ```
     * val decision = gate.limits.check("tokens", "acme", cost = 4_000)
     * val used = complete(prompt)                                              // 1,200 of them
     * decision.permit?.let { gate.limits.refund(it, cost = 4_000 - used) }
     * ```
     *
     * @param cost how many; all of it if `null`.
     * @throws GatewrightException `invalid_argument` for more than the permit's cost; `unavailable`: the permit is spent then if its store was
     *   asked, as the units may have come back all the same; else as [check].
     */
    public suspend fun refund(permit: Permit, cost: Long? = null): Decision = decided { gate.refundPermit(permit.ffi, cost) }

    /** [refund] for callers without coroutines. */
    @JvmOverloads
    public fun refundBlocking(permit: Permit, cost: Long? = null): Decision = runBlocking { refund(permit, cost) }

    /**
     * Forgets what a subject has taken.
     *
     * @throws GatewrightException as [check], and `unavailable`.
     */
    public suspend fun reset(policy: String, subject: String, context: RequestContext? = null): Decision =
        decided { gate.resetLimit(request(policy, subject, 0, context)) }

    /** [reset] for callers without coroutines. */
    @JvmOverloads
    public fun resetBlocking(policy: String, subject: String, context: RequestContext? = null): Decision =
        runBlocking { reset(policy, subject, context) }

    /**
     * [check] of limits in memory. Touches memory only.
     *
     * @throws GatewrightException as [check]; `config_invalid` where the limits are in another store.
     */
    @JvmOverloads
    public fun checkLocal(policy: String, subject: String, cost: Long = 1, context: RequestContext? = null): Decision =
        crossing { Decision(gate.checkLimitLocal(request(policy, subject, cost, context))) }

    /**
     * [checkLocal] that says no more than whether the request may go on. Touches memory only; the fastest way to ask.
     *
     * @throws GatewrightException as [checkLocal].
     */
    @JvmOverloads
    public fun allowLocal(policy: String, subject: String, cost: Long = 1, context: RequestContext? = null): Boolean =
        crossing { gate.allowLimitLocal(request(policy, subject, cost, context)) }

    /**
     * The headers that tell of a decision, by the policy's `[http] rate_limit_headers`: `X-RateLimit-*`, `RateLimit` and
     * `RateLimit-Policy`, both or none; and `Retry-After` of a refusal. Touches memory only.
     *
     * ```
     * for ((name, value) in gate.limits.headers(decision)) exchange.responseHeaders.add(name, value)
     * ```
     */
    public fun headers(decision: Decision): List<Pair<String, String>> =
        crossing { gate.limitHeaders(decision.toFfi()).map { it.name to it.value } }

    /**
     * What another server says of its limits, for a client that is to come back in time: `RateLimit`, `RateLimit-Policy`, `X-RateLimit-*` and
     * `Retry-After`, of many servers' dialects. What cannot be read is left out, never an error. Touches memory only.
     *
     * ```
     * val server = gate.limits.parseHeaders(response.headers)             // OkHttp's are pairs
     * if (server.wait > Duration.ZERO) delay(server.wait.toMillis() + 1)
     * ```
     */
    public fun parseHeaders(headers: Headers): ServerLimits = crossing { ServerLimits(gate.parseLimitHeaders(headers.pairs)) }

    /** [parseHeaders] with headers as pairs. */
    public fun parseHeaders(headers: Iterable<Pair<String, String>>): ServerLimits = parseHeaders(Headers.of(headers))

    /** Most calls on a store in memory are over before there is anything to wait for. */
    private suspend inline fun decided(begin: () -> FfiBegunDecision): Decision {
        currentCoroutineContext().ensureActive()
        return when (val begun = crossing(begin)) {
            is FfiBegunDecision.Over -> Decision(begun.decided)
            is FfiBegunDecision.GoingOn -> received(::letGo) { begun.call.use { Decision(it.answer()) } }
        }
    }

    private fun letGo(lost: Decision) {
        lost.permit?.let { gate.giveBack(it.ffi) }
    }

    private fun request(policy: String, subject: String, cost: Long, context: RequestContext?) =
        FfiLimitRequest(policy, subject, cost, context?.toFfi())
}

/**
 * One item of a bundle: what is taken from one subject.
 *
 * @property policy one of `limits.policies`.
 * @property subject whose limits they are, in the policy's form.
 * @property cost units, 0–4,294,967,295.
 */
public class LimitItem @JvmOverloads constructor(public val policy: String, public val subject: String, public val cost: Long = 1) {
    internal fun toFfi() = FfiLimitItem(policy, subject, cost)

    /** Policy and cost; a subject may be an e-mail address. */
    override fun toString(): String = "LimitItem(policy=$policy, cost=$cost)"
}
