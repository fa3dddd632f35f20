//! What an answer says of a decision.

use std::fmt::Write;

use super::style::{HeaderStyle, HeaderStyles};
use crate::http::{ErrorFormat, Problem, Response};
use crate::limits::{Algo, Decision, TierDecision};

/// The headers of a decision: the families that are on, and of a refusal `Retry-After` in any case.
pub(crate) fn render(decision: &Decision, styles: HeaderStyles) -> Vec<(String, String)> {
    let mut headers = Vec::with_capacity(6);
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    let binding = decision.binding_tier();
    if let Some(tier) = binding.filter(|_| styles.has(HeaderStyle::Legacy)) {
        add("X-RateLimit-Limit", tier.burst.to_string());
        add("X-RateLimit-Remaining", tier.remaining.to_string());
        add("X-RateLimit-Reset", seconds(tier.full_at_us).to_string());
    }
    if styles.has(HeaderStyle::Draft10) && !decision.tiers.is_empty() {
        add("RateLimit-Policy", list(decision, policy));
        add("RateLimit", {
            let refuses = |tier| !decision.allowed && binding.is_some_and(|binding| std::ptr::eq(binding, tier));
            list(decision, |tier| state(tier, refuses(tier).then_some(decision.retry_after_us)))
        });
    }
    if !decision.allowed {
        add("Retry-After", retry_after(decision.retry_after_us).to_string());
    }
    headers
}

/// The answer to a request that was refused.
pub(crate) fn refusal(decision: &Decision, styles: HeaderStyles, format: ErrorFormat) -> Response {
    let headers = render(decision, styles);
    let retry = headers.iter().find(|(name, _)| name == "Retry-After").map(|(_, seconds)| seconds.as_str());
    let message = format!("too many requests; send the same request again after {} s", retry.unwrap_or("0"));
    let violated = decision.tiers.iter().filter(|tier| !tier.allowed).map(|tier| tier.id.to_string()).collect();
    let response = Problem::new("rate_limited", message).violated_policies(violated).render(format);
    headers.into_iter().fold(response, |response, (name, value)| response.header(name, value))
}

fn list(decision: &Decision, item: impl Fn(&TierDecision) -> String) -> String {
    decision.tiers.iter().map(item).collect::<Vec<_>>().join(", ")
}

/// `"minute";q=100;w=60`. Ids need no escape: they were checked when the policy was loaded.
fn policy(tier: &TierDecision) -> String {
    let mut item = format!("\"{}\";q={}", tier.id, tier.limit.max(tier.burst));
    if tier.algo == Algo::Concurrent {
        item.push_str(";qu=\"concurrent-requests\"");
    } else if tier.period_us > 0 && tier.period_us % MICROS == 0 {
        // Writing to a text cannot fail.
        let _ = write!(item, ";w={}", sf_integer((tier.period_us / MICROS).into()));
    }
    item
}

/// `"minute";r=60;t=36`.
fn state(tier: &TierDecision, refuses_for: Option<i64>) -> String {
    let remaining = if refuses_for.is_some() { 0 } else { tier.remaining };
    let mut item = format!("\"{}\";r={remaining}", tier.id);
    if tier.algo != Algo::Concurrent {
        let time = refuses_for.map_or_else(|| window(tier), retry_after);
        let _ = write!(item, ";t={time}");
    }
    item
}

/// After how many seconds there is more, and at least so many that nobody who divides by them takes the rate for a higher one.
fn window(tier: &TierDecision) -> i64 {
    let taken_in = i128::from(tier.remaining) * i128::from(tier.period_us.max(0));
    let sustained = ceil_div(taken_in, i128::from(tier.limit.max(1)) * i128::from(MICROS));
    sf_integer(sustained.max(seconds(tier.next_unit_us).into()))
}

/// Whole seconds, never 0 and never too few.
fn retry_after(micros: i64) -> i64 {
    seconds(micros).max(1)
}

/// Rounded up; nothing is before the epoch.
fn seconds(micros: i64) -> i64 {
    sf_integer(ceil_div(micros.into(), MICROS.into()))
}

/// Rounded up, for a divisor above 0.
const fn ceil_div(dividend: i128, divisor: i128) -> i128 {
    dividend.div_euclid(divisor) + if dividend.rem_euclid(divisor) > 0 { 1 } else { 0 }
}

/// What an Integer of RFC 9651 holds.
fn sf_integer(number: i128) -> i64 {
    i64::try_from(number.clamp(0, MAX_INTEGER)).unwrap_or(0)
}

const MICROS: i64 = 1_000_000;
const MAX_INTEGER: i128 = 999_999_999_999_999;

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
