//! The 31 probe tokens on which three well-known libraries disagree 22 times, and their neighbours.

use super::*;

/// The control alone is accepted.
#[test]
fn the_table_of_31() {
    let tokens = AccessTokens::new(&policy());
    let key = secret(1);
    let verdict = |token: &str| outcome(&tokens, token, "own", now());
    let with = |changes: &[(&'static str, &str)]| jws(&key, HEADER, &payload(good(), changes));
    let under = |header: &str| jws(&key, header, &payload(good(), &[]));
    let body = payload(good(), &[]);
    let control = with(&[]);
    let (signed, signature) = control.rsplit_once('.').unwrap();
    // 43 characters hold 258 bits: the next character has the same 256.
    let spare = format!("{signed}.{}{}", &signature[..42], char::from(signature.as_bytes()[42] + 1));
    assert_ne!(spare, control);
    let probes: Vec<(&str, String, &str)> = vec![
        ("control", control.clone(), ""),
        ("float exp", with(&[("exp", "1795248900.5")]), "jwt_claim_type"),
        ("iss missing", with(&[("iss", "")]), "jwt_claim_missing"),
        ("aud missing", with(&[("aud", "")]), "jwt_claim_missing"),
        ("iss number", with(&[("iss", "1")]), "jwt_claim_type"),
        ("iss array", with(&[("iss", r#"["https://auth.example"]"#)]), "jwt_claim_type"),
        ("aud object", with(&[("aud", r#"{"api":1}"#)]), "jwt_claim_type"),
        ("nbf far future", with(&[("nbf", "4102444800")]), "jwt_not_yet_valid"),
        ("nbf text", with(&[("nbf", r#""soon""#)]), "jwt_claim_type"),
        ("nbf digits", with(&[("nbf", r#""1795248000""#)]), "jwt_claim_type"),
        ("iat far future", with(&[("iat", "4102444800"), ("exp", "4102445000")]), "jwt_issued_in_future"),
        ("iat text", with(&[("iat", r#""1795248000""#)]), "jwt_claim_type"),
        ("no exp", with(&[("exp", "")]), "jwt_claim_missing"),
        ("exp text", with(&[("exp", r#""1795248900""#)]), "jwt_claim_type"),
        ("unknown crit", under(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","crit":["x"],"x":1}"#), "jwt_crit"),
        ("empty crit", under(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","crit":[]}"#), "jwt_crit"),
        ("expired 30 s ago", with(&[("iat", "1795247500"), ("exp", "1795248030")]), "jwt_expired"),
        ("leading space", format!(" {control}"), "jwt_malformed"),
        ("invalid UTF-8", jws_of_bytes(&key, HEADER, &[&body.as_bytes()[..body.len() - 1], b",\"x\":\"\xff\"}"].concat()), "jwt_malformed"),
        ("duplicate alg", under(r#"{"alg":"HS256","alg":"HS256","typ":"at+jwt","kid":"k1"}"#), "jwt_malformed"),
        ("duplicate iss", jws(&key, HEADER, &body.replacen('{', r#"{"iss":"https://auth.example","#, 1)), "jwt_malformed"),
        ("duplicate role", jws(&key, HEADER, &body.replacen('{', r#"{"role":"a","role":"b","#, 1)), "jwt_malformed"),
        ("spare bits", spare, "jwt_malformed"),
        ("space in signature", format!("{signed}.{} {}", &signature[..9], &signature[9..]), "jwt_malformed"),
        ("trailing newline", format!("{control}\n"), "jwt_malformed"),
        ("padding", format!("{control}="), "jwt_malformed"),
        ("b64 false", under(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","b64":false}"#), "jwt_crit"),
        ("dpop+jwt", under(&HEADER.replace("at+jwt", "dpop+jwt")), "jwt_type"),
        ("jwk", under(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","jwk":{"kty":"oct","k":"AQEB"}}"#), "jwt_header"),
        ("8 MiB", format!("{signed}.{}", "A".repeat(8 << 20)), "jwt_too_large"),
        ("exp 9e18", with(&[("exp", "9e18")]), "jwt_claim_type"),
        ("exp of 19 digits", with(&[("exp", "9000000000000000000")]), "jwt_claim_type"),
        ("sub number", with(&[("sub", "42")]), "jwt_claim_type"),
        ("depth 100", with(&[("x", &format!("{}{}", "[".repeat(100), "]".repeat(100)))]), "jwt_malformed"),
    ];
    for (what, token, expected) in probes {
        assert_eq!(verdict(&token), expected, "{what}");
    }
}
