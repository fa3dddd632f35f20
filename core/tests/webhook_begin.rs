//! From a verified webhook to an acknowledged one: one operation with a lease, however often the message is delivered.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use gatewright::Gate;
use gatewright::event::Context;
use gatewright::http::Response;
use gatewright::idempotency::Begin;
use gatewright::webhook::{Header, Sign};

const BODY: &[u8] = b"{\"paid\":true}";

async fn gate(replay: &str) -> Gate {
    let policy = format!(
        r#"
version = 1
[store]
default = "memory:"
[idempotency]
[[idempotency.routes]]
match = {{ method = "WEBHOOK", path = "/payments" }}
effects = "explicit"
[[webhooks.endpoints]]
id = "payments"
preset = "standard_webhooks"
replay = "{replay}"
secrets = [{{ id = "a", secret = "whsec_c2VjcmV0LW9mLWEtdGVzdC0yNC1ieXRlcyEh" }}]
"#
    );
    Gate::from_policy(&policy).await.unwrap()
}

fn signed(gate: &Gate, id: Option<&str>, body: &[u8]) -> Vec<Header> {
    let sign = Sign { id: id.map(str::to_owned), ..Sign::default() };
    gate.webhooks().sign("payments", body, sign).unwrap().into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}

#[tokio::test]
async fn a_message_is_handled_once_and_acknowledged_each_time() {
    for replay in ["id", "none"] {
        let gate = gate(replay).await;
        let begin = async |headers: &[Header], body: &[u8]| gate.webhooks().begin("payments", headers, body, None, Context::default()).await;
        let (checked, Begin::Execute(guard)) = begin(&signed(&gate, Some("msg_1"), BODY), BODY).await.unwrap() else { panic!("it is new") };
        assert_eq!((checked.key_id.as_str(), checked.id.as_deref()), ("a", Some("msg_1")));
        // The sender has lost patience and sends it once more, signed afresh.
        let again = signed(&gate, Some("msg_1"), BODY);
        assert_eq!(begin(&again, BODY).await.unwrap_err().code(), "in_progress");
        // The route of this endpoint: before the mark it may be given back.
        drop(guard);
        let (_, Begin::Execute(guard)) = begin(&again, BODY).await.unwrap() else { panic!("it was given back") };
        guard.mark_effects().await.unwrap();
        guard.complete(&Response::new(500, "half of it")).await.unwrap();
        let (checked, Begin::Replay(answer)) = begin(&signed(&gate, Some("msg_1"), BODY), BODY).await.unwrap() else { panic!("it is done") };
        assert_eq!(checked.id.as_deref(), Some("msg_1"));
        assert_eq!(answer, Response::new(500, "half of it").header("Idempotent-Replayed", "true"));
        assert!(matches!(begin(&signed(&gate, Some("msg_2"), BODY), BODY).await, Ok((_, Begin::Execute(_)))));
        // An id that comes with another body is a fault of its sender.
        assert_eq!(begin(&signed(&gate, Some("msg_1"), b"{}"), b"{}").await.unwrap_err().code(), "idempotency_key_reused");
    }
}

#[tokio::test]
async fn what_is_not_verified_begins_nothing() {
    let gate = gate("id").await;
    let mut headers = signed(&gate, Some("msg_1"), BODY);
    let refused = gate.webhooks().begin("payments", &headers, b"{}", None, Context::default()).await;
    assert_eq!(refused.unwrap_err().code(), "signature_mismatch");
    headers.truncate(1);
    let refused = gate.webhooks().begin("payments", &headers, BODY, None, Context::default()).await;
    assert_eq!(refused.unwrap_err().code(), "header_missing");
    let begun = gate.webhooks().begin("payments", &signed(&gate, Some("msg_1"), BODY), BODY, None, Context::default()).await;
    assert!(matches!(begun, Ok((_, Begin::Execute(_)))));
}
