//! The store in this process's memory: gone with it.

mod cursor;
mod meters;
mod shard;
mod slab;

use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cursor::Cursor;
pub use meters::Meters;
pub(crate) use meters::One;
pub(crate) use meters::{Asked, PolicyMeters};
use shard::{Shard, hash_id};

use super::contract::{self, Key, Kind, Listed, Loaded, MAX_LIST, Store, StoreFuture, Swap, SwapReply};
use super::meter::{self, MeterItem, MeterOp, Metered};
use crate::error::{Error, Result};
use crate::time::Clock;

const SHARDS: usize = 64;
/// How many places one insertion looks at for something that has expired.
const SWEPT_BY_AN_INSERTION: u32 = 4;
const PLACES_LOOKED_AT_WHEN_FULL: u32 = 4096;

/// A store in memory. It is shared by whoever holds the same `Arc` of it; nothing of it outlives the process.
///
/// Records are spread over 64 locks; one with a value of 450 bytes takes under 600. An expired record is absent at once and its
/// memory is given back by later insertions and by `sweep`. At the cap a new record is `unavailable`: a live one is never
/// evicted, because a forgotten nonce is a replay.
///
/// ```
/// # use std::sync::Arc;
/// use gatewright::store::{Expect, Key, Kind, MemoryStore, Next, Store, Swap, Swapped};
/// use gatewright::time::{SystemClock, Timestamp};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(Arc::new(SystemClock::new()));
/// let key = Key::new(Kind::Nonce, *b"an id of a claim")?;
/// let loaded = store.load(&[key.clone()]).await?;
/// let next = Next::Put { group: None, expires_at: Timestamp::MAX, value: vec![1] };
/// let reply = store.swap(Swap { key, expect: Expect::Absent, next, decided_at: loaded.now }).await?;
/// assert!(matches!(reply.outcome, Swapped::Written(_)));
/// # Ok::<(), gatewright::Error>(()) }).unwrap();
/// ```
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    hashes: RandomState,
    shards: Box<[Mutex<Shard>]>,
    meters: Arc<Meters>,
    records: AtomicUsize,
    max_records: usize,
    swept_by_an_insertion: u32,
    /// Where the next sweep begins.
    sweep_at: AtomicUsize,
    closed: AtomicBool,
}

impl MemoryStore {
    /// How many records a store holds at most unless told otherwise.
    pub const DEFAULT_MAX_RECORDS: usize = 1_000_000;

