//! The stores beside what they stand on: a swap in memory, and in SQLite beside a bare upsert of the same row.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench prints, measures real time and may fail"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gatewright::limits::decide::Item;
use gatewright::limits::layout::Layout;
use gatewright::limits::{LimitPolicy, Tier};
use gatewright::store::conformance::block_on;
use gatewright::store::{Expect, Key, Kind, MemoryStore, MeterItem, MeterOp, Next, SqliteStore, Store, Swap, Swapped};
use gatewright::time::{Clock, SystemClock, Timestamp};
use rusqlite::{Connection, params};
use tokio::task::JoinSet;

/// About what a session takes.
const VALUE: [u8; 450] = [7; 450];
const WAITING: u8 = 64;

fn clock() -> Arc<SystemClock> {
    Arc::new(SystemClock::new())
}

fn key(kind: Kind, at: u64) -> Key {
    Key::new(kind, [at.to_be_bytes(), at.to_le_bytes()].concat()).unwrap()
}

fn swap(kind: Kind, at: u64, expect: Expect, group: bool) -> Swap {
    let group = group.then(|| vec![7; 32]);
    let next = Next::Put { group, expires_at: Timestamp::MAX, value: VALUE.to_vec() };
    Swap { key: key(kind, at), expect, next, decided_at: SystemClock::new().now() }
}

async fn written(store: &dyn Store, swap: Swap) -> u64 {
    let reply = store.swap(swap).await.unwrap();
    let Swapped::Written(version) = reply.outcome else { panic!("a conflict") };
    version
}

/// Updates of one record, one after the other.
fn updates(c: &mut Criterion, name: &str, store: &dyn Store, kind: Kind) {
    let mut version = block_on(written(store, swap(kind, 0, Expect::Absent, true)));
    c.bench_function(name, |b| {
        b.iter(|| version = block_on(written(store, swap(kind, 0, Expect::Version(version), true))));
    });
}

fn inserts(c: &mut Criterion, name: &str, store: &dyn Store, kind: Kind) {
    let mut at = 1_u64 << 32;
    let mut next = || {
        at += 1;
        swap(kind, at.wrapping_mul(0x9e37_79b9_7f4a_7c15), Expect::Absent, false)
    };
    c.bench_function(name, |b| b.iter_batched(&mut next, |swap| block_on(written(store, swap)), BatchSize::SmallInput));
}

fn loads(c: &mut Criterion, name: &str, store: &dyn Store, kind: Kind) {
    let keys = [key(kind, 0)];
    c.bench_function(name, |b| b.iter(|| black_box(block_on(store.load(&keys)).unwrap())));
}

fn meters(c: &mut Criterion, name: &str, store: &dyn Store) {
    let tier = Tier::token_bucket("minute", 1_000_000_000, Duration::from_secs(60)).unwrap();
    let layout = Arc::new(Layout::new(&LimitPolicy::new("policy", vec![tier]).unwrap()));
    let bundle = [MeterItem { key: b"subject".to_vec(), item: Item { layout, cost: 1, wait: 0, lease: 0, permit: None } }];
    c.bench_function(name, |b| b.iter(|| black_box(block_on(store.meter(MeterOp::Commit, &bundle)).unwrap())));
}

fn memory(c: &mut Criterion) {
    let store = MemoryStore::new(clock()).max_records(usize::MAX);
    updates(c, "memory/swap", &store, Kind::Session);
    loads(c, "memory/load", &store, Kind::Session);
    meters(c, "memory/meter", &store);
}

/// A bare upsert of one row, and bare inserts of new ones, in a table of the same form.
fn bare(c: &mut Criterion, synchronous: &str) {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("bare.db")).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
             CREATE TABLE record (kind INTEGER, id BLOB, version INTEGER, owner BLOB, expires_at INTEGER, value BLOB,
               PRIMARY KEY (kind, id)) WITHOUT ROWID;
             CREATE INDEX record_owner ON record (kind, owner) WHERE owner IS NOT NULL;
             CREATE INDEX record_expiry ON record (expires_at);"
        ))
        .unwrap();
    let sql = "INSERT INTO record VALUES (1, ?1, ?2, ?3, 0, ?4) ON CONFLICT DO UPDATE SET version = excluded.version, value = excluded.value";
    let upsert = |id: &[u8], version: i64, owner: Option<[u8; 32]>| {
        connection.prepare_cached(sql).unwrap().execute(params![id, version, owner, VALUE]).unwrap()
    };
    let mut version = 0_i64;
    c.bench_function(&format!("sqlite/bare upsert {synchronous}"), |b| {
        b.iter(|| {
            version += 1;
            upsert(&[7; 16], version, Some([7; 32]))
        });
    });
    c.bench_function(&format!("sqlite/bare insert {synchronous}"), |b| {
        b.iter(|| {
            version += 1;
            upsert(key(Kind::Nonce, version.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15)).id(), version, None)
        });
    });
}

fn sqlite(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("store.db"), clock()).unwrap());
    bare(c, "NORMAL");
    updates(c, "sqlite/swap NORMAL", &*store, Kind::Lease);
    inserts(c, "sqlite/claim NORMAL", &*store, Kind::Nonce);
    meters(c, "sqlite/meter", &*store);
    bare(c, "FULL");
    updates(c, "sqlite/swap FULL", &*store, Kind::Session);
    loads(c, "sqlite/load", &*store, Kind::Session);
    grouped(c, &store);
}

/// Sixty-four writers that wait at once.
fn grouped(c: &mut Criterion, store: &Arc<SqliteStore>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut versions: Vec<u64> =
        (1..=u64::from(WAITING)).map(|at| block_on(written(&**store, swap(Kind::Session, at, Expect::Absent, true)))).collect();
    let mut group = c.benchmark_group("sqlite");
    group.throughput(Throughput::Elements(WAITING.into()));
    group.bench_function("64 swaps FULL at once", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut tasks = JoinSet::new();
                for (at, version) in versions.iter().enumerate() {
                    let (store, swap) = (Arc::clone(store), swap(Kind::Session, at as u64 + 1, Expect::Version(*version), true));
                    tasks.spawn(async move { (at, written(&*store, swap).await) });
                }
                while let Some(done) = tasks.join_next().await {
                    let (at, version) = done.unwrap();
                    versions[at] = version;
                }
            });
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500)).sample_size(30);
    targets = memory, sqlite
}
criterion_main!(benches);
