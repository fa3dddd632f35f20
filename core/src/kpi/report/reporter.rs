//! Rows in, a report out.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::batch::Batch;
use super::figures::compute;
use super::locale::Locale;
use super::plausible::implausible;
use super::row::{Row, RowProblem};
use super::table::Entry;
use super::targets::{Target, Targets};
use super::weighing::Weighing;
use crate::error::Result;
use crate::kpi::{Kpi, Member, Quantity, Ranked, Summary, deviation_of, percentile_linear, rank};

/// The report of a farm: a page for each batch, and the batches beside each other.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The latest [`MAX_PAGES`], in the order in which they first came.
    pub batches: Vec<BatchReport>,
    /// How many batches there are.
    pub batch_count: u64,
    /// The batches by score (`rank.v1`), the best first.
    pub ranking: Vec<Ranked>,
    /// Over all batches, by id of the figure: the mean, and what the best quarter reaches.
    pub farm: BTreeMap<String, FarmFigure>,
    /// Cells and rows that could not be read, in their order, at most [`MAX_PROBLEMS`].
    pub problems: Vec<RowProblem>,
    /// How many there are.
    pub problem_count: u64,
    /// How many rows were read.
    pub rows: u64,
    /// What was compared with.
    pub targets: Targets,
    /// The unit of costs, as the tables name it.
    pub(super) currency: Option<&'static str>,
}

/// The page of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct BatchReport {
    /// Which batch.
    pub batch: String,
    /// Its species, as the table says it.
    pub species: Option<String>,
    /// Its age in days at the last row.
    pub age: Option<u64>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// The last weighing: its day and what it says.
    pub weights: Option<(u64, Summary)>,
    /// Every weighing.
    pub growth: Vec<Weighing>,
    /// Each day, and the share of the animals placed that had died by its end.
    pub mortality: Vec<(u64, f64)>,
    /// Each day, or week, that tells eggs, and the eggs by the hens there were.
    pub laying: Vec<(u64, f64)>,
    /// How many animals of the last weighing had each weight in g.
    pub distribution: Vec<(f64, u64)>,
    /// What could not be computed, and why.
    pub incomplete: Vec<String>,
    /// What is possible, and looks like a mistake.
    pub implausible: Vec<String>,
}

/// A figure beside its target.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// The figure.
    pub kpi: Kpi,
    /// What was wanted.
    pub target: Option<Target>,
    /// How far it is from that (`deviation.v1`).
    pub deviation: Option<Kpi>,
}

/// A figure over all batches.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FarmFigure {
    /// How many batches have it.
    pub n: u64,
    /// The farm's: of a quotient of sums the sums of all batches by each other, else the plain mean of the batches.
    pub mean: f64,
    /// Whether it is by the sums of all batches.
    pub is_pooled: bool,
    /// What a quarter of the batches reaches, where it is known which way is better.
    pub best_quarter: Option<f64>,
}

/// Collects rows and reports on them.
///
/// What it keeps does not grow with the rows: of each batch its figures, of the latest [`MAX_PAGES`] their pages, and days only of the
/// last [`MAX_OPEN`] that rows came for. The rows of a batch may stand in any order, and among those of other batches, but not further
/// apart than that.
#[derive(Debug, Default)]
pub struct Reporter {
    targets: Targets,
    /// Batches that rows may still come for.
    open: HashMap<String, Open>,
    /// What is kept of the others, and in which order all came.
    closed: BTreeMap<u64, Closed>,
    closed_ids: HashSet<String>,
    pages: BTreeMap<u64, BatchReport>,
    batch_count: u64,
    problems: Vec<RowProblem>,
    problem_count: u64,
    rows: u64,
    currency: Option<&'static str>,
    /// About what the open batches hold, in weights.
    held: usize,
}

#[derive(Debug)]
struct Open {
    batch: Batch,
    order: u64,
    /// The row that came last.
    touched: u64,
}

/// A batch beside others.
#[derive(Debug)]
struct Closed {
    id: String,
    values: Vec<Value>,
}

/// A figure of it.
#[derive(Debug, Clone, Copy)]
struct Value {
    id: &'static str,
    value: f64,
    /// Its numerator and denominator, where it is their quotient.
    quotient: Option<(f64, f64)>,
}

