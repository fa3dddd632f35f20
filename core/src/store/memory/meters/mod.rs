//! The meters of the memory store: of each policy the states by hashed subjects, each shard under a lock of its own.

mod book;
mod shard;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use shard::{Room, Shard};
use siphasher::sip128::SipHasher13;

use crate::limits::buckets::{self, Request, Steps};
use crate::limits::decide::{Item, Op, Outcomes, TierOutcome, decide};
use crate::limits::layout::{Layout, Stored, StoredTier};
use crate::store::meter::{MeterItem, Metered};
use crate::time::{Clock, Timestamp};

const MAX_SHARDS: usize = 64;
/// How many subjects a shard is for at least.
const SHARD: usize = 1_024;
/// What a subject that there is no room for is told to wait, in µs.
const NO_ROOM_WAIT: i64 = 1_000_000;

/// The states of all policies. A subject is kept as a 128-bit hash under a secret of this process: nobody can choose subjects that
/// meet.
#[derive(Debug)]
pub struct Meters {
    keys: (u64, u64),
    policies: RwLock<HashMap<Arc<str>, Arc<PolicyMeters>>>,
    /// Whether refilled states stay until they are swept or their room is needed.
    keep_refilled: bool,
}

/// The states of one policy.
#[derive(Debug)]
pub(crate) struct PolicyMeters {
    /// Locks of several policies are taken in the order of these.
    number: usize,
    shards: Box<[Mutex<Shard>]>,
}

impl Meters {
    pub(crate) fn new() -> Self {
        let random = || RandomState::new().hash_one(0_u8);
        Self { keys: (random(), random()), policies: RwLock::default(), keep_refilled: false }
    }

    pub(super) const fn keep_refilled(mut self) -> Self {
        self.keep_refilled = true;
        self
    }

    /// The hash of a subject.
    pub(crate) fn hash(&self, subject: &[u8]) -> u128 {
        // Zero means an empty place.
        SipHasher13::new_with_keys(self.keys.0, self.keys.1).hash(subject).as_u128().max(1)
    }

    /// The states of a policy, made for its layout.
    pub(crate) fn of(&self, layout: &Arc<Layout>) -> Arc<PolicyMeters> {
        if let Some(known) = self.policies.read().unwrap_or_else(PoisonError::into_inner).get(layout.policy()) {
            return Arc::clone(known);
        }
        let mut policies = self.policies.write().unwrap_or_else(PoisonError::into_inner);
        let number = policies.len();
        Arc::clone(policies.entry(Arc::clone(layout.policy())).or_insert_with(|| Arc::new(PolicyMeters::new(layout, number))))
    }

    /// Decides a bundle of the store's contract.
    pub(super) fn meter(&self, op: Op, bundle: &[MeterItem], clock: &dyn Clock) -> Metered {
        let policies: Vec<_> = bundle.iter().map(|asked| (self.of(&asked.item.layout), self.hash(&asked.key))).collect();
        let asked: Vec<Asked<'_>> =
            bundle.iter().zip(&policies).map(|(asked, (policy, key))| Asked { policy, key: *key, item: &asked.item }).collect();
        let (now, items) = self.decide(op, &asked, clock);
        Metered { now, items, refused_on: Vec::new() }
    }

    /// Decides on one subject without allocating anything, if its tiers are token buckets; else says nothing. Every tier refuses a subject
    /// that there is no room for.
    pub(crate) fn decide_one(&self, policy: &PolicyMeters, key: u128, layout: &Arc<Layout>, asked: &Request, clock: &dyn Clock) -> Option<One> {
        let mut shard = policy.lock(key)?;
        let room = policy.room(layout, self.keep_refilled);
        // What a moment ago had enough has enough now. A refusal says when to come again, to the microsecond.
        let mut one = One { now: clock.recent(), steps: Steps::new(), has_room: true };
        shard.decide_buckets(layout, key, asked, room, &mut one)?;
        if !one.is_allowed() {
            one.now = clock.steady();
            shard.decide_buckets(layout, key, asked, room, &mut one)?;
        }
        Some(one)
    }

    /// The same for who asks no more than whether a commit is allowed.
    pub(crate) fn allow_one(&self, policy: &PolicyMeters, key: u128, layout: &Arc<Layout>, cost: u32, clock: &dyn Clock) -> Option<bool> {
        let mut shard = policy.lock(key)?;
        if shard.take(layout, key, cost, clock.recent()).is_some() {
            return Some(true);
        }
        let asked = Request { commit: true, cost, ahead: 0 };
        let mut one = One { now: clock.steady(), steps: Steps::new(), has_room: true };
        shard.decide_buckets(layout, key, &asked, policy.room(layout, self.keep_refilled), &mut one)?;
        Some(one.is_allowed())
    }

