package io.github.gatewright

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertSame

/** What becomes of an operation that is left without an answer. */
class IdempotencyGuardTest {
    private val body = ByteArray(1)
    private val answer = Response(201)
    private val hold = POLICY.replace(
        "\"idempotency\": {}",
        """"idempotency": {"routes": [{"match": {"method": "POST", "path": "/orders"}, "on_5xx": "store"}]}""",
    )

    private suspend fun Gate.begin() = idempotency.begin("order-000017", ORDERS, body)

    private suspend fun Gate.execute() = assertIs<Begin.Execute>(begin()).guard

    @Test
    fun `closed, it is given back, once`() {
        runBlocking {
            withTestGate { _, gate ->
                val guard = gate.execute()
                guard.close()
                guard.close()
                gate.execute().use { second ->
                    guard.close()
                    assertFailsWith<GatewrightException.InProgress> { gate.begin() }
                    val calls: List<suspend () -> Unit> = listOf(
                        { guard.markEffects() },
                        { guard.checkpoint("charged", body) },
                        { guard.renew() },
                        { guard.complete(answer) },
                        { guard.completeStreamed(200, ByteArray(32)) },
                        { guard.release() },
                    )
                    for (call in calls) assertFailsWith<GatewrightException.Closed> { call() }
                    second.complete(answer)
                }
                assertIs<Begin.Replay>(gate.begin())
            }
        }
    }

    @Test
    fun `marked, it is left to the lease, and so it is where failures are stored`() {
        runBlocking {
            withTestGate { _, gate ->
                gate.execute().use { it.markEffects() }
                assertFailsWith<GatewrightException.InProgress> { gate.begin() }
            }
            withTestGate(hold) { _, gate ->
                assertFailsWith<IOException> { gate.idempotency.run("order-000017", ORDERS, body) { throw IOException("the database is away") } }
                assertFailsWith<GatewrightException.InProgress> { gate.begin() }
            }
        }
    }

    @Test
    fun `work that fails gives it back, and the failure goes on`() {
        runBlocking {
            withTestGate { _, gate ->
                val failure = IOException("the database is away")
                val thrown = assertFailsWith<IOException> { gate.idempotency.run("order-000017", ORDERS, body) { throw failure } }
                assertSame(failure, thrown)
                assertEquals(answer, gate.idempotency.run("order-000017", ORDERS, body) { answer })
            }
        }
    }

    @Test
    fun `work that fails after a mark leaves it to the lease`() {
        runBlocking {
            withTestGate { _, gate ->
                assertFailsWith<IOException> {
                    gate.idempotency.run("order-000017", ORDERS, body) { guard ->
                        guard.markEffects()
                        throw IOException("the bank is away")
                    }
                }
                assertFailsWith<GatewrightException.InProgress> { gate.begin() }
            }
        }
    }

    @Test
    fun `work that is cancelled gives it back before the coroutine ends`() {
        runBlocking {
            withTestGate { _, gate ->
                val begun = CompletableDeferred<Unit>()
                val running = launch {
                    gate.idempotency.run("order-000017", ORDERS, body) {
                        begun.complete(Unit)
                        awaitCancellation()
                    }
                }
                begun.await()
                running.cancelAndJoin()
                gate.execute().close()
            }
        }
    }

    @Test
    fun `work that is done is completed even if the coroutine is cancelled`() {
        runBlocking {
            withTestGate { _, gate ->
                val running = launch(Dispatchers.Default) {
                    gate.idempotency.run("order-000017", ORDERS, body) {
                        currentCoroutineContext().job.cancel()
                        answer
                    }
                }
                running.join()
                assertIs<Begin.Replay>(gate.begin())
            }
        }
    }

    @Test
    fun `a coroutine that is cancelled while it begins leaves nothing behind`() {
        runBlocking {
            Gate.fromPolicy(POLICY).use { gate ->
                repeat(100) { round ->
                    val key = "order-%06d".format(round)
                    // Undispatched: it has begun when launch returns, and is cancelled in the same breath.
                    val begin = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                        gate.idempotency.run(key, ORDERS, body) { awaitCancellation() }
                    }
                    begin.cancelAndJoin()
                    // Nobody waits for the call that was under way: its guard is let go of when it comes.
                    while (true) {
                        try {
                            gate.idempotency.run(key, ORDERS, body) { answer }
                            break
                        } catch (_: GatewrightException.InProgress) {
                            Thread.yield()
                        }
                    }
                }
            }
        }
    }

    @Test
    fun `a guard may be used from many threads, and closed by any`() {
        runBlocking {
            withTestGate { _, gate ->
                val guard = gate.execute()
                val workers = List(4) {
                    CompletableFuture.supplyAsync {
                        assertFailsWith<GatewrightException> { while (true) guard.renewBlocking() }
                    }
                }
                guard.checkpoint("charged", body)
                guard.close()
                // A call that was under way when the operation was given back is stale; a later one is closed.
                for (worker in workers) assertContains(listOf("closed", "stale"), worker.get(60, TimeUnit.SECONDS).code)
                gate.execute().close()
            }
        }
    }

    @Test
    fun `a gate that is closed keeps no guard waiting`() {
        runBlocking {
            val gate = Gate.fromPolicy(POLICY)
            val guard = gate.execute()
            gate.close()
            assertFailsWith<GatewrightException.Closed> { guard.complete(answer) }
            guard.close()
        }
    }

    @Test
    fun `a message is handled once, and further deliveries get its answer`() {
        runBlocking {
            withTestGate { host, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                val message = gate.webhooks.begin("chirpstack", headers, body)
                assertEquals("k", message.checked.keyId)
                val guard = assertIs<Begin.Execute>(message.begin).guard
                assertFailsWith<GatewrightException.InProgress> { gate.webhooks.begin("chirpstack", headers, body) }
                host.setNow(after(30))
                val second = assertIs<Begin.Resume>(gate.webhooks.begin("chirpstack", headers, body).begin).guard
                second.use { it.complete(answer) }
                assertEquals(201, assertFailsWith<GatewrightException.Stale> { guard.complete(answer) }.response!!.status)
                guard.close()
                val again = assertIs<Begin.Replay>(gate.webhooks.begin("chirpstack", Headers.of(headers), body).begin)
                assertEquals(201, again.response.status)
                assertFailsWith<GatewrightException.WebhookError> { gate.webhooks.begin("chirpstack", headers, ByteArray(2)) }
            }
        }
    }
}