impl Reporter {
    /// One that compares with these targets.
    #[must_use]
    pub fn new(targets: Targets) -> Self {
        Self { targets, ..Self::default() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// As [`Reporter::finish`]: a batch may be finished on the way.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        self.currency = self.currency.or(row.currency);
        if let Some(open) = self.open.get_mut(&row.batch) {
            open.touched = self.rows;
            let before = open.batch.size();
            let outcome = open.batch.add(row);
            self.held = self.held.saturating_sub(before).saturating_add(open.batch.size());
            if let Err(problem) = outcome {
                self.add_problem(problem);
            }
            if self.held > MAX_HELD && self.open.len() > 1 {
                self.close_half()?;
            }
            return Ok(());
        }
        if self.closed_ids.contains(&row.batch) {
            let reason = format!("more than {MAX_OPEN} batches stand between the rows of this one: sort the table by batch");
            let (text, effect) = (row.batch.clone(), "the row is left out".to_owned());
            self.add_problem(RowProblem { line: row.line, column: None, text, reason, effect });
            return Ok(());
        }
        if self.batch_count >= MAX_BATCHES {
            let (reason, effect) = (format!("more than {MAX_BATCHES} batches"), "the row is left out".to_owned());
            self.add_problem(RowProblem { line: row.line, column: None, text: row.batch.clone(), reason, effect });
            return Ok(());
        }
        if self.open.len() >= MAX_OPEN || self.held > MAX_HELD {
            self.close_half()?;
        }
        let mut batch = Batch::new(&row.batch);
        if let Err(problem) = batch.add(row) {
            self.add_problem(problem);
        }
        self.held = self.held.saturating_add(batch.size());
        self.open.insert(row.batch.clone(), Open { batch, order: self.batch_count, touched: self.rows });
        self.batch_count += 1;
        Ok(())
    }

    /// Adds what a table brings: a row, or what could not be read.
    ///
    /// # Errors
    /// As [`Reporter::finish`]: a batch may be finished on the way.
    pub fn add_entry(&mut self, entry: Entry) -> Result<()> {
        match entry {
            Entry::Row(row) => self.add(&row),
            Entry::Problem(problem) => {
                self.add_problem(problem);
                Ok(())
            }
        }
    }

    /// Adds what could not be read.
    pub fn add_problem(&mut self, problem: RowProblem) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// The report.
    ///
    /// # Errors
    /// `kpi_unit_mismatch` for a target in another unit than its figure; `kpi_bad_weights` for weights of a ranking that are none.
    pub fn finish(mut self) -> Result<Report> {
        let open = std::mem::take(&mut self.open);
        for Open { batch, order, .. } in open.into_values() {
            self.close(&batch, order)?;
        }
        let ranking = ranking(self.closed.values(), &self.targets)?;
        let farm = farm(self.closed.values(), &self.targets);
        let Self { targets, pages, batch_count, problems, problem_count, rows, currency, .. } = self;
        Ok(Report { batches: pages.into_values().collect(), batch_count, ranking, farm, problems, problem_count, rows, targets, currency })
    }

    /// Finishes the half of the batches for which rows came longest ago.
    fn close_half(&mut self) -> Result<()> {
        let mut touched: Vec<u64> = self.open.values().map(|open| open.touched).collect();
        let middle = touched.len() / 2;
        let (_, &mut until, _) = touched.select_nth_unstable(middle);
        let closing: Vec<String> =
            self.open.iter().filter(|(_, open)| open.touched <= until && open.touched < self.rows).map(|(id, _)| id.clone()).collect();
        for id in closing {
            if let Some(Open { batch, order, .. }) = self.open.remove(&id) {
                self.held = self.held.saturating_sub(batch.size());
                self.close(&batch, order)?;
            }
        }
        Ok(())
    }

    fn close(&mut self, batch: &Batch, order: u64) -> Result<()> {
        let page = page(batch, &self.targets)?;
        let values = page.figures.iter().filter_map(|figure| Value::of(&figure.kpi)).collect();
        self.closed.insert(order, Closed { id: batch.id.clone(), values });
        self.closed_ids.insert(batch.id.clone());
        self.pages.insert(order, page);
        if self.pages.len() > MAX_PAGES {
            self.pages.pop_first();
        }
        Ok(())
    }
}

impl Report {
    /// How its numbers are written, its money included.
    pub(crate) const fn written(&self, locale: Locale) -> Locale {
        locale.with_currency(self.currency)
    }
}

impl BatchReport {
    /// The figure of that id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.kpi.id == id)
    }
}

