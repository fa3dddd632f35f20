//! How a gate is opened.

use std::path::Path;

use crate::error::Result;
use crate::gate::Gate;

/// Opens a gate; in tests with a clock, entropy and environment of their own.
#[derive(Default)]
pub struct GateBuilder {}

impl GateBuilder {
    /// Replaces the host's clock and, for memory and SQLite stores, the store's.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn clock(self, _clock: std::sync::Arc<dyn crate::time::Clock>) -> Self {
        unimplemented!()
    }

    /// Replaces the operating system's randomness.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn entropy(self, _entropy: std::sync::Arc<dyn crate::entropy::Entropy>) -> Self {
        unimplemented!()
    }

    /// Replaces the environment that `${NAME}` reads.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn environment(self, _environment: crate::testing::Environment) -> Self {
        unimplemented!()
    }

    /// Opens the policy document in a file.
    ///
    /// # Errors
    /// As [`Gate::open`].
    pub async fn open(self, _path: &Path) -> Result<Gate> {
        unimplemented!()
    }

    /// Opens a policy document given as text.
    ///
    /// # Errors
    /// As [`Gate::from_policy`].
    pub async fn from_policy(self, _text: &str) -> Result<Gate> {
        unimplemented!()
    }
}
