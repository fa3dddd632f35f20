//! Calls on epochs.

use crate::error::Result;
use crate::event::Context;
use crate::gate::Inner;

/// The calls on epochs: `gate.epochs()`. Each gives the new version.
#[derive(Clone, Copy)]
pub struct Epochs<'a> {
    pub(super) gate: &'a Inner,
}

impl Epochs<'_> {
    /// All tokens of a subject die at once.
    pub async fn bump_subject(&self, _tenant: &str, _subject: &str, _reason: &str, _context: Context) -> Result<u64> {
        unimplemented!()
    }

    /// All tokens of a tenant die at once.
    pub async fn bump_tenant(&self, _tenant: &str, _reason: &str, _context: Context) -> Result<u64> {
        unimplemented!()
    }

    /// All tokens of the installation die at once.
    pub async fn bump_all(&self, _reason: &str, _context: Context) -> Result<u64> {
        unimplemented!()
    }
}
