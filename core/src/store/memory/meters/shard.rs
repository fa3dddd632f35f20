//! One lock's part of a policy's states.

use std::sync::Arc;

use super::One;
use super::book::Book;
use crate::limits::buckets::{self, Request};
use crate::limits::decide::Change;
use crate::limits::layout::{Layout, Stored};
use crate::limits::policy::OnFull;
use crate::time::Timestamp;

/// After how many insertions refilled states are looked for, and how many places.
const INSERTIONS_A_SWEEP: u32 = 64;
const PLACES_A_SWEEP: usize = 16;
/// How many states are compared for the one that is evicted.
const SAMPLE: usize = 8;

/// The states, in a book for each layout that they were stored under. There are several where the policy was edited: a subject stays
/// in its book until it is written again, as its record does in other stores, so an edit costs nothing at once and gates with
/// different edits of a policy do not disturb each other. A subject is in one book only.
#[derive(Debug)]
pub(super) struct Shard {
    books: Vec<Book>,
    inserted: u32,
    random: u64,
    pub(super) evicted_live: u64,
}

/// How much a shard keeps, and whether refilled states stay until they are swept or their room is needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) max: usize,
    pub(super) keep_refilled: bool,
}

impl Shard {
    pub(super) const fn new(random: u64) -> Self {
        Self { books: Vec::new(), inserted: 0, random: random | 1, evicted_live: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.books.iter().map(Book::len).sum()
    }

    pub(super) fn has(&self, key: u128) -> bool {
        self.place(key).is_some()
    }

    /// What is stored of a subject.
    pub(super) fn stored(&self, key: u128) -> Option<Stored> {
        let (book, slot) = self.place(key)?;
        self.books.get(book)?.stored(slot)
    }

    /// The book of a subject, and its slot there.
    fn place(&self, key: u128) -> Option<(usize, usize)> {
        self.books.iter().enumerate().find_map(|(at, book)| Some((at, book.find(key)?)))
    }

    /// Carries out what a decision says of a subject.
    pub(super) fn apply(&mut self, layout: &Arc<Layout>, max: usize, key: u128, change: Change) {
        match change {
            Change::Keep => {}
            Change::Put(stored) => self.put(layout, max, key, stored),
            Change::Remove => {
                if let Some((book, slot)) = self.place(key) {
                    self.remove(book, slot);
                }
            }
        }
    }

    fn put(&mut self, layout: &Arc<Layout>, max: usize, key: u128, stored: Stored) {
        let mut at = self.books.iter().position(|book| book.is_of(layout) && book.can_keep(&stored));
        match self.place(key) {
            None => self.inserted = self.inserted.wrapping_add(1),
            Some((book, slot)) if at != Some(book) => {
                // Books do not move as long as this one may be found by its place.
                if let Some(book) = self.books.get_mut(book) {
                    book.remove(slot);
                }
            }
            Some(_) => {}
        }
        if at.is_none() {
            let in_table = buckets::is_whole_of(layout, &stored);
            at = Some(self.open(layout, max, in_table));
        }
        if let Some(book) = at.and_then(|at| self.books.get_mut(at)) {
            book.put(key, stored);
        }
    }

    /// A new book, in the place of those that are empty.
    fn open(&mut self, layout: &Arc<Layout>, max: usize, in_table: bool) -> usize {
        self.books.retain(|book| book.len() > 0);
        self.books.push(Book::new(Arc::clone(layout), max, in_table));
        self.books.len() - 1
    }

    fn remove(&mut self, book: usize, slot: usize) {
        if let Some(book) = self.books.get_mut(book) {
            book.remove(slot);
        }
    }

    /// Takes the cost from a subject whose state is where it usually is: in the only book, which is of this layout. Does nothing where it is
    /// not, or [`take`](buckets::take) does nothing.
    pub(super) fn take(&mut self, layout: &Arc<Layout>, key: u128, cost: u32, now: Timestamp) -> Option<()> {
        let [book] = self.books.as_mut_slice() else { return None };
        if !book.is_flat() || !book.is_of(layout) {
            return None;
        }
        buckets::take(layout, book.find_words(key)?, cost, now)
    }

    /// Decides on one subject in place at `one.now`, if its tiers are token buckets all of whose state is in the table; else says nothing.
    pub(super) fn decide_buckets(&mut self, layout: &Arc<Layout>, key: u128, asked: &Request, room: Room, one: &mut One) -> Option<()> {
        if !layout.is_all_buckets() {
            return None;
        }
        let at = match self.books.iter().position(|book| book.is_of(layout) && book.is_flat()) {
            Some(at) => at,
            None if self.books.iter().all(|book| book.len() == 0) => self.open(layout, room.max, true),
            None => return None,
        };
        let mut slot = self.books.get(at)?.find(key);
        if slot.is_none() && self.books.len() > 1 && self.has(key) {
            return None;
        }
        one.has_room = !asked.commit || slot.is_some() || self.make_room(layout, one.now, room, &[]);
        let book = self.books.get_mut(at)?;
        buckets::step_all(layout, slot.map(|slot| book.words(slot)), asked, one.now, &mut one.steps)?;
        if asked.commit && one.has_room {
            let allowed = buckets::is_allowed(&one.steps);
            if slot.is_none() && allowed {
                slot = Some(book.insert(key));
                self.inserted = self.inserted.wrapping_add(1);
            }
            if let Some(slot) = slot {
                buckets::settle(layout, &one.steps, allowed, book.words_mut(slot));
            }
        }
        Some(())
    }

    /// Makes room for one state more, but not by forgetting these subjects. Says whether there is any.
    pub(super) fn make_room(&mut self, layout: &Layout, now: Timestamp, room: Room, keep: &[u128]) -> bool {
        if self.inserted >= INSERTIONS_A_SWEEP && !room.keep_refilled {
            self.inserted = 0;
            self.sweep_from_anywhere(now, keep);
        }
        if self.len() < room.max {
            return true;
        }
        let Some((book, slot, full_at)) = self.nearest_to_full(now, keep) else { return false };
        if full_at > now {
            if layout.on_full() == OnFull::Deny {
                return false;
            }
            self.evicted_live += 1;
        }
        self.remove(book, slot);
        true
    }

    /// Drops what is refilled of some states, wherever.
    fn sweep_from_anywhere(&mut self, now: Timestamp, keep: &[u128]) {
        let random = self.random();
        for book in &mut self.books {
            let mut slot = scaled(random, book.slots());
            for _ in 0..PLACES_A_SWEEP {
                if book.full_at(slot, now).is_some_and(|full_at| full_at <= now) && !is_kept(book, slot, keep) {
                    // Another one may have moved here.
                    book.remove(slot);
                } else {
                    slot = (slot + 1) % book.slots().max(1);
                }
            }
        }
    }

    /// Of some states, the one whose subject has the least to wait for: forgetting it forgives the least.
    fn nearest_to_full(&mut self, now: Timestamp, keep: &[u128]) -> Option<(usize, usize, Timestamp)> {
        let random = self.random();
        let sample = |(at, book): (usize, &Book)| {
            let (start, slots) = (scaled(random, book.slots()), book.slots());
            let around = (0..slots).map(|step| (start + step) % slots).filter(|slot| !is_kept(book, *slot, keep));
            let sample = around.filter_map(|slot| Some((at, slot, book.full_at(slot, now)?)));
            sample.take(SAMPLE).min_by_key(|(_, _, full_at)| *full_at)
        };
        self.books.iter().enumerate().filter_map(sample).min_by_key(|(_, _, full_at)| *full_at)
    }

    /// Drops up to `limit` states of which nothing is taken any more.
    pub(super) fn sweep(&mut self, now: Timestamp, limit: usize) -> usize {
        self.books.iter_mut().fold(0, |removed, book| removed + book.sweep(now, limit - removed))
    }

    /// Nobody can foresee it; xorshift64 from a seed of this process.
    const fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// Whether the state in a slot is one of these subjects'.
fn is_kept(book: &Book, slot: usize, keep: &[u128]) -> bool {
    !keep.is_empty() && book.key(slot).is_some_and(|key| keep.contains(&key))
}

/// A slot of so many.
const fn scaled(random: u64, slots: usize) -> usize {
    ((random as u128 * slots as u128) >> 64) as usize
}
