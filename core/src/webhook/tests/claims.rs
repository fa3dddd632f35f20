//! Claims: sequences on one store and one clock, races, and stores that fail.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::entropy::OsEntropy;
use crate::error::Error;
use crate::event::Context;
use crate::host::Host;
use crate::store::{Key, Kind, Listed, Loaded, MemoryStore, MeterItem, MeterOp, Metered, Store, StoreFuture, Swap, SwapReply};
use crate::testing::ManualClock;
use crate::webhook::service::WebhookService;
use crate::webhook::verified::Verified;

const SECOND: i64 = 1_000_000;

struct Bench {
    clock: Arc<ManualClock>,
    host: Arc<Host>,
    store: Arc<Faulty>,
    service: WebhookService,
}

/// A memory store that counts, and fails on demand.
struct Faulty {
    inner: MemoryStore,
    loads: AtomicUsize,
    swaps: AtomicUsize,
    down: AtomicBool,
    /// The swap is carried out and its reply lost.
    lossy: AtomicBool,
    /// The swap is carried out and its reply never comes.
    hanging: AtomicBool,
}

impl Store for Faulty {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Error::unavailable("the store")) });
        }
        self.inner.load(keys)
    }
    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        self.swaps.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Error::unavailable("the store")) });
        }
        let done = self.inner.swap(swap);
        if self.lossy.swap(false, Ordering::SeqCst) {
            return Box::pin(async move {
                done.await?;
                Err(Error::unavailable("the store"))
            });
        }
        if self.hanging.swap(false, Ordering::SeqCst) {
            return Box::pin(async move {
                done.await?;
                std::future::pending().await
            });
        }
        done
    }
    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed> {
        self.inner.list(kind, group, cursor, limit)
    }
    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64> {
        self.inner.sweep(kind, limit)
    }
    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered> {
        self.inner.meter(op, bundle)
    }
    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.close()
    }
}

fn bench(specs: Vec<EndpointSpec>) -> Bench {
    let clock = Arc::new(ManualClock::new(at(NOW)));
    let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
    let store = Arc::new(Faulty {
        inner: MemoryStore::new(clock.clone()),
        loads: AtomicUsize::new(0),
        swaps: AtomicUsize::new(0),
        down: AtomicBool::new(false),
        lossy: AtomicBool::new(false),
        hanging: AtomicBool::new(false),
    });
    let policies: Vec<_> = specs.into_iter().map(policy).collect();
    let service = WebhookService::new(&policies, Some(store.clone()), host.clone());
    Bench { clock, host, store, service }
}

impl Bench {
    fn set(&self, now: i64) {
        self.clock.set(at(now));
    }

    async fn verify_on(&self, endpoint: &str, headers: &[Header]) -> Result<Verified, Error> {
        self.service.verify(endpoint, headers, BODY, None, Context::default()).await
    }

    async fn verify(&self, headers: &[Header]) -> Result<Verified, Error> {
        self.verify_on("hook", headers).await
    }

    async fn code(&self, headers: &[Header]) -> &'static str {
        match self.verify(headers).await {
            Ok(verified) => {
                // Kept from releasing what the test wants to see held.
                std::mem::forget(verified);
                "valid"
            }
            Err(error) => error.code(),
        }
    }
}

fn message() -> Vec<Header> {
    parking("2026-11-21T08:00:00Z", "n-1", BODY)
}

#[tokio::test]
async fn a_nonce_is_used_once() {
    let bench = bench(vec![spec("parking")]);
    let first = bench.verify(&message()).await.unwrap();
    assert!(!first.duplicate());
    let held = bench.verify(&message()).await.unwrap_err();
    assert_eq!((held.code(), held.retry_after()), ("in_progress", Some(Duration::from_secs(30))));
    first.commit().await.unwrap();
    assert_eq!(bench.code(&message()).await, "replayed");
    // Once used it stays used: a late release changes nothing, nor does the drop.
    first.release().await.unwrap();
    drop(first);
    assert_eq!(bench.code(&message()).await, "replayed");
    assert_eq!(bench.code(&parking("2026-11-21T08:00:00Z", "n-2", BODY)).await, "valid");
}

