//! Calls on lockouts.

use std::sync::Arc;

use crate::error::{ConfigError, Result};
use crate::event::Context;
use crate::gate::Inner;
pub use crate::limits::lockout::Attempt;
use crate::limits::lockout::LockoutStatus;
use crate::limits::lockout::service::LockoutService;

/// The calls on lockouts: `gate.lockout()`.
///
/// A login asks three things in this order, the same for accounts that do not exist: whether its network tries too often, loosely, as
/// many people may share it; whether its account does, within a quarter of an hour; and then the lockout, which charges the attempt before
/// the password is checked. What the first refuses costs the account nothing, so that nobody can lock others out from one address.
///
/// ```
/// # fn main() -> gatewright::Result<()> {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use gatewright::{Error, Gate};
///
/// async fn log_in(gate: &Gate, ip: &str, email: &str, password: &str) -> Result<bool, Error> {
///     for (policy, subject) in [("login_ip", ip), ("login", email)] {
///         // Refused: `rate_limited`, to be answered with status 429 and Retry-After.
///         gate.limits().check(policy, subject, 1).await?.into_result()?;
///     }
///     // Locked: status 423, or the 401 of a wrong password, if nobody shall learn of the lock.
///     let attempt = gate.lockout().begin("login", email).await?;
///     // An error here drops the attempt, which takes its charge back: no password was checked.
///     let is_right = check_password(email, password)?;
///     attempt.settle(is_right).await?;
///     Ok(is_right)
/// }
/// # fn check_password(email: &str, password: &str) -> Result<bool, Error> {
/// #     match email {
/// #         "down@example.com" => Err(Error::unavailable("the database of users")),
/// #         _ => Ok(email == "ada@example.com" && password == "correct horse"),
/// #     }
/// # }
///
/// let policy = r#"{"version": 1, "store": {"default": "memory:"},
///     "limits": {"policies": [{"id": "login_ip", "preset": "login_ip"}, {"id": "login", "preset": "login"}]},
///     "lockout": {"policies": [{"id": "login", "subject": "email", "threshold": 4}]}}"#;
/// let gate = Gate::from_policy(policy).await?;
/// assert!(log_in(&gate, "192.0.2.1", "ada@example.com", "correct horse").await?);
///
/// // Known or not, an account is locked by its fourth wrong password, and then the right one is not looked at either.
/// for email in ["ada@example.com", "nobody@example.com"] {
///     for _ in 0..4 {
///         assert!(!log_in(&gate, "192.0.2.1", email, "guess").await?);
///     }
/// }
/// assert_eq!(log_in(&gate, "192.0.2.1", "nobody@example.com", "guess").await.unwrap_err().code(), "locked");
/// // Whoever goes on is refused by the log of the account: the fifth in a quarter of an hour was the last.
/// assert_eq!(log_in(&gate, "192.0.2.9", "ada@example.com", "correct horse").await.unwrap_err().code(), "rate_limited");
///
/// // A database that is down costs nobody an attempt.
/// assert_eq!(log_in(&gate, "192.0.2.2", "down@example.com", "?").await.unwrap_err().code(), "unavailable");
///
/// // Another address tries account after account, one guess each: its network is stopped after 30 in a minute.
/// let mut accounts = (0..).map(|account| format!("{account}@example.com"));
/// let (spared, error) = loop {
///     let account = accounts.next().unwrap();
///     match log_in(&gate, "198.51.100.7", &account, "guess").await {
///         Ok(is_right) => assert!(!is_right),
///         Err(error) => break (account, error),
///     }
/// };
/// assert_eq!(error.code(), "rate_limited");
/// assert_eq!(gate.limits().peek("login", &spared).await?.tiers[0].used, 0);
/// # Ok(()) })
/// # }
/// ```
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
