//! The key of a secret, set up once.

use std::fmt;

use hmac::Mac;
use subtle::ConstantTimeEq;

use super::framing::Signed;
use super::scheme::Alg;
use super::signature::Candidate;
use crate::ed25519::{PublicKey, SecretKey};
use crate::keys::{HmacSha256, keyed};
use crate::secret::SecretBytes;

/// A key of an endpoint, decoded as its scheme says and set up. The decoded secret is not in it, only what the algorithm makes
/// of it.
#[derive(Clone)]
pub struct EndpointKey(Key);

#[derive(Clone)]
enum Key {
    Hmac(Box<HmacSha256>),
    /// Signs and verifies.
    Private(SecretKey),
    /// Only verifies.
    Public(PublicKey),
}

impl EndpointKey {
    pub(super) fn hmac(secret: &SecretBytes) -> Self {
        Self(Key::Hmac(Box::new(keyed(secret.expose()))))
    }

    pub(super) const fn private(key: SecretKey) -> Self {
        Self(Key::Private(key))
    }

    pub(super) const fn public(key: PublicKey) -> Self {
        Self(Key::Public(key))
    }

    /// Whether it signs.
    #[must_use]
    pub const fn can_sign(&self) -> bool {
        matches!(self.0, Key::Hmac(_) | Key::Private(_))
    }

    /// Its algorithm.
    #[must_use]
    pub const fn alg(&self) -> Alg {
        match self.0 {
            Key::Hmac(_) => Alg::HmacSha256,
            Key::Private(_) | Key::Public(_) => Alg::Ed25519,
        }
    }

    /// Whether it made one of the candidates. An HMAC is computed once, whatever their number, and compared with all of them.
    pub(super) fn made(&self, signed: &Signed<'_>, candidates: &[Candidate]) -> bool {
        let mut fitting = candidates.iter().filter(|candidate| candidate.alg == self.alg()).peekable();
        if fitting.peek().is_none() {
            return false;
        }
        let public = match &self.0 {
            Key::Hmac(key) => {
                let mac = mac(key, signed);
                return fitting.fold(false, |found, candidate| is_equal(&mac, candidate.bytes()) | found);
            }
            Key::Private(key) => key.public(),
            Key::Public(key) => key,
        };
        let message = contiguous(signed);
        fitting.any(|candidate| public.verifies(&message, candidate.bytes()))
    }

    /// Signs; none with a public key.
    pub(super) fn sign(&self, signed: &Signed<'_>) -> Option<(Alg, Vec<u8>)> {
        let signature = match &self.0 {
            Key::Hmac(key) => mac(key, signed).to_vec(),
            Key::Private(key) => key.sign(&contiguous(signed)).to_vec(),
            Key::Public(_) => return None,
        };
        Some((self.alg(), signature))
    }
}

impl fmt::Debug for EndpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[key of {:?}]", self.alg())
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

/// Compares without a branch on what is in the bytes: the differences are gathered, and looked at once.
fn is_equal(mac: &[u8; 32], candidate: &[u8]) -> bool {
    let difference = mac.iter().zip(candidate).fold(0, |sum, (ours, theirs)| sum | (ours ^ theirs));
    candidate.len() == mac.len() && bool::from(difference.ct_eq(&0_u8))
}

/// Ed25519 hashes the message twice, so its engine wants it in one piece.
fn contiguous(signed: &Signed<'_>) -> Vec<u8> {
    [&signed.before, signed.body, &signed.after].concat()
}
