use proptest::prelude::*;

use super::*;
use crate::encode::base64url;
use crate::error::Error;
use crate::secret::SecretBytes;
use crate::tokens::key::{Algorithm, KeyMaterial, Message};

const SECRET: &str = r#"{"kid":"a","alg":"HS256","secret":"hex:0707070707070707070707070707070707070707070707070707070707070707"}"#;
/// RFC 7515 appendix A.1.
const A1_KEY: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A1_JWS: &str = concat!(
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
);

/// Signs under [`SECRET`].
fn sign(header: &[u8], payload: &[u8]) -> String {
    let key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![7; 32])).unwrap();
    let signed = format!("{}.{}", base64url(header), base64url(payload));
    let signature = key.sign(&Message::new(&signed)).unwrap();
    format!("{signed}.{}", base64url(signature.as_bytes()))
}

fn code(jws: &str) -> &'static str {
    verify_suite(&[SECRET], jws).map_or_else(|error| error.code(), |_| "")
}

fn code_of_header(header: &str) -> &'static str {
    code(&sign(header.as_bytes(), b"x"))
}

#[test]
fn rfc_7515_a1_and_rfc_7519_3_1() {
    let payload = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(verify_suite(&[A1_KEY], A1_JWS).unwrap(), payload);
    assert_eq!(verify_suite(&[SECRET], A1_JWS).unwrap_err().code(), "jwt_signature");
}

#[test]
#[cfg(feature = "ring")]
fn rfc_8037_a4() {
    let keys = [
        r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    ];
    let jws = concat!(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCj",
        "P0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    for key in keys {
        assert_eq!(verify_suite(&[key], jws).unwrap(), b"Example of Ed25519 signing");
    }
    assert_eq!(verify_suite(&keys[1..], &jws.replace("KAg", "KAw")).unwrap_err().code(), "jwt_signature");
    assert_eq!(verify_suite(&keys[1..], &jws.replace("SJ9.R", "SJ9.S")).unwrap_err().code(), "jwt_signature");
}

#[test]
fn sizes_are_tested_before_anything_else() {
    let fill = |len: usize| "a".repeat(len);
    assert_eq!(code(&fill(1366)), "jwt_malformed");
    assert_eq!(code(&fill(1367)), "jwt_too_large");
    assert_eq!(code(&format!("{}.a.a", fill(1367))), "jwt_too_large");
    assert_eq!(code(&format!("{}.a.a", fill(1366))), "jwt_malformed");
    assert_eq!(code(&format!("{}.a.a", "é".repeat(1366))), "jwt_malformed");
    assert_eq!(code(&format!("{}.a.a", "é".repeat(1367))), "jwt_too_large");
    assert_eq!(code(&".".repeat(8192)), "jwt_malformed");
    assert_eq!(code(&".".repeat(8193)), "jwt_too_large");
    // A header of exactly 1024 bytes, and a token of exactly 8192.
    let start = r#"{"alg":"HS256","kid":"a","pad":""#;
    let header = format!("{start}{}\"}}", fill(1024 - start.len() - 2));
    let rest = 8192 - 1366 - 1 - 1 - 43;
    assert_eq!(code(&sign(header.as_bytes(), &vec![b'x'; rest * 3 / 4])), "");
    assert_eq!(code(&sign(header.as_bytes(), &vec![b'x'; rest * 3 / 4 + 1])), "jwt_too_large");
    assert_eq!(code(&sign(format!("{header} ").as_bytes(), b"x")), "jwt_too_large");
}

#[test]
fn a_token_has_three_parts_of_strict_base64url() {
    let good = sign(br#"{"alg":"HS256","kid":"a"}"#, b"x");
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    assert_eq!(code(&good), "");
    for wrong in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        signed.to_owned(),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!(".{good}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{signed}.{}", &signature[..41]),
        format!("{signed}.{} {}", &signature[..20], &signature[20..]),
        format!("{signed}.{}é", &signature[..41]),
        format!("{signed}.+{}", &signature[1..]),
        format!("{signed}./{}", &signature[1..]),
    ] {
        assert_eq!(code(&wrong), "jwt_malformed", "{wrong}");
    }
    // The last of 43 characters has two spare bits.
    let spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = spare.find(&signature[42..]).unwrap();
    assert_eq!(code(&format!("{signed}.{}{}", &signature[..42], &spare[last + 1..last + 2])), "jwt_malformed");
    for short in ["", &signature[..42], &signature.repeat(2)[..84], &signature.repeat(10)[..400]] {
        let strict = from_base64url(short.as_bytes()).is_some();
        assert_eq!(code(&format!("{signed}.{short}")), if strict { "jwt_signature" } else { "jwt_malformed" }, "{short}");
    }
    // The payload is decoded after the signature is found right.
    assert_eq!(code(&format!("{header}.!.{signature}")), "jwt_signature");
}

