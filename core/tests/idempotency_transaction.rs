//! Operations in their caller's own SQLite transactions: effects and answer are there together, once, or not at all.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use gatewright::Gate;
use gatewright::http::Response;
use gatewright::idempotency::{BeginIn, FinishAs, Request, Scope};
use gatewright::rusqlite::{Connection, TransactionBehavior};

fn gate(settings: &str) -> Gate {
    let policy = format!("version = 1\n[idempotency]\neffects = \"transactional\"\n{settings}\n");
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(Gate::from_policy(&policy)).unwrap()
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(60)).unwrap();
    connection
}

fn database(path: &Path, gate: &Gate) -> Connection {
    let connection = open(path);
    connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE orders (key TEXT, worker INTEGER)").unwrap();
    gate.idempotency().prepare_in(&connection).unwrap();
    gate.idempotency().prepare_in(&connection).unwrap();
    connection
}

fn request(key: &str) -> Request<'_> {
    Request::new(key, Scope::new("acme", "u-42", "POST", "/orders"), b"{}")
}

#[test]
fn of_many_that_fail_again_and_again_each_key_is_done_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let gate = gate("");
    let connection = database(&path, &gate);
    let answers: Vec<(String, Vec<u8>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8_u32)
            .map(|worker| {
                let (gate, path) = (&gate, &path);
                scope.spawn(move || work(gate, &mut open(path), worker))
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut by_key = HashMap::new();
    for (key, body) in answers {
        assert_eq!(by_key.entry(key).or_insert_with(|| body.clone()), &body);
    }
    let mut select = connection.prepare("SELECT key, count(*), max(worker) FROM orders GROUP BY key").unwrap();
    let rows: Vec<(String, i64, u32)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 20);
    for (key, count, worker) in rows {
        assert_eq!((count, by_key.get(&key)), (1, Some(&worker.to_string().into_bytes())), "{key}");
    }
}

fn work(gate: &Gate, connection: &mut Connection, worker: u32) -> Vec<(String, Vec<u8>)> {
    let mut answers = Vec::new();
    for at in 0..20_u32 {
        let key = format!("order-{:06}", (at + worker * 3) % 20);
        // Fails, and rolls back, some times before it succeeds.
        for attempt in 0.. {
            let transaction = connection.transaction().unwrap();
            match gate.idempotency().begin_in(&transaction, &request(&key)).unwrap() {
                BeginIn::Replay(answer) => {
                    answers.push((key, answer.body));
                    break;
                }
                BeginIn::Execute(guard) => {
                    transaction.execute("INSERT INTO orders VALUES (?1, ?2)", (&key, worker)).unwrap();
                    let answer = guard.complete(&Response::new(201, worker.to_string())).unwrap();
                    if !(worker + at + attempt).is_multiple_of(3) {
                        continue;
                    }
                    transaction.commit().unwrap();
                    answers.push((key, answer.body));
                    break;
                }
            }
        }
    }
    answers
}

#[test]
fn what_is_released_may_be_run_again_with_a_greater_fence() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate("");
    let mut connection = database(&folder.path().join("app.db"), &gate);
    let mut fences = Vec::new();
    for (status, finish_as, is_stored) in
        [(500, None, false), (429, None, false), (201, Some(FinishAs::Release), false), (500, Some(FinishAs::Store), true)]
    {
        let transaction = connection.transaction().unwrap();
        let BeginIn::Execute(guard) = gate.idempotency().begin_in(&transaction, &request("order-000017")).unwrap() else { panic!("released") };
        fences.push(guard.fence());
        let answer = Response::new(status, "answer");
        match finish_as {
            Some(finish_as) => guard.complete_as(&answer, finish_as),
            None => guard.complete(&answer),
        }
        .unwrap();
        transaction.commit().unwrap();
        let transaction = connection.transaction().unwrap();
        let again = gate.idempotency().begin_in(&transaction, &request("order-000017")).unwrap();
        assert_eq!(matches!(again, BeginIn::Replay(_)), is_stored, "{status}");
    }
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
    let transaction = connection.transaction().unwrap();
    let other = Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/orders"), b"[]");
    assert_eq!(gate.idempotency().begin_in(&transaction, &other).err().unwrap().code(), "idempotency_key_reused");
}

#[test]
fn a_transaction_that_others_are_in_the_way_of_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let gate = gate("");
    let mut connection = database(&path, &gate);
    let blocked = open(&path);
    blocked.busy_timeout(Duration::ZERO).unwrap();
    let mut blocked = blocked;
    let holder = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let transaction = blocked.transaction().unwrap();
    assert_eq!(gate.idempotency().begin_in(&transaction, &request("order-000017")).err().unwrap().code(), "unavailable");
    drop((holder, transaction));
    // A read before it ties the transaction to a state that is gone by then.
    let transaction = blocked.transaction().unwrap();
    transaction.query_row("SELECT count(*) FROM orders", [], |row| row.get::<_, i64>(0)).unwrap();
    connection.execute("INSERT INTO orders VALUES ('x', 1)", []).unwrap();
    assert_eq!(gate.idempotency().begin_in(&transaction, &request("order-000017")).err().unwrap().code(), "unavailable");
}

#[test]
fn records_go_after_their_retention_and_damaged_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let gate = gate("retention = \"1ms\"\nlease = \"1ms\"");
    let mut connection = database(&folder.path().join("app.db"), &gate);
    for key in ["order-000017", "order-000018"] {
        let transaction = connection.transaction().unwrap();
        let BeginIn::Execute(guard) = gate.idempotency().begin_in(&transaction, &request(key)).unwrap() else { panic!("it is new") };
        guard.complete(&Response::new(201, "")).unwrap();
        transaction.commit().unwrap();
    }
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(gate.idempotency().sweep_in(&connection, 1).unwrap(), 1);
    assert_eq!(gate.idempotency().sweep_in(&connection, 9).unwrap(), 1);
    let transaction = connection.transaction().unwrap();
    let BeginIn::Execute(guard) = gate.idempotency().begin_in(&transaction, &request("order-000017")).unwrap() else { panic!("it is gone") };
    guard.complete(&Response::new(201, "")).unwrap();
    transaction.execute("UPDATE gatewright_idempotency SET value = x'ff', expires_at = 9223372036854775807", []).unwrap();
    assert_eq!(gate.idempotency().begin_in(&transaction, &request("order-000017")).err().unwrap().code(), "record_unreadable");
}

#[test]
fn routes_of_other_effects_are_refused_and_so_is_begin_on_this_one() {
    let gate = gate("routes = [{ match = { path = \"/marked\" }, effects = \"explicit\" }]");
    let mut connection = Connection::open_in_memory().unwrap();
    let transaction = connection.transaction().unwrap();
    let marked = Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/marked"), b"{}");
    assert_eq!(gate.idempotency().begin_in(&transaction, &marked).err().unwrap().code(), "config_invalid");
    // The table is missing: a fault of the set-up, not an outage.
    assert_eq!(gate.idempotency().begin_in(&transaction, &request("order-000017")).err().unwrap().code(), "internal");
}
