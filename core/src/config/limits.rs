//! `[limits]`: policies, their tiers and presets.

use std::time::Duration;

use super::reader::{Table, Unique};
use crate::limits::tier::{MAX_CONCURRENT, MAX_LOG, MAX_UNITS, TIER_ID, is_tier_id};
use crate::limits::{Algo, Inherit, LimitPolicy, OnFull, OnStoreError, Preset, SubjectForm, Tier, Unit};

pub(super) fn read(limits: &Table<'_>) -> Vec<LimitPolicy> {
    let mut ids = Unique::default();
    limits.tables("policies", |policy| self::policy(policy, &mut ids)).or(Vec::new())
}

fn policy(table: &Table<'_>, ids: &mut Unique) -> Option<LimitPolicy> {
    let id = table.name("id").required("write the name that calls use");
    if let Some(id) = id {
        ids.see(table, "id", id);
    }
    let mut tier_ids = Unique::default();
    let mut given = 0;
    let tiers = table.tables("tiers", |tier| {
        given += 1;
        self::tier(tier, &mut tier_ids)
    });
    let tiers = tiers.check("write 1 to 8 tiers", |_| (1..=8).contains(&given)).optional();
    let preset = table.choice("preset", &Preset::ALL).optional();
    match (table.has("tiers"), table.has("preset")) {
        (true, true) => table.problem("preset", "write tiers or preset, not both"),
        (false, false) => table.problem("tiers", "write tiers, as [{ id = \"minute\", limit = 100, period = \"1m\" }], or a preset"),
        _ => {}
    }
    let base = match (preset, tiers) {
        (Some(preset), _) => Some(LimitPolicy::preset(id.unwrap_or_default(), preset)),
        (None, Some(tiers)) => LimitPolicy::new(id.unwrap_or_default(), tiers).ok(),
        (None, None) => None,
    };
    // The other members are looked at where the tiers are wrong, too.
    let mut policy = base.clone().unwrap_or_else(|| LimitPolicy::preset("", Preset::Tenant));
    policy.subject = subject(table).unwrap_or(policy.subject);
    policy.refundable = table.bool("refundable").or(policy.refundable);
    policy.max_keys = table.integer("max_keys", 1..=MAX_KEYS).optional().and_then(|keys| usize::try_from(keys).ok()).unwrap_or(policy.max_keys);
    policy.on_full = table.choice("on_full", &[("evict", OnFull::Evict), ("deny", OnFull::Deny)]).or(policy.on_full);
    policy.inherit = table.choice("inherit", &[("proportional", Inherit::Proportional), ("reset", Inherit::Reset)]).or(policy.inherit);
    policy.on_store_error = on_store_error(table).unwrap_or(policy.on_store_error);
    let wait = table
        .duration("reserve_max_wait")
        .check("write a duration above 0s and at most 366d, as \"30s\"", |wait| !wait.is_zero() && *wait <= Duration::from_secs(366 * 86_400));
    if let Some(wait) = wait.optional() {
        policy.reserve_max_wait = Some(wait);
        if base.is_some() && !policy.is_all_buckets() {
            table.problem("reserve_max_wait", "leave this out: only where all tiers are token buckets can a caller wait its turn");
        }
    }
    id.and(base).map(|_| policy)
}

fn on_store_error(table: &Table<'_>) -> Option<OnStoreError> {
    if table.is_table("on_store_error") {
        let local = |local: &Table<'_>| local.share("local").required("write the share of the limits, as { local = 0.5 }");
        return table.table("on_store_error", local).optional().flatten().map(OnStoreError::Local);
    }
    table.choice("on_store_error", &[("allow", OnStoreError::Allow), ("deny", OnStoreError::Deny)]).optional()
}

