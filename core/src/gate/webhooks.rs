//! Calls on webhooks.

use std::future::Future;

use crate::error::{Error, Result};
use crate::event::Context;
use crate::gate::Inner;
use crate::webhook::{Checked, Headers, RequestLine, Sign};

/// The calls on webhooks: `gate.webhooks()`.
#[derive(Clone, Copy)]
pub struct Webhooks<'a> {
    pub(super) gate: &'a Inner,
}

impl Webhooks<'_> {
    /// Signs a body: the headers to send with it. Touches memory only.
    pub fn sign(&self, _endpoint: &str, _body: &[u8], _sign: Sign) -> Result<Vec<(String, String)>> {
        unimplemented!()
    }

    /// Checks signature and window; claims nothing. Touches memory only.
    pub fn check(&self, _endpoint: &str, _headers: Headers<'_>, _body: &[u8], _request: Option<&RequestLine>) -> Result<Checked> {
        unimplemented!()
    }

    /// Checks, then claims the message. Dropped without a commit, the claim is released.
    pub async fn verify(
        &self,
        _endpoint: &str,
        _headers: Headers<'_>,
        _body: &[u8],
        _request: Option<&RequestLine>,
        _context: Context,
    ) -> Result<Verified> {
        unimplemented!()
    }

    /// Verifies, runs `handle`, then commits, or releases if it failed.
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
        let verified = self.verify(endpoint, headers, body, request, context).await?;
        match handle(&verified).await {
            Ok(done) => {
                verified.commit().await?;
                Ok(done)
            }
            Err(failed) => {
                verified.release().await?;
                Err(failed)
            }
        }
    }
}

/// A verified message and its claim.
pub struct Verified {
    checked: Checked,
    duplicate: bool,
}

impl Verified {
    /// What was checked.
    #[must_use]
    pub const fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Whether a message with this id has been committed before: answer 2xx and do nothing.
    #[must_use]
    pub const fn duplicate(&self) -> bool {
        self.duplicate
    }

    /// The message has been used: any further one is a replay (or a duplicate).
    pub async fn commit(&self) -> Result<()> {
        unimplemented!()
    }

    /// The message has not been used: the sender may deliver it again.
    pub async fn release(&self) -> Result<()> {
        unimplemented!()
    }
}
