//! Errors of the core as exceptions of `gatewright.errors`.

use gatewright::error::{Error, TABLE};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::instant::timedelta;

/// The exception for an error of the core.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error, true).unwrap_or_else(|failed| failed)
}

/// As [`exception`], for a policy that was given as data: what it says about lines would be about a text nobody has seen.
pub(crate) fn exception_without_lines(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error, false).unwrap_or_else(|failed| failed)
}

/// `InvalidArgument`, raised by the binding itself for a value of a wrong Python type.
pub(crate) fn invalid_argument(py: Python<'_>, argument: &'static str, mend: &'static str) -> PyErr {
    exception(py, &Error::invalid_argument(argument, mend))
}

fn build(py: Python<'_>, error: &Error, lines: bool) -> PyResult<PyErr> {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build =
        BUILD.get_or_try_init(py, || PyResult::Ok(py.import(intern!(py, "gatewright.errors"))?.getattr(intern!(py, "_from_core"))?.unbind()))?;
    let problems: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| (problem.file.as_deref(), problem.line.filter(|_| lines), problem.field.as_str(), problem.mend.as_str()))
        .collect();
    let retry_after = error.retry_after().map(|delay| timedelta(py, delay)).transpose()?;
    let built = build.bind(py).call1((
        error.code(),
        message(error, lines),
        retry_after,
        error.reason(),
        error.clear_cookies(),
        error.server_time_ms(),
        problems,
    ))?;
    Ok(PyErr::from_value(built))
}

/// The text of the error; the problems of a policy name their lines only where a text was given.
fn message(error: &Error, lines: bool) -> String {
    let mut text = String::new();
    if lines || error.problems().is_empty() {
        return error.to_string();
    }
    for problem in error.problems() {
        text.push_str("\n  ");
        text.push_str(&gatewright::error::Problem { line: None, ..problem.clone() }.to_string());
    }
    format!("the policy cannot be used{text}")
}

/// Every error code as (domain, code, status, public_code, retryable, advice).
#[pyfunction]
pub(crate) fn error_table() -> Vec<(&'static str, &'static str, u16, &'static str, bool, &'static str)> {
    TABLE.iter().map(|row| (row.domain, row.code, row.status, row.public_code, row.retryable, row.advice.as_str())).collect()
}
