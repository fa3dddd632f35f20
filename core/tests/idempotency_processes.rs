//! Idempotency among processes that share a SQLite store: a crowd on the same keys, and workers that are killed at each step. A
//! program of its own, because it starts itself as its children.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test, though not one of the usual harness"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use gatewright::Gate;
#[cfg(unix)]
use gatewright::error::{Error, IdempotencyError};
use gatewright::http::Response;
use gatewright::idempotency::{Begin, Guard, Request, Scope};

const PROCESSES: usize = 4;
const THREADS: usize = 32;
const KEYS: usize = 150;
/// Of a crash: long enough to be seen live, short enough to be waited for.
const LEASE: Duration = Duration::from_secs(2);
/// Of a worker that must not lose it while it lives: a busy machine is late to renew it.
#[cfg(unix)]
const LONG_LEASE: Duration = Duration::from_secs(5);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "crowd", path] => return crowd(path.as_ref()),
        [_, "crash", path, step] => return crash(path.as_ref(), step),
        #[cfg(unix)]
        [_, "stale", path] => return stale(path.as_ref()),
        _ => {}
    }
    for (name, test) in [
        ("of_a_crowd_on_one_key_one_completes_and_all_get_its_answer", of_a_crowd_on_one_key_one_completes_and_all_get_its_answer as fn()),
        ("a_killed_worker_leaves_what_its_last_step_says", a_killed_worker_leaves_what_its_last_step_says),
        #[cfg(unix)]
        ("a_worker_that_wakes_after_its_lease_is_refused", a_worker_that_wakes_after_its_lease_is_refused),
    ] {
        test();
        println!("test {name} ... ok");
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn open(path: &Path, effects: &str, lease: Duration) -> Gate {
    let policy = format!(
        "version = 1\n[store]\ndefault = \"sqlite:{}\"\n[idempotency]\neffects = \"{effects}\"\nlease = \"{}ms\"\n",
        path.display(),
        lease.as_millis()
    );
    block_on(Gate::from_policy(&policy)).unwrap()
}

fn request(key: &str) -> Request<'_> {
    Request::new(key, Scope::new("acme", "u-42", "POST", "/orders"), b"{}")
}

fn start(arguments: &[&str]) -> Child {
    Command::new(std::env::current_exe().unwrap()).args(arguments).stdout(Stdio::piped()).spawn().unwrap()
}

/// As a child: every thread asks for every key until it has an answer, and prints it.
fn crowd(path: &Path) {
    let gate = open(path, "implicit", Duration::from_secs(60));
    let lines = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn({
                    let gate = &gate;
                    move || ask_for_all(gate, thread)
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}").unwrap();
    }
    drop(out);
    block_on(gate.close());
}

