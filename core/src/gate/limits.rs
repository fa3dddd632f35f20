//! Calls on limits.

mod wait;

use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::event::Context;
use crate::gate::{Inner, LocalLimit};
use crate::http::Response;
use crate::limits::service::LimitService;
use crate::limits::{self, Decision, LazyDecision, Permit, ServerLimits};

/// The calls on limits: `gate.limits()`.
#[derive(Clone)]
pub struct Limits<'a> {
    pub(super) gate: &'a Arc<Inner>,
    pub(super) context: Context,
}

impl Limits<'_> {
    /// The same calls with a request to tell of in events.
    #[must_use]
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }

    /// Takes `cost` units of every tier of a policy for a subject, or of none. A refusal is a decision with `allowed = false`; a cost
    /// of 0 only looks.
    ///
    /// # Errors
    /// `cost_impossible` where a tier holds fewer units than that; `subject_invalid`; `invalid_argument` for an unknown policy;
    /// `record_unreadable`, `closed`, `config_invalid` without `[limits]`, store or, for a store that is not in memory, root key. A store
    /// that is down is no error: the policy says what is decided then.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "tenant", "preset": "tenant"}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let decision = gate.limits().check("tenant", "acme", 40).await?;
    /// assert!(decision.allowed);
    /// assert_eq!((&*decision.binding.tier, decision.tiers[0].remaining), ("minute", 60));
    /// let refused = gate.limits().check("tenant", "acme", 61).await?;
    /// assert!(!refused.allowed && refused.retry_after_us <= 600_000);
    /// # Ok(()) })
    /// # }
    /// ```
    pub async fn check(&self, policy: &str, subject: &str, cost: u32) -> Result<Decision> {
        self.service()?.check(policy, subject, cost, &self.context).await
    }

    /// What is left to a subject. Takes nothing and writes nothing.
    ///
    /// # Errors
    /// As [`Limits::check`].
    pub async fn peek(&self, policy: &str, subject: &str) -> Result<Decision> {
        self.service()?.check(policy, subject, 0, &self.context).await
    }

    /// Takes the cost of each (policy, subject, cost), 1–16 of them, or of none.
    ///
    /// # Errors
    /// As [`Limits::check`]; `invalid_argument` where a policy and subject are named twice.
    pub async fn check_all(&self, bundle: &[(&str, &str, u32)]) -> Result<Decision> {
        self.service()?.check_all(bundle, &self.context).await
    }

    /// Takes units ahead of time, if they will be there within `max_wait` (and the policy's `reserve_max_wait`): wait `wait_us`, then go
    /// on, or refund the permit. First come, first served. A refused one says after what time the same call would succeed.
    ///
    /// # Errors
    /// As [`Limits::check`]; `invalid_argument` for a policy without `reserve_max_wait`.
    pub async fn reserve(&self, policy: &str, subject: &str, cost: u32, max_wait: Duration) -> Result<Decision> {
        self.service()?.reserve(policy, subject, cost, max_wait, &self.context).await
    }

    /// Waits what is left of a reservation's `wait_us`, counted from the decision on; returns at once where there is nothing to wait for.
    /// Dropped before the wait is over, it gives the whole permit back: who waits no longer will not use it. The drop begins that, and does
    /// not wait for a store that is busy. A clock that tests have stopped lets no time pass, so nothing is waited for.
    ///
    /// # Errors
    /// `closed`, also where the gate is closed meanwhile: what was reserved then comes back with time, as all that is taken does.
    /// `invalid_argument` for a permit that is given back before its wait is over; `unavailable` where no thread can be had that waits.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::time::Duration;
    ///
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "mail", "preset": "outbound"}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let limits = gate.limits();
    /// assert!(limits.check("mail", "provider", 10).await?.allowed); // all of this second
    /// let turn = limits.reserve("mail", "provider", 1, Duration::from_secs(5)).await?;
    /// limits.wait(&turn).await?; // up to 100 ms
    /// // Now send it.
    /// # Ok(()) })
    /// # }
    /// ```
    pub async fn wait(&self, decision: &Decision) -> Result<()> {
        self.wait_for(decision.permit.as_ref()).await
    }

    /// [`Limits::wait`] for who has kept of a decision only its permit, if it has one. A permit from [`Limits::packed_permit`] knows of no
    /// wait, and is not waited for.
    ///
    /// # Errors
    /// As [`Limits::wait`].
    pub async fn wait_for(&self, permit: Option<&Permit>) -> Result<()> {
        self.gate.host.ensure_open()?;
        self.service()?;
        match permit {
            Some(permit) => wait::until_ready(self.gate, permit).await,
            None => Ok(()),
        }
    }

    /// Gives `cost` units of a permit back, or less where some have come back by themselves; of a bundle at most each item's cost. Once:
    /// again, it only looks. What is held (`concurrent`) and reserved always comes back, other units where the policy is `refundable`.
    ///
    /// Of a permit from before the clock stepped back, a bucket gives back what is left of it; a log, window or calendar gives back
    /// nothing, as what the clock rule brought to now is no permit's own.
    ///
    /// # Errors
    /// `invalid_argument` for more than the permit's cost; `unavailable`: if the store was asked, it may have given back without its reply
    /// getting here, so the permit is spent then and gives back no second time; it is not spent where the store was left alone, as it is
    /// for a second after five failures. Else as [`Limits::check`].
    pub async fn refund(&self, permit: &Permit, cost: u32) -> Result<Decision> {
        self.service()?.refund(permit, cost).await
    }

    /// Forgets what a subject has taken.
    ///
    /// # Errors
    /// As [`Limits::check`], and `unavailable`.
    pub async fn reset(&self, policy: &str, subject: &str) -> Result<Decision> {
        self.service()?.reset(policy, subject, &self.context).await
    }

    /// [`Limits::check`] without waiting, of limits in memory.
    ///
    /// # Errors
    /// As [`Limits::check`]; `config_invalid` where the limits are in another store.
    pub fn check_local(&self, policy: &str, subject: &str, cost: u32) -> Result<Decision> {
        let service = self.service()?;
        service.check_local(service.known_local(policy)?, subject, cost, &self.context)
    }

    /// [`Limits::check_local`], of whose answer no more than `allowed` is worked out until the rest is asked for: for who needs all of
    /// some decisions and one bit of most.
    ///
    /// # Errors
    /// As [`Limits::check_local`].
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "tenant", "preset": "tenant"}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let lazy = gate.limits().check_local_lazily("tenant", "acme", 40)?;
    /// assert!(lazy.allowed());
    /// assert_eq!(lazy.decision().tiers[0].remaining, 60);
    /// # Ok(()) })
    /// # }
    /// ```
    pub fn check_local_lazily(&self, policy: &str, subject: &str, cost: u32) -> Result<LazyDecision> {
        let service = self.service()?;
        service.check_local_lazily(service.known_local(policy)?, subject, cost, &self.context)
    }

    /// The same, and no more than whether the request may go on.
    ///
    /// # Errors
    /// As [`Limits::check_local`].
    pub fn allow_local(&self, policy: &str, subject: &str, cost: u32) -> Result<bool> {
        let service = self.service()?;
        service.allow_local(service.known_local(policy)?, subject, cost, &self.context)
    }

    /// A policy of limits in memory, found once for calls that follow each other fast.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "tenant", "preset": "tenant"}]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let tenant = gate.limits().policy("tenant")?;
    /// assert!(tenant.allow("acme", 1)?);
    /// assert_eq!(tenant.check("acme", 1)?.tiers[0].used, 2);
    /// assert_eq!(tenant.subjects(), 1);
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// # Errors
    /// `invalid_argument` for an unknown policy; `closed`; `config_invalid` where the limits are in another store.
    pub fn policy(&self, policy: &str) -> Result<LocalLimit> {
        Ok(LocalLimit { limit: self.service()?.local(policy)?, gate: Arc::clone(self.gate) })
    }

    /// The headers to send with an answer: the families that `[http] rate_limit_headers` names, and of a refusal `Retry-After` in any case.
    /// `Retry-After` and `t` are in whole seconds, rounded up; `X-RateLimit-Reset` is when the tier is full again, in seconds since the epoch.
    /// Touches memory only. Send them as headers, never as trailers; a wait that they tell counts from the answer's `Date`.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "tenant", "preset": "tenant"}]},
    ///     "http": {"rate_limit_headers": ["draft-10"]}}"#;
    /// let gate = gatewright::Gate::from_policy(policy).await?;
    /// let decision = gate.limits().check("tenant", "acme", 40).await?;
    /// let headers = gate.limits().headers(&decision);
    /// assert_eq!(headers[0].0, "RateLimit-Policy");
    /// assert_eq!(headers[0].1, r#""minute";q=100;w=60, "hour";q=5000;w=3600, "day";q=100000;w=86400"#);
    /// assert!(headers[1].1.starts_with(r#""minute";r=60;t=36, "#));
    /// # Ok(()) })
    /// # }
    /// ```
    #[must_use]
    pub fn headers(&self, decision: &Decision) -> Vec<(String, String)> {
        limits::render_headers(decision, self.gate.http.rate_limit_headers)
    }

    /// The answer to a request that was refused: status 429, its headers ([`Limits::headers`]), and a problem of the type
    /// `https://iana.org/assignments/http-problem-types#quota-exceeded` whose `violated-policies` are the ids of the tiers that refused,
    /// beside the members of every [`Problem`](crate::http::Problem); or the envelope, as `[http] errors` says. It asks nobody whether the
    /// decision is a refusal: of one that is none, no tier is named and no time to wait.
    #[must_use]
    pub fn problem(&self, decision: &Decision) -> Response {
        limits::refusal(decision, self.gate.http.rate_limit_headers, self.gate.http.errors)
    }

    /// For a client: what another server's answer says of its limits, by this gate's clock. See [`parse_headers`](crate::limits::parse_headers).
    #[must_use]
    pub fn parse_headers(&self, headers: &[(String, Vec<u8>)]) -> ServerLimits {
        limits::parse_headers(headers, self.gate.host.clock.now())
    }

    /// The permit of a decision of this gate that [`pack`](crate::limits::packed::pack) wrote. Each is a permit of its own: keep one, so that
    /// it gives back once. `None` for bytes that hold none.
    #[must_use]
    pub fn packed_permit(&self, packed: &[u8]) -> Option<Permit> {
        self.service().ok()?.packed_permit(packed)
    }

    fn service(&self) -> Result<&LimitService> {
        self.gate.limits()
    }
}
