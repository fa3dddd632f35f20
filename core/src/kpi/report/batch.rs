//! What is known of one batch: sums a day, whatever the order and number of its rows.

use std::collections::BTreeMap;

use time::Date;

use super::amounts::{Told, told_by};
use super::column::Field;
use super::day::Day;
use super::row::{Row, RowProblem, Time};

/// A batch as its rows have told it.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) species: Option<String>,
    /// By the ordinal number of the date.
    by_date: BTreeMap<i64, Day>,
    /// By the day of life; a week by its last day.
    by_age: BTreeMap<i64, Day>,
    /// Of rows that say no time.
    whole: Option<Day>,
    is_weekly: bool,
    pub(super) area_cm2: Option<u64>,
    /// All rows together.
    sums: Day,
    weights_kept: usize,
    weights_seen: u64,
    /// Fields that some row told and that could not be read, and how often.
    pub(super) lost: BTreeMap<Field, u64>,
    /// Lines of rows that say of a day what another said before.
    pub(super) repeated: Vec<u64>,
}

impl Batch {
    pub(super) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    pub(super) const fn has(&self, field: Field) -> bool {
        self.sums.told.has(field)
    }

    /// About how much it holds: a weight counts one, a day eight.
    pub(super) fn size(&self) -> usize {
        self.weights_kept + 8 * (self.by_date.len() + self.by_age.len() + 1)
    }

    /// Adds a row; says why it cannot be added.
    pub(super) fn add(&mut self, row: &Row) -> Result<(), RowProblem> {
        if row.time.is_none() && row.lost.iter().any(|field| field.is_time()) {
            // On which day it was is not known: what it tells is lost, and told so where the cell is.
            self.lose(told_by(row).iter().chain(row.lost.iter().copied()));
            return Ok(());
        }
        if self.is_sum(row) {
            return Ok(());
        }
        let outcome = self.add_to_day(row);
        if outcome.is_err() {
            self.lose(told_by(row).iter());
        }
        self.lose(row.lost.iter().copied());
        outcome
    }

    fn add_to_day(&mut self, row: &Row) -> Result<(), RowProblem> {
        let effect = || "the row is left out, and figures that rest on it are marked".to_owned();
        let problem =
            |reason: &str| RowProblem { line: row.line, column: None, text: row.batch.clone(), reason: reason.to_owned(), effect: effect() };
        let more = u64::try_from(row.weights_mg.len()).unwrap_or(u64::MAX);
        if self.weights_kept.saturating_add(row.weights_mg.len()) > MAX_WEIGHTS && !self.weights_are_known(row) {
            return Err(problem("more different weights than one batch can have"));
        }
        if self.weights_seen.saturating_add(more) > MAX_WEIGHED {
            return Err(problem("more weights than one batch can have"));
        }
        let too_large = "a sum of the batch is too large: look at the unit";
        let mut sums = std::mem::take(&mut self.sums);
        let fits = sums.add_amounts(row).is_some();
        self.sums = sums;
        if !fits {
            return Err(problem(too_large));
        }
        let day = self.day_of(row).map_err(problem)?;
        let weights_before = day.weights.len();
        // No sum of a day is above that of the batch.
        let is_repeated = day.add(row).unwrap_or(false);
        let new_weights = day.weights.len() - weights_before;
        self.weights_kept += new_weights;
        self.weights_seen += more;
        if is_repeated && row.time.is_some() {
            self.repeated_on(row.line);
        }
        if self.species.is_none() {
            self.species.clone_from(&row.species);
        }
        self.area_cm2 = row.area_cm2.max(self.area_cm2);
        Ok(())
    }

