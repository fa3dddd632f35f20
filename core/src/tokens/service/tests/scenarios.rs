//! Stores that were edited, restored or rolled back, and thefts as they go.

use std::time::Duration;

use super::{DAY, Fixture, policy};
use crate::event::Context;
use crate::keys::KeyState;
use crate::store::conformance::block_on;
use crate::store::{Expect, Key, Kind, Next, Record, Store, Swap, Swapped};
use crate::time::Timestamp;
use crate::tokens::refresh::token::FamilyId;
use crate::tokens::session::{Session, Status, session_key};
use crate::tokens::types::TokenPair;

impl Fixture {
    fn family(&self, pair: &TokenPair) -> FamilyId {
        super::super::end::family_of(&pair.session_id).unwrap()
    }

    fn record(&self, key: Key) -> Option<Record> {
        block_on(self.store.load(&[key])).unwrap().records.remove(0)
    }

    fn session_record(&self, pair: &TokenPair) -> Record {
        self.record(session_key(&self.family(pair)).unwrap()).unwrap()
    }

    /// Puts a record back as it was, as a restored backup does.
    fn restore(&self, old: &Record) {
        let now = block_on(self.store.load(std::slice::from_ref(&old.key))).unwrap();
        let expect = now.records[0].as_ref().map_or(Expect::Absent, |record| Expect::Version(record.version));
        let next = Next::Put { group: old.group.clone(), expires_at: old.expires_at, value: old.value.clone() };
        let reply = block_on(self.store.swap(Swap { key: old.key.clone(), expect, next, decided_at: now.now })).unwrap();
        assert!(matches!(reply.outcome, Swapped::Written(_)));
    }

    fn edit(&self, pair: &TokenPair, change: impl FnOnce(&mut Session)) {
        let mut record = self.session_record(pair);
        let mut session = Session::from_bytes(&record.value).unwrap();
        change(&mut session);
        record.value = session.to_bytes();
        self.restore(&record);
    }
}

#[test]
fn an_edit_of_anything_fixed_at_login_breaks_the_row() {
    type Edit = fn(&mut Session);
    let edits: [(&str, Edit); 8] = [
        ("subject", |session| session.login.subject = "u-1".to_owned()),
        ("scope", |session| session.login.scope = "admin".to_owned()),
        ("roles", |session| session.login.roles.push("admin".to_owned())),
        ("claims", |session| session.login.claims = "{\"admin\":true}".to_owned()),
        ("absolute end", |session| session.login.abs_expires_at = session.login.abs_expires_at.plus(DAY)),
        ("idle", |session| session.login.idle += 1),
        ("version", |session| session.login.token_version = [1, 0, 0]),
        ("prefix", |session| session.login.prefix = crate::tokens::refresh::token::Prefix::Device),
    ];
    for (what, edit) in edits {
        let fixture = Fixture::new(policy());
        let pair = fixture.login("web");
        fixture.edit(&pair, edit);
        assert_eq!(fixture.outcome(&pair), "fork", "{what}");
        assert_eq!(fixture.outcome(&pair), "revoked", "{what}");
    }
}

#[test]
fn setting_the_status_back_revives_nothing() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    fixture.log_out(&pair).unwrap();
    fixture.edit(&pair, |session| session.status = Status::Active);
    assert_eq!(fixture.outcome(&pair), "fork");
}

#[test]
fn a_store_that_was_restored_is_behind_and_reports_no_theft() {
    let fixture = Fixture::new(policy());
    let first = fixture.login("web");
    let backup = fixture.session_record(&first);
    let second = fixture.refresh(&first).unwrap();
    fixture.restore(&backup);
    assert_eq!(fixture.outcome(&second), "store_behind");
    assert_eq!(fixture.outcome(&first), "rotated");
    // Two successors of one parent now exist: who presents the lost one is told apart.
    assert_eq!(fixture.outcome(&second), "fork");
}

#[test]
fn a_lost_epoch_is_raised_again_by_a_family_that_carries_it() {
    let fixture = Fixture::new(policy());
    let old = fixture.login("web");
    let version = block_on(fixture.service.bump_subject("acme", "u-42", "breach", &Context::default())).unwrap();
    let new = fixture.login("web");
    let key = crate::tokens::epoch::Level::subject("acme", "u-42").key().unwrap();
    let record = fixture.record(key.clone()).unwrap();
    let swap = Swap { key, expect: Expect::Version(record.version), next: Next::Remove, decided_at: Timestamp::from_micros(super::START) };
    assert!(matches!(block_on(fixture.store.swap(swap)).unwrap().outcome, Swapped::Written(_)));
    assert_eq!(fixture.outcome(&new), "rotated");
    assert_eq!(fixture.outcome(&old), "version_too_old");
    let again = block_on(fixture.service.bump_subject("acme", "u-42", "breach", &Context::default())).unwrap();
    assert!(again > version);
}

/// Who can edit one row must not be able to log everybody out by it.
#[test]
fn versions_that_were_edited_into_a_row_raise_no_epoch() {
    let fixture = Fixture::new(policy());
    let (edited, bystander) = (fixture.login("web"), fixture.login("web"));
    fixture.edit(&edited, |session| session.login.token_version = [u64::MAX; 3]);
    assert_eq!(fixture.outcome(&edited), "fork");
    assert_eq!(fixture.outcome(&bystander), "rotated");
    let other = fixture.login("web");
    assert_eq!(fixture.outcome(&other), "rotated");
}

