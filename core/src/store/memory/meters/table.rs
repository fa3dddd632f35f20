//! A hash table of words: each slot is a key of 128 bits and a fixed number of words beside it, so that a look-up touches one place.
//!
//! Keys are hashes already and come evenly spread. A slot whose key is 0 is empty.

/// Slots of two words of key and so many words of value.
#[derive(Debug)]
pub(super) struct Table {
    words: Vec<u64>,
    stride: usize,
    slots: usize,
    len: usize,
    /// How many it will hold at most: it never grows beyond room for these.
    max: usize,
}

/// The words of a key.
const KEY: usize = 2;

impl Table {
    pub(super) const fn new(values: usize, max: usize) -> Self {
        Self { words: Vec::new(), stride: KEY + values, slots: 0, len: 0, max }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn slots(&self) -> usize {
        self.slots
    }

    /// The slot of a key.
    pub(super) fn find(&self, key: u128) -> Option<usize> {
        let mut slot = self.home(key)?;
        for _ in 0..self.slots {
            match self.key(slot) {
                Some(found) if found == key => return Some(slot),
                Some(_) => slot = self.next(slot),
                None => return None,
            }
        }
        None
    }

    /// The words of a key.
    pub(super) fn find_values(&mut self, key: u128) -> Option<&mut [u64]> {
        let at = self.find(key)? * self.stride;
        self.words.get_mut(at + KEY..at + self.stride)
    }

    /// The key in a slot.
    pub(super) fn key(&self, slot: usize) -> Option<u128> {
        let [high, low, ..] = self.words.get(slot * self.stride..)? else { return None };
        let key = u128::from(*high) << 64 | u128::from(*low);
        (key != 0).then_some(key)
    }

    /// The words of a slot.
    pub(super) fn values(&self, slot: usize) -> &[u64] {
        let at = slot * self.stride;
        self.words.get(at + KEY..at + self.stride).unwrap_or_default()
    }

    pub(super) fn values_mut(&mut self, slot: usize) -> &mut [u64] {
        let at = slot * self.stride;
        self.words.get_mut(at + KEY..at + self.stride).unwrap_or_default()
    }

    /// Adds a key that is not there, with zeros beside it.
    pub(super) fn insert(&mut self, key: u128) -> usize {
        // A quarter stays empty, or the ways to an empty slot become long.
        if (self.len + 1) * 4 > self.slots * 3 {
            self.grow();
        }
        let mut slot = self.home(key).unwrap_or(0);
        while self.key(slot).is_some() {
            slot = self.next(slot);
        }
        self.set_key(slot, key);
        self.values_mut(slot).fill(0);
        self.len += 1;
        slot
    }

    /// Empties a slot and moves those behind it up, so that no way to them is broken. Another key may then be in this slot.
    pub(super) fn remove(&mut self, slot: usize) {
        if self.key(slot).is_none() {
            return;
        }
        self.len -= 1;
        let (mut hole, mut at) = (slot, self.next(slot));
        while let Some(key) = self.key(at) {
            let home = self.home(key).unwrap_or(at);
            // It may move if its way from home passes the hole.
            if self.way(home, at) >= self.way(hole, at) {
                let from = at * self.stride;
                self.words.copy_within(from..from + self.stride, hole * self.stride);
                hole = at;
            }
            at = self.next(at);
        }
        self.set_key(hole, 0);
    }

    fn grow(&mut self) {
        // By half, and in the end exactly to its greatest size: doubling would leave it half empty.
        let needed = (self.len + 1) * 4 / 3 + 1;
        let enough = (self.max.max(self.len + 1)) * 4 / 3 + 2;
        let slots = (self.slots + self.slots / 2 + 8).min(enough).max(needed);
        let old = std::mem::take(&mut self.words);
        self.words = vec![0; slots * self.stride];
        (self.slots, self.len) = (slots, 0);
        for entry in old.chunks_exact(self.stride) {
            let [high, low, values @ ..] = entry else { continue };
            let key = u128::from(*high) << 64 | u128::from(*low);
            if key != 0 {
                let slot = self.insert(key);
                self.values_mut(slot).copy_from_slice(values);
            }
        }
    }

    /// Where a key belongs: its low half, scaled to the slots.
    const fn home(&self, key: u128) -> Option<usize> {
        if self.slots == 0 { None } else { Some(((key as u64 as u128 * self.slots as u128) >> 64) as usize) }
    }

    const fn next(&self, slot: usize) -> usize {
        if slot + 1 >= self.slots { 0 } else { slot + 1 }
    }

    /// How far it is forward from one slot to another.
    const fn way(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.slots - from }
    }

    fn set_key(&mut self, slot: usize, key: u128) {
        let at = slot * self.stride;
        if let Some(words) = self.words.get_mut(at..at + KEY) {
            words.copy_from_slice(&[(key >> 64) as u64, key as u64]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(max in 1..200_usize, steps in prop::collection::vec((any::<bool>(), 0..64_u64, any::<u64>()), 0..600)) {
            let (mut table, mut map) = (Table::new(1, max), HashMap::new());
            // Keys that crowd: few homes, some of them the last.
            let key = |of: u64| u128::from(of + 1) << 64 | u128::from(u64::MAX - (of % 5) * (u64::MAX / 7));
            for (add, of, value) in steps {
                let slot = table.find(key(of));
                prop_assert_eq!(slot.map(|slot| table.values(slot)[0]), map.get(&of).copied());
                if add {
                    let slot = slot.unwrap_or_else(|| table.insert(key(of)));
                    table.values_mut(slot)[0] = value;
                    map.insert(of, value);
                } else if let Some(slot) = slot {
                    table.remove(slot);
                    map.remove(&of);
                }
                prop_assert_eq!(table.len(), map.len());
            }
            for (of, value) in &map {
                prop_assert_eq!(table.find(key(*of)).map(|slot| table.values(slot)[0]), Some(*value));
            }
        }
    }

    #[test]
    fn it_holds_its_greatest_number_in_a_third_more_of_slots() {
        let mut table = Table::new(1, 1_000);
        for at in 1..=1_000_u128 {
            table.insert((at << 64) | (at * 0x9e37_79b9_7f4a_7c15 % (1 << 64)));
        }
        assert_eq!((table.len(), table.slots()), (1_000, 1_335));
    }
}
