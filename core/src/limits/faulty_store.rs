//! A store for tests that fails as it is told to, and says how often it was asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use super::decide::{Change, decide};
use super::layout::Stored;
use crate::error::{ConfigError, Error, Result};
use crate::store::{Key, Kind, Listed, Loaded, MemoryStore, MeterItem, MeterOp, Metered, Store, StoreFuture, Swap, SwapReply};
use crate::testing::ManualClock;
use crate::time::Clock;

/// What it does with the next calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Well,
    /// It is not there: nothing is done.
    Down,
    /// What is to be written is, and the answer gets lost. Reads are answered.
    LosesReplies,
    /// No answer ever comes.
    Hangs,
    /// What is stored cannot be read.
    Damaged,
    /// It is set up wrongly.
    Misconfigured,
}

/// A store that processes share, in this one.
pub(super) struct FaultyStore {
    clock: Arc<ManualClock>,
    records: MemoryStore,
    meters: Mutex<HashMap<Vec<u8>, Stored>>,
    mode: Mutex<Mode>,
    /// Holds the next reply of a meter back, once what it tells of has been done.
    held: Mutex<Option<oneshot::Receiver<()>>>,
    calls: AtomicUsize,
    deadline: Option<Duration>,
}

impl FaultyStore {
    pub(super) fn new(clock: Arc<ManualClock>, deadline: Option<Duration>) -> Arc<Self> {
        let records = MemoryStore::new(clock.clone()).keep_expired();
        Arc::new(Self {
            clock,
            records,
            meters: Mutex::default(),
            mode: Mutex::new(Mode::Well),
            held: Mutex::default(),
            calls: AtomicUsize::new(0),
            deadline,
        })
    }

    pub(super) fn is(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    /// Holds the next reply of a meter back until what this gives is dropped.
    pub(super) fn hold_a_reply(&self) -> oneshot::Sender<()> {
        let (hold, held) = oneshot::channel();
        *self.held.lock().unwrap() = Some(held);
        hold
    }

    /// How often it was asked since this was.
    pub(super) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    async fn answer<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mode = *self.mode.lock().unwrap();
        match mode {
            Mode::Well => work.await,
            Mode::Down => Err(Error::unavailable("the faulty store")),
            Mode::LosesReplies => work.await.and(Err(Error::unavailable("the faulty store"))),
            Mode::Hangs => std::future::pending().await,
            Mode::Damaged => Err(Error::RecordUnreadable { kind: "meter", why: "it is damaged" }),
            Mode::Misconfigured => Err(ConfigError::at_call("store", "mend it").into()),
        }
    }

    fn meter_now(&self, op: MeterOp, bundle: &[MeterItem]) -> Metered {
        let (now, mut meters) = (self.clock.now(), self.meters.lock().unwrap());
        let stored: Vec<Option<Stored>> = bundle.iter().map(|asked| meters.get(&asked.key).cloned()).collect();
        let asked: Vec<_> = bundle.iter().zip(&stored).map(|(asked, stored)| (&asked.item, stored.as_deref())).collect();
        let (items, changes) = decide(op, &asked, now);
        for (asked, change) in bundle.iter().zip(changes) {
            match change {
                Change::Keep => {}
                Change::Put(state) => drop(meters.insert(asked.key.clone(), state)),
                Change::Remove => drop(meters.remove(&asked.key)),
            }
        }
        let is_refused = op == MeterOp::Commit && items.iter().flatten().any(|tier| !tier.allowed);
        let left = |asked: &MeterItem| meters.get(&asked.key).cloned();
        let refused_on = if is_refused { bundle.iter().map(left).collect() } else { Vec::new() };
        Metered { now, items, refused_on }
    }
}

impl Store for FaultyStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        if *self.mode.lock().unwrap() == Mode::LosesReplies {
            return self.records.load(keys);
        }
        Box::pin(self.answer(self.records.load(keys)))
    }

    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        Box::pin(self.answer(self.records.swap(swap)))
    }

    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed> {
        Box::pin(self.answer(self.records.list(kind, group, cursor, limit)))
    }

    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64> {
        Box::pin(self.answer(self.records.sweep(kind, limit)))
    }

    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered> {
        Box::pin(self.answer(async move {
            let done = self.meter_now(op, bundle);
            let held = self.held.lock().unwrap().take();
            if let Some(held) = held {
                let _ = held.await;
            }
            Ok(done)
        }))
    }

    fn meter_deadline(&self) -> Option<Duration> {
        self.deadline
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
