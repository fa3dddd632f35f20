package io.github.gatewright.conformance

import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.Problem
import io.github.gatewright.testing.TestHost
import io.github.gatewright.testing.readDecision
import io.github.gatewright.testing.verifyJws
import java.security.MessageDigest
import java.time.Instant

/** Runs one test by the rules of its group's type, on a gate and a store of its own. */
suspend fun runTest(group: Group, test: Map<String, Any?>): Verdict = when (group.type) {
    "config.load" -> loadConfig(test)
    "headers.render" -> judge(test) {
        withGate(group, test) { gate ->
            val headers = gate.limits.headers(readDecision(writeJson(test["decision"])))
            mapOf("headers" to headers.map { (name, value) -> listOf(name, value) })
        }
    }
    "jws.verify" -> judge(test) {
        mapOf("payload" to verifyJws(group.members.list("keys").map(::writeJson), test.text("jws").orEmpty()))
    }
    "jwt.verify" -> judge(test) {
        withGate(group, test) { gate ->
            val claims = gate.tokens.verify(test.text("token").orEmpty(), group.members.text("issuer") ?: "own")
            mapOf("claims" to readJson(claims.payload.toByteArray()))
        }
    }
    "kpi.evaluate" -> judge(test) { evaluate(test.text("method").orEmpty(), test.obj("args").orEmpty()) }
    "kpi.report" -> reportFarm(test)
    "webhook.sign" -> judge(test) {
        withGate(group, test) { gate ->
            val (id, nonce) = listOf(test.text("id"), test.text("nonce"))
            val headers = gate.webhooks.sign(endpointId(group), binary(test["body"]), id, nonce, requestLine(test))
            mapOf("headers" to headers.map { (name, value) -> listOf(name, value) })
        }
    }
    "webhook.verify" -> judge(test) {
        withGate(group, test) { gate ->
            gate.webhooks.check(endpointId(group), headers(test), binary(test["body"]), requestLine(test)).offers()
        }
    }
    else -> runSequence(group, test)
}

private fun endpointId(group: Group): String = group.members.obj("endpoint")?.text("id").orEmpty()

private suspend fun <T> withGate(group: Group, test: Map<String, Any?>, run: suspend (Gate) -> T): T {
    val policy = group.members["policy"] ?: mapOf("version" to JsonNumber("1"), "webhooks" to mapOf("endpoints" to listOf(group.members["endpoint"])))
    return testHost(group, test["now"], environment(group.members)).use { host -> host.fromPolicy(writeJson(policy)).use { run(it) } }
}

/** Runs a call and compares what came of it with what the test expected. */
private suspend fun judge(test: Map<String, Any?>, call: suspend () -> Map<String, Any?>): Verdict {
    var code: String? = null
    val offers = try {
        call()
    } catch (refusal: GatewrightException) {
        code = refusal.code
        refusal.offers()
    } catch (failure: Exception) {
        return Verdict("error", "an exception that is not the library's: $failure")
    }
    // A panic comes as `internal`: that is never what a vector is about.
    if (code == "internal") return Verdict("error", "the library panicked")
    val outcome = if (code == null) "valid" else "invalid:$code"
    return Verdict(outcome, complaint(test, code, outcome, offers))
}

/** A report, which is the same to the byte in every language: its digest is part of the outcome. */
private suspend fun reportFarm(test: Map<String, Any?>): Verdict {
    var digest = ""
    val verdict = judge(test) {
        val text = report(test["rows"], test.obj("targets"))
        digest = ":" + MessageDigest.getInstance("SHA-256").digest(text.toByteArray()).joinToString("") { "%02x".format(it) }
        reportOffers(text)
    }
    return Verdict(verdict.outcome + digest, verdict.fault)
}

/** A policy that loads, or the first of its problems. */
private suspend fun loadConfig(test: Map<String, Any?>): Verdict {
    var problem: Problem? = null
    val verdict = judge(test - "expect") {
        try {
            TestHost(Instant.EPOCH, ByteArray(0), environment(test)).use { host -> host.fromPolicy(test.text("text").orEmpty()).close() }
            emptyMap()
        } catch (refusal: GatewrightException) {
            problem = refusal.problems.firstOrNull()
            throw refusal
        }
    }
    val place = problem?.let { "@${it.line ?: ""}:${it.field}" }.orEmpty()
    val offers = mapOf("line" to problem?.line, "field" to problem?.field)
    val fault = verdict.fault ?: matchesAll(test.obj("expect").orEmpty(), offers)?.let { "expect.$it does not match: got $place" }
    return Verdict(verdict.outcome + place, fault)
}
