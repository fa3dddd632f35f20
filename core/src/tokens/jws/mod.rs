//! JWS in its compact form (RFC 7515), strictly: sizes before anything is decoded, one text for one value, and a header
//! that may name a key of ours and nothing else.

mod header;
mod suite;

pub(crate) use header::Header;
pub use suite::verify_suite;

use memchr::memchr;

use crate::encode::{decode_base64url, from_base64url};
use crate::error::TokenError;

/// The most that a token may have, in bytes of text.
pub(crate) const MAX_TOKEN: usize = 8192;

/// The most that its first part may have, in characters: 1024 bytes.
const MAX_HEADER: usize = 1366;

/// The most containers that a header or the claims may be deep; the object itself is one.
pub(crate) const MAX_DEPTH: usize = 16;

/// The three parts of a token, as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// The first two with their dot.
    pub(crate) signed: &'t str,
}

impl<'t> Compact<'t> {
    /// Splits a token at its two dots.
    pub(crate) fn split(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLarge);
        }
        // Without a dot the whole text is one part. Never more than three parts are made of a token full of dots.
        let Some((header, rest)) = at_dot(token) else {
            return Err(if is_too_long(token) { TokenError::TooLarge } else { TokenError::Malformed });
        };
        if is_too_long(header) {
            return Err(TokenError::TooLarge);
        }
        let (payload, signature) = at_dot(rest).ok_or(TokenError::Malformed)?;
        if memchr(b'.', signature.as_bytes()).is_some() {
            return Err(TokenError::Malformed);
        }
        let signed = token.get(..header.len() + 1 + payload.len()).ok_or(TokenError::Malformed)?;
        Ok(Self { header, payload, signature, signed })
    }

    /// Decodes the header's base64url.
    pub(crate) fn header_bytes(&self) -> Result<Vec<u8>, TokenError> {
        from_base64url(self.header.as_bytes()).ok_or(TokenError::Malformed)
    }

    /// Decodes the payload's base64url.
    pub(crate) fn payload_bytes(&self) -> Result<Vec<u8>, TokenError> {
        from_base64url(self.payload.as_bytes()).ok_or(TokenError::Malformed)
    }

    /// Decodes the signature's base64url, into `short` where it fits.
    pub(crate) fn signature_bytes<'s>(&self, short: &'s mut SignatureBuffer) -> Result<&'s [u8], TokenError> {
        let text = self.signature.as_bytes();
        if text.len() <= SignatureBuffer::CHARACTERS {
            return decode_base64url(text, &mut short.0).ok_or(TokenError::Malformed);
        }
        // Longer than any signature of this version: only its form is of interest.
        from_base64url(text).map_or(Err(TokenError::Malformed), |_| Ok(&[]))
    }
}

/// The cap is in characters, so a text of others than ASCII, which is malformed anyway, is not also too long.
fn is_too_long(header: &str) -> bool {
    header.len() > MAX_HEADER && header.chars().count() > MAX_HEADER
}

fn at_dot(text: &str) -> Option<(&str, &str)> {
    let at = memchr(b'.', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Room for the longest signature of this version, 64 bytes.
pub(crate) struct SignatureBuffer([u8; 66]);

impl SignatureBuffer {
    /// How many characters fit.
    const CHARACTERS: usize = 86;

    pub(crate) const fn new() -> Self {
        Self([0; 66])
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII")]
mod tests;
