//! The calls of `limits.sequence` on limits.

use std::collections::HashMap;
use std::time::Duration;

use gatewright::Error;
use gatewright::encode;
use gatewright::limits::{Decision, ServerLimit, ServerLimits, TierDecision};
use serde_json::{Value, json};

use super::{Answer, Attempts, Step, headers_of, lockout};
use crate::policy::whole;
use crate::shape::{header, list};

/// What the steps of a test keep: decisions and attempts, by the name they were saved under.
#[derive(Debug, Default)]
pub(crate) struct Metered {
    decisions: HashMap<String, Decision>,
    attempts: Attempts,
}

/// Runs one step. What it gives goes into `kept`.
pub(crate) async fn call(op: &str, step: Step<'_>, kept: &mut Metered) -> Answer {
    let limits = step.gate.limits().with_context(step.context());
    let (policy, subject) = (step.text("policy"), step.text("subject"));
    let decision = match op {
        "check" => limits.check(policy, subject, cost(step.members.get("cost"))?).await?,
        "peek" => limits.peek(policy, subject).await?,
        "check_all" => {
            let bundle = list(step.members.get("bundle")).iter().map(item).collect::<Result<Vec<_>, _>>()?;
            limits.check_all(&bundle).await?
        }
        "reserve" => limits.reserve(policy, subject, cost(step.members.get("cost"))?, max_wait(step.members.get("max_wait"))?).await?,
        "refund" => {
            let saved = kept.decisions.get(step.text("permit").trim_start_matches('$'));
            let Some(permit) = saved.and_then(|decision| decision.permit.as_ref()) else {
                return Err(Error::Internal("the vector names a permit that no call gave"));
            };
            let all = permit.cost();
            limits.refund(permit, step.members.get("cost").map_or(Ok(all), |given| cost(Some(given)))?).await?
        }
        "reset" => limits.reset(policy, subject).await?,
        "check_local" => limits.check_local(policy, subject, cost(step.members.get("cost"))?)?,
        "allow_local" => {
            let allowed = limits.allow_local(policy, subject, cost(step.members.get("cost"))?)?;
            return Ok(json!({ "value": allowed }));
        }
        "headers" => {
            let Some(saved) = kept.decisions.get(step.text("decision").trim_start_matches('$')) else {
                return Err(Error::Internal("the vector names a decision that no call gave"));
            };
            return Ok(headers_of(&limits.headers(saved)));
        }
        "parse_headers" => {
            let headers: Vec<_> = list(step.members.get("headers")).iter().filter_map(header).collect();
            return Ok(server(&limits.parse_headers(&headers)));
        }
        _ => return lockout(op, step, &mut kept.attempts).await,
    };
    let offers = decided(&decision);
    if let Some(name) = step.optional("save") {
        kept.decisions.insert(name.to_owned(), decision);
    }
    Ok(offers)
}

/// A cost; 1 where it is absent.
fn cost(given: Option<&Value>) -> Result<u32, Error> {
    let Some(given) = given else { return Ok(1) };
    let wrong = || Error::invalid_argument("cost", "give a whole number from 0 to 4294967295");
    whole(given).and_then(|cost| cost.try_into().ok()).ok_or_else(wrong)
}

/// µs, or a duration as a policy writes it. The shape of the file knows no other.
fn max_wait(given: Option<&Value>) -> Result<Duration, Error> {
    let wrong = || Error::invalid_argument("max_wait", "give a duration of 0 or more");
    let micros = given.and_then(|given| whole(given).or_else(|| given.as_str().and_then(crate::shape::duration)));
    micros.and_then(|micros| micros.try_into().ok()).map(Duration::from_micros).ok_or_else(wrong)
}

/// `[policy, subject, cost]` or `{policy, subject, cost}`.
fn item(item: &Value) -> Result<(&str, &str, u32), Error> {
    let member = |at: usize, name: &str| item.get(at).or_else(|| item.get(name));
    let text = |at: usize, name: &str| member(at, name).and_then(Value::as_str).unwrap_or_default();
    Ok((text(0, "policy"), text(1, "subject"), cost(member(2, "cost"))?))
}

/// What a server tells of its limits, by the names of the contract.
fn server(server: &ServerLimits) -> Value {
    let limit = |limit: &ServerLimit| {
        json!({
            "name": limit.name,
            "quota": limit.quota,
            "window_s": limit.window_s,
            "remaining": limit.remaining,
            "reset_s": limit.reset_s,
            "unit": limit.unit,
            "partition_key": limit.partition_key.as_ref().map(|key| json!({ "hex": encode::hex(key) })),
        })
    };
    json!({ "wait_us": server.wait_us, "limits": server.limits.iter().map(limit).collect::<Vec<_>>() })
}

/// A decision by the names of the contract.
fn decided(decision: &Decision) -> Value {
    json!({
        "allowed": decision.allowed,
        "source": decision.source.as_str(),
        "now_us": decision.now_us,
        "cost": decision.cost,
        "binding": { "policy": &*decision.binding.policy, "tier": &*decision.binding.tier },
        "retry_after_us": decision.retry_after_us,
        "wait_us": decision.wait_us,
        "tiers": decision.tiers.iter().map(tier).collect::<Vec<_>>(),
        "permit": decision.permit.as_ref().map(|permit| json!({ "cost": permit.cost() })),
        "atomicity": decision.atomicity.as_str(),
    })
}

fn tier(tier: &TierDecision) -> Value {
    json!({
        "policy": &*tier.policy,
        "id": &*tier.id,
        "algo": tier.algo.as_str(),
        "limit": tier.limit,
        "burst": tier.burst,
        "period_us": tier.period_us,
        "remaining": tier.remaining,
        "used": tier.used,
        "next_unit_us": tier.next_unit_us,
        "full_at_us": tier.full_at_us,
        "retry_after_us": tier.retry_after_us,
        "allowed": tier.allowed,
    })
}
