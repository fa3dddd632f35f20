//! Every figure by its id: what bindings, documents and vectors call. One place says which arguments a figure has.

use super::argument::{Argument, Arguments, Numbers};
use super::cohort::{Member, Norms, Ranked, Weight};
use super::daily::DailyLosses;
use super::feed::Closeout;
use super::head_days::{DayCount, Movement};
use super::moments::{FloatMoments, Moments};
use super::production::Fcr;
use super::result::Kpi;
use super::summary::Summary;
use super::survival::{Census, Inventory};
use super::target::Quantity;
use super::units::{AreaCm2, Days, Eggs, GramsPerDay, Heads, MassG, Money, VolumeMl};
use super::{Product, Reason};
use crate::error::{Error, Result};

/// What a figure gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Evaluated {
    /// One number.
    Kpi(Kpi),
    /// A number for each value.
    Norms(Norms),
    /// The places of a cohort: `rank.v1`.
    Ranking(Vec<Ranked>),
    /// Several numbers.
    Summary(Summary),
}

impl From<Kpi> for Evaluated {
    fn from(kpi: Kpi) -> Self {
        Self::Kpi(kpi)
    }
}

impl From<Summary> for Evaluated {
    fn from(summary: Summary) -> Self {
        Self::Summary(summary)
    }
}

/// The ids of all figures.
pub const METHODS: &[&str] = &[
    "adfi.v1",
    "adg.from_zero.v1",
    "adg.group.v1",
    "adg.net.v1",
    "availability.v1",
    "cull.v1",
    "cv.v1",
    "density.v1",
    "deviation.v1",
    "ebi.v1",
    "egg_mass_per_hen_day.v1",
    "eggs_per_hen_housed.v1",
    "epef.flocks.v1",
    "epef.v1",
    "error_rate.v1",
    "fcr.biological.v1",
    "fcr.closeout.v1",
    "fcr.corrected.v1",
    "fcr.egg_mass.v1",
    "fcr.live_weight.v1",
    "fcr.mortality_adjusted.v1",
    "feed_cost.v1",
    "feed_per_dozen.v1",
    "head_days.daily_mean.v1",
    "head_days.exits.v1",
    "health.farm.v1",
    "hen_day.v1",
    "hen_housed.v1",
    "inventory.v1",
    "loss.v1",
    "mean.head_day_weighted.v1",
    "moments.f64.v1",
    "moments.integer.v1",
    "mortality.cumulative_daily.v1",
    "mortality.first_week.v1",
    "mortality.per_1000_head_weeks.v1",
    "mortality.v1",
    "norm.min_max.v1",
    "percentile.linear.v1",
    "percentile.nearest_rank.v1",
    "rank.v1",
    "score.composite.v1",
    "sgr.v1",
    "survival.at_risk.v1",
    "survival.v1",
    "uniformity.band.v1",
    "uniformity.from_cv.v1",
    "uniformity.score.v1",
    "water_feed.v1",
    "weight.mean.v1",
];

/// A figure by its id, of arguments by name.
///
/// # Errors
/// `invalid_argument` for an unknown id, an argument that is left out, unknown or of a wrong kind; else what the figure's own function
/// gives.
///
/// ```
/// use gatewright::kpi::{self, Argument, Arguments, Evaluated};
///
/// let arguments = Arguments::new(vec![("feed_g".into(), Argument::Whole(180)), ("live_weight_out_g".into(), Argument::Real(202.0))]);
/// let Evaluated::Kpi(fcr) = kpi::evaluate("fcr.live_weight.v1", arguments)? else { unreachable!() };
/// assert_eq!(fcr.value, Some(0.8910891089108911));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn evaluate(method: &str, mut arguments: Arguments<'_>) -> Result<Evaluated> {
    let evaluated = figure(method, &mut arguments)?;
    arguments.end()?;
    Ok(evaluated)
}

