//! Calls that meet each other between two steps.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::{Fixture, policy};
use crate::error::Result;
use crate::event::Context;
use crate::store::conformance::block_on;
use crate::tokens::types::{Refresh, TokenPair};

/// Runs `other` between the load and the swap of a refresh, and gives what both came to.
fn between(fixture: &Fixture, pair: &TokenPair, other: impl FnOnce() -> &'static str + Send + 'static) -> (Result<TokenPair>, &'static str) {
    let said = Arc::new(Mutex::new(""));
    let heard = said.clone();
    fixture.store.before_next_swap(move || *heard.lock().unwrap() = other());
    let outcome = fixture.refresh(pair);
    let said = *said.lock().unwrap();
    (outcome, said)
}

#[test]
fn all_who_race_on_one_token_get_one_successor() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let pairs: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(|| fixture.refresh(&pair).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let successors: HashSet<_> = pairs.iter().map(|pair| pair.refresh_token.clone()).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(pairs.iter().filter(|pair| pair.outcome.as_str() == "rotated").count(), 1);
    let access: HashSet<_> = pairs.iter().map(|pair| pair.access_token.clone()).collect();
    assert_eq!(access.len(), 24);
}

#[test]
fn a_winner_between_load_and_swap_leaves_the_loser_the_same_token() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let (service, token) = (fixture.service.clone(), pair.refresh_token.clone().unwrap());
    let winner = Arc::new(Mutex::new(None));
    let kept = winner.clone();
    let (loser, _) = between(&fixture, &pair, move || {
        let won = block_on(service.refresh(&token, &Refresh::new())).unwrap();
        let outcome = won.outcome.as_str();
        *kept.lock().unwrap() = won.refresh_token;
        outcome
    });
    let loser = loser.unwrap();
    assert_eq!(loser.outcome.as_str(), "retry_concurrent");
    assert_eq!(loser.refresh_token, *winner.lock().unwrap());
}

/// The loser's server was paused for an hour, and the winner's has rotated twice meanwhile: no evidence of theft.
#[test]
fn a_loser_that_was_current_is_no_thief_however_late_it_is() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let (service, clock, token) = (fixture.service.clone(), fixture.clock.clone(), pair.refresh_token.clone().unwrap());
    let (loser, _) = between(&fixture, &pair, move || {
        let next = block_on(service.refresh(&token, &Refresh::new())).unwrap();
        clock.set(crate::time::Timestamp::from_micros(super::START).plus(Duration::from_secs(3_600)));
        block_on(service.refresh_view()).unwrap();
        block_on(service.refresh(&next.refresh_token.unwrap(), &Refresh::new())).unwrap();
        ""
    });
    assert_eq!(loser.unwrap_err().code(), "unavailable");
    // The family lives; only now, presented from outside the race, is the old token reuse.
    assert_eq!(fixture.verdict(&pair), "jwt_expired");
    assert_eq!(fixture.outcome(&pair), "reuse");
}

#[test]
fn a_log_out_between_load_and_swap_wins() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let (service, token) = (fixture.service.clone(), pair.refresh_token.clone().unwrap());
    let (loser, _) = between(&fixture, &pair, move || {
        block_on(service.revoke(&token, &Context::default())).unwrap();
        ""
    });
    assert_eq!(loser.unwrap_err().code(), "revoked");
    assert_eq!(fixture.verdict(&pair), "jwt_revoked");
}

#[test]
fn log_outs_and_rotations_at_once_leave_no_living_token() {
    for _ in 0..50 {
        let fixture = Fixture::new(policy());
        let pair = fixture.login("web");
        let rotated = thread::scope(|scope| {
            let rotated = scope.spawn(|| fixture.refresh(&pair));
            fixture.log_out(&pair).unwrap();
            rotated.join().unwrap()
        });
        assert_eq!(fixture.outcome(&pair), "revoked");
        if let Ok(next) = rotated {
            assert_eq!(fixture.outcome(&next), "revoked");
            assert_eq!(fixture.verdict(&next), "jwt_revoked");
        }
    }
}

#[test]
fn bumps_at_once_all_succeed_and_kill_what_was_before() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    let versions: Vec<_> = thread::scope(|scope| {
        let bump = || block_on(fixture.service.bump_subject("acme", "u-42", "breach", &Context::default())).unwrap();
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(bump)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(versions.iter().all(|version| *version >= u64::try_from(super::START).unwrap()));
    assert_eq!(fixture.outcome(&pair), "version_too_old");
    let after = fixture.login("web");
    assert_eq!(fixture.outcome(&after), "rotated");
}
