//! The figures of a batch, each where there is what it needs.

use std::collections::BTreeMap;

use super::batch::{Batch, Day};
use super::column::Field;
use crate::error::Result;
use crate::kpi::{
    self, AreaCm2, Closeout, DailyLosses, DayCount, Days, Eggs, Fcr, Fraction, GramsPerDay, HeadDays, Heads, Inventory, Kpi, MassG, Money, Product,
    Sample, Summary, VolumeMl, Warning,
};

/// The figures of a batch, and what its plots show.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Computed {
    pub(super) figures: Vec<Kpi>,
    /// Of the last weighing.
    pub(super) weights: Option<(u64, Summary)>,
    pub(super) growth: Vec<Weighing>,
    /// Day, and cumulative mortality.
    pub(super) mortality: Vec<(u64, f64)>,
    /// How many animals of the last weighing had each weight in g.
    pub(super) distribution: Vec<(f64, u64)>,
    /// The age in days at the end.
    pub(super) age: Option<u64>,
    /// Figures that could not be computed, and why.
    pub(super) incomplete: Vec<String>,
}

/// The weighing of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Weighing {
    /// The day, from placement.
    pub day: u64,
    /// How many were weighed.
    pub n: u64,
    /// Their mean weight in g.
    pub mean_g: f64,
    /// Their uniformity score, where there were two at least.
    pub uniformity: Option<f64>,
}

/// Sums over all days.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    animals: Inventory,
    sold: u64,
    live_weight_out_g: u64,
    feed_g: u64,
    feed_left_g: u64,
    water_ml: u64,
    eggs: u64,
    egg_mass_g: u64,
    cost_minor: u64,
}

/// Everything about a batch that its rows allow.
pub(super) fn compute(batch: &Batch) -> Computed {
    let days = batch.by_day();
    let mut computed = Computed { age: days.last().map(|(day, _)| *day), ..Computed::default() };
    let Some(sums) = Sums::of(&days) else {
        computed.incomplete.push("a sum of the batch is too large: look at the units".to_owned());
        return computed;
    };
    weigh(&mut computed, &days);
    let mut figures = Figures { batch, sums, days: &days, computed, head_days: None };
    figures.animals();
    figures.growth();
    figures.feed();
    figures.eggs();
    figures.computed
}

impl Sums {
    fn of(days: &[(u64, &Day)]) -> Option<Self> {
        let sum = |field: fn(&Day) -> u64| days.iter().try_fold(0_u64, |sum, (_, day)| sum.checked_add(field(day)));
        Some(Self {
            animals: Inventory {
                placed: sum(|day| day.placed)?,
                moved_in: sum(|day| day.moved_in)?,
                dead: sum(|day| day.dead)?,
                culled: sum(|day| day.culled)?,
                moved_out: sum(|day| day.moved_out)?,
            },
            sold: sum(|day| day.sold)?,
            live_weight_out_g: sum(|day| day.live_weight_out_g)?,
            feed_g: sum(|day| day.feed_g)?,
            feed_left_g: sum(|day| day.feed_left_g)?,
            water_ml: sum(|day| day.water_ml)?,
            eggs: sum(|day| day.eggs)?,
            egg_mass_g: sum(|day| day.egg_mass_g)?,
            cost_minor: sum(|day| day.cost_minor)?,
        })
    }
}

struct Figures<'b> {
    batch: &'b Batch,
    sums: Sums,
    days: &'b [(u64, &'b Day)],
    computed: Computed,
    head_days: Option<HeadDays>,
}

