//! The memory store: the suite of every store, and what is its own.

use std::sync::Arc;

use gatewright::store::conformance::{self, Opened, START, block_on};
use gatewright::store::{Expect, Key, Kind, MemoryStore, Next, Store, Swap, Swapped};
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

gatewright::store_conformance_tests!(memory, async |clock| Opened::new(MemoryStore::new(clock)));

fn claim(store: &MemoryStore, id: u32, ttl: i64) -> gatewright::Result<Swapped> {
    let key = Key::new(Kind::Nonce, id.to_be_bytes())?;
    let now = block_on(store.load(std::slice::from_ref(&key)))?.now;
    let next = Next::Put { group: None, expires_at: Timestamp::from_micros(now.as_micros() + ttl), value: vec![1] };
    Ok(block_on(store.swap(Swap { key, expect: Expect::Absent, next, decided_at: now }))?.outcome)
}

#[test]
fn a_full_store_is_unavailable_and_forgets_nothing_that_lives() {
    let clock = Arc::new(ManualClock::new(START));
    let store = MemoryStore::new(clock.clone()).max_records(1000);
    for id in 0..1000 {
        assert!(matches!(claim(&store, id, 1000).unwrap(), Swapped::Written(_)));
    }
    assert_eq!(claim(&store, 1000, 1000).unwrap_err().code(), "unavailable");
    for id in 0..1000 {
        assert!(matches!(claim(&store, id, 1000).unwrap(), Swapped::Conflict(Some(_))), "{id}");
    }
    // The expired ones make room, without a sweep.
    clock.set(Timestamp::from_micros(START.as_micros() + 1000));
    for id in 2000..3000 {
        assert!(matches!(claim(&store, id, conformance::HOUR).unwrap(), Swapped::Written(_)), "{id}");
    }
}

#[test]
fn a_store_that_keeps_what_has_expired_finds_it_again_when_the_clock_is_set_back() {
    let found_again = |store: MemoryStore, clock: &ManualClock| {
        for id in 0..100 {
            claim(&store, id, 1000).unwrap();
        }
        clock.set(Timestamp::from_micros(START.as_micros() + 1000));
        for id in 1000..3000 {
            claim(&store, id, 1000).unwrap();
        }
        clock.set(START);
        (0..100).filter(|id| matches!(claim(&store, *id, 1000).unwrap(), Swapped::Conflict(Some(_)))).count()
    };
    let clock = Arc::new(ManualClock::new(START));
    assert_eq!(found_again(MemoryStore::new(clock.clone()).keep_expired(), &clock), 100);
    clock.set(START);
    assert!(found_again(MemoryStore::new(clock.clone()), &clock) < 100);
}
