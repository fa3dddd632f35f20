//! What was taken comes back once, and a turn that nobody waits for any more comes back by itself.

#![cfg(all(feature = "sqlite", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use gatewright::Gate;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;
const HOUR: i64 = 3_600_000_000;
const POLICY: &str = r#"
[[root_keys]]
id = 1
secret = "hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
state = "active"
[[limits.policies]]
id = "turns"
tiers = [{ id = "hour", limit = 1, period = "1h" }]
reserve_max_wait = "5h"
[[limits.policies]]
id = "kept"
tiers = [{ id = "hour", limit = 100, period = "1h" }, { id = "held", limit = 10, algo = "concurrent", lease_ttl = "1h" }]
[[limits.policies]]
id = "given"
tiers = [{ id = "hour", limit = 100, period = "1h" }]
refundable = true
[[limits.policies]]
id = "log"
tiers = [{ id = "t", limit = 10, period = "15m", algo = "sliding_log" }]
refundable = true
[[limits.policies]]
id = "window"
tiers = [{ id = "t", limit = 10, period = "15m", algo = "sliding_window" }]
refundable = true
[[limits.policies]]
id = "day"
tiers = [{ id = "t", limit = 10, algo = "calendar", unit = "day" }]
refundable = true
"#;

async fn gates(folder: &tempfile::TempDir, frozen: bool) -> [Arc<Gate>; 2] {
    gates_by(folder, frozen.then(|| Arc::new(ManualClock::new(Timestamp::from_micros(NOW))))).await
}

async fn gates_by(folder: &tempfile::TempDir, clock: Option<Arc<ManualClock>>) -> [Arc<Gate>; 2] {
    let mut gates = Vec::new();
    for store in ["memory:".to_owned(), format!("sqlite:{}", folder.path().join("store.db").display())] {
        let text = format!("version = 1\n[store]\ndefault = \"{store}\"\n{POLICY}");
        let builder = Gate::builder();
        let builder = if let Some(clock) = &clock { builder.clock(clock.clone()) } else { builder };
        gates.push(Arc::new(builder.from_policy(&text).await.unwrap()));
    }
    gates.try_into().unwrap()
}

#[tokio::test]
async fn whoever_stops_waiting_gives_the_turn_back() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, false).await {
        let limits = gate.limits();
        assert!(limits.check("turns", "x", 1).await.unwrap().allowed);
        let turn = Arc::new(limits.reserve("turns", "x", 1, Duration::from_secs(18_000)).await.unwrap());
        assert!(turn.wait_us.unwrap() > 0);
        let waits = tokio::spawn({
            let (gate, turn) = (Arc::clone(&gate), Arc::clone(&turn));
            async move { gate.limits().wait(&turn).await }
        });
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(!waits.is_finished() && !turn.permit.as_ref().unwrap().is_spent());
        waits.abort();
        assert!(waits.await.unwrap_err().is_cancelled());
        assert!(turn.permit.as_ref().unwrap().is_spent());
        // Only the first unit is still out: the next would come within its hour.
        let again = limits.reserve("turns", "x", 1, Duration::ZERO).await.unwrap();
        assert!(!again.allowed && again.retry_after_us <= HOUR, "{again:?}");
        let late = limits.refund(turn.permit.as_ref().unwrap(), 1).await.unwrap();
        assert!(late.tiers[0].full_at_us - late.now_us <= HOUR, "and no second time");
    }
}

#[tokio::test]
async fn a_wait_ends_with_its_gate_and_with_its_permit() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, false).await {
        let limits = gate.limits();
        assert!(limits.check("turns", "x", 1).await.unwrap().allowed);
        let wait = async |cost| {
            let turn = Arc::new(limits.reserve("turns", "x", cost, Duration::from_secs(18_000)).await.unwrap());
            let (gate, theirs) = (Arc::clone(&gate), Arc::clone(&turn));
            let waits = tokio::spawn(async move { gate.limits().wait(&theirs).await.map_err(|error| error.code()) });
            // However far it has come by then.
            tokio::task::yield_now().await;
            (turn, waits)
        };
        let (turn, waits) = wait(1).await;
        limits.refund(turn.permit.as_ref().unwrap(), 1).await.unwrap();
        assert_eq!(waits.await.unwrap(), Err("invalid_argument"), "whoever waits for it must not go on without it");
        assert_eq!(limits.wait(&turn).await.unwrap_err().code(), "invalid_argument");
        let (turn, waits) = wait(1).await;
        gate.close().await;
        assert_eq!(waits.await.unwrap(), Err("closed"));
        assert_eq!(limits.wait(&turn).await.unwrap_err().code(), "closed");
        assert_eq!(limits.wait_for(turn.permit.as_ref()).await.unwrap_err().code(), "closed");
    }
}

