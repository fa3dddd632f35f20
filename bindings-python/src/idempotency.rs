//! The calls on idempotency.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::error::IdempotencyError;
use gatewright::event::Context;
use gatewright::idempotency::{Content, Request, Scope};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::{PyDict, PyTuple};

use crate::arguments::{Given, body, context, key_lines, optional_text, scope, status, text, text_or_bytes};
use crate::calls::{FirstStep, Mode, local, run, run_from};
use crate::errors::invalid_argument;
use crate::response::Response;
use crate::step::{Begun, StepCalls};

/// From this size on hashing is not for an event loop's thread.
const ELSEWHERE_FROM: usize = 32 * 1024;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_IdempotencyCalls", module = "gatewright._core")]
pub(crate) struct IdempotencyCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on idempotency: `gate.idempotency`.
#[pyclass(frozen, extends = IdempotencyCalls, module = "gatewright")]
pub(crate) struct Idempotency;

/// The calls on idempotency as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = IdempotencyCalls, module = "gatewright._core")]
pub(crate) struct AsyncIdempotency;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Idempotency> {
    PyClassInitializer::from(IdempotencyCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Idempotency)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncIdempotency> {
    PyClassInitializer::from(IdempotencyCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncIdempotency)
}

/// A request whose parts stay as long as its call.
struct Owned {
    key: Vec<Vec<u8>>,
    scope: Scope,
    body: Option<PyBackedBytes>,
    fingerprint: Option<Vec<u8>>,
    content_type: Option<String>,
    query: Option<String>,
    route: Option<String>,
    context: Context,
}

impl Owned {
    async fn begin(self, gate: &Gate) -> gatewright::Result<Begun> {
        let content = Content {
            body: self.body.as_deref(),
            fingerprint: self.fingerprint.as_deref(),
            content_type: self.content_type.as_deref(),
            query: self.query.as_deref(),
        };
        let key = self.key.iter().map(Vec::as_slice).collect();
        let request = Request { key, scope: self.scope, content, route: self.route.as_deref(), context: self.context };
        gate.idempotency().begin(&request).await.map(|begin| Begun { begin, message: None })
    }
}

#[pymethods]
#[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
impl IdempotencyCalls {
    /// Begins an operation.
    #[pyo3(signature = (*, key, scope, body=None, fingerprint=None, content_type=None, query=None, route=None, context=None))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
        body: Given<'_, 'py>,
        fingerprint: Given<'_, 'py>,
        content_type: Given<'_, 'py>,
        query: Given<'_, 'py>,
        route: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = Owned {
            key: key_lines(key)?,
            scope: self::scope(scope)?,
            body: body.map(|body| self::body(body, "body")).transpose()?,
            fingerprint: fingerprint.map(|given| text_or_bytes(given, "fingerprint")).transpose()?,
            content_type: optional_text(content_type, "content_type")?,
            query: optional_text(query, "query")?,
            route: optional_text(route, "route")?,
            context: self::context(context)?,
        };
        let is_small = request.body.as_ref().is_none_or(|body| body.len() < ELSEWHERE_FROM);
        let first = if is_small { FirstStep::Here } else { FirstStep::Elsewhere };
        let (gate, mode) = (Arc::clone(&self.gate), self.mode);
        run_from(py, mode, first, async move { request.begin(&gate).await }, move |py, begun| StepCalls::python(py, begun, mode))
    }

    /// A key for a new operation, a UUID of version 7. Touches memory only.
    fn new_key(&self, py: Python<'_>) -> PyResult<String> {
        local(py, || self.gate.idempotency().new_key())
    }

    /// What a client does after an answer. Touches memory only.
    #[pyo3(signature = (status, code=None))]
    fn next_action(&self, status: &Bound<'_, PyAny>, code: Given<'_, '_>) -> PyResult<&'static str> {
        let code = code.map(|code| text(code, "code")).transpose()?;
        Ok(self.gate.idempotency().next_action(self::status(status)?, code.as_deref()).as_str())
    }
}

#[pymethods]
impl Idempotency {
    /// Begins, calls `handle` with the step unless there is an answer already, completes, and gives the answer.
    #[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
    #[pyo3(signature = (handle, *, key, scope, body=None, fingerprint=None, content_type=None, query=None, route=None, context=None))]
    fn run<'py>(
        slf: &Bound<'py, Self>,
        handle: &Bound<'py, PyAny>,
        key: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
        body: Given<'_, 'py>,
        fingerprint: Given<'_, 'py>,
        content_type: Given<'_, 'py>,
        query: Given<'_, 'py>,
        route: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if !handle.is_callable() {
            return Err(invalid_argument(py, "handle", "give a callable that takes the step and returns a gatewright.Response"));
        }
        let begun = slf.as_super().get().begin(py, key, scope, body, fingerprint, content_type, query, route, context)?;
        let step = begun.cast::<StepCalls>()?.get();
        if let Some(response) = step.replayed(py) {
            return Ok(response.into_any());
        }
        let done = handle.call1((&begun,)).and_then(|answer| complete(py, step, &answer));
        if done.is_err() {
            step.abandon_quietly(py);
        }
        done
    }

    /// A decorator for functions that handle an operation: see `gatewright.Idempotency.idempotent` in the stubs.
    #[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
    #[pyo3(signature = (*, key, scope, body=None, fingerprint=None, content_type=None, query=None, route=None))]
    fn idempotent<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        scope: &Bound<'py, PyAny>,
        body: Given<'_, 'py>,
        fingerprint: Given<'_, 'py>,
        content_type: Given<'_, 'py>,
        query: Given<'_, 'py>,
        route: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let readers = PyDict::new(py);
        readers.set_item(intern!(py, "key"), key)?;
        readers.set_item(intern!(py, "scope"), scope)?;
        readers.set_item(intern!(py, "body"), body)?;
        readers.set_item(intern!(py, "fingerprint"), fingerprint)?;
        readers.set_item(intern!(py, "content_type"), content_type)?;
        readers.set_item(intern!(py, "query"), query)?;
        readers.set_item(intern!(py, "route"), route)?;
        py.import(intern!(py, "gatewright._idempotent"))?.call_method1(intern!(py, "blocking"), PyTuple::new(py, [slf.as_any(), readers.as_any()])?)
    }
}

/// Completes with what a handler returned. Of a worker that lost its lease, the answer is the winner's.
fn complete<'py>(py: Python<'py>, step: &StepCalls, answer: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let Ok(answer) = answer.cast::<Response>() else {
        return Err(invalid_argument(py, "handle", "return a gatewright.Response"));
    };
    let (guard, answer) = (step.guard(py)?, answer.get().answer().clone());
    let call = async move {
        match guard.complete(&answer).await {
            Err(gatewright::Error::Idempotency(IdempotencyError::Stale { response: Some(winner) })) => Ok(*winner),
            done => done,
        }
    };
    run(py, Mode::Blocking, call, Response::python)
}
