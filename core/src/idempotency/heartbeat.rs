//! The heartbeat: renews the leases of operations under way, until they end or have taken 15 minutes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::operation::{Beat, Operation};
use crate::host::Host;

/// When an operation's lease is to be renewed: by the host's monotonic clock, and a number to tell equals apart.
pub(super) type Due = (Duration, u64);

/// The operations under way, by when their leases are to be renewed.
pub(crate) struct Heartbeat {
    host: Arc<Host>,
    /// Whether there is a thread that renews: none where the clock stands still until it is set.
    is_on: bool,
    watched: Mutex<Watched>,
    sooner: Notify,
}

#[derive(Default)]
struct Watched {
    operations: BTreeMap<Due, Weak<Operation>>,
    numbers: u64,
    /// When the thread looks again of itself.
    next_look: Option<Duration>,
    /// The process whose operations these are, once its thread runs.
    process: Option<u32>,
}

impl Heartbeat {
    pub(super) fn new(host: Arc<Host>, is_on: bool) -> Self {
        Self { host, is_on, watched: Mutex::default(), sooner: Notify::new() }
    }

    /// Renews the lease of this operation after so long. Gives what [`Heartbeat::forget`] wants.
    pub(super) fn watch(&self, operation: &Arc<Operation>, after: Duration) -> Option<Due> {
        if !self.is_on {
            return None;
        }
        let at = self.host.clock.monotonic() + after;
        let mut watched = self.lock();
        watched.numbers += 1;
        let due = (at, watched.numbers);
        watched.operations.insert(due, Arc::downgrade(operation));
        // While many short operations come and go, the thread is woken once for all of them.
        if watched.next_look.is_none_or(|next| at < next) {
            watched.next_look = Some(at);
            drop(watched);
            self.sooner.notify_one();
        }
        Some(due)
    }

    pub(super) fn forget(&self, due: Due) {
        self.lock().operations.remove(&due);
    }

    /// Renews, for ever. Runs on the keeper's thread.
    pub(crate) async fn beat(self: Arc<Self>) {
        self.begin_in(std::process::id());
        loop {
            let now = self.host.clock.monotonic();
            for operation in self.take_due(now) {
                let heartbeat = Arc::clone(&self);
                tokio::spawn(async move { heartbeat.renew(&operation).await });
            }
            let next_look = {
                let mut watched = self.lock();
                watched.next_look = watched.operations.first_key_value().map(|((at, _), _)| *at);
                watched.next_look
            };
            match next_look {
                Some(at) => {
                    tokio::select! {
                        () = tokio::time::sleep(at.saturating_sub(now)) => {}
                        () = self.sooner.notified() => {}
                    }
                }
                None => self.sooner.notified().await,
            }
        }
    }

    /// In a child of a fork the operations of its parent are forgotten: who is at them is the parent.
    fn begin_in(&self, process: u32) {
        let mut watched = self.lock();
        if watched.process.replace(process).is_some_and(|of| of != process) {
            watched.operations.clear();
            watched.next_look = None;
        }
    }

    fn take_due(&self, now: Duration) -> Vec<Arc<Operation>> {
        let mut watched = self.lock();
        let later = watched.operations.split_off(&(now, u64::MAX));
        std::mem::replace(&mut watched.operations, later).into_values().filter_map(|operation| operation.upgrade()).collect()
    }

    async fn renew(&self, operation: &Arc<Operation>) {
        if let Beat::Again(after) = operation.beat().await
            && let Some(due) = self.watch(operation, after)
        {
            operation.is_watched(due);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
