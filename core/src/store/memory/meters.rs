//! The meters of the memory store: hashed keys, each shard under a lock of its own.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::gcra::Tat;
use crate::store::meter::{Change, MeterItem, MeterOp, Metered, Stored, decide};
use crate::time::{Clock, Timestamp};

const SHARDS: usize = 64;
/// How many states are compared for the one that is evicted.
const SAMPLE: usize = 8;

/// The states of all subjects. A key is kept as a 128-bit hash under a secret of this process: nobody can choose keys that meet.
#[derive(Debug)]
pub(super) struct Meters {
    hashes: [RandomState; 2],
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug, Default)]
struct Shard {
    states: HashMap<u128, Stored>,
    /// How many were added since the refilled ones were last looked for.
    added: usize,
}

impl Meters {
    pub(super) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hashes: [RandomState::new(), RandomState::new()], shards }
    }

    /// Decides a bundle under the locks of its shards, taken in ascending order.
    pub(super) fn meter(&self, op: MeterOp, bundle: &[MeterItem], clock: &dyn Clock, max_keys: usize) -> Metered {
        let keys: Vec<u128> = bundle.iter().map(|item| self.key(&item.key)).collect();
        let mut needed: Vec<usize> = keys.iter().map(|key| shard_of(*key)).collect();
        needed.sort_unstable();
        needed.dedup();
        let mut locked: Vec<(usize, MutexGuard<'_, Shard>)> = Vec::with_capacity(needed.len());
        for at in needed {
            if let Some(shard) = self.shards.get(at) {
                locked.push((at, shard.lock().unwrap_or_else(PoisonError::into_inner)));
            }
        }
        let now = clock.now();
        let find = |key: &u128| locked.iter().find(|(at, _)| *at == shard_of(*key))?.1.states.get(key).cloned();
        let stored: Vec<Option<Stored>> = keys.iter().map(find).collect();
        let (metered, changes) = decide(op, bundle, &stored, now);
        for (key, change) in keys.into_iter().zip(changes) {
            let Some((_, shard)) = locked.iter_mut().find(|(at, _)| *at == shard_of(key)) else { continue };
            match change {
                Change::Keep => {}
                Change::Put(state) => shard.put(key, state, now, max_keys.div_ceil(SHARDS)),
                Change::Remove => drop(shard.states.remove(&key)),
            }
        }
        metered
    }

    /// Drops up to `limit` states that are full buckets again, which is what an absent one is.
    pub(super) fn sweep(&self, now: Timestamp, limit: usize) -> usize {
        let mut removed = 0;
        for shard in &self.shards {
            if removed >= limit {
                break;
            }
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.states.retain(|_, state| {
                let keep = removed >= limit || !is_full(state, now);
                removed += usize::from(!keep);
                keep
            });
        }
        removed
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = Shard::default();
        }
    }

    fn key(&self, key: &[u8]) -> u128 {
        let [high, low] = &self.hashes;
        u128::from(high.hash_one(key)) << 64 | u128::from(low.hash_one(key))
    }
}

impl Shard {
    fn put(&mut self, key: u128, state: Stored, now: Timestamp, max_keys: usize) {
        if let Some(place) = self.states.get_mut(&key) {
            *place = state;
            return;
        }
        if self.states.len() >= max_keys {
            // The refilled ones are looked for once in a while: a look at all of them is no price for one call.
            if self.added >= max_keys / 8 {
                self.states.retain(|_, state| !is_full(state, now));
                self.added = 0;
            }
            if self.states.len() >= max_keys {
                self.evict();
            }
        }
        self.added += 1;
        self.states.insert(key, state);
    }

    /// Drops, of some states, the one nearest to full: it forgives the least.
    fn evict(&mut self) {
        let nearest = self.states.iter().take(SAMPLE).min_by_key(|(_, state)| last(state)).map(|(key, _)| *key);
        if let Some(key) = nearest {
            self.states.remove(&key);
        }
    }
}

const fn shard_of(key: u128) -> usize {
    (key >> 122) as usize
}

fn last(state: &Stored) -> Option<Tat> {
    state.iter().map(|tier| tier.tat).max()
}

fn is_full(state: &Stored, now: Timestamp) -> bool {
    last(state).is_none_or(|last| last <= Tat::at(now))
}
