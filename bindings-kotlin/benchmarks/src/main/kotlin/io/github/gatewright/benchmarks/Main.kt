package io.github.gatewright.benchmarks

import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import io.github.gatewright.Gate
import io.github.gatewright.Headers
import io.github.gatewright.Kpi
import io.github.gatewright.Login
import io.github.gatewright.Response
import io.github.gatewright.Scope
import kotlinx.coroutines.runBlocking
import java.security.MessageDigest
import java.util.Base64
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.math.sqrt
import kotlin.system.exitProcess

private const val JWT_SECRET = "u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4="
private const val HOOK_SECRET = "a-secret-of-thirty-two-bytes-or-more"
private val POLICY = """
    {"version": 1,
     "store": {"default": "memory:"},
     "root_keys": [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}],
     "tokens": {"issuer": "https://auth.example", "audience": ["api"], "clients": [{"id": "web", "kind": "browser"}],
       "signing_keys": [{"kid": "k1", "alg": "HS256", "secret": "base64:$JWT_SECRET", "state": "active"}]},
     "webhooks": {"endpoints": [{"id": "hook", "preset": "parking", "secrets": [{"id": "k", "secret": "$HOOK_SECRET"}]}]},
     "limits": {"policies": [{"id": "tenant", "tiers": [{"id": "minute", "limit": 2000000000, "period": "1m"},
       {"id": "hour", "limit": 2000000000, "period": "1h"}, {"id": "day", "limit": 2000000000, "period": "1d"}]}]},
     "idempotency": {}}
""".trimIndent()

/** Prints medians beside java-jwt and the JDK. Build the library with `cargo build --release` first: see `docs/benchmarks.md`. */
fun main() {
    val begin = System.nanoTime()
    runBlocking {
        Gate.fromPolicy(POLICY).use { gate ->
            println("first gate of the process: %.0f ms".format((System.nanoTime() - begin) / 1e6))
            verify(gate)
            webhooks(gate)
            refresh(gate)
            idempotency(gate)
            limits(gate)
        }
        figures()
    }
    exitProcess(0)
}

private suspend fun verify(gate: Gate) {
    val token = gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "web", roles = listOf("operator"))).accessToken
    val hundred = List(100) { token }
    val verifier = JWT.require(Algorithm.HMAC256(Base64.getDecoder().decode(JWT_SECRET)))
        .withIssuer("https://auth.example").withAudience("api").acceptLeeway(30).build()
    compare(
        "verify an HS256 access token of ${token.length} characters",
        listOf(
            Contender("gatewright verify") { gate.tokens.verify(token) },
            Contender("gatewright verifyMany(100), each", perCall = 100) { gate.tokens.verifyMany(hundred) },
            Contender("java-jwt 4.6.2") { verifier.verify(token) },
        ),
    )
}

private fun webhooks(gate: Gate) {
    val body = ByteArray(1024) { 'x'.code.toByte() }
    val pairs = gate.webhooks.sign("hook", body)
    val headers = Headers.of(pairs)
    val key = SecretKeySpec(HOOK_SECRET.toByteArray(), "HmacSHA256")
    val signature = Mac.getInstance("HmacSHA256").apply { init(key) }.doFinal(body)
    compare(
        "check a webhook of 1 KiB",
        listOf(
            Contender("gatewright check") { gate.webhooks.check("hook", headers, body) },
            Contender("gatewright sign") { gate.webhooks.sign("hook", body) },
            Contender("javax.crypto HMAC alone") {
                val mac = Mac.getInstance("HmacSHA256")
                mac.init(key)
                check(MessageDigest.isEqual(mac.doFinal(body), signature))
            },
        ),
    )
}

private suspend fun refresh(gate: Gate) {
    var pair = gate.tokens.issue(Login(tenant = "acme", subject = "u-43", client = "web"))
    compare(
        "rotate a refresh token, store in memory",
        listOf(
            Contender("gatewright refreshBlocking") {
                pair = gate.tokens.refreshBlocking(pair.refreshToken)
                pair
            },
        ),
    )
}

private fun idempotency(gate: Gate) {
    val scope = Scope(tenant = "acme", principal = "u-42", method = "POST", path = "/orders")
    val body = ByteArray(1024) { 'x'.code.toByte() }
    val answer = Response(201, listOf("Location" to "/orders/17"), body)
    var number = 0
    gate.idempotency.runBlocking("order-again", scope, body) { answer }
    compare(
        "an idempotent request of 1 KiB with an answer of 1 KiB, store in memory",
        listOf(
            Contender("gatewright runBlocking, first") { gate.idempotency.runBlocking("order-${number++}-first", scope, body) { answer } },
            Contender("gatewright runBlocking, replay") { gate.idempotency.runBlocking("order-again", scope, body) { answer } },
        ),
    )
}

private fun limits(gate: Gate) {
    compare(
        "a request against three tiers, store in memory",
        listOf(
            Contender("gatewright allowLocal") { gate.limits.allowLocal("tenant", "acme") },
            Contender("gatewright checkLocal") { gate.limits.checkLocal("tenant", "acme") },
            Contender("gatewright check, 100 in one coroutine, each", perCall = 100) {
                runBlocking { repeat(100) { gate.limits.check("tenant", "acme") } }
            },
        ),
    )
}

private fun figures() {
    val (feed, weight) = LongArray(100) { 180L + it } to LongArray(100) { 202L + it }
    compare(
        "a feed conversion",
        listOf(
            Contender("gatewright fcrLiveWeight") { Kpi.fcrLiveWeight(180, 202) },
            Contender("gatewright fcrLiveWeightAll(100), each", perCall = 100) { Kpi.fcrLiveWeightAll(feed, weight) },
        ),
    )
    for (count in listOf(1_000, 1_000_000)) {
        val weights = DoubleArray(count) { 1_900.5 + it * 7 % 500 }
        compare(
            "the coefficient of variation of %,d doubles".format(count),
            listOf(
                Contender("gatewright cv(DoubleArray)") { Kpi.cv(weights) },
                Contender("two loops in Kotlin") { coefficientOfVariation(weights) },
            ),
        )
    }
}

private fun coefficientOfVariation(values: DoubleArray): Double {
    val mean = values.average()
    return 100 * sqrt(values.sumOf { (it - mean) * (it - mean) } / (values.size - 1)) / mean
}
