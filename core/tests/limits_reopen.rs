//! What stays when a policy is opened anew on the same store, and when the clock goes back after all had leaked away.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use gatewright::Gate;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;
const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"},
    "limits": {"policies": [{"id": "p", "tiers": [{"id": "minute", "limit": 10, "period": "1m"}], "refundable": true}]},
    "lockout": {"policies": [{"id": "login", "threshold": 2}]}}"#;

async fn open() -> (Gate, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    (Gate::builder().clock(clock.clone()).from_policy(POLICY).await.unwrap(), clock)
}

#[tokio::test]
async fn an_account_in_memory_stays_locked_without_a_root_key() {
    let (gate, _) = open().await;
    for _ in 0..2 {
        gate.lockout().begin("login", "ada").await.unwrap().settle(false).await.unwrap();
    }
    let next = gate.reopen(POLICY).await.unwrap();
    assert_eq!(next.lockout().begin("login", "ada").await.unwrap_err().code(), "locked");
    assert_eq!(next.lockout().status("login", "ada").await.unwrap().level, 1);
}

#[tokio::test]
async fn a_refund_of_what_has_leaked_away_takes_nothing_when_the_clock_goes_back() {
    let (gate, clock) = open().await;
    let decision = gate.limits().check("p", "acme", 3).await.unwrap();
    clock.set(Timestamp::from_micros(NOW + 3_600_000_000));
    gate.limits().refund(decision.permit.as_ref().unwrap(), 3).await.unwrap();
    clock.set(Timestamp::from_micros(NOW + 1_800_000_000));
    assert_eq!(gate.limits().peek("p", "acme").await.unwrap().tiers[0].remaining, 10);
}

#[tokio::test]
async fn a_fraction_stays_where_only_the_period_changes() {
    let policy = |period: &str| {
        format!(
            r#"{{"version": 1, "store": {{"default": "memory:"}}, "limits": {{"policies": [
                {{"id": "p", "tiers": [{{"id": "t", "limit": 3, "period": "{period}", "burst": 1}}], "refundable": true}}]}}}}"#
        )
    };
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let gate = Gate::builder().clock(clock.clone()).from_policy(&policy("1s")).await.unwrap();
    // 333,333 1/3 µs of a second are taken, and of 600 ms a unit is 200,000 µs.
    assert!(gate.limits().check("p", "acme", 1).await.unwrap().allowed);
    let next = gate.reopen(&policy("600ms")).await.unwrap();
    let refused = next.limits().check("p", "acme", 1).await.unwrap();
    assert_eq!(refused.retry_after_us, 200_000, "an impossible state is brought to a bucket's emptiness");
    let next = next.reopen(&policy("1500ms")).await.unwrap();
    clock.set(Timestamp::from_micros(NOW + 200_000));
    assert!(next.limits().check("p", "acme", 1).await.unwrap().allowed);
    let permit_of_thirds = next.reopen(&policy("1s")).await.unwrap();
    clock.set(Timestamp::from_micros(NOW + 10_000_000));
    let taken = permit_of_thirds.limits().check("p", "acme", 1).await.unwrap();
    let whole = permit_of_thirds.reopen(&policy("1500ms")).await.unwrap();
    assert_eq!(whole.limits().peek("p", "acme").await.unwrap().tiers[0].full_at_us, NOW + 10_333_334);
    // The third of a µs counts: 500,000 µs must be free.
    let refused = whole.limits().check("p", "acme", 1).await.unwrap();
    assert_eq!(refused.retry_after_us, 333_334);
    let back = whole.limits().refund(taken.permit.as_ref().unwrap(), 1).await.unwrap();
    assert_eq!((back.tiers[0].remaining, back.tiers[0].full_at_us), (1, NOW + 10_000_000));
}
