//! An endpoint made ready: keys set up once, header names known.

use std::time::Duration;

use hmac::Mac;
use subtle::ConstantTimeEq;

use super::framing::Signed;
use super::headers::HeaderNames;
use super::policy::{EndpointKey, EndpointPolicy, EndpointSecret};
use super::scheme::{Alg, Scheme};
use super::signature::Candidate;
use crate::keys::{HmacSha256, keyed};
use crate::time::Timestamp;

/// An endpoint made ready: what a gate's webhooks rest on, without store, clock and events. The decoded secrets are not in it, only
/// what HMAC makes of them.
///
/// ```
/// # use gatewright::webhook::policy::{EndpointPolicy, EndpointSpec, SecretSpec};
/// use gatewright::entropy::OsEntropy;
/// use gatewright::time::Timestamp;
/// use gatewright::webhook::{Endpoint, Sign};
///
/// let secret = SecretSpec { id: "2026-11".into(), secret: "correct horse battery".into(), sign: true, not_before: None, not_after: None };
/// let spec = EndpointSpec { id: "chirpstack".into(), preset: Some("parking".into()), secrets: vec![secret], ..EndpointSpec::default() };
/// let endpoint = Endpoint::new(&EndpointPolicy::from_spec(spec).unwrap());
///
/// let now = Timestamp::parse_rfc3339("2026-11-21T08:00:00Z").unwrap();
/// let signed = endpoint.sign(b"{}", &Sign::default(), now, &OsEntropy)?;
/// let headers: Vec<_> = signed.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
/// assert_eq!(endpoint.check(&headers, b"{}", None, now)?.key_id, "2026-11");
/// assert_eq!(endpoint.check(&headers, b"{ }", None, now).unwrap_err().code(), "signature_mismatch");
/// # Ok::<(), gatewright::Error>(())
/// ```
pub struct Endpoint {
    pub(super) id: String,
    pub(super) scheme: Scheme,
    pub(super) names: HeaderNames,
    pub(super) secrets: Vec<Secret>,
    pub(super) max_body: u64,
    pub(super) one_phase: bool,
    pub(super) hold: Duration,
    pub(super) url: Option<String>,
}

/// A secret made ready.
pub(super) struct Secret {
    pub(super) id: String,
    pub(super) sign: bool,
    pub(super) not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    key: Key,
}

enum Key {
    Hmac(Box<HmacSha256>),
    #[cfg(feature = "ring")]
    Ed25519 {
        public: [u8; 32],
        pair: Option<Box<ring::signature::Ed25519KeyPair>>,
    },
    /// A key that this build has no engine for. The policy document's check refuses such keys.
    #[cfg(not(feature = "ring"))]
    Ed25519,
}

impl Endpoint {
    /// Sets its keys up.
    #[must_use]
    pub fn new(policy: &EndpointPolicy) -> Self {
        Self {
            id: policy.id.clone(),
            names: HeaderNames::new(&policy.scheme),
            scheme: policy.scheme.clone(),
            secrets: policy.secrets.iter().map(Secret::new).collect(),
            max_body: policy.max_body,
            one_phase: policy.one_phase,
            hold: policy.hold,
            url: policy.url.clone(),
        }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Secret {
    fn new(secret: &EndpointSecret) -> Self {
        let key = Key::new(&secret.key);
        Self { id: secret.id.clone(), sign: secret.sign, not_before: secret.not_before, not_after: secret.not_after, key }
    }

    /// Whether it is in force: `not_before ≤ now < not_after`.
    pub(super) fn is_in_force(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|from| from <= now) && self.not_after.is_none_or(|until| now < until)
    }

    /// Whether it made one of the candidates. An HMAC is computed once, whatever their number.
    pub(super) fn made(&self, signed: &Signed<'_>, candidates: &[Candidate]) -> bool {
        let mut fitting = candidates.iter().filter(|candidate| candidate.alg == self.alg()).peekable();
        if fitting.peek().is_none() {
            return false;
        }
        match &self.key {
            Key::Hmac(key) => {
                let mac = mac(key, signed);
                fitting.fold(false, |found, candidate| bool::from(candidate.bytes().ct_eq(&mac)) | found)
            }
            #[cfg(feature = "ring")]
            Key::Ed25519 { public, .. } => {
                let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
                let message = contiguous(signed);
                fitting.any(|candidate| key.verify(&message, candidate.bytes()).is_ok())
            }
            #[cfg(not(feature = "ring"))]
            Key::Ed25519 => false,
        }
    }

    /// Signs; none with a public key.
    pub(super) fn sign(&self, signed: &Signed<'_>) -> Option<(Alg, Vec<u8>)> {
        match &self.key {
            Key::Hmac(key) => Some((Alg::HmacSha256, mac(key, signed).to_vec())),
            #[cfg(feature = "ring")]
            Key::Ed25519 { pair, .. } => Some((Alg::Ed25519, pair.as_ref()?.sign(&contiguous(signed)).as_ref().to_vec())),
            #[cfg(not(feature = "ring"))]
            Key::Ed25519 => None,
        }
    }

    const fn alg(&self) -> Alg {
        match self.key {
            Key::Hmac(_) => Alg::HmacSha256,
            #[cfg(feature = "ring")]
            Key::Ed25519 { .. } => Alg::Ed25519,
            #[cfg(not(feature = "ring"))]
            Key::Ed25519 => Alg::Ed25519,
        }
    }
}

impl Key {
    fn new(key: &EndpointKey) -> Self {
        match key {
            EndpointKey::Hmac(secret) => Self::Hmac(Box::new(keyed(secret.expose()))),
            #[cfg(feature = "ring")]
            EndpointKey::Ed25519Private { seed, public } => {
                let pair = ring::signature::Ed25519KeyPair::from_seed_and_public_key(seed.expose(), public).ok().map(Box::new);
                Self::Ed25519 { public: *public, pair }
            }
            #[cfg(feature = "ring")]
            EndpointKey::Ed25519Public(public) => Self::Ed25519 { public: *public, pair: None },
            #[cfg(not(feature = "ring"))]
            EndpointKey::Ed25519Private { .. } | EndpointKey::Ed25519Public(_) => Self::Ed25519,
        }
    }
}

/// The MAC of the signed bytes, the body read where it lies.
fn mac(key: &HmacSha256, signed: &Signed<'_>) -> [u8; 32] {
    let mut mac = key.clone();
    mac.update(&signed.before);
    mac.update(signed.body);
    mac.update(&signed.after);
    mac.finalize().into_bytes().into()
}

/// Ed25519 hashes the message twice, so its engine wants it in one piece.
#[cfg(feature = "ring")]
fn contiguous(signed: &Signed<'_>) -> Vec<u8> {
    [&signed.before, signed.body, &signed.after].concat()
}
