package io.github.gatewright

import io.github.gatewright.testing.evaluateKpi
import java.math.BigInteger
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

class KpiTest {
    private fun code(call: () -> Any?) = assertFailsWith<GatewrightException.KpiError> { call() }.code

    @Test
    fun `a figure says what it rests on`() {
        val fcr = Kpi.fcrLiveWeight(feedG = 180, liveWeightOutG = 202)
        assertEquals(0.8910891089108911, fcr.value)
        assertEquals(listOf("fcr.live_weight.v1", "ok", "ratio", "live_weight"), listOf(fcr.id, fcr.status, fcr.unit, fcr.basis))
        assertEquals(listOf(BigInteger.valueOf(180), BigInteger.valueOf(202)), listOf(fcr.num, fcr.den))
        assertEquals(listOf(1L, 0L), listOf(fcr.n, fcr.missing))
        assertNull(fcr.reason)
        assertNull(fcr.coverage)
        assertEquals(emptyList(), fcr.warnings)
        assertEquals(fcr, Kpi.fcrLiveWeight(180, 202))
        assertNotEquals(fcr, Kpi.fcrLiveWeight(180, 203))
        assertEquals(96.0, Kpi.survival(placed = 20_000, dead = 800).percent())
    }

    @Test
    fun `too little data is no error, what cannot be is one`() {
        val none = Kpi.survival(placed = 0)
        assertEquals(listOf("undefined", "zero_denominator"), listOf(none.status, none.reason))
        assertNull(none.value)
        assertNull(none.percent())
        assertEquals("kpi_inventory_mismatch", code { Kpi.survival(placed = 10, dead = 11) })
        assertEquals("kpi_negative", code { Kpi.fcrLiveWeight(-1, 202) })
        assertEquals("kpi_out_of_range", code { Kpi.epef(95, 1850, 44, 1.88, FcrBasis.LIVE_WEIGHT) })
        assertEquals("kpi_non_finite", code { Kpi.uniformityFromCv(Double.NaN) })
        assertEquals("kpi_unit_mismatch", code { Kpi.deviation(Quantity(61, "g_per_day"), Quantity(0.065, "kg_per_day")) })
        assertEquals("kpi_bad_weights", code { Kpi.scoreComposite(mapOf("fcr" to 0.5), mapOf("fcr" to 0)) })
        val twice = List(2) { CohortMember("b-1", mapOf("fcr" to 1.5)) }
        assertEquals("kpi_bad_row", code { Kpi.rank(twice, mapOf("fcr" to FigureWeight(1))) })
        assertFailsWith<GatewrightException.InvalidArgument> { Kpi.feedCost(costMinor = 100) }
        assertFailsWith<GatewrightException.InvalidArgument> { Kpi.feedCost(costMinor = 100, weightG = 1, eggs = 1) }
        assertEquals(422, assertFailsWith<GatewrightException.KpiError> { Kpi.survival(placed = 10, dead = 11) }.status)
    }

    @Test
    fun `arguments that are left out have the defaults of the page`() {
        assertEquals(1.0, Kpi.survival(20_000).value)
        assertEquals(1.0, Kpi.survivalAtRisk(20_000).value)
        for (share in listOf(Kpi.mortality(20_000), Kpi.cull(20_000), Kpi.loss(20_000))) assertEquals(0.0, share.value)
        assertEquals(20_000.0, Kpi.inventory(20_000).value)
        assertEquals(Kpi.uniformityBand(listOf(945, 1155, 1050)), Kpi.uniformityBand(listOf(945, 1155, 1050), band = 0.10))
        assertEquals(Kpi.cv(listOf(1, 2, 3, 4)), Kpi.cv(listOf(1, 2, 3, 4), population = false))
        assertEquals(Kpi.fcrCloseout(180, 42, 202), Kpi.fcrCloseout(180, 42, 202, weightMovedOutG = 0))
        assertEquals(0.5, Kpi.scoreComposite(mapOf("a" to 0.5, "b" to null), mapOf("a" to 1, "b" to 1)).coverage)
        assertEquals("low_coverage", Kpi.scoreComposite(mapOf("a" to 0.5), mapOf("a" to 1, "b" to 2)).reason)
        assertEquals(listOf(0.0, 1.0), Kpi.normMinMax(listOf(1, 2)).value)
    }

    @Test
    fun `a list and every array are the same sample, and what is missing is counted`() {
        val list = listOf(1930, null, 2110, 2040)
        val missing = booleanArrayOf(false, true, false, false)
        val longs = longArrayOf(1930, -7, 2110, 2040)
        val ints = intArrayOf(1930, -7, 2110, 2040)
        val doubles = doubleArrayOf(1930.0, Double.NaN, 2110.0, 2040.0)
        val cv = Kpi.cv(list)
        assertEquals(listOf(cv, cv, cv), listOf(Kpi.cv(longs, missing = missing), Kpi.cv(ints, missing = missing), Kpi.cv(doubles, missing = missing)))
        val mean = Kpi.weightMean(list)
        assertEquals(mean, Kpi.weightMean(longs, missing = missing))
        assertEquals(mean, Kpi.weightMean(ints, missing = missing))
        assertEquals(mean, Kpi.weightMean(doubles, missing = missing))
        assertEquals(listOf(3L, 1L), Kpi.cv(longs, missing = missing).let { listOf(it.n, it.missing) })
        assertContains(Kpi.cv(list).warnings, "input_missing")
        assertEquals(2040.0, Kpi.percentileNearestRank(longs, p = 0.5, missing = missing).value)
        assertEquals("kpi_non_finite", code { Kpi.cv(doubles) })
        assertEquals("kpi_negative", code { Kpi.cv(longs) })
        assertEquals(-7.0, Kpi.percentileNearestRank(longs, p = 0).value)
        assertEquals("no_values", Kpi.percentileLinear(LongArray(0), p = 0.5).reason)
        assertEquals("no_values", Kpi.percentileLinear(emptyList(), p = 0.5).reason)
        assertEquals(2L, Kpi.weightMean(longArrayOf(1, 2), missing = booleanArrayOf(true, true)).missing)
        for (flags in listOf(0, 3, 5)) {
            assertFailsWith<GatewrightException.InvalidArgument> { Kpi.cv(longs, missing = BooleanArray(flags)) }
            assertFailsWith<GatewrightException.InvalidArgument> { Kpi.cv(doubles, missing = BooleanArray(flags)) }
        }
        val many = LongArray(100_000) { 2_000L + it % 500 }
        assertEquals(Kpi.cv(many), Kpi.cv(DoubleArray(many.size) { many[it].toDouble() }))
    }