/// Figures of lists come first: a name is looked for from the top, and these are asked for most.
fn figure(method: &str, a: &mut Arguments<'_>) -> Result<Evaluated> {
    Ok(match method {
        "cv.v1" => a.with_sample("weights", |weights, a| super::cv(weights, a.flag_or_false("population")?))?.into(),
        "uniformity.score.v1" => a.with_sample("weights", |weights, _| super::uniformity_score(weights))?.into(),
        "uniformity.band.v1" => a.with_sample("weights", |weights, a| super::uniformity_band(weights, a.fraction_or("band", 0.10)?))?.into(),
        "weight.mean.v1" => {
            let flock = a.take_known("flock_size").map(|size| size.count("flock_size")).transpose()?;
            a.with_sample("weights", |weights, _| super::weight_mean(weights, flock.map(Heads)))?.into()
        }
        "percentile.linear.v1" => a.with_sample("values", |values, a| super::percentile_linear(values, a.fraction("p")?))?.into(),
        "percentile.nearest_rank.v1" => a.with_sample("values", |values, a| super::percentile_nearest_rank(values, a.fraction("p")?))?.into(),
        "epef.flocks.v1" => a.with_sample("values", |values, _| super::epef_flocks(values))?.into(),
        _ => return animals_and_days(method, a),
    })
}

fn animals_and_days(method: &str, a: &mut Arguments<'_>) -> Result<Evaluated> {
    Ok(match method {
        "survival.v1" => super::survival(&animals(a)?)?.into(),
        "survival.at_risk.v1" => super::survival_at_risk(&animals(a)?)?.into(),
        "mortality.v1" => super::mortality(&animals(a)?)?.into(),
        "cull.v1" => super::cull(&animals(a)?)?.into(),
        "loss.v1" => super::loss(&animals(a)?)?.into(),
        "inventory.v1" => {
            let animals = animals(a)?;
            super::inventory(&Census { animals, sold: a.count_or_zero("sold")?, left: a.count_or_zero("left")? }).into()
        }
        "mortality.first_week.v1" => super::mortality_first_week(a.count("placed")?, &counts(a, "daily_dead")?)?.into(),
        "mortality.cumulative_daily.v1" => {
            let placed = a.count("placed")?;
            let (dead, culled) = (counts(a, "daily_dead")?, counts_or_none(a, "daily_culled")?);
            let (out, moved_in) = (counts_or_none(a, "daily_out")?, counts_or_none(a, "daily_in")?);
            let losses = DailyLosses { dead: &dead, culled: &culled, out: &out, moved_in: &moved_in };
            super::mortality_cumulative_daily(placed, &losses)?.into()
        }
        "mortality.per_1000_head_weeks.v1" => super::mortality_per_1000_head_weeks(Heads(a.count_or_zero("dead")?), a.head_days("head_days")?).into(),
        "head_days.daily_mean.v1" => super::head_days_daily_mean(&days(a)?)?.into(),
        "head_days.exits.v1" => {
            let (placed, entries, exits) = (a.count("placed")?, movements(a, "entries")?, movements(a, "exits")?);
            super::head_days_exits(placed, &entries, &exits, a.count("days")?)?.into()
        }
        "mean.head_day_weighted.v1" => {
            let x = a.list("x", |x| x.weighed("x"))?;
            super::head_days::weighted(&x, &a.list("head_days", |h| h.head_days("head_days"))?)?.into()
        }
        _ => return growth_and_feed(method, a),
    })
}

