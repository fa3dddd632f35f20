//! For tests: another clock, seeded entropy, a given environment. Only `gatewright/testing` calls this.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright::Gate;
use gatewright::limits::packed::pack;
use gatewright::testing::{ManualClock, SeededEntropy, read_decision};
use gatewright::time::Timestamp;
use gatewright::tokens::jws::verify_suite;
use napi::Env;
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;

use crate::answer::{Answer, Promised, answer, promise};
use crate::gate::PolicySource;
use crate::text::Latin1;

/// The handle of a clock.
pub type Clock = Arc<ManualClock>;

/// A clock that shows this instant, in microseconds since 1970.
#[napi(catch_unwind)]
pub fn testing_clock(now: i64) -> External<Clock> {
    External::new(Arc::new(ManualClock::new(Timestamp::from_micros(now))))
}

#[napi(catch_unwind)]
pub fn testing_set_clock(clock: &External<Clock>, now: i64) {
    clock.set(Timestamp::from_micros(now));
}

#[napi(catch_unwind, ts_return_type = "Promise<ExternalObject<Gate> | Failure>")]
pub fn testing_open<'env>(
    env: &'env Env,
    source: PolicySource,
    clock: Option<&External<Clock>>,
    seed: Option<Uint8Array>,
    environment: Option<HashMap<String, String>>,
) -> Promised<'env, External<Gate>> {
    let mut builder = Gate::builder();
    if let Some(clock) = clock {
        builder = builder.clock(Arc::<ManualClock>::clone(clock));
    }
    if let Some(seed) = seed {
        builder = builder.entropy(Arc::new(SeededEntropy::new(seed.to_vec())));
    }
    if let Some(environment) = environment {
        builder = builder.environment(environment);
    }
    promise(env, async move { source.open(builder).await.map(External::new) })
}

/// Opens another policy, given as text, on the store, clock and entropy of a gate.
#[napi(catch_unwind, ts_return_type = "Promise<ExternalObject<Gate> | Failure>")]
pub fn testing_reopen<'env>(env: &'env Env, gate: &External<Gate>, text: String) -> Promised<'env, External<Gate>> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.reopen(&text).await.map(External::new) })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn testing_refresh_view<'env>(env: &'env Env, gate: &External<Gate>) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.refresh_view().await })
}

/// Panics, so that a test can see that the process survives it.
#[napi(catch_unwind)]
#[allow(clippy::panic, reason = "that is its purpose")]
pub fn testing_panic() {
    panic!("a panic on purpose");
}

/// Panics in a promise.
#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
#[allow(clippy::panic, reason = "that is its purpose")]
pub fn testing_panic_later(env: &Env) -> Promised<'_, ()> {
    promise(env, async { panic!("a panic on purpose") })
}

/// Verifies a compact JWS of a published suite; gives its payload. Each key is the text of a JSON object.
#[napi(catch_unwind, ts_return_type = "Uint8Array | Failure")]
pub fn testing_verify_jws(keys: Vec<String>, jws: String) -> Answer<Uint8Array> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    answer(verify_suite(&keys, &jws).map(Uint8Array::new))
}

/// A decision written as a JSON object, for what is made of decisions; `null` for a text that is none.
#[napi(catch_unwind, ts_return_type = "string | null")]
pub fn testing_read_decision(text: String) -> Option<Latin1> {
    let decision = read_decision(&text)?;
    let mut packed = Vec::new();
    pack(&decision, &mut packed).map(|()| Latin1(packed))
}
