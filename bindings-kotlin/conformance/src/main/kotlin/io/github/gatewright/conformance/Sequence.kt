package io.github.gatewright.conformance

import io.github.gatewright.Decision
import io.github.gatewright.Device
import io.github.gatewright.DpopProof
import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.Headers
import io.github.gatewright.Login
import io.github.gatewright.RequestContext
import io.github.gatewright.RequestLine
import io.github.gatewright.TokenPair
import io.github.gatewright.Verified
import io.github.gatewright.testing.TestHost
import io.github.gatewright.testing.refreshView
import io.github.gatewright.testing.reopen

/** What came of a test: its outcome for the report, and what is wrong with it, if anything. */
class Verdict(val outcome: String, val fault: String?)

/** Where an outcome differs from the `result`, `code` and `expect` of a test or step; `null` if nowhere. */
fun complaint(wanted: Map<String, Any?>, code: String?, outcome: String, offers: Map<String, Any?>): String? {
    val result = if (code == null) "valid" else "invalid"
    val same = wanted["result"] == result && ("code" !in wanted || wanted["code"] == code)
    if (!same) return "expected ${wanted["result"]}${wanted["code"]?.let { ":$it" }.orEmpty()}, got $outcome"
    return matchesAll(wanted.obj("expect").orEmpty(), offers)?.let { "$outcome, but expect.$it does not match" }
}

/** A reference to something that was not saved or offered. */
internal class Unresolved : Exception()

/** What a step's call gave: what it offers, the handle if there is one, the code if it was refused. */
internal class Answer(
    val offers: Map<String, Any?> = emptyMap(),
    val handle: Any? = null,
    val code: String? = null,
    suffix: String = "",
) {
    val outcome = if (code == null) "valid$suffix" else "invalid:$code"
}

/** Runs a test of many steps. */
suspend fun runSequence(group: Group, test: Map<String, Any?>): Verdict {
    val steps = test.list("steps").map { step ->
        @Suppress("UNCHECKED_CAST")
        step as Map<String, Any?>
    }
    // A gate keeps the environment that it was opened with, so that it gets those of all policies of the test.
    val environment = steps.fold(environment(group.members)) { all, step -> all + environment(step) }
    val policy = group.members.obj("policy").orEmpty()
    return testHost(group, steps.firstOrNull()?.get("now"), environment).use { host ->
        val gate = try {
            host.fromPolicy(writeJson(policy))
        } catch (refusal: GatewrightException) {
            val outcome = if (refusal is GatewrightException.InternalError) "error" else "invalid:${refusal.code}"
            return Verdict(outcome, "the gate does not open: ${refusal.message}")
        }
        Sequence(host, gate, policy, group.type).run(steps)
    }
}

/** A clock that shows [now], the group's seed, and an environment that is given. */
fun testHost(group: Group, now: Any?, environment: Map<String, String>) =
    TestHost(instant(wholeOrNull(now) ?: 0), group.members["seed"]?.let(::binary) ?: ByteArray(0), environment)

/** The `env` of a group, a test or a step. */
@Suppress("UNCHECKED_CAST")
fun environment(members: Map<String, Any?>): Map<String, String> = members.obj("env").orEmpty() as Map<String, String>

