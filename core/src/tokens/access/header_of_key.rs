//! The header of our own tokens. It is the same for all tokens of a key, so it is written, and its MAC begun, only once.

use crate::encode::base64url;
use crate::json::write_text;
use crate::keys::HmacSha256;
use crate::tokens::jws::Compact;
use crate::tokens::key::{KeyMaterial, Message};

/// A key's header, encoded.
pub(super) struct KeyHeader {
    /// With its dot.
    text: String,
    /// The MAC's state after `text`; none for a signature of another kind.
    state: Option<HmacSha256>,
}

impl KeyHeader {
    pub(super) fn new(kid: &str, key: &KeyMaterial) -> Self {
        let mut json = format!(r#"{{"alg":"{}","typ":"at+jwt","kid":"#, key.algorithm().name());
        write_text(&mut json, kid);
        json.push('}');
        let text = base64url(json.as_bytes()) + ".";
        let state = key.absorb(&text);
        Self { text, state }
    }

    /// The text with its dot.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a token's first part is this header.
    pub(super) fn is(&self, header: &str) -> bool {
        self.text.strip_suffix('.') == Some(header)
    }

    /// What was signed in a token that has this header.
    pub(super) fn message<'a>(&'a self, compact: &Compact<'a>) -> Message<'a> {
        self.to_sign(compact.signed, compact.payload)
    }

    /// `signed` is this header and `payload`.
    pub(super) const fn to_sign<'a>(&'a self, signed: &'a str, payload: &'a str) -> Message<'a> {
        Message::continued(signed, self.state.as_ref(), payload)
    }
}
