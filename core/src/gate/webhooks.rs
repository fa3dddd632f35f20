//! Calls on webhooks.

use std::future::Future;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::Context;
use crate::gate::Inner;
use crate::idempotency::Begin;
pub use crate::webhook::verified::Verified;
use crate::webhook::{Checked, Headers, RequestLine, Sign};

/// The calls on webhooks: `gate.webhooks()`.
#[derive(Clone, Copy)]
pub struct Webhooks<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl<'a> Webhooks<'a> {
    /// The names of the headers that an endpoint reads; all others need not be handed over. Compare them without case. None for
    /// an unknown endpoint.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let policy = r#"{"version": 1, "webhooks": {"endpoints": [{"id": "chirpstack", "preset": "parking", "secrets": [{"id": "a", "secret": "a shared secret of 32 bytes, yes"}]}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// assert!(gate.webhooks().header_names("chirpstack").contains(&"X-Nonce"));
    /// # gate.close().await;
    /// # Ok::<(), gatewright::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header_names(&self, endpoint: &str) -> Vec<&'a str> {
        self.gate.webhooks.header_names(endpoint)
    }

    /// Signs a body: the headers to send with it, in no order that matters. Touches memory only. Sign every attempt afresh, with
    /// the same id: a retry has a new time and nonce.
    ///
    /// Draws 16 bytes for an id and 16 for a nonce, where the scheme has one and `sign` gives none.
    ///
    /// # Errors
    /// `config_invalid` where no secret in force signs; `invalid_argument` for an unknown endpoint, an id or nonce that the scheme
    /// has not, or a request that it needs; `header_malformed` and `nonce_malformed` for an id and a nonce outside their grammar;
    /// `closed`.
    pub fn sign(&self, endpoint: &str, body: &[u8], sign: Sign) -> Result<Vec<(String, String)>> {
        self.gate.webhooks.sign(endpoint, body, &sign)
    }

    /// Checks signature and window; claims nothing, so a replay passes. Touches memory only. Give the body exactly as it came.
    ///
    /// # Errors
    /// Of [`WebhookError`](crate::error::WebhookError) all but `replayed` and `in_progress`; `invalid_argument` for an unknown endpoint
    /// or a request that the scheme needs; `closed`.
    pub fn check(&self, endpoint: &str, headers: Headers<'_>, body: &[u8], request: Option<&RequestLine>) -> Result<Checked> {
        self.gate.webhooks.check(endpoint, headers, body, request)
    }

    /// Checks, then claims the message: of any number of deliveries at once, exactly one gets it. Dropped without a commit, the
    /// claim is released ([`Verified`]).
    ///
    /// # Errors
    /// As [`Webhooks::check`], and `replayed`, `in_progress` with what is left of the hold, `unavailable` (nothing is accepted while
    /// the store is down), `config_invalid` without a store.
    pub async fn verify(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: Context,
    ) -> Result<Verified> {
        self.gate.webhooks.verify(endpoint, headers, body, request, context).await
    }

    /// Verifies, runs `handle`, then commits, or releases if it failed. `handle` is run for a duplicate too, and sees that it is
    /// one.
    ///
    /// # Errors
    /// As [`Webhooks::verify`] and [`Verified::commit`], or the handler's own.
    pub async fn run<T, E, F>(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: Context,
        handle: impl FnOnce(&Verified) -> F,
    ) -> Result<T, E>
    where
        E: From<Error>,
        F: Future<Output = Result<T, E>>,
    {
        self.gate.webhooks.run(endpoint, headers, body, request, context, handle).await
    }

    /// Checks a message and begins the operation that it asks for: of any number of deliveries one at a time may handle it, and
    /// once it has been answered, all others get that answer. So "verified, handled, acknowledged" is one operation with a lease and
    /// a fence, and a worker that dies in the middle is followed by another. Needs `[idempotency]`, whose routes mean a message by
    /// `match = { method = "WEBHOOK", path = "/<endpoint>" }`; answers are kept for at least 96 h, as senders repeat for days.
    ///
    /// The message is the one with this id or nonce, as the endpoint's `replay` says; where that is `none`, its id or else its
    /// signed bytes tell it. It is not claimed for [`Webhooks::verify`] as well: use one of the two for an endpoint.
    ///
    /// # Errors
    /// As [`Webhooks::check`] and [`Idempotency::begin`](crate::gate::Idempotency::begin).
    pub async fn begin(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: Context,
    ) -> Result<(Checked, Begin)> {
        let (checked, message) = self.gate.webhooks.identify(endpoint, headers, body, request, &context)?;
        let begun = self.gate.idempotency()?.begin_message(endpoint, &message, body, &context).await?;
        Ok((checked, begun))
    }
}