private class Sequence(
    private val host: TestHost,
    private var gate: Gate,
    private var policy: Map<String, Any?>,
    private val type: String,
) {
    private val saved = HashMap<String, Answer>()
    private val gates = mutableListOf(gate)

    /** All of them, so that none is released by the garbage collector. */
    private val handles = ArrayList<AutoCloseable>()

    /** Runs all steps, also after one that did not go as written. */
    suspend fun run(steps: List<Map<String, Any?>>): Verdict {
        val outcomes = ArrayList<String>()
        val faults = ArrayList<String>()
        for ((index, step) in steps.withIndex()) {
            val verdict = runStep(step)
            outcomes.add(verdict.outcome)
            verdict.fault?.let { faults.add("step ${index + 1} (${step["op"]}): $it") }
        }
        handles.forEach(AutoCloseable::close)
        gates.forEach(Gate::close)
        return Verdict(outcomes.joinToString(" "), faults.takeIf { it.isNotEmpty() }?.joinToString("; "))
    }

    private suspend fun runStep(step: Map<String, Any?>): Verdict = try {
        host.setNow(instant(whole(step["now"])))
        if ("store" in policy && "tokens" in policy) gate.refreshView()
        // The code that `next_action` is given is an argument: the call itself is not refused for it.
        val wanted = if (step["op"] == "next_action") step - "code" else step
        val arguments = step.filterKeys { it !in FRAME || it !in wanted }.mapValues { (name, value) ->
            when (name) {
                in LEFT_ALONE -> value
                "permit" -> permit(value)
                else -> resolve(value)
            }
        }
        val expect = step.obj("expect").orEmpty().mapValues { resolve(it.value) }
        val answer = try {
            call(step.text("op")!!, arguments).also { (it.handle as? AutoCloseable)?.let(handles::add) }
        } catch (refusal: GatewrightException) {
            // A panic comes as `internal`: that is never what a vector is about.
            if (refusal is GatewrightException.InternalError) throw refusal
            Answer(refusal.offers(), code = refusal.code)
        }
        step.text("save")?.let { saved[it] = answer }
        Verdict(answer.outcome, complaint(wanted + ("expect" to expect), answer.code, answer.outcome, answer.offers))
    } catch (_: Unresolved) {
        Verdict("unresolved", "a reference to what was not saved")
    } catch (failure: Exception) {
        Verdict("error", "an exception that is not the library's: $failure")
    }

    private fun resolve(value: Any?): Any? = when {
        value is String && value.startsWith("$$") -> value.substring(1)
        isReference(value) -> {
            val path = (value as String).substring(1)
            val name = path.substringBefore('.')
            val kept = saved[name] ?: throw Unresolved()
            if ('.' in path) {
                val member = path.substringAfter('.')
                if (member !in kept.offers) throw Unresolved()
                kept.offers[member]
            } else {
                kept.handle ?: throw Unresolved()
            }
        }
        value is Map<*, *> -> value.mapValues { resolve(it.value) }
        value is List<*> -> value.map(::resolve)
        else -> value
    }

    /** The permit of the decision that is meant: `$name` or `$name.permit`, of one that has a permit. */
    private fun permit(value: Any?): Any {
        val name = (value as? String)?.takeIf(::isReference)?.removePrefix("$")?.removeSuffix(".permit")
        return (saved[name]?.handle as? Decision)?.permit ?: throw Unresolved()
    }

    private suspend fun call(op: String, arguments: Map<String, Any?>): Answer {
        if (type == "idempotency.sequence" && op != "reopen") return idempotencyStep(gate, op, arguments)
        if (type == "limits.sequence" && op != "reopen") return limitsStep(gate, op, arguments)
        val text = { name: String -> arguments.text(name).orEmpty() }
        val optional = { name: String -> arguments.text(name) }
        val texts = { name: String -> arguments.list(name).map { it as String } }
        val context = arguments.obj("context")?.let(::requestContext)
        val dpop = arguments.obj("dpop")?.let { DpopProof(it.text("proof").orEmpty(), it.text("method").orEmpty(), it.text("url").orEmpty()) }
        val request = requestLine(arguments)
        val tokens = gate.tokens
        return when (op) {
            "issue" -> {
                val login = Login(
                    tenant = text("tenant"),
                    subject = text("subject"),
                    client = text("client"),
                    roles = texts("roles"),
                    scope = text("scope"),
                    device = arguments.obj("device")?.let(::device),
                    claims = arguments.obj("claims")?.let(::writeJson),
                    authTime = arguments["auth_time"]?.let { instant(whole(it)) },
                    amr = texts("amr"),
                    dpopJkt = optional("dpop_jkt"),
                    context = context,
                )
                pair(tokens.issue(login))
            }
            "refresh" -> {
                val retryKey = arguments["retry_key"]?.let(::binary)
                pair(tokens.refresh(text("token"), retryKey, dpop, optional("client"), optional("tenant"), optional("device_id"), context))
            }
            "refresh_access_only" ->
                pair(tokens.refreshAccessOnly(text("token"), dpop, optional("client"), optional("tenant"), optional("device_id"), context))
            "verify" -> when (type) {
                "webhook.sequence" -> {
                    val message = gate.webhooks.verify(text("endpoint"), headers(arguments), binary(arguments["body"]), request, context)
                    Answer(message.checked.offers() + ("duplicate" to message.duplicate), message)
                }
                else -> Answer(tokens.verify(text("access"), optional("issuer") ?: "own", dpop).offers())
            }
            "verify_fresh" -> Answer(tokens.verifyFresh(text("access"), dpop).offers())
            "confirm" -> nothing(tokens.confirm(text("access")))
            "revoke" -> nothing(tokens.revoke(text("token"), context))
            "sessions.revoke" -> nothing(gate.sessions.revoke(text("tenant"), text("subject"), text("session_id"), context))
            "sessions.revoke_others" -> value(gate.sessions.revokeOthers(text("tenant"), text("subject"), text("keep"), context))
            "sessions.revoke_all" -> value(gate.sessions.revokeAll(text("tenant"), text("subject"), context))
            "epochs.bump_subject" -> version(gate.epochs.bumpSubject(text("tenant"), text("subject"), text("reason"), context))
            "epochs.bump_tenant" -> version(gate.epochs.bumpTenant(text("tenant"), text("reason"), context))
            "epochs.bump_all" -> version(gate.epochs.bumpAll(text("reason"), context))
            "sign" -> {
                val headers = gate.webhooks.sign(text("endpoint"), binary(arguments["body"]), optional("id"), optional("nonce"), request)
                Answer(mapOf("headers" to headers.map { (name, value) -> listOf(name, value) }))
            }
            "check" -> Answer(gate.webhooks.check(text("endpoint"), headers(arguments), binary(arguments["body"]), request).offers())
            "verified.commit" -> nothing(handle(arguments).commit())
            "verified.release" -> nothing(handle(arguments).release())
            "reopen" -> {
                policy = arguments.obj("policy")!!
                gate = gate.reopen(writeJson(policy))
                gates.add(gate)
                Answer()
            }
            else -> throw Rejected("unknown op $op")
        }
    }

    private fun handle(arguments: Map<String, Any?>): Verified = arguments["verified"] as? Verified ?: throw Unresolved()

    private fun pair(pair: TokenPair) = Answer(pair.offers(), suffix = ":${pair.outcome.code}")

    private fun value(number: Long) = Answer(mapOf("value" to number))

    private fun version(number: Long) = Answer(mapOf("version" to number, "value" to number))

    private fun nothing(@Suppress("UNUSED_PARAMETER") done: Unit) = Answer()

    private companion object {
        val FRAME = setOf("op", "now", "result", "code", "expect", "save")
        val LEFT_ALONE = setOf("policy", "env")
    }
}

/** The headers of a message: texts or exact bytes. */
fun headers(members: Map<String, Any?>): Headers {
    val headers = Headers.Builder()
    for (header in members.list("headers")) {
        val (name, value) = header as List<*>
        if (value is String) headers.add(name as String, value) else headers.add(name as String, binary(value))
    }
    return headers.build()
}

/** The line of the request, if the message has one. */
fun requestLine(members: Map<String, Any?>): RequestLine? =
    members.obj("request")?.let { RequestLine(it.text("method").orEmpty(), it.text("url").orEmpty()) }

internal fun requestContext(context: Map<String, Any?>) = RequestContext(
    requestId = context.text("request_id"),
    traceId = context.text("trace_id"),
    method = context.text("method"),
    endpoint = context.text("endpoint"),
    ip = context.text("ip"),
    userAgent = context.text("user_agent"),
)

private fun device(device: Map<String, Any?>) = Device(
    id = device.text("id").orEmpty(),
    kind = device.text("kind").orEmpty(),
    name = device.text("name").orEmpty(),
    platform = device.text("platform").orEmpty(),
    appVersion = device.text("app_version").orEmpty(),
)
