//! Ends that the store has not heard yet: how many of them may wait in memory.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for the ends that wait for the store to come back. One that finds none is left to its lease.
pub(super) struct LateEnds(Arc<Semaphore>);

impl LateEnds {
    /// A place, for as long as what is given lives.
    pub(super) fn take_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

impl Default for LateEnds {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_WAITING)))
    }
}

/// Each holds one answer, so this times the largest stored body is what an outage can cost in memory.
const MAX_WAITING: usize = 256;