impl Figures<'_> {
    /// Keeps a figure; marks it where a cell of what it rests on could not be read.
    fn keep(&mut self, rests_on: &[Field], figure: Result<Kpi>) -> Option<Kpi> {
        match figure {
            Ok(kpi) => {
                let lost: u64 = rests_on.iter().filter_map(|field| self.batch.lost.get(field)).sum();
                let mut kpi = Kpi { missing: kpi.missing.saturating_add(lost), ..kpi };
                if lost > 0 && !kpi.warnings.contains(&Warning::InputMissing) {
                    kpi.warnings.push(Warning::InputMissing);
                }
                self.computed.figures.push(kpi.clone());
                Some(kpi)
            }
            Err(error) => {
                let told = error.to_string();
                if !self.computed.incomplete.contains(&told) {
                    self.computed.incomplete.push(told);
                }
                None
            }
        }
    }

    fn has(&self, field: Field) -> bool {
        self.batch.has(field)
    }

    fn animals(&mut self) {
        if !self.has(Field::Placed) && !self.has(Field::MovedIn) {
            self.computed.incomplete.push("no animals were placed: survival, mortality and all that rests on them is left out".to_owned());
            return;
        }
        let (animals, sold) = (self.sums.animals, self.sums.sold);
        let losses = [Field::Placed, Field::MovedIn, Field::Dead, Field::Culled, Field::MovedOut];
        for figure in [kpi::survival, kpi::mortality, kpi::cull, kpi::loss] {
            self.keep(&losses, figure(&animals));
        }
        if animals.moved_out > 0 {
            self.keep(&losses, kpi::survival_at_risk(&animals));
        }
        if sold > 0 {
            let left = 0;
            self.keep(&losses, Ok(kpi::inventory(&kpi::Census { animals, sold, left })));
        }
        let Some(daily) = self.daily() else {
            self.computed.incomplete.push("the rows of the batch are more than ten years apart: figures by day are left out".to_owned());
            return;
        };
        let column = |count: fn(&Day) -> u64| daily.iter().map(|day| Some(day.as_ref().map_or(0, count))).collect::<Vec<_>>();
        let (dead, culled, moved_in) = (column(|day| day.dead), column(|day| day.culled), column(|day| day.moved_in));
        let out = daily.iter().map(|day| day.as_ref().map_or(Some(0), |day| day.sold.checked_add(day.moved_out))).collect::<Vec<_>>();
        if self.batch.is_daily() {
            self.keep(&[Field::Dead], kpi::mortality_first_week(animals.placed, &dead));
            let losses_by_day = DailyLosses { dead: &dead, culled: &culled, out: &out, moved_in: &moved_in };
            self.keep(&losses, kpi::mortality_cumulative_daily(animals.placed, &losses_by_day));
        }
        self.count_head_days(&daily, &losses);
    }

    /// A day for each from placement to the end, with what rows say of it; none where that would be more than ten years.
    fn daily(&self) -> Option<Vec<Option<Day>>> {
        let last = self.days.last().map_or(0, |(day, _)| *day);
        if last > TEN_YEARS {
            return None;
        }
        let told: BTreeMap<u64, &Day> = self.days.iter().copied().collect();
        Some((0..=last).map(|day| told.get(&day).map(|day| (*day).clone())).collect())
    }

    fn count_head_days(&mut self, daily: &[Option<Day>], losses: &[Field]) {
        let (mut present, mut counts) = (0_u64, Vec::with_capacity(daily.len()));
        let (mut lost, placed) = (0_u64, self.sums.animals.placed);
        for (at, day) in (0_u64..).zip(daily) {
            let none = Day::default();
            let day = day.as_ref().unwrap_or(&none);
            let start = present.saturating_add(day.placed);
            let end = start
                .saturating_add(day.moved_in)
                .checked_sub(day.dead.saturating_add(day.culled).saturating_add(day.moved_out).saturating_add(day.sold));
            let Some(end) = end else {
                self.computed.incomplete.push(format!("day {at}: more animals were lost and sold than were there (line {})", day.line));
                return;
            };
            counts.push(Some(DayCount { start, end, moved_in: day.moved_in }));
            present = end;
            lost = lost.saturating_add(day.dead);
            if placed > 0 {
                self.computed.mortality.push((at, ratio(lost, placed)));
            }
        }
        let head_days = self.keep(losses, kpi::head_days_daily_mean(&counts));
        self.head_days = head_days.and_then(|kpi| kpi.value).and_then(|days| HeadDays::new(days).ok());
        if let Some(head_days) = self.head_days {
            self.keep(losses, Ok(kpi::mortality_per_1000_head_weeks(Heads(self.sums.animals.dead), head_days)));
        }
    }

    fn growth(&mut self) {
        let sold = self.sold_weight();
        let last = self.computed.growth.last().copied();
        if let Some((weight, age)) = sold.or_else(|| last.map(|weighing| (rounded(weighing.mean_g), weighing.day))) {
            let rests_on = [Field::LiveWeightOut, Field::Sold, Field::Weights];
            self.keep(&rests_on, kpi::adg_from_zero(MassG(weight), days(age)));
            if let Some(first) = self.computed.growth.first().copied().filter(|first| first.day < age) {
                self.keep(&rests_on, kpi::adg_net(MassG(rounded(first.mean_g)), MassG(weight), days(age - first.day)));
            }
        }
        let Some((_, list)) = self.computed.weights.as_ref().map(|(day, _)| (*day, last_weights(self.days))) else { return };
        let weights = match &list {
            Weights::Whole(list) => Sample::from(list.as_slice()),
            Weights::Real(list) => Sample::from(list.as_slice()),
        };
        self.keep(&[Field::Weights], kpi::cv(weights, false));
        self.keep(&[Field::Weights], kpi::uniformity_score(weights));
        self.keep(&[Field::Weights], kpi::uniformity_band(weights, Fraction(0.10)));
        if let Some(area) = self.batch.area_cm2 {
            // The fullest the house was: whoever was there when they were heaviest.
            let heads = self.sums.animals.placed.saturating_add(self.sums.animals.moved_in);
            let gone = self.sums.animals.dead.saturating_add(self.sums.animals.culled).saturating_add(self.sums.animals.moved_out);
            let live = match self.sums.live_weight_out_g {
                0 => last.map(|weighing| rounded(weighing.mean_g * real(heads.saturating_sub(gone)))),
                sold => Some(sold),
            };
            if let Some(live) = live {
                self.keep(&[Field::Area, Field::LiveWeightOut, Field::Weights], Ok(kpi::density(MassG(live), AreaCm2(area))));
            }
        }
    }

    /// Mean weight of those sold, and their mean age, weighted by heads.
    fn sold_weight(&self) -> Option<(u64, u64)> {
        let Sums { sold, live_weight_out_g, .. } = self.sums;
        if sold == 0 || live_weight_out_g == 0 {
            return None;
        }
        let age = self.days.iter().map(|(day, told)| u128::from(*day) * u128::from(told.sold)).sum::<u128>();
        let mean = |sum: u128| u64::try_from((sum + u128::from(sold) / 2) / u128::from(sold)).ok();
        Some((mean(live_weight_out_g.into())?, mean(age)?))
    }

    fn feed(&mut self) {
        if !self.has(Field::Feed) {
            return;
        }
        let Some(feed) = self.sums.feed_g.checked_sub(self.sums.feed_left_g) else {
            self.computed.incomplete.push("more feed is left than was delivered: feed figures are left out".to_owned());
            return;
        };
        let feed = MassG(feed);
        let eaten = [Field::Feed, Field::FeedLeft];
        if let Some(head_days) = self.head_days {
            self.keep(&eaten, Ok(kpi::adfi(feed, head_days)));
        }
        if self.has(Field::Water) {
            self.keep(&[Field::Water, Field::Feed, Field::FeedLeft], Ok(kpi::water_feed(VolumeMl(self.sums.water_ml), feed)));
        }
        let sold = MassG(self.sums.live_weight_out_g);
        if sold.0 > 0 {
            self.per_weight(feed, sold);
        }
        if self.has(Field::Cost) {
            let product = if sold.0 > 0 { Product::Weight(sold) } else { Product::Eggs(Eggs(self.sums.eggs)) };
            self.keep(&[Field::Cost], Ok(kpi::feed_cost(Money(self.sums.cost_minor), product)));
        }
    }

    fn per_weight(&mut self, feed: MassG, sold: MassG) {
        let rests_on = [Field::Feed, Field::FeedLeft, Field::LiveWeightOut];
        let fcr = self.keep(&rests_on, Ok(kpi::fcr_live_weight(feed, sold)));
        let started = self.computed.growth.first().filter(|first| first.day == 0).map(|first| first.mean_g * real(self.sums.animals.placed));
        if let Some(started) = started {
            let batch = Closeout { feed, weight_started: MassG(rounded(started)), weight_sold: sold, weight_moved_out: MassG(0) };
            self.keep(&rests_on, Ok(kpi::fcr_closeout(&batch)));
        }
        let survival = kpi::survival(&self.sums.animals).ok().and_then(|kpi| kpi.value);
        if let (Some(survival), Some((weight, age)), Some(fcr)) = (survival, self.sold_weight(), fcr.and_then(|kpi| Fcr::of(&kpi).ok())) {
            let rests_on = [Field::Feed, Field::FeedLeft, Field::LiveWeightOut, Field::Placed, Field::Dead, Field::Culled, Field::Sold];
            self.keep(&rests_on, kpi::epef(Fraction(survival), MassG(weight), days(age), fcr));
            if let Ok(Some(adg)) = kpi::adg_from_zero(MassG(weight), days(age)).map(|kpi| kpi.value) {
                self.keep(&rests_on, kpi::ebi(GramsPerDay(adg), Fraction(survival), fcr));
            }
        }
    }

    fn eggs(&mut self) {
        if !self.has(Field::Eggs) && !self.has(Field::EggMass) {
            return;
        }
        let Sums { eggs, egg_mass_g, animals, .. } = self.sums;
        let feed = self.sums.feed_g.checked_sub(self.sums.feed_left_g).map(MassG).filter(|_| self.has(Field::Feed));
        if self.has(Field::Eggs) {
            if let Some(hen_days) = self.head_days {
                self.keep(&[Field::Eggs], Ok(kpi::hen_day(Eggs(eggs), hen_days)));
            }
            self.keep(&[Field::Eggs], kpi::hen_housed(Eggs(eggs), Heads(animals.placed), days(self.days.last().map_or(0, |(day, _)| day + 1))));
            self.keep(&[Field::Eggs], Ok(kpi::eggs_per_hen_housed(Eggs(eggs), Heads(animals.placed))));
            if let Some(feed) = feed {
                self.keep(&[Field::Eggs, Field::Feed], Ok(kpi::feed_per_dozen(feed, Eggs(eggs))));
            }
        }
        if self.has(Field::EggMass) {
            if let Some(hen_days) = self.head_days {
                self.keep(&[Field::EggMass], Ok(kpi::egg_mass_per_hen_day(MassG(egg_mass_g), hen_days)));
            }
            if let Some(feed) = feed {
                self.keep(&[Field::EggMass, Field::Feed], Ok(kpi::fcr_egg_mass(feed, MassG(egg_mass_g))));
            }
        }
    }
}