fn growth_and_feed(method: &str, a: &mut Arguments<'_>) -> Result<Evaluated> {
    Ok(match method {
        "adg.net.v1" => super::adg_net(mass(a, "weight_start_g")?, mass(a, "weight_end_g")?, Days(a.number("days")?))?.into(),
        "adg.from_zero.v1" => super::adg_from_zero(mass(a, "weight_g")?, Days(a.number("age_days")?))?.into(),
        "adg.group.v1" => {
            let (start, sold) = (mass(a, "weight_in_g")?, mass(a, "weight_sold_g")?);
            super::adg_group(start, sold, mass_or_zero(a, "weight_moved_out_g")?, a.head_days("head_days")?).into()
        }
        "sgr.v1" => super::sgr(mass(a, "weight_start_g")?, mass(a, "weight_end_g")?, Days(a.number("days")?))?.into(),
        "adfi.v1" => super::adfi(mass(a, "feed_g")?, a.head_days("head_days")?).into(),
        "fcr.live_weight.v1" => super::fcr_live_weight(mass(a, "feed_g")?, mass(a, "live_weight_out_g")?).into(),
        "fcr.closeout.v1" => super::fcr_closeout(&closeout(a)?).into(),
        "fcr.mortality_adjusted.v1" => super::fcr_mortality_adjusted(&closeout(a)?, mass(a, "weight_dead_g")?).into(),
        "fcr.corrected.v1" => {
            let (fcr, weight, reference) = (a.number("fcr")?, mass(a, "weight_g")?, mass(a, "reference_g")?);
            super::fcr_corrected(fcr, weight, reference, a.number("per_100g")?)?.into()
        }
        "fcr.biological.v1" => {
            let (feed, start, end) = (mass(a, "feed_g")?, mass(a, "biomass_in_g")?, mass(a, "biomass_out_g")?);
            super::fcr_biological(feed, start, end, mass_or_zero(a, "biomass_dead_g")?).into()
        }
        "fcr.egg_mass.v1" => super::fcr_egg_mass(mass(a, "feed_g")?, mass(a, "egg_mass_g")?).into(),
        "feed_per_dozen.v1" => super::feed_per_dozen(mass(a, "feed_g")?, Eggs(a.count_or_zero("eggs")?)).into(),
        "feed_cost.v1" => {
            let cost = Money(a.count("cost_minor")?);
            let product = match (a.take("weight_g"), a.take("eggs")) {
                (Some(weight), None) => Product::Weight(MassG(weight.count("weight_g")?)),
                (None, Some(eggs)) => Product::Eggs(Eggs(eggs.count("eggs")?)),
                _ => return Err(Error::invalid_argument("weight_g", "give either weight_g or eggs")),
            };
            super::feed_cost(cost, product).into()
        }
        "water_feed.v1" => super::water_feed(VolumeMl(a.count("water_ml")?), mass(a, "feed_g")?).into(),
        "density.v1" => super::density(mass(a, "live_weight_g")?, AreaCm2(a.count("area_cm2")?)).into(),
        "epef.v1" => {
            let (survival, weight, age) = (a.fraction("survival")?, mass(a, "weight_g")?, Days(a.number("age_days")?));
            super::epef(survival, weight, age, fcr(a)?)?.into()
        }
        "ebi.v1" => super::ebi(GramsPerDay(a.number("adg_g")?), a.fraction("survival")?, fcr(a)?)?.into(),
        _ => return scores_and_rates(method, a),
    })
}

