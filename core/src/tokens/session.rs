//! A session's record: one row per family, of constant size whatever the number of rotations.

mod codec;

use sha2::{Digest, Sha256};

use crate::encode::{lp, lpl};
use crate::error::{Result, RevokedReason};
use crate::store::{Key, Kind};
use crate::time::{Timestamp, micros};
use crate::tokens::refresh::token::{FamilyId, Prefix};
use crate::tokens::types::Device;

/// Everything that is fixed at login. The stored hashes bind it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of tokens.md, section 5")]
pub struct Login {
    pub family_id: FamilyId,
    pub prefix: Prefix,
    pub tenant: String,
    pub subject: String,
    pub client_id: String,
    pub scope: String,
    pub roles: Vec<String>,
    /// RFC 8785 JSON, or nothing.
    pub claims: String,
    pub device: Option<Device>,
    pub created_at: Timestamp,
    pub abs_expires_at: Timestamp,
    /// In microseconds.
    pub idle: i64,
    /// Of the subject, the tenant and the installation.
    pub token_version: [u64; 3],
    pub cnf_jkt: Option<[u8; 32]>,
    pub auth_time: Option<Timestamp>,
    pub amr: Vec<String>,
}

impl Login {
    /// SHA-256 over all of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(b"gw.rt.login.1");
        bytes.extend_from_slice(self.prefix.as_str().as_bytes());
        bytes.extend_from_slice(&self.family_id);
        lp(&mut bytes, self.tenant.as_bytes());
        lp(&mut bytes, self.subject.as_bytes());
        lp(&mut bytes, self.client_id.as_bytes());
        lp(&mut bytes, self.scope.as_bytes());
        lpl(&mut bytes, &self.roles);
        lp(&mut bytes, self.claims.as_bytes());
        lp(&mut bytes, self.device.as_ref().map_or(&[], |device| device.id.as_bytes()));
        for instant in [self.created_at.as_micros(), self.abs_expires_at.as_micros(), self.idle] {
            bytes.extend_from_slice(&instant.to_be_bytes());
        }
        for version in self.token_version {
            bytes.extend_from_slice(&version.to_be_bytes());
        }
        bytes.extend_from_slice(&self.cnf_jkt.unwrap_or_default());
        bytes.extend_from_slice(&self.auth_time.unwrap_or(self.created_at).as_micros().to_be_bytes());
        lpl(&mut bytes, &self.amr);
        Sha256::digest(&bytes).into()
    }

    /// Whose it is: the record's group.
    #[must_use]
    pub fn owner(&self) -> [u8; 32] {
        owner(&self.tenant, &self.subject)
    }

    /// Whether any of its versions is above the least one of its level.
    #[must_use]
    pub fn is_above(&self, min_version: &[u64; 3]) -> bool {
        self.token_version.iter().zip(min_version).any(|(version, min)| version > min)
    }

    /// The subject's own of the three versions.
    #[must_use]
    pub const fn subject_version(&self) -> u64 {
        let [subject, ..] = self.token_version;
        subject
    }
}

/// Where a family stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It refreshes.
    Active,
    /// It is over, for ever.
    Ended(RevokedReason),
}

/// One use of a session, for its owner's list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Use {
    pub at: Timestamp,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// The previous generation, kept for retries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// Its hash.
    pub hash: [u8; 32],
    /// Its root.
    pub kid: u8,
    /// The nonce that made the current generation from it. Not secret.
    pub nonce: [u8; 32],
    /// The retry key of the request that rotated.
    pub retry_key_hash: Option<[u8; 16]>,
}

/// The hashes of an active family. Leaving `Active` erases them, so that setting the status back revives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The current token's hash.
    pub hash: [u8; 32],
    /// The generation before it, if there is one.
    pub previous: Option<Previous>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What is fixed.
    pub login: Login,
    /// The root of the current token.
    pub kid: u8,
    /// The current generation.
    pub generation: u32,
    /// The hashes; none once the family is over.
    pub live: Option<Live>,
    /// When the current generation was made.
    pub rotated_at: Timestamp,
    /// The greatest generation that its client is known to hold.
    pub confirmed_generation: u32,
    /// When that became known.
    pub confirmed_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// Since when.
    pub status_at: Timestamp,
    /// What was said about it.
    pub status_reason: Option<String>,
    /// The address of the login.
    pub ip_first: Option<String>,
    /// The last two kept uses, the older one first.
    pub uses: [Use; 2],
}

impl Session {
    /// Ends it: the hashes are gone for good.
    #[must_use]
    pub fn ended(&self, reason: RevokedReason, at: Timestamp, note: &str) -> Self {
        let mut next = self.clone();
        next.live = None;
        next.status = Status::Ended(reason);
        next.status_at = at;
        next.status_reason = (!note.is_empty()).then(|| note.to_owned());
        next
    }

    /// When it dies without a refresh.
    #[must_use]
    pub const fn idle_expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.rotated_at.as_micros().saturating_add(self.login.idle))
    }

    /// Until when its record is kept: the nearer end of life and the retention, rounded up to the hour so that most
    /// rotations leave the indexed column alone.
    #[must_use]
    pub fn keep_until(&self, retention: std::time::Duration) -> Timestamp {
        const HOUR: i64 = 3_600_000_000;
        let end = self.login.abs_expires_at.min(self.idle_expires_at()).as_micros().saturating_add(micros(retention));
        let over = end.rem_euclid(HOUR);
        Timestamp::from_micros(if over == 0 { end } else { end.saturating_add(HOUR - over) })
    }

    /// Notes a use, unless the last kept one is younger than `spacing`.
    pub fn note_use(&mut self, new: Use, spacing: std::time::Duration) {
        let [_, last] = &self.uses;
        if new.at.as_micros().saturating_sub(last.at.as_micros()) >= micros(spacing) {
            let [older, last] = &mut self.uses;
            *older = std::mem::replace(last, new);
        }
    }
}

/// The 32-byte digest of an owner; its first 8 bytes are the tag of all his records.
#[must_use]
pub fn owner(tenant: &str, subject: &str) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(8 + tenant.len() + subject.len());
    lp(&mut bytes, tenant.as_bytes());
    lp(&mut bytes, subject.as_bytes());
    Sha256::digest(&bytes).into()
}

/// The family id of an owner with these random bytes.
#[must_use]
pub fn family_id(owner: &[u8; 32], random: [u8; 8]) -> FamilyId {
    let mut id = [0; 16];
    id.iter_mut().zip(owner.iter().take(8).chain(&random)).for_each(|(to, from)| *to = *from);
    id
}

/// The key of a family's record.
pub(crate) fn session_key(family_id: &FamilyId) -> Result<Key> {
    Key::new(Kind::Session, family_id.as_slice())
}
