//! Calls on limits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gatewright::Error;
use gatewright::limits::Decision;

use crate::context::{FfiContext, context};
use crate::decision::{FfiDecided, FfiPermit};
use crate::fault::FfiException;
use crate::gate::FfiGate;
use crate::runtime::{Started, Task, handle, started};

/// What is asked of one policy.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::gate::Limits")]
pub struct FfiLimitRequest {
    pub policy: String,
    pub subject: String,
    pub cost: i64,
    pub context: Option<FfiContext>,
}

/// One item of a bundle.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::gate::Limits")]
pub struct FfiLimitItem {
    pub policy: String,
    pub subject: String,
    pub cost: i64,
}

/// A call that was begun: over at once, as those on a store in memory are, or going on.
#[derive(uniffi::Enum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FfiBegunDecision {
    Over { decided: FfiDecided },
    GoingOn { call: Arc<FfiDecisionCall> },
}

/// A call that is going on, whether or not anybody waits for it.
#[derive(uniffi::Object)]
pub struct FfiDecisionCall {
    task: Mutex<Option<Task<Decision>>>,
}

#[uniffi::export]
impl FfiDecisionCall {
    /// Its answer, once.
    ///
    /// # Errors
    /// The call's, and `internal` when asked again.
    pub async fn answer(&self) -> Result<FfiDecided, FfiException> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        match task {
            Some(task) => task.answer().await.map(FfiDecided::from),
            None => Err(Error::Internal("an answer was asked for twice").into()),
        }
    }
}

impl FfiBegunDecision {
    fn new<F>(call: F) -> Result<Self, FfiException>
    where
        F: Future<Output = gatewright::Result<Decision>> + Send + 'static,
    {
        Ok(match started(call)? {
            Started::Over(decision) => Self::Over { decided: decision.into() },
            Started::GoingOn(task) => Self::GoingOn { call: Arc::new(FfiDecisionCall { task: Mutex::new(Some(task)) }) },
        })
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Limits")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub fn check_limit(&self, request: FfiLimitRequest) -> Result<FfiBegunDecision, FfiException> {
        let (gate, units) = (self.gate.clone(), cost(request.cost)?);
        let FfiLimitRequest { policy, subject, context: caller, .. } = request;
        FfiBegunDecision::new(async move { gate.limits().with_context(context(caller)).check(&policy, &subject, units).await })
    }

    pub fn peek_limit(&self, request: FfiLimitRequest) -> Result<FfiBegunDecision, FfiException> {
        let gate = self.gate.clone();
        let FfiLimitRequest { policy, subject, context: caller, .. } = request;
        FfiBegunDecision::new(async move { gate.limits().with_context(context(caller)).peek(&policy, &subject).await })
    }

    pub fn check_limits(&self, bundle: Vec<FfiLimitItem>, caller: Option<FfiContext>) -> Result<FfiBegunDecision, FfiException> {
        let gate = self.gate.clone();
        let costs = bundle.iter().map(|item| cost(item.cost)).collect::<Result<Vec<_>, _>>()?;
        FfiBegunDecision::new(async move {
            let items = bundle.iter().zip(costs).map(|(item, units)| (item.policy.as_str(), item.subject.as_str(), units));
            let items: Vec<_> = items.collect();
            gate.limits().with_context(context(caller)).check_all(&items).await
        })
    }

    pub fn reserve_limit(&self, request: FfiLimitRequest, max_wait_us: i64) -> Result<FfiBegunDecision, FfiException> {
        let (gate, units) = (self.gate.clone(), cost(request.cost)?);
        let negative = |_| Error::invalid_argument("max_wait", "give a duration that is not negative");
        let max_wait = u64::try_from(max_wait_us).map(Duration::from_micros).map_err(negative)?;
        let FfiLimitRequest { policy, subject, context: caller, .. } = request;
        FfiBegunDecision::new(async move { gate.limits().with_context(context(caller)).reserve(&policy, &subject, units, max_wait).await })
    }

    /// Waits for the turn of a reservation. Dropped meanwhile, it gives the permit back.
    pub async fn wait_for(&self, permit: Option<Arc<FfiPermit>>) -> Result<(), FfiException> {
        Ok(self.gate.limits().wait_for(permit.as_ref().map(|permit| &permit.permit)).await?)
    }

    pub fn refund_permit(&self, permit: Arc<FfiPermit>, units: Option<i64>) -> Result<FfiBegunDecision, FfiException> {
        let gate = self.gate.clone();
        let units = units.map_or_else(|| Ok(permit.permit.cost()), cost)?;
        FfiBegunDecision::new(async move { gate.limits().refund(&permit.permit, units).await })
    }

    /// Gives all of a permit back without waiting for it: whoever should have had the decision is gone.
    pub fn give_back(&self, permit: Arc<FfiPermit>) {
        let gate = self.gate.clone();
        if let Ok(threads) = handle() {
            threads.spawn(async move {
                // What could not be given back leaks away, or ends with its lease.
                let _ = gate.limits().refund(&permit.permit, permit.permit.cost()).await;
            });
        }
    }

    pub fn reset_limit(&self, request: FfiLimitRequest) -> Result<FfiBegunDecision, FfiException> {
        let gate = self.gate.clone();
        let FfiLimitRequest { policy, subject, context: caller, .. } = request;
        FfiBegunDecision::new(async move { gate.limits().with_context(context(caller)).reset(&policy, &subject).await })
    }

    pub fn check_limit_local(&self, request: FfiLimitRequest) -> Result<FfiDecided, FfiException> {
        let FfiLimitRequest { policy, subject, cost: units, context: caller } = request;
        Ok(self.gate.limits().with_context(context(caller)).check_local(&policy, &subject, cost(units)?)?.into())
    }

    pub fn allow_limit_local(&self, request: FfiLimitRequest) -> Result<bool, FfiException> {
        let FfiLimitRequest { policy, subject, cost: units, context: caller } = request;
        Ok(self.gate.limits().with_context(context(caller)).allow_local(&policy, &subject, cost(units)?)?)
    }
}

/// A cost as the core has it.
fn cost(units: i64) -> Result<u32, Error> {
    u32::try_from(units).map_err(|_| Error::invalid_argument("cost", "give a whole number of units from 0 to 4,294,967,295"))
}