#[test]
fn a_deny_record_that_is_gone_is_put_again_by_the_next_refusal() {
    let fixture = Fixture::new(policy());
    let pair = fixture.login("web");
    fixture.log_out(&pair).unwrap();
    let key = crate::tokens::epoch::Denial::Family(fixture.family(&pair)).key().unwrap();
    let record = fixture.record(key.clone()).unwrap();
    let swap =
        Swap { key: key.clone(), expect: Expect::Version(record.version), next: Next::Remove, decided_at: Timestamp::from_micros(super::START) };
    block_on(fixture.store.swap(swap)).unwrap();
    fixture.at(Duration::from_secs(5));
    assert_eq!(fixture.verdict(&pair), "valid");
    assert_eq!(fixture.outcome(&pair), "revoked");
    assert_eq!(fixture.verdict(&pair), "jwt_revoked");
    let again = fixture.record(key).unwrap();
    assert!(again.group.is_some() && again.expires_at <= record.expires_at);
}

#[test]
fn many_rotations_leave_one_record_of_constant_size() {
    let fixture = Fixture::new(policy());
    let mut pair = fixture.login("web");
    pair = fixture.refresh(&pair).unwrap();
    let size = fixture.session_record(&pair).value.len();
    for _ in 0..20_000 {
        pair = fixture.refresh(&pair).unwrap();
    }
    assert_eq!(fixture.session_record(&pair).value.len(), size);
    assert_eq!(block_on(fixture.store.list(Kind::Session, None, None, 500)).unwrap().records.len(), 1);
}

/// Thief and owner both hold a token and refresh in turn, each once per access lifetime: the later of the two is caught in the
/// first generation that they present more than `W_conc` apart.
#[test]
fn thief_and_owner_are_told_apart_at_once() {
    let fixture = Fixture::new(policy());
    let stolen = fixture.login("web");
    fixture.at(Duration::from_secs(600));
    let owner = fixture.refresh(&stolen).unwrap();
    fixture.at(Duration::from_secs(616));
    assert_eq!(fixture.outcome(&stolen), "reuse");
    assert_eq!(fixture.outcome(&owner), "revoked");
    assert_eq!(fixture.verdict(&owner), "jwt_revoked");
}

#[test]
fn a_thief_in_step_with_the_owner_is_caught_when_they_part() {
    let fixture = Fixture::new(policy());
    let mut owner = fixture.login("web");
    let mut thief = owner.clone();
    for round in 1..5 {
        fixture.at(Duration::from_secs(round * 600));
        owner = fixture.refresh(&owner).unwrap();
        fixture.at(Duration::from_secs(round * 600 + 10));
        thief = fixture.refresh(&thief).unwrap();
        assert_eq!(owner.refresh_token, thief.refresh_token);
    }
    fixture.at(Duration::from_secs(3_000));
    fixture.refresh(&owner).unwrap();
    fixture.at(Duration::from_secs(3_016));
    assert_eq!(fixture.outcome(&thief), "reuse");
}

#[test]
fn a_second_theft_within_a_day_ends_all_where_the_policy_says_so() {
    let mut escalating = policy();
    escalating.escalate_reuse = true;
    let fixture = Fixture::new(escalating);
    let (first, second, bystander) = (fixture.login("web"), fixture.login("web"), fixture.login("web"));
    for stolen in [&first, &second] {
        fixture.refresh(stolen).unwrap();
    }
    fixture.at(Duration::from_secs(100));
    assert_eq!(fixture.outcome(&first), "reuse");
    assert_eq!(fixture.verdict(&bystander), "valid");
    assert_eq!(fixture.outcome(&second), "reuse");
    assert_eq!(fixture.verdict(&bystander), "jwt_revoked");
    assert_eq!(fixture.outcome(&bystander), "version_too_old");
    let after = fixture.login("web");
    assert_eq!(fixture.outcome(&after), "rotated");
}

/// A day back: the windows stay open, and shut at the next rotation. A day forward: only the retry that was under way is late.
#[test]
fn a_clock_that_steps_by_a_day_logs_nobody_out() {
    let fixture = Fixture::new(policy());
    let first = fixture.login("web");
    fixture.at(DAY * 2);
    let second = fixture.refresh(&first).unwrap();
    fixture.at(DAY);
    assert_eq!(fixture.refresh(&first).unwrap().refresh_token, second.refresh_token);
    let third = fixture.refresh(&second).unwrap();
    fixture.at(DAY * 3);
    let fourth = fixture.refresh(&third).unwrap();
    assert_eq!(fixture.outcome(&third), "retry_concurrent");
    fixture.at(DAY * 4);
    assert_eq!(fixture.outcome(&fourth), "rotated");
    assert_eq!(fixture.outcome(&third), "reuse");
}

/// A server that has not heard of a new root yet says `unavailable`, to a token and to a row; a root that was dropped is another
/// thing.
#[test]
fn a_roll_out_of_roots_logs_nobody_out() {
    let fixture = Fixture::new(policy());
    let newer = fixture.beside(&[(1, KeyState::Retired), (2, KeyState::Active)]);
    let dropped = fixture.beside(&[(2, KeyState::Active)]);
    let first = fixture.login("web");
    let second = newer.refresh(&first).unwrap();
    fixture.store.take_calls();
    assert_eq!(fixture.outcome(&second), "unavailable");
    assert_eq!(dropped.outcome(&first), "malformed");
    assert_eq!(fixture.store.take_calls(), 0);
    // The parent's root is held, that of the row is not.
    assert_eq!(fixture.outcome(&first), "unavailable");
    assert_eq!(newer.refresh(&first).unwrap().refresh_token, second.refresh_token);
    assert_eq!(dropped.outcome(&second), "rotated");
}
