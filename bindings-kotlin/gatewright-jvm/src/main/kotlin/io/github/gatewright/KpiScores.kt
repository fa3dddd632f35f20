package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiEvaluated
import io.github.gatewright.internal.ffi.FfiFigure
import io.github.gatewright.internal.ffi.evaluateKpi
import io.github.gatewright.internal.figure
import io.github.gatewright.internal.given
import io.github.gatewright.internal.norms

/** The production indices, targets, scores and rates: see [Kpi]. Shares are fractions, 0.95 and not 95. */
public sealed interface KpiScores {
    /**
     * European production efficiency factor: `survival · 100 · (weightG / 1000) / (ageDays · fcr) · 100`.
     *
     * ```
     * Kpi.epef(survival = 0.95, weightG = 1850, ageDays = 44, fcr = 1.88, fcrBasis = FcrBasis.LIVE_WEIGHT).value        // 212.46
     * ```
     *
     * @param ageDays with several loads, the mean weighted by heads.
     * @param fcrBasis on gain: a warning, as breeders' figures are on live weight.
     */
    public fun epef(survival: Number, weightG: Long, ageDays: Number, fcr: Number, fcrBasis: FcrBasis): KpiResult = figure(
        "epef.v1",
        "survival" given survival,
        "weight_g" given weightG,
        "age_days" given ageDays,
        "fcr" given fcr,
        "fcr_basis" given fcrBasis.code,
    )

    /** [epef] with a feed conversion that brings its own basis. */
    public fun epef(survival: Number, weightG: Long, ageDays: Number, fcr: KpiResult): KpiResult =
        figure("epef.v1", "survival" given survival, "weight_g" given weightG, "age_days" given ageDays, "fcr" given conversion(fcr))

    /** European broiler index: `adgG · survival · 100 / (fcr · 10)`. */
    public fun ebi(adgG: Number, survival: Number, fcr: Number, fcrBasis: FcrBasis): KpiResult =
        figure("ebi.v1", "adg_g" given adgG, "survival" given survival, "fcr" given fcr, "fcr_basis" given fcrBasis.code)

    /** [ebi] with a feed conversion that brings its own basis. */
    public fun ebi(adgG: Number, survival: Number, fcr: KpiResult): KpiResult =
        figure("ebi.v1", "adg_g" given adgG, "survival" given survival, "fcr" given conversion(fcr))

    /**
     * The farm's health score, 0 to 100, of three shares: `0.4 · (100 − 1000 · mortality) + 0.3 · (100 − 100 · morbidity) +
     * 0.3 · (100 − 100 · treatment)`, each term at least 0.
     */
    public fun healthFarm(mortality: Number, morbidity: Number, treatment: Number): KpiResult =
        figure("health.farm.v1", "mortality" given mortality, "morbidity" given morbidity, "treatment" given treatment)

    /**
     * The share within ± 10 % of the mean, in percent, that a normal distribution of this coefficient of variation (in percent) has: for
     * information only.
     */
    public fun uniformityFromCv(cv: Number): KpiResult = figure("uniformity.from_cv.v1", "cv" given cv)

    /** How far from a target, a signed fraction: `(actual − target) / |target|`. Two units are `kpi_unit_mismatch`. */
    public fun deviation(actual: KpiResult, target: KpiResult): KpiResult = deviation(quantity(actual), quantity(target))

    /** [deviation] of quantities. */
    public fun deviation(actual: Quantity, target: Quantity): KpiResult =
        figure("deviation.v1", "actual" given members(actual), "target" given members(target))

    /** [deviation] of a figure from a target with its unit. */
    public fun deviation(actual: KpiResult, target: Quantity): KpiResult = deviation(quantity(actual), target)

    /** [deviation] of numbers of one unit. */
    public fun deviation(actual: Number?, target: Number?): KpiResult = figure("deviation.v1", "actual" given actual, "target" given target)

    /** Each value between the least (0) and the greatest (1), or the other way round; all equal: 0.5. */
    public fun normMinMax(values: List<Number?>, lowerIsBetter: Boolean = false): Norms =
        norms("norm.min_max.v1", "values" given values, "lower_is_better" given lowerIsBetter)

    /** [normMinMax] of an array. */
    public fun normMinMax(values: DoubleArray, lowerIsBetter: Boolean = false): Norms =
        norms("norm.min_max.v1", "values" given values, "lower_is_better" given lowerIsBetter)

    /**
     * The weighted mean of norms, over those that are present.
     *
     * @param norms 0 to 1 each, by name; `null` is missing.
     * @param weights 0 or more each, by name.
     * @param minCoverage the share of weight that must be present, else it is undefined.
     * @throws GatewrightException.KpiError `kpi_bad_weights`, `kpi_out_of_range`.
     */
    public fun scoreComposite(norms: Map<String, Number?>, weights: Map<String, Number>, minCoverage: Number = DEFAULT_COVERAGE): KpiResult =
        figure("score.composite.v1", "norms" given norms, "weights" given weights, "min_coverage" given minCoverage)

    /**
     * The places of a cohort: each figure as a norm over the cohort, then their weighted mean. Equal scores share a place; without a score
     * comes last.
     *
     * ```
     * val cohort = listOf(CohortMember("b-1", mapOf("fcr" to 1.52, "adg" to 61.0)), CohortMember("b-2", mapOf("fcr" to 1.61, "adg" to null)))
     * Kpi.rank(cohort, mapOf("fcr" to FigureWeight(2, lowerIsBetter = true), "adg" to FigureWeight(1)))
     * ```
     *
     * @throws GatewrightException.KpiError `kpi_bad_row` for an id that is there twice, `kpi_bad_weights`.
     */
    public fun rank(cohort: List<CohortMember>, weights: Map<String, FigureWeight>): List<Ranked> = crossing {
        val members = cohort.map { mapOf("id" to it.id, "figures" to it.figures) }
        val byName = weights.mapValues { (_, weight) -> mapOf("weight" to weight.weight, "lower_is_better" to weight.lowerIsBetter) }
        val ranking = evaluateKpi(FfiFigure("rank.v1", listOf("cohort" given members, "weights" given byName))) as FfiEvaluated.Places
        ranking.ranking.map(::Ranked)
    }

    /** Errors by total. */
    public fun errorRate(errors: Long = 0, total: Long = 0): KpiResult = figure("error_rate.v1", "errors" given errors, "total" given total)

    /** What was no error, by total. */
    public fun availability(errors: Long = 0, total: Long = 0): KpiResult = figure("availability.v1", "errors" given errors, "total" given total)

    private fun conversion(fcr: KpiResult) = mapOf("value" to fcr.value, "basis" to fcr.basis, "reason" to fcr.reason)

    private fun quantity(kpi: KpiResult) = Quantity(kpi.value, kpi.unit)

    private fun members(quantity: Quantity) = mapOf("value" to quantity.value, "unit" to quantity.unit)

    private companion object {
        private const val DEFAULT_COVERAGE = 0.5
    }
}
