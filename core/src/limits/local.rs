//! Limits in memory, asked without a future: the hot path of a gateway.

use std::sync::Arc;

use smallvec::SmallVec;

use super::buckets::Request;
use super::decide::{Item, Op};
use super::decision::Decision;
use super::lazy::LazyDecision;
use super::service::{Backend, Bundle, Key, Limit, LimitService, Wanted, decision, no_memory};
use crate::error::{LimitError, Result};
use crate::event::Context;
use crate::store::memory::{Meters, PolicyMeters};

/// A subject of a policy in memory, found.
struct Found<'a> {
    meters: &'a Meters,
    states: &'a PolicyMeters,
    key: u128,
}

impl LimitService {
    /// A policy by its name, if its states are in memory.
    pub(crate) fn local(&self, policy: &str) -> Result<Arc<Limit>> {
        self.known_local(policy).map(Arc::clone)
    }

    pub(crate) fn known_local(&self, policy: &str) -> Result<&Arc<Limit>> {
        self.host.ensure_open()?;
        if matches!(self.backend, Backend::Memory(_)) { self.known(policy) } else { Err(no_memory()) }
    }

    /// Decides, and allocates nothing where at most three tiers are all token buckets.
    pub(crate) fn check_local(&self, limit: &Arc<Limit>, subject: &str, cost: u32, context: &Context) -> Result<Decision> {
        let found = self.find(limit, subject, cost)?;
        let asked = Request { commit: cost > 0, cost, ahead: 0 };
        let decided = match found.meters.decide_one(found.states, found.key, &limit.layout, &asked, &*self.host.clock) {
            Some(one) => Decision::of_one(one.now, found.key, cost, &limit.layout, one.outcomes(&limit.layout, &asked)),
            None => self.check_any(limit, found.key, cost)?,
        };
        self.observe(&decided, context);
        Ok(decided)
    }

    /// The same, of which the most is worked out once somebody asks.
    pub(crate) fn check_local_lazily(&self, limit: &Arc<Limit>, subject: &str, cost: u32, context: &Context) -> Result<LazyDecision> {
        if self.host.events.are_wanted() {
            return self.check_local(limit, subject, cost, context).map(Into::into);
        }
        let found = self.find(limit, subject, cost)?;
        let asked = Request { commit: cost > 0, cost, ahead: 0 };
        match found.meters.decide_one(found.states, found.key, &limit.layout, &asked, &*self.host.clock) {
            Some(one) => Ok(LazyDecision::of_one(one, &limit.layout, found.key, asked)),
            None => self.check_any(limit, found.key, cost).map(Into::into),
        }
    }

    /// The same, without saying more than whether the request may go on.
    pub(crate) fn allow_local(&self, limit: &Arc<Limit>, subject: &str, cost: u32, context: &Context) -> Result<bool> {
        if self.host.events.are_wanted() {
            return self.check_local(limit, subject, cost, context).map(|decision| decision.allowed);
        }
        let found = self.find(limit, subject, cost)?;
        // A cost of 0 only looks, and is always allowed.
        if cost == 0 {
            return Ok(true);
        }
        match found.meters.allow_one(found.states, found.key, &limit.layout, cost, &*self.host.clock) {
            Some(allowed) => Ok(allowed),
            None => self.check_any(limit, found.key, cost).map(|decision| decision.allowed),
        }
    }

    /// Decides by tiers of any kind.
    fn check_any(&self, limit: &Arc<Limit>, key: u128, cost: u32) -> Result<Decision> {
        let item = Item { layout: Arc::clone(&limit.layout), cost, wait: 0, lease: self.lease(), permit: None };
        let wanted: Bundle = SmallVec::from_buf([Wanted { limit: Arc::clone(limit), key: Key::Hash(key), item }]);
        let op = if cost == 0 { Op::Peek } else { Op::Commit };
        let answer = self.run_in_memory(op, &wanted)?;
        Ok(decision(answer, wanted, op))
    }

    fn find<'a>(&'a self, limit: &'a Limit, subject: &str, cost: u32) -> Result<Found<'a>> {
        self.host.ensure_open()?;
        let (Backend::Memory(meters), Some(states)) = (&self.backend, &limit.meters) else { return Err(no_memory()) };
        let subject = limit.policy.subject.normalise(subject)?;
        if cost > limit.layout.max_cost() {
            return Err(LimitError::CostImpossible.into());
        }
        Ok(Found { meters, states, key: meters.hash(subject.as_bytes()) })
    }
}

impl Limit {
    /// How many subjects are kept in memory.
    pub(crate) fn subjects(&self) -> usize {
        self.meters.as_ref().map_or(0, |meters| meters.count().0)
    }

    /// How many of them were forgotten for want of room although something was taken of them.
    pub(crate) fn evicted_live(&self) -> u64 {
        self.meters.as_ref().map_or(0, |meters| meters.count().1)
    }
}
