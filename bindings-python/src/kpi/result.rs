//! What figures give, read on demand.

use gatewright::kpi::{self, Basis, Evaluated, Reason, Warning};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

/// The Python object of what a figure gave.
pub(crate) fn python(py: Python<'_>, given: Evaluated) -> PyResult<Bound<'_, PyAny>> {
    Ok(match given {
        Evaluated::Kpi(kpi) => Bound::new(py, Kpi(kpi))?.into_any(),
        Evaluated::Summary(summary) => Bound::new(py, Summary(summary))?.into_any(),
        Evaluated::Norms(norms) => Bound::new(py, Norms(norms))?.into_any(),
        Evaluated::Ranking(ranked) => {
            PyList::new(py, ranked.into_iter().map(|ranked| Py::new(py, Ranked(ranked))).collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        _ => return Err(crate::errors::exception(py, &gatewright::Error::Internal("a figure of a kind that is not known here"))),
    })
}

fn words<'py>(py: Python<'py>, warnings: &[Warning]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, warnings.iter().map(|warning| warning.as_str()))
}

/// One figure: a number with its method, its unit and what it rests on.
#[pyclass(frozen, eq, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct Kpi(pub(crate) kpi::Kpi);

#[pymethods]
impl Kpi {
    /// The method, as `fcr.live_weight.v1`. Another definition has another id.
    #[getter]
    const fn id(&self) -> &'static str {
        self.0.id
    }

    /// The number; `None` where the figure is undefined. Never NaN or infinite.
    #[getter]
    const fn value(&self) -> Option<f64> {
        self.0.value
    }

    /// `ok`, or `undefined`: too little data for a number, or it has no meaning.
    #[getter]
    const fn status(&self) -> &'static str {
        self.0.status.as_str()
    }

    /// Why there is no number.
    #[getter]
    fn reason(&self) -> Option<&'static str> {
        self.0.reason.map(Reason::as_str)
    }

    /// The unit of `value`.
    #[getter]
    const fn unit(&self) -> &'static str {
        self.0.unit.as_str()
    }

    /// The numerator, exact, where the figure is a quotient of integers.
    #[getter]
    const fn num(&self) -> Option<i128> {
        self.0.num
    }

    /// The denominator, likewise. Parts are merged by adding numerators and denominators, never by averaging values.
    #[getter]
    const fn den(&self) -> Option<i128> {
        self.0.den
    }

    /// How many values the figure rests on; 1 for a figure of totals.
    #[getter]
    const fn n(&self) -> u64 {
        self.0.n
    }

    /// How many values were missing.
    #[getter]
    const fn missing(&self) -> u64 {
        self.0.missing
    }

    /// What a feed conversion is based on: `live_weight` or `gain`; of a quantile `exact` or `histogram`.
    #[getter]
    fn basis(&self) -> Option<&'static str> {
        self.0.basis.map(Basis::as_str)
    }

    /// Of a composite: the weight of the figures that are present, of the weight of all.
    #[getter]
    const fn coverage(&self) -> Option<f64> {
        self.0.coverage
    }

    /// What to know before the number is compared with another.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        words(py, &self.0.warnings)
    }

    /// A fraction times 100, for display; the value itself in any other unit.
    fn percent(&self) -> Option<f64> {
        self.0.percent()
    }

    fn __repr__(&self) -> String {
        let kpi = &self.0;
        match kpi.value {
            Some(value) => format!("Kpi({}: {value} {})", kpi.id, kpi.unit.as_str()),
            None => format!("Kpi({}: undefined, {})", kpi.id, self.reason().unwrap_or_default()),
        }
    }
}

/// Mean, standard deviation, confidence interval and ends of a sample.
#[pyclass(frozen, eq, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct Summary(pub(crate) kpi::Summary);

#[pymethods]
impl Summary {
    /// The method.
    #[getter]
    const fn id(&self) -> &'static str {
        self.0.id
    }

    /// The unit of all numbers.
    #[getter]
    const fn unit(&self) -> &'static str {
        self.0.unit.as_str()
    }

    /// How many values there are.
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

    /// Their standard deviation, of a sample (n − 1); `None` below two values.
    #[getter]
    const fn sd(&self) -> Option<f64> {
        self.0.sd
    }

    /// The lower end of the 95 % confidence interval of the mean, by Student's t; `None` below two values.
    #[getter]
    const fn ci95_low(&self) -> Option<f64> {
        self.0.ci95_low
    }

    /// Its upper end.
    #[getter]
    const fn ci95_high(&self) -> Option<f64> {
        self.0.ci95_high
    }

    /// The least value.
    #[getter]
    const fn min(&self) -> Option<f64> {
        self.0.min
    }

    /// The greatest.
    #[getter]
    const fn max(&self) -> Option<f64> {
        self.0.max
    }

    /// What to know before the numbers are compared with others.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        words(py, &self.0.warnings)
    }

    fn __repr__(&self) -> String {
        let number = |number: Option<f64>| number.map_or_else(|| "None".to_owned(), |number| number.to_string());
        format!("Summary({}: n={}, mean={}, sd={})", self.0.id, self.0.n, number(self.0.mean), number(self.0.sd))
    }
}

/// A norm for each value.
#[pyclass(frozen, eq, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct Norms(pub(crate) kpi::Norms);

#[pymethods]
impl Norms {
    /// The method.
    #[getter]
    const fn id(&self) -> &'static str {
        self.0.id
    }

    /// The norms in the order of the values, 0 to 1; `None` where a value was missing.
    #[getter]
    fn value(&self) -> Vec<Option<f64>> {
        self.0.value.clone()
    }

    /// The unit of all norms.
    #[getter]
    const fn unit(&self) -> &'static str {
        self.0.unit.as_str()
    }

    /// How many values there are.
    #[getter]
    const fn n(&self) -> u64 {
        self.0.n
    }

    /// How many were missing.
    #[getter]
    const fn missing(&self) -> u64 {
        self.0.missing
    }

    /// What to know before the norms are compared with others.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        words(py, &self.0.warnings)
    }

    fn __repr__(&self) -> String {
        format!("Norms({}: n={}, missing={})", self.0.id, self.0.n, self.0.missing)
    }
}

/// The place of a member of a cohort.
#[pyclass(frozen, eq, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct Ranked(pub(crate) kpi::Ranked);

#[pymethods]
impl Ranked {
    /// Who.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// The place, from 1; equal scores share one, and the next is left out. `None` without a score.
    #[getter]
    const fn rank(&self) -> Option<u64> {
        self.0.rank
    }

    /// The composite score, 0 to 1; `None` where too many of its figures are missing.
    #[getter]
    const fn score(&self) -> Option<f64> {
        self.0.score
    }

    /// The weight of the figures that are present, of the weight of all.
    #[getter]
    const fn coverage(&self) -> f64 {
        self.0.coverage
    }

    fn __repr__(&self) -> String {
        let none = || "None".to_owned();
        let (rank, score) = (self.0.rank.map_or_else(none, |rank| rank.to_string()), self.0.score.map_or_else(none, |score| score.to_string()));
        format!("Ranked({:?}, rank={rank}, score={score}, coverage={})", self.0.id, self.0.coverage)
    }
}
