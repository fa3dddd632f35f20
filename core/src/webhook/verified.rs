//! A verified message and its claim.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as TaskContext, Waker};

use super::claims::{Claims, Held};
use super::types::Checked;
use crate::error::Result;
use crate::event::Event;
use crate::host::Host;

/// A verified message and its claim.
///
/// Call [`Verified::commit`] when the message has been handled and [`Verified::release`] when it could not be. Dropped without
/// either, it tries to release the claim: the release is begun and not waited for, since a drop cannot wait. The memory
/// store has then done it, a store with threads of its own does it soon; where it is lost, the claim is over when its hold is
/// (30 s unless the endpoint says otherwise), and the sender's next delivery is accepted.
#[derive(Debug)]
pub struct Verified {
    checked: Checked,
    duplicate: bool,
    endpoint: String,
    host: Arc<Host>,
    claim: Option<OpenClaim>,
}

/// A claim that is to be settled.
pub(super) struct OpenClaim {
    pub(super) claims: Arc<Claims>,
    pub(super) held: Held,
    /// Whether the caller has settled it, or begun to: what was handled is never given back by a drop.
    settled: AtomicBool,
}

impl OpenClaim {
    pub(super) const fn new(claims: Arc<Claims>, held: Held) -> Self {
        Self { claims, held, settled: AtomicBool::new(false) }
    }
}

impl Verified {
    pub(super) const fn new(checked: Checked, duplicate: bool, endpoint: String, host: Arc<Host>, claim: Option<OpenClaim>) -> Self {
        Self { checked, duplicate, endpoint, host, claim }
    }

    /// What was checked.
    #[must_use]
    pub const fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Whether a message with this id has been committed before: answer 2xx and do nothing.
    #[must_use]
    pub const fn duplicate(&self) -> bool {
        self.duplicate
    }

    /// The message has been used: any further one is a replay (or a duplicate). Of a duplicate, and of a claim that another
    /// delivery has taken over meanwhile, it changes nothing. It may be called again after an error.
    ///
    /// # Errors
    /// `unavailable`, `closed`. The claim then stays until its hold is over.
    pub async fn commit(&self) -> Result<()> {
        self.host.ensure_open()?;
        let Some(claim) = &self.claim else { return Ok(()) };
        claim.settled.store(true, Ordering::Release);
        let done = claim.claims.commit(&claim.held).await?;
        self.emit("webhook_committed", done);
        Ok(())
    }

    /// The message has not been used: the sender may deliver it again. Of a duplicate, and of a claim that is settled or taken
    /// over, it changes nothing.
    ///
    /// # Errors
    /// As [`Verified::commit`].
    pub async fn release(&self) -> Result<()> {
        self.host.ensure_open()?;
        let Some(claim) = &self.claim else { return Ok(()) };
        claim.settled.store(true, Ordering::Release);
        let done = claim.claims.release(&claim.held).await?;
        self.emit("webhook_released", done);
        Ok(())
    }

    fn emit(&self, kind: &'static str, done: bool) {
        if self.host.events.are_wanted() {
            let outcome = if done { "done" } else { "claim_lost" };
            let mut event = Event::new(kind, self.host.clock.now(), outcome, &self.checked.context);
            event.details = vec![("endpoint", self.endpoint.clone()), ("key_id", self.checked.key_id.clone())];
            self.host.events.emit(&event);
        }
    }
}

impl Drop for Verified {
    fn drop(&mut self) {
        let Some(claim) = self.claim.take() else { return };
        if !claim.settled.load(Ordering::Acquire) {
            let release = pin!(claim.claims.release(&claim.held));
            let _ = release.poll(&mut TaskContext::from_waker(Waker::noop()));
        }
    }
}

impl std::fmt::Debug for OpenClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OpenClaim").field(&self.held).finish()
    }
}
