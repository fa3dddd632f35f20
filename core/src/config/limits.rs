//! `[limits]`: a domain of a later version, checked for form.

use std::time::Duration;

use super::reader::{Table, Unique};

const MAX_UNITS: i64 = i32::MAX as i64;

pub(super) fn read(limits: &Table<'_>) {
    let mut ids = Unique::default();
    let policies = limits.tables("policies", |policy| {
        self::policy(policy, &mut ids);
        Some(())
    });
    policies.optional();
}

fn policy(policy: &Table<'_>, ids: &mut Unique) {
    if let Some(id) = policy.name("id").required("write the name that calls use") {
        ids.see(policy, "id", id);
    }
    let mut tier_ids = Unique::default();
    let tiers = policy.tables("tiers", |tier| {
        self::tier(tier, &mut tier_ids);
        Some(())
    });
    tiers.check("write 1 to 8 tiers", |tiers| (1..=8).contains(&tiers.len())).optional();
    policy.name("preset").optional();
    match (policy.has("tiers"), policy.has("preset")) {
        (true, true) => policy.problem("preset", "write tiers or preset, not both"),
        (false, false) => policy.problem("tiers", "write tiers, as [{ id = \"minute\", limit = 100, period = \"1m\" }], or a preset"),
        _ => {}
    }
    subject(policy);
    policy.bool("refundable").optional();
    policy.integer("max_keys", 1..=i64::MAX).optional();
    policy.duration("reserve_max_wait").optional();
    if policy.is_table("on_store_error") {
        let local = |local: &Table<'_>| local.share("local").required("write the share of the limits, as { local = 0.5 }").map(|_| ());
        policy.table("on_store_error", local).optional();
    } else {
        policy.choice("on_store_error", &[("allow", ()), ("deny", ())]).optional();
    }
}

fn tier(tier: &Table<'_>, ids: &mut Unique) {
    let in_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let id = tier.text("id").check("write 1 to 16 of a-z, 0-9 and _", |id| (1..=16).contains(&id.len()) && id.bytes().all(in_id));
    if let Some(id) = id.required("write the name of the tier, as \"minute\"") {
        ids.see(tier, "id", id);
    }
    tier.integer("limit", 1..=MAX_UNITS).required("write how many units a period has");
    tier.integer("burst", 1..=MAX_UNITS).optional();
    let in_range = |period: &Duration| (Duration::from_millis(1)..=Duration::from_secs(366 * 86_400)).contains(period);
    let period = tier.duration("period").check("write a duration from 1ms to 366d, as \"1m\"", in_range);
    let algos = [("token_bucket", true), ("sliding_log", true), ("sliding_window", true), ("calendar", false), ("concurrent", false)];
    match tier.choice("algo", &algos).or(true) {
        true => period.required("write the period, as \"1m\""),
        false => period.optional(),
    };
    tier.choice("unit", &[("hour", ()), ("day", ()), ("month", ())]).optional();
    tier.integer("tz_offset_min", -720..=840).optional();
    tier.duration("lease_ttl").check("write a duration above 0s, as \"30s\"", |ttl| !ttl.is_zero()).optional();
}

/// How subjects are normalised.
pub(super) fn subject(policy: &Table<'_>) {
    policy.choice("subject", &[("exact", ()), ("email", ()), ("ip", ())]).optional();
}
