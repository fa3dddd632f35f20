//! Figures: arguments by name on their way in, results on their way out.

mod accumulators;
mod argument;
mod report;
mod result;

use gatewright::Error;
use gatewright::error::KpiError;
use gatewright::kpi::{self, Argument, Arguments, MassG};

use crate::fault::FfiException;

pub use accumulators::{FfiFloatMoments, FfiHistogram, FfiHistogramSnapshot, FfiMoments};
pub use argument::{FfiArgument, FfiMember};
pub use report::{FfiReport, report_kpi, report_kpi_table};
pub use result::{FfiEvaluated, FfiKpi, FfiNorms, FfiRanked, FfiSummary};

use argument::{arguments, doubles, sample, wholes};

/// A call of a figure: one record, as each argument by itself would be one more crossing.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiFigure {
    pub method: String,
    pub members: Vec<FfiMember>,
}

/// A list of numbers in one piece of native memory, 64-bit integers or doubles, as an argument.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiSampleFigure {
    pub figure: FfiFigure,
    pub field: String,
    pub whole: bool,
    pub missing: i64,
}

/// A figure by its id, of arguments by name.
///
/// # Errors
/// As `gatewright::kpi::evaluate`.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn evaluate_kpi(figure: FfiFigure) -> Result<FfiEvaluated, FfiException> {
    Ok(kpi::evaluate(&figure.method, Arguments::new(arguments(figure.members)))?.into())
}

/// The same, with a list of numbers as one more argument.
///
/// # Errors
/// As `gatewright::kpi::evaluate`.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn evaluate_kpi_of(figure: FfiSampleFigure, numbers: &[u8]) -> Result<FfiEvaluated, FfiException> {
    let FfiSampleFigure { figure: FfiFigure { method, members }, field, whole, missing } = figure;
    let missing = u64::try_from(missing).unwrap_or(0);
    let evaluated = |list: Argument<'_>| {
        let mut all = arguments(members);
        all.push((field.into(), list));
        kpi::evaluate(&method, Arguments::new(all))
    };
    // What is below 0 is no whole number of the core's: as a double it is refused, or taken, as the figure says.
    let values = if whole { wholes(numbers) } else { None };
    Ok(match values {
        Some(values) => evaluated(sample(values.as_slice().into(), missing))?.into(),
        None => evaluated(sample(doubles(numbers, whole).as_slice().into(), missing))?.into(),
    })
}

/// `fcr.live_weight.v1` of pairs of feed and live weight, 64-bit integers each.
///
/// # Errors
/// `kpi_negative`.
#[uniffi::export]
pub fn fcr_live_weight_all(feed_g: &[u8], live_weight_out_g: &[u8]) -> Result<Vec<FfiKpi>, FfiException> {
    let masses = |numbers: &[u8], field: &'static str| wholes(numbers).ok_or_else(|| Error::from(KpiError::Negative { field }));
    let (feed, weight) = (masses(feed_g, "feed_g")?, masses(live_weight_out_g, "live_weight_out_g")?);
    Ok(feed.iter().zip(weight).map(|(feed, weight)| kpi::fcr_live_weight(MassG(*feed), MassG(weight)).into()).collect())
}

/// A figure of arguments in JSON, for vectors that give what Kotlin's types refuse.
///
/// # Errors
/// As `gatewright::kpi::evaluate_json`.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn evaluate_kpi_json(method: String, json: String) -> Result<String, FfiException> {
    Ok(kpi::evaluate_json(&method, &json)?)
}
