//! What was measured of other libraries, row by row of the design's table: none of it happens here.
//!
//! Elsewhere, by what they need: row 5, two hosts on one store with a clock of its own, is in `limits/outage_tests.rs`; row 11, memory by
//! subject, is `store_memory_size` (bytes a key) and `limits_many_keys` (the cap); the speed of row 12 is a benchmark; row 13, equality
//! with exact rationals, is `limits_reference`, and with a second implementation the vectors.

#![cfg(all(feature = "sqlite", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;
use std::thread;

use gatewright::Gate;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

struct Bench {
    gate: Arc<Gate>,
    clock: Arc<ManualClock>,
    store: &'static str,
}

impl Bench {
    fn set(&self, micros: i64) {
        self.clock.set(Timestamp::from_micros(micros));
    }

    async fn allows(&self, subject: &str, cost: u32) -> bool {
        self.gate.limits().check("p", subject, cost).await.unwrap().allowed
    }
}

/// A policy `p` of these tiers and a policy `log`, in memory and in SQLite.
async fn benches(folder: &tempfile::TempDir, tiers: &str) -> [Bench; 2] {
    let file = format!("sqlite:{}", folder.path().join("store.db").display());
    [bench("memory", "memory:", tiers).await, bench("SQLite", &file, tiers).await]
}

async fn bench(store: &'static str, url: &str, tiers: &str) -> Bench {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let text = format!(
        "version = 1
root_keys = [{{ id = 1, secret = \"hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\", state = \"active\" }}]
[store]
default = \"{url}\"
[[limits.policies]]
id = \"p\"
tiers = [{tiers}]
[[limits.policies]]
id = \"log\"
tiers = [{{ id = \"l\", limit = 30, period = \"1h\", algo = \"sliding_log\" }}]
"
    );
    let gate = Gate::builder().clock(clock.clone()).from_policy(&text).await.unwrap();
    Bench { gate: Arc::new(gate), clock, store }
}

#[tokio::test]
async fn a2_row_1_a_long_period_forgets_nothing() {
    for period in ["2147483s", "2147484s", "30d", "366d"] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, &format!("{{ id = \"t\", limit = 5, period = \"{period}\" }}")).await {
            let mut admitted = 0;
            for call in 0..50 {
                b.set(NOW + call * 1_000);
                admitted += i32::from(b.allows("acme", 1).await);
            }
            assert_eq!(admitted, 5, "{period} in {}", b.store);
        }
    }
}

#[tokio::test]
async fn a2_row_2_a_tier_that_allows_is_not_charged_for_one_that_refuses() {
    for algo in ["token_bucket", "sliding_window", "sliding_log"] {
        let folder = tempfile::tempdir().unwrap();
        let tiers = format!(
            "{{ id = \"m\", limit = 2, period = \"1m\", algo = \"{algo}\" }}, {{ id = \"d\", limit = 60, period = \"1d\", algo = \"{algo}\" }}"
        );
        for b in benches(&folder, &tiers).await {
            let mut admitted = 0;
            for _ in 0..50 {
                admitted += i32::from(b.allows("acme", 1).await);
            }
            let left = b.gate.limits().peek("p", "acme").await.unwrap();
            assert_eq!((admitted, left.tiers[1].used), (2, 2), "{algo} in {}", b.store);
        }
    }
}

#[tokio::test]
async fn a2_row_3_and_4_a_refusal_charges_nothing_and_an_impossible_cost_locks_nobody_out() {
    for tier in [
        "period = \"1m\"",
        "period = \"1m\", algo = \"sliding_log\"",
        "period = \"1m\", algo = \"sliding_window\"",
        "algo = \"calendar\", unit = \"hour\"",
        "algo = \"concurrent\", lease_ttl = \"1m\"",
    ] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, &format!("{{ id = \"t\", limit = 10, {tier} }}")).await {
            assert!(b.allows("acme", 9).await);
            assert!(!b.allows("acme", 5).await, "{tier} in {}", b.store);
            let impossible = b.gate.limits().check("p", "acme", 100).await.unwrap_err();
            assert_eq!(impossible.code(), "cost_impossible");
            assert_eq!(b.gate.limits().peek("p", "acme").await.unwrap().tiers[0].remaining, 1, "{tier} in {}", b.store);
            assert!(b.allows("acme", 1).await, "{tier} in {}", b.store);
        }
    }
}

#[tokio::test]
async fn a2_row_6_a_fresh_subject_gets_its_whole_limit_at_one_instant() {
    for limit in [6, 7, 9, 10, 12, 13, 100] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, &format!("{{ id = \"t\", limit = {limit}, period = \"1m\" }}")).await {
            let mut admitted = 0;
            for _ in 0..limit + 20 {
                admitted += i32::from(b.allows("acme", 1).await);
            }
            assert_eq!(admitted, limit, "{}", b.store);
        }
    }
}

