use super::*;

/// RFC 8410 section 10.3 and 10.1.
const PRIVATE_PEM: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
const X25519_PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEICD8wDgY+twiSu+31ZE4tnjkhCEuRouchP5P6JesRPx2\n-----END PRIVATE KEY-----\n";
const EC_PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwqB2ofioh2HVzdYZ8RqZTcwObCHJ\nQwfsC3qNqnk88t9VgggCc0vcTf7TzRihuOpUKTqwrzivBq6umaxqs6w2Vg==\n-----END PUBLIC KEY-----\n";
/// RFC 8037 appendix A.1, and its public half, A.2.
const PRIVATE_JWK: &str =
    r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const PUBLIC_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn private(text: &str) -> Result<KeyMaterial, &'static str> {
    KeyMaterial::from_private(Algorithm::Ed25519, text).map_err(|error| error.code())
}

fn public(text: &str) -> Result<KeyMaterial, &'static str> {
    KeyMaterial::from_public(Algorithm::Ed25519, text).map_err(|error| error.code())
}

fn secret(bytes: &[u8]) -> Result<KeyMaterial, &'static str> {
    KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(bytes.to_vec())).map_err(|error| error.code())
}

/// The JWK with `member` put first.
fn with(jwk: &str, member: &str) -> String {
    format!("{{{member},{}", &jwk[1..])
}

#[test]
fn a_pair_signs_what_its_public_half_verifies() {
    for (private_text, public_text) in [(PRIVATE_PEM, PUBLIC_PEM), (PRIVATE_JWK, PUBLIC_JWK)] {
        let (pair, half) = (private(private_text).unwrap(), public(public_text).unwrap());
        assert!(pair.can_sign() && !half.can_sign() && pair.is_same_as(&half) && half.is_same_as(&pair));
        let message = Message::new("a.b");
        let signature = pair.sign(&message).unwrap();
        assert!(half.sign(&message).is_none());
        assert!(pair.verifies(&message, signature.as_bytes()) && half.verifies(&message, signature.as_bytes()));
        assert!(!half.verifies(&Message::new("a.c"), signature.as_bytes()));
        assert!(!half.verifies(&message, &signature.as_bytes()[..63]));
        assert!(!half.verifies(&message, &[]));
    }
    assert!(!private(PRIVATE_PEM).unwrap().is_same_as(&private(PRIVATE_JWK).unwrap()));
}

#[test]
fn a_mac_may_continue_after_its_head() {
    let key = secret(&[7; 32]).unwrap();
    let signature = key.sign(&Message::new("head.tail")).unwrap();
    let state = key.absorb("head.");
    assert!(key.verifies(&Message::continued("head.tail", state.as_ref(), "tail"), signature.as_bytes()));
    assert!(!key.verifies(&Message::new("head.tale"), signature.as_bytes()));
    assert!(!key.verifies(&Message::new("head.tail"), &signature.as_bytes()[..31]));
}

#[test]
fn secrets_have_the_bytes_of_the_hash() {
    assert_eq!(secret(&[]).unwrap_err(), "key_too_short");
    assert_eq!(secret(&[1; 31]).unwrap_err(), "key_too_short");
    assert!(secret(&[1; 32]).is_ok());
    // HMAC fills up with zeros: two spellings of one key.
    assert!(secret(&[1; 32]).unwrap().is_same_as(&secret(&[[1; 32], [0; 32]].concat()).unwrap()));
    assert!(!secret(&[1; 32]).unwrap().is_same_as(&secret(&[2; 32]).unwrap()));
}

