//! Refusals that are answered again without the store: for how long, for whom, and with which numbers.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use super::decision::Source;
use super::faulty_store::Mode;
use super::outage_tests::{Bench, NOW, minute, policy, service};
use super::policy::{LimitPolicy, OnStoreError};
use super::tier::Tier;
use crate::event::Context;
use crate::store::MemoryStore;
use crate::testing::ManualClock;
use crate::time::Timestamp;

/// A unit a minute, and one of ten a second.
fn policies() -> Vec<LimitPolicy> {
    let second = Tier::token_bucket("second", 10, Duration::from_secs(1)).unwrap();
    let mut fast = policy("fast", OnStoreError::Deny, vec![second]);
    fast.reserve_max_wait = Some(Duration::from_secs(1));
    vec![policy("slow", OnStoreError::Deny, vec![minute(1)]), policy("many", OnStoreError::Deny, vec![minute(5)]), fast]
}

/// Goes on with a call as far as its store lets it.
fn is_pending(call: Pin<&mut impl Future>) -> bool {
    call.poll(&mut TaskContext::from_waker(Waker::noop())).is_pending()
}

#[tokio::test]
async fn a_refusal_is_repeated_for_a_second_with_the_numbers_of_the_store() {
    let bench = Bench::new(policies());
    bench.check("slow", 1).await;
    assert!(!bench.check("slow", 1).await.allowed);
    bench.store.calls();
    for (at, asked) in [(0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (1_999_999, 0), (2_000_000, 1)] {
        bench.at(at);
        let refused = bench.check("slow", 1).await;
        assert_eq!((refused.allowed, refused.source, bench.store.calls()), (false, Source::Store, asked), "{at}");
        let told = (refused.now_us, refused.retry_after_us, refused.tiers[0].next_unit_us, refused.tiers[0].full_at_us);
        assert_eq!(told, (NOW + at, 60_000_000 - at, 60_000_000 - at, NOW + 60_000_000));
    }
}

#[tokio::test]
async fn it_is_not_repeated_beyond_its_retry() {
    let bench = Bench::new(policies());
    bench.check("fast", 10).await;
    assert_eq!(bench.check("fast", 3).await.retry_after_us, 300_000);
    bench.store.calls();
    bench.at(299_999);
    assert_eq!((bench.check("fast", 3).await.retry_after_us, bench.store.calls()), (1, 0));
    bench.at(300_000);
    assert_eq!((bench.check("fast", 3).await.allowed, bench.store.calls()), (true, 1));
}

#[tokio::test]
async fn it_is_repeated_for_no_smaller_cost_no_other_subject_and_no_other_call() {
    let bench = Bench::new(policies());
    let context = Context::default();
    bench.check("many", 4).await;
    assert!(!bench.check("many", 3).await.allowed);
    bench.store.calls();
    let dearer = bench.check("many", 5).await;
    assert_eq!((dearer.allowed, dearer.cost, dearer.retry_after_us, bench.store.calls()), (false, 5, 48_000_000, 0), "5 are 4 more than there are");
    assert_eq!((bench.check("many", 2).await.allowed, bench.store.calls()), (false, 1), "a smaller one");
    assert_eq!((bench.check("many", 2).await.allowed, bench.store.calls()), (false, 0));
    assert_eq!((bench.check("many", 0).await.allowed, bench.store.calls()), (true, 1), "a look");
    assert!(bench.service.check("many", "other", 2, &context).await.unwrap().allowed);
    assert!(!bench.service.check_all(&[("many", "acme", 2), ("slow", "acme", 1)], &context).await.unwrap().allowed);
    assert_eq!(bench.store.calls(), 2, "another subject, a bundle");
    bench.check("fast", 10).await;
    assert!(!bench.check("fast", 5).await.allowed);
    bench.store.calls();
    let reserved = bench.service.reserve("fast", "acme", 5, Duration::from_secs(1), &context).await.unwrap();
    assert_eq!((reserved.wait_us, bench.store.calls()), (Some(500_000), 1));
}

#[tokio::test]
async fn what_this_process_changes_ends_it() {
    let bench = Bench::new(policies());
    let permit = bench.check("many", 4).await.permit.unwrap();
    for back in ["commit", "refund", "reset"] {
        assert!(!bench.check("many", 3).await.allowed);
        bench.store.calls();
        match back {
            "commit" => assert!(bench.check("many", 1).await.allowed),
            "refund" => drop(bench.service.refund(&permit, 1).await.unwrap()),
            _ => drop(bench.reset("many").await.unwrap()),
        }
        bench.store.calls();
        let after = bench.check("many", 3).await;
        assert_eq!((after.allowed, bench.store.calls()), (back == "reset", 1), "{back}");
    }
}

/// Whoever has been told that units are back must not be refused by what was seen before.
#[tokio::test]
async fn a_refusal_on_its_way_while_its_subject_is_changed_is_not_repeated() {
    for change in ["commit", "refund", "reset", "lost", "given up"] {
        let bench = Bench::new(policies());
        let permit = bench.check("many", 4).await.permit.unwrap();
        let hold = bench.store.hold_a_reply();
        let mut refused = pin!(bench.check("many", 5));
        assert!(is_pending(refused.as_mut()), "the store has refused, and its reply is on its way");
        match change {
            "commit" => assert!(bench.check("many", 1).await.allowed),
            "refund" => assert_eq!(bench.service.refund(&permit, 4).await.unwrap().tiers[0].used, 0),
            "reset" => assert_eq!(bench.reset("many").await.unwrap().tiers[0].used, 0),
            "lost" => {
                bench.store.is(Mode::LosesReplies);
                assert_eq!(bench.reset("many").await.unwrap_err(), "unavailable");
                bench.store.is(Mode::Well);
            }
            _ => {
                let _held = bench.store.hold_a_reply();
                assert!(is_pending(pin!(bench.reset("many"))));
            }
        }
        drop(hold);
        assert!(!refused.await.allowed);
        bench.store.calls();
        let after = bench.check("many", 5).await;
        assert_eq!((after.allowed, bench.store.calls()), (change != "commit", 1), "{change}");
    }
}

/// A change that nobody hears the end of ends what was seen before it.
#[tokio::test]
async fn a_change_whose_reply_is_lost_ends_it_too() {
    let bench = Bench::new(policies());
    bench.check("slow", 1).await;
    assert!(!bench.check("slow", 1).await.allowed);
    bench.store.is(Mode::LosesReplies);
    assert_eq!(bench.reset("slow").await.unwrap_err(), "unavailable");
    bench.store.is(Mode::Well);
    assert!(bench.check("slow", 1).await.allowed);
}

#[tokio::test]
async fn what_another_process_gives_back_is_seen_after_a_second() {
    let bench = Bench::new(policies());
    let (other, _) = service(bench.store.clone(), &bench.clock, policies());
    bench.check("slow", 1).await;
    assert!(!bench.check("slow", 1).await.allowed);
    other.reset("slow", "acme", &Context::default()).await.unwrap();
    bench.at(999_999);
    assert!(!bench.check("slow", 1).await.allowed);
    bench.at(1_000_000);
    assert!(bench.check("slow", 1).await.allowed);
}

#[tokio::test]
async fn a_clock_that_was_set_ends_it() {
    for step in [-1, -3_600_000_000] {
        let bench = Bench::new(policies());
        bench.check("slow", 1).await;
        assert!(!bench.check("slow", 1).await.allowed);
        bench.store.calls();
        bench.at(step);
        bench.check("slow", 1).await;
        assert_eq!(bench.store.calls(), 1, "{step}");
    }
}

#[tokio::test]
async fn a_store_in_memory_is_always_asked() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let (one, _) = service(store.clone(), &clock, policies());
    let (other, _) = service(store, &clock, policies());
    let context = Context::default();
    assert!(one.check("slow", "acme", 1, &context).await.unwrap().allowed);
    assert!(!one.check("slow", "acme", 1, &context).await.unwrap().allowed);
    other.reset("slow", "acme", &context).await.unwrap();
    assert!(one.check("slow", "acme", 1, &context).await.unwrap().allowed);
}
