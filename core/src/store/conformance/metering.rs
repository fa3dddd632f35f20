//! `meter`: exact, atomic over a bundle, and nothing lost in a race.

use std::time::Duration;

use super::races::on_all_threads;
use super::*;
use crate::limits::Tier;
use crate::limits::gcra::Tat;
use crate::store::{MeterItem, MeterOp, MeterTier, Metered};

const MINUTE: i64 = 60_000_000;

fn tier(id: &str, limit: u32, period: i64) -> MeterTier {
    let tier = Tier::token_bucket(id, limit, Duration::from_micros(period.unsigned_abs())).unwrap();
    MeterTier { tag: tier.tag(), rate: tier.rate(), permit: None }
}

fn item(key: &[u8], tiers: &[MeterTier], cost: u32) -> MeterItem {
    MeterItem { key: key.to_vec(), tiers: tiers.to_vec(), cost, wait: 0, reserve_max_wait: 0 }
}

fn meter(s: &Subject, op: MeterOp, bundle: &[MeterItem]) -> Metered {
    let metered = block_on(s.store.meter(op, bundle)).unwrap();
    assert_eq!(metered.items.iter().map(Vec::len).collect::<Vec<_>>(), bundle.iter().map(|item| item.tiers.len()).collect::<Vec<_>>());
    metered
}

fn commit(s: &Subject, item: &MeterItem) -> bool {
    meter(s, MeterOp::Commit, std::slice::from_ref(item)).allowed()
}

/// What is left in the first tier of an item.
fn remaining(s: &Subject, item: &MeterItem) -> u32 {
    let metered = meter(s, MeterOp::Peek, std::slice::from_ref(item));
    item.tiers[0].rate.remaining(metered.items[0][0].tat, metered.now)
}

/// Exactly the burst at one instant, then one unit each time one has refilled, and not 1 µs earlier.
pub fn a_bucket_gives_its_burst_and_then_its_rate(s: &Subject) {
    let one = item(b"subject", &[tier("minute", 7, MINUTE)], 1);
    assert_eq!((0..20).filter(|_| commit(s, &one)).count(), 7);
    let metered = meter(s, MeterOp::Peek, std::slice::from_ref(&one));
    assert_eq!(metered.now, s.now());
    let rate = one.tiers[0].rate;
    let step = rate.step(Some(metered.items[0][0].tat), metered.now, 1, 0, 0);
    let retry = rate.retry_after(step.after, metered.now);
    s.set(retry - 1);
    assert!(!commit(s, &one));
    s.set(retry);
    assert!(commit(s, &one));
    assert!(!commit(s, &one));
    assert!(!commit(s, &item(b"subject", &one.tiers, 8)), "a cost above the burst");
    assert!(commit(s, &item(b"another", &one.tiers, 7)), "subjects are apart");
}

/// A peek and a cost of 0 change nothing, whatever they find.
pub fn a_peek_writes_nothing(s: &Subject) {
    let five = item(b"subject", &[tier("minute", 10, MINUTE)], 5);
    for _ in 0..3 {
        assert!(meter(s, MeterOp::Peek, std::slice::from_ref(&five)).allowed());
        assert!(commit(s, &item(b"subject", &five.tiers, 0)));
    }
    assert!(commit(s, &five) && commit(s, &five) && !commit(s, &five));
    assert!(!meter(s, MeterOp::Peek, std::slice::from_ref(&five)).allowed());
    assert!(commit(s, &item(b"subject", &five.tiers, 0)), "a cost of 0 is always allowed");
}

/// One tier of one subject refuses: no tier of any is charged.
pub fn a_bundle_is_charged_whole_or_not_at_all(s: &Subject) {
    let (minute, day) = (tier("minute", 2, MINUTE), tier("day", 100, 1440 * MINUTE));
    let bundle = [item(b"tenant", &[minute, day], 1), item(b"user", &[day], 1), item(b"other", &[day], 3)];
    let allowed: Vec<bool> = (0..50).map(|_| meter(s, MeterOp::Commit, &bundle).allowed()).collect();
    assert_eq!(allowed.iter().filter(|allowed| **allowed).count(), 2);
    let refused = meter(s, MeterOp::Commit, &bundle);
    assert_eq!(refused.items.iter().flatten().map(|tier| tier.allowed).collect::<Vec<_>>(), [false, true, true, true]);
    assert_eq!(remaining(s, &item(b"tenant", &[day], 0)), 98);
    assert_eq!(remaining(s, &item(b"user", &[day], 0)), 98);
    assert_eq!(remaining(s, &item(b"other", &[day], 0)), 94);
    let twice = [bundle[0].clone(), bundle[0].clone()];
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &twice)).unwrap_err().code(), "invalid_argument");
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &[])).unwrap_err().code(), "invalid_argument");
}

