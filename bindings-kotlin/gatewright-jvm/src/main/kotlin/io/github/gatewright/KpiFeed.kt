package io.github.gatewright

import io.github.gatewright.internal.figure
import io.github.gatewright.internal.given

/** The figures of growth, feed and eggs: see [Kpi]. */
public sealed interface KpiFeed {
    /** Daily gain in g: `(weightEndG − weightStartG) / days`; a loss of weight is negative, with a warning. */
    public fun adgNet(weightStartG: Long, weightEndG: Long, days: Number): KpiResult =
        figure("adg.net.v1", "weight_start_g" given weightStartG, "weight_end_g" given weightEndG, "days" given days)

    /** Daily gain in g as breeders print it: `weightG / ageDays`. */
    public fun adgFromZero(weightG: Long, ageDays: Number): KpiResult =
        figure("adg.from_zero.v1", "weight_g" given weightG, "age_days" given ageDays)

    /** Daily gain of a group in g a head: `(weightSoldG + weightMovedOutG − weightInG) / headDays`; the dead are left out. */
    public fun adgGroup(weightInG: Long, weightSoldG: Long, headDays: Number, weightMovedOutG: Long = 0): KpiResult = figure(
        "adg.group.v1",
        "weight_in_g" given weightInG,
        "weight_sold_g" given weightSoldG,
        "weight_moved_out_g" given weightMovedOutG,
        "head_days" given headDays,
    )

    /** Specific growth rate of fish, in percent a day: `100 · (ln end − ln start) / days`. */
    public fun sgr(weightStartG: Long, weightEndG: Long, days: Number): KpiResult =
        figure("sgr.v1", "weight_start_g" given weightStartG, "weight_end_g" given weightEndG, "days" given days)

    /** Daily feed in g a head: `feedG / headDays`. */
    public fun adfi(feedG: Long, headDays: Number): KpiResult = figure("adfi.v1", "feed_g" given feedG, "head_days" given headDays)

    /**
     * Feed conversion by live weight, as in breeders' tables: `feedG / liveWeightOutG`.
     *
     * ```
     * Kpi.fcrLiveWeight(feedG = 180, liveWeightOutG = 202).value        // 0.8910891089108911
     * ```
     */
    public fun fcrLiveWeight(feedG: Long, liveWeightOutG: Long): KpiResult =
        figure("fcr.live_weight.v1", "feed_g" given feedG, "live_weight_out_g" given liveWeightOutG)

    /**
     * Feed conversion by gain: `feedG / (weightSoldG + weightMovedOutG − weightStartedG)`.
     *
     * @param feedG feed eaten: delivered, and in the silo at the start, less what was left or returned.
     */
    public fun fcrCloseout(feedG: Long, weightStartedG: Long, weightSoldG: Long, weightMovedOutG: Long = 0): KpiResult = figure(
        "fcr.closeout.v1",
        "feed_g" given feedG,
        "weight_started_g" given weightStartedG,
        "weight_sold_g" given weightSoldG,
        "weight_moved_out_g" given weightMovedOutG,
    )

    /** [fcrCloseout] with the weight of the dead as gain. */
    public fun fcrMortalityAdjusted(
        feedG: Long,
        weightStartedG: Long,
        weightSoldG: Long,
        weightDeadG: Long,
        weightMovedOutG: Long = 0,
    ): KpiResult = figure(
        "fcr.mortality_adjusted.v1",
        "feed_g" given feedG,
        "weight_started_g" given weightStartedG,
        "weight_sold_g" given weightSoldG,
        "weight_moved_out_g" given weightMovedOutG,
        "weight_dead_g" given weightDeadG,
    )

    /**
     * A feed conversion at another weight: `fcr − ((weightG − referenceG) / 100) · per100G`. More than 500 g from the reference: a warning.
     *
     * @throws GatewrightException.KpiError `kpi_out_of_range` where the result is 0 or less.
     */
    public fun fcrCorrected(fcr: Number, weightG: Long, referenceG: Long, per100G: Number): KpiResult = figure(
        "fcr.corrected.v1",
        "fcr" given fcr,
        "weight_g" given weightG,
        "reference_g" given referenceG,
        "per_100g" given per100G,
    )

    /** Biological feed conversion of fish: `feedG / (biomassOutG + biomassDeadG − biomassInG)`. */
    public fun fcrBiological(feedG: Long, biomassInG: Long, biomassOutG: Long, biomassDeadG: Long = 0): KpiResult = figure(
        "fcr.biological.v1",
        "feed_g" given feedG,
        "biomass_in_g" given biomassInG,
        "biomass_out_g" given biomassOutG,
        "biomass_dead_g" given biomassDeadG,
    )

    /** Feed per egg mass. */
    public fun fcrEggMass(feedG: Long, eggMassG: Long): KpiResult = figure("fcr.egg_mass.v1", "feed_g" given feedG, "egg_mass_g" given eggMassG)

    /** Feed in g per dozen eggs. */
    public fun feedPerDozen(feedG: Long, eggs: Long = 0): KpiResult = figure("feed_per_dozen.v1", "feed_g" given feedG, "eggs" given eggs)

    /**
     * What feed costs, in the currency's minor units, by kg of [weightG] or by dozen [eggs]: give one of the two.
     *
     * @throws GatewrightException.InvalidArgument both are given, or none.
     */
    public fun feedCost(costMinor: Long, weightG: Long? = null, eggs: Long? = null): KpiResult {
        val product = listOfNotNull(weightG?.let { "weight_g" given it }, eggs?.let { "eggs" given it })
        return figure("feed_cost.v1", "cost_minor" given costMinor, *product.toTypedArray())
    }

    /** Water by feed, ml to g. */
    public fun waterFeed(waterMl: Long, feedG: Long): KpiResult = figure("water_feed.v1", "water_ml" given waterMl, "feed_g" given feedG)

    /** Kilograms a square metre. */
    public fun density(liveWeightG: Long, areaCm2: Long): KpiResult =
        figure("density.v1", "live_weight_g" given liveWeightG, "area_cm2" given areaCm2)

    /** Eggs by hens present: `eggs / henDays`; above 1, as when eggs are collected late: a warning. */
    public fun henDay(eggs: Long = 0, henDays: Number): KpiResult = figure("hen_day.v1", "eggs" given eggs, "hen_days" given henDays)

    /** Eggs by hens housed and days; above 1: a warning. */
    public fun henHoused(eggs: Long = 0, housed: Long = 0, days: Number): KpiResult =
        figure("hen_housed.v1", "eggs" given eggs, "housed" given housed, "days" given days)

    /** Eggs by hens housed. */
    public fun eggsPerHenHoused(eggs: Long = 0, housed: Long = 0): KpiResult = figure("eggs_per_hen_housed.v1", "eggs" given eggs, "housed" given housed)

    /** Egg mass in g by hens present. */
    public fun eggMassPerHenDay(eggMassG: Long, henDays: Number): KpiResult =
        figure("egg_mass_per_hen_day.v1", "egg_mass_g" given eggMassG, "hen_days" given henDays)
}
