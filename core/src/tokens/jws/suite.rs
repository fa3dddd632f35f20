//! Published signature suites (`jws.verify` groups of the vectors): the rules on size, form, header and signature with keys
//! that are given to the call, and none on `typ` and claims.

use super::{Compact, Header, SignatureBuffer};
use crate::encode::{from_base64, from_hex};
use crate::error::{KeyError, Result, TokenError};
use crate::json::{self, Node};
use crate::secret::SecretBytes;
use crate::tokens::key::{Algorithm, KeyMaterial, Message};

/// A key of a suite and its name; without a name it fits a token by its algorithm only.
struct SuiteKey {
    kid: Option<String>,
    key: KeyMaterial,
}

/// Verifies a compact JWS under the keys of a published suite and gives its payload, which may be any bytes.
///
/// Each key is the text of a JSON object: a JWK, or `{"kid", "alg", "secret"}` with a secret as in the policy document. The key is
/// the one that the header's `kid` names, else the only one without another name that fits `alg`. A JWK without `alg` takes
/// the header's where `kty` and `crv` fit. It is for test suites: services verify under a profile, which also checks claims.
///
/// # Errors
/// `key_invalid`, `key_too_short`, `key_type_mismatch` for the first key that is refused, used or not; else the first of
/// `jwt_too_large`, `jwt_malformed`, `jwt_crit`, `jwt_header`, `jwt_key_unknown`, `jwt_algorithm`, `jwt_signature`.
///
/// ```
/// // RFC 7515, appendix A.1
/// let key = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// let jws = concat!(
///     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
///     ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
///     ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
/// );
/// assert!(gatewright::tokens::jws::verify_suite(&[key], jws).unwrap().starts_with(b"{\"iss\":\"joe\""));
/// ```
pub fn verify_suite(keys: &[&str], jws: &str) -> Result<Vec<u8>> {
    // Keys first: under a key that is refused no token has a verdict of its own.
    let keys = keys.iter().map(|text| suite_key(text)).collect::<Result<Vec<_>, _>>()?;
    let compact = Compact::split(jws)?;
    let header = compact.header_bytes()?;
    let Header { alg, kid, typ: _ } = Header::read(&header)?;
    let key = choose(&keys, kid.as_deref(), &alg).ok_or(TokenError::KeyUnknown)?;
    if !key.algorithm().accepts(&alg) {
        return Err(TokenError::Algorithm.into());
    }
    let mut buffer = SignatureBuffer::new();
    let signature = compact.signature_bytes(&mut buffer)?;
    if !key.verifies(&Message::new(compact.signed), signature) {
        return Err(TokenError::Signature.into());
    }
    Ok(compact.payload_bytes()?)
}

fn choose<'k>(keys: &'k [SuiteKey], kid: Option<&str>, alg: &str) -> Option<&'k KeyMaterial> {
    let named = kid.and_then(|kid| keys.iter().find(|key| key.kid.as_deref() == Some(kid)));
    if let Some(named) = named {
        return Some(&named.key);
    }
    // A key with another name than the one that is asked for is not the one that is asked for.
    let mut fitting = keys.iter().filter(|key| (kid.is_none() || key.kid.is_none()) && key.key.algorithm().accepts(alg));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(&only.key),
        _ => None,
    }
}

fn suite_key(text: &str) -> Result<SuiteKey, KeyError> {
    let node = json::read(text.as_bytes(), 16).map_err(|_| KeyError::Invalid("a key of a suite is a JSON object whose member names are unique"))?;
    let (kid, key) = match node.value.get("secret") {
        Some(secret) => with_secret(&node, secret)?,
        None => KeyMaterial::from_jwk_to_verify(text)?,
    };
    Ok(SuiteKey { kid: kid.filter(|kid| !kid.is_empty()), key })
}

/// `{"kid", "alg", "secret"}`.
fn with_secret(node: &Node<'_>, secret: &Node<'_>) -> Result<(Option<String>, KeyMaterial), KeyError> {
    let text = |name: &str| match node.value.get(name) {
        None => Ok(None),
        Some(node) => node.value.as_text().map(Some).ok_or(KeyError::Invalid("kid, alg and secret of a key are texts")),
    };
    if node.value.get("kty").is_some() {
        return Err(KeyError::Invalid("a JWK has its secret in k"));
    }
    let alg = text("alg")?.and_then(Algorithm::from_name).ok_or(KeyError::TypeMismatch("HS256 or Ed25519, the algorithms of this version"))?;
    let secret = secret.value.as_text().ok_or(KeyError::Invalid("kid, alg and secret of a key are texts"))?;
    let bytes = match (secret.strip_prefix("base64:"), secret.strip_prefix("hex:")) {
        (Some(base64), _) => from_base64(base64.as_bytes()).ok_or(KeyError::Invalid("a secret after base64: is standard base64 with padding"))?,
        (_, Some(hex)) => from_hex(hex.as_bytes()).ok_or(KeyError::Invalid("a secret after hex: is hex"))?,
        (None, None) => secret.as_bytes().to_vec(),
    };
    Ok((text("kid")?.map(str::to_owned), KeyMaterial::from_secret(alg, &SecretBytes::new(bytes))?))
}
