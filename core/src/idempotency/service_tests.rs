//! Whole operations on one store, with a clock that is set.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::entropy::OsEntropy;
use crate::idempotency::FinishAs;
use crate::idempotency::policy::{Effects, On5xx, Settings};
use crate::store::{Listed, Loaded, MemoryStore, MeterItem, MeterOp, Metered, StoreFuture, Swap, SwapReply};
use crate::testing::ManualClock;
use crate::time::Timestamp;

const NOW: i64 = 1_795_248_000_000_000;

/// A memory store that counts, and fails on demand.
struct Faulty {
    inner: MemoryStore,
    calls: AtomicUsize,
    down: AtomicBool,
    /// The swap is carried out and its reply lost.
    lossy: AtomicBool,
}

impl Store for Faulty {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) { Box::pin(async { Err(Error::unavailable("the store")) }) } else { self.inner.load(keys) }
    }
    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        self.calls.fetch_add(1, Ordering::SeqCst);
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

struct Bench {
    clock: Arc<ManualClock>,
    store: Arc<Faulty>,
    service: IdempotencyService,
}

fn bench(settings: Settings) -> Bench {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let host = Arc::new(Host::new(clock.clone(), Arc::new(OsEntropy)));
    let inner = MemoryStore::new(clock.clone());
    let store = Arc::new(Faulty { inner, calls: AtomicUsize::new(0), down: AtomicBool::new(false), lossy: AtomicBool::new(false) });
    let policy = IdempotencyPolicy { settings: Arc::new(settings), ..IdempotencyPolicy::default() };
    let service = IdempotencyService::new(policy, Some(store.clone()), host, InForce::default(), false);
    Bench { clock, store, service }
}

