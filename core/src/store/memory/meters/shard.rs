//! One lock's part of a policy's states.

use std::sync::Arc;

use super::table::Table;
use crate::limits::decide::Change;
use crate::limits::gcra::{Rate, Tat};
use crate::limits::layout::{Layout, LayoutTier, Stored, StoredTier};
use crate::limits::policy::OnFull;
use crate::limits::rule::{Rule, State};
use crate::time::Timestamp;

/// After how many insertions refilled states are looked for, and how many places.
const INSERTIONS_A_SWEEP: u32 = 64;
const PLACES_A_SWEEP: usize = 16;
/// How many states are compared for the one that is evicted.
const SAMPLE: usize = 8;

/// States by the hash of their subject. Where all tiers are token buckets they lie in the table itself, else in a place of their own.
#[derive(Debug)]
pub(super) struct Shard {
    layout: Arc<Layout>,
    is_flat: bool,
    table: Table,
    places: Vec<Stored>,
    free: Vec<usize>,
    max: usize,
    inserted: u32,
    random: u64,
    pub(super) evicted_live: u64,
}

impl Shard {
    pub(super) fn new(layout: Arc<Layout>, max: usize, random: u64) -> Self {
        Self::of(layout, max, random, true)
    }

    /// In the table itself or not, if there is a choice.
    fn of(layout: Arc<Layout>, max: usize, random: u64, in_table: bool) -> Self {
        let words: Option<usize> = layout.tiers().iter().map(|tier| bucket(&tier.rule).map(words_of)).sum();
        let words = words.filter(|_| in_table);
        let is_flat = words.is_some();
        let table = Table::new(words.unwrap_or(1), max);
        Self { layout, is_flat, table, places: Vec::new(), free: Vec::new(), max, inserted: 0, random: random | 1, evicted_live: 0 }
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }

    /// Makes the layout that of the caller: another one means that the policy was edited, and every state is mapped to its new tiers.
    pub(super) fn adopt(&mut self, layout: &Arc<Layout>, max: usize) {
        if Arc::ptr_eq(&self.layout, layout) || self.layout.number() == layout.number() {
            return;
        }
        let mapped = |slot: usize| {
            let (key, stored) = (self.table.key(slot)?, self.stored_at(slot)?);
            let kept = layout.tiers().iter().filter_map(|tier| {
                let state = tier.find(Some(&stored))?;
                Some(StoredTier { tag: tier.tag, limit: tier.rule.limit(), state })
            });
            let kept: Stored = kept.collect();
            (!kept.is_empty()).then_some((key, kept))
        };
        // Where only the period changed, a fraction may be left of a bucket that has no word for it in the table.
        let in_table = !(0..self.table.slots()).filter_map(mapped).any(|(_, kept)| has_fraction_without_word(layout, &kept));
        let mut new = Self::of(Arc::clone(layout), max, self.random, in_table);
        new.evicted_live = self.evicted_live;
        for (key, kept) in (0..self.table.slots()).filter_map(mapped) {
            new.put(key, kept);
        }
        *self = new;
    }

    pub(super) fn has(&self, key: u128) -> bool {
        self.table.find(key).is_some()
    }

    /// What is stored of a subject.
    pub(super) fn stored(&self, key: u128) -> Option<Stored> {
        self.stored_at(self.table.find(key)?)
    }

    fn stored_at(&self, slot: usize) -> Option<Stored> {
        self.table.key(slot)?;
        let mut words = self.table.values(slot).iter();
        if !self.is_flat {
            return self.places.get(usize::try_from(*words.next()?).ok()?).cloned();
        }
        let tier = |tier: &LayoutTier| {
            let rate = bucket(&tier.rule)?;
            Some(StoredTier { tag: tier.tag, limit: rate.limit(), state: State::Bucket(read(rate, &mut words)?) })
        };
        self.layout.tiers().iter().map(tier).collect()
    }

    /// Carries out what a decision says of a subject.
    pub(super) fn apply(&mut self, key: u128, change: Change) {
        match change {
            Change::Keep => {}
            Change::Put(stored) => self.put(key, stored),
            Change::Remove => {
                if let Some(slot) = self.table.find(key) {
                    self.remove(slot);
                }
            }
        }
    }

