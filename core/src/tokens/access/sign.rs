//! The exact bytes of our own access tokens.

use super::known_headers::{encoded, own};
use super::{AccessClaims, is_in_force};
use crate::encode::push_base64url;
use crate::error::{Error, Result};
use crate::json::write_text;
use crate::keys::{HmacSha256, KeyState};
use crate::time::Timestamp;
use crate::tokens::jws::MAX_TOKEN;
use crate::tokens::key::{KeyMaterial, Message};
use crate::tokens::policy::TokensPolicy;

/// The active key, and all that is the same in every token.
pub(super) struct Signer {
    key: KeyMaterial,
    /// The encoded header with its dot, and the MAC's state after it.
    header: String,
    state: Option<HmacSha256>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    /// `{"iss":…,"sub":`
    before_subject: String,
    /// `,"aud":…,"client_id":`
    before_client: String,
}

impl Signer {
    pub(super) fn new(policy: &TokensPolicy) -> Option<Self> {
        let active = policy.signing_keys.iter().find(|key| key.state == KeyState::Active)?;
        let mut before_subject = String::from(r#"{"iss":"#);
        write_text(&mut before_subject, &policy.issuer);
        before_subject.push_str(r#","sub":"#);
        let mut before_client = String::from(r#","aud":"#);
        match policy.audience.as_slice() {
            [only] => write_text(&mut before_client, only),
            several => write_texts(&mut before_client, several),
        }
        before_client.push_str(r#","client_id":"#);
        let header = encoded(&own(&active.kid, &active.key));
        Some(Self {
            state: active.key.absorb(&header),
            header,
            key: active.key.clone(),
            not_before: active.not_before,
            not_after: active.not_after,
            before_subject,
            before_client,
        })
    }

    pub(super) fn sign(&self, claims: &AccessClaims<'_>, now: Timestamp) -> Result<String> {
        if !is_in_force(self.not_before, self.not_after, now) {
            return Err(Error::unavailable("the active signing key"));
        }
        let payload = self.payload(claims);
        let header = &self.header;
        let mut token = String::with_capacity(header.len() + payload.len() / 3 * 4 + 4 + 1 + 86);
        token.push_str(header);
        push_base64url(&mut token, payload.as_bytes());
        let message = Message::continued(&token, self.state.as_ref(), token.get(header.len()..).unwrap_or_default());
        let signature = self.key.sign(&message).ok_or(Error::Internal("the active signing key cannot sign"))?;
        token.push('.');
        push_base64url(&mut token, signature.as_bytes());
        if token.len() > MAX_TOKEN {
            return Err(Error::invalid_argument("claims", "give fewer: the access token would have more than 8192 bytes"));
        }
        Ok(token)
    }

    fn payload(&self, claims: &AccessClaims<'_>) -> String {
        let mut out = String::with_capacity(384 + claims.extra.len());
        out.push_str(&self.before_subject);
        write_text(&mut out, claims.subject);
        out.push_str(&self.before_client);
        write_text(&mut out, claims.client_id);
        write_integer(&mut out, r#","iat":"#, claims.issued_at);
        write_integer(&mut out, r#","exp":"#, claims.expires_at);
        out.push_str(r#","jti":""#);
        push_base64url(&mut out, &claims.jwt_id);
        out.push_str(r#"","sid":""#);
        push_base64url(&mut out, claims.session_id);
        write_integer(&mut out, r#"","gen":"#, claims.generation);
        let [subject, tenant, installation] = claims.token_version;
        write_integer(&mut out, r#","tv":["#, subject);
        write_integer(&mut out, ",", tenant);
        write_integer(&mut out, ",", installation);
        out.push(']');
        if !claims.tenant.is_empty() {
            out.push_str(r#","tenant":"#);
            write_text(&mut out, claims.tenant);
        }
        if !claims.roles.is_empty() {
            out.push_str(r#","roles":"#);
            write_texts(&mut out, claims.roles);
        }
        if !claims.scope.is_empty() {
            out.push_str(r#","scope":"#);
            write_text(&mut out, claims.scope);
        }
        if let Some(jkt) = claims.confirmation {
            out.push_str(r#","cnf":{"jkt":"#);
            write_text(&mut out, jkt);
            out.push('}');
        }
        if let Some(auth_time) = claims.auth_time {
            write_integer(&mut out, r#","auth_time":"#, auth_time);
        }
        if !claims.amr.is_empty() {
            out.push_str(r#","amr":"#);
            write_texts(&mut out, claims.amr);
        }
        // An object in canonical form: its members go after ours, without its braces.
        let members = claims.extra.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
        if !members.is_empty() {
            out.push(',');
            out.push_str(members);
        }
        out.push('}');
        out
    }
}

fn write_integer(out: &mut String, before: &str, integer: impl itoa::Integer) {
    out.push_str(before);
    out.push_str(itoa::Buffer::new().format(integer));
}

fn write_texts(out: &mut String, texts: &[String]) {
    out.push('[');
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(out, text);
    }
    out.push(']');
}