    /// The day that a row is of.
    fn day_of(&mut self, row: &Row) -> Result<&mut Day, &'static str> {
        let (days, at) = match row.time {
            None => return Ok(self.whole.get_or_insert_with(Day::default)),
            Some(Time::Date(date)) => (&mut self.by_date, ordinal(date)),
            Some(Time::Day(day)) => (&mut self.by_age, i64::try_from(day).ok().filter(|day| *day <= LATEST).ok_or("too late a day")?),
            // The last day of the week: weights of week 1 are those at 7 days.
            Some(Time::Week(week)) => {
                self.is_weekly = true;
                let day = week.checked_mul(7).and_then(|day| i64::try_from(day).ok());
                (&mut self.by_age, day.filter(|day| *day <= LATEST).ok_or("too late a week")?)
            }
        };
        if days.len() >= MAX_DAYS && !days.contains_key(&at) {
            return Err("more days than one batch can have");
        }
        Ok(days.entry(at).or_default())
    }

    fn weights_are_known(&self, row: &Row) -> bool {
        let day = match row.time {
            None => self.whole.as_ref(),
            Some(Time::Date(date)) => self.by_date.get(&ordinal(date)),
            Some(Time::Day(day)) => i64::try_from(day).ok().and_then(|day| self.by_age.get(&day)),
            Some(Time::Week(week)) => week.checked_mul(7).and_then(|day| i64::try_from(day).ok()).and_then(|day| self.by_age.get(&day)),
        };
        row.weights_mg.iter().all(|weight| day.is_some_and(|day| day.weights.contains_key(weight)))
    }

    fn repeated_on(&mut self, line: u64) {
        if self.repeated.len() < MAX_REPEATED {
            self.repeated.push(line);
        }
    }

    fn lose(&mut self, fields: impl Iterator<Item = Field>) {
        for field in fields {
            *self.lost.entry(field).or_default() += 1;
        }
    }

    /// Whether a row without a time repeats the sums of all before it: the line under a batch.
    fn is_sum(&self, row: &Row) -> bool {
        let days = self.by_date.len() + self.by_age.len();
        row.time.is_none() && days > 1 && row.weights_mg.is_empty() && self.sums.equals_where_told(row)
    }

    /// The days of the batch, in their order.
    pub(super) fn timeline(&self) -> Timeline {
        let placed = |days: &BTreeMap<i64, Day>| days.iter().find(|(_, day)| day.placed > 0).map(|(at, _)| *at);
        let first = |days: &BTreeMap<i64, Day>| days.keys().next().copied();
        // Where days are given too, the first date with animals is day 0 all the same.
        let zero = placed(&self.by_date).or_else(|| first(&self.by_date)).unwrap_or(0);
        let mut timeline =
            Timeline { is_timed: !self.by_date.is_empty() || !self.by_age.is_empty(), is_weekly: self.is_weekly, ..Timeline::default() };
        for (at, day) in &self.by_date {
            timeline.lost_before |= at < &zero && day.dead + day.culled > 0;
            // Feed comes before the animals: it is of the first day.
            timeline.days.entry(u64::try_from(at - zero).unwrap_or(0)).or_default().merge(day);
        }
        for (at, day) in &self.by_age {
            timeline.days.entry(u64::try_from(*at).unwrap_or(0)).or_default().merge(day);
        }
        if let Some(whole) = &self.whole {
            let mut whole = whole.clone();
            if timeline.is_timed && !whole.weights.is_empty() {
                whole.weights.clear();
                timeline.weights_without_day = true;
            }
            timeline.counts_without_day = timeline.is_timed && whole.told.has_any(Told::MOVEMENTS);
            // What is told of the batch as a whole belongs to its first day.
            let first = timeline.days.keys().next().copied().unwrap_or(0);
            timeline.days.entry(first).or_default().merge(&whole);
        }
        timeline
    }
}

/// The days of a batch from placement on, day 0 being the first on which animals were placed, or else the first of all. Where rows say
/// days or weeks, those are theirs.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) days: BTreeMap<u64, Day>,
    /// Whether any row said when.
    pub(super) is_timed: bool,
    /// Whether rows are weeks.
    pub(super) is_weekly: bool,
    /// Animals were lost before any were placed.
    pub(super) lost_before: bool,
    /// Rows without a time told animals, and are counted on the first day.
    pub(super) counts_without_day: bool,
    /// Rows without a time told weights, which are left out.
    pub(super) weights_without_day: bool,
}

impl Timeline {
    pub(super) fn first(&self) -> u64 {
        self.days.keys().next().copied().unwrap_or(0)
    }

    pub(super) fn last(&self) -> u64 {
        self.days.keys().next_back().copied().unwrap_or(0)
    }

    /// Whether each row is a day, so that a day without one is a gap: most days follow on the one before. A table of events has no gaps.
    pub(super) fn is_daily(&self) -> bool {
        let days: Vec<u64> = self.days.keys().copied().collect();
        let follow = days.windows(2).filter(|pair| matches!(pair, [before, after] if after - before == 1)).count();
        self.is_timed && !self.is_weekly && days.len() > 2 && 2 * follow >= days.len() - 1
    }

    /// The gaps between the days of a daily table, each from its first day to its last.
    pub(super) fn gaps(&self) -> Vec<(u64, u64)> {
        if !self.is_daily() {
            return Vec::new();
        }
        let days: Vec<u64> = self.days.keys().copied().collect();
        let gap = |pair: &[u64]| match pair {
            [before, after] if after - before > 1 => Some((before + 1, after - 1)),
            _ => None,
        };
        days.windows(2).filter_map(gap).collect()
    }

    /// Days of a daily table that do not tell a field which most days tell; the last day, on which animals go, is none of them. Losses are
    /// often left blank where there were none: only where a table writes its zeros is a blank a gap.
    pub(super) fn untold(&self, field: Field) -> Vec<u64> {
        let last = self.last();
        if !self.is_daily() || last > super::figures::TEN_YEARS {
            return Vec::new();
        }
        let before_end = || self.days.range(..last);
        let told = before_end().filter(|(_, day)| day.told.has(field)).count();
        let writes_zeros = !field.is_loss() || before_end().any(|(_, day)| day.told.has(field) && day.amount(field) == Some(0));
        let days = usize::try_from(last - self.first()).unwrap_or(usize::MAX);
        if !writes_zeros || told.saturating_mul(5) < days.saturating_mul(4) {
            return Vec::new();
        }
        (self.first()..last).filter(|at| self.days.get(at).is_none_or(|day| !day.told.has(field) && !day.lost.has(field))).collect()
    }
}

fn ordinal(date: Date) -> i64 {
    i64::from(date.to_julian_day())
}

/// Days with rows that one batch can have.
const MAX_DAYS: usize = 4_000;
/// The latest day: far beyond any animal, and far from the end of numbers.
const LATEST: i64 = 1_000_000;
/// Different weights that one batch can have.
const MAX_WEIGHTS: usize = 100_000;
/// Weights that one batch can have.
const MAX_WEIGHED: u64 = 5_000_000;
const MAX_REPEATED: usize = 100;
