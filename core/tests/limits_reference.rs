//! Limits against an exact reference that is written from their definitions: 100,000 random steps of every algorithm, in memory and in
//! SQLite, with costs, peeks and a clock that also steps back. Numbers of a decision are held to what they mean: `retry_after` is the
//! first microsecond at which the same request is allowed, `remaining` the greatest cost that is, `full_at` when all is.

#![cfg(all(feature = "sqlite", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use gatewright::Gate;
use gatewright::limits::TierDecision;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;
const STEPS: u32 = 100_000;

/// A tier, and what has been taken of it. Buckets count in units of 1/limit µs, so that nothing is ever rounded.
#[derive(Clone)]
struct Tier {
    toml: &'static str,
    limit: i128,
    burst: i128,
    period: i128,
    taken: Taken,
}

#[derive(Clone, Debug, PartialEq)]
enum Taken {
    /// When all is refilled, times the limit.
    Bucket(i128),
    /// When each unit was taken.
    Log(Vec<i128>),
    /// Number of the window, taken in it and in the one before.
    Window(i128, i128, i128),
    /// The day's beginning and what was taken in it.
    Day(i128, i128),
    /// When each unit comes back.
    Leases(Vec<i128>),
}

const DAY: i128 = 86_400_000_000;

impl Tier {
    /// Brings the state to an instant: the clock rule, and what has gone by. Says whether the clock rule changed anything.
    fn come_to(&mut self, now: i128) -> bool {
        let (limit, burst, period) = (self.limit, self.burst, self.period);
        match &mut self.taken {
            Taken::Bucket(tat) => {
                let most = now * limit + burst * period;
                let is_impossible = *tat > most;
                *tat = (*tat).min(most);
                is_impossible
            }
            Taken::Log(stamps) => {
                let is_impossible = stamps.iter().any(|stamp| *stamp > now);
                stamps.iter_mut().for_each(|stamp| *stamp = (*stamp).min(now));
                stamps.retain(|stamp| *stamp > now - period);
                is_impossible
            }
            Taken::Window(window, current, previous) => {
                let this = now.div_euclid(period);
                let is_impossible = *window > this;
                if *window < this {
                    *previous = if *window == this - 1 { *current } else { 0 };
                    *current = 0;
                }
                *window = this;
                is_impossible
            }
            Taken::Day(start, count) => {
                let this = now.div_euclid(DAY) * DAY;
                let is_impossible = *start > this;
                if *start < this {
                    *count = 0;
                }
                *start = this;
                is_impossible
            }
            Taken::Leases(ends) => {
                let is_impossible = ends.iter().any(|end| *end > now + period);
                ends.iter_mut().for_each(|end| *end = (*end).min(now + period));
                ends.retain(|end| *end > now);
                is_impossible
            }
        }
    }

    /// Whether so many units could be taken at an instant.
    fn fits(&self, now: i128, cost: i128) -> bool {
        let mut then = self.clone();
        then.come_to(now);
        match &then.taken {
            _ if cost == 0 => true,
            Taken::Bucket(tat) => (*tat).max(now * self.limit) + cost * self.period <= now * self.limit + self.burst * self.period,
            Taken::Log(stamps) => stamps.len() as i128 + cost <= self.limit,
            Taken::Window(_, current, previous) => {
                let left = self.limit - current - cost;
                left >= 0 && previous * (self.period - now.rem_euclid(self.period)) <= left * self.period
            }
            Taken::Day(_, count) => count + cost <= self.limit,
            Taken::Leases(ends) => ends.len() as i128 + cost <= self.limit,
        }
    }

    fn take(&mut self, now: i128, cost: i128) {
        match &mut self.taken {
            Taken::Bucket(tat) => *tat = (*tat).max(now * self.limit) + cost * self.period,
            Taken::Log(stamps) => stamps.extend((0..cost).map(|_| now)),
            Taken::Window(_, current, _) => *current += cost,
            Taken::Day(_, count) => *count += cost,
            Taken::Leases(ends) => ends.extend((0..cost).map(|_| now + self.period)),
        }
    }

    fn remaining(&self, now: i128) -> i128 {
        let (mut low, mut high) = (0, self.burst);
        while low < high {
            let middle = (low + high + 1) / 2;
            if self.fits(now, middle) { low = middle } else { high = middle - 1 }
        }
        low
    }

