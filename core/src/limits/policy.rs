//! The settings of a policy.

use std::time::Duration;

use super::presets::Preset;
use super::subject::SubjectForm;
use super::tier::{Algo, Tier};
use crate::error::{Error, Result};

/// How many subjects of a policy a store in memory keeps unless told otherwise.
pub const DEFAULT_MAX_KEYS: usize = 1_000_000;

/// A policy: tiers that are decided together, and what else the policy document says of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitPolicy {
    /// The name that calls use.
    pub id: String,
    /// 1–8 tiers with ids of their own.
    pub tiers: Vec<Tier>,
    /// How subjects are normalised.
    pub subject: SubjectForm,
    /// What is decided while the store does not answer.
    pub on_store_error: OnStoreError,
    /// Whether a permit gives back what it took. Concurrency always comes back.
    pub refundable: bool,
    /// How many subjects a store in memory keeps.
    pub max_keys: usize,
    /// What a store in memory does with one more.
    pub on_full: OnFull,
    /// How long a reservation may wait; only where all tiers are token buckets.
    pub reserve_max_wait: Option<Duration>,
    /// What an edit of a tier does to what is stored of it.
    pub inherit: Inherit,
}

/// What is decided while the store does not answer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Each process decides for itself, by this share of each limit and burst, at least 1 of each.
    Local(f64),
    /// All requests are allowed.
    Allow,
    /// None is.
    Deny,
}

/// What a store in memory does with a new subject when it keeps as many as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFull {
    /// Of some subjects it forgets the one that has the least left to wait for: nothing is lost if that is full again.
    Evict,
    /// It refuses the new one.
    Deny,
}

/// What an edit of a tier does to what is stored of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inherit {
    /// Stored states go on. A bucket owes time, so what is used of it scales with the limit.
    Proportional,
    /// The tier begins anew for everybody.
    Reset,
}

impl LimitPolicy {
    /// A policy with these tiers and the usual settings.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatewright::limits::{LimitPolicy, Tier};
    ///
    /// let minute = Tier::token_bucket("minute", 100, Duration::from_secs(60))?;
    /// assert_eq!(LimitPolicy::new("tenant", vec![minute])?.max_keys, 1_000_000);
    /// # Ok::<(), gatewright::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_argument` for no tiers, more than 8, or two of one id.
    pub fn new(id: impl Into<String>, tiers: Vec<Tier>) -> Result<Self> {
        let unique = |(at, tier): (usize, &Tier)| !tiers.iter().take(at).any(|other| other.id() == tier.id());
        if !(1..=8).contains(&tiers.len()) || !tiers.iter().enumerate().all(unique) {
            return Err(Error::invalid_argument("tiers", "give 1 to 8 tiers, each with an id of its own"));
        }
        Ok(Self {
            id: id.into(),
            tiers,
            subject: SubjectForm::Exact,
            on_store_error: OnStoreError::Local(1.0),
            refundable: false,
            max_keys: DEFAULT_MAX_KEYS,
            on_full: OnFull::Evict,
            reserve_max_wait: None,
            inherit: Inherit::Proportional,
        })
    }

    /// A policy of a preset.
    #[must_use]
    pub fn preset(id: impl Into<String>, preset: Preset) -> Self {
        preset.policy(id.into())
    }

    /// Whether a reservation can be had of it.
    #[must_use]
    pub fn is_all_buckets(&self) -> bool {
        self.tiers.iter().all(|tier| tier.algo() == Algo::TokenBucket)
    }

    /// The same with a share of each limit.
    pub(crate) fn scaled(&self, share: f64) -> Self {
        Self { tiers: self.tiers.iter().map(|tier| tier.scaled(share)).collect(), ..self.clone() }
    }
}
