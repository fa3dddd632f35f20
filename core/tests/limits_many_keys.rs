//! Ten million subjects at a limiter that keeps a hundred thousand: memory stays where the cap put it, and whoever is kept is limited.
//! A program of its own, because it counts every allocation.

#![allow(unsafe_code, reason = "a counting allocator has no safe form")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatewright::Gate;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

static HELD: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call is the system allocator's own; the counter is beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const KEYS: u64 = 10_000_000;
const CAP: usize = 100_000;

/// The resident memory of this process in bytes, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

// One test: the counter is the whole process's.
#[test]
fn ten_million_subjects_stay_under_the_memory_of_the_cap() {
    let policy = format!(
        r#"{{"version": 1, "store": {{"default": "memory:"}}, "limits": {{"policies": [{{"id": "tenant", "preset": "tenant", "max_keys": {CAP}}}]}}}}"#
    );
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_795_248_726_000_000)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let gate = runtime.block_on(Gate::builder().clock(clock).from_policy(&policy)).unwrap();
    let limit = gate.limits().policy("tenant").unwrap();
    let (held, resident_before) = (HELD.load(Ordering::Relaxed), resident());
    std::thread::scope(|scope| {
        for half in 0..2 {
            let limit = limit.clone();
            scope.spawn(move || {
                let mut subject = String::new();
                for at in 0..KEYS / 2 {
                    subject.clear();
                    write!(subject, "tenant-{half}-{at}").unwrap();
                    // Nothing leaks away while the clock stands still: every subject that is dropped was live.
                    assert!(limit.allow(&subject, 1).unwrap(), "a new subject has all of its units");
                }
            });
        }
    });
    let grown = HELD.load(Ordering::Relaxed) - held;
    assert!(grown <= CAP * 140, "{grown} bytes for {CAP} subjects of three tiers");
    if let (Some(before), Some(now)) = (resident_before, resident()) {
        let grown = now.saturating_sub(before);
        // Growing a table holds the old one and the new one for a moment.
        assert!(grown <= CAP * 140 * 2, "{grown} bytes of resident memory");
    }
    let evicted = limit.evicted_live();
    assert!((KEYS - CAP as u64..KEYS).contains(&evicted), "{evicted} live subjects were dropped");
    // Whoever is kept is limited still.
    let allowed = (0..200).filter(|_| limit.allow("the-last", 1).unwrap()).count();
    assert_eq!(allowed, 100);
}
