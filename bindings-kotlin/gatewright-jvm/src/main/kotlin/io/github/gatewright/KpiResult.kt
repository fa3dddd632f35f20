package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiKpi
import io.github.gatewright.internal.ffi.FfiNorms
import io.github.gatewright.internal.ffi.FfiRanked
import io.github.gatewright.internal.ffi.FfiSummary
import java.math.BigInteger

/**
 * One figure: a number with its method, its unit and what it rests on. Where a member is one of a list of words, later versions may add
 * words.
 */
public class KpiResult internal constructor(private val ffi: FfiKpi) {
    /** The method, as `fcr.live_weight.v1`. Another definition has another id. */
    public val id: String get() = ffi.id

    /** The number, never NaN or infinite; `null` where the figure is undefined. */
    public val value: Double? get() = ffi.value

    /** `ok`, or `undefined`: there is too little data for a number, or it has no meaning. */
    public val status: String get() = ffi.status

    /** Why it is undefined: `zero_denominator`, `too_few_values`, `no_values`, `low_coverage`, `not_defined`. */
    public val reason: String? get() = ffi.reason

    /** The unit of [value], as `fraction`, `percent`, `g_per_day`, `ratio`. */
    public val unit: String get() = ffi.unit

    /** The numerator, exact, where the figure is a quotient of integers. */
    public val num: BigInteger? = ffi.num?.let(::BigInteger)

    /** The denominator, likewise. Parts are merged by adding numerators and denominators, never by averaging values. */
    public val den: BigInteger? = ffi.den?.let(::BigInteger)

    /** How many values it rests on; 1 for a figure of totals. */
    public val n: Long get() = ffi.n

    /** How many values were missing. */
    public val missing: Long get() = ffi.missing

    /** What a feed conversion is based on, `live_weight` or `gain`; of a quantile `exact` or `histogram`. */
    public val basis: String? get() = ffi.basis

    /** Of a composite: the weight of the figures that are present, of the weight of all. */
    public val coverage: Double? get() = ffi.coverage

    /**
     * What to know before it is compared with another: `negative_gain`, `far_from_reference`, `basis_gain`, `small_sample`, `above_one`,
     * `input_missing`, `inventory_delta`.
     */
    public val warnings: List<String> get() = ffi.warnings

    /** A fraction times 100, for display; the value itself in any other unit. */
    public fun percent(): Double? = ffi.percent

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is KpiResult && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** Method, number and unit. */
    override fun toString(): String = "KpiResult($id = ${value ?: reason} $unit, n=$n, missing=$missing, warnings=$warnings)"
}

/** Mean, standard deviation, confidence interval and ends of a sample; a number that there is not enough for is `null`. */
public class Summary internal constructor(private val ffi: FfiSummary) {
    /** The method. */
    public val id: String get() = ffi.id

    /** The unit of all numbers. */
    public val unit: String get() = ffi.unit

    /** How many values there are. */
    public val n: Long get() = ffi.n

    /** How many were missing. */
    public val missing: Long get() = ffi.missing

    /** Their mean. */
    public val mean: Double? get() = ffi.mean

    /** Their standard deviation, of a sample (n − 1). */
    public val sd: Double? get() = ffi.sd

    /** The lower end of the 95 % confidence interval of the mean, with Student's t. */
    public val ci95Low: Double? get() = ffi.ci95Low

    /** Its upper end. */
    public val ci95High: Double? get() = ffi.ci95High

    /** The least value. */
    public val min: Double? get() = ffi.min

    /** The greatest. */
    public val max: Double? get() = ffi.max

    /** As [KpiResult.warnings]. */
    public val warnings: List<String> get() = ffi.warnings

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is Summary && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** Mean and spread. */
    override fun toString(): String = "Summary($id: mean=$mean, sd=$sd, n=$n, missing=$missing, $unit)"
}

/** A number for each value, in its place: [Kpi.normMinMax]. */
public class Norms internal constructor(private val ffi: FfiNorms) {
    /** The method. */
    public val id: String get() = ffi.id

    /** The norms, 0 to 1; `null` where the value was missing. */
    public val value: List<Double?> get() = ffi.value

    /** Their unit. */
    public val unit: String get() = ffi.unit

    /** How many values there are. */
    public val n: Long get() = ffi.n

    /** How many were missing. */
    public val missing: Long get() = ffi.missing

    /** As [KpiResult.warnings]. */
    public val warnings: List<String> get() = ffi.warnings

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is Norms && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** The norms. */
    override fun toString(): String = "Norms($id: $value)"
}

/** A place in a cohort: [Kpi.rank]. */
public class Ranked internal constructor(private val ffi: FfiRanked) {
    /** Whose place it is. */
    public val id: String get() = ffi.id

    /** The place, from 1; equal scores share one, and the next is left out. `null` without a score. */
    public val rank: Long? get() = ffi.rank

    /** The weighted mean of the norms, 0 to 1; `null` where too few figures are present. */
    public val score: Double? get() = ffi.score

    /** The weight of the figures that are present, of the weight of all. */
    public val coverage: Double get() = ffi.coverage

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is Ranked && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** Place and score. */
    override fun toString(): String = "Ranked($id, rank=$rank, score=$score, coverage=$coverage)"
}
