//! Idempotency while real time passes: leases that are kept alive, and requests that wait for another's answer.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatewright::Gate;
use gatewright::error::Error;
use gatewright::http::Response;
use gatewright::idempotency::{Begin, Request, Scope};
use tokio::time::sleep;

async fn gate(store: &str, settings: &str) -> Arc<Gate> {
    Arc::new(Gate::from_policy(&format!("version = 1\n[store]\ndefault = \"{store}\"\n[idempotency]\n{settings}\n")).await.unwrap())
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("store.db").display())
}

fn request() -> Request<'static> {
    Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/orders"), b"{}")
}

async fn code(gate: &Gate) -> &'static str {
    match gate.idempotency().begin(&request()).await {
        Ok(Begin::Execute(_)) => "execute",
        Ok(Begin::Resume(..)) => "resume",
        Ok(Begin::Replay(_)) => "replay",
        Err(error) => error.code(),
    }
}

/// Runs the operation once, slowly, from so many requests at a time; gives how often it was run, and the answers. It does not end before
/// `answered` of the others have theirs, however late a busy machine lets them ask.
async fn crowd(gates: &[Arc<Gate>], requests: usize, answered: usize) -> (usize, Vec<Result<Response, Error>>) {
    let (runs, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let all: Vec<_> = (0..requests)
        .map(|at| {
            let (gate, runs, done) = (Arc::clone(&gates[at % gates.len()]), Arc::clone(&runs), Arc::clone(&done));
            tokio::spawn(async move {
                let handle = |_, _| async {
                    runs.fetch_add(1, Ordering::SeqCst);
                    sleep(Duration::from_millis(300)).await;
                    while done.load(Ordering::SeqCst) < answered {
                        sleep(Duration::from_millis(5)).await;
                    }
                    Ok::<_, Error>(Response::new(201, "made"))
                };
                let answer = gate.idempotency().run(&request(), handle).await;
                done.fetch_add(1, Ordering::SeqCst);
                answer
            })
        })
        .collect();
    let mut answers = Vec::new();
    for one in all {
        answers.push(one.await.unwrap());
    }
    (runs.load(Ordering::SeqCst), answers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_wait_get_the_winners_answer() {
    let folder = tempfile::tempdir().unwrap();
    let shared = sqlite(folder.path());
    let stores = [vec![gate("memory:", "wait = \"30s\"").await], vec![gate(&shared, "wait = \"30s\"").await, gate(&shared, "wait = \"30s\"").await]];
    for gates in stores {
        let (runs, answers) = crowd(&gates, 60, 0).await;
        assert_eq!(runs, 1);
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.body == b"made")), "{answers:?}");
        let replays = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| !answer.headers.is_empty())).count();
        assert_eq!(replays, 59);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_waiting_all_but_one_are_told_to_come_again() {
    let (runs, answers) = crowd(&[gate("memory:", "").await], 20, 19).await;
    let refused = answers.iter().filter(|answer| answer.as_ref().is_err_and(|error| error.code() == "in_progress")).count();
    assert_eq!((runs, refused), (1, 19));
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let gate = gate("memory:", "wait = \"100ms\"").await;
    let Ok(Begin::Execute(guard)) = gate.idempotency().begin(&request()).await else { panic!("it is new") };
    let error = gate.idempotency().begin(&request()).await.unwrap_err();
    assert_eq!(error.code(), "in_progress");
    // What is left of the lease of 30 s, which is renewed every 10 s, and not of the wait.
    assert!(error.retry_after().unwrap() >= Duration::from_secs(10));
    guard.complete(&Response::new(201, "")).await.unwrap();
    assert_eq!(code(&gate).await, "replay");
}

#[tokio::test]
async fn who_waits_takes_over_what_is_given_back_and_hears_of_a_mismatch_at_once() {
    let gate = gate("memory:", "wait = \"30s\"").await;
    let Ok(Begin::Execute(guard)) = gate.idempotency().begin(&request()).await else { panic!("it is new") };
    let other = Request { content: gatewright::idempotency::Content { body: Some(b"other"), ..Default::default() }, ..request() };
    assert_eq!(gate.idempotency().begin(&other).await.unwrap_err().code(), "idempotency_key_reused");
    let waiting = tokio::spawn({
        let gate = Arc::clone(&gate);
        async move { code(&gate).await }
    });
    sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    drop(guard);
    assert_eq!(waiting.await.unwrap(), "execute");
}

#[tokio::test]
async fn one_who_stops_waiting_leaves_the_turn_to_the_next() {
    let gate = gate("memory:", "wait = \"30s\"").await;
    let Ok(Begin::Execute(guard)) = gate.idempotency().begin(&request()).await else { panic!("it is new") };
    let wait = || {
        let gate = Arc::clone(&gate);
        tokio::spawn(async move { code(&gate).await })
    };
    let first = wait();
    sleep(Duration::from_millis(20)).await;
    let second = wait();
    sleep(Duration::from_millis(20)).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    guard.complete(&Response::new(201, "")).await.unwrap();
    assert_eq!(second.await.unwrap(), "replay");
}

#[tokio::test]
async fn a_lease_is_renewed_while_its_guard_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let shared = sqlite(folder.path());
    // Long enough for a busy machine, which is late to renew it.
    let (ours, theirs) = (gate(&shared, "lease = \"4s\"").await, gate(&shared, "lease = \"4s\"").await);
    let Ok(Begin::Execute(guard)) = ours.idempotency().begin(&request()).await else { panic!("it is new") };
    guard.mark_effects().await.unwrap();
    let (mut left, mut renewals) = (Duration::MAX, 0);
    while renewals < 3 {
        let error = theirs.idempotency().begin(&request()).await.unwrap_err();
        assert_eq!(error.code(), "in_progress");
        // It only ever grows by being renewed.
        renewals += usize::from(error.retry_after().unwrap() > left);
        left = error.retry_after().unwrap();
        sleep(Duration::from_millis(50)).await;
    }
    // Marked, so it is not given back; and nobody renews it any more.
    drop(guard);
    while code(&theirs).await == "in_progress" {
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(code(&theirs).await, "outcome_unknown");
}

#[tokio::test]
async fn a_dropped_guard_of_a_file_is_released_behind_the_scenes() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate(&sqlite(folder.path()), "wait = \"30s\"").await;
    let Ok(Begin::Execute(guard)) = gate.idempotency().begin(&request()).await else { panic!("it is new") };
    drop(guard);
    assert_eq!(code(&gate).await, "execute");
}
