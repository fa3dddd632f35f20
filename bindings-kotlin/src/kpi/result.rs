//! Results of figures.

use gatewright::Error;
use gatewright::kpi::{Evaluated, Kpi, Norms, Ranked, Summary, Warning};

use crate::gate::signed;

/// What a figure gives.
#[derive(uniffi::Enum)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Evaluated")]
pub enum FfiEvaluated {
    One {
        kpi: FfiKpi,
    },
    Each {
        norms: FfiNorms,
    },
    Places {
        ranking: Vec<FfiRanked>,
    },
    Several {
        summary: FfiSummary,
    },
    /// What a later version of the core gives.
    Other,
}

/// One figure. Numerator and denominator are decimal digits: they pass 64 bits.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Kpi")]
pub struct FfiKpi {
    pub id: String,
    pub value: Option<f64>,
    pub status: String,
    pub reason: Option<String>,
    pub unit: String,
    pub num: Option<String>,
    pub den: Option<String>,
    pub n: i64,
    pub missing: i64,
    pub basis: Option<String>,
    pub coverage: Option<f64>,
    pub warnings: Vec<String>,
    pub percent: Option<f64>,
}

/// Several numbers about one list of values.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Summary")]
pub struct FfiSummary {
    pub id: String,
    pub unit: String,
    pub n: i64,
    pub missing: i64,
    pub mean: Option<f64>,
    pub sd: Option<f64>,
    pub ci95_low: Option<f64>,
    pub ci95_high: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub warnings: Vec<String>,
}

/// A number for each value.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Norms")]
pub struct FfiNorms {
    pub id: String,
    pub value: Vec<Option<f64>>,
    pub unit: String,
    pub n: i64,
    pub missing: i64,
    pub warnings: Vec<String>,
}

/// A place in a cohort.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::Ranked")]
pub struct FfiRanked {
    pub id: String,
    pub rank: Option<i64>,
    pub score: Option<f64>,
    pub coverage: f64,
}

impl From<Evaluated> for FfiEvaluated {
    fn from(evaluated: Evaluated) -> Self {
        match evaluated {
            Evaluated::Kpi(kpi) => Self::One { kpi: kpi.into() },
            Evaluated::Norms(norms) => Self::Each { norms: norms.into() },
            Evaluated::Ranking(ranking) => Self::Places { ranking: ranking.into_iter().map(FfiRanked::from).collect() },
            Evaluated::Summary(summary) => Self::Several { summary: summary.into() },
            _ => Self::Other,
        }
    }
}

impl From<Kpi> for FfiKpi {
    fn from(kpi: Kpi) -> Self {
        Self {
            percent: kpi.percent(),
            id: kpi.id.to_owned(),
            value: kpi.value,
            status: kpi.status.as_str().to_owned(),
            reason: kpi.reason.map(|reason| reason.as_str().to_owned()),
            unit: kpi.unit.as_str().to_owned(),
            num: kpi.num.map(|num| num.to_string()),
            den: kpi.den.map(|den| den.to_string()),
            n: signed(kpi.n),
            missing: signed(kpi.missing),
            basis: kpi.basis.map(|basis| basis.as_str().to_owned()),
            coverage: kpi.coverage,
            warnings: words(&kpi.warnings),
        }
    }
}

impl From<Summary> for FfiSummary {
    fn from(summary: Summary) -> Self {
        Self {
            id: summary.id.to_owned(),
            unit: summary.unit.as_str().to_owned(),
            n: signed(summary.n),
            missing: signed(summary.missing),
            mean: summary.mean,
            sd: summary.sd,
            ci95_low: summary.ci95_low,
            ci95_high: summary.ci95_high,
            min: summary.min,
            max: summary.max,
            warnings: words(&summary.warnings),
        }
    }
}

impl From<Norms> for FfiNorms {
    fn from(norms: Norms) -> Self {
        Self {
            id: norms.id.to_owned(),
            value: norms.value,
            unit: norms.unit.as_str().to_owned(),
            n: signed(norms.n),
            missing: signed(norms.missing),
            warnings: words(&norms.warnings),
        }
    }
}

impl From<Ranked> for FfiRanked {
    fn from(ranked: Ranked) -> Self {
        let Ranked { id, rank, score, coverage, .. } = ranked;
        Self { id, rank: rank.map(signed), score, coverage }
    }
}

fn words(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(|warning| warning.as_str().to_owned()).collect()
}

/// A count that a caller gives.
pub(super) fn count(given: i64, field: &'static str) -> Result<u64, Error> {
    u64::try_from(given).map_err(|_| gatewright::error::KpiError::Negative { field }.into())
}
