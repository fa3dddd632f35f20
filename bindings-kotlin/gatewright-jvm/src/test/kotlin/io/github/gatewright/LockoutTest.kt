package io.github.gatewright

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.time.Duration
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

class LockoutTest {
    private val policy = """{"version": 1, "store": {"default": "memory:"},
        "lockout": {"policies": [{"id": "login", "subject": "email", "threshold": 3, "window": "24h", "duration": "1h"}]}}"""

    private fun test(run: suspend (Gate) -> Unit) = runBlocking { withTestGate(policy) { _, gate -> run(gate) } }

    private suspend fun Gate.fails() = lockout.status("login", "ada@example.com").fails

    @Test
    fun `so many failures lock, an unlock forgives them`() = runBlocking {
        withTestGate(policy) { host, gate ->
            for (n in 1..3) {
                gate.lockout.begin("login", " Ada@Example.com ").use { attempt ->
                    assertEquals(n, attempt.n)
                    assertEquals(n == 3, attempt.last)
                    attempt.settle(false)
                }
            }
            host.setNow(after(60))
            val locked = assertFailsWith<GatewrightException.Locked> { gate.lockout.begin("login", "ada@example.com") }
            assertEquals(Duration.ofMinutes(59), locked.retryAfter)
            assertEquals(423, locked.status)
            val status = gate.lockout.status("login", "ada@example.com")
            assertEquals(listOf(3, 3, 1), listOf(status.fails, status.threshold, status.level))
            assertEquals(after(3600), status.lockedUntil)
            assertEquals(after(60), status.now)
            assertEquals(status, gate.lockout.status("login", "ada@example.com"))
            gate.lockout.unlock("login", "ada@example.com")
            assertNull(gate.lockout.status("login", "ada@example.com").lockedUntil)
            assertEquals(1, gate.lockout.begin("login", "ada@example.com").use { it.n })
        }
    }

    @Test
    fun `a success forgives, and a known device is counted by itself`() = test { gate ->
        gate.lockout.begin("login", "ada@example.com").use { it.settle(false) }
        gate.lockout.begin("login", "ada@example.com").use { it.settle(true) }
        assertEquals(0, gate.fails())
        repeat(3) { gate.lockout.begin("login", "ada@example.com").use { it.settle(false) } }
        assertFailsWith<GatewrightException.Locked> { gate.lockout.begin("login", "ada@example.com") }
        gate.lockout.begin("login", "ada@example.com", device = "tablet-7").use { it.settle(false) }
        assertEquals(1, gate.lockout.status("login", "ada@example.com", device = "tablet-7").fails)
        gate.lockout.unlock("login", "ada@example.com", device = "tablet-7")
        assertEquals(0, gate.lockout.status("login", "ada@example.com", device = "tablet-7").fails)
        assertFailsWith<GatewrightException.Locked> { gate.lockout.begin("login", "ada@example.com") }
    }

    @Test
    fun `what is left unsettled is abandoned, once`() = test { gate ->
        assertFailsWith<IOException> { gate.lockout.begin("login", "ada@example.com").use { throw IOException("the database is away") } }
        assertEquals(0, gate.fails())
        val attempt = gate.lockout.begin("login", "ada@example.com")
        assertEquals(1, gate.fails())
        attempt.abandon()
        attempt.abandon()
        attempt.close()
        attempt.close()
        assertEquals(0, gate.fails())
        assertFailsWith<GatewrightException.Closed> { attempt.settle(true) }
        assertFailsWith<GatewrightException.Closed> { attempt.abandon() }
        gate.lockout.begin("login", "ada@example.com").use {
            it.settle(false)
            it.abandon()
        }
        assertEquals(1, gate.fails())
    }

    @Test
    fun `of any number at once, no more than the threshold are let through`() = test { gate ->
        val begun = runBlocking(Dispatchers.Default) {
            List(30) {
                async {
                    try {
                        gate.lockout.begin("login", "ada@example.com").use { it.settle(false) }
                        true
                    } catch (_: GatewrightException.Locked) {
                        false
                    }
                }
            }.awaitAll()
        }
        assertEquals(3, begun.count { it })
    }

    @Test
    fun `a coroutine that is cancelled while it begins leaves nothing charged`() = test { gate ->
        repeat(50) {
            runBlocking {
                launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                    gate.lockout.begin("login", "ada@example.com").close()
                }.cancelAndJoin()
            }
            while (gate.fails() > 0) Thread.yield()
        }
        assertFalse(gate.lockout.begin("login", "ada@example.com").use { it.last })
    }

    @Test
    fun `what cannot be asked is refused by its code`() = test { gate ->
        assertEquals("subject_invalid", assertFailsWith<GatewrightException.LimitError> { gate.lockout.begin("login", "") }.code)
        assertFailsWith<GatewrightException.InvalidArgument> { gate.lockout.status("nobody", "ada@example.com") }
        val attempt = gate.lockout.begin("login", "ada@example.com")
        gate.close()
        assertFailsWith<GatewrightException.Closed> { attempt.settle(true) }
        attempt.close()
        assertFailsWith<GatewrightException.Closed> { gate.lockout.unlock("login", "ada@example.com") }
        withTestGate("""{"version": 1}""") { _, other -> assertFailsWith<GatewrightException.ConfigError> { other.lockout.status("login", "ada") } }
        assertTrue(attempt.toString().contains("n=1"))
    }
}
