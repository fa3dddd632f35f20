//! Ed25519 on ring, with the checks of keys that ring leaves to its caller.

use std::sync::Arc;

use curve25519_dalek::edwards::CompressedEdwardsY;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::error::KeyError;

/// A public key: a point of the curve in its only encoding, and not of small order.
#[derive(Clone)]
pub(crate) struct PublicKey([u8; 32]);

impl PublicKey {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Invalid("an Ed25519 public key has 32 bytes"))?;
        let point = CompressedEdwardsY(bytes).decompress().ok_or(KeyError::Invalid("not a point of Ed25519's curve"))?;
        if point.compress().0 != bytes {
            return Err(KeyError::Invalid("a point of Ed25519's curve in a second encoding"));
        }
        // Under such a key one signature fits many messages.
        if point.is_small_order() {
            return Err(KeyError::Invalid("an Ed25519 key of small order"));
        }
        Ok(Self(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Strict verification: ring compares R byte by byte and takes S only below the group's order; an R of small order,
    /// which no honest signer makes, is refused here.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((r, _)) = signature.split_first_chunk::<32>() else { return false };
        !SMALL_ORDER.contains(r) && UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

/// A key pair.
#[derive(Clone)]
pub(crate) struct SecretKey {
    pair: Arc<Ed25519KeyPair>,
    public: PublicKey,
}

impl SecretKey {
    /// From PKCS #8, version 1 or 2; the public key of version 2 must fit.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let refused = KeyError::Invalid("not an Ed25519 key in PKCS #8, or its public half does not fit");
        Self::new(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| refused)?)
    }

    pub(crate) fn from_seed(seed: &[u8], public: &[u8]) -> Result<Self, KeyError> {
        let refused = KeyError::Invalid("the private half has not 32 bytes, or the public half does not fit");
        Self::new(Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| refused)?)
    }

    fn new(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = PublicKey::from_bytes(pair.public_key().as_ref())?;
        Ok(Self { pair: Arc::new(pair), public })
    }

    pub(crate) const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        // ring's signature of this algorithm has 64 bytes; anything else would verify nowhere.
        self.pair.sign(message).as_ref().try_into().unwrap_or([0; 64])
    }
}

/// The encodings of the eight points of small order.
const SMALL_ORDER: [[u8; 32]; 8] = {
    const fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
        let mut bytes = [middle; 32];
        bytes[0] = first;
        bytes[31] = last;
        bytes
    }
    const EIGHTH: [u8; 32] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33,
        0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    const OTHER_EIGHTH: [u8; 32] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc,
        0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    const fn negated(mut point: [u8; 32]) -> [u8; 32] {
        point[31] |= 0x80;
        point
    }
    [point(1, 0, 0), point(0xec, 0xff, 0x7f), point(0, 0, 0), point(0, 0, 0x80), EIGHTH, negated(EIGHTH), OTHER_EIGHTH, negated(OTHER_EIGHTH)]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_eight_points_of_small_order() {
        let ours: std::collections::BTreeSet<_> = SMALL_ORDER.into();
        let theirs: std::collections::BTreeSet<_> = curve25519_dalek::constants::EIGHT_TORSION.iter().map(|point| point.compress().0).collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn points_of_small_order_and_second_encodings_are_no_keys() {
        for point in SMALL_ORDER {
            assert!(PublicKey::from_bytes(&point).is_err());
        }
        // y = p + 3 and y = 3 are one point: only the second is its encoding.
        let mut second = [0xff; 32];
        second[0] = 0xed + 3;
        second[31] = 0x7f;
        let mut first = [0; 32];
        first[0] = 3;
        assert!(PublicKey::from_bytes(&second).is_err());
        assert!(PublicKey::from_bytes(&first).is_ok());
        // y = 2 is on no point of the curve.
        first[0] = 2;
        assert!(PublicKey::from_bytes(&first).is_err());
        assert!(PublicKey::from_bytes(&[3; 31]).is_err());
    }
}
