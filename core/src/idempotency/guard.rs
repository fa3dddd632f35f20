//! An operation under way, and its owner's acts.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Waker};

use super::decide::{self, Act, FinishAs};
use super::ledger::{Ledger, Seen};
use super::policy::Settings;
use super::record::{Checkpoint, Mark, OwnerToken, State};
use super::response::{Stored, replayed};
use crate::error::{Error, IdempotencyError, Result};
use crate::host::Host;
use crate::http::Response;
use crate::store::Key;

/// An operation that is this worker's to run, until its lease is over.
///
/// Call [`Guard::complete`] with its answer. Dropped without, it gives the operation back if no effects are marked and the route
/// does not store failures, and else leaves it to the lease; as a drop cannot wait, the release is begun and not waited for.
///
/// Every call is `stale` once another worker has taken over, with the winner's answer where there is one; and may be made again
/// after `unavailable`.
pub struct Guard {
    ledger: Arc<Ledger>,
    host: Arc<Host>,
    key: Key,
    key_line: Option<Vec<u8>>,
    token: OwnerToken,
    fence: u64,
    attempt: u32,
    settings: Settings,
    seen: Mutex<Seen>,
    /// Whether effects are marked, or may be because a reply was lost.
    marked: AtomicBool,
    /// Whether the caller has ended it, or begun to: what is finished is never given back by a drop.
    settled: AtomicBool,
}

impl Guard {
    pub(super) fn new(ledger: Arc<Ledger>, host: Arc<Host>, key: Key, key_line: Option<Vec<u8>>, settings: Settings, seen: Seen) -> Self {
        let (attempt, marked) = match &seen.entry.state {
            State::InFlight(flight) => (flight.attempt, flight.mark != Mark::None),
            State::Released | State::Completed { .. } => (1, false),
        };
        let (token, fence) = (seen.entry.token, seen.entry.fence);
        let (marked, settled) = (AtomicBool::new(marked), AtomicBool::new(false));
        Self { ledger, host, key, key_line, token, fence, attempt, settings, seen: Mutex::new(seen), marked, settled }
    }

    /// A number that grows with every worker that gets this operation, below 2^53. Give it to what is written downstream, and refuse
    /// there what has a lower one.
    #[must_use]
    pub const fn fence(&self) -> u64 {
        self.fence
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Says that the next act cannot be taken back: from here on the operation is never run again unless a checkpoint follows, and
    /// whatever it answers is stored.
    ///
    /// # Errors
    /// `stale`, `unavailable`, `closed`: then do not act.
    pub async fn mark_effects(&self) -> Result<()> {
        self.host.ensure_open()?;
        self.marked.store(true, Ordering::Release);
        self.act(&Act::MarkEffects).await
    }

    /// Keeps how far the operation has come, so that whoever takes it over can go on from there. Only the newest is kept.
    ///
    /// # Errors
    /// `invalid_argument` for a name outside 1–255 bytes or more than 64 KiB; `stale`, `unavailable`, `closed`.
    pub async fn checkpoint(&self, name: &str, data: &[u8]) -> Result<()> {
        self.host.ensure_open()?;
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Error::invalid_argument("name", "give a name of 1 to 255 bytes"));
        }
        if data.len() > MAX_CHECKPOINT {
            return Err(Error::invalid_argument("data", "give at most 64 KiB, and keep what is larger elsewhere"));
        }
        self.act(&Act::Checkpoint(Checkpoint { name: name.to_owned(), data: data.to_vec() })).await
    }

    /// Begins the lease anew, at most until 15 minutes after this attempt began. Call it every third of a lease while the
    /// operation takes long.
    ///
    /// # Errors
    /// `stale`, `unavailable`, `closed`.
    pub async fn renew(&self) -> Result<()> {
        self.host.ensure_open()?;
        self.act(&Act::Renew).await
    }

    /// Ends the operation with its answer, and gives what is to be sent. Whether the answer is stored or the key is free again is
    /// decided by its status, the marks and the route. Where the store does not answer, what was done stays done: the answer comes
    /// back with `Idempotency-Stored: false`, and the lease runs on.
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
        self.end(Stored::without_body(status, body_sha256)?, finish_as).await
    }

    /// The largest body, in bytes, that is stored of this operation's answer; hand a larger one out as it comes, and end with
    /// [`Guard::complete_streamed`].
    #[must_use]
    pub const fn max_stored_body(&self) -> usize {
        self.settings.max_stored_body
    }

    /// Gives the operation back: the next request runs it.
    ///
    /// # Errors
    /// `invalid_argument` once effects are marked; `stale`, `unavailable`, `closed`.
    pub async fn release(&self) -> Result<()> {
        self.host.ensure_open()?;
        self.act(&Act::Release).await?;
        self.settled.store(true, Ordering::Release);
        Ok(())
    }

    /// What a failure of the handler comes to: the operation is given back where dropping the guard would do so, but waited for.
    /// Bindings call it where a block is left by an error. Does nothing once the operation has been ended.
    pub async fn abandon(&self) {
        if !self.settled.swap(true, Ordering::AcqRel) && decide::drop_releases(self.marked.load(Ordering::Acquire), &self.settings) {
            // The handler's own error is what the caller has to hear; without the release the lease runs out.
            let _ = self.act(&Act::Release).await;
        }
    }

    async fn finish(&self, response: &Response, finish_as: Option<FinishAs>) -> Result<Response> {
        let stored = Stored::of(response, self.settings.max_stored_body)?;
        Ok(if self.end(stored, finish_as).await? { response.clone() } else { response.clone().header("Idempotency-Stored", "false") })
    }

    /// Says whether the store knows of it now.
    async fn end(&self, stored: Stored, finish_as: Option<FinishAs>) -> Result<bool> {
        self.host.ensure_open()?;
        self.settled.store(true, Ordering::Release);
        match self.act(&Act::Complete(stored, finish_as)).await {
            Ok(()) => Ok(true),
            Err(Error::Unavailable { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn act(&self, act: &Act) -> Result<()> {
        let known = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match self.ledger.act(&self.key, &known, act, self.token, &self.settings).await {
            Ok(seen) => {
                *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
                Ok(())
            }
            Err(Error::Idempotency(IdempotencyError::Stale { response })) => {
                self.settled.store(true, Ordering::Release);
                let response = response.map(|response| Box::new(replayed(*response, self.key_line.as_deref())));
                Err(IdempotencyError::Stale { response }.into())
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let release = pin!(self.abandon());
        let _ = release.poll(&mut TaskContext::from_waker(Waker::noop()));
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("fence", &self.fence).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

const MAX_NAME: usize = 255;
const MAX_CHECKPOINT: usize = 64 << 10;
