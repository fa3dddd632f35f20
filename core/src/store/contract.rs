//! The store contract: `load · swap · list · sweep · meter` on records with a version.
//!
//! `swap` is a compare-and-set on the version, so every service is load → decide → swap, and whoever loses a race
//! decides again on the record that won.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::memory::Meters;
use super::meter::{MeterItem, MeterOp, Metered};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// What kind of thing a record is. Each kind has its own name space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub enum Kind {
    Session,
    Epoch,
    Deny,
    Nonce,
    Idempotency,
    OneTime,
    ApiKey,
    Lockout,
    Lease,
    Secret,
    Provider,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Session,
        Self::Epoch,
        Self::Deny,
        Self::Nonce,
        Self::Idempotency,
        Self::OneTime,
        Self::ApiKey,
        Self::Lockout,
        Self::Lease,
        Self::Secret,
        Self::Provider,
    ];

    /// Its name, in errors and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Epoch => "epoch",
            Self::Deny => "deny",
            Self::Nonce => "nonce",
            Self::Idempotency => "idempotency",
            Self::OneTime => "one_time",
            Self::ApiKey => "api_key",
            Self::Lockout => "lockout",
            Self::Lease => "lease",
            Self::Secret => "secret",
            Self::Provider => "provider",
        }
    }

    /// Its number in stored keys. A number once given is never given again.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The kind of this number; none for a number that was never given.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Whether a written record must survive a loss of power.
    #[must_use]
    pub const fn is_durable(self) -> bool {
        !matches!(self, Self::Nonce | Self::Deny | Self::Lease)
    }
}

/// The longest id, group and value that a store takes.
pub const MAX_ID: usize = 64;
/// The longest group.
pub const MAX_GROUP: usize = 32;
/// The longest value.
pub const MAX_VALUE: usize = 1 << 20;
/// How many keys one `load` may name, and how many records one `list` may return.
pub const MAX_LOAD: usize = 8;
/// How many records one `list` or `sweep` may handle.
pub const MAX_LIST: usize = 500;
/// How far a store's clock may be from the time a decision was made at.
const MAX_DECISION_AGE_MICROS: i64 = 5_000_000;

/// The name of a record. The first 8 bytes of the id are its slot: the tag of its owner, or of itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    id: Vec<u8>,
}

impl Key {
    /// A key; ids have 1–64 bytes.
    ///
    /// # Errors
    /// `internal` for an id of another length: ids are made by the services, never by input.
    pub fn new(kind: Kind, id: impl Into<Vec<u8>>) -> Result<Self> {
        let id = id.into();
        if id.is_empty() || id.len() > MAX_ID {
            return Err(Error::Internal("a record id has 1-64 bytes"));
        }
        Ok(Self { kind, id })
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub key: Key,
    /// Grows with every write: max(old + 1, store clock in µs), and a key removed and made again never shows an old one.
    pub version: u64,
    /// Whose it is, for `list`.
    pub group: Option<Vec<u8>>,
    /// From this instant on it counts as absent and may be deleted.
    pub expires_at: Timestamp,
    /// What is in it; the first byte is the format's version.
    pub value: Vec<u8>,
}

/// What a `swap` must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// No record, or an expired one.
    Absent,
    /// A record of this version.
    Version(u64),
}

/// What a `swap` leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of a record")]
pub enum Next {
    Put { group: Option<Vec<u8>>, expires_at: Timestamp, value: Vec<u8> },
    Remove,
}

/// A compare-and-set of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Which record.
    pub key: Key,
    /// What must be there.
    pub expect: Expect,
    /// What shall be there.
    pub next: Next,
    /// The store time that the decision was made at. A store whose clock is more than 5 s away answers with a conflict.
    pub decided_at: Timestamp,
}

