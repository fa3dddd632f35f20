//! An operation under way in this process: its owner's acts on its record, and what they leave behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::decide::{self, Act, FinishAs, MAX_LEASE};
use super::ledger::{Ledger, Owner, Seen};
use super::policy::{IdempotencyPolicy, Origin, Settings};
use super::record::{Mark, State};
use super::response::{Stored, replayed};
use crate::error::{Error, IdempotencyError, Result};
use crate::host::Host;
use crate::store::Key;

/// What a guard guards.
pub(super) struct Operation {
    pub(super) host: Arc<Host>,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    origin: Origin,
    /// The policy that it was begun under, and its settings there.
    opened_by: (Arc<IdempotencyPolicy>, Arc<Settings>),
    ledger: Arc<Ledger>,
    key: Key,
    key_line: Option<Vec<u8>>,
    owner: Owner,
    seen: Mutex<Seen>,
    /// Whether the store has no record of it: the route goes on without where the store is down.
    is_unrecorded: bool,
    /// Whether effects are marked, or may be because a reply was lost.
    marked: AtomicBool,
    /// Whether the caller has ended it, or begun to: what is finished is never given back by a drop.
    settled: AtomicBool,
    due: Mutex<Option<super::heartbeat::Due>>,
}

/// What comes after a heartbeat.
pub(super) enum Beat {
    Again(Duration),
    Over,
}

/// What a request brings to its operation.
pub(super) struct Opening {
    pub(super) key: Key,
    pub(super) key_line: Option<Vec<u8>>,
    pub(super) fingerprint: [u8; 32],
    pub(super) origin: Origin,
    /// The policy, and the settings of the request there.
    pub(super) opened_by: (Arc<IdempotencyPolicy>, Arc<Settings>),
    pub(super) is_unrecorded: bool,
}

impl Operation {
    pub(super) fn new(ledger: Arc<Ledger>, host: Arc<Host>, opening: Opening, seen: Seen) -> Self {
        let (attempt, marked) = match &seen.entry.state {
            State::InFlight(flight) => (flight.attempt, flight.mark != Mark::None),
            State::Released | State::Completed { .. } => (1, false),
        };
        let Opening { key, key_line, fingerprint, origin, opened_by, is_unrecorded } = opening;
        let owner = Owner { token: seen.entry.token, fingerprint };
        Self {
            host,
            fence: seen.entry.fence,
            attempt,
            origin,
            opened_by,
            ledger,
            key,
            key_line,
            owner,
            seen: Mutex::new(seen),
            is_unrecorded,
            marked: AtomicBool::new(marked),
            settled: AtomicBool::new(false),
            due: Mutex::new(None),
        }
    }

    /// The settings of now.
    pub(super) fn settings(&self) -> Arc<Settings> {
        let (policy, settings) = &self.opened_by;
        let in_force = self.ledger.in_force.policy();
        if Arc::ptr_eq(policy, &in_force) { Arc::clone(settings) } else { self.origin.settings(&in_force) }
    }

    /// Notes that effects may be done from here on: even if the reply to the mark is lost.
    pub(super) fn mark(&self) {
        self.marked.store(true, Ordering::Release);
    }

    /// Ends it. Says whether the store knows of it now; if not, it will be told as soon as it answers.
    pub(super) async fn end(self: &Arc<Self>, stored: Stored, finish_as: Option<FinishAs>) -> Result<bool> {
        self.host.ensure_open()?;
        self.settled.store(true, Ordering::Release);
        if self.is_unrecorded {
            return Ok(false);
        }
        let act = Act::Complete(stored, finish_as);
        match self.act(&act).await {
            Ok(()) => Ok(true),
            Err(Error::Unavailable { .. }) => {
                self.end_later(act);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn release(&self) -> Result<()> {
        if !self.is_unrecorded {
            self.act(&Act::Release).await?;
        }
        self.settled.store(true, Ordering::Release);
        Ok(())
    }

    /// What a failure of the handler comes to.
    pub(super) async fn abandon(&self) {
        let was_settled = self.settled.swap(true, Ordering::AcqRel);
        if !was_settled && !self.is_unrecorded && decide::drop_releases(self.marked.load(Ordering::Acquire), &self.settings()) {
            // The handler's own error is what the caller has to hear; without the release the lease runs out.
            let _ = self.act(&Act::Release).await;
        }
    }

    pub(super) async fn act(&self, act: &Act) -> Result<()> {
        if self.is_unrecorded {
            return Ok(());
        }
        let known = self.lock_seen().clone();
        let acted = self.ledger.act(&self.key, &known, act, self.owner, &self.settings()).await;
        if matches!(act, Act::Complete(..) | Act::Release) {
            self.ledger.rooms.call(&self.key);
        }
        match acted {
            Ok(seen) => {
                *self.lock_seen() = seen;
                Ok(())
            }
            Err(Error::Idempotency(IdempotencyError::Stale { response })) => {
                self.settled.store(true, Ordering::Release);
                let mark = &self.opened_by.0.replayed_header;
                let response = response.map(|response| Box::new(replayed(*response, mark, self.key_line.as_deref())));
                Err(IdempotencyError::Stale { response }.into())
            }
            Err(error) => Err(error),
        }
    }

    /// How long a heartbeat waits.
    pub(super) fn beat_every(&self) -> Duration {
        (self.settings().lease / 3).max(SHORTEST_BEAT)
    }

    /// Renews the lease, unless it is over.
    pub(super) async fn beat(&self) -> Beat {
        if self.settled.load(Ordering::Acquire) || self.is_unrecorded {
            return Beat::Over;
        }
        match self.act(&Act::Renew).await {
            Ok(()) => match &self.lock_seen().entry.state {
                State::InFlight(flight) if flight.lease_until < flight.begun_at.plus(MAX_LEASE) => Beat::Again(self.beat_every()),
                _ => Beat::Over,
            },
            // The lease may outlast the outage.
            Err(Error::Unavailable { .. }) => Beat::Again((self.beat_every() / 4).max(SHORTEST_BEAT)),
            Err(_) => Beat::Over,
        }
    }

    /// Where the heartbeat has it.
    pub(super) fn is_watched(&self, due: super::heartbeat::Due) {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner) = Some(due);
    }

    pub(super) fn take_due(&self) -> Option<super::heartbeat::Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Tells the store of the end again and again, until it hears it or nobody would believe it any more.
    fn end_later(self: &Arc<Self>, act: Act) {
        let Some(place) = self.ledger.late_ends.take_place() else { return };
        let operation = Arc::clone(self);
        let work = async move {
            let _place = place;
            let mut pause = FIRST_PAUSE;
            let mut waited = Duration::ZERO;
            while waited < MAX_LEASE {
                tokio::time::sleep(pause).await;
                waited += pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
                if !matches!(operation.act(&act).await, Err(Error::Unavailable { .. })) {
                    return;
                }
            }
        };
        // Without a thread for it the lease runs out, and the rule for crashes applies.
        let _ = self.host.background.spawn(work);
    }

    fn lock_seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leases of less than three of these are for tests, and not kept alive.
const SHORTEST_BEAT: Duration = Duration::from_millis(10);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
