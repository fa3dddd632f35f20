//! The store's clock, between its replies.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::{Clock, Timestamp, micros};

/// From which difference between the host's two clocks on the wall clock counts as stepped.
const STEP_MICROS: i64 = 1_000;

/// The store's clock at its last reply, carried forward: what a first write without a `load` is decided at.
#[derive(Debug, Default)]
pub(crate) struct StoreTime {
    last: Mutex<Option<Reply>>,
}

#[derive(Debug, Clone, Copy)]
struct Reply {
    store: Timestamp,
    wall: Timestamp,
    monotonic: Duration,
}

impl StoreTime {
    /// Takes note of the time in a reply.
    pub(crate) fn saw(&self, store: Timestamp, clock: &dyn Clock) {
        let reply = Reply { store, wall: clock.now(), monotonic: clock.monotonic() };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }

    /// The store's clock now: that of its last reply, carried forward on a clock that cannot be set. None before any reply, and
    /// where the host's wall clock has been set since, because an embedded store goes by it. Where it has not, both clocks say the
    /// same, and the wall clock's word is exact for an embedded store.
    pub(crate) fn estimate(&self, clock: &dyn Clock) -> Option<Timestamp> {
        let last = (*self.last.lock().unwrap_or_else(PoisonError::into_inner))?;
        let passed = clock.monotonic().saturating_sub(last.monotonic);
        let wall_passed = clock.now().as_micros().saturating_sub(last.wall.as_micros());
        let stepped = wall_passed.saturating_sub(micros(passed)).saturating_abs() > STEP_MICROS;
        (!stepped).then(|| Timestamp::from_micros(last.store.as_micros().saturating_add(wall_passed)))
    }
}
