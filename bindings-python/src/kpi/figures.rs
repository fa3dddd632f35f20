//! The figures as functions of Python: keywords in, a result out. What an argument may be is the core's to say.

use std::borrow::Cow;

use gatewright::kpi::{self, Argument, Arguments};
use pyo3::prelude::*;

use super::argument::{Optional, Value};
use super::array::Array;
use super::{result, sample};
use crate::calls::PANICKED;
use crate::errors::exception;

/// From this many values on the GIL is released: releasing it has its price.
pub(crate) const LARGE: usize = 4096;

/// One argument: its name, and what Python gave, unless it was left out.
type Named<'a, 'py> = (&'static str, Option<&'a Bound<'py, PyAny>>);

/// Computes a figure of a list of values and some arguments.
fn figure<'py>(
    py: Python<'py>,
    method: &'static str,
    sample: Option<(&'static str, &Bound<'py, PyAny>)>,
    given: &[Named<'_, 'py>],
) -> PyResult<Bound<'py, PyAny>> {
    let array: Option<(&'static str, Array)> = sample.map(|(name, values)| Ok::<_, PyErr>((name, sample::array(values, name)?))).transpose()?;
    let is_large = array.as_ref().is_some_and(|(_, array)| array.sample().n() >= LARGE as u64);
    let mut values = Vec::new();
    for (name, value) in given {
        if let Some(value) = value {
            values.push((*name, Value::read(value, name)?));
        }
    }
    let lists = array.iter().map(|(name, array)| (Cow::Borrowed(*name), Argument::Sample(array.sample())));
    let arguments = Arguments::new(lists.chain(values.iter().map(|(name, value)| (Cow::Borrowed(*name), value.argument()))).collect());
    let evaluate = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| kpi::evaluate(method, arguments))).unwrap_or(Err(PANICKED));
    let done = if is_large { py.detach(evaluate) } else { evaluate() };
    match done {
        Ok(done) => result::python(py, done),
        Err(error) => Err(exception(py, &error)),
    }
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $method:literal $signature:tt [$($list:ident)?] [$($need:ident)*] [$($may:ident)*];)+) => {
        $(
            $(#[$doc])*
            #[pyfunction]
            #[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
            #[pyo3(signature = (*, $($list,)? $($need,)* $($may = Optional::Left,)*), text_signature = $signature)]
            fn $name<'py>(
                py: Python<'py>,
                $($list: &Bound<'py, PyAny>,)?
                $($need: &Bound<'py, PyAny>,)*
                $($may: Optional<'_, 'py>,)*
            ) -> PyResult<Bound<'py, PyAny>> {
                let list = None$(.or(Some((stringify!($list), $list))))?;
                figure(py, $method, list, &[$((stringify!($need), Some($need)),)* $((stringify!($may), $may.given()),)*])
            }
        )+

        /// Adds all of them to their module.
        pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add_function(wrap_pyfunction!($name, module)?)?;)+
            Ok(())
        }
    };
}