#[test]
fn a_payload_of_broken_base64url_that_is_rightly_signed() {
    let key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![7; 32])).unwrap();
    for payload in ["e", "eA=", "eA==", "eB", "e A", "é"] {
        let signed = format!("{}.{payload}", base64url(br#"{"alg":"HS256"}"#));
        let jws = format!("{signed}.{}", base64url(key.sign(&Message::new(&signed)).unwrap().as_bytes()));
        assert_eq!(code(&jws), "jwt_malformed", "{payload}");
    }
}

#[test]
fn the_header_is_strict_json() {
    for wrong in [
        "",
        "[]",
        "null",
        "\"alg\"",
        r#"{"alg":"HS256""#,
        r#"{"alg":"HS256"}x"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","crit":[],"crit":[]}"#,
        r#"{"alg":"HS256","x":{"y":1,"y":2}}"#,
        r#"{"alg":"HS256","x":1e999}"#,
        r#"{"alg":"HS256","x":NaN}"#,
        r#"{"alg":"HS256","x":"\ud800"}"#,
        r#"{"alg":"HS256","x":01}"#,
        "\u{feff}{\"alg\":\"HS256\"}",
        &format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(16), "]".repeat(16)),
    ] {
        assert_eq!(code_of_header(wrong), "jwt_malformed", "{wrong}");
    }
    assert_eq!(code(&sign(b"{\"alg\":\"HS256\",\"x\":\"\xff\"}", b"x")), "jwt_malformed");
    assert_eq!(code_of_header(&format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(15), "]".repeat(15))), "");
    assert_eq!(code_of_header("{ \"alg\" : \"HS256\" ,\r\n\t\"x\":[1e308,-0] }"), "");
}

