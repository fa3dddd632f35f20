//! The calls on webhooks.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::webhook::Sign;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;

use crate::arguments::{Given, body, context, headers, optional_text, request_line, text};
use crate::calls::{FirstStep, Mode, local, local_detached, run, run_from};
use crate::errors::invalid_argument;
use crate::fork::let_go;
use crate::instant::datetime;
use crate::step::{Begun, StepCalls};
use crate::tokens::nothing;

/// From this size on hashing is worth the release of the GIL.
const DETACH_FROM: usize = 2048;
/// From this size on hashing is not for an event loop's thread.
const ELSEWHERE_FROM: usize = 32 * 1024;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_WebhookCalls", module = "gatewright._core")]
pub(crate) struct WebhookCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on webhooks: `gate.webhooks`.
#[pyclass(frozen, extends = WebhookCalls, module = "gatewright")]
pub(crate) struct Webhooks;

/// The calls on webhooks as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = WebhookCalls, module = "gatewright._core")]
pub(crate) struct AsyncWebhooks;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Webhooks> {
    PyClassInitializer::from(WebhookCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Webhooks)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncWebhooks> {
    PyClassInitializer::from(WebhookCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncWebhooks)
}

#[pymethods]
#[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
impl WebhookCalls {
    /// Signs a body: the headers to send with it. Touches memory only; draws randomness for an id or nonce that is not given.
    #[pyo3(signature = (endpoint, body, *, id=None, nonce=None, request=None))]
    fn sign(
        &self,
        py: Python<'_>,
        endpoint: &Bound<'_, PyAny>,
        body: &Bound<'_, PyAny>,
        id: Given<'_, '_>,
        nonce: Given<'_, '_>,
        request: Given<'_, '_>,
    ) -> PyResult<Vec<(String, String)>> {
        let endpoint = text(endpoint, "endpoint")?;
        let body = self::body(body, "body")?;
        let sign = Sign { id: optional_text(id, "id")?, nonce: optional_text(nonce, "nonce")?, request: request_line(request)? };
        let call = || self.gate.webhooks().sign(&endpoint, &body, sign);
        if body.len() < DETACH_FROM { local(py, call) } else { local_detached(py, call) }
    }

    /// Checks signature and window and claims nothing. Touches memory only.
    #[pyo3(signature = (endpoint, headers, body, *, request=None))]
    fn check(
        &self,
        py: Python<'_>,
        endpoint: &Bound<'_, PyAny>,
        headers: &Bound<'_, PyAny>,
        body: &Bound<'_, PyAny>,
        request: Given<'_, '_>,
    ) -> PyResult<Checked> {
        let endpoint = text(endpoint, "endpoint")?;
        let body = self::body(body, "body")?;
        let (headers, request) = (self::headers(headers, &self.gate.webhooks().header_names(&endpoint))?, request_line(request)?);
        let call = || self.gate.webhooks().check(&endpoint, &headers, &body, request.as_ref());
        if body.len() < DETACH_FROM { local(py, call) } else { local_detached(py, call) }.map(Checked)
    }

    /// Checks, then claims the message.
    #[pyo3(signature = (endpoint, headers, body, *, request=None, context=None))]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        endpoint: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        request: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let endpoint = text(endpoint, "endpoint")?;
        let body = self::body(body, "body")?;
        let (headers, request, context) =
            (self::headers(headers, &self.gate.webhooks().header_names(&endpoint))?, request_line(request)?, self::context(context)?);
        let first = if body.len() < ELSEWHERE_FROM { FirstStep::Here } else { FirstStep::Elsewhere };
        let (gate, mode) = (Arc::clone(&self.gate), self.mode);
        let call = async move { gate.webhooks().verify(&endpoint, &headers, &body, request.as_ref(), context).await };
        run_from(py, mode, first, call, move |py, verified| Handle::new(verified, mode).into_python(py))
    }

    /// Checks, then begins the operation that the message asks for.
    #[pyo3(signature = (endpoint, headers, body, *, request=None, context=None))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        endpoint: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        request: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let endpoint = text(endpoint, "endpoint")?;
        let body = self::body(body, "body")?;
        let (headers, request, context) =
            (self::headers(headers, &self.gate.webhooks().header_names(&endpoint))?, request_line(request)?, self::context(context)?);
        let first = if body.len() < ELSEWHERE_FROM { FirstStep::Here } else { FirstStep::Elsewhere };
        let (gate, mode) = (Arc::clone(&self.gate), self.mode);
        let call = async move {
            let (checked, begin) = gate.webhooks().begin(&endpoint, &headers, &body, request.as_ref(), context).await?;
            Ok(Begun { begin, message: Some(checked) })
        };
        run_from(py, mode, first, call, move |py, begun| StepCalls::python(py, begun, mode))
    }
}

