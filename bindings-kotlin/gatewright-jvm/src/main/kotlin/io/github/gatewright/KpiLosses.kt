package io.github.gatewright

import io.github.gatewright.internal.figure
import io.github.gatewright.internal.given

/** The figures of animals that are lost, and of the days that they were there: see [Kpi]. */
public sealed interface KpiLosses {
    /**
     * The share of animals that were not lost or moved away: `(placed + movedIn − dead − culled − movedOut) / (placed + movedIn)`.
     *
     * ```
     * Kpi.survival(placed = 20_000, dead = 800).value        // 0.96
     * ```
     *
     * @throws GatewrightException.KpiError `kpi_inventory_mismatch` where more are lost than came; `kpi_negative`.
     */
    public fun survival(placed: Long, movedIn: Long = 0, dead: Long = 0, culled: Long = 0, movedOut: Long = 0): KpiResult =
        animals("survival.v1", placed, movedIn, dead, culled, movedOut)

    /** [survival] of the animals at risk: those that were moved away alive are no loss, and count in neither number. */
    public fun survivalAtRisk(placed: Long, movedIn: Long = 0, dead: Long = 0, culled: Long = 0, movedOut: Long = 0): KpiResult =
        animals("survival.at_risk.v1", placed, movedIn, dead, culled, movedOut)

    /** The share that died: `dead / (placed + movedIn)`. Errors as [survival]. */
    public fun mortality(placed: Long, movedIn: Long = 0, dead: Long = 0, culled: Long = 0, movedOut: Long = 0): KpiResult =
        animals("mortality.v1", placed, movedIn, dead, culled, movedOut)

    /** The share that was culled: `culled / (placed + movedIn)`. Errors as [survival]. */
    public fun cull(placed: Long, movedIn: Long = 0, dead: Long = 0, culled: Long = 0, movedOut: Long = 0): KpiResult =
        animals("cull.v1", placed, movedIn, dead, culled, movedOut)

    /** The share that died or was culled: `(dead + culled) / (placed + movedIn)`. Errors as [survival]. */
    public fun loss(placed: Long, movedIn: Long = 0, dead: Long = 0, culled: Long = 0, movedOut: Long = 0): KpiResult =
        animals("loss.v1", placed, movedIn, dead, culled, movedOut)

    /**
     * Whether the animals add up: `placed + movedIn − dead − culled − movedOut − sold − left`. A difference is a warning, no error: real
     * flocks miss by the hatchery's count.
     */
    public fun inventory(
        placed: Long,
        movedIn: Long = 0,
        dead: Long = 0,
        culled: Long = 0,
        movedOut: Long = 0,
        sold: Long = 0,
        left: Long = 0,
    ): KpiResult = figure(
        "inventory.v1",
        "placed" given placed,
        "moved_in" given movedIn,
        "dead" given dead,
        "culled" given culled,
        "moved_out" given movedOut,
        "sold" given sold,
        "left" given left,
    )

    /**
     * The share that died on days 0–6. Fewer days, or one missing among them: undefined.
     *
     * @param dailyDead the dead of each day from day 0; `null` is missing.
     * @throws GatewrightException.KpiError `kpi_inventory_mismatch` where more died than were placed.
     */
    public fun mortalityFirstWeek(placed: Long, dailyDead: List<Long?>): KpiResult =
        figure("mortality.first_week.v1", "placed" given placed, "daily_dead" given dailyDead)

    /** [mortalityFirstWeek] of an array. */
    public fun mortalityFirstWeek(placed: Long, dailyDead: LongArray): KpiResult = mortalityFirstWeek(placed, dailyDead.asList())

    /**
     * The sum over days of the losses of a day by the animals present at its start. Lists are of one length, or empty.
     *
     * @param dailyOut animals sold or moved out, of each day.
     * @throws GatewrightException.KpiError `kpi_inventory_mismatch` where more are lost than are present.
     */
    public fun mortalityCumulativeDaily(
        placed: Long,
        dailyDead: List<Long?>,
        dailyCulled: List<Long?> = emptyList(),
        dailyOut: List<Long?> = emptyList(),
        dailyIn: List<Long?> = emptyList(),
    ): KpiResult = figure(
        "mortality.cumulative_daily.v1",
        "placed" given placed,
        "daily_dead" given dailyDead,
        "daily_culled" given dailyCulled,
        "daily_out" given dailyOut,
        "daily_in" given dailyIn,
    )

    /** Deaths per 1000 animals a week: `7000 · dead / headDays`. */
    public fun mortalityPer1000HeadWeeks(dead: Long = 0, headDays: Number): KpiResult =
        figure("mortality.per_1000_head_weeks.v1", "dead" given dead, "head_days" given headDays)

    /**
     * Animals times days, each day by the mean of its start and end.
     *
     * @throws GatewrightException.KpiError `kpi_inventory_mismatch` where more are there at the end than can be.
     */
    public fun headDaysDailyMean(daily: List<DayCount>): KpiResult =
        figure("head_days.daily_mean.v1", "daily" given daily.map { listOf(it.start, it.end, it.movedIn) })

    /**
     * Animals times days, by the day on which each came and went.
     *
     * @param days how many days are counted, from day 0.
     * @throws GatewrightException.KpiError `kpi_inventory_mismatch` where more go than are there, or after the end.
     */
    public fun headDaysExits(
        placed: Long,
        days: Long,
        entries: List<Movement> = emptyList(),
        exits: List<Movement> = emptyList(),
    ): KpiResult = figure(
        "head_days.exits.v1",
        "placed" given placed,
        "entries" given entries.map { listOf(it.day, it.count) },
        "exits" given exits.map { listOf(it.day, it.count) },
        "days" given days,
    )

    /** The mean of [x] weighted by head-days: `Σ x · h / Σ h`. A pair of which one is `null` is missing. */
    public fun meanHeadDayWeighted(x: List<Number?>, headDays: List<Number?>): KpiResult =
        figure("mean.head_day_weighted.v1", "x" given x, "head_days" given headDays)

    /** [meanHeadDayWeighted] of arrays. */
    public fun meanHeadDayWeighted(x: DoubleArray, headDays: DoubleArray): KpiResult =
        figure("mean.head_day_weighted.v1", "x" given x, "head_days" given headDays)

    private fun animals(method: String, placed: Long, movedIn: Long, dead: Long, culled: Long, movedOut: Long) = figure(
        method,
        "placed" given placed,
        "moved_in" given movedIn,
        "dead" given dead,
        "culled" given culled,
        "moved_out" given movedOut,
    )
}
