//! Calls on epochs.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;

/// The breach response: `gate.epochs()`. Each call raises a least version, gives the new one, and kills every token that is
/// older: refresh tokens at once, access tokens within the age of each verifier's view.
///
/// Errors: `closed`, `unavailable` (call again), `invalid_argument` for an empty subject or a name of more than 255 bytes,
/// `config_invalid` where the policy lacks what the call needs.
#[derive(Clone, Copy)]
pub struct Epochs<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl Epochs<'_> {
    /// All tokens of a subject die.
    ///
    /// # Errors
    /// See [`Epochs`].
    pub async fn bump_subject(&self, tenant: &str, subject: &str, reason: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.bump_subject(tenant, subject, reason, &context).await
    }

    /// All tokens of a tenant die.
    ///
    /// # Errors
    /// See [`Epochs`].
    pub async fn bump_tenant(&self, tenant: &str, reason: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.bump_tenant(tenant, reason, &context).await
    }

    /// All tokens of the installation die.
    ///
    /// # Errors
    /// See [`Epochs`].
    pub async fn bump_all(&self, reason: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.bump_all(reason, &context).await
    }
}
