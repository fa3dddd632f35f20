package io.github.gatewright

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

class IdempotencyTest {
    private val body = """{"item":7}""".toByteArray()

    /** Every byte that there is, in a header and in a body; a name twice. */
    private val answer = Response.Builder(201)
        .header("Location", "/orders/17")
        .header("X-Bytes", ByteArray(256) { it.toByte() })
        .header("X-Twice", "a")
        .header("X-Twice", "b")
        .body(ByteArray(256) { it.toByte() })
        .build()

    private suspend fun Gate.execute(key: String): IdempotencyGuard = assertIs<Begin.Execute>(idempotency.begin(key, ORDERS, body)).guard

    private val replayed = listOf("Idempotent-Replayed" to "true", "Idempotency-Key" to "order-000017")

    @Test
    fun `a request is run once and replayed byte for byte`() {
        runBlocking {
            withTestGate { _, gate ->
                gate.execute("order-000017").use { guard ->
                    assertEquals(1, guard.attempt)
                    assertTrue(guard.fence > 0)
                    assertEquals(256 * 1024, guard.maxStoredBody)
                    assertNull(guard.checkpointReached)
                    guard.markEffects()
                    assertEquals(answer, guard.complete(answer))
                }
                val again = assertIs<Begin.Replay>(gate.idempotency.begin("order-000017", ORDERS, body)).response
                assertEquals(Response(201, answer.headers + replayed, answer.body), again)
                assertEquals(again, gate.idempotency.run("order-000017", ORDERS, body) { throw AssertionError("it is done") })
            }
        }
    }

    @Test
    fun `an answer is made of parts too, and its headers are lists that stay as they are`() {
        runBlocking {
            withTestGate { _, gate ->
                val sent = gate.execute("order-000017").use { it.complete(201, listOf("X-Price" to "2 \u00A3"), body) }
                assertEquals(Response(201, listOf("X-Price" to "2 \u00A3"), body), sent)
                val headers = arrayListOf("a" to "b")
                val response = Response(200, headers, body)
                headers.clear()
                response.body.fill(0)
                assertEquals(Response(200, listOf("a" to "b"), body), response)
                assertNotEquals(Response(200, listOf("a" to "c"), body), response)
            }
        }
    }

    @Test
    fun `a header that is no text of bytes, and a status that is none, are invalid arguments and end nothing`() {
        runBlocking {
            withTestGate { _, gate ->
                gate.execute("order-000017").use { guard ->
                    assertFailsWith<GatewrightException.InvalidArgument> { guard.complete(200, listOf("X-Price" to "2 €")) }
                    for (status in listOf(0, 199, 600, 70_000, -1)) {
                        assertFailsWith<GatewrightException.InvalidArgument> { guard.complete(status) }
                        assertFailsWith<GatewrightException.InvalidArgument> { guard.completeStreamed(status, ByteArray(32)) }
                    }
                    assertFailsWith<GatewrightException.InvalidArgument> { guard.completeStreamed(200, ByteArray(31)) }
                    guard.complete(204)
                }
            }
        }
    }

    @Test
    fun `refusals of a key, a scope and a body have their classes`() {
        runBlocking {
            withTestGate { _, gate ->
                suspend fun refusal(key: List<String>, scope: Scope = ORDERS, body: ByteArray? = this@IdempotencyTest.body) =
                    assertFailsWith<GatewrightException> { gate.idempotency.begin(key, scope, body) }

                assertEquals("idempotency_key_missing", assertIs<GatewrightException.IdempotencyError>(refusal(emptyList())).code)
                assertEquals("idempotency_key_multiple", refusal(listOf("order-000017", "order-000017")).code)
                for (key in listOf("", "a,b,c,d,e,f", "schlüssel-17", "x".repeat(256), "a\nb\nc\nd\ne")) {
                    assertEquals("idempotency_key_invalid", refusal(listOf(key)).code, key)
                }
                assertIs<GatewrightException.InvalidArgument>(refusal(listOf("order-00001\uD800")))
                val nobody = refusal(listOf("order-000017"), Scope(method = "POST", path = "/orders"))
                assertEquals("scope_empty", assertIs<GatewrightException.IdempotencyError>(nobody).code)
                assertEquals(500, nobody.status)
                assertIs<GatewrightException.InvalidArgument>(refusal(listOf("order-000017"), body = null))

                gate.idempotency.run("order-000017", ORDERS, body) { answer }
                val reused = assertIs<GatewrightException.KeyReused>(refusal(listOf("order-000017"), body = ByteArray(1)))
                assertEquals("new_key", reused.advice)
                assertEquals(422, reused.status)
            }
        }
    }

