//! Access tokens: strict verification under a profile, and the exact bytes of our own.

use crate::error::{Error, Result, TokenError};
use crate::time::Timestamp;
use crate::tokens::policy::TokensPolicy;
use crate::tokens::types::Claims;

/// All profiles and keys of a policy, ready to verify and sign.
#[derive(Debug)]
pub struct AccessTokens {
    _todo: (),
}

/// What goes into an own access token; written in the order of its fields.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "named as the claims")]
pub struct AccessClaims<'a> {
    pub subject: &'a str,
    pub client_id: &'a str,
    /// Whole seconds.
    pub issued_at: i64,
    /// Whole seconds.
    pub expires_at: i64,
    pub jwt_id: [u8; 16],
    pub session_id: &'a [u8; 16],
    pub generation: u32,
    pub token_version: [u64; 3],
    pub tenant: &'a str,
    pub roles: &'a [String],
    pub scope: &'a str,
    pub confirmation: Option<&'a str>,
    /// Whole seconds; none if no time was given at login.
    pub auth_time: Option<i64>,
    pub amr: &'a [String],
    /// The text of a JSON object (RFC 8785), or empty.
    pub extra: &'a str,
}

impl AccessTokens {
    /// Takes the keys and profiles of a checked policy.
    #[must_use]
    pub fn new(_policy: &TokensPolicy) -> Self {
        unimplemented!()
    }

    /// Verifies under the own profile, or under that of the foreign issuer with this id: everything but revocation
    /// (`view_age` is left out). Pure: no store, no clock but `now`.
    ///
    /// # Errors
    /// The first [`TokenError`] in the order of its cases; `invalid_argument` for an issuer that the policy does not name.
    pub fn verify(&self, _token: &str, _issuer: &str, _now: Timestamp) -> Result<Claims> {
        Err(Error::Token(TokenError::Malformed))
    }

    /// Signs under the active key.
    ///
    /// # Errors
    /// `unavailable` where the active key is outside its time.
    pub fn sign(&self, _claims: &AccessClaims<'_>, _now: Timestamp) -> Result<String> {
        unimplemented!()
    }
}
