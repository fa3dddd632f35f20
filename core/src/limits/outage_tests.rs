//! What is decided while a shared store does not answer, and what is no outage.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::decision::{Decision, Source};
use super::faulty_store::{FaultyStore, Mode};
use super::policy::{LimitPolicy, OnStoreError};
use super::service::LimitService;
use super::tier::Tier;
use crate::entropy::OsEntropy;
use crate::event::Context;
use crate::host::Host;
use crate::keys::{KeyState, Keyring, RootKey};
use crate::limits::Unit;
use crate::secret::SecretBytes;
use crate::store::Store;
use crate::testing::ManualClock;
use crate::time::Timestamp;

pub(super) const NOW: i64 = 1_795_248_726_000_000;

/// A service on a store that can fail.
pub(super) struct Bench {
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<FaultyStore>,
    pub(super) service: LimitService,
    host: Arc<Host>,
    context: Context,
}

pub(super) fn ring() -> Keyring {
    Keyring::new(&[RootKey { id: 1, secret: SecretBytes::new(vec![7; 32]), state: KeyState::Active }])
}

/// Another service on the same store, as of another process.
pub(super) fn service(store: Arc<dyn Store>, clock: &Arc<ManualClock>, policies: Vec<LimitPolicy>) -> (LimitService, Arc<Host>) {
    let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
    (LimitService::new(policies, Some(store), &ring(), Arc::clone(&host)), host)
}

impl Bench {
    pub(super) fn new(policies: Vec<LimitPolicy>) -> Self {
        Self::with_deadline(policies, None)
    }

    fn with_deadline(policies: Vec<LimitPolicy>, deadline: Option<Duration>) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
        let store = FaultyStore::new(Arc::clone(&clock), deadline);
        let (service, host) = service(store.clone(), &clock, policies);
        Self { clock, store, service, host, context: Context::default() }
    }

    pub(super) fn at(&self, micros: i64) {
        self.clock.set(Timestamp::from_micros(NOW + micros));
    }

    pub(super) async fn check(&self, policy: &str, cost: u32) -> Decision {
        self.service.check(policy, "acme", cost, &self.context).await.unwrap()
    }

    pub(super) async fn reset(&self, policy: &str) -> Result<Decision, &'static str> {
        self.service.reset(policy, "acme", &self.context).await.map_err(|error| error.code())
    }

    /// Who decides on a unit of this policy.
    async fn source(&self, policy: &str) -> Source {
        self.check(policy, 1).await.source
    }

    /// Lets the breaker open.
    async fn break_it(&self) {
        self.store.is(Mode::Down);
        for _ in 0..5 {
            self.check("deny", 1).await;
        }
        self.store.calls();
    }
}

pub(super) fn policy(id: &str, on_store_error: OnStoreError, tiers: Vec<Tier>) -> LimitPolicy {
    let mut policy = LimitPolicy::new(id, tiers).unwrap();
    (policy.on_store_error, policy.refundable) = (on_store_error, true);
    policy
}

pub(super) fn minute(limit: u32) -> Tier {
    Tier::token_bucket("minute", limit, Duration::from_secs(60)).unwrap()
}

fn one_of_each_mode() -> Vec<LimitPolicy> {
    let modes = [("local", OnStoreError::Local(0.5)), ("allow", OnStoreError::Allow), ("deny", OnStoreError::Deny)];
    modes.map(|(id, mode)| policy(id, mode, vec![minute(10)])).into()
}

#[tokio::test]
async fn each_policy_decides_as_it_says() {
    let bench = Bench::new(one_of_each_mode());
    bench.store.is(Mode::Down);
    let open = bench.check("allow", 10).await;
    assert_eq!((open.allowed, open.source, open.retry_after_us, open.tiers[0].remaining), (true, Source::FailOpen, 0, 10));
    assert!(open.permit.is_none(), "nothing was taken");
    let closed = bench.check("deny", 1).await;
    assert_eq!((closed.allowed, closed.source, closed.retry_after_us, closed.tiers[0].remaining), (false, Source::FailClosed, 1_000_000, 0));
    assert!(closed.permit.is_none() && !closed.tiers[0].allowed);
    let local = bench.check("local", 5).await;
    assert_eq!((local.allowed, local.source, local.tiers[0].limit, local.tiers[0].burst, local.tiers[0].remaining), (true, Source::Local, 5, 5, 0));
    let refused = bench.check("local", 1).await;
    assert_eq!((refused.allowed, refused.source, refused.retry_after_us), (false, Source::Local, 12_000_000), "5 a minute");
    assert_eq!(
        [Source::Store, Source::Local, Source::FailOpen, Source::FailClosed].map(Source::as_str),
        ["store", "local", "fail_open", "fail_closed"]
    );
}

