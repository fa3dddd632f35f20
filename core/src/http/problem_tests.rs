use super::*;
use crate::error::{RefreshError, TokenError, WebhookError};

fn json(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a [u8]> {
    response.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_slice())
}

#[test]
fn a_problem_has_the_members_of_its_row_in_a_fixed_order() {
    let error = Error::from(IdempotencyError::InProgress { retry_after: Duration::from_secs(7) });
    let response = Problem::of(&error).render(ErrorFormat::Problem);
    let body = r#"{"type":"urn:gatewright:error:in_progress","title":"In progress","status":409,"code":"in_progress","retryable":true,"reuse_key":true,"detail":"This request is being handled; send it again with the same key after 7 s."}"#;
    let expected = Response::new(409, body).header("Content-Type", "application/problem+json").header("Retry-After", "7");
    assert_eq!(response, expected);
}

#[test]
fn an_envelope_has_a_code_and_a_message_and_keeps_the_time_to_wait() {
    let error = Error::from(IdempotencyError::InProgress { retry_after: Duration::from_millis(6001) });
    let response = Problem::of(&error).render(ErrorFormat::Envelope);
    assert_eq!((response.status, header(&response, "Content-Type")), (409, Some(&b"application/json"[..])));
    assert_eq!(header(&response, "Retry-After"), Some(&b"7"[..]));
    let document = json(&response);
    let error = &document["error"];
    assert_eq!((error["code"].as_str(), error.as_object().unwrap().len(), document.as_object().unwrap().len()), (Some("IN_PROGRESS"), 2, 1));
}

#[test]
fn what_was_answered_is_told_where_the_answer_is_not_kept() {
    let error = Error::from(IdempotencyError::ResponseUnavailable { status: 201, digest: [0xab; 32] });
    let document = json(&Problem::of(&error).render(ErrorFormat::Problem));
    assert_eq!(document["response_status"], 201);
    assert_eq!(document["body_digest"], "ab".repeat(32));
    assert_eq!(document["reuse_key"], false);
    let other = json(&Problem::of(&IdempotencyError::OutcomeUnknown.into()).render(ErrorFormat::Problem));
    assert!(other.get("response_status").is_none() && other.get("body_digest").is_none());
}

#[test]
fn nothing_internal_is_shown() {
    let cases: [(Error, u16, &str, &str); 7] = [
        (TokenError::Signature.into(), 401, "token_invalid", "signature"),
        (TokenError::DpopMissing.into(), 401, "invalid_dpop_proof", "DPoP"),
        (RefreshError::Fork.into(), 401, "invalid_grant", "fork"),
        (WebhookError::KeyUnknown.into(), 401, "signature_mismatch", "known"),
        (IdempotencyError::ScopeEmpty.into(), 500, "internal", "scope"),
        (Error::unavailable("the store of idempotency keys"), 503, "unavailable", "store"),
        (Error::RecordUnreadable { kind: "session", why: "version 9" }, 500, "internal", "session"),
    ];
    for (error, status, code, secret) in cases {
        for format in [ErrorFormat::Problem, ErrorFormat::Envelope] {
            let response = Problem::of(&error).render(format);
            let text = String::from_utf8(response.body.clone()).unwrap();
            assert_eq!(response.status, status, "{text}");
            assert!(!text.contains(secret), "{text}");
            let shown = if format == ErrorFormat::Problem { json(&response)["code"].clone() } else { json(&response)["error"]["code"].clone() };
            assert_eq!(shown.as_str().unwrap().to_ascii_lowercase(), code);
        }
    }
}

#[test]
fn every_code_has_an_http_answer() {
    for row in TABLE {
        let response = Problem::new(row.code, "it is so").render(ErrorFormat::Problem);
        let document = json(&response);
        assert!((400..=599).contains(&response.status), "{}", row.code);
        assert_eq!(document["status"], response.status);
        assert!(TABLE.iter().any(|other| other.public_code == document["code"].as_str().unwrap()), "{}", row.code);
        assert!(document["detail"].as_str().unwrap().ends_with('.'), "{}", row.code);
    }
    for unknown in ["", "a code of a later version", "config_invalid"] {
        let document = json(&Problem::new(unknown, "secret").render(ErrorFormat::Problem));
        assert_eq!((document["status"].as_u64(), document["code"].as_str()), (Some(500), Some("internal")));
    }
}

#[test]
fn a_problem_of_parts_is_that_of_the_error() {
    let errors: [Error; 4] = [
        IdempotencyError::ResponseUnavailable { status: 202, digest: [7; 32] }.into(),
        IdempotencyError::KeyMultiple.into(),
        Error::unavailable("a store"),
        WebhookError::TimestampTooOld { server_time_ms: 1_795_248_000_000 }.into(),
    ];
    for error in errors {
        let mut parts = Problem::new(error.code(), error.to_string());
        if let Some(delay) = error.retry_after() {
            parts = parts.retry_after(delay);
        }
        if let Some(time) = error.server_time_ms() {
            parts = parts.server_time_ms(time);
        }
        if let Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) = error {
            parts = parts.answered(status, digest);
        }
        assert_eq!(parts, Problem::of(&error));
    }
}

#[test]
fn a_stale_worker_sends_the_winners_answer() {
    let winner = Response::new(201, "made").header("X-Order", "17");
    let stale = |response| Error::from(IdempotencyError::Stale { response });
    assert_eq!(answer(&stale(Some(Box::new(winner.clone()))), ErrorFormat::Problem), winner);
    assert_eq!(json(&answer(&stale(None), ErrorFormat::Problem))["code"], "stale");
}
