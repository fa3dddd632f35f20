//! One shard of the memory store: a hash table of its records, and a chain through the records of each group.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::slab::{NONE, Slab, Slot};
use crate::store::contract::{Expect, Key, Kind, Next, Record, Swap, Swapped, next_version};
use crate::time::Timestamp;

/// The records of one shard.
#[derive(Debug)]
pub(super) struct Shard {
    slots: Slab,
    /// By kind and id.
    table: HashTable<u32>,
    /// The newest record of each group, by kind and group.
    heads: HashTable<u32>,
    last_seq: u64,
    /// The greatest version of a record that is gone. A new record begins above it, whatever the clock says.
    floor: u64,
    /// Where the next sweep goes on.
    sweep_at: u32,
}

/// Where a `list` of one shard goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) at: u32,
    pub(super) seq: u64,
}

/// What a `swap` did to the number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Change {
    pub(super) added: usize,
    pub(super) removed: usize,
}

impl Shard {
    pub(super) const fn new() -> Self {
        Self { slots: Slab::new(), table: HashTable::new(), heads: HashTable::new(), last_seq: 0, floor: 0, sweep_at: 0 }
    }

    /// How many places it has, free ones included.
    pub(super) fn places(&self) -> u32 {
        self.slots.places()
    }

    pub(super) fn load(&self, hashes: &RandomState, key: &Key, now: Timestamp) -> Option<Record> {
        let slot = self.slots.get(self.find(hashes, key.kind, key.id())?)?;
        if slot.is_live(now) { slot.record() } else { None }
    }

    /// Swaps; `room` is asked before a record is added, and where it says no, nothing is done and the answer is `None`. An
    /// insertion looks at `swept` places for something that has expired.
    pub(super) fn swap(&mut self, hashes: &RandomState, now: Timestamp, swap: &Swap, room: bool, swept: u32) -> (Option<Swapped>, Change) {
        let found = self.find(hashes, swap.key.kind, swap.key.id());
        let slot = found.and_then(|at| self.slots.get(at));
        let live = slot.filter(|slot| slot.is_live(now));
        let expected = match swap.expect {
            Expect::Absent => live.is_none(),
            Expect::Version(version) => live.is_some_and(|slot| slot.version == version),
        };
        if swap.is_stale(now) || !expected {
            return (Some(Swapped::Conflict(live.and_then(Slot::record))), Change::default());
        }
        let last = slot.map(|slot| slot.version);
        match (&swap.next, found) {
            (Next::Put { group, expires_at, value }, Some(at)) => {
                let version = next_version(last.unwrap_or(0), now);
                self.replace(hashes, at, Slot::new(&swap.key, version, group.as_deref(), *expires_at, value));
                (Some(Swapped::Written(version)), Change::default())
            }
            (Next::Put { group, expires_at, value }, None) => {
                let removed = self.sweep(hashes, None, now, usize::MAX, swept);
                if !room && removed == 0 {
                    return (None, Change::default());
                }
                let version = next_version(self.floor, now);
                self.insert(hashes, Slot::new(&swap.key, version, group.as_deref(), *expires_at, value));
                (Some(Swapped::Written(version)), Change { added: 1, removed })
            }
            (Next::Remove, Some(at)) => {
                self.remove(hashes, at);
                (Some(Swapped::Written(last.unwrap_or(0))), Change { added: 0, removed: 1 })
            }
            (Next::Remove, None) => (Some(Swapped::Written(0)), Change::default()),
        }
    }

    /// Appends live records of a kind (and group) after a position, newest first, until `out` holds `limit`. Says where to go
    /// on, if there may be more in this shard.
    pub(super) fn list(
        &self,
        hashes: &RandomState,
        wanted: (Kind, Option<&[u8]>),
        after: Option<Position>,
        now: Timestamp,
        limit: usize,
        out: &mut Vec<Record>,
    ) -> Option<Position> {
        let (kind, group) = wanted;
        let mut at = match (group, after) {
            (Some(group), Some(after)) => self.after(hashes, kind, group, after),
            (Some(group), None) => self.head(hashes, kind, group).unwrap_or(NONE),
            (None, Some(after)) => after.at.saturating_add(1),
            (None, None) => 0,
        };
        let mut last = None;
        while let Some(slot) = self.slots.get(at) {
            if out.len() >= limit {
                return last.or(after);
            }
            if slot.kind == Some(kind) && slot.is_live(now) {
                out.extend(slot.record());
            }
            last = Some(Position { at, seq: slot.seq });
            at = if group.is_some() { slot.next } else { at + 1 };
        }
        None
    }

    /// Removes up to `limit` expired records out of the next `places` places, and says how many.
    pub(super) fn sweep(&mut self, hashes: &RandomState, kind: Option<Kind>, now: Timestamp, limit: usize, places: u32) -> usize {
        let mut removed = 0;
        for _ in 0..places.min(self.slots.places()) {
            if removed >= limit {
                break;
            }
            let at = self.sweep_at;
            self.sweep_at = if at + 1 >= self.slots.places() { 0 } else { at + 1 };
            let expired = self.slots.get(at).is_some_and(|slot| match slot.kind {
                Some(its) => !slot.is_live(now) && kind.is_none_or(|kind| kind == its),
                None => false,
            });
            if expired {
                self.remove(hashes, at);
                removed += 1;
            }
        }
        removed
    }

