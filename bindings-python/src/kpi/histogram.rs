//! Histograms of latencies.

use std::sync::Mutex;

use gatewright::kpi::{self, Fraction};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use super::accumulators::{locked, whole, wholes};
use super::argument::double;
use super::figures::LARGE;
use super::result::Kpi;
use crate::arguments::body;
use crate::errors::{exception, invalid_argument};

/// Latencies in whole microseconds: exact up to 10,000 values, then in bins of a fixed size, 64 to a power of two.
#[pyclass(frozen, module = "gatewright.kpi")]
pub(crate) struct Histogram(Mutex<kpi::Histogram>);

#[pymethods]
impl Histogram {
    #[new]
    const fn new() -> Self {
        Self(Mutex::new(kpi::Histogram::new()))
    }

    /// Adds one latency in microseconds.
    fn add(&self, micros: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = whole(micros, "micros")?;
        locked(&self.0).add(value).map_err(|error| exception(micros.py(), &error))
    }

    /// Adds a list, an array or a series of latencies; `None` in it is missing.
    fn add_all(&self, micros: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = micros.py();
        let array = wholes(micros, "micros")?;
        let (numbers, missing) = (array.values_as_whole(), array.missing);
        let add = || {
            let mut histogram = locked(&self.0);
            histogram.add_all(numbers)?;
            histogram.add_missing(missing);
            Ok(())
        };
        let done = if numbers.len() < LARGE { add() } else { py.detach(add) };
        done.map_err(|error: gatewright::Error| exception(py, &error))
    }

    /// Counts latencies that are missing.
    #[pyo3(signature = (count=None), text_signature = "($self, count=1)")]
    fn add_missing(&self, count: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        locked(&self.0).add_missing(count.map_or(Ok(1), |count| whole(count, "count"))?);
        Ok(())
    }

    /// Adds all that another one has.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        let Ok(other) = other.cast::<Self>() else { return Err(invalid_argument(py, "other", "give another Histogram")) };
        // Copied, so that no two are locked at once.
        let other = locked(&other.get().0).clone();
        locked(&self.0).merge(&other).map_err(|error| exception(py, &error))
    }

    /// The latency that a share `p` of all, 0 to 1, does not pass: the nearest rank, or the upper end of its bin.
    fn quantile(&self, p: &Bound<'_, PyAny>) -> PyResult<Kpi> {
        let py = p.py();
        let p = double(p)?.ok_or_else(|| invalid_argument(py, "p", "give a number"))?;
        locked(&self.0).quantile(Fraction(p)).map(Kpi).map_err(|error| exception(py, &error))
    }

    /// What they come to so far.
    fn snapshot(&self) -> HistogramSnapshot {
        HistogramSnapshot(locked(&self.0).snapshot())
    }

    /// How many latencies were added.
    #[getter]
    fn count(&self) -> u64 {
        locked(&self.0).count()
    }

    /// How many were missing.
    #[getter]
    fn missing(&self) -> u64 {
        locked(&self.0).missing()
    }

    /// Its state, the same in every language.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &locked(&self.0).to_bytes())
    }

    /// The one that gave these bytes. `RecordUnreadable` for others.
    #[staticmethod]
    fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let read = kpi::Histogram::from_bytes(&body(data, "data")?);
        read.map(|histogram| Self(Mutex::new(histogram))).map_err(|error| exception(data.py(), &error))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let class: Bound<'py, PyType> = slf.get_type();
        Ok((class.getattr("from_bytes")?, (slf.get().to_bytes(slf.py()),)))
    }

    fn __repr__(&self) -> String {
        format!("Histogram(count={}, missing={})", self.count(), self.missing())
    }
}

/// What a histogram comes to, in microseconds.
#[pyclass(frozen, eq, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct HistogramSnapshot(kpi::HistogramSnapshot);

#[pymethods]
impl HistogramSnapshot {
    /// How many latencies there are.
    #[getter]
    const fn n(&self) -> u64 {
        self.0.n
    }

    /// How many were missing.
    #[getter]
    const fn missing(&self) -> u64 {
        self.0.missing
    }

    /// Their mean; `None` of none.
    #[getter]
    const fn mean(&self) -> Option<f64> {
        self.0.mean
    }

    /// The least.
    #[getter]
    const fn min(&self) -> Option<u64> {
        self.0.min
    }

    /// The greatest.
    #[getter]
    const fn max(&self) -> Option<u64> {
        self.0.max
    }

    /// What half of them do not pass.
    #[getter]
    const fn p50(&self) -> Option<u64> {
        self.0.p50
    }

    /// What 90 % of them do not pass.
    #[getter]
    const fn p90(&self) -> Option<u64> {
        self.0.p90
    }

    /// What 95 % of them do not pass.
    #[getter]
    const fn p95(&self) -> Option<u64> {
        self.0.p95
    }

    /// What 99 % of them do not pass.
    #[getter]
    const fn p99(&self) -> Option<u64> {
        self.0.p99
    }

    /// `exact`, or `histogram` where quantiles are upper ends of bins.
    #[getter]
    const fn basis(&self) -> &'static str {
        self.0.basis.as_str()
    }

    fn __repr__(&self) -> String {
        format!("HistogramSnapshot(n={}, basis='{}')", self.0.n, self.basis())
    }
}
