//! `meter`: exact, atomic over a bundle, and nothing lost in a race.

use std::time::Duration;

use super::races::on_all_threads;
use super::*;
use crate::limits::decide::{Given, Item, TierOutcome};
use crate::limits::layout::Layout;
use crate::limits::{LimitPolicy, Tier, Unit};
use crate::store::{MeterItem, MeterOp, Metered};

const MINUTE: i64 = 60_000_000;

fn tier(id: &str, limit: u32, period: i64) -> Tier {
    Tier::token_bucket(id, limit, Duration::from_micros(period.unsigned_abs())).unwrap()
}

fn layout(tiers: &[Tier]) -> Arc<Layout> {
    Arc::new(Layout::new(&LimitPolicy::new("policy", tiers.to_vec()).unwrap()))
}

fn item(key: &[u8], tiers: &[Tier], cost: u32) -> MeterItem {
    item_of(key, &layout(tiers), cost)
}

fn item_of(key: &[u8], layout: &Arc<Layout>, cost: u32) -> MeterItem {
    MeterItem { key: key.to_vec(), item: Item { layout: Arc::clone(layout), cost, wait: 0, lease: 0, permit: None } }
}

fn meter(s: &Subject, op: MeterOp, bundle: &[MeterItem]) -> Metered {
    let metered = block_on(s.store.meter(op, bundle)).unwrap();
    let tiers: Vec<_> = bundle.iter().map(|asked| asked.item.layout.tiers().len()).collect();
    assert_eq!(metered.items.iter().map(|tiers| tiers.len()).collect::<Vec<_>>(), tiers);
    metered
}

fn commit(s: &Subject, item: &MeterItem) -> bool {
    meter(s, MeterOp::Commit, std::slice::from_ref(item)).allowed()
}

fn first(s: &Subject, op: MeterOp, item: &MeterItem) -> TierOutcome {
    meter(s, op, std::slice::from_ref(item)).items[0][0]
}

/// What is left in the first tier of an item.
fn remaining(s: &Subject, item: &MeterItem) -> u32 {
    first(s, MeterOp::Peek, item).remaining
}

/// Gives back what a permit took.
fn give(s: &Subject, item: &MeterItem, cost: u32, taken: TierOutcome, all: bool) -> bool {
    let permit = Some(Given { taken: [taken.taken].into_iter().collect(), all });
    let item = MeterItem { item: Item { cost, permit, ..item.item.clone() }, ..item.clone() };
    meter(s, MeterOp::Refund, &[item]).allowed()
}

/// Exactly the burst at one instant, then one unit each time one has refilled, and not 1 µs earlier.
pub fn a_bucket_gives_its_burst_and_then_its_rate(s: &Subject) {
    let one = item(b"subject", &[tier("minute", 7, MINUTE)], 1);
    assert_eq!((0..20).filter(|_| commit(s, &one)).count(), 7);
    let metered = meter(s, MeterOp::Peek, std::slice::from_ref(&one));
    assert_eq!(metered.now, s.now());
    let retry = metered.items[0][0].retry_after;
    s.set(retry - 1);
    assert!(!commit(s, &one));
    s.set(retry);
    assert!(commit(s, &one));
    assert!(!commit(s, &one));
    assert!(!commit(s, &item_of(b"subject", &one.item.layout, 8)), "a cost above the burst");
    assert!(commit(s, &item_of(b"another", &one.item.layout, 7)), "subjects are apart");
}

/// A peek and a cost of 0 change nothing, whatever they find.
pub fn a_peek_writes_nothing(s: &Subject) {
    let five = item(b"subject", &[tier("minute", 10, MINUTE)], 5);
    for _ in 0..3 {
        assert!(meter(s, MeterOp::Peek, std::slice::from_ref(&five)).allowed());
        assert!(commit(s, &item_of(b"subject", &five.item.layout, 0)));
    }
    assert!(commit(s, &five) && commit(s, &five) && !commit(s, &five));
    assert!(!meter(s, MeterOp::Peek, std::slice::from_ref(&five)).allowed());
    assert!(commit(s, &item_of(b"subject", &five.item.layout, 0)), "a cost of 0 is always allowed");
}

