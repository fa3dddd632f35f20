use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use ::http::{HeaderValue, Method, Request, StatusCode};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full};
use tower::{Layer, Service, ServiceExt};

use super::*;
use crate::gate::Gate;
use crate::idempotency::Scope;

type Answer = ::http::Response<Full<Bytes>>;

async fn gate(settings: &str) -> Gate {
    gate_on("memory:", settings).await
}

/// A gate whose store takes its time, so that what is only begun shows.
async fn gate_on_disk(folder: &tempfile::TempDir, settings: &str) -> Gate {
    gate_on(&format!("sqlite:{}", folder.path().join("store.db").display()), settings).await
}

async fn gate_on(store: &str, settings: &str) -> Gate {
    Gate::from_policy(&format!("version = 1\n[store]\ndefault = \"{store}\"\n[idempotency]\n{settings}")).await.unwrap()
}

fn layer(gate: &Gate) -> IdempotencyLayer {
    IdempotencyLayer::new(gate.clone(), |parts| {
        let user = parts.headers.get("x-user").map(|value| value.to_str().unwrap()).unwrap_or_default();
        Scope::new("", user, parts.method.as_str(), parts.uri.path())
    })
}

fn post(body: &'static str) -> Request<Full<Bytes>> {
    Request::post("/orders?a=1").header("X-User", "u-1").header("Idempotency-Key", "order-000017").body(Full::from(body)).unwrap()
}

/// Status, headers and body.
type Seen = (u16, Vec<(String, String)>, Vec<u8>);

async fn seen<B: http_body::Body<Data = Bytes>>(response: ::http::Response<B>) -> Seen
where
    B::Error: std::fmt::Debug,
{
    let (head, body) = response.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (head.status.as_u16(), headers, body.collect().await.unwrap().to_bytes().to_vec())
}

fn code(seen: &Seen) -> String {
    let document: serde_json::Value = serde_json::from_slice(&seen.2).unwrap();
    assert_eq!(seen.1[0], ("content-type".to_owned(), "application/problem+json".to_owned()));
    assert_eq!(document["status"], seen.0);
    document["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_is_handled_once_and_its_answer_sent_again_byte_for_byte() {
    let gate = gate("").await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let service = layer(&gate).layer(tower::service_fn(move |request: Request<RequestBody<Infallible>>| {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let operation = request.extensions().get::<Operation>().unwrap().clone();
            assert_eq!((operation.guard.attempt(), operation.checkpoint), (1, None));
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let answer = ::http::Response::builder().status(StatusCode::ACCEPTED).header("X-A", "1").header("X-B", "2");
            let answer = answer.header("X-A", "3").header("Set-Cookie", "a=b");
            Ok::<Answer, Infallible>(answer.body(Full::from([b"\0\xff", &body[..], &[run as u8]].concat())).unwrap())
        }
    }));
    let first = seen(service.clone().oneshot(post("{}")).await.unwrap()).await;
    let again = seen(service.clone().oneshot(post("{}")).await.unwrap()).await;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(first.0, 202);
    assert_eq!(first.1, [pair("x-a", "1"), pair("x-a", "3"), pair("x-b", "2"), pair("set-cookie", "a=b")]);
    assert_eq!((again.0, &again.2), (first.0, &first.2));
    let marks = [pair("idempotent-replayed", "true"), pair("idempotency-key", "order-000017")];
    assert_eq!(again.1, [&first.1[..3], &marks].concat());
    assert_eq!(runs.load(Ordering::SeqCst), 1);

    let other = seen(service.oneshot(post("[]")).await.unwrap()).await;
    assert_eq!((other.0, code(&other)), (422, "idempotency_key_reused".to_owned()));
}

