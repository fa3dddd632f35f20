//! [`decide`] against the table of `docs/tokens.md`, written down as data: random records, requests and clocks are built from
//! facts, the first row whose condition holds on the *facts* is what must come out, and nothing here asks the code under test.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::error::{ExpiredReason, RefreshError, RevokedReason};
use crate::keys::{KeyState, Keyring, RootKey};
use crate::secret::SecretBytes;
use crate::time::Timestamp;
use crate::tokens::policy::{ClientKind, ClientPolicy, OnBindingMismatch, StoreBehind, TokensPolicy, ViewPolicy};
use crate::tokens::refresh::decide::{Decision, Moment, Presented, decide};
use crate::tokens::refresh::ratchet::{RefreshKeys, retry_key_hash};
use crate::tokens::refresh::token::{Prefix, RefreshToken};
use crate::tokens::session::{Live, Login, Previous, Session, Status, Use};
use crate::tokens::types::Device;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const START: i64 = 1_795_248_000_000_000;
/// Roots 1 and 2 are held, 2 is active.
const ACTIVE: u8 = 2;
const KEYS: [[u8; 16]; 2] = [[1; 16], [2; 16]];
const NONCE: [u8; 32] = [77; 32];

/// Given with a call: nothing, what the session has, or something else.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Given {
    Nothing,
    Same,
    Other,
}

