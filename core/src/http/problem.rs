//! What a client is told of an error: problem+json (RFC 9457), or the envelope of older APIs.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use super::Response;
use crate::encode::hex;
use crate::error::{Error, ErrorCode, IdempotencyError, NextAction, TABLE};

/// How errors are rendered: `[http] errors`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// `{"error":{"code":"IN_PROGRESS","message":"…"}}`, as `application/json`.
    Envelope,
    /// RFC 9457, as `application/problem+json`.
    #[default]
    Problem,
}

/// An error as a client may see it. Made of an [`Error`], or of its parts where only those are left, as in another language.
///
/// Codes that would help an attacker, and messages about the inside of the service, are replaced by their public code and a
/// sentence that says what to do. A code that is not in [`TABLE`] is `internal`.
///
/// ```
/// use std::time::Duration;
/// use gatewright::http::{ErrorFormat, Problem};
///
/// let problem = Problem::new("in_progress", "this request is being handled").retry_after(Duration::from_millis(1500));
/// let response = problem.render(ErrorFormat::Problem);
/// assert_eq!(response.status, 409);
/// assert_eq!(response.headers[1], ("Retry-After".to_owned(), b"2".to_vec()));
/// assert!(response.body.starts_with(br#"{"type":"urn:gatewright:error:in_progress","title":"In progress","status":409,"#));
///
/// let secret = Problem::new("jwt_signature", "the access token's signature is not right").render(ErrorFormat::Envelope);
/// assert_eq!(secret.body, br#"{"error":{"code":"TOKEN_INVALID","message":"The access token is not accepted; get a new one."}}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem<'a> {
    row: &'static ErrorCode,
    message: Cow<'a, str>,
    retry_after: Option<Duration>,
    answered: Option<(u16, [u8; 32])>,
    server_time_ms: Option<i64>,
    violated_policies: Vec<String>,
}

impl<'a> Problem<'a> {
    /// The problem of a code, with the error's own message, which is shown only where the code itself may be.
    #[must_use]
    pub fn new(code: &str, message: impl Into<Cow<'a, str>>) -> Self {
        // A code that answers nothing by itself, such as `config_invalid`, is a fault of the server where it meets a client.
        let row = TABLE.iter().find(|row| row.code == code && row.status != 0).unwrap_or(INTERNAL);
        Self { row, message: message.into(), retry_after: None, answered: None, server_time_ms: None, violated_policies: Vec::new() }
    }

    /// The problem of an error, without the answer that a `stale` one may carry.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let problem = Self::new(error.code(), error.to_string());
        let answered = match error {
            Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) => Some((*status, *digest)),
            _ => None,
        };
        Self { retry_after: error.retry_after(), answered, server_time_ms: error.server_time_ms(), ..problem }
    }

    /// When the client may try again: the header `Retry-After`, in seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Of `response_unavailable`: the status that was answered, and the SHA-256 of its body.
    #[must_use]
    pub fn answered(mut self, status: u16, digest: [u8; 32]) -> Self {
        self.answered = Some((status, digest));
        self
    }

    /// Of a webhook outside its window: the server's time, in milliseconds since the epoch.
    #[must_use]
    pub fn server_time_ms(mut self, time: i64) -> Self {
        self.server_time_ms = Some(time);
        self
    }

    /// Of `rate_limited`: the ids of the tiers that refused.
    #[must_use]
    pub fn violated_policies(mut self, ids: Vec<String>) -> Self {
        self.violated_policies = ids;
        self
    }

    /// The answer to send.
    ///
    /// As a problem its members are `type`, `title`, `status`, `code` (the public one), `retryable` (whether the same request may
    /// be sent again), `reuse_key` (whether the next request keeps its idempotency key) and `detail`; of `response_unavailable` also
    /// `response_status` and `body_digest` (hex), of a webhook outside its window `server_time_ms`. An envelope has a code in upper case
    /// and a message, and nothing else. `Retry-After` is there in both.
    #[must_use]
    pub fn render(&self, format: ErrorFormat) -> Response {
        let (code, status) = (self.row.public_code, self.row.status);
        let detail = self.detail();
        let (content_type, body) = match format {
            ErrorFormat::Envelope => {
                let error = EnvelopeError { code: code.to_ascii_uppercase(), message: &detail };
                ("application/json", serde_json::to_vec(&Envelope { error }))
            }
            ErrorFormat::Problem => {
                let document = Document {
                    kind: if code == QUOTA { QUOTA_TYPE.to_owned() } else { format!("urn:gatewright:error:{code}") },
                    title: if code == QUOTA { QUOTA_TITLE.to_owned() } else { title(code) },
                    status,
                    code,
                    retryable: self.row.retryable,
                    reuse_key: matches!(self.row.next_action, NextAction::Reuse | NextAction::Wait),
                    detail: &detail,
                    response_status: self.answered.map(|(status, _)| status),
                    body_digest: self.answered.map(|(_, digest)| hex(&digest)),
                    server_time_ms: self.server_time_ms,
                    violated_policies: &self.violated_policies,
                };
                ("application/problem+json", serde_json::to_vec(&document))
            }
        };
        // Texts and numbers can always be written.
        let response = Response::new(status, body.unwrap_or_default()).header("Content-Type", content_type);
        match self.retry_after {
            Some(delay) => response.header("Retry-After", delay.as_micros().div_ceil(1_000_000).to_string()),
            None => response,
        }
    }

    fn detail(&self) -> Cow<'_, str> {
        let told = match self.row.public_code {
            "internal" => "The server failed to handle this request; the request itself is not at fault.",
            "invalid_dpop_proof" => "The proof of possession is not accepted; sign a new one.",
            "invalid_grant" => "The refresh token is not accepted; log in again.",
            "signature_mismatch" => "The signature is not accepted.",
            "token_expired" => "The access token has expired; refresh it.",
            "token_invalid" => "The access token is not accepted; get a new one.",
            // What is down is nobody's business.
            "unavailable" => "The service cannot handle this request now; send it again later, unchanged.",
            code if code == self.row.code && !self.message.is_empty() => return sentence(&self.message).into(),
            code => return title(code).into(),
        };
        told.into()
    }
}

/// What is to be sent for an error: the winner's answer where a `stale` one carries it, else its problem.
pub(crate) fn answer(error: &Error, format: ErrorFormat) -> Response {
    match error {
        Error::Idempotency(IdempotencyError::Stale { response: Some(winner) }) => Response::clone(winner),
        _ => Problem::of(error).render(format),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    code: &'a str,
    retryable: bool,
    reuse_key: bool,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_time_ms: Option<i64>,
    #[serde(rename = "violated-policies", skip_serializing_if = "<[String]>::is_empty")]
    violated_policies: &'a [String],
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: EnvelopeError<'a>,
}

#[derive(Serialize)]
struct EnvelopeError<'a> {
    code: String,
    message: &'a str,
}

/// A code in words: "Idempotency key reused".
fn title(code: &str) -> String {
    capitalised(&code.replace('_', " "))
}

/// A message of this crate, which has neither a capital nor a full stop, as a sentence.
fn sentence(message: &str) -> String {
    format!("{}.", capitalised(message))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The code whose problem has a type and a title that are registered.
const QUOTA: &str = "rate_limited";
const QUOTA_TYPE: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const QUOTA_TITLE: &str = "Request cannot be satisfied as assigned quota has been exceeded";
const INTERNAL: &ErrorCode = &ErrorCode::internal();

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
