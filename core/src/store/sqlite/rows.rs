//! What each operation does to the rows, inside a transaction that its caller holds.

use rusqlite::{Connection, Row, params};

use super::file::run_error;
use crate::error::{Error, Result};
use crate::store::contract::{Expect, Key, Kind, Listed, MAX_ID, MAX_LIST, Next, Record, Swap, Swapped, bad_cursor, next_version};
use crate::time::Timestamp;

/// Why an operation failed: the store is in trouble and its transaction must end, or this one record is.
pub(super) enum Fault {
    Store(rusqlite::Error),
    Record(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Store(error) => run_error(&error),
            Self::Record(error) => error,
        }
    }
}

/// A row before its value is copied.
struct Head {
    version: u64,
    expires_at: Timestamp,
}

pub(super) fn load(connection: &Connection, key: &Key, now: Timestamp) -> Result<Option<Record>, Fault> {
    let mut select = connection.prepare_cached("SELECT id, version, owner, expires_at, value FROM record WHERE kind = ?1 AND id = ?2")?;
    let mut rows = select.query(params![key.kind.number(), key.id()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    if head(key.kind, row)?.expires_at > now { record(key.kind, row).map(Some) } else { Ok(None) }
}

/// A put that finds what it expects, and no reason to touch an index: one statement. `None`, and nothing done, in any other case.
pub(super) fn swap_as_expected(connection: &Connection, swap: &Swap, now: Timestamp) -> Result<Option<u64>, Fault> {
    let Next::Put { group, expires_at, value } = &swap.next else { return Ok(None) };
    if swap.is_stale(now) {
        return Ok(None);
    }
    let (kind, id, expires_at) = (swap.key.kind.number(), swap.key.id(), expires_at.as_micros());
    match swap.expect {
        Expect::Version(old) => {
            let Ok(old_column) = i64::try_from(old) else { return Ok(None) };
            let version = next_version(old, now);
            let sql = "UPDATE record SET version = ?3, value = ?4
              WHERE kind = ?1 AND id = ?2 AND version = ?5 AND owner IS ?6 AND expires_at = ?7 AND expires_at > ?8";
            let values = params![kind, id, column(version)?, value, old_column, group, expires_at, now.as_micros()];
            let written = connection.prepare_cached(sql)?.execute(values)?;
            Ok((written == 1).then_some(version))
        }
        Expect::Absent => {
            let sql = "INSERT INTO record (kind, id, version, value, owner, expires_at)
              SELECT ?1, ?2, max(?3, version + 1), ?4, ?5, ?6 FROM floor WHERE true
              ON CONFLICT DO NOTHING RETURNING version";
            let values = params![kind, id, now.as_micros(), value, group, expires_at];
            let mut insert = connection.prepare_cached(sql)?;
            let mut rows = insert.query(values)?;
            let Some(version) = rows.next()?.map(|row| row.get::<_, i64>(0)).transpose()? else { return Ok(None) };
            // To the end: outside a transaction the commit, and what may be wrong with it, comes with the last step.
            while rows.next()?.is_some() {}
            Ok(u64::try_from(version).ok())
        }
    }
}

pub(super) fn swap(connection: &Connection, swap: &Swap, now: Timestamp) -> Result<Swapped, Fault> {
    if let Some(version) = swap_as_expected(connection, swap, now)? {
        return Ok(Swapped::Written(version));
    }
    let (kind, id) = (swap.key.kind, swap.key.id());
    let mut select = connection.prepare_cached("SELECT id, version, owner, expires_at, value FROM record WHERE kind = ?1 AND id = ?2")?;
    let mut rows = select.query(params![kind.number(), id])?;
    let row = rows.next()?;
    let found = row.map(|row| head(kind, row)).transpose()?;
    let live = found.as_ref().filter(|head| head.expires_at > now);
    let expected = match swap.expect {
        Expect::Absent => live.is_none(),
        Expect::Version(version) => live.is_some_and(|head| head.version == version),
    };
    if swap.is_stale(now) || !expected {
        let current = if live.is_some() { row.map(|row| record(kind, row)).transpose()? } else { None };
        return Ok(Swapped::Conflict(current));
    }
    match (&swap.next, found) {
        (Next::Put { group, expires_at, value }, Some(head)) => {
            let version = next_version(head.version, now);
            drop(rows);
            let sql = "UPDATE record SET version = ?3, value = ?4, owner = ?5, expires_at = ?6 WHERE kind = ?1 AND id = ?2";
            let values = params![kind.number(), id, column(version)?, value, group, expires_at.as_micros()];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(Swapped::Written(version))
        }
        // An absent one was inserted above; whoever comes here looked at it in the same transaction.
        (Next::Put { .. }, None) => Err(Fault::Record(Error::Internal("an absent record could not be inserted"))),
        (Next::Remove, Some(head)) => {
            drop(rows);
            connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND id = ?2")?.execute(params![kind.number(), id])?;
            raise_floor(connection, column(head.version)?)?;
            Ok(Swapped::Written(head.version))
        }
        (Next::Remove, None) => Ok(Swapped::Written(0)),
    }
}

pub(super) fn list(
    connection: &Connection,
    (kind, group): (Kind, Option<&[u8]>),
    cursor: Option<&[u8]>,
    limit: usize,
    now: Timestamp,
) -> Result<Listed, Fault> {
    // A page ends at an id, and the next begins after it: what comes and goes in between moves nothing.
    let after = cursor.unwrap_or_default();
    if cursor.is_some() && (after.is_empty() || after.len() > MAX_ID) {
        return Err(Fault::Record(bad_cursor()));
    }
    let limit = limit.clamp(1, MAX_LIST);
    let sql = if group.is_some() {
        "SELECT id, version, owner, expires_at, value FROM record WHERE kind = ?1 AND owner = ?2 AND id > ?3 AND expires_at > ?4 ORDER BY id LIMIT ?5"
    } else {
        "SELECT id, version, owner, expires_at, value FROM record WHERE kind = ?1 AND ?2 IS NULL AND id > ?3 AND expires_at > ?4 ORDER BY id LIMIT ?5"
    };
    let mut select = connection.prepare_cached(sql)?;
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = select.query(params![kind.number(), group, after, now.as_micros(), one_more])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        if records.len() == limit {
            let cursor = records.last().map(|record: &Record| record.key.id().to_vec());
            return Ok(Listed { now, records, cursor });
        }
        records.push(record(kind, row)?);
    }
    Ok(Listed { now, records, cursor: None })
}

pub(super) fn sweep(connection: &Connection, kind: Option<Kind>, limit: u64, now: Timestamp) -> Result<u64, Fault> {
    let sql = "DELETE FROM record WHERE (kind, id) IN
      (SELECT kind, id FROM record INDEXED BY record_expiry WHERE expires_at <= ?1 AND (?2 IS NULL OR kind = ?2) LIMIT ?3) RETURNING version";
    let mut delete = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(0);
    let mut rows = delete.query(params![now.as_micros(), kind.map(Kind::number), limit])?;
    let (mut removed, mut greatest) = (0, 0);
    while let Some(row) = rows.next()? {
        removed += 1;
        greatest = row.get::<_, i64>(0)?.max(greatest);
    }
    drop(rows);
    if removed > 0 {
        raise_floor(connection, greatest)?;
    }
    Ok(removed)
}

fn raise_floor(connection: &Connection, version: i64) -> Result<(), Fault> {
    connection.prepare_cached("UPDATE floor SET version = ?1 WHERE version < ?1")?.execute([version])?;
    Ok(())
}

fn column(version: u64) -> Result<i64, Fault> {
    i64::try_from(version).map_err(|_| Fault::Record(Error::Internal("a record's version is past 2^63")))
}

fn head(kind: Kind, row: &Row<'_>) -> Result<Head, Fault> {
    let version = row.get_ref(1)?.as_i64().ok().and_then(|version| u64::try_from(version).ok());
    let expires_at = row.get_ref(3)?.as_i64().ok();
    match (version, expires_at) {
        (Some(version), Some(expires_at)) => Ok(Head { version, expires_at: Timestamp::from_micros(expires_at) }),
        _ => Err(unreadable(kind, "its version or expiry is out of range")),
    }
}

fn record(kind: Kind, row: &Row<'_>) -> Result<Record, Fault> {
    let Head { version, expires_at } = head(kind, row)?;
    let bytes = |at: usize| row.get_ref(at).ok().and_then(|value| value.as_blob_or_null().ok());
    let (Some(Some(id)), Some(group), Some(Some(value))) = (bytes(0), bytes(2), bytes(4)) else {
        return Err(unreadable(kind, "a column is of another type"));
    };
    let key = Key::new(kind, id).map_err(|_| unreadable(kind, "its id is too long"))?;
    Ok(Record { key, version, group: group.map(<[u8]>::to_vec), expires_at, value: value.to_vec() })
}

const fn unreadable(kind: Kind, why: &'static str) -> Fault {
    Fault::Record(Error::RecordUnreadable { kind: kind.as_str(), why })
}
