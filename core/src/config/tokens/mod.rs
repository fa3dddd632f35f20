//! `[tokens]`: issuer, lifetimes, clients, keys, other issuers.

mod clients;
mod issuers;
mod keys;
mod profiles;
mod signing_keys;

use std::time::Duration;

use self::profiles::Profiles;
use super::reader::{Field, Table};
use crate::tokens::policy::{OnBindingMismatch, StoreBehind, TokensPolicy, ViewPolicy};

pub(super) fn read(tokens: &Table<'_>) -> TokensPolicy {
    let mut profiles = Profiles::default();
    let issuer = tokens.text("issuer").check("write an issuer that is not empty", |issuer| !issuer.is_empty());
    let issuer = issuer.required("write the issuer of your tokens, as \"https://auth.example\"").unwrap_or_default();
    profiles.see_own_issuer(issuer);
    let audience = tokens.names("audience").check("write at most 16 audiences: a token with more is refused everywhere", |all| all.len() <= 16);
    let whole_seconds = |ttl: &Duration| *ttl >= SECOND && ttl.subsec_nanos() == 0;
    let access_ttl = tokens.duration("access_ttl").check("write a duration of at least 1s, in whole seconds, as \"15m\"", whole_seconds);
    let access_ttl = access_ttl.or(Duration::from_secs(15 * 60));
    let leeway = leeway(tokens).or(Duration::from_secs(30));
    let window =
        tokens.duration("concurrent_window").check("write a duration from 1s to 60s, as \"15s\"", |window| (SECOND..=MINUTE).contains(window));
    let binding = [("refuse", OnBindingMismatch::Refuse), ("revoke", OnBindingMismatch::Revoke)];
    let behind = [("refuse", StoreBehind::Refuse), ("adopt_bound", StoreBehind::AdoptBound)];
    TokensPolicy {
        issuer: issuer.to_owned(),
        audience: audience.required("write a list of audiences, as [\"api\"]").unwrap_or_default(),
        access_ttl,
        leeway,
        concurrent_window: window.or(Duration::from_secs(15)),
        retention: tokens.duration("retention").or(Duration::from_secs(24 * 3600)),
        view: tokens.table("view", view).or(ViewPolicy::default()),
        escalate_reuse: tokens.bool("escalate_reuse").or(false),
        on_binding_mismatch: tokens.choice("on_binding_mismatch", &binding).or(OnBindingMismatch::Refuse),
        store_behind: tokens.choice("store_behind", &behind).or(StoreBehind::Refuse),
        failover_until: tokens.instant("failover_until").optional(),
        clients: clients::read(tokens, access_ttl),
        signing_keys: signing_keys::read(tokens, access_ttl, &mut profiles),
        issuers: issuers::read(tokens, leeway, &mut profiles),
    }
}

/// Tolerance for other hosts' clocks, of our own tokens and of others'.
fn leeway<'t, 'd>(table: &'t Table<'d>) -> Field<'t, 'd, Duration> {
    table.duration("leeway").check("write a duration of at most 120s, as \"30s\"", |leeway| *leeway <= MAX_LEEWAY)
}

/// The longest life of a token.
fn max_ttl<'t, 'd>(table: &'t Table<'d>) -> Field<'t, 'd, Duration> {
    table.duration("max_ttl").check("write a duration above 0s, as \"24h\"", |ttl| !ttl.is_zero())
}

fn view(view: &Table<'_>) -> ViewPolicy {
    let default = ViewPolicy::default();
    let refresh = view.duration("refresh").check("write a duration of at least 1ms, as \"5s\"", |every| *every >= Duration::from_millis(1));
    ViewPolicy {
        refresh: refresh.or(default.refresh),
        max_age: view.duration("max_age").or(default.max_age),
        accept_stale: view.choice("on_stale", &[("unavailable", false), ("accept", true)]).or(default.accept_stale),
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const MAX_LEEWAY: Duration = Duration::from_secs(120);
