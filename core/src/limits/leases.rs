//! Concurrency: so many units at a time, each held until it is given back or its lease ends.

use std::time::Duration;

use crate::time::{Timestamp, micros};

/// At most so many units at a time, each for no longer than its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concurrent {
    limit: u32,
    lease_ttl: i64,
}

/// What a permit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Tells it from all others of its subject.
    pub id: u64,
    /// Units held.
    pub units: u32,
    /// When they come back by themselves.
    pub until: i64,
}

impl Concurrent {
    pub(super) const fn new(limit: u32, lease_ttl: Duration) -> Self {
        Self { limit, lease_ttl: micros(lease_ttl) }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// The leases of now in the order of their ends, and whether one would end later than any can.
    pub(super) fn settle(&self, stored: &[Lease], now: Timestamp) -> (Vec<Lease>, bool) {
        let (now, latest) = (now.as_micros(), now.as_micros().saturating_add(self.lease_ttl));
        let clamped = stored.iter().any(|lease| lease.until > latest);
        let live = stored.iter().filter(|lease| lease.until > now).map(|lease| Lease { until: lease.until.min(latest), ..*lease });
        (live.collect(), clamped)
    }

    /// How many µs until `cost` more units are free at the latest; 0 if they are now.
    pub(super) fn wait_for(&self, leases: &[Lease], now: Timestamp, cost: u32) -> i64 {
        if cost > self.limit {
            return i64::MAX;
        }
        let mut over = i64::from(held(leases)) + i64::from(cost) - i64::from(self.limit);
        let mut wait = 0;
        for lease in leases {
            if over <= 0 {
                break;
            }
            over -= i64::from(lease.units);
            wait = lease.until.saturating_sub(now.as_micros());
        }
        wait
    }

    pub(super) fn take(&self, leases: &mut Vec<Lease>, now: Timestamp, cost: u32, id: u64) {
        leases.push(Lease { id, units: cost, until: now.as_micros().saturating_add(self.lease_ttl) });
    }

    pub(super) fn remaining(&self, leases: &[Lease]) -> u32 {
        self.limit.saturating_sub(held(leases))
    }

    pub(super) fn full_at(leases: &[Lease], now: Timestamp) -> Timestamp {
        leases.last().map_or(now, |lease| Timestamp::from_micros(lease.until))
    }

    /// Gives units of a lease back.
    pub(super) fn refund(leases: &mut Vec<Lease>, units: u32, permit: u64) {
        if let Some(lease) = leases.iter_mut().find(|lease| lease.id == permit) {
            lease.units = lease.units.saturating_sub(units);
        }
        leases.retain(|lease| lease.units > 0);
    }
}

fn held(leases: &[Lease]) -> u32 {
    leases.iter().fold(0, |sum, lease| sum.saturating_add(lease.units))
}
