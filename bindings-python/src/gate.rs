//! The facade: a policy document, opened.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use gatewright::error::Result;
use gatewright::gate::GateBuilder;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::{PyBytes, PyString};

use crate::arguments::{Given, json_text};
use crate::calls::{FirstStep, Mode, run, run_from};
use crate::epochs::{AsyncEpochs, Epochs};
use crate::errors::invalid_argument;
use crate::idempotency::{AsyncIdempotency, Idempotency};
use crate::limits::{AsyncLimits, Limits};
use crate::lockout::{AsyncLockout, Lockout};
use crate::sessions::{AsyncSessions, Sessions};
use crate::tokens::{AsyncTokens, Tokens, count, nothing};
use crate::webhooks::{AsyncWebhooks, Webhooks};
use crate::{epochs, event, fork, idempotency, limits, lockout, problem, sessions, tokens, webhooks};

/// Where a policy document comes from.
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// A text.
    Text(String),
    /// A mapping, as the text of its JSON: its lines mean nothing.
    Data(String),
}

impl Source {
    /// A path: `str` or `os.PathLike`.
    pub(crate) fn file(path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = path.py();
        let refuse = || invalid_argument(py, "path", "give the path of the policy document as str or os.PathLike");
        let path = py.import(intern!(py, "os"))?.call_method1(intern!(py, "fspath"), (path,)).map_err(|_| refuse())?;
        if path.is_instance_of::<PyBytes>() {
            return Err(refuse());
        }
        let path: OsString = path.extract().map_err(|_| refuse())?;
        Ok(Self::File(path.into()))
    }

    /// A policy as text (TOML or JSON) or as a mapping.
    pub(crate) fn policy(policy: &Bound<'_, PyAny>) -> PyResult<Self> {
        match policy.cast::<PyString>() {
            // What is no Unicode becomes U+FFFD: the reader says where the document has a character that it must not have.
            Ok(text) => Ok(Self::Text(text.to_string_lossy().into_owned())),
            Err(_) => json_text(policy, "policy").map(Self::Data),
        }
    }

    /// The text of a policy that is given in full.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::File(_) => "",
            Self::Text(text) | Self::Data(text) => text,
        }
    }

    async fn open(self, builder: GateBuilder) -> Result<gatewright::Gate> {
        match self {
            Self::File(path) => builder.open(&path).await,
            Self::Text(text) => builder.from_policy(&text).await,
            Self::Data(text) => builder.from_policy_data(&text).await,
        }
    }
}

/// Opens a gate of either form.
pub(crate) fn open<'py>(py: Python<'py>, mode: Mode, source: Source, builder: GateBuilder) -> PyResult<Bound<'py, PyAny>> {
    // Files are read and stores are opened: not on an event loop's thread.
    run_from(py, mode, FirstStep::Elsewhere, source.open(builder), move |py, gate| wrap(py, mode, gate))
}

/// The Python object of a gate.
pub(crate) fn wrap(py: Python<'_>, mode: Mode, gate: gatewright::Gate) -> PyResult<Bound<'_, PyAny>> {
    let gate = Arc::new(gate);
    fork::watch(&gate);
    match mode {
        Mode::Blocking => {
            let services = Gate {
                tokens: Py::new(py, tokens::blocking(&gate))?,
                sessions: Py::new(py, sessions::blocking(&gate))?,
                epochs: Py::new(py, epochs::blocking(&gate))?,
                webhooks: Py::new(py, webhooks::blocking(&gate))?,
                idempotency: Py::new(py, idempotency::blocking(&gate))?,
                limits: Py::new(py, limits::blocking(&gate))?,
                lockout: Py::new(py, lockout::blocking(&gate))?,
            };
            Ok(Bound::new(py, PyClassInitializer::from(GateCalls { gate, mode }).add_subclass(services))?.into_any())
        }
        Mode::Loop => {
            let services = AsyncGate {
                tokens: Py::new(py, tokens::on_loop(&gate))?,
                sessions: Py::new(py, sessions::on_loop(&gate))?,
                epochs: Py::new(py, epochs::on_loop(&gate))?,
                webhooks: Py::new(py, webhooks::on_loop(&gate))?,
                idempotency: Py::new(py, idempotency::on_loop(&gate))?,
                limits: Py::new(py, limits::on_loop(&gate))?,
                lockout: Py::new(py, lockout::on_loop(&gate))?,
            };
            Ok(Bound::new(py, PyClassInitializer::from(GateCalls { gate, mode }).add_subclass(services))?.into_any())
        }
    }
}

/// What both forms of a gate share.
#[pyclass(frozen, subclass, name = "_GateCalls", module = "gatewright._core")]
pub(crate) struct GateCalls {
    pub(crate) gate: Arc<gatewright::Gate>,
    mode: Mode,
}

#[pymethods]
impl GateCalls {
    /// Ends the gate: calls under way finish, later ones raise `Closed`. Closing again does nothing.
    fn close<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let gate = Arc::clone(&self.gate);
        let call = async move {
            gate.close().await;
            Ok(())
        };
        run(py, self.mode, call, nothing)
    }

    /// Calls `callback` with every decision, on the thread that decided; what it raises goes to `sys.unraisablehook`.
    fn on_event(&self, callback: &Bound<'_, PyAny>) -> PyResult<()> {
        event::subscribe(&self.gate, callback)
    }

    /// What to send to a client for an exception. Touches memory only.
    fn problem<'py>(&self, error: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        problem::problem(&self.gate, error)
    }

    /// Deletes expired records until none is left, and says how many.
    fn sweep<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.sweep().await }, count)
    }

    /// Raises unless the store answers.
    fn health<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.health().await }, nothing)
    }
}

