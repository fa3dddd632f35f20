//! Waiting for a call on the thread that made it. No other thread and no runtime is needed for that.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::prelude::*;

use crate::fork::{let_go, step};

/// How long a signal may wait for its handler (Ctrl-C above all).
const SIGNAL_DELAY: Duration = Duration::from_millis(200);

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs a future to its end with the GIL released.
///
/// # Errors
/// What a signal handler raised meanwhile; the call is then given up.
pub(crate) fn wait<F>(py: Python<'_>, mut future: F) -> PyResult<F::Output>
where
    F: Future + Send + Unpin,
    F::Output: Send,
{
    let unpark = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&unpark));
    loop {
        let done = py.detach(|| {
            loop {
                if let Poll::Ready(done) = step(|| Pin::new(&mut future).poll(&mut Context::from_waker(&waker))) {
                    return Some(done);
                }
                if !unpark.woken.swap(false, Ordering::AcqRel) {
                    thread::park_timeout(SIGNAL_DELAY);
                    if !unpark.woken.swap(false, Ordering::AcqRel) {
                        return None;
                    }
                }
            }
        });
        match done {
            Some(done) => return Ok(done),
            None => {
                if let Err(raised) = py.check_signals() {
                    // What a call does at its end is work for a store, too.
                    let_go(py, future);
                    return Err(raised);
                }
            }
        }
    }
}
