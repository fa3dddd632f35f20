//! The sliding window of two counters: the last window counts in proportion to how much of it is not yet a period ago.

use crate::time::Timestamp;

/// A window of so many units a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlidingWindow {
    limit: u32,
    period: i64,
}

/// Its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// When the current window began: a multiple of the period.
    pub start: i64,
    /// Units taken in it.
    pub current: u32,
    /// Units taken in the one before.
    pub previous: u32,
}

impl SlidingWindow {
    pub(super) const fn new(limit: u32, period: i64) -> Self {
        Self { limit, period }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn period(&self) -> i64 {
        self.period
    }

    /// The counters of now's window, and whether they were of a later one, which cannot be.
    pub(super) fn settle(&self, stored: Option<Counters>, now: Timestamp) -> (Counters, bool) {
        let start = self.start_of(now.as_micros());
        let Some(stored) = stored else { return (Counters { start, current: 0, previous: 0 }, false) };
        // Written under another period, it began somewhere in the middle.
        let began = self.start_of(stored.start);
        if began >= start {
            return (Counters { start, ..stored }, began > start);
        }
        let previous = if start.saturating_sub(began) == self.period { stored.current } else { 0 };
        (Counters { start, current: 0, previous }, false)
    }

    /// How many µs until `cost` more units fit; 0 if they do now.
    pub(super) fn wait_for(&self, counters: Counters, now: Timestamp, cost: u32) -> i64 {
        if cost > self.limit {
            return i64::MAX;
        }
        let passed = now.as_micros().saturating_sub(counters.start);
        if let Some(free) = self.limit.checked_sub(counters.current).and_then(|free| free.checked_sub(cost)) {
            let fits_from = self.fits_from(counters.previous, free);
            return fits_from.saturating_sub(passed).max(0);
        }
        // In the next window what was taken in this one counts as the last.
        let fits_from = self.fits_from(counters.current, self.limit - cost);
        self.period.saturating_sub(passed).saturating_add(fits_from)
    }

    /// How far into a window `previous` units of the last one weigh no more than `free`: previous × (P − e) ≤ free × P.
    fn fits_from(&self, previous: u32, free: u32) -> i64 {
        let previous = i64::from(previous.min(self.limit));
        if previous <= i64::from(free) {
            return 0;
        }
        // At most N × P, which a policy keeps below 2⁵³.
        self.period - i64::from(free).saturating_mul(self.period) / previous.max(1)
    }

    pub(super) fn take(counters: &mut Counters, cost: u32) {
        counters.current = counters.current.saturating_add(cost);
    }

    pub(super) fn remaining(&self, counters: Counters, now: Timestamp) -> u32 {
        let left = self.period.saturating_sub(now.as_micros().saturating_sub(counters.start));
        let previous = i64::from(counters.previous.min(self.limit)).saturating_mul(left);
        let weight = previous / self.period.max(1) + i64::from(previous % self.period.max(1) > 0);
        self.limit.saturating_sub(counters.current).saturating_sub(u32::try_from(weight).unwrap_or(u32::MAX))
    }

    pub(super) const fn full_at(&self, counters: Counters, now: Timestamp) -> Timestamp {
        let windows = match counters {
            Counters { current: 1.., .. } => 2,
            Counters { previous: 1.., .. } => 1,
            Counters { .. } => return now,
        };
        Timestamp::from_micros(counters.start.saturating_add(self.period.saturating_mul(windows)))
    }

    /// Gives units back to the window that they were taken in.
    pub(super) const fn refund(&self, counters: &mut Counters, units: u32, permit: i64) {
        if permit == counters.start {
            counters.current = counters.current.saturating_sub(units);
        } else if permit == counters.start.saturating_sub(self.period) {
            counters.previous = counters.previous.saturating_sub(units);
        }
    }

    const fn start_of(&self, micros: i64) -> i64 {
        let period = if self.period < 1 { 1 } else { self.period };
        micros.saturating_sub(micros.rem_euclid(period))
    }
}
