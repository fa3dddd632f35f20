//! `[lockout]`: when an account is locked, and for how long.

use std::time::Duration;

use super::limits::subject;
use super::reader::{Table, Unique};
use crate::limits::lockout::LockoutPolicy;

pub(super) fn read(lockout: &Table<'_>) -> Vec<LockoutPolicy> {
    let mut ids = Unique::default();
    let policies = lockout.tables("policies", |table| {
        let id = table.name("id").required("write the name that calls use");
        if let Some(id) = id {
            ids.see(table, "id", id);
        }
        let mut policy = LockoutPolicy::new(id.unwrap_or_default());
        policy.subject = subject(table).unwrap_or(policy.subject);
        let threshold = table.integer("threshold", 1..=1_000_000).optional().and_then(|threshold| u32::try_from(threshold).ok());
        policy.threshold = threshold.unwrap_or(policy.threshold);
        let duration = |name| {
            let given = table
                .duration(name)
                .check("write a duration above 0s and at most 366d, as \"24h\"", |duration| !duration.is_zero() && *duration <= YEAR);
            given.optional()
        };
        policy.window = duration("window").unwrap_or(policy.window);
        policy.duration = duration("duration").unwrap_or(policy.duration);
        policy.doubles = table.integer("multiplier", 1..=2).or(1) == 2;
        id.map(|_| policy)
    });
    policies.or(Vec::new())
}

const YEAR: Duration = Duration::from_secs(366 * 86_400);