    /// Decides a bundle under the locks of its shards, taken in one order by everybody.
    pub(crate) fn decide(&self, op: Op, bundle: &[Asked<'_>], clock: &dyn Clock) -> (Timestamp, Vec<Outcomes>) {
        let mut needed: Vec<(usize, usize)> = bundle.iter().map(Asked::place).collect();
        needed.sort_unstable();
        needed.dedup();
        let mut locked: Vec<((usize, usize), MutexGuard<'_, Shard>)> = Vec::with_capacity(needed.len());
        for place in needed {
            if let Some(shard) = bundle.iter().find(|asked| asked.place() == place).and_then(|asked| asked.policy.shards.get(place.1)) {
                locked.push((place, shard.lock().unwrap_or_else(PoisonError::into_inner)));
            }
        }
        let now = clock.steady();
        let no_room = if op == Op::Commit { self.make_room(&mut locked, bundle, now) } else { vec![false; bundle.len()] };
        let stored: Vec<Option<Stored>> = bundle.iter().map(|asked| shard_of(&mut locked, asked)?.stored(asked.key)).collect();
        let items: Vec<(&Item, Option<&[StoredTier]>)> = bundle.iter().zip(&stored).map(|(asked, stored)| (asked.item, stored.as_deref())).collect();
        let op = if no_room.contains(&true) { Op::Peek } else { op };
        let (mut outcomes, changes) = decide(op, &items, now);
        for (asked, change) in bundle.iter().zip(changes) {
            if let Some(shard) = shard_of(&mut locked, asked) {
                shard.apply(&asked.item.layout, asked.policy.max_in_shard(&asked.item.layout), asked.key, change);
            }
        }
        for (outcomes, _) in outcomes.iter_mut().zip(no_room).filter(|(_, no_room)| *no_room) {
            outcomes.iter_mut().for_each(|outcome| *outcome = refused(*outcome));
        }
        (now, outcomes)
    }

    /// Makes room for the subjects of a commit that are not there, all together: none of the bundle is forgotten for another. Says of which
    /// there is none.
    fn make_room(&self, locked: &mut [((usize, usize), MutexGuard<'_, Shard>)], bundle: &[Asked<'_>], now: Timestamp) -> Vec<bool> {
        let keep: Vec<u128> = bundle.iter().map(|asked| asked.key).collect();
        let mut new: Vec<(usize, usize)> = Vec::new();
        let mut has_no_room = |asked: &Asked<'_>| {
            let Some(shard) = shard_of(locked, asked).filter(|shard| asked.item.cost > 0 && !shard.has(asked.key)) else { return false };
            let before = new.iter().filter(|place| **place == asked.place()).count();
            new.push(asked.place());
            let room = asked.policy.room(&asked.item.layout, self.keep_refilled);
            // Nobody is forgotten for a bundle that is too large in any case.
            let together = bundle.iter().filter(|other| other.item.cost > 0 && other.place() == asked.place()).count();
            if together > room.max {
                return true;
            }
            let room = Room { max: room.max.saturating_sub(before), ..room };
            !shard.make_room(&asked.item.layout, now, room, &keep)
        };
        bundle.iter().map(&mut has_no_room).collect()
    }

    /// Drops up to `limit` states of which nothing is taken any more, which is what an absent one is.
    pub(super) fn sweep(&self, now: Timestamp, limit: usize) -> usize {
        let policies: Vec<_> = self.policies.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut removed = 0;
        for shard in policies.iter().flat_map(|policy| &policy.shards) {
            if removed < limit {
                removed += shard.lock().unwrap_or_else(PoisonError::into_inner).sweep(now, limit - removed);
            }
        }
        removed
    }

    pub(super) fn clear(&self) {
        self.policies.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What came of one subject.
pub(crate) struct One {
    pub(crate) now: Timestamp,
    steps: Steps,
    has_room: bool,
}

impl One {
    pub(crate) fn is_allowed(&self) -> bool {
        self.has_room && buckets::is_allowed(&self.steps)
    }

    /// Its outcomes, tier by tier.
    pub(crate) fn outcomes(&self, layout: &Layout, asked: &Request) -> impl Iterator<Item = TierOutcome> {
        let outcomes = buckets::outcomes(layout, &self.steps, asked.commit && self.is_allowed(), self.now);
        outcomes.map(|outcome| if self.has_room { outcome } else { refused(outcome) })
    }
}

/// There is no room for the subject.
fn refused(outcome: TierOutcome) -> TierOutcome {
    TierOutcome { allowed: false, retry_after: outcome.retry_after.max(NO_ROOM_WAIT), ..outcome }
}

/// One subject of a bundle.
pub(crate) struct Asked<'a> {
    /// Its policy's states.
    pub(crate) policy: &'a PolicyMeters,
    /// Its hash.
    pub(crate) key: u128,
    /// What is asked of it.
    pub(crate) item: &'a Item,
}

impl Asked<'_> {
    fn place(&self) -> (usize, usize) {
        (self.policy.number, self.policy.shard_of(self.key))
    }
}

impl PolicyMeters {
    fn new(layout: &Arc<Layout>, number: usize) -> Self {
        let count = (layout.max_keys() / SHARD).clamp(1, MAX_SHARDS);
        let shard = |at| Mutex::new(Shard::new(RandomState::new().hash_one(at)));
        Self { number, shards: (0..count).map(shard).collect() }
    }

    /// How many subjects a shard keeps, by the policy as the caller knows it.
    fn max_in_shard(&self, layout: &Layout) -> usize {
        (layout.max_keys() / self.shards.len().max(1)).max(1)
    }

    fn room(&self, layout: &Layout, keep_refilled: bool) -> Room {
        Room { max: self.max_in_shard(layout), keep_refilled }
    }

    fn lock(&self, key: u128) -> Option<MutexGuard<'_, Shard>> {
        self.shards.get(self.shard_of(key)).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The high half of the hash says in which shard a subject is, the low half where there.
    const fn shard_of(&self, key: u128) -> usize {
        (((key >> 64) as u64 as u128 * self.shards.len() as u128) >> 64) as usize
    }

    /// How many subjects are kept, and how many were forgotten although something was taken of them.
    pub(crate) fn count(&self) -> (usize, u64) {
        let count = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            (shard.len(), shard.evicted_live)
        };
        self.shards.iter().map(count).fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1))
    }
}

fn shard_of<'l>(locked: &'l mut [((usize, usize), MutexGuard<'_, Shard>)], asked: &Asked<'_>) -> Option<&'l mut Shard> {
    let place = asked.place();
    locked.iter_mut().find(|(at, _)| *at == place).map(|(_, shard)| &mut **shard)
}
