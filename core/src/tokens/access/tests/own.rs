//! The strict profile.

use proptest::prelude::*;

use super::*;

#[test]
fn the_example_of_the_vectors_page() {
    let mut policy = policy();
    let secret = crate::encode::from_base64(b"u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=").unwrap();
    policy.signing_keys[0].key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(secret)).unwrap();
    let token = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZSIsInN1YiI6InUtNDIiLCJhdWQiOiJhcGkiLCJjbGllb",
        "nRfaWQiOiJ3ZWIiLCJpYXQiOjE3OTUyNDgwMDAsImV4cCI6MTc5NTI0ODkwMCwianRpIjoiai0xIiwic2lkIjoiQUFFQ0F3UUZCZ2NJQ1FvTERBME9EdyIsImdlbiI6MCwidHYiOl",
        "swLDAsMF19.WsZyI4Fz-pJUKhqxG9bnzfxbt1b6UE3RN_yeBcFM1e0"
    );
    let claims = AccessTokens::new(&policy).verify(token, "own", now()).unwrap();
    assert_eq!((claims.subject.as_str(), claims.generation), ("u-42", Some(0)));
    assert_eq!(claims.payload, payload(good(), &[]));
}

#[test]
fn claims_as_they_come_out() {
    let changes = [
        ("aud", r#"["x","api","api"]"#),
        ("gen", "4294967295"),
        ("tv", "[1,9007199254740991,0]"),
        ("tenant", r#""acme""#),
        ("roles", r#"["operator",""]"#),
        ("scope", r#""""#),
        ("nbf", "1795248001"),
        ("auth_time", "0"),
        ("amr", r#"["pwd"]"#),
        ("x", "1e2"),
        ("sub", r#""\u00fc""#),
    ];
    let body = payload(good(), &changes).replace(r#""x":1e2"#, r#""\u0078": 1e2 , "y":{"a":[1]}"#);
    let token = jws(&secret(1), HEADER, &body);
    let claims = AccessTokens::new(&policy()).verify(&token, "own", now()).unwrap();
    assert_eq!(claims.issuer, "https://auth.example");
    assert_eq!(claims.subject, "ü");
    assert_eq!(claims.audience, ["x", "api", "api"]);
    assert_eq!(claims.client_id, "web");
    assert_eq!(claims.tenant, "acme");
    assert_eq!(claims.roles, ["operator", ""]);
    assert_eq!(claims.scope, "");
    assert_eq!(claims.session_id, "AAECAwQFBgcICQoLDA0ODw");
    assert_eq!(claims.generation, Some(u32::MAX));
    assert_eq!(claims.token_version, Some([1, (1 << 53) - 1, 0]));
    assert_eq!(claims.issued_at, Some(Timestamp::from_secs(IAT)));
    assert_eq!(claims.not_before, Some(Timestamp::from_secs(IAT + 1)));
    assert_eq!(claims.expires_at, Timestamp::from_secs(IAT + 900));
    assert_eq!(claims.jwt_id, "j-1");
    assert_eq!(claims.confirmation, None);
    assert_eq!(claims.auth_time, Some(Timestamp::from_secs(0)));
    assert_eq!(claims.amr, ["pwd"]);
    assert_eq!(claims.view_age, None);
    assert_eq!(claims.extra, r#"{"\u0078": 1e2,"y":{"a":[1]}}"#);
    assert_eq!(claims.payload, body);
}

#[test]
fn every_required_claim_is_missed() {
    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "gen", "tv"] {
        assert_eq!(code(&[(name, "")]), "jwt_claim_missing", "{name}");
        assert_eq!(code(&[(name, "null")]), "jwt_claim_type", "{name}");
    }
}

#[test]
fn claims_of_a_wrong_type_or_out_of_range() {
    let cases = [
        ("iss", r#"1 ["https://auth.example"] {} true"#),
        ("sub", r#"1 [] {} true """#),
        ("jti", r#"1 [] {} true """#),
        ("client_id", r#"1 [] {} true """#),
        (
            "sid",
            r#"1 [] "" "AAECAwQFBgcICQoLDA0ODx" "AAECAwQFBgcICQoLDA0OD" "AAECAwQFBgcICQoLDA0ODw==" "AAECAwQFBgcICQoLDA0ODwAA" "AAECAwQFBgcICQoLDA0O+w""#,
        ),
        ("aud", r#"1 {} true [1] ["api",1] [null] [["api"]]"#),
        (
            "exp",
            r#""1795248900" 1795248900.0 1795248900.5 1.7952489e9 17952489E2 -1 -0 9007199254740992 9e18 9000000000000000000 99999999999999999999 [] true"#,
        ),
        ("iat", r#""1795248000" 1795248000.0 1795248e3 -1 -0 9007199254740992 [] false"#),
        ("nbf", r#""1795248000" 1795248000.0 1795248e3 -1 -0 9007199254740992 [] null"#),
        ("auth_time", r#""1795248000" 1.5 1e3 -1 9007199254740992 null"#),
        ("gen", r#""0" 0.0 0e0 -0 -1 4294967296 [0] null"#),
        ("tv", r#"0 [] [0] [0,0] [0,0,0,0] [0,0,"0"] [0,0,0.0] [0,-1,0] [9007199254740992,0,0] [0,0,null] {}"#),
        ("tenant", r#""" 1 null ["acme"]"#),
        ("roles", r#""operator" [1] ["a",null] {} null 1"#),
        ("scope", r#"1 null ["a"]"#),
        ("amr", r#""pwd" [1] null {}"#),
        (
            "cnf",
            r#"null "x" [] {} {"jkt":1} {"jkt":""} {"jkt":"short"} {"x5t#S256":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"} {"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I","x":1} {"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4II"}"#,
        ),
    ];
    for (name, values) in cases {
        for value in values.split(' ') {
            assert_eq!(code(&[(name, value)]), "jwt_claim_type", "{name}: {value}");
        }
    }
    for (name, value) in [("roles", "[]"), ("amr", r#"[""]"#), ("scope", r#""a b""#), ("nbf", "0"), ("tv", "[9007199254740991,0,0]"), ("x", "null")] {
        assert_eq!(code(&[(name, value)]), "", "{name}: {value}");
    }
}

#[test]
fn issuer_and_audience() {
    for wrong in [r#""""#, r#""https://auth.example/""#, r#""HTTPS://auth.example""#, r#""https://auth.exampl""#, r#""https://auth.example\u0000""#] {
        assert_eq!(code(&[("iss", wrong)]), "jwt_issuer", "{wrong}");
    }
    assert_eq!(code(&[("iss", r#""https:\/\/auth.example""#)]), "");
    let many = |count: usize| format!("[{}\"api\"]", r#""x","#.repeat(count - 1));
    for wrong in [r#""""#, r#""API""#, r#""api ""#, "[]", r#"["x","y"]"#, r#"["ap","i"]"#, &many(17)] {
        assert_eq!(code(&[("aud", wrong)]), "jwt_audience", "{wrong}");
    }
    for right in [r#""admin""#, r#"["api"]"#, r#"["","admin"]"#, &many(16)] {
        assert_eq!(code(&[("aud", right)]), "", "{right}");
    }
}

#[test]
fn lifetimes_are_those_of_the_key() {
    for (exp, expected) in [(0, "jwt_lifetime"), (-1, "jwt_lifetime"), (1, ""), (900, ""), (901, "jwt_lifetime")] {
        assert_eq!(code_at(&[("exp", &(IAT + exp).to_string())], Timestamp::from_secs(IAT)), expected, "{exp}");
    }
    // Two ends of the range, which are no overflow.
    assert_eq!(code(&[("exp", "9007199254740991"), ("iat", "0")]), "jwt_lifetime");
    assert_eq!(code(&[("exp", "9007199254740991"), ("iat", "9007199254740990")]), "jwt_issued_in_future");
    assert_eq!(code(&[("nbf", "9007199254740991")]), "jwt_not_yet_valid");
    assert_eq!(code(&[("exp", "1"), ("iat", "0")]), "jwt_expired");
    let mut policy = policy();
    policy.signing_keys.push(SigningKeyPolicy { max_ttl: Duration::from_secs(86_400), ..signing_key("old", secret(9), KeyState::Retired) });
    let token = jws(&secret(9), &HEADER.replace("k1", "old"), &payload(good(), &[("exp", &(IAT + 86_400).to_string())]));
    assert_eq!(outcome(&AccessTokens::new(&policy), &token, "own", now()), "");
}

#[test]
fn times_at_their_boundaries() {
    let at = |secs: i64, micros: i64| Timestamp::from_micros((IAT + secs) * 1_000_000 + micros);
    assert_eq!(code_at(&[], at(-30, 0)), "");
    assert_eq!(code_at(&[], at(-30, -1)), "jwt_issued_in_future");
    assert_eq!(code_at(&[("nbf", &(IAT + 100).to_string())], at(70, 0)), "");
    assert_eq!(code_at(&[("nbf", &(IAT + 100).to_string())], at(70, -1)), "jwt_not_yet_valid");
    assert_eq!(code_at(&[], at(930, -1)), "");
    assert_eq!(code_at(&[], at(930, 0)), "jwt_expired");
    assert_eq!(code_at(&[], Timestamp::MAX), "jwt_expired");
    assert_eq!(code_at(&[], Timestamp::from_micros(i64::MIN)), "jwt_issued_in_future");
}

#[test]
fn a_key_is_in_force_from_its_first_instant_to_before_its_last() {
    let mut policy = policy();
    policy.signing_keys[0].not_before = Some(Timestamp::from_secs(IAT));
    policy.signing_keys[0].not_after = Some(Timestamp::from_secs(IAT + 100));
    let tokens = AccessTokens::new(&policy);
    for header in [HEADER, r#"{"kid":"k1","alg":"HS256","typ":"at+jwt"}"#] {
        let token = jws(&secret(1), header, &payload(good(), &[]));
        let at = |micros: i64| outcome(&tokens, &token, "own", Timestamp::from_micros(IAT * 1_000_000 + micros));
        assert_eq!((at(-1), at(0), at(99_999_999), at(100_000_000)), ("jwt_key_unknown", "", "", "jwt_key_unknown"));
    }
}

#[test]
fn header_type_and_key() {
    let code = |header: &str| outcome(&AccessTokens::new(&policy()), &jws(&secret(1), header, &payload(good(), &[])), "own", now());
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "APPLICATION/at+JWT"] {
        assert_eq!(code(&HEADER.replace("at+jwt", typ)), "", "{typ}");
    }
    for typ in ["", "JWT", "dpop+jwt", "at+jwt ", "text/at+jwt", "application/", "application/application/at+jwt", "\\u212at+jwt"] {
        assert_eq!(code(&HEADER.replace("at+jwt", typ)), "jwt_type", "{typ}");
    }
    assert_eq!(code(r#"{"alg":"HS256","kid":"k1"}"#), "jwt_type");
    assert_eq!(code(r#"{"alg":"HS256","typ":"at+jwt"}"#), "jwt_header");
    assert_eq!(code(r#"{"alg":"HS256","typ":1,"kid":"k1"}"#), "jwt_header");
    assert_eq!(code(&HEADER.replace("k1", "k2")), "jwt_key_unknown");
    assert_eq!(code(&HEADER.replace("HS256", "none")), "jwt_algorithm");
    assert_eq!(code(&HEADER.replace("HS256", "none").replace("at+jwt", "JWT")), "jwt_algorithm");
}

#[test]
#[cfg(feature = "ring")]
fn ed25519_under_both_names() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for algorithm in [Algorithm::Ed25519, Algorithm::EdDsa] {
        let key = KeyMaterial::from_private(algorithm, jwk).unwrap();
        let mut policy = policy();
        policy.signing_keys[0].key = key.clone();
        let tokens = AccessTokens::new(&policy);
        for (alg, expected) in [("Ed25519", ""), ("EdDSA", ""), ("eddsa", "jwt_algorithm"), ("HS256", "jwt_algorithm"), ("Ed448", "jwt_algorithm")] {
            let token = jws(&key, &HEADER.replace("HS256", alg), &payload(good(), &[]));
            assert_eq!(outcome(&tokens, &token, "own", now()), expected, "{alg}");
        }
        let other = jws(&secret(1), &HEADER.replace("HS256", algorithm.name()), &payload(good(), &[]));
        assert_eq!(outcome(&tokens, &other, "own", now()), "jwt_signature");
    }
}

#[test]
fn the_payload_is_strict_json() {
    let good = payload(good(), &[]);
    let members = &good[1..good.len() - 1];
    let tokens = AccessTokens::new(&policy());
    let nested = |depth: usize| format!(r#"{{{members},"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    for wrong in [
        "",
        "{",
        "[]",
        "null",
        &format!("[{good}]"),
        &format!("{good},"),
        &format!("\u{feff}{good}"),
        &format!(r#"{{{members},"sub":"u-42"}}"#),
        &format!(r#"{{{members},"role":1,"role":1}}"#),
        &format!(r#"{{{members},"x":[{{"a":1,"a":1}}]}}"#),
        &format!(r#"{{{members},"\u0069at":1795248000}}"#),
        &format!(r#"{{{members},"x":1e309}}"#),
        &format!(r#"{{{members},"x":Infinity}}"#),
        &format!(r#"{{{members},"x":"\udc00"}}"#),
        &format!(r#"{{{members},}}"#),
        &nested(16),
    ] {
        assert_eq!(outcome(&tokens, &jws(&secret(1), HEADER, wrong), "own", now()), "jwt_malformed", "{wrong}");
    }
    assert_eq!(outcome(&tokens, &jws_of_bytes(&secret(1), HEADER, b"{\"a\":\"\xc3\"}"), "own", now()), "jwt_malformed");
    for right in [nested(15), format!(" {good}\r\n"), format!(r#"{{{members},"x":1e308,"X":-0.0,"":null}}"#)] {
        assert_eq!(outcome(&tokens, &jws(&secret(1), HEADER, &right), "own", now()), "", "{right}");
    }
    // Many names are no way to spend our time, and none of them passes twice.
    let many: Vec<_> = (0..600).map(|at| format!("\"{at}\":0")).collect();
    let many = many.join(",");
    assert_eq!(outcome(&tokens, &jws(&secret(1), HEADER, &format!("{{{members},{many}}}")), "own", now()), "");
    assert_eq!(outcome(&tokens, &jws(&secret(1), HEADER, &format!("{{{members},{many},\"599\":0}}")), "own", now()), "jwt_malformed");
}

#[test]
fn each_fault_is_found_before_those_after_it() {
    // From the last test to the first: with each fault added, its code takes over.
    let jkt = r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#;
    let far = (IAT + 2000).to_string();
    let mut changes = vec![("cnf", jkt)];
    let mut steps = vec![("dpop_missing", changes.clone(), IAT + 60)];
    steps.push(("jwt_expired", changes.clone(), IAT + 930));
    changes.push(("nbf", &far));
    steps.push(("jwt_not_yet_valid", changes.clone(), IAT + 930));
    steps.push(("jwt_issued_in_future", changes.clone(), IAT - 31));
    changes.push(("exp", "1795248000"));
    steps.push(("jwt_lifetime", changes.clone(), IAT - 31));
    changes.push(("aud", "[]"));
    steps.push(("jwt_audience", changes.clone(), IAT - 31));
    changes.push(("iss", r#""""#));
    steps.push(("jwt_issuer", changes.clone(), IAT - 31));
    changes.push(("gen", "0.5"));
    steps.push(("jwt_claim_type", changes.clone(), IAT - 31));
    changes.push(("sub", ""));
    steps.push(("jwt_claim_missing", changes.clone(), IAT - 31));
    for (expected, changes, at) in &steps {
        assert_eq!(code_at(changes, Timestamp::from_secs(*at)), *expected);
    }
    let tokens = AccessTokens::new(&policy());
    let wrong_key = |header: &str| outcome(&tokens, &jws(&secret(3), header, "{"), "own", now());
    assert_eq!(outcome(&tokens, &jws(&secret(1), HEADER, "{"), "own", now()), "jwt_malformed");
    assert_eq!(wrong_key(HEADER), "jwt_signature");
    assert_eq!(wrong_key(r#"{"alg":"HS256","kid":"k1"}"#), "jwt_type");
    assert_eq!(wrong_key(r#"{"alg":"HS512","kid":"k1"}"#), "jwt_algorithm");
    assert_eq!(wrong_key(r#"{"alg":"HS512","kid":"k2"}"#), "jwt_key_unknown");
    assert_eq!(wrong_key(r#"{"alg":"HS512"}"#), "jwt_header");
    assert_eq!(wrong_key(r#"{"alg":"HS512","crit":0}"#), "jwt_crit");
    assert_eq!(wrong_key(r#"{"alg":"HS512","crit":0,"crit":0}"#), "jwt_malformed");
    assert_eq!(wrong_key(&" ".repeat(1025)), "jwt_too_large");
}

#[test]
fn a_bound_token_is_known_without_a_proof_where_none_is_asked() {
    let token = jws(&secret(1), HEADER, &payload(good(), &[("cnf", r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#)]));
    let claims = AccessTokens::new(&policy()).verify_unproved(&token, now()).unwrap();
    assert_eq!(claims.confirmation.as_deref(), Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
    assert_eq!(claims.extra, "{}");
}

#[test]
fn an_issuer_that_nobody_named() {
    let token = jws(&secret(1), HEADER, &payload(good(), &[]));
    assert_eq!(outcome(&AccessTokens::new(&policy()), &token, "other", now()), "invalid_argument");
}

proptest! {
    #[test]
    fn no_bytes_under_a_right_signature_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let tokens = AccessTokens::new(&policy());
        prop_assert_eq!(outcome(&tokens, &jws_of_bytes(&secret(1), HEADER, &bytes), "own", now()), "jwt_malformed");
    }

    #[test]
    fn changed_claims_under_a_right_signature_never_panic(at in 0..400_usize, byte in prop::sample::select(b"{}[]\",:\\u0123eE+-.9tfn \xc3\x00".as_slice())) {
        let mut bytes = payload(good(), &[("roles", r#"["a"]"#)]).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let tokens = AccessTokens::new(&policy());
        let result = tokens.verify(&jws_of_bytes(&secret(1), HEADER, &bytes), "own", now());
        if let Ok(claims) = result {
            // What passes is still for us and in its time, whatever else the change made of it.
            prop_assert!(claims.issuer == "https://auth.example" && claims.audience == ["api"] && claims.payload.as_bytes() == bytes);
        }
    }

    #[test]
    fn a_changed_token_never_verifies(at in 0..1000_usize, to in any::<char>()) {
        let mut characters: Vec<char> = jws(&secret(1), HEADER, &payload(good(), &[])).chars().collect();
        let at = at % characters.len();
        prop_assume!(characters[at] != to);
        characters[at] = to;
        let token: String = characters.into_iter().collect();
        prop_assert!(AccessTokens::new(&policy()).verify(&token, "own", now()).is_err());
    }
}
