//! The decision: all tiers of all items, or none. Pure: a store reads the states, calls this, and writes what it says.

use std::sync::Arc;

use smallvec::SmallVec;

use super::layout::{Layout, LayoutTier, Stored, StoredTier};
use super::rule::{State, Taken};
use crate::time::Timestamp;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Op {
    /// Takes the cost from every tier of every item, if all of them allow it; else from none. A cost of 0 only looks.
    Commit,
    /// Says what a commit would find. Writes nothing.
    Peek,
    /// Gives the cost of a permit back.
    Refund,
    /// Forgets the subjects.
    Reset,
}

/// One subject of a policy.
#[derive(Debug, Clone)]
pub struct Item {
    /// The policy's tiers.
    pub layout: Arc<Layout>,
    /// How many units.
    pub cost: u32,
    /// For a reservation: how many µs ahead of time the units may be taken.
    pub wait: i64,
    /// Tells the leases of one permit from all others.
    pub lease: u64,
    /// For a refund: what the permit took, tier by tier.
    pub permit: Option<Given>,
}

/// What a permit gives back.
#[derive(Debug, Clone)]
pub struct Given {
    /// What it took, in the order of the tiers; none of one that is new since.
    pub taken: SmallVec<[Option<Taken>; 3]>,
    /// Whether all of it comes back, or only what is held.
    pub all: bool,
}

/// What came of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierOutcome {
    /// Whether this tier had enough.
    pub allowed: bool,
    /// Units that can be taken at once, after the operation.
    pub remaining: u32,
    /// µs until the request would be allowed by this tier; 0 if it was.
    pub retry_after: i64,
    /// µs until one unit more remains; 0 if all do.
    pub next_unit: i64,
    /// When nothing is taken any more.
    pub full_at: Timestamp,
    /// What a commit took; none where it took nothing.
    pub taken: Option<Taken>,
    /// For a reservation: µs until the units are there; 0 if they are.
    pub ready_after: i64,
}

/// What must be done to a subject's stored state.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// Put this in its place.
    Put(Stored),
    /// Remove it.
    Remove,
}

/// The outcomes of one item, tier by tier.
pub type Outcomes = SmallVec<[TierOutcome; 3]>;

/// Decides a bundle on what is stored of it, in the order of its items.
#[must_use]
pub fn decide(op: Op, bundle: &[(&Item, Option<&[StoredTier]>)], now: Timestamp) -> (Vec<Outcomes>, Vec<Change>) {
    let mut items: Vec<Vec<Step>> =
        bundle.iter().map(|(item, stored)| item.layout.tiers().iter().map(|tier| Step::new(op, item, tier, *stored, now)).collect()).collect();
    let allowed = items.iter().flatten().all(|step| step.wait == 0);
    let changes = bundle.iter().zip(&mut items).map(|((item, stored), steps)| change(op, item, stored.is_some(), steps, allowed, now)).collect();
    let outcome = |(tier, step): (&LayoutTier, Step)| step.outcome(tier, now);
    let outcomes = bundle.iter().zip(items).map(|((item, _), steps)| item.layout.tiers().iter().zip(steps).map(outcome).collect()).collect();
    (outcomes, changes)
}

fn change(op: Op, item: &Item, is_stored: bool, steps: &mut [Step], allowed: bool, now: Timestamp) -> Change {
    let tiers = item.layout.tiers();
    let put = |steps: &[Step]| {
        let stored = |(tier, step): (&LayoutTier, &Step)| StoredTier { tag: tier.tag, limit: tier.rule.limit(), state: step.state.clone() };
        Change::Put(tiers.iter().zip(steps).map(stored).collect())
    };
    match op {
        Op::Commit if allowed && item.cost > 0 => {
            for (tier, step) in tiers.iter().zip(steps.iter_mut()) {
                step.ready_after = tier.rule.wait_for(&step.state, now, item.cost, 0);
                step.taken = Some(tier.rule.take(&mut step.state, now, item.cost, item.lease));
            }
            put(steps)
        }
        // A state that cannot be is put right by a refusal too: else it would refuse until the clock has caught up.
        Op::Commit if item.cost > 0 && steps.iter().any(|step| step.clamped) => put(steps),
        Op::Commit | Op::Peek => Change::Keep,
        Op::Refund if is_stored && item.cost > 0 => {
            let Some(permit) = &item.permit else { return Change::Keep };
            let mut changed = steps.iter().any(|step| step.clamped);
            for ((tier, step), taken) in tiers.iter().zip(steps.iter_mut()).zip(&permit.taken) {
                if let Some(taken) = taken.filter(|_| permit.all || tier.rule.is_held()) {
                    tier.rule.refund(&mut step.state, now, item.cost, taken);
                    changed = true;
                }
            }
            if changed { put(steps) } else { Change::Keep }
        }
        Op::Refund => Change::Keep,
        Op::Reset => Change::Remove,
    }
}

/// One tier on its way through a decision.
struct Step {
    state: State,
    clamped: bool,
    wait: i64,
    ready_after: i64,
    taken: Option<Taken>,
}

impl Step {
    fn new(op: Op, item: &Item, tier: &LayoutTier, stored: Option<&[StoredTier]>, now: Timestamp) -> Self {
        let stored = if op == Op::Reset { None } else { tier.find(stored) };
        let settled = tier.rule.settle(stored.as_ref(), now, item.layout.reserve_max_wait());
        let wait = match op {
            Op::Commit | Op::Peek if item.cost > 0 => tier.rule.wait_for(&settled.state, now, item.cost, item.wait),
            _ => 0,
        };
        Self { state: settled.state, clamped: settled.clamped, wait, ready_after: 0, taken: None }
    }

    fn outcome(&self, tier: &LayoutTier, now: Timestamp) -> TierOutcome {
        TierOutcome {
            allowed: self.wait == 0,
            remaining: tier.rule.remaining(&self.state, now),
            retry_after: self.wait,
            next_unit: tier.rule.next_unit(&self.state, now),
            full_at: tier.rule.full_at(&self.state, now),
            taken: self.taken,
            ready_after: self.ready_after,
        }
    }
}
