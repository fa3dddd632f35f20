//! Audit events: every decision can be observed. Never a secret, a token or an e-mail.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::time::Timestamp;

/// What the caller knows about the request that led to a call. It goes to events and session records only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Context {
    pub request_id: Option<String>,
    pub trace_id: Option<String>,
    pub method: Option<String>,
    pub endpoint: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done: `token_issued`, `token_refresh`, `session_revoked`, `epoch_bumped`, `webhook_verified`, …
    pub kind: &'static str,
    /// When, by the clock that decided.
    pub at: Timestamp,
    /// What came of it: an outcome or an error code.
    pub outcome: &'static str,
    /// Whose tenant, where known.
    pub tenant: Option<String>,
    /// Who, where known.
    pub subject: Option<String>,
    /// The second half of the family id in hex, or a key digest; the first half would be a pseudonym of the user.
    pub id: Option<String>,
    /// What else is known, as text.
    pub details: Vec<(&'static str, String)>,
    /// The request it belongs to.
    pub context: Context,
}

impl Event {
    pub(crate) fn new(kind: &'static str, at: Timestamp, outcome: &'static str, context: &Context) -> Self {
        Self { kind, at, outcome, tenant: None, subject: None, id: None, details: Vec::new(), context: context.clone() }
    }
}

/// Receives events, on the thread that decided. It may call the gate. If it panics, the call that decided goes on.
pub type Sink = Arc<dyn Fn(&Event) + Send + Sync>;

/// The sinks of one gate.
#[derive(Default)]
pub struct Events {
    sinks: RwLock<Vec<Sink>>,
    /// Whether there are any: read on every decision, where the lock would cost more than the decision.
    any: AtomicBool,
}

impl Events {
    /// Adds a sink.
    pub fn subscribe(&self, sink: Sink) {
        self.sinks.write().unwrap_or_else(PoisonError::into_inner).push(sink);
        self.any.store(true, Ordering::Release);
    }

    /// Whether anybody would see an event; building one costs more than some decisions do.
    pub(crate) fn are_wanted(&self) -> bool {
        tracing::enabled!(target: "gatewright", tracing::Level::INFO) || self.any.load(Ordering::Acquire)
    }

    /// Sends an event to `tracing` and every sink. What an event tells of has been decided and written: a sink that panics must
    /// not take the answer from the caller, who would lose a token that was just rotated.
    pub(crate) fn emit(&self, event: &Event) {
        tracing::info!(target: "gatewright", kind = event.kind, outcome = event.outcome, id = event.id.as_deref(), "decision");
        let sinks = self.sinks.read().unwrap_or_else(PoisonError::into_inner).clone();
        for sink in sinks {
            // The panic hook has reported it; the sink is the host's, and nothing of ours is half done here.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sink(event)));
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn a_sink_that_panics_stops_neither_the_call_nor_the_other_sinks() {
        let seen = Arc::new(AtomicU32::new(0));
        let events = Events::default();
        events.subscribe(Arc::new(|_| panic!("a fault of the host's sink")));
        let counted = Arc::clone(&seen);
        events.subscribe(Arc::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        let event = Event {
            kind: "test",
            at: Timestamp::from_micros(0),
            outcome: "issued",
            tenant: None,
            subject: None,
            id: None,
            details: Vec::new(),
            context: Context::default(),
        };
        events.emit(&event);
        events.emit(&event);
        assert_eq!(seen.load(Ordering::SeqCst), 2);
    }
}
