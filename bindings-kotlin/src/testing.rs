//! For tests and vectors: a clock that is set, entropy from a seed, an environment that is given.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gatewright::Gate;
use gatewright::gate::GateBuilder;
use gatewright::testing::{Environment, ManualClock, SeededEntropy};
use gatewright::time::Timestamp;
use gatewright::tokens::jws::verify_suite;

use crate::decision::FfiDecided;
use crate::fault::FfiException;
use crate::gate::FfiGate;
use crate::runtime::detached;

/// What gates of a test are opened with. What is absent is the host's own.
#[derive(uniffi::Object)]
pub struct FfiTestHost {
    clock: Option<Arc<ManualClock>>,
    entropy: Option<Arc<SeededEntropy>>,
    environment: Option<Environment>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "see gatewright::testing")]
#[allow(clippy::missing_errors_doc, reason = "see gatewright::testing")]
impl FfiTestHost {
    /// `now` in microseconds since the epoch.
    #[uniffi::constructor]
    #[must_use]
    pub fn new(now: Option<i64>, seed: Option<Vec<u8>>, environment: Option<HashMap<String, String>>) -> Arc<Self> {
        Arc::new(Self {
            clock: now.map(|now| Arc::new(ManualClock::new(Timestamp::from_micros(now)))),
            entropy: seed.map(|seed| Arc::new(SeededEntropy::new(seed))),
            environment,
        })
    }

    /// Sets the clock; says whether there is one to set.
    #[must_use]
    pub fn set_now(&self, now: i64) -> bool {
        self.clock.as_ref().inspect(|clock| clock.set(Timestamp::from_micros(now))).is_some()
    }

    pub async fn open(&self, path: String) -> Result<Arc<FfiGate>, FfiException> {
        let builder = self.builder();
        detached(async move { builder.open(&PathBuf::from(path)).await }).await.map(FfiGate::new)
    }

    pub async fn from_policy(&self, text: String) -> Result<Arc<FfiGate>, FfiException> {
        let builder = self.builder();
        detached(async move { builder.from_policy(&text).await }).await.map(FfiGate::new)
    }
}

impl FfiTestHost {
    fn builder(&self) -> GateBuilder {
        let mut builder = Gate::builder();
        if let Some(clock) = &self.clock {
            builder = builder.clock(Arc::<ManualClock>::clone(clock));
        }
        if let Some(entropy) = &self.entropy {
            builder = builder.entropy(Arc::<SeededEntropy>::clone(entropy));
        }
        if let Some(environment) = &self.environment {
            builder = builder.environment(environment.clone());
        }
        builder
    }
}

/// Verifies a token of a published signature suite: all rules on size, form, header and signature, none on type and claims.
/// A key is a JWK or `{kid, alg, secret}`, as JSON text.
///
/// # Errors
/// The code of the first rule that is broken.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn verify_jws(keys: Vec<String>, jws: String) -> Result<Vec<u8>, FfiException> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Ok(verify_suite(&keys, &jws)?)
}

/// Reads a decision written as JSON; none of a text that is no decision.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
#[must_use]
pub fn read_decision(json: String) -> Option<FfiDecided> {
    gatewright::testing::read_decision(&json).map(FfiDecided::from)
}

#[uniffi::export]
#[allow(missing_docs, reason = "see gatewright::Gate")]
#[allow(clippy::missing_errors_doc, reason = "see gatewright::Gate")]
impl FfiGate {
    pub async fn reopen(&self, text: String) -> Result<Arc<Self>, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.reopen(&text).await }).await.map(Self::new)
    }

    pub async fn refresh_view(&self) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.refresh_view().await }).await
    }
}