#[tokio::test]
async fn what_no_moment_would_allow_asks_no_store() {
    let bench = Bench::new(one_of_each_mode());
    for mode in [Mode::Well, Mode::Down] {
        bench.store.is(mode);
        for policy in ["local", "allow", "deny"] {
            let impossible = bench.service.check(policy, "acme", 11, &bench.context).await.unwrap_err();
            assert_eq!(impossible.code(), "cost_impossible", "even where all is allowed meanwhile");
            let bundle = bench.service.check_all(&[("local", "b", 1), (policy, "acme", 11)], &bench.context).await.unwrap_err();
            assert_eq!(bundle.code(), "cost_impossible");
            let twice = bench.service.check_all(&[(policy, "acme", 1), (policy, "acme", 1)], &bench.context).await.unwrap_err();
            assert_eq!(twice.code(), "invalid_argument");
        }
    }
    assert_eq!(bench.store.calls(), 0);
    assert_eq!(bench.source("local").await, Source::Local, "it was down, and nothing has opened the breaker");
    assert_eq!(bench.store.calls(), 1);
}

#[tokio::test]
async fn a_share_is_of_limit_and_burst_and_at_least_one() {
    let second = Duration::from_secs(1);
    let tiers = vec![
        minute(10).with_burst(20).unwrap(),
        Tier::token_bucket("one", 3, second).unwrap(),
        Tier::sliding_log("log", 9, second).unwrap(),
        Tier::sliding_window("window", 11, second).unwrap(),
        Tier::calendar("day", 100, Unit::Day, 0).unwrap(),
        Tier::concurrent("held", 7, second).unwrap(),
    ];
    let bench = Bench::new(vec![policy("p", OnStoreError::Local(0.25), tiers)]);
    bench.store.is(Mode::Down);
    let decision = bench.check("p", 1).await;
    let shares: Vec<_> = decision.tiers.iter().map(|tier| (&*tier.id, tier.limit, tier.burst)).collect();
    assert_eq!(shares, [("minute", 2, 5), ("one", 1, 1), ("log", 2, 2), ("window", 2, 2), ("day", 25, 25), ("held", 1, 1)]);
    assert!(decision.allowed);
    // A cost that the share never holds is not told a wait that would not help.
    let too_much = bench.check("p", 3).await;
    let waits: Vec<_> = too_much.tiers.iter().map(|tier| (&*tier.id, tier.allowed, tier.retry_after_us)).collect();
    assert_eq!(waits[1..4], [("one", false, 1_000_000), ("log", false, 1_000_000), ("window", false, 1_000_000)]);
}

#[tokio::test]
async fn of_a_bundle_the_strictest_policy_decides() {
    let bench = Bench::new(one_of_each_mode());
    bench.store.is(Mode::Down);
    for (policies, source, allowed) in [
        (["allow", "local"], Source::Local, true),
        (["local", "allow"], Source::Local, true),
        (["allow", "deny"], Source::FailClosed, false),
        (["deny", "local"], Source::FailClosed, false),
    ] {
        let bundle = policies.map(|policy| (policy, "acme", 1));
        let decision = bench.service.check_all(&bundle, &bench.context).await.unwrap();
        assert_eq!((decision.source, decision.allowed, decision.tiers.len()), (source, allowed, 2), "{policies:?}");
        assert_eq!(decision.tiers.iter().all(|tier| tier.allowed), allowed);
    }
    assert_eq!(bench.service.check("local", "acme", 0, &bench.context).await.unwrap().tiers[0].used, 2, "no refused bundle took any");
    let both = [("allow", "acme", 1), ("allow", "other", 1)];
    assert_eq!(bench.service.check_all(&both, &bench.context).await.unwrap().source, Source::FailOpen);
}

