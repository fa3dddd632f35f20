package io.github.gatewright.conformance

import io.github.gatewright.FcrBasis
import io.github.gatewright.FloatMoments
import io.github.gatewright.Kpi
import io.github.gatewright.KpiResult
import io.github.gatewright.Moments
import io.github.gatewright.Norms
import io.github.gatewright.Ranked
import io.github.gatewright.Summary
import io.github.gatewright.testing.evaluateKpi

/**
 * A figure by its id, through its public function. What the function's types refuse, as a text for a number, goes to the core as JSON: the
 * code is the core's in every language.
 */
@Suppress("UNCHECKED_CAST")
internal fun evaluate(method: String, members: Map<String, Any?>): Map<String, Any?> {
    val figure = figureOrNull(method, members)
        ?: return readJson(evaluateKpi(method, writeJson(members)).toByteArray()) as Map<String, Any?>
    return when (val result = figure()) {
        is KpiResult -> result.offers()
        is Summary -> result.offers()
        is Norms -> result.offers()
        else -> mapOf("id" to method, "value" to (result as List<Ranked>).map(Ranked::offers), "n" to result.size)
    }
}

/** The call of a figure's public function; `null` where its types refuse the arguments. */
internal fun figureOrNull(method: String, members: Map<String, Any?>): (() -> Any)? = try {
    val arguments = FigureArguments(members)
    FIGURES[method]?.invoke(arguments).also { arguments.end() }
} catch (_: Inexpressible) {
    null
}

/** Takes the arguments; what it gives makes the call. */
private typealias Figure = (FigureArguments) -> () -> Any

private typealias Animals = (Long, Long, Long, Long, Long) -> KpiResult

