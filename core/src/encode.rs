//! Strict encodings: one text for one value, or nothing.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};

/// base64url without padding (RFC 4648 section 5).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + 4);
    push_base64url(&mut out, bytes);
    out
}

/// Appends base64url without padding. Every token that is signed passes here: two characters at a time.
pub(crate) fn push_base64url(out: &mut String, bytes: &[u8]) {
    /// Of how many bytes the text is gathered before it is appended: three for four characters.
    const STEP: usize = 96;
    let mut text = [0; STEP / 3 * 4];
    for bytes in bytes.chunks(STEP) {
        let (threes, rest) = bytes.as_chunks::<3>();
        let (fours, _) = text.as_chunks_mut::<4>();
        for (four, [a, b, c]) in fours.iter_mut().zip(threes) {
            let bits = u32::from_be_bytes([0, *a, *b, *c]);
            let [[w, x], [y, z]] = [pair(bits >> 12), pair(bits & 0xFFF)];
            *four = [w, x, y, z];
        }
        let mut len = threes.len() * 4;
        if let Some((&first, more)) = rest.split_first() {
            let bits = u32::from_be_bytes([0, first, more.first().copied().unwrap_or(0), 0]);
            if let Some(four) = fours.get_mut(threes.len()) {
                let [[w, x], [y, z]] = [pair(bits >> 12), pair(bits & 0xFFF)];
                *four = [w, x, y, z];
            }
            len += 1 + rest.len();
        }
        out.push_str(text.get(..len).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default());
    }
}

/// The two characters of twelve bits.
fn pair(bits: u32) -> [u8; 2] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const PAIRS: [[u8; 2]; 4096] = {
        let mut pairs = [[0; 2]; 4096];
        let mut bits = 0;
        while bits < 4096 {
            pairs[bits] = [ALPHABET[bits >> 6], ALPHABET[bits & 63]];
            bits += 1;
        }
        pairs
    };
    static TABLE: [[u8; 2]; 4096] = PAIRS;
    TABLE.get(bits as usize).copied().unwrap_or_default()
}

/// Reads base64url: no padding, no white space, spare bits zero.
#[must_use]
pub fn from_base64url(text: &[u8]) -> Option<Vec<u8>> {
    let len = BASE64URL_NOPAD.decode_len(text.len()).ok()?;
    // Not `vec![0; len]`: zeroed memory is fetched past the allocator's quick path.
    let mut out = Vec::with_capacity(len);
    out.resize(len, 0);
    BASE64URL_NOPAD.decode_mut(text, &mut out).ok()?;
    Some(out)
}

/// Reads base64url of exactly `N` bytes.
pub(crate) fn array_from_base64url<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    (BASE64URL_NOPAD.decode_len(text.len()) == Ok(N)).then_some(())?;
    BASE64URL_NOPAD.decode_mut(text, &mut out).ok()?;
    Some(out)
}

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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base64url_is_what_data_encoding_says(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Za-z0-9_-]{0,12}|.{0,8}") {
            let encoded = base64url(&bytes);
            prop_assert_eq!(&encoded, &BASE64URL_NOPAD.encode(&bytes));
            prop_assert_eq!(from_base64url(encoded.as_bytes()), Some(bytes));
            let expected = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
            prop_assert_eq!(array_from_base64url::<6>(text.as_bytes()).map(Vec::from), expected.clone().filter(|bytes| bytes.len() == 6));
            prop_assert_eq!(from_base64url(text.as_bytes()), expected);
        }
    }
}
