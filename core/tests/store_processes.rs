//! The SQLite store among processes: writers that race, writers that are killed, and forks. A program of its own, because it starts
//! itself as its children and forks while it has one thread.

#![allow(unsafe_code, reason = "fork, alarm and _exit have no safe form")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test, though not one of the usual harness"
)]

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, path] = arguments.as_slice() {
        match role.as_str() {
            "count" => return tests::count(path.as_ref()),
            "write" => return tests::write(path.as_ref()),
            _ => {}
        }
    }
    for (name, test) in tests::ALL {
        test();
        println!("test {name} ... ok");
    }
}

#[cfg(unix)]
mod tests {
    use std::collections::HashSet;
    use std::io::{BufRead, BufReader, Write};
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::thread;

    use gatewright::store::conformance::block_on;
    use gatewright::store::{Expect, Key, Kind, Next, SqliteStore, Store, Swap, Swapped};
    use gatewright::time::{SystemClock, Timestamp};
    use rusqlite::Connection;

    pub(crate) const ALL: [(&str, fn()); 6] = [
        ("processes_that_race_lose_no_update", processes_that_race_lose_no_update),
        ("a_killed_writer_loses_nothing_that_was_acknowledged", a_killed_writer_loses_nothing_that_was_acknowledged),
        ("a_prepared_fork_leaves_both_sides_a_working_store", a_prepared_fork_leaves_both_sides_a_working_store),
        ("a_fork_at_rest_leaves_both_sides_a_working_store", a_fork_at_rest_leaves_both_sides_a_working_store),
        ("a_fork_at_work_is_refused_or_works_and_never_hangs", a_fork_at_work_is_refused_or_works_and_never_hangs),
        ("a_child_of_a_closed_store_finds_it_closed", a_child_of_a_closed_store_finds_it_closed),
    ];

    const PROCESSES: usize = 4;
    const THREADS: usize = 4;
    const ROUNDS: usize = 50;

    fn open(path: &Path) -> SqliteStore {
        SqliteStore::open(path, Arc::new(SystemClock::new())).unwrap()
    }

    fn start(role: &str, path: &Path) -> Child {
        let this = std::env::current_exe().unwrap();
        Command::new(this).arg(role).arg(path).stdout(Stdio::piped()).spawn().unwrap()
    }

    fn counter(kind: Kind) -> Key {
        Key::new(kind, *b"counter").unwrap()
    }

    fn read_count(store: &dyn Store, key: &Key) -> u64 {
        let record = block_on(store.load(std::slice::from_ref(key))).unwrap().records.remove(0);
        record.map_or(0, |record| u64::from_be_bytes(record.value.try_into().unwrap()))
    }

    /// Adds one, as often as it takes, and gives the count that was written.
    fn increment(store: &dyn Store, key: &Key) -> gatewright::Result<u64> {
        loop {
            let mut loaded = block_on(store.load(std::slice::from_ref(key)))?;
            let record = loaded.records.remove(0);
            let count = record.as_ref().map_or(0, |record| u64::from_be_bytes(record.value.as_slice().try_into().unwrap())) + 1;
            let expect = record.map_or(Expect::Absent, |record| Expect::Version(record.version));
            let next = Next::Put { group: None, expires_at: Timestamp::MAX, value: count.to_be_bytes().to_vec() };
            let reply = block_on(store.swap(Swap { key: key.clone(), expect, next, decided_at: loaded.now }))?;
            if let Swapped::Written(_) = reply.outcome {
                return Ok(count);
            }
        }
    }

    fn check_integrity(path: &Path) {
        let answer: String = Connection::open(path).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(answer, "ok");
    }

    /// As a child: counts on all threads and prints every count that it wrote.
    pub(crate) fn count(path: &Path) {
        let store = open(path);
        let counts = thread::scope(|scope| {
            let run = |kind| {
                let store = &store;
                scope.spawn(move || (0..ROUNDS).map(|_| (kind, increment(store, &counter(kind)).unwrap())).collect::<Vec<_>>())
            };
            let threads: Vec<_> = (0..THREADS).map(|at| run(if at % 2 == 0 { Kind::Session } else { Kind::Nonce })).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        for (kind, count) in counts {
            println!("{} {count}", kind.as_str());
        }
        block_on(store.close()).unwrap();
    }

    /// As a child: writes without end and prints each count once it was acknowledged.
    pub(crate) fn write(path: &Path) {
        let store = open(path);
        let mut out = std::io::stdout();
        loop {
            for kind in [Kind::Session, Kind::Nonce] {
                let count = increment(&store, &counter(kind)).unwrap();
                writeln!(out, "{} {count}", kind.as_str()).unwrap();
                out.flush().unwrap();
            }
        }
    }

    /// Four processes open one new file at the same moment and count in it, durable and not.
    fn processes_that_race_lose_no_update() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let children: Vec<Child> = (0..PROCESSES).map(|_| start("count", &path)).collect();
        let mut seen = HashSet::new();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            for line in String::from_utf8(output.stdout).unwrap().lines() {
                assert!(seen.insert(line.to_owned()), "a count was written twice: {line}");
            }
        }
        assert_eq!(seen.len(), PROCESSES * THREADS * ROUNDS);
        let store = open(&path);
        for kind in [Kind::Session, Kind::Nonce] {
            assert_eq!(read_count(&store, &counter(kind)), (PROCESSES * THREADS * ROUNDS / 2) as u64);
        }
        check_integrity(&path);
    }

