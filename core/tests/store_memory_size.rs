//! How much memory a record of the memory store takes. A program of its own, because it counts every allocation.

#![allow(unsafe_code, reason = "a counting allocator has no safe form")]
#![allow(clippy::unwrap_used, reason = "a test: its functions too")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatewright::limits::decide::Item;
use gatewright::limits::layout::Layout as TierLayout;
use gatewright::limits::{LimitPolicy, Tier};
use gatewright::store::conformance::{START, block_on};
use gatewright::store::{Expect, Key, Kind, MemoryStore, MeterItem, MeterOp, Next, Store, Swap};
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

static HELD: AtomicUsize = AtomicUsize::new(0);

struct Counting;

/// What the usual C library takes for an allocation: 8 bytes more, in steps of 16, 32 at least.
const fn taken(size: usize) -> usize {
    let size = (size + 8).next_multiple_of(16);
    if size < 32 { 32 } else { size }
}

// SAFETY: every call is the system allocator's own; the counter is beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(taken(layout.size()), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(taken(layout.size()), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes a record, of so many.
fn bytes_each(count: u64, mut add: impl FnMut(&MemoryStore, u64)) -> usize {
    let store = MemoryStore::new(Arc::new(ManualClock::new(START)));
    let before = HELD.load(Ordering::Relaxed);
    (0..count).for_each(|at| add(&store, at));
    let held = HELD.load(Ordering::Relaxed) - before;
    drop(store);
    held / usize::try_from(count).unwrap()
}

fn put(store: &MemoryStore, kind: Kind, at: u64, group: Option<Vec<u8>>, value: usize) {
    let id = [at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes(), at.to_be_bytes()].concat();
    let next = Next::Put { group, expires_at: Timestamp::MAX, value: vec![1; value] };
    block_on(store.swap(Swap { key: Key::new(kind, id).unwrap(), expect: Expect::Absent, next, decided_at: START })).unwrap();
}

// One test: the counter is the whole process's.
#[test]
fn records_are_small() {
    for count in [50_000, 100_000] {
        let session = bytes_each(count, |store, at| {
            let group = [at.to_be_bytes(); 4].concat();
            put(store, Kind::Session, at, Some(group), 450);
        });
        let nonce = bytes_each(count, |store, at| put(store, Kind::Nonce, at, None, 25));
        let tier = |id, period| Tier::token_bucket(id, 100, Duration::from_secs(period)).unwrap();
        let tiers = [tier("minute", 60), tier("hour", 3600), tier("day", 86_400)];
        let meter = |tiers: &[Tier]| {
            let layout = Arc::new(TierLayout::new(&LimitPolicy::new("policy", tiers.to_vec()).unwrap()));
            bytes_each(count, |store, at| {
                let item = Item { layout: Arc::clone(&layout), cost: 1, wait: 0, lease: 0, permit: None };
                block_on(store.meter(MeterOp::Commit, &[MeterItem { key: at.to_be_bytes().to_vec(), item }])).unwrap();
            })
        };
        let (one, three) = (meter(&tiers[..1]), meter(&tiers));
        println!("{count}: session {session}, nonce {nonce}, meter of one tier {one}, of three {three} bytes");
        assert!(session < 600, "a session takes {session} bytes");
        assert!(nonce < 140, "a nonce takes {nonce} bytes");
        assert!(one < 48 && three < 80, "a meter of one tier takes {one} bytes, of three {three}");
    }
}
