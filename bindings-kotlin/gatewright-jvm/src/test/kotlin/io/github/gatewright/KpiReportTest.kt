package io.github.gatewright

import tools.jackson.core.ObjectReadContext
import tools.jackson.core.json.JsonFactory
import java.math.BigDecimal
import java.time.Instant
import java.time.LocalDate
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class KpiReportTest {
    /** The rows of Python's test. */
    private val rows = listOf(
        mapOf(
            "batch" to "A1",
            "date" to LocalDate.of(2026, 1, 1),
            "placed" to 1000,
            "dead" to 5,
            "feed_kg" to 20,
            "weights_g" to listOf(210, 225),
        ),
        mapOf(
            "batch" to "A1",
            "date" to LocalDate.of(2026, 2, 5),
            "sold" to 990,
            "live_weight_out_kg" to BigDecimal("2178.0"),
            "feed_kg" to 3200.5,
        ),
    )

    private fun targets(value: Number, unit: String) = mapOf("figures" to mapOf("survival.v1" to mapOf("value" to value, "unit" to unit)))

    /** The scalars of a JSON text by their pointers. */
    private fun scalars(json: String): Map<String, String> = buildMap {
        JsonFactory().createParser(ObjectReadContext.empty(), json).use { parser ->
            var token = parser.nextToken()
            while (token != null) {
                if (token.isScalarValue) put(parser.streamReadContext().pathAsPointer().toString(), parser.string)
                token = parser.nextToken()
            }
        }
    }

    @Test
    fun `rows and targets become pages and numbers`() {
        val report = Kpi.report(rows, targets(0.97, "fraction"))
        val numbers = scalars(report.toJson())
        assertEquals("0", numbers["/problem_count"])
        assertEquals("survival.v1", numbers["/batches/0/figures/0/kpi/id"])
        assertEquals("0.995", numbers["/batches/0/figures/0/kpi/value"])
        assertEquals((0.995 - 0.97) / 0.97, numbers.getValue("/batches/0/figures/0/deviation/value").toDouble(), 1e-12)
        assertEquals(listOf("0", "2", "217.5"), listOf("day", "n", "mean_g").map { numbers["/batches/0/growth/0/$it"] })
        assertEquals(95.12, numbers.getValue("/batches/0/growth/0/uniformity").toDouble(), 0.01)
        assertTrue(report.toCsv().startsWith("batch,figure,value,unit"))

        val page = report.toHtml(title = "<Farm>", locale = "de")
        assertContains(page, "99,50")
        assertFalse("<Farm>" in page)
        assertTrue(report.toHtml().startsWith("<!doctype html>"))
        assertContains(report.toHtml(), "Batch report")
    }

    @Test
    fun `a cell is read the same in each of its forms`() {
        fun json(date: Any, weights: Any, feed: Number) =
            Kpi.report(listOf(mapOf("batch" to "A", "date" to date, "placed" to 10, "weights_g" to weights, "feed_g" to feed))).toJson()
        val expected = json("2026-01-01", listOf(210, 225), 25_000_000)
        assertEquals("217.5", scalars(expected)["/batches/0/growth/0/mean_g"])
        for (date in listOf(LocalDate.of(2026, 1, 1), Instant.parse("2026-01-01T23:00:00Z"), LocalDate.of(2026, 1, 1).atTime(6, 0))) {
            assertEquals(expected, json(date, listOf(210, 225, null), 25_000_000L))
        }
        for (weights in listOf(intArrayOf(210, 225), longArrayOf(210, 225), arrayOf(210, 225), "210 225")) {
            assertEquals(expected, json("2026-01-01", weights, BigDecimal("2.5E+7")))
        }
        // Kotlin writes it as 2.5E7.
        assertEquals(expected, json("2026-01-01", doubleArrayOf(210.0, 225.0), 25_000_000.0))
    }

    @Test
    fun `what cannot be read is listed and the rest is computed`() {
        val rows = listOf(mapOf("batch" to "A", "day" to 0, "placed" to 100, "dead" to "x"), mapOf("batch" to "A", "day" to null))
        val report = scalars(Kpi.report(rows).toJson())
        assertEquals("1", report["/problem_count"])
        assertEquals(listOf("1", "dead", "x"), listOf("line", "column", "text").map { report["/problems/0/$it"] })
    }

    @Test
    fun `a table is read as the program reads it`() {
        val table = "Herde;Tag;Eingestallt;Tote;Futter [kg]\nA1;0;1000;5;20,5\nA1;1;;x;1.000,25\n"
        val report = scalars(Kpi.report(table.toByteArray(), targets(0.97, "fraction")).toJson())
        assertEquals("0.995", report["/batches/0/figures/0/kpi/value"])
        assertEquals("0.97", report["/batches/0/figures/0/target/value"])
        assertEquals(listOf("3", "Tote", "x"), listOf("line", "column", "text").map { report["/problems/0/$it"] })
        for (wrong in listOf("", "batch,feed\nA,3\n")) {
            assertEquals("kpi_bad_row", assertFailsWith<GatewrightException.KpiError> { Kpi.report(wrong.toByteArray()) }.code)
        }
    }

    @Test
    fun `no rows are an empty report`() {
        assertEquals("0", scalars(Kpi.report(emptyList()).toJson())["/batch_count"])
    }

    @Test
    fun `what is no row or target is refused by its code`() {
        fun code(rows: List<Map<String, Any?>> = this.rows, targets: Map<String, Any?>? = null) =
            assertFailsWith<GatewrightException> { Kpi.report(rows, targets) }.code
        assertEquals("kpi_bad_row", code(listOf(mapOf("batch" to "A", "feed" to 3))))
        assertEquals("kpi_bad_row", code(targets = mapOf("breeds" to 1)))
        assertEquals("kpi_unit_mismatch", code(targets = targets(97, "percent")))
        assertEquals("invalid_argument", code(listOf(mapOf("batch" to "A", "day" to 0, "placed" to Double.NaN))))
        assertEquals("invalid_argument", code(listOf(mapOf("batch" to "A", "day" to 0, "weights_g" to doubleArrayOf(Double.POSITIVE_INFINITY)))))
        assertEquals("invalid_argument", code(listOf(mapOf("batch" to Any()))))
        assertEquals("invalid_argument", code(targets = mapOf("figures" to Any())))
        assertEquals("invalid_argument", code(listOf(mapOf("batch" to "\uD800", "day" to 0))))
    }
}
