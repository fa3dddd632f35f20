use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::limits::{Atomicity, Binding, Source, parse_headers};
use crate::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;

fn tier(id: &str, limit: u32, period_us: i64) -> TierDecision {
    TierDecision {
        policy: "tenant".into(),
        id: id.into(),
        algo: Algo::TokenBucket,
        limit,
        burst: limit,
        period_us,
        remaining: limit,
        used: 0,
        next_unit_us: 0,
        full_at_us: NOW,
        retry_after_us: 0,
        allowed: true,
    }
}

fn decision(tiers: Vec<TierDecision>, binding: usize) -> Decision {
    let named = &tiers[binding];
    Decision {
        allowed: tiers.iter().all(|tier| tier.allowed),
        source: Source::Store,
        now_us: NOW,
        cost: 1,
        binding: Binding { policy: Arc::clone(&named.policy), tier: Arc::clone(&named.id) },
        retry_after_us: tiers.iter().map(|tier| tier.retry_after_us).max().unwrap(),
        wait_us: None,
        permit: None,
        atomicity: Atomicity::Atomic,
        tiers: tiers.into(),
    }
}

fn both() -> HeaderStyles {
    [HeaderStyle::Legacy, HeaderStyle::Draft10].into_iter().collect()
}

/// The tiers of the preset after so many units, at one instant.
fn seed(used: u32) -> Vec<TierDecision> {
    let after = |mut tier: TierDecision| {
        let unit = tier.period_us / i64::from(tier.limit);
        tier.remaining -= used;
        tier.used = used;
        tier.next_unit_us = if used > 0 { unit } else { 0 };
        tier.full_at_us = NOW + i64::from(used) * unit;
        tier
    };
    [tier("minute", 100, 60_000_000), tier("hour", 5_000, 3_600_000_000), tier("day", 100_000, 86_400_000_000)].map(after).into()
}

fn value(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
}

