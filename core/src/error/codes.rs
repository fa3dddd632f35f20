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

/// What a client does with its idempotency key after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NextAction {
    /// Send the same request with the same key at once.
    Reuse,
    /// The outcome is definite: the next request takes a new key.
    Rotate,
    /// Look what came of the operation before another is begun.
    Reconcile,
    /// Send the same request with the same key after `Retry-After`.
    Wait,
}

impl NextAction {
    /// Its name in every language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reuse => "reuse",
            Self::Rotate => "rotate",
            Self::Reconcile => "reconcile",
            Self::Wait => "wait",
        }
    }

    /// What an HTTP status says by itself; 0 is no answer: a time-out or a lost connection.
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            // Another implementation's conflict may be one in progress; the same key is safe in either case.
            409 | 423 | 429 => Self::Wait,
            // No answer; refused before the act, for a reason that passes; or a failure that nobody can tell from an act.
            0..200 | 401 | 408 | 425 | 500.. => Self::Reuse,
            200..500 => Self::Rotate,
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
    /// What a client that gets this answer does with its idempotency key.
    pub next_action: NextAction,
}

impl ErrorCode {
    /// The row of a fault that has no other name.
    pub(crate) const fn internal() -> Self {
        same("any", "internal", 500, Advice::No)
    }
}

const fn row(domain: &'static str, code: &'static str, status: u16, public_code: &'static str, advice: Advice) -> ErrorCode {
    let next_action = match advice {
        Advice::Yes => NextAction::Wait,
        Advice::NewKey => NextAction::Rotate,
        Advice::Reconcile => NextAction::Reconcile,
        Advice::Change | Advice::LogIn | Advice::No | Advice::ReSign | Advice::Refresh => NextAction::of_status(status),
    };
    ErrorCode { domain, code, status, public_code, retryable: matches!(advice, Advice::Yes), advice, next_action }
}

pub(super) const fn same(domain: &'static str, code: &'static str, status: u16, advice: Advice) -> ErrorCode {
    row(domain, code, status, code, advice)
}

/// As [`same`], for a code whose status says something else about the key.
const fn keyed(domain: &'static str, code: &'static str, status: u16, advice: Advice, next_action: NextAction) -> ErrorCode {
    ErrorCode { next_action, ..same(domain, code, status, advice) }
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
    keyed("webhooks", "replayed", 409, Advice::No, NextAction::Rotate),
    same("webhooks", "body_too_large", 413, Advice::No),
    same("webhooks", "in_progress", 409, Advice::Yes),
    same("idempotency", "idempotency_key_missing", 400, Advice::Change),
    same("idempotency", "idempotency_key_invalid", 400, Advice::Change),
    same("idempotency", "idempotency_key_multiple", 400, Advice::Change),
    row("idempotency", "scope_empty", 500, "internal", Advice::No),
    same("idempotency", "idempotency_key_reused", 422, Advice::NewKey),
    same("idempotency", "outcome_unknown", 409, Advice::Reconcile),
    same("idempotency", "response_unavailable", 409, Advice::Reconcile),
    keyed("idempotency", "stale", 409, Advice::No, NextAction::Reuse),
    same("limits", "rate_limited", 429, Advice::Yes),
    same("limits", "locked", 423, Advice::Yes),
    same("limits", "cost_impossible", 400, Advice::Change),
    same("limits", "subject_invalid", 400, Advice::Change),
    same("kpi", "kpi_non_finite", 422, Advice::Change),
    same("kpi", "kpi_negative", 422, Advice::Change),
    same("kpi", "kpi_out_of_range", 422, Advice::Change),
    same("kpi", "kpi_unit_mismatch", 422, Advice::Change),
    same("kpi", "kpi_inventory_mismatch", 422, Advice::Change),
    same("kpi", "kpi_bad_weights", 422, Advice::Change),
    same("kpi", "kpi_overflow", 422, Advice::Change),
    same("kpi", "kpi_bad_row", 422, Advice::Change),
];
