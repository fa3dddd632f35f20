//! The calls on sessions.

use std::sync::Arc;

use gatewright::Gate;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;

use crate::arguments::{Given, context, text};
use crate::calls::{Mode, run};
use crate::tokens::{count, nothing};

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_SessionCalls", module = "gatewright._core")]
pub(crate) struct SessionCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on sessions: `gate.sessions`.
#[pyclass(frozen, extends = SessionCalls, module = "gatewright")]
pub(crate) struct Sessions;

/// The calls on sessions as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = SessionCalls, module = "gatewright._core")]
pub(crate) struct AsyncSessions;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Sessions> {
    PyClassInitializer::from(SessionCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Sessions)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncSessions> {
    PyClassInitializer::from(SessionCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncSessions)
}

#[pymethods]
impl SessionCalls {
    /// Ends one session of a subject. Ending a dead session is answered well.
    #[pyo3(signature = (tenant, subject, session_id, *, context=None))]
    fn revoke<'py>(
        &self,
        py: Python<'py>,
        tenant: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        session_id: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tenant, subject) = (text(tenant, "tenant")?, text(subject, "subject")?);
        let (session_id, context) = (text(session_id, "session_id")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.sessions().revoke(&tenant, &subject, &session_id, context).await }, nothing)
    }

    /// Ends all sessions of a subject but `keep`; says how many.
    #[pyo3(signature = (tenant, subject, *, keep, context=None))]
    fn revoke_others<'py>(
        &self,
        py: Python<'py>,
        tenant: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        keep: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tenant, subject) = (text(tenant, "tenant")?, text(subject, "subject")?);
        let (keep, context) = (text(keep, "keep")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.sessions().revoke_others(&tenant, &subject, &keep, context).await }, count)
    }

    /// Ends all sessions of a subject; says how many rows were ended at once.
    #[pyo3(signature = (tenant, subject, *, context=None))]
    fn revoke_all<'py>(
        &self,
        py: Python<'py>,
        tenant: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tenant, subject, context) = (text(tenant, "tenant")?, text(subject, "subject")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.sessions().revoke_all(&tenant, &subject, context).await }, count)
    }
}
