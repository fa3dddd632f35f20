//! What goes on behind calls: pauses, and work that nobody waits for. It is done by the keeper's thread of the gate, so that calls
//! work under whatever executor their caller has.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The way to the keeper's thread, while there is one in this process.
#[derive(Debug, Default)]
pub(crate) struct Background {
    running: Mutex<Option<(u32, Handle)>>,
}

impl Background {
    /// The thread runs, in this process.
    pub(crate) fn begin(&self, runtime: Handle) {
        *self.lock() = Some((std::process::id(), runtime));
    }

    /// The thread is about to stop.
    pub(crate) fn end(&self) {
        *self.lock() = None;
    }

    /// Does this work some time; gives it back where there is nobody to do it, as in a gate whose clock stands still.
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(&self, work: F) -> Result<(), F> {
        // A fork that nobody announced left the thread in the parent.
        match &*self.lock() {
            Some((pid, runtime)) if *pid == std::process::id() => {
                drop(runtime.spawn(work));
                Ok(())
            }
            _ => Err(work),
        }
    }

    /// Does this work some time; where there is nobody to do it, as much of it as can be done without waiting.
    pub(crate) fn leave<F: Future<Output = ()> + Send + 'static>(&self, work: F) {
        if let Err(work) = self.spawn(work) {
            let _ = pin!(work).poll(&mut Context::from_waker(Waker::noop()));
        }
    }

    /// Begins this work at once, and does some time what is left of it. What needs no wait, and what a store does in the order in which
    /// it is asked, comes before whatever the caller does next.
    pub(crate) fn start<F: Future<Output = ()> + Send + 'static>(&self, work: F) {
        let mut work = Box::pin(work);
        // A task is polled once more when it begins, and wakes itself from then on.
        if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            let _ = self.spawn(work);
        }
    }

    /// Lets so much time pass; says whether it did.
    pub(crate) async fn pause(&self, duration: Duration) -> bool {
        let (mut done, is_over) = oneshot::channel();
        let wait = async move {
            tokio::select! {
                () = tokio::time::sleep(duration) => {}
                // Whoever waited is gone, and so is the timer.
                () = done.closed() => {}
            }
            let _ = done.send(());
        };
        self.spawn(wait).is_ok() && is_over.await.is_ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(u32, Handle)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
