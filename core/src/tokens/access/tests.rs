//! Every code at its place, every boundary, the 31 probe tokens, and the exact bytes.

mod foreign;
mod own;
mod probes;
mod signing;

use std::time::Duration;

use crate::encode::base64url;
use crate::keys::KeyState;
use crate::secret::SecretBytes;
use crate::time::Timestamp;
use crate::tokens::access::AccessTokens;
use crate::tokens::key::{Algorithm, KeyMaterial, Message};
use crate::tokens::policy::{IssuerKeyPolicy, IssuerPolicy, OnBindingMismatch, SigningKeyPolicy, StoreBehind, TokensPolicy, ViewPolicy};

/// `iat` of the tokens here, in seconds.
const IAT: i64 = 1_795_248_000;
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#;

fn now() -> Timestamp {
    Timestamp::from_secs(IAT + 60)
}

fn secret(byte: u8) -> KeyMaterial {
    KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![byte; 32])).unwrap()
}

fn signing_key(kid: &str, key: KeyMaterial, state: KeyState) -> SigningKeyPolicy {
    SigningKeyPolicy { kid: kid.to_owned(), key, state, not_before: None, not_after: None, max_ttl: Duration::from_secs(900) }
}

fn policy() -> TokensPolicy {
    TokensPolicy {
        issuer: "https://auth.example".to_owned(),
        audience: vec!["api".to_owned(), "admin".to_owned()],
        access_ttl: Duration::from_secs(900),
        leeway: Duration::from_secs(30),
        concurrent_window: Duration::from_secs(15),
        retention: Duration::from_secs(86_400),
        view: ViewPolicy::default(),
        escalate_reuse: false,
        on_binding_mismatch: OnBindingMismatch::default(),
        store_behind: StoreBehind::default(),
        failover_until: None,
        clients: Vec::new(),
        signing_keys: vec![signing_key("k1", secret(1), KeyState::Active)],
        issuers: Vec::new(),
    }
}

fn foreign_issuer() -> IssuerPolicy {
    IssuerPolicy {
        id: "farmiq".to_owned(),
        issuer: "farmiq".to_owned(),
        audience: vec!["farmiq-api".to_owned()],
        typ: vec!["JWT".to_owned(), String::new()],
        required: vec!["sub".to_owned(), "exp".to_owned()],
        tenant_claim: Some("tenant_id".to_owned()),
        roles_claim: Some("role".to_owned()),
        session_claim: Some("sid".to_owned()),
        leeway: Duration::from_secs(30),
        fractional_times: false,
        max_ttl: Duration::from_secs(86_400),
        keys: vec![IssuerKeyPolicy { kid: String::new(), key: secret(2), not_before: None, not_after: None }],
    }
}

/// A compact JWS of these texts.
fn jws(key: &KeyMaterial, header: &str, payload: &str) -> String {
    jws_of_bytes(key, header, payload.as_bytes())
}

fn jws_of_bytes(key: &KeyMaterial, header: &str, payload: &[u8]) -> String {
    let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload));
    let signature = key.sign(&Message::new(&signed)).unwrap();
    format!("{signed}.{}", base64url(signature.as_bytes()))
}

/// The claims of a good own token; each is the text of its value.
fn good() -> Vec<(&'static str, String)> {
    [
        ("iss", r#""https://auth.example""#),
        ("sub", r#""u-42""#),
        ("aud", r#""api""#),
        ("client_id", r#""web""#),
        ("iat", "1795248000"),
        ("exp", "1795248900"),
        ("jti", r#""j-1""#),
        ("sid", r#""AAECAwQFBgcICQoLDA0ODw""#),
        ("gen", "0"),
        ("tv", "[0,0,0]"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// The payload of these claims with some of them set, added, or (empty value) removed.
fn payload(claims: Vec<(&'static str, String)>, changes: &[(&'static str, &str)]) -> String {
    let mut claims = claims;
    for (name, value) in changes {
        claims.retain(|(old, _)| old != name || !value.is_empty());
        match claims.iter_mut().find(|(old, _)| old == name) {
            Some((_, old)) => (*value).clone_into(old),
            None if value.is_empty() => {}
            None => claims.push((name, (*value).to_owned())),
        }
    }
    let members: Vec<_> = claims.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// What becomes of an own token with these changes: its code, or nothing.
fn code(changes: &[(&'static str, &str)]) -> &'static str {
    code_at(changes, now())
}

fn code_at(changes: &[(&'static str, &str)], at: Timestamp) -> &'static str {
    outcome(&AccessTokens::new(&policy()), &jws(&secret(1), HEADER, &payload(good(), changes)), "own", at)
}

fn outcome(tokens: &AccessTokens, token: &str, issuer: &str, at: Timestamp) -> &'static str {
    tokens.verify(token, issuer, at).map_or_else(|error| error.code(), |_| "")
}