#[tokio::test]
async fn five_errors_open_the_breaker_and_a_probe_a_second_closes_it() {
    let bench = Bench::new(one_of_each_mode());
    bench.store.is(Mode::Down);
    for asked in [1, 1, 1, 1, 1, 0, 0] {
        assert_eq!((bench.source("allow").await, bench.store.calls()), (Source::FailOpen, asked));
    }
    for (at, asked) in [(999_999, 0), (1_000_000, 1), (1_000_001, 0), (1_999_999, 0), (2_000_000, 1)] {
        bench.at(at);
        assert_eq!((bench.source("allow").await, bench.store.calls()), (Source::FailOpen, asked), "{at}");
    }
    bench.store.is(Mode::Well);
    assert_eq!((bench.source("allow").await, bench.store.calls()), (Source::FailOpen, 0));
    bench.at(3_000_000);
    for _ in 0..3 {
        assert_eq!((bench.source("allow").await, bench.store.calls()), (Source::Store, 1));
    }
    // Four more errors, and one answer among them, do not open it.
    for mode in [Mode::Down, Mode::Down, Mode::Down, Mode::Down, Mode::Well, Mode::Down, Mode::Down, Mode::Down, Mode::Down] {
        bench.store.is(mode);
        bench.check("allow", 1).await;
        assert_eq!(bench.store.calls(), 1);
    }
}

