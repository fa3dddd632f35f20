//! `meter`, the one operation with arithmetic inside: what it is asked and what it answers.
//!
//! A back end reads the states of a bundle, calls [`decide`](crate::limits::decide::decide), and writes what that says, all under one lock
//! or in one transaction.

use crate::error::{Error, Result};
pub use crate::limits::decide::Op as MeterOp;
use crate::limits::decide::{Item, Outcomes};
use crate::limits::layout::Stored;
use crate::time::Timestamp;

/// The longest key of a meter.
pub const MAX_METER_KEY: usize = 512;
/// How many subjects one bundle may hold.
pub const MAX_BUNDLE: usize = 16;

/// One subject of a policy in a bundle.
#[derive(Debug, Clone)]
pub struct MeterItem {
    /// The subject: 1–512 bytes, with its policy unique in its bundle.
    pub key: Vec<u8>,
    /// What is asked of it.
    pub item: Item,
}

/// The answer to a `meter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The store's clock.
    pub now: Timestamp,
    /// Per item, its tiers in their order.
    pub items: Vec<Outcomes>,
    /// Per item of a commit that was refused, what is stored of it now: whoever holds it can repeat the refusal. Empty from a store that
    /// is asked at no cost.
    pub refused_on: Vec<Option<Stored>>,
}

impl Metered {
    /// Whether every tier had enough.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.items.iter().flatten().all(|tier| tier.allowed)
    }
}

/// Refuses what no store takes, before any store is asked.
pub(crate) fn check(op: MeterOp, bundle: &[MeterItem]) -> Result<()> {
    if bundle.is_empty() || bundle.len() > MAX_BUNDLE {
        return Err(Error::invalid_argument("bundle", "give 1 to 16 pairs of policy and subject"));
    }
    for (at, MeterItem { key, item }) in bundle.iter().enumerate() {
        if key.is_empty() || key.len() > MAX_METER_KEY {
            return Err(Error::Internal("a meter's key has 1-512 bytes"));
        }
        if item.wait < 0 || item.wait > item.layout.reserve_max_wait() {
            return Err(Error::Internal("a reservation waits at most what its policy says"));
        }
        if op == MeterOp::Refund && item.permit.is_none() {
            return Err(Error::Internal("a refund names what its permit took"));
        }
        if bundle.iter().take(at).any(|other| other.key == *key && other.item.layout.policy() == item.layout.policy()) {
            return Err(Error::invalid_argument("bundle", "name each policy and subject once, with the sum of the costs"));
        }
    }
    Ok(())
}
