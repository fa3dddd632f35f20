//! Calls on lockouts.

use std::sync::Arc;

use crate::error::{ConfigError, Result};
use crate::event::Context;
use crate::gate::Inner;
pub use crate::limits::lockout::Attempt;
use crate::limits::lockout::LockoutStatus;
use crate::limits::lockout::service::LockoutService;

/// The calls on lockouts: `gate.lockout()`.
#[derive(Clone)]
pub struct Lockout<'a> {
    pub(super) gate: &'a Arc<Inner>,
    pub(super) device: Option<String>,
    pub(super) context: Context,
}

impl Lockout<'_> {
    /// The same calls for a device that the account has logged in from, by what tells it: a cookie or token that *your* service gave it
    /// and has verified. Such a device is counted by itself, so that a stranger who locks the account does not lock its owner out.
    #[must_use]
    pub fn known_device(self, device: impl Into<String>) -> Self {
        Self { device: Some(device.into()), ..self }
    }

    /// The same calls with a request to tell of in events.
    #[must_use]
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }

    /// Charges an attempt before its password is checked: of any number at once, no more than the policy's threshold are let through.
    /// Call it for unknown accounts too, or an attacker learns which are known.
    ///
    /// # Errors
    /// `locked` with what is left of the lock, which no attempt makes longer; `subject_invalid`; `invalid_argument` for an unknown
    /// policy; `unavailable` (check no password then), `record_unreadable`, `closed`, `config_invalid` without `[lockout]`, store or, for
    /// a store that is not in memory, root key.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "lockout": {"policies": [{"id": "login", "subject": "email", "threshold": 2}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let attempt = gate.lockout().begin("login", "Ada@example.com").await?;
    /// attempt.settle(false).await?; // a wrong password
    /// let attempt = gate.lockout().begin("login", "ada@example.com").await?;
    /// assert!(attempt.last());
    /// attempt.settle(false).await?;
    /// assert_eq!(gate.lockout().begin("login", "ada@example.com").await.unwrap_err().code(), "locked");
    /// gate.lockout().unlock("login", "ada@example.com").await?;
    /// assert_eq!(gate.lockout().status("login", "ada@example.com").await?.fails, 0);
    /// # Ok(()) })
    /// # }
    /// ```
    pub async fn begin(&self, policy: &str, identifier: &str) -> Result<Attempt> {
        self.service()?.begin(policy, identifier, self.device.as_deref(), &self.context).await
    }

    /// Forgives everything: an administrator unlocks the account, or its owner has reset the password. Attempts under way change
    /// nothing any more.
    ///
    /// # Errors
    /// As [`Lockout::begin`], but for `locked`.
    pub async fn unlock(&self, policy: &str, identifier: &str) -> Result<()> {
        self.service()?.unlock(policy, identifier, self.device.as_deref(), &self.context).await
    }

    /// How an account stands. Changes nothing.
    ///
    /// # Errors
    /// As [`Lockout::begin`], but for `locked`.
    pub async fn status(&self, policy: &str, identifier: &str) -> Result<LockoutStatus> {
        self.service()?.status(policy, identifier, self.device.as_deref()).await
    }

    fn service(&self) -> Result<&LockoutService> {
        let missing = || ConfigError::at_call("lockout", "give the policy a [lockout] part").into();
        self.gate.lockout.as_ref().ok_or_else(missing)
    }
}
