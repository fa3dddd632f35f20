//! Errors: one enum per domain, each case with a stable code.
//!
//! The `code` is the contract and is for the program and the log; `public_code` is what a client may see. They differ
//! only where detail would help an attacker. Messages say what happened and what to do, and may change.

mod codes;
mod config;
mod idempotency;
mod key;
mod kpi;
mod limit;
mod refresh;
mod token;
mod webhook;

use std::time::Duration;

pub use codes::{Advice, ErrorCode, NextAction, TABLE};
pub use config::{ConfigError, Problem};
pub use idempotency::IdempotencyError;
pub use key::KeyError;
pub use kpi::KpiError;
pub use limit::LimitError;
pub use refresh::{ExpiredReason, RefreshError, RevokedReason};
pub use token::TokenError;
pub use webhook::WebhookError;

/// What every call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any failure of Gatewright. `code()` tells which.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The gate has been closed.
    #[error("this gate is closed; open another one")]
    Closed,
    /// The policy document cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An idempotent request was not run.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// A fault of this library or its host, never of the input.
    #[error("internal error: {0}; please report it")]
    Internal(&'static str),
    /// An argument of the call is out of its range.
    #[error("{argument}: {mend}")]
    InvalidArgument {
        /// Which argument.
        argument: &'static str,
        /// What to give instead.
        mend: &'static str,
    },
    /// A key given to a call cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A figure could not be computed from what was given.
    #[error(transparent)]
    Kpi(#[from] KpiError),
    /// A limit or a lockout refused the call.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A stored record cannot be read: another version wrote it, or it is damaged.
    #[error("a stored {kind} record cannot be read ({why}); run the version that wrote it, or remove the record")]
    RecordUnreadable {
        /// The record's kind.
        kind: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A refresh token was refused.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// There is no such session.
    #[error("no such session of this subject; list the sessions and choose one of them")]
    SessionNotFound,
    /// An access token was refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store or a key source is down, or did not answer in time. Nothing was consumed: send the same request again.
    #[error("{what} is unavailable; send the same request again after {} s", retry_after.as_secs_f64())]
    Unavailable {
        /// What did not answer.
        what: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// A webhook was refused.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

impl Error {
    /// `unavailable` with the usual delay of two seconds.
    #[must_use]
    pub const fn unavailable(what: &'static str) -> Self {
        Self::Unavailable { what, retry_after: Duration::from_secs(2) }
    }

    /// `invalid_argument`.
    #[must_use]
    pub const fn invalid_argument(argument: &'static str, mend: &'static str) -> Self {
        Self::InvalidArgument { argument, mend }
    }

    /// The stable code: snake_case, unique in the whole product.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Config(_) => "config_invalid",
            Self::Idempotency(error) => error.code(),
            Self::Internal(_) => "internal",
            Self::InvalidArgument { .. } => "invalid_argument",
            Self::Key(error) => error.code(),
            Self::Kpi(error) => error.code(),
            Self::Limit(error) => error.code(),
            Self::RecordUnreadable { .. } => "record_unreadable",
            Self::Refresh(error) => error.code(),
            Self::SessionNotFound => "session_not_found",
            Self::Token(error) => error.code(),
            Self::Unavailable { .. } => "unavailable",
            Self::Webhook(error) => error.code(),
        }
    }

    /// The code's row of the table.
    #[must_use]
    pub fn row(&self) -> &'static ErrorCode {
        row_of(self.code())
    }

    /// The HTTP status of this error; 0 where it has no HTTP answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.row().status
    }

    /// The code that a client may see.
    #[must_use]
    pub fn public_code(&self) -> &'static str {
        self.row().public_code
    }

    /// Whether the same request may be sent again.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.row().retryable
    }

    /// What the caller should do.
    #[must_use]
    pub fn advice(&self) -> Advice {
        self.row().advice
    }

    /// How long to wait before the next try, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => Some(*retry_after),
            Self::Idempotency(error) => error.retry_after(),
            Self::Limit(error) => error.retry_after(),
            Self::Refresh(error) => error.retry_after(),
            Self::Webhook(error) => error.retry_after(),
            _ => None,
        }
    }

    /// Why a family is revoked or expired: `logged_out`, `reuse`, `admin`, `epoch`; `absolute`, `idle`, `generations`.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Refresh(error) => error.reason(),
            _ => None,
        }
    }

    /// For a refused refresh: whether web glue should clear the client's cookies.
    #[must_use]
    pub const fn clear_cookies(&self) -> Option<bool> {
        match self {
            Self::Refresh(error) => Some(error.clear_cookies()),
            _ => None,
        }
    }

    /// For a webhook outside its window: the server's time, so that the sender can correct its clock and sign once more.
    #[must_use]
    pub const fn server_time_ms(&self) -> Option<i64> {
        match self {
            Self::Webhook(error) => error.server_time_ms(),
            _ => None,
        }
    }

    /// The problems of a policy document, in file order; empty for any other error.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Config(error) => error.problems(),
            _ => &[],
        }
    }
}

/// The row of a code. A code without a row answers as `internal`; a test holds that there is none.
fn row_of(code: &str) -> &'static ErrorCode {
    const INTERNAL: &ErrorCode = &ErrorCode::internal();
    TABLE.iter().find(|row| row.code == code).unwrap_or(INTERNAL)
}
