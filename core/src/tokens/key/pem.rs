//! Keys in PEM (RFC 7468): PKCS #8 for private ones, SubjectPublicKeyInfo for public ones (RFC 8410).

use zeroize::Zeroizing;

use crate::ed25519::{PublicKey, SecretKey};
use crate::error::KeyError;

/// AlgorithmIdentifier of Ed25519: SEQUENCE { OID 1.3.101.112 }, without parameters.
const ED25519_ID: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70];

/// SubjectPublicKeyInfo of Ed25519 up to the 32 bytes of the key: DER has one form of it.
const ED25519_SPKI: &[u8] = &[0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

pub(super) fn ed25519_secret(text: &str) -> Result<SecretKey, KeyError> {
    let der = block(text, "PRIVATE KEY")?;
    ensure_ed25519(&der)?;
    SecretKey::from_pkcs8(&der)
}

pub(super) fn ed25519_public(text: &str) -> Result<PublicKey, KeyError> {
    let der = block(text, "PUBLIC KEY")?;
    ensure_ed25519(&der)?;
    let key = der.strip_prefix(ED25519_SPKI).ok_or(KeyError::Invalid("not a SubjectPublicKeyInfo of Ed25519"))?;
    PublicKey::from_bytes(key)
}

/// The DER of the only block, which must have this label.
fn block(text: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut blocks = ::pem::parse_many(text).map_err(|_| KeyError::Invalid("neither a PEM nor a JWK"))?.into_iter();
    let (Some(only), None) = (blocks.next(), blocks.next()) else { return Err(KeyError::Invalid("not exactly one PEM block")) };
    match only.tag() {
        tag if tag == label => Ok(Zeroizing::new(only.into_contents())),
        "PRIVATE KEY" => Err(KeyError::Invalid("a private key, and a public one is wanted")),
        "PUBLIC KEY" => Err(KeyError::Invalid("a public key, and a private one is wanted")),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Invalid("an encrypted PEM; decrypt it first")),
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" | "EC PRIVATE KEY" => Err(KeyError::TypeMismatch("Ed25519")),
        _ => Err(KeyError::Invalid("a PEM block of another label than PRIVATE KEY or PUBLIC KEY")),
    }
}

/// The algorithm's identifier stands within the first bytes of either form.
fn ensure_ed25519(der: &[u8]) -> Result<(), KeyError> {
    let head = der.get(..16).unwrap_or(der);
    let found = head.windows(ED25519_ID.len()).any(|window| window == ED25519_ID);
    if found { Ok(()) } else { Err(KeyError::TypeMismatch("Ed25519")) }
}

/// The DER of a public key, whatever its kind.
#[cfg(all(test, feature = "ring"))]
pub(super) fn block_for_test(text: &str) -> Vec<u8> {
    block(text, "PUBLIC KEY").map(|der| der.to_vec()).unwrap_or_default()
}