fn ask_for_all(gate: &Gate, thread: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for at in 0..KEYS {
        // Threads start at different keys, so that each is first at some.
        let key = format!("order-{:06}", (at + thread * 7) % KEYS);
        loop {
            match block_on(gate.idempotency().begin(&request(&key))) {
                Ok(Begin::Execute(guard)) => {
                    let answer = Response::new(201, format!("{key} by {} {thread} {}", std::process::id(), guard.fence()));
                    block_on(guard.complete(&answer)).unwrap();
                    lines.push(format!("completed {}", String::from_utf8(answer.body).unwrap()));
                    break;
                }
                Ok(Begin::Replay(answer)) => {
                    lines.push(format!("replayed {}", String::from_utf8(answer.body).unwrap()));
                    break;
                }
                Ok(Begin::Resume(..)) => panic!("no lease ran out"),
                Err(error) => {
                    assert!(["in_progress", "unavailable"].contains(&error.code()), "{error}");
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
    lines
}

fn of_a_crowd_on_one_key_one_completes_and_all_get_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let children: Vec<Child> = (0..PROCESSES).map(|_| start(&["crowd", path.to_str().unwrap()])).collect();
    let mut completed = HashMap::new();
    let mut replayed = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (how, answer) = line.split_once(' ').unwrap();
            let key = answer.split(' ').next().unwrap().to_owned();
            match how {
                "completed" => assert_eq!(completed.insert(key, answer.to_owned()), None, "completed twice: {answer}"),
                _ => replayed.push((key, answer.to_owned())),
            }
        }
    }
    assert_eq!(completed.len(), KEYS);
    assert_eq!(completed.len() + replayed.len(), PROCESSES * THREADS * KEYS);
    for (key, answer) in replayed {
        assert_eq!(completed[&key], answer);
    }
}

/// As a child: goes as far as the step, says so, and waits to be killed.
fn crash(path: &Path, step: &str) {
    let gate = open(path, effects_of(step), LEASE);
    let key = key_of(step);
    let guard = match block_on(gate.idempotency().begin(&request(&key))).unwrap() {
        Begin::Execute(guard) => guard,
        other => panic!("{other:?}"),
    };
    block_on(go(&guard, step));
    println!("there");
    loop {
        thread::park();
    }
}

async fn go(guard: &Guard, step: &str) {
    match step.split_once('-').unwrap().1 {
        "begun" => {}
        "marked" => guard.mark_effects().await.unwrap(),
        "covered" => {
            guard.mark_effects().await.unwrap();
            guard.checkpoint("half", b"way").await.unwrap();
        }
        "noted" => guard.checkpoint("half", b"way").await.unwrap(),
        "released" => guard.release().await.unwrap(),
        "completed" => drop(guard.complete(&Response::new(201, "made")).await.unwrap()),
        other => panic!("{other}"),
    }
}

fn effects_of(step: &str) -> &str {
    step.split_once('-').unwrap().0
}

fn key_of(step: &str) -> String {
    format!("order-{step}")
}

fn outcome(gate: &Gate, step: &str) -> String {
    match block_on(gate.idempotency().begin(&request(&key_of(step)))) {
        Ok(Begin::Execute(_)) => "execute".to_owned(),
        Ok(Begin::Resume(guard, checkpoint)) => {
            format!("resume {} {}", guard.attempt(), checkpoint.map_or_else(|| "-".to_owned(), |checkpoint| checkpoint.name))
        }
        Ok(Begin::Replay(answer)) => format!("replay {}", answer.status),
        Err(error) => error.code().to_owned(),
    }
}

fn a_killed_worker_leaves_what_its_last_step_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let steps = [
        ("explicit-begun", "resume 2 -"),
        ("explicit-noted", "resume 2 half"),
        ("explicit-marked", "outcome_unknown"),
        ("explicit-covered", "resume 2 half"),
        ("explicit-released", "execute"),
        ("explicit-completed", "replay 201"),
        ("implicit-begun", "resume 2 -"),
        ("implicit-marked", "outcome_unknown"),
        ("implicit-completed", "replay 201"),
    ];
    for (step, _) in steps {
        let mut child = start(&["crash", path.to_str().unwrap(), step]);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "there\n", "{step}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    thread::sleep(LEASE);
    for (step, expected) in steps {
        let gate = open(&path, effects_of(step), LEASE);
        assert_eq!(outcome(&gate, step), expected, "{step}");
        block_on(gate.close());
    }
}

/// As a child: begins, says so, waits for a line and completes; says what came of it.
#[cfg(unix)]
fn stale(path: &Path) {
    let gate = open(path, "implicit", LONG_LEASE);
    let Begin::Execute(guard) = block_on(gate.idempotency().begin(&request("order-stale"))).unwrap() else { panic!("it is new") };
    println!("there");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    match block_on(guard.complete(&Response::new(201, "of the late one"))) {
        Err(Error::Idempotency(IdempotencyError::Stale { response: Some(winner) })) => {
            println!("{} {:?} {}", winner.status, winner.headers, String::from_utf8(winner.body).unwrap());
        }
        other => println!("{other:?}"),
    }
}

/// A worker that a debugger, a full machine or a virtual one's pause stops: its heartbeat stops with it.
#[cfg(unix)]
fn a_worker_that_wakes_after_its_lease_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["stale", path.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "there\n");
    let gate = open(&path, "implicit", LONG_LEASE);
    // Alive, it renews its lease: what is left of it grows now and then.
    let (mut left, mut renewals) = (Duration::MAX, 0);
    while renewals < 2 {
        let error = block_on(gate.idempotency().begin(&request("order-stale"))).unwrap_err();
        assert_eq!(error.code(), "in_progress");
        renewals += usize::from(error.retry_after().unwrap() > left);
        left = error.retry_after().unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "-STOP");
    // Its last renewal was before.
    thread::sleep(LONG_LEASE + LONG_LEASE / 4);
    let Begin::Resume(guard, None) = block_on(gate.idempotency().begin(&request("order-stale"))).unwrap() else { panic!("its lease is over") };
    block_on(guard.complete(&Response::new(201, "of the winner").header("Location", "/orders/1"))).unwrap();
    signal(&child, "-CONT");
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    line.clear();
    out.read_line(&mut line).unwrap();
    let Begin::Replay(replay) = block_on(gate.idempotency().begin(&request("order-stale"))).unwrap() else { panic!("it is done") };
    assert_eq!(line, format!("201 {:?} of the winner\n", replay.headers));
    assert_eq!(replay.body, b"of the winner");
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    assert!(Command::new("sh").args(["-c", &format!("kill {signal} {}", child.id())]).status().unwrap().success());
}
