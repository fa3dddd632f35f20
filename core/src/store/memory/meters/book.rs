//! States that were stored under one layout.

use std::sync::Arc;

use super::table::Table;
use crate::limits::buckets::{bucket, is_whole_of, read, words_of, write};
use crate::limits::gcra::Tat;
use crate::limits::layout::{Layout, LayoutTier, Stored, StoredTier};
use crate::limits::rule::State;
use crate::time::Timestamp;

/// States by the hash of their subject. Where all tiers are token buckets they lie in the table itself, else in a place of their own.
#[derive(Debug)]
pub(super) struct Book {
    layout: Arc<Layout>,
    is_flat: bool,
    table: Table,
    places: Vec<Stored>,
    free: Vec<usize>,
}

impl Book {
    /// In the table itself or not, if there is a choice.
    pub(super) fn new(layout: Arc<Layout>, max: usize, in_table: bool) -> Self {
        let words: Option<usize> = layout.tiers().iter().map(|tier| bucket(&tier.rule).map(words_of)).sum();
        let words = words.filter(|_| in_table);
        let table = Table::new(words.unwrap_or(1), max);
        Self { layout, is_flat: words.is_some(), table, places: Vec::new(), free: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) const fn slots(&self) -> usize {
        self.table.slots()
    }

    /// Whether states lie in the table.
    pub(super) const fn is_flat(&self) -> bool {
        self.is_flat
    }

    /// Whether states are stored as they would be under this layout.
    pub(super) fn is_of(&self, layout: &Arc<Layout>) -> bool {
        Arc::ptr_eq(&self.layout, layout) || self.layout.number() == layout.number()
    }

    /// Whether it can keep this state: a bucket that has no word for a fraction in the table may have brought one from a layout with
    /// another period.
    pub(super) fn can_keep(&self, stored: &[StoredTier]) -> bool {
        !self.is_flat || is_whole_of(&self.layout, stored)
    }

    /// Whose state is in a slot.
    pub(super) fn key(&self, slot: usize) -> Option<u128> {
        self.table.key(slot)
    }

    pub(super) fn find(&self, key: u128) -> Option<usize> {
        self.table.find(key)
    }

    /// The words of a subject of a flat one.
    pub(super) fn find_words(&mut self, key: u128) -> Option<&mut [u64]> {
        self.table.find_values(key)
    }

    /// The words of a slot of a flat one.
    pub(super) fn words(&self, slot: usize) -> &[u64] {
        self.table.values(slot)
    }

    pub(super) fn words_mut(&mut self, slot: usize) -> &mut [u64] {
        self.table.values_mut(slot)
    }

    /// Adds a subject that is not there, with words that are yet to be written.
    pub(super) fn insert(&mut self, key: u128) -> usize {
        self.table.insert(key)
    }

    pub(super) fn stored(&self, slot: usize) -> Option<Stored> {
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

    /// Puts a state in the place of what is stored of a subject.
    pub(super) fn put(&mut self, key: u128, stored: Stored) {
        let slot = self.table.find(key);
        if self.is_flat {
            let slot = slot.unwrap_or_else(|| self.table.insert(key));
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
        let slot = self.table.insert(key);
        if let Some(word) = self.table.values_mut(slot).first_mut() {
            *word = at as u64;
        }
    }

    /// Empties a slot; another subject may be there then.
    pub(super) fn remove(&mut self, slot: usize) {
        if !self.is_flat
            && let Some(at) = self.table.values(slot).first().and_then(|at| usize::try_from(*at).ok())
            && let Some(place) = self.places.get_mut(at)
        {
            *place = Stored::default();
            self.free.push(at);
        }
        self.table.remove(slot);
    }

    /// When nothing is taken of a state any more.
    pub(super) fn full_at(&self, slot: usize, now: Timestamp) -> Option<Timestamp> {
        self.table.key(slot)?;
        let mut words = self.table.values(slot).iter();
        if self.is_flat {
            let tat = |tier: &LayoutTier| read(bucket(&tier.rule)?, &mut words).map(Tat::full_at);
            return self.layout.tiers().iter().filter_map(tat).max();
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
}