#[pymethods]
impl Webhooks {
    /// Verifies, calls `handle` with the verified message, then commits, or releases if it raised.
    #[pyo3(signature = (endpoint, headers, body, handle, *, request=None, context=None))]
    fn run<'py>(
        slf: &Bound<'py, Self>,
        endpoint: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        handle: &Bound<'py, PyAny>,
        request: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if !handle.is_callable() {
            return Err(invalid_argument(py, "handle", "give a callable that takes the verified message"));
        }
        let verified = slf.as_super().get().verify(py, endpoint, headers, body, request, context)?;
        let claim = verified.cast::<Handle>()?.get();
        match handle.call1((&verified,)) {
            Ok(done) => {
                claim.commit(py)?;
                Ok(done)
            }
            Err(failed) => {
                claim.release_quietly(py);
                Err(failed)
            }
        }
    }
}

/// A message whose signature and window are right.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Checked(pub(crate) gatewright::webhook::Checked);

#[pymethods]
impl Checked {
    /// Which secret signed it.
    #[getter]
    fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// When it was signed, in UTC, if the scheme has a time.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.timestamp.map(|at| datetime(py, at)).transpose()
    }

    /// The message id, if the scheme has one.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// The nonce, if the scheme has one.
    #[getter]
    fn nonce(&self) -> Option<&str> {
        self.0.nonce.as_deref()
    }

    fn __repr__(&self) -> String {
        format!("Checked(key_id={:?}, id={:?})", self.0.key_id, self.0.id)
    }
}

/// A verified message and its claim: what both forms share.
#[pyclass(frozen, subclass, name = "_Handle", module = "gatewright._core")]
pub(crate) struct Handle {
    checked: gatewright::webhook::Checked,
    duplicate: bool,
    /// None only while this is dropped.
    claim: Option<Arc<gatewright::gate::Verified>>,
    mode: Mode,
}

impl Drop for Handle {
    /// Dropped without a commit, a claim is released: work for a store, not to be done with the GIL held.
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            Python::try_attach(|py| let_go(py, claim));
        }
    }
}

impl Handle {
    fn new(verified: gatewright::gate::Verified, mode: Mode) -> Self {
        Self { checked: verified.checked().clone(), duplicate: verified.duplicate(), claim: Some(Arc::new(verified)), mode }
    }

    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let blocking = self.mode == Mode::Blocking;
        let base = PyClassInitializer::from(self);
        if blocking {
            Ok(Bound::new(py, base.add_subclass(Verified))?.into_any())
        } else {
            Ok(Bound::new(py, base.add_subclass(AsyncVerified))?.into_any())
        }
    }

    /// Gives the claim back on the way out of a failed handler, whose own exception matters more. A claim that could not
    /// be given back ends by itself.
    fn release_quietly(&self, py: Python<'_>) {
        drop(self.release(py));
    }
}

#[pymethods]
impl Handle {
    /// Which secret signed it.
    #[getter]
    fn key_id(&self) -> &str {
        &self.checked.key_id
    }

    /// When it was signed, in UTC, if the scheme has a time.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.checked.timestamp.map(|at| datetime(py, at)).transpose()
    }

    /// The message id, if the scheme has one.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.checked.id.as_deref()
    }

    /// The nonce, if the scheme has one.
    #[getter]
    fn nonce(&self) -> Option<&str> {
        self.checked.nonce.as_deref()
    }

    /// Whether a message with this id has been committed before: answer 2xx and do nothing.
    #[getter]
    fn duplicate(&self) -> bool {
        self.duplicate
    }

    /// The message has been used: any further one is a replay, or a duplicate.
    fn commit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let claim = self.claim.clone();
        run(py, self.mode, async move { if let Some(claim) = claim { claim.commit().await } else { Ok(()) } }, nothing)
    }

    /// The message has not been used: the sender may deliver it again.
    fn release<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let claim = self.claim.clone();
        run(py, self.mode, async move { if let Some(claim) = claim { claim.release().await } else { Ok(()) } }, nothing)
    }

    fn __repr__(&self) -> String {
        format!("Verified(key_id={:?}, id={:?}, duplicate={})", self.key_id(), self.id(), if self.duplicate() { "True" } else { "False" })
    }
}

/// A verified message and its claim. As a context manager it commits at the end of the block, or releases if an exception
/// leaves it.
#[pyclass(frozen, extends = Handle, module = "gatewright")]
pub(crate) struct Verified;

#[pymethods]
impl Verified {
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __exit__(slf: &Bound<'_, Self>, kind: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>, _traceback: &Bound<'_, PyAny>) -> PyResult<()> {
        let handle = slf.as_super().get();
        if kind.is_none() {
            handle.commit(slf.py())?;
        } else {
            handle.release_quietly(slf.py());
        }
        Ok(())
    }
}

/// A verified message whose `commit` and `release` are asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = Handle, module = "gatewright._core")]
pub(crate) struct AsyncVerified;
