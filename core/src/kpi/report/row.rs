//! One row of a table: what happened to a batch on a day, in a week, or at once.

use time::Date;

use super::column::{Column, Field};
use super::date::{self, DateOrder, NotDate};
use super::decimal::{Decimal, DecimalSign, NotDecimal};

/// What happened to a batch on a day, in a week, or at once. What a table does not say is none, never 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Row {
    /// The line of the table, from 1; of rows that are no table the place in their list, from 1.
    pub line: u64,
    /// Which batch.
    pub batch: String,
    /// The species, as the table says it.
    pub species: Option<String>,
    /// When.
    pub time: Option<Time>,
    /// Placed.
    pub placed: Option<u64>,
    /// Found dead.
    pub dead: Option<u64>,
    /// Killed because they were ill or weak.
    pub culled: Option<u64>,
    /// Come from another batch.
    pub moved_in: Option<u64>,
    /// Moved to another batch alive.
    pub moved_out: Option<u64>,
    /// Sold.
    pub sold: Option<u64>,
    /// Live weight of those sold, in g.
    pub live_weight_out_g: Option<u64>,
    /// Feed in g.
    pub feed_g: Option<u64>,
    /// Feed left or returned, in g.
    pub feed_left_g: Option<u64>,
    /// Water in ml.
    pub water_ml: Option<u64>,
    /// Weights of single animals, in mg.
    pub weights_mg: Vec<u64>,
    /// Eggs.
    pub eggs: Option<u64>,
    /// Weight of the eggs, in g.
    pub egg_mass_g: Option<u64>,
    /// Area in cm².
    pub area_cm2: Option<u64>,
    /// Cost of feed in minor units.
    pub cost_minor: Option<u64>,
    /// Cells that were given and could not be read: figures that rest on them are marked.
    pub lost: Vec<Field>,
}

/// When something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Time {
    /// On this date.
    Date(Date),
    /// On this day, from 0 at placement.
    Day(u64),
    /// In this week of life, from 1.
    Week(u64),
}

/// A cell, or a row, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowProblem {
    /// The line of the table, from 1.
    pub line: u64,
    /// The header of the column; none where the whole row is meant.
    pub column: Option<String>,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
    /// What that does to the report.
    pub effect: String,
}

/// How the cells of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Writing {
    pub(super) decimal: DecimalSign,
    pub(super) dates: DateOrder,
}

impl Row {
    /// Reads a cell into its place; says why if it cannot be read. An empty cell is missing.
    pub(super) fn set(&mut self, column: Column, text: &str, writing: Writing) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() || matches!(text, "-" | "\u{2013}" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "null" | "NULL") {
            return Ok(());
        }
        let read = self.place(column, text, writing);
        if read.is_err() {
            self.lost.push(column.field);
        }
        read
    }

    fn place(&mut self, column: Column, text: &str, writing: Writing) -> Result<(), String> {
        match column.field {
            Field::Batch => text.clone_into(&mut self.batch),
            Field::Species => self.species = Some(text.to_owned()),
            Field::Date => self.time = Some(Time::Date(date::read(text, writing.dates).map_err(date_reason)?)),
            // A date says more than a day, whichever column stands first.
            Field::Day => {
                let day = count(text, writing)?;
                self.time.get_or_insert(Time::Day(day));
            }
            Field::Week => {
                let week = count(text, writing)?;
                self.time.get_or_insert(Time::Week(week));
            }
            Field::Weights => self.weights_mg.extend(weights(text, column, writing)?),
            measured => {
                let number = amount(text, column, writing)?;
                if let Some(place) = self.amount_mut(measured) {
                    *place = Some(number);
                }
            }
        }
        Ok(())
    }

    fn amount_mut(&mut self, field: Field) -> Option<&mut Option<u64>> {
        Some(match field {
            Field::Area => &mut self.area_cm2,
            Field::Cost => &mut self.cost_minor,
            Field::Culled => &mut self.culled,
            Field::Dead => &mut self.dead,
            Field::EggMass => &mut self.egg_mass_g,
            Field::Eggs => &mut self.eggs,
            Field::Feed => &mut self.feed_g,
            Field::FeedLeft => &mut self.feed_left_g,
            Field::LiveWeightOut => &mut self.live_weight_out_g,
            Field::MovedIn => &mut self.moved_in,
            Field::MovedOut => &mut self.moved_out,
            Field::Placed => &mut self.placed,
            Field::Sold => &mut self.sold,
            Field::Water => &mut self.water_ml,
            Field::Batch | Field::Date | Field::Day | Field::Species | Field::Week | Field::Weights => return None,
        })
    }

    /// Whether it says nothing but perhaps a name: a blank line of a table.
    pub(super) fn is_blank(&self) -> bool {
        let Self { line: _, batch, species, time, lost, .. } = self;
        let empty = Self { line: self.line, batch: batch.clone(), species: species.clone(), time: *time, lost: lost.clone(), ..Self::default() };
        lost.is_empty() && *self == empty && time.is_none()
    }

    /// Whether it is the sum under a table, which is no row of its own.
    pub(super) fn is_sum(&self) -> bool {
        let name = self.batch.trim_end_matches([':', '.']).to_lowercase();
        let sums = [
            "total",
            "totals",
            "sum",
            "summe",
            "gesamt",
            "insgesamt",
            "somme",
            "suma",
            "soma",
            "totaal",
            "totale",
            "grand total",
            "\u{3a3}",
            "\u{3c3}",
        ];
        sums.contains(&&*name)
    }
}

