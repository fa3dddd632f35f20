package io.github.gatewright

import io.github.gatewright.internal.Numbers
import io.github.gatewright.internal.figureOf
import io.github.gatewright.internal.given
import io.github.gatewright.internal.summaryOf

/**
 * The figures of samples: see [Kpi]. Each takes a list, whose `null`s are missing, or an array, with a flag for each value that is missing
 * if some are: another number of flags is `invalid_argument`. Missing values are counted and in no figure; NaN is `kpi_non_finite`.
 */
public sealed interface KpiSamples {
    /**
     * The coefficient of variation in percent, `100 · sd / mean`: of a sample (n − 1), or of a whole [population]. Below two values it is
     * undefined.
     */
    public fun cv(weights: List<Number?>, population: Boolean = false): KpiResult =
        figureOf("cv.v1", "weights", Numbers.of(weights), "population" given population)

    /** [cv] of an array. */
    public fun cv(weights: LongArray, population: Boolean = false, missing: BooleanArray? = null): KpiResult =
        figureOf("cv.v1", "weights", Numbers.of(weights, missing), "population" given population)

    /** [cv] of an array. */
    public fun cv(weights: IntArray, population: Boolean = false, missing: BooleanArray? = null): KpiResult =
        figureOf("cv.v1", "weights", Numbers.of(weights, missing), "population" given population)

    /** [cv] of an array. */
    public fun cv(weights: DoubleArray, population: Boolean = false, missing: BooleanArray? = null): KpiResult =
        figureOf("cv.v1", "weights", Numbers.of(weights, missing), "population" given population)

    /** 100 less the coefficient of variation, 0 to 100. */
    public fun uniformityScore(weights: List<Number?>): KpiResult = figureOf("uniformity.score.v1", "weights", Numbers.of(weights))

    /** [uniformityScore] of an array. */
    public fun uniformityScore(weights: LongArray, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.score.v1", "weights", Numbers.of(weights, missing))

    /** [uniformityScore] of an array. */
    public fun uniformityScore(weights: IntArray, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.score.v1", "weights", Numbers.of(weights, missing))

    /** [uniformityScore] of an array. */
    public fun uniformityScore(weights: DoubleArray, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.score.v1", "weights", Numbers.of(weights, missing))

    /** The share of weights within the mean ± [band] of it (a fraction), ends included. */
    public fun uniformityBand(weights: List<Number?>, band: Number = DEFAULT_BAND): KpiResult =
        figureOf("uniformity.band.v1", "weights", Numbers.of(weights), "band" given band)

    /** [uniformityBand] of an array. */
    public fun uniformityBand(weights: LongArray, band: Number = DEFAULT_BAND, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.band.v1", "weights", Numbers.of(weights, missing), "band" given band)

    /** [uniformityBand] of an array. */
    public fun uniformityBand(weights: IntArray, band: Number = DEFAULT_BAND, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.band.v1", "weights", Numbers.of(weights, missing), "band" given band)

    /** [uniformityBand] of an array. */
    public fun uniformityBand(weights: DoubleArray, band: Number = DEFAULT_BAND, missing: BooleanArray? = null): KpiResult =
        figureOf("uniformity.band.v1", "weights", Numbers.of(weights, missing), "band" given band)

    /** Mean, spread and confidence interval of weights. Fewer than 100, or than 1 % of [flockSize] if that is less: a warning. */
    public fun weightMean(weights: List<Number?>, flockSize: Long? = null): Summary =
        summaryOf("weight.mean.v1", "weights", Numbers.of(weights), "flock_size" given flockSize)

    /** [weightMean] of an array. */
    public fun weightMean(weights: LongArray, flockSize: Long? = null, missing: BooleanArray? = null): Summary =
        summaryOf("weight.mean.v1", "weights", Numbers.of(weights, missing), "flock_size" given flockSize)

    /** [weightMean] of an array. */
    public fun weightMean(weights: IntArray, flockSize: Long? = null, missing: BooleanArray? = null): Summary =
        summaryOf("weight.mean.v1", "weights", Numbers.of(weights, missing), "flock_size" given flockSize)

    /** [weightMean] of an array. */
    public fun weightMean(weights: DoubleArray, flockSize: Long? = null, missing: BooleanArray? = null): Summary =
        summaryOf("weight.mean.v1", "weights", Numbers.of(weights, missing), "flock_size" given flockSize)

    /** The percentile [p] (a fraction, 0 to 1) by linear interpolation, type 7. */
    public fun percentileLinear(values: List<Number?>, p: Number): KpiResult =
        figureOf("percentile.linear.v1", "values", Numbers.of(values), "p" given p)

    /** [percentileLinear] of an array. */
    public fun percentileLinear(values: LongArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.linear.v1", "values", Numbers.of(values, missing), "p" given p)

    /** [percentileLinear] of an array. */
    public fun percentileLinear(values: IntArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.linear.v1", "values", Numbers.of(values, missing), "p" given p)

    /** [percentileLinear] of an array. */
    public fun percentileLinear(values: DoubleArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.linear.v1", "values", Numbers.of(values, missing), "p" given p)

    /** The least value that a share of [p] (0 to 1) of the values does not exceed. */
    public fun percentileNearestRank(values: List<Number?>, p: Number): KpiResult =
        figureOf("percentile.nearest_rank.v1", "values", Numbers.of(values), "p" given p)

    /** [percentileNearestRank] of an array. */
    public fun percentileNearestRank(values: LongArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.nearest_rank.v1", "values", Numbers.of(values, missing), "p" given p)

    /** [percentileNearestRank] of an array. */
    public fun percentileNearestRank(values: IntArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.nearest_rank.v1", "values", Numbers.of(values, missing), "p" given p)

    /** [percentileNearestRank] of an array. */
    public fun percentileNearestRank(values: DoubleArray, p: Number, missing: BooleanArray? = null): KpiResult =
        figureOf("percentile.nearest_rank.v1", "values", Numbers.of(values, missing), "p" given p)

    /** Mean, spread and 95 % confidence interval of the EPEF of flocks. */
    public fun epefFlocks(values: List<Number?>): Summary = summaryOf("epef.flocks.v1", "values", Numbers.of(values))

    /** [epefFlocks] of an array. */
    public fun epefFlocks(values: LongArray, missing: BooleanArray? = null): Summary =
        summaryOf("epef.flocks.v1", "values", Numbers.of(values, missing))

    /** [epefFlocks] of an array. */
    public fun epefFlocks(values: IntArray, missing: BooleanArray? = null): Summary =
        summaryOf("epef.flocks.v1", "values", Numbers.of(values, missing))

    /** [epefFlocks] of an array. */
    public fun epefFlocks(values: DoubleArray, missing: BooleanArray? = null): Summary =
        summaryOf("epef.flocks.v1", "values", Numbers.of(values, missing))

    private companion object {
        private const val DEFAULT_BAND = 0.10
    }
}
