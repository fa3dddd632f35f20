//! Limits in memory beside governor: all in turn, round by round, so that what else the machine does hits every one.
//!
//! `cargo bench -p gatewright --bench limits [part of a title]`

#![allow(unsafe_code, reason = "a counting allocator has no safe form")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench prints, measures real time and may fail"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatewright::Gate;
use gatewright::gate::LocalLimit;
use gatewright::store::conformance::block_on;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Many short ones: what else the machine does for a while hits every row of a round.
const ROUNDS: usize = 99;
const ROUND: Duration = Duration::from_millis(5);
const KEYS: usize = 1_000_000;

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

/// Bursts are more than is asked for in a run, so that every call takes the way of one that is allowed; but of `spent` nothing is left.
const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [
    {"id": "one", "tiers": [{"id": "second", "limit": 1000000, "period": "1s", "burst": 2000000000}], "max_keys": 1100000},
    {"id": "three", "tiers": [{"id": "second", "limit": 1000000, "period": "1s", "burst": 2000000000},
        {"id": "minute", "limit": 60000000, "period": "1m", "burst": 2000000000},
        {"id": "hour", "limit": 1000000000, "period": "1000s", "burst": 2000000000}], "max_keys": 1100000},
    {"id": "spent", "tiers": [{"id": "day", "limit": 1, "period": "1d"}]}]}}"#;

fn quota() -> Quota {
    Quota::per_second(NonZeroU32::new(1_000_000).unwrap()).allow_burst(NonZeroU32::new(2_000_000_000).unwrap())
}

struct Row<'a> {
    name: &'a str,
    call: Box<dyn FnMut() + 'a>,
    times: Vec<f64>,
}

fn row<'a>(name: &'a str, call: impl FnMut() + 'a) -> Row<'a> {
    Row { name, call: Box::new(call), times: Vec::new() }
}

/// Each row for some calls of so many operations, in turn. Prints the median of the calls, the tenths below and above it, and how many times as
/// fast it is as the last row. A call is short enough that most are not interrupted.
fn compare(title: &str, operations: usize, mut rows: Vec<Row<'_>>) {
    if std::env::args().skip(1).any(|wanted| !wanted.starts_with("--") && !title.contains(&wanted)) {
        return;
    }
    for round in 0..=ROUNDS {
        for row in &mut rows {
            let (begun, mut before) = (Instant::now(), Duration::ZERO);
            while before < ROUND {
                (row.call)();
                let now = begun.elapsed();
                // The first round warms up.
                if round > 0 {
                    row.times.push((now - before).as_secs_f64() * 1e9 / operations as f64);
                }
                before = now;
            }
        }
    }
    for row in &mut rows {
        row.times.sort_by(f64::total_cmp);
    }
    let part = |row: &Row<'_>, tenths: usize| row.times[row.times.len() * tenths / 10];
    let peer = part(rows.last().unwrap(), 5);
    println!("{title}");
    for row in &rows {
        let (least, middle, most) = (part(row, 1), part(row, 5), part(row, 9));
        println!("  {:<38} {middle:>7.1} ns   ({least:.1}–{most:.1})   {:.2}x", row.name, peer / middle);
    }
}

const BATCH: usize = 1_000;

fn repeat(mut call: impl FnMut()) -> impl FnMut() {
    move || (0..BATCH).for_each(|_| call())
}

/// The keys in an order that jumps about. Their texts lie in this order: a request has just been read when its subject is asked for, so what
/// is measured is how long it takes to find a state, not a text.
fn scattered(keys: &[String]) -> Vec<String> {
    (1..=KEYS).map(|at| keys[at * 611_953 % KEYS].clone()).collect()
}

/// The next so many keys for each thread, so that all of them have their turn.
fn parts<'a>(keys: &'a [String], threads: usize, many: usize, call: impl Fn(&String) + Sync + 'a) -> impl FnMut() + 'a {
    let mut turn = 0;
    move || {
        let (first, call) = (turn, &call);
        let part = move |thread: usize| {
            let begin = (first + thread) * many % KEYS;
            keys[begin..begin + many].iter().for_each(call);
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|thread| drop(scope.spawn(move || part(thread))));
            part(0);
        });
        turn += threads;
    }
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|text| text.parse::<usize>().ok()).unwrap_or(0) * 1_024
}

