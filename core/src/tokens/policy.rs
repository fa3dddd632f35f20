//! What the `[tokens]` part of a policy document says, checked and with its defaults.

use std::time::Duration;

use crate::keys::KeyState;
use crate::time::Timestamp;
use crate::tokens::key::KeyMaterial;

/// `[tokens]`.
#[derive(Debug, Clone)]
pub struct TokensPolicy {
    /// Our issuer.
    pub issuer: String,
    /// Our audiences; an own token carries them all, one match is enough.
    pub audience: Vec<String>,
    /// Life of an access token, whole seconds. Default 15 min.
    pub access_ttl: Duration,
    /// Tolerance for other hosts' clocks, at most 120 s. Default 30 s.
    pub leeway: Duration,
    /// `W_conc`: how long a second holder of the same token gets the same answer. 1–60 s, default 15 s.
    pub concurrent_window: Duration,
    /// How long an ended family is remembered. Default 24 h.
    pub retention: Duration,
    /// The verifier's local view.
    pub view: ViewPolicy,
    /// Whether a second family with `reuse` or `fork` within 24 h ends all of the subject's. Default false.
    pub escalate_reuse: bool,
    /// Whether a token presented by another client or tenant ends its family. Default refuse.
    pub on_binding_mismatch: OnBindingMismatch,
    /// What to do with a token that is ahead of the store. Default refuse.
    pub store_behind: StoreBehind,
    /// Until when a failover may have lost rotations.
    pub failover_until: Option<Timestamp>,
    /// Who logs in.
    pub clients: Vec<ClientPolicy>,
    /// Our own signing keys, in policy order; exactly one is active.
    pub signing_keys: Vec<SigningKeyPolicy>,
    /// Other issuers.
    pub issuers: Vec<IssuerPolicy>,
}

/// `view = { … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewPolicy {
    /// How often it is refreshed. Default 5 s.
    pub refresh: Duration,
    /// From which age on it is not believed. Default 60 s.
    pub max_age: Duration,
    /// Whether verification goes on with a view that is too old. Default false: `unavailable`.
    pub accept_stale: bool,
}

impl Default for ViewPolicy {
    fn default() -> Self {
        Self { refresh: Duration::from_secs(5), max_age: Duration::from_secs(60), accept_stale: false }
    }
}

/// `on_binding_mismatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBindingMismatch {
    /// Refuse; the family lives on, so that a stranger cannot end it.
    #[default]
    Refuse,
    /// Refuse and end the family.
    Revoke,
}

/// `store_behind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreBehind {
    /// `store_behind`, 503.
    #[default]
    Refuse,
    /// A key-bound family at most two generations ahead is adopted.
    AdoptBound,
}

/// The kind of a client; it sets the defaults of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// Idle 30 d, absolute 90 d, lost window 0.
    Browser,
    /// Idle 30 d, absolute 90 d, lost window 10 min.
    Native,
    /// Idle 90 d, absolute 365 d, lost window 7 d; tokens begin with `gwd1_`.
    Device,
}

/// An element of `clients`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPolicy {
    /// Its name.
    pub id: String,
    /// Its kind.
    pub kind: ClientKind,
    /// Life without a refresh.
    pub idle: Duration,
    /// Life at all.
    pub absolute: Duration,
    /// `W_lost`: how long a lost answer can be asked for again, with the retry key.
    pub lost_window: Duration,
    /// Whether every refresh must bring a retry key.
    pub retry_key_required: bool,
    /// Whether it authenticates itself, and so may use `refresh_access_only`.
    pub confidential: bool,
}

/// An element of `signing_keys`.
#[derive(Debug, Clone)]
pub struct SigningKeyPolicy {
    /// Its name in token headers.
    pub kid: String,
    /// The key.
    pub key: KeyMaterial,
    /// Where it stands.
    pub state: KeyState,
    /// In force from this instant on.
    pub not_before: Option<Timestamp>,
    /// In force before this instant.
    pub not_after: Option<Timestamp>,
    /// The longest life of a token under it. Default: `access_ttl`.
    pub max_ttl: Duration,
}

/// An element of `issuers`: another issuer's tokens and what may be relaxed for them.
#[derive(Debug, Clone)]
pub struct IssuerPolicy {
    /// How calls name it.
    pub id: String,
    /// Its `iss`.
    pub issuer: String,
    /// Accepted audiences.
    pub audience: Vec<String>,
    /// Accepted `typ` values; an empty one accepts an absent `typ`. Default `at+jwt`.
    pub typ: Vec<String>,
    /// Claims that must be there beside `iss`, `aud` and `exp`.
    pub required: Vec<String>,
    /// The claim that names the tenant.
    pub tenant_claim: Option<String>,
    /// The claim that holds the roles.
    pub roles_claim: Option<String>,
    /// The claim that names the session.
    pub session_claim: Option<String>,
    /// Default: that of `[tokens]`.
    pub leeway: Duration,
    /// Whether times may have fractions.
    pub fractional_times: bool,
    /// The longest life of a token. Default 24 h.
    pub max_ttl: Duration,
    /// Its keys; the `kid` may be empty, for tokens without one.
    pub keys: Vec<IssuerKeyPolicy>,
}

/// A key of another issuer.
#[derive(Debug, Clone)]
pub struct IssuerKeyPolicy {
    /// Its name in token headers; empty for tokens without `kid`.
    pub kid: String,
    /// The key.
    pub key: KeyMaterial,
    /// In force from this instant on.
    pub not_before: Option<Timestamp>,
    /// In force before this instant.
    pub not_after: Option<Timestamp>,
}
