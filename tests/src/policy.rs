//! Opens the gate of one test: its own clock, entropy and environment, its own empty store.

use std::sync::Arc;

use gatewright::testing::{Environment, ManualClock, SeededEntropy};
use gatewright::time::Timestamp;
use gatewright::{Error, Gate};
use serde_json::Value;

use crate::shape::binary;

/// The instant of a test or step.
pub(crate) fn now(test: &Value) -> Timestamp {
    Timestamp::from_micros(test.get("now").and_then(whole).unwrap_or(0))
}

/// A whole number, or the text of one.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The clock of one test and a gate that runs by it.
pub(crate) async fn open(text: &str, group: &Value, env: Option<&Value>, at: Timestamp) -> Result<(Gate, Arc<ManualClock>), Error> {
    let clock = Arc::new(ManualClock::new(at));
    let seed = group.get("seed").and_then(binary).unwrap_or_default();
    let builder = Gate::builder().clock(clock.clone()).entropy(Arc::new(SeededEntropy::new(seed))).environment(environment(env));
    Ok((builder.from_policy(text).await?, clock))
}

fn environment(env: Option<&Value>) -> Environment {
    let members = env.and_then(Value::as_object).into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
