//! Opening, closing and watching a gate.

use std::path::PathBuf;

use gatewright::gate::GateBuilder;
use gatewright::{Gate, Result};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::answer::{Promised, promise};

/// Where a policy comes from.
#[napi(object, object_to_js = false)]
pub struct PolicySource {
    /// A file.
    pub path: Option<String>,
    /// A text: TOML or JSON.
    pub text: Option<String>,
    /// Whether `text` was written from an object, so that its lines mean nothing to the caller.
    pub data: Option<bool>,
}

impl PolicySource {
    pub(crate) async fn open(self, builder: GateBuilder) -> Result<Gate> {
        let text = self.text.unwrap_or_default();
        match self.path {
            Some(path) => builder.open(&PathBuf::from(path)).await,
            None if self.data == Some(true) => builder.from_policy_data(&text).await,
            None => builder.from_policy(&text).await,
        }
    }
}

#[napi(catch_unwind, ts_return_type = "Promise<ExternalObject<Gate> | Failure>")]
pub fn gate_open(env: &Env, source: PolicySource) -> Promised<'_, External<Gate>> {
    promise(env, async move { source.open(Gate::builder()).await.map(External::new) })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn gate_close<'env>(env: &'env Env, gate: &External<Gate>) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move {
        gate.close().await;
        Ok(())
    })
}

/// How many expired records were deleted.
#[napi(catch_unwind, ts_return_type = "Promise<number | Failure>")]
pub fn gate_sweep<'env>(env: &'env Env, gate: &External<Gate>) -> Promised<'env, i64> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.sweep().await.map(count) })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn gate_health<'env>(env: &'env Env, gate: &External<Gate>) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.health().await })
}

/// Counts and versions stay below 2^53, which is what a JavaScript number holds.
pub(crate) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
