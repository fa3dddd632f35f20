//! Strict encodings: one text for one value, or nothing.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::sync::LazyLock;

use base64::Engine;
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

/// base64url without padding (RFC 4648 section 5).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

/// Appends base64url without padding.
pub(crate) fn push_base64url(out: &mut String, bytes: &[u8]) {
    BASE64URL.encode_string(bytes, out);
}

/// Reads base64url: no padding, no white space, spare bits zero.
#[must_use]
pub fn from_base64url(text: &[u8]) -> Option<Vec<u8>> {
    let room = text.len().div_ceil(4) * 3;
    #[allow(clippy::slow_vector_initialization, reason = "zeroed memory is fetched past the quick path of an allocator")]
    let mut out = Vec::with_capacity(room);
    out.resize(room, 0);
    let len = BASE64URL.decode_slice(text, &mut out).ok()?;
    out.truncate(len);
    Some(out)
}

/// Reads base64url of few bytes into `room`, which has at least three for four characters begun; the rest of it is left.
pub(crate) fn decode_base64url<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let len = BASE64URL.decode_slice(text, room).ok()?;
    room.get(..len)
}

/// Every token passes here, so on processors that can, many characters at a time.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static BASE64URL: LazyLock<base64::engine::Simd> = LazyLock::new(|| base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static BASE64URL: &base64::engine::GeneralPurpose = &base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// base64 of the standard alphabet, padded (RFC 4648 section 4).
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Reads base64 of the standard alphabet: padded, no white space, spare bits zero.
#[must_use]
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Reads hex in either case.
#[must_use]
pub fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text).ok()
}

/// Appends `u32be length | bytes`: joined fields can then be split in one way only.
pub(crate) fn lp(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Appends `u32be count`, then each text as [`lp`] does.
pub(crate) fn lpl(out: &mut Vec<u8>, texts: &[String]) {
    out.extend_from_slice(&u32::try_from(texts.len()).unwrap_or(u32::MAX).to_be_bytes());
    for text in texts {
        lp(out, text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base64url_is_what_data_encoding_says(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Za-z0-9_-]{0,86}|[A-Za-z0-9_-]{0,60}.[A-Za-z0-9_-]{0,10}") {
            let encoded = base64url(&bytes);
            prop_assert_eq!(&encoded, &BASE64URL_NOPAD.encode(&bytes));
            prop_assert_eq!(from_base64url(encoded.as_bytes()), Some(bytes));
            let expected = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
            let mut room = [0; 66];
            prop_assert_eq!(decode_base64url(text.as_bytes(), &mut room), expected.as_deref());
            prop_assert_eq!(from_base64url(text.as_bytes()), expected);
        }
    }
}
