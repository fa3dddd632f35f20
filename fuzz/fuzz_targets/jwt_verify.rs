//! Access tokens. An input is a whole token; or `+`, a header, a line feed and claims, which are then signed rightly, so that
//! the fuzzer reaches what stands behind the signature.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use gatewright::encode::base64url;
use gatewright::keys::KeyState;
use gatewright::secret::SecretBytes;
use gatewright::time::Timestamp;
use gatewright::tokens::access::AccessTokens;
use gatewright::tokens::jws::verify_suite;
use gatewright::tokens::key::{Algorithm, KeyMaterial};
use gatewright::tokens::policy::{IssuerKeyPolicy, IssuerPolicy, OnBindingMismatch, SigningKeyPolicy, StoreBehind, TokensPolicy, ViewPolicy};
use hmac_of_target::sign;
use libfuzzer_sys::fuzz_target;

const SECRET: [u8; 32] = [7; 32];
const SUITE: &str = r#"{"alg":"HS256","secret":"hex:0707070707070707070707070707070707070707070707070707070707070707"}"#;
const NOW: Timestamp = Timestamp::from_secs(1_795_248_060);

static TOKENS: LazyLock<AccessTokens> = LazyLock::new(|| AccessTokens::new(&policy()));

fuzz_target!(|input: &[u8]| {
    let signed = input.strip_prefix(b"+").map(|parts| {
        let end = parts.iter().position(|byte| *byte == b'\n').unwrap_or(parts.len());
        (&parts[..end], parts.get(end + 1..).unwrap_or_default())
    });
    let token = match signed {
        Some((header, claims)) => sign(&SECRET, &format!("{}.{}", base64url(header), base64url(claims))),
        None => String::from_utf8_lossy(input).into_owned(),
    };
    for issuer in ["own", "other"] {
        if let Ok(claims) = TOKENS.verify(&token, issuer, NOW) {
            // Nothing verifies that was not signed, and what is handed on is what was signed.
            assert_eq!(signed.map(|(_, payload)| payload), Some(claims.payload.as_bytes()));
            assert!(claims.expires_at > NOW.minus(Duration::from_secs(30)));
        }
    }
    if let Ok(payload) = verify_suite(&[SUITE], &token) {
        assert_eq!(signed.map(|(_, signed)| signed), Some(payload.as_slice()));
    }
});

fn policy() -> TokensPolicy {
    let key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(SECRET.to_vec())).expect("a secret of 32 bytes");
    let ttl = Duration::from_secs(900);
    let other = IssuerPolicy {
        id: "other".to_owned(),
        issuer: "other".to_owned(),
        audience: vec!["api".to_owned()],
        typ: vec!["JWT".to_owned(), String::new()],
        required: vec!["sub".to_owned()],
        tenant_claim: Some("tenant_id".to_owned()),
        roles_claim: Some("role".to_owned()),
        session_claim: Some("sid".to_owned()),
        leeway: Duration::from_secs(30),
        fractional_times: true,
        max_ttl: ttl,
        keys: vec![IssuerKeyPolicy { kid: String::new(), key: key.clone(), not_before: None, not_after: None }],
    };
    TokensPolicy {
        issuer: "us".to_owned(),
        audience: vec!["api".to_owned()],
        access_ttl: ttl,
        leeway: Duration::from_secs(30),
        concurrent_window: Duration::from_secs(15),
        retention: Duration::from_secs(86_400),
        view: ViewPolicy::default(),
        escalate_reuse: false,
        on_binding_mismatch: OnBindingMismatch::default(),
        store_behind: StoreBehind::default(),
        failover_until: None,
        clients: Vec::new(),
        signing_keys: vec![SigningKeyPolicy { kid: "k1".to_owned(), key, state: KeyState::Active, not_before: None, not_after: None, max_ttl: ttl }],
        issuers: vec![other],
    }
}

/// HMAC by another hand than the library's own path through its keys.
mod hmac_of_target {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    pub fn sign(secret: &[u8], signed: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", super::base64url(&mac.finalize().into_bytes()))
    }
}
