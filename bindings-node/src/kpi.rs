//! Figures and accumulators. What an argument may be is the core's to say; texts of JSON cross, and lists of numbers where they lie.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright::Result;
use gatewright::kpi::{self, Argument, Arguments, FloatMoments, Fraction, Histogram, HistogramSnapshot, Moments, Sample, Values};
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;
use serde::Serialize;

use crate::answer::{Answer, answer};
use crate::text::Text;

/// A figure of the text of a JSON object.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn kpi_evaluate(#[napi(ts_arg_type = "string")] method: Text, arguments: String) -> Answer<String> {
    answer(kpi::evaluate_json(method.as_str(), &arguments))
}

/// A figure of one list of numbers and the text of a JSON object with the rest. `signed` says that `whole` are the bits of signed ones.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn kpi_evaluate_list(
    #[napi(ts_arg_type = "string")] method: Text,
    #[napi(ts_arg_type = "string")] field: Text,
    real: Option<&[f64]>,
    whole: Option<&[u64]>,
    signed: bool,
    missing: i64,
    arguments: String,
) -> Answer<String> {
    let list = List::new(real, whole, signed, missing);
    answer(kpi::evaluate_sample_json(method.as_str(), field.as_str(), list.sample(), &arguments))
}

/// The ids of all figures.
#[napi(catch_unwind)]
pub fn kpi_methods() -> Vec<&'static str> {
    kpi::METHODS.to_vec()
}

/// Numbers where JavaScript has them, and how many are missing beside them.
struct List<'a> {
    values: Numbers<'a>,
    missing: u64,
}

