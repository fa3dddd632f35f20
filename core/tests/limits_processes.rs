//! Limits and lockouts among processes that share a SQLite store. A program of its own, because it starts itself as its children.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test, though not one of the usual harness")]

use std::path::Path;
use std::process::{Child, Command, Stdio};

use gatewright::Gate;

const PROCESSES: usize = 4;
const CALLS: usize = 100;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("ask"), Some(path)) => println!("{}", ask(path.as_ref())),
        (Some("guess"), Some(path)) => println!("{}", guess(path.as_ref())),
        _ => {
            assert_eq!(all_of_four("ask"), 60);
            println!("test four_processes_get_exactly_the_limit ... ok");
            assert_eq!(all_of_four("guess"), 10);
            println!("test four_processes_that_guess_verify_exactly_the_threshold ... ok");
        }
    }
}

fn run<T>(path: &Path, work: impl AsyncFnOnce(&Gate) -> T) -> T {
    let policy = format!(
        "version = 1
root_keys = [{{ id = 1, secret = \"hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\", state = \"active\" }}]
[store]
default = \"sqlite:{}\"
[[limits.policies]]
id = \"p\"
on_store_error = \"deny\"
# A unit takes a day and more to come back.
tiers = [{{ id = \"year\", limit = 150, period = \"366d\" }}, {{ id = \"log\", limit = 60, period = \"366d\", algo = \"sliding_log\" }}]
[lockout]
policies = [{{ id = \"login\", subject = \"email\", threshold = 10 }}]
",
        path.display()
    );
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let gate = Gate::from_policy(&policy).await.unwrap();
        let outcome = work(&gate).await;
        gate.close().await;
        outcome
    })
}

/// As a child: how many of its calls get through.
fn ask(path: &Path) -> usize {
    run(path, async |gate| {
        let mut allowed = 0;
        for _ in 0..CALLS {
            allowed += usize::from(gate.limits().check("p", "acme", 1).await.unwrap().allowed);
        }
        allowed
    })
}

/// As a child: how many passwords it checks, all of them wrong, until the account is locked.
fn guess(path: &Path) -> usize {
    run(path, async |gate| {
        let mut verified = 0;
        loop {
            match gate.lockout().begin("login", "ada@example.com").await {
                Ok(attempt) => {
                    verified += 1;
                    attempt.settle(false).await.unwrap();
                }
                Err(error) if error.code() == "locked" => return verified,
                // The others were faster, sixteen times in a row: nothing was charged, and no password is checked.
                Err(error) => assert_eq!(error.code(), "unavailable"),
            }
        }
    })
}

/// What four children say together.
fn all_of_four(what: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let start = |_| Command::new(std::env::current_exe().unwrap()).arg(what).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = (0..PROCESSES).map(start).collect();
    let said = children.into_iter().map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().parse::<usize>().unwrap()
    });
    said.sum()
}