private val FIGURES: Map<String, Figure> = mapOf(
    "survival.v1" to animals(Kpi::survival),
    "survival.at_risk.v1" to animals(Kpi::survivalAtRisk),
    "mortality.v1" to animals(Kpi::mortality),
    "cull.v1" to animals(Kpi::cull),
    "loss.v1" to animals(Kpi::loss),
    "inventory.v1" to { a ->
        val (placed, movedIn, dead, culled, movedOut) = counts(a)
        val (sold, left) = listOf(a.longOr("sold", 0), a.longOr("left", 0));
        { Kpi.inventory(placed, movedIn, dead, culled, movedOut, sold, left) }
    },
    "mortality.first_week.v1" to { a ->
        val (placed, dead) = a.long("placed") to a.longs("daily_dead")
        val array = dead.filterNotNull().toLongArray();
        { if (array.size == dead.size) Kpi.mortalityFirstWeek(placed, array) else Kpi.mortalityFirstWeek(placed, dead) }
    },
    "mortality.cumulative_daily.v1" to { a ->
        val (placed, dead, culled) = Triple(a.long("placed"), a.longs("daily_dead"), a.longsOrNone("daily_culled"))
        val (out, movedIn) = a.longsOrNone("daily_out") to a.longsOrNone("daily_in");
        { Kpi.mortalityCumulativeDaily(placed, dead, culled, out, movedIn) }
    },
    "mortality.per_1000_head_weeks.v1" to { a ->
        val (dead, headDays) = a.longOr("dead", 0) to a.number("head_days");
        { Kpi.mortalityPer1000HeadWeeks(dead, headDays) }
    },
    "head_days.daily_mean.v1" to { a -> a.days().let { { Kpi.headDaysDailyMean(it) } } },
    "head_days.exits.v1" to { a ->
        val (placed, days) = a.long("placed") to a.long("days")
        val (entries, exits) = a.movements("entries") to a.movements("exits");
        { Kpi.headDaysExits(placed, days, entries, exits) }
    },
    "mean.head_day_weighted.v1" to { a ->
        val (x, headDays) = a.numbers("x") to a.numbers("head_days")
        val (xs, days) = listOf(x, headDays).map { list -> list.filterIsInstance<Double>().toDoubleArray() }
        val areDoubles = xs.size == x.size && days.size == headDays.size;
        { if (areDoubles) Kpi.meanHeadDayWeighted(xs, days) else Kpi.meanHeadDayWeighted(x, headDays) }
    },
    "adg.net.v1" to { a ->
        val (start, end) = a.long("weight_start_g") to a.long("weight_end_g")
        a.number("days").let { { Kpi.adgNet(start, end, it) } }
    },
    "adg.from_zero.v1" to { a ->
        val (weight, age) = a.long("weight_g") to a.number("age_days");
        { Kpi.adgFromZero(weight, age) }
    },
    "adg.group.v1" to { a ->
        val (start, sold, out) = Triple(a.long("weight_in_g"), a.long("weight_sold_g"), a.longOr("weight_moved_out_g", 0))
        a.number("head_days").let { { Kpi.adgGroup(start, sold, it, out) } }
    },
    "sgr.v1" to { a ->
        val (start, end) = a.long("weight_start_g") to a.long("weight_end_g")
        a.number("days").let { { Kpi.sgr(start, end, it) } }
    },
    "adfi.v1" to { a -> (a.long("feed_g") to a.number("head_days")).let { (feed, days) -> { Kpi.adfi(feed, days) } } },
    "fcr.live_weight.v1" to longs("feed_g", "live_weight_out_g", Kpi::fcrLiveWeight),
    "fcr.closeout.v1" to { a ->
        val (feed, started, sold) = Triple(a.long("feed_g"), a.long("weight_started_g"), a.long("weight_sold_g"))
        a.longOr("weight_moved_out_g", 0).let { { Kpi.fcrCloseout(feed, started, sold, it) } }
    },
    "fcr.mortality_adjusted.v1" to { a ->
        val (feed, started, sold) = Triple(a.long("feed_g"), a.long("weight_started_g"), a.long("weight_sold_g"))
        val (dead, out) = a.long("weight_dead_g") to a.longOr("weight_moved_out_g", 0);
        { Kpi.fcrMortalityAdjusted(feed, started, sold, dead, out) }
    },
    "fcr.corrected.v1" to { a ->
        val (fcr, weight) = a.number("fcr") to a.long("weight_g")
        val (reference, per100G) = a.long("reference_g") to a.number("per_100g");
        { Kpi.fcrCorrected(fcr, weight, reference, per100G) }
    },
    "fcr.biological.v1" to { a ->
        val (feed, start, end) = Triple(a.long("feed_g"), a.long("biomass_in_g"), a.long("biomass_out_g"))
        a.longOr("biomass_dead_g", 0).let { { Kpi.fcrBiological(feed, start, end, it) } }
    },
    "fcr.egg_mass.v1" to longs("feed_g", "egg_mass_g", Kpi::fcrEggMass),
    "feed_per_dozen.v1" to longs("feed_g", "eggs", Kpi::feedPerDozen),
    "feed_cost.v1" to { a ->
        val (cost, weight, eggs) = Triple(a.long("cost_minor"), a.longOrNull("weight_g"), a.longOrNull("eggs"));
        { Kpi.feedCost(cost, weight, eggs) }
    },
    "water_feed.v1" to longs("water_ml", "feed_g", Kpi::waterFeed),
    "density.v1" to longs("live_weight_g", "area_cm2", Kpi::density),
    "hen_day.v1" to { a -> (a.long("eggs") to a.number("hen_days")).let { (eggs, days) -> { Kpi.henDay(eggs, days) } } },
    "hen_housed.v1" to { a ->
        val (eggs, housed, days) = Triple(a.long("eggs"), a.long("housed"), a.number("days"));
        { Kpi.henHoused(eggs, housed, days) }
    },
    "eggs_per_hen_housed.v1" to longs("eggs", "housed", Kpi::eggsPerHenHoused),
    "egg_mass_per_hen_day.v1" to { a ->
        val (mass, days) = a.long("egg_mass_g") to a.number("hen_days");
        { Kpi.eggMassPerHenDay(mass, days) }
    },
    "error_rate.v1" to { a -> (a.longOr("errors", 0) to a.long("total")).let { (errors, total) -> { Kpi.errorRate(errors, total) } } },
    "availability.v1" to { a -> (a.longOr("errors", 0) to a.long("total")).let { (errors, total) -> { Kpi.availability(errors, total) } } },
    "epef.v1" to { a ->
        val (survival, weight, age) = Triple(a.number("survival"), a.long("weight_g"), a.number("age_days"))
        conversion(a, { fcr, basis -> Kpi.epef(survival, weight, age, fcr, basis) }, { Kpi.epef(survival, weight, age, it) })
    },
    "ebi.v1" to { a ->
        val (adg, survival) = a.number("adg_g") to a.number("survival")
        conversion(a, { fcr, basis -> Kpi.ebi(adg, survival, fcr, basis) }, { Kpi.ebi(adg, survival, it) })
    },
    "health.farm.v1" to { a ->
        val (mortality, morbidity, treatment) = listOf("mortality", "morbidity", "treatment").map(a::number);
        { Kpi.healthFarm(mortality, morbidity, treatment) }
    },
    "deviation.v1" to { a ->
        val (actual, target) = a.quantity("actual") to a.quantity("target");
        { if (actual.unit == null && target.unit == null) Kpi.deviation(actual.value, target.value) else Kpi.deviation(actual, target) }
    },
    "uniformity.from_cv.v1" to { a -> a.number("cv").let { { Kpi.uniformityFromCv(it) } } },
    "norm.min_max.v1" to { a ->
        val (values, lower) = a.numbers("values") to a.flagOr("lower_is_better", false)
        val doubles = values.filterIsInstance<Double>().toDoubleArray();
        { if (doubles.size == values.size) Kpi.normMinMax(doubles, lower) else Kpi.normMinMax(values, lower) }
    },
    "score.composite.v1" to { a ->
        val weights = a.named("weights").mapValues { it.value ?: throw Inexpressible() }
        val (norms, least) = a.named("norms") to a.numberOr("min_coverage", 0.5);
        { Kpi.scoreComposite(norms, weights, least) }
    },
    "rank.v1" to { a -> (a.cohort() to a.weights()).let { (cohort, weights) -> { Kpi.rank(cohort, weights) } } },
    "cv.v1" to { a ->
        val whole = a.flagOr("population", false)
        sample(
            a.numbers("weights"),
            { Kpi.cv(it, whole) },
            { v, m -> Kpi.cv(v, whole, m) },
            { v, m -> Kpi.cv(v, whole, m) },
            { v, m -> Kpi.cv(v, whole, m) },
        )
    },
    "uniformity.score.v1" to { a ->
        sample(a.numbers("weights"), Kpi::uniformityScore, Kpi::uniformityScore, Kpi::uniformityScore, Kpi::uniformityScore)
    },
    "uniformity.band.v1" to { a ->
        val band = a.numberOr("band", 0.10)
        sample(
            a.numbers("weights"),
            { Kpi.uniformityBand(it, band) },
            { v, m -> Kpi.uniformityBand(v, band, m) },
            { v, m -> Kpi.uniformityBand(v, band, m) },
            { v, m -> Kpi.uniformityBand(v, band, m) },
        )
    },
    "weight.mean.v1" to { a ->
        val size = if (a.has("flock_size")) a.any("flock_size")?.let(FigureArguments::longOf) else null
        sample(
            a.numbers("weights"),
            { Kpi.weightMean(it, size) },
            { v, m -> Kpi.weightMean(v, size, m) },
            { v, m -> Kpi.weightMean(v, size, m) },
            { v, m -> Kpi.weightMean(v, size, m) },
        )
    },
    "percentile.linear.v1" to { a ->
        val p = a.number("p")
        sample(
            a.numbers("values"),
            { Kpi.percentileLinear(it, p) },
            { v, m -> Kpi.percentileLinear(v, p, m) },
            { v, m -> Kpi.percentileLinear(v, p, m) },
            { v, m -> Kpi.percentileLinear(v, p, m) },
        )
    },
    "percentile.nearest_rank.v1" to { a ->
        val p = a.number("p")
        sample(
            a.numbers("values"),
            { Kpi.percentileNearestRank(it, p) },
            { v, m -> Kpi.percentileNearestRank(v, p, m) },
            { v, m -> Kpi.percentileNearestRank(v, p, m) },
            { v, m -> Kpi.percentileNearestRank(v, p, m) },
        )
    },
    "epef.flocks.v1" to { a -> sample(a.numbers("values"), Kpi::epefFlocks, Kpi::epefFlocks, Kpi::epefFlocks, Kpi::epefFlocks) },
    "moments.integer.v1" to { a ->
        val parts = parts(a).map { part -> part.map { value -> value?.let(FigureArguments::longOf) } };
        {
            val all = Moments()
            for (part in parts) all.merge(Moments().apply { addAll(part) })
            all.snapshot()
        }
    },
    "moments.f64.v1" to { a ->
        val parts = parts(a).map { part -> part.map { value -> value?.let(FigureArguments::numberOf)?.toDouble() } };
        {
            val all = FloatMoments()
            for (part in parts) all.merge(FloatMoments().apply { addAll(part) })
            all.snapshot()
        }
    },
)