fn scores_and_rates(method: &str, a: &mut Arguments<'_>) -> Result<Evaluated> {
    Ok(match method {
        "uniformity.from_cv.v1" => super::uniformity_from_cv(a.number("cv")?)?.into(),
        "health.farm.v1" => super::health_farm(a.fraction("mortality")?, a.fraction("morbidity")?, a.fraction("treatment")?)?.into(),
        "deviation.v1" => super::deviation_of(&quantity(a, "actual")?, &quantity(a, "target")?)?.into(),
        "norm.min_max.v1" => {
            let values = a.list("values", |value| value.real("values"))?;
            Evaluated::Norms(super::norm_min_max(&values, a.flag_or_false("lower_is_better")?)?)
        }
        "score.composite.v1" => {
            let norms = a.need("norms")?.named("norms", |norm| optional(norm, "norms"))?;
            let weights = a.need("weights")?.named("weights", |weight| weight.real("weights"))?;
            super::score_composite(&norms, &weights, a.fraction_or("min_coverage", 0.5)?)?.into()
        }
        "rank.v1" => {
            let cohort = a.need("cohort")?.list("cohort")?.into_iter().map(member).collect::<Result<Vec<_>>>()?;
            Evaluated::Ranking(super::rank(&cohort, &a.need("weights")?.named("weights", weight)?)?)
        }
        "error_rate.v1" => super::error_rate(a.count_or_zero("errors")?, a.count_or_zero("total")?)?.into(),
        "availability.v1" => super::availability(a.count_or_zero("errors")?, a.count_or_zero("total")?)?.into(),
        "hen_day.v1" => super::hen_day(Eggs(a.count_or_zero("eggs")?), a.head_days("hen_days")?).into(),
        "hen_housed.v1" => super::hen_housed(Eggs(a.count_or_zero("eggs")?), Heads(a.count_or_zero("housed")?), Days(a.number("days")?))?.into(),
        "eggs_per_hen_housed.v1" => super::eggs_per_hen_housed(Eggs(a.count_or_zero("eggs")?), Heads(a.count_or_zero("housed")?)).into(),
        "egg_mass_per_hen_day.v1" => super::egg_mass_per_hen_day(mass(a, "egg_mass_g")?, a.head_days("hen_days")?).into(),
        "moments.integer.v1" => integer_moments(a)?.snapshot()?.into(),
        "moments.f64.v1" => float_moments(a)?.snapshot()?.into(),
        _ => return Err(Error::invalid_argument("method", "name a figure by its id, as fcr.live_weight.v1")),
    })
}

fn animals(a: &mut Arguments<'_>) -> Result<Inventory> {
    Ok(Inventory {
        placed: a.count("placed")?,
        moved_in: a.count_or_zero("moved_in")?,
        dead: a.count_or_zero("dead")?,
        culled: a.count_or_zero("culled")?,
        moved_out: a.count_or_zero("moved_out")?,
    })
}

fn closeout(a: &mut Arguments<'_>) -> Result<Closeout> {
    Ok(Closeout {
        feed: mass(a, "feed_g")?,
        weight_started: mass(a, "weight_started_g")?,
        weight_sold: mass(a, "weight_sold_g")?,
        weight_moved_out: mass_or_zero(a, "weight_moved_out_g")?,
    })
}

fn mass(a: &mut Arguments<'_>, field: &'static str) -> Result<MassG> {
    a.count(field).map(MassG)
}

fn mass_or_zero(a: &mut Arguments<'_>, field: &'static str) -> Result<MassG> {
    a.count_or_zero(field).map(MassG)
}

fn counts(a: &mut Arguments<'_>, field: &'static str) -> Result<Vec<Option<u64>>> {
    a.list(field, |count| count.count(field))
}

fn counts_or_none(a: &mut Arguments<'_>, field: &'static str) -> Result<Vec<Option<u64>>> {
    a.list_or_empty(field, |count| count.count(field))
}

/// Days as [start, end] or [start, end, moved in], or by name; a day of which a number is missing is missing.
fn days(a: &mut Arguments<'_>) -> Result<Vec<Option<DayCount>>> {
    const DAILY: &str = "daily";
    let read = |day: Argument<'_>| {
        let [start, end, moved_in] = match day {
            Argument::Map(members) => {
                let mut day = Arguments::new(members);
                let read = [day.need("start")?, day.need("end")?, day.take("moved_in").unwrap_or(Argument::Whole(0))];
                day.end()?;
                read
            }
            list => {
                let mut list = list.list(DAILY)?.into_iter();
                match (list.next(), list.next(), list.next(), list.next()) {
                    (Some(start), Some(end), moved_in, None) => [start, end, moved_in.unwrap_or(Argument::Whole(0))],
                    _ => return Err(Error::invalid_argument(DAILY, "give start, end and moved_in of each day")),
                }
            }
        };
        if [&start, &end, &moved_in].contains(&&Argument::Null) {
            return Ok(None);
        }
        Ok(Some(DayCount { start: start.count(DAILY)?, end: end.count(DAILY)?, moved_in: moved_in.count(DAILY)? }))
    };
    Ok(a.list(DAILY, read)?.into_iter().map(Option::flatten).collect())
}