fn tier(table: &Table<'_>, ids: &mut Unique) -> Option<Tier> {
    let id = table.text("id").check(TIER_ID, |id| is_tier_id(id)).required("write the name of the tier, as \"minute\"");
    if let Some(id) = id {
        ids.see(table, "id", id);
    }
    let algo = table.choice("algo", &ALGOS);
    let algo = if table.has("algo") { algo.optional() } else { Some(Algo::TokenBucket) };
    let most = match algo {
        Some(Algo::SlidingLog) => MAX_LOG,
        Some(Algo::Concurrent) => MAX_CONCURRENT,
        _ => MAX_UNITS,
    };
    let limit = table.integer("limit", 1..=most.into()).required("write how many units a period has").and_then(|limit| u32::try_from(limit).ok());
    let burst = table.integer("burst", 1..=MAX_UNITS.into()).optional().and_then(|burst| u32::try_from(burst).ok());
    let in_range = |period: &Duration| (Duration::from_millis(1)..=Duration::from_secs(366 * 86_400)).contains(period);
    let period = table.duration("period").check("write a duration from 1ms to 366d, as \"1m\"", in_range);
    let period = match algo {
        Some(Algo::TokenBucket | Algo::SlidingLog | Algo::SlidingWindow) => period.required("write the period, as \"1m\""),
        _ => period.optional(),
    };
    let unit = table.choice("unit", &[("hour", Unit::Hour), ("day", Unit::Day), ("month", Unit::Month)]);
    let unit = if algo == Some(Algo::Calendar) { unit.required("write the unit: \"hour\", \"day\" or \"month\"") } else { unit.optional() };
    let offset = table.integer("tz_offset_min", -720..=840).optional().and_then(|offset| i32::try_from(offset).ok()).unwrap_or(0);
    let lease_ttl = table.duration("lease_ttl").check("write a duration from 1ms to 366d, as \"30s\"", in_range);
    let lease_ttl =
        if algo == Some(Algo::Concurrent) { lease_ttl.required("write how long a unit is held at most, as \"30s\"") } else { lease_ttl.optional() };
    let algo = algo?;
    foreign_members(table, algo);
    let (id, limit) = (id?, limit?);
    match algo {
        Algo::TokenBucket => {
            let burst = burst.unwrap_or(limit);
            let at = if table.has("burst") { "burst" } else { "period" };
            let tier = Tier::token_bucket(id, limit, period?).and_then(|tier| tier.with_burst(burst));
            tier.map_err(|_| table.problem(at, "an empty bucket would take over 3650 days to fill; lower the burst or raise the limit")).ok()
        }
        Algo::SlidingLog => Tier::sliding_log(id, limit, period?).ok(),
        Algo::SlidingWindow => {
            let tier = Tier::sliding_window(id, limit, period?);
            tier.map_err(|_| table.problem("limit", "limit times period in microseconds is over 2^53; lower one of them, or write another algo")).ok()
        }
        Algo::Calendar => Tier::calendar(id, limit, unit?, offset).ok(),
        Algo::Concurrent => Tier::concurrent(id, limit, lease_ttl?).ok(),
    }
}

/// Members that mean nothing to a way of counting.
fn foreign_members(table: &Table<'_>, algo: Algo) {
    let owners: [(&'static str, &[Algo]); 5] = [
        ("burst", &[Algo::TokenBucket]),
        ("period", &[Algo::TokenBucket, Algo::SlidingLog, Algo::SlidingWindow]),
        ("unit", &[Algo::Calendar]),
        ("tz_offset_min", &[Algo::Calendar]),
        ("lease_ttl", &[Algo::Concurrent]),
    ];
    for (member, owners) in owners {
        if table.has(member) && !owners.contains(&algo) {
            table.problem(member, format!("leave this out: it means nothing to algo = \"{}\"", algo.as_str()));
        }
    }
}

/// How subjects are normalised.
pub(super) fn subject(table: &Table<'_>) -> Option<SubjectForm> {
    table.choice("subject", &[("exact", SubjectForm::Exact), ("email", SubjectForm::Email), ("ip", SubjectForm::Ip)]).optional()
}

const ALGOS: [(&str, Algo); 5] = [
    ("token_bucket", Algo::TokenBucket),
    ("sliding_log", Algo::SlidingLog),
    ("sliding_window", Algo::SlidingWindow),
    ("calendar", Algo::Calendar),
    ("concurrent", Algo::Concurrent),
];
/// More subjects than any memory holds.
const MAX_KEYS: i64 = 1 << 40;
