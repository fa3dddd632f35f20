//! What another server's answer says of its limits.

use gatewright::limits;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::duration::{LONGEST, delta};

/// What an answer says of its server's limits.
#[pyclass(frozen, eq, module = "gatewright")]
#[derive(PartialEq, Eq)]
pub(crate) struct ServerLimits(pub(crate) limits::ServerLimits);

#[pymethods]
impl ServerLimits {
    /// How long to wait before the next request; zero: ask at once.
    #[getter]
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(delta(py, self.0.wait_us.clamp(0, LONGEST))?.into_any())
    }

    /// The same in microseconds.
    #[getter]
    const fn wait_us(&self) -> i64 {
        self.0.wait_us
    }

    /// The limits that are told of, in the server's order.
    #[getter]
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let limits = self.0.limits.iter().map(|limit| Py::new(py, ServerLimit(limit.clone())));
        PyTuple::new(py, limits.collect::<PyResult<Vec<_>>>()?)
    }

    fn __repr__(&self) -> String {
        format!("ServerLimits(wait_us={}, {} limits)", self.0.wait_us, self.0.limits.len())
    }
}

/// One limit of a server. What it does not say is `None`.
#[pyclass(frozen, eq, module = "gatewright")]
#[derive(PartialEq, Eq)]
pub(crate) struct ServerLimit(limits::ServerLimit);

#[pymethods]
impl ServerLimit {
    /// Its name; empty where it has none, as in `X-RateLimit-*`.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Units in a window.
    #[getter]
    const fn quota(&self) -> Option<u64> {
        self.0.quota
    }

    /// The window, in seconds.
    #[getter]
    const fn window_s(&self) -> Option<u64> {
        self.0.window_s
    }

    /// Units that can be used now.
    #[getter]
    const fn remaining(&self) -> Option<u64> {
        self.0.remaining
    }

    /// Seconds, counted from the answer, until there are more units.
    #[getter]
    const fn reset_s(&self) -> Option<u64> {
        self.0.reset_s
    }

    /// What is counted, if not requests.
    #[getter]
    fn unit(&self) -> Option<&str> {
        self.0.unit.as_deref()
    }

    /// For whom it is counted, as the server writes it.
    #[getter]
    fn partition_key<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.partition_key.as_ref().map(|key| PyBytes::new(py, key))
    }

    fn __repr__(&self) -> String {
        let number = |number: Option<u64>| number.map_or_else(|| "None".to_owned(), |number| number.to_string());
        let limits::ServerLimit { name, quota, remaining, reset_s, .. } = &self.0;
        format!("ServerLimit(name={name:?}, quota={}, remaining={}, reset_s={})", number(*quota), number(*remaining), number(*reset_s))
    }
}