#[tokio::test]
async fn what_cannot_begin_is_a_problem_and_never_reaches_the_handler() {
    let gate = gate("").await;
    let layer = layer(&gate).max_body(4);
    async fn unreached(_: Request<RequestBody<Infallible>>) -> Result<Answer, Infallible> {
        panic!("no request may reach the handler")
    }
    let service = layer.layer(tower::service_fn(unreached));
    let refused = async |change: &dyn Fn(&mut Request<Full<Bytes>>)| {
        let mut request = post("{}");
        change(&mut request);
        let seen = seen(service.clone().oneshot(request).await.unwrap()).await;
        (seen.0, code(&seen))
    };
    let is = |status, code: &str| (status, code.to_owned());
    assert_eq!(refused(&|request| drop(request.headers_mut().remove("idempotency-key"))).await, is(400, "idempotency_key_missing"));
    let twice = |request: &mut Request<_>| assert!(request.headers_mut().append("idempotency-key", HeaderValue::from_static("order-000017")));
    assert_eq!(refused(&twice).await, is(400, "idempotency_key_multiple"));
    let bytes =
        |request: &mut Request<_>| drop(request.headers_mut().insert("idempotency-key", HeaderValue::from_bytes(b"order-\xe9\xe9\xe9").unwrap()));
    assert_eq!(refused(&bytes).await, is(400, "idempotency_key_invalid"));
    assert_eq!(refused(&|request| *request.body_mut() = Full::from("12345")).await, is(413, "body_too_large"));
    assert_eq!(refused(&|request| drop(request.headers_mut().remove("x-user"))).await, is(500, "internal"));
}

#[tokio::test]
async fn other_methods_and_optional_keys_pass_with_the_body_as_it_comes() {
    let gate = gate("").await;
    let handler = tower::service_fn(|request: Request<RequestBody<Infallible>>| async move {
        assert!(request.extensions().get::<Operation>().is_none());
        Ok::<Answer, Infallible>(::http::Response::new(Full::from(request.into_body().collect().await.unwrap().to_bytes())))
    });
    let mut put = post("as it comes");
    *put.method_mut() = Method::PUT;
    assert_eq!(seen(layer(&gate).layer(handler).oneshot(put).await.unwrap()).await.2, b"as it comes");
    let mut keyless = post("as it comes");
    keyless.headers_mut().remove("idempotency-key");
    let optional = layer(&gate).max_body(1).optional_key().layer(handler);
    assert_eq!(seen(optional.oneshot(keyless).await.unwrap()).await.2, b"as it comes");
    let mut post = post("");
    *post.uri_mut() = "/other".parse().unwrap();
    assert_eq!(seen(layer(&gate).methods([Method::PUT]).layer(handler).oneshot(post).await.unwrap()).await.0, 200);
}

/// A service whose handler gives these answers, one a request, and fails once there is none left.
fn answering<B: Send + 'static>(gate: &Gate, answers: impl Into<VecDeque<::http::Response<B>>>) -> Idempotent<Answering<B>> {
    layer(gate).layer(Answering(Arc::new(Mutex::new(answers.into()))))
}

struct Answering<B>(Arc<Mutex<VecDeque<::http::Response<B>>>>);

impl<B> Clone for Answering<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B> Service<Request<RequestBody<Infallible>>> for Answering<B> {
    type Response = ::http::Response<B>;
    type Error = &'static str;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<RequestBody<Infallible>>) -> Self::Future {
        std::future::ready(self.0.lock().unwrap().pop_front().ok_or("there is no answer left"))
    }
}

fn created<B>(body: B) -> ::http::Response<B> {
    ::http::Response::builder().status(201).body(body).unwrap()
}

#[tokio::test]
async fn a_large_answer_is_handed_out_as_it_comes_and_only_its_digest_is_kept() {
    let gate = gate("max_stored_body = \"4B\"").await;
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(8);
    let service = answering(&gate, [created(body)]);
    sender.send_data(Bytes::from_static(b"abc")).await.unwrap();
    sender.send_data(Bytes::from_static(b"def")).await.unwrap();
    let mut first = service.clone().oneshot(post("{}")).await.unwrap();
    assert_eq!(first.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "abc");
    assert_eq!(first.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "def");
    // The rest is not there yet, and the operation goes on.
    let early = seen(service.clone().oneshot(post("{}")).await.unwrap()).await;
    assert_eq!((early.0, code(&early)), (409, "in_progress".to_owned()));
    sender.send_data(Bytes::from_static(b"g")).await.unwrap();
    drop(sender);
    assert_eq!(first.into_body().collect().await.unwrap().to_bytes(), "g");

    let again = seen(service.oneshot(post("{}")).await.unwrap()).await;
    assert_eq!((again.0, code(&again)), (409, "response_unavailable".to_owned()));
    let document: serde_json::Value = serde_json::from_slice(&again.2).unwrap();
    // SHA-256 of "abcdefg".
    let digest = "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a";
    assert_eq!((document["response_status"].as_u64(), document["body_digest"].as_str()), (Some(201), Some(digest)));
}

