//! `check` of the standard_webhooks preset beside the `standardwebhooks` crate and beside the bare MAC, in turn in one process:
//! median and range per call. All three read the same message.
//!
//! Not on criterion: it measures one function to its end before the next, and on a shared machine that compares two moments
//! rather than two functions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench prints, measures real time and may fail"
)]

use std::hint::black_box;
use std::time::Instant;

use gatewright::time::{Clock, SystemClock};
use gatewright::webhook::policy::{EndpointPolicy, EndpointSpec, SecretSpec};
use gatewright::webhook::{Endpoint, Header, Sign};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use standardwebhooks::Webhook;

/// Many short rounds: what else the machine does then falls on all alike.
const ROUNDS: usize = 301;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Work of one round, in bytes hashed: enough that a clock read is nothing in it.
const BYTES_A_ROUND: usize = 1 << 19;

fn endpoint() -> Endpoint {
    let secret = SecretSpec { id: "a".to_owned(), secret: SECRET.to_owned().into(), sign: true, not_before: None, not_after: None };
    let spec = EndpointSpec {
        id: "hook".to_owned(),
        preset: Some("standard_webhooks".to_owned()),
        secrets: vec![secret],
        max_body: Some(2 << 20),
        ..EndpointSpec::default()
    };
    Endpoint::new(&EndpointPolicy::from_spec(spec).unwrap())
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn nanos_a_call(calls: usize, call: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(|_| call());
    start.elapsed().as_nanos() as f64 / calls as f64
}

fn row(name: &str, mut nanos: Vec<f64>) {
    nanos.sort_by(f64::total_cmp);
    println!("{name:<28} {:>10.3} µs   {:.3}–{:.3}", nanos[ROUNDS / 2] / 1e3, nanos[0] / 1e3, nanos[ROUNDS - 1] / 1e3);
}

fn main() {
    let clock = SystemClock::new();
    let endpoint = endpoint();
    let peer = Webhook::new(SECRET).unwrap();
    let prepared = Hmac::<Sha256>::new_from_slice(b"a key of 24 bytes, sure.").unwrap();
    for (name, len) in [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)] {
        let body = vec![b'x'; len];
        let signed = endpoint.sign(&body, &Sign::default(), clock.now(), &gatewright::entropy::OsEntropy).unwrap();
        let headers: Vec<Header> = signed.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
        let map: http::HeaderMap =
            signed.iter().map(|(name, value)| (http::HeaderName::try_from(name).unwrap(), http::HeaderValue::try_from(value).unwrap())).collect();
        let mut ours = || drop(black_box(endpoint.check(black_box(&headers), black_box(&body), None, clock.now()).unwrap()));
        let mut theirs = || peer.verify(black_box(&body), black_box(&map)).unwrap();
        let mut bare = || {
            let mut mac = prepared.clone();
            mac.update(b"msg_AAECAwQFBgcICQoLDA0ODw.1795248000.");
            mac.update(black_box(&body));
            black_box(mac.finalize());
        };
        let calls = (BYTES_A_ROUND / (len + 1024)).max(1);
        let mut contenders: [&mut dyn FnMut(); 3] = [&mut ours, &mut theirs, &mut bare];
        let mut nanos = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            for (call, nanos) in contenders.iter_mut().zip(&mut nanos) {
                nanos.push(nanos_a_call(calls, *call));
            }
        }
        let [ours, theirs, bare] = nanos;
        row(&format!("{name}: gatewright"), ours);
        row(&format!("{name}: standardwebhooks"), theirs);
        row(&format!("{name}: bare HMAC"), bare);
    }
}
