//! What makes two requests the same: a digest of what they ask for.

use hmac::Mac;
use sha2::{Digest, Sha256, Sha512};

use super::json::{Pointer, canonical};
use crate::encode::{from_base64, lp};
use crate::error::{Error, IdempotencyError, Result};
use crate::json::{self, Node};
use crate::keys::keyed;
use crate::secret::SecretBytes;

/// How requests are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Fingerprinting {
    /// The body, byte by byte.
    #[default]
    Raw,
    /// The body as JSON, whatever the order of its members and the form of its numbers, without the values at `exclude`.
    Jcs {
        /// What is left out.
        exclude: Vec<Pointer>,
    },
    /// The values at these places of a JSON body, and nothing else. A value that is absent differs from null.
    Selected(Vec<Pointer>),
    /// The SHA-256 of the content, as `Content-Digest` (RFC 9530) gives it.
    ContentDigest,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Content<'a> {
    /// The body as received.
    pub body: Option<&'a [u8]>,
    /// What the caller says makes it what it is; under [`Fingerprinting::ContentDigest`] the header `Content-Digest`.
    pub fingerprint: Option<&'a [u8]>,
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The query, as received, without the `?`.
    pub query: Option<&'a str>,
}

impl Fingerprinting {
    /// The fingerprint of a request: SHA-256, or HMAC-SHA-256 under `key`, of `"gw.idem.1" | u8 mode | lp(content-type essence) |
    /// lp(query) | lp(body)`.
    ///
    /// # Errors
    /// `invalid_argument` for a request without body and fingerprint, a body that is no JSON or has duplicate members, a digest
    /// that is malformed or not of this body; `body_too_large` for JSON of more than 4 MiB.
    pub fn fingerprint(&self, content: Content<'_>, key: Option<&SecretBytes>) -> Result<[u8; 32]> {
        let (mode, body) = self.comparable(content)?;
        let essence = content.content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut head = LABEL.to_vec();
        head.push(mode);
        lp(&mut head, essence.as_bytes());
        lp(&mut head, content.query.unwrap_or_default().as_bytes());
        let len = u32::try_from(body.len()).map_err(|_| IdempotencyError::BodyTooLarge)?;
        head.extend_from_slice(&len.to_be_bytes());
        Ok(match key {
            None => Sha256::new().chain_update(&head).chain_update(&body).finalize().into(),
            Some(key) => {
                let mut mac = keyed(key.expose());
                mac.update(&head);
                mac.update(&body);
                mac.finalize().into_bytes().into()
            }
        })
    }

    fn comparable<'a>(&self, content: Content<'a>) -> Result<(u8, std::borrow::Cow<'a, [u8]>)> {
        if let (Self::ContentDigest, Some(header)) = (self, content.fingerprint) {
            return Ok((CONTENT_DIGEST, digest_of(header, content.body)?.to_vec().into()));
        }
        if let Some(custom) = content.fingerprint {
            return Ok((CUSTOM, custom.into()));
        }
        let body = content.body.ok_or_else(|| Error::invalid_argument("body", "give the body as received, or a fingerprint"))?;
        Ok(match self {
            Self::Raw => (RAW, body.into()),
            Self::Jcs { exclude } => {
                let mut node = read(body)?;
                let text = if Pointer::remove_all(exclude, &mut node) { String::new() } else { canonical(&node) };
                (JCS, text.into_bytes().into())
            }
            Self::Selected(pointers) => {
                let node = read(body)?;
                let mut out = Vec::new();
                for pointer in pointers {
                    lp(&mut out, pointer.as_str().as_bytes());
                    match pointer.find(&node) {
                        None => out.push(0),
                        Some(found) => {
                            out.push(1);
                            lp(&mut out, canonical(found).as_bytes());
                        }
                    }
                }
                (SELECTED, out.into())
            }
            Self::ContentDigest => (CONTENT_DIGEST, Sha256::digest(body).to_vec().into()),
        })
    }
}

