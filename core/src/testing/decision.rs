//! Decisions written as JSON, for vectors of what is made of them.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::limits::{Algo, Atomicity, Binding, Decision, Source, TierDecision};

/// A decision by the names that its members have in every language, without a permit. Whatever is left out is what it would be of a tier
/// that allowed and of which nothing is taken: `limit` and `burst` stand for each other, `remaining` and `used` add up to `burst`, a tier that
/// has to wait refused, `full_at_us` is `now_us`, `policy` is the one that `binding` names, and a missing `binding` is what the tiers make it.
/// `None` for a text that is no such object, or a member that no decision has.
///
/// ```
/// use gatewright::testing::read_decision;
///
/// let decision = read_decision(r#"{"now_us": 0, "tiers": [{"id": "minute", "limit": 100, "period_us": 60000000, "used": 40}]}"#).unwrap();
/// assert_eq!((decision.allowed, &*decision.binding.tier, decision.tiers[0].remaining), (true, "minute", 60));
/// ```
#[must_use]
pub fn read_decision(json: &str) -> Option<Decision> {
    let given: Given = serde_json::from_str(json).ok()?;
    let now_us = given.now_us.unwrap_or(0);
    let refuses = given.allowed == Some(false);
    let named = given.binding.as_ref();
    let policy: Arc<str> = named.and_then(|binding| binding.policy.as_deref()).unwrap_or_default().into();
    let tiers: Option<Vec<_>> = given
        .tiers
        .iter()
        .map(|tier| {
            let is_binding = named.is_some_and(|binding| tier.id == binding.tier);
            let retry = tier.retry_after_us.or_else(|| given.retry_after_us.filter(|_| refuses && is_binding));
            tier.read(now_us, &policy, retry.unwrap_or(0), refuses && is_binding)
        })
        .collect();
    let tiers = tiers?;
    let allowed = given.allowed.unwrap_or_else(|| tiers.iter().all(|tier| tier.allowed));
    let binding = match named {
        Some(binding) => {
            let known = tiers.iter().find(|tier| *tier.id == *binding.tier).map(|tier| Arc::clone(&tier.policy));
            let policy = binding.policy.as_deref().map(Into::into).or(known).unwrap_or(policy);
            Binding { policy, tier: binding.tier.as_str().into() }
        }
        None => Decision::binding_of(&tiers, allowed),
    };
    Some(Decision {
        allowed,
        source: given.source.map_or(Some(Source::Store), |name| Source::named(&name))?,
        now_us,
        cost: given.cost.unwrap_or(1),
        binding,
        retry_after_us: given.retry_after_us.unwrap_or_else(|| tiers.iter().map(|tier| tier.retry_after_us).max().unwrap_or(0)),
        wait_us: given.wait_us,
        permit: None,
        atomicity: match given.atomicity.as_deref() {
            None | Some("atomic") => Atomicity::Atomic,
            Some("compensated") => Atomicity::Compensated,
            Some(_) => return None,
        },
        tiers: tiers.into(),
    })
}

impl Source {
    fn named(name: &str) -> Option<Self> {
        [Self::Store, Self::Local, Self::FailOpen, Self::FailClosed].into_iter().find(|source| source.as_str() == name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    allowed: Option<bool>,
    source: Option<String>,
    now_us: Option<i64>,
    cost: Option<u32>,
    binding: Option<GivenBinding>,
    retry_after_us: Option<i64>,
    wait_us: Option<i64>,
    #[serde(default)]
    tiers: Vec<GivenTier>,
    /// Nothing was taken.
    #[allow(dead_code, reason = "it may be given and says nothing here")]
    permit: Option<IgnoredAny>,
    atomicity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBinding {
    policy: Option<String>,
    tier: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenTier {
    policy: Option<String>,
    id: String,
    algo: Option<String>,
    limit: Option<u32>,
    burst: Option<u32>,
    period_us: Option<i64>,
    remaining: Option<u32>,
    used: Option<u32>,
    next_unit_us: Option<i64>,
    full_at_us: Option<i64>,
    retry_after_us: Option<i64>,
    allowed: Option<bool>,
}

impl GivenTier {
    fn read(&self, now_us: i64, policy: &Arc<str>, retry_after_us: i64, refuses: bool) -> Option<TierDecision> {
        const ALGOS: [Algo; 5] = [Algo::TokenBucket, Algo::SlidingLog, Algo::SlidingWindow, Algo::Calendar, Algo::Concurrent];
        let limit = self.limit.or(self.burst)?;
        let burst = self.burst.unwrap_or(limit);
        let remaining = self.remaining.unwrap_or_else(|| burst.saturating_sub(self.used.unwrap_or(0)));
        Some(TierDecision {
            policy: self.policy.as_deref().map_or_else(|| Arc::clone(policy), Into::into),
            id: self.id.as_str().into(),
            algo: self.algo.as_deref().map_or(Some(Algo::TokenBucket), |name| ALGOS.into_iter().find(|algo| algo.as_str() == name))?,
            limit,
            burst,
            period_us: self.period_us.unwrap_or(0),
            remaining,
            used: self.used.unwrap_or_else(|| burst.saturating_sub(remaining)),
            next_unit_us: self.next_unit_us.unwrap_or(0),
            full_at_us: self.full_at_us.unwrap_or(now_us),
            retry_after_us,
            allowed: self.allowed.unwrap_or(!refuses && retry_after_us == 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_follows_from_the_rest() {
        let refused = r#"{"allowed": false, "retry_after_us": 7, "binding": {"tier": "b"}, "now_us": 5, "permit": null,
            "tiers": [{"id": "a", "burst": 3}, {"id": "b", "limit": 2, "remaining": 0, "policy": "p", "algo": "calendar"}]}"#;
        let decision = read_decision(refused).unwrap();
        assert_eq!((&*decision.binding.policy, &*decision.binding.tier, decision.cost, decision.source), ("p", "b", 1, Source::Store));
        let [a, b] = &decision.tiers[..] else { panic!("two were given") };
        assert_eq!((a.limit, a.remaining, a.allowed, a.full_at_us, a.retry_after_us), (3, 3, true, 5, 0));
        assert_eq!((b.burst, b.used, b.allowed, b.retry_after_us, b.algo), (2, 2, false, 7, Algo::Calendar));
        let computed =
            read_decision(r#"{"tiers": [{"id": "a", "limit": 4, "retry_after_us": 1}, {"id": "b", "limit": 4, "retry_after_us": 2}]}"#).unwrap();
        assert_eq!((computed.allowed, &*computed.binding.tier, computed.retry_after_us), (false, "b", 2));
    }

    #[test]
    fn what_no_decision_is() {
        for bad in
            ["", "[]", r#"{"tier": []}"#, r#"{"tiers": [{"id": "a"}]}"#, r#"{"tiers": [{"id": "a", "limit": 1, "algo": "x"}]}"#, r#"{"source": "x"}"#]
        {
            assert!(read_decision(bad).is_none(), "{bad}");
        }
    }
}
