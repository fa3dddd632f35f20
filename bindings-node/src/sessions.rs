//! Calls on sessions.

use gatewright::Gate;
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::answer::{Promised, promise};
use crate::context::{Context, context};
use crate::gate::count;

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn sessions_revoke<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    tenant: String,
    subject: String,
    session_id: String,
    given: Option<Context>,
) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.sessions().revoke(&tenant, &subject, &session_id, context(given)).await })
}

#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn sessions_revoke_others<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    tenant: String,
    subject: String,
    keep: String,
    given: Option<Context>,
) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.sessions().revoke_others(&tenant, &subject, &keep, context(given)).await.map(count) })
}

#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn sessions_revoke_all<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    tenant: String,
    subject: String,
    given: Option<Context>,
) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.sessions().revoke_all(&tenant, &subject, context(given)).await.map(count) })
}
