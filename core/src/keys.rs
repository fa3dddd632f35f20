//! The keyring: root secrets by number, and one derived key for each purpose.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::secret::SecretBytes;

/// HMAC-SHA-256 with its key set up: clone it, feed it, finish it.
pub(crate) type HmacSha256 = Hmac<Sha256>;

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published and accepted, not used for anything new yet.
    Next,
    /// Used for everything new. There is exactly one.
    Active,
    /// Accepted.
    Retired,
}

/// A root secret under its number.
#[derive(Debug, Clone)]
pub struct RootKey {
    /// 1–255; kids only grow.
    pub id: u8,
    /// At least 32 random bytes.
    pub secret: SecretBytes,
    /// Where it stands.
    pub state: KeyState,
}

/// What a derived key is for. One key never serves two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Authenticates refresh tokens.
    RefreshMac,
    /// Hashes refresh tokens at rest.
    RefreshHash,
    /// Derives a refresh token's successor.
    RefreshNext,
    /// Hides the subjects of limits from their store.
    Limits,
    /// Hides the accounts of lockouts from their store.
    Lockout,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::RefreshMac => b"gw.rt.mac.1",
            Self::RefreshHash => b"gw.rt.hash.1",
            Self::RefreshNext => b"gw.rt.next.1",
            Self::Limits => b"limits",
            Self::Lockout => b"lockout",
        }
    }
}

/// All root secrets that a process holds. The secrets themselves are gone once it is built: only what HKDF extracts
/// from them is kept.
pub struct Keyring {
    roots: Vec<Root>,
}

struct Root {
    id: u8,
    state: KeyState,
    /// HKDF-Extract(salt "gatewright.root.1", root), as a prepared key of HKDF-Expand.
    prk: HmacSha256,
}

impl Keyring {
    /// Builds the ring. The policy document has been checked: unique numbers, one active key, enough bytes.
    #[must_use]
    pub fn new(keys: &[RootKey]) -> Self {
        let mut roots: Vec<_> = keys
            .iter()
            .map(|key| {
                let mut extract = keyed(b"gatewright.root.1");
                extract.update(key.secret.expose());
                let mut prk: [u8; 32] = extract.finalize().into_bytes().into();
                let root = Root { id: key.id, state: key.state, prk: keyed(&prk) };
                prk.zeroize();
                root
            })
            .collect();
        roots.sort_by_key(|root| root.id);
        Self { roots }
    }

    /// The number of the active root.
    #[must_use]
    pub fn active(&self) -> Option<u8> {
        self.roots.iter().find(|root| root.state == KeyState::Active).map(|root| root.id)
    }

    /// The greatest number held.
    #[must_use]
    pub fn newest(&self) -> Option<u8> {
        self.roots.last().map(|root| root.id)
    }

    /// The numbers held, ascending.
    pub fn ids(&self) -> impl Iterator<Item = u8> {
        self.roots.iter().map(|root| root.id)
    }

    /// The key of one purpose under one root: HKDF-Expand(prk, label | u8 id), 32 bytes.
    pub(crate) fn derive(&self, id: u8, purpose: Purpose) -> Option<HmacSha256> {
        let root = self.roots.iter().find(|root| root.id == id)?;
        let mut expand = root.prk.clone();
        expand.update(purpose.label());
        expand.update(&[id, 1]);
        let mut key: [u8; 32] = expand.finalize().into_bytes().into();
        let prepared = keyed(&key);
        key.zeroize();
        Some(prepared)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.roots.iter().map(|root| (root.id, root.state))).finish()
    }
}

/// HMAC takes a key of any length.
pub(crate) fn keyed(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"))
}
