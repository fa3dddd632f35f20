//! A step: what a request is to do, and the acts of its owner.

use std::sync::Arc;

use gatewright::error::Result;
use gatewright::idempotency::{self, Begin, FinishAs, Guard};
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::PyBytes;

use crate::arguments::{Given, body, status, text};
use crate::calls::{FirstStep, Mode, run, run_from};
use crate::errors::invalid_argument;
use crate::fork::{generation, let_go};
use crate::response::Response;
use crate::tokens::nothing;
use crate::webhooks::Checked;

/// From this size on copying and writing is not for an event loop's thread.
const ELSEWHERE_FROM: usize = 32 * 1024;

/// What the core has begun.
pub(crate) struct Begun {
    pub(crate) begin: Begin,
    /// The webhook that asked for it.
    pub(crate) message: Option<gatewright::webhook::Checked>,
}

/// What both forms of a step share.
#[pyclass(frozen, subclass, name = "_StepCalls", module = "gatewright._core")]
pub(crate) struct StepCalls {
    outcome: &'static str,
    /// None for a replay, and while this is dropped.
    guard: Option<Arc<Guard>>,
    checkpoint: Option<idempotency::Checkpoint>,
    response: Option<Py<Response>>,
    message: Option<Py<Checked>>,
    mode: Mode,
    /// Which process it belongs to.
    generation: u32,
}

impl Drop for StepCalls {
    /// Dropped without an end, an operation may be given back: work for a store, not to be done with the GIL held.
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            if self.generation == generation() {
                Python::try_attach(|py| let_go(py, guard));
            } else {
                // What a child of a fork drops is its parent's, who is still at it.
                std::mem::forget(guard);
            }
        }
    }
}

impl StepCalls {
    /// The Python object of what has begun.
    pub(crate) fn python(py: Python<'_>, begun: Begun, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
        let (outcome, guard, checkpoint, response) = match begun.begin {
            Begin::Execute(guard) => ("execute", Some(guard), None, None),
            Begin::Resume(guard, checkpoint) => ("resume", Some(guard), checkpoint, None),
            Begin::Replay(response) => ("replay", None, None, Some(Py::new(py, Response::from(response))?)),
        };
        let message = begun.message.map(|message| Py::new(py, Checked(message))).transpose()?;
        let calls = Self { outcome, guard: guard.map(Arc::new), checkpoint, response, message, mode, generation: generation() };
        let base = PyClassInitializer::from(calls);
        match mode {
            Mode::Blocking => Ok(Bound::new(py, base.add_subclass(Step))?.into_any()),
            Mode::Loop => Ok(Bound::new(py, base.add_subclass(AsyncStep))?.into_any()),
        }
    }

    pub(crate) fn replayed<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Response>> {
        self.response.as_ref().map(|response| response.bind(py).clone())
    }

    pub(crate) fn guard(&self, py: Python<'_>) -> PyResult<Arc<Guard>> {
        let none = || invalid_argument(py, "step", "send its response: this operation has been carried out");
        self.guard.as_ref().map(Arc::clone).ok_or_else(none)
    }

    /// Gives the operation back where the rules say so, on the way out of its block.
    pub(crate) fn abandon<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let guard = self.guard.as_ref().filter(|_| self.generation == generation()).map(Arc::clone);
        let call = async move {
            if let Some(guard) = guard {
                guard.abandon().await;
            }
            Ok(())
        };
        run(py, self.mode, call, nothing)
    }

    /// As [`StepCalls::abandon`]; an exception on its way matters more. What could not be given back is left to its lease.
    pub(crate) fn abandon_quietly(&self, py: Python<'_>) {
        drop(self.abandon(py));
    }

    fn act<'py, F>(&self, py: Python<'py>, act: impl FnOnce(Arc<Guard>) -> F) -> PyResult<Bound<'py, PyAny>>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        run(py, self.mode, act(self.guard(py)?), nothing)
    }
}

