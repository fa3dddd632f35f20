//! `[idempotency]`: the settings of each route.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::fingerprint::Fingerprinting;
use super::key::Scope;
use super::response::REPLAYED;
use crate::secret::SecretBytes;

/// How effects are told, which says what a failure and a crash mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effects {
    /// The handler says nothing: at least once, unless the route stores 5xx and holds after a crash.
    Implicit,
    /// The handler marks its first act that cannot be taken back: before it everything may be run again, after it nothing.
    Explicit,
    /// The handler writes nothing but the database that the record is in, in one transaction.
    Transactional,
}

/// What a 5xx without a mark comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On5xx {
    /// The key is free again.
    Release,
    /// It is the answer.
    Store,
}

/// What a lease that ran out without a mark comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCrash {
    /// The next request runs the operation again.
    Rerun,
    /// Nobody knows what was done: somebody has to look.
    Hold,
}

/// What a request comes to while the store does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStoreError {
    /// `unavailable`: nothing is run that could be run twice.
    Deny,
    /// It is run without a record, as if it had no key.
    Allow,
}

/// The settings that a request is decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How effects are told.
    pub effects: Effects,
    /// What a 5xx comes to where effects are not explicit.
    pub on_5xx: On5xx,
    /// What a crash comes to where effects are not explicit.
    pub on_crash: OnCrash,
    /// How long an answer is kept.
    pub retention: Duration,
    /// How long a worker has before another may take over.
    pub lease: Duration,
    /// The largest body that is stored, in bytes.
    pub max_stored_body: usize,
    /// What makes two requests the same.
    pub fingerprint: Fingerprinting,
    /// How long a request waits for the answer of another that is under way; zero: not at all.
    pub wait: Duration,
    /// What it comes to while the store does not answer.
    pub on_store_error: OnStoreError,
    /// Names of headers that are not stored, beside those that never are.
    pub never_stored: Vec<String>,
}

impl Default for Settings {
    /// Implicit effects, run again after failures, 24 h, 30 s, 256 KiB, raw bodies, no waiting, nothing without the store.
    fn default() -> Self {
        Self {
            effects: Effects::Implicit,
            on_5xx: On5xx::Release,
            on_crash: OnCrash::Rerun,
            retention: Duration::from_secs(24 * 3600),
            lease: Duration::from_secs(30),
            max_stored_body: 256 << 10,
            fingerprint: Fingerprinting::Raw,
            wait: Duration::ZERO,
            on_store_error: OnStoreError::Deny,
            never_stored: Vec::new(),
        }
    }
}

/// The settings of some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method, or any.
    pub method: Option<String>,
    /// The path, in which a segment `*` stands for any one segment; or any.
    pub path: Option<String>,
    /// Its settings.
    pub settings: Arc<Settings>,
}

impl Route {
    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|own| own == method) && self.path.as_deref().is_none_or(|pattern| path_matches(pattern, path))
    }
}

/// The part `[idempotency]` of a policy.
#[derive(Debug, Clone)]
pub struct IdempotencyPolicy {
    /// Keeps the keys of services apart that share a store.
    pub namespace: String,
    /// The name of the header that marks a replay.
    pub replayed_header: String,
    /// With it, fingerprints are HMACs under this key, so that nobody who reads the store can try bodies.
    pub fingerprint_key: Option<SecretBytes>,
    /// The settings of requests that no route matches.
    pub settings: Arc<Settings>,
    /// The first that matches decides.
    pub routes: Vec<Route>,
}

impl Default for IdempotencyPolicy {
    fn default() -> Self {
        Self { namespace: String::new(), replayed_header: REPLAYED.to_owned(), fingerprint_key: None, settings: Arc::default(), routes: Vec::new() }
    }
}

impl IdempotencyPolicy {
    /// The settings of a request. `route` is the path to match where it is not the one of the scope.
    #[must_use]
    pub fn settings(&self, scope: &Scope, route: Option<&str>) -> &Arc<Settings> {
        self.of_route(&scope.method, route.unwrap_or(&scope.path))
    }

    fn of_route(&self, method: &str, path: &str) -> &Arc<Settings> {
        self.routes.iter().find(|route| route.matches(method, path)).map_or(&self.settings, |route| &route.settings)
    }
}

/// Where an operation's settings come from, whichever policy is in force.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) method: Box<str>,
    /// The path that routes are matched with.
    pub(crate) path: Box<str>,
    /// The shortest retention that it may have.
    pub(crate) least_retention: Duration,
}

impl Origin {
    /// Its settings under this policy.
    pub(crate) fn settings(&self, policy: &IdempotencyPolicy) -> Arc<Settings> {
        let settings = policy.of_route(&self.method, &self.path);
        if settings.retention >= self.least_retention {
            return Arc::clone(settings);
        }
        Arc::new(Settings { retention: self.least_retention, ..Settings::clone(settings) })
    }
}

/// The policy in force on a store. Settings are those of now: where another policy is opened while operations are under way, it
/// decides what comes of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct InForce(Arc<RwLock<Arc<IdempotencyPolicy>>>);

impl InForce {
    pub(super) fn put(&self, policy: Arc<IdempotencyPolicy>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    pub(super) fn policy(&self) -> Arc<IdempotencyPolicy> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if pattern == segment || (pattern == "*" && !segment.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_route_that_matches_decides() {
        let route = |method: Option<&str>, path: Option<&str>, secs| Route {
            method: method.map(str::to_owned),
            path: path.map(str::to_owned),
            settings: Arc::new(Settings { lease: Duration::from_secs(secs), ..Settings::default() }),
        };
        let policy = IdempotencyPolicy {
            routes: vec![
                route(Some("POST"), Some("/devices/*/commands"), 1),
                route(None, Some("/devices/*"), 2),
                route(Some("PUT"), None, 3),
                route(None, Some("/devices/7"), 4),
            ],
            ..IdempotencyPolicy::default()
        };
        let lease = |method: &str, path: &str, route| policy.settings(&Scope::new("t", "p", method, path), route).lease.as_secs();
        assert_eq!(lease("POST", "/devices/7/commands", None), 1);
        assert_eq!(lease("POST", "/devices//commands", None), 30);
        assert_eq!(lease("POST", "/devices/7/8/commands", None), 30);
        assert_eq!(lease("post", "/devices/7/commands", None), 30);
        assert_eq!(lease("GET", "/devices/7", None), 2);
        assert_eq!(lease("PUT", "/other", None), 3);
        assert_eq!(lease("POST", "/devices/7/commands/", None), 30);
        assert_eq!(lease("POST", "/v2/devices/7/commands", Some("/devices/{id}/commands")), 1);
    }

    #[test]
    fn what_is_under_way_follows_the_policy_in_force() {
        let policy = |secs| IdempotencyPolicy {
            settings: Arc::new(Settings { retention: Duration::from_secs(secs), ..Settings::default() }),
            ..IdempotencyPolicy::default()
        };
        let in_force = InForce::default();
        let origin = Origin { method: "POST".into(), path: "/orders".into(), least_retention: Duration::from_secs(60) };
        for (secs, retention) in [(59, 60), (60, 60), (61, 61)] {
            in_force.clone().put(Arc::new(policy(secs)));
            assert_eq!(origin.settings(&in_force.policy()).retention, Duration::from_secs(retention));
        }
    }
}
