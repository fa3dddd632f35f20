//! A policy as a meter sees it: its tiers in their order, and what else its arithmetic needs.

use std::sync::Arc;

use super::policy::{Inherit, LimitPolicy, OnFull};
use super::rule::{Rule, State};
use super::tier::{Algo, Tier};
use crate::time::micros;

/// The tiers of a policy, and how they are stored.
#[derive(Debug)]
pub struct Layout {
    policy: Arc<str>,
    number: u32,
    tiers: Box<[LayoutTier]>,
    reserve_max_wait: i64,
    max_keys: usize,
    on_full: OnFull,
    refundable: bool,
    all_buckets: bool,
    max_cost: u32,
}

/// One tier of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutTier {
    /// Its name.
    pub id: Arc<str>,
    /// Its name in stored states: a tier that is renamed begins anew.
    pub tag: u32,
    /// How it counts.
    pub algo: Algo,
    /// Its arithmetic.
    pub rule: Rule,
}

/// A tier as it is stored. It names its tier and limit, so that a state outlives a change of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTier {
    /// [`LayoutTier::tag`].
    pub tag: u32,
    /// The limit that a bucket's fraction is of.
    pub limit: u32,
    /// The state.
    pub state: State,
}

/// What is stored of one subject.
pub type Stored = Box<[StoredTier]>;

impl Layout {
    /// The layout of a policy.
    #[must_use]
    pub fn new(policy: &LimitPolicy) -> Self {
        let tier =
            |tier: &Tier| LayoutTier { id: Arc::clone(tier.shared_id()), tag: tag(tier, policy.inherit), algo: tier.algo(), rule: tier.rule() };
        let tiers: Box<[LayoutTier]> = policy.tiers.iter().map(tier).collect();
        let all_buckets = tiers.iter().all(|tier| tier.algo == Algo::TokenBucket);
        let max_cost = tiers.iter().map(|tier| tier.rule.burst()).min().unwrap_or(0);
        let mut hash = crc32fast::Hasher::new();
        for tier in &tiers {
            hash.update(&tier.tag.to_be_bytes());
            // All of it: where only the period changes, a fraction may have to be kept that was none before.
            hash.update(format!("{:?}", tier.rule).as_bytes());
        }
        Self {
            policy: policy.id.as_str().into(),
            number: hash.finalize(),
            tiers,
            reserve_max_wait: policy.reserve_max_wait.map_or(0, micros),
            max_keys: policy.max_keys,
            on_full: policy.on_full,
            refundable: policy.refundable,
            all_buckets,
            max_cost,
        }
    }

    /// The policy's name.
    #[must_use]
    pub const fn policy(&self) -> &Arc<str> {
        &self.policy
    }

    /// Another number for other tiers or other arithmetic: states that were stored under it need no look at their tags.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The tiers.
    #[must_use]
    pub const fn tiers(&self) -> &[LayoutTier] {
        &self.tiers
    }

    /// How far ahead of an empty bucket a state may be, in µs.
    #[must_use]
    pub const fn reserve_max_wait(&self) -> i64 {
        self.reserve_max_wait
    }

    /// How many subjects a store in memory keeps.
    #[must_use]
    pub const fn max_keys(&self) -> usize {
        self.max_keys
    }

    /// What a store in memory does with one more.
    #[must_use]
    pub const fn on_full(&self) -> OnFull {
        self.on_full
    }

    /// Whether permits give back what they took.
    #[must_use]
    pub const fn is_refundable(&self) -> bool {
        self.refundable
    }

    /// Whether all tiers are token buckets.
    #[must_use]
    pub const fn is_all_buckets(&self) -> bool {
        self.all_buckets
    }

    /// The greatest cost that any moment can allow.
    #[must_use]
    pub const fn max_cost(&self) -> u32 {
        self.max_cost
    }
}

impl LayoutTier {
    /// What is stored of this tier. Under another limit the fraction of a bucket means something else and is rounded up.
    #[must_use]
    pub fn find(&self, stored: Option<&[StoredTier]>) -> Option<State> {
        let found = stored?.iter().find(|stored| stored.tag == self.tag)?;
        Some(match &found.state {
            State::Bucket(tat) if found.limit != self.rule.limit() => State::Bucket(tat.rounded_up()),
            state => state.clone(),
        })
    }
}

fn tag(tier: &Tier, inherit: Inherit) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    hash.update(tier.id().as_bytes());
    if inherit == Inherit::Reset {
        hash.update(format!("{:?}", tier.rule()).as_bytes());
    }
    hash.finalize()
}
