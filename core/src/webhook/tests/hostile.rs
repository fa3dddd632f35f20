//! Headers and bodies made to harm.

use proptest::prelude::*;

use super::*;

fn code(endpoint: &Endpoint, headers: &[Header], body: &[u8]) -> &'static str {
    check(endpoint, headers, body).map_or_else(|code| code, |_| "valid")
}

#[test]
fn re_framed_messages_are_refused() {
    let endpoint = endpoint(spec("parking"));
    let body = br#"{"lat":1.5,"lon":2}"#;
    let captured = parking("2026-11-21T08:00:00.123Z", "n-1", body);
    assert_eq!(code(&endpoint, &captured, body), "valid");
    // The nonce eats into the body: the signed bytes stay the same.
    let fresh_nonce = with(&captured, "X-Nonce", Some(br#"n-1.{"lat":1"#));
    assert_eq!(code(&endpoint, &fresh_nonce, br#"5,"lon":2}"#), "nonce_malformed");
    // The fraction of the time becomes the nonce.
    let shorter = with(&with(&captured, "X-Timestamp", Some(b"2026-11-21T08:00:00")), "X-Nonce", Some(b"123Z"));
    assert_eq!(code(&endpoint, &shorter, br#"n-1.{"lat":1.5,"lon":2}"#), "framing_ambiguous");
    let shorter = with(&shorter, "X-Nonce", Some(b"123"));
    assert_eq!(code(&endpoint, &shorter, BODY), "framing_ambiguous");
}

#[test]
fn what_the_guard_costs_is_only_what_could_be_a_fraction() {
    let endpoint = endpoint(spec("parking"));
    let of = |time: &str, nonce: &str| code(&endpoint, &parking(time, nonce, BODY), BODY);
    for nonce in ["1", "123456789", "1Z", "123456789Z"] {
        assert_eq!(of("2026-11-21T08:00:00", nonce), "framing_ambiguous", "{nonce}");
        assert_eq!(of("2026-11-21T08:00:00Z", nonce), "valid", "{nonce}");
        assert_eq!(of("2026-11-21T08:00:00.5", nonce), "valid", "{nonce}");
    }
    for nonce in ["1234567890", "1234567890Z", "Z", "12a", "1z", "1ZZ", "1-", "-1", "1_"] {
        assert_eq!(of("2026-11-21T08:00:00", nonce), "valid", "{nonce}");
    }
}

#[test]
fn a_time_that_meets_the_body_may_not_go_on_in_it() {
    let scheme = serde_json::json!({ "algs": ["hmac_sha256"], "secret": { "utf8": {} }, "signature": { "header": "x-signature" },
        "timestamp": { "header": "x-timestamp", "unit": "s" }, "content": ["timestamp", "body"] });
    let endpoint = endpoint(EndpointSpec { preset: None, scheme: Some(scheme), ..spec("parking") });
    let message = |body: &[u8]| {
        let mac = mac(SECRET.as_bytes(), &[b"1795248000", body]);
        vec![header("x-signature", encode::hex(&mac)), header("x-timestamp", "1795248000")]
    };
    assert_eq!(code(&endpoint, &message(b"{}"), b"{}"), "valid");
    assert_eq!(code(&endpoint, &message(b""), b""), "valid");
    assert_eq!(code(&endpoint, &message(b"1{}"), b"1{}"), "framing_ambiguous");
}

#[test]
fn an_iso_time_before_the_body_is_guarded_into_the_body() {
    let scheme = serde_json::json!({ "algs": ["hmac_sha256"], "secret": { "utf8": {} }, "signature": { "header": "x-signature" },
        "timestamp": { "header": "x-timestamp", "unit": "iso8601", "naive": "utc" }, "content": ["timestamp", ".", "body"] });
    let endpoint = endpoint(EndpointSpec { preset: None, scheme: Some(scheme), ..spec("parking") });
    let message = |body: &[u8]| {
        let mac = mac(SECRET.as_bytes(), &[b"2026-11-21T08:00:00.", body]);
        vec![header("x-signature", encode::hex(&mac)), header("x-timestamp", "2026-11-21T08:00:00")]
    };
    assert_eq!(code(&endpoint, &message(b"{}"), b"{}"), "valid");
    assert_eq!(code(&endpoint, &message(b"123+01:00.{}"), b"123+01:00.{}"), "framing_ambiguous");
    assert_eq!(code(&endpoint, &message(b"123+01:00,{}"), b"123+01:00,{}"), "valid");
}

#[test]
fn faults_of_headers_are_told_in_one_order() {
    let endpoint = endpoint(spec("parking"));
    let good = parking("2026-11-21T08:00:00Z", "n-1", BODY);
    assert_eq!(code(&endpoint, &good, BODY), "valid");
    let twice = |name: &str| [good.clone(), vec![header(name, "x")]].concat();
    for name in ["X-Chirpstack-Signature", "x-timestamp", "X-NONCE"] {
        assert_eq!(code(&endpoint, &with(&good, name, None), BODY), "header_missing", "{name}");
        assert_eq!(code(&endpoint, &twice(name), BODY), "header_duplicate", "{name}");
        assert_eq!(code(&endpoint, &with(&good, name, Some(&[b'0'; 8193])), BODY), "header_malformed", "{name}");
    }
    // Missing before doubled before too long, whichever header it is.
    assert_eq!(code(&endpoint, &with(&twice("X-Chirpstack-Signature"), "X-Nonce", None), BODY), "header_missing");
    let long = with(&good, "X-Chirpstack-Signature", Some(&[b'0'; 9000]));
    assert_eq!(code(&endpoint, &[long.clone(), vec![header("X-Nonce", "x")]].concat(), BODY), "header_duplicate");
    // The signature's content before the time, the time before the nonce.
    let bad_time = with(&with(&good, "X-Timestamp", Some(b"x")), "X-Nonce", Some(b""));
    assert_eq!(code(&endpoint, &with(&bad_time, "X-Chirpstack-Signature", Some(b"")), BODY), "header_malformed");
    assert_eq!(code(&endpoint, &bad_time, BODY), "timestamp_malformed");
    let old = with(&with(&good, "X-Timestamp", Some(b"2020-11-21T08:00:00Z")), "X-Nonce", Some(b""));
    assert_eq!(code(&endpoint, &old, BODY), "timestamp_too_old");
    assert_eq!(code(&endpoint, &with(&good, "X-Nonce", Some(b"")), BODY), "nonce_malformed");
    // Headers that the scheme does not read may repeat and be of any length.
    let others = [good, vec![header("X-Other", "a"), header("X-Other", vec![b'x'; 100_000])]].concat();
    assert_eq!(code(&endpoint, &others, BODY), "valid");
}

#[test]
fn the_longest_header_that_is_read_is_read() {
    let endpoint = endpoint(spec("standard_webhooks"));
    let good = standard("msg_1", "1795248000", BODY);
    let signature = good[0].1.clone();
    let padded = |len: usize| [signature.clone(), vec![b' '; len - signature.len()]].concat();
    assert_eq!(code(&endpoint, &with(&good, "webhook-signature", Some(&padded(8192))), BODY), "valid");
    assert_eq!(code(&endpoint, &with(&good, "webhook-signature", Some(&padded(8193))), BODY), "header_malformed");
}

#[test]
fn nonces_and_ids_have_a_closed_grammar() {
    let parking_endpoint = endpoint(spec("parking"));
    let of = |nonce: &str| code(&parking_endpoint, &parking("2026-11-21T08:00:00Z", nonce, BODY), BODY);
    assert_eq!(of(&"n".repeat(128)), "valid");
    for wrong in ["", "a.b", "a b", " a", "a\t", "a+b", "ä", "a\0", &"n".repeat(129)] {
        assert_eq!(of(wrong), "nonce_malformed", "{wrong:?}");
    }
    let standard_endpoint = endpoint(spec("standard_webhooks"));
    let of = |id: &str| code(&standard_endpoint, &standard(id, "1795248000", BODY), BODY);
    assert_eq!(of(&"!".repeat(256)), "valid");
    assert_eq!(of("~#,;:"), "valid");
    for wrong in ["", "a.b", "a b", "a\u{7f}", "ä", &"n".repeat(257)] {
        assert_eq!(of(wrong), "header_malformed", "{wrong:?}");
    }
}

#[test]
fn sixteen_signatures_are_read_and_seventeen_are_not() {
    let endpoint = endpoint(spec("standard_webhooks"));
    let good = standard("msg_1", "1795248000", BODY);
    let right = String::from_utf8(good[0].1.clone()).unwrap();
    let wrong = format!("v1,{}", encode::base64(&[0; 32]));
    let of = |entries: Vec<&str>| code(&endpoint, &with(&good, "webhook-signature", Some(entries.join(" ").as_bytes())), BODY);
    let list = |wrongs: usize| [vec![wrong.as_str(); wrongs], vec![right.as_str()]].concat();
    assert_eq!(of(list(15)), "valid");
    assert_eq!(of(list(16)), "too_many_signatures");
    assert_eq!(of(vec![&wrong; 16]), "signature_mismatch");
    // 50,000 are too long a header before they are too many.
    assert_eq!(of(vec![&wrong; 50_000]), "header_malformed");
    assert_eq!(of(vec!["x"; 4096]), "too_many_signatures");
    assert_eq!(of(vec!["v1,!"; 16]), "header_malformed");
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80),
        "[ -~]{0,80}".prop_map(String::into_bytes),
        "(v1|v1a|sha256|t)[,=][A-Za-z0-9+/=]{0,90}( v1,[A-Za-z0-9+/=]{0,90}){0,20}".prop_map(String::into_bytes),
        "[0-9]{1,17}".prop_map(String::into_bytes),
        "2026-11-21T08:00:0[0-9](\\.[0-9]{0,10})?(Z|[+-][0-9:]{0,6})?".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn no_header_panics_or_passes(preset in 0..3_usize, values in proptest::collection::vec((0..10_usize, any_bytes()), 0..8), body: Vec<u8>) {
        let names = ["X-Chirpstack-Signature", "X-Timestamp", "X-Nonce", "x-signature", "webhook-signature", "webhook-timestamp", "webhook-id",
            "svix-signature", "svix-timestamp", "svix-id"];
        let headers: Vec<_> = values.iter().map(|(name, value)| header(names[*name], value)).collect();
        let endpoint = endpoint(spec(["parking", "edge_sync", "standard_webhooks"][preset]));
        prop_assert!(check(&endpoint, &headers, &body).is_err());
    }

    #[test]
    fn a_message_with_one_byte_changed_fails(preset in 0..3_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8, body in proptest::collection::vec(any::<u8>(), 1..60)) {
        let (endpoint, mut headers) = match preset {
            0 => (endpoint(spec("parking")), parking("2026-11-21T08:00:00Z", "n-1", &body)),
            1 => (endpoint(spec("edge_sync")), edge("1795248000000", &body)),
            _ => (endpoint(spec("standard_webhooks")), standard("msg_1", "1795248000", &body)),
        };
        prop_assert!(check(&endpoint, &headers, &body).is_ok());
        let mut body = body;
        let mut places: Vec<&mut u8> = headers.iter_mut().flat_map(|(_, value)| value.iter_mut()).chain(body.iter_mut()).collect();
        let place = at.index(places.len());
        let before = *places[place];
        *places[place] ^= flip;
        // The digits of a signature in hex may change their case: the bytes are the same.
        if !before.eq_ignore_ascii_case(places[place]) {
            prop_assert!(check(&endpoint, &headers, &body).is_err());
        }
    }

    #[test]
    fn whatever_is_signed_can_be_split_in_one_way_only(
        time in "2026-11-21T08:00:0[0-9](\\.[0-9]{1,9})?Z?",
        nonce in "[A-Za-z0-9_-]{1,12}|[0-9]{1,9}Z?",
        body in "([0-9]{1,4}|[0-9]{1,3}Z|n|\\.){0,8}",
    ) {
        let endpoint = endpoint(spec("parking"));
        let signed = format!("{time}.{nonce}.{body}");
        let headers = parking(&time, &nonce, body.as_bytes());
        let dots: Vec<_> = signed.match_indices('.').map(|(at, _)| at).collect();
        let cuts = dots.iter().flat_map(|first| dots.iter().filter(move |second| first < second).map(move |second| (*first, *second)));
        let passing = cuts.filter(|(first, second)| {
            let (time, nonce) = (&signed.as_bytes()[..*first], &signed.as_bytes()[first + 1..*second]);
            let cut = with(&with(&headers, "X-Timestamp", Some(time)), "X-Nonce", Some(nonce));
            check(&endpoint, &cut, &signed.as_bytes()[second + 1..]).is_ok()
        });
        prop_assert!(passing.count() <= 1);
    }
}