fn read(body: &[u8]) -> Result<Node<'_>> {
    if body.len() > MAX_JSON {
        return Err(IdempotencyError::BodyTooLarge.into());
    }
    json::read(body, MAX_DEPTH).map_err(|_| Error::invalid_argument("body", "send JSON without duplicate members, at most 64 deep"))
}

/// The SHA-256 that a `Content-Digest` names, checked against the body where it is there; with the body, a SHA-512 will do.
fn digest_of(header: &[u8], body: Option<&[u8]>) -> Result<[u8; 32]> {
    let bad = || Error::invalid_argument("fingerprint", "give the Content-Digest of this body, as sha-256=:…:");
    let (mut sha256, mut sha512) = (None::<[u8; 32]>, None::<[u8; 64]>);
    for member in header.split(|byte| *byte == b',') {
        let member = member.trim_ascii();
        let at = member.iter().position(|byte| *byte == b'=').ok_or_else(bad)?;
        let (name, value) = member.split_at_checked(at).ok_or_else(bad)?;
        let value = value.strip_prefix(b"=:").and_then(|value| value.strip_suffix(b":")).and_then(from_base64).ok_or_else(bad)?;
        match name {
            b"sha-256" => sha256 = Some(value.try_into().map_err(|_| bad())?),
            b"sha-512" => sha512 = Some(value.try_into().map_err(|_| bad())?),
            _ => {}
        }
    }
    let Some(body) = body else { return sha256.ok_or_else(bad) };
    let own: [u8; 32] = Sha256::digest(body).into();
    let right = sha256.is_none_or(|digest| digest == own) && sha512.is_none_or(|digest| Sha512::digest(body).as_slice() == digest);
    if right && (sha256.is_some() || sha512.is_some()) { Ok(own) } else { Err(bad()) }
}

