//! The calls of `webhook.sequence`.

use std::collections::HashMap;

use gatewright::Error;
use gatewright::gate::Verified;
use gatewright::webhook::{Checked, Header, Sign};
use serde_json::{Value, json};

use super::{Answer, Step, request_line};
use crate::shape::{binary, header, list};

/// The handles of a test, by the name they were saved under. All are kept until the test ends, so that nothing is released
/// by being dropped.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    named: HashMap<String, Verified>,
    others: Vec<Verified>,
}

/// Runs one step. A handle that it gives goes into `handles`.
pub(crate) async fn call(op: &str, step: Step<'_>, handles: &mut Handles) -> Answer {
    let webhooks = step.gate.webhooks();
    let (headers, body) = message(step.members);
    let request = request_line(step.members);
    match op {
        "sign" => {
            let sign = Sign { id: step.owned("id"), nonce: step.owned("nonce"), request };
            webhooks.sign(step.text("endpoint"), &body, sign).map(|headers| headers_of(&headers))
        }
        "check" => webhooks.check(step.text("endpoint"), &headers, &body, request.as_ref()).map(|answer| checked(&answer)),
        "verify" => {
            let verified = webhooks.verify(step.text("endpoint"), &headers, &body, request.as_ref(), step.context()).await?;
            let mut offers = checked(verified.checked());
            if let Some(members) = offers.as_object_mut() {
                members.insert("duplicate".to_owned(), Value::Bool(verified.duplicate()));
            }
            let before = match step.optional("save") {
                Some(name) => handles.named.insert(name.to_owned(), verified),
                None => Some(verified),
            };
            handles.others.extend(before);
            Ok(offers)
        }
        // The shape of the file knows no other than `verified.commit` and `verified.release`.
        _ => {
            let name = step.text("verified").trim_start_matches('$');
            let Some(verified) = handles.named.get(name) else {
                return Err(Error::Internal("the vector names a handle that verify did not give"));
            };
            if op == "verified.commit" { verified.commit().await } else { verified.release().await }.map(|()| json!({}))
        }
    }
}

/// The headers and the body of a message.
pub(crate) fn message(test: &Value) -> (Vec<Header>, Vec<u8>) {
    let headers = list(test.get("headers")).iter().filter_map(header).collect();
    (headers, test.get("body").and_then(binary).unwrap_or_default())
}

pub(crate) fn checked(checked: &Checked) -> Value {
    json!({
        "key_id": checked.key_id,
        "timestamp": checked.timestamp.map(gatewright::time::Timestamp::as_micros),
        "id": checked.id.as_deref().unwrap_or_default(),
        "nonce": checked.nonce.as_deref().unwrap_or_default(),
    })
}

pub(crate) fn headers_of(headers: &[(String, String)]) -> Value {
    json!({ "headers": headers })
}
