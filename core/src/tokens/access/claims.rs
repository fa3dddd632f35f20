//! Claims as they stand in the payload: each name once, each value as it was written, nothing believed yet.

use std::borrow::Cow;

use crate::error::TokenError;
use crate::json::{self, Member, Names, Value};
use crate::tokens::jws::MAX_DEPTH;

/// The greatest integer that every language reads exactly.
pub(super) const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Most texts of an `aud` array.
const MAX_AUDIENCES: usize = 16;

/// Whose claims they are, and so which names have a meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Issuer {
    /// Ours: every claim that we write, and `nbf`.
    Own,
    /// Another: the seven of RFC 7519, and `cnf`. What else it writes is its own affair.
    Foreign,
}

/// The claims that have a meaning here, by their names on the wire; and the rest.
#[derive(Default)]
pub(super) struct RawClaims<'a> {
    pub(super) iss: Option<Value<'a>>,
    pub(super) sub: Option<Value<'a>>,
    pub(super) aud: Option<Value<'a>>,
    pub(super) exp: Option<Value<'a>>,
    pub(super) nbf: Option<Value<'a>>,
    pub(super) iat: Option<Value<'a>>,
    pub(super) jti: Option<Value<'a>>,
    pub(super) cnf: Option<Value<'a>>,
    pub(super) client_id: Option<Value<'a>>,
    pub(super) sid: Option<Value<'a>>,
    pub(super) generation: Option<Value<'a>>,
    pub(super) tv: Option<Value<'a>>,
    pub(super) tenant: Option<Value<'a>>,
    pub(super) roles: Option<Value<'a>>,
    pub(super) scope: Option<Value<'a>>,
    pub(super) auth_time: Option<Value<'a>>,
    pub(super) amr: Option<Value<'a>>,
    /// All others, in the order of the text.
    pub(super) others: Vec<Member<'a>>,
}

impl<'a> RawClaims<'a> {
    /// Reads a payload into an empty one, where it stays: it is large.
    ///
    /// # Errors
    /// `jwt_malformed`.
    pub(super) fn read(&mut self, payload: &'a str, issuer: Issuer) -> Result<(), TokenError> {
        let mut names = Names::default();
        json::read_members(payload, MAX_DEPTH, |member| match self.slot(&member.name, issuer) {
            Some(slot) => slot.replace(member.node.value).is_none(),
            None => {
                let new = !names.is_repeated(&member.name, &self.others);
                self.others.push(member);
                new
            }
        })
        .map_err(|_| TokenError::Malformed)
    }

    fn slot(&mut self, name: &str, issuer: Issuer) -> Option<&mut Option<Value<'a>>> {
        match name {
            "iss" => Some(&mut self.iss),
            "sub" => Some(&mut self.sub),
            "aud" => Some(&mut self.aud),
            "exp" => Some(&mut self.exp),
            "nbf" => Some(&mut self.nbf),
            "iat" => Some(&mut self.iat),
            "jti" => Some(&mut self.jti),
            "cnf" => Some(&mut self.cnf),
            _ if issuer == Issuer::Foreign => None,
            "client_id" => Some(&mut self.client_id),
            "sid" => Some(&mut self.sid),
            "gen" => Some(&mut self.generation),
            "tv" => Some(&mut self.tv),
            "tenant" => Some(&mut self.tenant),
            "roles" => Some(&mut self.roles),
            "scope" => Some(&mut self.scope),
            "auth_time" => Some(&mut self.auth_time),
            "amr" => Some(&mut self.amr),
            _ => None,
        }
    }

    /// The claim of this name in a foreign token.
    pub(super) fn foreign(&self, name: &str) -> Option<&Value<'a>> {
        match name {
            "iss" => self.iss.as_ref(),
            "sub" => self.sub.as_ref(),
            "aud" => self.aud.as_ref(),
            "exp" => self.exp.as_ref(),
            "nbf" => self.nbf.as_ref(),
            "iat" => self.iat.as_ref(),
            "jti" => self.jti.as_ref(),
            "cnf" => self.cnf.as_ref(),
            _ => self.others.iter().find(|member| member.name == name).map(|member| &member.node.value),
        }
    }

    /// The text of an object of all other claims but those of `named`, each as it was written in `payload`.
    pub(super) fn extra(&self, payload: &str, named: &[Option<&str>]) -> Cow<'static, str> {
        if self.others.is_empty() {
            return Cow::Borrowed("{}");
        }
        let mut extra = String::from("{");
        for member in &self.others {
            if named.contains(&Some(member.name.as_ref())) {
                continue;
            }
            if extra.len() > 1 {
                extra.push(',');
            }
            extra.push_str(payload.get(member.start..member.node.end).unwrap_or_default());
        }
        extra.push('}');
        Cow::Owned(extra)
    }
}

