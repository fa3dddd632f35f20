//! Errors of the core as exceptions of `gatewright.errors`.

use gatewright::error::{Error, IdempotencyError, TABLE};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyType};

use crate::duration::timedelta;
use crate::response::Response;

/// The exception for an error of the core.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failed| failed)
}

/// `InvalidArgument`, raised by the binding itself for a value of a wrong Python type.
pub(crate) fn invalid_argument(py: Python<'_>, argument: &'static str, mend: &'static str) -> PyErr {
    exception(py, &Error::invalid_argument(argument, mend))
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build =
        BUILD.get_or_try_init(py, || PyResult::Ok(py.import(intern!(py, "gatewright.errors"))?.getattr(intern!(py, "_from_core"))?.unbind()))?;
    let problems: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| {
            let gatewright::error::Problem { file, line, field, mend } = problem.clone();
            Problem { file, line, field, mend }
        })
        .collect();
    let retry_after = error.retry_after().map(|delay| timedelta(py, delay)).transpose()?;
    let (winner, answered) = match error {
        Error::Idempotency(IdempotencyError::Stale { response }) => (response.clone(), None),
        Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) => (None, Some((*status, digest))),
        _ => (None, None),
    };
    let built = build.bind(py).call1((
        error.code(),
        error.to_string(),
        retry_after,
        error.reason(),
        error.clear_cookies(),
        error.server_time_ms(),
        problems,
        winner.map(|winner| Response::from(*winner)),
        answered.map(|(status, _)| status),
        answered.map(|(_, digest)| PyBytes::new(py, digest)),
    ))?;
    Ok(PyErr::from_value(built))
}

/// A row of the table of error codes.
#[pyclass(frozen, eq, hash, get_all, module = "gatewright.errors")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ErrorCode {
    /// The domain it belongs to.
    domain: &'static str,
    /// The stable code.
    code: &'static str,
    /// The HTTP status; 0 where there is no HTTP answer.
    status: u16,
    /// What a client may see; empty where there is no answer.
    public_code: &'static str,
    /// Whether the same request may be sent again.
    retryable: bool,
    /// What the caller should do.
    advice: &'static str,
    /// What the client does with its idempotency key.
    next_action: &'static str,
}

#[pymethods]
impl ErrorCode {
    fn __repr__(&self) -> String {
        format!("ErrorCode(domain={:?}, code={:?}, status={})", self.domain, self.code, self.status)
    }
}

/// A fault of a policy document: where it is and what to write instead. Never holds a secret's value.
#[pyclass(frozen, eq, hash, get_all, module = "gatewright.errors")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Problem {
    /// The policy file; `None` for a policy given as text or mapping.
    file: Option<String>,
    /// The line, from 1; `None` for a policy given as mapping.
    line: Option<u32>,
    /// The full path of the member, as `tokens.signing_keys[1].secret`.
    field: String,
    /// A sentence that says what to write.
    mend: String,
}

/// What a problem is made of again when it is unpickled.
type ProblemFields = (Option<String>, Option<u32>, String, String);

#[pymethods]
impl Problem {
    #[new]
    const fn new(file: Option<String>, line: Option<u32>, field: String, mend: String) -> Self {
        Self { file, line, field, mend }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, ProblemFields) {
        let Self { file, line, field, mend } = slf.get().clone();
        (slf.get_type(), (file, line, field, mend))
    }

    fn __repr__(&self) -> String {
        format!("Problem(file={:?}, line={:?}, field={:?}, mend={:?})", self.file, self.line, self.field, self.mend)
    }
}

/// Every error code.
#[pyfunction]
pub(crate) fn error_table() -> Vec<ErrorCode> {
    let row = |row: &gatewright::error::ErrorCode| ErrorCode {
        domain: row.domain,
        code: row.code,
        status: row.status,
        public_code: row.public_code,
        retryable: row.retryable,
        advice: row.advice.as_str(),
        next_action: row.next_action.as_str(),
    };
    TABLE.iter().map(row).collect()
}