#[tokio::test]
async fn a2_row_7_whoever_waits_exactly_as_told_is_let_through_and_not_1_us_earlier() {
    for (limit, period) in [(7, "1m"), (11, "1h"), (100, "1m")] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, &format!("{{ id = \"t\", limit = {limit}, period = \"{period}\" }}")).await {
            assert!(b.allows("acme", limit).await);
            let mut now = NOW;
            for _ in 0..if b.store == "memory" { 2_000 } else { 100 } {
                let refused = b.gate.limits().check("p", "acme", 1).await.unwrap();
                assert!(!refused.allowed && refused.retry_after_us > 0);
                b.set(now + refused.retry_after_us - 1);
                assert!(!b.allows("acme", 1).await, "1 µs early in {}", b.store);
                now += refused.retry_after_us;
                b.set(now);
                assert!(b.allows("acme", 1).await, "{limit} in {period} in {}", b.store);
            }
        }
    }
}

#[tokio::test]
async fn a2_row_8_a_clock_that_goes_back_an_hour_refuses_one_call_of_50() {
    for tier in [
        "limit = 10, period = \"1m\"",
        "limit = 10, period = \"1m\", algo = \"sliding_log\"",
        "limit = 10, period = \"1m\", algo = \"sliding_window\"",
        "limit = 10, algo = \"concurrent\", lease_ttl = \"1m\"",
    ] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, &format!("{{ id = \"t\", {tier} }}")).await {
            assert!(b.allows("acme", 10).await);
            let mut admitted = 0;
            for call in 0..50 {
                b.set(NOW - HOUR + call * MINUTE);
                admitted += i32::from(b.allows("acme", 1).await);
            }
            assert_eq!(admitted, 49, "{tier} in {}", b.store);
            // Forward it only refills.
            b.set(NOW + 3 * HOUR);
            assert!(b.allows("acme", 10).await, "{tier} in {}", b.store);
        }
    }
}

#[tokio::test]
async fn a2_row_8_of_a_calendar_the_later_unit_becomes_the_present_one() {
    let folder = tempfile::tempdir().unwrap();
    for b in benches(&folder, "{ id = \"t\", limit = 10, algo = \"calendar\", unit = \"hour\" }").await {
        assert!(b.allows("acme", 10).await);
        b.set(NOW - HOUR);
        let refused = b.gate.limits().check("p", "acme", 1).await.unwrap();
        assert!(!refused.allowed && refused.retry_after_us <= HOUR, "{}", b.store);
        b.set(NOW - HOUR + refused.retry_after_us);
        assert!(b.allows("acme", 10).await, "{}", b.store);
    }
}

/// Documented, not mended: a bucket admits its burst and what refills. A smaller burst is the answer.
#[tokio::test]
async fn a2_row_9_a_smaller_burst_bounds_a_closed_window() {
    for (burst, most) in [(100, 200), (10, 110)] {
        let b = bench("memory", "memory:", &format!("{{ id = \"t\", limit = 100, period = \"1m\", burst = {burst} }}")).await;
        let mut admitted = 0;
        for step in 0..=600 {
            b.set(NOW + step * MINUTE / 600);
            while b.gate.limits().allow_local("p", "acme", 1).unwrap() {
                admitted += 1;
            }
        }
        assert_eq!(admitted, most);
    }
}

#[tokio::test]
async fn a2_row_10_a_sliding_log_is_exact_where_a_bucket_is_not() {
    for (algo, in_a_window, in_an_hour) in [("sliding_log", 5, 20), ("token_bucket", 9, 24)] {
        let b = bench("memory", "memory:", &format!("{{ id = \"t\", limit = 5, period = \"15m\", algo = \"{algo}\" }}")).await;
        let mut admitted = Vec::new();
        for second in 0..3_600 {
            b.set(NOW + second * SECOND);
            while b.gate.limits().allow_local("p", "ada", 1).unwrap() {
                admitted.push(second);
            }
        }
        assert_eq!((admitted.iter().filter(|second| **second < 900).count(), admitted.len()), (in_a_window, in_an_hour), "{algo}");
    }
}

