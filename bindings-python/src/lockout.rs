//! The calls on lockouts, and attempts to log in.

use std::sync::Arc;

use gatewright::{Gate, limits};
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;
use pyo3::types::PyBool;

use crate::arguments::{Given, context, optional_text, text};
use crate::calls::{Mode, run};
use crate::errors::invalid_argument;
use crate::fork::{generation, let_go};
use crate::instant::datetime;
use crate::tokens::nothing;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_LockoutCalls", module = "gatewright._core.limits")]
pub(crate) struct LockoutCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on lockouts: `gate.lockout`.
#[pyclass(frozen, extends = LockoutCalls, module = "gatewright")]
pub(crate) struct Lockout;

/// The calls on lockouts as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = LockoutCalls, module = "gatewright._core.limits")]
pub(crate) struct AsyncLockout;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Lockout> {
    PyClassInitializer::from(LockoutCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Lockout)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncLockout> {
    PyClassInitializer::from(LockoutCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncLockout)
}

/// An account, as a call names it.
struct Account {
    policy: String,
    identifier: String,
    device: Option<String>,
    context: gatewright::event::Context,
}

impl Account {
    fn read(policy: &Bound<'_, PyAny>, identifier: &Bound<'_, PyAny>, device: Given<'_, '_>, context: Given<'_, '_>) -> PyResult<Self> {
        let (policy, identifier) = (text(policy, "policy")?, text(identifier, "identifier")?);
        Ok(Self { policy, identifier, device: optional_text(device, "device")?, context: self::context(context)? })
    }

    /// The calls for its device, if it has one.
    fn calls<'a>(&self, gate: &'a Gate) -> gatewright::gate::Lockout<'a> {
        let calls = gate.lockout().with_context(self.context.clone());
        match &self.device {
            Some(device) => calls.known_device(device),
            None => calls,
        }
    }
}

#[pymethods]
impl LockoutCalls {
    /// Charges an attempt before its password is checked: of any number at once, no more than the policy's threshold are let
    /// through. Call it for unknown accounts too, or an attacker learns which are known.
    ///
    /// `device` tells a device that the account has logged in from, by a cookie or token that *your* service gave it and has
    /// verified; it is counted by itself, so that a stranger who locks the account does not lock its owner out.
    ///
    /// Raises `Locked` with what is left of the lock, which no attempt makes longer; `LimitError` (`subject_invalid`);
    /// `InvalidArgument` for an unknown policy; `Unavailable` (check no password then). Leaving the block unsettled abandons
    /// the attempt::
    ///
    ///     with gate.lockout.begin("login", "ada@example.com") as attempt:
    ///         attempt.settle(check("password"))
    #[pyo3(signature = (policy, identifier, device=None, *, context=None))]
    fn begin<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        identifier: &Bound<'py, PyAny>,
        device: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let account = Account::read(policy, identifier, device, context)?;
        let (gate, mode) = (Arc::clone(&self.gate), self.mode);
        let call = async move { account.calls(&gate).begin(&account.policy, &account.identifier).await };
        run(py, mode, call, move |py, attempt| AttemptCalls::python(py, attempt, mode))
    }

    /// Forgives everything: an administrator unlocks the account, or its owner has reset the password. Attempts under way
    /// change nothing any more.
    #[pyo3(signature = (policy, identifier, device=None, *, context=None))]
    fn unlock<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        identifier: &Bound<'py, PyAny>,
        device: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let account = Account::read(policy, identifier, device, context)?;
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { account.calls(&gate).unlock(&account.policy, &account.identifier).await }, nothing)
    }

    /// How an account stands. Changes nothing.
    #[pyo3(signature = (policy, identifier, device=None, *, context=None))]
    fn status<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        identifier: &Bound<'py, PyAny>,
        device: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let account = Account::read(policy, identifier, device, context)?;
        let gate = Arc::clone(&self.gate);
        let call = async move { account.calls(&gate).status(&account.policy, &account.identifier).await };
        run(py, self.mode, call, |py, status| Ok(Bound::new(py, LockoutStatus(status))?.into_any()))
    }
}

/// What both forms of an attempt share.
#[pyclass(frozen, subclass, name = "_AttemptCalls", module = "gatewright._core.limits")]
pub(crate) struct AttemptCalls {
    n: u32,
    last: bool,
    /// None only while this is dropped.
    attempt: Option<Arc<gatewright::gate::Attempt>>,
    mode: Mode,
    /// Which process it belongs to.
    generation: u32,
}

