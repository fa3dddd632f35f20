//! What a call answers: its value, or a failure for the JavaScript half to throw.

use std::future::Future;
use std::task::{Context, Poll, Waker};

use gatewright::Error;
use gatewright::error::{IdempotencyError, TABLE};
use napi::Env;
use napi::bindgen_prelude::{Either, PromiseRaw, ToNapiValue, within_runtime_if_available};
use napi_derive::napi;
use serde::Serialize;

use crate::response::SentResponse;

/// A value or a failure.
pub(crate) type Answer<T> = Either<T, Failure>;

/// A promise of a value or a failure; only a panic rejects it.
pub(crate) type Promised<'env, T> = napi::Result<PromiseRaw<'env, Answer<T>>>;

/// A refused call.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The error as the text of a JSON object: one value across the border instead of ten.
    pub failure: String,
    /// The answer to send in its place, where the error carries one.
    pub response: Option<SentResponse>,
}

/// What the JavaScript half cannot look up in the table by the code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clear_cookies: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_time_ms: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_digest: Option<[u8; 32]>,
}

#[derive(Serialize)]
struct ProblemText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    field: &'a str,
    mend: &'a str,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let problems = error.problems().iter();
        let (response_status, body_digest) = match &error {
            Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) => (Some(*status), Some(*digest)),
            _ => (None, None),
        };
        let text = Text {
            code: error.code(),
            message: error.to_string(),
            retry_after_ms: error.retry_after().map(|delay| delay.as_secs_f64() * 1000.0),
            reason: error.reason(),
            clear_cookies: error.clear_cookies(),
            server_time_ms: error.server_time_ms(),
            problems: problems
                .map(|problem| ProblemText { file: problem.file.as_deref(), line: problem.line, field: &problem.field, mend: &problem.mend })
                .collect(),
            response_status,
            body_digest,
        };
        let failure = serde_json::to_string(&text).unwrap_or_default();
        let response = match error {
            Error::Idempotency(IdempotencyError::Stale { response }) => response.map(|winner| (*winner).into()),
            _ => None,
        };
        Self { failure, response }
    }
}

/// Answers what a call came to.
pub(crate) fn answer<T>(outcome: gatewright::Result<T>) -> Answer<T> {
    match outcome {
        Ok(value) => Either::A(value),
        Err(error) => Either::B(error.into()),
    }
}

/// Runs a call off the event loop.
pub(crate) fn promise<T>(env: &Env, call: impl Future<Output = gatewright::Result<T>> + Send + 'static) -> Promised<'_, T>
where
    T: ToNapiValue + Send + 'static,
{
    env.spawn_future(async move { Ok(answer(call.await)) })
}

/// An answer where there is one at once, and else a promise of it.
pub(crate) type Soon<'env, T> = napi::Result<Either<Answer<T>, PromiseRaw<'env, Answer<T>>>>;

/// As [`promise`], but looks first whether the call is over before it waits for anything, as it is with a store in memory: a promise
/// costs forty times as much. `size` is the number of bytes that the call reads; many are left to another thread.
pub(crate) fn soon<T>(env: &Env, size: usize, call: impl Future<Output = gatewright::Result<T>> + Send + 'static) -> Soon<'_, T>
where
    T: ToNapiValue + Send + 'static,
{
    let mut call = Box::pin(call);
    if size <= MAX_AT_ONCE {
        // Nobody is woken by this look: the runtime polls the call once more when it gets it.
        let first = within_runtime_if_available(|| call.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        if let Poll::Ready(outcome) = first {
            return Ok(Either::A(answer(outcome)));
        }
    }
    promise(env, call).map(Either::B)
}

/// Digesting and copying so much takes some tens of microseconds.
const MAX_AT_ONCE: usize = 64 << 10;

/// One row of the table of error codes.
#[napi(object, object_from_js = false)]
pub struct ErrorRow {
    pub domain: &'static str,
    pub code: &'static str,
    pub status: u32,
    pub public_code: &'static str,
    pub retryable: bool,
    pub advice: &'static str,
    pub next_action: &'static str,
}

/// Every error code of this version.
#[napi(catch_unwind)]
pub fn error_table() -> Vec<ErrorRow> {
    let rows = TABLE.iter().map(|row| ErrorRow {
        domain: row.domain,
        code: row.code,
        status: row.status.into(),
        public_code: row.public_code,
        retryable: row.retryable,
        advice: row.advice.as_str(),
        next_action: row.next_action.as_str(),
    });
    rows.collect()
}