#[test]
fn the_worked_example() {
    let cases = [(1, r#""minute";r=99;t=60"#, "1795248727"), (40, r#""minute";r=60;t=36"#, "1795248750"), (100, r#""minute";r=0;t=1"#, "1795248786")];
    for (used, first, reset) in cases {
        let mut tiers = seed(used);
        if used == 100 {
            (tiers[0].allowed, tiers[0].retry_after_us) = (false, 600_000);
        }
        let headers = render(&decision(tiers, 0), both());
        assert_eq!(value(&headers, "RateLimit-Policy").unwrap(), r#""minute";q=100;w=60, "hour";q=5000;w=3600, "day";q=100000;w=86400"#);
        assert!(value(&headers, "RateLimit").unwrap().starts_with(&format!("{first}, \"hour\"")));
        assert_eq!(value(&headers, "X-RateLimit-Limit").unwrap(), "100");
        assert_eq!(value(&headers, "X-RateLimit-Remaining").unwrap(), (100 - used).to_string());
        assert_eq!(value(&headers, "X-RateLimit-Reset").unwrap(), reset);
        assert_eq!(value(&headers, "Retry-After"), (used == 100).then(|| "1".to_owned()));
    }
}

#[test]
fn nothing_is_said_unless_it_is_asked_for_but_when_to_try_again() {
    assert_eq!(render(&decision(seed(1), 0), HeaderStyles::default()), []);
    let mut tiers = seed(100);
    (tiers[0].allowed, tiers[0].retry_after_us) = (false, 1_000_001);
    assert_eq!(render(&decision(tiers, 0), HeaderStyles::default()), [("Retry-After".to_owned(), "2".to_owned())]);
}

#[test]
fn windows_are_whole_seconds_or_left_out() {
    let policy_of = |algo, limit, burst, period_us| policy(&TierDecision { algo, burst, ..tier("a", limit, period_us) });
    assert_eq!(policy_of(Algo::TokenBucket, 10, 20, 1_000_000), r#""a";q=20;w=1"#);
    assert_eq!(policy_of(Algo::TokenBucket, 10, 5, 1_500_000), r#""a";q=10"#);
    assert_eq!(policy_of(Algo::SlidingLog, 10, 10, 999_999), r#""a";q=10"#);
    assert_eq!(policy_of(Algo::Calendar, 10, 10, 28 * 86_400_000_000), r#""a";q=10;w=2419200"#);
    assert_eq!(policy_of(Algo::Concurrent, 10, 10, 0), r#""a";q=10;qu="concurrent-requests""#);
    assert_eq!(state(&TierDecision { algo: Algo::Concurrent, ..tier("a", 10, 0) }, Some(1)), r#""a";r=0"#);
}

#[test]
fn of_two_subjects_of_one_policy_the_one_that_refuses_is_shown_so() {
    let mut tiers = vec![tier("minute", 100, 60_000_000), tier("minute", 100, 60_000_000)];
    (tiers[1].allowed, tiers[1].remaining, tiers[1].retry_after_us) = (false, 3, 4_000_000);
    let headers = render(&decision(tiers, 0), both());
    assert_eq!(value(&headers, "RateLimit").unwrap(), r#""minute";r=100;t=60, "minute";r=0;t=4"#);
    assert_eq!((value(&headers, "Retry-After").unwrap(), value(&headers, "X-RateLimit-Remaining").unwrap()), ("4".to_owned(), "3".to_owned()));
}

#[test]
fn the_problem_names_the_tiers_that_refused() {
    let mut tiers = seed(100);
    for (at, retry) in [(0, 600_000), (2, 5_000_000)] {
        (tiers[at].allowed, tiers[at].retry_after_us) = (false, retry);
    }
    let decision = decision(tiers, 2);
    let response = refusal(&decision, HeaderStyles::default(), ErrorFormat::Problem);
    let body = r#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Request cannot be satisfied as assigned quota has been exceeded","status":429,"code":"rate_limited","retryable":true,"reuse_key":true,"detail":"Too many requests; send the same request again after 5 s.","violated-policies":["minute","day"]}"#;
    assert_eq!(String::from_utf8(response.body).unwrap(), body);
    let headers = [("Content-Type", "application/problem+json"), ("Retry-After", "5")];
    assert_eq!(response.headers, headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())));
    let envelope = refusal(&decision, both(), ErrorFormat::Envelope);
    assert_eq!(envelope.body, br#"{"error":{"code":"RATE_LIMITED","message":"Too many requests; send the same request again after 5 s."}}"#);
    assert_eq!((envelope.status, envelope.headers.len()), (429, 7));
    let as_error = Problem::of(&decision.into_result().unwrap_err()).render(ErrorFormat::Problem);
    assert!(as_error.body.starts_with(br#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Request cannot"#));
}

prop_compose! {
    fn any_tier(id: &'static str)(
        algo in prop::sample::select(vec![Algo::TokenBucket, Algo::SlidingLog, Algo::SlidingWindow, Algo::Calendar, Algo::Concurrent]),
        limit in 1..=i32::MAX as u32,
        burst in 1..=i32::MAX as u32,
        left in 0.0..=1.0,
        period_us in prop::sample::select(vec![1_000, 1_000_000, 1_500_000, 60_000_000, 31_622_400_000_000]),
        next_unit_us in 0..=400_000_000_000_000_i64,
        retry in prop::option::of(1..=400_000_000_000_000_i64),
    ) -> TierDecision {
        let burst = if algo == Algo::TokenBucket { burst } else { limit };
        let period_us = if algo == Algo::Concurrent { 0 } else { period_us };
        let remaining = (f64::from(burst) * left) as u32;
        TierDecision {
            algo, burst, remaining, used: burst - remaining, next_unit_us, allowed: retry.is_none(), retry_after_us: retry.unwrap_or(0),
            ..tier(id, limit, period_us)
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_no_client_comes_too_early(a in any_tier("a"), b in any_tier("b"), legacy in any::<bool>(), draft in any::<bool>()) {
        let binding = usize::from(b.retry_after_us > a.retry_after_us);
        let decision = decision(vec![a, b], binding);
        let on = [(legacy, HeaderStyle::Legacy), (draft, HeaderStyle::Draft10)];
        let styles: HeaderStyles = on.into_iter().filter(|(on, _)| *on).map(|(_, style)| style).collect();
        let headers: Vec<_> = render(&decision, styles).into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        let read = parse_headers(&headers, Timestamp::from_micros(NOW));
        prop_assert!(read.wait_us >= decision.retry_after_us, "{read:?}");
        if decision.allowed || !draft {
            prop_assert!(decision.allowed || read.wait_us < decision.retry_after_us + 1_000_000);
        }
        if draft {
            for (at, (tier, limit)) in decision.tiers.iter().zip(&read.limits).enumerate() {
                let remaining = if !decision.allowed && at == binding { 0 } else { tier.remaining };
                prop_assert_eq!((&*limit.name, limit.quota, limit.remaining), (&*tier.id, Some(tier.limit.max(tier.burst).into()), Some(remaining.into())));
                let whole = (tier.period_us > 0 && tier.period_us % 1_000_000 == 0).then_some(tier.period_us as u64 / 1_000_000);
                prop_assert_eq!(limit.window_s, whole);
                match limit.reset_s {
                    None => prop_assert_eq!(tier.algo, Algo::Concurrent),
                    Some(reset) if !decision.allowed && at == binding => prop_assert!(reset as i64 * 1_000_000 >= tier.retry_after_us),
                    Some(reset) => {
                        prop_assert!(reset as i64 * 1_000_000 >= tier.next_unit_us);
                        // No client that divides takes the rate for a higher one: r/t ≤ N/P.
                        prop_assert!(u128::from(tier.remaining) * tier.period_us as u128 <= u128::from(reset) * 1_000_000 * u128::from(tier.limit));
                    }
                }
            }
            prop_assert_eq!(read.limits.len(), decision.tiers.len());
        }
    }
}
