//! Stores that fail: nothing is consumed, nothing is reported as theft, and who calls again gets through.

use std::time::Duration;

use super::store::Fault;
use super::{Fixture, policy};
use crate::store::conformance::block_on;
use crate::tokens::types::Refresh;

const KEY: [u8; 16] = [3; 16];

#[test]
fn garbage_makes_no_store_call() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let good = pair.refresh_token.unwrap();
    fixture.store.take_calls();
    for at in 0..1_000_usize {
        let mut text: Vec<u8> = good.bytes().collect();
        let place = at % text.len();
        text[place] = b"AbZ09_-x"[at / text.len() % 8];
        let text = String::from_utf8(text).unwrap();
        if text != good {
            assert_eq!(block_on(fixture.service.refresh(&text, &Refresh::new())).unwrap_err().code(), "malformed");
        }
    }
    for text in ["", "gwr1_", "a.b.c", &"x".repeat(105), &good.repeat(2), good.trim_start_matches('g'), "é", &good.replace("gwr1_", "gwd1_")] {
        assert_eq!(block_on(fixture.service.refresh(text, &Refresh::new())).unwrap_err().code(), "malformed");
    }
    assert_eq!(fixture.store.take_calls(), 0);
}

#[test]
fn a_rotation_takes_two_round_trips() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    fixture.at(Duration::from_secs(60));
    // The first of a tenant and process also loads two epochs into the view.
    let pair = fixture.refresh(&pair).unwrap();
    fixture.at(Duration::from_secs(120));
    fixture.store.take_calls();
    fixture.refresh(&pair).unwrap();
    assert_eq!(fixture.store.take_calls(), 2);
}

/// Fails the n-th call of a refresh, for every n there is, in both ways; then the client sends the same request again.
#[test]
fn a_store_that_fails_at_any_call_of_a_refresh_consumes_nothing() {
    for fault in [Fault::Request, Fault::Reply] {
        for at in 0.. {
            let fixture = Fixture::new(policy());
            let pair = fixture.login("app");
            fixture.at(Duration::from_secs(60));
            fixture.store.fail_after(at, fault);
            let first = fixture.refresh_with(&pair, Refresh::new().retry_key(KEY));
            if fixture.store.heal() {
                assert!(at >= 2, "a refresh makes at least two calls");
                break;
            }
            if let Err(error) = &first {
                assert_eq!(error.code(), "unavailable");
            }
            fixture.at(Duration::from_secs(90));
            let again = fixture.refresh_with(&pair, Refresh::new().retry_key(KEY)).unwrap();
            if let Ok(first) = first {
                assert_eq!(first.refresh_token, again.refresh_token);
            }
            fixture.at(Duration::from_secs(700));
            assert_eq!(fixture.outcome(&again), "rotated", "call {at}");
        }
    }
}

/// An end that stops between the lasting record and the deny record is `unavailable`, and calling again completes it.
#[test]
fn a_store_that_fails_at_any_call_of_a_log_out_leaves_nothing_half_said() {
    for fault in [Fault::Request, Fault::Reply] {
        for at in 0.. {
            let fixture = Fixture::new(policy());
            let pair = fixture.login("web");
            fixture.store.fail_after(at, fault);
            let first = fixture.log_out(&pair);
            if fixture.store.heal() {
                assert!(at >= 3, "a log-out loads, ends and denies");
                break;
            }
            assert!(first.is_ok_and(|()| false) || at < 3, "call {at} failed and the log-out said nothing of it");
            fixture.log_out(&pair).unwrap();
            assert_eq!(fixture.outcome(&pair), "revoked");
            fixture.at(Duration::from_secs(1));
            assert_eq!(fixture.verdict(&pair), "jwt_revoked", "call {at}");
        }
    }
}

#[test]
fn a_view_that_cannot_be_read_fails_closed_and_heals() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    fixture.clock.set(crate::time::Timestamp::from_micros(super::START).plus(Duration::from_secs(60)));
    assert_eq!(fixture.verdict(&pair), "valid");
    fixture.clock.set(crate::time::Timestamp::from_micros(super::START).plus(Duration::from_micros(60_000_001)));
    assert_eq!(fixture.verdict(&pair), "unavailable");
    assert_eq!(fixture.outcome(&pair), "unavailable");
    fixture.store.fail_after(0, Fault::Request);
    assert_eq!(block_on(fixture.service.refresh_view()).unwrap_err().code(), "unavailable");
    assert_eq!(fixture.verdict(&pair), "unavailable");
    fixture.at(Duration::from_secs(61));
    assert_eq!(fixture.verdict(&pair), "valid");
    assert_eq!(fixture.outcome(&pair), "rotated");
}
