//! Access tokens beside jsonwebtoken: the two in turn, round by round, so that what else the machine does hits both.
//!
//! `cargo bench -p gatewright --bench jwt [part of a title]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench prints, measures real time and may fail"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use gatewright::keys::KeyState;
use gatewright::secret::SecretBytes;
use gatewright::time::Timestamp;
use gatewright::tokens::access::{AccessClaims, AccessTokens};
use gatewright::tokens::key::{Algorithm, KeyMaterial};
use gatewright::tokens::policy::{IssuerKeyPolicy, IssuerPolicy, OnBindingMismatch, SigningKeyPolicy, StoreBehind, TokensPolicy, ViewPolicy};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(60);
const SECRET: [u8; 32] = [7; 32];
const SESSION: [u8; 16] = [9; 16];
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

/// The same claims for the peer.
#[derive(Serialize, Deserialize)]
struct PeerClaims {
    iss: String,
    sub: String,
    aud: String,
    client_id: String,
    iat: u64,
    exp: u64,
    jti: String,
    sid: String,
    r#gen: u32,
    tv: [u64; 3],
}

/// Eight claims, as the page on performance counts them.
#[derive(Serialize, Deserialize)]
struct EightClaims {
    iss: String,
    sub: String,
    aud: String,
    iat: u64,
    exp: u64,
    jti: String,
    tenant_id: String,
    role: String,
}

fn policy(key: KeyMaterial) -> TokensPolicy {
    let day = Duration::from_secs(86_400);
    let foreign = IssuerPolicy {
        id: "peer".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        audience: vec!["api".to_owned()],
        typ: vec!["JWT".to_owned()],
        required: Vec::new(),
        tenant_claim: Some("tenant_id".to_owned()),
        roles_claim: Some("role".to_owned()),
        session_claim: None,
        leeway: Duration::from_secs(30),
        fractional_times: false,
        max_ttl: day,
        keys: vec![IssuerKeyPolicy { kid: String::new(), key: key.clone(), not_before: None, not_after: None }],
    };
    TokensPolicy {
        issuer: "https://auth.example".to_owned(),
        audience: vec!["api".to_owned()],
        access_ttl: Duration::from_secs(900),
        leeway: Duration::from_secs(30),
        concurrent_window: Duration::from_secs(15),
        retention: day,
        view: ViewPolicy::default(),
        escalate_reuse: false,
        on_binding_mismatch: OnBindingMismatch::default(),
        store_behind: StoreBehind::default(),
        failover_until: None,
        clients: Vec::new(),
        signing_keys: vec![SigningKeyPolicy {
            kid: "2026-11".to_owned(),
            key,
            state: KeyState::Active,
            not_before: None,
            not_after: None,
            max_ttl: Duration::from_secs(900),
        }],
        issuers: vec![foreign],
    }
}

fn claims<'a>(iat: i64) -> AccessClaims<'a> {
    AccessClaims {
        subject: "u-42",
        client_id: "web",
        issued_at: iat,
        expires_at: iat + 900,
        jwt_id: [3; 16],
        session_id: &SESSION,
        generation: 7,
        token_version: [0, 0, 0],
        tenant: "",
        roles: &[],
        scope: "",
        confirmation: None,
        auth_time: None,
        amr: &[],
        extra: "",
    }
}

fn peer_claims(iat: u64) -> PeerClaims {
    PeerClaims {
        iss: "https://auth.example".to_owned(),
        sub: "u-42".to_owned(),
        aud: "api".to_owned(),
        client_id: "web".to_owned(),
        iat,
        exp: iat + 900,
        jti: "AwMDAwMDAwMDAwMDAwMDAw".to_owned(),
        sid: "CQkJCQkJCQkJCQkJCQkJCQ".to_owned(),
        r#gen: 7,
        tv: [0, 0, 0],
    }
}

fn eight_claims(iat: u64) -> EightClaims {
    EightClaims {
        iss: "https://issuer.example".to_owned(),
        sub: "u-42".to_owned(),
        aud: "api".to_owned(),
        iat,
        exp: iat + 900,
        jti: "0f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned(),
        tenant_id: "acme".to_owned(),
        role: "operator".to_owned(),
    }
}

fn validation(algorithm: jsonwebtoken::Algorithm, issuer: &str) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&["api"]);
    validation.set_issuer(&[issuer]);
    validation.validate_nbf = true;
    validation
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn clock() -> Instant {
    Instant::now()
}