#[tokio::test]
async fn a_clock_that_stands_still_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        let limits = gate.limits();
        assert!(limits.check("turns", "x", 1).await.unwrap().allowed);
        let turn = limits.reserve("turns", "x", 1, Duration::from_secs(18_000)).await.unwrap();
        assert_eq!(turn.wait_us, Some(HOUR));
        limits.wait(&turn).await.unwrap();
        assert!(!turn.permit.as_ref().unwrap().is_spent());
    }
}

#[tokio::test]
async fn a_decision_that_is_dropped_keeps_its_units_and_one_without_a_wait_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        let limits = gate.limits();
        let first = limits.reserve("turns", "x", 1, Duration::from_secs(60)).await.unwrap();
        assert_eq!((first.allowed, first.wait_us), (true, Some(0)));
        limits.wait(&first).await.unwrap();
        drop(first);
        let refused = limits.check("turns", "x", 1).await.unwrap();
        limits.wait(&refused).await.unwrap();
        assert_eq!((refused.allowed, refused.retry_after_us), (false, HOUR));
        gate.close().await;
        assert_eq!(limits.wait(&refused).await.unwrap_err().code(), "closed");
    }
}

#[tokio::test]
async fn turns_come_in_the_order_in_which_they_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        let limits = gate.limits();
        let mut waits = Vec::new();
        for _ in 0..4 {
            waits.push(limits.reserve("turns", "x", 1, Duration::from_secs(4 * 3_600)).await.unwrap().wait_us);
        }
        assert_eq!(waits, [0, 1, 2, 3].map(|hours| Some(hours * HOUR)));
        // Four are out: the fifth would wait four hours, and waits no longer than it says.
        let refused = limits.reserve("turns", "x", 1, Duration::from_secs(4 * 3_600 - 1)).await.unwrap();
        assert_eq!((refused.allowed, refused.retry_after_us, refused.wait_us), (false, 1_000_000, None));
        assert!(refused.permit.is_none());
        // Longer than the policy lets anyone wait is as long as it does.
        assert_eq!(limits.reserve("turns", "x", 1, Duration::MAX).await.unwrap().wait_us, Some(4 * HOUR));
        let refused = limits.reserve("turns", "x", 1, Duration::MAX).await.unwrap();
        assert_eq!((refused.allowed, refused.wait_us), (true, Some(5 * HOUR)), "five hours are the most");
        let refused = limits.reserve("turns", "x", 1, Duration::MAX).await.unwrap();
        assert_eq!((refused.allowed, refused.retry_after_us), (false, HOUR));
        assert_eq!(limits.reserve("kept", "x", 1, Duration::ZERO).await.unwrap_err().code(), "invalid_argument");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_at_once_give_back_once() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        assert!(gate.limits().check("given", "x", 50).await.unwrap().allowed);
        let permit = Arc::new(gate.limits().check("given", "x", 8).await.unwrap().permit.unwrap());
        assert_eq!(gate.limits().refund(&permit, 9).await.unwrap_err().code(), "invalid_argument");
        let give_back = |_| {
            let (gate, permit) = (Arc::clone(&gate), Arc::clone(&permit));
            tokio::spawn(async move { gate.limits().refund(&permit, 8).await.unwrap() })
        };
        for one in (0..8).map(give_back).collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let again = gate.limits().refund(&permit, 8).await.unwrap();
        assert_eq!((again.tiers[0].used, again.allowed), (50, true), "no second time, but with the decision");
    }
}

