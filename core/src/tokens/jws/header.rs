//! The header: which key, which algorithm, which type; and nothing that changes how the rest is read.

use std::borrow::Cow;

use super::MAX_DEPTH;
use crate::error::TokenError;
use crate::json::{self, Member, Names, Value};

/// What a header says. Members that are not listed here are ignored.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    /// `alg`, whatever it is: it is only compared with the key's.
    pub(crate) alg: Cow<'a, str>,
    /// `kid`, of the right form.
    pub(crate) kid: Option<Cow<'a, str>>,
    /// `typ`, whatever it is.
    pub(crate) typ: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    /// Reads the decoded header.
    ///
    /// # Errors
    /// `jwt_malformed`, then `jwt_crit`, then `jwt_header`.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, TokenError> {
        let text = std::str::from_utf8(bytes).map_err(|_| TokenError::Malformed)?;
        let mut members: Vec<Member<'a>> = Vec::with_capacity(4);
        let mut names = Names::default();
        json::read_members(text, MAX_DEPTH, |member| {
            let new = !names.is_repeated(&member.name, &members);
            members.push(member);
            new
        })
        .map_err(|_| TokenError::Malformed)?;
        Self::of(members)
    }

    fn of(members: Vec<Member<'a>>) -> Result<Self, TokenError> {
        // No extension is supported, so whatever `crit` lists (or fails to list) is not understood; `b64` is one of them.
        if members.iter().any(|member| matches!(member.name.as_ref(), "crit" | "b64")) {
            return Err(TokenError::Crit);
        }
        let (mut alg, mut kid, mut typ) = (None, None, None);
        for member in members {
            let slot = match member.name.as_ref() {
                "alg" => &mut alg,
                "kid" => &mut kid,
                "typ" => &mut typ,
                // A token brings no key along, points at none, and is neither encrypted nor compressed.
                "jwk" | "jku" | "x5u" | "x5c" | "enc" | "zip" => return Err(TokenError::Header),
                _ => continue,
            };
            let Value::Text(text) = member.node.value else { return Err(TokenError::Header) };
            *slot = Some(text);
        }
        if kid.as_ref().is_some_and(|kid| !is_kid(kid)) {
            return Err(TokenError::Header);
        }
        Ok(Self { alg: alg.ok_or(TokenError::Header)?, kid, typ })
    }
}

/// 1–128 visible ASCII characters: room for the thumbprint URIs of RFC 9278, and none for paths with spaces or controls.
fn is_kid(kid: &str) -> bool {
    (1..=128).contains(&kid.len()) && kid.bytes().all(|byte| (0x21..=0x7E).contains(&byte))
}