#[tokio::test]
async fn a_large_answer_is_kept_before_its_last_piece_is_handed_out() {
    // A server asks for nothing after the last byte that was announced, be it by the body or by a header.
    let mut announced = created(Either::Left(pieces([Ok::<_, Infallible>("abc"), Ok("def")])));
    announced.headers_mut().insert("content-length", HeaderValue::from_static("6"));
    let gate = gate("max_stored_body = \"4B\"").await;
    for (number, answer) in [announced, created(Either::Right(Full::<Bytes>::from("abcdef")))].into_iter().enumerate() {
        let service = answering(&gate, [answer]);
        let request = || {
            let mut request = post("{}");
            *request.uri_mut() = format!("/orders/{number}").parse().unwrap();
            request
        };
        let mut first = service.clone().oneshot(request()).await.unwrap();
        let mut len = 0;
        while len < 6 {
            len += first.body_mut().frame().await.unwrap().unwrap().into_data().unwrap().len();
        }
        let again = seen(service.oneshot(request()).await.unwrap()).await;
        assert_eq!(code(&again), "response_unavailable");
        drop(first);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_given_the_operation_back_before_its_end_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate_on_disk(&folder, "max_stored_body = \"4B\"").await;
    for come in [vec!["abc"], vec!["abc", "def"]] {
        let broken = Either::Left(pieces(come.iter().map(|piece| Ok(*piece)).chain([Err("it broke")])));
        let whole = Either::Right(Full::<Bytes>::from("abc").map_err(|never| match never {}));
        let service = answering(&gate, [created(broken), created(whole)]);
        let request = || {
            let mut request = post("{}");
            *request.uri_mut() = format!("/orders/{}", come.len()).parse().unwrap();
            request
        };
        let mut first = service.clone().oneshot(request()).await.unwrap();
        for piece in &come {
            assert_eq!(first.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), piece);
        }
        assert_eq!(first.body_mut().frame().await.unwrap().unwrap_err().to_string(), "it broke");
        let again = seen(service.oneshot(request()).await.unwrap()).await;
        assert_eq!((again.0, again.2.as_slice()), (201, &b"abc"[..]));
    }
}

#[tokio::test]
async fn a_handler_that_fails_gives_the_operation_back_and_its_error_is_passed_on() {
    let gate = gate("").await;
    let failing = answering::<Full<Bytes>>(&gate, []);
    assert_eq!(failing.oneshot(post("{}")).await.unwrap_err(), "there is no answer left");
    let service = answering(&gate, [created(Full::<Bytes>::from("made"))]);
    assert_eq!(seen(service.oneshot(post("{}")).await.unwrap()).await.2, b"made");
}

#[tokio::test]
async fn a_handler_that_panics_has_given_the_operation_back_before_anyone_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate_on_disk(&folder, "").await;
    fn at_once(_: Request<RequestBody<Infallible>>) -> std::future::Ready<Result<Answer, Infallible>> {
        panic!("on purpose, at once")
    }
    async fn later(_: Request<RequestBody<Infallible>>) -> Result<Answer, Infallible> {
        panic!("on purpose, later")
    }
    for _ in 0..20 {
        let panicked = tokio::spawn(layer(&gate).layer(tower::service_fn(at_once)).oneshot(post("{}"))).await;
        assert!(panicked.unwrap_err().is_panic());
        let panicked = tokio::spawn(layer(&gate).layer(tower::service_fn(later)).oneshot(post("{}"))).await;
        assert!(panicked.unwrap_err().is_panic());
    }
    let service = answering(&gate, [created(Full::<Bytes>::from("made"))]);
    assert_eq!(seen(service.oneshot(post("{}")).await.unwrap()).await.2, b"made");
}

