//! Limits and lockouts among processes that share a SQLite store. A program of its own, because it starts itself as its children.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test, though not one of the usual harness")]

use std::path::Path;
use std::process::{Child, Command, Stdio};

use gatewright::Gate;

const CALLS: usize = 100;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("ask"), Some(path)) => println!("{}", ask(path.as_ref())),
        (Some("guess"), Some(path)) => println!("{}", guess(path.as_ref(), "login", 1)),
        (Some("guess-in-16-threads"), Some(path)) => println!("{}", guess(path.as_ref(), "patient", 16)),
        _ => {
            assert_eq!(all_of(4, "ask"), 60);
            println!("test four_processes_get_exactly_the_limit ... ok");
            assert_eq!(all_of(4, "guess"), 10);
            println!("test four_processes_that_guess_verify_exactly_the_threshold ... ok");
            assert_eq!(all_of(2, "guess-in-16-threads"), 60);
            println!("test sixteen_threads_of_two_processes_that_guess_verify_exactly_the_threshold ... ok");
        }
    }
}

fn policy(path: &Path) -> String {
    format!(
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
policies = [{{ id = \"login\", subject = \"email\", threshold = 10 }}, {{ id = \"patient\", threshold = 60 }}]
",
        path.display()
    )
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// As a child: how many of its calls get through.
fn ask(path: &Path) -> usize {
    block_on(async {
        let gate = Gate::from_policy(&policy(path)).await.unwrap();
        let mut allowed = 0;
        for _ in 0..CALLS {
            allowed += usize::from(gate.limits().check("p", "acme", 1).await.unwrap().allowed);
        }
        gate.close().await;
        allowed
    })
}

/// As a child: how many passwords it checks, all of them wrong, until the account is locked.
fn guess(path: &Path, policy: &str, threads: usize) -> usize {
    let gate = block_on(Gate::from_policy(&self::policy(path))).unwrap();
    let guess = async || {
        let mut verified = 0;
        loop {
            match gate.lockout().begin(policy, "ada@example.com").await {
                Ok(attempt) => {
                    verified += 1;
                    attempt.settle(false).await.unwrap();
                }
                // However many are faster, nobody is told to come again.
                Err(error) => {
                    assert_eq!(error.code(), "locked");
                    return verified;
                }
            }
        }
    };
    let verified = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| block_on(guess()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    block_on(gate.close());
    verified
}

/// What so many children say together.
fn all_of(processes: usize, what: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let start = |_| Command::new(std::env::current_exe().unwrap()).arg(what).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = (0..processes).map(start).collect();
    let said = children.into_iter().map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().parse::<usize>().unwrap()
    });
    said.sum()
}