#[tokio::test]
async fn what_is_held_comes_back_and_what_was_used_only_where_the_policy_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        let limits = gate.limits();
        let permit = limits.check("kept", "x", 4).await.unwrap().permit.unwrap();
        let after = limits.refund(&permit, 3).await.unwrap();
        assert_eq!((after.tiers[0].used, after.tiers[1].used), (4, 1));

        // Of a bundle no item gives back more than it took.
        let both = limits.check_all(&[("given", "a", 2), ("given", "b", 7)]).await.unwrap();
        assert_eq!((both.cost, both.permit.as_ref().unwrap().cost()), (7, 7));
        let after = limits.refund(both.permit.as_ref().unwrap(), 5).await.unwrap();
        assert_eq!((after.tiers[0].used, after.tiers[1].used), (0, 2));
    }
}

#[tokio::test]
async fn the_tier_that_binds_is_the_one_of_the_subject_that_it_binds() {
    let folder = tempfile::tempdir().unwrap();
    for gate in gates(&folder, true).await {
        let limits = gate.limits();
        limits.check("given", "b", 90).await.unwrap();
        let allowed = limits.check_all(&[("given", "a", 1), ("given", "b", 1)]).await.unwrap();
        assert_eq!(allowed.binding_tier().unwrap().remaining, 9);
        let refused = limits.check_all(&[("given", "a", 10), ("given", "b", 10)]).await.unwrap();
        let binding = refused.binding_tier().unwrap();
        assert_eq!((refused.allowed, binding.allowed, binding.retry_after_us), (false, false, refused.retry_after_us));
    }
}

/// The clock rule brings what was taken in the future to now, and a bucket's permit with it: it gives back what is left of its units. A
/// stamp, a window and a day that never were are nobody's own any more: their permit gives back nothing, and they go by themselves.
#[tokio::test]
async fn a_permit_of_before_a_step_of_the_clock_gives_back_what_is_still_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let set = |micros: i64| clock.set(Timestamp::from_micros(NOW + micros));
    for gate in gates_by(&folder, Some(clock.clone())).await {
        let limits = gate.limits();
        for (policy, taken, used) in [("given", 40, 60), ("log", 4, 4), ("window", 4, 4), ("day", 4, 4)] {
            for (subject, is_written) in [("refund first", false), ("check first", true)] {
                set(0);
                let permit = limits.check(policy, subject, taken).await.unwrap().permit.unwrap();
                // Two days and an hour: the bucket is empty by the clock rule, the others hold what they held.
                set(-49 * HOUR);
                if is_written {
                    assert!(!limits.check(policy, subject, 10).await.unwrap().allowed);
                }
                assert_eq!(limits.refund(&permit, taken).await.unwrap().tiers[0].used, used, "{policy}, {subject}");
                assert_eq!(limits.peek(policy, subject).await.unwrap().tiers[0].used, used, "{policy}, {subject}: written");
            }
        }
        // Where the step is within what the bucket holds, the permit gives back all of it, as if nothing had happened.
        set(0);
        let permit = limits.check("given", "small step", 40).await.unwrap().permit.unwrap();
        set(-60_000_000);
        assert_eq!(limits.peek("given", "small step").await.unwrap().tiers[0].used, 42, "a minute more");
        assert_eq!(limits.refund(&permit, 40).await.unwrap().tiers[0].used, 2);
        // What is held is known by its permit, whatever the clock does.
        set(0);
        let permit = limits.check("kept", "x", 4).await.unwrap().permit.unwrap();
        set(-49 * HOUR);
        assert_eq!(limits.peek("kept", "x").await.unwrap().tiers[1].used, 4);
        assert_eq!(limits.refund(&permit, 3).await.unwrap().tiers[1].used, 1);
    }
}

#[tokio::test]
async fn a_permit_of_another_store_is_no_argument_of_this_gate() {
    let folder = tempfile::tempdir().unwrap();
    let [memory, file] = gates(&folder, true).await;
    for (own, other) in [(&memory, &file), (&file, &memory)] {
        let taken = own.limits().check("given", "x", 40).await.unwrap();
        let permit = taken.permit.as_ref().unwrap();
        assert_eq!(other.limits().refund(permit, 40).await.unwrap_err().code(), "invalid_argument");
        assert!(!permit.is_spent(), "it may still go where it belongs");
        assert_eq!(own.limits().refund(permit, 40).await.unwrap().tiers[0].remaining, 100);
    }
}
