//! The calls on limits.

use std::sync::Arc;

use gatewright::error::{Error, Result};
use gatewright::{Gate, limits};
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;

use crate::arguments::{Given, borrowed, bundle, context, cost, duration, headers, text, whole_cost};
use crate::calls::{Mode, local, run};
use crate::decision::{Decision, Permit, decision, permit};
use crate::response::Response;
use crate::server_limits::ServerLimits;
use crate::tokens::nothing;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_LimitCalls", module = "gatewright._core.limits")]
pub(crate) struct LimitCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on limits: `gate.limits`.
#[pyclass(frozen, extends = LimitCalls, module = "gatewright")]
pub(crate) struct Limits;

/// The calls on limits as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = LimitCalls, module = "gatewright._core.limits")]
pub(crate) struct AsyncLimits;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Limits> {
    PyClassInitializer::from(LimitCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Limits)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncLimits> {
    PyClassInitializer::from(LimitCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncLimits)
}

impl LimitCalls {
    fn ask<'py, F>(&self, py: Python<'py>, call: impl FnOnce(Arc<Gate>) -> F) -> PyResult<Bound<'py, PyAny>>
    where
        F: Future<Output = Result<limits::Decision>> + Send + 'static,
    {
        run(py, self.mode, call(Arc::clone(&self.gate)), Decision::python)
    }

    fn give_back<'py>(&self, permit: &Bound<'py, Permit>, cost: u32) -> PyResult<Bound<'py, PyAny>> {
        let (py, permit) = (permit.py(), permit.clone().unbind());
        self.ask(py, |gate| async move {
            match permit.get().permit() {
                Some(permit) => gate.limits().refund(permit, cost).await,
                None => Err(Error::Internal("a permit of a decision that has none")),
            }
        })
    }
}

