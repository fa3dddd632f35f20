//! `meter`, the one operation with arithmetic inside: what it is asked, what it answers, and its step on the stored states.
//!
//! A back end reads the states of a bundle, calls [`decide`], and writes what that says, all under one lock or in one transaction.

use crate::error::{Error, Result};
use crate::limits::gcra::{Rate, Tat};
use crate::time::Timestamp;

/// The longest key of a meter.
pub const MAX_METER_KEY: usize = 128;
/// How many subjects one bundle may hold.
pub const MAX_BUNDLE: usize = 16;
/// How many tiers a policy may have.
pub const MAX_TIERS: usize = 8;

/// What `meter` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeterOp {
    /// Takes the cost from every tier of every item, if all of them allow it; else from none. A cost of 0 only looks.
    Commit,
    /// Says what a commit would find. Writes nothing.
    Peek,
    /// Gives the cost of a permit back.
    Refund,
    /// Forgets the subjects.
    Reset,
}

/// One tier of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterTier {
    /// Its name in the stored state ([`Tier::tag`](crate::limits::Tier::tag)), unique in its item.
    pub tag: u32,
    /// Its arithmetic.
    pub rate: Rate,
    /// For a refund: the state that the permit's commit left.
    pub permit: Option<Tat>,
}

/// One subject of a policy in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterItem {
    /// Policy and subject; 1–128 bytes, unique in its bundle.
    pub key: Vec<u8>,
    /// The policy's tiers, 1–8.
    pub tiers: Vec<MeterTier>,
    /// How many units.
    pub cost: u32,
    /// For a reservation: how many µs ahead of time the units may be taken.
    pub wait: i64,
    /// The policy's `reserve_max_wait` in µs, 0 without one: how far ahead a stored state may be.
    pub reserve_max_wait: i64,
}

/// What came of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierState {
    /// The state after the operation; after a refusal, the one that refused.
    pub tat: Tat,
    /// Whether this tier had enough. The bundle was committed if all had.
    pub allowed: bool,
}

/// The answer to a `meter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The store's clock.
    pub now: Timestamp,
    /// Per item, its tiers in their order.
    pub items: Vec<Vec<TierState>>,
}

impl Metered {
    /// Whether every tier had enough.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.items.iter().flatten().all(|tier| tier.allowed)
    }
}

/// A tier as it is stored. It names its tier and limit, so that a state outlives a change of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredTier {
    pub(crate) tag: u32,
    pub(crate) limit: u32,
    pub(crate) tat: Tat,
}

/// The stored state of one subject.
pub(crate) type Stored = Box<[StoredTier]>;

/// What must be done to a subject's stored state.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Keep,
    Put(Stored),
    Remove,
}

/// Refuses what no store takes, before any store is asked.
pub(crate) fn check(op: MeterOp, bundle: &[MeterItem]) -> Result<()> {
    if bundle.is_empty() || bundle.len() > MAX_BUNDLE {
        return Err(Error::invalid_argument("bundle", "give 1 to 16 pairs of policy and subject"));
    }
    for (at, item) in bundle.iter().enumerate() {
        if item.key.is_empty() || item.key.len() > MAX_METER_KEY || item.tiers.is_empty() || item.tiers.len() > MAX_TIERS {
            return Err(Error::Internal("a meter's key has 1-128 bytes, and 1-8 tiers"));
        }
        if item.wait < 0 || item.wait > item.reserve_max_wait {
            return Err(Error::Internal("a reservation waits at most what its policy says"));
        }
        if op == MeterOp::Refund && item.tiers.iter().any(|tier| tier.permit.is_none()) {
            return Err(Error::Internal("a refund names what its permit took"));
        }
        if bundle.iter().take(at).any(|other| other.key == item.key) {
            return Err(Error::invalid_argument("bundle", "name each policy and subject once, with the sum of the costs"));
        }
    }
    Ok(())
}

/// Decides a bundle on what is stored of it, in the order of its items.
pub(crate) fn decide(op: MeterOp, bundle: &[MeterItem], stored: &[Option<Stored>], now: Timestamp) -> (Metered, Vec<Change>) {
    let of_item = |item: &MeterItem, stored: &Option<Stored>| -> Vec<TierStep> {
        item.tiers.iter().map(|tier| TierStep::new(op, item, tier, find(stored.as_deref(), tier), now)).collect()
    };
    let steps: Vec<Vec<TierStep>> = bundle.iter().zip(stored).map(|(item, stored)| of_item(item, stored)).collect();
    let allowed = steps.iter().flatten().all(|step| step.state.allowed);
    let change = |(item, stored): (&MeterItem, &Option<Stored>), steps: &mut Vec<TierStep>| {
        let put = |steps: &[TierStep]| {
            let tier = |(tier, step): (&MeterTier, &TierStep)| StoredTier { tag: tier.tag, limit: tier.rate.limit(), tat: step.state.tat };
            Change::Put(item.tiers.iter().zip(steps).map(tier).collect())
        };
        match op {
            MeterOp::Commit if allowed && item.cost > 0 => {
                steps.iter_mut().for_each(|step| step.state.tat = step.after);
                put(steps)
            }
            // A state that cannot be is put right by a refusal too: else it would refuse until the clock has caught up.
            MeterOp::Commit if item.cost > 0 && steps.iter().any(|step| step.clamped) => put(steps),
            MeterOp::Commit | MeterOp::Peek => Change::Keep,
            MeterOp::Refund if stored.is_some() => put(steps),
            MeterOp::Refund => Change::Keep,
            MeterOp::Reset => Change::Remove,
        }
    };
    let mut steps = steps;
    let changes = bundle.iter().zip(stored).zip(&mut steps).map(|(pair, steps)| change(pair, steps)).collect();
    let items = steps.into_iter().map(|steps| steps.into_iter().map(|step| step.state).collect()).collect();
    (Metered { now, items }, changes)
}

/// One tier on its way through a decision.
struct TierStep {
    state: TierState,
    after: Tat,
    clamped: bool,
}

impl TierStep {
    fn new(op: MeterOp, item: &MeterItem, tier: &MeterTier, stored: Option<Tat>, now: Timestamp) -> Self {
        let step = tier.rate.step(stored, now, item.cost, item.wait, item.reserve_max_wait);
        let (tat, allowed) = match op {
            MeterOp::Commit | MeterOp::Peek => (step.before, step.allowed || item.cost == 0),
            MeterOp::Refund => (tier.permit.map_or(step.before, |permit| tier.rate.refund(step.before, now, item.cost, permit)), true),
            MeterOp::Reset => (Tat::at(now), true),
        };
        Self { state: TierState { tat, allowed }, after: step.after, clamped: step.clamped }
    }
}

/// What is stored of a tier. Under another limit its fraction means something else and is rounded up.
fn find(stored: Option<&[StoredTier]>, tier: &MeterTier) -> Option<Tat> {
    let found = stored?.iter().find(|stored| stored.tag == tier.tag)?;
    Some(if found.limit == tier.rate.limit() { found.tat } else { found.tat.rounded_up() })
}
