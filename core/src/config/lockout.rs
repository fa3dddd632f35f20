//! `[lockout]`: a domain of a later version, checked for form.

use super::limits::subject;
use super::reader::{Table, Unique};

pub(super) fn read(lockout: &Table<'_>) {
    let mut ids = Unique::default();
    let policies = lockout.tables("policies", |policy| {
        if let Some(id) = policy.name("id").required("write the name that calls use") {
            ids.see(policy, "id", id);
        }
        subject(policy);
        policy.integer("threshold", 1..=1_000_000).optional();
        for name in ["window", "duration"] {
            policy.duration(name).check("write a duration above 0s, as \"24h\"", |duration| !duration.is_zero()).optional();
        }
        policy.integer("multiplier", 1..=2).optional();
        Some(())
    });
    policies.optional();
}
