//! The figures of a batch, each where there is what it needs.

use std::collections::BTreeMap;

use super::batch::{Batch, Timeline};
use super::column::Field;
use super::day::Day;
use super::presence::{Presence, presence, rounded};
use super::species::Kind;
use super::weighing::{Weighings, Weights, real};
use crate::error::Result;
use crate::kpi::{
    self, AreaCm2, Closeout, DailyLosses, Days, Eggs, Fcr, Fraction, GramsPerDay, HeadDays, Heads, Inventory, Kpi, MassG, Money, Product, VolumeMl,
    Warning,
};

/// The figures of a batch, and what its plots show.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Computed {
    pub(super) figures: Vec<Kpi>,
    pub(super) weighings: Weighings,
    /// Day, and cumulative mortality.
    pub(super) mortality: Vec<(u64, f64)>,
    /// Day, and the laying rate of that day or week.
    pub(super) laying: Vec<(u64, f64)>,
    /// The age in days at the end.
    pub(super) age: Option<u64>,
    /// What could not be computed, and why.
    pub(super) incomplete: Vec<String>,
}

/// Everything about a batch that its rows allow.
pub(super) fn compute(batch: &Batch, timeline: &Timeline) -> Computed {
    let mut sums = Day::default();
    timeline.days.values().for_each(|day| sums.merge(day));
    let mut computed = Computed { age: timeline.is_timed.then(|| timeline.last()), ..Computed::default() };
    match Weighings::of(timeline, sums.placed.saturating_add(sums.moved_in)) {
        Ok(weighings) => computed.weighings = weighings,
        Err(error) => computed.incomplete.push(format!("weights: {error}")),
    }
    let kind = Kind::of(batch.species.as_deref());
    let untold = WATCHED.iter().map(|field| (*field, u64::try_from(timeline.untold(*field).len()).unwrap_or(u64::MAX))).collect();
    let mut figures = Figures { batch, timeline, sums, kind, untold, computed, presence: None, head_days: None };
    figures.animals();
    figures.growth();
    figures.feed();
    figures.eggs();
    figures.missing_columns();
    figures.computed
}

struct Figures<'b> {
    batch: &'b Batch,
    timeline: &'b Timeline,
    sums: Day,
    kind: Kind,
    /// Days without a field that most days tell.
    untold: BTreeMap<Field, u64>,
    computed: Computed,
    presence: Option<Presence>,
    head_days: Option<HeadDays>,
}

