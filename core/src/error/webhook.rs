//! Refusals of webhooks.

use std::time::Duration;

/// Why a webhook was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message says what its case means")]
pub enum WebhookError {
    #[error("the header {0} is missing")]
    HeaderMissing(String),
    #[error("the header {0} is there more than once")]
    HeaderDuplicate(String),
    #[error("the header {0} does not have the form of its scheme")]
    HeaderMalformed(String),
    #[error("more than 16 signatures in one header")]
    TooManySignatures,
    #[error("the time does not have the form of its scheme")]
    TimestampMalformed,
    #[error("the message is too old; set the sender's clock and sign again")]
    TimestampTooOld { server_time_ms: i64 },
    #[error("the message is from the future; set the sender's clock and sign again")]
    TimestampTooNew { server_time_ms: i64 },
    #[error("the nonce has characters outside A-Z a-z 0-9 _ - or a wrong length")]
    NonceMalformed,
    #[error("the signed bytes could be split in more than one way")]
    FramingAmbiguous,
    #[error("the body is larger than the endpoint's max_body")]
    BodyTooLarge,
    #[error("no secret in force signs this message")]
    SignatureMismatch,
    #[error("the message names a key that is not known here")]
    KeyUnknown,
    #[error("this message has been used already")]
    Replayed,
    #[error("this message is being handled; send it again after {} s", retry_after.as_secs_f64())]
    InProgress { retry_after: Duration },
}

impl WebhookError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HeaderMissing(_) => "header_missing",
            Self::HeaderDuplicate(_) => "header_duplicate",
            Self::HeaderMalformed(_) => "header_malformed",
            Self::TooManySignatures => "too_many_signatures",
            Self::TimestampMalformed => "timestamp_malformed",
            Self::TimestampTooOld { .. } => "timestamp_too_old",
            Self::TimestampTooNew { .. } => "timestamp_too_new",
            Self::NonceMalformed => "nonce_malformed",
            Self::FramingAmbiguous => "framing_ambiguous",
            Self::BodyTooLarge => "body_too_large",
            Self::SignatureMismatch => "signature_mismatch",
            Self::KeyUnknown => "key_unknown",
            Self::Replayed => "replayed",
            Self::InProgress { .. } => "in_progress",
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

    /// The server's time for a message outside its window.
    #[must_use]
    pub const fn server_time_ms(&self) -> Option<i64> {
        match self {
            Self::TimestampTooOld { server_time_ms } | Self::TimestampTooNew { server_time_ms } => Some(*server_time_ms),
            _ => None,
        }
    }
}
