//! Schemes as data: how the messages of a sender look. The same JSON in all four languages.

mod check;
mod content;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

pub use content::Piece;

use crate::time::parse_duration;

/// How the messages of a sender look.
///
/// Read from JSON in the form of the presets; a member that is left out takes its default, an unknown one is refused.
///
/// ```
/// use gatewright::webhook::scheme::{Piece, Scheme};
///
/// let scheme: Scheme = serde_json::from_str(r#"{
///     "algs": ["hmac_sha256"], "secret": { "utf8": {} },
///     "signature": { "header": "X-Slack-Signature", "format": { "prefixed": "v0=" } },
///     "timestamp": { "header": "X-Slack-Request-Timestamp", "unit": "s" },
///     "content": ["v0:", "timestamp", ":", "body"] }"#)?;
/// assert_eq!(scheme.content.last(), Some(&Piece::Body));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Scheme {
    /// The preset's name, or `custom`: part of the scope in which messages are claimed.
    #[serde(skip, default = "custom")]
    pub name: String,
    /// The algorithms of its signatures.
    pub algs: Vec<Alg>,
    /// How the text of a secret becomes a key. Never inferred: the same prefix means different things to different senders.
    pub secret: SecretForm,
    /// Where the signature is.
    pub signature: SignatureForm,
    /// Where the time is, if there is one.
    #[serde(default)]
    pub timestamp: Option<TimestampForm>,
    /// The header of the message id, which stays the same across retries.
    #[serde(default)]
    pub id: Option<HeaderForm>,
    /// The header of the nonce, which is new in every attempt.
    #[serde(default)]
    pub nonce: Option<HeaderForm>,
    /// Another family of the same headers, read where the first one's signature header is absent: `{"webhook-": "svix-"}`.
    #[serde(default)]
    pub alias_prefix: BTreeMap<String, String>,
    /// What is signed.
    pub content: Vec<Piece>,
    /// What tells a replay. Default none.
    #[serde(default)]
    pub replay: Replay,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Alg {
    /// Ed25519 (RFC 8032), 64 bytes.
    Ed25519,
    /// HMAC with SHA-256, 32 bytes.
    HmacSha256,
}

impl Alg {
    /// How many bytes a signature has.
    #[must_use]
    pub const fn signature_len(self) -> usize {
        match self {
            Self::Ed25519 => 64,
            Self::HmacSha256 => 32,
        }
    }
}

/// How the text of a secret becomes a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SecretForm {
    /// Base64 of the key, after an optional prefix.
    Base64 {
        /// The prefix that may stand in front.
        #[serde(default)]
        strip: String,
        /// The fewest bytes of a key. Default 16.
        #[serde(default = "default_min_len")]
        min_len: usize,
        /// The most. Default 1024.
        #[serde(default = "default_max_len")]
        max_len: usize,
    },
    /// Hex of the key.
    Hex {
        /// The fewest bytes of a key. Default 16.
        #[serde(default = "default_min_len")]
        min_len: usize,
    },
    /// The bytes of the text.
    Utf8 {
        /// The fewest bytes of a key. Default 16.
        #[serde(default = "default_min_len")]
        min_len: usize,
    },
}

impl SecretForm {
    /// The fewest and the most bytes of a key.
    #[must_use]
    pub const fn lengths(&self) -> (usize, usize) {
        match self {
            Self::Base64 { min_len, max_len, .. } => (*min_len, *max_len),
            Self::Hex { min_len } | Self::Utf8 { min_len } => (*min_len, MAX_SECRET_LEN),
        }
    }

    pub(super) const fn set_min_len(&mut self, len: usize) {
        match self {
            Self::Base64 { min_len, .. } | Self::Hex { min_len } | Self::Utf8 { min_len } => *min_len = len,
        }
    }
}

/// Where the signature is and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SignatureForm {
    /// Its header.
    pub header: String,
    /// What is in it. Default plain.
    #[serde(default)]
    pub format: Format,
    /// How the bytes are written. Default hex.
    #[serde(default)]
    pub encoding: Encoding,
}

/// What a signature header holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Format {
    /// A list of `name=value` elements, as `t=…,v1=…`.
    Kv {
        /// What separates the elements. Default a comma.
        #[serde(default = "comma")]
        sep: String,
        /// The names of signatures.
        sig: Vec<String>,
        /// The name of the time, if it is in here.
        #[serde(default)]
        ts: Option<String>,
    },
    /// The signature.
    #[default]
    Plain,
    /// This text, then the signature.
    Prefixed(String),
    /// `version,signature` elements, separated by spaces; the algorithm of each version.
    SpaceList(BTreeMap<String, Alg>),
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The standard alphabet, padded.
    Base64,
    /// In either case; written in lower case.
    #[default]
    Hex,
}

/// Where the time is, how it is written, and how far it may be from ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TimestampForm {
    /// Its header; none where it is an element of the signature header.
    #[serde(default)]
    pub header: Option<String>,
    /// How it is written.
    pub unit: Unit,
    /// How old a message may be, inclusive. Default 300 s.
    #[serde(default = "default_past", deserialize_with = "duration")]
    pub past: Duration,
    /// How far ahead of our clock it may be, inclusive. Default 60 s.
    #[serde(default = "default_future", deserialize_with = "duration")]
    pub future: Duration,
    /// What an ISO time without a zone means. Default: it is refused.
    #[serde(default)]
    pub naive: Naive,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// `YYYY-MM-DDThh:mm:ss[.d{1,9}][Z|±hh:mm]`.
    Iso8601,
    /// Milliseconds since the epoch.
    Ms,
    /// Seconds since the epoch.
    S,
}

/// What an ISO time without a zone means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naive {
    /// Nothing: it is refused.
    #[default]
    Reject,
    /// UTC.
    Utc,
}

/// A header of one value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HeaderForm {
    /// Its name.
    pub header: String,
}

/// What tells a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// The message id: a second delivery is a duplicate, not an error.
    Id,
    /// The nonce.
    Nonce,
    /// Nothing: replays pass until they are too old.
    #[default]
    None,
    /// The signed bytes.
    Signature,
}

impl Replay {
    /// The value of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "nonce" => Some(Self::Nonce),
            "none" => Some(Self::None),
            "signature" => Some(Self::Signature),
            _ => None,
        }
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).ok_or_else(|| serde::de::Error::custom("a duration is an integer and us, ms, s, m, h or d, as 300s"))
}

fn custom() -> String {
    "custom".to_owned()
}

fn comma() -> String {
    ",".to_owned()
}

const fn default_min_len() -> usize {
    16
}

const fn default_max_len() -> usize {
    MAX_SECRET_LEN
}

const fn default_past() -> Duration {
    Duration::from_secs(300)
}

const fn default_future() -> Duration {
    Duration::from_secs(60)
}

const MAX_SECRET_LEN: usize = 1024;