/// A text, whatever it says.
pub(super) fn text<'n>(value: &'n Value<'_>) -> Result<&'n str, TokenError> {
    value.as_text().ok_or(TokenError::ClaimType)
}

/// A text that is a name of something, so it is not empty; absent, it is.
pub(super) fn name<'n>(value: Option<&'n Value<'_>>) -> Result<&'n str, TokenError> {
    match value.map(text).transpose()? {
        Some("") => Err(TokenError::ClaimType),
        Some(name) => Ok(name),
        None => Ok(""),
    }
}

/// An array of texts; absent, it is empty.
pub(super) fn texts(value: Option<&Value<'_>>) -> Result<Vec<String>, TokenError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let Value::Array(nodes) = value else { return Err(TokenError::ClaimType) };
    nodes.iter().map(|node| text(&node.value).map(str::to_owned)).collect()
}

/// An array of texts, or a single text, which is one element and never split.
pub(super) fn text_or_texts(value: Option<&Value<'_>>) -> Result<Vec<String>, TokenError> {
    match value {
        Some(Value::Text(only)) => Ok(vec![only.clone().into_owned()]),
        _ => texts(value),
    }
}

/// An integer without sign, fraction or exponent, of at most 53 bits.
pub(super) fn integer(value: &Value<'_>) -> Result<u64, TokenError> {
    let Value::Number(number) = value else { return Err(TokenError::ClaimType) };
    number.as_u64().filter(|integer| *integer <= MAX_INTEGER).ok_or(TokenError::ClaimType)
}

/// `tv`: subject, tenant, installation.
pub(super) fn token_version(value: &Value<'_>) -> Result<[u64; 3], TokenError> {
    let Value::Array(nodes) = value else { return Err(TokenError::ClaimType) };
    let [subject, tenant, installation] = nodes.as_slice() else { return Err(TokenError::ClaimType) };
    Ok([integer(&subject.value)?, integer(&tenant.value)?, integer(&installation.value)?])
}

/// `cnf`: nothing but a `jkt`, the 43 characters of a SHA-256 thumbprint.
pub(super) fn confirmation<'n>(value: &'n Value<'_>) -> Result<&'n str, TokenError> {
    let Value::Object(members) = value else { return Err(TokenError::ClaimType) };
    let [only] = members.as_slice() else { return Err(TokenError::ClaimType) };
    let jkt = text(&only.node.value)?;
    let is_thumbprint = jkt.len() == 43 && jkt.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if only.name == "jkt" && is_thumbprint { Ok(jkt) } else { Err(TokenError::ClaimType) }
}

/// Whether `aud` is for one of `ours`.
///
/// # Errors
/// `jwt_audience`, also for an empty list or one of more than 16.
pub(super) fn ensure_audience(audience: &[String], ours: &[String]) -> Result<(), TokenError> {
    let ok = audience.len() <= MAX_AUDIENCES && audience.iter().any(|theirs| !theirs.is_empty() && ours.contains(theirs));
    if ok { Ok(()) } else { Err(TokenError::Audience) }
}