fn bytes(name: &str, fill: impl FnOnce()) {
    let (held, before) = (HELD.load(Ordering::Relaxed), resident());
    fill();
    let (held, resident) = (HELD.load(Ordering::Relaxed) - held, resident().saturating_sub(before));
    println!("  {name:<38} {:>4} allocated, {:>4} resident", held / KEYS, resident / KEYS);
}

fn main() {
    let keys: Vec<String> = (0..KEYS).map(|at| format!("user-{at:07}")).collect();
    let gate = block_on(Gate::from_policy(POLICY)).unwrap();
    let one = gate.limits().policy("one").unwrap();
    let three = gate.limits().policy("three").unwrap();
    let keyed: DefaultKeyedRateLimiter<String> = RateLimiter::keyed(quota());
    let fill = |limit: &LocalLimit| keys.iter().for_each(|key| assert!(limit.allow(key, 1).unwrap()));
    println!("bytes a key, 1M keys");
    bytes("gatewright, one tier", || fill(&one));
    bytes("gatewright, three tiers", || fill(&three));
    bytes("governor, keyed by String", || keys.iter().for_each(|key| assert!(keyed.check_key(key).is_ok())));

    let set = Arc::new(ManualClock::new(Timestamp::from_micros(1_795_248_726_000_000)));
    let still = block_on(Gate::builder().clock(set).from_policy(POLICY)).unwrap();
    let still = still.limits().policy("one").unwrap();
    let direct: DefaultDirectRateLimiter = RateLimiter::direct(quota());
    let hot = "user-0000042".to_owned();
    compare(
        "one hot key",
        BATCH,
        vec![
            row("gatewright, handle, allow, clock set", repeat(|| drop(black_box(still.allow(&hot, 1))))),
            row("gatewright, handle, allow", repeat(|| drop(black_box(one.allow(&hot, 1))))),
            row("gatewright, gate, allow_local", repeat(|| drop(black_box(gate.limits().allow_local("one", &hot, 1))))),
            row("gatewright, handle, check", repeat(|| drop(black_box(one.check(&hot, 1))))),
            row("gatewright, gate, check_local", repeat(|| drop(black_box(gate.limits().check_local("one", &hot, 1))))),
            row("gatewright, three tiers, allow", repeat(|| drop(black_box(three.allow(&hot, 1))))),
            row("gatewright, three tiers, check", repeat(|| drop(black_box(three.check(&hot, 1))))),
            row("governor, direct (one cell)", repeat(|| drop(black_box(direct.check())))),
            row("governor, keyed", repeat(|| drop(black_box(keyed.check_key(&hot))))),
        ],
    );
    let spent = gate.limits().policy("spent").unwrap();
    let spent_keyed: DefaultKeyedRateLimiter<String> = RateLimiter::keyed(Quota::with_period(Duration::from_secs(86_400)).unwrap());
    compare(
        "one hot key, refused",
        BATCH,
        vec![
            row("gatewright, handle, allow", repeat(|| drop(black_box(spent.allow(&hot, 1))))),
            row("gatewright, handle, check", repeat(|| drop(black_box(spent.check(&hot, 1))))),
            row("governor, keyed", repeat(|| drop(black_box(spent_keyed.check_key(&hot))))),
        ],
    );
    let asked = scattered(&keys);
    // A thread takes some time to start.
    for (title, threads, many) in [("1M keys, one thread", 1, 1_000), ("1M keys, two threads (time of a call)", 2, 10_000)] {
        compare(
            title,
            many,
            vec![
                row("gatewright, handle, allow", parts(&asked, threads, many, |key| drop(black_box(one.allow(key, 1))))),
                row("gatewright, gate, allow_local", parts(&asked, threads, many, |key| drop(black_box(gate.limits().allow_local("one", key, 1))))),
                row("gatewright, gate, check_local", parts(&asked, threads, many, |key| drop(black_box(gate.limits().check_local("one", key, 1))))),
                row("gatewright, three tiers, allow", parts(&asked, threads, many, |key| drop(black_box(three.allow(key, 1))))),
                row("governor, keyed", parts(&asked, threads, many, |key| drop(black_box(keyed.check_key(key))))),
            ],
        );
    }
    block_on(gate.close());
}