/// Movements as [day, count], or by name.
fn movements(a: &mut Arguments<'_>, field: &'static str) -> Result<Vec<Movement>> {
    let Some(list) = a.take(field) else { return Ok(Vec::new()) };
    let read = |movement: Argument<'_>| {
        let (day, count) = match movement {
            Argument::Map(members) => {
                let mut movement = Arguments::new(members);
                let read = (movement.need("day")?, movement.need("count")?);
                movement.end()?;
                read
            }
            list => {
                let mut list = list.list(field)?.into_iter();
                match (list.next(), list.next(), list.next()) {
                    (Some(day), Some(count), None) => (day, count),
                    _ => return Err(Error::invalid_argument(field, "give day and count of each")),
                }
            }
        };
        Ok(Movement { day: day.count(field)?, count: count.count(field)? })
    };
    list.list(field)?.into_iter().map(read).collect()
}

/// A number with `fcr_basis`, or a result: what another figure gave, with its value and basis, or that figure by `method` and `args`.
fn fcr(a: &mut Arguments<'_>) -> Result<Fcr> {
    let basis = a.take_known("fcr_basis").map(|basis| basis.text("fcr_basis")).transpose()?;
    let mut value = a.need("fcr")?;
    let (mut basis, mut reason) = (basis.map(std::borrow::Cow::into_owned), None);
    if let Argument::Map(members) = value {
        let mut result = Arguments::new(members);
        if let Some(method) = result.take("method") {
            let arguments = result.need("args")?.map("fcr")?;
            let Evaluated::Kpi(kpi) = evaluate(&method.text("fcr")?, arguments)? else {
                return Err(Error::invalid_argument("fcr", "give the result of an fcr figure"));
            };
            return Fcr::of(&kpi);
        }
        value = result.take("value").unwrap_or(Argument::Null);
        if let Some(own) = result.take_known("basis") {
            basis = Some(own.text("fcr")?.into_owned());
        }
        reason = result.take_known("reason").map(|reason| reason.text("fcr")).transpose()?;
    }
    let reason = reason.as_deref().and_then(Reason::from_name);
    let value = if value == Argument::Null && reason.is_some() { None } else { Some(value.real("fcr")?) };
    let basis = match basis.as_deref() {
        Some("live_weight") => super::Basis::LiveWeight,
        Some("gain") => super::Basis::Gain,
        _ => return Err(Error::invalid_argument("fcr_basis", "give live_weight or gain: what the conversion is based on")),
    };
    Ok(Fcr::new(value, basis, reason))
}

/// A bare number, or one with its unit, as figures are.
fn quantity(a: &mut Arguments<'_>, field: &'static str) -> Result<Quantity> {
    match a.need(field)? {
        Argument::Map(members) => {
            let mut of = Arguments::new(members);
            let value = of.need("value")?;
            let unit = of.take_known("unit").map(|unit| unit.text(field)).transpose()?;
            Ok(Quantity { value: optional(value, field)?, unit: unit.map(std::borrow::Cow::into_owned) })
        }
        number => Ok(Quantity { value: optional(number, field)?, unit: None }),
    }
}

fn optional(value: Argument<'_>, field: &'static str) -> Result<Option<f64>> {
    value.if_known(|value| value.real(field))
}

fn member(row: Argument<'_>) -> Result<Member> {
    let mut row = row.map("cohort")?;
    let id = row.need("id")?.text("id")?.into_owned();
    let figures = row.need("figures")?.named("figures", |figure| optional(figure, "figures"))?;
    row.end()?;
    Ok(Member { id, figures })
}

fn weight(weight: Argument<'_>) -> Result<Weight> {
    let mut weight = weight.map("weights")?;
    let read = Weight { weight: weight.need("weight")?.real("weights")?, lower_is_better: weight.flag_or_false("lower_is_better")? };
    weight.end()?;
    Ok(read)
}

