//! Claims in the store: load → decide → swap.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::replay::{self, Claim, Decision, ID_RETENTION};
use crate::error::{Error, Result, WebhookError};
use crate::host::Host;
use crate::store::time::StoreTime;
use crate::store::{Expect, Key, Next, Record, Store, Swap, SwapReply, Swapped};
use crate::time::Timestamp;

/// How often a decision is made again after a conflict.
const MAX_TRIES: usize = 16;

/// Until when a claim is remembered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// As long as ids are, from the claim on.
    FromClaim,
    /// Until this instant, which the message's own time gives.
    Until(Timestamp),
}

/// What is to be claimed.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: Key,
    pub(super) keep: Keep,
    pub(super) hold: Duration,
    pub(super) one_phase: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Claimed {
    /// The message is ours until the hold is over.
    Held(Held),
    /// The message is ours, and used: nothing is left to settle.
    Used,
    /// Somebody has used it before.
    Before,
}

/// A claim that is still to be settled.
#[derive(Debug, Clone)]
pub(super) struct Held {
    key: Key,
    claim_id: u64,
    version: u64,
    expires_at: Timestamp,
}

/// The claims of one gate.
pub(super) struct Claims {
    store: Arc<dyn Store>,
    host: Arc<Host>,
    time: StoreTime,
    next_id: AtomicU64,
}

impl Claims {
    pub(super) fn new(store: Arc<dyn Store>, host: Arc<Host>) -> Self {
        // The number of a claim only has to differ from those of other processes, so it takes nothing from the gate's entropy.
        Self { store, host, time: StoreTime::default(), next_id: AtomicU64::new(RandomState::new().hash_one(0_u8)) }
    }

    /// Claims a message. One round trip where nobody else has it.
    ///
    /// # Errors
    /// `in_progress`, `unavailable`, `record_unreadable`; `timestamp_too_old` where the claim could not be remembered because the
    /// message is out of its time by the store's clock.
    pub(super) async fn claim(&self, wanted: &Wanted) -> Result<Claimed> {
        let claim_id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (mut now, mut record) = match self.estimate() {
            Some(now) => (now, None),
            None => self.load(&wanted.key).await?,
        };
        for _ in 0..MAX_TRIES {
            let expect = match replay::decide(record.as_ref(), now)? {
                Decision::Claim(expect) => expect,
                Decision::InProgress(retry_after) => return Err(WebhookError::InProgress { retry_after }.into()),
                Decision::Used => return Ok(Claimed::Before),
            };
            let expires_at = match wanted.keep {
                Keep::FromClaim => now.plus(ID_RETENTION),
                Keep::Until(instant) => instant,
            };
            if expires_at <= now {
                return Err(WebhookError::TimestampTooOld { server_time_ms: now.as_millis() }.into());
            }
            let claim = if wanted.one_phase { Claim::Used { claim_id } } else { Claim::Held { claim_id, until: now.plus(wanted.hold) } };
            let next = Next::Put { group: None, expires_at, value: claim.write() };
            let swap = Swap { key: wanted.key.clone(), expect, next, decided_at: now };
            let version = match self.swap_settled(swap, claim_id).await? {
                Ok(version) => version,
                Err((later, found)) => {
                    (now, record) = (later, found);
                    continue;
                }
            };
            let held = Held { key: wanted.key.clone(), claim_id, version, expires_at };
            return Ok(if wanted.one_phase { Claimed::Used } else { Claimed::Held(held) });
        }
        Err(Error::unavailable("the store of webhooks"))
    }

    /// Marks a claimed message used. Says whether it did: a claim that has been taken over changes nothing.
    pub(super) async fn commit(&self, held: &Held) -> Result<bool> {
        let value = Claim::Used { claim_id: held.claim_id }.write();
        self.settle(held, Next::Put { group: None, expires_at: held.expires_at, value }).await
    }

    /// Gives a claimed message back. Says whether it did.
    pub(super) async fn release(&self, held: &Held) -> Result<bool> {
        self.settle(held, Next::Remove).await
    }

    async fn settle(&self, held: &Held, next: Next) -> Result<bool> {
        let mut now = match self.estimate() {
            Some(now) => now,
            None => self.load(&held.key).await?.0,
        };
        for _ in 0..MAX_TRIES {
            let swap = Swap { key: held.key.clone(), expect: Expect::Version(held.version), next: next.clone(), decided_at: now };
            let reply = self.swap(swap).await?;
            now = reply.now;
            match reply.outcome {
                Swapped::Written(_) => return Ok(true),
                // Still ours: the decision was only made at a time that the store does not share.
                Swapped::Conflict(Some(record)) if record.version == held.version => {}
                Swapped::Conflict(_) => return Ok(false),
            }
        }
        Err(Error::unavailable("the store of webhooks"))
    }

    /// Swaps: the version written, or what is there instead. Where the reply was lost, one `load` says whether it was written.
    async fn swap_settled(&self, swap: Swap, claim_id: u64) -> Result<Result<u64, (Timestamp, Option<Record>)>> {
        let key = swap.key.clone();
        match self.swap(swap).await {
            Ok(SwapReply { outcome: Swapped::Written(version), .. }) => Ok(Ok(version)),
            Ok(SwapReply { now, outcome: Swapped::Conflict(record) }) => Ok(Err((now, record))),
            Err(lost @ Error::Unavailable { .. }) => {
                let found = self.load(&key).await.ok().and_then(|(_, record)| record);
                let own = found.filter(|record| Claim::read(&record.value).is_ok_and(|claim| claim.claim_id() == claim_id));
                own.map(|record| Ok(record.version)).ok_or(lost)
            }
            Err(error) => Err(error),
        }
    }

    async fn load(&self, key: &Key) -> Result<(Timestamp, Option<Record>)> {
        let loaded = self.store.load(std::slice::from_ref(key)).await?;
        self.saw(loaded.now);
        Ok((loaded.now, loaded.records.into_iter().next().flatten()))
    }

    async fn swap(&self, swap: Swap) -> Result<SwapReply> {
        let reply = self.store.swap(swap).await?;
        self.saw(reply.now);
        Ok(reply)
    }

    fn saw(&self, store: Timestamp) {
        self.time.saw(store, &*self.host.clock);
    }

    fn estimate(&self) -> Option<Timestamp> {
        self.time.estimate(&*self.host.clock)
    }
}
