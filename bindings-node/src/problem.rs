//! What a client is told of an error.

use std::time::Duration;

use gatewright::Gate;
use gatewright::http::Problem;
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;

use crate::response::SentResponse;

/// What is left of an error in JavaScript, as far as a client may see it.
#[napi(object, object_to_js = false)]
pub struct ErrorParts {
    pub code: String,
    pub message: String,
    pub retry_after_ms: Option<f64>,
    pub response_status: Option<u16>,
    pub body_digest: Option<Uint8Array>,
    pub server_time_ms: Option<i64>,
}

/// The answer to send for an error.
#[napi(catch_unwind)]
pub fn gate_problem(gate: &External<Gate>, error: ErrorParts) -> SentResponse {
    let mut problem = Problem::new(&error.code, error.message);
    if let Some(Ok(delay)) = error.retry_after_ms.map(|delay| Duration::try_from_secs_f64(delay / 1000.0)) {
        problem = problem.retry_after(delay);
    }
    let digest = error.body_digest.and_then(|digest| <[u8; 32]>::try_from(&*digest).ok());
    if let (Some(status), Some(digest)) = (error.response_status, digest) {
        problem = problem.answered(status, digest);
    }
    if let Some(time) = error.server_time_ms {
        problem = problem.server_time_ms(time);
    }
    problem.render(gate.error_format()).into()
}
