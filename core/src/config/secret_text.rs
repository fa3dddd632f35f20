//! Secrets as they are written: `base64:…`, `hex:…`, or a text.

use super::reader::Table;
use crate::encode;
use crate::secret::{SecretBytes, is_well_known};

/// The bytes behind `base64:` or `hex:`; none for a text without either.
///
/// # Errors
/// A sentence that says what to write.
pub(super) fn encoded(text: &str) -> Result<Option<SecretBytes>, &'static str> {
    let decoded = if let Some(base64) = text.strip_prefix("base64:") {
        encode::from_base64(base64.as_bytes()).ok_or("write base64 behind base64: the standard alphabet, padded, without white space")?
    } else if let Some(hex) = text.strip_prefix("hex:") {
        encode::from_hex(hex.as_bytes()).ok_or("write hex behind hex: an even number of 0-9 and a-f, without white space")?
    } else {
        return Ok(None);
    };
    Ok(Some(SecretBytes::new(decoded)))
}

/// Whether a secret can be guessed: one of public examples, or nothing but zeros.
pub(super) fn is_guessable(text: &str, secret: &SecretBytes) -> bool {
    is_well_known(text.as_bytes()) || is_well_known(secret.expose()) || secret.expose().iter().all(|byte| *byte == 0)
}

pub(super) const GUESSABLE: &str = "write a secret of your own, as base64: and the output of `openssl rand -base64 32`: everybody knows this one";

/// Random bytes, at least 32 of them, behind `base64:` or `hex:`; none where they are not, which is reported.
pub(super) fn random(table: &Table<'_>, member: &'static str, text: &str) -> Option<SecretBytes> {
    let secret = match encoded(text) {
        Ok(Some(secret)) => secret,
        Ok(None) => {
            table.problem(member, "write base64: or hex: and at least 32 random bytes, as base64: and the output of `openssl rand -base64 32`");
            return None;
        }
        Err(mend) => {
            table.problem(member, mend);
            return None;
        }
    };
    if secret.len() < MIN_BYTES {
        table.problem(member, format!("write at least {MIN_BYTES} random bytes: these are {}", secret.len()));
        return None;
    }
    if is_guessable(text, &secret) {
        table.problem(member, GUESSABLE);
        return None;
    }
    Some(secret)
}

const MIN_BYTES: usize = 32;