/// All that a decision may depend on.
#[derive(Debug, Clone)]
struct Facts {
    in_policy: bool,
    confidential: bool,
    key_required: bool,
    lost_window: i64,
    revoke_mismatch: bool,
    failover_left: Option<i64>,
    client: Given,
    tenant: Given,
    device: Given,
    ended: Option<RevokedReason>,
    hashes_gone: bool,
    login_edited: bool,
    hash_edited: bool,
    too_old: [bool; 3],
    /// Time since the rotation; the clock may have stepped back.
    age: i64,
    absolute_left: i64,
    idle_left: i64,
    generation: u32,
    /// Of the token, against the record's.
    ahead: i64,
    row_kid: u8,
    parent_kid: u8,
    right_kid: bool,
    right_secret: bool,
    right_prefix: bool,
    retry_key: Given,
    key_kept: bool,
    confirmed: Option<i64>,
    was_current: bool,
    access_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Verdict {
    Mismatch,
    MismatchEnds,
    Revoked,
    TooOld,
    Absolute,
    Idle,
    Generations,
    Unavailable,
    Behind,
    Adopted,
    Fork,
    Rotated,
    Concurrent,
    Lost,
    AccessOnly,
    Reuse,
}

type Row = (&'static str, fn(&Facts) -> bool, Verdict);

/// The first that holds decides; the last one always does.
const TABLE: &[Row] = &[
    ("3, another client or tenant", |f| f.is_stranger() && f.revoke_mismatch && f.ended.is_none(), Verdict::MismatchEnds),
    ("3, the same", Facts::is_stranger, Verdict::Mismatch),
    ("3, left the policy", |f| !f.in_policy, Verdict::Mismatch),
    ("3, not confidential", |f| f.access_only && !f.confidential, Verdict::Mismatch),
    ("3, no retry key", |f| !f.access_only && f.key_required && f.retry_key == Given::Nothing, Verdict::Mismatch),
    ("4", |f| f.ended.is_some(), Verdict::Revoked),
    ("5", |f| f.too_old.contains(&true), Verdict::TooOld),
    ("6, no whole second left", |f| (f.now() + f.absolute_left).div_euclid(SECOND) <= f.now().div_euclid(SECOND), Verdict::Absolute),
    ("6, idle", |f| f.age >= f.idle(), Verdict::Idle),
    ("a root that is not held", |f| f.row_kid > ACTIVE, Verdict::Unavailable),
    ("10, adopted at the end", |f| f.is_adopted() && f.token_generation() == u32::MAX, Verdict::Generations),
    ("10, adopted", Facts::is_adopted, Verdict::Adopted),
    ("10", |f| f.ahead > 0, Verdict::Behind),
    ("7, at the end", |f| f.is_current() && f.generation == u32::MAX, Verdict::Generations),
    ("7, access only", |f| f.is_current() && f.access_only, Verdict::AccessOnly),
    ("7", Facts::is_current, Verdict::Rotated),
    ("11, paused", |f| (f.ahead == 0 || f.hashes_gone) && f.was_current, Verdict::Unavailable),
    ("11", |f| f.ahead == 0 || f.hashes_gone, Verdict::Fork),
    ("8, another successor, paused", |f| f.may_retry() && f.hash_edited && f.was_current, Verdict::Unavailable),
    ("8, another successor", |f| f.may_retry() && f.hash_edited, Verdict::Fork),
    ("8, access only", |f| f.may_retry() && f.access_only, Verdict::AccessOnly),
    ("8a", |f| f.is_parent() && f.is_concurrent(), Verdict::Concurrent),
    ("8b", |f| f.is_parent() && f.is_lost(), Verdict::Lost),
    ("9, paused", |f| f.was_current, Verdict::Unavailable),
    ("9", |_| true, Verdict::Reuse),
];

impl Facts {
    fn now(&self) -> i64 {
        START + self.age
    }

    /// No policy allows less than an instant.
    fn idle(&self) -> i64 {
        (self.age + self.idle_left).max(1)
    }

    fn token_generation(&self) -> u32 {
        u32::try_from((i64::from(self.generation) + self.ahead).clamp(0, i64::from(u32::MAX))).unwrap()
    }

    fn is_stranger(&self) -> bool {
        self.client == Given::Other || self.tenant == Given::Other
    }

    fn is_adopted(&self) -> bool {
        let declared = self.failover_left.is_some_and(|left| left > 0);
        matches!(self.ahead, 1 | 2) && declared && self.right_prefix && !self.hashes_gone && !self.access_only
    }

    /// The token is the one that the record was written with, and the record was not edited.
    fn is_whole(&self) -> bool {
        self.right_prefix && self.right_kid && self.right_secret && !self.login_edited && !self.hashes_gone
    }

    fn is_current(&self) -> bool {
        self.ahead == 0 && self.is_whole() && !self.hash_edited
    }

    fn is_parent(&self) -> bool {
        self.ahead == -1 && self.is_whole()
    }

    fn has_key(&self) -> bool {
        self.access_only || (self.key_kept && self.retry_key == Given::Same)
    }

    fn counted_age(&self) -> i64 {
        if self.was_current { 0 } else { self.age.max(0) }
    }

    fn is_concurrent(&self) -> bool {
        self.counted_age() <= 15 * SECOND && (self.has_key() || !self.key_required)
    }

    fn is_lost(&self) -> bool {
        let window = if self.device == Given::Other { 0 } else { self.lost_window };
        let open = self.confirmed.is_none_or(|ago| ago <= 120 * SECOND);
        self.counted_age() <= window && self.has_key() && open
    }

    fn may_retry(&self) -> bool {
        self.is_parent() && (self.is_concurrent() || self.is_lost())
    }

    /// Facts from choices: mostly what lets a request through, so that the last rows are reached as often as the first.
    fn choose(choices: [u16; 32]) -> Self {
        let mut choices = choices.into_iter();
        let mut of = |n: usize| usize::from(choices.next().unwrap()) % n;
        let mut rarely = |n: usize| of(n) == 0;
        let [in_policy, revoke_mismatch, confidential, key_required] = [!rarely(20), rarely(2), !rarely(3), rarely(3)];
        let [hashes_gone, login_edited, hash_edited, was_current] = [rarely(15), rarely(15), rarely(8), rarely(5)];
        let too_old = [rarely(30), rarely(30), rarely(30)];
        let [right_kid, right_secret, right_prefix, key_kept, access_only] = [!rarely(8), !rarely(8), !rarely(12), !rarely(4), rarely(4)];
        let given = |choice: usize, rare: usize| match choice % rare {
            0 => Given::Other,
            n if n % 2 == 0 => Given::Nothing,
            _ => Given::Same,
        };
        let [client, tenant, device, retry_key] = [given(of(20), 20), given(of(20), 20), given(of(5), 5), given(of(5), 5)];
        let ends = [RevokedReason::LoggedOut, RevokedReason::Reuse, RevokedReason::Admin, RevokedReason::Epoch];
        let ended = ends.get(of(40)).copied();
        let ages = [-DAY, -1, 0, 1, SECOND / 2, 15 * SECOND, 15 * SECOND + 1, 120 * SECOND, 600 * SECOND, 600 * SECOND + 1, 7 * DAY, 7 * DAY + 1];
        let lefts = [-1, 0, 1, SECOND - 1, SECOND, 900 * SECOND, DAY];
        let generation = [0, 1, 2, 5, u32::MAX - 1, u32::MAX][of(6)];
        let ahead = [0, 0, 0, -1, -1, -1, -1, -2, -3, 1, 2, 3][of(12)];
        let row_kid = [1, 2, 2, 1, 2, 2, 1, 2, 2, 3][of(10)];
        Self {
            in_policy,
            confidential,
            key_required,
            lost_window: [0, 600 * SECOND, 7 * DAY][of(3)],
            revoke_mismatch,
            failover_left: [None, Some(1), Some(0), Some(DAY)][of(4)],
            client,
            tenant,
            device,
            ended,
            hashes_gone: hashes_gone || ended.is_some(),
            login_edited,
            hash_edited,
            too_old,
            age: ages[of(ages.len())],
            absolute_left: lefts.get(of(30)).copied().unwrap_or(30 * DAY),
            idle_left: lefts.get(of(30)).copied().unwrap_or(30 * DAY),
            generation,
            // No generation lies before the first or behind the last.
            ahead: ahead.clamp(-i64::from(generation), i64::from(u32::MAX - generation)),
            row_kid,
            parent_kid: [1, 2][of(2)].min(row_kid),
            right_kid,
            right_secret,
            right_prefix,
            retry_key,
            key_kept,
            confirmed: [None, Some(0), Some(120 * SECOND), Some(120 * SECOND + 1)][of(4)],
            was_current,
            access_only,
        }
    }

    fn expected(&self) -> Row {
        *TABLE.iter().find(|(_, holds, _)| holds(self)).unwrap()
    }
}

/// A root 3, which this process does not hold, has made some records: what their hashes are does not matter.
static HELD: LazyLock<RefreshKeys> = LazyLock::new(|| {
    let root = |id, state| RootKey { id, secret: SecretBytes::new(vec![id; 32]), state };
    RefreshKeys::new(&Keyring::new(&[root(1, KeyState::Retired), root(ACTIVE, KeyState::Active)])).unwrap()
});

fn policy(facts: &Facts) -> TokensPolicy {
    let client = ClientPolicy {
        id: if facts.in_policy { "web" } else { "gone" }.to_owned(),
        kind: ClientKind::Native,
        idle: Duration::from_secs(30 * 86_400),
        absolute: Duration::from_secs(90 * 86_400),
        lost_window: Duration::from_micros(facts.lost_window.unsigned_abs()),
        retry_key_required: facts.key_required,
        confidential: facts.confidential,
    };
    TokensPolicy {
        issuer: "https://auth.example".to_owned(),
        audience: vec!["api".to_owned()],
        access_ttl: Duration::from_secs(900),
        leeway: Duration::from_secs(30),
        concurrent_window: Duration::from_secs(15),
        retention: Duration::from_secs(86_400),
        view: ViewPolicy::default(),
        escalate_reuse: false,
        on_binding_mismatch: if facts.revoke_mismatch { OnBindingMismatch::Revoke } else { OnBindingMismatch::Refuse },
        store_behind: StoreBehind::Refuse,
        failover_until: facts.failover_left.map(|left| Timestamp::from_micros(facts.now() + left)),
        clients: vec![client],
        signing_keys: Vec::new(),
        issuers: Vec::new(),
    }
}

/// The record of these facts; its current token, and its parent.
fn row(facts: &Facts, keys: &RefreshKeys) -> (Session, RefreshToken, RefreshToken) {
    let at = Timestamp::from_micros;
    let mut login = Login {
        family_id: [5; 16],
        prefix: Prefix::User,
        tenant: "acme".to_owned(),
        subject: "u-42".to_owned(),
        client_id: "web".to_owned(),
        scope: String::new(),
        roles: Vec::new(),
        claims: String::new(),
        device: Some(Device::new("d-1")),
        created_at: at(START - DAY),
        abs_expires_at: at(facts.now() + facts.absolute_left),
        idle: facts.idle(),
        token_version: [10; 3],
        cnf_jkt: None,
        auth_time: None,
        amr: Vec::new(),
    };
    let token = |kid, generation: u32, secret| RefreshToken { prefix: Prefix::User, kid, family_id: [5; 16], generation, secret };
    let parent = token(facts.parent_kid, facts.generation.saturating_sub(1), Zeroizing::new([9; 32]));
    let nonce = [8; 32];
    let current = match facts.generation {
        0 => token(facts.row_kid, 0, Zeroizing::new([6; 32])),
        _ => keys.successor(&parent, facts.row_kid, &nonce).unwrap_or_else(|| token(facts.row_kid, facts.generation, Zeroizing::new([6; 32]))),
    };
    let hash = |token: &RefreshToken| keys.hash(token.kid, &login, token.generation, &token.secret).unwrap_or_default();
    let previous = (facts.generation > 0).then(|| Previous {
        hash: hash(&parent),
        kid: facts.parent_kid,
        nonce,
        retry_key_hash: facts.key_kept.then(|| retry_key_hash(&KEYS[0])),
    });
    let mut live = Live { hash: hash(&current), previous };
    live.hash[0] ^= u8::from(facts.hash_edited);
    if facts.login_edited {
        login.scope = "admin".to_owned();
    }
    let session = Session {
        login,
        kid: facts.row_kid,
        generation: facts.generation,
        live: (!facts.hashes_gone).then_some(live),
        rotated_at: at(START),
        confirmed_generation: if facts.confirmed.is_some() { facts.generation } else { facts.generation.saturating_sub(1) },
        confirmed_at: at(facts.now() - facts.confirmed.unwrap_or(DAY)),
        status: facts.ended.map_or(Status::Active, Status::Ended),
        status_at: at(START),
        status_reason: None,
        ip_first: None,
        uses: [Use::default(), Use::default()],
    };
    (session, current, parent)
}

/// Decides on the facts, and holds the outcome against the table and against what holds of every outcome.
fn check(facts: &Facts) -> Row {
    let (keys, policy) = (&*HELD, policy(facts));
    let (row, current, parent) = row(facts, keys);
    let mut token = match facts.ahead {
        0 => current.clone(),
        -1 => parent,
        _ => RefreshToken { kid: 1, ..current.clone() },
    };
    token.generation = facts.token_generation();
    if !facts.right_kid || token.kid > ACTIVE {
        token.kid = if token.kid == 1 { 2 } else { 1 };
    }
    if !facts.right_secret {
        token.secret[31] ^= 1;
    }
    if !facts.right_prefix {
        token.prefix = Prefix::Device;
    }
    let given = |given, same: &'static str| match given {
        Given::Nothing => None,
        Given::Same => Some(same),
        Given::Other => Some("other"),
    };
    let presented = Presented {
        token: &token,
        retry_key: match facts.retry_key {
            Given::Nothing => None,
            Given::Same => Some(&KEYS[0]),
            Given::Other => Some(&KEYS[1]),
        },
        client: given(facts.client, "web"),
        tenant: given(facts.tenant, "acme"),
        device_id: given(facts.device, "d-1"),
        access_only: facts.access_only,
        was_current: facts.was_current,
        nonce: NONCE,
        used_from: (None, None),
    };
    let moment = Moment { now: Timestamp::from_micros(facts.now()), min_version: facts.too_old.map(|old| if old { 11 } else { 10 }) };
    let decision = decide(&row, &presented, &moment, &policy, keys);

    let expected = facts.expected();
    assert_eq!(verdict(&decision, &expected), expected.2, "row {}: {facts:?}", expected.0);
    match &decision {
        Decision::Rotate { next, successor } => {
            assert_eq!(next.login, row.login);
            assert_eq!((next.status, next.rotated_at), (Status::Active, moment.now));
            assert_eq!((next.generation, next.generation), (successor.generation, token.generation + 1));
            assert!(next.generation > row.generation && next.kid == ACTIVE.max(token.kid) && successor.prefix == row.login.prefix);
            let live = next.live.as_ref().unwrap();
            assert_eq!(keys.hash(next.kid, &row.login, next.generation, &successor.secret), Some(live.hash));
            assert_eq!(live.previous.as_ref().map(|previous| previous.nonce), Some(NONCE));
            // What was just given is current; who lost the race gets the same.
            let again = |token, retry_key| {
                let presented = Presented { token, retry_key, was_current: false, ..presented.clone() };
                decide(next, &presented, &moment, &policy, keys)
            };
            assert!(matches!(again(&token, presented.retry_key), Decision::Retry { successor: same, .. } if same == *successor));
            if next.generation < u32::MAX {
                assert!(
                    matches!(again(successor, presented.retry_key), Decision::Rotate { next: after, .. } if after.generation == next.generation + 1)
                );
            }
        }
        Decision::Retry { successor, .. } => assert_eq!(*successor, current),
        Decision::Refuse { next: Some(next), .. } => {
            assert!(next.live.is_none() && matches!(next.status, Status::Ended(_)));
            assert_eq!((&next.login, next.generation, next.status_at), (&row.login, row.generation, moment.now));
        }
        Decision::AccessOnly | Decision::Refuse { next: None, .. } | Decision::Unavailable => {}
    }
    expected
}

fn verdict(decision: &Decision, (_, _, expected): &Row) -> Verdict {
    match decision {
        // The two write the same; which it was shows in the generation, which is held against the token's.
        Decision::Rotate { .. } => {
            if *expected == Verdict::Adopted {
                Verdict::Adopted
            } else {
                Verdict::Rotated
            }
        }
        Decision::Retry { lost: true, .. } => Verdict::Lost,
        Decision::Retry { lost: false, .. } => Verdict::Concurrent,
        Decision::AccessOnly => Verdict::AccessOnly,
        Decision::Unavailable => Verdict::Unavailable,
        Decision::Refuse { error, next } => match (error, next.as_ref().map(|next| next.status)) {
            (RefreshError::BindingMismatch, None) => Verdict::Mismatch,
            (RefreshError::BindingMismatch, Some(Status::Ended(RevokedReason::Admin))) => Verdict::MismatchEnds,
            (RefreshError::Revoked(_), None) => Verdict::Revoked,
            (RefreshError::VersionTooOld, Some(Status::Ended(RevokedReason::Epoch))) => Verdict::TooOld,
            (RefreshError::Expired(ExpiredReason::Absolute), None) => Verdict::Absolute,
            (RefreshError::Expired(ExpiredReason::Idle), None) => Verdict::Idle,
            (RefreshError::Expired(ExpiredReason::Generations), None) => Verdict::Generations,
            (RefreshError::StoreBehind, None) => Verdict::Behind,
            (RefreshError::Fork, Some(Status::Ended(RevokedReason::Reuse))) => Verdict::Fork,
            (RefreshError::Reuse, Some(Status::Ended(RevokedReason::Reuse))) => Verdict::Reuse,
            other => panic!("no row gives {other:?}"),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_first_row_that_fits_decides(choices: [u16; 32]) {
        check(&Facts::choose(choices));
    }
}

/// A table of which a row is never reached proves nothing about it.
#[test]
fn every_row_is_reached() {
    let mut seed = 1_u64;
    let mut reached = HashMap::new();
    for _ in 0..60_000 {
        let choices = std::array::from_fn(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 48) as u16
        });
        *reached.entry(check(&Facts::choose(choices)).0).or_insert(0) += 1;
    }
    for (row, _, _) in TABLE {
        assert!(reached.contains_key(row), "row {row} was not reached: {reached:?}");
    }
}
