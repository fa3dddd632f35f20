//! JWS in its compact form (RFC 7515), strictly: sizes before anything is decoded, one text for one value, and a header
//! that may name a key of ours and nothing else.

mod header;
mod suite;

pub(crate) use header::Header;
pub use suite::verify_suite;

use data_encoding::BASE64URL_NOPAD;

use crate::encode::from_base64url;
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
        let (header, rest) = token.split_once('.').unwrap_or((token, ""));
        if header.len() > MAX_HEADER {
            return Err(TokenError::TooLarge);
        }
        let (payload, signature) = rest.split_once('.').ok_or(TokenError::Malformed)?;
        let signed = token.strip_suffix(signature).and_then(|signed| signed.strip_suffix('.')).ok_or(TokenError::Malformed)?;
        if signature.contains('.') { Err(TokenError::Malformed) } else { Ok(Self { header, payload, signature, signed }) }
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
        let len = BASE64URL_NOPAD.decode_len(text.len()).map_err(|_| TokenError::Malformed)?;
        if let Some(out) = short.0.get_mut(..len) {
            BASE64URL_NOPAD.decode_mut(text, out).map_err(|_| TokenError::Malformed)?;
            return Ok(out);
        }
        // Longer than any signature of this version: only its form is of interest.
        from_base64url(text).map_or(Err(TokenError::Malformed), |_| Ok(&[]))
    }
}

/// Room for the longest signature of this version.
pub(crate) struct SignatureBuffer([u8; 64]);

impl SignatureBuffer {
    pub(crate) const fn new() -> Self {
        Self([0; 64])
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII")]
mod tests;