#[test]
fn a_public_key_is_no_secret() {
    let der = pem::block_for_test(PUBLIC_PEM);
    let ec = pem::block_for_test(EC_PUBLIC_PEM);
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGi5KGA4S74iZmmgG9F7iT0iMvDqM3HK68JO6bqXi7rZ me@host";
    for bytes in
        [PUBLIC_PEM.as_bytes(), EC_PUBLIC_PEM.as_bytes(), format!(" \n{PRIVATE_PEM}").as_bytes(), PUBLIC_JWK.as_bytes(), ssh.as_bytes(), &der, &ec]
    {
        assert_eq!(secret(bytes).unwrap_err(), "key_type_mismatch");
    }
    assert!(secret(b"ssh-looks like one, but is a long pass phrase").is_ok());
    assert!(secret(br#"{"a pass phrase": "that is a JSON object"}"#).is_ok());
    assert!(secret(&[[0x30].as_slice(), &[9; 40]].concat()).is_ok());
}

#[test]
fn no_key_of_one_kind_passes_for_another() {
    for text in [X25519_PEM, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"] {
        assert_eq!(private(text).unwrap_err(), "key_type_mismatch");
    }
    assert_eq!(public(EC_PUBLIC_PEM).unwrap_err(), "key_type_mismatch");
    for jwk in [
        r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#,
        r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        &with(PUBLIC_JWK, r#""alg":"HS256""#),
        &with(PUBLIC_JWK, r#""alg":"ed25519""#),
    ] {
        assert_eq!(public(jwk).unwrap_err(), "key_type_mismatch", "{jwk}");
    }
    let wrong = KeyMaterial::from_public(Algorithm::Hs256, PUBLIC_PEM).unwrap_err();
    assert_eq!(wrong.code(), "key_type_mismatch");
    assert!(KeyMaterial::from_private(Algorithm::Hs256, PRIVATE_PEM).is_err());
    assert!(KeyMaterial::from_secret(Algorithm::EdDsa, &SecretBytes::new(vec![7; 32])).is_err());
}

#[test]
fn halves_are_not_taken_for_each_other() {
    for (result, why) in [
        (private(PUBLIC_PEM), "public PEM"),
        (private(PUBLIC_JWK), "public JWK"),
        (public(PRIVATE_PEM), "private PEM"),
        (public(PRIVATE_JWK), "private JWK"),
        (private(&PRIVATE_JWK.replace("11qY", "21qY")), "another public half"),
        (private(&PRIVATE_JWK.replace(",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"", "")), "no public half"),
    ] {
        assert_eq!(result.unwrap_err(), "key_invalid", "{why}");
    }
}

#[test]
fn texts_that_are_no_keys() {
    for text in [
        "",
        "secret",
        "{",
        "{}",
        "[]",
        &PUBLIC_PEM.repeat(2),
        &PUBLIC_PEM.replace("MCow", "MCox"),
        &PUBLIC_PEM.replace("PUBLIC KEY", "CERTIFICATE"),
        &with(PUBLIC_JWK, r#""kty":"OKP""#),
        &with(PUBLIC_JWK, r#""kid":1"#),
        &PUBLIC_JWK.replace("HURo", "HURp"),
        &PUBLIC_JWK.replace("HURo", "HUR"),
        &PUBLIC_JWK.replace("HURo", "HURo="),
        r#"{"kty":"OKP","crv":"Ed25519"}"#,
        r#"{"kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
    ] {
        assert!(public(text).is_err(), "{text}");
    }
}

#[test]
fn a_jwk_must_allow_its_use() {
    for (member, signs, verifies) in [
        (r#""use":"sig""#, true, true),
        (r#""use":"enc""#, false, false),
        (r#""use":"""#, false, false),
        (r#""use":1"#, false, false),
        (r#""key_ops":["sign","verify"]"#, true, true),
        (r#""key_ops":["sign"]"#, true, false),
        (r#""key_ops":["verify","x"]"#, false, true),
        (r#""key_ops":[]"#, false, false),
        (r#""key_ops":"verify""#, false, false),
        (r#""key_ops":["sign","verify",1]"#, false, false),
        (r#""key_ops":["verify","verify","sign"]"#, false, false),
        (r#""use":"enc","key_ops":["sign","verify"]"#, false, false),
        (r#""alg":"EdDSA""#, true, true),
        (r#""alg":"Ed25519","kid":"a","x5t":[1]"#, true, true),
    ] {
        assert_eq!(private(&with(PRIVATE_JWK, member)).is_ok(), signs, "{member}");
        assert_eq!(public(&with(PUBLIC_JWK, member)).is_ok(), verifies, "{member}");
        assert_eq!(KeyMaterial::from_jwk_to_verify(&with(PRIVATE_JWK, member)).is_ok(), verifies, "{member}");
    }
}

#[test]
fn a_key_prints_nothing_of_itself() {
    let printed = format!("{:?} {:?}", secret(&[0x41; 32]).unwrap(), private(PRIVATE_JWK).unwrap());
    assert_eq!(printed, "KeyMaterial { algorithm: Hs256, can_sign: true, .. } KeyMaterial { algorithm: Ed25519, can_sign: true, .. }");
}