#[pymethods]
impl LimitCalls {
    /// Takes `cost` units of every tier of a policy for a subject, or of none. A refusal is a decision with `allowed = False`,
    /// never an exception; a cost of 0 only looks.
    ///
    /// Raises `LimitError` (`cost_impossible` where a tier holds fewer units than that, `subject_invalid`) and
    /// `InvalidArgument` for an unknown policy. A store that is down is no error: the policy says what is decided then::
    ///
    ///     decision = gate.limits.check("tenant", "acme", 40)
    ///     if not decision.allowed:
    ///         log(f"tier {decision.binding.tier} refuses; again after {decision.retry_after}")
    #[pyo3(signature = (policy, subject, cost=None, *, context=None))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        cost: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (policy, subject, cost) = (text(policy, "policy")?, text(subject, "subject")?, self::cost(cost)?);
        let context = self::context(context)?;
        self.ask(py, |gate| async move { gate.limits().with_context(context).check(&policy, &subject, cost).await })
    }

    /// What is left to a subject. Takes nothing and writes nothing.
    #[pyo3(signature = (policy, subject, *, context=None))]
    fn peek<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (policy, subject, context) = (text(policy, "policy")?, text(subject, "subject")?, self::context(context)?);
        self.ask(py, |gate| async move { gate.limits().with_context(context).peek(&policy, &subject).await })
    }

    /// Takes the cost of each of 1 to 16 `(policy, subject, cost)`, or of none. A cost that is left out is 1.
    ///
    /// `InvalidArgument` where a policy and subject are named twice::
    ///
    ///     decision = gate.limits.check_all([("tenant", "acme"), ("outbound", "provider", 1)])
    #[pyo3(signature = (bundle, *, context=None))]
    fn check_all<'py>(&self, py: Python<'py>, bundle: &Bound<'py, PyAny>, context: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let (bundle, context) = (self::bundle(bundle)?, self::context(context)?);
        self.ask(py, |gate| async move {
            let bundle: Vec<_> = bundle.iter().map(|(policy, subject, cost)| (policy.as_str(), subject.as_str(), *cost)).collect();
            gate.limits().with_context(context).check_all(&bundle).await
        })
    }

    /// Takes units ahead of time, if they will be there within `max_wait` and the policy's `reserve_max_wait`: `wait`, then go
    /// on, or refund the permit. First come, first served. A refused one says after what time the same call would succeed.
    ///
    /// `InvalidArgument` for a policy without `reserve_max_wait`::
    ///
    ///     decision = gate.limits.reserve("outbound", "provider", 1, timedelta(seconds=5))
    ///     if decision.allowed:
    ///         gate.limits.wait(decision)
    ///         handle(decision)
    #[pyo3(signature = (policy, subject, cost, max_wait, *, context=None))]
    fn reserve<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        cost: &Bound<'py, PyAny>,
        max_wait: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (policy, subject, cost) = (text(policy, "policy")?, text(subject, "subject")?, whole_cost(cost)?);
        let (max_wait, context) = (duration(max_wait, "max_wait")?, self::context(context)?);
        self.ask(py, |gate| async move { gate.limits().with_context(context).reserve(&policy, &subject, cost, max_wait).await })
    }

    /// Waits what is left of a reservation's wait; returns at once where nothing is to wait, as by a clock of
    /// `gatewright.testing`. What interrupts it (Ctrl-C, a signal's handler that raises) gives the reservation back and goes on.
    ///
    /// `Closed`, also where the gate is closed meanwhile; `InvalidArgument` where the permit is given back meanwhile.
    fn wait<'py>(&self, decision: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (gate, py) = (Arc::clone(&self.gate), decision.py());
        let decision = self::decision(decision)?.clone().unbind();
        run(py, self.mode, async move { gate.limits().wait(decision.get().whole()).await }, nothing)
    }

    /// Gives `cost` units of a permit back, all of it if left out; less where some have come back by themselves, and of a
    /// bundle at most each item's cost. Once: again, it only looks. What is held (`concurrent`) and reserved always comes
    /// back, other units where the policy is `refundable`.
    ///
    /// `InvalidArgument` for more than the permit's cost; `Unavailable`: the permit is spent then if its store was asked, as the
    /// units may have come back all the same::
    ///
    ///     decision = gate.limits.check("tenant", "acme", 40)
    ///     if decision.permit:
    ///         gate.limits.refund(decision.permit, 15)
    #[pyo3(signature = (permit, cost=None))]
    fn refund<'py>(&self, permit: &Bound<'py, PyAny>, cost: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let permit = self::permit(permit)?;
        let cost = cost.map_or_else(|| Ok(permit.get().cost()), whole_cost)?;
        self.give_back(permit, cost)
    }

    /// Forgets what a subject has taken.
    #[pyo3(signature = (policy, subject, *, context=None))]
    fn reset<'py>(
        &self,
        py: Python<'py>,
        policy: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (policy, subject, context) = (text(policy, "policy")?, text(subject, "subject")?, self::context(context)?);
        self.ask(py, |gate| async move { gate.limits().with_context(context).reset(&policy, &subject).await })
    }

    /// `check` of limits in memory, without waiting. Touches memory only: a plain function in `gatewright.aio` too.
    ///
    /// `ConfigError` where the limits are in another store.
    #[pyo3(signature = (policy, subject, cost=None, *, context=None))]
    fn check_local(
        &self,
        py: Python<'_>,
        policy: &Bound<'_, PyAny>,
        subject: &Bound<'_, PyAny>,
        cost: Given<'_, '_>,
        context: Given<'_, '_>,
    ) -> PyResult<Decision> {
        let (policy, subject, cost) = (borrowed(policy, "policy")?, borrowed(subject, "subject")?, self::cost(cost)?);
        let context = self::context(context)?;
        local(py, || self.gate.limits().with_context(context).check_local_lazily(policy, subject, cost)).map(Decision::from)
    }

    /// The same, and no more than whether the request may go on: the fastest way to ask.
    #[pyo3(signature = (policy, subject, cost=None, *, context=None))]
    fn allow_local(
        &self,
        py: Python<'_>,
        policy: &Bound<'_, PyAny>,
        subject: &Bound<'_, PyAny>,
        cost: Given<'_, '_>,
        context: Given<'_, '_>,
    ) -> PyResult<bool> {
        let (policy, subject, cost) = (borrowed(policy, "policy")?, borrowed(subject, "subject")?, self::cost(cost)?);
        let context = self::context(context)?;
        local(py, || self.gate.limits().with_context(context).allow_local(policy, subject, cost))
    }

    /// The headers to send with an answer, by `[http] rate_limit_headers` of the policy; of a refusal `Retry-After` in any case.
    /// Touches memory only.
    fn headers(&self, py: Python<'_>, decision: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
        let decision = self::decision(decision)?.get();
        local(py, || Ok(self.gate.limits().headers(decision.whole())))
    }

    /// The answer to a request that was refused: status 429, its headers, and a problem that names the tiers that refused, or
    /// the envelope, as `[http] errors` says. Touches memory only.
    fn problem<'py>(&self, decision: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, decision) = (decision.py(), self::decision(decision)?.get());
        let answer = local(py, || Ok(self.gate.limits().problem(decision.whole())))?;
        Response::python(py, answer)
    }

    /// For a client: what another server's answer says of its limits, and when to ask again. Takes the headers of the answer
    /// in any form; what cannot be read is passed over. Touches memory only::
    ///
    ///     told = gate.limits.parse_headers([("Retry-After", "7")])
    ///     assert told.wait_us == 7_000_000
    fn parse_headers(&self, headers: &Bound<'_, PyAny>) -> PyResult<ServerLimits> {
        let wanted = self::headers(headers, &limits::LIMIT_HEADERS)?;
        local(headers.py(), || Ok(self.gate.limits().parse_headers(&wanted))).map(ServerLimits)
    }
}
