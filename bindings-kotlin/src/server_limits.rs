//! Headers of limits: those of a decision, and those of other servers.

use std::sync::Arc;

use gatewright::limits::{Binding, Decision, ServerLimit, ServerLimits, TierDecision};

use crate::decision::{FfiDecision, FfiTier};
use crate::gate::{FfiGate, signed};
use crate::webhooks::{FfiHeader, FfiSignedHeader, pairs};

/// What a server says of its limits.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::limits::ServerLimits")]
pub struct FfiServerLimits {
    pub wait_us: i64,
    pub limits: Vec<FfiServerLimit>,
}

/// One of its limits.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::limits::ServerLimit")]
pub struct FfiServerLimit {
    pub name: String,
    pub quota: Option<i64>,
    pub window_s: Option<i64>,
    pub remaining: Option<i64>,
    pub reset_s: Option<i64>,
    pub unit: Option<String>,
    pub partition_key: Option<Vec<u8>>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Limits")]
impl FfiGate {
    pub fn limit_headers(&self, decision: FfiDecision) -> Vec<FfiSignedHeader> {
        let headers = self.gate.limits().headers(&decision.into());
        headers.into_iter().map(|(name, value)| FfiSignedHeader { name, value }).collect()
    }

    pub fn parse_limit_headers(&self, headers: Vec<FfiHeader>) -> FfiServerLimits {
        self.gate.limits().parse_headers(&pairs(headers)).into()
    }
}

/// What a caller has made up may be out of range: it is rendered as the nearest that is not.
fn units(given: i64) -> u32 {
    u32::try_from(given.max(0)).unwrap_or(u32::MAX)
}

impl From<FfiDecision> for Decision {
    fn from(decision: FfiDecision) -> Self {
        Self {
            allowed: decision.allowed,
            source: decision.source.into(),
            now_us: decision.now_us,
            cost: units(decision.cost),
            binding: Binding { policy: decision.binding_policy.into(), tier: decision.binding_tier.into() },
            retry_after_us: decision.retry_after_us,
            wait_us: decision.wait_us,
            tiers: decision.tiers.into_iter().map(TierDecision::from).collect(),
            permit: None,
            atomicity: decision.atomicity.into(),
        }
    }
}

impl From<FfiTier> for TierDecision {
    fn from(tier: FfiTier) -> Self {
        Self {
            policy: Arc::from(tier.policy),
            id: Arc::from(tier.id),
            algo: tier.algo.into(),
            limit: units(tier.limit),
            burst: units(tier.burst),
            period_us: tier.period_us,
            remaining: units(tier.remaining),
            used: units(tier.used),
            next_unit_us: tier.next_unit_us,
            full_at_us: tier.full_at_us,
            retry_after_us: tier.retry_after_us,
            allowed: tier.allowed,
        }
    }
}

impl From<ServerLimits> for FfiServerLimits {
    fn from(server: ServerLimits) -> Self {
        Self { wait_us: server.wait_us, limits: server.limits.into_iter().map(FfiServerLimit::from).collect() }
    }
}

impl From<ServerLimit> for FfiServerLimit {
    fn from(limit: ServerLimit) -> Self {
        Self {
            name: limit.name,
            quota: limit.quota.map(signed),
            window_s: limit.window_s.map(signed),
            remaining: limit.remaining.map(signed),
            reset_s: limit.reset_s.map(signed),
            unit: limit.unit,
            partition_key: limit.partition_key,
        }
    }
}
