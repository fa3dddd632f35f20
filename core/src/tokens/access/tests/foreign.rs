//! Other issuers' tokens: what a profile relaxes, and what it never does.

use super::*;

/// The claims of a good token of the foreign issuer.
fn claims() -> Vec<(&'static str, String)> {
    [("iss", r#""farmiq""#), ("aud", r#""farmiq-api""#), ("sub", r#""7""#), ("iat", "1795248000"), ("exp", "1795248900")]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
}

fn tokens(issuer: IssuerPolicy) -> AccessTokens {
    AccessTokens::new(&TokensPolicy { issuers: vec![issuer], ..policy() })
}

fn code_of(issuer: IssuerPolicy, header: &str, changes: &[(&'static str, &str)]) -> &'static str {
    outcome(&tokens(issuer), &jws(&secret(2), header, &payload(claims(), changes)), "farmiq", now())
}

fn code(changes: &[(&'static str, &str)]) -> &'static str {
    code_of(foreign_issuer(), r#"{"alg":"HS256"}"#, changes)
}

#[test]
fn names_of_its_own() {
    let changes = [
        ("tenant_id", r#""acme""#),
        ("role", r#""admin operator""#),
        ("sid", r#""s-1""#),
        ("client_id", "7"),
        ("scope", "null"),
        ("tenant", r#""other""#),
        ("nbf", "1795248000"),
        ("jti", r#""j""#),
    ];
    let token = jws(&secret(2), r#"{"alg":"HS256","typ":"JWT"}"#, &payload(claims(), &changes));
    let claims = tokens(foreign_issuer()).verify(&token, "farmiq", now()).unwrap();
    assert_eq!((claims.tenant.as_str(), claims.session_id.as_str(), claims.client_id.as_str()), ("acme", "s-1", ""));
    assert_eq!(claims.roles, ["admin operator"]);
    assert_eq!(claims.extra, r#"{"client_id":7,"scope":null,"tenant":"other"}"#);
    assert_eq!((claims.generation, claims.token_version, claims.auth_time), (None, None, None));
    assert_eq!(claims.not_before, Some(Timestamp::from_secs(IAT)));
    assert_eq!(code(&[("role", r#"["a",""]"#)]), "");
    // A name may be one of the seven.
    let issuer = IssuerPolicy { session_claim: Some("jti".to_owned()), tenant_claim: Some("sub".to_owned()), ..foreign_issuer() };
    let claims = tokens(issuer).verify(&token, "farmiq", now()).unwrap();
    assert_eq!((claims.tenant.as_str(), claims.subject.as_str(), claims.session_id.as_str(), claims.jwt_id.as_str()), ("7", "7", "j", "j"));
}

#[test]
fn types_in_the_header() {
    for (typ, expected) in [("JWT", ""), ("jwt", ""), ("application/JWT", ""), ("", "jwt_type"), ("at+jwt", "jwt_type"), ("application/", "jwt_type")]
    {
        assert_eq!(code_of(foreign_issuer(), &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), &[]), expected, "{typ}");
    }
    let only = |typ: &[&str]| IssuerPolicy { typ: typ.iter().map(|typ| (*typ).to_owned()).collect(), ..foreign_issuer() };
    assert_eq!(code_of(only(&["JWT"]), r#"{"alg":"HS256"}"#, &[]), "jwt_type");
    assert_eq!(code_of(only(&[""]), r#"{"alg":"HS256","typ":"JWT"}"#, &[]), "jwt_type");
    assert_eq!(code_of(only(&[""]), r#"{"alg":"HS256","typ":""}"#, &[]), "jwt_type");
    assert_eq!(code_of(only(&["application/at+jwt"]), r#"{"alg":"HS256","typ":"AT+jwt"}"#, &[]), "");
}

#[test]
fn a_key_without_kid_is_for_tokens_without_kid() {
    assert_eq!(code_of(foreign_issuer(), r#"{"alg":"HS256","kid":"x"}"#, &[]), "jwt_key_unknown");
    assert_eq!(code_of(foreign_issuer(), r#"{"alg":"HS256","kid":""}"#, &[]), "jwt_header");
    let mut named = foreign_issuer();
    named.keys[0].kid = "x".to_owned();
    assert_eq!(code_of(named.clone(), r#"{"alg":"HS256","kid":"x"}"#, &[]), "");
    assert_eq!(code_of(named.clone(), r#"{"alg":"HS256"}"#, &[]), "jwt_key_unknown");
    named.keys[0].not_after = Some(now());
    assert_eq!(code_of(named, r#"{"alg":"HS256","kid":"x"}"#, &[]), "jwt_key_unknown");
    assert_eq!(code_of(foreign_issuer(), r#"{"alg":"none"}"#, &[]), "jwt_algorithm");
}

#[test]
fn required_and_typed_claims() {
    for name in ["iss", "aud", "exp", "sub"] {
        assert_eq!(code(&[(name, "")]), "jwt_claim_missing", "{name}");
    }
    let issuer = IssuerPolicy { required: vec!["email".to_owned(), "jti".to_owned()], ..foreign_issuer() };
    for (changes, expected) in [
        (vec![("email", r#""a@b""#), ("jti", r#""j""#), ("sub", ""), ("iat", "")], ""),
        (vec![("email", "null"), ("jti", r#""j""#)], ""),
        (vec![("jti", r#""j""#)], "jwt_claim_missing"),
        (vec![("email", "1"), ("iss", "1")], "jwt_claim_missing"),
        (vec![("email", "1"), ("jti", r#""""#)], "jwt_claim_type"),
    ] {
        assert_eq!(code_of(issuer.clone(), r#"{"alg":"HS256"}"#, &changes), expected, "{changes:?}");
    }
    for (name, values) in [
        ("iss", "1 null [\"farmiq\"]"),
        ("sub", "1 null \"\" []"),
        ("aud", "1 null {} [1]"),
        ("exp", "\"1795248900\" 1795248900.0 null -1"),
        ("iat", "\"1795248000\" 1795248000.5 null"),
        ("nbf", "\"0\" 0.5 null"),
        ("jti", "1 null \"\""),
        ("tenant_id", "\"\" 1 null [\"a\"]"),
        ("role", "1 null {} [1]"),
        ("sid", "\"\" 1 null"),
        ("cnf", "null {} {\"jkt\":\"x\"}"),
    ] {
        for value in values.split(' ') {
            assert_eq!(code(&[(name, value)]), "jwt_claim_type", "{name}: {value}");
        }
    }
    for (name, value) in [
        ("client_id", "1"),
        ("scope", "[]"),
        ("gen", "-1"),
        ("tv", "null"),
        ("tenant", "\"\""),
        ("roles", "\"a\""),
        ("amr", "1"),
        ("auth_time", "\"x\""),
    ] {
        assert_eq!(code(&[(name, value)]), "", "{name}: {value}");
    }
    assert_eq!(code(&[("iss", r#""""#)]), "jwt_issuer");
    assert_eq!(code(&[("iss", r#""https://auth.example""#)]), "jwt_issuer");
    assert_eq!(code(&[("aud", r#""api""#)]), "jwt_audience");
    assert_eq!(code(&[("cnf", r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#)]), "dpop_missing");
}

#[test]
fn lifetimes_are_those_of_the_profile() {
    let exp = |secs: i64| (IAT + secs).to_string();
    assert_eq!(code(&[("exp", &exp(86_400))]), "");
    assert_eq!(code(&[("exp", &exp(86_401))]), "jwt_lifetime");
    assert_eq!(code(&[("exp", &exp(0))]), "jwt_lifetime");
    // Without `iat` it is the life that is left, 60 s after `IAT`.
    assert_eq!(code(&[("iat", ""), ("exp", &exp(60 + 86_400 + 30))]), "");
    assert_eq!(code(&[("iat", ""), ("exp", &exp(60 + 86_400 + 31))]), "jwt_lifetime");
    assert_eq!(code(&[("iat", ""), ("exp", &exp(31))]), "");
    assert_eq!(code(&[("iat", ""), ("exp", &exp(30))]), "jwt_expired");
    assert_eq!(code(&[("iat", ""), ("exp", "0")]), "jwt_expired");
    assert_eq!(code(&[("iat", ""), ("exp", "9007199254740991")]), "jwt_lifetime");
}

#[test]
fn fractional_times_where_the_profile_says_so() {
    let issuer = || IssuerPolicy { fractional_times: true, leeway: Duration::ZERO, max_ttl: Duration::from_secs(900), ..foreign_issuer() };
    let at = |changes: &[(&'static str, &str)], micros: i64| {
        let token = jws(&secret(2), r#"{"alg":"HS256"}"#, &payload(claims(), changes));
        outcome(&tokens(issuer()), &token, "farmiq", Timestamp::from_micros(IAT * 1_000_000 + micros))
    };
    assert_eq!(at(&[("exp", "1795248000.0000029")], 1), "");
    assert_eq!(at(&[("exp", "1795248000.0000029")], 2), "jwt_expired");
    assert_eq!(at(&[("iat", "1795248000.0000019")], 1), "");
    assert_eq!(at(&[("iat", "1795248000.0000019")], 0), "jwt_issued_in_future");
    assert_eq!(at(&[("nbf", "1.7952480000000019e9")], 1), "");
    assert_eq!(at(&[("nbf", "1.7952480000000019e9")], 0), "jwt_not_yet_valid");
    assert_eq!(at(&[("exp", "1795248900.0000009")], 0), "");
    assert_eq!(at(&[("exp", "1795248900.000001")], 0), "jwt_lifetime");
    for wrong in ["-0.5", "\"1795248900\"", "9007199254740991.5", "1e16", "null"] {
        assert_eq!(at(&[("exp", wrong)], 0), "jwt_claim_type", "{wrong}");
    }
    assert_eq!(at(&[("exp", "1e400")], 0), "jwt_malformed");
    let token = jws(&secret(2), r#"{"alg":"HS256"}"#, &payload(claims(), &[("iat", "1795248000.1234567"), ("exp", "17952488995e-1")]));
    let claims = tokens(issuer()).verify(&token, "farmiq", now()).unwrap();
    assert_eq!(claims.issued_at, Some(Timestamp::from_micros(IAT * 1_000_000 + 123_456)));
    assert_eq!(claims.expires_at, Timestamp::from_micros(IAT * 1_000_000 + 899_500_000));
}

#[test]
fn profiles_do_not_mix() {
    let tokens = tokens(foreign_issuer());
    let own = jws(&secret(1), HEADER, &payload(good(), &[]));
    let foreign = jws(&secret(2), r#"{"alg":"HS256"}"#, &payload(claims(), &[]));
    assert_eq!(outcome(&tokens, &own, "own", now()), "");
    assert_eq!(outcome(&tokens, &own, "farmiq", now()), "jwt_key_unknown");
    assert_eq!(outcome(&tokens, &foreign, "farmiq", now()), "");
    assert_eq!(outcome(&tokens, &foreign, "own", now()), "jwt_header");
    assert_eq!(outcome(&tokens, &foreign, "own ", now()), "invalid_argument");
}
