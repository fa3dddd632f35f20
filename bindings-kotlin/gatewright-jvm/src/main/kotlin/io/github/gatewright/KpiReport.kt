package io.github.gatewright

import io.github.gatewright.internal.JsonText
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiReport
import io.github.gatewright.internal.ffi.reportKpi
import io.github.gatewright.internal.ffi.reportKpiTable
import java.time.temporal.Temporal

/** The report of a farm: see [Kpi]. */
public sealed interface KpiReports {
    /**
     * Reports on the batches of a farm: figures, targets, plots and ranking.
     *
     * ```
     * val rows = listOf(
     *     mapOf("batch" to "A1", "day" to 0, "placed" to 1000, "dead" to 5, "feed_kg" to 20, "weights_g" to listOf(42, 43, 41)),
     *     mapOf("batch" to "A1", "day" to 35, "sold" to 990, "live_weight_out_kg" to 2178, "feed_kg" to 3200),
     * )
     * val targets = mapOf("figures" to mapOf("survival.v1" to mapOf("value" to 0.97, "unit" to "fraction")))
     * Kpi.report(rows, targets).toHtml()
     * ```
     *
     * The time it takes grows with the rows: keep long tables away from threads that must answer, as Android's main thread.
     *
     * @param rows each a day, a week or an event of a batch, by the names and units of a table's columns: `batch`, `date`, `day` or `week`,
     * `placed`, `dead`, `culled`, `sold`, `live_weight_out_kg`, `feed_kg`, `weights_g` and so on. A cell is a number, a text, a date of
     * `java.time`, a list or an array of weights, or `null` for what is missing. An `Instant` counts by its day in UTC. What cannot be read
     * is listed in the report, and the rest is computed.
     * @param targets in the form of a targets file, as maps and lists; `null` compares with none.
     * @throws GatewrightException.KpiError `kpi_bad_row` for a measure without a unit, names that are not understood, or targets that are
     * none; `kpi_unit_mismatch` for a target in another unit than its figure; `kpi_bad_weights` for weights of a ranking that are none.
     * @throws GatewrightException.InvalidArgument a number that is not finite, or a cell of another type.
     */
    public fun report(rows: List<Map<String, Any?>>, targets: Map<String, Any?>? = null): KpiReport {
        val given = JsonText.of("rows", plain(rows))
        val wanted = targets?.let { JsonText.of("targets", it) }
        return crossing { KpiReport(reportKpi(given, wanted)) }
    }

    /**
     * Reports on the batches of a farm, from a table of text (CSV): the same, as the program `gatewright` reads it. Problems have the line
     * and the column of the table.
     *
     * ```
     * Kpi.report(File("flocks.csv").readBytes()).toHtml()
     * ```
     *
     * @param table its bytes, in UTF-8 or the Western European code page that spreadsheets write.
     * @param targets in the form of a targets file, as maps and lists; `null` compares with none.
     * @throws GatewrightException.KpiError as [report] of rows; also `kpi_bad_row` for what is no table.
     */
    public fun report(table: ByteArray, targets: Map<String, Any?>? = null): KpiReport {
        val wanted = targets?.let { JsonText.of("targets", it) }
        return crossing { KpiReport(reportKpiTable(table, wanted)) }
    }
}

/** What became of the rows of [Kpi.report]: figures, targets, plots and ranking. Usable from any thread. */
public class KpiReport internal constructor(private val ffi: FfiReport) {
    /** Everything, as the text of a JSON object. */
    public fun toJson(): String = crossing { ffi.toJson() }

    /** A row for each figure of each batch. */
    public fun toCsv(): String = crossing { ffi.toCsv() }

    /**
     * A page for people that needs nothing else and prints one page a batch.
     *
     * @param title what stands at its head.
     * @param locale how numbers are written, as `en` or `de-CH`; a locale that is not known is English.
     */
    @JvmOverloads
    public fun toHtml(title: String = "Batch report", locale: String = "en"): String = crossing { ffi.toHtml(title, locale) }
}

/** Rows as data of JSON: dates are their text, and arrays are lists, which are views of them. */
private fun plain(rows: List<Map<String, Any?>>): List<Map<String, Any?>> = rows.map { row -> row.mapValues { (_, cell) -> plain(cell) } }

private fun plain(cell: Any?): Any? = when (cell) {
    is Temporal -> cell.toString()
    is IntArray -> cell.asList()
    is LongArray -> cell.asList()
    is DoubleArray -> cell.asList()
    else -> cell
}
