//! The material of a key, of our own and of other issuers'.

use zeroize::Zeroizing;

use crate::config::reader::Table;
use crate::config::secret_text::{GUESSABLE, encoded, is_guessable};
use crate::secret::SecretBytes;
use crate::tokens::key::{Algorithm, KeyMaterial};

/// The material of a key and the member that holds it: exactly one of `members`.
pub(super) fn read(key: &Table<'_>, members: &[&'static str]) -> Option<(KeyMaterial, &'static str)> {
    let algorithm = algorithm(key);
    let given: Vec<_> = members.iter().copied().filter(|member| key.has(member)).collect();
    let Some(member) = given.first().copied() else {
        let wanted = if algorithm == Some(Algorithm::Hs256) { "secret" } else { members.get(1).copied().unwrap_or("secret") };
        key.problem(wanted, format!("write the key: {}", members.join(" or ")));
        return None;
    };
    if let Some(second) = given.get(1) {
        key.problem(second, format!("leave this out, or {member}: a key is given in one way"));
        return None;
    }
    let text = if member == "secret" { key.text(member).optional()?.to_owned().into() } else { key_text(key, member)? };
    let algorithm = algorithm?;
    let material = match member {
        "secret" => secret(algorithm, &text),
        "private_key" => KeyMaterial::from_private(algorithm, &text).map_err(|error| error.to_string()),
        _ => KeyMaterial::from_public(algorithm, &text).map_err(|error| error.to_string()),
    };
    match material {
        Ok(material) => Some((material, member)),
        Err(mend) => {
            key.problem(member, mend);
            None
        }
    }
}

/// A key in PEM or JWK. A JWK may also stand there as the table that it is.
fn key_text(key: &Table<'_>, member: &'static str) -> Option<Zeroizing<String>> {
    if !key.is_table(member) {
        return key.text(member).optional().map(|text| text.to_owned().into());
    }
    key.table(member, Table::leave_open).optional()?;
    let mut json = Zeroizing::new(Vec::with_capacity(JWK_LEN));
    serde_json::to_writer(&mut *json, key.data(member)?).ok()?;
    std::str::from_utf8(&json).ok().map(|json| json.to_owned().into())
}

/// A secret is its bytes behind `base64:` or `hex:`, or those of its text.
fn secret(algorithm: Algorithm, text: &str) -> Result<KeyMaterial, String> {
    let secret = encoded(text)?.unwrap_or_else(|| SecretBytes::new(text.as_bytes().to_vec()));
    let material = KeyMaterial::from_secret(algorithm, &secret).map_err(|error| error.to_string())?;
    if is_guessable(text, &secret) { Err(GUESSABLE.to_owned()) } else { Ok(material) }
}

fn algorithm(key: &Table<'_>) -> Option<Algorithm> {
    let name = key.text("alg").required("write the algorithm of the key: \"HS256\" or \"Ed25519\"")?;
    let found = Algorithm::from_name(name);
    if found.is_none() {
        let later = LATER.contains(&name);
        let what = if later { "this algorithm is not in this version" } else { "there is no such algorithm here, and case matters" };
        key.problem("alg", format!("write \"HS256\" or \"Ed25519\": {what}"));
    }
    found
}

/// Room for a JWK, so that no copy of it is left behind by a text that grew.
const JWK_LEN: usize = 16 * 1024;

/// Algorithms that come with a later version.
const LATER: [&str; 10] = ["ES256", "ES384", "HS384", "HS512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
