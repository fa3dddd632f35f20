//! The rule: what happens to a presented refresh token. **This is where reuse is decided** ([`decide`], row 9).
//!
//! The rows are those of `docs/tokens.md`; their order matters. `decide` is pure and total: no clock, no randomness, no
//! store. Row 1 (the token's form and MAC) and row 2 (no such family) come before it, for they need no record.

use std::time::Duration;

use crate::error::{ExpiredReason, RefreshError, RevokedReason};
use crate::time::{Timestamp, micros};
use crate::tokens::policy::{ClientPolicy, OnBindingMismatch, TokensPolicy};
use crate::tokens::refresh::ratchet::{RefreshKeys, retry_key_hash, same};
use crate::tokens::refresh::token::RefreshToken;
use crate::tokens::session::{Live, Previous, Session, Status, Use};

/// A presented token whose MAC is right, and all that the decision may depend on beside the record.
#[derive(Clone)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a RefreshToken,
    /// What the client kept to prove a lost answer.
    pub retry_key: Option<&'a [u8]>,
    /// Who says he presents it.
    pub client: Option<&'a str>,
    /// For which tenant.
    pub tenant: Option<&'a str>,
    /// From which device.
    pub device_id: Option<&'a str>,
    /// Only an access token is wanted: nothing rotates.
    pub access_only: bool,
    /// The token was current when this call first loaded the record, and the swap was lost: no evidence of theft.
    pub was_current: bool,
    /// 32 fresh bytes for a rotation.
    pub nonce: [u8; 32],
    /// Where the request comes from.
    pub used_from: (Option<&'a str>, Option<&'a str>),
}

/// What else holds at this moment.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The store's clock.
    pub now: Timestamp,
    /// `min_token_version` of subject, tenant and installation.
    pub min_version: [u64; 3],
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Row 7 (and an adopted row 10): write the record, give its successor.
    Rotate {
        /// The record to write.
        next: Box<Session>,
        /// The token to give.
        successor: RefreshToken,
    },
    /// Row 8: write nothing, give the same successor again.
    Retry {
        /// The token to give.
        successor: RefreshToken,
        /// By the retry key, past the concurrent window.
        lost: bool,
        /// The retry key was not that of the rotation: a risk event.
        other_key: bool,
    },
    /// An access token of the presented generation, and nothing else.
    AccessOnly,
    /// A refusal; where a record is given it is written in the same step.
    Refuse {
        /// The refusal.
        error: RefreshError,
        /// The record to write first.
        next: Option<Box<Session>>,
    },
    /// Our own fault or nobody's: nothing is written, the same request may be sent again.
    Unavailable,
}

impl Decision {
    const fn refuse(error: RefreshError) -> Self {
        Self::Refuse { error, next: None }
    }
}

/// The times of an access token in whole seconds: (iat, exp), both rounded down; `None` if less than one second is left.
#[must_use]
pub fn access_times(session: &Session, now: Timestamp, access_ttl: Duration) -> Option<(i64, i64)> {
    let issued_at = now.as_secs();
    let ttl = i64::try_from(access_ttl.as_secs()).unwrap_or(i64::MAX);
    let expires_at = issued_at.saturating_add(ttl).min(session.login.abs_expires_at.as_secs());
    (expires_at > issued_at).then_some((issued_at, expires_at))
}

