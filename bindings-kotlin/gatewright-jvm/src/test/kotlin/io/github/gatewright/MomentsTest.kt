package io.github.gatewright

import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull

/** Moments and histograms. */
class MomentsTest {
    private fun code(call: () -> Any?) = assertFailsWith<GatewrightException.KpiError> { call() }.code

    @Test
    fun `parts merge into what the whole is`() {
        val whole = Moments().apply { addAll(listOf(1930, null, 2110, 2040, 1880)) }
        val (first, second) = Moments() to Moments()
        first.addAll(longArrayOf(1930, 0, 2110), missing = booleanArrayOf(false, true, false))
        second.addAll(intArrayOf(2040))
        second.add(1880)
        first.merge(Moments.fromBytes(second.toBytes()))
        assertEquals(whole.snapshot(), first.snapshot())
        assertContentEquals(whole.toBytes(), first.toBytes())
        assertEquals(listOf(4L, 1L), listOf(first.count, first.missing))
        first.addMissing(2)
        assertEquals(3, first.missing)
        first.merge(first)
        assertEquals(8, first.count)
        assertNull(Moments().snapshot().mean)
    }

    @Test
    fun `what is refused is not added`() {
        val moments = Moments()
        assertEquals("kpi_negative", code { moments.add(-1) })
        assertEquals("kpi_negative", code { moments.addAll(longArrayOf(1, -1)) })
        assertEquals("kpi_negative", code { moments.addMissing(-1) })
        assertFailsWith<GatewrightException.InvalidArgument> { moments.addAll(longArrayOf(1), BooleanArray(2)) }
        assertEquals(0, moments.count)
        val floats = FloatMoments()
        assertEquals("kpi_non_finite", code { floats.add(Double.NaN) })
        assertEquals("kpi_non_finite", code { floats.addAll(doubleArrayOf(1.0, Double.POSITIVE_INFINITY)) })
        assertEquals(0, floats.count)
        assertEquals("kpi_negative", code { Histogram().add(-1) })
        for (bytes in listOf(ByteArray(0), ByteArray(40) { -1 })) {
            assertFailsWith<GatewrightException.RecordUnreadable> { Moments.fromBytes(bytes) }
            assertFailsWith<GatewrightException.RecordUnreadable> { FloatMoments.fromBytes(bytes) }
            assertFailsWith<GatewrightException.RecordUnreadable> { Histogram.fromBytes(bytes) }
        }
    }

    @Test
    fun `doubles are the same by one, by list and by array`() {
        val values = List(3_000) { it * 0.37 - 200 }
        val (one, list, array) = Triple(FloatMoments(), FloatMoments(), FloatMoments())
        values.forEach(one::add)
        list.addAll(values + null)
        array.addAll(values.toDoubleArray())
        array.addAll(doubleArrayOf(Double.NaN), missing = booleanArrayOf(true))
        one.addMissing(1)
        assertContentEquals(one.toBytes(), list.toBytes())
        assertContentEquals(one.toBytes(), array.toBytes())
        assertEquals(1, array.missing)
        val again = FloatMoments.fromBytes(one.toBytes()).apply { merge(FloatMoments().apply { add(1.0) }) }
        assertEquals(3_001, again.count)
    }

    @Test
    fun `a histogram is exact at first and bounded then`() {
        val few = Histogram().apply { addAll(LongArray(20) { it + 1L }) }
        assertEquals(listOf(19.0, "exact"), few.quantile(0.95).let { listOf(it.value, it.basis) })
        val snapshot = few.snapshot()
        assertEquals(listOf(20L, 0L, 1L, 20L, 10L, 18L, 19L, 20L), snapshot.run { listOf(n, missing, min, max, p50, p90, p95, p99) })
        assertEquals(10.5, snapshot.mean)
        assertEquals(snapshot, Histogram.fromBytes(few.toBytes()).snapshot())
        val many = Histogram().apply { addAll(IntArray(20_000) { it }) }
        many.merge(few)
        many.addAll(listOf(5L, null))
        assertEquals("histogram", many.snapshot().basis)
        assertEquals(listOf(20_021L, 1L), listOf(many.count, many.missing))
        assertEquals("kpi_out_of_range", code { few.quantile(95.0) })
        assertNull(Histogram().snapshot().p50)
        assertEquals("no_values", Histogram().quantile(0.5).reason)
    }

    @Test
    fun `one accumulator takes from many threads, and two may merge both ways at once`() {
        val (one, other) = Moments() to Moments()
        val workers = List(4) { worker ->
            CompletableFuture.runAsync {
                repeat(500) {
                    one.add(1)
                    if (worker % 2 == 0) one.merge(other) else other.merge(Moments())
                }
            }
        }
        workers.forEach { it.get(60, TimeUnit.SECONDS) }
        assertEquals(2_000, one.count)
    }
}