/// Weights of one day in g: whole ones exact.
enum Weights {
    Whole(Vec<u64>),
    Real(Vec<f64>),
}

fn last_weights(days: &[(u64, &Day)]) -> Weights {
    let last = days.iter().rev().find(|(_, day)| !day.weights.is_empty());
    last.map_or_else(|| Weights::Whole(Vec::new()), |(_, day)| grams(day))
}

fn grams(day: &Day) -> Weights {
    let each = || day.weights.iter().flat_map(|(weight, count)| std::iter::repeat_n(*weight, usize::try_from(*count).unwrap_or(0)));
    if day.weights.keys().all(|weight| weight % 1000 == 0) {
        Weights::Whole(each().map(|weight| weight / 1000).collect())
    } else {
        Weights::Real(each().map(|weight| real(weight) / 1000.0).collect())
    }
}

fn weigh(computed: &mut Computed, days: &[(u64, &Day)]) {
    for (at, day) in days.iter().filter(|(_, day)| !day.weights.is_empty()) {
        let list = grams(day);
        let sample = match &list {
            Weights::Whole(list) => Sample::from(list.as_slice()),
            Weights::Real(list) => Sample::from(list.as_slice()),
        };
        match kpi::weight_mean(sample, None) {
            Ok(summary) => {
                let uniformity = kpi::uniformity_score(sample).ok().and_then(|kpi| kpi.value);
                if let Some(mean_g) = summary.mean {
                    computed.growth.push(Weighing { day: *at, n: summary.n, mean_g, uniformity });
                }
                computed.weights = Some((*at, summary));
                computed.distribution = day.weights.iter().map(|(weight, count)| (real(*weight) / 1000.0, *count)).collect();
            }
            Err(error) => computed.incomplete.push(format!("weights of day {at}: {error}")),
        }
    }
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
fn real(number: u64) -> f64 {
    number as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a weight of 0 or more, cut at 2^64")]
fn rounded(number: f64) -> u64 {
    number.round() as u64
}

fn ratio(part: u64, all: u64) -> f64 {
    real(part) / real(all)
}

fn days(days: u64) -> Days {
    Days(real(days))
}

const TEN_YEARS: u64 = 3653;
