//! Records in the store: load → decide → swap.

use std::sync::Arc;

use super::decide::{self, Act, Begun};
use super::late::LateEnds;
use super::policy::{InForce, Settings};
use super::record::{Entry, OwnerToken};
use super::waiting::Rooms;
use crate::error::{Error, IdempotencyError, Result};
use crate::host::Host;
use crate::store::time::StoreTime;
use crate::store::{Expect, Key, Next, Record, Store, Swap, Swapped};
use crate::time::Timestamp;

/// How often a decision is made again after a conflict.
const MAX_TRIES: usize = 16;

/// A record as it was last seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) entry: Entry,
    version: u64,
}

impl Seen {
    /// What is assumed of an operation that is run without its record.
    pub(super) const fn unrecorded(entry: Entry) -> Self {
        Self { entry, version: 0 }
    }
}

/// A worker that has begun an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) token: OwnerToken,
    pub(super) fingerprint: [u8; 32],
}

/// What a request is to do, and the record that says so.
pub(super) enum Opened {
    Replay(crate::http::Response),
    Own { seen: Seen, resumed: bool },
}

/// The records of one gate.
pub(super) struct Ledger {
    store: Arc<dyn Store>,
    pub(super) host: Arc<Host>,
    pub(super) time: StoreTime,
    pub(super) rooms: Rooms,
    pub(super) late_ends: LateEnds,
    pub(super) in_force: InForce,
}

impl Ledger {
    pub(super) fn new(store: Arc<dyn Store>, host: Arc<Host>, in_force: InForce) -> Self {
        Self { store, host, time: StoreTime::default(), rooms: Rooms::default(), late_ends: LateEnds::default(), in_force }
    }

    /// Begins an operation. One round trip for a new key, as soon as the store has answered once.
    pub(super) async fn begin(&self, key: &Key, fingerprint: [u8; 32], token: OwnerToken, settings: &Settings) -> Result<Opened> {
        let (now, seen) = match self.time.estimate(&*self.host.clock) {
            Some(now) => (now, None),
            None => self.load(key).await?,
        };
        self.begin_from(key, fingerprint, token, settings, now, seen).await
    }

    /// Begins an operation on what is known of it.
    pub(super) async fn begin_from(
        &self,
        key: &Key,
        fingerprint: [u8; 32],
        token: OwnerToken,
        settings: &Settings,
        mut now: Timestamp,
        mut seen: Option<Seen>,
    ) -> Result<Opened> {
        for _ in 0..MAX_TRIES {
            let begun = decide::begin(seen.as_ref().map(|seen| &seen.entry), fingerprint, token, settings, now)?;
            let (next, resumed) = match begun {
                Begun::Replay(response) => return Ok(Opened::Replay(response)),
                Begun::Execute(next) => (next, false),
                Begun::Resume(next) => (next, true),
            };
            match self.swap(key, seen.as_ref(), next, now).await? {
                Ok(seen) => return Ok(Opened::Own { seen, resumed }),
                Err(found) => (now, seen) = found,
            }
        }
        Err(Error::unavailable(STORE))
    }

    /// Carries out an act of an owner on what it saw last, or on what is there now. Gives what is there then.
    pub(super) async fn act(&self, key: &Key, known: &Seen, act: &Act, owner: Owner, settings: &Settings) -> Result<Seen> {
        let (mut now, mut seen, mut is_current) = match self.time.estimate(&*self.host.clock) {
            Some(now) => (now, Some(known.clone()), false),
            None => {
                let (now, seen) = self.load(key).await?;
                (now, seen, true)
            }
        };
        for _ in 0..MAX_TRIES {
            match decide::act(seen.as_ref().map(|seen| &seen.entry), owner.token, act, settings, now) {
                Ok(Some(next)) => match self.swap(key, seen.as_ref(), next, now).await? {
                    Ok(seen) => return Ok(seen),
                    Err(found) => ((now, seen), is_current) = (found, true),
                },
                // What was seen last may have changed since: only the store can say so.
                _ if !is_current => ((now, seen), is_current) = (self.load(key).await?, true),
                Ok(None) => return Ok(seen.unwrap_or_else(|| known.clone())),
                // Its key may have been used for another request since, whose answer is none for this one.
                Err(Error::Idempotency(IdempotencyError::Stale { .. }))
                    if seen.as_ref().and_then(|seen| seen.entry.fingerprint()) != Some(&owner.fingerprint) =>
                {
                    return Err(IdempotencyError::Stale { response: None }.into());
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::unavailable(STORE))
    }

    /// Swaps: what was written, or what is there instead. Where the reply was lost, one `load` says whether it was written.
    async fn swap(&self, key: &Key, seen: Option<&Seen>, entry: Entry, now: Timestamp) -> Result<Result<Seen, (Timestamp, Option<Seen>)>> {
        let expect = seen.map_or(Expect::Absent, |seen| Expect::Version(seen.version));
        let next = Next::Put { group: None, expires_at: decide::expires_at(&entry), value: entry.write() };
        match self.store.swap(Swap { key: key.clone(), expect, next, decided_at: now }).await {
            Ok(reply) => {
                self.time.saw(reply.now, &*self.host.clock);
                match reply.outcome {
                    Swapped::Written(version) => Ok(Ok(Seen { entry, version })),
                    Swapped::Conflict(record) => Ok(Err((reply.now, record.map(read).transpose()?))),
                }
            }
            Err(lost @ Error::Unavailable { .. }) => {
                let found = self.load(key).await.ok().and_then(|(_, seen)| seen).filter(|seen| seen.entry == entry);
                found.map(Ok).ok_or(lost)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn load(&self, key: &Key) -> Result<(Timestamp, Option<Seen>)> {
        let loaded = self.store.load(std::slice::from_ref(key)).await?;
        self.time.saw(loaded.now, &*self.host.clock);
        let record = loaded.records.into_iter().next().flatten();
        Ok((loaded.now, record.map(read).transpose()?))
    }
}

fn read(record: Record) -> Result<Seen> {
    Ok(Seen { entry: Entry::read(&record.value)?, version: record.version })
}

const STORE: &str = "the store of idempotency keys";
