//! Tests of whole messages. What a test expects was computed elsewhere or is written on the page of the format.

#[cfg(feature = "testing")]
mod claims;
mod hostile;
mod messages;
mod signing;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::policy::{EndpointPolicy, EndpointSpec, SecretSpec};
use super::types::Header;
use super::{Checked, Endpoint};
use crate::encode;
use crate::time::Timestamp;

/// 2026-11-21T08:00:00Z.
const NOW: i64 = 1_795_248_000_000_000;
const SECRET: &str = "a secret of 24 bytes ok.";
const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"deviceId":"p-17","state":"occupied"}"#;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn secret(id: &str, text: &str) -> SecretSpec {
    SecretSpec { id: id.to_owned(), secret: text.to_owned().into(), sign: true, not_before: None, not_after: None }
}

fn spec(preset: &str) -> EndpointSpec {
    let text = if preset == "standard_webhooks" { STANDARD_SECRET } else { SECRET };
    EndpointSpec { id: "hook".to_owned(), preset: Some(preset.to_owned()), secrets: vec![secret("a", text)], ..EndpointSpec::default() }
}

fn policy(spec: EndpointSpec) -> EndpointPolicy {
    EndpointPolicy::from_spec(spec).unwrap()
}

fn endpoint(spec: EndpointSpec) -> Endpoint {
    Endpoint::new(&policy(spec))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

fn header(name: &str, value: impl AsRef<[u8]>) -> Header {
    (name.to_owned(), value.as_ref().to_vec())
}

/// A right message of the parking scheme, whatever the pieces are.
fn parking(time: &str, nonce: &str, body: &[u8]) -> Vec<Header> {
    let mac = mac(SECRET.as_bytes(), &[time.as_bytes(), b".", nonce.as_bytes(), b".", body]);
    vec![header("X-Chirpstack-Signature", format!("sha256={}", encode::hex(&mac))), header("X-Timestamp", time), header("X-Nonce", nonce)]
}

fn edge(time: &str, body: &[u8]) -> Vec<Header> {
    let mac = mac(SECRET.as_bytes(), &[time.as_bytes(), b".", body]);
    vec![header("x-signature", encode::hex(&mac)), header("x-timestamp", time)]
}

fn standard_with(key: &[u8], prefix: &str, id: &str, time: &str, body: &[u8]) -> Vec<Header> {
    let mac = mac(key, &[id.as_bytes(), b".", time.as_bytes(), b".", body]);
    vec![
        header(&format!("{prefix}signature"), format!("v1,{}", encode::base64(&mac))),
        header(&format!("{prefix}timestamp"), time),
        header(&format!("{prefix}id"), id),
    ]
}

fn standard(id: &str, time: &str, body: &[u8]) -> Vec<Header> {
    let key = encode::from_base64(STANDARD_SECRET.trim_start_matches("whsec_").as_bytes()).unwrap();
    standard_with(&key, "webhook-", id, time, body)
}

fn check_at(endpoint: &Endpoint, headers: &[Header], body: &[u8], now: i64) -> Result<Checked, &'static str> {
    endpoint.check(headers, body, None, at(now)).map_err(|error| error.code())
}

fn check(endpoint: &Endpoint, headers: &[Header], body: &[u8]) -> Result<Checked, &'static str> {
    check_at(endpoint, headers, body, NOW)
}

/// The same headers with one replaced, or taken away.
fn with(headers: &[Header], name: &str, value: Option<&[u8]>) -> Vec<Header> {
    let mut headers = headers.to_vec();
    headers.retain(|(of, _)| !of.eq_ignore_ascii_case(name));
    headers.extend(value.map(|value| header(name, value)));
    headers
}