private fun animals(figure: Animals): Figure = { a ->
    val (placed, movedIn, dead, culled, movedOut) = counts(a);
    { figure(placed, movedIn, dead, culled, movedOut) }
}

private fun counts(a: FigureArguments) =
    listOf(a.long("placed"), a.longOr("moved_in", 0), a.longOr("dead", 0), a.longOr("culled", 0), a.longOr("moved_out", 0))

private fun longs(first: String, second: String, figure: (Long, Long) -> KpiResult): Figure = { a ->
    val (one, other) = a.long(first) to a.long(second);
    { figure(one, other) }
}

/** A feed conversion: a number with its basis, or another figure. */
private fun conversion(
    a: FigureArguments,
    ofNumber: (Number, FcrBasis) -> KpiResult,
    ofFigure: (KpiResult) -> KpiResult,
): () -> KpiResult {
    val given = a.any("fcr")
    if (given !is Map<*, *> || "f64" in given) {
        val (fcr, basis) = FigureArguments.numberOf(given) to a.basis()
        return { ofNumber(fcr, basis) }
    }
    if (given.keys != setOf("method", "args")) throw Inexpressible()
    @Suppress("UNCHECKED_CAST")
    val arguments = FigureArguments(given["args"] as? Map<String, Any?> ?: throw Inexpressible())
    val figure = (FIGURES[given["method"]] ?: throw Inexpressible())(arguments)
    arguments.end()
    return { ofFigure(figure() as KpiResult) }
}