    @Test
    fun `what makes a request the same is its body, or what the caller says`() {
        runBlocking {
            withTestGate { _, gate ->
                val request = gate.idempotency
                request.run("order-000017", ORDERS, fingerprint = byteArrayOf(1), contentType = "application/json; charset=utf-8", query = "a=1") { answer }
                suspend fun begin(fingerprint: Byte, contentType: String, query: String) =
                    request.begin("\"order-000017\"", ORDERS, null, byteArrayOf(fingerprint), contentType, query)
                assertIs<Begin.Replay>(begin(1, "Application/JSON", "a=1"))
                assertFailsWith<GatewrightException.KeyReused> { begin(2, "application/json", "a=1") }
                assertFailsWith<GatewrightException.KeyReused> { begin(1, "text/plain", "a=1") }
                assertFailsWith<GatewrightException.KeyReused> { begin(1, "application/json", "a=2") }
                val elsewhere = Scope(tenant = "acme", principal = "u-43", method = "POST", path = "/orders")
                assertIs<Begin.Execute>(request.begin("order-000017", elsewhere, body)).guard.close()
            }
        }
    }

    @Test
    fun `while one has it, others wait, and a lost one is followed from its checkpoint`() {
        runBlocking {
            withTestGate { host, gate ->
                val first = gate.execute("order-000017")
                val busy = assertFailsWith<GatewrightException.InProgress> { gate.idempotency.begin("order-000017", ORDERS, body) }
                assertEquals(30, busy.retryAfter!!.seconds)
                assertTrue(busy.retryable)
                first.checkpoint("charged", byteArrayOf(0, -1, 7))

                host.setNow(after(30))
                val resumed = assertIs<Begin.Resume>(gate.idempotency.begin("order-000017", ORDERS, body))
                assertEquals("charged", resumed.checkpoint!!.name)
                assertContentEquals(byteArrayOf(0, -1, 7), resumed.checkpoint!!.data)
                val second = resumed.guard
                assertEquals(2, second.attempt)
                assertEquals("charged", second.checkpointReached!!.name)
                assertTrue(second.fence > first.fence)

                assertNull(assertFailsWith<GatewrightException.Stale> { first.renew() }.response)
                second.renew()
                second.complete(answer)
                val stale = assertFailsWith<GatewrightException.Stale> { first.complete(Response(500)) }
                assertEquals(Response(201, answer.headers + replayed, answer.body), stale.response)
                assertEquals(409, stale.status)
                first.close()
                second.close()
                assertIs<Begin.Replay>(gate.idempotency.begin("order-000017", ORDERS, body))
            }
        }
    }

    @Test
    fun `run gives a worker that lost its lease the winner's answer`() {
        runBlocking {
            withTestGate { host, gate ->
                val late = gate.idempotency.run("order-000017", ORDERS, body) {
                    host.setNow(after(30))
                    val winner = gate.idempotency.run("order-000017", ORDERS, body) { guard ->
                        assertEquals(2, guard.attempt)
                        answer
                    }
                    assertEquals(answer, winner)
                    Response(200)
                }
                assertEquals(Response(201, answer.headers + replayed, answer.body), late)
            }
        }
    }

    @Test
    fun `after a mark the outcome of a lost worker is unknown`() {
        runBlocking {
            withTestGate { host, gate ->
                val guard = gate.execute("order-000017")
                guard.markEffects()
                assertFailsWith<GatewrightException.InvalidArgument> { guard.release() }
                host.setNow(after(30))
                val unknown = assertFailsWith<GatewrightException.OutcomeUnknown> { gate.idempotency.begin("order-000017", ORDERS, body) }
                assertEquals("reconcile", unknown.advice)
                assertEquals(NextAction.RECONCILE, gate.idempotency.nextAction(unknown.status, unknown.code))
                guard.close()
            }
        }
    }

    @Test
    fun `an answer that is not kept is told of by its status and digest`() {
        runBlocking {
            withTestGate { _, gate ->
                val digest = ByteArray(32) { it.toByte() }
                assertTrue(gate.execute("order-000017").use { it.completeStreamed(200, digest) })
                val gone = assertFailsWith<GatewrightException.ResponseUnavailable> { gate.idempotency.begin("order-000017", ORDERS, body) }
                assertEquals(200, gone.responseStatus)
                assertContentEquals(digest, gone.bodyDigest)

                gate.idempotency.run("order-000018", ORDERS, body) { guard -> Response(200, body = ByteArray(guard.maxStoredBody + 1)) }
                assertFailsWith<GatewrightException.ResponseUnavailable> { gate.idempotency.begin("order-000018", ORDERS, body) }
            }
        }
    }

