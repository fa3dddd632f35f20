//! The operations as data, so that they can wait in a queue.

use rusqlite::Connection;

use super::meters;
use super::rows::{self, Fault};
use crate::error::{Error, Result};
use crate::store::contract::{Key, Kind, Listed, Loaded, MAX_LIST, Next, Swap, SwapReply, Swapped};
use crate::store::meter::{MeterItem, MeterOp, Metered};
use crate::time::Timestamp;

/// An operation.
pub(super) enum Request {
    Load(Vec<Key>),
    Swap(Swap),
    List { kind: Kind, group: Option<Vec<u8>>, cursor: Option<Vec<u8>>, limit: usize },
    Sweep { kind: Option<Kind>, limit: usize },
    Meter { op: MeterOp, bundle: Vec<MeterItem> },
}

/// What came of it.
pub(super) enum Reply {
    Loaded(Loaded),
    Swapped(SwapReply),
    Listed(Listed),
    Swept(u64),
    Metered(Metered),
}

impl Request {
    /// Does it, inside the transaction of its caller.
    pub(super) fn run(&self, connection: &Connection, now: Timestamp) -> Result<Reply, Fault> {
        match self {
            Self::Load(keys) => {
                let records = keys.iter().map(|key| rows::load(connection, key, now)).collect::<Result<_, _>>()?;
                Ok(Reply::Loaded(Loaded { now, records }))
            }
            Self::Swap(swap) => Ok(Reply::Swapped(SwapReply { now, outcome: rows::swap(connection, swap, now)? })),
            Self::List { kind, group, cursor, limit } => {
                rows::list(connection, (*kind, group.as_deref()), cursor.as_deref(), *limit, now).map(Reply::Listed)
            }
            Self::Sweep { kind, limit } => {
                let limit = (*limit).min(MAX_LIST) as u64;
                let removed = rows::sweep(connection, *kind, limit, now)?;
                let meters = if kind.is_none() && removed < limit { meters::sweep(connection, limit - removed, now)? } else { 0 };
                Ok(Reply::Swept(removed + meters))
            }
            Self::Meter { op, bundle } => meters::meter(connection, *op, bundle, now).map(Reply::Metered),
        }
    }

    /// Does it by one statement, which needs no transaction around it; `None` where it is no swap, or not the usual one.
    pub(super) fn run_as_one_statement(&self, connection: &Connection, now: Timestamp) -> Result<Option<Reply>, Fault> {
        let Self::Swap(swap) = self else { return Ok(None) };
        let version = rows::swap_as_expected(connection, swap, now)?;
        Ok(version.map(|version| Reply::Swapped(SwapReply { now, outcome: Swapped::Written(version) })))
    }

    /// Whether a read consists of several statements that must see the same state.
    pub(super) const fn needs_snapshot(&self) -> bool {
        match self {
            Self::Load(keys) => keys.len() > 1,
            Self::Meter { bundle, .. } => bundle.len() > 1,
            _ => false,
        }
    }

    /// About how many pages of the log it writes.
    pub(super) fn pages(&self) -> usize {
        match self {
            Self::Swap(Swap { next: Next::Put { value, .. }, .. }) => 2 + value.len() / 4096,
            Self::Sweep { limit, .. } => 4 + limit / 4,
            _ => 2,
        }
    }

    /// Whether its commit must be on the disk before it is answered.
    pub(super) const fn is_durable(&self) -> bool {
        matches!(self, Self::Swap(swap) if swap.key.kind.is_durable())
    }
}

impl Reply {
    const OTHER: Error = Error::Internal("a reply to another request");

    pub(super) fn loaded(self) -> Result<Loaded> {
        if let Self::Loaded(loaded) = self { Ok(loaded) } else { Err(Self::OTHER) }
    }

    pub(super) fn swapped(self) -> Result<SwapReply> {
        if let Self::Swapped(reply) = self { Ok(reply) } else { Err(Self::OTHER) }
    }

    pub(super) fn listed(self) -> Result<Listed> {
        if let Self::Listed(listed) = self { Ok(listed) } else { Err(Self::OTHER) }
    }

    pub(super) fn swept(self) -> Result<u64> {
        if let Self::Swept(removed) = self { Ok(removed) } else { Err(Self::OTHER) }
    }

    pub(super) fn metered(self) -> Result<Metered> {
        if let Self::Metered(metered) = self { Ok(metered) } else { Err(Self::OTHER) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::Expect;

    #[test]
    fn what_must_survive_a_loss_of_power_is_durable_and_the_rest_is_not() {
        let durable = |kind| {
            let (key, now) = (Key::new(kind, *b"id").unwrap(), Timestamp::from_micros(0));
            Request::Swap(Swap { key, expect: Expect::Absent, next: Next::Remove, decided_at: now }).is_durable()
        };
        let not: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !durable(*kind)).collect();
        assert_eq!(not, [Kind::Deny, Kind::Nonce, Kind::Lease]);
        assert!(!Request::Meter { op: MeterOp::Commit, bundle: Vec::new() }.is_durable());
    }
}
