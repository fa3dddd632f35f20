//! The exact bytes of own access tokens.

use super::*;
use crate::encode::from_base64url;
use crate::tokens::access::AccessClaims;

const SESSION: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn claims<'a>() -> AccessClaims<'a> {
    AccessClaims {
        subject: "u-42",
        client_id: "web",
        issued_at: IAT,
        expires_at: IAT + 900,
        jwt_id: [0xff; 16],
        session_id: &SESSION,
        generation: 0,
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

fn parts(token: &str) -> (String, String) {
    let mut parts = token.split('.').map(|part| String::from_utf8_lossy(&from_base64url(part.as_bytes()).unwrap()).into_owned());
    (parts.next().unwrap(), parts.next().unwrap())
}

#[test]
fn the_least_and_the_most_of_a_token() {
    let tokens = AccessTokens::new(&policy());
    let (header, least) = parts(&tokens.sign(&claims(), now()).unwrap());
    assert_eq!(header, HEADER);
    assert_eq!(
        least,
        concat!(
            r#"{"iss":"https://auth.example","sub":"u-42","aud":["api","admin"],"client_id":"web","iat":1795248000,"exp":1795248900,"#,
            r#""jti":"_____________________w","sid":"AAECAwQFBgcICQoLDA0ODw","gen":0,"tv":[0,0,0]}"#
        )
    );
    let roles = ["operator".to_owned(), "\"\u{7}\u{2028}é".to_owned()];
    let amr = ["pwd".to_owned(), "otp".to_owned()];
    let full = AccessClaims {
        subject: "a\\b",
        generation: u32::MAX,
        token_version: [(1 << 53) - 1, 2, 3],
        tenant: "acme",
        roles: &roles,
        scope: "read write",
        confirmation: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
        auth_time: Some(7),
        amr: &amr,
        extra: r#"{"a":1,"b":{"c":[]}}"#,
        ..claims()
    };
    let token = tokens.sign(&full, now()).unwrap();
    assert_eq!(
        parts(&token).1,
        concat!(
            r#"{"iss":"https://auth.example","sub":"a\\b","aud":["api","admin"],"client_id":"web","iat":1795248000,"exp":1795248900,"#,
            r#""jti":"_____________________w","sid":"AAECAwQFBgcICQoLDA0ODw","gen":4294967295,"tv":[9007199254740991,2,3],"#,
            r#""tenant":"acme","roles":["operator","\"\u0007"#,
            "\u{2028}é",
            r#""],"scope":"read write","cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},"auth_time":7,"amr":["pwd","otp"],"a":1,"b":{"c":[]}}"#
        )
    );
    let verified = tokens.verify_unproved(&token, now()).unwrap();
    assert_eq!((verified.subject.as_str(), verified.roles.as_slice(), verified.amr.as_slice()), ("a\\b", roles.as_slice(), amr.as_slice()));
    assert_eq!(verified.extra, r#"{"a":1,"b":{"c":[]}}"#);
    assert_eq!(verified.generation, Some(u32::MAX));
}

#[test]
fn one_audience_is_a_text() {
    let tokens = AccessTokens::new(&TokensPolicy { audience: vec!["api".to_owned()], ..policy() });
    let token = tokens.sign(&AccessClaims { extra: "{}", ..claims() }, now()).unwrap();
    assert!(parts(&token).1.contains(r#""aud":"api","#));
    assert_eq!(outcome(&tokens, &token, "own", now()), "");
}

#[test]
fn only_an_active_key_in_its_time_signs() {
    let mut policy = policy();
    policy.signing_keys.insert(0, signing_key("k0", secret(9), KeyState::Retired));
    policy.signing_keys.push(signing_key("k2", secret(8), KeyState::Next));
    policy.signing_keys[1].not_before = Some(Timestamp::from_secs(10));
    policy.signing_keys[1].not_after = Some(Timestamp::from_secs(20));
    let tokens = AccessTokens::new(&policy);
    let at = |secs: i64| tokens.sign(&claims(), Timestamp::from_secs(secs)).map(|token| parts(&token).0).map_err(|error| error.code());
    assert_eq!(at(9), Err("unavailable"));
    assert_eq!(at(10), Ok(HEADER.to_owned()));
    assert_eq!(at(20), Err("unavailable"));
    policy.signing_keys.remove(1);
    assert_eq!(AccessTokens::new(&policy).sign(&claims(), now()).unwrap_err().code(), "config_invalid");
}

#[test]
fn no_token_is_signed_that_would_not_be_taken() {
    let tokens = AccessTokens::new(&policy());
    let sign = |pad: usize| tokens.sign(&AccessClaims { extra: &format!(r#"{{"x":"{}"}}"#, "x".repeat(pad)), ..claims() }, now());
    let longest = (5700..6000).rev().find_map(|pad| sign(pad).ok()).unwrap();
    assert!((8190..=8192).contains(&longest.len()));
    assert_eq!(outcome(&tokens, &longest, "own", now()), "");
    assert_eq!(sign(8000).unwrap_err().code(), "invalid_argument");
}

#[test]
#[cfg(feature = "ring")]
fn eddsa_is_what_an_eddsa_key_writes() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for algorithm in [Algorithm::Ed25519, Algorithm::EdDsa] {
        let mut policy = policy();
        policy.signing_keys[0].key = KeyMaterial::from_private(algorithm, jwk).unwrap();
        let tokens = AccessTokens::new(&policy);
        let token = tokens.sign(&claims(), now()).unwrap();
        assert_eq!(parts(&token).0, HEADER.replace("HS256", algorithm.name()));
        assert_eq!(outcome(&tokens, &token, "own", now()), "");
        // Ed25519 signatures are deterministic.
        assert_eq!(tokens.sign(&claims(), now()).unwrap(), token);
    }
}
