//! Keys that sign and verify access tokens. One key has one algorithm, and the header's `alg` is only ever compared.

use crate::error::KeyError;
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

/// A key, set up once.
#[derive(Debug, Clone)]
pub struct KeyMaterial {
    _todo: (),
}

impl KeyMaterial {
    /// An HMAC secret of at least the hash's size.
    ///
    /// # Errors
    /// `key_too_short`; `key_type_mismatch` for an algorithm that takes no secret.
    pub fn from_secret(_algorithm: Algorithm, _secret: &SecretBytes) -> Result<Self, KeyError> {
        unimplemented!()
    }

    /// A private key as PEM (PKCS #8) or JWK. It signs and verifies.
    ///
    /// # Errors
    /// `key_invalid`; `key_type_mismatch`.
    pub fn from_private(_algorithm: Algorithm, _text: &str) -> Result<Self, KeyError> {
        unimplemented!()
    }

    /// A public key as PEM (SubjectPublicKeyInfo) or JWK. It only verifies.
    ///
    /// # Errors
    /// `key_invalid` (keys of small order included); `key_type_mismatch`.
    pub fn from_public(_algorithm: Algorithm, _text: &str) -> Result<Self, KeyError> {
        unimplemented!()
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        unimplemented!()
    }

    /// Whether it can sign.
    #[must_use]
    pub const fn can_sign(&self) -> bool {
        unimplemented!()
    }
}
