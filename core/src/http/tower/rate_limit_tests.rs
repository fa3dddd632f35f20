use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::http::{Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};

use super::*;

type Sent = Request<Full<Bytes>>;
type Answer = ::http::Response<Full<Bytes>>;

async fn gate(store: &str, more: &str) -> Gate {
    let tiers = r#"[{"id": "minute", "limit": 2, "period": "1m"}]"#;
    let policies = format!(r#"[{{"id": "tenant", "tiers": {tiers}{more}}}, {{"id": "user", "tiers": {tiers}, "refundable": true}}]"#);
    let keys = r#"[{"id": 1, "secret": "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=", "state": "active"}]"#;
    let text = format!(
        r#"{{"version": 1, "root_keys": {keys}, "store": {{"default": "{store}"}}, "limits": {{"policies": {policies}}}, "http": {{"rate_limit_headers": ["legacy", "draft-10"]}}}}"#
    );
    Gate::from_policy(&text).await.unwrap()
}

fn by_header(parts: &Parts) -> Vec<Charge> {
    let subject = |name: &str| parts.headers.get(name).map(|value| Charge::new(name, value.to_str().unwrap()));
    ["tenant", "user"].into_iter().filter_map(subject).collect()
}

fn request(headers: &[(&str, &str)]) -> Sent {
    headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value)).body(Full::default()).unwrap()
}

async fn handle(_: Sent) -> Result<Answer, Infallible> {
    Ok(::http::Response::builder().header("X-RateLimit-Limit", "of its own").body(Full::from("done")).unwrap())
}

fn text<B>(answer: &::http::Response<B>, name: &str) -> Option<String> {
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn allowed_answers_tell_what_is_left_and_refusals_reach_nobody() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = RateLimitLayer::new(gate("memory:", "").await, by_header).layer(service_fn(move |request: Sent| {
        counted.fetch_add(1, Ordering::SeqCst);
        handle(request)
    }));
    for left in ["1", "0"] {
        let answer = service.clone().oneshot(request(&[("tenant", "acme")])).await.unwrap();
        assert_eq!((answer.status(), text(&answer, "x-ratelimit-remaining").as_deref()), (StatusCode::OK, Some(left)));
        assert_eq!(text(&answer, "x-ratelimit-limit").unwrap(), "of its own");
        assert_eq!(text(&answer, "ratelimit-policy").unwrap(), r#""minute";q=2;w=60"#);
        assert_eq!(text(&answer, "retry-after"), None);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "done");
    }
    let refused = service.clone().oneshot(request(&[("tenant", "acme")])).await.unwrap();
    assert_eq!((refused.status(), text(&refused, "content-type").unwrap().as_str()), (StatusCode::TOO_MANY_REQUESTS, "application/problem+json"));
    let retry = text(&refused, "retry-after").unwrap();
    assert_eq!(text(&refused, "ratelimit").unwrap(), format!(r#""minute";r=0;t={retry}"#));
    let body: serde_json::Value = serde_json::from_slice(&refused.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!((&body["code"], &body["violated-policies"]), (&"rate_limited".into(), &serde_json::json!(["minute"])));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    let other = service.clone().oneshot(request(&[("tenant", "globex")])).await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);
    let nobody = service.oneshot(request(&[])).await.unwrap();
    assert_eq!((nobody.status(), text(&nobody, "ratelimit")), (StatusCode::OK, None));
}

#[tokio::test]
async fn several_are_charged_together_or_not_at_all() {
    let service = RateLimitLayer::new(gate("memory:", "").await, by_header).layer(service_fn(handle));
    let both = [("tenant", "acme"), ("user", "u-1")];
    for status in [200, 200, 429] {
        assert_eq!(service.clone().oneshot(request(&both)).await.unwrap().status(), status);
    }
    let answer = service.clone().oneshot(request(&[("user", "u-2")])).await.unwrap();
    assert_eq!(text(&answer, "x-ratelimit-remaining").unwrap(), "1");
    // The tenant refuses, so the other user pays nothing.
    assert_eq!(service.clone().oneshot(request(&[("tenant", "acme"), ("user", "u-2")])).await.unwrap().status(), 429);
    let answer = service.oneshot(request(&[("user", "u-2")])).await.unwrap();
    assert_eq!((answer.status(), text(&answer, "x-ratelimit-remaining").unwrap().as_str()), (StatusCode::OK, "0"));
}

#[tokio::test]
async fn a_service_can_give_back_what_it_was_charged() {
    let gate = gate("memory:", "").await;
    let own = gate.clone();
    let service = RateLimitLayer::new(gate.clone(), by_header).layer(service_fn(move |request: Sent| {
        let (gate, decision) = (own.clone(), request.extensions().get::<Arc<Decision>>().cloned().unwrap());
        async move {
            gate.limits().refund(decision.permit.as_ref().unwrap(), 1).await.unwrap();
            handle(request).await
        }
    }));
    for _ in 0..5 {
        assert_eq!(service.clone().oneshot(request(&[("user", "u-1")])).await.unwrap().status(), 200);
    }
    assert_eq!(gate.limits().peek("user", "u-1").await.unwrap().tiers[0].remaining, 2);
}

#[tokio::test]
async fn what_cannot_be_decided_is_answered_as_an_error() {
    let service = RateLimitLayer::new(gate("memory:", "").await, by_header).layer(service_fn(handle));
    let empty = service.oneshot(request(&[("tenant", "")])).await.unwrap();
    assert_eq!(empty.status(), 400);
    let body: serde_json::Value = serde_json::from_slice(&empty.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(body["code"], "subject_invalid");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn while_the_store_is_down_the_policy_decides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("limits.db");
    let mut services = Vec::new();
    for (mode, status) in [("\"allow\"", 200), ("\"deny\"", 429), ("{\"local\": 0.5}", 200)] {
        let gate = gate(&format!("sqlite:{}", path.display()), &format!(r#", "on_store_error": {mode}"#)).await;
        services.push((RateLimitLayer::new(gate.clone(), by_header).layer(service_fn(handle)), gate, status));
    }
    // Another process holds the only writer's place for longer than a limit waits.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // They wait side by side, as each gate has a thread for it.
    let asked = services.iter().map(|(service, ..)| tokio::spawn(service.clone().oneshot(request(&[("tenant", "acme")]))));
    for (asked, (.., status)) in asked.collect::<Vec<_>>().into_iter().zip(&services) {
        let answer = asked.await.unwrap().unwrap();
        assert_eq!(answer.status(), *status);
        assert_eq!(text(&answer, "retry-after").is_some(), *status == 429);
    }
    other.execute_batch("ROLLBACK").unwrap();
    for (_, gate, _) in services {
        // Nothing was left over to be written late.
        assert_eq!(gate.limits().peek("tenant", "acme").await.unwrap().tiers[0].used, 0);
        gate.close().await;
    }
}
