//! The calls of `limits.sequence` on lockouts.

use std::collections::HashMap;

use gatewright::Error;
use gatewright::limits::lockout::Attempt;
use serde_json::{Value, json};

use super::{Answer, Step};

/// The attempts of a test, by the name they were saved under. All are kept until the test ends, so that none is abandoned by being
/// dropped.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    named: HashMap<String, Attempt>,
    others: Vec<Attempt>,
}

pub(crate) async fn call(op: &str, step: Step<'_>, attempts: &mut Attempts) -> Answer {
    let plain = step.gate.lockout().with_context(step.context());
    let lockout = match step.optional("device") {
        Some(device) => plain.known_device(device),
        None => plain,
    };
    let (policy, identifier) = (step.text("policy"), step.text("identifier"));
    match op {
        "lockout.begin" => {
            let attempt = lockout.begin(policy, identifier).await?;
            let offers = json!({ "n": attempt.n(), "last": attempt.last() });
            let before = match step.optional("save") {
                Some(name) => attempts.named.insert(name.to_owned(), attempt),
                None => Some(attempt),
            };
            attempts.others.extend(before);
            Ok(offers)
        }
        "lockout.unlock" => lockout.unlock(policy, identifier).await.map(|()| json!({})),
        "lockout.status" => {
            let status = lockout.status(policy, identifier).await?;
            Ok(json!({
                "fails": status.fails,
                "threshold": status.threshold,
                "locked_until": status.locked_until.map(|at| at.as_micros()),
                "level": status.level,
                "now": status.now.as_micros(),
            }))
        }
        _ => {
            let Some(attempt) = attempts.named.get(step.text("attempt").trim_start_matches('$')) else {
                return Err(Error::Internal("the vector names an attempt that begin did not give"));
            };
            let done = match op {
                "attempt.settle" => attempt.settle(step.members.get("success").and_then(Value::as_bool).unwrap_or_default()).await,
                // The shape of the file knows no other.
                _ => attempt.abandon().await,
            };
            done.map(|()| json!({}))
        }
    }
}