/// A refund gives back what its permit took and has not leaked away; a reset forgets.
pub fn a_refund_gives_back_and_a_reset_forgets(s: &Subject) {
    let tiers = [tier("minute", 60, MINUTE)];
    let take = |cost| meter(s, MeterOp::Commit, &[item(b"subject", &tiers, cost)]).items[0][0].tat;
    let give = |cost, permit: Tat| {
        let tiers = [MeterTier { permit: Some(permit), ..tiers[0] }];
        meter(s, MeterOp::Refund, &[item(b"subject", &tiers, cost)]).allowed()
    };
    let left = || remaining(s, &item(b"subject", &tiers, 0));
    let permit = take(20);
    assert_eq!(left(), 40);
    assert!(give(5, permit));
    assert_eq!(left(), 45);
    // 15 s later the 15 units are back; the permit's 20 s have 5 left, so no more than 5 units come back.
    s.set(15_000_000);
    let later = take(30);
    assert_eq!(left(), 30);
    assert!(give(20, permit));
    assert_eq!(left(), 35);
    s.set(25_000_000);
    assert!(give(20, permit));
    assert_eq!(left(), 45, "nothing of the first permit is left");
    assert!(give(1000, later));
    assert!(left() <= 60);
    let unknown = MeterTier { permit: Some(permit), ..tiers[0] };
    meter(s, MeterOp::Refund, &[item(b"unknown", &[unknown], 5)]);
    assert!(block_on(s.store.meter(MeterOp::Refund, &[item(b"subject", &tiers, 1)])).is_err(), "a refund needs its permit");
    take(10);
    meter(s, MeterOp::Reset, &[item(b"subject", &tiers, 0), item(b"unknown", &tiers, 0)]);
    assert_eq!(left(), 60);
}

/// The clock goes back an hour: the bucket is empty at most, and the refusal that finds it writes that down.
pub fn a_meter_outlives_a_clock_that_steps_back(s: &Subject) {
    let one = item(b"subject", &[tier("minute", 10, MINUTE)], 1);
    assert!(commit(s, &item(b"subject", &one.tiers, 10)));
    s.set(-HOUR);
    assert!(!meter(s, MeterOp::Peek, std::slice::from_ref(&one)).allowed());
    assert!(!commit(s, &one));
    s.set(-HOUR + MINUTE / 10);
    assert!(commit(s, &one), "a tenth of a minute later there is one");
    s.set(24 * HOUR);
    assert_eq!(remaining(s, &one), 10);
}

/// A tier keeps its state when others come and go, and when its own limit is edited.
pub fn a_meter_outlives_a_change_of_its_policy(s: &Subject) {
    let (minute, hour) = (tier("minute", 7, MINUTE), tier("hour", 100, HOUR));
    assert!(commit(s, &item(b"subject", &[minute, hour], 3)));
    assert_eq!(remaining(s, &item(b"subject", &[hour], 0)), 97);
    assert!(commit(s, &item(b"subject", &[tier("day", 10, 24 * HOUR), hour], 1)));
    assert_eq!(remaining(s, &item(b"subject", &[hour], 0)), 96);
    assert_eq!(remaining(s, &item(b"subject", &[minute], 0)), 7, "a dropped tier begins anew");
    assert!(commit(s, &item(b"edited", &[minute], 3)));
    let edited = tier("minute", 14, MINUTE);
    // 3 of 7 used are a debt of 25,714,285.7 µs, rounded up: a little over 6 of 14.
    assert_eq!(remaining(s, &item(b"edited", &[edited], 0)), 7);
}

/// A reservation takes ahead of time, no more than it says.
pub fn a_reservation_waits_its_turn(s: &Subject) {
    let tiers = [tier("second", 10, 1_000_000)];
    let reserve = |wait| MeterItem { wait, reserve_max_wait: 500_000, ..item(b"subject", &tiers, 5) };
    assert!(commit(s, &item(b"subject", &tiers, 10)));
    assert!(!commit(s, &reserve(499_999)));
    assert!(commit(s, &reserve(500_000)));
    assert!(!commit(s, &reserve(500_000)));
    let too_long = MeterItem { wait: 500_001, ..reserve(0) };
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &[too_long])).unwrap_err().code(), "internal");
    s.set(500_000);
    assert!(commit(s, &reserve(500_000)));
}

/// Sixteen threads at one instant: exactly the burst, over bundles that overlap too.
pub fn racing_meters_admit_exactly_the_burst(s: &Subject) {
    let tiers = [tier("minute", 100, MINUTE), tier("hour", 5_000, HOUR), tier("day", 100_000, 24 * HOUR)];
    let admitted = on_all_threads(|_| (0..20).filter(|_| commit(s, &item(b"hot", &tiers, 1))).count());
    assert_eq!(admitted.iter().sum::<usize>(), 100);
    let keys = [&b"a"[..], b"b", b"c"];
    let admitted = on_all_threads(|at| {
        let pair = [item(keys[at % 3], &tiers, 1), item(keys[(at + 1) % 3], &tiers, 1)];
        (0..20).filter(|_| meter(s, MeterOp::Commit, &pair).allowed()).count()
    });
    let left: u32 = keys.iter().map(|key| remaining(s, &item(key, &tiers, 0))).sum();
    assert_eq!(usize::try_from(300 - left).unwrap(), 2 * admitted.iter().sum::<usize>());
}

/// A bucket that is full again is swept, and nothing else.
pub fn a_sweep_drops_full_buckets_only(s: &Subject) {
    let full_soon = [tier("second", 10, 1_000_000)];
    let full_late = [tier("day", 10, 240 * HOUR)];
    for at in 0..50_u8 {
        assert!(commit(s, &item(&[0, at], &full_soon, 10)));
        assert!(commit(s, &item(&[1, at], &full_late, 10)));
    }
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 0);
    s.set(3 * HOUR);
    assert_eq!(block_on(s.store.sweep(Some(Kind::Lockout), 500)).unwrap(), 0);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 30);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 20);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 0);
    for at in 0..50_u8 {
        assert_eq!(remaining(s, &item(&[1, at], &full_late, 0)), 0);
    }
}
