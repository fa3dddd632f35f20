//! JSON Web Keys (RFC 7517) of the kinds of this version: `oct`, and `OKP` on Ed25519 (RFC 8037).

use zeroize::Zeroizing;

use super::Algorithm;
use crate::ed25519::{PublicKey, SecretKey};
use crate::encode::from_base64url;
use crate::error::KeyError;
use crate::json::{self, Node, Value};
use crate::secret::SecretBytes;

/// What a key is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Sign,
    Verify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Secret,
    Ed25519,
}

/// The object of a JWK; members that are not read here are ignored.
pub(super) struct Jwk<'a>(Node<'a>);

impl<'a> Jwk<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, KeyError> {
        match json::read(text.as_bytes(), 16) {
            Ok(node) if matches!(node.value, Value::Object(_)) => Ok(Self(node)),
            _ => Err(KeyError::Invalid("a JWK is a JSON object whose member names are unique")),
        }
    }

    /// A member that is a text if it is there.
    fn text(&self, name: &str) -> Result<Option<&str>, KeyError> {
        match self.0.value.get(name) {
            None => Ok(None),
            Some(node) => node.value.as_text().map(Some).ok_or(KeyError::Invalid("a JWK member is no text where one is wanted")),
        }
    }

    fn bytes(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let bytes = from_base64url(text.as_bytes()).ok_or(KeyError::Invalid("a JWK member is not strict base64url"))?;
        Ok(Some(Zeroizing::new(bytes)))
    }

    pub(super) fn kid(&self) -> Result<Option<String>, KeyError> {
        Ok(self.text("kid")?.map(str::to_owned))
    }

    pub(super) fn kind(&self) -> Result<Kind, KeyError> {
        match self.text("kty")?.ok_or(KeyError::Invalid("a JWK without kty"))? {
            "oct" => Ok(Kind::Secret),
            "OKP" => match self.text("crv")?.ok_or(KeyError::Invalid("an OKP JWK without crv"))? {
                "Ed25519" => Ok(Kind::Ed25519),
                _ => Err(KeyError::TypeMismatch("Ed25519: its curve is another")),
            },
            _ => Err(KeyError::TypeMismatch("HS256 or Ed25519, the algorithms of this version")),
        }
    }

    /// Its `alg`, which must be one of its kind, or `absent` if it has none.
    pub(super) fn algorithm(&self, of_kind: &[Algorithm], absent: Algorithm) -> Result<Algorithm, KeyError> {
        let Some(name) = self.text("alg")? else { return Ok(absent) };
        let named = Algorithm::from_name(name).filter(|algorithm| of_kind.contains(algorithm));
        named.ok_or(KeyError::TypeMismatch("the alg that its JWK names"))
    }

    /// `use` and `key_ops` are hints that others act upon: what they do not allow is not done here either.
    fn ensure_allows(&self, wanted: Use) -> Result<(), KeyError> {
        if self.text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Err(KeyError::Invalid("the use of its JWK is not sig"));
        }
        let Some(node) = self.0.value.get("key_ops") else { return Ok(()) };
        let Value::Array(nodes) = &node.value else { return Err(KeyError::Invalid("key_ops of a JWK is no array")) };
        let ops: Option<Vec<_>> = nodes.iter().map(|node| node.value.as_text()).collect();
        let ops = ops.ok_or(KeyError::Invalid("key_ops of a JWK holds something that is no text"))?;
        let mut sorted = ops.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < ops.len() {
            return Err(KeyError::Invalid("key_ops of a JWK holds the same twice"));
        }
        let wanted = match wanted {
            Use::Sign => "sign",
            Use::Verify => "verify",
        };
        if ops.contains(&wanted) { Ok(()) } else { Err(KeyError::Invalid("key_ops of its JWK do not allow this use")) }
    }

    /// The secret of an `oct` key.
    pub(super) fn secret(&self, wanted: Use) -> Result<SecretBytes, KeyError> {
        self.ensure_allows(wanted)?;
        let secret = self.bytes("k")?.ok_or(KeyError::Invalid("an oct JWK without k"))?;
        Ok(SecretBytes::new(secret.to_vec()))
    }

    /// The key pair of an `OKP` key that is to sign.
    pub(super) fn ed25519_secret(&self, algorithm: Algorithm) -> Result<SecretKey, KeyError> {
        self.ensure_ed25519(algorithm)?;
        self.ensure_allows(Use::Sign)?;
        self.pair()?.ok_or(KeyError::Invalid("a JWK without d, and a private key is wanted"))
    }

    /// The public key of an `OKP` key that holds nothing else.
    pub(super) fn ed25519_public(&self, algorithm: Algorithm) -> Result<PublicKey, KeyError> {
        self.ensure_ed25519(algorithm)?;
        if self.0.value.get("d").is_some() {
            return Err(KeyError::Invalid("a JWK with d, the private half, and a public key is wanted"));
        }
        self.ed25519_public_half(Use::Verify)
    }

    /// The public half of an `OKP` key; a private half that is there too must fit.
    pub(super) fn ed25519_public_half(&self, wanted: Use) -> Result<PublicKey, KeyError> {
        self.ensure_allows(wanted)?;
        match self.pair()? {
            Some(pair) => Ok(pair.public().clone()),
            None => PublicKey::from_bytes(&self.x()?),
        }
    }

    fn ensure_ed25519(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        self.kid()?;
        if self.kind()? != Kind::Ed25519 {
            return Err(KeyError::TypeMismatch("Ed25519"));
        }
        self.algorithm(&[Algorithm::Ed25519, Algorithm::EdDsa], algorithm).map(|_| ())
    }

    fn pair(&self) -> Result<Option<SecretKey>, KeyError> {
        let Some(seed) = self.bytes("d")? else { return Ok(None) };
        SecretKey::from_seed(&seed, &self.x()?).map(Some)
    }

    fn x(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.bytes("x")?.ok_or(KeyError::Invalid("an OKP JWK without x"))
    }
}