#[tokio::test]
async fn a_forger_uses_no_nonce_up() {
    let bench = bench(vec![spec("parking")]);
    let forged = with(&message(), "X-Chirpstack-Signature", Some(format!("sha256={}", "0".repeat(64)).as_bytes()));
    assert_eq!(bench.code(&forged).await, "signature_mismatch");
    assert_eq!((bench.store.loads.load(Ordering::SeqCst), bench.store.swaps.load(Ordering::SeqCst)), (0, 0));
    assert_eq!(bench.code(&message()).await, "valid");
}

#[tokio::test]
async fn a_first_claim_is_one_round_trip_once_the_store_has_answered() {
    let bench = bench(vec![spec("parking")]);
    assert_eq!(bench.code(&message()).await, "valid");
    let before = (bench.store.loads.load(Ordering::SeqCst), bench.store.swaps.load(Ordering::SeqCst));
    assert_eq!(before, (1, 1));
    bench.set(NOW + 10 * SECOND);
    assert_eq!(bench.code(&parking("2026-11-21T08:00:00Z", "n-2", BODY)).await, "valid");
    assert_eq!((bench.store.loads.load(Ordering::SeqCst), bench.store.swaps.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test]
async fn what_is_released_or_dropped_may_be_delivered_again() {
    let bench = bench(vec![spec("parking")]);
    bench.verify(&message()).await.unwrap().release().await.unwrap();
    drop(bench.verify(&message()).await.unwrap());
    let third = bench.verify(&message()).await.unwrap();
    third.commit().await.unwrap();
    assert_eq!(bench.code(&message()).await, "replayed");
}

#[tokio::test]
async fn a_hold_that_is_over_is_taken_over_and_the_late_holder_changes_nothing() {
    let bench = bench(vec![spec("parking")]);
    let first = bench.verify(&message()).await.unwrap();
    bench.set(NOW + 30 * SECOND - 1);
    let held = bench.verify(&message()).await.unwrap_err();
    assert_eq!((held.code(), held.retry_after()), ("in_progress", Some(Duration::from_micros(1))));
    bench.set(NOW + 30 * SECOND);
    let second = bench.verify(&message()).await.unwrap();
    first.commit().await.unwrap();
    first.release().await.unwrap();
    assert_eq!(bench.code(&message()).await, "in_progress");
    second.release().await.unwrap();
    // The first one's commit did not make it used.
    assert_eq!(bench.code(&message()).await, "valid");
}

#[tokio::test]
async fn a_commit_after_the_hold_counts_where_nobody_took_over() {
    let bench = bench(vec![spec("parking")]);
    let first = bench.verify(&message()).await.unwrap();
    bench.set(NOW + 100 * SECOND);
    first.commit().await.unwrap();
    assert_eq!(bench.code(&message()).await, "replayed");
}

#[tokio::test]
async fn a_nonce_is_remembered_past_the_window_and_the_margin_is_all() {
    let bench = bench(vec![spec("parking")]);
    let future = parking("2026-11-21T08:01:00Z", "n-1", BODY);
    bench.verify(&future).await.unwrap().commit().await.unwrap();
    // 60 s ahead and 300 s of window later it is still in time, and still known.
    bench.set(NOW + 360 * SECOND);
    assert_eq!(bench.code(&future).await, "replayed");
    bench.set(NOW + 360 * SECOND + 1);
    assert_eq!(bench.code(&future).await, "timestamp_too_old");
    let key = {
        let records = bench.store.list(Kind::Nonce, None, None, 10).await.unwrap().records;
        assert_eq!(records[0].expires_at, at(NOW + 420 * SECOND));
        assert!(records[0].value.len() <= 17);
        records[0].key.clone()
    };
    assert_eq!(key.id().len(), 16);
}

#[tokio::test]
async fn a_host_whose_clock_went_back_is_not_open_to_what_the_store_has_forgotten() {
    // The store's clock is another one than the host's, and an hour ahead.
    let store_clock = Arc::new(ManualClock::new(at(NOW + 3600 * SECOND)));
    let host = Arc::new(Host::new(Arc::new(ManualClock::new(at(NOW))), Arc::new(OsEntropy)));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(store_clock));
    let service = WebhookService::new(&[policy(spec("parking"))], Some(store), host);
    assert!(service.check("hook", &message(), BODY, None).is_ok());
    let refused = service.verify("hook", &message(), BODY, None, Context::default()).await.unwrap_err();
    assert_eq!(refused.code(), "timestamp_too_old");
}

#[tokio::test]
async fn the_store_decides_the_time_whatever_the_clock_of_the_host_does() {
    let bench = bench(vec![spec("edge_sync"), EndpointSpec { id: "p".to_owned(), ..spec("parking") }]);
    std::mem::forget(bench.verify_on("p", &message()).await.unwrap());
    // A small step back: a claim made now is held for exactly its hold.
    bench.set(NOW - 2 * SECOND);
    let other = parking("2026-11-21T08:00:00Z", "n-2", BODY);
    std::mem::forget(bench.verify_on("p", &other).await.unwrap());
    let held = bench.verify_on("p", &other).await.unwrap_err();
    assert_eq!(held.retry_after(), Some(Duration::from_secs(30)));
}

#[tokio::test]
async fn an_id_that_was_used_is_a_duplicate_for_96_hours_and_no_error() {
    let mut roll = spec("standard_webhooks");
    roll.secrets.push(secret("b", &encode::base64(&[1; 24])));
    let bench = bench(vec![roll]);
    let first = bench.verify(&standard("msg_1", "1795248000", BODY)).await.unwrap();
    assert_eq!(bench.code(&standard("msg_1", "1795248000", BODY)).await, "in_progress");
    bench.set(NOW + 5 * SECOND);
    first.commit().await.unwrap();
    // The retry has another time, and across a roll another secret.
    let retry = standard_with(&[1; 24], "webhook-", "msg_1", "1795248005", BODY);
    let again = bench.verify(&retry).await.unwrap();
    assert!(again.duplicate());
    assert_eq!(again.checked().key_id, "b");
    again.release().await.unwrap();
    again.commit().await.unwrap();
    drop(again);
    assert!(bench.verify(&retry).await.unwrap().duplicate());
    let hours_96 = 96 * 3600 * SECOND;
    let late = |now: i64| standard("msg_1", &(now / SECOND).to_string(), BODY);
    bench.set(NOW + hours_96 - 1);
    assert!(bench.verify(&late(NOW + hours_96 - 1)).await.unwrap().duplicate());
    bench.set(NOW + hours_96);
    assert!(!bench.verify(&late(NOW + hours_96)).await.unwrap().duplicate());
}

#[tokio::test]
async fn signed_bytes_are_claimed_whatever_secret_signed_them() {
    let other = "another secret of 24 byt";
    let both = EndpointSpec { replay: Some("signature".to_owned()), secrets: vec![secret("a", SECRET), secret("b", other)], ..spec("edge_sync") };
    let bench = bench(vec![both]);
    bench.verify(&edge("1795248000000", BODY)).await.unwrap().commit().await.unwrap();
    let mac = mac(other.as_bytes(), &[b"1795248000000.", BODY]);
    let second_signature = with(&edge("1795248000000", BODY), "x-signature", Some(encode::hex(&mac).as_bytes()));
    assert_eq!(bench.code(&second_signature).await, "replayed");
    let upper = with(&second_signature, "x-signature", Some(encode::hex(&mac).to_uppercase().as_bytes()));
    assert_eq!(bench.code(&upper).await, "replayed");
    assert_eq!(bench.code(&edge("1795248000001", BODY)).await, "valid");
}

#[tokio::test]
async fn one_secret_uses_up_no_nonce_of_another_nor_one_endpoint_of_another() {
    let other = "another secret of 24 byt";
    let two = EndpointSpec { secrets: vec![secret("a", SECRET), secret("b", other)], ..spec("parking") };
    let bench = bench(vec![two, EndpointSpec { id: "other".to_owned(), ..spec("parking") }]);
    bench.verify(&message()).await.unwrap().commit().await.unwrap();
    let mac = mac(other.as_bytes(), &[b"2026-11-21T08:00:00Z.n-1.", BODY]);
    let by_other = with(&message(), "X-Chirpstack-Signature", Some(format!("sha256={}", encode::hex(&mac)).as_bytes()));
    assert_eq!(bench.code(&by_other).await, "valid");
    assert!(bench.verify_on("other", &message()).await.is_ok());
}

#[tokio::test]
async fn one_phase_uses_a_message_up_at_once() {
    let bench = bench(vec![EndpointSpec { claim: Some("one_phase".to_owned()), ..spec("parking") }]);
    let first = bench.verify(&message()).await.unwrap();
    first.release().await.unwrap();
    drop(first);
    assert_eq!(bench.code(&message()).await, "replayed");
}

#[tokio::test]
async fn without_replay_protection_nothing_is_claimed() {
    let bench = bench(vec![spec("edge_sync")]);
    for _ in 0..2 {
        assert_eq!(bench.code(&edge("1795248000000", BODY)).await, "valid");
    }
    assert_eq!((bench.store.loads.load(Ordering::SeqCst), bench.store.swaps.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn while_the_store_is_down_nothing_is_accepted_and_check_goes_on() {
    let bench = bench(vec![spec("parking")]);
    bench.store.down.store(true, Ordering::SeqCst);
    let refused = bench.verify(&message()).await.unwrap_err();
    assert_eq!((refused.code(), refused.status()), ("unavailable", 503));
    assert!(bench.service.check("hook", &message(), BODY, None).is_ok());
    bench.store.down.store(false, Ordering::SeqCst);
    let first = bench.verify(&message()).await.unwrap();
    bench.store.down.store(true, Ordering::SeqCst);
    assert_eq!(first.commit().await.unwrap_err().code(), "unavailable");
    // What was handled is not given back by the drop, even though the commit failed: it stays held.
    bench.store.down.store(false, Ordering::SeqCst);
    drop(first);
    assert_eq!(bench.code(&message()).await, "in_progress");
}

#[tokio::test]
async fn a_lost_reply_is_settled_by_one_load() {
    let bench = bench(vec![spec("parking")]);
    std::mem::forget(bench.verify(&message()).await.unwrap());
    let loads = bench.store.loads.load(Ordering::SeqCst);
    bench.store.lossy.store(true, Ordering::SeqCst);
    let second = bench.verify(&parking("2026-11-21T08:00:00Z", "n-2", BODY)).await.unwrap();
    assert_eq!(bench.store.loads.load(Ordering::SeqCst), loads + 1);
    second.commit().await.unwrap();
    assert_eq!(bench.code(&parking("2026-11-21T08:00:00Z", "n-2", BODY)).await, "replayed");
}

#[tokio::test]
async fn an_aborted_verify_holds_the_message_no_longer_than_the_hold() {
    let bench = bench(vec![spec("parking")]);
    bench.store.hanging.store(true, Ordering::SeqCst);
    let headers = message();
    {
        let aborted = std::pin::pin!(bench.verify(&headers));
        let polled = aborted.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(polled.is_pending());
    }
    assert_eq!(bench.code(&headers).await, "in_progress");
    bench.set(NOW + 30 * SECOND);
    bench.verify(&headers).await.unwrap().commit().await.unwrap();
    assert_eq!(bench.code(&headers).await, "replayed");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_drop_releases_in_a_store_with_threads_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // The clock stands still: only the release can end the hold.
    let clock = Arc::new(ManualClock::new(at(NOW)));
    let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
    let store = crate::store::open(&crate::store::StoreUrl::Sqlite(folder.path().join("hooks.db")), clock).unwrap();
    let service = WebhookService::new(&[policy(spec("parking"))], Some(store.clone()), host);
    let headers = message();
    let verify = || service.verify("hook", &headers, BODY, None, Context::default());
    drop(verify().await.unwrap());
    let released = async {
        loop {
            match verify().await {
                Ok(verified) => break verified,
                Err(error) => assert_eq!(error.code(), "in_progress"),
            }
            tokio::task::yield_now().await;
        }
    };
    let again = tokio::time::timeout(Duration::from_secs(60), released).await.expect("the drop released nothing");
    again.commit().await.unwrap();
    assert_eq!(verify().await.unwrap_err().code(), "replayed");
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_deliveries_at_once_exactly_one_gets_the_message() {
    for round in 0..20 {
        let bench = Arc::new(bench(vec![spec("parking")]));
        let headers = parking("2026-11-21T08:00:00Z", &format!("n-{round}"), BODY);
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let (bench, headers) = (bench.clone(), headers.clone());
                tokio::spawn(async move { bench.code(&headers).await })
            })
            .collect();
        let mut codes = Vec::new();
        for task in tasks {
            codes.push(task.await.unwrap());
        }
        codes.sort_unstable();
        assert_eq!(codes.iter().filter(|code| **code == "valid").count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == "in_progress").count(), 31, "{codes:?}");
    }
}

#[tokio::test]
async fn run_commits_what_was_handled_and_releases_what_was_not() {
    let bench = bench(vec![spec("parking")]);
    let run = async |outcome: Result<u8, Error>| {
        let handle = move |_: &Verified| async move { outcome };
        bench.service.run("hook", &message(), BODY, None, Context::default(), handle).await
    };
    assert_eq!(run(Err(Error::Internal("the handler failed"))).await, Err(Error::Internal("the handler failed")));
    assert_eq!(run(Ok(5)).await, Ok(5));
    assert_eq!(run(Ok(6)).await.unwrap_err().code(), "replayed");
}

#[tokio::test]
async fn what_the_policy_does_not_provide_for_is_said_at_the_call() {
    let host = Arc::new(Host::new(Arc::new(ManualClock::new(at(NOW))), Arc::new(OsEntropy)));
    let service = WebhookService::new(&[policy(spec("parking"))], None, host.clone());
    assert!(service.check("hook", &message(), BODY, None).is_ok());
    let code = async |endpoint: &str| service.verify(endpoint, &message(), BODY, None, Context::default()).await.unwrap_err().code();
    assert_eq!(code("hook").await, "config_invalid");
    assert_eq!(code("nobody").await, "invalid_argument");
    assert_eq!(service.check("nobody", &message(), BODY, None).unwrap_err().code(), "invalid_argument");
    host.close();
    assert_eq!(code("hook").await, "closed");
    assert_eq!(service.check("hook", &message(), BODY, None).unwrap_err().code(), "closed");
    assert_eq!(service.sign("hook", BODY, &Default::default()).unwrap_err().code(), "closed");
}

#[tokio::test]
async fn every_decision_is_an_event_that_holds_nothing_secret() {
    let bench = bench(vec![spec("parking")]);
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = seen.clone();
    bench.host.events.subscribe(Arc::new(move |event| sink.lock().unwrap().push(event.clone())));
    let context = Context { request_id: Some("r-1".to_owned()), ..Context::default() };
    let verified = bench.service.verify("hook", &message(), BODY, None, context).await.unwrap();
    verified.commit().await.unwrap();
    assert_eq!(bench.code(&message()).await, "replayed");
    assert_eq!(bench.code(&with(&message(), "X-Timestamp", Some(b"2026-11-21T07:00:00Z"))).await, "timestamp_too_old");
    let events = seen.lock().unwrap();
    let kinds: Vec<_> = events.iter().map(|event| (event.kind, event.outcome)).collect();
    let verified = "webhook_verified";
    assert_eq!(kinds, [(verified, "verified"), ("webhook_committed", "done"), (verified, "replayed"), (verified, "timestamp_too_old")]);
    assert_eq!(events[0].context.request_id.as_deref(), Some("r-1"));
    assert!(events[0].details.contains(&("key_id", "a".to_owned())));
    assert!(events[3].details.contains(&("delta_ms", "3600000".to_owned())));
    assert!(!format!("{events:?}").contains(SECRET));
}
