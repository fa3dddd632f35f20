//! The token bucket as one number: the theoretical arrival time (GCRA), exact in integers.
//!
//! Of `limit` N a period of P µs, one unit takes P/N µs: a fraction. The state is therefore `q + f/N` µs, and all of it is whole
//! numbers, in every language and store. A bucket is full when the state is not later than now, and empty when it is `burst` units
//! later.

use crate::time::Timestamp;

/// The state of a tier: the instant at which its bucket will be full, as `micros + fraction / limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tat {
    /// µs since the epoch, rounded down.
    pub micros: i64,
    /// The rest, in parts of a µs whose number is the limit.
    pub fraction: u32,
}

impl Tat {
    /// A bucket of which nothing was ever taken.
    pub const NEVER: Self = Self { micros: i64::MIN, fraction: 0 };

    /// A bucket that is full at this instant.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { micros: now.as_micros(), fraction: 0 }
    }

    /// Read under another limit: rounded up to whole µs, so that nobody gains.
    #[must_use]
    pub const fn rounded_up(self) -> Self {
        if self.fraction == 0 { self } else { Self { micros: self.micros.saturating_add(1), fraction: 0 } }
    }

    /// The first whole µs at which the bucket is full.
    #[must_use]
    pub const fn full_at(self) -> Timestamp {
        Timestamp::from_micros(self.rounded_up().micros)
    }
}

/// How fast a bucket fills and how much it holds, with the quotients that every decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    limit: u32,
    burst: u32,
    period: u64,
    /// burst × period / limit: how far the state of an empty bucket is ahead.
    tolerance: Tat,
    /// period / limit: what most requests cost.
    unit: Tat,
}

/// What a step comes to in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The state before: never earlier than now, never later than an empty bucket's.
    pub before: Tat,
    /// Whether the stored state was impossible (the clock went back, or the policy shrank) and must be overwritten even by a refusal.
    pub clamped: bool,
    /// The state once the cost is taken.
    pub after: Tat,
    /// Whether the bucket has enough.
    pub allowed: bool,
}

impl Rate {
    /// A rate; see [`Tier`](super::Tier) for the ranges.
    #[must_use]
    pub(crate) const fn new(limit: u32, period: u64, burst: u32) -> Self {
        Self { limit, burst, period, tolerance: quotient(limit, period, burst), unit: quotient(limit, period, 1) }
    }

    /// N.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// P in µs.
    #[must_use]
    pub const fn period(&self) -> u64 {
        self.period
    }

