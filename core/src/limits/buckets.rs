//! Token buckets decided in place: the words of a table in, the words out, and nothing allocated. What [`decide`](super::decide)
//! comes to where all tiers are buckets, which a test holds it to.

use smallvec::SmallVec;

use super::decide::TierOutcome;
use super::gcra::{Rate, Tat};
use super::layout::{Layout, LayoutTier, StoredTier};
use super::rule::{Rule, State, Taken};
use crate::time::Timestamp;

/// What is asked of one subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// Whether the cost is taken if all tiers allow it, or only looked for.
    pub(crate) commit: bool,
    /// How many units.
    pub(crate) cost: u32,
    /// For a reservation: how many µs ahead of time the units may be taken.
    pub(crate) ahead: i64,
}

/// What one tier comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The state as it counts now.
    state: Tat,
    /// Whether the stored one was impossible and must be overwritten even by a refusal.
    clamped: bool,
    /// The state once the cost is taken.
    after: Tat,
    /// µs until the cost can be taken.
    wait: i64,
}

/// The tiers of a subject, in their order.
pub(crate) type Steps = SmallVec<[Step; 3]>;

/// Puts into `steps` what every tier of a policy comes to on what is stored of a subject. None unless all are buckets.
pub(crate) fn step_all(layout: &Layout, stored: Option<&[u64]>, asked: &Request, now: Timestamp, steps: &mut Steps) -> Option<()> {
    let mut words = stored.map(<[u64]>::iter);
    steps.clear();
    for tier in layout.tiers() {
        let rate = bucket(&tier.rule)?;
        let tat = match &mut words {
            Some(words) => Some(read(rate, words)?),
            None => None,
        };
        steps.push(Step::new(rate, tat, asked, now, layout.reserve_max_wait()));
    }
    Some(())
}

/// Whether every tier has enough.
pub(crate) fn is_allowed(steps: &Steps) -> bool {
    steps.iter().all(|step| step.wait == 0)
}

/// Writes what a commit comes to: the cost taken from every tier, or only impossible states put right.
pub(crate) fn settle(layout: &Layout, steps: &Steps, allowed: bool, words: &mut [u64]) {
    if !allowed && !steps.iter().any(|step| step.clamped) {
        return;
    }
    let mut words = words.iter_mut();
    for (tier, step) in layout.tiers().iter().zip(steps) {
        if let Some(rate) = bucket(&tier.rule) {
            write(rate, if allowed { step.after } else { step.state }, &mut words);
        }
    }
}

/// Takes the cost, at least 1, from every tier if all have enough; else does nothing. What a commit that is allowed comes to, for who asks no
/// more than whether it is. Nothing is said of what is not all buckets.
pub(crate) fn take(layout: &Layout, words: &mut [u64], cost: u32, now: Timestamp) -> Option<()> {
    // Most policies: one tier in one word.
    if let ([tier], [word]) = (layout.tiers(), &mut *words) {
        *word = bucket(&tier.rule)?.take_whole(word.cast_signed(), now, cost)?.cast_unsigned();
        return Some(());
    }
    let mut rest = words.iter();
    for tier in layout.tiers() {
        let rate = bucket(&tier.rule)?;
        rate.take(read(rate, &mut rest)?, now, cost)?;
    }
    let mut rest = words;
    for tier in layout.tiers() {
        let rate = bucket(&tier.rule)?;
        let (own, others) = rest.split_at_mut_checked(words_of(rate))?;
        write(rate, rate.take(read(rate, &mut own.iter())?, now, cost)?, &mut own.iter_mut());
        rest = others;
    }
    Some(())
}

/// The outcomes to tell of.
pub(crate) fn outcomes(layout: &Layout, steps: &Steps, took: bool, now: Timestamp) -> impl Iterator<Item = TierOutcome> {
    let outcome = move |(tier, step): (&LayoutTier, &Step)| bucket(&tier.rule).map(|rate| step.outcome(rate, took, now));
    layout.tiers().iter().zip(steps).filter_map(outcome)
}

impl Step {
    fn new(rate: &Rate, stored: Option<Tat>, asked: &Request, now: Timestamp, reserve_max_wait: i64) -> Self {
        let step = rate.step(stored, now, asked.cost, asked.ahead, reserve_max_wait);
        let wait = if asked.cost == 0 || step.allowed { 0 } else { rate.retry_after(step.after, now).saturating_sub(asked.ahead) };
        // What has leaked away stays where it was: brought up to now it would count again if the clock went back.
        Self { state: stored.map_or(step.before, |tat| tat.min(step.before)), clamped: step.clamped, after: step.after, wait }
    }

    fn outcome(&self, rate: &Rate, took: bool, now: Timestamp) -> TierOutcome {
        let state = if took { self.after } else { self.state };
        let remaining = rate.remaining(state, now);
        TierOutcome {
            allowed: self.wait == 0,
            remaining,
            retry_after: self.wait,
            next_unit: rate.next_unit_after(state, now, remaining),
            full_at: state.full_at().max(now),
            taken: took.then_some(Taken::Bucket(self.after)),
            // Of what was taken ahead of time, the wait is how far it was.
            ready_after: if took { rate.retry_after(self.after, now) } else { 0 },
        }
    }
}

pub(crate) const fn bucket(rule: &Rule) -> Option<&Rate> {
    if let Rule::TokenBucket(rate) = rule { Some(rate) } else { None }
}

/// Whether no bucket that has no word for a fraction has one.
pub(crate) fn is_whole_of(layout: &Layout, stored: &[StoredTier]) -> bool {
    let whole = layout.tiers().iter().filter(|tier| bucket(&tier.rule).is_some_and(Rate::is_whole));
    !whole.filter_map(|tier| tier.find(Some(stored))).any(|state| matches!(state, State::Bucket(tat) if tat.fraction > 0))
}

/// The fraction of a bucket whose limit divides its period is 0 unless another layout left one, and is not kept.
pub(crate) const fn words_of(rate: &Rate) -> usize {
    if rate.is_whole() { 1 } else { 2 }
}

pub(crate) fn read<'a>(rate: &Rate, words: &mut impl Iterator<Item = &'a u64>) -> Option<Tat> {
    let micros = words.next()?.cast_signed();
    let fraction = if rate.is_whole() { 0 } else { u32::try_from(*words.next()?).ok()? };
    Some(Tat { micros, fraction })
}

pub(crate) fn write<'a>(rate: &Rate, tat: Tat, words: &mut impl Iterator<Item = &'a mut u64>) {
    if let Some(word) = words.next() {
        *word = tat.micros.cast_unsigned();
    }
    if !rate.is_whole()
        && let Some(word) = words.next()
    {
        *word = tat.fraction.into();
    }
}
