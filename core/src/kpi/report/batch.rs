//! What is known of one batch: sums a day, whatever the order and number of its rows.

use std::collections::BTreeMap;

use time::Date;

use super::column::Field;
use super::row::{Row, RowProblem, Time};

/// A batch as its rows have told it.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) species: Option<String>,
    /// By day as the rows say it: of dates by an ordinal number.
    days: BTreeMap<i64, Day>,
    /// What rows say the time by.
    clock: Option<Clock>,
    pub(super) area_cm2: Option<u64>,
    /// Fields that some row told.
    seen: Vec<Field>,
    /// Fields that some row told and that could not be read, and how often.
    pub(super) lost: BTreeMap<Field, u64>,
    /// Twice the same day: its lines.
    pub(super) repeated: Vec<(u64, i64)>,
}

/// One day of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    pub(super) placed: u64,
    pub(super) moved_in: u64,
    pub(super) dead: u64,
    pub(super) culled: u64,
    pub(super) moved_out: u64,
    pub(super) sold: u64,
    pub(super) live_weight_out_g: u64,
    pub(super) feed_g: u64,
    pub(super) feed_left_g: u64,
    pub(super) water_ml: u64,
    pub(super) eggs: u64,
    pub(super) egg_mass_g: u64,
    pub(super) cost_minor: u64,
    /// How many animals had each weight, in mg.
    pub(super) weights: BTreeMap<u64, u64>,
    pub(super) line: u64,
    has_counts: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    Dates,
    Days,
    Weeks,
}

impl Batch {
    pub(super) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.seen.contains(&field)
    }

    /// Adds a row; says why it cannot be added.
    pub(super) fn add(&mut self, row: &Row) -> Result<(), RowProblem> {
        let problem =
            |reason: String| RowProblem { line: row.line, column: None, text: row.batch.clone(), reason, effect: "the row is left out".to_owned() };
        let (clock, at) = match row.time {
            // What is told of the batch as a whole belongs to its first day.
            None => (self.clock, self.days.keys().next().copied().unwrap_or(0)),
            Some(Time::Date(date)) => (Some(Clock::Dates), ordinal(date)),
            Some(Time::Day(day)) => (Some(Clock::Days), i64::try_from(day).map_err(|_| problem("too late a day".to_owned()))?),
            // The last day of the week: weights of week 1 are those at 7 days.
            Some(Time::Week(week)) => {
                let day = week.checked_mul(7).and_then(|day| i64::try_from(day).ok());
                (Some(Clock::Weeks), day.ok_or_else(|| problem("too late a week".to_owned()))?)
            }
        };
        if self.clock.is_some_and(|before| clock.is_some_and(|now| now != before)) {
            return Err(problem("the time is told by another column than before: give all rows of a batch dates, days or weeks".to_owned()));
        }
        let mut day = self.days.get(&at).cloned().unwrap_or_default();
        let is_repeated = day.add(row).ok_or_else(|| problem("a sum of the batch is too large: look at the unit".to_owned()))?;
        self.days.insert(at, day);
        self.clock = clock;
        if is_repeated {
            self.repeated.push((row.line, at));
        }
        if self.species.is_none() {
            self.species.clone_from(&row.species);
        }
        self.area_cm2 = row.area_cm2.max(self.area_cm2);
        for field in row.told() {
            if !self.seen.contains(&field) {
                self.seen.push(field);
            }
        }
        for field in &row.lost {
            *self.lost.entry(*field).or_default() += 1;
        }
        Ok(())
    }

    /// The days from placement on, day 0 being the first on which animals were placed, or else the first of all. Where rows say days or
    /// weeks, those are theirs.
    pub(super) fn by_day(&self) -> Vec<(u64, &Day)> {
        let placed = self.days.iter().find(|(_, day)| day.placed > 0).or_else(|| self.days.iter().next());
        let zero = match self.clock {
            Some(Clock::Dates) => placed.map_or(0, |(at, _)| *at),
            _ => 0,
        };
        self.days.iter().filter_map(|(at, day)| Some((u64::try_from(at - zero).ok()?, day))).collect()
    }

    /// Whether each row is a day, so that a day without one is a gap.
    pub(super) fn is_daily(&self) -> bool {
        !matches!(self.clock, Some(Clock::Weeks) | None) && self.days.len() > 2
    }
}

impl Day {
    /// Whether the day had counts before and has them twice now; none where a sum is too large.
    fn add(&mut self, row: &Row) -> Option<bool> {
        let add = |sum: &mut u64, more: Option<u64>| -> Option<()> {
            *sum = sum.checked_add(more.unwrap_or(0))?;
            Some(())
        };
        add(&mut self.placed, row.placed)?;
        add(&mut self.moved_in, row.moved_in)?;
        add(&mut self.dead, row.dead)?;
        add(&mut self.culled, row.culled)?;
        add(&mut self.moved_out, row.moved_out)?;
        add(&mut self.sold, row.sold)?;
        add(&mut self.live_weight_out_g, row.live_weight_out_g)?;
        add(&mut self.feed_g, row.feed_g)?;
        add(&mut self.feed_left_g, row.feed_left_g)?;
        add(&mut self.water_ml, row.water_ml)?;
        add(&mut self.eggs, row.eggs)?;
        add(&mut self.egg_mass_g, row.egg_mass_g)?;
        add(&mut self.cost_minor, row.cost_minor)?;
        for weight in &row.weights_mg {
            *self.weights.entry(*weight).or_default() += 1;
        }
        // One weight a row is many rows a day; two counts of the dead on one day are not expected.
        let has_counts = row.dead.is_some() || row.feed_g.is_some() || row.eggs.is_some();
        let is_repeated = has_counts && self.has_counts;
        self.has_counts |= has_counts;
        if self.line == 0 {
            self.line = row.line;
        }
        Some(is_repeated)
    }
}

impl Row {
    /// The fields that it tells.
    fn told(&self) -> impl Iterator<Item = Field> {
        let told = [
            (Field::Placed, self.placed.is_some()),
            (Field::Dead, self.dead.is_some()),
            (Field::Culled, self.culled.is_some()),
            (Field::MovedIn, self.moved_in.is_some()),
            (Field::MovedOut, self.moved_out.is_some()),
            (Field::Sold, self.sold.is_some()),
            (Field::LiveWeightOut, self.live_weight_out_g.is_some()),
            (Field::Feed, self.feed_g.is_some()),
            (Field::FeedLeft, self.feed_left_g.is_some()),
            (Field::Water, self.water_ml.is_some()),
            (Field::Weights, !self.weights_mg.is_empty()),
            (Field::Eggs, self.eggs.is_some()),
            (Field::EggMass, self.egg_mass_g.is_some()),
            (Field::Area, self.area_cm2.is_some()),
            (Field::Cost, self.cost_minor.is_some()),
        ];
        told.into_iter().filter_map(|(field, is_told)| is_told.then_some(field))
    }
}

fn ordinal(date: Date) -> i64 {
    i64::from(date.to_julian_day())
}
