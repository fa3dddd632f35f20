//! Answers of idempotent operations. Their header values are bytes in the core and stand in a `str` as latin-1, as in WSGI and
//! ASGI, so that every byte survives.

use std::hash::{Hash, Hasher};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyType};

use crate::arguments::{Given, body, response_headers, status};

/// The answer of an operation, of this run or of an earlier one.
#[pyclass(frozen, eq, hash, module = "gatewright")]
pub(crate) struct Response {
    answer: gatewright::http::Response,
    /// The body as Python has it, once it was asked for.
    body: PyOnceLock<Py<PyBytes>>,
}

impl PartialEq for Response {
    fn eq(&self, other: &Self) -> bool {
        self.answer == other.answer
    }
}

impl Eq for Response {}

impl Hash for Response {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let gatewright::http::Response { status, headers, body } = &self.answer;
        (status, headers, body).hash(state);
    }
}

impl From<gatewright::http::Response> for Response {
    fn from(answer: gatewright::http::Response) -> Self {
        Self { answer, body: PyOnceLock::new() }
    }
}

impl Response {
    /// The answer that Python gives in parts.
    pub(crate) fn parts(
        given_status: &Bound<'_, PyAny>,
        given_headers: Given<'_, '_>,
        given_body: Given<'_, '_>,
    ) -> PyResult<gatewright::http::Response> {
        let headers = given_headers.map_or_else(|| Ok(Vec::new()), response_headers)?;
        let body = given_body.map(|given| body(given, "body")).transpose()?.map_or_else(Vec::new, |body| body.to_vec());
        Ok(gatewright::http::Response { status: status(given_status)?, headers, body })
    }

    /// The same for the core.
    pub(crate) const fn answer(&self) -> &gatewright::http::Response {
        &self.answer
    }

    /// The Python object of an answer.
    pub(crate) fn python(py: Python<'_>, answer: gatewright::http::Response) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, Self::from(answer))?.into_any())
    }
}

#[pymethods]
impl Response {
    /// `headers` is a mapping, a list of pairs, or a framework's own headers; `body` is bytes.
    #[new]
    #[pyo3(signature = (status, headers=None, body=None))]
    fn new(status: &Bound<'_, PyAny>, headers: Given<'_, '_>, body: Given<'_, '_>) -> PyResult<Self> {
        Self::parts(status, headers, body).map(Self::from)
    }

    /// The HTTP status.
    #[getter]
    const fn status(&self) -> u16 {
        self.answer.status
    }

    /// Names and values in order, repetitions kept. Each character of a value is one byte (latin-1).
    #[getter]
    fn headers(&self) -> Vec<(&str, String)> {
        self.answer.headers.iter().map(|(name, value)| (name.as_str(), latin1(value))).collect()
    }

    /// The body.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.body.get_or_init(py, || PyBytes::new(py, &self.answer.body).unbind()).bind(py).clone()
    }

    #[allow(clippy::type_complexity, reason = "what a response is made of")]
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (u16, Vec<(String, String)>, Bound<'py, PyBytes>)) {
        let response = slf.get();
        let headers = response.headers().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (slf.get_type(), (response.status(), headers, response.body(slf.py())))
    }

    fn __repr__(&self) -> String {
        format!("Response({}, {} headers, {} bytes)", self.answer.status, self.answer.headers.len(), self.answer.body.len())
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