enum Numbers<'a> {
    Real(&'a [f64]),
    Whole(&'a [u64]),
    /// Signed ones, if one is negative.
    Rounded(Vec<f64>),
}

impl<'a> List<'a> {
    fn new(real: Option<&'a [f64]>, whole: Option<&'a [u64]>, signed: bool, missing: i64) -> Self {
        let whole = whole.unwrap_or_default();
        // Of all bits at once: the one of the sign is set if one number is negative.
        let has_negative = || signed && whole.iter().fold(0, |bits, number| bits | number).cast_signed() < 0;
        let values = match real {
            Some(real) => Numbers::Real(real),
            None if has_negative() => Numbers::Rounded(whole.iter().map(|number| rounded_signed(number.cast_signed())).collect()),
            None => Numbers::Whole(whole),
        };
        Self { values, missing: u64::try_from(missing).unwrap_or(0) }
    }

    fn sample(&self) -> Sample<'_> {
        let sample = match &self.values {
            Numbers::Real(real) => Sample::from(*real),
            Numbers::Whole(whole) => Sample::from(*whole),
            Numbers::Rounded(real) => Sample::from(real.as_slice()),
        };
        sample.with_missing(self.missing)
    }

    fn as_real(&self) -> std::borrow::Cow<'_, [f64]> {
        match &self.values {
            Numbers::Real(real) => (*real).into(),
            Numbers::Whole(whole) => whole.iter().copied().map(rounded).collect(),
            Numbers::Rounded(real) => real.as_slice().into(),
        }
    }

    /// The same numbers as integers. Of doubles the core says whether each is a count.
    fn as_counts(&self) -> Result<std::borrow::Cow<'_, [u64]>> {
        let sample = self.sample();
        let Values::Real(reals) = sample.values else {
            return Ok(if let Values::Whole(whole) = sample.values { whole.into() } else { (&[]).into() });
        };
        let arguments = Arguments::new(vec![("values".into(), Argument::Sample(reals.into()))]);
        kpi::evaluate("moments.integer.v1", arguments)?;
        Ok(reals.iter().copied().map(count).collect())
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "the core has found it to be a count")]
const fn count(real: f64) -> u64 {
    real as u64
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
const fn rounded(whole: u64) -> f64 {
    whole as f64
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
const fn rounded_signed(whole: i64) -> f64 {
    whole as f64
}

/// The handle of an accumulator. JavaScript gives it to one thread; the lock is for the compiler.
pub struct Accumulator(Mutex<Kind>);

#[derive(Clone)]
enum Kind {
    Whole(Moments),
    Real(FloatMoments),
    Histogram(Histogram),
}

impl Accumulator {
    fn of(kind: Kind) -> External<Self> {
        External::new(Self(Mutex::new(kind)))
    }

    fn lock(&self) -> MutexGuard<'_, Kind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi(catch_unwind, ts_return_type = "ExternalObject<Accumulator>")]
pub fn kpi_accumulator(#[napi(ts_arg_type = "'integer' | 'f64' | 'histogram'")] kind: String) -> External<Accumulator> {
    Accumulator::of(match kind.as_str() {
        "integer" => Kind::Whole(Moments::new()),
        "f64" => Kind::Real(FloatMoments::new()),
        _ => Kind::Histogram(Histogram::new()),
    })
}

/// Adds all, or none if one cannot be added.
#[napi(catch_unwind, ts_return_type = "void | Failure")]
pub fn kpi_add(
    #[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>,
    real: Option<&[f64]>,
    whole: Option<&[u64]>,
    signed: bool,
    missing: i64,
) -> Answer<()> {
    answer(add(&mut accumulator.lock(), &List::new(real, whole, signed, missing)))
}

fn add(kind: &mut Kind, list: &List<'_>) -> Result<()> {
    match kind {
        Kind::Whole(moments) => {
            moments.add_all(&list.as_counts()?)?;
            moments.add_missing(list.missing);
        }
        Kind::Real(moments) => {
            moments.add_all(&list.as_real())?;
            moments.add_missing(list.missing);
        }
        Kind::Histogram(histogram) => {
            histogram.add_all(&list.as_counts()?)?;
            histogram.add_missing(list.missing);
        }
    }
    Ok(())
}

/// Adds all that another of the same kind has.
#[napi(catch_unwind, ts_return_type = "void | Failure")]
pub fn kpi_merge(
    #[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>,
    #[napi(ts_arg_type = "ExternalObject<Accumulator>")] other: &External<Accumulator>,
) -> Answer<()> {
    // Copied, since it may be the same one.
    let other = other.lock().clone();
    answer(match (&mut *accumulator.lock(), &other) {
        (Kind::Whole(all), Kind::Whole(more)) => all.merge(more),
        (Kind::Real(all), Kind::Real(more)) => all.merge(more),
        (Kind::Histogram(all), Kind::Histogram(more)) => all.merge(more),
        _ => Err(gatewright::Error::invalid_argument("other", "give an accumulator of the same kind")),
    })
}

#[derive(Serialize)]
struct HistogramText {
    n: u64,
    missing: u64,
    mean: Option<f64>,
    min: Option<u64>,
    max: Option<u64>,
    p50: Option<u64>,
    p90: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
    basis: &'static str,
}

impl From<HistogramSnapshot> for HistogramText {
    fn from(of: HistogramSnapshot) -> Self {
        let HistogramSnapshot { n, missing, mean, min, max, p50, p90, p95, p99, basis, .. } = of;
        Self { n, missing, mean, min, max, p50, p90, p95, p99, basis: basis.as_str() }
    }
}

/// What was added comes to: the text of a JSON object.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn kpi_snapshot(#[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>) -> Answer<String> {
    answer(match &*accumulator.lock() {
        Kind::Whole(moments) => moments.snapshot().map(|summary| summary.to_json()),
        Kind::Real(moments) => moments.snapshot().map(|summary| summary.to_json()),
        Kind::Histogram(histogram) => Ok(serde_json::to_string(&HistogramText::from(histogram.snapshot())).unwrap_or_default()),
    })
}

/// A quantile of a histogram: the text of a JSON object.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn kpi_quantile(#[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>, p: f64) -> Answer<String> {
    let Kind::Histogram(histogram) = &*accumulator.lock() else {
        return answer(Err(gatewright::Error::Internal("a quantile of moments")));
    };
    answer(histogram.quantile(Fraction(p)).map(|kpi| kpi.to_json()))
}

/// How many were added, and how many were missing.
#[napi(catch_unwind)]
pub fn kpi_counts(#[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>) -> Vec<f64> {
    let (count, missing) = match &*accumulator.lock() {
        Kind::Whole(moments) => (moments.count(), moments.missing()),
        Kind::Real(moments) => (moments.count(), moments.missing()),
        Kind::Histogram(histogram) => (histogram.count(), histogram.missing()),
    };
    vec![rounded(count), rounded(missing)]
}

#[napi(catch_unwind)]
pub fn kpi_to_bytes(#[napi(ts_arg_type = "ExternalObject<Accumulator>")] accumulator: &External<Accumulator>) -> Uint8Array {
    Uint8Array::new(match &*accumulator.lock() {
        Kind::Whole(moments) => moments.to_bytes(),
        Kind::Real(moments) => moments.to_bytes(),
        Kind::Histogram(histogram) => histogram.to_bytes(),
    })
}

#[napi(catch_unwind, ts_return_type = "ExternalObject<Accumulator> | Failure")]
pub fn kpi_from_bytes(#[napi(ts_arg_type = "'integer' | 'f64' | 'histogram'")] kind: String, bytes: &[u8]) -> Answer<External<Accumulator>> {
    let read = match kind.as_str() {
        "integer" => Moments::from_bytes(bytes).map(Kind::Whole),
        "f64" => FloatMoments::from_bytes(bytes).map(Kind::Real),
        _ => Histogram::from_bytes(bytes).map(Kind::Histogram),
    };
    answer(read.map(Accumulator::of))
}