    /// The numbers of a decision about this tier, which is brought to the instant already.
    fn check(&self, now: i128, cost: i128, found: &TierDecision, step: u32) {
        let at = || format!("{} at step {step}, cost {cost}: {found:?}", self.toml);
        let remaining = self.remaining(now);
        assert_eq!(i128::from(found.remaining), remaining, "{}", at());
        assert_eq!(i128::from(found.used), self.burst - remaining, "{}", at());
        let next = i128::from(found.next_unit_us);
        if remaining == self.burst {
            assert_eq!(next, 0, "{}", at());
        } else {
            assert!(next > 0 && self.remaining(now + next) > remaining, "{}", at());
            assert!(self.remaining(now + next - 1) <= remaining, "{}", at());
        }
        let full = i128::from(found.full_at_us);
        assert!(full >= now && self.remaining(full) == self.burst, "{}", at());
        assert!(full == now || !self.is_untouched(full - 1), "{}", at());
    }

    /// Whether nothing is taken any more, not even a part of a unit.
    fn is_untouched(&self, now: i128) -> bool {
        let mut then = self.clone();
        then.come_to(now);
        match then.taken {
            Taken::Bucket(tat) => tat <= now * self.limit,
            Taken::Log(stamps) => stamps.is_empty(),
            Taken::Window(_, current, previous) => current == 0 && (previous == 0 || then.remaining(now) == self.burst),
            Taken::Day(_, count) => count == 0,
            Taken::Leases(ends) => ends.is_empty(),
        }
    }
}

fn bucket(toml: &'static str, limit: i128, burst: i128, period: i128) -> Tier {
    Tier { toml, limit, burst, period, taken: Taken::Bucket(0) }
}

struct Random(u64);

impl Random {
    fn below(&mut self, below: i128) -> i128 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i128::from(self.0 >> 20) % below.max(1)
    }
}

/// Walks one subject of a policy of these tiers at random, and holds every decision to the definitions.
fn walk(store: &str, tiers: &[Tier], seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
    let list: Vec<&str> = tiers.iter().map(|tier| tier.toml).collect();
    let policy = format!(
        "version = 1\nroot_keys = [{{ id = 1, secret = \"hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\", state = \"active\" }}]\n\
         [store]\ndefault = \"{store}\"\n[[limits.policies]]\nid = \"p\"\ntiers = [{}]\n",
        list.join(", ")
    );
    let gate = runtime.block_on(Gate::builder().clock(clock.clone()).from_policy(&policy)).unwrap();
    let (mut tiers, mut random) = (tiers.to_vec(), Random(seed));
    let (mut now, mut counts) = (i128::from(NOW), [0_u32; 2]);
    let (least, longest) = (tiers.iter().map(|tier| tier.burst).min().unwrap(), tiers.iter().map(|tier| tier.period).max().unwrap());
    for step in 0..STEPS {
        let unit = tiers.iter().map(|tier| tier.period / tier.limit).min().unwrap().max(1);
        now += match random.below(20) {
            0..=5 => 0,
            6..=12 => random.below(2 * unit + 2),
            13..=16 => random.below(longest / 3 + 2),
            17..=18 => random.below(longest * 2),
            _ => -random.below(longest * 2),
        };
        clock.set(Timestamp::from_micros(i64::try_from(now).unwrap()));
        let cost = match random.below(8) {
            0 => 0,
            1..=4 => 1,
            5..=6 => 1 + random.below(least.min(7)),
            _ => 1 + random.below(least),
        }
        .min(least);
        let found = runtime.block_on(gate.limits().check("p", "acme", u32::try_from(cost).unwrap())).unwrap();
        let mut then = tiers.clone();
        let is_impossible = then.iter_mut().map(|tier| tier.come_to(now)).filter(|is| *is).count() > 0;
        let fits: Vec<bool> = then.iter().map(|tier| tier.fits(now, cost)).collect();
        let allowed = fits.iter().all(|fits| *fits);
        assert_eq!(found.allowed, allowed, "{list:?} at step {step}: {found:?}");
        for (tier, outcome) in then.iter().zip(&found.tiers) {
            assert_eq!(outcome.allowed, tier.fits(now, cost), "{outcome:?}");
            let retry = i128::from(outcome.retry_after_us);
            assert!(tier.fits(now + retry, cost), "{} at step {step}: {outcome:?}", tier.toml);
            assert!(retry == 0 || !tier.fits(now + retry - 1, cost), "{} at step {step}: {outcome:?}", tier.toml);
        }
        let longest_retry = found.tiers.iter().map(|tier| tier.retry_after_us).max().unwrap();
        assert_eq!(found.retry_after_us, longest_retry);
        if allowed && cost > 0 {
            then.iter_mut().for_each(|tier| tier.take(now, cost));
        }
        for (tier, outcome) in then.iter().zip(&found.tiers) {
            tier.check(now, cost, outcome, step);
        }
        // A refusal writes nothing but the clock rule's, a peek not even that.
        if cost > 0 && (allowed || is_impossible) {
            tiers = then;
        }
        counts[usize::from(allowed)] += 1;
    }
    assert!(counts.iter().all(|count| *count > STEPS / 50), "{list:?}: both outcomes are met often: {counts:?}");
}

