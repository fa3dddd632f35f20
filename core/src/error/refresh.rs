//! Refusals of refresh tokens: the outcomes of `tokens::refresh::decide` that are not a success.

use std::time::Duration;

/// Why a family is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RevokedReason {
    LoggedOut,
    Reuse,
    Admin,
    Epoch,
}

impl RevokedReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Reuse => "reuse",
            Self::Admin => "admin",
            Self::Epoch => "epoch",
        }
    }
}

/// Which end of life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiredReason {
    /// The absolute one, or no whole second is left before it.
    Absolute,
    /// Too long without a refresh.
    Idle,
    /// All 2^32 generations are used.
    Generations,
}

impl ExpiredReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Idle => "idle",
            Self::Generations => "generations",
        }
    }
}

/// Why a refresh token was refused. A client sees `invalid_grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message says what its case means")]
pub enum RefreshError {
    #[error("the refresh token is not one of ours; log in again")]
    Malformed,
    #[error("the refresh token's session is not known; log in again")]
    Unknown,
    #[error("the refresh token belongs to another client, tenant or key, or a required retry key is missing")]
    BindingMismatch,
    #[error("the session was ended ({}); log in again", .0.as_str())]
    Revoked(RevokedReason),
    #[error("the session is older than the last breach response; log in again")]
    VersionTooOld,
    #[error("the session has expired ({}); log in again", .0.as_str())]
    Expired(ExpiredReason),
    #[error("an old refresh token was presented again; the session has been ended on suspicion of theft")]
    Reuse,
    #[error("the refresh token and the store disagree about the same generation; the session has been ended")]
    Fork,
    #[error("the store is behind this refresh token (restored or failed over); send the same request again")]
    StoreBehind,
}

impl RefreshError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::BindingMismatch => "binding_mismatch",
            Self::Revoked(_) => "revoked",
            Self::VersionTooOld => "version_too_old",
            Self::Expired(_) => "expired",
            Self::Reuse => "reuse",
            Self::Fork => "fork",
            Self::StoreBehind => "store_behind",
        }
    }

    /// Whether web glue should clear the client's cookies: only where the token in hand can never work again.
    #[must_use]
    pub const fn clear_cookies(&self) -> bool {
        !matches!(self, Self::BindingMismatch | Self::StoreBehind)
    }

    /// Why the family is over.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Revoked(reason) => Some(reason.as_str()),
            Self::Expired(reason) => Some(reason.as_str()),
            _ => None,
        }
    }

    /// When to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::StoreBehind => Some(Duration::from_secs(5)),
            _ => None,
        }
    }
}
