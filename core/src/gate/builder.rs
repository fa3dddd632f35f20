//! How a gate is opened.

use std::path::Path;
use std::sync::Arc;

use crate::config::{self, Policy, Source};
use crate::entropy::{Entropy, OsEntropy};
use crate::error::Result;
use crate::gate::Gate;
use crate::idempotency::InForce;
use crate::time::{Clock, SystemClock};

/// Opens a gate; in tests with a clock, entropy and environment of their own.
pub struct GateBuilder {
    ground: Ground,
}

/// What a gate takes from its host.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// Whether the clock goes by itself; one that stands still until it is set leaves nothing to do in the background.
    pub(super) time_passes: bool,
    /// What decides on operations under way, however often another policy is opened on their store.
    pub(super) idempotency: InForce,
    #[cfg(feature = "testing")]
    environment: Option<Arc<crate::testing::Environment>>,
}

impl Default for GateBuilder {
    fn default() -> Self {
        let ground = Ground {
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(OsEntropy),
            time_passes: true,
            idempotency: InForce::default(),
            #[cfg(feature = "testing")]
            environment: None,
        };
        Self { ground }
    }
}

impl Ground {
    /// Reads a policy document that is given as text, or as `data` that a program wrote.
    pub(super) fn read(&self, text: &str, as_data: bool) -> Result<Policy> {
        config::load(text, &Source { as_data, ..Source::default() }, &|name| self.variable(name))
    }

    /// A variable of the environment; none for one that is not UTF-8.
    fn variable(&self, name: &str) -> Option<String> {
        #[cfg(feature = "testing")]
        if let Some(environment) = &self.environment {
            return environment.get(name).cloned();
        }
        std::env::var(name).ok()
    }
}

impl GateBuilder {
    /// Replaces the host's clock and, for memory and SQLite stores, the store's.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.ground.clock = clock;
        self.ground.time_passes = false;
        self
    }

    /// Replaces the operating system's randomness.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.ground.entropy = entropy;
        self
    }

    /// Replaces the environment that `${NAME}` reads.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn environment(mut self, environment: crate::testing::Environment) -> Self {
        self.ground.environment = Some(Arc::new(environment));
        self
    }

    /// Opens the policy document in a file.
    ///
    /// # Errors
    /// As [`Gate::open`].
    pub async fn open(self, path: &Path) -> Result<Gate> {
        let policy = config::load_file(path, &|name| self.ground.variable(name))?;
        Gate::start(policy, self.ground, &Vec::new()).await
    }

    /// Opens a policy document given as text.
    ///
    /// # Errors
    /// As [`Gate::from_policy`].
    pub async fn from_policy(self, text: &str) -> Result<Gate> {
        let policy = self.ground.read(text, false)?;
        Gate::start(policy, self.ground, &Vec::new()).await
    }

    /// Opens a policy that a program holds as data and wrote as JSON: its problems have no lines, which would mean nothing to
    /// whoever made the data.
    ///
    /// # Errors
    /// As [`Gate::from_policy`].
    pub async fn from_policy_data(self, json: &str) -> Result<Gate> {
        let policy = self.ground.read(json, true)?;
        Gate::start(policy, self.ground, &Vec::new()).await
    }
}

impl std::fmt::Debug for GateBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GateBuilder")
    }
}
