//! Calls on lockouts.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::gate::Lockout;
use gatewright::time::Timestamp;
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::answer::{Soon, soon};
use crate::context::{Context, context};

/// The handle of an attempt.
pub type Attempt = Arc<gatewright::gate::Attempt>;

/// Whose account, and what is known of the request.
#[napi(object, object_to_js = false)]
pub struct Account {
    pub policy: String,
    pub identifier: String,
    pub device: Option<String>,
    pub context: Option<Context>,
}

impl Account {
    fn lockout<'a>(&mut self, gate: &'a Gate) -> Lockout<'a> {
        let lockout = gate.lockout().with_context(context(self.context.take()));
        match self.device.take() {
            Some(device) => lockout.known_device(device),
            None => lockout,
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct BegunAttempt {
    pub n: u32,
    pub last: bool,
    #[napi(ts_type = "ExternalObject<Attempt>")]
    pub attempt: External<Attempt>,
}

/// Times are in microseconds since 1970.
#[napi(object, object_from_js = false)]
pub struct AccountStatus {
    pub fails: u32,
    pub threshold: u32,
    pub locked_until: Option<i64>,
    pub level: u32,
    pub now: i64,
}

#[napi(catch_unwind, ts_return_type = "BegunAttempt | Failure | Promise<BegunAttempt | Failure>")]
pub fn lockout_begin<'env>(env: &'env Env, gate: &External<Gate>, mut account: Account) -> Soon<'env, BegunAttempt> {
    let gate = Gate::clone(gate);
    soon(env, 0, async move {
        let attempt = account.lockout(&gate).begin(&account.policy, &account.identifier).await?;
        Ok(BegunAttempt { n: attempt.n(), last: attempt.last(), attempt: External::new(Arc::new(attempt)) })
    })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn lockout_unlock<'env>(env: &'env Env, gate: &External<Gate>, mut account: Account) -> Soon<'env, ()> {
    let gate = Gate::clone(gate);
    soon(env, 0, async move { account.lockout(&gate).unlock(&account.policy, &account.identifier).await })
}

#[napi(catch_unwind, ts_return_type = "AccountStatus | Failure | Promise<AccountStatus | Failure>")]
pub fn lockout_status<'env>(env: &'env Env, gate: &External<Gate>, mut account: Account) -> Soon<'env, AccountStatus> {
    let gate = Gate::clone(gate);
    soon(env, 0, async move {
        let status = account.lockout(&gate).status(&account.policy, &account.identifier).await?;
        Ok(AccountStatus {
            fails: status.fails,
            threshold: status.threshold,
            locked_until: status.locked_until.map(Timestamp::as_micros),
            level: status.level,
            now: status.now.as_micros(),
        })
    })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn attempt_settle<'env>(env: &'env Env, attempt: &External<Attempt>, success: bool) -> Soon<'env, ()> {
    let attempt = Arc::clone(attempt);
    soon(env, 0, async move { attempt.settle(success).await })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn attempt_abandon<'env>(env: &'env Env, attempt: &External<Attempt>) -> Soon<'env, ()> {
    let attempt = Arc::clone(attempt);
    soon(env, 0, async move { attempt.abandon().await })
}
