//! Moments: count, mean and standard deviation of much data, in parts.

mod float;
mod integer;
mod lanes;
#[cfg(test)]
mod tests;

pub use float::FloatMoments;
pub use integer::Moments;
pub(super) use lanes::{count_within, whole_sum};

use crate::error::Error;

/// What moments say. A number that there is too little data for is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// How many values there are.
    pub count: u64,
    /// How many were missing.
    pub missing: u64,
    /// Their mean.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
}

const fn unreadable() -> Error {
    Error::RecordUnreadable { kind: "moments", why: "these are not the bytes of moments" }
}