/// Nanoseconds per call.
fn time(call: &mut dyn FnMut()) -> f64 {
    let (start, mut calls) = (clock(), 0_u32);
    loop {
        for _ in 0..64 {
            call();
        }
        calls += 64;
        let elapsed = start.elapsed();
        if elapsed >= ROUND {
            return elapsed.as_secs_f64() * 1e9 / f64::from(calls);
        }
    }
}

/// Times all of them in turn, again and again, and prints the median and the range of each.
fn compare(title: &str, calls: &mut [(&str, &mut dyn FnMut())]) {
    if std::env::args().skip(1).any(|filter| !filter.starts_with('-') && !title.contains(&filter)) {
        return;
    }
    let mut rounds = vec![Vec::new(); calls.len()];
    for _ in 0..ROUNDS {
        for (times, (_, call)) in rounds.iter_mut().zip(calls.iter_mut()) {
            times.push(time(*call));
        }
    }
    println!("{title}");
    let mut ours = None;
    for (times, (name, _)) in rounds.iter_mut().zip(calls.iter()) {
        times.sort_by(f64::total_cmp);
        let (median, least, most) = (times[ROUNDS / 2], times[0], times[ROUNDS - 1]);
        let ratio = median / *ours.get_or_insert(median);
        println!("  {name:<28} {median:>9.0} ns   ({least:.0}–{most:.0})   {ratio:.2}x");
    }
}

fn main() {
    let now = Timestamp::from_secs(jsonwebtoken::get_current_timestamp().try_into().unwrap());
    let (iat, iat_unsigned) = (now.as_secs(), now.as_secs().unsigned_abs());
    let key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(SECRET.to_vec())).unwrap();
    let tokens = AccessTokens::new(&policy(key));
    let (encoding, decoding) = (EncodingKey::from_secret(&SECRET), DecodingKey::from_secret(&SECRET));
    let header = Header { kid: Some("2026-11".to_owned()), typ: Some("at+jwt".to_owned()), ..Header::default() };
    let rules = validation(jsonwebtoken::Algorithm::HS256, "https://auth.example");
    let own = tokens.sign(&claims(iat), now).unwrap();
    assert_eq!(decode::<PeerClaims>(&own, &decoding, &rules).unwrap().claims.jti, tokens.verify(&own, "own", now).unwrap().jwt_id);
    compare(
        "HS256, verify an own token of 10 claims",
        &mut [
            ("gatewright", &mut || drop(black_box(tokens.verify(black_box(&own), "own", now)))),
            ("jsonwebtoken, rust_crypto", &mut || drop(black_box(decode::<PeerClaims>(black_box(&own), &decoding, &rules)))),
        ],
    );
    let eight = encode(&Header::default(), &eight_claims(iat_unsigned), &encoding).unwrap();
    let foreign_rules = validation(jsonwebtoken::Algorithm::HS256, "https://issuer.example");
    assert_eq!(decode::<EightClaims>(&eight, &decoding, &foreign_rules).unwrap().claims.jti, tokens.verify(&eight, "peer", now).unwrap().jwt_id);
    compare(
        "HS256, verify a foreign token of 8 claims",
        &mut [
            ("gatewright", &mut || drop(black_box(tokens.verify(black_box(&eight), "peer", now)))),
            ("jsonwebtoken, rust_crypto", &mut || drop(black_box(decode::<EightClaims>(black_box(&eight), &decoding, &foreign_rules)))),
        ],
    );
    let (ours, theirs) = (claims(iat), peer_claims(iat_unsigned));
    compare(
        "HS256, sign",
        &mut [
            ("gatewright", &mut || drop(black_box(tokens.sign(black_box(&ours), now)))),
            ("jsonwebtoken, rust_crypto", &mut || drop(black_box(encode(&header, black_box(&theirs), &encoding)))),
        ],
    );
    let key = KeyMaterial::from_private(Algorithm::EdDsa, PRIVATE).unwrap();
    let tokens = AccessTokens::new(&policy(key));
    let decoding = DecodingKey::from_ed_pem(PUBLIC.as_bytes()).unwrap();
    let rules = validation(jsonwebtoken::Algorithm::EdDSA, "https://auth.example");
    let own = tokens.sign(&claims(iat), now).unwrap();
    assert_eq!(decode::<PeerClaims>(&own, &decoding, &rules).unwrap().claims.jti, tokens.verify(&own, "own", now).unwrap().jwt_id);
    compare(
        "EdDSA, verify an own token",
        &mut [
            ("gatewright", &mut || drop(black_box(tokens.verify(black_box(&own), "own", now)))),
            ("jsonwebtoken, rust_crypto", &mut || drop(black_box(decode::<PeerClaims>(black_box(&own), &decoding, &rules)))),
        ],
    );
}