impl Drop for AttemptCalls {
    /// Dropped unsettled, an attempt is abandoned: work for a store, not to be done with the GIL held.
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            if self.generation == generation() {
                Python::try_attach(|py| let_go(py, attempt));
            } else {
                // What a child of a fork drops is its parent's, who is still at it.
                std::mem::forget(attempt);
            }
        }
    }
}

impl AttemptCalls {
    fn python(py: Python<'_>, attempt: gatewright::gate::Attempt, mode: Mode) -> PyResult<Bound<'_, PyAny>> {
        let (n, last) = (attempt.n(), attempt.last());
        let base = PyClassInitializer::from(Self { n, last, attempt: Some(Arc::new(attempt)), mode, generation: generation() });
        match mode {
            Mode::Blocking => Ok(Bound::new(py, base.add_subclass(Attempt))?.into_any()),
            Mode::Loop => Ok(Bound::new(py, base.add_subclass(AsyncAttempt))?.into_any()),
        }
    }
}

#[pymethods]
impl AttemptCalls {
    /// Its number in the window, from 1.
    #[getter]
    const fn n(&self) -> u32 {
        self.n
    }

    /// Whether the account is locked now unless this one succeeds.
    #[getter]
    const fn last(&self) -> bool {
        self.last
    }

    /// Says what came of it. A success forgives what was charged before, and unlocks what this attempt locked; a failure was
    /// charged already. An attempt of before an unlock or another success changes nothing. May be called again after an error.
    fn settle<'py>(&self, py: Python<'py>, success: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let Ok(success) = success.cast::<PyBool>() else { return Err(invalid_argument(py, "success", "give a bool")) };
        let (attempt, success) = (self.attempt.clone(), success.is_true());
        run(py, self.mode, async move { if let Some(attempt) = attempt { attempt.settle(success).await } else { Ok(()) } }, nothing)
    }

    /// Takes the charge back: no password was checked. Does nothing once the attempt has been settled or abandoned.
    fn abandon<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let attempt = self.attempt.clone().filter(|_| self.generation == generation());
        run(py, self.mode, async move { if let Some(attempt) = attempt { attempt.abandon().await } else { Ok(()) } }, nothing)
    }

    fn __repr__(&self) -> String {
        format!("Attempt(n={}, last={})", self.n, if self.last { "True" } else { "False" })
    }
}

/// An attempt to log in that has been charged: check the password, then settle it. Leaving its block unsettled abandons it.
#[pyclass(frozen, extends = AttemptCalls, module = "gatewright")]
pub(crate) struct Attempt;

#[pymethods]
impl Attempt {
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (kind, value, traceback, /))]
    fn __exit__(slf: &Bound<'_, Self>, kind: Given<'_, '_>, value: Given<'_, '_>, traceback: Given<'_, '_>) {
        let _ = (kind, value, traceback);
        // An exception on its way matters more; what could not be taken back stays charged.
        drop(slf.as_super().get().abandon(slf.py()));
    }
}

/// An attempt whose acts are asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = AttemptCalls, module = "gatewright._core.limits")]
pub(crate) struct AsyncAttempt;

/// How an account stands.
#[pyclass(frozen, eq, module = "gatewright")]
#[derive(PartialEq, Eq)]
pub(crate) struct LockoutStatus(limits::lockout::LockoutStatus);

#[pymethods]
impl LockoutStatus {
    /// Attempts charged in the current window.
    #[getter]
    const fn fails(&self) -> u32 {
        self.0.fails
    }

    /// How many are allowed.
    #[getter]
    const fn threshold(&self) -> u32 {
        self.0.threshold
    }

    /// Until when it is locked, in UTC; `None` if it is not.
    #[getter]
    fn locked_until<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.locked_until.map(|until| datetime(py, until)).transpose()
    }

    /// How many locks it has had.
    #[getter]
    const fn level(&self) -> u32 {
        self.0.level
    }

    /// The store's clock, in UTC.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.0.now)
    }

    fn __repr__(&self) -> String {
        let status = &self.0;
        format!("LockoutStatus(fails={}, threshold={}, level={})", status.fails, status.threshold, status.level)
    }
}
