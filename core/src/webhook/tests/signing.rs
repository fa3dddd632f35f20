//! Signing: what is written, and that it verifies.

use super::*;
use crate::entropy::Entropy;
use crate::webhook::Sign;

/// Bytes that count up, and how many were drawn.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> crate::Result<()> {
        out.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        Ok(())
    }
}

fn sign_at(endpoint: &Endpoint, sign: &Sign, now: i64, entropy: &Counting) -> Result<Vec<(String, String)>, &'static str> {
    endpoint.sign(BODY, sign, at(now), entropy).map_err(|error| error.code())
}

fn sign(endpoint: &Endpoint, options: &Sign) -> Result<Vec<(String, String)>, &'static str> {
    sign_at(endpoint, options, NOW, &Counting(0.into()))
}

fn get<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    &headers.iter().find(|(of, _)| of == name).unwrap().1
}

#[test]
fn what_is_signed_verifies() {
    for preset in ["parking", "edge_sync", "standard_webhooks"] {
        let endpoint = endpoint(spec(preset));
        let headers: Vec<_> = sign(&endpoint, &Sign::default()).unwrap().into_iter().map(|(name, value)| header(&name, value)).collect();
        assert_eq!(check(&endpoint, &headers, BODY).map(|checked| checked.key_id), Ok("a".to_owned()), "{preset}");
        assert_eq!(check(&endpoint, &headers, b"{}").map(|_| ()), Err("signature_mismatch"), "{preset}");
    }
}