/// One tier of one subject refuses: no tier of any is charged.
pub fn a_bundle_is_charged_whole_or_not_at_all(s: &Subject) {
    let policy = |id: &str, tiers: &[Tier]| Arc::new(Layout::new(&LimitPolicy::new(id, tiers.to_vec()).unwrap()));
    let (minute, day) = (tier("minute", 2, MINUTE), tier("day", 100, 1440 * MINUTE));
    let (tenants, users) = (policy("tenant", &[minute, day.clone()]), policy("user", &[day]));
    let bundle = [item_of(b"tenant", &tenants, 1), item_of(b"user", &users, 1), item_of(b"other", &users, 3)];
    let allowed: Vec<bool> = (0..50).map(|_| meter(s, MeterOp::Commit, &bundle).allowed()).collect();
    assert_eq!(allowed.iter().filter(|allowed| **allowed).count(), 2);
    let refused = meter(s, MeterOp::Commit, &bundle);
    assert_eq!(refused.items.iter().flatten().map(|tier| tier.allowed).collect::<Vec<_>>(), [false, true, true, true]);
    let left: Vec<u32> = refused.items.iter().flatten().map(|tier| tier.remaining).collect();
    assert_eq!(left, [0, 98, 98, 94]);
    let twice = [bundle[0].clone(), bundle[0].clone()];
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &twice)).unwrap_err().code(), "invalid_argument");
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &[])).unwrap_err().code(), "invalid_argument");
}

/// A refund gives back what its permit took and has not leaked away; a reset forgets.
pub fn a_refund_gives_back_and_a_reset_forgets(s: &Subject) {
    let subject = item(b"subject", &[tier("minute", 60, MINUTE)], 0);
    let take = |cost| first(s, MeterOp::Commit, &item_of(b"subject", &subject.item.layout, cost));
    let left = || remaining(s, &subject);
    let permit = take(20);
    assert_eq!(left(), 40);
    assert!(give(s, &subject, 5, permit, false));
    assert_eq!(left(), 40, "what is not refundable does not come back");
    assert!(give(s, &subject, 5, permit, true));
    assert_eq!(left(), 45);
    // 15 s later the 15 units are back; the permit's 20 s have 5 left, so no more than 5 units come back.
    s.set(15_000_000);
    let later = take(30);
    assert_eq!(left(), 30);
    assert!(give(s, &subject, 20, permit, true));
    assert_eq!(left(), 35);
    s.set(25_000_000);
    assert!(give(s, &subject, 20, permit, true));
    assert_eq!(left(), 45, "nothing of the first permit is left");
    assert!(give(s, &subject, 1000, later, true));
    assert!(left() <= 60);
    give(s, &item_of(b"unknown", &subject.item.layout, 0), 5, permit, true);
    let without = item_of(b"subject", &subject.item.layout, 1);
    assert!(block_on(s.store.meter(MeterOp::Refund, &[without])).is_err(), "a refund needs its permit");
    take(10);
    meter(s, MeterOp::Reset, &[subject.clone(), item_of(b"unknown", &subject.item.layout, 0)]);
    assert_eq!(left(), 60);
}

