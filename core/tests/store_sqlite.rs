//! The SQLite store: the suite of every store, and what is its own.

use std::sync::Arc;

use gatewright::store::SqliteStore;
use gatewright::store::conformance::Opened;

gatewright::store_conformance_tests!(sqlite, async |clock| {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db"), clock).unwrap();
    Opened { store: Arc::new(store), keep: Box::new(folder) }
});
