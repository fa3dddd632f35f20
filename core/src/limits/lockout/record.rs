//! What is stored of an account.

use crate::error::Result;
use crate::store::codec::{Reader, Writer};
use crate::time::Timestamp;

/// The attempts and locks of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Attempts charged in this window.
    pub(super) fails: u32,
    pub(super) window_start: Timestamp,
    /// Before it no attempt is let through; the epoch where there is no lock.
    pub(super) locked_until: Timestamp,
    /// How many locks there have been.
    pub(super) level: u32,
    /// Grows whenever `fails` is reset: what an attempt of an older one says comes too late.
    pub(super) generation: u64,
}

/// No lock.
pub(super) const NEVER: Timestamp = Timestamp::from_micros(0);

impl Entry {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Writer::new(FORMAT);
        out.u32(self.fails);
        out.i64(self.window_start.as_micros());
        out.i64(self.locked_until.as_micros());
        out.u32(self.level);
        out.u64(self.generation);
        out.finish()
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new("lockout", FORMAT, bytes)?;
        let entry = Self {
            fails: reader.u32()?,
            window_start: Timestamp::from_micros(reader.i64()?),
            locked_until: Timestamp::from_micros(reader.i64()?),
            level: reader.u32()?,
            generation: reader.u64()?,
        };
        reader.finish()?;
        Ok(entry)
    }
}

const FORMAT: u8 = 1;
