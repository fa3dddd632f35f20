//! Rows in, a report out.

use std::collections::{BTreeMap, HashMap};

use super::batch::Batch;
use super::column::Field;
use super::figures::{Weighing, compute};
use super::plausible::implausible;
use super::row::{Row, RowProblem};
use super::targets::{Target, Targets};
use crate::error::Result;
use crate::kpi::{Kpi, Member, Quantity, Ranked, Summary, deviation_of, percentile_linear, rank};

/// The report of a farm: a page for each batch, and the batches beside each other.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Report {
    /// In the order in which they first came.
    pub batches: Vec<BatchReport>,
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
    /// Their mean.
    pub mean: f64,
    /// What a quarter of the batches reaches, where it is known which way is better.
    pub best_quarter: Option<f64>,
}

/// Collects rows, in any order, and reports on them.
///
/// What it keeps grows with the batches and their days, not with the rows.
#[derive(Debug, Default)]
pub struct Reporter {
    targets: Targets,
    batches: Vec<Batch>,
    places: HashMap<String, usize>,
    problems: Vec<RowProblem>,
    problem_count: u64,
    rows: u64,
}

impl Reporter {
    /// One that compares with these targets.
    #[must_use]
    pub fn new(targets: Targets) -> Self {
        Self { targets, ..Self::default() }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        self.rows += 1;
        let place = match self.places.get(&row.batch) {
            Some(place) => *place,
            None => {
                self.places.insert(row.batch.clone(), self.batches.len());
                self.batches.push(Batch::new(&row.batch));
                self.batches.len() - 1
            }
        };
        if let Some(batch) = self.batches.get_mut(place)
            && let Err(problem) = batch.add(row)
        {
            self.add_problem(problem);
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
    pub fn finish(self) -> Result<Report> {
        let targets = self.targets;
        let mut batches = Vec::with_capacity(self.batches.len());
        for batch in &self.batches {
            batches.push(page(batch, &targets)?);
        }
        let ranking = ranking(&batches, &targets)?;
        let farm = farm(&batches, &targets);
        let (problems, problem_count, rows) = (self.problems, self.problem_count, self.rows);
        Ok(Report { batches, ranking, farm, problems, problem_count, rows, targets })
    }
}

impl BatchReport {
    /// The figure of that id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.kpi.id == id)
    }

    fn value(&self, id: &str) -> Option<f64> {
        self.figure(id).and_then(|figure| figure.kpi.value)
    }
}

fn page(batch: &Batch, targets: &Targets) -> Result<BatchReport> {
    let computed = compute(batch);
    let implausible = implausible(batch, &computed, targets);
    let mut incomplete = computed.incomplete;
    let lost = |(field, count): (&Field, &u64)| format!("{count} cells of {} could not be read: figures that rest on it are marked", field.as_str());
    incomplete.extend(batch.lost.iter().map(lost));
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
        weights: computed.weights,
        growth: computed.growth,
        mortality: computed.mortality,
        distribution: computed.distribution,
        incomplete,
        implausible,
    })
}

fn ranking(batches: &[BatchReport], targets: &Targets) -> Result<Vec<Ranked>> {
    let weights = targets.ranking();
    let figures = |batch: &BatchReport| weights.keys().map(|id| (id.clone(), batch.value(id))).collect();
    let cohort: Vec<Member> = batches.iter().map(|batch| Member { id: batch.batch.clone(), figures: figures(batch) }).collect();
    rank(&cohort, &weights)
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a number of batches")]
fn farm(batches: &[BatchReport], targets: &Targets) -> BTreeMap<String, FarmFigure> {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for figure in batches.iter().flat_map(|batch| &batch.figures) {
        if let Some(value) = figure.kpi.value {
            values.entry(figure.kpi.id.to_owned()).or_default().push(value);
        }
    }
    let weights = targets.ranking();
    let one = |(id, values): (String, Vec<f64>)| {
        let lower = weights.get(&id).map(|weight| weight.lower_is_better).or_else(|| lower_is_better(&id));
        let quarter = |lower| percentile_linear(values.as_slice().into(), crate::kpi::Fraction(if lower { 0.25 } else { 0.75 })).ok()?.value;
        let best_quarter = lower.and_then(quarter);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (id, FarmFigure { n: u64::try_from(values.len()).unwrap_or(u64::MAX), mean, best_quarter })
    };
    values.into_iter().map(one).collect()
}

/// Which way a figure is better, where nobody doubts it.
fn lower_is_better(id: &str) -> Option<bool> {
    let name = id.split('.').next().unwrap_or(id);
    match name {
        "mortality" | "cull" | "loss" | "fcr" | "cv" | "feed_cost" | "feed_per_dozen" => Some(true),
        "survival" | "adg" | "epef" | "ebi" | "uniformity" | "hen_day" | "hen_housed" | "eggs_per_hen_housed" | "egg_mass_per_hen_day" => Some(false),
        _ => None,
    }
}

/// How many problems a report lists.
pub const MAX_PROBLEMS: usize = 10_000;
