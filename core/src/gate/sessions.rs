//! Calls on sessions.

use std::sync::Arc;

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;

/// The calls on sessions: `gate.sessions()`.
///
/// Beside the errors of each call: `closed`, `unavailable` (call again), `invalid_argument` for an empty subject or a name of
/// more than 255 bytes, and `config_invalid` where the policy lacks what the call needs.
#[derive(Clone, Copy)]
pub struct Sessions<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl Sessions<'_> {
    /// Ends one session of a subject. One that is over already is answered well.
    ///
    /// # Errors
    /// `session_not_found` for another's session or none.
    pub async fn revoke(&self, tenant: &str, subject: &str, session_id: &str, context: Context) -> Result<()> {
        self.gate.tokens()?.revoke_session(tenant, subject, session_id, &context).await
    }

    /// Ends all sessions of a subject but one; says how many.
    ///
    /// # Errors
    /// `session_not_found` where `keep` is not a live session of this subject; nothing is ended then.
    pub async fn revoke_others(&self, tenant: &str, subject: &str, keep: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.revoke_others(tenant, subject, keep, &context).await
    }

    /// Ends all sessions of a subject by raising his epoch, which no row can escape, and then row by row; says how many
    /// rows. A login that comes after stays.
    ///
    /// # Errors
    /// None of its own.
    pub async fn revoke_all(&self, tenant: &str, subject: &str, context: Context) -> Result<u64> {
        self.gate.tokens()?.revoke_all(tenant, subject, &context).await
    }
}
