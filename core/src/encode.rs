//! Strict encodings: one text for one value, or nothing.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

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
    #[allow(clippy::indexing_slicing, reason = "the compiler runs it, and would see an index that is too large")]
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
    let len = decoded_len(text.len())?;
    #[allow(clippy::slow_vector_initialization, reason = "zeroed memory is fetched past the quick path of an allocator")]
    let mut out = Vec::with_capacity(len);
    out.resize(len, 0);
    decode_base64url(text, &mut out)?;
    Some(out)
}

/// How many bytes so many characters of base64url stand for; none if no bytes have so many.
pub(crate) const fn decoded_len(characters: usize) -> Option<usize> {
    match characters % 4 {
        0 => Some(characters / 4 * 3),
        1 => None,
        rest => Some(characters / 4 * 3 + rest - 1),
    }
}

/// Reads base64url into `out`, which has the length of [`decoded_len`]. Every token that is verified passes here: four
/// characters at a time, their faults gathered on the way and looked at in the end.
pub(crate) fn decode_base64url(text: &[u8], out: &mut [u8]) -> Option<()> {
    /// Above the 24 bits that four characters have.
    const FAULT: u32 = 0xFF00_0000;
    /// The bits of each character, already at the place of the first, second, third and fourth of four.
    #[allow(clippy::indexing_slicing, reason = "the compiler runs it, and would see an index that is too large")]
    static TABLES: [[u32; 256]; 4] = {
        let mut tables = [[FAULT; 256]; 4];
        let mut place = 0;
        while place < 4 {
            let mut value = 0;
            while value < 64 {
                tables[place][ALPHABET[value] as usize] = (value as u32) << (18 - 6 * place);
                value += 1;
            }
            place += 1;
        }
        tables
    };
    let [first, second, third, fourth] = &TABLES;
    let bits = |table: &[u32; 256], character: u8| table.get(usize::from(character)).copied().unwrap_or(FAULT);

    let (fours, rest) = text.as_chunks::<4>();
    let (threes, last) = out.as_chunks_mut::<3>();
    let mut faults = 0;
    for (three, [a, b, c, d]) in threes.iter_mut().zip(fours) {
        let all = bits(first, *a) | bits(second, *b) | bits(third, *c) | bits(fourth, *d);
        faults |= all;
        let [_, x, y, z] = all.to_be_bytes();
        *three = [x, y, z];
    }
    match (rest, last) {
        ([], []) => {}
        ([a, b], [x]) => {
            let all = bits(first, *a) | bits(second, *b);
            // The bits that belong to no byte are zero, or two texts would stand for the same bytes.
            faults |= all | (all & 0xFFFF) << 16;
            [_, *x, _, _] = all.to_be_bytes();
        }
        ([a, b, c], [x, y]) => {
            let all = bits(first, *a) | bits(second, *b) | bits(third, *c);
            faults |= all | (all & 0xFF) << 24;
            [_, *x, *y, _] = all.to_be_bytes();
        }
        _ => return None,
    }
    (faults & FAULT == 0).then_some(())
}

/// Reads base64url of exactly `N` bytes.
pub(crate) fn array_from_base64url<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    (decoded_len(text.len()) == Some(N)).then_some(())?;
    decode_base64url(text, &mut out)?;
    Some(out)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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
