//! Access tokens: strict verification under a profile, and the exact bytes of our own.

mod claims;
mod known_headers;
mod profile;
mod sign;
mod times;

use std::fmt;

use self::profile::Profile;
use self::sign::Signer;
use crate::error::{ConfigError, Error, Result, TokenError};
use crate::time::Timestamp;
use crate::tokens::policy::TokensPolicy;
use crate::tokens::types::Claims;

/// The name of the own profile in calls.
const OWN: &str = "own";

/// All profiles and keys of a policy, ready to verify and sign.
pub struct AccessTokens {
    own: Profile,
    foreign: Vec<(String, Profile)>,
    signer: Option<Signer>,
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
    pub fn new(policy: &TokensPolicy) -> Self {
        Self {
            own: Profile::own(policy),
            foreign: policy.issuers.iter().map(|issuer| (issuer.id.clone(), Profile::foreign(issuer))).collect(),
            signer: Signer::new(policy),
        }
    }

    /// Verifies under the own profile ("own"), or under that of the foreign issuer with this id: everything but revocation
    /// (`view_age` is left out). Pure: no store, no clock but `now`.
    ///
    /// # Errors
    /// The first [`TokenError`] in the order of its cases; `invalid_argument` for an issuer that the policy does not name.
    pub fn verify(&self, token: &str, issuer: &str, now: Timestamp) -> Result<Claims> {
        let claims = self.profile(issuer)?.verify(token, now)?;
        // No call of this version takes a proof.
        if claims.confirmation.is_some() { Err(TokenError::DpopMissing.into()) } else { Ok(claims) }
    }

    /// Verifies under the own profile as [`Self::verify`] does, but asks no proof for a token that is bound to a key: for
    /// calls that give nothing to whoever presents it, as `confirm` and `revoke`.
    ///
    /// # Errors
    /// The first [`TokenError`] in the order of its cases.
    pub fn verify_unproved(&self, token: &str, now: Timestamp) -> Result<Claims> {
        self.own.verify(token, now)
    }

    /// Signs under the active key.
    ///
    /// # Errors
    /// `config_invalid` without an active key; `unavailable` where it is outside its time; `invalid_argument` where the claims are too many for a token
    /// that [`Self::verify`] would take.
    pub fn sign(&self, claims: &AccessClaims<'_>, now: Timestamp) -> Result<String> {
        let missing = || ConfigError::at_call("tokens.signing_keys", "give the policy an active signing key: access tokens are signed with it");
        self.signer.as_ref().ok_or_else(missing)?.sign(claims, now)
    }

    fn profile(&self, issuer: &str) -> Result<&Profile> {
        if issuer == OWN {
            return Ok(&self.own);
        }
        let named = self.foreign.iter().find(|(id, _)| id == issuer).map(|(_, profile)| profile);
        named.ok_or(Error::invalid_argument("issuer", "give \"own\" or the id of an issuer of the policy"))
    }
}

/// Keys count to the instant: no clock is forgiven here.
fn is_in_force(not_before: Option<Timestamp>, not_after: Option<Timestamp>, now: Timestamp) -> bool {
    not_before.is_none_or(|from| from <= now) && not_after.is_none_or(|until| now < until)
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").field("foreign", &self.foreign.iter().map(|(id, _)| id).collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII")]
mod tests;