    /// An empty store with this clock and room for [`Self::DEFAULT_MAX_RECORDS`].
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::new())).collect();
        Self {
            clock,
            hashes: RandomState::new(),
            shards,
            meters: Arc::new(Meters::new()),
            records: AtomicUsize::new(0),
            max_records: Self::DEFAULT_MAX_RECORDS,
            swept_by_an_insertion: SWEPT_BY_AN_INSERTION,
            sweep_at: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// The same with room for so many records. Writers that race at the cap may pass it by one each. How many meters there are each
    /// policy of limits says for itself.
    #[must_use]
    pub const fn max_records(mut self, max_records: usize) -> Self {
        self.max_records = max_records;
        self
    }

    /// The same, but what has expired stays until `sweep` or the cap removes it. For clocks that are set by hand: set back, one
    /// finds the same records however many were added meanwhile.
    #[must_use]
    pub fn keep_expired(mut self) -> Self {
        self.swept_by_an_insertion = 0;
        self.meters = Arc::new(Meters::new().keep_refilled());
        self
    }

    fn load_now(&self, keys: &[Key]) -> Result<Loaded> {
        contract::check_load(keys)?;
        self.ensure_open()?;
        let now = self.clock.now();
        let load = |key: &Key| self.shard_of(key).and_then(|shard| shard.load(&self.hashes, key, now));
        Ok(Loaded { now, records: keys.iter().map(load).collect() })
    }

    fn swap_now(&self, swap: &Swap) -> Result<SwapReply> {
        swap.check()?;
        self.ensure_open()?;
        if let Some(reply) = self.try_swap(swap) {
            return Ok(reply);
        }
        self.make_room();
        self.try_swap(swap).ok_or(Error::unavailable("the memory store, which is full,"))
    }

    /// Swaps, if there is room for what is added.
    fn try_swap(&self, swap: &Swap) -> Option<SwapReply> {
        let mut shard = self.shard_of(&swap.key)?;
        let now = self.clock.now();
        let room = self.records.load(Ordering::Relaxed) < self.max_records;
        let (outcome, change) = shard.swap(&self.hashes, now, swap, room, self.swept_by_an_insertion);
        self.records.fetch_add(change.added, Ordering::Relaxed);
        self.records.fetch_sub(change.removed, Ordering::Relaxed);
        Some(SwapReply { now, outcome: outcome? })
    }

    /// Looks for expired records at some places further on: so many that a refusal stays cheap, and the next one looks elsewhere.
    fn make_room(&self) {
        let (now, mut places) = (self.clock.now(), PLACES_LOOKED_AT_WHEN_FULL);
        for _ in 0..SHARDS {
            let at = self.sweep_at.fetch_add(1, Ordering::Relaxed) % SHARDS;
            let Some(mut shard) = self.shard(at) else { continue };
            let looked_at = shard.places().min(places);
            let removed = shard.sweep(&self.hashes, None, now, usize::MAX, looked_at);
            drop(shard);
            self.records.fetch_sub(removed, Ordering::Relaxed);
            places -= looked_at;
            if removed > 0 || places == 0 {
                break;
            }
        }
    }

    fn list_now(&self, kind: Kind, group: Option<&[u8]>, cursor: Option<&[u8]>, limit: usize) -> Result<Listed> {
        self.ensure_open()?;
        let limit = limit.clamp(1, MAX_LIST);
        let from = cursor.map_or(Ok(Cursor::START), Cursor::read)?;
        let now = self.clock.now();
        let (mut records, mut position) = (Vec::new(), from.position);
        for at in from.shard..SHARDS {
            let Some(shard) = self.shard(at) else { break };
            // A full page ends in front of the next shard without a look into it: the page after may be empty.
            if records.len() >= limit {
                return Ok(Listed { now, records, cursor: Some(Cursor { shard: at, position: None }.write()) });
            }
            if let Some(position) = shard.list(&self.hashes, (kind, group), position, now, limit, &mut records) {
                return Ok(Listed { now, records, cursor: Some(Cursor { shard: at, position: Some(position) }.write()) });
            }
            position = None;
        }
        Ok(Listed { now, records, cursor: None })
    }

    fn sweep_now(&self, kind: Option<Kind>, limit: usize) -> Result<u64> {
        self.ensure_open()?;
        let (now, limit) = (self.clock.now(), limit.min(MAX_LIST));
        let (start, mut removed) = (self.sweep_at.load(Ordering::Relaxed) % SHARDS, 0);
        for at in (start..start + SHARDS).map(|at| at % SHARDS) {
            self.sweep_at.store(at, Ordering::Relaxed);
            if removed >= limit {
                break;
            }
            let Some(mut shard) = self.shard(at) else { continue };
            let from_this = shard.sweep(&self.hashes, kind, now, limit - removed, u32::MAX);
            drop(shard);
            self.records.fetch_sub(from_this, Ordering::Relaxed);
            removed += from_this;
        }
        if kind.is_none() {
            removed += self.meters.sweep(self.clock.steady(), limit - removed);
        }
        Ok(removed as u64)
    }

    fn ensure_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::Closed) } else { Ok(()) }
    }

    fn shard_of(&self, key: &Key) -> Option<MutexGuard<'_, Shard>> {
        // The hash tables of the shards use the low bits and the top seven.
        self.shard((hash_id(&self.hashes, key.kind, key.id()) >> 48) as usize % SHARDS)
    }

    fn shard(&self, at: usize) -> Option<MutexGuard<'_, Shard>> {
        Some(self.shards.get(at)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for MemoryStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        Box::pin(async move { self.load_now(keys) })
    }

    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        Box::pin(async move { self.swap_now(&swap) })
    }

    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed> {
        Box::pin(async move { self.list_now(kind, group, cursor, limit) })
    }

    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64> {
        Box::pin(async move { self.sweep_now(kind, limit) })
    }

    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered> {
        Box::pin(async move {
            meter::check(op, bundle)?;
            self.ensure_open()?;
            Ok(self.meters.meter(op, bundle, &*self.clock))
        })
    }

    fn memory_meters(&self) -> Option<Arc<Meters>> {
        Some(Arc::clone(&self.meters))
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.closed.store(true, Ordering::Release);
            self.meters.clear();
            for at in 0..SHARDS {
                if let Some(mut shard) = self.shard(at) {
                    *shard = Shard::new();
                }
            }
            Ok(())
        })
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("records", &self.records).field("max_records", &self.max_records).finish_non_exhaustive()
    }
}
