//! Calls on one policy of limits in memory.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;
use crate::limits::Decision;
use crate::limits::service::Limit;

/// One policy of limits in memory, found once: see [`Limits::policy`](crate::gate::Limits::policy). It is of the gate that gave it, and
/// answers `closed` once that is closed; events tell of no request.
#[derive(Clone)]
pub struct LocalLimit {
    pub(super) gate: Arc<Inner>,
    pub(super) limit: Arc<Limit>,
}

/// What events tell of the request: nothing.
static NO_CONTEXT: Context = Context { request_id: None, trace_id: None, method: None, endpoint: None, ip: None, user_agent: None };

impl LocalLimit {
    /// [`Limits::check_local`](crate::gate::Limits::check_local) of this policy.
    ///
    /// # Errors
    /// `cost_impossible`, `subject_invalid`, `closed`.
    pub fn check(&self, subject: &str, cost: u32) -> Result<Decision> {
        self.gate.limits()?.check_local(&self.limit, subject, cost, &NO_CONTEXT)
    }

    /// The same, and no more than whether the request may go on. It allocates nothing where all tiers are token buckets.
    ///
    /// # Errors
    /// As [`LocalLimit::check`].
    pub fn allow(&self, subject: &str, cost: u32) -> Result<bool> {
        self.gate.limits()?.allow_local(&self.limit, subject, cost, &NO_CONTEXT)
    }

    /// How many subjects are kept, at most the policy's `max_keys`. Those of which nothing is taken any more are dropped by and by.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.limit.subjects()
    }

    /// How many subjects were forgotten for want of room although something was taken of them: raise `max_keys` if it grows.
    #[must_use]
    pub fn evicted_live(&self) -> u64 {
        self.limit.evicted_live()
    }
}

impl std::fmt::Debug for LocalLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalLimit")
    }
}
