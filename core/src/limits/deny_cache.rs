//! Refusals of a shared store, answered again for a moment without it.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;

use super::decide::Outcomes;
use crate::time::Timestamp;

/// For how long at most, in µs: then another process may have given units back.
const MAX_AGE: i64 = 1_000_000;
const ENTRIES: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// The last refusals by the keys of their subjects.
#[derive(Debug)]
pub(super) struct DenyCache {
    entries: Mutex<LruCache<Vec<u8>, Refusal>>,
}

#[derive(Debug, Clone)]
struct Refusal {
    cost: u32,
    layout: u32,
    outcomes: Outcomes,
    now: Timestamp,
    /// The host's clock that never goes back.
    seen_at: Duration,
}

impl DenyCache {
    pub(super) fn new() -> Self {
        Self { entries: Mutex::new(LruCache::new(ENTRIES)) }
    }

    /// Takes note of a refusal.
    pub(super) fn refused(&self, key: &[u8], layout: u32, cost: u32, outcomes: &Outcomes, now: Timestamp, seen_at: Duration) {
        let refusal = Refusal { cost, layout, outcomes: outcomes.clone(), now, seen_at };
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).put(key.to_vec(), refusal);
    }

    /// The refusal that still stands for a cost not below the one that was refused, and the time that it is by now.
    pub(super) fn find(&self, key: &[u8], layout: u32, cost: u32, at: Duration) -> Option<(Timestamp, Outcomes)> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = entries.get(key).filter(|refusal| refusal.layout == layout && refusal.cost <= cost)?;
        let passed = crate::time::micros(at.saturating_sub(refusal.seen_at));
        let retry_after = refusal.outcomes.iter().map(|tier| tier.retry_after).max().unwrap_or(0);
        if passed >= retry_after.min(MAX_AGE) {
            return None;
        }
        let mut outcomes = refusal.outcomes.clone();
        for tier in &mut outcomes {
            tier.retry_after = (tier.retry_after - passed).max(0);
            tier.next_unit = (tier.next_unit - passed).max(0);
        }
        Some((refusal.now.plus(Duration::from_micros(passed.unsigned_abs())), outcomes))
    }

    /// Forgets a subject, of which units were given back.
    pub(super) fn forget(&self, key: &[u8]) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).pop(key);
    }
}
