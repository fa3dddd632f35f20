//! Refusals of idempotent requests.

use std::time::Duration;

use crate::http::Response;

/// Why an idempotent request was not run, and not replayed either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message says what its case means")]
pub enum IdempotencyError {
    #[error("the body of this request is larger than is allowed here; send less")]
    BodyTooLarge,
    #[error("this request is being handled; send it again with the same key after {} s", retry_after.as_secs())]
    InProgress { retry_after: Duration },
    #[error("the idempotency key must be one of 8 to 255 visible ASCII characters, without a comma")]
    KeyInvalid,
    #[error("the header Idempotency-Key is missing; send a key that is new for every operation")]
    KeyMissing,
    #[error("the header Idempotency-Key is there more than once")]
    KeyMultiple,
    #[error("this idempotency key was used for another request; use a new key for a new operation")]
    KeyReused,
    #[error("whoever handled this request stopped in the middle; look whether it was carried out before a new key is used")]
    OutcomeUnknown,
    #[error("this request was carried out with status {status}, and its answer is not kept; read the resource instead")]
    ResponseUnavailable {
        status: u16,
        /// SHA-256 of the body that was answered.
        digest: [u8; 32],
    },
    #[error("the scope has neither tenant nor principal: all callers would share their keys")]
    ScopeEmpty,
    #[error("another worker has taken this request over, so this one's result is not kept")]
    Stale {
        /// What the winner answered, if it has and the answer is kept: send this instead.
        response: Option<Box<Response>>,
    },
}

impl IdempotencyError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::InProgress { .. } => "in_progress",
            Self::KeyInvalid => "idempotency_key_invalid",
            Self::KeyMissing => "idempotency_key_missing",
            Self::KeyMultiple => "idempotency_key_multiple",
            Self::KeyReused => "idempotency_key_reused",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::ResponseUnavailable { .. } => "response_unavailable",
            Self::ScopeEmpty => "scope_empty",
            Self::Stale { .. } => "stale",
        }
    }

    /// When to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::InProgress { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, TABLE};

    #[test]
    fn every_case_has_a_row_and_no_code_stands_twice() {
        let cases = [
            IdempotencyError::BodyTooLarge,
            IdempotencyError::InProgress { retry_after: Duration::from_secs(1) },
            IdempotencyError::KeyInvalid,
            IdempotencyError::KeyMissing,
            IdempotencyError::KeyMultiple,
            IdempotencyError::KeyReused,
            IdempotencyError::OutcomeUnknown,
            IdempotencyError::ResponseUnavailable { status: 201, digest: [0; 32] },
            IdempotencyError::ScopeEmpty,
            IdempotencyError::Stale { response: None },
        ];
        for case in cases {
            let code = case.code();
            assert_eq!(Error::from(case).row().code, code);
            let rows = TABLE.iter().filter(|row| row.code == code).count();
            assert_eq!(rows, 1, "{code}");
        }
    }
}