const LABEL: &[u8] = b"gw.idem.1";
/// Numbers of the modes; once given, never given again.
const RAW: u8 = 0;
const JCS: u8 = 1;
const SELECTED: u8 = 2;
const CONTENT_DIGEST: u8 = 3;
const CUSTOM: u8 = 4;
const MAX_JSON: usize = 4 << 20;
const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{base64, hex};

    fn pointers(texts: &[&str]) -> Vec<Pointer> {
        texts.iter().map(|text| Pointer::parse(text).unwrap()).collect()
    }

    fn of(how: &Fingerprinting, body: &str) -> Result<[u8; 32], &'static str> {
        how.fingerprint(Content { body: Some(body.as_bytes()), ..Content::default() }, None).map_err(|error| error.code())
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let content =
            Content { body: Some(b"{}"), content_type: Some(" Application/JSON ; charset=utf-8"), query: Some("a=b"), ..Content::default() };
        // Written by hand after the layout.
        let bytes = b"gw.idem.1\x00\x00\x00\x00\x10application/json\x00\x00\x00\x03a=b\x00\x00\x00\x02{}";
        let plain = Fingerprinting::Raw.fingerprint(content, None).unwrap();
        assert_eq!(hex(&plain), hex(&Sha256::digest(bytes)));
        let keyed = Fingerprinting::Raw.fingerprint(content, Some(&SecretBytes::new(b"k".to_vec()))).unwrap();
        let mut mac = crate::keys::keyed(b"k");
        mac.update(bytes);
        assert_eq!(hex(&keyed), hex(&mac.finalize().into_bytes()));
    }

    #[test]
    fn every_part_counts_and_no_part_runs_into_the_next() {
        let of = |body: &'static [u8], content_type, query| {
            Fingerprinting::Raw.fingerprint(Content { body: Some(body), content_type, query, ..Content::default() }, None).unwrap()
        };
        let all = [of(b"ab", None, None), of(b"b", None, Some("a")), of(b"b", Some("a"), None), of(b"", Some("a"), Some("b")), of(b"", None, None)];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
        assert_eq!(of(b"x", Some("text/plain; a=b"), None), of(b"x", Some("TEXT/plain"), Some("")));
    }

    #[test]
    fn canonical_bodies_compare_by_value() {
        let jcs = Fingerprinting::Jcs { exclude: pointers(&["/sent_at", "/list/1"]) };
        let base = of(&jcs, r#"{"a":1,"b":[1.0,2e0],"list":[1,9,3]}"#).unwrap();
        assert_eq!(of(&jcs, r#"{ "sent_at": 9, "list":[1,2,3], "b":[1,2], "a":1.00 }"#).unwrap(), base);
        assert_ne!(of(&jcs, r#"{"a":1,"b":[2,1],"list":[1,9,3]}"#).unwrap(), base);
        assert_ne!(of(&jcs, r#"{"a":9007199254740993}"#), of(&jcs, r#"{"a":9007199254740992}"#));
        for wrong in ["", "{", r#"{"a":1,"a":1}"#, "nil", "{} {}"] {
            assert_eq!(of(&jcs, wrong), Err("invalid_argument"), "{wrong}");
            assert_eq!(of(&Fingerprinting::Selected(pointers(&["/a"])), wrong), Err("invalid_argument"), "{wrong}");
        }
        let large = format!("\"{}\"", "x".repeat(MAX_JSON));
        assert_eq!(of(&jcs, &large), Err("body_too_large"));
        assert!(of(&Fingerprinting::Raw, &large).is_ok());
        let all = Fingerprinting::Jcs { exclude: pointers(&[""]) };
        assert_eq!(of(&all, "1").unwrap(), of(&all, "2").unwrap());
    }

    #[test]
    fn selected_fields_are_all_that_counts_and_absent_is_not_null() {
        let selected = Fingerprinting::Selected(pointers(&["/amount", "/to/iban"]));
        let base = of(&selected, r#"{"amount":5,"to":{"iban":"X"},"note":"a"}"#).unwrap();
        assert_eq!(of(&selected, r#"{"note":"b","to":{"name":"n","iban":"X"},"amount":5.0}"#).unwrap(), base);
        let absent = of(&selected, r#"{"amount":5}"#).unwrap();
        assert_ne!(absent, base);
        assert_ne!(of(&selected, r#"{"amount":5,"to":{"iban":null}}"#).unwrap(), absent);
    }

    #[test]
    fn a_digest_is_checked_against_the_body() {
        let (body, other) = (b"hello".as_slice(), b"hullo".as_slice());
        let sha256 = |body: &[u8]| format!("sha-256=:{}:", base64(&Sha256::digest(body)));
        let sha512 = |body: &[u8]| format!("sha-512=:{}:", base64(&Sha512::digest(body)));
        let of = |header: Option<&str>, body: Option<&[u8]>| {
            let content = Content { body, fingerprint: header.map(str::as_bytes), ..Content::default() };
            Fingerprinting::ContentDigest.fingerprint(content, None).map_err(|error| error.code())
        };
        let base = of(None, Some(body)).unwrap();
        assert_eq!(of(Some(&sha256(body)), None), Ok(base));
        assert_eq!(of(Some(&sha256(body)), Some(body)), Ok(base));
        assert_eq!(of(Some(&sha512(body)), Some(body)), Ok(base));
        assert_eq!(of(Some(&format!("{}, md5=:AAAA:, {}", sha512(body), sha256(body))), Some(body)), Ok(base));
        for header in
            [sha256(other), sha512(other), format!("{}, {}", sha256(body), sha512(other)), "md5=:AAAA:".into(), "sha-256=:AAAA:".into(), "x".into()]
        {
            assert_eq!(of(Some(&header), Some(body)), Err("invalid_argument"), "{header}");
        }
        assert_eq!(of(Some(&sha512(body)), None), Err("invalid_argument"));
        assert_eq!(of(None, None), Err("invalid_argument"));
    }

    #[test]
    fn a_callers_own_fingerprint_is_of_no_other_mode() {
        let custom = Content { fingerprint: Some(b"x"), ..Content::default() };
        let custom = Fingerprinting::Raw.fingerprint(custom, None).unwrap();
        assert_ne!(custom, of(&Fingerprinting::Raw, "x").unwrap());
    }
}
