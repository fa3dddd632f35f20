//! Whose turn it is to change an account.
//!
//! Of all who change one account at once, each conflict lets one through; so that sixteen tries are enough for any number of
//! guesses, those of one process go one after another, and meet only those of other processes.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::store::Key;

/// How many lines all accounts share.
const LINES: usize = 256;
/// How long somebody stands in one. A store that takes longer for those in front is no longer worth waiting for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a decision is made again after a conflict.
const MAX_CONFLICTS: u32 = 16;
/// The longest pause after a conflict is 2 to the power of this, in ms.
const LONGEST_PAUSE: u32 = 7;

/// The lines of one process.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lines: Mutex<(u32, Vec<Line>)>,
}

type Line = Arc<tokio::sync::Mutex<()>>;

/// Whoever has it changes the account; the next may when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _held: OwnedMutexGuard<()>,
    /// Whether somebody else had it meanwhile: what was seen of the account before is old.
    pub(super) has_waited: bool,
}

impl Turns {
    /// Stands in line for an account.
    pub(super) async fn turn(&self, key: &Key, host: &Host) -> Result<Turn> {
        let line = self.line(key).ok_or(Error::Internal("an account without a line"))?;
        let held = match Arc::clone(&line).try_lock_owned() {
            Ok(held) => return Ok(Turn { _held: held, has_waited: false }),
            Err(_) => {
                let since = host.clock.monotonic();
                let held = line.lock_owned().await;
                (host.clock.monotonic().saturating_sub(since) < PATIENCE).then_some(held)
            }
        };
        held.map(|held| Turn { _held: held, has_waited: true }).ok_or_else(|| Error::unavailable(super::service::STORE))
    }

    fn line(&self, key: &Key) -> Option<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever stood in a line when this process was forked stands there in the parent.
        if lines.0 != std::process::id() {
            *lines = (std::process::id(), (0..LINES).map(|_| Line::default()).collect());
        }
        // The id of an account is a keyed hash.
        let number = key.id().first().copied().map_or(0, usize::from);
        lines.1.get(number % LINES).map(Arc::clone)
    }
}

/// The conflicts of one decision.
#[derive(Debug, Default)]
pub(super) struct Conflicts(u32);

impl Conflicts {
    /// Takes note of one, and lets a moment pass that is nobody else's; says whether the decision may be made again.
    pub(super) async fn again(&mut self, host: &Host) -> bool {
        self.0 += 1;
        if self.0 >= MAX_CONFLICTS {
            return false;
        }
        // Not from the entropy of the gate: what is drawn there is the same in every language, conflicts or not.
        let longest = 1_000_u64 << self.0.min(LONGEST_PAUSE);
        let pause = RandomState::new().hash_one(self.0) % longest;
        // Where no time passes, it is tried again at once.
        let _ = host.background.pause(Duration::from_micros(pause)).await;
        true
    }
}