    /// The signal comes at any moment; what was acknowledged is there, and at most one write more.
    fn a_killed_writer_loses_nothing_that_was_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        for round in 0..40 {
            let mut child = start("write", &path);
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let mut acknowledged = [0_u64; 2];
            let mut note = |line: &str| {
                let (kind, count) = line.split_once(' ').unwrap();
                acknowledged[usize::from(kind == "nonce")] = count.parse().unwrap();
            };
            for _ in 0..1 + round * 3 {
                note(&lines.next().unwrap().unwrap());
            }
            child.kill().unwrap();
            child.wait().unwrap();
            // What was in the pipe was acknowledged as well; a line that the signal cut short was not.
            lines.map_while(Result::ok).filter(|line| line.len() > "nonce ".len()).for_each(|line| note(&line));
            let store = open(&path);
            for (at, kind) in [Kind::Session, Kind::Nonce].into_iter().enumerate() {
                let count = read_count(&store, &counter(kind));
                assert!(count >= acknowledged[at] && count <= acknowledged[at] + 1, "{count} of {acknowledged:?}");
            }
            check_integrity(&path);
        }
    }

    /// Forks; the child runs `work`, and fails if it panics or takes longer than 30 s. Gives the child's exit code.
    fn fork(work: impl FnOnce() -> i32) -> i32 {
        // SAFETY: the child uses no lock that another thread of the parent may hold but the store's, which is what is tested, and
        // the allocator's, which the C library hands over intact; it leaves by `_exit`.
        match unsafe { libc::fork() } {
            0 => {
                // SAFETY: both are async-signal-safe.
                unsafe { libc::alarm(30) };
                let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(99);
                // SAFETY: as above.
                unsafe { libc::_exit(code) }
            }
            child => {
                assert!(child > 0, "no fork");
                let mut status = 0;
                // SAFETY: `status` outlives the call.
                assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
                assert!(libc::WIFEXITED(status), "the child did not end by itself: {status}");
                libc::WEXITSTATUS(status)
            }
        }
    }

    /// While `work` runs on this thread, others count.
    fn beside_writers(store: &SqliteStore, work: impl FnOnce()) -> u64 {
        let (stop, written) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            for at in 0..THREADS {
                let kind = if at % 2 == 0 { Kind::Session } else { Kind::Nonce };
                let (stop, written) = (&stop, &written);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        increment(store, &counter(kind)).unwrap();
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            work();
            stop.store(true, Ordering::Relaxed);
        });
        u64::from(written.into_inner())
    }

    fn increments_in_child(store: &SqliteStore) -> gatewright::Result<()> {
        for _ in 0..5 {
            increment(store, &counter(Kind::Session))?;
            increment(store, &counter(Kind::Nonce))?;
        }
        Ok(())
    }

    fn total(store: &SqliteStore) -> u64 {
        read_count(store, &counter(Kind::Session)) + read_count(store, &counter(Kind::Nonce))
    }

    fn a_prepared_fork_leaves_both_sides_a_working_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = open(&path);
        let forks = 25;
        let written = beside_writers(&store, || {
            for _ in 0..forks {
                store.before_fork();
                let code = fork(|| {
                    increments_in_child(&store).unwrap();
                    // A grandchild, and the child's own end.
                    store.before_fork();
                    let code = fork(|| increments_in_child(&store).map_or(1, |()| 0));
                    store.after_fork();
                    increments_in_child(&store).unwrap();
                    block_on(store.close()).unwrap();
                    code
                });
                store.after_fork();
                assert_eq!(code, 0);
            }
        });
        assert_eq!(total(&store), written + forks * 30);
        block_on(store.close()).unwrap();
        check_integrity(&path);
    }

    fn a_fork_at_rest_leaves_both_sides_a_working_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Arc::new(open(&path));
        increments_in_child(&store).unwrap();
        for round in 1..=10 {
            let code = fork(|| {
                let store = Arc::clone(&store);
                increments_in_child(&store).unwrap();
                if round % 2 == 0 {
                    block_on(store.close()).unwrap();
                }
                0
            });
            assert_eq!(code, 0);
            increments_in_child(&store).unwrap();
            assert_eq!(total(&store), 10 + round * 20);
        }
        // The last handle is dropped in a child: its parent's connections stay open.
        let store = Arc::into_inner(store).unwrap();
        let held = std::cell::Cell::new(Some(store));
        assert_eq!(
            fork(|| held.take().map_or(1, |store| {
                drop(store);
                0
            })),
            0
        );
        let store = held.take().unwrap();
        increments_in_child(&store).unwrap();
        check_integrity(&path);
    }

    fn a_fork_at_work_is_refused_or_works_and_never_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = open(&path);
        let (mut refused, mut worked) = (0, 0);
        let written = beside_writers(&store, || {
            for _ in 0..40 {
                let code = fork(|| match block_on(store.load(&[counter(Kind::Session)])) {
                    Ok(_) => 0,
                    Err(error) if error.code() == "config_invalid" => 1,
                    Err(_) => 2,
                });
                match code {
                    0 => worked += 1,
                    1 => refused += 1,
                    other => panic!("the child ended with {other}"),
                }
            }
        });
        assert!(refused > 0, "forty forks beside four writers, and none in the middle of a transaction");
        assert_eq!(worked + refused, 40);
        assert_eq!(total(&store), written);
        check_integrity(&path);
    }

    fn a_child_of_a_closed_store_finds_it_closed() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("store.db"));
        block_on(store.close()).unwrap();
        let code = fork(|| i32::from(increments_in_child(&store).is_err_and(|error| error.code() == "closed")));
        assert_eq!(code, 1);
    }
}
