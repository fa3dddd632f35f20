//! Calls on sessions.

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;

/// The calls on sessions: `gate.sessions()`.
#[derive(Clone, Copy)]
pub struct Sessions<'a> {
    pub(super) gate: &'a Inner,
}

impl Sessions<'_> {
    /// Ends one session of a subject.
    pub async fn revoke(&self, _tenant: &str, _subject: &str, _session_id: &str, _context: Context) -> Result<()> {
        unimplemented!()
    }

    /// Ends all sessions of a subject but one; says how many.
    pub async fn revoke_others(&self, _tenant: &str, _subject: &str, _keep: &str, _context: Context) -> Result<u64> {
        unimplemented!()
    }

    /// Ends all sessions of a subject; says how many rows were ended at once.
    pub async fn revoke_all(&self, _tenant: &str, _subject: &str, _context: Context) -> Result<u64> {
        unimplemented!()
    }
}
