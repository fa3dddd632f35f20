//! The weighings of a batch.

use super::batch::Timeline;
use super::day::Day;
use crate::error::Result;
use crate::kpi::{self, Heads, Sample, Summary};

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

/// Weights of one day in g: whole ones exact.
pub(super) enum Weights {
    Real(Vec<f64>),
    Whole(Vec<u64>),
}

impl Weights {
    pub(super) fn of(day: &Day) -> Self {
        let each = || day.weights.iter().flat_map(|(weight, count)| std::iter::repeat_n(*weight, usize::try_from(*count).unwrap_or(0)));
        if day.weights.keys().all(|weight| weight % 1000 == 0) {
            Self::Whole(each().map(|weight| weight / 1000).collect())
        } else {
            Self::Real(each().map(|weight| real(weight) / 1000.0).collect())
        }
    }

    pub(super) fn sample(&self) -> Sample<'_> {
        match self {
            Self::Real(list) => Sample::from(list.as_slice()),
            Self::Whole(list) => Sample::from(list.as_slice()),
        }
    }
}

/// The weighings, and what the last of them says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Weighings {
    pub(super) all: Vec<Weighing>,
    pub(super) last: Option<(u64, Summary)>,
    /// How many animals of the last had each weight in g.
    pub(super) distribution: Vec<(f64, u64)>,
}

impl Weighings {
    /// Of a batch with so many animals.
    pub(super) fn of(timeline: &Timeline, heads: u64) -> Result<Self> {
        let days = || timeline.days.iter().filter(|(_, day)| !day.weights.is_empty());
        let mut weighings = Self::default();
        for (at, day) in days() {
            let weights = Weights::of(day);
            let spread = weights.sample().spread("weights", false)?;
            let uniformity = kpi::uniformity_score(weights.sample())?.value;
            if let Some(mean_g) = spread.mean {
                weighings.all.push(Weighing { day: *at, n: spread.count, mean_g, uniformity });
            }
        }
        // Only of the last: a confidence interval takes longer than all the rest of a weighing.
        if let Some((at, day)) = days().next_back() {
            let summary = kpi::weight_mean(Weights::of(day).sample(), (heads > 0).then_some(Heads(heads)))?;
            weighings.last = Some((*at, summary));
            weighings.distribution = thinned(day);
        }
        Ok(weighings)
    }

    /// The mean weight on a day: between two weighings on the straight line, and outside of them that of the nearest.
    pub(super) fn mean_on(&self, day: u64) -> Option<f64> {
        let before = self.all.iter().rev().find(|weighing| weighing.day <= day);
        let after = self.all.iter().find(|weighing| weighing.day >= day);
        match (before, after) {
            (Some(before), Some(after)) if before.day < after.day => {
                let share = real(day - before.day) / real(after.day - before.day);
                Some(before.mean_g + (after.mean_g - before.mean_g) * share)
            }
            (Some(one), _) | (None, Some(one)) => Some(one.mean_g),
            (None, None) => None,
        }
    }
}

/// How many animals had each weight; to the gram where there are very many different ones.
fn thinned(day: &Day) -> Vec<(f64, u64)> {
    let step = if day.weights.len() > MOST_BARS { 1000 } else { 1 };
    let mut out: Vec<(f64, u64)> = Vec::new();
    for (weight, count) in &day.weights {
        let weight = real(weight - weight % step) / 1000.0;
        match out.last_mut() {
            Some((at, sum)) if *at == weight => *sum += count,
            _ => out.push((weight, *count)),
        }
    }
    // What a page keeps does not grow with what was weighed.
    while out.len() > MOST_BARS {
        out = out.chunks(2).filter_map(|pair| Some((pair.first()?.0, pair.iter().map(|(_, count)| count).sum()))).collect();
    }
    out
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub(super) fn real(number: u64) -> f64 {
    number as f64
}

const MOST_BARS: usize = 2_000;
