//! Numbered places for records, in chunks, so that a million of them never move and leave little room unused.

use crate::store::contract::{Key, Kind, Record};
use crate::time::Timestamp;

/// No place.
pub(super) const NONE: u32 = u32::MAX;
const CHUNK_BITS: u32 = 6;
const NO_GROUP: u8 = u8::MAX;

/// One record, packed: its three byte strings share one allocation.
#[derive(Debug)]
pub(super) struct Slot {
    /// id ‖ group ‖ value.
    bytes: Box<[u8]>,
    pub(super) version: u64,
    pub(super) expires_at: Timestamp,
    /// Grows with every insertion in a shard; a page of a `list` ends at one.
    pub(super) seq: u64,
    /// Neighbours in the chain of its group, newest first; in a free slot `next` is the next free one.
    pub(super) prev: u32,
    pub(super) next: u32,
    /// None: the slot is free.
    pub(super) kind: Option<Kind>,
    id_len: u8,
    group_len: u8,
}

impl Slot {
    pub(super) fn new(key: &Key, version: u64, group: Option<&[u8]>, expires_at: Timestamp, value: &[u8]) -> Self {
        let bytes = [key.id(), group.unwrap_or_default(), value].concat().into_boxed_slice();
        Self {
            bytes,
            version,
            expires_at,
            seq: 0,
            prev: NONE,
            next: NONE,
            kind: Some(key.kind),
            id_len: u8::try_from(key.id().len()).unwrap_or(u8::MAX),
            group_len: group.map_or(NO_GROUP, |group| u8::try_from(group.len()).unwrap_or(NO_GROUP)),
        }
    }

    pub(super) fn id(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.id_len)).unwrap_or_default()
    }

    pub(super) fn group(&self) -> Option<&[u8]> {
        if self.group_len == NO_GROUP {
            return None;
        }
        let start = usize::from(self.id_len);
        self.bytes.get(start..start + usize::from(self.group_len))
    }

    fn value(&self) -> &[u8] {
        let start = usize::from(self.id_len) + self.group().map_or(0, <[u8]>::len);
        self.bytes.get(start..).unwrap_or_default()
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.kind.is_some() && self.expires_at > now
    }

    pub(super) fn record(&self) -> Option<Record> {
        Some(Record {
            key: Key::new(self.kind?, self.id()).ok()?,
            version: self.version,
            group: self.group().map(<[u8]>::to_vec),
            expires_at: self.expires_at,
            value: self.value().to_vec(),
        })
    }
}

/// The places.
#[derive(Debug)]
pub(super) struct Slab {
    chunks: Vec<Vec<Slot>>,
    free: u32,
}

impl Slab {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new(), free: NONE }
    }

    /// How many places there are, free ones included.
    pub(super) fn places(&self) -> u32 {
        let Some(last) = self.chunks.last() else { return 0 };
        let full = u32::try_from(self.chunks.len() - 1).unwrap_or(NONE) << CHUNK_BITS;
        full + u32::try_from(last.len()).unwrap_or(0)
    }

    pub(super) fn get(&self, at: u32) -> Option<&Slot> {
        self.chunks.get((at >> CHUNK_BITS) as usize)?.get((at & ((1 << CHUNK_BITS) - 1)) as usize)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Slot> {
        self.chunks.get_mut((at >> CHUNK_BITS) as usize)?.get_mut((at & ((1 << CHUNK_BITS) - 1)) as usize)
    }

    pub(super) fn insert(&mut self, slot: Slot) -> u32 {
        let at = self.free;
        if let Some(place) = self.get_mut(at) {
            let next_free = place.next;
            *place = slot;
            self.free = next_free;
            return at;
        }
        let at = self.places();
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < 1 << CHUNK_BITS => chunk.push(slot),
            _ => {
                let mut chunk = Vec::with_capacity(1 << CHUNK_BITS);
                chunk.push(slot);
                self.chunks.push(chunk);
            }
        }
        at
    }

    pub(super) fn remove(&mut self, at: u32) {
        let free = self.free;
        if let Some(slot) = self.get_mut(at) {
            slot.bytes = Box::default();
            (slot.kind, slot.id_len, slot.group_len) = (None, 0, NO_GROUP);
            (slot.prev, slot.next) = (NONE, free);
            self.free = at;
        }
    }
}