figures! {
    /// The share of animals that are left by the farm's rule: (placed + moved_in − dead − culled − moved_out) / (placed + moved_in).
    ///
    /// Undefined without animals; `kpi_inventory_mismatch` for more losses than animals.::
    ///
    ///     assert kpi.survival(placed=20_000, dead=800).value == 0.96
    survival "survival.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0)" [] [placed] [moved_in dead culled moved_out];

    /// The same, but animals that were moved away alive are no loss: both sides are without `moved_out`.
    ///
    /// Undefined without animals; `kpi_inventory_mismatch` for more losses than animals.
    survival_at_risk "survival.at_risk.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0)" [] [placed] [moved_in dead culled moved_out];

    /// The share of animals that died: dead / (placed + moved_in).
    ///
    /// Undefined without animals; `kpi_inventory_mismatch` for more losses than animals.
    mortality "mortality.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0)" [] [placed] [moved_in dead culled moved_out];

    /// The share of animals that were culled: culled / (placed + moved_in).
    ///
    /// Undefined without animals; `kpi_inventory_mismatch` for more losses than animals.
    cull "cull.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0)" [] [placed] [moved_in dead culled moved_out];

    /// The share of animals that died or were culled: (dead + culled) / (placed + moved_in).
    ///
    /// Undefined without animals; `kpi_inventory_mismatch` for more losses than animals.
    loss "loss.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0)" [] [placed] [moved_in dead culled moved_out];

    /// What the books miss by: (placed + moved_in) − (dead + culled + moved_out + sold + left).
    ///
    /// A difference is a warning, `inventory_delta`, not an error.
    inventory "inventory.v1" "(*, placed, moved_in=0, dead=0, culled=0, moved_out=0, sold=0, left=0)" [] [placed] [moved_in dead culled moved_out sold left];

    /// The share of animals that died on days 0 to 6; the day of placement is day 0.
    ///
    /// Undefined for fewer than 7 days, or with one of them missing.
    mortality_first_week "mortality.first_week.v1" "(*, placed, daily_dead)" [] [placed daily_dead] [];

    /// The sum over days of losses / animals present at the start of the day: the legal figure of 2007/43/EC.
    ///
    /// `daily_out` are those sold and moved out. Undefined without animals placed.
    mortality_cumulative_daily "mortality.cumulative_daily.v1" "(*, placed, daily_dead, daily_culled=(), daily_out=(), daily_in=())" [] [placed daily_dead] [daily_culled daily_out daily_in];

    /// Deaths per 1000 animals a week: 7000 · dead / head_days.
    ///
    /// `head_days` is a multiple of 0.5. Undefined for 0 head-days.
    mortality_per_1000_head_weeks "mortality.per_1000_head_weeks.v1" "(*, head_days, dead=0)" [] [head_days] [dead];

    /// Head-days by the mean of each day's start and end: Σ (start + end) / 2.
    ///
    /// `daily` has a row (start, end) or (start, end, moved_in) for each day.
    head_days_daily_mean "head_days.daily_mean.v1" "(*, daily)" [] [daily] [];

    /// Head-days by whole days: each animal counts the days that it was there.
    ///
    /// `entries` and `exits` have rows (day, count); the day of placement is day 0.
    head_days_exits "head_days.exits.v1" "(*, placed, days, entries=(), exits=())" [] [placed days] [entries exits];

    /// The mean of `x` weighted by head-days: Σ x·h / Σ h.
    ///
    /// Undefined where the head-days add up to 0.
    mean_head_day_weighted "mean.head_day_weighted.v1" "(*, x, head_days)" [] [x head_days] [];

    /// Average daily gain in g: (end − start) / days.
    ///
    /// Negative for a loss, with the warning `negative_gain`. Undefined for 0 days.
    adg_net "adg.net.v1" "(*, weight_start_g, weight_end_g, days)" [] [weight_start_g weight_end_g days] [];

    /// Average daily gain in g from a weight of zero, as breeders' tables have it: weight / age.
    ///
    /// Undefined for an age of 0.
    adg_from_zero "adg.from_zero.v1" "(*, weight_g, age_days)" [] [weight_g age_days] [];

    /// Average daily gain of a group in g: (sold + moved out − in) / head_days. Dead weight is left out.
    ///
    /// Undefined for 0 head-days.
    adg_group "adg.group.v1" "(*, weight_in_g, weight_sold_g, head_days, weight_moved_out_g=0)" [] [weight_in_g weight_sold_g head_days] [weight_moved_out_g];

    /// Average daily feed intake in g: feed / head_days.
    ///
    /// Undefined for 0 head-days.
    adfi "adfi.v1" "(*, feed_g, head_days)" [] [feed_g head_days] [];

    /// Feed conversion on live weight: feed / live weight.
    ///
    /// Undefined for a live weight of 0::
    ///
    ///     assert kpi.fcr_live_weight(feed_g=180, live_weight_out_g=202).value == 0.8910891089108911
    fcr_live_weight "fcr.live_weight.v1" "(*, feed_g, live_weight_out_g)" [] [feed_g live_weight_out_g] [];

    /// Feed conversion on gain: feed / (sold + moved out − started).
    ///
    /// `feed_g` is feed eaten: delivered + in the silo at the start − left or returned. Undefined without a gain.
    fcr_closeout "fcr.closeout.v1" "(*, feed_g, weight_started_g, weight_sold_g, weight_moved_out_g=0)" [] [feed_g weight_started_g weight_sold_g] [weight_moved_out_g];

    /// Feed conversion on gain, the weight of the dead included: feed / (sold + moved out + dead − started).
    ///
    /// Undefined without a gain.
    fcr_mortality_adjusted "fcr.mortality_adjusted.v1" "(*, feed_g, weight_started_g, weight_sold_g, weight_dead_g, weight_moved_out_g=0)" [] [feed_g weight_started_g weight_sold_g weight_dead_g] [weight_moved_out_g];

    /// Feed conversion at a reference weight: fcr − ((weight − reference) / 100) · per_100g.
    ///
    /// Warns of a reference more than 500 g away.
    fcr_corrected "fcr.corrected.v1" "(*, fcr, weight_g, reference_g, per_100g)" [] [fcr weight_g reference_g per_100g] [];

    /// Feed conversion of fish, the dead included: feed / (out + dead − in).
    ///
    /// Undefined without a gain.
    fcr_biological "fcr.biological.v1" "(*, feed_g, biomass_in_g, biomass_out_g, biomass_dead_g=0)" [] [feed_g biomass_in_g biomass_out_g] [biomass_dead_g];

    /// Feed conversion on egg mass: feed / egg mass.
    ///
    /// Undefined for an egg mass of 0.
    fcr_egg_mass "fcr.egg_mass.v1" "(*, feed_g, egg_mass_g)" [] [feed_g egg_mass_g] [];

    /// Feed in g for a dozen eggs: 12 · feed / eggs.
    ///
    /// Undefined for 0 eggs.
    feed_per_dozen "feed_per_dozen.v1" "(*, feed_g, eggs=0)" [] [feed_g] [eggs];

    /// Feed cost in minor units of the currency, a kilogram or a dozen eggs.
    ///
    /// Give either `weight_g` or `eggs`.
    feed_cost "feed_cost.v1" "(*, cost_minor, weight_g=..., eggs=...)" [] [cost_minor] [weight_g eggs];

    /// Water in ml for each g of feed.
    ///
    /// Undefined for 0 g of feed.
    water_feed "water_feed.v1" "(*, water_ml, feed_g)" [] [water_ml feed_g] [];

    /// Stocking density in kg / m².
    ///
    /// Undefined for an area of 0.
    density "density.v1" "(*, live_weight_g, area_cm2)" [] [live_weight_g area_cm2] [];

    /// Specific growth rate of fish, percent a day: 100 · (ln end − ln start) / days.
    ///
    /// Undefined for 0 days and for a weight of 0.
    sgr "sgr.v1" "(*, weight_start_g, weight_end_g, days)" [] [weight_start_g weight_end_g days] [];

    /// European production efficiency factor: survival · 100 · (weight in kg) / (age · fcr) · 100.
    ///
    /// `survival` is a fraction. `fcr` is a number, then with `fcr_basis` (`live_weight` or `gain`), or the result of an `fcr_…`
    /// call::
    ///
    ///     fcr = kpi.fcr_live_weight(feed_g=3478, live_weight_out_g=1850)
    ///     assert kpi.epef(survival=0.95, weight_g=1850, age_days=44, fcr=fcr).status == "ok"
    epef "epef.v1" "(*, survival, weight_g, age_days, fcr, fcr_basis=...)" [] [survival weight_g age_days fcr] [fcr_basis];

    /// European broiler index: adg · survival · 100 / (fcr · 10).
    ///
    /// `fcr` as in `epef`.
    ebi "ebi.v1" "(*, adg_g, survival, fcr, fcr_basis=...)" [] [adg_g survival fcr] [fcr_basis];

    /// Mean, standard deviation (n − 1) and 95 % confidence interval (Student's t) of the EPEF of several flocks.
    ///
    /// Gives a `Summary`.
    epef_flocks "epef.flocks.v1" "(*, values)" [values] [] [];

    /// Coefficient of variation in percent: 100 · sd / mean, of a sample (n − 1) unless `population`.
    ///
    /// Undefined for fewer than two values and for a mean of 0.
    cv "cv.v1" "(*, weights, population=False)" [weights] [] [population];

    /// 100 − CV, within 0 to 100.
    ///
    /// Undefined as `cv` is::
    ///
    ///     assert kpi.uniformity_score(weights=[2000, 2000, None]).missing == 1
    uniformity_score "uniformity.score.v1" "(*, weights)" [weights] [] [];

    /// The share of weights from (1 − band) · mean to (1 + band) · mean, both ends counted in.
    ///
    /// Undefined without weights and where they add up to 0.
    uniformity_band "uniformity.band.v1" "(*, weights, band=0.1)" [weights] [] [band];

    /// The share within ±10 % that a normal distribution of this CV (in percent) would have, in percent. For information only.
    ///
    /// A CV of 0 gives 100.
    uniformity_from_cv "uniformity.from_cv.v1" "(*, cv)" [] [cv] [];

    /// Mean weight with standard deviation and confidence interval, a `Summary`.
    ///
    /// Warns of a `small_sample`: fewer than 100, or than 1 % of `flock_size` where that is less.
    weight_mean "weight.mean.v1" "(*, weights, flock_size=...)" [weights] [] [flock_size];

    /// The farm's health score of 0 to 100 points, from three fractions.
    ///
    /// 0.4 · (100 − 1000 · mortality) + 0.3 · (100 − 100 · morbidity) + 0.3 · (100 − 100 · treatment), none below 0.
    health_farm "health.farm.v1" "(*, mortality, morbidity, treatment)" [] [mortality morbidity treatment] [];

    /// How far a figure is from its target: (actual − target) / |target|, a signed fraction.
    ///
    /// Two `Kpi`s, two numbers, or two `Quantity`s; two units raise `kpi_unit_mismatch`. Undefined for a target of 0::
    ///
    ///     gain = kpi.adg_from_zero(weight_g=2257, age_days=37)
    ///     assert kpi.deviation(actual=gain, target=kpi.Quantity(65, "g_per_day")).value < 0
    deviation "deviation.v1" "(*, actual, target)" [] [actual target] [];

    /// Each value's place between the least and the greatest, 0 to 1; 0.5 where all are equal. Gives `Norms`.
    ///
    /// A missing value stays missing.
    norm_min_max "norm.min_max.v1" "(*, values, lower_is_better=False)" [] [values] [lower_is_better];

    /// The weighted mean of the norms that are present, with the `coverage` of their weights.
    ///
    /// Both are mappings by name. Undefined below `min_coverage`.
    score_composite "score.composite.v1" "(*, norms, weights, min_coverage=0.5)" [] [norms weights] [min_coverage];

    /// The places of a cohort by their composite scores: a list of `Ranked`, the best first.
    ///
    /// `cohort` has a mapping {id, figures: {name: number or None}} for each, `weights` {name: {weight, lower_is_better}}.
    rank "rank.v1" "(*, cohort, weights)" [] [cohort weights] [];

    /// The percentile between the nearest ranks (type 7, as NumPy and pandas compute it by default); `p` is 0 to 1.
    ///
    /// Undefined without values.
    percentile_linear "percentile.linear.v1" "(*, values, p)" [values] [p] [];

    /// The smallest value that a share `p` of all, 0 to 1, does not pass.
    ///
    /// Undefined without values.
    percentile_nearest_rank "percentile.nearest_rank.v1" "(*, values, p)" [values] [p] [];

    /// errors / total.
    ///
    /// Undefined for a total of 0.
    error_rate "error_rate.v1" "(*, errors=0, total=0)" [] [] [errors total];

    /// (total − errors) / total.
    ///
    /// Undefined for a total of 0.
    availability "availability.v1" "(*, errors=0, total=0)" [] [] [errors total];

    /// Hen-day production: eggs / hen_days.
    ///
    /// Warns above 1: eggs are collected late. Undefined for 0 hen-days.
    hen_day "hen_day.v1" "(*, hen_days, eggs=0)" [] [hen_days] [eggs];

    /// Hen-housed production: eggs / (housed · days).
    ///
    /// Warns above 1. Undefined without hens or days.
    hen_housed "hen_housed.v1" "(*, days, eggs=0, housed=0)" [] [days] [eggs housed];

    /// Eggs for each hen housed.
    ///
    /// Undefined without hens.
    eggs_per_hen_housed "eggs_per_hen_housed.v1" "(*, eggs=0, housed=0)" [] [] [eggs housed];

    /// Egg mass in g a hen and day.
    ///
    /// Undefined for 0 hen-days.
    egg_mass_per_hen_day "egg_mass_per_hen_day.v1" "(*, egg_mass_g, hen_days)" [] [egg_mass_g hen_days] [];
}