/// Every other way of counting is kept, charged and given back as it says.
pub fn every_way_of_counting_is_kept(s: &Subject) {
    let minute = Duration::from_secs(60);
    for (at, tier) in [
        Tier::sliding_log("log", 5, minute).unwrap(),
        Tier::sliding_window("window", 5, minute).unwrap(),
        Tier::calendar("day", 5, Unit::Day, 60).unwrap(),
        Tier::concurrent("held", 5, minute).unwrap(),
    ]
    .into_iter()
    .enumerate()
    {
        let layout = layout(&[tier]);
        let key = [u8::try_from(at).unwrap()];
        let of = |cost, lease| MeterItem { item: Item { lease, ..item_of(&key, &layout, cost).item }, key: key.to_vec() };
        let permit = first(s, MeterOp::Commit, &of(3, 7));
        assert_eq!((permit.allowed, permit.remaining), (true, 2));
        assert!(!commit(s, &of(3, 8)));
        assert_eq!(remaining(s, &of(0, 0)), 2, "a refusal takes nothing");
        assert!(commit(s, &of(2, 9)) && !commit(s, &of(1, 10)));
        assert!(give(s, &of(0, 0), 2, permit, true));
        assert_eq!(remaining(s, &of(0, 0)), 2);
        let full_at = first(s, MeterOp::Peek, &of(0, 0)).full_at;
        s.clock.set(Timestamp::from_micros(full_at.as_micros() - 1));
        assert!(remaining(s, &of(0, 0)) < 5);
        s.clock.set(full_at);
        assert_eq!(remaining(s, &of(0, 0)), 5);
        assert!(commit(s, &of(5, 11)));
        meter(s, MeterOp::Reset, &[of(0, 0)]);
        assert!(commit(s, &of(5, 12)));
        s.set(0);
    }
}

/// The clock goes back an hour: nothing blocks for that hour, and the refusal that finds what cannot be writes that down.
pub fn a_meter_outlives_a_clock_that_steps_back(s: &Subject) {
    let one = item(b"subject", &[tier("minute", 10, MINUTE)], 1);
    assert!(commit(s, &item_of(b"subject", &one.item.layout, 10)));
    s.set(-HOUR);
    assert!(!meter(s, MeterOp::Peek, std::slice::from_ref(&one)).allowed());
    assert!(!commit(s, &one));
    s.set(-HOUR + MINUTE / 10);
    assert!(commit(s, &one), "a tenth of a minute later there is one");
    s.set(24 * HOUR);
    assert_eq!(remaining(s, &one), 10);
    let minute = Duration::from_secs(60);
    for (at, tier) in [
        Tier::sliding_log("log", 10, minute).unwrap(),
        Tier::sliding_window("window", 10, minute).unwrap(),
        Tier::concurrent("held", 10, minute).unwrap(),
    ]
    .into_iter()
    .enumerate()
    {
        s.set(24 * HOUR);
        let layout = layout(&[tier]);
        let of = |cost| item_of(&[u8::try_from(at).unwrap()], &layout, cost);
        assert!(commit(s, &of(10)));
        s.set(23 * HOUR);
        assert!(!commit(s, &of(1)));
        s.set(23 * HOUR + 2 * MINUTE);
        assert!(commit(s, &of(10)), "two minutes later all are back");
    }
}

/// A tier keeps its state when others come and go, and when its own limit is edited.
pub fn a_meter_outlives_a_change_of_its_policy(s: &Subject) {
    let (minute, hour) = (tier("minute", 7, MINUTE), tier("hour", 100, HOUR));
    assert!(commit(s, &item(b"subject", &[minute.clone(), hour.clone()], 3)));
    assert_eq!(remaining(s, &item(b"subject", std::slice::from_ref(&hour), 0)), 97);
    assert!(commit(s, &item(b"subject", &[tier("day", 10, 24 * HOUR), hour.clone()], 1)));
    assert_eq!(remaining(s, &item(b"subject", &[hour], 0)), 96);
    assert_eq!(remaining(s, &item(b"subject", std::slice::from_ref(&minute), 0)), 7, "a dropped tier begins anew");
    assert!(commit(s, &item(b"edited", &[minute], 3)));
    let edited = tier("minute", 14, MINUTE);
    // 3 of 7 used are a debt of 25,714,285.7 µs, rounded up: a little over 6 of 14.
    assert_eq!(remaining(s, &item(b"edited", &[edited], 0)), 7);
    let log = Tier::sliding_log("log", 5, Duration::from_secs(60)).unwrap();
    assert!(commit(s, &item(b"log", &[log], 4)));
    let shorter = Tier::sliding_log("log", 3, Duration::from_secs(60)).unwrap();
    assert_eq!(remaining(s, &item(b"log", &[shorter], 0)), 0, "a log is read as it is stored");
    let bucket = tier("log", 5, MINUTE);
    assert_eq!(remaining(s, &item(b"log", &[bucket], 0)), 5, "a tier that counts in another way begins anew");
}

