//! What each figure means, for whoever reads it.

/// The meaning of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// Its id.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// How it is computed, in words.
    pub formula: &'static str,
}

/// The definition of a figure; none of an unknown id.
///
/// ```
/// use gatewright::kpi;
///
/// assert_eq!(kpi::definition("adg.from_zero.v1").map(|figure| figure.formula), Some("weight in g / age in days"));
/// assert!(kpi::METHODS.iter().all(|id| kpi::definition(id).is_some()));
/// ```
#[must_use]
pub fn definition(id: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.id == id)
}

const fn of(id: &'static str, title: &'static str, formula: &'static str) -> Definition {
    Definition { id, title, formula }
}

const DEFINITIONS: &[Definition] = &[
    of("adfi.v1", "Daily feed intake", "feed eaten in g / head-days"),
    of("adg.from_zero.v1", "Daily gain from zero", "weight in g / age in days"),
    of("adg.group.v1", "Daily gain of the group", "(weight sold + moved out − weight in, in g) / head-days; the weight of the dead is left out"),
    of("adg.net.v1", "Daily gain, net", "(weight at the end − weight at the start, in g) / days"),
    of("availability.v1", "Availability", "(total − errors) / total"),
    of("cull.v1", "Culled", "culled / (placed + moved in)"),
    of("cv.v1", "Coefficient of variation", "100 × standard deviation (n − 1) / mean of the weights"),
    of("density.v1", "Stocking density", "10 × live weight in g / area in cm²"),
    of("deviation.v1", "Deviation from target", "(actual − target) / |target|"),
    of("ebi.v1", "European broiler index", "daily gain × survival × 100 / (feed conversion × 10)"),
    of("egg_mass_per_hen_day.v1", "Egg mass per hen and day", "egg mass in g / hen-days"),
    of("eggs_per_hen_housed.v1", "Eggs per hen housed", "eggs / hens housed"),
    of("epef.flocks.v1", "EPEF of flocks", "mean, standard deviation (n − 1) and 95 % confidence interval (Student's t)"),
    of("epef.v1", "European production efficiency factor", "survival × 100 × weight in kg / (age in days × feed conversion) × 100"),
    of("error_rate.v1", "Error rate", "errors / total"),
    of("fcr.biological.v1", "Feed conversion, biological", "feed / (biomass out + dead − in), in g"),
    of("fcr.closeout.v1", "Feed conversion on gain", "feed eaten / (weight sold + moved out − weight started), in g"),
    of("fcr.corrected.v1", "Feed conversion, corrected to a weight", "conversion − (weight − reference) / 100 × correction for 100 g"),
    of("fcr.egg_mass.v1", "Feed conversion on egg mass", "feed eaten / egg mass, in g"),
    of("fcr.live_weight.v1", "Feed conversion on live weight", "feed eaten / live weight sold, in g, as in breeders' tables"),
    of(
        "fcr.mortality_adjusted.v1",
        "Feed conversion, adjusted for mortality",
        "feed eaten / (weight sold + moved out + weight of the dead − weight started), in g",
    ),
    of("feed_cost.v1", "Feed cost", "1000 × cost of feed in minor units, as cents / live weight in g, or 12 × cost / eggs"),
    of("feed_per_dozen.v1", "Feed per dozen eggs", "12 × feed eaten in g / eggs"),
    of("head_days.daily_mean.v1", "Head-days", "sum over days of (animals at the start + at the end) / 2"),
    of("head_days.exits.v1", "Head-days by exits", "sum over animals of the whole days that each was there"),
    of(
        "health.farm.v1",
        "Health score",
        "0.4 × max(0, 100 − 1000 × mortality) + 0.3 × max(0, 100 − 100 × morbidity) + 0.3 × max(0, 100 − 100 × treatment)",
    ),
    of("hen_day.v1", "Laying rate, hen-day", "eggs / hen-days"),
    of("hen_housed.v1", "Laying rate, hen-housed", "eggs / (hens housed × days)"),
    of(
        "inventory.v1",
        "Inventory difference, animals",
        "(placed + moved in) − (dead + culled + moved out + sold + left); 0 where the books are right",
    ),
    of("loss.v1", "Losses", "(dead + culled) / (placed + moved in)"),
    of("mean.head_day_weighted.v1", "Mean, weighted by head-days", "sum of x × head-days / sum of head-days"),
    of("moments.f64.v1", "Moments of numbers", "count, mean, standard deviation (n − 1), ends"),
    of("moments.integer.v1", "Moments of whole numbers", "count, mean, standard deviation (n − 1), ends, of exact sums"),
    of(
        "mortality.cumulative_daily.v1",
        "Cumulative daily mortality",
        "sum over days of (dead + culled) / animals present at the day's start (2007/43/EC)",
    ),
    of("mortality.first_week.v1", "First-week mortality", "dead of days 0 to 6 / placed"),
    of("mortality.per_1000_head_weeks.v1", "Deaths per 1000 animals and week", "7000 × dead / head-days"),
    of("mortality.v1", "Mortality", "dead / (placed + moved in)"),
    of("norm.min_max.v1", "Norm within the cohort", "(x − least) / (greatest − least), turned round where lower is better; 0.5 where all are equal"),
    of("percentile.linear.v1", "Percentile, linear", "between neighbours of the sorted values at p × (n − 1) (type 7)"),
    of("percentile.nearest_rank.v1", "Percentile, nearest rank", "the smallest value that a share p of all is at most"),
    of("rank.v1", "Rank in the cohort", "by composite score; equal scores share a rank (1, 2, 2, 4)"),
    of("score.composite.v1", "Composite score", "sum of weight × norm / sum of the weights of the figures that are there"),
    of("sgr.v1", "Specific growth rate", "100 × (ln weight at the end − ln weight at the start) / days"),
    of("survival.at_risk.v1", "Survival of those at risk", "animals moved away alive count neither as lost nor as placed"),
    of("survival.v1", "Survival", "(placed + moved in − dead − culled − moved out) / (placed + moved in)"),
    of("uniformity.band.v1", "Uniformity ±10 %", "share of weights within 10 % of the mean, both ends counted in"),
    of("uniformity.from_cv.v1", "Uniformity from CV", "100 × (2Φ(10 / CV) − 1), if weights were normally distributed"),
    of("uniformity.score.v1", "Uniformity score", "100 − coefficient of variation, within 0 and 100"),
    of("water_feed.v1", "Water to feed, l/kg", "ml of water / g of feed"),
    of("weight.mean.v1", "Mean weight", "mean, standard deviation (n − 1) and 95 % confidence interval (Student's t)"),
];
