//! The connections of one process. A child of a fork inherits its parent's, and must neither use nor close them.

use std::mem;
use std::ops::Deref;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::at_work::AtWork;
use super::file::{Role, connect};
use super::lane::{Lane, Readers};
use super::log::Log;
use crate::error::{ConfigError, Error, Result};
use crate::time::Clock;

/// How many writers may wait in a process; more wait for a place first.
const QUEUE: usize = 1_024;
const READERS: usize = 4;

/// The open connections.
pub(super) struct Connections {
    pub(super) readers: Readers,
    pub(super) normal: Lane,
    pub(super) full: Lane,
    pub(super) log: Arc<Log>,
}

impl Connections {
    fn open(path: &Path, clock: &Arc<dyn Clock>, at_work: &Arc<AtomicUsize>) -> Result<Self> {
        // The durable writer first: it makes the tables.
        let full = connect(path, Role::Full)?;
        let log = Arc::new(Log::start(connect(path, Role::Full)?, Arc::clone(at_work))?);
        let full = Lane::start("gatewright-store-full", full, Arc::clone(clock), Arc::clone(&log))?;
        let normal = Lane::start("gatewright-store", connect(path, Role::Normal)?, Arc::clone(clock), Arc::clone(&log))?;
        let readers = thread::available_parallelism().map_or(1, usize::from).min(READERS);
        let readers = (0..readers).map(|_| connect(path, Role::Reader).map(Mutex::new)).collect::<Result<_>>()?;
        Ok(Self { readers: Readers::new(readers), normal, full, log })
    }

    fn stop_and_join(&self) {
        drop((self.full.stop(), self.normal.stop()));
        self.full.join();
        self.normal.join();
        drop(self.log.stop());
        self.log.join();
    }
}

enum State {
    Idle,
    Open(Arc<Connections>),
    Paused,
    Closed,
}

/// What one process has of a store. Each process touches only the node of its own, so no lock that the parent held at the
/// moment of a fork is ever waited for.
pub(super) struct Process {
    id: u32,
    state: Mutex<State>,
    resumed: Condvar,
    at_work: Arc<AtomicUsize>,
    is_closed: AtomicBool,
    pub(super) queue: Arc<Semaphore>,
    /// The node of a forked child, in the child's memory only.
    child: OnceLock<Box<Self>>,
}

/// The right to use the connections for the moment; none is held across an await.
pub(super) struct Entered {
    // Dropped in this order: whoever waits for the counter finds the connections given back.
    connections: Arc<Connections>,
    _at_work: AtWork,
}

impl Deref for Entered {
    type Target = Connections;

    fn deref(&self) -> &Connections {
        &self.connections
    }
}

impl Process {
    fn new() -> Self {
        Self {
            id: process::id(),
            state: Mutex::new(State::Idle),
            resumed: Condvar::new(),
            at_work: Arc::new(AtomicUsize::new(0)),
            is_closed: AtomicBool::new(false),
            queue: Arc::new(Semaphore::new(QUEUE)),
            child: OnceLock::new(),
        }
    }

    /// The node of the process that we first were, with its connections open.
    pub(super) fn open(path: &Path, clock: &Arc<dyn Clock>) -> Result<Self> {
        let process = Self::new();
        drop(process.enter(path, clock)?);
        Ok(process)
    }

    /// The node of the process that we are.
    pub(super) fn current(&self) -> Result<&Self> {
        let mut process = self;
        while let Some(child) = process.child.get() {
            process = child;
        }
        if process.id == process::id() {
            return Ok(process);
        }
        // SQLite keeps a process's file locks in its memory. Inherited at rest they are harmless; inherited in the middle of a
        // transaction they would let this process believe in locks that it does not hold.
        if process.at_work.load(Ordering::SeqCst) > 0 {
            let mend = "this process was forked while the SQLite store was at work; call `before_fork` first, or open the store after the fork";
            return Err(ConfigError::at_call("store", mend).into());
        }
        Ok(process.child.get_or_init(|| {
            let child = Self::new();
            if process.is_closed.load(Ordering::SeqCst) {
                *child.lock() = State::Closed;
            }
            Box::new(child)
        }))
    }

    /// Opens the connections if they are not, and waits while the process is about to fork.
    pub(super) fn enter(&self, path: &Path, clock: &Arc<dyn Clock>) -> Result<Entered> {
        let mut state = self.lock();
        loop {
            match &*state {
                State::Open(connections) => {
                    return Ok(Entered { connections: Arc::clone(connections), _at_work: self.at_work() });
                }
                State::Idle => {
                    let _at_work = self.at_work();
                    *state = State::Open(Arc::new(Connections::open(path, clock, &self.at_work)?));
                }
                State::Paused => state = self.resumed.wait(state).unwrap_or_else(PoisonError::into_inner),
                State::Closed => return Err(Error::Closed),
            }
        }
    }

    /// A mark that SQLite is at work, until it is dropped.
    pub(super) fn at_work(&self) -> AtWork {
        AtWork::new(&self.at_work)
    }

    /// Closes the connections and holds every call back until `resume`: nothing of SQLite is then left for a fork to inherit.
    pub(super) fn pause(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Closed) {
            return;
        }
        let before = mem::replace(&mut *state, State::Paused);
        drop(state);
        let State::Open(connections) = before else { return };
        // The counter falls to zero on its own: what is under way is done, and nothing new begins.
        while self.at_work.load(Ordering::SeqCst) > 0 {
            thread::sleep(Duration::from_micros(50));
        }
        connections.stop_and_join();
    }

    /// Lets the calls go on; the next one opens connections again.
    pub(super) fn resume(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Paused) {
            *state = State::Idle;
        }
        drop(state);
        self.resumed.notify_all();
    }

    /// Takes the connections for the last time: later calls are `closed`.
    pub(super) fn close(&self) -> Option<Arc<Connections>> {
        self.is_closed.store(true, Ordering::SeqCst);
        let before = mem::replace(&mut *self.lock(), State::Closed);
        self.resumed.notify_all();
        if let State::Open(connections) = before { Some(connections) } else { None }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.id != process::id() {
            // They are the parent's: closing them here would be at work on the parent's log.
            let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
            mem::forget(mem::replace(state, State::Closed));
        }
    }
}