/// Lists of values, each added to moments of its own and these then merged from left to right.
fn parts<'a>(a: &mut Arguments<'a>) -> Result<Vec<Argument<'a>>> {
    match a.take("parts") {
        Some(parts) => parts.list("parts"),
        None => Ok(vec![a.need("values")?]),
    }
}

fn integer_moments(a: &mut Arguments<'_>) -> Result<Moments> {
    let mut all = Moments::new();
    for part in parts(a)? {
        let list = part.list("parts")?;
        let mut moments = Moments::new();
        let known: Vec<u64> = list.iter().filter(|value| **value != Argument::Null).map(|value| value.count("parts")).collect::<Result<_>>()?;
        moments.add_missing(u64::try_from(list.len() - known.len()).unwrap_or(u64::MAX));
        moments.add_all(&known)?;
        all.merge(&moments)?;
    }
    Ok(all)
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
fn float_moments(a: &mut Arguments<'_>) -> Result<FloatMoments> {
    let mut all = FloatMoments::new();
    for part in parts(a)? {
        let (values, missing) = part.numbers("parts")?;
        let mut moments = FloatMoments::new();
        moments.add_missing(missing);
        match values {
            Numbers::Whole(values) => moments.add_all(&values.iter().map(|value| *value as f64).collect::<Vec<_>>())?,
            Numbers::Real(values) => moments.add_all(&values)?,
        }
        all.merge(&moments)?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_methods_is_the_list_of_figures() {
        for method in METHODS {
            // A figure that is there asks for its arguments, or has no number where all of them are counts.
            match evaluate(method, Arguments::default()) {
                Err(error) => assert!(!error.to_string().contains("method"), "{method}: {error}"),
                Ok(Evaluated::Kpi(kpi)) => assert_eq!((kpi.id, kpi.value), (*method, None)),
                Ok(other) => panic!("{method}: {other:?}"),
            }
        }
        assert!(METHODS.is_sorted());
        assert_eq!(evaluate("fcr.v1", Arguments::default()).unwrap_err().code(), "invalid_argument");
    }

    #[test]
    fn arguments_are_known_and_given_once() {
        let of = |names: &[&'static str]| {
            evaluate("survival.v1", Arguments::new(names.iter().map(|name| ((*name).into(), Argument::Whole(1))).collect()))
                .map_err(|error| error.code())
        };
        assert!(of(&["placed"]).is_ok());
        for names in [&["dead"][..], &["placed", "deed"], &["placed", "placed"]] {
            assert_eq!(of(names), Err("invalid_argument"));
        }
    }
    #[test]
    fn a_quantity_without_a_value_is_a_mistake_and_a_missing_value_none() {
        let of = |members: &[(&'static str, Argument<'static>)]| {
            let actual = Argument::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect());
            evaluate("deviation.v1", Arguments::new(vec![("actual".into(), actual), ("target".into(), Argument::Whole(1))]))
                .map_err(|error| error.code())
        };
        assert_eq!(of(&[]), Err("invalid_argument"));
        assert_eq!(of(&[("number", Argument::Whole(1))]), Err("invalid_argument"));
        let Ok(Evaluated::Kpi(none)) = of(&[("value", Argument::Null)]) else { panic!() };
        assert_eq!((none.value, none.reason), (None, Some(Reason::NoValues)));
    }

    #[test]
    fn digits_past_every_integer_are_still_a_number() {
        let of = |method, field: &'static str, digits: String| {
            evaluate(method, Arguments::new(vec![(field.into(), Argument::Text(digits.into()))])).map_err(|error| error.code())
        };
        assert!(of("uniformity.from_cv.v1", "cv", format!("1{}", "0".repeat(40))).is_ok());
        assert_eq!(of("uniformity.from_cv.v1", "cv", "9".repeat(400)), Err("kpi_overflow"));
        assert_eq!(of("survival.v1", "placed", "9".repeat(40)), Err("kpi_overflow"));
        assert_eq!(of("survival.v1", "placed", format!("-{}", "9".repeat(40))), Err("kpi_negative"));
    }
}