    /// B.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// Whether one unit takes a whole number of µs, so that no state ever has a fraction.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        // No division: every decision asks.
        self.unit.fraction == 0
    }

    /// Takes `cost` units at `now`, if need be up to `wait` µs ahead of time. A stored state later than an empty bucket's and
    /// `reserve_max_wait` µs more cannot be.
    #[must_use]
    pub fn step(&self, stored: Option<Tat>, now: Timestamp, cost: u32, wait: i64, reserve_max_wait: i64) -> Step {
        let empty = self.sum(Tat::at(now), self.tolerance);
        let latest = Tat { micros: empty.micros.saturating_add(reserve_max_wait), ..empty };
        let clamped = stored.is_some_and(|stored| stored > latest);
        let before = stored.unwrap_or_else(|| Tat::at(now)).min(latest).max(Tat::at(now));
        let after = self.sum(before, self.units(cost));
        let allowed = after <= Tat { micros: empty.micros.saturating_add(wait), ..empty };
        Step { before, clamped, after, allowed }
    }

    /// The state once `cost` units, at least 1, are taken at `now`, if the bucket has enough: what [`Rate::step`] comes to for a step that is
    /// allowed. An impossible state is later than an empty bucket's, so it never has enough.
    #[inline]
    pub(crate) fn take(&self, stored: Tat, now: Timestamp, cost: u32) -> Option<Tat> {
        let after = self.sum(stored.max(Tat::at(now)), self.units(cost));
        (after <= self.sum(Tat::at(now), self.tolerance)).then_some(after)
    }

    /// The same of a rate and a state without fractions, in a few instructions.
    #[inline]
    pub(crate) fn take_whole(&self, stored: i64, now: Timestamp, cost: u32) -> Option<i64> {
        let after = stored.max(now.as_micros()).saturating_add(self.units(cost).micros);
        (after <= now.as_micros().saturating_add(self.tolerance.micros)).then_some(after)
    }

    /// Gives `cost` units of a permit back: never more than is left of what it took, and never below a full bucket.
    #[must_use]
    pub fn refund(&self, before: Tat, now: Timestamp, cost: u32, permit: Tat) -> Tat {
        let full = Tat::at(now);
        let left_of_permit = if permit > full { self.difference(permit, full) } else { Tat { micros: 0, fraction: 0 } };
        let back = self.units(cost).min(left_of_permit);
        before.min(self.difference(before, back).max(full))
    }

    /// How many units the bucket holds.
    #[must_use]
    pub fn remaining(&self, state: Tat, now: Timestamp) -> u32 {
        if state <= Tat::at(now) {
            return self.burst;
        }
        // The sums below stay under 2^53 for all but limits at the end of their range.
        if let Some(units) = self.remaining_in_words(state, now) {
            return units;
        }
        let (limit, period) = (i128::from(self.limit), i128::from(self.period));
        let ahead = i128::from(now.as_micros()) + i128::from(self.tolerance.micros) - i128::from(state.micros);
        let units = (ahead * limit + i128::from(self.tolerance.fraction) - i128::from(state.fraction)).div_euclid(period.max(1));
        u32::try_from(units.max(0)).unwrap_or(u32::MAX).min(self.burst)
    }

    /// The same, where 64 bits hold every product.
    fn remaining_in_words(&self, state: Tat, now: Timestamp) -> Option<u32> {
        let ahead = now.as_micros().checked_add(self.tolerance.micros)?.checked_sub(state.micros)?;
        let parts = ahead.checked_mul(i64::from(self.limit))?.checked_add(i64::from(self.tolerance.fraction))?;
        let parts = u64::try_from(parts.checked_sub(i64::from(state.fraction))?.max(0)).ok()?;
        Some(u32::try_from(parts / self.period.max(1)).unwrap_or(u32::MAX).min(self.burst))
    }

    /// How long so many units take.
    const fn units(&self, cost: u32) -> Tat {
        match cost {
            0 => Tat { micros: 0, fraction: 0 },
            1 => self.unit,
            _ => quotient(self.limit, self.period, cost),
        }
    }

    /// How many µs after `now` the bucket has enough for a step that came to `after`: admitted then, and not 1 µs earlier.
    #[must_use]
    pub const fn retry_after(&self, after: Tat, now: Timestamp) -> i64 {
        let more = (after.fraction > self.tolerance.fraction) as i64;
        let micros = after.micros.saturating_sub(self.tolerance.micros).saturating_sub(now.as_micros()).saturating_add(more);
        if micros < 0 { 0 } else { micros }
    }

    /// How many µs after `now` the bucket holds one unit more; 0 if it is full.
    #[must_use]
    pub fn next_unit(&self, state: Tat, now: Timestamp) -> i64 {
        self.next_unit_after(state, now, self.remaining(state, now))
    }

    /// The same of a bucket that holds so many.
    pub(crate) fn next_unit_after(&self, state: Tat, now: Timestamp, remaining: u32) -> i64 {
        if remaining == self.burst {
            return 0;
        }
        let after = self.sum(state.max(Tat::at(now)), self.units(remaining + 1));
        self.retry_after(after, now)
    }

    const fn sum(&self, a: Tat, b: Tat) -> Tat {
        let (micros, fraction) = (a.micros.saturating_add(b.micros), a.fraction as u64 + b.fraction as u64);
        // Both fractions are below the limit, so at most one µs is carried.
        if fraction >= self.limit as u64 {
            return Tat { micros: micros.saturating_add(1), fraction: (fraction - self.limit as u64) as u32 };
        }
        Tat { micros, fraction: fraction as u32 }
    }

    const fn difference(&self, a: Tat, b: Tat) -> Tat {
        let micros = a.micros.saturating_sub(b.micros);
        if a.fraction < b.fraction {
            return Tat { micros: micros.saturating_sub(1), fraction: a.fraction + (self.limit - b.fraction) };
        }
        Tat { micros, fraction: a.fraction - b.fraction }
    }
}

