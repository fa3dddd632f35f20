//! Calls on tokens.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;
use crate::tokens::{Claims, Login, Refresh, TokenPair};

/// The calls on tokens: `gate.tokens()`.
///
/// Beside the errors of each call: `closed`, and `config_invalid` where the policy lacks what the call needs.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl Tokens<'_> {
    /// Begins a session: an access token (a JWT, 15 min by default) and the first refresh token of a new family.
    ///
    /// Draws 8 bytes for the family, 32 for the secret and 16 for the token's id; 8 more for each family id that exists
    /// already. Whatever refuses the login itself draws nothing.
    ///
    /// # Errors
    /// `invalid_argument` for a client that the policy does not name, an empty subject, a name of more than 255 bytes,
    /// claims that are ours to write or that our own `verify` would refuse; `unavailable` where the store does not answer
    /// or the signing key is outside its time.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// use gatewright::Gate;
    /// use gatewright::tokens::{Login, Refresh};
    ///
    /// let gate = Gate::from_policy(r#"
    ///     version = 1
    ///     root_keys = [{ id = 1, secret = "hex:2f9c0e6bb1d5a84377e0c9d2f1a6b83e5d4c7a90e1f2b3c4d5e6f70819203a4b", state = "active" }]
    ///     [store]
    ///     default = "memory:"
    ///     [tokens]
    ///     issuer = "https://auth.example"
    ///     audience = ["api"]
    ///     clients = [{ id = "web", kind = "browser" }]
    ///     signing_keys = [{ kid = "k1", alg = "HS256", secret = "hex:91b3c5d7e9f10213243546576879808a9bacbdcedfe0f1a2b3c4d5e6f7081929", state = "active" }]
    /// "#).await?;
    ///
    /// let first = gate.tokens().issue(Login::new("acme", "u-42", "web").role("operator")).await?;
    /// let second = gate.tokens().refresh(first.refresh_token.as_deref().unwrap(), Refresh::new()).await?;
    /// assert_eq!(gate.tokens().verify(&second.access_token)?.subject, "u-42");
    /// gate.close().await;
    /// # Ok::<(), gatewright::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn issue(&self, login: Login) -> Result<TokenPair> {
        self.gate.tokens()?.issue(login).await
    }

    /// Exchanges a refresh token for the next pair. The same token again within `W_conc`, or within `W_lost` with the retry
    /// key of the lost request, gives the same refresh token again; later it is reuse, and the family ends.
    ///
    /// Draws 32 bytes for the nonce and 16 for the token's id, after the MAC was checked.
    ///
    /// # Errors
    /// Each outcome of [`decide`](crate::tokens::refresh::decide::decide) that is no success, as
    /// [`RefreshError`](crate::error::RefreshError); `unavailable`, which consumes nothing; `invalid_argument` for a retry
    /// key that has not 16 bytes or a client that the policy does not name.
    pub async fn refresh(&self, token: &str, refresh: Refresh) -> Result<TokenPair> {
        self.gate.tokens()?.refresh(token, &refresh).await
    }

    /// Gives an access token and changes nothing: for callers that cannot keep a new refresh token. The client must be
    /// `confidential`. Draws as [`Tokens::refresh`] does.
    ///
    /// # Errors
    /// As [`Tokens::refresh`]; `binding_mismatch` for a client that is not confidential.
    pub async fn refresh_access_only(&self, token: &str, refresh: Refresh) -> Result<TokenPair> {
        self.gate.tokens()?.refresh_access_only(token, &refresh).await
    }

    /// Verifies one of our own access tokens against the local view. Touches memory only.
    ///
    /// # Errors
    /// [`TokenError`](crate::error::TokenError); `unavailable` where the view is older than the policy allows.
    pub fn verify(&self, access: &str) -> Result<Claims> {
        self.verify_from(access, "own")
    }

    /// Verifies an access token of a foreign issuer, named by its id in the policy ("own" is ours). Touches memory only.
    ///
    /// # Errors
    /// As [`Tokens::verify`]; `invalid_argument` for an issuer that the policy does not name.
    pub fn verify_from(&self, access: &str, issuer: &str) -> Result<Claims> {
        self.gate.tokens()?.verify(access, issuer)
    }

    /// Verifies one of our own access tokens after asking the store: what was revoked anywhere counts at once.
    ///
    /// # Errors
    /// As [`Tokens::verify`].
    pub async fn verify_fresh(&self, access: &str) -> Result<Claims> {
        self.gate.tokens()?.verify_fresh(access).await
    }

    /// Notes that the client has its latest pair, by the first use of its access token: the lost-response window shuts.
    ///
    /// # Errors
    /// As [`Tokens::verify`]; `session_not_found`.
    pub async fn confirm(&self, access: &str) -> Result<()> {
        self.gate.tokens()?.confirm(access).await
    }

    /// Log-out: ends the session of a refresh token (any generation) or of an own access token. A token that is not ours or
    /// whose session is over is answered well.
    ///
    /// # Errors
    /// `unavailable`: call again.
    pub async fn revoke(&self, token: &str, context: Context) -> Result<()> {
        self.gate.tokens()?.revoke(token, &context).await
    }
}
