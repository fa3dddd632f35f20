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
    /// The unit of its cost, where a header says it.
    pub(super) currency: Option<&'static str>,
    /// Cells that were given and could not be read: figures that rest on them are marked.
    pub lost: Vec<Field>,
    /// Whether a cell says that this is the sum under a table, which is no row of its own.
    pub(super) is_sum: bool,
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
        if text.is_empty() || matches!(text, "-" | "\u{2013}" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "null" | "NULL" | "#N/A") {
            return Ok(());
        }
        if (column.field.is_time() || matches!(column.field, Field::Batch | Field::Species)) && names_a_sum(text) {
            self.is_sum = true;
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
            Field::Batch => name(text)?.clone_into(&mut self.batch),
            Field::Species => self.species = Some(name(text)?.to_owned()),
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
                self.currency = self.currency.or(column.currency);
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

    pub(super) fn amount(&self, field: Field) -> Option<u64> {
        match field {
            Field::Area => self.area_cm2,
            Field::Cost => self.cost_minor,
            Field::Culled => self.culled,
            Field::Dead => self.dead,
            Field::EggMass => self.egg_mass_g,
            Field::Eggs => self.eggs,
            Field::Feed => self.feed_g,
            Field::FeedLeft => self.feed_left_g,
            Field::LiveWeightOut => self.live_weight_out_g,
            Field::MovedIn => self.moved_in,
            Field::MovedOut => self.moved_out,
            Field::Placed => self.placed,
            Field::Sold => self.sold,
            Field::Water => self.water_ml,
            Field::Batch | Field::Date | Field::Day | Field::Species | Field::Week | Field::Weights => None,
        }
    }
}

/// Whether a cell is the name of the sum, or of the mean, under a table: `Total`, `Summe:`, `Total 2026-1`.
pub(super) fn names_a_sum(text: &str) -> bool {
    const SUMS: &[&str] = &[
        "total",
        "totals",
        "subtotal",
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
        "average",
        "mean",
        "durchschnitt",
        "mittelwert",
        "moyenne",
        "promedio",
        "media",
        "m\u{e9}dia",
        "gemiddelde",
    ];
    let text = text.trim().trim_end_matches([':', '.']).to_lowercase();
    let first = text.split([' ', ':']).next().unwrap_or(&text);
    SUMS.contains(&&*text) || (SUMS.contains(&first) && text.len() > first.len())
}

fn name(text: &str) -> Result<&str, String> {
    if text.len() > LONGEST_NAME { Err(format!("a name of more than {LONGEST_NAME} bytes")) } else { Ok(text) }
}

fn count(text: &str, writing: Writing) -> Result<u64, String> {
    let decimal = decimal(text, writing)?;
    decimal.whole().ok_or_else(|| {
        if decimal.is_whole() { too_large() } else { format!("{decimal} is no whole number: animals, eggs and days are counted whole") }
    })
}

/// In the smallest unit of its kind; animals, eggs and days are whole.
fn amount(text: &str, column: Column, writing: Writing) -> Result<u64, String> {
    if matches!(column.field, Field::Culled | Field::Dead | Field::Eggs | Field::MovedIn | Field::MovedOut | Field::Placed | Field::Sold) {
        return count(text, writing);
    }
    decimal(text, writing)?.scaled(column.scale.times, column.scale.per).ok_or_else(too_large)
}

/// A list of weights. A plain space parts them and never thousands: two chicks of 210 and 225 g are no calf of 210 225 g.
fn weights(text: &str, column: Column, writing: Writing) -> Result<Vec<u64>, String> {
    let milligrams = |weight: &str| decimal(weight, writing)?.scaled(column.scale.times.saturating_mul(1000), column.scale.per).ok_or_else(too_large);
    let comma_parts = writing.decimal == DecimalSign::Point;
    let text = text.trim_matches(['[', ']']);
    if comma_parts
        && text.matches(',').count() == 1
        && let Some((one, other)) = text.split_once(',')
        && let (Ok(one), Ok(other), Ok(whole)) = (decimal(one, writing), decimal(other, writing), decimal(text, writing))
    {
        return Err(format!("one weight of {whole}, or two of {one} and {other}: part a list by spaces or semicolons"));
    }
    let is_gap = |c: char| matches!(c, ' ' | '\t' | '\n' | ';' | '|') || (c == ',' && comma_parts);
    text.split(is_gap).filter(|weight| !weight.is_empty()).map(milligrams).collect()
}