/// Decides about a presented token. Rows 3–11.
#[must_use]
pub fn decide(row: &Session, presented: &Presented<'_>, moment: &Moment, policy: &TokensPolicy, keys: &RefreshKeys) -> Decision {
    let now = moment.now;
    // Row 3: who presents it.
    let client = policy.clients.iter().find(|client| client.id == row.login.client_id);
    let names_another =
        presented.client.is_some_and(|id| id != row.login.client_id) || presented.tenant.is_some_and(|tenant| tenant != row.login.tenant);
    let Some(client) = client.filter(|client| !names_another && may_ask(client, presented)) else {
        let ends = names_another && policy.on_binding_mismatch == OnBindingMismatch::Revoke && row.status == Status::Active;
        let next = ends.then(|| Box::new(row.ended(RevokedReason::Admin, now, "binding_mismatch")));
        return Decision::Refuse { error: RefreshError::BindingMismatch, next };
    };
    // Row 4: a family that is over gets no grace, ever.
    if let Status::Ended(reason) = row.status {
        return Decision::refuse(RefreshError::Revoked(reason));
    }
    // Row 5.
    if row.login.token_version.iter().zip(moment.min_version).any(|(version, min)| *version < min) {
        let next = Some(Box::new(row.ended(RevokedReason::Epoch, now, "")));
        return Decision::Refuse { error: RefreshError::VersionTooOld, next };
    }
    // Row 6.
    if now >= row.login.abs_expires_at || access_times(row, now, policy.access_ttl).is_none() {
        return Decision::refuse(RefreshError::Expired(ExpiredReason::Absolute));
    }
    if now >= row.idle_expires_at() {
        return Decision::refuse(RefreshError::Expired(ExpiredReason::Idle));
    }
    // A roll-out is under way: our fault, and it must log nobody out.
    if !keys.holds(row.kid) {
        return Decision::Unavailable;
    }
    let token = presented.token;
    if token.generation > row.generation {
        return ahead(row, presented, now, policy, keys);
    }
    // An active record without hashes was edited: nothing can be current in it.
    let (Some(live), Some(hash)) = (&row.live, keys.hash(token.kid, &row.login, token.generation, &token.secret)) else {
        return theft(row, presented, now, RefreshError::Fork);
    };
    let right_prefix = token.prefix == row.login.prefix;
    if token.generation == row.generation {
        // Row 7, or row 11.
        if right_prefix && token.kid == row.kid && same(&hash, &live.hash) {
            return rotate(row, live, presented, now, policy, keys);
        }
        return theft(row, presented, now, RefreshError::Fork);
    }
    // Row 8, else row 9.
    let previous = live
        .previous
        .as_ref()
        .filter(|previous| right_prefix && token.generation + 1 == row.generation && token.kid == previous.kid && same(&hash, &previous.hash));
    let window = previous.and_then(|previous| retry_window(row, previous, presented, now, policy, client));
    let (Some(previous), Some(window)) = (previous, window) else {
        return theft(row, presented, now, RefreshError::Reuse);
    };
    // Row 11: what we would hand out must be what the record says.
    let successor = keys
        .successor(token, row.kid, &previous.nonce)
        .filter(|successor| keys.hash(row.kid, &row.login, successor.generation, &successor.secret).is_some_and(|hash| same(&hash, &live.hash)));
    match successor {
        None => theft(row, presented, now, RefreshError::Fork),
        Some(_) if presented.access_only => Decision::AccessOnly,
        Some(successor) => {
            let other_key = !has_same_key(previous, presented);
            Decision::Retry { successor, lost: window == Window::Lost, other_key }
        }
    }
}

/// The second half of row 3: what this call needs beside the token.
fn may_ask(client: &ClientPolicy, presented: &Presented<'_>) -> bool {
    if presented.access_only { client.confidential } else { presented.retry_key.is_some() || !client.retry_key_required }
}