#[test]
fn header_members() {
    for (header, expected) in [
        (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, "jwt_crit"),
        (r#"{"alg":"HS256","crit":[]}"#, "jwt_crit"),
        (r#"{"alg":"HS256","crit":null}"#, "jwt_crit"),
        (r#"{"alg":"HS256","b64":true}"#, "jwt_crit"),
        (r#"{"alg":"HS256","b64":false}"#, "jwt_crit"),
        (r#"{"crit":1,"jwk":{}}"#, "jwt_crit"),
        (r#"{"jwk":{},"crit":1}"#, "jwt_crit"),
        (r#"{"alg":"HS256","jwk":null}"#, "jwt_header"),
        (r#"{"alg":"HS256","jku":"https://x"}"#, "jwt_header"),
        (r#"{"alg":"HS256","x5u":""}"#, "jwt_header"),
        (r#"{"alg":"HS256","x5c":[]}"#, "jwt_header"),
        (r#"{"alg":"HS256","enc":"A128GCM"}"#, "jwt_header"),
        (r#"{"alg":"HS256","zip":"DEF"}"#, "jwt_header"),
        (r#"{"alg":"none","enc":"A128GCM"}"#, "jwt_header"),
        ("{}", "jwt_header"),
        (r#"{"Alg":"HS256"}"#, "jwt_header"),
        (r#"{"alg":null}"#, "jwt_header"),
        (r#"{"alg":["HS256"]}"#, "jwt_header"),
        (r#"{"alg":"HS256","typ":1}"#, "jwt_header"),
        (r#"{"alg":"HS256","typ":null}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":1}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":""}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":"a b"}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":"a\u007f"}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":"é"}"#, "jwt_header"),
        (r#"{"alg":"HS256","kid":"b"}"#, "jwt_key_unknown"),
        (r#"{"alg":"HS256","kid":"A"}"#, "jwt_key_unknown"),
        (r#"{"alg":"","kid":"a"}"#, "jwt_algorithm"),
        (r#"{"alg":"none","kid":"a"}"#, "jwt_algorithm"),
        (r#"{"alg":"hs256","kid":"a"}"#, "jwt_algorithm"),
        (r#"{"alg":"HS512","kid":"a"}"#, "jwt_algorithm"),
        (r#"{"alg":"Ed25519","kid":"a"}"#, "jwt_algorithm"),
        (r#"{"alg":"none"}"#, "jwt_key_unknown"),
        (r#"{"alg":"HS256"}"#, ""),
        (r#"{"alg":"HS256","kid":"a","typ":"","cty":1,"x5t":[],"Crit":[],"JWK":1,"":2}"#, ""),
    ] {
        assert_eq!(code_of_header(header), expected, "{header}");
    }
    let kid = |len: usize| code_of_header(&format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "~".repeat(len)));
    assert_eq!((kid(128), kid(129)), ("jwt_key_unknown", "jwt_header"));
}

#[test]
fn the_key_is_the_named_one_or_the_only_one_that_fits() {
    let other = r#"{"kid":"b","alg":"HS256","secret":"another secret of thirty-two bytes"}"#;
    let nameless = r#"{"kid":"","alg":"HS256","secret":"hex:0707070707070707070707070707070707070707070707070707070707070707"}"#;
    let code = |keys: &[&str], header: &str| verify_suite(keys, &sign(header.as_bytes(), b"")).map_or_else(|error| error.code(), |_| "");
    assert_eq!(code(&[SECRET, other], r#"{"alg":"HS256","kid":"a"}"#), "");
    assert_eq!(code(&[SECRET, other], r#"{"alg":"HS256","kid":"b"}"#), "jwt_signature");
    assert_eq!(code(&[SECRET, other], r#"{"alg":"HS256"}"#), "jwt_key_unknown");
    assert_eq!(code(&[nameless, other], r#"{"alg":"HS256","kid":"c"}"#), "");
    assert_eq!(code(&[], r#"{"alg":"HS256"}"#), "jwt_key_unknown");
    assert_eq!(code(&[nameless], r#"{"alg":"HS256"}"#), "");
}

#[test]
fn a_refused_key_refuses_its_whole_suite() {
    let good = sign(br#"{"alg":"HS256","kid":"a"}"#, b"x");
    for (key, expected) in [
        (r#"{"kid":"b","alg":"HS256","secret":"short"}"#, "key_too_short"),
        (r#"{"kid":"b","alg":"HS256","secret":"base64:AAAA"}"#, "key_too_short"),
        (r#"{"kid":"b","alg":"HS256","secret":"base64:!"}"#, "key_invalid"),
        (r#"{"kid":"b","alg":"HS256","secret":"hex:0"}"#, "key_invalid"),
        (r#"{"kid":"b","alg":"HS256","secret":1}"#, "key_invalid"),
        (r#"{"kid":1,"alg":"HS256","secret":"a secret of at least thirty-two bytes"}"#, "key_invalid"),
        (r#"{"kid":"b","alg":"HS384","secret":"a secret of at least thirty-two bytes"}"#, "key_type_mismatch"),
        (r#"{"kid":"b","secret":"a secret of at least thirty-two bytes"}"#, "key_type_mismatch"),
        (r#"{"kty":"oct","kid":"b","k":"AAAA"}"#, "key_too_short"),
        (r#"{"kty":"oct","kid":"b"}"#, "key_invalid"),
        (r#"{"kty":"EC","crv":"P-256","kid":"b"}"#, "key_type_mismatch"),
        (r#"{"kid":"b"}"#, "key_invalid"),
        ("x", "key_invalid"),
    ] {
        let result = verify_suite(&[SECRET, key], &good);
        assert!(matches!(&result, Err(Error::Key(error)) if error.code() == expected), "{key}: {result:?}");
    }
    let unfit = A1_KEY.replace('{', r#"{"use":"enc","#);
    assert_eq!(verify_suite(&[&unfit], A1_JWS).unwrap_err().code(), "key_invalid");
    let unfit = A1_KEY.replace('{', r#"{"key_ops":["sign"],"#);
    assert_eq!(verify_suite(&[&unfit], A1_JWS).unwrap_err().code(), "key_invalid");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_none_verifies(text in "[A-Za-z0-9_.-]{0,200}|.{0,100}") {
        prop_assert!(verify_suite(&[SECRET], &text).is_err());
    }

    #[test]
    fn a_changed_token_never_verifies(at in 0..200usize, to in any::<char>()) {
        let good = sign(br#"{"alg":"HS256","kid":"a"}"#, br#"{"sub":"u-42","roles":["operator"]}"#);
        let mut characters: Vec<char> = good.chars().collect();
        let at = at % characters.len();
        prop_assume!(characters[at] != to);
        characters[at] = to;
        prop_assert!(verify_suite(&[SECRET], &characters.into_iter().collect::<String>()).is_err());
    }
}
