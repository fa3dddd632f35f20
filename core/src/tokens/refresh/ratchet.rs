//! The keys of refresh tokens, and the keyed ratchet that makes a successor from its parent.
//!
//! A retry recomputes exactly the same successor from the presented secret and the nonce kept in the record, so no
//! token and nothing that gives one is ever stored.

use std::fmt;

use hmac::Mac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::keys::{HmacSha256, Keyring, Purpose};
use crate::tokens::refresh::token::RefreshToken;
use crate::tokens::session::Login;

/// The derived keys of every root that is held.
pub struct RefreshKeys {
    kids: Vec<KidKeys>,
    active: u8,
    newest: u8,
}

struct KidKeys {
    kid: u8,
    mac: HmacSha256,
    hash: HmacSha256,
    next: HmacSha256,
}

impl RefreshKeys {
    /// Derives the keys; `None` where no root is active.
    #[must_use]
    pub fn new(ring: &Keyring) -> Option<Self> {
        let kids = ring
            .ids()
            .map(|kid| {
                Some(KidKeys {
                    kid,
                    mac: ring.derive(kid, Purpose::RefreshMac)?,
                    hash: ring.derive(kid, Purpose::RefreshHash)?,
                    next: ring.derive(kid, Purpose::RefreshNext)?,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { kids, active: ring.active()?, newest: ring.newest()? })
    }

    fn get(&self, kid: u8) -> Option<&KidKeys> {
        self.kids.iter().find(|keys| keys.kid == kid)
    }

    /// Whether this root is held.
    #[must_use]
    pub fn holds(&self, kid: u8) -> bool {
        self.get(kid).is_some()
    }

    /// The root of new families.
    #[must_use]
    pub const fn active(&self) -> u8 {
        self.active
    }

    /// The greatest root held. A kid above it comes from a roll-out that has not reached this process.
    #[must_use]
    pub const fn newest(&self) -> u8 {
        self.newest
    }

    fn mac_of(&self, token: &RefreshToken) -> Option<HmacSha256> {
        let mut mac = self.get(token.kid)?.mac.clone();
        mac.update(token.prefix.as_str().as_bytes());
        mac.update(&token.head());
        Some(mac)
    }

    /// Whether the token was made by us, in constant time.
    #[must_use]
    pub fn is_ours(&self, token: &RefreshToken, mac: &[u8; 16]) -> bool {
        self.mac_of(token).is_some_and(|expected| expected.verify_truncated_left(mac).is_ok())
    }

    /// The token's text.
    #[must_use]
    pub fn text(&self, token: &RefreshToken) -> Option<String> {
        let mac = self.mac_of(token)?.finalize().into_bytes();
        Some(token.to_text(mac.first_chunk()?))
    }

    /// What is kept of a token: HMAC(K_hash, "gw.rt.1" | login | generation | secret). It binds everything that is fixed
    /// at login, so an edit of any of it in the store breaks the record.
    #[must_use]
    pub fn hash(&self, kid: u8, login: &Login, generation: u32, secret: &[u8; 32]) -> Option<[u8; 32]> {
        let mut hash = self.get(kid)?.hash.clone();
        hash.update(b"gw.rt.1");
        hash.update(&login.digest());
        hash.update(&generation.to_be_bytes());
        hash.update(secret);
        Some(hash.finalize().into_bytes().into())
    }

    /// The token that follows `parent` under the root `kid`, given the rotation's nonce. The caller has made sure that a
    /// generation is left.
    #[must_use]
    pub fn successor(&self, parent: &RefreshToken, kid: u8, nonce: &[u8; 32]) -> Option<RefreshToken> {
        let generation = parent.generation.checked_add(1)?;
        let mut next = self.get(kid)?.next.clone();
        next.update(b"gw.next.1");
        next.update(&parent.family_id);
        next.update(&generation.to_be_bytes());
        next.update(nonce);
        next.update(&*parent.secret);
        let secret = Zeroizing::new(next.finalize().into_bytes().into());
        Some(RefreshToken { prefix: parent.prefix, kid, family_id: parent.family_id, generation, secret })
    }
}

impl fmt::Debug for RefreshKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kids.iter().map(|keys| keys.kid)).finish()
    }
}

/// What is kept of a retry key: SHA-256, the first 16 bytes.
#[must_use]
pub fn retry_key_hash(retry_key: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(retry_key).into();
    let mut hash = [0; 16];
    hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    hash
}

/// Compares in constant time.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
