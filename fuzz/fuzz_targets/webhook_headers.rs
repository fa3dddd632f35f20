//! Webhook headers. An input is lines `name: value`, an empty line and a body; or `+`, an id or nonce, a line feed and a body,
//! which is then signed, so that the fuzzer sees what a sender may say.

#![no_main]

use std::sync::LazyLock;

use gatewright::entropy::OsEntropy;
use gatewright::time::Timestamp;
use gatewright::webhook::policy::{EndpointPolicy, EndpointSpec, SecretSpec};
use gatewright::webhook::{Endpoint, Sign};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_secs(1_795_248_000);

static ENDPOINTS: LazyLock<[(&str, Endpoint); 3]> =
    LazyLock::new(|| ["parking", "edge_sync", "standard_webhooks"].map(|preset| (preset, endpoint(preset))));

fuzz_target!(|input: &[u8]| {
    let (head, body) = match input.strip_prefix(b"+") {
        Some(rest) => split(rest, b"\n"),
        None => split(input, b"\n\n"),
    };
    for (preset, endpoint) in ENDPOINTS.iter() {
        if input.starts_with(b"+") {
            let text = Some(String::from_utf8_lossy(head).into_owned()).filter(|text| !text.is_empty());
            let only_for = |scheme: &str| text.clone().filter(|_| *preset == scheme);
            let sign = Sign { id: only_for("standard_webhooks"), nonce: only_for("parking"), request: None };
            // What we sign we take, whatever id, nonce and body; a text that we would not take is not signed.
            if let Ok(headers) = endpoint.sign(body, &sign, NOW, &OsEntropy) {
                let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
                endpoint.check(&headers, body, None, NOW).expect("a message of our own");
            }
        } else {
            let headers: Vec<_> = head.split(|byte| *byte == b'\n').map(header).collect();
            // Nobody guesses the MAC.
            assert!(endpoint.check(&headers, body, None, NOW).is_err());
        }
    }
});

fn split<'a>(input: &'a [u8], at: &[u8]) -> (&'a [u8], &'a [u8]) {
    match input.windows(at.len()).position(|window| window == at) {
        Some(end) => (&input[..end], &input[end + at.len()..]),
        None => (input, &[]),
    }
}

fn header(line: &[u8]) -> (String, Vec<u8>) {
    let (name, value) = split(line, b": ");
    (String::from_utf8_lossy(name).into_owned(), value.to_vec())
}

fn endpoint(preset: &str) -> Endpoint {
    // 24 bytes as text, and as base64.
    let secret = SecretSpec {
        id: "k".to_owned(),
        secret: "c2VjcmV0LW9mLXRoZS1mdXp6ZXIhLTI0".to_owned().into(),
        sign: true,
        not_before: None,
        not_after: None,
    };
    let spec = EndpointSpec { id: preset.to_owned(), preset: Some(preset.to_owned()), secrets: vec![secret], ..EndpointSpec::default() };
    Endpoint::new(&EndpointPolicy::from_spec(spec).expect("a right endpoint"))
}
