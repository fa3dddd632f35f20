//! The facade: a policy document, opened.

mod builder;
mod epochs;
mod idempotency;
mod keeper;
mod limits;
mod local_limit;
mod lockout;
mod sessions;
mod tokens;
mod webhooks;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use builder::GateBuilder;
pub use epochs::Epochs;
pub use idempotency::Idempotency;
pub use limits::Limits;
pub use local_limit::LocalLimit;
pub use lockout::{Attempt, Lockout};
pub use sessions::Sessions;
pub use tokens::Tokens;
pub use webhooks::{Verified, Webhooks};

use self::builder::Ground;
use self::keeper::Keeper;
use crate::config::{HttpPolicy, Policy, StorePolicy};
use crate::error::{ConfigError, Error, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::http::{self, ErrorFormat, Response};
use crate::idempotency::service::IdempotencyService;
use crate::keys::Keyring;
use crate::limits::lockout::service::LockoutService;
use crate::limits::service::LimitService;
use crate::store::{self, Key, Kind, MAX_LIST, Store, StoreUrl};
use crate::tokens::service::TokenService;
use crate::webhook::service::WebhookService;

/// An opened policy document. Cheap to clone; all clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    host: Arc<Host>,
    tokens: Option<TokenService>,
    webhooks: WebhookService,
    idempotency: Option<IdempotencyService>,
    limits: Option<LimitService>,
    lockout: Option<LockoutService>,
    stores: Stores,
    sweep_every: Duration,
    keeper: Keeper,
    ground: Ground,
    http: HttpPolicy,
}

/// One store for each place that the policy names.
type Stores = Vec<(StoreUrl, Arc<dyn Store>)>;

