//! What a call answers: its value, or a failure for the JavaScript half to throw.

use std::future::Future;

use gatewright::Error;
use gatewright::error::TABLE;
use napi::Env;
use napi::bindgen_prelude::{Either, PromiseRaw};
use napi_derive::napi;
use serde_json::{Map, Value, json};

/// A value or a failure.
pub(crate) type Answer<T> = Either<T, Failure>;

/// A promise of a value or a failure; only a panic rejects it.
pub(crate) type Promised<'env, T> = napi::Result<PromiseRaw<'env, Answer<T>>>;

/// A refused call.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The error as the text of a JSON object: one value across the border instead of ten.
    pub failure: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { failure: describe(&error).to_string() }
    }
}

fn describe(error: &Error) -> Value {
    let mut fields = Map::new();
    fields.insert("code".to_owned(), error.code().into());
    fields.insert("message".to_owned(), error.to_string().into());
    if let Some(delay) = error.retry_after() {
        fields.insert("retryAfterMs".to_owned(), (delay.as_secs_f64() * 1000.0).into());
    }
    if let Some(reason) = error.reason() {
        fields.insert("reason".to_owned(), reason.into());
    }
    if let Some(clear) = error.clear_cookies() {
        fields.insert("clearCookies".to_owned(), clear.into());
    }
    if let Some(time) = error.server_time_ms() {
        fields.insert("serverTimeMs".to_owned(), time.into());
    }
    let problems =
        error.problems().iter().map(|problem| json!({ "file": problem.file, "line": problem.line, "field": problem.field, "mend": problem.mend }));
    if !error.problems().is_empty() {
        fields.insert("problems".to_owned(), problems.collect());
    }
    Value::Object(fields)
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
    T: napi::bindgen_prelude::ToNapiValue + Send + 'static,
{
    env.spawn_future(async move { Ok(answer(call.await)) })
}

/// One row of the table of error codes.
#[napi(object, object_from_js = false)]
pub struct ErrorRow {
    pub domain: &'static str,
    pub code: &'static str,
    pub status: u32,
    pub public_code: &'static str,
    pub retryable: bool,
    pub advice: &'static str,
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
    });
    rows.collect()
}