fn count(text: &str, writing: Writing) -> Result<u64, String> {
    let decimal = decimal(text, writing)?;
    decimal.whole().ok_or_else(|| format!("{decimal} is no whole number"))
}

/// In the smallest unit of its kind; animals, eggs and days are whole.
fn amount(text: &str, column: Column, writing: Writing) -> Result<u64, String> {
    if matches!(column.field, Field::Culled | Field::Dead | Field::Eggs | Field::MovedIn | Field::MovedOut | Field::Placed | Field::Sold) {
        return count(text, writing);
    }
    decimal(text, writing)?.scaled(column.scale.times, column.scale.per).ok_or_else(too_large)
}

fn weights(text: &str, column: Column, writing: Writing) -> Result<Vec<u64>, String> {
    let is_gap = |c: char| c.is_whitespace() || matches!(c, ';' | '|') || (c == ',' && writing.decimal == DecimalSign::Point);
    let milligrams = |weight: &str| decimal(weight, writing)?.scaled(column.scale.times.saturating_mul(1000), column.scale.per).ok_or_else(too_large);
    // A list of one is a number, in which a gap may stand between thousands.
    if let Ok(weight) = milligrams(text) {
        return Ok(vec![weight]);
    }
    text.trim_matches(['[', ']']).split(is_gap).filter(|weight| !weight.is_empty()).map(milligrams).collect()
}

fn decimal(text: &str, writing: Writing) -> Result<Decimal, String> {
    Decimal::read(text, writing.decimal).map_err(|error| match error {
        NotDecimal::Ambiguous { as_fraction, as_thousands } => {
            format!("{as_fraction} or {as_thousands}: say which sign stands before the fraction (--decimal point or comma)")
        }
        NotDecimal::Negative => "a number below 0".to_owned(),
        NotDecimal::NoNumber => "no number".to_owned(),
        NotDecimal::TooLong => too_large(),
    })
}

fn date_reason(error: NotDate) -> String {
    match error {
        NotDate::Ambiguous(one, other) => format!("{one} or {other}: say which part comes first (--dates day-first or month-first), or write {one}"),
        NotDate::NoDate => "no date: write 2026-04-13, 13.04.2026 or 04/13/2026".to_owned(),
    }
}

fn too_large() -> String {
    "too large a number: look at the unit".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::report::column;

    fn set(header: &str, text: &str) -> (Row, Result<(), String>) {
        let mut row = Row::default();
        let result = row.set(column::read(header).unwrap(), text, Writing::default());
        (row, result)
    }

    #[test]
    fn cells_come_in_the_smallest_unit() {
        assert_eq!(set("feed_kg", "12,5").0.feed_g, Some(12_500));
        assert_eq!(set("weight_g", "42.3").0.weights_mg, [42_300]);
        assert_eq!(set("weights_g", "2100 2257; 1999|[2000]").0.weights_mg, [] as [u64; 0]);
        assert_eq!(set("weights_g", "[2100 2257; 1999|2000]").0.weights_mg, [2_100_000, 2_257_000, 1_999_000, 2_000_000]);
        assert_eq!(set("water_l", "1.5").0.water_ml, Some(1500));
        assert!(set("date", "13.04.2026").0.time.is_some());
    }

    #[test]
    fn what_cannot_be_read_is_lost_and_what_is_empty_is_missing() {
        let (row, result) = set("dead", "2.5");
        assert_eq!((row.dead, row.lost.as_slice(), result), (None, [Field::Dead].as_slice(), Err("2.5 is no whole number".to_owned())));
        for empty in ["", " ", "-", "NA", "null"] {
            let (row, result) = set("dead", empty);
            assert_eq!((row, result), (Row::default(), Ok(())));
        }
        assert!(set("weight_kg", "2.257").1.unwrap_err().starts_with("2.257 or 2257"));
        assert!(set("date", "03/04/2026").1.unwrap_err().starts_with("2026-04-03 or 2026-03-04"));
        assert_eq!(set("feed_kg", "-1").1, Err("a number below 0".to_owned()));
    }
}