impl Gate {
    /// Opens the policy document in a file.
    ///
    /// # Errors
    /// `config_invalid` with every problem of the file; `unavailable` where the store cannot be opened.
    #[allow(clippy::unused_async, reason = "a store on a network will have to be waited for")]
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder().open(path.as_ref()).await
    }

    /// Opens a policy document given as text, TOML or JSON (which begins with `{`).
    ///
    /// # Errors
    /// As [`Gate::open`]; the problems name no file.
    pub async fn from_policy(text: &str) -> Result<Self> {
        Self::builder().from_policy(text).await
    }

    /// Opens with another clock, entropy or environment: see `testing`.
    #[must_use]
    pub fn builder() -> GateBuilder {
        GateBuilder::default()
    }

    /// Opens the stores of a checked policy, but for those that are open already, and makes the services ready.
    async fn start(policy: Policy, ground: Ground, open: &Stores) -> Result<Self> {
        let mut stores = Stores::new();
        let at = policy.store.unwrap_or_else(StorePolicy::none);
        let tokens_store = store_at(at.tokens, &mut stores, open, &ground)?;
        let webhooks_store = store_at(at.webhooks, &mut stores, open, &ground)?;
        // Nobody else uses it.
        let idempotency_store = store_at(at.idempotency.filter(|_| policy.idempotency.is_some()), &mut stores, open, &ground)?;
        let limits_store = store_at(at.limits.filter(|_| policy.limits.is_some()), &mut stores, open, &ground)?;
        let lockout_store = store_at(at.lockout.filter(|_| policy.lockout.is_some()), &mut stores, open, &ground)?;
        let host = Arc::new(Host::new(Arc::clone(&ground.clock), Arc::clone(&ground.entropy)));
        let ring = Keyring::new(&policy.root_keys);
        let inner = Arc::new(Inner {
            tokens: policy.tokens.map(|tokens| TokenService::new(tokens, &ring, tokens_store, Arc::clone(&host))),
            webhooks: WebhookService::new(&policy.endpoints, webhooks_store, Arc::clone(&host)),
            idempotency: policy
                .idempotency
                .map(|policy| IdempotencyService::new(policy, idempotency_store, Arc::clone(&host), ground.idempotency.clone(), ground.time_passes)),
            limits: policy.limits.map(|limits| LimitService::new(limits, limits_store, &ring, Arc::clone(&host))),
            lockout: policy.lockout.map(|lockout| LockoutService::new(lockout, lockout_store, &ring, Arc::clone(&host))),
            host,
            stores,
            sweep_every: at.sweep_every,
            keeper: Keeper::default(),
            ground,
            http: policy.http,
        });
        // A store that is down now may be up when it is needed; until then verification says `unavailable`.
        if let Err(error) = inner.refresh_view().await
            && !matches!(error, Error::Unavailable { .. })
        {
            return Err(error);
        }
        inner.keep();
        Ok(Self { inner })
    }

    /// Ends the gate: calls under way finish, later ones are `closed`. Closing again does nothing.
    pub async fn close(&self) {
        if !self.inner.host.close() {
            return;
        }
        self.inner.keeper.stop(&self.inner);
        for (_, store) in &self.inner.stores {
            // What a store has to say at its end changes nothing for its callers.
            let _ = store.close().await;
        }
    }

    /// Calls `sink` with every decision, on the thread that decided. It may call the gate; if it panics, the call goes on.
    pub fn on_event(&self, sink: impl Fn(&Event) + Send + Sync + 'static) {
        self.inner.host.events.subscribe(Arc::new(sink));
    }

    /// Deletes expired records in bounded batches until none is left, and says how many.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid` without a store.
    pub async fn sweep(&self) -> Result<u64> {
        self.inner.need_store()?;
        self.inner.sweep().await
    }

    /// Whether the stores answer.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid` without a store.
    pub async fn health(&self) -> Result<()> {
        self.inner.need_store()?;
        for (_, store) in &self.inner.stores {
            store.load(&[Key::new(Kind::Epoch, *b"gw.health")?]).await?;
        }
        Ok(())
    }

    /// Brings the gate to rest for a fork of this process: calls under way finish, new ones wait until [`Gate::after_fork`].
    /// Blocks. Bindings call it; a program that forks with a gate open calls it too.
    pub fn before_fork(&self) {
        self.inner.keeper.rest(&self.inner);
        for (_, store) in &self.inner.stores {
            store.before_fork();
        }
    }

    /// Lets calls go on after [`Gate::before_fork`], whether the fork succeeded or not: in the parent and in the child.
    pub fn after_fork(&self) {
        for (_, store) in &self.inner.stores {
            store.after_fork();
        }
        self.inner.keep();
    }

    /// Tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { gate: &self.inner }
    }

    /// Sessions.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { gate: &self.inner }
    }

    /// Epochs: the breach response.
    #[must_use]
    pub fn epochs(&self) -> Epochs<'_> {
        Epochs { gate: &self.inner }
    }

    /// Webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { gate: &self.inner }
    }

    /// Idempotency keys.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency<'_> {
        Idempotency { gate: &self.inner }
    }

    /// What to send to a client for an error: its [`Problem`](crate::http::Problem), rendered as `[http] errors` says; where
    /// a worker that lost its lease is given the winner's answer (`stale`), that answer.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let gate = gatewright::Gate::from_policy("version = 1").await?;
    /// let response = gate.problem(&gatewright::error::IdempotencyError::KeyMissing.into());
    /// assert_eq!((response.status, response.headers[0].1.as_slice()), (400, &b"application/problem+json"[..]));
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    #[must_use]
    pub fn problem(&self, error: &Error) -> Response {
        http::answer(error, self.inner.http.errors)
    }

    /// How this gate renders errors: `[http] errors`.
    #[must_use]
    pub fn error_format(&self) -> ErrorFormat {
        self.inner.http.errors
    }

    /// Limits.
    #[must_use]
    pub fn limits(&self) -> Limits<'_> {
        Limits { gate: &self.inner, context: Context::default() }
    }

    /// Lockouts.
    #[must_use]
    pub fn lockout(&self) -> Lockout<'_> {
        Lockout { gate: &self.inner, device: None, context: Context::default() }
    }

    /// Opens another policy on the same stores, clock and entropy, and closes nothing: the old gate stays usable, and
    /// closing either ends the stores of both. A member of `testing` in the other languages.
    ///
    /// # Errors
    /// As [`Gate::from_policy`].
    #[cfg(feature = "testing")]
    pub async fn reopen(&self, text: &str) -> Result<Self> {
        let ground = self.inner.ground.clone();
        Self::start(ground.read(text, false)?, ground, &self.inner.stores).await
    }

    /// Refreshes the local view now. A member of `testing` in the other languages.
    ///
    /// # Errors
    /// `unavailable`, `closed`.
    #[cfg(feature = "testing")]
    pub async fn refresh_view(&self) -> Result<()> {
        self.inner.refresh_view().await
    }
}