    fn put(&mut self, key: u128, stored: Stored) {
        let slot = self.table.find(key);
        if self.is_flat {
            let slot = slot.unwrap_or_else(|| self.insert(key));
            let mut words = self.table.values_mut(slot).iter_mut();
            for tier in self.layout.tiers() {
                let state = stored.iter().find(|stored| stored.tag == tier.tag).map(|stored| &stored.state);
                // A tier that nothing is known of is full: the earliest instant of all.
                let tat = if let Some(State::Bucket(tat)) = state { *tat } else { Tat { micros: i64::MIN, fraction: 0 } };
                if let Some(rate) = bucket(&tier.rule) {
                    write(rate, tat, &mut words);
                }
            }
            return;
        }
        let at = slot.and_then(|slot| self.table.values(slot).first().copied()).and_then(|at| usize::try_from(at).ok());
        if let Some(place) = at.and_then(|at| self.places.get_mut(at)) {
            *place = stored;
            return;
        }
        let at = match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.places.get_mut(at) {
                    *place = stored;
                }
                at
            }
            None => {
                self.places.push(stored);
                self.places.len() - 1
            }
        };
        let slot = self.insert(key);
        if let Some(word) = self.table.values_mut(slot).first_mut() {
            *word = at as u64;
        }
    }

    fn insert(&mut self, key: u128) -> usize {
        self.inserted = self.inserted.wrapping_add(1);
        self.table.insert(key)
    }

    fn remove(&mut self, slot: usize) {
        if !self.is_flat
            && let Some(at) = self.table.values(slot).first().and_then(|at| usize::try_from(*at).ok())
            && let Some(place) = self.places.get_mut(at)
        {
            *place = Stored::default();
            self.free.push(at);
        }
        self.table.remove(slot);
    }

    /// Makes room for one state more. Says whether there is any.
    pub(super) fn make_room(&mut self, now: Timestamp, keep_refilled: bool) -> bool {
        if self.inserted >= INSERTIONS_A_SWEEP && !keep_refilled {
            self.inserted = 0;
            self.sweep_from_anywhere(now);
        }
        if self.table.len() < self.max {
            return true;
        }
        let Some((slot, full_at)) = self.nearest_to_full(now) else { return false };
        if full_at > now {
            if self.layout.on_full() == OnFull::Deny {
                return false;
            }
            self.evicted_live += 1;
        }
        self.remove(slot);
        true
    }

    /// Drops what is refilled of some states, wherever.
    fn sweep_from_anywhere(&mut self, now: Timestamp) {
        let mut slot = self.anywhere();
        for _ in 0..PLACES_A_SWEEP {
            if self.full_at(slot, now).is_some_and(|full_at| full_at <= now) {
                // Another one may have moved here.
                self.remove(slot);
            } else {
                slot = (slot + 1) % self.table.slots().max(1);
            }
        }
    }

    /// Of some states, the one whose subject has the least to wait for: forgetting it forgives the least.
    fn nearest_to_full(&mut self, now: Timestamp) -> Option<(usize, Timestamp)> {
        let (start, slots) = (self.anywhere(), self.table.slots());
        let sample = (0..slots).map(|step| (start + step) % slots).filter_map(|slot| Some((slot, self.full_at(slot, now)?)));
        sample.take(SAMPLE).min_by_key(|(_, full_at)| *full_at)
    }

    /// When nothing is taken of a state any more.
    fn full_at(&self, slot: usize, now: Timestamp) -> Option<Timestamp> {
        self.table.key(slot)?;
        let mut words = self.table.values(slot).iter();
        if self.is_flat {
            let tat = |rate: &Rate| read(rate, &mut words).map(Tat::full_at);
            return self.layout.tiers().iter().filter_map(|tier| bucket(&tier.rule)).filter_map(tat).max();
        }
        let stored = self.places.get(usize::try_from(*words.next()?).ok()?)?;
        let full_at = |tier: &LayoutTier| {
            let state = tier.find(Some(stored))?;
            let settled = tier.rule.settle(Some(&state), now, self.layout.reserve_max_wait()).state;
            Some(tier.rule.full_at(&settled, now))
        };
        Some(self.layout.tiers().iter().filter_map(full_at).max().unwrap_or(now))
    }

    /// Drops up to `limit` states of which nothing is taken any more.
    pub(super) fn sweep(&mut self, now: Timestamp, limit: usize) -> usize {
        let (mut removed, mut slot) = (0, 0);
        while removed < limit && slot < self.table.slots() {
            if self.full_at(slot, now).is_some_and(|full_at| full_at <= now) {
                self.remove(slot);
                removed += 1;
            } else {
                slot += 1;
            }
        }
        removed
    }

    /// A slot that nobody can foresee; xorshift64 from a seed of this process.
    fn anywhere(&mut self) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((u128::from(self.random) * self.table.slots() as u128) >> 64) as usize
    }
}

const fn bucket(rule: &Rule) -> Option<&Rate> {
    if let Rule::TokenBucket(rate) = rule { Some(rate) } else { None }
}

fn has_fraction_without_word(layout: &Layout, stored: &[StoredTier]) -> bool {
    let whole = layout.tiers().iter().filter(|tier| bucket(&tier.rule).is_some_and(Rate::is_whole));
    whole.filter_map(|tier| tier.find(Some(stored))).any(|state| matches!(state, State::Bucket(tat) if tat.fraction > 0))
}

/// The fraction of a bucket whose limit divides its period is always 0 and is not kept.
const fn words_of(rate: &Rate) -> usize {
    if rate.is_whole() { 1 } else { 2 }
}

fn read<'a>(rate: &Rate, words: &mut impl Iterator<Item = &'a u64>) -> Option<Tat> {
    let micros = words.next()?.cast_signed();
    let fraction = if rate.is_whole() { 0 } else { u32::try_from(*words.next()?).ok()? };
    Some(Tat { micros, fraction })
}

fn write<'a>(rate: &Rate, tat: Tat, words: &mut impl Iterator<Item = &'a mut u64>) {
    if let Some(word) = words.next() {
        *word = tat.micros.cast_unsigned();
    }
    if !rate.is_whole()
        && let Some(word) = words.next()
    {
        *word = tat.fraction.into();
    }
}
