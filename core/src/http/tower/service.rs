//! What becomes of a request.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ::http::request::Parts;
use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_service::Service;

use super::body::{RequestBody, ResponseBody, to_bytes};
use super::convert::{from_headers, to_headers};
use super::layer::Mount;
use super::streamed::{Broken, Streamed};
use crate::error::{Error, IdempotencyError, Result};
use crate::gate::Gate;
use crate::http::Response;
use crate::idempotency::{Begin, Checkpoint, Content, Guard, IdempotencyKey, Request};

/// The operation that a handler runs: an extension of its request.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its guard. The layer ends it with the handler's answer.
    pub guard: Arc<Guard>,
    /// The newest checkpoint of the worker that this one takes over from.
    pub checkpoint: Option<Checkpoint>,
}

/// A service under an [`IdempotencyLayer`](super::IdempotencyLayer).
#[derive(Clone)]
pub struct Idempotent<S> {
    inner: S,
    mount: Mount,
}

impl<S> Idempotent<S> {
    pub(super) const fn new(inner: S, mount: Mount) -> Self {
        Self { inner, mount }
    }
}

impl<S, In, Out> Service<::http::Request<In>> for Idempotent<S>
where
    S: Service<::http::Request<RequestBody<In::Error>>, Response = ::http::Response<Out>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    In: Body + Send + 'static,
    In::Data: Send,
    In::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    Out: Body + Send + 'static,
    Out::Data: Send,
    Out::Error: Send + Unpin,
{
    type Response = ::http::Response<ResponseBody<Out::Error>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: ::http::Request<In>) -> Self::Future {
        // The one that is ready handles this request; its clone may have to become ready first.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let mount = self.mount.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            if mount.passes(&parts) {
                let request = ::http::Request::from_parts(parts, RequestBody::passed(body));
                return Ok(inner.call(request).await?.map(ResponseBody::passed));
            }
            let (request, operation) = match mount.begin(parts, body).await {
                Ok(begun) => begun,
                Err(response) => return Ok(mount.message(response)),
            };
            let guard = operation.guard;
            let handle = async {
                match inner.call(request).await {
                    Ok(response) => Ok(mount.finish(response, Arc::clone(&guard)).await),
                    Err(error) => {
                        guard.abandon().await;
                        Err(error)
                    }
                }
            };
            guard.watch_over(handle).await
        })
    }
}

impl<S> std::fmt::Debug for Idempotent<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Idempotent")
    }
}

impl Mount {
    /// Whether this is none of the layer's business.
    fn passes(&self, parts: &Parts) -> bool {
        !self.methods.contains(&parts.method) || !self.needs_key && !parts.headers.contains_key(KEY)
    }

