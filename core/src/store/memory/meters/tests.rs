//! One subject decided in place comes to what the bundle's decision comes to.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::limits::{LimitPolicy, OnFull, Tier};
use crate::testing::ManualClock;

const NOW: i64 = 1_795_248_726_000_000;

fn layout(tiers: &[(u32, u64, u32)], wait: u64, max_keys: usize, on_full: OnFull) -> Arc<Layout> {
    let tier = |(at, (limit, millis, burst)): (usize, &(u32, u64, u32))| {
        Tier::token_bucket(&format!("t{at}"), *limit, Duration::from_millis(*millis)).unwrap().with_burst(*burst).unwrap()
    };
    let mut policy = LimitPolicy::new("p", tiers.iter().enumerate().map(tier).collect()).unwrap();
    policy.reserve_max_wait = Some(Duration::from_millis(wait));
    (policy.max_keys, policy.on_full) = (max_keys, on_full);
    Arc::new(Layout::new(&policy))
}

/// All ways, each with states of its own.
struct Both {
    place: Meters,
    bundle: Meters,
    yes_or_no: Meters,
    clock: ManualClock,
}

impl Both {
    fn step(&self, layout: &Arc<Layout>, subject: u8, cost: u32, ahead: i64) -> (Vec<Outcomes>, bool) {
        let asked = Request { commit: cost > 0, cost, ahead };
        let states = self.place.of(layout);
        let key = self.place.hash(&[subject]);
        let item = Item { layout: Arc::clone(layout), cost, wait: ahead, lease: 0, permit: None };
        let op = if cost > 0 { Op::Commit } else { Op::Peek };
        let (placed, in_place) = match self.place.decide_one(&states, key, layout, &asked, &self.clock) {
            Some(one) => (one.outcomes(layout, &asked).collect(), true),
            None => (self.place.decide(op, &[Asked { policy: &states, key, item: &item }], &self.clock).1.remove(0), false),
        };
        let states = self.bundle.of(layout);
        let asked = [Asked { policy: &states, key: self.bundle.hash(&[subject]), item: &item }];
        (vec![placed, self.bundle.decide(op, &asked, &self.clock).1.remove(0)], in_place)
    }

    /// Whether it is allowed, by the way that tells no more. A peek and a reservation have no such way: those go in a bundle.
    fn is_allowed(&self, layout: &Arc<Layout>, subject: u8, cost: u32, ahead: i64) -> bool {
        let (states, key) = (self.yes_or_no.of(layout), self.yes_or_no.hash(&[subject]));
        if cost > 0
            && ahead == 0
            && let Some(allowed) = self.yes_or_no.allow_one(&states, key, layout, cost, &self.clock)
        {
            return allowed;
        }
        let item = Item { layout: Arc::clone(layout), cost, wait: ahead, lease: 0, permit: None };
        let op = if cost > 0 { Op::Commit } else { Op::Peek };
        self.yes_or_no.decide(op, &[Asked { policy: &states, key, item: &item }], &self.clock).1.remove(0).iter().all(|tier| tier.allowed)
    }
}

fn tiers() -> impl Strategy<Value = Vec<(u32, u64, u32)>> {
    prop::collection::vec((1..12_u32, 1..5_000_u64, 1..15_u32), 1..5)
}

proptest! {
    #[test]
    fn in_place_and_in_a_bundle_it_comes_to_the_same(
        first in tiers(), second in tiers(), wait in 0..3_000_u64, deny in any::<bool>(),
        steps in prop::collection::vec((0..6_u8, 0..9_u32, any::<bool>(), 0..2_000_000_i64, any::<u8>()), 1..60),
    ) {
        let on_full = if deny { OnFull::Deny } else { OnFull::Evict };
        // Evicting is a matter of chance; refusing is not.
        let most = if deny { 4 } else { 100 };
        let layouts = [layout(&first, wait, most, on_full), layout(&second, wait, most, on_full)];
        let meters = || Meters::new().keep_refilled();
        let both = Both { place: meters(), bundle: meters(), yes_or_no: meters(), clock: ManualClock::new(Timestamp::from_micros(NOW)) };
        let mut now = NOW;
        let mut seen_in_place = 0;
        for (subject, cost, reserve, passed, chance) in steps {
            now += if chance % 13 == 0 { -passed } else { passed / 4 };
            both.clock.set(Timestamp::from_micros(now));
            // Now and then by a gate with another edit of the policy.
            let layout = if chance % 7 == 0 { &layouts[1] } else { &layouts[0] };
            let ahead = if reserve { i64::try_from(wait * 500).unwrap() } else { 0 };
            let cost = cost.min(layout.max_cost());
            let (outcomes, in_place) = both.step(layout, subject, cost, ahead);
            prop_assert_eq!(&outcomes[0], &outcomes[1]);
            prop_assert_eq!(both.is_allowed(layout, subject, cost, ahead), outcomes[0].iter().all(|tier| tier.allowed));
            seen_in_place += usize::from(in_place);
        }
        prop_assert!(seen_in_place > 0, "the first is always decided in place");
        let count = |meters: &Meters| meters.of(&layouts[0]).count();
        prop_assert_eq!(count(&both.place), count(&both.bundle));
        prop_assert_eq!(count(&both.yes_or_no), count(&both.bundle));
    }
}