/// How long so many units take.
const fn quotient(limit: u32, period: u64, units: u32) -> Tat {
    if let (Some(product), true) = ((units as u64).checked_mul(period), limit > 0) {
        // Far cheaper than a division of 128 bits; what comes of it is below 2^63 unless the limit is 1.
        let (micros, fraction) = (product / limit as u64, product % limit as u64);
        return Tat { micros: if micros > i64::MAX as u64 { i64::MAX } else { micros as i64 }, fraction: fraction as u32 };
    }
    let limit = if limit == 0 { 1 } else { limit as u128 };
    let product = units as u128 * period as u128;
    let (micros, fraction) = (product / limit, product % limit);
    Tat { micros: if micros > i64::MAX as u128 { i64::MAX } else { micros as i64 }, fraction: fraction as u32 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_248_726_000_000;

    /// The same bucket in exact rationals: every number is times the limit.
    #[derive(Clone, Copy)]
    struct Exact {
        limit: i128,
        period: i128,
        burst: i128,
        tat: Option<i128>,
    }

    impl Exact {
        fn times(&self, now: i64) -> i128 {
            i128::from(now) * self.limit
        }

        fn step(&mut self, now: i64, cost: i128) -> bool {
            let latest = self.times(now) + self.burst * self.period;
            if self.tat.is_some_and(|tat| tat > latest) {
                self.tat = Some(latest);
            }
            let after = self.tat.unwrap_or(i128::MIN).max(self.times(now)) + cost * self.period;
            let allowed = after <= latest;
            if allowed {
                self.tat = Some(after);
            }
            allowed
        }

        fn remaining(&self, now: i64) -> i128 {
            let tat = self.tat.unwrap_or(i128::MIN).max(self.times(now));
            ((self.times(now) + self.burst * self.period - tat) / self.period).min(self.burst)
        }
    }

    fn rates() -> impl Strategy<Value = Rate> {
        let ranges = (
            prop_oneof![1..=20_u32, Just(100), 1..=i32::MAX as u32],
            prop_oneof![1_000..100_000_u64, Just(60_000_000), 1_000_u64..=366 * 86_400_000_000_u64],
        );
        (ranges, prop_oneof![1..=20_u32, 1..=i32::MAX as u32])
            .prop_filter("the refill has its limit", |((limit, period), burst)| {
                u128::from(*burst) * u128::from(*period) <= 3_650 * 86_400_000_000 * u128::from(*limit)
            })
            .prop_map(|((limit, period), burst)| Rate::new(limit, period, burst))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_decides_as_exact_rationals_do(rate in rates(), steps in prop::collection::vec((any::<u16>(), any::<u32>(), any::<bool>()), 1..40)) {
            let mut exact = Exact { limit: rate.limit.into(), period: rate.period.into(), burst: rate.burst.into(), tat: None };
            let (mut stored, mut now) = (None, NOW);
            let unit = i64::try_from(rate.period / u64::from(rate.limit)).unwrap() + 1;
            for (time, cost, large) in steps {
                // Mostly small steps forward, at times one back.
                now += if time % 50 == 0 { -unit * 3 } else { unit * i64::from(time % 7) / 3 };
                let cost = if large { cost % rate.burst + 1 } else { cost % 3 + 1 };
                let at = Timestamp::from_micros(now);
                let step = rate.step(stored, at, cost, 0, 0);
                prop_assert_eq!(step.allowed, exact.step(now, cost.into()));
                if let Some(stored) = stored {
                    prop_assert_eq!(rate.take(stored, at, cost), step.allowed.then_some(step.after));
                    prop_assert!(!step.clamped || !step.allowed, "who takes needs no look at impossible states");
                    if rate.is_whole() {
                        prop_assert_eq!(rate.take_whole(stored.micros, at, cost), step.allowed.then_some(step.after.micros));
                    }
                }
                if step.allowed { stored = Some(step.after) } else if step.clamped { stored = Some(step.before) }
                let state = stored.unwrap_or_else(|| Tat::at(at));
                prop_assert!(state.fraction < rate.limit);
                prop_assert_eq!(i128::from(rate.remaining(state, at)), exact.remaining(now));
                if !step.allowed && cost <= rate.burst {
                    let retry = rate.retry_after(step.after, at);
                    prop_assert!(retry > 0);
                    prop_assert!(rate.step(stored, Timestamp::from_micros(now + retry), cost, 0, 0).allowed);
                    prop_assert!(!rate.step(stored, Timestamp::from_micros(now + retry - 1), cost, 0, 0).allowed);
                }
                let next = rate.next_unit(state, at);
                let remaining = rate.remaining(state, at);
                if next > 0 {
                    prop_assert!(rate.remaining(state, Timestamp::from_micros(now + next)) > remaining);
                    prop_assert!(rate.remaining(state, Timestamp::from_micros(now + next - 1)) == remaining);
                } else {
                    prop_assert_eq!(remaining, rate.burst);
                }
            }
        }

        #[test]
        fn a_refund_never_gives_more_than_was_taken(rate in rates(), costs in prop::collection::vec(1..50_u32, 1..10), late in 0..3_i64) {
            let at = Timestamp::from_micros(NOW);
            let (mut stored, mut permits) = (None, Vec::new());
            for cost in costs {
                let step = rate.step(stored, at, cost, 0, 0);
                if step.allowed {
                    stored = Some(step.after);
                    permits.push((cost, step.after));
                }
            }
            let unit = i64::try_from(rate.period / u64::from(rate.limit)).unwrap();
            let at = Timestamp::from_micros(NOW + late * unit);
            let mut state = stored.unwrap_or_else(|| Tat::at(at));
            for (cost, permit) in permits.iter().rev() {
                let before = rate.remaining(state, at);
                state = rate.refund(state, at, *cost, *permit);
                let gained = rate.remaining(state, at) - before;
                prop_assert!(gained <= cost + 1);
            }
            if late == 0 {
                prop_assert_eq!(rate.remaining(state, at), rate.burst);
            }
        }
    }

    #[test]
    fn a_fresh_bucket_gives_its_whole_burst_at_one_instant() {
        for (limit, period, burst) in [(100, 60_000_000, 100), (7, 60_000_000, 7), (7, 60_000_000, 12), (10, 60_000_000, 9), (1, 1_000, 1)] {
            let rate = Rate::new(limit, period, burst);
            let (mut stored, at) = (None, Timestamp::from_micros(NOW));
            let admitted = (0..2 * burst).filter(|_| {
                let step = rate.step(stored, at, 1, 0, 0);
                stored = if step.allowed { Some(step.after) } else { stored };
                step.allowed
            });
            assert_eq!(admitted.count(), burst as usize);
        }
    }

    #[test]
    fn a_clock_that_steps_back_an_hour_blocks_nobody_for_an_hour() {
        let rate = Rate::new(10, 60_000_000, 10);
        let (mut stored, mut now, mut admitted) = (None, NOW, 0);
        for call in 0..60_i64 {
            now += if call == 10 { -3_600_000_000 } else { 60_000_000 };
            let step = rate.step(stored, Timestamp::from_micros(now), 1, 0, 0);
            stored = if step.allowed {
                Some(step.after)
            } else if step.clamped {
                Some(step.before)
            } else {
                stored
            };
            admitted += i32::from(step.allowed);
        }
        assert_eq!(admitted, 59, "one call, at the step itself, finds an empty bucket");
    }

    #[test]
    fn the_worked_example_of_the_headers() {
        let (rate, at) = (Rate::new(100, 60_000_000, 100), Timestamp::from_micros(NOW));
        for (used, remaining, full_after) in [(1, 99, 600_000), (40, 60, 24_000_000), (100, 0, 60_000_000)] {
            let step = rate.step(None, at, used, 0, 0);
            assert_eq!((rate.remaining(step.after, at), step.after.full_at().as_micros() - NOW), (remaining, full_after));
        }
        assert!(!rate.step(None, at, 101, 0, 0).allowed);
        assert!(rate.step(None, at, 101, 600_000, 600_000).allowed, "a reservation looks ahead");
    }

    #[test]
    fn an_edited_limit_rounds_up() {
        assert_eq!(Tat { micros: 5, fraction: 1 }.rounded_up(), Tat { micros: 6, fraction: 0 });
        assert_eq!(Tat { micros: 5, fraction: 0 }.rounded_up(), Tat { micros: 5, fraction: 0 });
    }
}
