//! The text of a refresh token: `gwr1_` + base64url(kid | flags | family id | generation | secret | MAC) + CRC-32.

use std::fmt;

use zeroize::Zeroizing;

use crate::encode;

/// What a family id is: 8 bytes of its owner's tag, then 8 random ones.
pub type FamilyId = [u8; 16];

/// The whole length of a token's text.
pub const TOKEN_LEN: usize = 105;
/// `kid | flags | family id | generation | secret`.
pub const HEAD_LEN: usize = 54;
const BODY_LEN: usize = HEAD_LEN + 16;
const PREFIX_LEN: usize = 5;
const CRC_LEN: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The kind of a token, at the front of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// `gwr1_`.
    User,
    /// `gwd1_`.
    Device,
}

impl Prefix {
    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "gwr1_",
            Self::Device => "gwd1_",
        }
    }

    /// The number in a record.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Device => 2,
        }
    }

    /// The prefix of that number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::User),
            2 => Some(Self::Device),
            _ => None,
        }
    }
}

/// What a token carries. Its MAC is yet to be checked.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its kind.
    pub prefix: Prefix,
    /// Which root secret made it.
    pub kid: u8,
    /// Its family.
    pub family_id: FamilyId,
    /// Its generation, the first is 0.
    pub generation: u32,
    /// 256 bits that only its holder knows.
    pub secret: Zeroizing<[u8; 32]>,
}

impl RefreshToken {
    /// What the MAC covers after the prefix.
    #[must_use]
    pub fn head(&self) -> Zeroizing<Vec<u8>> {
        let mut head = Zeroizing::new(Vec::with_capacity(BODY_LEN));
        head.extend_from_slice(&[self.kid, 0]);
        head.extend_from_slice(&self.family_id);
        head.extend_from_slice(&self.generation.to_be_bytes());
        head.extend_from_slice(&*self.secret);
        head
    }

    /// The token's text, given its MAC.
    #[must_use]
    pub fn to_text(&self, mac: &[u8; 16]) -> String {
        let mut body = self.head();
        body.extend_from_slice(mac);
        let mut text = String::with_capacity(TOKEN_LEN);
        text.push_str(self.prefix.as_str());
        data_encoding::BASE64URL_NOPAD.encode_append(&body, &mut text);
        let crc = crc32fast::hash(text.as_bytes());
        text.push_str(&base62(crc));
        text
    }

    /// Reads a token's text: exact length, prefix, CRC, strict base64url, flags 0. Says nothing about the MAC but its value.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, [u8; 16])> {
        if text.len() != TOKEN_LEN {
            return None;
        }
        let (checked, crc) = text.as_bytes().split_at_checked(TOKEN_LEN - CRC_LEN)?;
        let (prefix, body) = checked.split_at_checked(PREFIX_LEN)?;
        let prefix = match prefix {
            b"gwr1_" => Prefix::User,
            b"gwd1_" => Prefix::Device,
            _ => return None,
        };
        if base62(crc32fast::hash(checked)).as_bytes() != crc {
            return None;
        }
        let body = Zeroizing::new(encode::from_base64url(body)?);
        let (&[kid, flags], rest) = body.split_first_chunk::<2>()?;
        let (family_id, rest) = rest.split_first_chunk::<16>()?;
        let (generation, rest) = rest.split_first_chunk::<4>()?;
        let (secret, mac) = rest.split_first_chunk::<32>()?;
        if flags != 0 {
            return None;
        }
        let mac = mac.try_into().ok()?;
        let generation = u32::from_be_bytes(*generation);
        Some((Self { prefix, kid, family_id: *family_id, generation, secret: Zeroizing::new(*secret) }, mac))
    }
}

impl fmt::Debug for RefreshToken {
    /// Never the secret, and of the family id only the half that is not its owner's pseudonym.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}:{}", self.prefix.as_str(), log_id(&self.family_id), self.generation)
    }
}

/// What may be said of a family in events: its last 4 bytes, in hex.
#[must_use]
pub fn log_id(family_id: &FamilyId) -> String {
    encode::hex(family_id.last_chunk::<4>().map_or(&[], |half| half.as_slice()))
}

/// A CRC in base62, most significant digit first, zero-padded to six.
fn base62(mut crc: u32) -> String {
    let mut digits = [b'0'; CRC_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((crc % 62) as usize).copied().unwrap_or(b'0');
        crc /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_reads_back_and_one_changed_character_does_not(kid in 1..=255u8, family_id: [u8; 16], generation: u32, secret: [u8; 32], mac: [u8; 16], at in 0..TOKEN_LEN, other in "[!-~]") {
            let token = RefreshToken { prefix: Prefix::Device, kid, family_id, generation, secret: Zeroizing::new(secret) };
            let text = token.to_text(&mac);
            prop_assert_eq!(RefreshToken::parse(&text), Some((token, mac)));
            let mut changed = text.clone();
            changed.replace_range(at..=at, &other);
            prop_assert!(changed == text || RefreshToken::parse(&changed).is_none());
        }

        #[test]
        fn no_text_makes_it_panic(text in "(gwr1_|gwd1_)?.{0,120}") {
            let _ = RefreshToken::parse(&text);
        }
    }
}