#[tokio::test]
async fn wrong_settings_and_damaged_records_are_errors_and_no_outage() {
    let bench = Bench::new(one_of_each_mode());
    for (mode, code) in [(Mode::Misconfigured, "config_invalid"), (Mode::Damaged, "record_unreadable")] {
        bench.store.is(mode);
        for _ in 0..7 {
            let error = bench.service.check("allow", "acme", 1, &bench.context).await.unwrap_err();
            assert_eq!((error.code(), bench.store.calls()), (code, 1), "asked each time");
        }
        // Such an answer is one: the store is there again.
        bench.at(10_000_000);
        bench.break_it().await;
        bench.at(11_000_000);
        bench.store.is(mode);
        for _ in 0..2 {
            let error = bench.service.check("allow", "acme", 1, &bench.context).await.unwrap_err();
            assert_eq!((error.code(), bench.store.calls()), (code, 1));
        }
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_in_time_is_down_and_only_where_it_has_a_deadline() {
    let bench = Bench::with_deadline(one_of_each_mode(), Some(Duration::from_millis(50)));
    bench.host.background.begin(tokio::runtime::Handle::current());
    let taken = bench.check("deny", 1).await.permit.unwrap();
    bench.store.is(Mode::Hangs);
    for _ in 0..5 {
        assert_eq!(bench.source("deny").await, Source::FailClosed);
    }
    bench.store.calls();
    assert_eq!((bench.source("local").await, bench.store.calls()), (Source::Local, 0), "the breaker counts them");
    // A refund has nobody else to turn to, so it waits: given up, it might still happen, and again.
    bench.at(1_000_000);
    let refund = bench.service.refund(&taken, 1);
    tokio::select! {
        biased;
        () = tokio::time::sleep(Duration::from_millis(120)) => {}
        done = refund => panic!("{done:?}"),
    }
    let patient = Bench::new(one_of_each_mode());
    patient.host.background.begin(tokio::runtime::Handle::current());
    patient.store.is(Mode::Hangs);
    tokio::select! {
        biased;
        () = tokio::time::sleep(Duration::from_millis(120)) => {}
        decision = patient.check("deny", 1) => panic!("{decision:?}"),
    }
}

#[tokio::test]
async fn whoever_only_looks_is_refused_nothing_and_takes_nothing() {
    let bench = Bench::new(one_of_each_mode());
    bench.store.is(Mode::Down);
    for (policy, source, remaining, next_unit) in
        [("local", Source::Local, 5, 0), ("allow", Source::FailOpen, 10, 0), ("deny", Source::FailClosed, 0, 1_000_000)]
    {
        for _ in 0..2 {
            let peek = bench.check(policy, 0).await;
            assert_eq!((peek.allowed, peek.retry_after_us, peek.source), (true, 0, source));
            assert_eq!((peek.tiers[0].remaining, peek.tiers[0].next_unit_us, peek.permit.is_none()), (remaining, next_unit, true));
        }
    }
}

#[tokio::test]
async fn what_is_in_the_store_is_given_back_there_or_not_at_all() {
    let bench = Bench::new(one_of_each_mode());
    let permit = bench.check("local", 4).await.permit.unwrap();
    bench.store.calls();
    bench.store.is(Mode::Down);
    for _ in 0..7 {
        assert_eq!(bench.reset("local").await.unwrap_err(), "unavailable");
    }
    assert_eq!(bench.store.calls(), 5, "these count too");
    assert_eq!(bench.service.refund(&permit, 4).await.unwrap_err().code(), "unavailable");
    assert_eq!((permit.is_spent(), bench.store.calls()), (false, 0), "nobody was asked, so nothing can have been done");
    bench.store.is(Mode::Well);
    bench.at(1_000_000);
    assert_eq!(bench.check("local", 0).await.tiers[0].used, 4);
    for mode in [Mode::Damaged, Mode::Misconfigured] {
        bench.store.is(mode);
        bench.service.refund(&permit, 4).await.unwrap_err();
        assert!(!permit.is_spent(), "the store has answered: it has done nothing");
    }
    bench.store.is(Mode::Well);
    let back = bench.service.refund(&permit, 4).await.unwrap();
    assert_eq!((back.source, back.tiers[0].used), (Source::Store, 0));
    assert!(permit.is_spent());
}

#[tokio::test]
async fn a_refund_whose_reply_is_lost_gives_back_no_second_time() {
    let bench = Bench::new(one_of_each_mode());
    let mine = bench.check("local", 4).await.permit.unwrap();
    bench.check("local", 5).await;
    bench.store.is(Mode::LosesReplies);
    assert_eq!(bench.service.refund(&mine, 4).await.unwrap_err().code(), "unavailable");
    assert!(mine.is_spent(), "it may have been done");
    bench.store.is(Mode::Well);
    for _ in 0..2 {
        let again = bench.service.refund(&mine, 4).await.unwrap();
        assert_eq!((again.source, again.tiers[0].used), (Source::Store, 5), "it was: what others took is still taken");
    }
    // One that was given up while the store was at work is done once, too.
    let given_up = bench.check("local", 2).await.permit.unwrap();
    let hold = bench.store.hold_a_reply();
    tokio::select! {
        biased;
        done = bench.service.refund(&given_up, 2) => panic!("{done:?}"),
        () = std::future::ready(()) => {}
    }
    drop(hold);
    assert_eq!(bench.service.refund(&given_up, 2).await.unwrap().tiers[0].used, 5);
    // And where nothing was done, nothing comes back but by itself: too much taken for a while is better than too much allowed.
    let lost = bench.check("local", 1).await.permit.unwrap();
    bench.store.is(Mode::Down);
    assert_eq!(bench.service.refund(&lost, 1).await.unwrap_err().code(), "unavailable");
    bench.store.is(Mode::Well);
    assert_eq!(bench.service.refund(&lost, 1).await.unwrap().tiers[0].used, 6);
    bench.at(60_000_000);
    assert_eq!(bench.check("local", 0).await.tiers[0].used, 0);
}

#[tokio::test]
async fn what_was_decided_here_is_given_back_here() {
    let bench = Bench::new(one_of_each_mode());
    bench.check("local", 3).await;
    bench.store.is(Mode::Down);
    let permit = bench.check("local", 4).await.permit.unwrap();
    bench.store.is(Mode::Well);
    bench.store.calls();
    let back = bench.service.refund(&permit, 3).await.unwrap();
    assert_eq!((back.source, back.tiers[0].limit, back.tiers[0].used, bench.store.calls()), (Source::Local, 5, 1, 0));
    let again = bench.service.refund(&permit, 3).await.unwrap();
    assert_eq!((again.source, again.tiers[0].used), (Source::Local, 1), "once");
    let stored = bench.check("local", 0).await;
    assert_eq!((stored.source, stored.tiers[0].used), (Source::Store, 3), "the store's units are untouched");
    // In a bundle with one that allows, that one has nothing to give back.
    bench.store.is(Mode::Down);
    let both = bench.service.check_all(&[("allow", "acme", 1), ("local", "acme", 2)], &bench.context).await.unwrap();
    let back = bench.service.refund(both.permit.as_ref().unwrap(), 2).await.unwrap();
    assert_eq!((back.source, back.tiers[0].remaining, back.tiers[1].used), (Source::Local, 10, 1));
}

#[tokio::test]
async fn reservations_go_by_the_share_too() {
    let mut turns = policy("turns", OnStoreError::Local(0.5), vec![Tier::token_bucket("second", 2, Duration::from_secs(1)).unwrap()]);
    turns.reserve_max_wait = Some(Duration::from_secs(5));
    let modes = [OnStoreError::Allow, OnStoreError::Deny].map(|mode| LimitPolicy { on_store_error: mode, ..turns.clone() });
    let [mut open, mut closed] = modes;
    (open.id, closed.id) = ("open".into(), "closed".into());
    let bench = Bench::new(vec![turns, open, closed]);
    bench.store.is(Mode::Down);
    let reserve = |policy: &'static str| bench.service.reserve(policy, "acme", 1, Duration::from_secs(2), &bench.context);
    for wait in [0, 1_000_000, 2_000_000] {
        let turn = reserve("turns").await.unwrap();
        assert_eq!((turn.source, turn.wait_us), (Source::Local, Some(wait)));
    }
    let refused = reserve("turns").await.unwrap();
    assert_eq!((refused.allowed, refused.retry_after_us), (false, 1_000_000));
    assert_eq!(reserve("open").await.unwrap().wait_us, Some(0));
    let refused = reserve("closed").await.unwrap();
    assert_eq!((refused.allowed, refused.wait_us, refused.source), (false, None, Source::FailClosed));
}

#[tokio::test]
async fn events_tell_who_decided_and_when_the_store_went_and_came() {
    let bench = Bench::new(one_of_each_mode());
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    bench.host.events.subscribe(Arc::new(move |event| {
        let source = event.details.iter().find(|(name, _)| *name == "source").map(|(_, source)| source.clone());
        sink.lock().unwrap().push((event.kind, event.outcome, source.unwrap_or_default()));
    }));
    let heard = || std::mem::take(&mut *told.lock().unwrap());
    bench.check("deny", 1).await;
    assert_eq!(heard(), [("limit_checked", "allowed", "store".to_owned())]);
    bench.break_it().await;
    let down = heard();
    assert_eq!(down.iter().filter(|(kind, ..)| *kind == "limit_store").collect::<Vec<_>>(), [&("limit_store", "down", String::new())]);
    assert_eq!(down.iter().filter(|event| **event == ("limit_checked", "denied", "fail_closed".to_owned())).count(), 5);
    bench.check("allow", 1).await;
    bench.check("local", 1).await;
    assert_eq!(heard().iter().map(|(.., source)| source.as_str()).collect::<Vec<_>>(), ["fail_open", "local"]);
    bench.store.is(Mode::Well);
    bench.at(1_000_000);
    bench.check("deny", 1).await;
    assert_eq!(heard(), [("limit_store", "up", String::new()), ("limit_checked", "allowed", "store".to_owned())]);
}

/// Row 5 of the design's table of what goes wrong elsewhere.
#[tokio::test]
async fn a_host_whose_clock_is_61_s_ahead_gets_nothing_more() {
    let policies = || vec![policy("log", OnStoreError::Deny, vec![Tier::sliding_log("log", 5, Duration::from_secs(60)).unwrap()])];
    let bench = Bench::new(policies());
    let ahead = Arc::new(ManualClock::new(Timestamp::from_micros(NOW + 61_000_000)));
    let (other, _host) = service(bench.store.clone(), &ahead, policies());
    let mut admitted = 0;
    for _ in 0..10 {
        admitted += i32::from(bench.check("log", 1).await.allowed);
        let decision = other.check("log", "acme", 1, &bench.context).await.unwrap();
        assert_eq!(decision.now_us, NOW, "the store's clock");
        admitted += i32::from(decision.allowed);
    }
    assert_eq!(admitted, 5);
}