impl Inner {
    /// The limits, which a call on them needs.
    fn limits(&self) -> Result<&LimitService> {
        let missing = || ConfigError::at_call("limits", "give the policy a [limits] part").into();
        self.limits.as_ref().ok_or_else(missing)
    }

    /// Starts the keeper where there is something to keep and time passes.
    fn keep(self: &Arc<Self>) {
        if self.ground.time_passes && !self.stores.is_empty() && self.host.ensure_open().is_ok() {
            self.keeper.start(self);
        }
    }

    /// How long a round of the keeper is.
    fn view_refresh(&self) -> Duration {
        self.tokens.as_ref().map_or(self.sweep_every, TokenService::view_refresh)
    }

    /// Reads the local view anew, if there is one.
    async fn refresh_view(&self) -> Result<()> {
        match &self.tokens {
            Some(tokens) if tokens.has_store() => tokens.refresh_view().await,
            _ => self.host.ensure_open(),
        }
    }

    fn need_store(&self) -> Result<()> {
        self.host.ensure_open()?;
        if self.stores.is_empty() {
            return Err(ConfigError::at_call("store", "give the policy a store").into());
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<u64> {
        let mut removed = 0;
        for (_, store) in &self.stores {
            loop {
                self.host.ensure_open()?;
                let batch = store.sweep(None, MAX_LIST).await?;
                removed += batch;
                if batch < MAX_LIST as u64 {
                    break;
                }
                // A store in memory never waits, and others have work on this thread.
                tokio::task::yield_now().await;
            }
        }
        Ok(removed)
    }

    /// The idempotency of this gate.
    fn idempotency(&self) -> Result<&IdempotencyService> {
        let missing = || ConfigError::at_call("idempotency", "give the policy an [idempotency] part").into();
        self.idempotency.as_ref().ok_or_else(missing)
    }

    /// The tokens of this gate.
    fn tokens(self: &Arc<Self>) -> Result<&TokenService> {
        let missing = || ConfigError::at_call("tokens", "give the policy a [tokens] part");
        let tokens = self.tokens.as_ref().ok_or_else(missing)?;
        if tokens.view_is_due() {
            // After a fork that nobody announced, the keeper is missing here.
            self.keep();
        }
        Ok(tokens)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.keeper.let_go();
    }
}

/// The store at a place: one that is open, or a new one.
fn store_at(url: Option<StoreUrl>, stores: &mut Stores, open: &Stores, ground: &Ground) -> Result<Option<Arc<dyn Store>>> {
    let Some(url) = url else { return Ok(None) };
    if let Some((_, store)) = stores.iter().find(|(known, _)| *known == url) {
        return Ok(Some(Arc::clone(store)));
    }
    let store = match open.iter().find(|(known, _)| *known == url) {
        Some((_, store)) => Arc::clone(store),
        // A clock that is set may be set back, and must then find what it found before.
        None if !ground.time_passes && url == StoreUrl::Memory => Arc::new(store::MemoryStore::new(Arc::clone(&ground.clock)).keep_expired()),
        None => store::open(&url, Arc::clone(&ground.clock))?,
    };
    stores.push((url, Arc::clone(&store)));
    Ok(Some(store))
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}
