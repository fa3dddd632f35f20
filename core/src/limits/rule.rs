//! What a tier does with a stored state, whichever way it counts.

use super::calendar::{Calendar, Count};
use super::gcra::{Rate, Tat};
use super::leases::{Concurrent, Lease};
use super::log::SlidingLog;
use super::window::{Counters, SlidingWindow};
use crate::time::Timestamp;

/// The arithmetic of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A bucket that refills evenly.
    TokenBucket(Rate),
    /// Exactly so many in any period.
    SlidingLog(SlidingLog),
    /// The same by two counters, which assume that the last window was used evenly.
    SlidingWindow(SlidingWindow),
    /// So many in each hour, day or month.
    Calendar(Calendar),
    /// So many at a time.
    Concurrent(Concurrent),
}

/// What is stored of a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// When the bucket will be full.
    Bucket(Tat),
    /// The stamp of each unit, ascending.
    Log(Vec<i64>),
    /// Two windows.
    Window(Counters),
    /// An hour, day or month.
    Calendar(Count),
    /// The leases in the order of their ends.
    Leases(Vec<Lease>),
}

/// What a permit took from a tier, so that it can be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The state that its commit left.
    Bucket(Tat),
    /// Its stamp.
    Stamp(i64),
    /// When its window began.
    Window(i64),
    /// When its hour, day or month began.
    Calendar(i64),
    /// Its lease.
    Lease(u64),
}

/// A state brought to now, and what a request comes to there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The state as it counts now.
    pub state: State,
    /// Whether the stored one was impossible (the clock went back, or the policy shrank) and must be overwritten even by a refusal.
    pub clamped: bool,
}

impl Rule {
    /// The state as it counts now. A stored one of another kind is none.
    #[must_use]
    pub fn settle(&self, stored: Option<&State>, now: Timestamp, reserve_max_wait: i64) -> Settled {
        let settled = |state, clamped| Settled { state, clamped };
        match (self, stored) {
            (Self::TokenBucket(rate), stored) => {
                let stored = if let Some(State::Bucket(tat)) = stored { Some(*tat) } else { None };
                let step = rate.step(stored, now, 0, 0, reserve_max_wait);
                // What has leaked away, or was never taken, is not brought up to now: it would count again if the clock went back.
                settled(State::Bucket(stored.map_or(Tat::NEVER, |tat| tat.min(step.before))), step.clamped)
            }
            (Self::SlidingLog(log), stored) => {
                let stored = if let Some(State::Log(stamps)) = stored { stamps.as_slice() } else { &[] };
                let (stamps, clamped) = log.settle(stored, now);
                settled(State::Log(stamps), clamped)
            }
            (Self::SlidingWindow(window), stored) => {
                let stored = if let Some(State::Window(counters)) = stored { Some(*counters) } else { None };
                let (counters, clamped) = window.settle(stored, now);
                settled(State::Window(counters), clamped)
            }
            (Self::Calendar(calendar), stored) => {
                let stored = if let Some(State::Calendar(count)) = stored { Some(*count) } else { None };
                let (count, clamped) = calendar.settle(stored, now);
                settled(State::Calendar(count), clamped)
            }
            (Self::Concurrent(concurrent), stored) => {
                let stored = if let Some(State::Leases(leases)) = stored { leases.as_slice() } else { &[] };
                let (leases, clamped) = concurrent.settle(stored, now);
                settled(State::Leases(leases), clamped)
            }
        }
    }

    /// How many µs until `cost` units can be taken, up to `ahead` µs before they are there; 0 if they can now. Of a settled state.
    #[must_use]
    pub fn wait_for(&self, state: &State, now: Timestamp, cost: u32, ahead: i64) -> i64 {
        match (self, state) {
            (Self::TokenBucket(rate), State::Bucket(tat)) => {
                let step = rate.step(Some(*tat), now, cost, ahead, i64::MAX);
                if step.allowed { 0 } else { rate.retry_after(step.after, now).saturating_sub(ahead) }
            }
            (Self::SlidingLog(log), State::Log(stamps)) => log.wait_for(stamps, now, cost),
            (Self::SlidingWindow(window), State::Window(counters)) => window.wait_for(*counters, now, cost),
            (Self::Calendar(calendar), State::Calendar(count)) => calendar.wait_for(*count, now, cost),
            (Self::Concurrent(concurrent), State::Leases(leases)) => concurrent.wait_for(leases, now, cost),
            _ => i64::MAX,
        }
    }

