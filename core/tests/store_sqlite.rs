//! The SQLite store: the suite of every store, and what is its own.

#![allow(clippy::panic, reason = "a test: its functions too")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use gatewright::store::conformance::{Opened, START, block_on};
use gatewright::store::{Expect, Key, Kind, Next, SqliteStore, Store, Swap, SwapReply, Swapped};
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;
use rusqlite::Connection;

gatewright::store_conformance_tests!(sqlite, async |clock| {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db"), clock).unwrap();
    Opened { store: Arc::new(store), keep: Box::new(folder) }
});

fn open(path: &Path) -> gatewright::Result<SqliteStore> {
    SqliteStore::open(path, Arc::new(ManualClock::new(START)))
}

fn put(store: &SqliteStore, kind: Kind, id: &[u8], value: &[u8]) -> gatewright::Result<SwapReply> {
    let next = Next::Put { group: None, expires_at: Timestamp::MAX, value: value.to_vec() };
    block_on(store.swap(Swap { key: Key::new(kind, id)?, expect: Expect::Absent, next, decided_at: START }))
}

/// The `mend` of the one problem of a `config_invalid`.
fn mend(error: &gatewright::Error) -> &str {
    assert_eq!(error.code(), "config_invalid", "{error}");
    let [problem] = error.problems() else { panic!("{error}") };
    &problem.mend
}

#[test]
fn what_is_no_usable_file_is_a_typed_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("text"), "this is no database, and long enough that SQLite looks at all of its header".repeat(20)).unwrap();
    let foreign = Connection::open(path("foreign")).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
    let newer = Connection::open(path("newer")).unwrap();
    drop(open(&path("newer")).unwrap());
    newer.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(open(&path("robbed")).unwrap());
    Connection::open(path("robbed")).unwrap().execute_batch("DROP TABLE floor").unwrap();
    for (name, said) in [
        ("", "a folder"),
        ("no/such/folder", "folder does not exist"),
        ("text/below", "a file, not a folder"),
        ("text", "not an SQLite file"),
        ("foreign", "belongs to another program"),
        ("newer", "newer version"),
        ("robbed", "lacks tables"),
        #[cfg(unix)]
        ("/dev/null", "a device"),
    ] {
        let error = open(&path(name)).unwrap_err();
        assert!(mend(&error).contains(said), "{name}: {error}");
    }
    assert!(mend(&open(Path::new("")).unwrap_err()).contains("path of a file"));
    let mode: String = foreign.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete", "another program's file is left as it was");
}

#[test]
fn a_name_that_is_special_to_sqlite_is_a_file_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "a b%20ü?.db"] {
        let store = open(&folder.path().join(name)).unwrap();
        put(&store, Kind::Session, b"id", b"v").unwrap();
        block_on(store.close()).unwrap();
        assert!(fs::metadata(folder.path().join(name)).unwrap().len() > 0);
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store.db")).unwrap();
    put(&store, Kind::Session, b"id", b"v").unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn closing_writes_the_log_back_and_another_handle_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (one, two) = (open(&path).unwrap(), open(&path).unwrap());
    put(&one, Kind::Session, b"one", b"v").unwrap();
    block_on(one.close()).unwrap();
    assert_eq!(fs::metadata(folder.path().join("store.db-wal")).unwrap().len(), 0);
    put(&two, Kind::Session, b"two", b"v").unwrap();
    // Without a close, and with a call in the queue: the process goes on, and the thread ends by itself.
    let unfinished =
        two.swap(Swap { key: Key::new(Kind::Session, *b"three").unwrap(), expect: Expect::Absent, next: Next::Remove, decided_at: START });
    drop(unfinished);
    drop(two);
    let three = open(&path).unwrap();
    let keys = [Key::new(Kind::Session, *b"one").unwrap(), Key::new(Kind::Session, *b"two").unwrap()];
    assert!(block_on(three.load(&keys)).unwrap().records.iter().all(Option::is_some));
}

#[test]
fn a_lock_that_stays_is_unavailable_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).unwrap();
    put(&store, Kind::Session, b"before", b"v").unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        for kind in [Kind::Session, Kind::Nonce] {
            let store = &store;
            scope.spawn(move || {
                let error = put(store, kind, b"during", b"v").unwrap_err();
                assert_eq!((error.code(), error.retry_after().unwrap().as_secs()), ("unavailable", 2));
            });
        }
        // Reads go on.
        assert!(block_on(store.load(&[Key::new(Kind::Session, *b"before").unwrap()])).unwrap().records[0].is_some());
    });
    holder.execute_batch("ROLLBACK").unwrap();
    for kind in [Kind::Session, Kind::Nonce] {
        assert!(matches!(put(&store, kind, b"during", b"v").unwrap().outcome, Swapped::Written(_)));
    }
}

#[test]
fn a_damaged_row_is_unreadable_and_its_neighbours_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).unwrap();
    for id in [b"good", b"evil"] {
        put(&store, Kind::Session, id, b"v").unwrap();
    }
    Connection::open(&path).unwrap().execute("UPDATE record SET version = -1 WHERE id = x'6576696c'", []).unwrap();
    let load = |id: &[u8]| block_on(store.load(&[Key::new(Kind::Session, id).unwrap()]));
    assert_eq!(load(b"evil").unwrap_err().code(), "record_unreadable");
    assert!(load(b"good").unwrap().records[0].is_some());
    assert_eq!(put(&store, Kind::Session, b"evil", b"w").unwrap_err().code(), "record_unreadable");
    assert!(matches!(put(&store, Kind::Session, b"next", b"w").unwrap().outcome, Swapped::Written(_)));
}