/// A reservation takes ahead of time, no more than it says, and says when its units are there.
pub fn a_reservation_waits_its_turn(s: &Subject) {
    let policy = LimitPolicy {
        reserve_max_wait: Some(Duration::from_millis(500)),
        ..LimitPolicy::new("policy", vec![tier("second", 10, 1_000_000)]).unwrap()
    };
    let layout = Arc::new(Layout::new(&policy));
    let reserve = |wait| MeterItem { item: Item { wait, ..item_of(b"subject", &layout, 5).item }, key: b"subject".to_vec() };
    assert!(commit(s, &item_of(b"subject", &layout, 10)));
    let refused = first(s, MeterOp::Commit, &reserve(499_999));
    assert_eq!((refused.allowed, refused.retry_after), (false, 1));
    let granted = first(s, MeterOp::Commit, &reserve(500_000));
    assert_eq!((granted.allowed, granted.ready_after), (true, 500_000));
    assert!(!commit(s, &reserve(500_000)));
    assert_eq!(block_on(s.store.meter(MeterOp::Commit, &[reserve(500_001)])).unwrap_err().code(), "internal");
    s.set(500_000);
    assert!(commit(s, &reserve(500_000)));
}

/// Sixteen threads at one instant: exactly the burst, over bundles that overlap too.
pub fn racing_meters_admit_exactly_the_burst(s: &Subject) {
    let layout = layout(&[tier("minute", 100, MINUTE), tier("hour", 5_000, HOUR), tier("day", 100_000, 24 * HOUR)]);
    let admitted = on_all_threads(|_| (0..20).filter(|_| commit(s, &item_of(b"hot", &layout, 1))).count());
    assert_eq!(admitted.iter().sum::<usize>(), 100);
    let keys = [&b"a"[..], b"b", b"c"];
    let admitted = on_all_threads(|at| {
        let pair = [item_of(keys[at % 3], &layout, 1), item_of(keys[(at + 1) % 3], &layout, 1)];
        (0..20).filter(|_| meter(s, MeterOp::Commit, &pair).allowed()).count()
    });
    let left: u32 = keys.iter().map(|key| remaining(s, &item_of(key, &layout, 0))).sum();
    assert_eq!(usize::try_from(300 - left).unwrap(), 2 * admitted.iter().sum::<usize>());
}

/// A bucket that is full again is swept, and nothing else.
pub fn a_sweep_drops_full_buckets_only(s: &Subject) {
    let full_soon = [tier("second", 10, 1_000_000)];
    // A policy of its own: a policy has one set of tiers at a time.
    let late = LimitPolicy::new("late", vec![tier("day", 10, 240 * HOUR)]).unwrap();
    let late = Arc::new(Layout::new(&late));
    for at in 0..50_u8 {
        assert!(commit(s, &item(&[0, at], &full_soon, 10)));
        assert!(commit(s, &item_of(&[1, at], &late, 10)));
    }
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 0);
    s.set(3 * HOUR);
    assert_eq!(block_on(s.store.sweep(Some(Kind::Lockout), 500)).unwrap(), 0);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 30);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 20);
    assert_eq!(block_on(s.store.sweep(None, 30)).unwrap(), 0);
    for at in 0..50_u8 {
        assert_eq!(remaining(s, &item_of(&[1, at], &late, 0)), 0);
    }
}