    /// Takes units, and says how to give them back. `lease` tells a permit from all others.
    pub fn take(&self, state: &mut State, now: Timestamp, cost: u32, lease: u64) -> Taken {
        match (self, state) {
            (Self::TokenBucket(rate), State::Bucket(tat)) => {
                *tat = rate.step(Some(*tat), now, cost, 0, i64::MAX).after;
                Taken::Bucket(*tat)
            }
            (Self::SlidingWindow(_), State::Window(counters)) => {
                SlidingWindow::take(counters, cost);
                Taken::Window(counters.start)
            }
            (Self::Calendar(_), State::Calendar(count)) => {
                Calendar::take(count, cost);
                Taken::Calendar(count.start)
            }
            (Self::Concurrent(concurrent), State::Leases(leases)) => {
                concurrent.take(leases, now, cost, lease);
                Taken::Lease(lease)
            }
            (_, State::Log(stamps)) => {
                SlidingLog::take(stamps, now, cost);
                Taken::Stamp(now.as_micros())
            }
            (_, _) => Taken::Stamp(now.as_micros()),
        }
    }

    /// Gives up to `units` of a permit back: never more than it took and has not come back by itself.
    pub fn refund(&self, state: &mut State, now: Timestamp, units: u32, taken: Taken) {
        match (self, state, taken) {
            (Self::TokenBucket(rate), State::Bucket(tat), Taken::Bucket(permit)) => *tat = rate.refund(*tat, now, units, permit),
            (Self::SlidingLog(_), State::Log(stamps), Taken::Stamp(permit)) => SlidingLog::refund(stamps, units, permit),
            (Self::SlidingWindow(window), State::Window(counters), Taken::Window(permit)) => window.refund(counters, units, permit),
            (Self::Calendar(_), State::Calendar(count), Taken::Calendar(permit)) => Calendar::refund(count, units, permit),
            (Self::Concurrent(_), State::Leases(leases), Taken::Lease(permit)) => Concurrent::refund(leases, units, permit),
            // Nothing of it is left where the tier counts in another way now.
            _ => {}
        }
    }

    /// How many units can be taken at once. Of a settled state.
    #[must_use]
    pub fn remaining(&self, state: &State, now: Timestamp) -> u32 {
        match (self, state) {
            (Self::TokenBucket(rate), State::Bucket(tat)) => rate.remaining(*tat, now),
            (Self::SlidingLog(log), State::Log(stamps)) => log.remaining(stamps),
            (Self::SlidingWindow(window), State::Window(counters)) => window.remaining(*counters, now),
            (Self::Calendar(calendar), State::Calendar(count)) => calendar.remaining(*count),
            (Self::Concurrent(concurrent), State::Leases(leases)) => concurrent.remaining(leases),
            _ => 0,
        }
    }

    /// How many µs until one unit more can be taken than now; 0 if nothing is taken.
    #[must_use]
    pub fn next_unit(&self, state: &State, now: Timestamp) -> i64 {
        match (self, state) {
            (Self::TokenBucket(rate), State::Bucket(tat)) => rate.next_unit(*tat, now),
            _ => match self.remaining(state, now) {
                remaining if remaining >= self.burst() => 0,
                remaining => self.wait_for(state, now, remaining + 1, 0),
            },
        }
    }

    /// When nothing is taken any more. Of a settled state.
    #[must_use]
    pub fn full_at(&self, state: &State, now: Timestamp) -> Timestamp {
        match (self, state) {
            (Self::TokenBucket(_), State::Bucket(tat)) => tat.full_at().max(now),
            (Self::SlidingLog(log), State::Log(stamps)) => log.full_at(stamps, now),
            (Self::SlidingWindow(window), State::Window(counters)) => window.full_at(*counters, now),
            (Self::Calendar(calendar), State::Calendar(count)) => calendar.full_at(*count, now),
            (Self::Concurrent(_), State::Leases(leases)) => Concurrent::full_at(leases, now),
            _ => now,
        }
    }

    /// The most that can be taken at once.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        match self {
            Self::TokenBucket(rate) => rate.burst(),
            _ => self.limit(),
        }
    }

    /// N.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        match self {
            Self::TokenBucket(rate) => rate.limit(),
            Self::SlidingLog(log) => log.limit(),
            Self::SlidingWindow(window) => window.limit(),
            Self::Calendar(calendar) => calendar.limit(),
            Self::Concurrent(concurrent) => concurrent.limit(),
        }
    }

    /// P in µs: of a calendar the hour, day or month of `now`; 0 of concurrency, which has none.
    #[must_use]
    pub fn period(&self, now: Timestamp) -> i64 {
        match self {
            Self::TokenBucket(rate) => i64::try_from(rate.period()).unwrap_or(i64::MAX),
            Self::SlidingLog(log) => log.period(),
            Self::SlidingWindow(window) => window.period(),
            Self::Calendar(calendar) => calendar.length(now),
            Self::Concurrent(_) => 0,
        }
    }

    /// Whether what a permit of this tier holds comes back whatever the policy says.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        matches!(self, Self::Concurrent(_))
    }
}
