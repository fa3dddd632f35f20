//! Decisions that are worked out on demand are those that would have been worked out at once.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use gatewright::Gate;
use gatewright::limits::Decision;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [
    {"id": "one", "tiers": [{"id": "minute", "limit": 7, "period": "1m"}], "refundable": true},
    {"id": "three", "tiers": [
        {"id": "second", "limit": 2, "period": "1s", "burst": 3},
        {"id": "minute", "limit": 7, "period": "1m"},
        {"id": "hour", "limit": 50, "period": "1h"}]},
    {"id": "log", "tiers": [{"id": "quarter", "limit": 5, "period": "15m", "algo": "sliding_log"}]},
    {"id": "full", "tiers": [{"id": "day", "limit": 3, "period": "1d"}], "max_keys": 1, "on_full": "deny"}]}}"#;

fn shown(decision: &Decision) -> String {
    let Decision { allowed, source, now_us, cost, binding, retry_after_us, wait_us, tiers, permit, atomicity } = decision;
    let permit = permit.as_ref().map(gatewright::limits::Permit::cost);
    format!("{allowed} {source:?} {now_us} {cost} {binding:?} {retry_after_us} {wait_us:?} {tiers:?} {permit:?} {atomicity:?}")
}

async fn open(clock: &Arc<ManualClock>) -> Gate {
    Gate::builder().clock(Arc::clone(clock) as _).from_policy(POLICY).await.unwrap()
}

#[tokio::test]
async fn they_are_the_same() {
    let mut now = 1_795_248_726_000_000;
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(now)));
    let (lazy, plain, heard) = (open(&clock).await, open(&clock).await, open(&clock).await);
    heard.on_event(|_| ());
    let (mut allowed, mut refused, mut kept) = (0, 0, Vec::new());
    for step in 0..3_000_u32 {
        // A walk that repeats nothing for a while, back in time as well.
        now += i64::from(step * 7_919 % 900_000) - if step % 97 == 0 { 5_000_000 } else { 0 };
        clock.set(Timestamp::from_micros(now));
        let policy = ["one", "three", "log", "full"][usize::try_from(step % 4).unwrap()];
        let (subject, cost) = (format!("s-{}", step * 31 % 5), step * 13 % 3);
        let expected = shown(&plain.limits().check_local(policy, &subject, cost).unwrap());
        let given = lazy.limits().check_local_lazily(policy, &subject, cost).unwrap();
        let told = heard.limits().check_local_lazily(policy, &subject, cost).unwrap();
        assert_eq!(shown(told.decision()), expected);
        *(if given.allowed() { &mut allowed } else { &mut refused }) += 1;
        kept.push((given, expected));
    }
    // Read when all is over: what came later changes nothing.
    for (given, expected) in kept {
        assert_eq!(shown(given.decision()), expected);
        assert_eq!(given.allowed(), given.decision().allowed);
    }
    assert!(allowed > 300 && refused > 300, "both ways were gone: {allowed} and {refused}");
}

#[tokio::test]
async fn a_permit_is_one_however_often_it_is_read() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_795_248_726_000_000)));
    let gate = open(&clock).await;
    let limits = gate.limits();
    let taken = limits.check_local_lazily("one", "acme", 5).unwrap();
    for _ in 0..3 {
        let back = limits.refund(taken.decision().permit.as_ref().unwrap(), 2).await.unwrap();
        assert_eq!(back.tiers.first().unwrap().used, 3);
    }
    for (policy, cost, code) in [("nobody", 1, "invalid_argument"), ("one", 8, "cost_impossible")] {
        assert_eq!(limits.check_local_lazily(policy, "acme", cost).unwrap_err().code(), code);
    }
}
