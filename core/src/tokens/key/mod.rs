//! Keys that sign and verify access tokens. One key has one algorithm, and the header's `alg` is only ever compared.

mod jwk;
mod pem;
mod public_as_secret;

use std::fmt;

use hmac::Mac;
use subtle::ConstantTimeEq;

use self::jwk::{Jwk, Use};
use crate::ed25519::{PublicKey, SecretKey};
use crate::error::KeyError;
use crate::keys::{HmacSha256, keyed};
use crate::secret::SecretBytes;

/// The algorithms of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256 (RFC 7518 3.2).
    Hs256,
    /// Ed25519 (RFC 8037, RFC 9864), written `Ed25519`.
    Ed25519,
    /// Ed25519 under its older name, written `EdDSA`. Both names are accepted by either.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of that name, in exactly this case; none for one that this version does not have.
    ///
    /// ```
    /// use gatewright::tokens::key::Algorithm;
    /// assert_eq!(Algorithm::from_name("EdDSA"), Some(Algorithm::EdDsa));
    /// assert_eq!(Algorithm::from_name("none"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "Ed25519" => Some(Self::Ed25519),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// The name that a key of this algorithm writes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Ed25519 => "Ed25519",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether a header with this `alg` fits a key of this algorithm. Ed25519 has two names; nothing else has.
    #[must_use]
    pub fn accepts(self, name: &str) -> bool {
        match self {
            Self::Hs256 => name == "HS256",
            Self::Ed25519 | Self::EdDsa => name == "Ed25519" || name == "EdDSA",
        }
    }
}

/// A key, read, checked and set up once. Cheap to clone; it never prints what it holds.
#[derive(Clone)]
pub struct KeyMaterial {
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone)]
enum Key {
    /// The state after the key block, to be cloned for each message.
    Hmac(HmacSha256),
    Secret(SecretKey),
    Public(PublicKey),
}

/// A signature of either algorithm, on the stack.
pub(crate) enum Signature {
    Hmac([u8; 32]),
    Ed25519([u8; 64]),
}

impl Signature {
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hmac(bytes) => bytes,
            Self::Ed25519(bytes) => bytes,
        }
    }
}

impl KeyMaterial {
    /// An HMAC secret of at least the hash's size. It signs and verifies.
    ///
    /// # Errors
    /// `key_too_short` (fewer than 32 bytes); `key_type_mismatch` for an algorithm that takes no secret, and for bytes
    /// that are a public key: what everybody knows signs nothing.
    ///
    /// ```
    /// use gatewright::secret::SecretBytes;
    /// use gatewright::tokens::key::{Algorithm, KeyMaterial};
    /// let key = KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![7; 32])).unwrap();
    /// assert!(key.can_sign());
    /// assert_eq!(KeyMaterial::from_secret(Algorithm::Hs256, &SecretBytes::new(vec![7; 31])).unwrap_err().code(), "key_too_short");
    /// ```
    pub fn from_secret(algorithm: Algorithm, secret: &SecretBytes) -> Result<Self, KeyError> {
        if algorithm != Algorithm::Hs256 {
            return Err(KeyError::TypeMismatch("Ed25519: it takes a private_key or a public_key, never a secret"));
        }
        if public_as_secret::is_public_key(secret.expose()) {
            return Err(KeyError::TypeMismatch("HS256: it is a PEM, JWK, SSH or DER key, and HMAC takes random bytes"));
        }
        if secret.len() < HMAC_SHA256_BYTES {
            return Err(KeyError::TooShort(HMAC_SHA256_BYTES));
        }
        Ok(Self { algorithm, key: Key::Hmac(keyed(secret.expose())) })
    }

    /// A private key as PEM (PKCS #8) or JWK. It signs and verifies.
    ///
    /// A JWK must allow `sign` where it has `use` or `key_ops`, and its public half must be that of its private half.
    ///
    /// # Errors
    /// `key_invalid`; `key_type_mismatch` for a key of another kind, and for HS256.
    pub fn from_private(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        ensure_asymmetric(algorithm)?;
        let key = if is_json(text) { Jwk::read(text)?.ed25519_secret(algorithm)? } else { pem::ed25519_secret(text)? };
        Ok(Self { algorithm, key: Key::Secret(key) })
    }

    /// A public key as PEM (SubjectPublicKeyInfo) or JWK. It only verifies.
    ///
    /// # Errors
    /// `key_invalid` (no point of the curve, not its only encoding, or one of small order; a JWK that holds the private
    /// half, or whose `use` or `key_ops` do not allow `verify`); `key_type_mismatch` for a key of another kind, and for HS256.
    pub fn from_public(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        ensure_asymmetric(algorithm)?;
        let key = if is_json(text) { Jwk::read(text)?.ed25519_public(algorithm)? } else { pem::ed25519_public(text)? };
        Ok(Self { algorithm, key: Key::Public(key) })
    }