fn request(body: &'static str) -> Request<'static> {
    Request::new("\"order-17\"", Scope::new("acme", "u-42", "POST", "/orders"), body.as_bytes())
}

impl Bench {
    fn at(&self, secs: i64) {
        self.clock.set(Timestamp::from_micros(NOW + secs * 1_000_000));
    }

    async fn guard(&self) -> Guard {
        match self.service.begin(&request("a")).await.unwrap() {
            Begin::Execute(guard) | Begin::Resume(guard, _) => guard,
            Begin::Replay(response) => panic!("replay of {response:?}"),
        }
    }

    async fn code(&self, body: &'static str) -> &'static str {
        match self.service.begin(&request(body)).await {
            Ok(Begin::Execute(guard)) => {
                // Kept from releasing what the test wants to see held.
                std::mem::forget(guard);
                "execute"
            }
            Ok(Begin::Resume(guard, _)) => {
                std::mem::forget(guard);
                "resume"
            }
            Ok(Begin::Replay(_)) => "replay",
            Err(error) => error.code(),
        }
    }

    fn calls(&self) -> usize {
        self.store.calls.swap(0, Ordering::SeqCst)
    }
}

fn made() -> Response {
    Response::new(201, "made").header("Location", "/orders/1").header("Set-Cookie", "s=1")
}

#[tokio::test]
async fn an_answer_is_replayed_with_its_mark_and_the_key_as_it_was_sent() {
    let bench = bench(Settings::default());
    assert_eq!(bench.guard().await.complete(&made()).await, Ok(made()));
    let Begin::Replay(replay) = bench.service.begin(&request("a")).await.unwrap() else { panic!("it is done") };
    let expected =
        Response::new(201, "made").header("Location", "/orders/1").header("Idempotent-Replayed", "true").header("Idempotency-Key", "\"order-17\"");
    assert_eq!(replay, expected);
    assert_eq!(bench.code("b").await, "idempotency_key_reused");
    let mut bare = request("a");
    bare.key = vec![b"order-17"];
    assert!(matches!(bench.service.begin(&bare).await, Ok(Begin::Replay(_))));
    bare.scope.principal = "u-43".to_owned();
    assert!(matches!(bench.service.begin(&bare).await, Ok(Begin::Execute(_))));
}

#[tokio::test]
async fn a_new_key_is_one_round_trip_and_so_is_its_end() {
    let bench = bench(Settings::default());
    bench.service.begin(&Request::new("warm-up-key", request("a").scope, b"")).await.unwrap();
    bench.calls();
    let guard = bench.guard().await;
    assert_eq!(bench.calls(), 1);
    guard.complete(&made()).await.unwrap();
    assert_eq!(bench.calls(), 1);
    drop(guard);
    assert_eq!(bench.calls(), 0);
}

#[tokio::test]
async fn a_stale_worker_changes_nothing_and_gets_the_winners_answer() {
    let bench = bench(Settings::default());
    let slow = bench.guard().await;
    bench.at(31);
    let winner = bench.guard().await;
    assert!(winner.fence() > slow.fence());
    assert_eq!((slow.attempt(), winner.attempt()), (1, 2));
    assert_eq!(slow.mark_effects().await.unwrap_err().code(), "stale");
    let Err(Error::Idempotency(IdempotencyError::Stale { response: None })) = slow.complete(&Response::new(201, "slow")).await else {
        panic!("stale")
    };
    winner.complete(&made()).await.unwrap();
    let Err(Error::Idempotency(IdempotencyError::Stale { response: Some(response) })) = slow.complete(&Response::new(201, "slow")).await else {
        panic!("stale")
    };
    let Begin::Replay(replay) = bench.service.begin(&request("a")).await.unwrap() else { panic!("it is done") };
    assert_eq!(*response, replay);
    drop(slow);
    assert_eq!(bench.code("a").await, "replay");
}

#[tokio::test]
async fn a_stale_worker_gets_no_answer_to_another_request() {
    let bench = bench(Settings { retention: Duration::from_secs(60), ..Settings::default() });
    let slow = bench.guard().await;
    bench.at(90);
    let Ok(Begin::Execute(other)) = bench.service.begin(&request("b")).await else { panic!("all is forgotten") };
    other.complete(&made()).await.unwrap();
    assert_eq!(slow.complete(&made()).await, Err(IdempotencyError::Stale { response: None }.into()));
}

#[tokio::test]
async fn a_dropped_guard_gives_back_what_had_no_effect() {
    for (effects, on_5xx, marked, expected) in [
        (Effects::Implicit, On5xx::Release, false, "execute"),
        (Effects::Implicit, On5xx::Release, true, "in_progress"),
        (Effects::Implicit, On5xx::Store, false, "in_progress"),
        (Effects::Explicit, On5xx::Store, false, "execute"),
        (Effects::Explicit, On5xx::Store, true, "in_progress"),
    ] {
        let bench = bench(Settings { effects, on_5xx, ..Settings::default() });
        let guard = bench.guard().await;
        if marked {
            guard.mark_effects().await.unwrap();
        }
        drop(guard);
        assert_eq!(bench.code("a").await, expected, "{effects:?} {on_5xx:?} {marked}");
    }
}

#[tokio::test]
async fn a_takeover_goes_on_from_the_checkpoint() {
    let bench = bench(Settings { effects: Effects::Explicit, ..Settings::default() });
    let guard = bench.guard().await;
    guard.mark_effects().await.unwrap();
    guard.checkpoint("charged", b"ch_1").await.unwrap();
    assert_eq!(guard.checkpoint("", b"").await.unwrap_err().code(), "invalid_argument");
    assert_eq!(guard.release().await.unwrap_err().code(), "invalid_argument");
    std::mem::forget(guard);
    bench.at(30);
    let Begin::Resume(guard, checkpoint) = bench.service.begin(&request("a")).await.unwrap() else { panic!("it resumes") };
    assert_eq!(checkpoint, Some(Checkpoint { name: "charged".to_owned(), data: b"ch_1".to_vec() }));
    guard.mark_effects().await.unwrap();
    std::mem::forget(guard);
    bench.at(61);
    assert_eq!(bench.code("a").await, "outcome_unknown");
}

#[tokio::test]
async fn a_store_that_fails_at_the_end_does_not_undo_the_operation() {
    let bench = bench(Settings::default());
    let guard = bench.guard().await;
    bench.store.down.store(true, Ordering::SeqCst);
    assert_eq!(guard.complete(&made()).await, Ok(made().header("Idempotency-Stored", "false")));
    assert_eq!(bench.code("a").await, "unavailable");
    drop(guard);
    bench.store.down.store(false, Ordering::SeqCst);
    assert_eq!(bench.code("a").await, "in_progress");
}

#[tokio::test]
async fn a_lost_reply_is_made_out() {
    let bench = bench(Settings::default());
    bench.store.lossy.store(true, Ordering::SeqCst);
    let guard = bench.guard().await;
    bench.store.lossy.store(true, Ordering::SeqCst);
    guard.mark_effects().await.unwrap();
    bench.store.lossy.store(true, Ordering::SeqCst);
    assert_eq!(guard.complete(&made()).await, Ok(made()));
    assert_eq!(bench.code("a").await, "replay");
}

#[tokio::test]
async fn a_clock_that_jumps_is_taken_from_the_store() {
    let bench = bench(Settings::default());
    let guard = bench.guard().await;
    bench.at(86_400 * 400);
    // Nothing is left of it.
    assert_eq!(guard.complete(&made()).await.unwrap_err().code(), "stale");
    assert_eq!(bench.code("b").await, "execute");
}

#[tokio::test]
async fn run_does_it_all() {
    let bench = bench(Settings::default());
    let request = request("a");
    let failed = bench.service.run(&request, |_, _| async { Err::<Response, _>(Error::Internal("a failure of the handler")) }).await;
    assert_eq!(failed.unwrap_err().code(), "internal");
    let ran = bench.service.run(&request, |guard, _| async move { guard.mark_effects().await.map(|()| Response::new(500, "no")) }).await;
    assert_eq!(ran, Ok(Response::new(500, "no")));
    let replayed = bench.service.run(&request, |_, _| async { Err::<Response, _>(Error::Internal("it is not run")) }).await.unwrap();
    assert_eq!((replayed.status, replayed.body), (500, b"no".to_vec()));
}

#[tokio::test]
async fn whoever_says_so_releases_even_after_a_mark() {
    let bench = bench(Settings::default());
    let guard = bench.guard().await;
    guard.mark_effects().await.unwrap();
    guard.complete_as(&Response::new(201, ""), FinishAs::Release).await.unwrap();
    assert_eq!(bench.code("b").await, "execute");
}

#[tokio::test]
async fn effects_in_a_transaction_need_one() {
    let bench = bench(Settings { effects: Effects::Transactional, ..Settings::default() });
    let refused = bench.service.begin(&request("{}")).await.err().unwrap();
    assert_eq!((refused.code(), refused.problems()[0].field.as_str()), ("config_invalid", "idempotency.effects"));
    assert_eq!(bench.store.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_end_that_the_store_did_not_hear_is_told_again() {
    let bench = bench(Settings::default());
    bench.service.host.background.begin(tokio::runtime::Handle::current());
    let guard = bench.guard().await;
    bench.store.down.store(true, Ordering::SeqCst);
    assert_eq!(guard.complete(&made()).await, Ok(made().header("Idempotency-Stored", "false")));
    drop(guard);
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.store.down.store(false, Ordering::SeqCst);
    while bench.code("a").await == "in_progress" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(bench.code("a").await, "replay");
}

#[tokio::test]
async fn a_route_that_says_so_goes_on_without_the_store() {
    let bench = bench(Settings { on_store_error: OnStoreError::Allow, ..Settings::default() });
    bench.store.down.store(true, Ordering::SeqCst);
    let guard = bench.guard().await;
    assert_eq!((guard.fence(), guard.attempt()), (NOW.unsigned_abs(), 1));
    bench.store.down.store(false, Ordering::SeqCst);
    bench.calls();
    guard.mark_effects().await.unwrap();
    guard.checkpoint("charged", b"").await.unwrap();
    guard.renew().await.unwrap();
    assert_eq!(guard.complete(&made()).await, Ok(made().header("Idempotency-Stored", "false")));
    drop(guard);
    drop(bench.guard().await);
    assert_eq!(bench.calls(), 3, "the first load, a begin and its release: nothing for what has no record");
}

#[tokio::test]
async fn an_answer_that_was_sent_in_pieces_is_known_by_its_digest() {
    let bench = bench(Settings::default());
    let guard = bench.guard().await;
    assert_eq!(guard.complete_streamed(600, [7; 32], None).await.unwrap_err().code(), "invalid_argument");
    assert_eq!(guard.complete_streamed(201, [7; 32], None).await, Ok(true));
    let error = bench.service.begin(&request("a")).await.err().unwrap();
    assert_eq!(error, IdempotencyError::ResponseUnavailable { status: 201, digest: [7; 32] }.into());
    let released = bench.service.begin(&Request::new("order-18", request("a").scope, b"")).await.unwrap();
    let Begin::Execute(guard) = released else { panic!("it is new") };
    assert_eq!(guard.complete_streamed(503, [7; 32], None).await, Ok(true));
    assert!(matches!(bench.service.begin(&Request::new("order-18", request("a").scope, b"")).await, Ok(Begin::Execute(_))));
}

#[tokio::test]
async fn a_message_is_handled_once_and_acknowledged_as_often_as_it_comes() {
    let bench = bench(Settings { retention: Duration::from_secs(60), ..Settings::default() });
    let context = Context::default();
    let Begin::Execute(guard) = bench.service.begin_message("payments", &[1; 32], b"{}", &context).await.unwrap() else { panic!("it is new") };
    assert_eq!(bench.service.begin_message("payments", &[1; 32], b"{}", &context).await.err().unwrap().code(), "in_progress");
    guard.complete(&Response::new(204, "")).await.unwrap();
    // Senders repeat for days.
    bench.at(95 * 3600);
    let Begin::Replay(replay) = bench.service.begin_message("payments", &[1; 32], b"{}", &context).await.unwrap() else { panic!("it is done") };
    assert_eq!(replay, Response::new(204, "").header("Idempotent-Replayed", "true"));
    assert_eq!(bench.service.begin_message("payments", &[1; 32], b"[]", &context).await.err().unwrap().code(), "idempotency_key_reused");
    assert!(matches!(bench.service.begin_message("payments", &[2; 32], b"{}", &context).await, Ok(Begin::Execute(_))));
}
