//! The pieces of what is signed.

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A piece of what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// The body.
    Body,
    /// SHA-256 of the body in lower-case hex.
    BodySha256Hex,
    /// The message id.
    Id,
    /// This text.
    Literal(String),
    /// The request's method.
    Method,
    /// The nonce.
    Nonce,
    /// The path of the request's URL.
    Path,
    /// The query of the request's URL, without the question mark.
    Query,
    /// The time, exactly as the header has it.
    Timestamp,
    /// The request's URL.
    Url,
}

impl Piece {
    fn from_text<E: Error>(text: &str) -> Result<Self, E> {
        Ok(match text {
            "body" => Self::Body,
            "body_sha256_hex" => Self::BodySha256Hex,
            "id" => Self::Id,
            "method" => Self::Method,
            "nonce" => Self::Nonce,
            "path" => Self::Path,
            "query" => Self::Query,
            "timestamp" => Self::Timestamp,
            "url" => Self::Url,
            "sorted_form" => return Err(E::custom("sorted_form is not in this version; sign the body itself")),
            "" => return Err(E::custom("a literal of content holds at least one character; leave it out")),
            literal => Self::Literal(literal.to_owned()),
        })
    }

    /// Whether it is taken from the line of the request.
    pub(in crate::webhook) const fn is_of_request(&self) -> bool {
        matches!(self, Self::Method | Self::Path | Self::Query | Self::Url)
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PieceVisitor)
    }
}

struct PieceVisitor;

impl<'de> Visitor<'de> for PieceVisitor {
    type Value = Piece;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a piece, or a literal text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Piece, E> {
        Piece::from_text(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Piece, A::Error> {
        Err(A::Error::custom("pieces of the JSON body are not in this version; sign the body itself"))
    }
}
