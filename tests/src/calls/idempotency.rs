//! The calls of `idempotency.sequence`.

use std::collections::HashMap;

use gatewright::error::IdempotencyError;
use gatewright::http::Response;
use gatewright::idempotency::{Begin, Content, FinishAs, Guard, Request, Scope};
use gatewright::{Error, encode};
use serde_json::{Value, json};

use super::{Answer, Step};
use crate::policy::whole;
use crate::shape::{bytes, header, list};

/// The guards of a test, by the name they were saved under. All are kept until the test ends, so that no operation is given back
/// by being dropped.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    named: HashMap<String, Guard>,
    others: Vec<Guard>,
}

/// Runs one step. A guard that it gives goes into `guards`.
pub(crate) async fn call(op: &str, step: Step<'_>, guards: &mut Guards) -> Answer {
    match op {
        "begin" => begin(step, guards).await,
        "new_key" => step.gate.idempotency().new_key().map(|key| json!({ "value": key })),
        "next_action" => {
            let status = step.whole("status").try_into().map_err(|_| Error::invalid_argument("status", "give an HTTP status, or 0 for none"))?;
            Ok(json!({ "value": step.gate.idempotency().next_action(status, step.optional("code")).as_str() }))
        }
        _ => {
            let name = step.text("guard").trim_start_matches('$');
            let Some(guard) = guards.named.get(name) else {
                return Err(Error::Internal("the vector names a guard that begin did not give"));
            };
            act(op, step, guard).await
        }
    }
}

async fn begin(step: Step<'_>, guards: &mut Guards) -> Answer {
    let lines = match step.members.get("key") {
        Some(Value::Array(lines)) => lines.iter().filter_map(bytes).collect(),
        line => Vec::from_iter(line.and_then(bytes)),
    };
    let scope = |name: &str| step.members.get("scope").and_then(|scope| scope.get(name)).and_then(Value::as_str).unwrap_or_default();
    let (body, fingerprint) = (step.bytes("body"), step.bytes("fingerprint"));
    let request = Request {
        key: lines.iter().map(Vec::as_slice).collect(),
        scope: Scope::new(scope("tenant"), scope("principal"), scope("method"), scope("path")),
        content: Content {
            body: body.as_deref(),
            fingerprint: fingerprint.as_deref(),
            content_type: step.optional("content_type"),
            query: step.optional("query"),
        },
        route: step.optional("route"),
        context: step.context(),
    };
    let (outcome, guard, checkpoint) = match step.gate.idempotency().begin(&request).await? {
        Begin::Execute(guard) => ("execute", guard, None),
        Begin::Resume(guard, checkpoint) => ("resume", guard, checkpoint),
        Begin::Replay(response) => {
            let mut offers = sent(&response);
            if let Some(members) = offers.as_object_mut() {
                members.insert("outcome".to_owned(), json!("replay"));
            }
            return Ok(offers);
        }
    };
    let checkpoint = checkpoint.map(|checkpoint| json!({ "name": checkpoint.name, "bytes": binary(&checkpoint.data) }));
    let offers = json!({ "outcome": outcome, "fence": guard.fence(), "attempt": guard.attempt(), "checkpoint": checkpoint });
    let before = match step.optional("save") {
        Some(name) => guards.named.insert(name.to_owned(), guard),
        None => Some(guard),
    };
    guards.others.extend(before);
    Ok(offers)
}

async fn act(op: &str, step: Step<'_>, guard: &Guard) -> Answer {
    match op {
        "guard.mark_effects" => guard.mark_effects().await,
        "guard.checkpoint" => guard.checkpoint(step.text("name"), &step.bytes("bytes").unwrap_or_default()).await,
        "guard.renew" => guard.renew().await,
        "guard.release" => guard.release().await,
        // The shape of the file knows no other than `guard.complete`.
        _ => return complete(step, guard).await,
    }
    .map(|()| json!({}))
}

async fn complete(step: Step<'_>, guard: &Guard) -> Answer {
    let response = Response {
        // No status is outside of what the library refuses itself.
        status: step.whole("status").try_into().unwrap_or(u16::MAX),
        headers: list(step.members.get("headers")).iter().filter_map(header).collect(),
        body: step.bytes("body").unwrap_or_default(),
    };
    let done = match step.optional("finish_as") {
        Some("store") => guard.complete_as(&response, FinishAs::Store).await,
        Some(_) => guard.complete_as(&response, FinishAs::Release).await,
        None => guard.complete(&response).await,
    };
    done.map(|response| sent(&response))
}

/// What the refusals of this domain offer beside those of every error.
pub(crate) fn refusal(error: &Error) -> Vec<(&'static str, Value)> {
    match error {
        Error::Idempotency(IdempotencyError::Stale { response }) => vec![("response", response.as_deref().map_or(Value::Null, plain))],
        Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) => {
            vec![("status", json!(status)), ("digest", binary(digest))]
        }
        _ => Vec::new(),
    }
}

/// An answer, as itself and by its parts.
fn sent(response: &Response) -> Value {
    let mut offers = plain(response);
    let whole = offers.clone();
    if let Some(members) = offers.as_object_mut() {
        members.insert("response".to_owned(), whole);
    }
    offers
}

fn plain(response: &Response) -> Value {
    let headers: Vec<Value> = response.headers.iter().map(|(name, value)| json!([name, binary(value)])).collect();
    json!({ "status": response.status, "headers": headers, "body": binary(&response.body) })
}

fn binary(bytes: &[u8]) -> Value {
    json!({ "hex": encode::hex(bytes) })
}

impl Step<'_> {
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.members.get(name).and_then(bytes)
    }

    /// A whole number; −1, which no status is, where it is absent.
    fn whole(&self, name: &str) -> i64 {
        self.members.get(name).and_then(whole).unwrap_or(-1)
    }
}
