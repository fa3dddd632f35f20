//! The hot path of limits in memory allocates nothing. A program of its own, because it counts every allocation.

#![allow(unsafe_code, reason = "a counting allocator has no safe form")]
#![allow(clippy::unwrap_used, reason = "a test: its functions too")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use gatewright::Gate;
use gatewright::store::conformance::block_on;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

thread_local! {
    /// Of this thread: that of the test harness may still be at work beside it.
    static MADE: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is the system allocator's own; the counter is beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends has no counter any more.
        let _ = MADE.try_with(|made| made.set(made.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: i64 = 1_795_248_726_000_000;
const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [
    {"id": "one", "tiers": [{"id": "minute", "limit": 7, "period": "1m"}]},
    {"id": "tenant", "preset": "tenant"},
    {"id": "log", "tiers": [{"id": "quarter", "limit": 5, "period": "15m", "algo": "sliding_log"}]}]}}"#;

/// How many allocations so many calls make.
fn made(calls: u32, mut call: impl FnMut()) -> usize {
    let before = MADE.get();
    (0..calls).for_each(|_| call());
    MADE.get() - before
}

#[test]
fn a_subject_that_is_known_is_decided_on_without_an_allocation() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let gate = block_on(Gate::builder().clock(clock.clone()).from_policy(POLICY)).unwrap();
    let mut at = NOW;
    for (policy, passing) in [("one", 10_000_000), ("tenant", 1_000_000)] {
        let handle = gate.limits().policy(policy).unwrap();
        assert!(handle.allow("acme", 1).unwrap());
        let (mut allowed, mut refused) = (0, 0);
        let calls = made(1_000, || {
            at += passing;
            clock.set(Timestamp::from_micros(at));
            if gate.limits().allow_local(policy, "acme", 1).unwrap() {
                allowed += 1
            } else {
                refused += 1
            }
            if handle.allow("acme", 2).unwrap() {
                allowed += 1
            } else {
                refused += 1
            }
            let decision = handle.check("acme", 1).unwrap();
            assert_eq!(decision.permit.is_some(), decision.allowed);
            drop(decision);
            drop(gate.limits().check_local(policy, "acme", 0).unwrap());
            drop(gate.limits().check_local_lazily(policy, "acme", 1).unwrap());
        });
        assert_eq!(calls, 0, "{policy}");
        assert!(allowed > 100 && refused > 100, "both ways were gone: {allowed} and {refused} of {policy}");
    }
    // The counter counts: a sliding log keeps its stamps in a place of their own.
    assert!(made(1, || drop(gate.limits().allow_local("log", "acme", 1))) > 0);

    // A new subject costs no allocation either, but for the table's growth: by half, so ever more seldom.
    let handle = gate.limits().policy("one").unwrap();
    let subjects: Vec<String> = (0..50_000).map(|at| format!("subject-{at}")).collect();
    let mut subject = subjects.iter();
    let calls = made(50_000, || assert!(subject.next().is_some_and(|subject| handle.allow(subject, 1).unwrap())));
    assert_eq!(handle.subjects(), 50_001);
    assert!(calls < 64 * 20, "{calls} allocations for 50,000 subjects in 64 tables");
}
