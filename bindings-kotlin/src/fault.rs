//! Errors as one record: the facade chooses the class by its code.

use gatewright::error::{ErrorCode, IdempotencyError, Problem, TABLE};
use gatewright::{Error, time};

use crate::response::FfiResponse;

/// Everything that an error says.
#[derive(Debug, Clone, uniffi::Record)]
pub struct FfiFault {
    /// The stable code.
    pub code: String,
    /// What happened and what to do. (A field called `message` does not compile in Kotlin.)
    pub text: String,
    /// The HTTP status, 0 where there is no answer.
    pub status: i32,
    /// What a client may see.
    pub public_code: String,
    /// Whether the same request may be sent again.
    pub retryable: bool,
    /// When, in microseconds.
    pub retry_after: Option<i64>,
    /// What the caller should do.
    pub advice: String,
    /// Why a family is over.
    pub reason: Option<String>,
    /// Whether glue should clear the client's cookies.
    pub clear_cookies: Option<bool>,
    /// The server's time, for a webhook outside its window.
    pub server_time_ms: Option<i64>,
    /// What the winner answered, for a worker that has lost its lease.
    pub response: Option<FfiResponse>,
    /// The status of an answer that is not kept.
    pub response_status: Option<i32>,
    /// The SHA-256 of its body.
    pub body_digest: Option<Vec<u8>>,
    /// The problems of a policy document, in file order.
    pub problems: Vec<FfiProblem>,
}

/// One problem of a policy document.
#[derive(Debug, Clone, uniffi::Record)]
pub struct FfiProblem {
    /// The policy file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<i32>,
    /// The full path of the member.
    pub field: String,
    /// What to write instead.
    pub mend: String,
}

/// The one error of the edge.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum FfiException {
    /// A call failed.
    #[error("{}", fault.text)]
    Failed {
        /// How.
        fault: FfiFault,
    },
}

impl From<Error> for FfiFault {
    fn from(error: Error) -> Self {
        let row = error.row();
        let (response, unavailable) = match &error {
            Error::Idempotency(IdempotencyError::Stale { response }) => (response.as_deref().cloned().map(FfiResponse::from), None),
            Error::Idempotency(IdempotencyError::ResponseUnavailable { status, digest }) => (None, Some((*status, *digest))),
            _ => (None, None),
        };
        Self {
            code: error.code().to_owned(),
            text: error.to_string(),
            status: i32::from(row.status),
            public_code: row.public_code.to_owned(),
            retryable: row.retryable,
            retry_after: error.retry_after().map(time::micros),
            advice: row.advice.as_str().to_owned(),
            reason: error.reason().map(str::to_owned),
            clear_cookies: error.clear_cookies(),
            server_time_ms: error.server_time_ms(),
            response,
            response_status: unavailable.map(|(status, _)| i32::from(status)),
            body_digest: unavailable.map(|(_, digest)| digest.to_vec()),
            problems: error.problems().iter().map(FfiProblem::from).collect(),
        }
    }
}

impl From<&Problem> for FfiProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            file: problem.file.clone(),
            line: problem.line.and_then(|line| i32::try_from(line).ok()),
            field: problem.field.clone(),
            mend: problem.mend.clone(),
        }
    }
}

impl From<Error> for FfiException {
    fn from(error: Error) -> Self {
        Self::Failed { fault: FfiFault::from(error) }
    }
}

/// One row of the table of codes.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::error::ErrorCode")]
pub struct FfiErrorCode {
    pub domain: String,
    pub code: String,
    pub status: i32,
    pub public_code: String,
    pub retryable: bool,
    pub advice: String,
    pub next_action: String,
}

impl From<&ErrorCode> for FfiErrorCode {
    fn from(row: &ErrorCode) -> Self {
        Self {
            domain: row.domain.to_owned(),
            code: row.code.to_owned(),
            status: i32::from(row.status),
            public_code: row.public_code.to_owned(),
            retryable: row.retryable,
            advice: row.advice.as_str().to_owned(),
            next_action: row.next_action.as_str().to_owned(),
        }
    }
}

/// Every code of this version.
#[uniffi::export]
#[must_use]
pub fn error_codes() -> Vec<FfiErrorCode> {
    TABLE.iter().map(FfiErrorCode::from).collect()
}