impl Swap {
    /// Refuses what no store takes, before any store is asked.
    pub(crate) fn check(&self) -> Result<()> {
        let Next::Put { group, value, .. } = &self.next else { return Ok(()) };
        if group.as_ref().is_some_and(|group| group.is_empty() || group.len() > MAX_GROUP) {
            return Err(Error::Internal("a record group has 1-32 bytes"));
        }
        if value.len() > MAX_VALUE {
            return Err(Error::invalid_argument("value", "a stored record holds at most 1 MiB; give less"));
        }
        Ok(())
    }

    /// Whether the decision is too old, or the clocks too far apart, for it to be carried out.
    pub(crate) const fn is_stale(&self, now: Timestamp) -> bool {
        now.as_micros().saturating_sub(self.decided_at.as_micros()).saturating_abs() > MAX_DECISION_AGE_MICROS
    }
}

/// Refuses a `load` of no keys or of too many.
pub(crate) const fn check_load(keys: &[Key]) -> Result<()> {
    if keys.is_empty() || keys.len() > MAX_LOAD {
        return Err(Error::Internal("a load names 1-8 keys"));
    }
    Ok(())
}

/// What a cursor that no `list` gave is answered with.
pub(crate) const fn bad_cursor() -> Error {
    Error::invalid_argument("cursor", "pass the cursor of the page before as it was given, or none")
}

/// The version of a record that follows this one.
pub(crate) fn next_version(old: u64, now: Timestamp) -> u64 {
    old.saturating_add(1).max(u64::try_from(now.as_micros()).unwrap_or(0))
}

/// What came of a `swap`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swapped {
    /// Done; the record has this version (of a removed one: its last, 0 if there was none).
    Written(u64),
    /// Something else is there: this.
    Conflict(Option<Record>),
}

/// The answer to a `load`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The store's clock.
    pub now: Timestamp,
    /// The records, in the order of the keys.
    pub records: Vec<Option<Record>>,
}

/// The answer to a `swap`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapReply {
    /// The store's clock.
    pub now: Timestamp,
    /// What came of it.
    pub outcome: Swapped,
}

/// One page of a `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The store's clock.
    pub now: Timestamp,
    /// Live records.
    pub records: Vec<Record>,
    /// Where the next page begins; none after the last.
    pub cursor: Option<Vec<u8>>,
}

/// A call under way. A back end completes it from a thread of its own or at once; no async runtime is needed.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A back end. Failures are `unavailable` (nothing was consumed), `record_unreadable` or `config_invalid`.
pub trait Store: Send + Sync {
    /// Up to 8 records of one slot in one round trip. A record past `expires_at` is absent.
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded>;
    /// Writes or removes one record if it is what was expected.
    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply>;
    /// Live records of a kind, by group through an index, or all of them in no order. At most 500 a call.
    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed>;
    /// Deletes up to `limit` records past `expires_at`, 500 at most, and says how many. Of all kinds: meters that are full again too.
    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64>;
    /// Takes units from rate limits, or looks, or gives them back, all tiers of a bundle in one atomic step.
    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered>;
    /// The states of its meters, where they are in this process's memory: limits are then decided on them without a future.
    fn memory_meters(&self) -> Option<Arc<Meters>> {
        None
    }

    /// How long `meter` may take before it counts as an outage; none of an embedded store, which waits for its own lock and is never
    /// far away, and where whoever gives up early would decide beside it.
    fn meter_deadline(&self) -> Option<Duration> {
        None
    }

    /// Ends the store: open calls finish, later ones are `closed`.
    fn close(&self) -> StoreFuture<'_, ()>;

    /// Brings the store to rest for a fork of this process: open calls finish, new ones wait until [`Store::after_fork`], and no
    /// thread, lock or connection is left for the child to inherit. Must be called where a store is to be used on both sides of a
    /// fork; a store that holds none of these does nothing.
    fn before_fork(&self) {}

    /// Lets the calls of this process go on after [`Store::before_fork`], whether the fork succeeded or not. To be called in the
    /// parent, and harmless in the child.
    fn after_fork(&self) {}
}