    /// A JWK that is to verify, and its `kid`: a secret, a public key, or a key pair of which the public half is used. Each kind
    /// of this version has one algorithm (Ed25519 under two names), so one without `alg` takes that.
    pub(crate) fn from_jwk_to_verify(text: &str) -> Result<(Option<String>, Self), KeyError> {
        let jwk = Jwk::read(text)?;
        let kid = jwk.kid()?;
        let (algorithm, key) = match jwk.kind()? {
            jwk::Kind::Secret => {
                let algorithm = jwk.algorithm(&[Algorithm::Hs256], Algorithm::Hs256)?;
                (algorithm, Self::from_secret(algorithm, &jwk.secret(Use::Verify)?)?.key)
            }
            jwk::Kind::Ed25519 => {
                let algorithm = jwk.algorithm(&[Algorithm::Ed25519, Algorithm::EdDsa], Algorithm::Ed25519)?;
                (algorithm, Key::Public(jwk.ed25519_public_half(Use::Verify)?))
            }
        };
        Ok((kid, Self { algorithm, key }))
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it can sign.
    #[must_use]
    pub const fn can_sign(&self) -> bool {
        matches!(self.key, Key::Hmac(_) | Key::Secret(_))
    }

    /// Whether both verify the same signatures: the same secret, or the same public key.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        macs_are_equal(&self.identity(), &other.identity())
    }

    /// What two keys have in common that verify the same signatures, and no others. It says nothing of a secret.
    pub(crate) fn identity(&self) -> [u8; 32] {
        match &self.key {
            Key::Hmac(state) => hmac_tag(state),
            Key::Secret(key) => *key.public().as_bytes(),
            Key::Public(key) => *key.as_bytes(),
        }
    }

    /// Whether `signature` is that of the message under this key; in constant time for a MAC.
    pub(crate) fn verifies(&self, message: &Message<'_>, signature: &[u8]) -> bool {
        match &self.key {
            Key::Hmac(state) => signature.try_into().is_ok_and(|signature| macs_are_equal(&message.mac(state), signature)),
            Key::Secret(key) => key.public().verifies(message.whole.as_bytes(), signature),
            Key::Public(key) => key.verifies(message.whole.as_bytes(), signature),
        }
    }

    /// The signature of a message; none for a key that only verifies.
    pub(crate) fn sign(&self, message: &Message<'_>) -> Option<Signature> {
        match &self.key {
            Key::Hmac(state) => Some(Signature::Hmac(message.mac(state))),
            Key::Secret(key) => Some(Signature::Ed25519(key.sign(message.whole.as_bytes()))),
            Key::Public(_) => None,
        }
    }

    /// The MAC's state after `head`, where this key makes MACs.
    pub(crate) fn absorb(&self, head: &str) -> Option<HmacSha256> {
        let Key::Hmac(state) = &self.key else { return None };
        let mut state = state.clone();
        state.update(head.as_bytes());
        Some(state)
    }
}

/// What is signed. A fixed beginning need not be hashed again where the MAC's state after it is at hand.
pub(crate) struct Message<'a> {
    whole: &'a str,
    absorbed: Option<(&'a HmacSha256, &'a str)>,
}

impl<'a> Message<'a> {
    pub(crate) const fn new(whole: &'a str) -> Self {
        Self { whole, absorbed: None }
    }

    /// `state` is that of the key after the part of `whole` that `tail` follows.
    pub(crate) const fn continued(whole: &'a str, state: Option<&'a HmacSha256>, tail: &'a str) -> Self {
        let absorbed = match state {
            Some(state) => Some((state, tail)),
            None => None,
        };
        Self { whole, absorbed }
    }

    fn mac(&self, fresh: &HmacSha256) -> [u8; 32] {
        let (state, text) = self.absorbed.unwrap_or((fresh, self.whole));
        let mut state = state.clone();
        state.update(text.as_bytes());
        state.finalize().into_bytes().into()
    }
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyMaterial").field("algorithm", &self.algorithm).field("can_sign", &self.can_sign()).finish_non_exhaustive()
    }
}

/// What RFC 7518 3.2 asks for: as many bytes as the hash has.
const HMAC_SHA256_BYTES: usize = 32;

const fn ensure_asymmetric(algorithm: Algorithm) -> Result<(), KeyError> {
    match algorithm {
        Algorithm::Hs256 => Err(KeyError::TypeMismatch("HS256: it takes a secret, never a private_key or a public_key")),
        Algorithm::Ed25519 | Algorithm::EdDsa => Ok(()),
    }
}

fn is_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

/// In constant time, eight bytes at a time: each step is a barrier to the optimiser, and 32 of them cost as much as a hash.
fn macs_are_equal(ours: &[u8; 32], theirs: &[u8; 32]) -> bool {
    let words = |mac: &[u8; 32]| {
        let (words, _) = mac.as_chunks::<8>();
        std::array::from_fn::<_, 4, _>(|at| words.get(at).map_or(0, |word| u64::from_ne_bytes(*word)))
    };
    words(ours).as_slice().ct_eq(words(theirs).as_slice()).into()
}

/// HMAC pads short keys, so the bytes of two equal keys may differ; their tags do not.
fn hmac_tag(state: &HmacSha256) -> [u8; 32] {
    let mut state = state.clone();
    state.update(b"the same key");
    state.finalize().into_bytes().into()
}

#[cfg(all(test, feature = "ring"))]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII")]
mod tests;
