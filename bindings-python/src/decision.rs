//! Decisions on limits. Their members are read on demand: what nobody asks for is never made into a Python object.

use gatewright::limits::{self, LazyDecision};
use gatewright::time::Timestamp;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::duration::{LONGEST, delta};
use crate::errors::invalid_argument;
use crate::instant::datetime;

/// The answer to a call on limits. A refusal is an answer too, never an exception.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Decision(LazyDecision);

impl From<limits::Decision> for Decision {
    fn from(decision: limits::Decision) -> Self {
        Self(decision.into())
    }
}

impl From<LazyDecision> for Decision {
    fn from(decision: LazyDecision) -> Self {
        Self(decision)
    }
}

impl Decision {
    /// All of it.
    pub(crate) fn whole(&self) -> &limits::Decision {
        self.0.decision()
    }

    /// The Python object of a decision.
    pub(crate) fn python(py: Python<'_>, decision: limits::Decision) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, Self::from(decision))?.into_any())
    }
}

/// A decision that is given to a call.
pub(crate) fn decision<'a, 'py>(value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, Decision>> {
    value.cast::<Decision>().map_err(|_| invalid_argument(value.py(), "decision", "give a gatewright.Decision"))
}

#[pymethods]
impl Decision {
    /// Whether the request may go on.
    #[getter]
    fn allowed(&self) -> bool {
        self.0.allowed()
    }

    /// Who decided: `store`, `local`, `fail_open` or `fail_closed`.
    #[getter]
    fn source(&self) -> &'static str {
        self.whole().source.as_str()
    }

    /// When, by the clock that decided, in UTC.
    #[getter]
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, Timestamp::from_micros(self.whole().now_us))
    }

    /// When, in microseconds since 1970.
    #[getter]
    fn now_us(&self) -> i64 {
        self.whole().now_us
    }

    /// What was asked for; of a bundle the greatest.
    #[getter]
    fn cost(&self) -> u32 {
        self.whole().cost
    }

    /// The tier that matters most.
    #[getter]
    fn binding(slf: &Bound<'_, Self>) -> Binding {
        Binding(slf.clone().unbind())
    }

    /// After what time the same request would be allowed if nobody else asked; zero if it was.
    #[getter]
    fn retry_after<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        span(py, self.whole().retry_after_us)
    }

    /// The same in microseconds.
    #[getter]
    fn retry_after_us(&self) -> i64 {
        self.whole().retry_after_us
    }

    /// For a reservation that was granted: what to wait before going on, counted from `now`.
    #[getter]
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.whole().wait_us.map(|wait| span(py, wait)).transpose()
    }

    /// The same in microseconds.
    #[getter]
    fn wait_us(&self) -> Option<i64> {
        self.whole().wait_us
    }

    /// Every tier, in the order of the bundle and of its policies.
    #[getter]
    fn tiers<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let tiers = (0..slf.get().whole().tiers.len()).map(|at| TierDecision { decision: slf.clone().unbind(), at });
        PyTuple::new(slf.py(), tiers.map(|tier| Py::new(slf.py(), tier)).collect::<PyResult<Vec<_>>>()?)
    }

    /// Gives back what was taken. `None` where nothing was.
    #[getter]
    pub(crate) fn permit(slf: &Bound<'_, Self>) -> Option<Permit> {
        slf.get().whole().permit.as_ref().map(|_| Permit(slf.clone().unbind()))
    }

    /// How the tiers were decided together: `atomic` or `compensated`.
    #[getter]
    fn atomicity(&self) -> &'static str {
        self.whole().atomicity.as_str()
    }

    fn __repr__(&self) -> String {
        let limits::Decision { allowed, cost, binding, retry_after_us, .. } = self.whole();
        let allowed = if *allowed { "True" } else { "False" };
        format!("Decision(allowed={allowed}, cost={cost}, binding='{}.{}', retry_after_us={retry_after_us})", binding.policy, binding.tier)
    }
}

/// So many microseconds, as far as a `timedelta` is asked for one.
fn span(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    Ok(delta(py, micros.clamp(0, LONGEST))?.into_any())
}

/// The tier that matters most: of a refusal the one that refuses for longest, else the one that is nearest to refusing.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Binding(Py<Decision>);