/// A gate that only looks, with an older edit of the policy, changes nothing for the others.
#[test]
fn an_older_edit_of_a_policy_drops_no_tier_by_looking() {
    let clock = ManualClock::new(Timestamp::from_micros(NOW));
    let (old, new) = (layout(&[(10, 60_000, 10)], 0, 100, OnFull::Evict), layout(&[(10, 60_000, 10), (20, 60_000, 20)], 0, 100, OnFull::Evict));
    let meters = Meters::new();
    let take = |layout: &Arc<Layout>, cost| {
        let states = meters.of(layout);
        let item = Item { layout: Arc::clone(layout), cost, wait: 0, lease: 0, permit: None };
        let op = if cost > 0 { Op::Commit } else { Op::Peek };
        let asked = [Asked { policy: &states, key: meters.hash(b"acme"), item: &item }];
        meters.decide(op, &asked, &clock).1.remove(0).iter().map(|tier| tier.remaining).collect::<Vec<_>>()
    };
    assert_eq!(take(&new, 4), [6, 16]);
    assert_eq!(take(&old, 0), [6]);
    assert_eq!(take(&new, 0), [6, 16]);
    assert_eq!(take(&old, 1), [5]);
    assert_eq!(take(&new, 0), [5, 20], "a write by the older one keeps what it knows, as in every store");
    assert_eq!(meters.of(&new).count(), (1, 0));
}

/// Takes one unit of each of so many subjects, of which 100 are kept; gives how many were let through, and the counts.
fn flood(on_full: OnFull) -> (usize, usize, u64) {
    let tier = Tier::token_bucket("minute", 2, Duration::from_secs(60)).unwrap();
    let mut policy = LimitPolicy::new("p", vec![tier]).unwrap();
    policy.max_keys = 100;
    policy.on_full = on_full;
    let layout = Arc::new(Layout::new(&policy));
    let meters = Meters::new();
    let states = meters.of(&layout);
    let clock = ManualClock::new(Timestamp::from_micros(1_795_248_726_000_000));
    let mut allowed = 0;
    for subject in 0..1_000_u32 {
        let item = Item { layout: Arc::clone(&layout), cost: 1, wait: 0, lease: 0, permit: None };
        let asked = [Asked { policy: &states, key: meters.hash(&subject.to_be_bytes()), item: &item }];
        let (_, outcomes) = meters.decide(Op::Commit, &asked, &clock);
        allowed += usize::from(outcomes[0][0].allowed);
    }
    let (kept, forgotten) = states.count();
    (allowed, kept, forgotten)
}

/// The subjects of one bundle are new together, and none of them is forgotten for another.
#[test]
fn no_bundle_is_kept_beyond_the_cap() {
    for (on_full, allowed, kept) in [(OnFull::Evict, [true, true, true, true, false], 3), (OnFull::Deny, [true, true, false, true, false], 2)] {
        let layout = layout(&[(5, 60_000, 5)], 0, 3, on_full);
        let meters = Meters::new();
        let (states, clock) = (meters.of(&layout), ManualClock::new(Timestamp::from_micros(NOW)));
        let take = |subjects: &[u8]| {
            let item = Item { layout: Arc::clone(&layout), cost: 1, wait: 0, lease: 0, permit: None };
            let asked: Vec<_> = subjects.iter().map(|subject| Asked { policy: &states, key: meters.hash(&[*subject]), item: &item }).collect();
            let outcomes = meters.decide(Op::Commit, &asked, &clock).1;
            (outcomes.iter().flatten().all(|tier| tier.allowed), outcomes.last().map(|tiers| tiers[0].remaining))
        };
        // `b` owes more than `a`, which would be forgotten first.
        let bundles = [take(b"ab"), take(b"b"), take(b"acd"), take(b"a"), take(b"efgh")];
        assert_eq!(bundles.map(|(allowed, _)| allowed), allowed, "{on_full:?}");
        assert_eq!(states.count().0, kept);
        // Two units were taken of `a` before, or one where the bundle with `d` had no room.
        assert_eq!(bundles[3].1, Some(if on_full == OnFull::Evict { 2 } else { 3 }), "it was not forgotten for `d`");
    }
}

#[test]
fn no_more_subjects_are_kept_than_the_policy_says() {
    assert_eq!(flood(OnFull::Evict), (1_000, 100, 900));
    assert_eq!(flood(OnFull::Deny), (100, 100, 0));
}