    fn find(&self, hashes: &RandomState, kind: Kind, id: &[u8]) -> Option<u32> {
        let is_it = |at: &u32| self.slots.get(*at).is_some_and(|slot| slot.kind == Some(kind) && slot.id() == id);
        self.table.find(hash_id(hashes, kind, id), is_it).copied()
    }

    fn head(&self, hashes: &RandomState, kind: Kind, group: &[u8]) -> Option<u32> {
        let is_it = |at: &u32| self.slots.get(*at).is_some_and(|slot| slot.kind == Some(kind) && slot.group() == Some(group));
        self.heads.find(hash_group(hashes, kind, group), is_it).copied()
    }

    /// The record of a group after a position. If the record there is gone, the chain is walked: it is ordered by `seq`.
    fn after(&self, hashes: &RandomState, kind: Kind, group: &[u8], after: Position) -> u32 {
        let is_it = |slot: &&Slot| slot.seq == after.seq && slot.kind == Some(kind) && slot.group() == Some(group);
        if let Some(slot) = self.slots.get(after.at).filter(is_it) {
            return slot.next;
        }
        let mut at = self.head(hashes, kind, group).unwrap_or(NONE);
        while let Some(slot) = self.slots.get(at).filter(|slot| slot.seq >= after.seq) {
            at = slot.next;
        }
        at
    }

    fn insert(&mut self, hashes: &RandomState, slot: Slot) {
        let Some(kind) = slot.kind else { return };
        let hash = hash_id(hashes, kind, slot.id());
        let at = self.slots.insert(slot);
        let slots = &self.slots;
        let rehash = |at: &u32| slots.get(*at).and_then(|slot| Some(hash_id(hashes, slot.kind?, slot.id()))).unwrap_or(0);
        self.table.insert_unique(hash, at, rehash);
        self.link(hashes, at);
    }

    fn remove(&mut self, hashes: &RandomState, at: u32) {
        self.unlink(hashes, at);
        if let Some((kind, slot)) = self.slots.get(at).and_then(|slot| Some((slot.kind?, slot))) {
            self.floor = self.floor.max(slot.version);
            if let Ok(entry) = self.table.find_entry(hash_id(hashes, kind, slot.id()), |other| *other == at) {
                entry.remove();
            }
        }
        self.slots.remove(at);
    }

    /// Puts a record in the place of its predecessor; in the chain too, if the group is the same.
    fn replace(&mut self, hashes: &RandomState, at: u32, mut new: Slot) {
        let Some(old) = self.slots.get(at) else { return };
        if old.group() == new.group() {
            (new.seq, new.prev, new.next) = (old.seq, old.prev, old.next);
            if let Some(place) = self.slots.get_mut(at) {
                *place = new;
            }
            return;
        }
        self.unlink(hashes, at);
        if let Some(place) = self.slots.get_mut(at) {
            *place = new;
        }
        self.link(hashes, at);
    }

    /// Makes a record the head of its group's chain, with the next `seq`.
    fn link(&mut self, hashes: &RandomState, at: u32) {
        self.last_seq += 1;
        let seq = self.last_seq;
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.seq = seq;
        let Some((kind, group)) = slot.kind.and_then(|kind| Some((kind, slot.group()?))) else { return };
        let hash = hash_group(hashes, kind, group);
        let slots = &self.slots;
        let is_it = |other: &u32| {
            let (Some(slot), Some(other)) = (slots.get(at), slots.get(*other)) else { return false };
            slot.kind == other.kind && slot.group() == other.group()
        };
        let head = self.heads.find_mut(hash, is_it).map(|head| std::mem::replace(head, at));
        if let Some(head) = head {
            if let Some(slot) = self.slots.get_mut(head) {
                slot.prev = at;
            }
            if let Some(slot) = self.slots.get_mut(at) {
                slot.next = head;
            }
            return;
        }
        let rehash = |at: &u32| slots.get(*at).and_then(|slot| Some(hash_group(hashes, slot.kind?, slot.group()?))).unwrap_or(0);
        self.heads.insert_unique(hash, at, rehash);
    }

    /// Takes a record out of its group's chain.
    fn unlink(&mut self, hashes: &RandomState, at: u32) {
        let Some(slot) = self.slots.get(at) else { return };
        let Some((kind, group)) = slot.kind.and_then(|kind| Some((kind, slot.group()?))) else { return };
        let (prev, next) = (slot.prev, slot.next);
        if prev == NONE {
            if let Ok(mut entry) = self.heads.find_entry(hash_group(hashes, kind, group), |head| *head == at) {
                if next == NONE {
                    entry.remove();
                } else {
                    *entry.get_mut() = next;
                }
            }
        } else if let Some(slot) = self.slots.get_mut(prev) {
            slot.next = next;
        }
        if let Some(slot) = self.slots.get_mut(next) {
            slot.prev = prev;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            (slot.prev, slot.next) = (NONE, NONE);
        }
    }
}

/// The hash of a record's name. Its high bits choose the shard.
pub(super) fn hash_id(hashes: &RandomState, kind: Kind, id: &[u8]) -> u64 {
    hashes.hash_one((kind, id))
}

fn hash_group(hashes: &RandomState, kind: Kind, group: &[u8]) -> u64 {
    hashes.hash_one((group, kind))
}
