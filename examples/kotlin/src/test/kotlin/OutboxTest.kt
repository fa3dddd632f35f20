package outbox

import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.Response
import io.github.gatewright.Scope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.file.Path
import java.time.Duration
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class OutboxTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("outbox.json")
    private val policy = mapOf("version" to 1, "store" to mapOf("default" to "memory:"), "idempotency" to emptyMap<String, Any>())

    /** A server that makes orders, each once, and the ways in which a network answers for it. */
    private class Server(private val gate: Gate) {
        val orders = ArrayList<String>()

        suspend fun handle(entry: Entry, work: suspend () -> Unit = {}): Answer = try {
            val scope = Scope(tenant = "acme", principal = "tablet-7", method = "POST", path = "/orders")
            val response = gate.idempotency.run(entry.key, scope, entry.body.toByteArray()) { guard ->
                work()
                guard.markEffects()
                orders.add(entry.body)
                Response(201)
            }
            Answer(response.status)
        } catch (refusal: GatewrightException) {
            // A pause of no length, so that this test takes none.
            Answer(refusal.status, refusal.publicCode, refusal.retryAfter?.let { Duration.ZERO })
        }
    }

    @Test
    fun `an operation whose answers are lost is done once`() {
        runBlocking {
            Gate.fromPolicy(policy).use { gate ->
                val server = Server(gate)
                val sent = ArrayList<Int>()
                val outbox = Outbox(file, gate.idempotency) { entry ->
                    val answer = server.handle(entry)
                    (if (sent.isEmpty()) Answer(status = 0) else answer).also { sent.add(it.status) }
                }
                assertEquals(201, outbox.deliver(outbox.put("barrier 17")).status)
                assertEquals(listOf(0, 201), sent)
                assertEquals(listOf("barrier 17"), server.orders)
                assertTrue(outbox.entries.isEmpty())
            }
        }
    }

    @Test
    fun `a tablet that was switched off sends again with the key that it wrote down`() {
        runBlocking {
            Gate.fromPolicy(policy).use { gate ->
                val server = Server(gate)
                val dies = Outbox(file, gate.idempotency) { entry ->
                    server.handle(entry)
                    throw IOException("the battery is empty")
                }
                val entry = dies.put("barrier 17")
                assertFailsWith<IOException> { dies.deliver(entry) }

                val outbox = Outbox(file, gate.idempotency, server::handle)
                assertEquals(listOf(entry), outbox.entries)
                assertEquals(201, outbox.deliver(entry).status)
                assertEquals(listOf("barrier 17"), server.orders)
                assertTrue(Outbox(file, gate.idempotency, server::handle).entries.isEmpty())
            }
        }
    }

    @Test
    fun `while the first request is handled, the second waits with the same key`() {
        runBlocking {
            Gate.fromPolicy(policy).use { gate ->
                val server = Server(gate)
                var codes = emptyList<String?>()
                val outbox = Outbox(file, gate.idempotency) { entry ->
                    var second: Answer? = null
                    val first = server.handle(entry) { second = server.handle(entry) }
                    (second ?: first).also { codes = codes + it.code }
                }
                assertEquals(201, outbox.deliver(outbox.put("barrier 17")).status)
                assertEquals(listOf("in_progress", null), codes)
                assertEquals(listOf("barrier 17"), server.orders)
            }
        }
    }

    @Test
    fun `an operation whose outcome is unknown is parked, and a refused one is over`() {
        runBlocking {
            Gate.fromPolicy(policy).use { gate ->
                val outbox = Outbox(file, gate.idempotency) { entry ->
                    if (entry.body == "unknown") Answer(409, "outcome_unknown") else Answer(422, "idempotency_key_reused")
                }
                assertEquals(409, outbox.deliver(outbox.put("unknown")).status)
                assertEquals(422, outbox.deliver(outbox.put("refused")).status)
                assertEquals(listOf("unknown" to true), Outbox(file, gate.idempotency) { Answer(0) }.entries.map { it.body to it.parked })
            }
        }
    }
}
