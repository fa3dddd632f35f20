//! Audit events, handed to a callback.

use std::sync::Arc;

use gatewright::Gate;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::invalid_argument;
use crate::fork::ended;
use crate::instant::datetime;

/// One decision. Never holds a secret, a token or an e-mail.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Event(gatewright::event::Event);

#[pymethods]
impl Event {
    /// What was done: `token_issue`, `token_refresh`, `webhook_verified`, …
    #[getter]
    fn kind(&self) -> &str {
        self.0.kind
    }

    /// When, by the clock that decided, in UTC.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.0.at)
    }

    /// What came of it: an outcome or an error code.
    #[getter]
    fn outcome(&self) -> &str {
        self.0.outcome
    }

    /// Whose tenant, where known.
    #[getter]
    fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// Who, where known.
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Which session (half of its id, in hex) or which key (a digest).
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// What else is known, as a new `dict` of texts.
    #[getter]
    fn details<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let details = PyDict::new(py);
        for (name, value) in &self.0.details {
            details.set_item(name, value)?;
        }
        Ok(details)
    }

    /// What the caller said about the request, as a new `dict` with the members that were given.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (known, given) = (PyDict::new(py), &self.0.context);
        let members = [
            ("request_id", &given.request_id),
            ("trace_id", &given.trace_id),
            ("method", &given.method),
            ("endpoint", &given.endpoint),
            ("ip", &given.ip),
            ("user_agent", &given.user_agent),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                known.set_item(name, value)?;
            }
        }
        Ok(known)
    }

    fn __repr__(&self) -> String {
        format!("Event(kind={:?}, outcome={:?}, at={})", self.0.kind, self.0.outcome, self.0.at)
    }
}

/// Sends the events of a gate to a callable. What it raises goes to `sys.unraisablehook`: a decision stands.
pub(crate) fn subscribe(gate: &Gate, callback: &Bound<'_, PyAny>) -> PyResult<()> {
    if !callback.is_callable() {
        return Err(invalid_argument(callback.py(), "callback", "give a callable that takes one event"));
    }
    let callback = Arc::new(callback.clone().unbind());
    gate.on_event(move |event| {
        if ended() {
            return;
        }
        Python::try_attach(|py| {
            let callback = callback.bind(py);
            if let Err(failed) = callback.call1((Event(event.clone()),)) {
                failed.write_unraisable(py, Some(callback));
            }
        });
    });
    Ok(())
}
