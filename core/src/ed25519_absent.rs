//! What stands for Ed25519 in a build without the feature `ring`: keys that can never be made.

use std::convert::Infallible;

use crate::error::KeyError;

const ABSENT: KeyError = KeyError::Invalid("Ed25519 needs the crate's feature `ring`, which this build does not have");

#[derive(Clone)]
pub(crate) struct PublicKey(Infallible);

impl PublicKey {
    pub(crate) const fn from_bytes(_bytes: &[u8]) -> Result<Self, KeyError> {
        Err(ABSENT)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        match self.0 {}
    }

    pub(crate) const fn verifies(&self, _message: &[u8], _signature: &[u8]) -> bool {
        match self.0 {}
    }
}

#[derive(Clone)]
pub(crate) struct SecretKey(Infallible);

impl SecretKey {
    pub(crate) const fn from_pkcs8(_der: &[u8]) -> Result<Self, KeyError> {
        Err(ABSENT)
    }

    pub(crate) const fn from_seed(_seed: &[u8], _public: &[u8]) -> Result<Self, KeyError> {
        Err(ABSENT)
    }

    pub(crate) const fn public(&self) -> &PublicKey {
        match self.0 {}
    }

    pub(crate) const fn sign(&self, _message: &[u8]) -> [u8; 64] {
        match self.0 {}
    }
}
