//! Calls on tokens.

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;
use crate::tokens::{Claims, Login, Refresh, TokenPair};

/// The calls on tokens: `gate.tokens()`.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    pub(super) gate: &'a Inner,
}

impl Tokens<'_> {
    /// Begins a session.
    pub async fn issue(&self, _login: Login) -> Result<TokenPair> {
        unimplemented!()
    }

    /// Exchanges a refresh token for the next pair.
    pub async fn refresh(&self, _token: &str, _refresh: Refresh) -> Result<TokenPair> {
        unimplemented!()
    }

    /// Gives an access token and changes nothing.
    pub async fn refresh_access_only(&self, _token: &str, _refresh: Refresh) -> Result<TokenPair> {
        unimplemented!()
    }

    /// Verifies one of our own access tokens against the local view. Touches memory only.
    pub fn verify(&self, access: &str) -> Result<Claims> {
        self.verify_from(access, "own")
    }

    /// Verifies an access token of a foreign issuer, named by its id in the policy ("own" is ours). Touches memory only.
    pub fn verify_from(&self, _access: &str, _issuer: &str) -> Result<Claims> {
        unimplemented!()
    }

    /// Verifies one of our own access tokens after a refresh of the local view from the store.
    pub async fn verify_fresh(&self, _access: &str) -> Result<Claims> {
        unimplemented!()
    }

    /// Notes that the client has its latest pair: the lost-response window shuts.
    pub async fn confirm(&self, _access: &str) -> Result<()> {
        unimplemented!()
    }

    /// Ends the session of a refresh token (any generation) or of an own access token: log-out.
    pub async fn revoke(&self, _token: &str, _context: Context) -> Result<()> {
        unimplemented!()
    }
}
