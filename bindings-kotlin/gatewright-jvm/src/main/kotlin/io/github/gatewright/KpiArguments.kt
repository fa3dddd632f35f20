package io.github.gatewright

/**
 * A number with its unit, as figures are; for [Kpi.deviation].
 *
 * @property value the number; `null` if it is missing.
 * @property unit the unit, as [KpiResult.unit] or a word of the caller's own; `null` if it has none.
 */
public class Quantity(public val value: Number?, public val unit: String?) {
    /** Number and unit. */
    override fun toString(): String = "Quantity($value $unit)"
}

/**
 * Animals of one day; for [Kpi.headDaysDailyMean]. A day of which a number is `null` is missing.
 *
 * @property start animals at its start.
 * @property end animals at its end.
 * @property movedIn animals that came in between.
 */
public class DayCount @JvmOverloads constructor(public val start: Long?, public val end: Long?, public val movedIn: Long? = 0) {
    /** All three. */
    override fun toString(): String = "DayCount(start=$start, end=$end, movedIn=$movedIn)"
}

/**
 * Animals that come or go; for [Kpi.headDaysExits].
 *
 * @property day the day, from 0: the day of placement.
 * @property count how many animals.
 */
public class Movement(public val day: Long, public val count: Long) {
    /** Day and count. */
    override fun toString(): String = "Movement(day=$day, count=$count)"
}

/**
 * A member of a cohort; for [Kpi.rank].
 *
 * @property id what tells it from the others.
 * @property figures its figures by name; `null` is missing.
 */
public class CohortMember(public val id: String, public val figures: Map<String, Number?>) {
    /** Id and figures. */
    override fun toString(): String = "CohortMember($id, $figures)"
}

/**
 * How much a figure counts; for [Kpi.rank].
 *
 * @property weight 0 or more; what counts is its share of the sum of all.
 * @property lowerIsBetter whether less of it is better, as of a feed conversion.
 */
public class FigureWeight @JvmOverloads constructor(public val weight: Number, public val lowerIsBetter: Boolean = false) {
    /** Both. */
    override fun toString(): String = "FigureWeight($weight, lowerIsBetter=$lowerIsBetter)"
}

/**
 * What a feed conversion is based on.
 *
 * @property code the word of [KpiResult.basis].
 */
public enum class FcrBasis(public val code: String) {
    /** Feed per live weight, as in breeders' tables. */
    LIVE_WEIGHT("live_weight"),

    /** Feed per gain. */
    GAIN("gain"),
}