#[test]
fn headers_are_those_of_the_published_vectors() {
    let lowered = |preset: &str| endpoint(EndpointSpec { secrets: vec![secret("s", "shared-secret")], min_len: Some(13), ..spec(preset) });
    let signed = sign(&lowered("parking"), &Sign { nonce: Some("n-0001".to_owned()), ..Sign::default() }).unwrap();
    assert_eq!(get(&signed, "X-Chirpstack-Signature"), "sha256=24faf2864d48d8a066f4617f5ad0befe3f2396d6c08ab55d54bf5cfec6f51c7c");
    assert_eq!((get(&signed, "X-Timestamp"), get(&signed, "X-Nonce"), signed.len()), ("2026-11-21T08:00:00Z", "n-0001", 3));
    let signed = lowered("edge_sync").sign(br#"{"batch":[1,2,3]}"#, &Sign::default(), at(NOW), &Counting(0.into())).unwrap();
    assert_eq!(get(&signed, "x-signature"), "9502cf4b9eee3f75a14914771377646e1bc71ebd3be962d84b66bf113a1782bf");
    assert_eq!((get(&signed, "x-timestamp"), signed.len()), ("1795248000000", 2));
    let options = Sign { id: Some("msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()), ..Sign::default() };
    let signed =
        endpoint(spec("standard_webhooks")).sign(br#"{"test": 2432232314}"#, &options, at(1_614_265_330_999_999), &Counting(0.into())).unwrap();
    assert_eq!(get(&signed, "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!((get(&signed, "webhook-timestamp"), signed.len()), ("1614265330", 3));
}

#[test]
fn times_are_rounded_down_to_the_unit() {
    let late = NOW + 1_999_999;
    let time =
        |preset: &str, name: &str| get(&sign_at(&endpoint(spec(preset)), &Sign::default(), late, &Counting(0.into())).unwrap(), name).to_owned();
    assert_eq!(time("parking", "X-Timestamp"), "2026-11-21T08:00:01Z");
    assert_eq!(time("edge_sync", "x-timestamp"), "1795248001999");
    assert_eq!(time("standard_webhooks", "webhook-timestamp"), "1795248001");
}

#[test]
fn sixteen_bytes_are_drawn_where_something_is_missing_and_none_in_vain() {
    let drawn = |preset: &str, options: &Sign| {
        let entropy = Counting(0.into());
        let signed = sign_at(&endpoint(spec(preset)), options, NOW, &entropy);
        (signed, entropy.0.into_inner())
    };
    let (signed, draws) = drawn("parking", &Sign::default());
    assert_eq!((get(&signed.unwrap(), "X-Nonce"), draws), ("AAECAwQFBgcICQoLDA0ODw", 16));
    let (signed, draws) = drawn("standard_webhooks", &Sign::default());
    assert_eq!((get(&signed.unwrap(), "webhook-id"), draws), ("msg_AAECAwQFBgcICQoLDA0ODw", 16));
    assert_eq!(drawn("edge_sync", &Sign::default()).1, 0);
    let nonce = |nonce: &str| Sign { nonce: Some(nonce.to_owned()), ..Sign::default() };
    let id = |id: &str| Sign { id: Some(id.to_owned()), ..Sign::default() };
    assert_eq!(drawn("parking", &nonce("a.b")), (Err("nonce_malformed"), 0));
    assert_eq!(drawn("parking", &nonce("")), (Err("nonce_malformed"), 0));
    assert_eq!(drawn("parking", &id("x")), (Err("invalid_argument"), 0));
    assert_eq!(drawn("edge_sync", &nonce("x")), (Err("invalid_argument"), 0));
    assert_eq!(drawn("standard_webhooks", &nonce("x")), (Err("invalid_argument"), 0));
    assert_eq!(drawn("standard_webhooks", &id("a.b")), (Err("header_malformed"), 0));
}

#[test]
fn a_list_holds_all_that_sign_and_a_single_signature_is_of_the_newest() {
    let four = |text: &str, other: &str| {
        vec![
            secret("none", text),
            SecretSpec { not_before: Some(at(NOW - 5)), ..secret("older", other) },
            SecretSpec { not_before: Some(at(NOW - 1)), ..secret("newest", other) },
            SecretSpec { not_before: Some(at(NOW + 1)), ..secret("future", text) },
            SecretSpec { sign: false, not_before: Some(at(NOW)), ..secret("silent", text) },
        ]
    };
    let other = "another secret of 24 byt";
    let parking_endpoint = endpoint(EndpointSpec { secrets: four(SECRET, other), ..spec("parking") });
    let signed = sign(&parking_endpoint, &Sign { nonce: Some("n".to_owned()), ..Sign::default() }).unwrap();
    let expected = mac(other.as_bytes(), &[b"2026-11-21T08:00:00Z.n.", BODY]);
    assert_eq!(get(&signed, "X-Chirpstack-Signature"), format!("sha256={}", encode::hex(&expected)));

    let standard_endpoint = endpoint(EndpointSpec { secrets: four(STANDARD_SECRET, &encode::base64(&[1; 24])), ..spec("standard_webhooks") });
    let signed = sign(&standard_endpoint, &Sign { id: Some("m".to_owned()), ..Sign::default() }).unwrap();
    let of = |key: &[u8]| format!("v1,{}", encode::base64(&mac(key, &[b"m.1795248000.", BODY])));
    let first = encode::from_base64(STANDARD_SECRET.trim_start_matches("whsec_").as_bytes()).unwrap();
    assert_eq!(get(&signed, "webhook-signature"), [of(&first), of(&[1; 24]), of(&[1; 24])].join(" "));
}

#[test]
fn where_no_secret_signs_the_call_is_not_provided_for() {
    let silent = EndpointSpec { secrets: vec![SecretSpec { sign: false, ..secret("a", SECRET) }], ..spec("parking") };
    assert_eq!(sign(&endpoint(silent), &Sign::default()), Err("config_invalid"));
    let ended = EndpointSpec { secrets: vec![SecretSpec { not_after: Some(at(NOW)), ..secret("a", SECRET) }], ..spec("parking") };
    assert_eq!(sign(&endpoint(ended), &Sign::default()), Err("config_invalid"));
}

#[cfg(feature = "ring")]
#[test]
fn a_public_key_verifies_and_a_private_one_also_signs() {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let public = pair.public_key().as_ref();
    let with_key = |text: String| endpoint(EndpointSpec { secrets: vec![secret("e", &text)], ..spec("standard_webhooks") });
    let verifier = with_key(format!("whpk_{}", encode::base64(public)));
    let signer = with_key(format!("whsk_{}", encode::base64(&[&[9; 32], public].concat())));
    assert_eq!(sign(&verifier, &Sign::default()), Err("config_invalid"));
    let headers: Vec<_> = sign(&signer, &Sign::default()).unwrap().into_iter().map(|(name, value)| header(&name, value)).collect();
    assert!(headers.iter().any(|(_, value)| value.starts_with(b"v1a,")));
    assert!(check(&verifier, &headers, BODY).is_ok());
    assert!(check(&signer, &headers, BODY).is_ok());
}