    @Test
    fun `a feed conversion brings its basis, a target its unit`() {
        val fcr = Kpi.fcrCloseout(feedG = 3_400_000, weightStartedG = 40_000, weightSoldG = 2_000_000)
        val given = Kpi.epef(0.95, 1850, 44, fcr.value!!, FcrBasis.GAIN)
        assertEquals(given, Kpi.epef(0.95, 1850, 44, fcr))
        assertContains(given.warnings, "basis_gain")
        assertEquals("not_defined", Kpi.ebi(61, 0.95, Kpi.fcrCloseout(100, 40, 40)).reason)
        assertFailsWith<GatewrightException.InvalidArgument> { Kpi.epef(0.95, 1850, 44, Kpi.survival(10)) }
        val adg = Kpi.adgNet(42, 2299, 37)
        assertEquals(Kpi.deviation(61.0, 65.0).value, Kpi.deviation(adg, Quantity(65, "g_per_day")).value)
        assertEquals("kpi_unit_mismatch", code { Kpi.deviation(adg, Kpi.survival(10)) })
        assertNull(Kpi.deviation(null, 65).value)
    }

    @Test
    fun `rows and cohorts`() {
        val headDays = Kpi.headDaysDailyMean(listOf(DayCount(200, 200), DayCount(200, 196), DayCount(null, 196)))
        assertEquals(listOf(398.0, 1L), listOf(headDays.value, headDays.missing))
        assertEquals(6270.0, Kpi.headDaysExits(200, 31, entries = listOf(Movement(15, 10)), exits = listOf(Movement(11, 4))).value)
        assertEquals("too_few_values", Kpi.mortalityFirstWeek(20_000, longArrayOf(1, 2)).reason)
        assertEquals(Kpi.mortalityFirstWeek(100, LongArray(7) { 1 }), Kpi.mortalityFirstWeek(100, List(7) { 1 }))
        val cohort = listOf(
            CohortMember("b-1", mapOf("fcr" to 1.52, "adg" to 61.0)),
            CohortMember("b-2", mapOf("fcr" to 1.61, "adg" to null)),
            CohortMember("b-3", emptyMap()),
        )
        val places = Kpi.rank(cohort, mapOf("fcr" to FigureWeight(2, lowerIsBetter = true), "adg" to FigureWeight(1)))
        assertEquals(listOf("b-1", "b-2", "b-3"), places.map { it.id })
        assertEquals(listOf(1L, 2L, null), places.map { it.rank })
        assertEquals(0.0, places[2].coverage)
        assertNull(places[2].score)
    }

    @Test
    fun `many pairs in one call`() {
        val all = Kpi.fcrLiveWeightAll(longArrayOf(180, 0, 180), longArrayOf(202, 202, 0))
        assertEquals(listOf(Kpi.fcrLiveWeight(180, 202), Kpi.fcrLiveWeight(0, 202), Kpi.fcrLiveWeight(180, 0)), all)
        assertEquals(emptyList(), Kpi.fcrLiveWeightAll(LongArray(0), LongArray(0)))
        assertEquals("kpi_negative", code { Kpi.fcrLiveWeightAll(longArrayOf(1, -1), longArrayOf(1, 1)) })
        assertFailsWith<GatewrightException.InvalidArgument> { Kpi.fcrLiveWeightAll(longArrayOf(1), LongArray(0)) }
    }

    @Test
    fun `what the types refuse has the code of every language`() {
        assertTrue(evaluateKpi("fcr.live_weight.v1", """{"feed_g": 180, "live_weight_out_g": 202}""").startsWith("{\"id\":\"fcr.live_weight.v1\""))
        assertEquals("kpi_out_of_range", code { evaluateKpi("fcr.live_weight.v1", """{"feed_g": 2.257, "live_weight_out_g": 202}""") })
        for (wrong in listOf("{}", "[]", """{"feed_g": "much", "live_weight_out_g": 202}""")) {
            assertFailsWith<GatewrightException.InvalidArgument> { evaluateKpi("fcr.live_weight.v1", wrong) }
        }
        assertFailsWith<GatewrightException.InvalidArgument> { evaluateKpi("fcr", "{}") }
        assertFailsWith<GatewrightException.InvalidArgument> { Kpi.deviation(Quantity(1, "\ud800"), Quantity(1, null)) }
    }
}
