//! Refusals of a shared store, answered again for a moment without it.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;

use super::decide::{Item, Op, Outcomes, decide};
use super::layout::Stored;
use super::service::Wanted;
use crate::time::{Clock, Timestamp, micros};

/// For how long at most, in µs: then another process may have given units back.
const MAX_AGE: i64 = 1_000_000;
/// By how much, in µs, the clock of the wall may have gone otherwise than the one that never goes back: more is a step.
const MAX_STEP: i64 = 1_000;
/// How many numbers all subjects share.
const GENERATIONS: usize = 1_024;
const ENTRIES: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// The last refusals by the keys of their subjects.
#[derive(Debug)]
pub(super) struct DenyCache {
    entries: Mutex<LruCache<Vec<u8>, Refusal>>,
    /// How often subjects were forgotten, by their hashes: those that share a number are taken for each other.
    generations: [AtomicU64; GENERATIONS],
    hasher: RandomState,
}

/// What was known of a subject when its store was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// A refusal, and the state that it was decided on: the same rule decides again on it, to the microsecond.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    cost: u32,
    layout: u32,
    stored: Option<Stored>,
    retry_after: i64,
    /// The store's clock.
    now: Timestamp,
    seen: Seen,
}

impl Refusal {
    pub(super) fn new(item: &Item, stored: Option<Stored>, outcomes: &Outcomes, now: Timestamp, seen: Seen) -> Self {
        let retry_after = outcomes.iter().map(|tier| tier.retry_after).max().unwrap_or(0);
        Self { cost: item.cost, layout: item.layout.number(), stored, retry_after, now, seen }
    }
}

/// Both clocks of the host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    wall: Timestamp,
    monotonic: Duration,
}

impl Seen {
    pub(super) fn at(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic() }
    }

    /// How many µs have passed on the wall; none where that clock was set meanwhile, as the store's may have been.
    fn until(self, later: Self) -> Option<i64> {
        let passed = micros(later.monotonic.saturating_sub(self.monotonic));
        let on_the_wall = later.wall.as_micros().saturating_sub(self.wall.as_micros());
        (on_the_wall >= 0 && on_the_wall.saturating_sub(passed).abs() <= MAX_STEP).then_some(on_the_wall)
    }
}

impl DenyCache {
    pub(super) fn new() -> Self {
        let generations = std::array::from_fn(|_| AtomicU64::new(0));
        Self { entries: Mutex::new(LruCache::new(ENTRIES)), generations, hasher: RandomState::new() }
    }

    /// To be read before the store is asked.
    pub(super) fn generation(&self, key: &[u8]) -> Generation {
        Generation(self.count(key).map_or(0, |count| count.load(Ordering::Acquire)))
    }

    /// Takes note of a refusal, unless its subject was forgotten after the store had been asked: then nobody knows which came first there.
    pub(super) fn refused(&self, key: &[u8], asked_in: Generation, refusal: Refusal) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation(key) == asked_in {
            entries.put(key.to_vec(), refusal);
        }
    }

    /// The refusal of a cost not below the one that was refused, as the store would say it now if nobody else has asked it meanwhile.
    pub(super) fn find(&self, key: &[u8], item: &Item, seen: Seen) -> Option<(Timestamp, Outcomes)> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = entries.get(key).filter(|refusal| refusal.layout == item.layout.number() && refusal.cost <= item.cost)?;
        let passed = refusal.seen.until(seen).filter(|passed| *passed < refusal.retry_after.min(MAX_AGE))?;
        let now = refusal.now.plus(Duration::from_micros(passed.unsigned_abs()));
        let (items, _) = decide(Op::Peek, &[(item, refusal.stored.as_deref())], now);
        let outcomes = items.into_iter().next()?;
        outcomes.iter().any(|tier| !tier.allowed).then_some((now, outcomes))
    }

    /// Forgets subjects whose states may have changed.
    pub(super) fn forget(&self, wanted: &[Wanted]) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for key in wanted.iter().filter_map(|one| one.key.text()) {
            if let Some(count) = self.count(key) {
                count.fetch_add(1, Ordering::Release);
            }
            entries.pop(key);
        }
    }

    fn count(&self, key: &[u8]) -> Option<&AtomicU64> {
        let hash = usize::try_from(self.hasher.hash_one(key) % GENERATIONS as u64).ok()?;
        self.generations.get(hash)
    }
}
