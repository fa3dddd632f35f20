//! The calls on epochs.

use std::sync::Arc;

use gatewright::Gate;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;

use crate::arguments::{Given, context, text};
use crate::calls::{Mode, run};
use crate::tokens::count;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_EpochCalls", module = "gatewright._core")]
pub(crate) struct EpochCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on epochs: `gate.epochs`. Each gives the new version.
#[pyclass(frozen, extends = EpochCalls, module = "gatewright")]
pub(crate) struct Epochs;

/// The calls on epochs as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = EpochCalls, module = "gatewright._core")]
pub(crate) struct AsyncEpochs;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Epochs> {
    PyClassInitializer::from(EpochCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Epochs)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncEpochs> {
    PyClassInitializer::from(EpochCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncEpochs)
}

#[pymethods]
impl EpochCalls {
    /// All tokens of a subject die at once.
    #[pyo3(signature = (tenant, subject, reason, *, context=None))]
    fn bump_subject<'py>(
        &self,
        py: Python<'py>,
        tenant: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        reason: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tenant, subject) = (text(tenant, "tenant")?, text(subject, "subject")?);
        let (reason, context) = (text(reason, "reason")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.epochs().bump_subject(&tenant, &subject, &reason, context).await }, count)
    }

    /// All tokens of a tenant die at once.
    #[pyo3(signature = (tenant, reason, *, context=None))]
    fn bump_tenant<'py>(
        &self,
        py: Python<'py>,
        tenant: &Bound<'py, PyAny>,
        reason: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (tenant, reason, context) = (text(tenant, "tenant")?, text(reason, "reason")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.epochs().bump_tenant(&tenant, &reason, context).await }, count)
    }

    /// All tokens of the installation die at once.
    #[pyo3(signature = (reason, *, context=None))]
    fn bump_all<'py>(&self, py: Python<'py>, reason: &Bound<'py, PyAny>, context: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let (reason, context) = (text(reason, "reason")?, self::context(context)?);
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.epochs().bump_all(&reason, context).await }, count)
    }
}
