//! The gate: opening, closing and what belongs to it as a whole.

use std::path::PathBuf;
use std::sync::Arc;

use gatewright::error::{ConfigError, Problem};
use gatewright::{Error, Gate};

use crate::event::{FfiEvent, FfiEventSink};
use crate::fault::FfiException;
use crate::runtime::{awaited, detached};

/// An opened policy document.
#[derive(uniffi::Object)]
pub struct FfiGate {
    pub(crate) gate: Gate,
}

impl FfiGate {
    pub(crate) fn new(gate: Gate) -> Arc<Self> {
        Arc::new(Self { gate })
    }
}

/// Opens the policy document in a file.
///
/// # Errors
/// `config_invalid`, `unavailable`.
#[uniffi::export]
pub async fn open_gate(path: String) -> Result<Arc<FfiGate>, FfiException> {
    detached(async move { Gate::open(PathBuf::from(path)).await }).await.map(FfiGate::new)
}

/// Opens a policy document given as text, TOML or JSON. Where the host wrote the text itself from `data`, its lines mean
/// nothing and are left out of the problems.
///
/// # Errors
/// `config_invalid`, `unavailable`.
#[uniffi::export]
pub async fn gate_from_policy(text: String, data: bool) -> Result<Arc<FfiGate>, FfiException> {
    let call = async move {
        let opened = Gate::from_policy(&text).await;
        if data { opened.map_err(without_lines) } else { opened }
    };
    detached(call).await.map(FfiGate::new)
}

fn without_lines(error: Error) -> Error {
    match error {
        Error::Config(config) => {
            let problems = config.problems().iter().cloned().map(|problem| Problem { line: None, ..problem }).collect();
            Error::Config(ConfigError::new(problems))
        }
        other => other,
    }
}

#[uniffi::export]
impl FfiGate {
    /// Closes it and waits until it is closed; a listener that closes its own gate does not wait, for it would wait for
    /// itself.
    ///
    /// # Errors
    /// `unavailable` where no thread could be started.
    pub fn shut(&self) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        awaited(async move { gate.close().await })
    }

    /// Calls `sink` with every decision.
    pub fn on_event(&self, sink: Arc<dyn FfiEventSink>) {
        self.gate.on_event(move |event| {
            // A decision stands whether or not anybody could be told of it.
            let _ = sink.on_event(FfiEvent::from(event));
        });
    }

    /// Deletes expired records.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid`.
    pub async fn sweep(&self) -> Result<i64, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.sweep().await }).await.map(signed)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid`.
    pub async fn health(&self) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.health().await }).await
    }
}

/// Kotlin has no unsigned numbers in a public API worth having; counts and versions fit below 2^63 for ever.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