private fun parts(a: FigureArguments): List<List<Any?>> =
    if (a.has("parts")) a.list("parts").map(FigureArguments::listOf) else listOf(a.list("values"))

/** A sample in one of the forms that can hold it: lists and arrays in turn, so that all are run. */
private fun sample(
    values: List<Number?>,
    list: (List<Number?>) -> Any,
    longs: (LongArray, BooleanArray?) -> Any,
    ints: (IntArray, BooleanArray?) -> Any,
    doubles: (DoubleArray, BooleanArray?) -> Any,
): () -> Any {
    val known = values.filterNotNull()
    if (known.any { it !is Long && it !is Double }) throw Inexpressible()
    val missing = if (known.size == values.size && values.size % 2 == 0) null else BooleanArray(values.size) { values[it] == null }
    fun <T> filled(zero: T, convert: (Number) -> T): List<T> = values.map { value -> value?.let(convert) ?: zero }
    val areInts = known.all { it is Long && it in Int.MIN_VALUE..Int.MAX_VALUE }
    return when {
        values.size % FORMS == 0 -> ({ list(values) })
        known.any { it is Double } -> ({ doubles(filled(0.0, Number::toDouble).toDoubleArray(), missing) })
        values.size % FORMS == 1 && areInts -> ({ ints(filled(0, Number::toInt).toIntArray(), missing) })
        else -> ({ longs(filled(0L, Number::toLong).toLongArray(), missing) })
    }
}

private const val FORMS = 3

private fun KpiResult.offers(): Map<String, Any?> = mapOf(
    "id" to id,
    "value" to value,
    "status" to status,
    "reason" to reason,
    "unit" to unit,
    "num" to num,
    "den" to den,
    "n" to n,
    "missing" to missing,
    "basis" to basis,
    "coverage" to coverage,
    "warnings" to warnings,
)

private fun Summary.offers(): Map<String, Any?> = mapOf(
    "id" to id,
    "unit" to unit,
    "n" to n,
    "missing" to missing,
    "mean" to mean,
    "sd" to sd,
    "ci95_low" to ci95Low,
    "ci95_high" to ci95High,
    "min" to min,
    "max" to max,
    "warnings" to warnings,
)

private fun Norms.offers(): Map<String, Any?> =
    mapOf("id" to id, "value" to value, "status" to "ok", "unit" to unit, "n" to n, "missing" to missing, "warnings" to warnings)

private fun Ranked.offers(): Map<String, Any?> = mapOf("id" to id, "rank" to rank, "score" to score, "coverage" to coverage)