    @Test
    fun `an answer may be stored or released against its status`() {
        runBlocking {
            withTestGate { _, gate ->
                gate.execute("order-000017").use { it.complete(Response(503), FinishAs.STORE) }
                assertEquals(503, assertIs<Begin.Replay>(gate.idempotency.begin("order-000017", ORDERS, body)).response.status)
                gate.execute("order-000018").use { it.complete(answer, FinishAs.RELEASE) }
                gate.execute("order-000018").use { it.completeStreamed(200, ByteArray(32), FinishAs.RELEASE) }
                gate.execute("order-000018").use { it.complete(500) }
                gate.execute("order-000018").use { it.release() }
                gate.execute("order-000018").use { it.complete(answer) }
            }
        }
    }

    @Test
    fun `of many coroutines with one key one runs, and all get its answer`() {
        runBlocking {
            Gate.fromPolicy(POLICY.replace("\"idempotency\": {}", "\"idempotency\": {\"wait\": \"20s\"}")).use { gate ->
                val runs = AtomicInteger()
                val answers = withContext(Dispatchers.Default) {
                    List(32) {
                        async {
                            gate.idempotency.run("order-000017", ORDERS, body) {
                                runs.incrementAndGet()
                                answer
                            }
                        }
                    }.awaitAll()
                }
                assertEquals(1, runs.get())
                assertEquals(1, answers.count { it == answer })
                assertEquals(31, answers.count { it == Response(201, answer.headers + replayed, answer.body) })
            }
        }
    }

    @Test
    fun `a file remembers what was answered before the gate was closed`(@TempDir folder: Path) {
        runBlocking {
            val policy = mapOf(
                "version" to 1,
                "store" to mapOf("default" to "sqlite:${folder.resolve("gatewright.db")}"),
                "idempotency" to emptyMap<String, Any>(),
            )
            Gate.fromPolicy(policy).use { gate ->
                assertEquals(answer, gate.idempotency.run("order-000017", ORDERS, body) { answer })
                gate.execute("order-000018").close()
                gate.execute("order-000018").use { it.markEffects() }
            }
            Gate.fromPolicy(policy).use { gate ->
                val again = assertIs<Begin.Replay>(gate.idempotency.begin("order-000017", ORDERS, body)).response
                assertEquals(Response(201, answer.headers + replayed, answer.body), again)
                assertFailsWith<GatewrightException.InProgress> { gate.idempotency.begin("order-000018", ORDERS, body) }
            }
        }
    }

    @Test
    fun `keys are new each time, and sort by their time`() {
        runBlocking {
            withTestGate { host, gate ->
                val first = gate.idempotency.newKey()
                assertEquals('7', first[14])
                host.setNow(after(1))
                val second = gate.idempotency.newKey()
                assertTrue(first < second)
                gate.idempotency.run(second, ORDERS, body) { answer }
            }
        }
    }

    @Test
    fun `a client is told what to do next, for every answer`() {
        runBlocking {
            withTestGate { _, gate ->
                val next = gate.idempotency
                assertEquals(NextAction.REUSE, next.nextAction(0))
                assertEquals(NextAction.ROTATE, next.nextAction(201))
                assertEquals(NextAction.REUSE, next.nextAction(504, "of_a_later_version"))
                assertEquals(NextAction.WAIT, next.nextAction(409, "in_progress"))
                for (row in ErrorCode.all()) assertEquals(row.nextAction, next.nextAction(row.status, row.code), row.code)
                for (status in listOf(-1, 65_536)) assertFailsWith<GatewrightException.InvalidArgument> { next.nextAction(status) }
                assertFailsWith<GatewrightException.InvalidArgument> { next.nextAction(409, "\uD800") }
            }
        }
    }

    @Test
    fun `a policy without idempotency or store says so at the call`() {
        runBlocking {
            withTestGate(POLICY.replace(Regex(",\\s*\"idempotency\": \\{}"), "")) { _, gate ->
                assertFailsWith<GatewrightException.ConfigError> { gate.idempotency.begin("order-000017", ORDERS, body) }
                assertFailsWith<GatewrightException.ConfigError> { gate.idempotency.newKey() }
                assertEquals(NextAction.ROTATE, gate.idempotency.nextAction(200))
            }
            withTestGate("""{"version": 1, "idempotency": {}}""") { _, gate ->
                assertFailsWith<GatewrightException.ConfigError> { gate.idempotency.begin("order-000017", ORDERS, body) }
                assertEquals(36, gate.idempotency.newKey().length)
            }
        }
    }
}