/// A policy document, opened. Every call may be made from any thread.
#[pyclass(frozen, extends = GateCalls, module = "gatewright")]
pub(crate) struct Gate {
    /// The calls on tokens.
    #[pyo3(get)]
    tokens: Py<Tokens>,
    /// The calls on sessions.
    #[pyo3(get)]
    sessions: Py<Sessions>,
    /// The calls on epochs.
    #[pyo3(get)]
    epochs: Py<Epochs>,
    /// The calls on webhooks.
    #[pyo3(get)]
    webhooks: Py<Webhooks>,
    /// The calls on idempotency.
    #[pyo3(get)]
    idempotency: Py<Idempotency>,
    /// The calls on limits.
    #[pyo3(get)]
    limits: Py<Limits>,
    /// The calls on lockouts.
    #[pyo3(get)]
    lockout: Py<Lockout>,
}

#[pymethods]
impl Gate {
    /// Opens the policy document in a file.
    #[staticmethod]
    #[pyo3(name = "open")]
    fn from_file<'py>(path: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        open(path.py(), Mode::Blocking, Source::file(path)?, gatewright::Gate::builder())
    }

    /// Opens a policy document given as text (TOML, or JSON, which begins with `{`) or as a mapping.
    #[staticmethod]
    fn from_policy<'py>(policy: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        open(policy.py(), Mode::Blocking, Source::policy(policy)?, gatewright::Gate::builder())
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (kind, value, traceback, /))]
    fn __exit__(slf: &Bound<'_, Self>, kind: Given<'_, '_>, value: Given<'_, '_>, traceback: Given<'_, '_>) -> PyResult<()> {
        let _ = (kind, value, traceback);
        slf.as_super().get().close(slf.py()).map(drop)
    }

    #[allow(clippy::unused_self, reason = "the protocol's shape")]
    fn __repr__(&self) -> &'static str {
        "<gatewright.Gate>"
    }
}

/// A gate whose I/O calls are asyncio futures; `gatewright.aio.Gate` makes coroutines of them.
#[pyclass(frozen, extends = GateCalls, module = "gatewright._core")]
pub(crate) struct AsyncGate {
    /// The calls on tokens.
    #[pyo3(get)]
    tokens: Py<AsyncTokens>,
    /// The calls on sessions.
    #[pyo3(get)]
    sessions: Py<AsyncSessions>,
    /// The calls on epochs.
    #[pyo3(get)]
    epochs: Py<AsyncEpochs>,
    /// The calls on webhooks.
    #[pyo3(get)]
    webhooks: Py<AsyncWebhooks>,
    /// The calls on idempotency.
    #[pyo3(get)]
    idempotency: Py<AsyncIdempotency>,
    /// The calls on limits.
    #[pyo3(get)]
    limits: Py<AsyncLimits>,
    /// The calls on lockouts.
    #[pyo3(get)]
    lockout: Py<AsyncLockout>,
}

#[pymethods]
impl AsyncGate {
    /// Opens the policy document in a file.
    #[staticmethod]
    #[pyo3(name = "open")]
    fn from_file<'py>(path: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        open(path.py(), Mode::Loop, Source::file(path)?, gatewright::Gate::builder())
    }

    /// Opens a policy document given as text or as a mapping.
    #[staticmethod]
    fn from_policy<'py>(policy: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        open(policy.py(), Mode::Loop, Source::policy(policy)?, gatewright::Gate::builder())
    }
}
