//! Randomness as a parameter.

use crate::error::{Error, Result};

/// Where random bytes come from: the operating system, or a seeded stream in tests.
pub trait Entropy: Send + Sync {
    /// Fills `out` with unpredictable bytes.
    ///
    /// # Errors
    /// `unavailable` where the source cannot give any.
    fn fill(&self, out: &mut [u8]) -> Result<()>;
}

/// The operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        getrandom::fill(out).map_err(|_| Error::unavailable("the operating system's randomness"))
    }
}

/// Draws an array.
pub(crate) fn draw<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut out = [0; N];
    entropy.fill(&mut out)?;
    Ok(out)
}
