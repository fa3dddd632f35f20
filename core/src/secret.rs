//! Secrets: zeroised when dropped, never printed, never serialised.

use std::fmt;

use zeroize::Zeroizing;

/// Secret bytes.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Nothing of them may be printed or stored.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Whether a secret is one that everybody knows, from examples and defaults. Compared without case.
pub(crate) fn is_well_known(secret: &[u8]) -> bool {
    WELL_KNOWN.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(secret))
}

/// Secrets of public examples and of unfinished configurations. None of them is in a published test vector.
const WELL_KNOWN: [&str; 20] = [
    "0123456789abcdef0123456789abcdef",
    "change-me-in-production",
    "changeme",
    "changemechangemechangemechangeme",
    "default-secret",
    "insecure-secret",
    "my-secret-key",
    "mysecretkey",
    "password",
    "please-change-me",
    "replace-me",
    "secret",
    "secret-key",
    "super-secret",
    "super-secret-key",
    "supersecretkey",
    "this-is-a-secret",
    "your-256-bit-secret",
    "your-secret-key",
    "your-webhook-secret",
];
