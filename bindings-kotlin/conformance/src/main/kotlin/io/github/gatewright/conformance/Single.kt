package io.github.gatewright.conformance

import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.testing.TestHost
import io.github.gatewright.testing.refreshView
import io.github.gatewright.testing.verifyJws
import java.time.Instant

/** Runs the tests of one group, each by the rules of its type. */
suspend fun runGroup(group: Group): Map<Long, Verdict> = when (group.type) {
    "jws.verify" -> group.tests.associate { test -> test.tcId to verifyJws(group, test) }
    "config.load" -> group.tests.associate { test -> test.tcId to loadConfig(test) }
    "webhook.sign", "refresh.sequence", "webhook.sequence" -> group.tests.associate { test -> test.tcId to withGate(group) { host, gate ->
        if (group.type == "webhook.sign") sign(group, test, host, gate) else Sequence(host, gate, group.policy(), group.type).run(test.list("steps"))
    } }
    // Nothing is drawn and nothing kept: one gate for all.
    else -> {
        var verdicts = emptyMap<Long, Verdict>()
        val opened = withGate(group) { host, gate ->
            verdicts = group.tests.associate { test -> test.tcId to if (group.type == "jwt.verify") verifyJwt(group, test, host, gate) else check(group, test, host, gate) }
            Verdict("valid", null)
        }
        if (verdicts.isNotEmpty()) verdicts else group.tests.associate { it.tcId to opened }
    }
}

private fun Group.policy(): Map<String, Any?> = members.obj("policy") ?: mapOf(
    "version" to JsonNumber("1"),
    "webhooks" to mapOf("endpoints" to listOf(members["endpoint"])),
)

@Suppress("UNCHECKED_CAST")
private fun environment(members: Map<String, Any?>) = members.obj("env").orEmpty() as Map<String, String>

/** Opens a gate on the group's policy. One that does not open is the outcome. */
private suspend fun withGate(group: Group, run: suspend (TestHost, Gate) -> Verdict): Verdict {
    val seed = group.members["seed"]?.let(::binary) ?: ByteArray(0)
    return TestHost(Instant.EPOCH, seed, environment(group.members)).use { host ->
        val gate = try {
            host.fromPolicy(writeJson(group.policy()))
        } catch (refusal: GatewrightException) {
            val outcome = if (refusal is GatewrightException.InternalError) "error" else "invalid:${refusal.code}"
            return Verdict(outcome, "the gate did not open: ${refusal.message}")
        }
        gate.use { run(host, it) }
    }
}

/** Runs a call and compares what came of it with what the test expected. */
private suspend fun judge(test: Map<String, Any?>, call: suspend () -> Map<String, Any?>): Verdict {
    var code: String? = null
    var offers = emptyMap<String, Any?>()
    try {
        offers = call()
    } catch (refusal: GatewrightException) {
        code = refusal.ofTheLibrary().code
        offers = refusal.offers()
    } catch (failure: Exception) {
        return Verdict("error", "an exception that is not the library's: $failure")
    }
    val outcome = if (code == null) "valid" else "invalid:$code"
    val fault = when {
        test["result"] != outcome.substringBefore(':') -> "expected ${test["result"]}${test["code"]?.let { " $it" }.orEmpty()}, got $outcome"
        "code" in test && test["code"] != code -> "expected ${test["code"]}, got $outcome"
        else -> matchesAll(test.obj("expect").orEmpty(), offers)?.let { "expect.$it does not match" }
    }
    return Verdict(outcome, fault)
}

/** Refreshes the view where there is one. What comes of it shows in the step. */
suspend fun refreshViewOf(gate: Gate, policy: Map<String, Any?>) {
    if ("store" !in policy || "tokens" !in policy) return
    try {
        gate.refreshView()
    } catch (_: GatewrightException) {
        // A store that does not answer is for the step to meet.
    }
}

/** A panic comes as `internal`: that is never what a vector is about. */
fun GatewrightException.ofTheLibrary(): GatewrightException =
    if (this is GatewrightException.InternalError) throw IllegalStateException(message, this) else this

private suspend fun verifyJws(group: Group, test: Map<String, Any?>): Verdict =
    judge(test) { mapOf("payload" to verifyJws(group.members.list("keys").map(::writeJson), test.text("jws")!!)) }

private suspend fun verifyJwt(group: Group, test: Map<String, Any?>, host: TestHost, gate: Gate): Verdict = judge(test) {
    host.setNow(instant(whole(test["now"])))
    refreshViewOf(gate, group.policy())
    val claims = gate.tokens.verify(test.text("token")!!, group.members.text("issuer") ?: "own")
    mapOf("claims" to readJson(claims.payload.toByteArray()))
}

private fun endpointId(group: Group): String = group.members.obj("endpoint")?.text("id").orEmpty()

private suspend fun check(group: Group, test: Map<String, Any?>, host: TestHost, gate: Gate): Verdict = judge(test) {
    host.setNow(instant(whole(test["now"])))
    gate.webhooks.check(endpointId(group), headers(test), binary(test["body"]), requestLine(test)).offers()
}

private suspend fun sign(group: Group, test: Map<String, Any?>, host: TestHost, gate: Gate): Verdict = judge(test) {
    host.setNow(instant(whole(test["now"])))
    val headers = gate.webhooks.sign(endpointId(group), binary(test["body"]), test.text("id"), test.text("nonce"), requestLine(test))
    mapOf("headers" to headers.map { (name, value) -> listOf(name, value) })
}

private suspend fun loadConfig(test: Map<String, Any?>): Verdict {
    var place = ""
    val verdict = judge(test - "expect") {
        try {
            TestHost(Instant.EPOCH, ByteArray(0), environment(test)).use { host -> host.fromPolicy(test.text("text")!!).close() }
            emptyMap()
        } catch (refusal: GatewrightException) {
            refusal.problems.firstOrNull()?.let { place = "@${it.line ?: ""}:${it.field}" }
            throw refusal
        }
    }
    val fault = verdict.fault ?: test.obj("expect")?.let { expect ->
        val (line, field) = if (place.isEmpty()) listOf(null, null) else place.drop(1).split(":", limit = 2)
        matchesAll(expect, mapOf("line" to line?.toLongOrNull(), "field" to field))?.let { "expect.$it does not match: got $place" }
    }
    return Verdict(verdict.outcome + place, fault)
}
