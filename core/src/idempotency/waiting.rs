//! Waiting for the winner: the requests of this process that wait for one operation look at its record one at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, Notify};

use super::decide::{self, Begun};
use super::ledger::{Ledger, Opened};
use super::policy::Settings;
use super::record::{Entry, OwnerToken, State};
use crate::error::{Error, IdempotencyError, Result};
use crate::store::Key;

/// Who waits, by operation.
#[derive(Default)]
pub(super) struct Rooms {
    by_key: Mutex<HashMap<Key, Arc<Room>>>,
    /// How many there are, so that an operation nobody waits for ends without a look.
    count: AtomicUsize,
}

/// Those who wait for one operation.
#[derive(Default)]
struct Room {
    /// Whoever holds it looks at the record; the others wait for their turn.
    turn: AsyncMutex<()>,
    /// Something has changed, by this process's own doing.
    called: Notify,
    /// The end of the operation, once somebody has seen it: nobody else need look.
    end: OnceLock<Entry>,
    guests: AtomicUsize,
}

/// One who waits.
struct Guest<'a> {
    rooms: &'a Rooms,
    key: &'a Key,
    room: Arc<Room>,
}

impl Rooms {
    fn enter<'a>(&'a self, key: &'a Key) -> Guest<'a> {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let room = Arc::clone(by_key.entry(key.clone()).or_default());
        room.guests.fetch_add(1, Ordering::Relaxed);
        self.count.store(by_key.len(), Ordering::Release);
        Guest { rooms: self, key, room }
    }

    /// Tells those who wait for this operation that it has changed.
    pub(super) fn call(&self, key: &Key) {
        if self.count.load(Ordering::Acquire) > 0
            && let Some(room) = self.by_key.lock().unwrap_or_else(PoisonError::into_inner).get(key)
        {
            room.called.notify_one();
        }
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        let mut by_key = self.rooms.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if self.room.guests.fetch_sub(1, Ordering::Relaxed) == 1 {
            by_key.remove(self.key);
            self.rooms.count.store(by_key.len(), Ordering::Release);
        }
    }
}

impl Ledger {
    /// Begins an operation; while another worker has it, waits for that one's answer as long as the route says.
    pub(super) async fn begin_or_wait(&self, key: &Key, fingerprint: [u8; 32], token: OwnerToken, settings: &Settings) -> Result<Opened> {
        let begun = self.begin(key, fingerprint, token, settings).await;
        let Err(refusal @ Error::Idempotency(IdempotencyError::InProgress { .. })) = begun else { return begun };
        if settings.wait.is_zero() { Err(refusal) } else { self.wait(key, fingerprint, token, settings, refusal).await }
    }

    async fn wait(&self, key: &Key, fingerprint: [u8; 32], token: OwnerToken, settings: &Settings, mut refusal: Error) -> Result<Opened> {
        let (clock, background) = (&*self.host.clock, &self.host.background);
        let end = clock.monotonic() + settings.wait;
        let guest = self.rooms.enter(key);
        let room = &*guest.room;
        let _turn = tokio::select! {
            biased;
            turn = room.turn.lock() => turn,
            _ = background.pause(settings.wait) => return Err(refusal),
        };
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(entry) = room.end.get()
                && let Some(now) = self.time.estimate(clock)
                && let Begun::Replay(response) = decide::begin(Some(entry), fingerprint, token, settings, now)?
            {
                return Ok(Opened::Replay(response));
            }
            let left = end.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return Err(refusal);
            }
            let has_news = tokio::select! {
                biased;
                () = room.called.notified() => true,
                has_passed = background.pause(pause.min(left)) => has_passed,
            };
            if !has_news {
                // Nobody lets time pass here.
                return Err(refusal);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            let (now, seen) = self.load(key).await?;
            if let Some(entry) = seen.as_ref().map(|seen| &seen.entry)
                && matches!(entry.state, State::Completed { .. })
            {
                // Two who saw an end saw the same one.
                let _ = room.end.set(entry.clone());
            }
            match self.begin_from(key, fingerprint, token, settings, now, seen).await {
                Err(still @ Error::Idempotency(IdempotencyError::InProgress { .. })) => refusal = still,
                begun => return begun,
            }
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
