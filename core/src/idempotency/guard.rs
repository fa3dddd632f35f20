//! An operation under way, and its owner's acts.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};

use super::decide::{Act, FinishAs};
use super::heartbeat::Heartbeat;
use super::operation::Operation;
use super::record::Checkpoint;
use super::response::Stored;
use crate::error::{Error, Result};
use crate::http::Response;

/// An operation that is this worker's to run, until its lease is over.
///
/// Call [`Guard::complete`] with its answer. Dropped without, it gives the operation back if no effects are marked and the route
/// does not store failures, and else leaves it to the lease; as a drop cannot wait, the release is begun and not waited for.
/// Meanwhile the lease is renewed every third of it, until 15 minutes after this attempt began.
///
/// Every call is `stale` once another worker has taken over, with the winner's answer where there is one; and may be made again
/// after `unavailable`.
pub struct Guard {
    operation: Arc<Operation>,
    heartbeat: Arc<Heartbeat>,
}

impl Guard {
    /// A guard, whose lease is renewed for as long as it is there.
    pub(super) fn new(operation: Operation, heartbeat: &Arc<Heartbeat>) -> Self {
        let operation = Arc::new(operation);
        if let Some(due) = heartbeat.watch(&operation, operation.beat_every()) {
            operation.is_watched(due);
        }
        Self { operation, heartbeat: Arc::clone(heartbeat) }
    }

    /// A number that grows with every worker that gets this operation, below 2^53. Give it to what is written downstream, and refuse
    /// there what has a lower one.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.operation.fence
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.operation.attempt
    }

    /// Says that the next act cannot be taken back: from here on the operation is never run again unless a checkpoint follows, and
    /// whatever it answers is stored.
    ///
    /// # Errors
    /// `stale`, `unavailable`, `closed`: then do not act.
    pub async fn mark_effects(&self) -> Result<()> {
        self.operation.host.ensure_open()?;
        self.operation.mark();
        self.operation.act(&Act::MarkEffects).await
    }

    /// Keeps how far the operation has come, so that whoever takes it over can go on from there. Only the newest is kept.
    ///
    /// # Errors
    /// `invalid_argument` for a name outside 1–255 bytes or more than 64 KiB; `stale`, `unavailable`, `closed`.
    pub async fn checkpoint(&self, name: &str, data: &[u8]) -> Result<()> {
        self.operation.host.ensure_open()?;
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Error::invalid_argument("name", "give a name of 1 to 255 bytes"));
        }
        if data.len() > MAX_CHECKPOINT {
            return Err(Error::invalid_argument("data", "give at most 64 KiB, and keep what is larger elsewhere"));
        }
        self.operation.act(&Act::Checkpoint(Checkpoint { name: name.to_owned(), data: data.to_vec() })).await
    }

    /// Begins the lease anew, at most until 15 minutes after this attempt began. A gate does this by itself while the guard is
    /// there; a worker that may be stopped for longer than a lease calls it to hear whether the operation is still its own.
    ///
    /// # Errors
    /// `stale`, `unavailable`, `closed`.
    pub async fn renew(&self) -> Result<()> {
        self.operation.host.ensure_open()?;
        self.operation.act(&Act::Renew).await
    }

    /// Ends the operation with its answer, and gives what is to be sent. Whether the answer is stored or the key is free again is
    /// decided by its status, the marks and the route. Where the store does not answer, what was done stays done: the answer comes
    /// back with `Idempotency-Stored: false`, the lease runs on, and the store is told as soon as it answers again.
    ///
    /// # Errors
    /// `invalid_argument` for a status outside 200–599; `stale`; `closed`.
    pub async fn complete(&self, response: &Response) -> Result<Response> {
        self.finish(response, None).await
    }

    /// As [`Guard::complete`], but stored or released as is said here.
    ///
    /// # Errors
    /// As [`Guard::complete`].
    pub async fn complete_as(&self, response: &Response, finish_as: FinishAs) -> Result<Response> {
        self.finish(response, Some(finish_as)).await
    }

    /// Ends an operation whose answer has been sent already, piece by piece: its status and the SHA-256 of its body are kept, or the
    /// key is free again, by the same rules as [`Guard::complete`]. A request for a kept one is answered `response_unavailable`.
    /// Says whether the store knows of it: where it does not answer, the lease runs on.
    ///
    /// # Errors
    /// As [`Guard::complete`].
    pub async fn complete_streamed(&self, status: u16, body_sha256: [u8; 32], finish_as: Option<FinishAs>) -> Result<bool> {
        self.operation.end(Stored::without_body(status, body_sha256)?, finish_as).await
    }

    /// The largest body, in bytes, that is stored of this operation's answer; hand a larger one out as it comes, and end with
    /// [`Guard::complete_streamed`].
    #[must_use]
    pub fn max_stored_body(&self) -> usize {
        self.operation.settings().max_stored_body
    }

    /// Gives the operation back: the next request runs it.
    ///
    /// # Errors
    /// `invalid_argument` once effects are marked; `stale`, `unavailable`, `closed`.
    pub async fn release(&self) -> Result<()> {
        self.operation.host.ensure_open()?;
        self.operation.release().await
    }

    /// What a failure of the handler comes to: the operation is given back where dropping the guard would do so, but waited for.
    /// Bindings call it where a block is left by an error. Does nothing once the operation has been ended.
    pub async fn abandon(&self) {
        self.operation.abandon().await;
    }

    /// Does the handler's work. If it panics, the operation is given back as by [`Guard::abandon`] before the panic goes on: whoever
    /// hears of it, from an outer layer's 500 or a broken connection, finds the key free.
    pub(crate) async fn watch_over<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        // What a panic has left half done is dropped and not looked at again.
        let done = std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        });
        match done.await {
            Ok(output) => output,
            Err(panic) => {
                self.abandon().await;
                resume_unwind(panic)
            }
        }
    }

    async fn finish(&self, response: &Response, finish_as: Option<FinishAs>) -> Result<Response> {
        let settings = self.operation.settings();
        let stored = Stored::of(response, settings.max_stored_body, &settings.never_stored)?;
        let is_stored = self.operation.end(stored, finish_as).await?;
        Ok(if is_stored { response.clone() } else { response.clone().header("Idempotency-Stored", "false") })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(due) = self.operation.take_due() {
            self.heartbeat.forget(due);
        }
        let operation = Arc::clone(&self.operation);
        let mut release = Box::pin(async move { operation.abandon().await });
        // A store in memory has released it by now; any other is waited for behind the scenes.
        if release.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending() {
            let _ = self.operation.host.background.spawn(release);
        }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("fence", &self.operation.fence).field("attempt", &self.operation.attempt).finish_non_exhaustive()
    }
}

const MAX_NAME: usize = 255;
const MAX_CHECKPOINT: usize = 64 << 10;
