//! Epochs: from which token version on sessions live; and what verifiers are told of it and of ended families.
//!
//! A bump raises one number and everything older dies, whether its rows can be reached or not. It writes the epoch
//! first, then a deny record, so that a refresh is dead at once and an access token within a view's age.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::encode::lp;
use crate::error::{Error, Result};
use crate::store::codec::{Reader, Writer};
use crate::store::{Key, Kind, Record, Store};
use crate::time::Timestamp;
use crate::tokens::policy::TokensPolicy;
use crate::tokens::refresh::token::FamilyId;
use crate::tokens::session::{Login, Session, owner};

const FORMAT: u8 = 1;

/// Whose tokens are meant. The order is that of `tv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Level {
    /// One subject: the digest of its owner.
    Subject([u8; 32]),
    /// One tenant: its digest.
    Tenant([u8; 32]),
    /// All.
    Installation,
}

impl Level {
    /// The level of one subject of a tenant.
    #[must_use]
    pub(crate) fn subject(tenant: &str, subject: &str) -> Self {
        Self::Subject(owner(tenant, subject))
    }

    /// The level of a tenant.
    #[must_use]
    pub(crate) fn tenant(tenant: &str) -> Self {
        let mut bytes = b"gw.epoch.tenant.1".to_vec();
        lp(&mut bytes, tenant.as_bytes());
        Self::Tenant(Sha256::digest(&bytes).into())
    }

    /// The three levels of a login, in the order of its versions.
    #[must_use]
    pub(crate) fn of(login: &Login) -> [Self; 3] {
        [Self::Subject(login.owner()), Self::tenant(&login.tenant), Self::Installation]
    }

    /// The key of the epoch's record. That of a subject is his tag alone, so that it can be read beside a family whose
    /// owner is not known yet; the record says whom it is about.
    pub(crate) fn key(&self) -> Result<Key> {
        match self {
            Self::Subject(owner) => Key::new(Kind::Epoch, owner.first_chunk::<8>().copied().unwrap_or_default()),
            Self::Tenant(digest) => Key::new(Kind::Epoch, *digest),
            Self::Installation => Key::new(Kind::Epoch, *b"gw.epoch.installation.1"),
        }
    }

    const fn digest(&self) -> [u8; 32] {
        match self {
            Self::Subject(digest) | Self::Tenant(digest) => *digest,
            Self::Installation => [0; 32],
        }
    }
}

/// The key of the epoch that stands beside a family.
pub(crate) fn key_beside(family_id: &FamilyId) -> Result<Key> {
    Key::new(Kind::Epoch, family_id.first_chunk::<8>().copied().unwrap_or_default())
}

/// An epoch's record: usually one entry; two owners with one tag share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Epochs(Vec<([u8; 32], u64)>);

impl Epochs {
    pub(crate) fn from_record(record: Option<&Record>) -> Result<Self> {
        let Some(record) = record else { return Ok(Self::default()) };
        let mut from = Reader::new("epoch", FORMAT, &record.value)?;
        let count = from.u32()?;
        let entries = (0..count).map(|_| Ok((from.array()?, from.u64()?))).collect::<Result<_>>()?;
        from.finish()?;
        Ok(Self(entries))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(FORMAT);
        out.u32(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        for (owner, version) in &self.0 {
            out.array(owner);
            out.u64(*version);
        }
        out.finish()
    }

    /// The least version that lives; 0 if there was no bump.
    pub(crate) fn min_version(&self, level: &Level) -> u64 {
        self.0.iter().find(|(digest, _)| *digest == level.digest()).map_or(0, |(_, version)| *version)
    }

    /// The same with this version, if it is higher.
    pub(crate) fn raised(mut self, level: &Level, version: u64) -> Self {
        let digest = level.digest();
        match self.0.iter_mut().find(|(known, _)| *known == digest) {
            Some((_, known)) => *known = (*known).max(version),
            None => self.0.push((digest, version)),
        }
        self
    }
}

/// The least version of a level that lives, as the store has it, and the store's clock.
pub(crate) async fn load(store: &dyn Store, level: &Level) -> Result<(u64, Timestamp)> {
    let loaded = store.load(&[level.key()?]).await?;
    let epochs = Epochs::from_record(loaded.records.first().and_then(Option::as_ref))?;
    Ok((epochs.min_version(level), loaded.now))
}

/// The version that a bump gives.
pub(crate) fn bumped(old: u64, now: Timestamp) -> u64 {
    old.saturating_add(1).max(u64::try_from(now.as_micros()).unwrap_or(0))
}

/// What verifiers are told: a family that is over, or the least version of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    Family(FamilyId),
    Below(Level, u64),
}

/// All deny records are one group in one slot: a verifier lists them with one call.
pub(crate) const DENY_GROUP: &[u8] = b"gw.deny.1";

impl Denial {
    pub(crate) fn key(&self) -> Result<Key> {
        let mut id = b"gw.deny.".to_vec();
        match self {
            Self::Family(family_id) => {
                id.push(0);
                id.extend_from_slice(family_id);
            }
            Self::Below(level, _) => {
                id.push(level_number(level));
                id.extend_from_slice(&level.digest());
            }
        }
        Key::new(Kind::Deny, id)
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::new(FORMAT);
        match self {
            Self::Family(family_id) => {
                out.u8(0);
                out.array(&family_id);
            }
            Self::Below(level, version) => {
                out.u8(level_number(&level));
                out.array(&level.digest());
                out.u64(version);
            }
        }
        out.finish()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader::new("deny", FORMAT, bytes)?;
        let denial = match from.u8()? {
            0 => Self::Family(from.array()?),
            number @ 1..=3 => {
                let digest = from.array()?;
                let level = match number {
                    1 => Level::Subject(digest),
                    2 => Level::Tenant(digest),
                    _ => Level::Installation,
                };
                Self::Below(level, from.u64()?)
            }
            _ => return Err(Error::RecordUnreadable { kind: "deny", why: "unknown level" }),
        };
        from.finish()?;
        Ok(denial)
    }

    /// What stands for both.
    pub(crate) fn merged(self, other: Self) -> Self {
        match (self, other) {
            (Self::Below(level, mine), Self::Below(_, theirs)) => Self::Below(level, mine.max(theirs)),
            _ => self,
        }
    }
}

const fn level_number(level: &Level) -> u8 {
    match level {
        Level::Subject(_) => 1,
        Level::Tenant(_) => 2,
        Level::Installation => 3,
    }
}

/// How long a deny record lives: longer than any token that it is about.
pub(crate) fn denial_life(policy: &TokensPolicy) -> Duration {
    let longest = policy.signing_keys.iter().map(|key| key.max_ttl).max().unwrap_or_default().max(policy.access_ttl);
    longest.saturating_add(policy.leeway).saturating_add(Duration::from_secs(60))
}

/// From when the life of a family's deny record counts: a clock that has stepped back must not revive a token.
pub(crate) fn denial_base(session: &Session, now: Timestamp) -> Timestamp {
    now.max(session.rotated_at).max(session.login.created_at)
}