fn page(batch: &Batch, targets: &Targets) -> Result<BatchReport> {
    let timeline = batch.timeline();
    let computed = compute(batch, &timeline);
    let implausible = implausible(batch, &timeline, &computed, targets);
    let mut incomplete = computed.incomplete;
    let lost: Vec<String> = batch.lost.iter().map(|(field, count)| format!("{count} of {}", field.as_str().replace('_', " "))).collect();
    if !lost.is_empty() {
        let lost = lost.join(", ");
        incomplete.push(format!("cells that could not be read: {lost}; the list at the end says which, and figures that rest on them are marked"));
    }
    let mut figures = Vec::with_capacity(computed.figures.len());
    for kpi in computed.figures {
        let target = targets.figures.get(kpi.id).cloned();
        let wanted = |target: &Target| deviation_of(&Quantity::from(&kpi), &Quantity { value: Some(target.value), unit: Some(target.unit.clone()) });
        let deviation = target.as_ref().map(wanted).transpose()?;
        figures.push(Figure { kpi, target, deviation });
    }
    Ok(BatchReport {
        batch: batch.id.clone(),
        species: batch.species.clone(),
        age: computed.age,
        figures,
        weights: computed.weighings.last,
        growth: computed.weighings.all,
        mortality: computed.mortality,
        laying: computed.laying,
        distribution: computed.weighings.distribution,
        incomplete,
        implausible,
    })
}

fn ranking<'c>(batches: impl Iterator<Item = &'c Closed>, targets: &Targets) -> Result<Vec<Ranked>> {
    let weights = targets.ranking();
    let value = |batch: &Closed, id: &str| batch.values.iter().find(|value| value.id == id).map(|value| value.value);
    let figures = |batch: &Closed| weights.keys().map(|id| (id.clone(), value(batch, id))).collect();
    let cohort: Vec<Member> = batches.map(|batch| Member { id: batch.id.clone(), figures: figures(batch) }).collect();
    rank(&cohort, &weights)
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a number of batches")]
fn farm<'c>(batches: impl Iterator<Item = &'c Closed>, targets: &Targets) -> BTreeMap<String, FarmFigure> {
    let mut values: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for value in batches.flat_map(|batch| &batch.values) {
        values.entry(value.id).or_default().push(*value);
    }
    let weights = targets.ranking();
    let one = |(id, values): (&str, Vec<Value>)| {
        let lower = weights.get(id).map(|weight| weight.lower_is_better).or_else(|| lower_is_better(id));
        let list: Vec<f64> = values.iter().map(|value| value.value).collect();
        let quarter = |lower| percentile_linear(list.as_slice().into(), crate::kpi::Fraction(if lower { 0.25 } else { 0.75 })).ok()?.value;
        let best_quarter = lower.and_then(quarter);
        // A ratio of the farm is that of its sums: a batch of 100 animals counts less than one of 20 000.
        let quotients: Option<Vec<(f64, f64)>> = values.iter().map(|value| value.quotient).collect();
        let pooled = quotients.map(|all| all.iter().fold((0.0, 0.0), |(num, den), (a, b)| (num + a, den + b))).filter(|(_, den)| *den != 0.0);
        let mean = pooled.map_or_else(|| list.iter().sum::<f64>() / list.len() as f64, |(num, den)| num / den);
        (id.to_owned(), FarmFigure { n: u64::try_from(list.len()).unwrap_or(u64::MAX), mean, is_pooled: pooled.is_some(), best_quarter })
    };
    values.into_iter().map(one).collect()
}

impl Value {
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    fn of(kpi: &Kpi) -> Option<Self> {
        let value = kpi.value?;
        // A gain of one animal a day is no sum over animals: its days are no weights.
        let is_of_one = matches!(kpi.id, "adg.from_zero.v1" | "adg.net.v1");
        let quotient = kpi.num.zip(kpi.den).map(|(num, den)| (num as f64, den as f64)).filter(|(num, den)| !is_of_one && num / den == value);
        Some(Self { id: kpi.id, value, quotient })
    }
}

/// Which way a figure is better, where nobody doubts it.
pub(super) fn lower_is_better(id: &str) -> Option<bool> {
    let name = id.split('.').next().unwrap_or(id);
    match name {
        "mortality" | "cull" | "loss" | "fcr" | "cv" | "feed_cost" | "feed_per_dozen" => Some(true),
        "survival" | "adg" | "epef" | "ebi" | "uniformity" | "hen_day" | "hen_housed" | "eggs_per_hen_housed" | "egg_mass_per_hen_day" => Some(false),
        _ => None,
    }
}

/// Of how many batches a report has pages: the latest. Farms compare and rank all.
pub const MAX_PAGES: usize = 500;
/// For how many batches rows may come at a time.
pub const MAX_OPEN: usize = 1_000;
/// How many batches a report ranks.
pub const MAX_BATCHES: u64 = 100_000;
/// What the batches that rows may still come for hold together: a weight counts one, a day eight.
const MAX_HELD: usize = 1_000_000;
/// How many problems a report lists.
pub const MAX_PROBLEMS: usize = 10_000;
