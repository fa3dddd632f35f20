//! The table of codes: what each means on the wire and to its caller. `tests/errors.json` is its copy for the bindings.

use serde::Serialize;

/// What the caller of a failed request should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// Change the request.
    Change,
    /// Log in again.
    LogIn,
    /// Send it with a new idempotency key.
    NewKey,
    /// Nothing: the same request will fail again.
    No,
    /// Sign the request afresh.
    ReSign,
    /// Look what came of the request before anything else.
    Reconcile,
    /// Refresh the access token.
    Refresh,
    /// Send the same request again, after `retry_after` where it is given.
    Yes,
}

impl Advice {
    /// The name in `errors.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::LogIn => "log_in",
            Self::NewKey => "new_key",
            Self::No => "no",
            Self::ReSign => "re_sign",
            Self::Reconcile => "reconcile",
            Self::Refresh => "refresh",
            Self::Yes => "yes",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ErrorCode {
    /// The domain it belongs to.
    pub domain: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status; 0 where there is no HTTP answer.
    pub status: u16,
    /// What a client may see; empty where there is no answer.
    pub public_code: &'static str,
    /// Whether the same request may be sent again.
    pub retryable: bool,
    /// What to do.
    pub advice: Advice,
}

pub(super) const fn row(domain: &'static str, code: &'static str, status: u16, public_code: &'static str, advice: Advice) -> ErrorCode {
    ErrorCode { domain, code, status, public_code, retryable: matches!(advice, Advice::Yes), advice }
}

pub(super) const fn same(domain: &'static str, code: &'static str, status: u16, advice: Advice) -> ErrorCode {
    row(domain, code, status, code, advice)
}

const fn jwt(code: &'static str) -> ErrorCode {
    row("tokens", code, 401, "token_invalid", Advice::No)
}

const fn grant(code: &'static str) -> ErrorCode {
    row("refresh", code, 401, "invalid_grant", Advice::LogIn)
}

/// Every code of this version. New ones may be added; a released one never changes.
pub const TABLE: &[ErrorCode] = &[
    same("any", "unavailable", 503, Advice::Yes),
    same("any", "invalid_argument", 400, Advice::Change),
    row("any", "config_invalid", 0, "", Advice::Change),
    row("any", "closed", 500, "internal", Advice::No),
    row("any", "record_unreadable", 500, "internal", Advice::No),
    same("any", "internal", 500, Advice::No),
    row("tokens", "jwt_expired", 401, "token_expired", Advice::Refresh),
    jwt("jwt_malformed"),
    jwt("jwt_too_large"),
    jwt("jwt_header"),
    jwt("jwt_crit"),
    jwt("jwt_type"),
    jwt("jwt_algorithm"),
    jwt("jwt_key_unknown"),
    jwt("jwt_signature"),
    jwt("jwt_claim_missing"),
    jwt("jwt_claim_type"),
    jwt("jwt_issuer"),
    jwt("jwt_audience"),
    jwt("jwt_not_yet_valid"),
    jwt("jwt_issued_in_future"),
    jwt("jwt_lifetime"),
    jwt("jwt_revoked"),
    row("dpop", "dpop_missing", 401, "invalid_dpop_proof", Advice::ReSign),
    grant("malformed"),
    grant("unknown"),
    grant("binding_mismatch"),
    grant("revoked"),
    grant("version_too_old"),
    grant("expired"),
    grant("reuse"),
    grant("fork"),
    row("refresh", "store_behind", 503, "unavailable", Advice::Yes),
    row("keys", "key_invalid", 500, "internal", Advice::No),
    row("keys", "key_too_short", 500, "internal", Advice::No),
    row("keys", "key_type_mismatch", 500, "internal", Advice::No),
    same("sessions", "session_not_found", 404, Advice::No),
    same("webhooks", "header_missing", 400, Advice::No),
    same("webhooks", "header_duplicate", 400, Advice::No),
    same("webhooks", "header_malformed", 400, Advice::No),
    same("webhooks", "too_many_signatures", 400, Advice::No),
    same("webhooks", "timestamp_malformed", 400, Advice::No),
    same("webhooks", "nonce_malformed", 400, Advice::No),
    same("webhooks", "framing_ambiguous", 400, Advice::No),
    same("webhooks", "timestamp_too_old", 401, Advice::ReSign),
    same("webhooks", "timestamp_too_new", 401, Advice::ReSign),
    same("webhooks", "signature_mismatch", 401, Advice::No),
    row("webhooks", "key_unknown", 401, "signature_mismatch", Advice::No),
    same("webhooks", "replayed", 409, Advice::No),
    same("webhooks", "body_too_large", 413, Advice::No),
    same("webhooks", "in_progress", 409, Advice::Yes),
];