    /// The request to handle and its operation, or the answer that there is already.
    async fn begin<In>(&self, mut parts: Parts, body: In) -> Result<(::http::Request<RequestBody<In::Error>>, Operation), Response>
    where
        In: Body + Send + 'static,
        In::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let refuse = |error: Error| self.gate.problem(&error);
        let key: Vec<&[u8]> = parts.headers.get_all(KEY).iter().map(|line| line.as_bytes()).collect();
        // What will be refused anyway is not waited for.
        IdempotencyKey::parse(&key).map_err(refuse)?;
        let body = read(body, self.max_body).await.map_err(refuse)?;
        // As other languages read it: a byte is a character.
        let content_type = parts.headers.get(CONTENT_TYPE).map(|value| value.as_bytes().iter().copied().map(char::from).collect::<String>());
        let content = Content { body: Some(&body), content_type: content_type.as_deref(), query: parts.uri.query(), ..Content::default() };
        let request = Request { key, scope: (self.scope)(&parts), content, ..Request::default() };
        let operation = match self.gate.idempotency().begin(&request).await.map_err(refuse)? {
            Begin::Replay(response) => return Err(response),
            Begin::Execute(guard) => Operation { guard: Arc::new(guard), checkpoint: None },
            Begin::Resume(guard, checkpoint) => Operation { guard: Arc::new(guard), checkpoint },
        };
        parts.extensions.insert(operation.clone());
        Ok((::http::Request::from_parts(parts, RequestBody::read(body)), operation))
    }

    /// Ends the operation with the handler's answer, and gives what is to be sent.
    async fn finish<Out>(&self, response: ::http::Response<Out>, guard: Arc<Guard>) -> ::http::Response<ResponseBody<Out::Error>>
    where
        Out: Body + Send + 'static,
        Out::Data: Send,
        Out::Error: Send + Unpin,
    {
        let status = response.status().as_u16();
        if !(200..=599).contains(&status) {
            // No answer to a request: an upgrade of the connection, or a number of the handler's own.
            guard.abandon().await;
            return response.map(ResponseBody::passed);
        }
        let (mut head, body) = response.into_parts();
        let (body, trailers) = match gather(Box::pin(body), guard.max_stored_body()).await {
            Gathered::Whole(body, trailers) => (body, trailers),
            Gathered::More(begun, rest) => {
                let length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
                let body = ResponseBody::passed(Streamed::new(begun, rest, status, length, guard));
                return ::http::Response::from_parts(head, body);
            }
            Gathered::Failed(begun, error) => {
                guard.abandon().await;
                return ::http::Response::from_parts(head, ResponseBody::passed(Broken::new(begun, error)));
            }
        };
        let answer = Response { status, headers: from_headers(&head.headers), body };
        match guard.complete(&answer).await {
            Ok(sent) => match to_headers(&sent.headers) {
                Ok(headers) => {
                    head.headers = headers;
                    ::http::Response::from_parts(head, ResponseBody::whole(sent.body, trailers))
                }
                Err(_) => self.message(self.gate.problem(&UNSENDABLE)),
            },
            Err(error) => self.message(self.gate.problem(&error)),
        }
    }

    fn message<E: 'static>(&self, response: Response) -> ::http::Response<ResponseBody<E>> {
        message(&self.gate, response)
    }
}

/// An answer of the gate as a message.
pub(super) fn message<E: 'static>(gate: &Gate, response: Response) -> ::http::Response<ResponseBody<E>> {
    let message = ::http::Response::<Bytes>::try_from(response);
    // A problem of the gate's own can be sent.
    let message = message.or_else(|_| gate.problem(&UNSENDABLE).try_into());
    message.unwrap_or_else(|_| server_error()).map(|body| ResponseBody::whole(body, None))
}

fn server_error() -> ::http::Response<Bytes> {
    let mut message = ::http::Response::default();
    *message.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    message
}

/// The whole body of a request.
async fn read<B>(body: B, max: usize) -> Result<Bytes>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let too_large = || Error::from(IdempotencyError::BodyTooLarge);
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Error::invalid_argument("body", "send all of it: the connection broke off in the middle")),
    }
}

/// What a handler's body comes to.
enum Gathered<B: Body> {
    Whole(Vec<u8>, Option<HeaderMap>),
    /// More than can be stored: the pieces so far, and the rest.
    More(VecDeque<Bytes>, Pin<Box<B>>),
    /// The pieces before it failed.
    Failed(VecDeque<Bytes>, B::Error),
}

/// Reads a body, as far as it can be stored.
async fn gather<B: Body>(mut body: Pin<Box<B>>, max: usize) -> Gathered<B> {
    let (mut pieces, mut len, mut trailers) = (VecDeque::new(), 0_usize, None);
    if body.size_hint().lower() > max as u64 {
        return Gathered::More(pieces, body);
    }
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| to_bytes(frame).into_data()) {
            Ok(Ok(piece)) => {
                len = len.saturating_add(piece.len());
                pieces.push_back(piece);
            }
            Ok(Err(other)) => trailers = other.into_trailers().ok(),
            Err(error) => return Gathered::Failed(pieces, error),
        }
        if len > max {
            return Gathered::More(pieces, body);
        }
    }
    let mut whole = Vec::with_capacity(len);
    pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
    Gathered::Whole(whole, trailers)
}

const KEY: &str = "idempotency-key";
const UNSENDABLE: Error = Error::Internal("a stored answer has a header that HTTP does not allow");
