package io.github.gatewright

import io.github.gatewright.testing.readDecision
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class LimitsTest {
    @TempDir
    lateinit var folder: Path

    private val policies = """[
        {"id": "tenant", "tiers": [{"id": "minute", "limit": 100, "period": "1m"}, {"id": "hour", "limit": 5000, "period": "1h"}]},
        {"id": "user", "refundable": true, "tiers": [{"id": "minute", "limit": 10, "period": "1m"}]},
        {"id": "slot", "tiers": [{"id": "held", "algo": "concurrent", "limit": 1, "lease_ttl": "1h"}]},
        {"id": "provider", "reserve_max_wait": "1d", "tiers": [{"id": "day", "limit": 1, "period": "1d"}]},
        {"id": "quick", "reserve_max_wait": "1s", "tiers": [{"id": "tick", "limit": 50, "period": "1s", "burst": 1}]},
        {"id": "login", "subject": "email", "tiers": [{"id": "quarter", "limit": 5, "period": "15m", "algo": "sliding_log"}]}]"""

    private fun policy(store: String = "memory:") = """{"version": 1, "store": {"default": "$store"}, "limits": {"policies": $policies},
        "root_keys": [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}]}"""

    private fun test(store: String = "memory:", run: suspend (Gate) -> Unit) = runBlocking { withTestGate(policy(store)) { _, gate -> run(gate) } }

    private fun onSqlite(run: suspend (Gate) -> Unit) = test("sqlite:${folder.resolve("limits.db")}", run)

    @Test
    fun `a decision says what was decided, and by which tier`() = test { gate ->
        val decision = gate.limits.check("tenant", "acme", cost = 40)
        assertTrue(decision.allowed)
        assertEquals(Decision.Source.STORE, decision.source)
        assertEquals(Decision.Atomicity.ATOMIC, decision.atomicity)
        assertEquals(START, decision.now)
        assertEquals(40, decision.cost)
        assertEquals(Decision.Binding("tenant", "minute"), decision.binding)
        assertEquals(Duration.ZERO, decision.retryAfter)
        assertNull(decision.wait)
        assertEquals(40, decision.permit?.cost)
        val (minute, hour) = decision.tiers
        val expected = TierDecision(
            "tenant", "minute", TierDecision.Algo.TOKEN_BUCKET, limit = 100, burst = 100, periodUs = 60_000_000, remaining = 60, used = 40,
            nextUnitUs = 600_000, fullAtUs = minute.fullAtUs, retryAfterUs = 0, allowed = true,
        )
        assertEquals(expected, minute)
        assertEquals(after(24), minute.fullAt)
        assertEquals(Duration.ofMillis(600), minute.nextUnit)
        assertEquals(Duration.ofMinutes(1), minute.period)
        assertEquals(4960, hour.remaining)
    }

    @Test
    fun `a refusal is a decision too, and takes nothing`() = test { gate ->
        gate.limits.check("tenant", "acme", cost = 100)
        val refused = gate.limits.check("tenant", "acme")
        assertFalse(refused.allowed)
        assertEquals(Duration.ofMillis(600), refused.retryAfter)
        assertEquals("tenant/minute", refused.binding.toString())
        assertNull(refused.permit)
        assertEquals(listOf(false, true), refused.tiers.map { it.allowed })
        assertEquals(4900, gate.limits.peek("tenant", "acme").tiers[1].remaining)
        assertTrue(gate.limits.check("tenant", "other").allowed)
        assertEquals(100, gate.limits.reset("tenant", "acme").tiers[0].remaining)
    }

    @Test
    fun `a bundle is taken from all or from none`() = test { gate ->
        val decision = gate.limits.checkAll(listOf(LimitItem("tenant", "acme"), LimitItem("user", "u-42", 10)))
        assertTrue(decision.allowed)
        assertEquals(listOf("tenant", "tenant", "user"), decision.tiers.map { it.policy })
        assertEquals(10, decision.cost)
        assertFalse(gate.limits.checkAll(listOf(LimitItem("tenant", "acme"), LimitItem("user", "u-42"))).allowed)
        assertEquals(99, gate.limits.peek("tenant", "acme").tiers[0].remaining)
        val twice = listOf(LimitItem("tenant", "acme"), LimitItem("tenant", "acme"))
        for (wrong in listOf(twice, emptyList(), List(17) { LimitItem("tenant", "$it") }, listOf(LimitItem("tenant", "acme", -1)))) {
            assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.checkAll(wrong) }
        }
    }

    @Test
    fun `what cannot be asked is refused by its code`() = test { gate ->
        for (cost in listOf(-1, 4_294_967_296, Long.MIN_VALUE, Long.MAX_VALUE)) {
            assertFailsWith<GatewrightException.InvalidArgument>("$cost") { gate.limits.check("tenant", "acme", cost) }
            assertFailsWith<GatewrightException.InvalidArgument>("$cost") { gate.limits.checkLocal("tenant", "acme", cost) }
            assertFailsWith<GatewrightException.InvalidArgument>("$cost") { gate.limits.allowLocal("tenant", "acme", cost) }
            assertFailsWith<GatewrightException.InvalidArgument>("$cost") { gate.limits.reserve("provider", "sms", cost, Duration.ZERO) }
        }
        for (cost in listOf(101, 4_294_967_295)) {
            val impossible = assertFailsWith<GatewrightException.LimitError> { gate.limits.check("tenant", "acme", cost) }
            assertEquals("cost_impossible", impossible.code)
        }
        assertEquals("subject_invalid", assertFailsWith<GatewrightException.LimitError> { gate.limits.check("login", " ") }.code)
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.check("nobody", "acme") }
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.check("tenant", "\ud800") }
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.reserve("tenant", "acme", 1, Duration.ofSeconds(1)) }
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.reserve("provider", "sms", 1, Duration.ofNanos(-1)) }
    }

    @Test
    fun `limits in memory are asked without waiting, those elsewhere are not`() {
        test { gate ->
            assertEquals(99, gate.limits.checkLocal("tenant", "acme").tiers[0].remaining)
            assertTrue(gate.limits.allowLocal("tenant", "acme", cost = 99))
            assertFalse(gate.limits.allowLocal("tenant", "acme"))
            assertEquals(gate.limits.peek("tenant", "acme"), gate.limits.checkLocal("tenant", "acme", cost = 0))
        }
        onSqlite { gate -> assertFailsWith<GatewrightException.ConfigError> { gate.limits.checkLocal("tenant", "acme") } }
    }

    @Test
    fun `a permit gives back once, and no more than it took`() = test { gate ->
        val permit = assertNotNull(gate.limits.check("user", "u-42", cost = 8).permit)
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.refund(permit, cost = 9) }
        assertFailsWith<GatewrightException.InvalidArgument> { gate.limits.refund(permit, cost = -1) }
        assertFalse(permit.isSpent)
        assertEquals(7, gate.limits.refund(permit, cost = 5).tiers[0].remaining)
        assertTrue(permit.isSpent)
        assertEquals(7, gate.limits.refund(permit).tiers[0].remaining)
        val whole = assertNotNull(gate.limits.check("user", "u-42", cost = 7).permit)
        assertEquals(7, gate.limits.refund(whole).tiers[0].remaining)
    }

    /** With a gate whose time passes. */
    private fun live(run: suspend (Gate) -> Unit) = runBlocking { Gate.fromPolicy(policy()).use { run(it) } }

    /** What comes within a day, if nobody else has reserved it. */
    private suspend fun aDayToWait(gate: Gate): Decision {
        gate.limits.check("provider", "sms")
        val later = gate.limits.reserve("provider", "sms", 1, Duration.ofDays(1))
        assertTrue(later.allowed)
        return later
    }

    @Test
    fun `a reservation is waited for`() = live { gate ->
        gate.limits.check("quick", "sms")
        val start = System.nanoTime()
        val second = gate.limits.reserve("quick", "sms", 1, Duration.ofSeconds(1))
        val third = gate.limits.reserve("quick", "sms", 1, Duration.ofSeconds(Long.MAX_VALUE))
        gate.limits.wait(second)
        // Never less, however busy this machine is.
        assertTrue(System.nanoTime() - start >= second.wait!!.toNanos())
        gate.limits.waitBlocking(third)
        assertTrue(System.nanoTime() - start >= third.wait!!.toNanos())
        assertFalse(third.permit!!.isSpent)
        gate.limits.wait(third)
        aDayToWait(gate)
        val refused = gate.limits.reserve("provider", "sms", 1, Duration.ZERO)
        assertFalse(refused.allowed)
        assertNull(refused.wait)
        gate.limits.wait(refused)
    }

    @Test
    fun `a clock that stands still is not waited for`() = test { gate ->
        assertEquals(Duration.ZERO, gate.limits.reserve("provider", "sms", 1, Duration.ZERO).wait)
        val later = aDayToWait(gate)
        assertEquals(Duration.ofDays(1), later.wait)
        gate.limits.wait(later)
        gate.limits.waitBlocking(later)
        assertFalse(later.permit!!.isSpent)
    }

    @Test
    fun `a wait that is cancelled or interrupted gives the reservation back, once`() = live { gate ->
        val cancelled = aDayToWait(gate)
        val waiting = runBlocking { launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { gate.limits.wait(cancelled) }.also { it.cancelAndJoin() } }
        assertTrue(waiting.isCancelled)
        assertTrue(cancelled.permit!!.isSpent)

        val late = aDayToWait(gate)
        runBlocking {
            launch {
                currentCoroutineContext().job.cancel()
                assertFailsWith<CancellationException> { gate.limits.wait(late) }
            }
        }
        assertTrue(late.permit!!.isSpent)

        // However far the wait has come by then.
        var interrupted = late
        repeat(50) {
            interrupted = aDayToWait(gate)
            var thrown: Throwable? = null
            val sleeper = thread { thrown = assertFailsWith<InterruptedException> { gate.limits.waitBlocking(interrupted) } }
            sleeper.interrupt()
            sleeper.join()
            assertIs<InterruptedException>(thrown)
            assertTrue(interrupted.permit!!.isSpent)
        }

        aDayToWait(gate)
        for (spent in listOf(cancelled, late, interrupted)) gate.limits.refund(spent.permit!!)
        assertFalse(gate.limits.reserve("provider", "sms", 1, Duration.ofDays(1)).allowed, "what the last has taken is still taken")
    }

    @Test
    fun `a wait ends with its gate and with its permit`() = live { gate ->
        suspend fun waiting(decision: Decision) = CoroutineScope(Dispatchers.Default).async(start = CoroutineStart.UNDISPATCHED) {
            assertFailsWith<GatewrightException> { gate.limits.wait(decision) }.code
        }
        val given = aDayToWait(gate)
        val first = waiting(given)
        gate.limits.refund(given.permit!!)
        assertEquals("invalid_argument", first.await())
        val later = aDayToWait(gate)
        val second = waiting(later)
        gate.close()
        assertEquals("closed", second.await())
        assertFailsWith<GatewrightException.Closed> { gate.limits.wait(later) }
        assertFailsWith<GatewrightException.Closed> { gate.limits.waitBlocking(later) }
        assertFailsWith<GatewrightException.Closed> { gate.limits.reserve("provider", "sms", 1, Duration.ZERO) }
    }

    @Test
    fun `a coroutine that is cancelled already takes nothing`() = test { gate ->
        runBlocking {
            launch {
                currentCoroutineContext().job.cancel()
                assertFailsWith<CancellationException> { gate.limits.check("user", "u-42") }
            }
        }
        assertEquals(10, gate.limits.peek("user", "u-42").tiers[0].remaining)
    }

    @Test
    fun `on a disk all is the same, and exact under many at once`() = onSqlite { gate ->
        val decisions = runBlocking(Dispatchers.Default) { List(40) { async { gate.limits.check("user", "u-42") } }.awaitAll() }
        assertEquals(10, decisions.count { it.allowed })
        assertEquals(40, gate.limits.peek("user", "u-42").let { decisions.size })
        val granted = decisions.first { it.allowed }
        assertEquals(1, gate.limits.refund(granted.permit!!).tiers[0].remaining)
        assertEquals(Duration.ofSeconds(6), decisions.first { !it.allowed }.retryAfter)
        assertEquals(Duration.ofDays(1), gate.limits.run { reserve("provider", "a", 1, Duration.ZERO); reserve("provider", "a", 1, Duration.ofDays(1)) }.wait)
        assertEquals("cost_impossible", assertFailsWith<GatewrightException.LimitError> { gate.limits.check("user", "u-42", 11) }.code)
    }

    @Test
    fun `a coroutine that is cancelled while it asks leaves nothing taken`() = onSqlite { gate ->
        repeat(50) { round ->
            runBlocking {
                // Undispatched: it has begun when launch returns, and is cancelled in the same breath.
                val asking = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                    val decision = gate.limits.check("slot", "$round")
                    withContext(NonCancellable) { gate.limits.refund(decision.permit!!) }
                }
                asking.cancelAndJoin()
            }
            // Nobody waits for the call that was under way: what it took is given back when it comes.
            while (gate.limits.peek("slot", "$round").tiers[0].remaining == 0L) Thread.yield()
        }
    }

    @Test
    fun `events tell of the request`() = runBlocking {
        withTestGate(policy()) { _, gate ->
            val events = CopyOnWriteArrayList<Event>()
            gate.onEvent { events.add(it) }
            gate.limits.check("tenant", "acme", context = RequestContext(requestId = "r-1"))
            gate.limits.checkLocal("tenant", "acme", context = RequestContext(requestId = "r-2"))
            assertEquals(listOf("r-1", "r-2"), events.map { it.context.requestId })
        }
    }

    @Test
    fun `a gate that is closed decides nothing, and without limits or a store says what is missing`() {
        runBlocking {
            val gate = Gate.fromPolicy(policy())
            val permit = gate.limits.check("user", "u-42").permit!!
            gate.close()
            val calls: List<suspend () -> Any> = listOf(
                { gate.limits.check("user", "u-42") },
                { gate.limits.peek("user", "u-42") },
                { gate.limits.checkAll(listOf(LimitItem("user", "u-42"))) },
                { gate.limits.reserve("provider", "sms", 1, Duration.ZERO) },
                { gate.limits.refund(permit) },
                { gate.limits.reset("user", "u-42") },
                { gate.limits.checkLocal("user", "u-42") },
                { gate.limits.allowLocal("user", "u-42") },
            )
            for (call in calls) assertFailsWith<GatewrightException.Closed> { call() }
            withTestGate("""{"version": 1, "store": {"default": "memory:"}}""") { _, other -> assertFailsWith<GatewrightException.ConfigError> { other.limits.check("user", "u-42") } }
        }
    }

    @Test
    fun `headers tell of a decision, and a client reads them`() = runBlocking {
        val both = policy().replaceFirst("{", """{"http": {"rate_limit_headers": ["legacy", "draft-10"]}, """)
        withTestGate(both) { _, gate ->
            gate.limits.check("tenant", "acme", cost = 100)
            val refused = gate.limits.check("tenant", "acme")
            val headers = gate.limits.headers(refused)
            val byName = headers.associate { (name, value) -> name.lowercase() to value }
            assertEquals("1", byName["retry-after"])
            assertEquals("\"minute\";q=100;w=60, \"hour\";q=5000;w=3600", byName["ratelimit-policy"])
            assertEquals("0", byName["x-ratelimit-remaining"])
            val server = gate.limits.parseHeaders(headers)
            assertEquals(Duration.ofSeconds(1), server.wait)
            val minute = server.limits.first { it.name == "minute" }
            assertEquals(listOf(100L, 60L, 0L, 1L), listOf(minute.quota, minute.windowS, minute.remaining, minute.resetS))
            assertEquals(Duration.ofMinutes(1), minute.window)
            assertNull(minute.partitionKey)
            assertEquals(0, gate.limits.parseHeaders(Headers.of(emptyMap())).waitUs)
        }
    }

    @Test
    fun `a decision of a test is rendered as any other`() = test { gate ->
        val written = readDecision("""{"tiers": [{"id": "minute", "limit": 100, "remaining": 0, "retry_after_us": 600000}]}""")
        assertFalse(written.allowed)
        assertTrue("Retry-After" to "1" in gate.limits.headers(written))
        val tier = TierDecision("p", "t", TierDecision.Algo.CALENDAR, -1, Long.MAX_VALUE, -1, -1, -1, -1, Long.MIN_VALUE, Long.MAX_VALUE, false)
        val odd = Decision(
            false, Decision.Source.LOCAL, Long.MIN_VALUE, -1, Decision.Binding("p", "t"), Long.MAX_VALUE, Long.MAX_VALUE, listOf(tier), null,
            Decision.Atomicity.COMPENSATED,
        )
        assertEquals(listOf("Retry-After"), gate.limits.headers(odd).map { it.first }.filter { it == "Retry-After" })
        assertFailsWith<GatewrightException.InvalidArgument> { readDecision("[]") }
    }

    @Test
    fun `decisions are equal by what they say`() = test { gate ->
        val decision = gate.limits.peek("tenant", "acme")
        assertEquals(decision, gate.limits.peek("tenant", "acme"))
        assertEquals(decision.hashCode(), gate.limits.peek("tenant", "acme").hashCode())
        assertNotEquals(decision, gate.limits.peek("tenant", "other").let { gate.limits.check("tenant", "acme") })
        assertFalse(LimitItem("login", "ada@example.com").toString().contains("ada"))
    }
}