#[tokio::test]
async fn a_client_that_goes_away_gives_the_operation_back_unless_effects_are_marked() {
    let gate = gate("").await;
    for (key, marks, then) in [("left-early", false, "made"), ("left-marked", true, "in_progress")] {
        let request = || {
            let mut request = post("{}");
            request.headers_mut().insert("idempotency-key", HeaderValue::from_static(key));
            request
        };
        let endless = layer(&gate).layer(tower::service_fn(move |request: Request<RequestBody<Infallible>>| async move {
            let operation = request.extensions().get::<Operation>().unwrap().clone();
            if marks {
                operation.guard.mark_effects().await.unwrap();
            }
            std::future::pending::<Result<Answer, &str>>().await
        }));
        // Polled once, it stands in the handler; then the connection is dropped.
        let mut handling = Box::pin(endless.oneshot(request()));
        assert!(std::future::poll_fn(|cx| Poll::Ready(handling.as_mut().poll(cx).is_pending())).await);
        drop(handling);
        let after = seen(answering(&gate, [created(Full::<Bytes>::from("made"))]).oneshot(request()).await.unwrap()).await;
        let what = if after.0 == 201 { String::from_utf8(after.2).unwrap() } else { code(&after) };
        assert_eq!(what, then);
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_sends_the_winners_answer() {
    let gate = gate("lease = \"1us\"").await;
    let winner = answering(&gate, [created(Full::<Bytes>::from("the winner's"))]);
    let slow = layer(&gate).layer(tower::service_fn(move |_: Request<RequestBody<Infallible>>| {
        let winner = winner.clone();
        async move {
            // While this one works, its lease runs out and another worker takes over.
            std::thread::sleep(std::time::Duration::from_millis(1));
            assert_eq!(winner.oneshot(post("{}")).await?.status(), StatusCode::CREATED);
            Ok::<_, &str>(::http::Response::new(Full::<Bytes>::from("too late")))
        }
    }));
    let late = seen(slow.oneshot(post("{}")).await.unwrap()).await;
    assert_eq!((late.0, late.2.as_slice()), (201, &b"the winner's"[..]));
    assert_eq!(late.1[0], ("idempotent-replayed".to_owned(), "true".to_owned()));
}

#[tokio::test]
async fn a_successor_finds_the_checkpoint() {
    let gate = gate("lease = \"1us\"\neffects = \"explicit\"").await;
    let leaving = layer(&gate).layer(tower::service_fn(|request: Request<RequestBody<Infallible>>| async move {
        let guard = request.extensions().get::<Operation>().unwrap().guard.clone();
        guard.mark_effects().await.unwrap();
        guard.checkpoint("paid", b"17").await.unwrap();
        Err::<Answer, &str>("it stops here")
    }));
    assert_eq!(leaving.oneshot(post("{}")).await.unwrap_err(), "it stops here");
    std::thread::sleep(std::time::Duration::from_millis(1));
    let successor = layer(&gate).layer(tower::service_fn(|request: Request<RequestBody<Infallible>>| async move {
        let operation = request.extensions().get::<Operation>().unwrap();
        let checkpoint = operation.checkpoint.clone().unwrap();
        Ok::<_, Infallible>(created(Full::<Bytes>::from(format!("{} {:?} {}", checkpoint.name, checkpoint.data, operation.guard.attempt()))))
    }));
    assert_eq!(seen(successor.oneshot(post("{}")).await.unwrap()).await.2, b"paid [49, 55] 2");
}

#[tokio::test]
async fn trailers_are_sent_and_not_kept() {
    let gate = gate("").await;
    let mut trailers = ::http::HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("17"));
    let body = Full::<Bytes>::from("made").with_trailers(std::future::ready(Some(Ok(trailers.clone()))));
    let service = answering(&gate, [created(body)]);
    let first = service.clone().oneshot(post("{}")).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(first.trailers(), Some(&trailers));
    let again = service.oneshot(post("{}")).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(again.trailers(), None);
    assert_eq!(again.to_bytes(), "made");
}

#[test]
fn what_http_does_not_allow_is_not_sent() {
    use crate::http::Response;
    for bad in [Response::new(201, "").header("a b", "x"), Response::new(201, "").header("a", "x\r\ny"), Response::new(42, "")] {
        assert_eq!(::http::Response::<Bytes>::try_from(bad).unwrap_err(), UnsendableResponse);
    }
    let response = Response::new(299, [0xff]).header("x-a", [0xe9]).header("x-a", "");
    let message = ::http::Response::<Bytes>::try_from(response.clone()).unwrap();
    assert_eq!(Response::from(message), response);
}

/// A body of pieces that does not say how long it is.
fn pieces<E: Send + 'static>(pieces: impl IntoIterator<Item = Result<&'static str, E>>) -> Pieces<E> {
    Pieces(pieces.into_iter().map(|piece| piece.map(|piece| Frame::data(Bytes::from_static(piece.as_bytes())))).collect())
}

struct Pieces<E>(VecDeque<Result<Frame<Bytes>, E>>);

impl<E: Unpin> http_body::Body for Pieces<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        Poll::Ready(self.0.pop_front())
    }
}
