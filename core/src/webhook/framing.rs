//! What is signed: the bytes around the body, and the proof that they can be split in one way only.
//!
//! `{time}.{nonce}.{body}` is only as good as the rule that cuts it: where a dot may stand in two pieces, one signature fits two
//! messages. Ids and nonces therefore hold no dot, and a time must be the longest that could be cut from the signed bytes.

use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use super::request::Target;
use super::scheme::{Naive, Piece, Scheme, Unit};
use crate::encode;
use crate::error::{Error, Result, WebhookError};
use crate::time::IsoTime;

/// The longest ISO time: date and time of day, nine digits of a fraction, an offset.
const LONGEST_ISO: usize = 35;
const MAX_ID: usize = 256;
const MAX_NONCE: usize = 128;

/// The values of the pieces of one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pieces<'p, 'a> {
    pub(super) timestamp: &'p [u8],
    pub(super) id: &'p str,
    pub(super) nonce: &'p str,
    pub(super) target: Option<&'p Target>,
    pub(super) body: &'a [u8],
    pub(super) body_fits: bool,
}

/// The signed bytes: what stands before the body, the body if it is signed itself, and what follows.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    pub(super) before: SmallVec<[u8; 128]>,
    pub(super) body: &'a [u8],
    pub(super) after: SmallVec<[u8; 128]>,
}

impl Signed<'_> {
    /// SHA-256 of the signed bytes.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.before).chain_update(self.body).chain_update(&self.after).finalize().into()
    }
}

/// An id: 1–256 visible ASCII characters, no dot.
pub(super) fn id(value: &[u8]) -> Option<&str> {
    let fits = (1..=MAX_ID).contains(&value.len()) && value.iter().fold(true, |fits, byte| fits & byte.is_ascii_graphic() & (*byte != b'.'));
    if fits { std::str::from_utf8(value).ok() } else { None }
}

/// A nonce: 1–128 of `A-Z a-z 0-9 _ -`.
pub(super) fn nonce(value: &[u8]) -> Option<&str> {
    let fits = (1..=MAX_NONCE).contains(&value.len()) && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fits { std::str::from_utf8(value).ok() } else { None }
}

/// Puts the signed bytes together.
///
/// # Errors
/// `framing_ambiguous` where another split of the same bytes would do as well.
pub(super) fn assemble<'a>(scheme: &Scheme, pieces: &Pieces<'_, 'a>) -> Result<Signed<'a>> {
    let mut signed = Signed { before: SmallVec::new(), body: &[], after: SmallVec::new() };
    let (mut timestamp_at, mut past_body) = (None, false);
    for (at, piece) in scheme.content.iter().enumerate() {
        let out = if past_body { &mut signed.after } else { &mut signed.before };
        match piece {
            Piece::Body => {
                signed.body = pieces.body;
                past_body = true;
            }
            // A body that is too large is refused further on, and not hashed for that.
            Piece::BodySha256Hex if pieces.body_fits => out.extend_from_slice(encode::hex(&Sha256::digest(pieces.body)).as_bytes()),
            Piece::BodySha256Hex => {}
            Piece::Id => out.extend_from_slice(pieces.id.as_bytes()),
            Piece::Literal(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Nonce => out.extend_from_slice(pieces.nonce.as_bytes()),
            Piece::Timestamp => {
                // A time behind the body is cut from the right, where its delimiter cannot occur in it.
                timestamp_at = (!past_body).then_some((at, out.len()));
                out.extend_from_slice(pieces.timestamp);
            }
            Piece::Method | Piece::Path | Piece::Query | Piece::Url => {
                let target = pieces.target.ok_or(Error::invalid_argument("request", "give the request's method and URL: the scheme signs them"))?;
                out.extend_from_slice(target.piece(piece).as_bytes());
                let meets_body = scheme.content.get(at + 1) == Some(&Piece::Body);
                if meets_body && target.has_query() {
                    return Err(WebhookError::FramingAmbiguous.into());
                }
            }
        }
    }
    if let Some((piece_at, byte_at)) = timestamp_at
        && is_ambiguous(scheme, piece_at, byte_at, pieces, &signed)
    {
        return Err(WebhookError::FramingAmbiguous.into());
    }
    Ok(signed)
}

/// Whether a longer time than the given one could be cut from the signed bytes.
fn is_ambiguous(scheme: &Scheme, piece_at: usize, byte_at: usize, pieces: &Pieces<'_, '_>, signed: &Signed<'_>) -> bool {
    let following = scheme.content.get(piece_at + 1);
    let Some(time) = &scheme.timestamp else { return false };
    match (time.unit, following) {
        (Unit::Iso8601, Some(Piece::Literal(delimiter))) if delimiter.starts_with('.') => {
            let bytes: SmallVec<[u8; 64]> =
                signed.before.iter().skip(byte_at).chain(signed.body).chain(&signed.after).copied().take(LONGEST_ISO + delimiter.len()).collect();
            (pieces.timestamp.len() + 1..=LONGEST_ISO).any(|len| {
                let Some((longer, rest)) = bytes.split_at_checked(len) else { return false };
                rest.starts_with(delimiter.as_bytes()) && IsoTime::parse(longer).is_some_and(|iso| iso.zoned || time.naive == Naive::Utc)
            })
        }
        (Unit::Ms | Unit::S, Some(Piece::Body)) => pieces.body.first().is_some_and(u8::is_ascii_digit),
        _ => false,
    }
}