#[pymethods]
impl Binding {
    /// Its policy.
    #[getter]
    fn policy(&self) -> &str {
        &self.0.get().whole().binding.policy
    }

    /// Its id there.
    #[getter]
    fn tier(&self) -> &str {
        &self.0.get().whole().binding.tier
    }

    fn __repr__(&self) -> String {
        format!("Binding(policy={:?}, tier={:?})", self.policy(), self.tier())
    }
}

/// What came of one tier.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct TierDecision {
    decision: Py<Decision>,
    at: usize,
}

impl TierDecision {
    fn read<'a, T: Default>(&'a self, member: impl FnOnce(&'a limits::TierDecision) -> T) -> T {
        self.decision.get().whole().tiers.get(self.at).map(member).unwrap_or_default()
    }
}

#[pymethods]
impl TierDecision {
    /// Its policy.
    #[getter]
    fn policy(&self) -> &str {
        self.read(|tier| &*tier.policy)
    }

    /// Its id there.
    #[getter]
    fn id(&self) -> &str {
        self.read(|tier| &*tier.id)
    }

    /// How it counts: `token_bucket`, `sliding_log`, `sliding_window`, `calendar` or `concurrent`.
    #[getter]
    fn algo(&self) -> &'static str {
        self.read(|tier| tier.algo.as_str())
    }

    /// Units a period.
    #[getter]
    fn limit(&self) -> u32 {
        self.read(|tier| tier.limit)
    }

    /// Units that can be taken at once; the limit of all but token buckets.
    #[getter]
    fn burst(&self) -> u32 {
        self.read(|tier| tier.burst)
    }

    /// Its period in microseconds: of a calendar the length of the current unit, 0 of concurrency.
    #[getter]
    fn period_us(&self) -> i64 {
        self.read(|tier| tier.period_us)
    }

    /// Units that can be taken now.
    #[getter]
    fn remaining(&self) -> u32 {
        self.read(|tier| tier.remaining)
    }

    /// `burst` − `remaining`.
    #[getter]
    fn used(&self) -> u32 {
        self.read(|tier| tier.used)
    }

    /// Microseconds until one unit more remains; 0 if all do.
    #[getter]
    fn next_unit_us(&self) -> i64 {
        self.read(|tier| tier.next_unit_us)
    }

    /// When nothing is taken any more, in microseconds since 1970.
    #[getter]
    fn full_at_us(&self) -> i64 {
        self.read(|tier| tier.full_at_us)
    }

    /// Microseconds until this tier would allow the request; 0 if it did.
    #[getter]
    fn retry_after_us(&self) -> i64 {
        self.read(|tier| tier.retry_after_us)
    }

    /// Whether this tier allowed the request.
    #[getter]
    fn allowed(&self) -> bool {
        self.read(|tier| tier.allowed)
    }

    fn __repr__(&self) -> String {
        let (policy, id, remaining, burst) = (self.policy(), self.id(), self.remaining(), self.burst());
        format!("TierDecision(policy={policy:?}, id={id:?}, remaining={remaining}, burst={burst})")
    }
}

/// What was taken, so that it can be given back once. Dropped, it gives nothing back.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Permit(Py<Decision>);

impl Permit {
    /// The same of the core; there always is one.
    pub(crate) fn permit(&self) -> Option<&limits::Permit> {
        self.0.get().whole().permit.as_ref()
    }
}

/// The permit that is given to a call.
pub(crate) fn permit<'a, 'py>(value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, Permit>> {
    let mend = "give the permit of a decision; one that took nothing has none";
    value.cast::<Permit>().map_err(|_| invalid_argument(value.py(), "permit", mend))
}

#[pymethods]
impl Permit {
    /// The most that can be given back; of a bundle the greatest cost.
    #[getter]
    pub(crate) fn cost(&self) -> u32 {
        self.permit().map_or(0, limits::Permit::cost)
    }

    /// Whether it has been given back.
    #[getter]
    fn is_spent(&self) -> bool {
        self.permit().is_some_and(limits::Permit::is_spent)
    }

    /// A decision has one permit, however often it is read.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0.is(&self.0))
    }

    fn __hash__(&self) -> usize {
        self.0.as_ptr() as usize
    }

    fn __repr__(&self) -> String {
        format!("Permit(cost={}, is_spent={})", self.cost(), if self.is_spent() { "True" } else { "False" })
    }
}