impl Figures<'_> {
    /// Keeps a figure; marks it where a cell of what it rests on is missing or could not be read.
    fn keep(&mut self, rests_on: &[Field], figure: Result<Kpi>) -> Option<Kpi> {
        match figure {
            Ok(mut kpi) => {
                let count = |counts: &BTreeMap<Field, u64>| rests_on.iter().filter_map(|field| counts.get(field)).sum::<u64>();
                let lost = count(&self.batch.lost).saturating_add(count(&self.untold));
                kpi.missing = kpi.missing.max(lost);
                if lost > 0 && !kpi.warnings.contains(&Warning::InputMissing) {
                    kpi.warnings.push(Warning::InputMissing);
                }
                self.computed.figures.push(kpi.clone());
                Some(kpi)
            }
            Err(error) => {
                self.tell(error.to_string());
                None
            }
        }
    }

    fn tell(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.computed.incomplete.contains(&what) {
            self.computed.incomplete.push(what);
        }
    }

    fn has(&self, field: Field) -> bool {
        self.batch.has(field)
    }

    fn inventory(&self) -> Inventory {
        let Day { placed, moved_in, dead, culled, moved_out, .. } = self.sums;
        Inventory { placed, moved_in, dead, culled, moved_out }
    }

    fn animals(&mut self) {
        if !self.has(Field::Placed) && !self.has(Field::MovedIn) {
            self.tell("no animals were placed: survival, mortality and all that rests on them are left out");
            return;
        }
        let (animals, sold) = (self.inventory(), self.sums.sold);
        for figure in [kpi::survival, kpi::mortality, kpi::cull, kpi::loss] {
            self.keep(LOSSES, figure(&animals));
        }
        if animals.moved_out > 0 {
            self.keep(LOSSES, kpi::survival_at_risk(&animals));
        }
        if self.timeline.is_timed {
            self.by_day(&animals);
        }
        let left = self.presence.as_ref().map_or(0, |presence| presence.left);
        // A hatchery miscounts by a few; of a batch that is not at its end the rest is still there.
        let is_closed = left.saturating_mul(100) <= animals.placed.saturating_add(animals.moved_in);
        if sold > 0 && is_closed {
            self.keep(LOSSES, Ok(kpi::inventory(&kpi::Census { animals, sold, left: 0 })));
        } else if sold > 0 && self.presence.is_some() {
            self.tell(format!("{left} animals are neither lost nor sold: figures of feed count what those have eaten too"));
        }
    }

    fn by_day(&mut self, animals: &Inventory) {
        let (first, last) = (self.timeline.first(), self.timeline.last());
        if last - first > TEN_YEARS {
            self.tell("the rows of the batch are more than ten years apart: figures by day are left out");
            return;
        }
        let presence = presence(self.timeline, animals.placed, &self.computed.weighings);
        if self.timeline.is_daily() {
            let untold = self.timeline.untold(Field::Dead);
            let none = Day::default();
            let column = |count: fn(&Day) -> u64| (first..=last).map(|at| Some(count(self.timeline.days.get(&at).unwrap_or(&none)))).collect();
            let known = |field: Field, count: fn(&Day) -> u64| {
                let one = |at: u64| {
                    let day = self.timeline.days.get(&at).unwrap_or(&none);
                    let is_missing = day.lost.has(field) || (field == Field::Dead && untold.binary_search(&at).is_ok());
                    (!is_missing || day.told.has(field)).then(|| count(day))
                };
                (first..=last).map(one).collect::<Vec<Option<u64>>>()
            };
            let (dead, culled): (Vec<_>, Vec<_>) = (known(Field::Dead, |day| day.dead), known(Field::Culled, |day| day.culled));
            let moved_in: Vec<Option<u64>> = column(|day| day.moved_in);
            let out: Vec<Option<u64>> = column(|day| day.sold.saturating_add(day.moved_out));
            self.keep(&[Field::Dead, Field::Placed], kpi::mortality_first_week(animals.placed, &dead));
            let by_day = DailyLosses { dead: &dead, culled: &culled, out: &out, moved_in: &moved_in };
            // Where more went than were there, what follows says on which day.
            if presence.is_ok() {
                self.keep(LOSSES, kpi::mortality_cumulative_daily(animals.placed, &by_day));
            }
        }
        match presence {
            Ok(presence) => {
                self.computed.mortality.clone_from(&presence.mortality);
                // Where rows are events, eggs of one are not those of its day.
                if self.timeline.is_daily() || self.timeline.is_weekly {
                    self.computed.laying.clone_from(&presence.laying);
                }
                let head_days = self.keep(LOSSES, kpi::head_days_daily_mean(&presence.counts));
                self.head_days = head_days.and_then(|kpi| kpi.value).and_then(|days| HeadDays::new(days).ok());
                self.presence = Some(presence);
            }
            Err(told) => self.tell(told),
        }
        if let Some(head_days) = self.head_days {
            self.keep(LOSSES, Ok(kpi::mortality_per_1000_head_weeks(Heads(self.sums.dead), head_days)));
        }
    }

    fn growth(&mut self) {
        let first = self.computed.weighings.all.first().copied();
        if let Some((weight, age)) = self.end().filter(|_| self.timeline.is_timed) {
            let rests_on = [Field::LiveWeightOut, Field::Sold, Field::Weights];
            if self.kind != Kind::Fish {
                self.keep(&rests_on, kpi::adg_from_zero(weight, Days(age)));
            }
            if let Some(first) = first.filter(|first| real(first.day) < age) {
                let (start, days) = (MassG(rounded(first.mean_g)), Days(age - real(first.day)));
                self.keep(&rests_on, kpi::adg_net(start, weight, days));
                if self.kind == Kind::Fish {
                    self.keep(&rests_on, kpi::sgr(start, weight, days));
                }
            }
        }
        if let (Kind::Pig, Some(started), Some(head_days)) = (self.kind, self.weight_started(), self.head_days)
            && self.sums.live_weight_out_g > 0
        {
            let rests_on = [&[Field::LiveWeightOut, Field::Weights][..], LOSSES].concat();
            self.keep(&rests_on, Ok(kpi::adg_group(started, MassG(self.sums.live_weight_out_g), MassG(0), head_days)));
        }
        if let Some(day) = self.timeline.days.values().rev().find(|day| !day.weights.is_empty()) {
            let weights = Weights::of(day);
            self.keep(&[Field::Weights], kpi::cv(weights.sample(), false));
            self.keep(&[Field::Weights], kpi::uniformity_score(weights.sample()));
            self.keep(&[Field::Weights], kpi::uniformity_band(weights.sample(), Fraction(0.10)));
        }
        if let Some(area) = self.batch.area_cm2
            && let Some(fullest) = self.presence.as_ref().and_then(|presence| presence.fullest_g)
        {
            let rests_on = [&[Field::Area, Field::LiveWeightOut, Field::Weights][..], LOSSES].concat();
            self.keep(&rests_on, Ok(kpi::density(MassG(fullest), AreaCm2(area))));
        }
    }

    /// The weight and the age of an animal at the end: of those sold, the age weighted by heads, or else of the last weighing.
    fn end(&self) -> Option<(MassG, f64)> {
        let last = || self.computed.weighings.all.last().map(|weighing| (MassG(rounded(weighing.mean_g)), real(weighing.day)));
        self.sold_each().or_else(last)
    }

    fn sold_each(&self) -> Option<(MassG, f64)> {
        let Day { sold, live_weight_out_g, .. } = self.sums;
        if sold == 0 || live_weight_out_g == 0 {
            return None;
        }
        let age = self.timeline.days.iter().map(|(day, told)| u128::from(*day) * u128::from(told.sold)).sum::<u128>();
        let weight = (u128::from(live_weight_out_g) + u128::from(sold) / 2) / u128::from(sold);
        Some((MassG(u64::try_from(weight).ok()?), wide(age) / real(sold)))
    }

    /// What those placed weighed, where they were weighed on their first day.
    fn weight_started(&self) -> Option<MassG> {
        let first = self.computed.weighings.all.first()?;
        // A week stands on its last day: animals weighed in their first one had grown for seven.
        let is_start = first.day == self.timeline.first() && (first.day == 0 || !self.timeline.is_weekly);
        (is_start && self.sums.placed > 0).then(|| MassG(rounded(first.mean_g * real(self.sums.placed))))
    }

    fn feed(&mut self) {
        if !self.has(Field::Feed) {
            return;
        }
        let Some(feed) = self.sums.feed_g.checked_sub(self.sums.feed_left_g) else {
            self.tell("more feed is left than was delivered: figures of feed are left out");
            return;
        };
        let feed = MassG(feed);
        if let Some(head_days) = self.head_days {
            self.keep(&[&[Field::Feed, Field::FeedLeft][..], LOSSES].concat(), Ok(kpi::adfi(feed, head_days)));
        }
        if self.has(Field::Water) {
            self.keep(&[Field::Water, Field::Feed, Field::FeedLeft], Ok(kpi::water_feed(VolumeMl(self.sums.water_ml), feed)));
        }
        let sold = MassG(self.sums.live_weight_out_g);
        let is_layer = self.kind == Kind::Layer || self.sums.eggs > 0;
        if sold.0 > 0 && !is_layer {
            self.per_weight(feed, sold);
        }
        if self.kind == Kind::Fish {
            self.biological(feed);
        }
        if self.has(Field::Cost) {
            let product = if is_layer && self.sums.eggs > 0 {
                Some(Product::Eggs(Eggs(self.sums.eggs)))
            } else {
                (sold.0 > 0).then_some(Product::Weight(sold))
            };
            if let Some(product) = product {
                self.keep(&[Field::Cost, Field::LiveWeightOut, Field::Eggs], Ok(kpi::feed_cost(Money(self.sums.cost_minor), product)));
            }
        }
        if !is_layer && sold.0 == 0 && self.kind != Kind::Fish {
            let why = if self.sums.sold > 0 { "no live weight of those sold" } else { "nothing is sold yet" };
            self.tell(format!("{why}: feed conversion and what rests on it are left out"));
        }
    }

    fn per_weight(&mut self, feed: MassG, sold: MassG) {
        let rests_on = [Field::Feed, Field::FeedLeft, Field::LiveWeightOut];
        let fcr = self.keep(&rests_on, Ok(kpi::fcr_live_weight(feed, sold)));
        match self.weight_started() {
            Some(weight_started) => {
                let batch = Closeout { feed, weight_started, weight_sold: sold, weight_moved_out: MassG(0) };
                self.keep(&rests_on, Ok(kpi::fcr_closeout(&batch)));
            }
            None => self.tell("no weighing on the day of placement: feed conversion on gain is left out"),
        }
        if self.sums.moved_out > 0 {
            let moved = self.sums.moved_out;
            self.tell(format!("the weight of the {moved} animals moved out is not in the table: feed conversion counts their feed without it"));
        }
        let survival = kpi::survival(&self.inventory()).ok().and_then(|kpi| kpi.value);
        let fcr = fcr.and_then(|kpi| Fcr::of(&kpi).ok());
        if let (true, Some(survival), Some((weight, age)), Some(fcr)) =
            (self.kind.has_epef() && self.timeline.is_timed, survival, self.sold_each(), fcr)
        {
            let rests_on = [&[Field::Feed, Field::FeedLeft, Field::LiveWeightOut][..], LOSSES].concat();
            self.keep(&rests_on, kpi::epef(Fraction(survival), weight, Days(age), fcr));
            if let Ok(Some(adg)) = kpi::adg_from_zero(weight, Days(age)).map(|kpi| kpi.value) {
                self.keep(&rests_on, kpi::ebi(GramsPerDay(adg), Fraction(survival), fcr));
            }
        }
    }

    /// Of fish, the biomass: those that died weigh what their fellows did, by the weighings before and after.
    fn biological(&mut self, feed: MassG) {
        let (Some(started), Some(left)) = (self.weight_started(), self.presence.as_ref().map(|presence| presence.left)) else {
            self.tell("no weighing on the day of stocking: the biomass and its feed conversion are left out");
            return;
        };
        let weighings = &self.computed.weighings;
        let last = weighings.all.last().map_or(0.0, |weighing| weighing.mean_g);
        let out = real(self.sums.live_weight_out_g) + real(left) * last;
        let lost = |(at, day): (&u64, &Day)| real(day.dead.saturating_add(day.culled)) * weighings.mean_on(*at).unwrap_or(0.0);
        let dead: f64 = self.timeline.days.iter().map(lost).sum();
        let rests_on = [&[Field::Feed, Field::FeedLeft, Field::LiveWeightOut, Field::Weights][..], LOSSES].concat();
        self.keep(&rests_on, Ok(kpi::fcr_biological(feed, started, MassG(rounded(out)), MassG(rounded(dead)))));
        self.tell("the weight of dead fish and of those still there is that of the weighings: fcr.biological.v1 is as good as they are");
    }

    fn eggs(&mut self) {
        if !self.has(Field::Eggs) && !self.has(Field::EggMass) {
            return;
        }
        let Day { eggs, egg_mass_g, placed, .. } = self.sums;
        let feed = self.sums.feed_g.checked_sub(self.sums.feed_left_g).map(MassG).filter(|_| self.has(Field::Feed));
        if self.has(Field::Eggs) {
            let of_hens = [Field::Eggs, Field::Placed];
            if let Some(head_days) = self.head_days {
                self.keep(&[&[Field::Eggs][..], LOSSES].concat(), Ok(kpi::hen_day(Eggs(eggs), head_days)));
                let days = self.presence.as_ref().map_or(0, |presence| u64::try_from(presence.counts.len()).unwrap_or(u64::MAX));
                self.keep(&of_hens, kpi::hen_housed(Eggs(eggs), Heads(placed), Days(real(days))));
            }
            if placed > 0 {
                self.keep(&of_hens, Ok(kpi::eggs_per_hen_housed(Eggs(eggs), Heads(placed))));
            }
            if let Some(feed) = feed {
                self.keep(&[Field::Eggs, Field::Feed, Field::FeedLeft], Ok(kpi::feed_per_dozen(feed, Eggs(eggs))));
            }
        }
        if self.has(Field::EggMass) {
            if let Some(head_days) = self.head_days {
                self.keep(&[&[Field::EggMass][..], LOSSES].concat(), Ok(kpi::egg_mass_per_hen_day(MassG(egg_mass_g), head_days)));
            }
            if let Some(feed) = feed {
                self.keep(&[Field::EggMass, Field::Feed, Field::FeedLeft], Ok(kpi::fcr_egg_mass(feed, MassG(egg_mass_g))));
            }
        }
    }

    /// What the table does not have at all.
    fn missing_columns(&mut self) {
        if !self.timeline.is_timed {
            self.tell("no row says a date, a day or a week: age, daily gain, head-days and what rests on them are left out");
        }
        if !self.has(Field::Feed) {
            self.tell("no feed: feed conversion and what rests on it are left out");
        }
        if !self.has(Field::Weights) && self.kind != Kind::Layer && self.sums.eggs == 0 {
            self.tell("no weights of single animals: growth and uniformity are left out");
        }
    }
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
fn wide(number: u128) -> f64 {
    number as f64
}

/// What the number of animals rests on, and with it head-days.
const LOSSES: &[Field] = &[Field::Placed, Field::MovedIn, Field::Dead, Field::Culled, Field::MovedOut, Field::Sold];
/// Fields of which a day may be missing.
const WATCHED: &[Field] = &[Field::Dead, Field::Culled, Field::Feed, Field::Water, Field::Eggs, Field::EggMass];
pub(super) const TEN_YEARS: u64 = 3653;
