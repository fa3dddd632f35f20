package io.github.gatewright

import io.github.gatewright.testing.TestHost
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.writeText
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue

class GateTest {
    @Test
    fun `a policy file is opened, and its gate does the main job`(@TempDir folder: Path) {
        runBlocking {
            val file = folder.resolve("gatewright.json").apply { writeText(POLICY) }
            Gate.open(file).use { gate ->
                gate.health()
                val pair = gate.tokens.issue(LOGIN)
                val claims = gate.tokens.verify(pair.accessToken)
                assertEquals("u-42", claims.subject)
                assertEquals(0, gate.sweep())
            }
        }
    }

    @Test
    fun `a coroutine without a dispatcher may block, for it is on no thread of the library`() {
        val outcomes = CompletableFuture.supplyAsync {
            runBlocking(Dispatchers.Unconfined) {
                Gate.fromPolicy(POLICY).use { gate ->
                    // More of them than the library has threads.
                    List(8) { async { gate.tokens.refreshBlocking(gate.tokens.issue(LOGIN).refreshToken).outcome } }.awaitAll()
                }
            }
        }
        assertEquals(List(8) { Outcome.ROTATED }, outcomes.get(1, TimeUnit.MINUTES))
    }

    @Test
    fun `the problems of a file name it, the field, the line and the mend`(@TempDir folder: Path) {
        runBlocking {
            val file = folder.resolve("wrong.toml").apply { writeText("version = 1\n[tokens]\nissuer = 7\n") }
            val error = assertFailsWith<GatewrightException.ConfigError> { Gate.open(file).close() }
            val problem = error.problems.first { it.field == "tokens.issuer" }
            assertEquals(3, problem.line)
            assertTrue(problem.file!!.endsWith("wrong.toml"))
            assertTrue(problem.mend.isNotEmpty())
            assertEquals("config_invalid", error.code)
            assertEquals(0, error.status)
        }
    }

    @Test
    fun `a file that is not there is a problem of the policy`() {
        runBlocking { assertFailsWith<GatewrightException.ConfigError> { Gate.open("/nowhere/gatewright.toml").close() } }
    }

    @Test
    fun `a policy may be given as maps, whose problems have no lines`() {
        runBlocking {
            val key = mapOf("kid" to "k1", "alg" to "HS256", "secret" to "a\"secret\\of\nthirty-two-bytes-or-more", "state" to "active")
            val tokens = mapOf("issuer" to "https://auth.example", "audience" to listOf("api"), "signing_keys" to arrayOf(key))
            Gate.fromPolicy(mapOf("version" to 1, "tokens" to tokens)).close()
            val error = assertFailsWith<GatewrightException.ConfigError> { Gate.fromPolicy(mapOf("version" to 1, "tokens" to 7)).close() }
            assertNull(error.problems.first().line)
            assertEquals("tokens", error.problems.first().field)
        }
    }

    @Test
    fun `a map that cannot be a policy is an invalid argument`() {
        runBlocking {
            val endless = HashMap<String, Any?>().also { it["self"] = it }
            for (wrong in listOf(mapOf("a" to Any()), mapOf("a" to mapOf(1 to 2)), mapOf("a" to Double.NaN), endless)) {
                assertFailsWith<GatewrightException.InvalidArgument> { Gate.fromPolicy(wrong).close() }
            }
        }
    }

    @Test
    fun `close ends the gate once, and every later call is closed`() {
        runBlocking {
            val gate = Gate.fromPolicy(POLICY)
            val pair = gate.tokens.issue(LOGIN)
            gate.close()
            gate.close()
            val calls: List<suspend () -> Unit> = listOf(
                { gate.tokens.verify(pair.accessToken) },
                { gate.tokens.verifyMany(listOf(pair.accessToken)) },
                { gate.tokens.issue(LOGIN) },
                { gate.tokens.refresh(pair.refreshToken) },
                { gate.sessions.revokeAll("acme", "u-42") },
                { gate.epochs.bumpAll("test") },
                { gate.webhooks.sign("chirpstack", ByteArray(1)) },
                { gate.webhooks.verify("chirpstack", emptyList<Pair<String, String>>(), ByteArray(1)) },
                { gate.webhooks.begin("chirpstack", emptyList<Pair<String, String>>(), ByteArray(1)) },
                { gate.idempotency.begin("order-000017", ORDERS, ByteArray(1)) },
                { gate.idempotency.run("order-000017", ORDERS, ByteArray(1)) { Response(200) } },
                { gate.idempotency.newKey() },
                { gate.onEvent { } },
                { gate.sweep() },
                { gate.health() },
            )
            for (call in calls) assertEquals("closed", assertFailsWith<GatewrightException.Closed> { call() }.code)
        }
    }

    @Test
    fun `calls under way when the gate is closed end with an answer or with closed`() {
        runBlocking {
            val gate = Gate.fromPolicy(POLICY)
            val callers = List(4) {
                CompletableFuture.supplyAsync {
                    var answers = 0
                    try {
                        while (true) {
                            gate.tokens.issueBlocking(LOGIN)
                            answers++
                        }
                    } catch (_: GatewrightException.Closed) {
                        answers
                    }
                }
            }
            gate.health()
            gate.close()
            callers.forEach { it.get(60, TimeUnit.SECONDS) }
        }
    }

    @Test
    fun `a listener hears of decisions, and what it throws goes no further`() {
        runBlocking {
            withTestGate { _, gate ->
                val heard = ArrayList<Event>()
                gate.onEvent { throw IllegalStateException("a listener's own fault") }
                gate.onEvent { heard.add(it) }
                gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "web", context = RequestContext(requestId = "r-1")))
                val event = heard.first { it.outcome == "issued" }
                assertEquals(START, event.at)
                assertEquals("acme", event.tenant)
                assertEquals("r-1", event.context.requestId)
            }
        }
    }

    @Test
    fun `a listener may close its own gate`() {
        val gate = Gate.fromPolicyBlocking(POLICY)
        gate.onEvent { gate.close() }
        val call = CompletableFuture.supplyAsync { gate.tokens.issueBlocking(LOGIN) }
        // Whether that call still gets its answer is of no account; that it ends is.
        call.handle { _, _ -> }.get(60, TimeUnit.SECONDS)
        assertFailsWith<GatewrightException.Closed> { gate.healthBlocking() }
    }

    @Test
    fun `half of a surrogate pair is an invalid argument`() {
        runBlocking {
            withTestGate { _, gate ->
                assertFailsWith<GatewrightException.InvalidArgument> { gate.tokens.verify("\uD800") }
                assertFailsWith<GatewrightException.InvalidArgument> { gate.tokens.issue(Login(subject = "\uDC00", client = "web")) }
            }
        }
    }

    @Test
    fun `a clock that nobody set cannot be set`() {
        TestHost().use { host -> assertFailsWith<GatewrightException.InvalidArgument> { host.setNow(START) } }
    }
}
