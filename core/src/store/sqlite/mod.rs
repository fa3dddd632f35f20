//! The embedded store: one SQLite file, shared by the processes of a machine.
//!
//! **Durability.** Two writer connections, because `synchronous` belongs to a connection: sessions and all else that must survive
//! a loss of power go through one at `FULL`, nonces, deny records and leases through one at `NORMAL`. In the write-ahead log a
//! commit at `FULL` is synced *before* the index of the log names it, and readers of every process look there: what a `load` shows
//! of a durable kind is therefore on the disk already, and an answer that rests on it needs no wait of its own. What shares a
//! transaction (below) is answered after its commit, conflicts included.
//!
//! **Group commit.** A durable write costs a sync, whatever it writes. Writers that wait while one is under way share the next
//! transaction, on a thread of the store. Reads, and other writes while nobody is in the way, run on the caller's thread: they take
//! some microseconds, less than the way to another thread and back. What meets the lock of another process waits on the store's
//! thread, 5 s at most, and is then `unavailable`.
//!
//! A third thread writes the log back into the file, so that no commit waits for a checkpoint.
//!
//! **Versions.** They grow with every write of a key. So that a removed key made again shows no old one, in any process and after
//! any step of a clock, the file remembers the greatest version of a record that is gone, and a new record begins above it.
//!
//! **Forks.** A child of a fork opens connections of its own and leaves its parent's alone. Call `before_fork` in front of the fork
//! and `after_fork` behind it (the Python package does): without them a fork in the middle of a transaction leaves the child's store
//! `config_invalid`. The file is the store's own: another SQLite in the same process must not open it, for closing it there would drop
//! the locks of this one.

mod at_work;
mod file;
mod lane;
mod log;
mod meters;
mod process;
mod request;
mod rows;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use file::run_error;
use lane::Job;
use process::Process;
use request::{Reply, Request};
use tokio::sync::oneshot;

use super::contract::{self, Expect, Key, Kind, Listed, Loaded, Store, StoreFuture, Swap, SwapReply, Swapped};
use super::meter::{self, MeterItem, MeterOp, Metered};
use crate::error::{Error, Result};
use crate::time::Clock;

/// A store in an SQLite file.
///
/// ```
/// # use std::sync::Arc;
/// use gatewright::store::{Expect, Key, Kind, Next, SqliteStore, Store, Swap, Swapped};
/// use gatewright::time::{SystemClock, Timestamp};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("gatewright.db");
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = SqliteStore::open(&path, Arc::new(SystemClock::new()))?;
/// let key = Key::new(Kind::Session, *b"a session's  id ")?;
/// let loaded = store.load(&[key.clone()]).await?;
/// let next = Next::Put { group: None, expires_at: Timestamp::MAX, value: vec![1] };
/// let reply = store.swap(Swap { key, expect: Expect::Absent, next, decided_at: loaded.now }).await?;
/// assert!(matches!(reply.outcome, Swapped::Written(_)));
/// store.close().await?;
/// # Ok::<(), gatewright::Error>(()) }).unwrap();
/// ```
pub struct SqliteStore {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    process: Process,
}

impl SqliteStore {
    /// Opens the store in this file, with this clock as its own; makes the file, readable for its owner only, if there is none.
    ///
    /// # Errors
    /// `config_invalid` where the path leads to no usable file: no such folder, no permission, a folder, another program's file, one
    /// of a newer version, a damaged one; `unavailable` where another process keeps it locked or the disk is full.
    pub fn open(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self> {
        let path = file::prepare(path.as_ref())?;
        let process = Process::open(&path, &clock)?;
        Ok(Self { path, clock, process })
    }

    fn read(&self, request: &Request) -> Result<Reply> {
        let connections = self.process.current()?.enter(&self.path, &self.clock)?;
        connections.readers.run(request, &*self.clock)
    }

    async fn write(&self, request: Request) -> Result<Reply> {
        let process = self.process.current()?;
        let request = if request.is_durable() {
            request
        } else {
            let connections = process.enter(&self.path, &self.clock)?;
            match connections.normal.try_now(request, &*self.clock) {
                Ok(reply) => return Ok(reply),
                Err(Err(error)) => return Err(error),
                Err(Ok(request)) => request,
            }
        };
        let place = Arc::clone(&process.queue).acquire_owned().await.map_err(|_| Error::Closed)?;
        let (reply, answer) = oneshot::channel();
        {
            // Entered anew: nothing of SQLite is held while waiting.
            let connections = process.enter(&self.path, &self.clock)?;
            let lane = if request.is_durable() { &connections.full } else { &connections.normal };
            lane.send(Job { request, reply, place: (place, process.at_work()) })?;
        }
        // A lane that ended with the job in its queue was closed.
        answer.await.unwrap_or(Err(Error::Closed))
    }
}

impl Store for SqliteStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        Box::pin(async move {
            contract::check_load(keys)?;
            self.read(&Request::Load(keys.to_vec()))?.loaded()
        })
    }

    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        Box::pin(async move {
            swap.check()?;
            // Whoever asks for what is there already is told so by a read, and does not stand in line with the writers.
            if swap.expect == Expect::Absent && swap.key.kind.is_durable() {
                let loaded = self.read(&Request::Load(vec![swap.key.clone()]))?.loaded()?;
                if let Some(record) = loaded.records.into_iter().next().flatten() {
                    return Ok(SwapReply { now: loaded.now, outcome: Swapped::Conflict(Some(record)) });
                }
            }
            self.write(Request::Swap(swap)).await?.swapped()
        })
    }

    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed> {
        Box::pin(async move {
            let (group, cursor) = (group.map(<[u8]>::to_vec), cursor.map(<[u8]>::to_vec));
            self.read(&Request::List { kind, group, cursor, limit })?.listed()
        })
    }

    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64> {
        Box::pin(async move { self.write(Request::Sweep { kind, limit }).await?.swept() })
    }

    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered> {
        Box::pin(async move {
            meter::check(op, bundle)?;
            let request = Request::Meter { op, bundle: bundle.to_vec() };
            let reply = if op == MeterOp::Peek { self.read(&request)? } else { self.write(request).await? };
            reply.metered()
        })
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let Some(connections) = self.process.current()?.close() else { return Ok(()) };
            // The log last: it is then at rest and can be written back whole.
            let _ = connections.full.stop().await;
            let _ = connections.normal.stop().await;
            let _ = connections.log.stop().await;
            connections.full.join();
            connections.normal.join();
            connections.log.join();
            Ok(())
        })
    }

    fn before_fork(&self) {
        if let Ok(process) = self.process.current() {
            process.pause();
        }
    }

    fn after_fork(&self) {
        if let Ok(process) = self.process.current() {
            process.resume();
        }
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
