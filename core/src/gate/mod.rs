//! The facade: a policy document, opened.

mod builder;
mod epochs;
mod sessions;
mod tokens;
mod webhooks;

use std::path::Path;
use std::sync::Arc;

pub use builder::GateBuilder;
pub use epochs::Epochs;
pub use sessions::Sessions;
pub use tokens::Tokens;
pub use webhooks::{Verified, Webhooks};

use crate::error::Result;
use crate::event::Event;
use crate::webhook::service::WebhookService;

/// An opened policy document. Cheap to clone; all clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) webhooks: WebhookService,
}

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

    /// Opens the stores of a checked policy and makes the services ready.
    async fn start(_policy: crate::config::Policy, _ground: builder::Ground) -> Result<Self> {
        unimplemented!()
    }

    /// Ends the gate: calls under way finish, later ones are `closed`. Closing again does nothing.
    pub async fn close(&self) {
        unimplemented!()
    }

    /// Calls `sink` with every decision, on the thread that decided.
    pub fn on_event(&self, _sink: impl Fn(&Event) + Send + Sync + 'static) {
        unimplemented!()
    }

    /// Deletes expired records in bounded batches until none is left, and says how many.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid` without a store.
    pub async fn sweep(&self) -> Result<u64> {
        unimplemented!()
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid` without a store.
    pub async fn health(&self) -> Result<()> {
        unimplemented!()
    }

    /// Brings the stores to rest for a fork of this process: calls under way finish, new ones wait until [`Gate::after_fork`]. Blocks.
    /// Bindings call it; a program that forks with a gate open calls it too.
    pub fn before_fork(&self) {
        unimplemented!()
    }

    /// Lets calls go on after [`Gate::before_fork`], whether the fork succeeded or not: in the parent and in the child.
    pub fn after_fork(&self) {
        unimplemented!()
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

    /// Opens another policy on the same store, clock and entropy, and closes nothing: the old gate stays usable.
    /// A member of `testing` in the other languages.
    ///
    /// # Errors
    /// As [`Gate::from_policy`].
    #[cfg(feature = "testing")]
    pub async fn reopen(&self, _text: &str) -> Result<Self> {
        unimplemented!()
    }

    /// Refreshes the local view now. A member of `testing` in the other languages.
    ///
    /// # Errors
    /// `unavailable`, `closed`.
    #[cfg(feature = "testing")]
    pub async fn refresh_view(&self) -> Result<()> {
        unimplemented!()
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}