fn both_stores(tiers: &[Tier], seed: u64) {
    walk("memory:", tiers, seed);
    let folder = tempfile::tempdir().unwrap();
    walk(&format!("sqlite:{}", folder.path().join("store.db").display()), tiers, seed);
}

#[test]
fn token_buckets() {
    // Neither 7 nor 11 divides its period; the burst is more and less than the limit.
    both_stores(&[bucket(r#"{ id = "t", limit = 7, period = "1s", burst = 11 }"#, 7, 11, 1_000_000)], 1);
}

#[test]
fn three_tiers_together() {
    let tiers = [
        bucket(r#"{ id = "second", limit = 11, period = "1s", burst = 5 }"#, 11, 5, 1_000_000),
        bucket(r#"{ id = "ten", limit = 60, period = "10s" }"#, 60, 60, 10_000_000),
        bucket(r#"{ id = "minute", limit = 191, period = "1m" }"#, 191, 191, 60_000_000),
    ];
    both_stores(&tiers, 2);
}

#[test]
fn sliding_logs() {
    both_stores(
        &[Tier {
            toml: r#"{ id = "l", limit = 9, period = "1s", algo = "sliding_log" }"#,
            limit: 9,
            burst: 9,
            period: 1_000_000,
            taken: Taken::Log(vec![]),
        }],
        3,
    );
}

#[test]
fn sliding_windows() {
    let taken = Taken::Window(0, 0, 0);
    both_stores(
        &[Tier { toml: r#"{ id = "w", limit = 13, period = "1s", algo = "sliding_window" }"#, limit: 13, burst: 13, period: 1_000_000, taken }],
        4,
    );
}

#[test]
fn calendars() {
    let taken = Taken::Day(0, 0);
    both_stores(&[Tier { toml: r#"{ id = "d", limit = 40, algo = "calendar", unit = "day" }"#, limit: 40, burst: 40, period: DAY, taken }], 5);
}

#[test]
fn leases() {
    let taken = Taken::Leases(vec![]);
    both_stores(
        &[Tier { toml: r#"{ id = "c", limit = 6, algo = "concurrent", lease_ttl = "1s" }"#, limit: 6, burst: 6, period: 1_000_000, taken }],
        6,
    );
}

#[test]
fn all_algorithms_together() {
    let tiers = [
        bucket(r#"{ id = "t", limit = 17, period = "1s" }"#, 17, 17, 1_000_000),
        Tier {
            toml: r#"{ id = "l", limit = 12, period = "700ms", algo = "sliding_log" }"#,
            limit: 12,
            burst: 12,
            period: 700_000,
            taken: Taken::Log(vec![]),
        },
        Tier {
            toml: r#"{ id = "w", limit = 30, period = "2s", algo = "sliding_window" }"#,
            limit: 30,
            burst: 30,
            period: 2_000_000,
            taken: Taken::Window(0, 0, 0),
        },
        Tier {
            toml: r#"{ id = "c", limit = 10, algo = "concurrent", lease_ttl = "600ms" }"#,
            limit: 10,
            burst: 10,
            period: 600_000,
            taken: Taken::Leases(vec![]),
        },
    ];
    both_stores(&tiers, 7);
}
