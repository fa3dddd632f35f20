//! What is written, how often, and what becomes of it when the store fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::policy::LockoutPolicy;
use super::service::LockoutService;
use crate::entropy::OsEntropy;
use crate::event::Context;
use crate::host::Host;
use crate::limits::SubjectForm;
use crate::limits::faulty_store::{FaultyStore, Mode};
use crate::limits::outage_tests::{NOW, ring};
use crate::store::{Kind, Record, Store};
use crate::testing::ManualClock;
use crate::time::Timestamp;

const HOUR: i64 = 3_600_000_000;
const ADA: &str = "ada@example.com";

struct Bench {
    clock: Arc<ManualClock>,
    store: Arc<FaultyStore>,
    service: LockoutService,
    told: Arc<Mutex<Vec<(&'static str, &'static str)>>>,
}

impl Bench {
    fn new(threshold: u32) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
        let store = FaultyStore::new(Arc::clone(&clock), None);
        let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
        let told: Arc<Mutex<Vec<_>>> = Arc::default();
        let sink = Arc::clone(&told);
        host.events.subscribe(Arc::new(move |event| sink.lock().unwrap().push((event.kind, event.outcome))));
        let mut policy = LockoutPolicy::new("login");
        (policy.threshold, policy.subject) = (threshold, SubjectForm::Email);
        let service = LockoutService::new(vec![policy], Some(store.clone()), &ring(), host);
        Self { clock, store, service, told }
    }

    fn at(&self, micros: i64) {
        self.clock.set(Timestamp::from_micros(NOW + micros));
    }

    async fn begin(&self) -> crate::Result<super::Attempt> {
        self.service.begin("login", ADA, None, &Context::default()).await
    }

    async fn fail(&self, times: usize) {
        for _ in 0..times {
            self.begin().await.unwrap().settle(false).await.unwrap();
        }
    }

    async fn unlock(&self) -> crate::Result<()> {
        self.service.unlock("login", ADA, None, &Context::default()).await
    }

    async fn fails(&self) -> u32 {
        self.service.status("login", ADA, None).await.unwrap().fails
    }

    async fn is_locked(&self) -> bool {
        self.service.status("login", ADA, None).await.unwrap().locked_until.is_some()
    }

    async fn records(&self) -> Vec<Record> {
        self.store.list(Kind::Lockout, None, None, 10).await.unwrap().records
    }

    fn heard(&self, kind: &str) -> Vec<&'static str> {
        let all = std::mem::take(&mut *self.told.lock().unwrap());
        all.into_iter().filter(|(told, _)| *told == kind).map(|(_, outcome)| outcome).collect()
    }
}

#[tokio::test]
async fn while_an_account_is_locked_nothing_is_written_but_what_the_clock_made_impossible() {
    let bench = Bench::new(2);
    bench.fail(2).await;
    let before = bench.records().await;
    for at in [0, 1, HOUR / 2, HOUR - 1] {
        bench.at(at);
        assert_eq!(bench.begin().await.unwrap_err().code(), "locked");
        assert_eq!(bench.records().await, before, "not even its version");
    }
    bench.at(-HOUR);
    bench.service.status("login", ADA, None).await.unwrap();
    assert_eq!(bench.records().await, before, "whoever only looks writes nothing");
    assert_eq!(bench.begin().await.unwrap_err().retry_after(), Some(Duration::from_secs(3_600)));
    let clamped = bench.records().await;
    assert_ne!(clamped, before);
    assert_eq!(bench.begin().await.unwrap_err().code(), "locked");
    assert_eq!(bench.records().await, clamped, "once");
}

#[tokio::test]
async fn a_record_lives_for_a_day_after_its_window_and_its_lock() {
    let bench = Bench::new(2);
    bench.fail(1).await;
    let lives = |record: &Record| record.expires_at.as_micros() - NOW;
    // Rounded up to the hour, so that most swaps leave the index alone.
    let hours = |micros: i64| micros..micros + HOUR;
    assert!(hours(48 * HOUR).contains(&lives(&bench.records().await[0])));
    bench.at(24 * HOUR - 1);
    bench.fail(1).await;
    assert!(hours(49 * HOUR - 1).contains(&lives(&bench.records().await[0])), "the lock ends after the window");
    bench.at(24 * HOUR);
    bench.unlock().await.unwrap();
    assert!(hours(48 * HOUR).contains(&lives(&bench.records().await[0])), "an unlock keeps the record");
}

#[tokio::test]
async fn an_abandoned_attempt_whose_reply_is_lost_is_not_abandoned_again() {
    let bench = Bench::new(10);
    bench.fail(3).await;
    let attempt = bench.begin().await.unwrap();
    bench.store.is(Mode::LosesReplies);
    assert_eq!(attempt.abandon().await.unwrap_err().code(), "unavailable");
    bench.store.is(Mode::Well);
    assert_eq!(bench.fails().await, 3, "it was done");
    bench.store.calls();
    attempt.abandon().await.unwrap();
    drop(attempt);
    assert_eq!((bench.store.calls(), bench.fails().await), (0, 3));
    // Where nothing was done, the charge stays.
    let attempt = bench.begin().await.unwrap();
    bench.store.is(Mode::Down);
    assert_eq!(attempt.abandon().await.unwrap_err().code(), "unavailable");
    bench.store.is(Mode::Well);
    drop(attempt);
    assert_eq!(bench.fails().await, 4);
    // A drop abandons, once.
    drop(bench.begin().await.unwrap());
    assert_eq!(bench.fails().await, 4);
}

