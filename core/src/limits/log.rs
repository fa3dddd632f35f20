//! The exact sliding log: at most `limit` units in any window of one period, by the stamp of each unit.

use crate::time::Timestamp;

/// A log of so many stamps, each of which counts for one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlidingLog {
    limit: u32,
    period: i64,
}

impl SlidingLog {
    pub(super) const fn new(limit: u32, period: i64) -> Self {
        Self { limit, period }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn period(&self) -> i64 {
        self.period
    }

    /// The stamps that count now, and whether any was later than now, which cannot be.
    pub(super) fn settle(&self, stored: &[i64], now: Timestamp) -> (Vec<i64>, bool) {
        let now = now.as_micros();
        let clamped = stored.iter().any(|stamp| *stamp > now);
        let live = stored.iter().map(|stamp| (*stamp).min(now)).filter(|stamp| *stamp > now.saturating_sub(self.period));
        (live.collect(), clamped)
    }

    /// How many µs until `cost` more units fit; 0 if they do now.
    pub(super) fn wait_for(&self, stamps: &[i64], now: Timestamp, cost: u32) -> i64 {
        if cost > self.limit {
            return i64::MAX;
        }
        let over = (stamps.len() + cost as usize).saturating_sub(self.limit as usize);
        // The units that must go are the oldest.
        let last_to_go = over.checked_sub(1).and_then(|at| stamps.get(at));
        last_to_go.map_or(0, |stamp| stamp.saturating_add(self.period).saturating_sub(now.as_micros()))
    }

    pub(super) fn take(stamps: &mut Vec<i64>, now: Timestamp, cost: u32) {
        stamps.extend(std::iter::repeat_n(now.as_micros(), cost as usize));
    }

    pub(super) fn remaining(&self, stamps: &[i64]) -> u32 {
        self.limit.saturating_sub(u32::try_from(stamps.len()).unwrap_or(u32::MAX))
    }

    pub(super) fn full_at(&self, stamps: &[i64], now: Timestamp) -> Timestamp {
        stamps.last().map_or(now, |stamp| Timestamp::from_micros(stamp.saturating_add(self.period)))
    }

    /// Takes up to `units` stamps of a permit back, those that still count.
    pub(super) fn refund(stamps: &mut Vec<i64>, units: u32, permit: i64) {
        let mut left = units;
        stamps.retain(|stamp| {
            let back = left > 0 && *stamp == permit;
            left -= u32::from(back);
            !back
        });
    }
}