#[pymethods]
impl StepCalls {
    /// `execute`: run it; `resume`: go on from `checkpoint_reached`; `replay`: send `response`.
    #[getter]
    const fn outcome(&self) -> &'static str {
        self.outcome
    }

    /// The answer of an earlier run.
    #[getter]
    fn response<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Response>> {
        self.replayed(py)
    }

    /// How far the worker before this one had come.
    #[getter]
    fn checkpoint_reached(&self) -> Option<Checkpoint> {
        self.checkpoint.clone().map(Checkpoint)
    }

    /// The webhook that asked for it.
    #[getter]
    fn message<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Checked>> {
        self.message.as_ref().map(|message| message.bind(py).clone())
    }

    /// A number that grows with every worker that gets this operation; 0 for a replay.
    #[getter]
    fn fence(&self) -> u64 {
        self.guard.as_ref().map_or(0, |guard| guard.fence())
    }

    /// Which attempt this is, from 1; 0 for a replay.
    #[getter]
    fn attempt(&self) -> u32 {
        self.guard.as_ref().map_or(0, |guard| guard.attempt())
    }

    /// The largest body that is stored; 0 for a replay.
    #[getter]
    fn max_stored_body(&self) -> usize {
        self.guard.as_ref().map_or(0, |guard| guard.max_stored_body())
    }

    /// The next act cannot be taken back.
    fn mark_effects<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.act(py, |guard| async move { guard.mark_effects().await })
    }

    /// Keeps how far the operation has come.
    fn checkpoint<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (name, data) = (text(name, "name")?, body(data, "data")?);
        self.act(py, |guard| async move { guard.checkpoint(&name, &data).await })
    }

    /// Begins the lease anew.
    fn renew<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.act(py, |guard| async move { guard.renew().await })
    }

    /// Ends the operation with its answer, and gives what is to be sent.
    #[pyo3(signature = (status, headers=None, body=None, *, finish_as=None))]
    fn complete<'py>(
        &self,
        py: Python<'py>,
        status: &Bound<'py, PyAny>,
        headers: Given<'_, 'py>,
        body: Given<'_, 'py>,
        finish_as: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = match status.cast::<Response>() {
            Ok(whole) if headers.is_none() && body.is_none() => whole.get().answer().clone(),
            _ => Response::parts(status, headers, body)?,
        };
        let (guard, finish_as) = (self.guard(py)?, self::finish_as(finish_as)?);
        let first = if answer.body.len() < ELSEWHERE_FROM { FirstStep::Here } else { FirstStep::Elsewhere };
        let call = async move {
            match finish_as {
                None => guard.complete(&answer).await,
                Some(how) => guard.complete_as(&answer, how).await,
            }
        };
        run_from(py, self.mode, first, call, Response::python)
    }

    /// Ends an operation whose answer has been sent already, piece by piece.
    #[pyo3(signature = (status, body_sha256, *, finish_as=None))]
    fn complete_streamed<'py>(
        &self,
        py: Python<'py>,
        status: &Bound<'py, PyAny>,
        body_sha256: &Bound<'py, PyAny>,
        finish_as: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (status, finish_as, guard) = (self::status(status)?, self::finish_as(finish_as)?, self.guard(py)?);
        let wrong = |_| invalid_argument(py, "body_sha256", "give the 32 bytes of a SHA-256");
        let digest: [u8; 32] = body(body_sha256, "body_sha256")?.as_ref().try_into().map_err(wrong)?;
        run(py, self.mode, async move { guard.complete_streamed(status, digest, finish_as).await }, |py, is_stored| {
            Ok(is_stored.into_pyobject(py)?.to_owned().into_any())
        })
    }

    /// Gives the operation back: the next request runs it.
    fn release<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.act(py, |guard| async move { guard.release().await })
    }

    fn __repr__(&self) -> String {
        format!("Step(outcome={:?}, fence={}, attempt={})", self.outcome, self.fence(), self.attempt())
    }
}

fn finish_as(given: Given<'_, '_>) -> PyResult<Option<FinishAs>> {
    let Some(given) = given else { return Ok(None) };
    match text(given, "finish_as")?.as_str() {
        "store" => Ok(Some(FinishAs::Store)),
        "release" => Ok(Some(FinishAs::Release)),
        _ => Err(invalid_argument(given.py(), "finish_as", "give store or release")),
    }
}

/// What a request is to do, and the acts of its owner. Leaving its block without an end abandons it.
#[pyclass(frozen, extends = StepCalls, module = "gatewright")]
pub(crate) struct Step;

#[pymethods]
impl Step {
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (kind, value, traceback, /))]
    fn __exit__(slf: &Bound<'_, Self>, kind: Given<'_, '_>, value: Given<'_, '_>, traceback: Given<'_, '_>) {
        let _ = (kind, value, traceback);
        slf.as_super().get().abandon_quietly(slf.py());
    }
}

/// A step whose acts are asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = StepCalls, module = "gatewright._core")]
pub(crate) struct AsyncStep;

#[pymethods]
impl AsyncStep {
    /// What a block that is left comes to; nothing once the operation has been ended.
    fn abandon<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.as_super().get().abandon(slf.py())
    }
}

/// How far an operation had come when its worker stopped.
#[pyclass(frozen, eq, hash, module = "gatewright")]
#[derive(PartialEq, Eq)]
pub(crate) struct Checkpoint(idempotency::Checkpoint);

impl std::hash::Hash for Checkpoint {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.0.name, &self.0.data).hash(state);
    }
}

#[pymethods]
impl Checkpoint {
    /// What its worker called it.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What its worker kept.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.data)
    }

    fn __repr__(&self) -> String {
        format!("Checkpoint(name={:?}, {} bytes)", self.0.name, self.0.data.len())
    }
}
