//! The settings of a lockout.

use std::time::Duration;

use crate::limits::SubjectForm;
use crate::time::micros;

/// The longest lock of one that doubles.
const CAP: i64 = 24 * 3_600_000_000;

/// When an account is locked, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockoutPolicy {
    /// The name that calls use.
    pub id: String,
    /// How identifiers are normalised.
    pub subject: SubjectForm,
    /// How many attempts are allowed in a window; the one that reaches it locks, unless it succeeds. Default 10.
    pub threshold: u32,
    /// How long failed attempts are counted. Default 24 h.
    pub window: Duration,
    /// How long a lock lasts. Default 1 h.
    pub duration: Duration,
    /// Whether each lock after the first lasts twice as long as the one before, up to 24 h (or `duration`, if that is more).
    pub doubles: bool,
}

impl LockoutPolicy {
    /// The usual settings.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        Self { id: id.into(), subject: SubjectForm::Exact, threshold: 10, window: hours(24), duration: hours(1), doubles: false }
    }

    /// How long a lock lasts before which there have been so many, in µs.
    pub(super) fn lock_micros(&self, level: u32) -> i64 {
        let duration = micros(self.duration);
        if !self.doubles {
            return duration;
        }
        let factor = 1_i64.checked_shl(level.min(62)).unwrap_or(i64::MAX);
        duration.saturating_mul(factor).min(CAP.max(duration))
    }
}
