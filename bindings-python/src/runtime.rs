//! The runtime that drives the calls of `gatewright.aio`, one per process.
//!
//! Threads do not survive a fork. The runtime is therefore kept with the id of the process that made it; a child makes one
//! of its own at its first call and leaves the parent's alone.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright::Error;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::errors::exception;

struct Owned {
    process: u32,
    runtime: Runtime,
}

/// Only ever locked by a thread that holds the GIL and does not release it meanwhile, so that no fork can find it locked.
static RUNTIME: Mutex<Option<Owned>> = Mutex::new(None);

const WORKERS: usize = 2;
/// How long the end of the interpreter waits for calls under way.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a future on the runtime of this process.
///
/// # Errors
/// `closed` when the interpreter is about to end; `unavailable` where no thread can be started.
pub(crate) fn spawn(py: Python<'_>, future: impl Future<Output = ()> + Send + 'static) -> PyResult<()> {
    if crate::fork::ended() {
        return Err(exception(py, &Error::Closed));
    }
    let mut slot = slot();
    let process = std::process::id();
    if slot.as_ref().is_some_and(|owned| owned.process != process) {
        // Dropping it would wait for threads that exist only in the parent.
        std::mem::forget(slot.take());
    }
    if slot.is_none() {
        let built = Builder::new_multi_thread().worker_threads(WORKERS).thread_name("gatewright").enable_time().build();
        let runtime = built.map_err(|_| exception(py, &Error::unavailable("a thread of this process")))?;
        *slot = Some(Owned { process, runtime });
    }
    if let Some(owned) = slot.as_ref() {
        drop(owned.runtime.spawn(future));
    }
    Ok(())
}

/// Ends the runtime: calls under way have a moment, what still waits is dropped.
pub(crate) fn shut_down(py: Python<'_>) {
    let taken = slot().take();
    match taken {
        Some(owned) if owned.process == std::process::id() => py.detach(|| owned.runtime.shutdown_timeout(GRACE)),
        other => std::mem::forget(other),
    }
}

fn slot() -> MutexGuard<'static, Option<Owned>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}
