//! The mark of work under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says that SQLite is at work in this process: what must not be when it forks.
pub(super) struct AtWork(Arc<AtomicUsize>);

impl AtWork {
    pub(super) fn new(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counter))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
