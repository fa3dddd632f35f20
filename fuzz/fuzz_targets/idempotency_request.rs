//! Idempotent requests: key lines, an empty line, a content type, a query, and a body, each on a line.

#![no_main]

use std::sync::LazyLock;

use gatewright::idempotency::{Content, Fingerprinting, IdempotencyKey, MAX_KEY, MIN_KEY, Pointer};
use libfuzzer_sys::fuzz_target;

static JSON_MODES: LazyLock<[Fingerprinting; 3]> = LazyLock::new(|| {
    let pointers = |texts: &[&str]| texts.iter().filter_map(|text| Pointer::parse(text)).collect::<Vec<_>>();
    [
        Fingerprinting::Jcs { exclude: Vec::new() },
        Fingerprinting::Jcs { exclude: pointers(&["/sent_at", "/list/0", "/a~1b/~0"]) },
        Fingerprinting::Selected(pointers(&["", "/amount", "/list/1/x"])),
    ]
});

fuzz_target!(|input: &[u8]| {
    let (head, rest) = split(input, b"\n\n");
    let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    if let Ok(key) = IdempotencyKey::parse(&lines) {
        let text = key.as_str();
        assert!((MIN_KEY..=MAX_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','));
        // However it was written, written as a string it is the same.
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        assert_eq!(IdempotencyKey::parse(&[quoted.as_bytes()]).expect("a key of ours").as_str(), text);
    }
    let (content_type, rest) = split(rest, b"\n");
    let (query, body) = split(rest, b"\n");
    let (content_type, query) = (std::str::from_utf8(content_type).ok(), std::str::from_utf8(query).ok());
    let content = Content { body: Some(body), fingerprint: None, content_type, query };
    Fingerprinting::Raw.fingerprint(content, None).expect("any bytes have one");
    let header = Content { fingerprint: Some(body), ..content };
    // A header names its own body only by being a digest of itself.
    assert!(Fingerprinting::ContentDigest.fingerprint(header, None).is_err());
    let spaced = [b" \t", body, b"\r\n"].concat();
    for mode in JSON_MODES.iter() {
        let again = mode.fingerprint(Content { body: Some(&spaced), ..content }, None);
        assert_eq!(mode.fingerprint(content, None).ok(), again.ok());
    }
});

fn split<'a>(input: &'a [u8], at: &[u8]) -> (&'a [u8], &'a [u8]) {
    match input.windows(at.len()).position(|window| window == at) {
        Some(end) => (&input[..end], &input[end + at.len()..]),
        None => (input, &[]),
    }
}