#[tokio::test]
async fn a_success_whose_reply_is_lost_may_be_told_again() {
    let bench = Bench::new(2);
    bench.fail(1).await;
    let last = bench.begin().await.unwrap();
    for mode in [Mode::Down, Mode::LosesReplies] {
        bench.store.is(mode);
        assert_eq!(last.settle(true).await.unwrap_err().code(), "unavailable");
    }
    bench.store.is(Mode::Well);
    let stranger = bench.begin().await.unwrap();
    last.settle(true).await.unwrap();
    assert_eq!((bench.fails().await, stranger.n()), (1, 1), "of an older generation it forgives nothing twice");
    drop(last);
    assert_eq!(bench.fails().await, 1);
}

#[tokio::test]
async fn without_its_store_no_password_is_checked() {
    let bench = Bench::new(2);
    for (mode, code) in [(Mode::Down, "unavailable"), (Mode::Damaged, "record_unreadable"), (Mode::Misconfigured, "config_invalid")] {
        bench.store.is(mode);
        for _ in 0..7 {
            assert_eq!(bench.begin().await.unwrap_err().code(), code, "each time: there is no way round it");
        }
        assert_eq!(bench.unlock().await.unwrap_err().code(), code);
    }
    // An attempt whose reply is lost is charged, and checks nothing either.
    bench.store.is(Mode::LosesReplies);
    assert_eq!(bench.begin().await.unwrap_err().code(), "unavailable");
    bench.store.is(Mode::Well);
    assert_eq!(bench.fails().await, 1);
}

#[tokio::test]
async fn that_an_account_was_locked_is_told_once() {
    let bench = Bench::new(2);
    let first = bench.begin().await.unwrap();
    first.settle(false).await.unwrap();
    assert_eq!(bench.heard("locked_out"), [""; 0]);
    let last = bench.begin().await.unwrap();
    last.settle(false).await.unwrap();
    last.settle(false).await.unwrap();
    first.settle(false).await.unwrap();
    drop(last);
    assert_eq!(bench.begin().await.unwrap_err().code(), "locked");
    assert_eq!(bench.heard("locked_out"), ["locked"]);
    bench.unlock().await.unwrap();
    bench.fail(1).await;
    bench.begin().await.unwrap().settle(true).await.unwrap();
    bench.fail(1).await;
    drop(bench.begin().await.unwrap());
    assert_eq!((bench.heard("locked_out"), bench.is_locked().await), (vec![], false), "neither a success nor one that was abandoned");
}

#[tokio::test]
async fn a_password_reset_forgives_all_and_what_was_under_way_changes_nothing() {
    let bench = Bench::new(3);
    let [abandoned, right, wrong] = [bench.begin().await.unwrap(), bench.begin().await.unwrap(), bench.begin().await.unwrap()];
    assert!(wrong.last() && bench.is_locked().await);
    bench.at(1);
    bench.unlock().await.unwrap();
    assert_eq!((bench.fails().await, bench.is_locked().await, bench.records().await.len()), (0, false, 1));
    bench.fail(2).await;
    let before = bench.records().await;
    abandoned.abandon().await.unwrap();
    right.settle(true).await.unwrap();
    wrong.settle(false).await.unwrap();
    assert_eq!((bench.records().await, bench.fails().await), (before, 2));
    // Of an account that nobody has tried there is nothing to forgive, and nothing to write.
    bench.service.unlock("login", "bob@example.com", None, &Context::default()).await.unwrap();
    bench.service.status("login", "bob@example.com", None).await.unwrap();
    assert_eq!(bench.records().await.len(), 1);
}

#[tokio::test]
async fn a_known_device_is_counted_by_itself() {
    let bench = Bench::new(2);
    bench.fail(2).await;
    let context = Context::default();
    let begin = |device| bench.service.begin("login", ADA, Some(device), &context);
    for _ in 0..2 {
        begin("phone").await.unwrap().settle(false).await.unwrap();
    }
    assert_eq!(begin("phone").await.unwrap_err().code(), "locked");
    begin("tablet").await.unwrap().settle(true).await.unwrap();
    begin("").await.unwrap().settle(true).await.unwrap();
    bench.service.unlock("login", ADA, Some("phone"), &context).await.unwrap();
    assert_eq!(begin("phone").await.unwrap().n(), 1);
    assert!(bench.is_locked().await, "what a stranger locked stays so for strangers");
    // No device can be named so that it is another account's, or another device's.
    let other = bench.service.status("login", "ada@example.co", Some("m")).await.unwrap();
    assert_eq!(other.fails, 0);
}

#[tokio::test]
async fn the_key_of_an_account_says_nothing_without_the_root_key() {
    let bench = Bench::new(2);
    bench.fail(1).await;
    let [record] = <[Record; 1]>::try_from(bench.records().await).unwrap();
    let plain = <sha2::Sha256 as sha2::Digest>::digest(ADA);
    assert_eq!(record.key.id().len(), 32);
    assert_ne!(record.key.id(), plain.as_slice());
    assert!(record.group.is_none() && !record.value.windows(3).any(|part| part == b"ada"));
}
