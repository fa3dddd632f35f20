//! `meter` on its table. A state is: format u8 = 1, then per tier tag u32be, limit u32be, micros i64be, fraction u32be.

use rusqlite::{Connection, params};

use super::rows::Fault;
use crate::error::Error;
use crate::limits::gcra::Tat;
use crate::store::meter::{Change, MeterItem, MeterOp, Metered, Stored, StoredTier, decide};
use crate::time::Timestamp;

const FORMAT: u8 = 1;
const TIER_LEN: usize = 20;
const HOUR: i64 = 3_600_000_000;

/// Decides a bundle, inside the transaction of its caller.
pub(super) fn meter(connection: &Connection, op: MeterOp, bundle: &[MeterItem], now: Timestamp) -> Result<Metered, Fault> {
    let mut stored = Vec::with_capacity(bundle.len());
    let mut expiries = Vec::with_capacity(bundle.len());
    for item in bundle {
        let mut select = connection.prepare_cached("SELECT state, expires_at FROM meter WHERE id = ?1")?;
        let mut rows = select.query([&item.key])?;
        let (state, expires_at) = match rows.next()? {
            Some(row) => (Some(read(row.get_ref(0)?.as_blob().unwrap_or_default())?), row.get_ref(1)?.as_i64().ok()),
            None => (None, None),
        };
        stored.push(state);
        expiries.push(expires_at);
    }
    let (metered, changes) = decide(op, bundle, &stored, now);
    for ((item, before), change) in bundle.iter().zip(expiries).zip(changes) {
        match change {
            Change::Keep => {}
            Change::Put(state) => {
                // Rounded up to the hour, so that most writes leave the index alone.
                let full_at = state.iter().map(|tier| tier.tat.full_at().as_micros()).max().unwrap_or(0);
                let expires_at = full_at.saturating_add(HOUR).div_euclid(HOUR).saturating_mul(HOUR);
                let state = write(&state);
                if before == Some(expires_at) {
                    connection.prepare_cached("UPDATE meter SET state = ?2 WHERE id = ?1")?.execute(params![item.key, state])?;
                } else {
                    let sql = "INSERT INTO meter (id, expires_at, state) VALUES (?1, ?2, ?3)
                      ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, state = excluded.state";
                    connection.prepare_cached(sql)?.execute(params![item.key, expires_at, state])?;
                }
            }
            Change::Remove => drop(connection.prepare_cached("DELETE FROM meter WHERE id = ?1")?.execute([&item.key])?),
        }
    }
    Ok(metered)
}

/// Deletes up to `limit` states that are full buckets again.
pub(super) fn sweep(connection: &Connection, limit: u64, now: Timestamp) -> Result<u64, Fault> {
    let sql = "DELETE FROM meter WHERE id IN (SELECT id FROM meter INDEXED BY meter_expiry WHERE expires_at <= ?1 LIMIT ?2)";
    let removed = connection.prepare_cached(sql)?.execute(params![now.as_micros(), i64::try_from(limit).unwrap_or(0)])?;
    Ok(removed as u64)
}

fn write(state: &Stored) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + state.len() * TIER_LEN);
    out.push(FORMAT);
    for tier in state {
        out.extend_from_slice(&tier.tag.to_be_bytes());
        out.extend_from_slice(&tier.limit.to_be_bytes());
        out.extend_from_slice(&tier.tat.micros.to_be_bytes());
        out.extend_from_slice(&tier.tat.fraction.to_be_bytes());
    }
    out
}

fn read(bytes: &[u8]) -> Result<Stored, Fault> {
    let unreadable = |why| Fault::Record(Error::RecordUnreadable { kind: "meter", why });
    match bytes.split_first() {
        Some((&FORMAT, tiers)) => tiers.chunks(TIER_LEN).map(read_tier).collect::<Option<_>>().ok_or_else(|| unreadable("it is damaged")),
        Some(_) => Err(unreadable("its format is newer")),
        None => Err(unreadable("it is empty")),
    }
}

fn read_tier(bytes: &[u8]) -> Option<StoredTier> {
    let (tag, rest) = bytes.split_first_chunk()?;
    let (limit, rest) = rest.split_first_chunk()?;
    let (micros, rest) = rest.split_first_chunk()?;
    let limit = u32::from_be_bytes(*limit);
    let fraction = u32::from_be_bytes(rest.try_into().ok()?);
    // A fraction of a whole and more would carry more than once.
    let tat = Tat { micros: i64::from_be_bytes(*micros), fraction };
    (fraction < limit).then_some(StoredTier { tag: u32::from_be_bytes(*tag), limit, tat })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_and_a_damaged_one_is_an_error() {
        let tier = |tag| StoredTier { tag, limit: 100, tat: Tat { micros: -5, fraction: 99 } };
        let state: Stored = [tier(1), tier(u32::MAX)].into();
        let bytes = write(&state);
        assert_eq!(read(&bytes).ok(), Some(state));
        let over = [&bytes[..bytes.len() - 1], &[100]].concat();
        for damaged in [&bytes[..bytes.len() - 1], &[], &[2], &over] {
            assert!(read(damaged).is_err_and(|fault| fault.into_error().code() == "record_unreadable"));
        }
    }
}
