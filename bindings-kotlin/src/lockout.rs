//! Calls on lockouts.

use std::sync::Arc;

use gatewright::gate::{Attempt, Lockout};
use gatewright::limits::lockout::LockoutStatus;
use gatewright::time::Timestamp;

use crate::context::{FfiContext, context};
use crate::fault::FfiException;
use crate::gate::FfiGate;
use crate::runtime::{awaited, detached};

/// Whose account is meant.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::gate::Lockout")]
pub struct FfiAccount {
    pub policy: String,
    pub identifier: String,
    pub device: Option<String>,
    pub context: Option<FfiContext>,
}

/// An attempt that was charged, and what is known of it.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::gate::Attempt")]
pub struct FfiBegunAttempt {
    pub attempt: Arc<FfiAttempt>,
    pub n: i32,
    pub last: bool,
}

/// How an account stands.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::limits::lockout::LockoutStatus")]
pub struct FfiLockoutStatus {
    pub fails: i32,
    pub threshold: i32,
    pub locked_until: Option<i64>,
    pub level: i32,
    pub now: i64,
}

/// An attempt that was charged. Dropped without an end, it is abandoned.
#[derive(uniffi::Object)]
pub struct FfiAttempt {
    attempt: Arc<Attempt>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Attempt")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiAttempt {
    pub async fn settle(&self, success: bool) -> Result<(), FfiException> {
        let attempt = Arc::clone(&self.attempt);
        detached(async move { attempt.settle(success).await }).await
    }

    pub async fn abandon(&self) -> Result<(), FfiException> {
        let attempt = Arc::clone(&self.attempt);
        detached(async move { attempt.abandon().await }).await
    }

    /// As `abandon`, for a caller that cannot suspend; what could not be taken back stays charged.
    pub fn abandon_and_wait(&self) -> Result<(), FfiException> {
        let attempt = Arc::clone(&self.attempt);
        awaited(async move {
            let _ = attempt.abandon().await;
        })
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Lockout")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub async fn begin_attempt(&self, account: FfiAccount) -> Result<FfiBegunAttempt, FfiException> {
        let gate = self.gate.clone();
        let FfiAccount { policy, identifier, device, context } = account;
        let call = async move { of(gate.lockout(), device, context).begin(&policy, &identifier).await };
        detached(call).await.map(FfiBegunAttempt::from)
    }

    pub async fn unlock_account(&self, account: FfiAccount) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        let FfiAccount { policy, identifier, device, context } = account;
        detached(async move { of(gate.lockout(), device, context).unlock(&policy, &identifier).await }).await
    }

    pub async fn lockout_status(&self, account: FfiAccount) -> Result<FfiLockoutStatus, FfiException> {
        let gate = self.gate.clone();
        let FfiAccount { policy, identifier, device, context } = account;
        detached(async move { of(gate.lockout(), device, context).status(&policy, &identifier).await }).await.map(FfiLockoutStatus::from)
    }
}

fn of(lockout: Lockout<'_>, device: Option<String>, caller: Option<FfiContext>) -> Lockout<'_> {
    let lockout = lockout.with_context(context(caller));
    match device {
        Some(device) => lockout.known_device(device),
        None => lockout,
    }
}

impl From<Attempt> for FfiBegunAttempt {
    fn from(attempt: Attempt) -> Self {
        let (n, last) = (number(attempt.n()), attempt.last());
        Self { attempt: Arc::new(FfiAttempt { attempt: Arc::new(attempt) }), n, last }
    }
}

impl From<LockoutStatus> for FfiLockoutStatus {
    fn from(status: LockoutStatus) -> Self {
        Self {
            fails: number(status.fails),
            threshold: number(status.threshold),
            locked_until: status.locked_until.map(Timestamp::as_micros),
            level: number(status.level),
            now: status.now.as_micros(),
        }
    }
}

/// A threshold is a million at most, and nothing is counted beyond it.
fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
