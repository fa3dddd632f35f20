//! Good messages and those that are only a little wrong.

use super::*;
use crate::webhook::RequestLine;

fn code(endpoint: &Endpoint, headers: &[Header], body: &[u8]) -> &'static str {
    check(endpoint, headers, body).map_or_else(|code| code, |_| "valid")
}

#[test]
fn the_published_vectors_are_accepted() {
    let lowered = |preset: &str| endpoint(EndpointSpec { secrets: vec![secret("s", "shared-secret")], min_len: Some(13), ..spec(preset) });
    let headers = [
        header("x-chirpstack-signature", "sha256=24faf2864d48d8a066f4617f5ad0befe3f2396d6c08ab55d54bf5cfec6f51c7c"),
        header("x-timestamp", "2026-11-21T08:00:00Z"),
        header("x-nonce", "n-0001"),
    ];
    let checked = check(&lowered("parking"), &headers, BODY).unwrap();
    assert_eq!((checked.key_id.as_str(), checked.timestamp, checked.nonce.as_deref()), ("s", Some(at(NOW)), Some("n-0001")));
    let headers = [header("X-Signature", "9502cf4b9eee3f75a14914771377646e1bc71ebd3be962d84b66bf113a1782bf"), header("X-Timestamp", "1795248000000")];
    assert!(check(&lowered("edge_sync"), &headers, br#"{"batch":[1,2,3]}"#).is_ok());

    let headers = [
        header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        header("webhook-timestamp", "1614265330"),
        header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    let checked = check_at(&endpoint(spec("standard_webhooks")), &headers, br#"{"test": 2432232314}"#, 1_614_265_330_000_000).unwrap();
    assert_eq!(checked.id.as_deref(), Some("msg_p5jXN8AQM9LWM0D4loKWxJek"));
}

#[test]
fn the_window_includes_both_its_ends() {
    let second = 1_000_000;
    for (preset, past, future) in [("parking", 300, 60), ("edge_sync", 300, 300), ("standard_webhooks", 300, 60)] {
        let endpoint = endpoint(spec(preset));
        let headers = match preset {
            "parking" => parking("2026-11-21T08:00:00Z", "n", BODY),
            "edge_sync" => edge("1795248000000", BODY),
            _ => standard("msg_1", "1795248000", BODY),
        };
        let at = |now: i64| check_at(&endpoint, &headers, BODY, now).map(|_| ());
        assert_eq!(at(NOW + past * second), Ok(()), "{preset}");
        assert_eq!(at(NOW + past * second + 1), Err("timestamp_too_old"), "{preset}");
        assert_eq!(at(NOW - future * second), Ok(()), "{preset}");
        assert_eq!(at(NOW - future * second - 1), Err("timestamp_too_new"), "{preset}");
    }
    let refused = endpoint(spec("parking")).check(&parking("2026-11-21T07:00:00Z", "n", BODY), BODY, None, at(NOW)).unwrap_err();
    assert_eq!(refused.server_time_ms(), Some(NOW / 1000));
}

#[test]
fn times_are_signed_as_they_are_written() {
    let endpoint = endpoint(spec("parking"));
    for time in [
        "2026-11-21T08:00:00Z",
        "2026-11-21T08:00:00",
        "2026-11-21T09:30:00+01:30",
        "2026-11-21T08:00:00.123456789Z",
        "2026-11-21T08:00:00.5",
        "2026-11-21T08:00:00-00:00",
    ] {
        assert_eq!(code(&endpoint, &parking(time, "n-1", BODY), BODY), "valid", "{time}");
    }
    for time in [
        "",
        " 2026-11-21T08:00:00Z",
        "2026-11-21T08:00:00Z ",
        "2026-11-21 08:00:00Z",
        "2026-11-21T08:00:60Z",
        "1795248000",
        "2026-11-21T08:00:00+0100",
    ] {
        assert_eq!(code(&endpoint, &parking(time, "n-1", BODY), BODY), "timestamp_malformed", "{time:?}");
    }
}

#[test]
fn times_in_digits_are_digits_and_fifteen_at_most() {
    let (edge_sync, standard_webhooks) = (endpoint(spec("edge_sync")), endpoint(spec("standard_webhooks")));
    for wrong in [
        "",
        " 1795248000000",
        "1795248000000.7",
        "+1795248000000",
        "-1",
        "1_795",
        "1.795e9",
        "0x1",
        "1795248000000abc",
        "1234567890123456",
        "１７９５",
    ] {
        assert_eq!(code(&edge_sync, &edge(wrong, BODY), BODY), "timestamp_malformed", "{wrong:?}");
        assert_eq!(code(&standard_webhooks, &standard("m", wrong, BODY), BODY), "timestamp_malformed", "{wrong:?}");
    }
    assert_eq!(code(&edge_sync, &edge("001795248000000", BODY), BODY), "valid");
    // Seconds for milliseconds and the reverse, and numbers that no instant in µs can hold.
    assert_eq!(code(&edge_sync, &edge("1795248000", BODY), BODY), "timestamp_too_old");
    assert_eq!(code(&standard_webhooks, &standard("m", "1795248000000", BODY), BODY), "timestamp_too_new");
    assert_eq!(code(&standard_webhooks, &standard("m", "999999999999999", BODY), BODY), "timestamp_too_new");
    assert_eq!(code(&standard_webhooks, &standard("m", "0", BODY), BODY), "timestamp_too_old");
    // Even where the window has no end, an instant is one that can be said.
    let forever = endpoint(EndpointSpec { future: Some(std::time::Duration::MAX), ..spec("standard_webhooks") });
    assert_eq!(code(&forever, &standard("m", "999999999999999", BODY), BODY), "timestamp_too_new");
}

#[test]
fn the_unit_that_the_sender_seems_to_have_used_goes_to_the_log() {
    let details =
        |endpoint: &Endpoint, headers: &[Header]| super::super::verify::check(endpoint, headers, BODY, None, at(NOW)).err().unwrap().details;
    let seconds = details(&endpoint(spec("edge_sync")), &edge("1795248000", BODY));
    assert!(seconds.contains(&("unit_suspect", "s".to_owned())), "{seconds:?}");
    let millis = details(&endpoint(spec("standard_webhooks")), &standard("m", "1795248000000", BODY));
    assert!(millis.contains(&("unit_suspect", "ms".to_owned())), "{millis:?}");
    let old = details(&endpoint(spec("standard_webhooks")), &standard("m", "1795247000", BODY));
    assert_eq!(old, [("delta_ms", "1000000".to_owned())]);
}

#[test]
fn bytes_are_bytes() {
    let endpoint = endpoint(spec("edge_sync"));
    for body in [&b""[..], b"\xff\xfe\0", b"\xef\xbb\xbf{}", b"not json"] {
        let headers = edge("1795248000000", body);
        assert_eq!(code(&endpoint, &headers, body), "valid");
    }
    let headers = edge("1795248000000", b"\xff");
    assert_eq!(code(&endpoint, &headers, b"\xfe"), "signature_mismatch");
    assert_eq!(code(&endpoint, &headers, "\u{fffd}".as_bytes()), "signature_mismatch");
    assert_eq!(code(&endpoint, &edge("1795248000000", b"{}"), b"\xef\xbb\xbf{}"), "signature_mismatch");
}

#[test]
fn a_body_may_be_as_large_as_the_endpoint_says() {
    let endpoint = endpoint(EndpointSpec { max_body: Some(4), ..spec("edge_sync") });
    assert_eq!(code(&endpoint, &edge("1795248000000", b"1234"), b"1234"), "valid");
    assert_eq!(code(&endpoint, &edge("1795248000000", b"12345"), b"12345"), "body_too_large");
    // Size comes after all that headers can say, and before the signature.
    assert_eq!(code(&endpoint, &edge("0", b"12345"), b"12345"), "timestamp_too_old");
    assert_eq!(code(&endpoint, &edge("1795248000000", b"x"), b"12345"), "body_too_large");
}

#[test]
fn secrets_are_in_force_from_an_instant_until_another_and_the_first_that_fits_is_named() {
    let mut both = spec("parking");
    both.secrets = vec![
        SecretSpec { not_before: Some(at(NOW)), ..secret("new", SECRET) },
        SecretSpec { not_after: Some(at(NOW + 1)), sign: false, ..secret("old", SECRET) },
    ];
    let endpoint = endpoint(both);
    let headers = parking("2026-11-21T08:00:00Z", "n", BODY);
    let key = |now: i64| check_at(&endpoint, &headers, BODY, now).map(|checked| checked.key_id);
    assert_eq!(key(NOW - 1), Ok("old".to_owned()));
    assert_eq!(key(NOW), Ok("new".to_owned()));
    assert_eq!(key(NOW + 1), Ok("new".to_owned()));
    let mut ended = spec("parking");
    ended.secrets = vec![SecretSpec { not_after: Some(at(NOW)), ..secret("old", SECRET) }];
    assert_eq!(check(&super::endpoint(ended), &headers, BODY), Err("signature_mismatch"));
}

#[test]
fn the_other_header_family_is_read_as_a_whole_or_not_at_all() {
    let endpoint = endpoint(spec("standard_webhooks"));
    let key = encode::from_base64(STANDARD_SECRET.trim_start_matches("whsec_").as_bytes()).unwrap();
    let svix = standard_with(&key, "svix-", "msg_1", "1795248000", BODY);
    let own = standard("msg_1", "1795248000", BODY);
    assert_eq!(code(&endpoint, &svix, BODY), "valid");
    assert_eq!(code(&endpoint, &svix.iter().map(|(name, value)| header(&name.to_uppercase(), value)).collect::<Vec<_>>(), BODY), "valid");
    // Both families: the scheme's own is read, and the other may hold anything.
    let garbage = [svix.clone(), svix.clone(), own.clone()].concat();
    assert_eq!(code(&endpoint, &garbage, BODY), "valid");
    // A mixture is none.
    let mixed = [with(&own, "webhook-id", None), vec![svix[2].clone()]].concat();
    assert_eq!(code(&endpoint, &mixed, BODY), "header_missing");
    let mixed = [with(&own, "webhook-signature", None), vec![svix[0].clone()]].concat();
    assert_eq!(code(&endpoint, &mixed, BODY), "header_missing");
    assert_eq!(code(&endpoint, &[], BODY), "header_missing");
}

#[cfg(feature = "ring")]
#[test]
fn ed25519_signs_its_own_version_only() {
    use crate::ed25519::SecretKey;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let public = pair.public_key().as_ref();
    let key = SecretKey::from_seed(&[9; 32], public).unwrap();
    let mut with_public = spec("standard_webhooks");
    with_public.secrets.push(secret("e", &format!("whpk_{}", encode::base64(public))));
    let endpoint = endpoint(with_public);
    let signature = encode::base64(&key.sign(&[b"msg_1.1795248000.", BODY].concat()));
    let headers = |value: String| with(&standard("msg_1", "1795248000", BODY), "webhook-signature", Some(value.as_bytes()));
    assert_eq!(check(&endpoint, &headers(format!("v1a,{signature}")), BODY).map(|checked| checked.key_id), Ok("e".to_owned()));
    assert_eq!(code(&endpoint, &headers(format!("v1,{signature}")), BODY), "header_malformed");
    assert_eq!(code(&endpoint, &headers(format!("v1a,{signature}")), b"{}"), "signature_mismatch");
    // No secret in force fits an entry: nothing is computed, and nothing is said but that.
    let hmac_only = super::endpoint(spec("standard_webhooks"));
    assert_eq!(code(&hmac_only, &headers(format!("v1a,{signature}")), BODY), "signature_mismatch");
}

#[test]
fn a_scheme_of_the_request_needs_one() {
    let scheme = serde_json::json!({ "algs": ["hmac_sha256"], "secret": { "utf8": {} }, "signature": { "header": "x-sig" },
        "timestamp": { "header": "x-time", "unit": "s" }, "content": ["timestamp", "\n", "method", "\n", "path", "\n", "query", "\n", "body"] });
    let endpoint = endpoint(EndpointSpec { preset: None, scheme: Some(scheme), ..spec("parking") });
    let mac = mac(SECRET.as_bytes(), &[b"1795248000\nPOST\n/a/b\nx=1\n", BODY]);
    let headers = [header("x-sig", encode::hex(&mac)), header("x-time", "1795248000")];
    let of = |url: Option<&str>| {
        let request = url.map(|url| RequestLine { method: "POST".to_owned(), url: url.to_owned() });
        endpoint.check(&headers, BODY, request.as_ref(), at(NOW)).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(of(Some("https://h.example/a/b?x=1")), Ok(()));
    assert_eq!(of(Some("/a/b?x=1")), Ok(()));
    assert_eq!(of(Some("/a/b?x=2")), Err("signature_mismatch"));
    assert_eq!(of(None), Err("invalid_argument"));
    assert_eq!(of(Some("/a b")), Err("invalid_argument"));
}