/// Row 7.
fn rotate(row: &Session, live: &Live, presented: &Presented<'_>, now: Timestamp, policy: &TokensPolicy, keys: &RefreshKeys) -> Decision {
    if row.generation == u32::MAX {
        return Decision::refuse(RefreshError::Expired(ExpiredReason::Generations));
    }
    if presented.access_only {
        return Decision::AccessOnly;
    }
    // Keys migrate as sessions refresh, and never go back.
    let kid = keys.active().max(row.kid);
    let successor = keys.successor(presented.token, kid, &presented.nonce);
    let hash = successor.as_ref().and_then(|successor| keys.hash(kid, &row.login, successor.generation, &successor.secret));
    let (Some(successor), Some(hash)) = (successor, hash) else { return Decision::Unavailable };
    let mut next = row.clone();
    next.live = Some(Live {
        hash,
        previous: Some(Previous { hash: live.hash, kid: row.kid, nonce: presented.nonce, retry_key_hash: presented.retry_key.map(retry_key_hash) }),
    });
    next.kid = kid;
    next.generation = successor.generation;
    next.rotated_at = now;
    next.confirmed_generation = row.confirmed_generation.max(row.generation);
    let (ip, user_agent) = presented.used_from;
    let used = Use { at: now, ip: ip.map(str::to_owned), user_agent: user_agent.map(str::to_owned) };
    next.note_use(used, policy.concurrent_window * 4);
    Decision::Rotate { next: Box::new(next), successor }
}

#[derive(PartialEq, Eq)]
enum Window {
    Concurrent,
    Lost,
}

/// Rows 8a and 8b: within which window the parent of the current token may be presented again, if in any.
fn retry_window(
    row: &Session,
    previous: &Previous,
    presented: &Presented<'_>,
    now: Timestamp,
    policy: &TokensPolicy,
    client: &ClientPolicy,
) -> Option<Window> {
    let age = if presented.was_current { Duration::ZERO } else { now.since(row.rotated_at) };
    // Nothing but an access token leaves the access-only call, so it needs no proof.
    let proven = presented.access_only || has_same_key(previous, presented);
    if age <= policy.concurrent_window && (proven || !client.retry_key_required) {
        return Some(Window::Concurrent);
    }
    let other_device = presented.device_id.is_some_and(|id| row.login.device.as_ref().is_none_or(|device| device.id != id));
    let lost_window = if other_device { Duration::ZERO } else { client.lost_window };
    // Copies of a request that timed out may still be under way when its answer is confirmed.
    let duplicates = Duration::from_secs(120).min(policy.access_ttl / 2);
    let open = row.confirmed_generation < row.generation || now.as_micros().saturating_sub(row.confirmed_at.as_micros()) <= micros(duplicates);
    (age <= lost_window && proven && open).then_some(Window::Lost)
}

fn has_same_key(previous: &Previous, presented: &Presented<'_>) -> bool {
    match (previous.retry_key_hash, presented.retry_key) {
        (Some(kept), Some(key)) => same(&kept, &retry_key_hash(key)),
        _ => false,
    }
}

/// Rows 9 and 11: the family ends in the same atomic step.
fn theft(row: &Session, presented: &Presented<'_>, now: Timestamp, error: RefreshError) -> Decision {
    if presented.was_current {
        return Decision::Unavailable;
    }
    Decision::Refuse { error, next: Some(Box::new(row.ended(RevokedReason::Reuse, now, error.code()))) }
}

/// Row 10: the client is ahead of the store.
fn ahead(row: &Session, presented: &Presented<'_>, now: Timestamp, policy: &TokensPolicy, keys: &RefreshKeys) -> Decision {
    let token = presented.token;
    // `adopt_bound` alone asks for a key-bound family with a proof, which this version does not have.
    let declared = policy.failover_until.is_some_and(|until| now < until);
    let near = token.generation - row.generation <= 2 && token.prefix == row.login.prefix;
    // A family that was ended has no hashes: setting its status and generation back in the store revives nothing.
    let near = near && row.live.is_some();
    let hash = keys.hash(token.kid, &row.login, token.generation, &token.secret);
    match hash.filter(|_| declared && near && !presented.access_only) {
        None => Decision::refuse(RefreshError::StoreBehind),
        Some(hash) => {
            let mut adopted = row.clone();
            adopted.generation = token.generation;
            adopted.kid = token.kid;
            let live = Live { hash, previous: None };
            adopted.live = Some(live.clone());
            rotate(&adopted, &live, presented, now, policy, keys)
        }
    }
}
