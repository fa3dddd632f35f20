//! Decisions as bytes: nothing is lost on the way, and a permit gives back what it gives back as itself.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use gatewright::Gate;
use gatewright::limits::Decision;
use gatewright::limits::packed::{self, unpack};
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const POLICY: &str = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [
    {"id": "all", "tiers": [
        {"id": "bucket", "limit": 7, "period": "1m"},
        {"id": "log", "limit": 5, "period": "15m", "algo": "sliding_log"},
        {"id": "window", "limit": 9, "period": "1h", "algo": "sliding_window"},
        {"id": "month", "limit": 100, "algo": "calendar", "unit": "month"},
        {"id": "slots", "limit": 4, "algo": "concurrent", "lease_ttl": "30s"}], "refundable": true},
    {"id": "queue", "tiers": [{"id": "second", "limit": 10, "period": "1s"}], "reserve_max_wait": "30s"}]}}"#;

async fn open(now: i64) -> Gate {
    Gate::builder().clock(Arc::new(ManualClock::new(Timestamp::from_micros(now)))).from_policy(POLICY).await.unwrap()
}

fn pack(decision: &Decision) -> Vec<u8> {
    let mut packed = Vec::new();
    packed::pack(decision, &mut packed).unwrap();
    packed
}

fn assert_same(decision: &Decision) {
    let again = unpack(&pack(decision)).unwrap();
    assert!(again.permit.is_none(), "a permit belongs to its gate");
    let shown = |decision: &Decision| {
        let Decision { allowed, source, now_us, cost, binding, retry_after_us, wait_us, tiers, atomicity, .. } = decision;
        format!("{allowed} {source:?} {now_us} {cost} {binding:?} {retry_after_us} {wait_us:?} {tiers:?} {atomicity:?}")
    };
    assert_eq!(shown(&again), shown(decision));
}

#[tokio::test]
async fn every_member_comes_back_of_every_algorithm() {
    // Before 1970 as well: a clock may show that.
    for now in [1_795_248_726_000_001, -1] {
        let gate = open(now).await;
        let limits = gate.limits();
        for decision in [
            limits.check("all", "acme", 3).await.unwrap(),
            limits.check("all", "acme", 3).await.unwrap(),
            limits.peek("all", "acme").await.unwrap(),
            limits.check_all(&[("all", "a", 1), ("queue", "b", 10)]).await.unwrap(),
            limits.reserve("queue", "b", 5, Duration::from_secs(9)).await.unwrap(),
        ] {
            assert_same(&decision);
        }
    }
}

#[tokio::test]
async fn a_packed_permit_gives_back_what_was_taken_once() {
    let gate = open(1_795_248_726_000_000).await;
    let limits = gate.limits();
    for cost in [1, 3] {
        let decision = limits.check("all", "acme", 4).await.unwrap();
        let permit = limits.packed_permit(&pack(&decision)).unwrap();
        assert_eq!((permit.cost(), permit.is_spent()), (4, false));
        let after = limits.refund(&permit, 4).await.unwrap();
        assert_eq!(after.tiers.iter().map(|tier| tier.used).sum::<u32>(), 0, "{cost}");
        assert!(permit.is_spent());
    }
    let taken = limits.reserve("queue", "b", 10, Duration::ZERO).await.unwrap();
    let permit = limits.packed_permit(&pack(&taken)).unwrap();
    assert_eq!(limits.refund(&permit, 4).await.unwrap().tiers[0].remaining, 4, "what is reserved comes back without `refundable`");
    assert_eq!(limits.refund(&permit, 6).await.unwrap().tiers[0].remaining, 4, "once");
}

#[tokio::test]
async fn bytes_that_are_no_decision_are_none() {
    let gate = open(1_795_248_726_000_000).await;
    let packed = pack(&gate.limits().check("all", "acme", 1).await.unwrap());
    for end in 0..packed.len() {
        assert!(gate.limits().packed_permit(&packed[..end]).is_none(), "{end}");
    }
    assert!(unpack(&[]).is_none());
    assert!(unpack(&[0xff; 64]).is_none());
    let other = Gate::from_policy(r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "all", "preset": "tenant"}]}}"#);
    assert!(other.await.unwrap().limits().packed_permit(&packed).is_none(), "a permit of another gate");
}