const ONE: &str = "{ id = \"a\", limit = 100, period = \"1m\" }";
const THREE: &str =
    "{ id = \"a\", limit = 100, period = \"1m\" }, { id = \"b\", limit = 5000, period = \"1h\" }, { id = \"c\", limit = 100000, period = \"1d\" }";

/// How many of so many calls 8 threads get through at a frozen clock.
fn crowd(b: &Bench, calls: usize, bundle: bool) -> usize {
    let of_one = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let limits = b.gate.limits();
        let asked = |_: &usize| {
            if bundle {
                return runtime.block_on(limits.check_all(&[("p", "acme", 1), ("log", "ada", 1)])).unwrap().allowed;
            }
            runtime.block_on(limits.check("p", "acme", 1)).unwrap().allowed
        };
        (0..calls).filter(asked).count()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(of_one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a2_row_12_eight_threads_get_exactly_the_limit() {
    for tiers in [ONE, THREE] {
        let folder = tempfile::tempdir().unwrap();
        for b in benches(&folder, tiers).await {
            let calls = if b.store == "memory" { 10_000 } else { 100 };
            assert_eq!(crowd(&b, calls, false), 100, "{}", b.store);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for b in benches(&folder, THREE).await {
        assert_eq!(crowd(&b, 100, true), 30, "{}", b.store);
        let left = b.gate.limits().peek("p", "acme").await.unwrap();
        assert_eq!(left.tiers[0].used, 30, "a bundle that is refused takes of none, in {}", b.store);
    }
}

#[tokio::test]
async fn a_question_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rows = || {
        let connection = rusqlite::Connection::open(folder.path().join("store.db")).unwrap();
        let mut select = connection.prepare("SELECT id, expires_at, state FROM meter ORDER BY id").unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?));
        select.query_map([], row).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let [_, b] = benches(&folder, THREE).await;
    let limits = b.gate.limits();
    limits.peek("p", "acme").await.unwrap();
    limits.check_all(&[("p", "acme", 0), ("log", "ada", 0)]).await.unwrap();
    assert_eq!(rows(), [], "no key is made");
    assert!(limits.check_all(&[("p", "acme", 100), ("log", "ada", 30)]).await.unwrap().allowed);
    let before = rows();
    assert_eq!(before.len(), 2);
    // Neither where time has passed nor where the clock has gone back and the next call puts the state right.
    for now in [NOW + 30 * SECOND, NOW + 2 * HOUR, NOW - 2 * HOUR] {
        b.set(now);
        limits.peek("p", "acme").await.unwrap();
        limits.check_all(&[("p", "acme", 0), ("log", "ada", 0)]).await.unwrap();
        assert_eq!(rows(), before);
    }
    assert!(!limits.check("p", "acme", 1).await.unwrap().allowed);
    assert_ne!(rows(), before, "a refusal writes what the clock made impossible");
}

#[tokio::test]
async fn in_memory_neither_a_question_nor_a_refusal_makes_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let [b, _] = benches(&folder, THREE).await;
    let limits = b.gate.limits();
    let kept = || ["p", "log"].map(|policy| limits.policy(policy).unwrap().subjects());
    limits.peek("p", "acme").await.unwrap();
    limits.check("p", "acme", 0).await.unwrap();
    limits.check_local("p", "acme", 0).unwrap();
    assert!(limits.allow_local("log", "ada", 0).unwrap());
    limits.check_all(&[("p", "acme", 0), ("log", "ada", 0)]).await.unwrap();
    limits.reset("p", "acme").await.unwrap();
    assert_eq!(limits.check("log", "ada", 31).await.unwrap_err().code(), "cost_impossible");
    assert_eq!(kept(), [0, 0]);
    let permit = limits.check("log", "ada", 30).await.unwrap().permit.unwrap();
    assert_eq!(kept(), [0, 1]);
    assert!(!limits.check_all(&[("p", "acme", 1), ("log", "ada", 1)]).await.unwrap().allowed);
    assert!(!limits.check_all(&[("log", "ada", 1), ("p", "acme", 1)]).await.unwrap().allowed);
    assert_eq!(kept(), [0, 1], "the subject of the tier that would have allowed");
    limits.reset("log", "ada").await.unwrap();
    limits.refund(&permit, 30).await.unwrap();
    assert_eq!(kept(), [0, 0], "there is nothing to give back to");
}