fn decimal(text: &str, writing: Writing) -> Result<Decimal, String> {
    Decimal::read(text, writing.decimal).map_err(|error| match error {
        NotDecimal::Ambiguous { as_fraction, as_thousands } => {
            format!("{as_fraction} or {as_thousands}: say which sign stands before the fraction (--decimal point or comma)")
        }
        NotDecimal::Negative => "a number below 0: write 0 or more".to_owned(),
        NotDecimal::NoNumber => "no number: write digits, as 12 or 12.5, or leave the cell empty".to_owned(),
        NotDecimal::TooLong => too_large(),
    })
}

fn date_reason(error: NotDate) -> String {
    match error {
        NotDate::Ambiguous(one, other) => format!("{one} or {other}: say which part comes first (--dates day-first or month-first), or write {one}"),
        NotDate::NoSuchDay => "no such day in the calendar: write the day that is meant".to_owned(),
        NotDate::ShortYear => "a year of two digits: write all four, as 13.04.2026".to_owned(),
        NotDate::NoDate => "no date: write 2026-04-13, 13.04.2026 or 04/13/2026".to_owned(),
    }
}

fn too_large() -> String {
    "too large a number: look at the unit".to_owned()
}

/// Bytes of the name of a batch or a species.
const LONGEST_NAME: usize = 200;

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
        assert_eq!(set("weights_g", "210 225").0.weights_mg, [210_000, 225_000]);
        assert_eq!(set("weights_g", "1'250 1\u{202f}310").0.weights_mg, [1_250_000, 1_310_000]);
        assert_eq!(set("weights_g", "[2100 2257; 1999|2000]").0.weights_mg, [2_100_000, 2_257_000, 1_999_000, 2_000_000]);
        assert_eq!(set("water_l", "1.5").0.water_ml, Some(1500));
        assert!(set("date", "13.04.2026").0.time.is_some());
    }

    #[test]
    fn commas_between_weights_are_asked_for_where_they_could_stand_between_thousands() {
        let point = Writing { decimal: DecimalSign::Point, ..Writing::default() };
        let set = |text: &str| {
            let mut row = Row::default();
            row.set(column::read("weights_g").unwrap(), text, point).map(|()| row.weights_mg)
        };
        assert_eq!(set("210,225"), Err("one weight of 210225, or two of 210 and 225: part a list by spaces or semicolons".to_owned()));
        assert_eq!(set("43,41"), Ok(vec![43_000, 41_000]));
        assert_eq!(set("42.5, 41"), Ok(vec![42_500, 41_000]));
        assert_eq!(set("210,225,181"), Ok(vec![210_000, 225_000, 181_000]));
    }

    #[test]
    fn a_sum_has_a_name_wherever_it_stands() {
        for text in ["Total", "Summe:", "TOTAL 2026-1", "Grand total", "\u{3a3}", "Mittelwert"] {
            assert!(names_a_sum(text), "{text}");
            assert!(set("date", text).0.is_sum && set("batch", text).0.is_sum && !set("dead", text).0.is_sum, "{text}");
        }
        for text in ["A1", "Sumatra", "totally", "2026-1", "medial"] {
            assert!(!names_a_sum(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_lost_and_what_is_empty_is_missing() {
        let (row, result) = set("dead", "2.5");
        assert_eq!(
            (row.dead, row.lost.as_slice(), result),
            (None, [Field::Dead].as_slice(), Err("2.5 is no whole number: animals, eggs and days are counted whole".to_owned()))
        );
        for empty in ["", " ", "-", "NA", "null"] {
            let (row, result) = set("dead", empty);
            assert_eq!((row, result), (Row::default(), Ok(())));
        }
        assert_eq!(set("dead", "18446744073709551616").1, Err("too large a number: look at the unit".to_owned()));
        assert!(set("weight_kg", "2.257").1.unwrap_err().starts_with("2.257 or 2257"));
        assert!(set("date", "03/04/2026").1.unwrap_err().starts_with("2026-04-03 or 2026-03-04"));
        assert_eq!(set("feed_kg", "-1").1, Err("a number below 0: write 0 or more".to_owned()));
    }
}
