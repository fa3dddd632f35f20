//! Calls on epochs: each gives the new version.

use gatewright::Gate;
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::answer::{Promised, promise};
use crate::context::{Context, context};
use crate::gate::count;

#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn epochs_bump_subject<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    tenant: String,
    subject: String,
    reason: String,
    given: Option<Context>,
) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.epochs().bump_subject(&tenant, &subject, &reason, context(given)).await.map(count) })
}

#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn epochs_bump_tenant<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    tenant: String,
    reason: String,
    given: Option<Context>,
) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.epochs().bump_tenant(&tenant, &reason, context(given)).await.map(count) })
}

#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn epochs_bump_all<'env>(env: &'env Env, gate: &External<Gate>, reason: String, given: Option<Context>) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.epochs().bump_all(&reason, context(given)).await.map(count) })
}
