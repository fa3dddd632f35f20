//! The service beside a store that counts, fails and forgets.

mod faults;
mod races;
mod scenarios;
mod store;

use std::sync::Arc;
use std::time::Duration;

use self::store::Probe;
use super::TokenService;
use crate::entropy::OsEntropy;
use crate::error::Result;
use crate::event::Context;
use crate::host::Host;
use crate::keys::{KeyState, Keyring, RootKey};
use crate::secret::SecretBytes;
use crate::store::MemoryStore;
use crate::store::conformance::block_on;
use crate::testing::ManualClock;
use crate::time::Timestamp;
use crate::tokens::key::{Algorithm, KeyMaterial};
use crate::tokens::policy::{ClientKind, ClientPolicy, OnBindingMismatch, SigningKeyPolicy, StoreBehind, TokensPolicy, ViewPolicy};
use crate::tokens::types::{Login, Refresh, TokenPair};

const START: i64 = 1_795_248_000_000_000;
const DAY: Duration = Duration::from_secs(86_400);

fn policy() -> TokensPolicy {
    let client = |id: &str, kind, lost_window, retry_key_required| ClientPolicy {
        id: id.to_owned(),
        kind,
        idle: DAY * 30,
        absolute: DAY * 90,
        lost_window,
        retry_key_required,
        confidential: false,
    };
    TokensPolicy {
        issuer: "https://auth.example".to_owned(),
        audience: vec!["api".to_owned()],
        access_ttl: Duration::from_secs(900),
        leeway: Duration::from_secs(30),
        concurrent_window: Duration::from_secs(15),
        retention: DAY,
        view: ViewPolicy::default(),
        escalate_reuse: false,
        on_binding_mismatch: OnBindingMismatch::Refuse,
        store_behind: StoreBehind::Refuse,
        failover_until: None,
        clients: vec![
            client("web", ClientKind::Browser, Duration::ZERO, false),
            client("app", ClientKind::Native, Duration::from_secs(600), false),
            client("tablet", ClientKind::Device, DAY * 7, true),
        ],
        signing_keys: vec![SigningKeyPolicy {
            kid: "k1".to_owned(),
            key: KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![7; 32])).unwrap(),
            state: KeyState::Active,
            not_before: None,
            not_after: None,
            max_ttl: Duration::from_secs(900),
        }],
        issuers: Vec::new(),
    }
}

/// A service, its clock, and the store behind it.
struct Fixture {
    service: Arc<TokenService>,
    clock: Arc<ManualClock>,
    store: Arc<Probe<MemoryStore>>,
}

impl Fixture {
    fn new(policy: TokensPolicy) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(START)));
        let store = Arc::new(Probe::new(MemoryStore::new(clock.clone())));
        Self::on(policy, clock, store, &[(1, KeyState::Active)])
    }

    /// Another server on the same store, with roots of its own.
    fn beside(&self, roots: &[(u8, KeyState)]) -> Self {
        Self::on(policy(), self.clock.clone(), self.store.clone(), roots)
    }

    fn on(policy: TokensPolicy, clock: Arc<ManualClock>, store: Arc<Probe<MemoryStore>>, roots: &[(u8, KeyState)]) -> Self {
        let root = |&(id, state)| RootKey { id, secret: SecretBytes::new(vec![id; 32]), state };
        let ring = Keyring::new(&roots.iter().map(root).collect::<Vec<_>>());
        let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
        let service = Arc::new(TokenService::new(policy, &ring, Some(store.clone()), host));
        block_on(service.refresh_view()).unwrap();
        Self { service, clock, store }
    }

    /// Sets the clock so long after the start, and reads the view anew.
    fn at(&self, after: Duration) {
        self.clock.set(Timestamp::from_micros(START).plus(after));
        block_on(self.service.refresh_view()).unwrap();
    }

    fn login(&self, client: &str) -> TokenPair {
        block_on(self.service.issue(Login::new("acme", "u-42", client))).unwrap()
    }

    fn refresh(&self, pair: &TokenPair) -> Result<TokenPair> {
        self.refresh_with(pair, Refresh::new())
    }

    fn refresh_with(&self, pair: &TokenPair, refresh: Refresh) -> Result<TokenPair> {
        block_on(self.service.refresh(pair.refresh_token.as_deref().unwrap(), &refresh))
    }

    /// The outcome or the code.
    fn outcome(&self, pair: &TokenPair) -> &'static str {
        self.refresh(pair).map_or_else(|error| error.code(), |pair| pair.outcome.as_str())
    }

    fn verdict(&self, pair: &TokenPair) -> &'static str {
        self.service.verify(&pair.access_token, "own").map_or_else(|error| error.code(), |_| "valid")
    }

    fn log_out(&self, pair: &TokenPair) -> Result<()> {
        block_on(self.service.revoke(pair.refresh_token.as_deref().unwrap(), &Context::default()))
    }
}
