//! `meter` on its table. A state is: format u8 = 2, layout u32be, then its tiers, each with tag u32be, limit u32be, kind u8 and what that
//! kind keeps.

use rusqlite::{Connection, params};

use super::rows::Fault;
use crate::error::{Error, Result as CoreResult};
use crate::limits::decide::{Change, decide};
use crate::limits::layout::{Layout, Stored, StoredTier};
use crate::limits::rule::State;
use crate::limits::{Count, Counters, Lease, Tat};
use crate::store::codec::{Reader, Writer};
use crate::store::meter::{MeterItem, MeterOp, Metered};
use crate::time::Timestamp;

const FORMAT: u8 = 2;
const HOUR: i64 = 3_600_000_000;

/// Decides a bundle, inside the transaction of its caller.
pub(super) fn meter(connection: &Connection, op: MeterOp, bundle: &[MeterItem], now: Timestamp) -> Result<Metered, Fault> {
    let mut stored = Vec::with_capacity(bundle.len());
    let mut expiries = Vec::with_capacity(bundle.len());
    for item in bundle {
        let mut select = connection.prepare_cached("SELECT state, expires_at FROM meter WHERE id = ?1")?;
        let mut rows = select.query([&item.key])?;
        let (state, expires_at) = match rows.next()? {
            Some(row) => (Some(read(row.get_ref(0)?.as_blob().unwrap_or_default()).map_err(Fault::Record)?), row.get_ref(1)?.as_i64().ok()),
            None => (None, None),
        };
        stored.push(state);
        expiries.push(expires_at);
    }
    let asked: Vec<_> = bundle.iter().zip(&stored).map(|(item, stored)| (&item.item, stored.as_deref())).collect();
    let (items, changes) = decide(op, &asked, now);
    let is_refused = op == MeterOp::Commit && items.iter().flatten().any(|tier| !tier.allowed);
    let mut refused_on = Vec::new();
    if is_refused {
        let left = |(change, stored): (&Change, &Option<Stored>)| if let Change::Put(state) = change { Some(state.clone()) } else { stored.clone() };
        refused_on.extend(changes.iter().zip(&stored).map(left));
    }
    for ((item, before), change) in bundle.iter().zip(expiries).zip(changes) {
        match change {
            Change::Keep => {}
            Change::Put(state) => {
                // Rounded up to the hour, so that most writes leave the index alone.
                let full_at = full_at(&item.item.layout, &state, now);
                let expires_at = full_at.saturating_add(HOUR).div_euclid(HOUR).saturating_mul(HOUR);
                let state = write(&item.item.layout, &state);
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
    Ok(Metered { now, items, refused_on })
}

/// Deletes up to `limit` states that nothing is taken of any more.
pub(super) fn sweep(connection: &Connection, limit: u64, now: Timestamp) -> Result<u64, Fault> {
    let sql = "DELETE FROM meter WHERE id IN (SELECT id FROM meter INDEXED BY meter_expiry WHERE expires_at <= ?1 LIMIT ?2)";
    let removed = connection.prepare_cached(sql)?.execute(params![now.as_micros(), i64::try_from(limit).unwrap_or(0)])?;
    Ok(removed as u64)
}

fn full_at(layout: &Layout, state: &Stored, now: Timestamp) -> i64 {
    layout.tiers().iter().zip(state).map(|(tier, stored)| tier.rule.full_at(&stored.state, now).as_micros()).max().unwrap_or(0)
}

fn write(layout: &Layout, tiers: &Stored) -> Vec<u8> {
    let mut out = Writer::new(FORMAT);
    out.u32(layout.number());
    for tier in tiers {
        out.u32(tier.tag);
        out.u32(tier.limit);
        match &tier.state {
            State::Bucket(tat) => {
                out.u8(1);
                out.i64(tat.micros);
                out.u32(tat.fraction);
            }
            State::Log(stamps) => {
                out.u8(2);
                out.u32(stamps.len() as u32);
                stamps.iter().for_each(|stamp| out.i64(*stamp));
            }
            State::Window(Counters { start, current, previous }) => {
                out.u8(3);
                out.i64(*start);
                out.u32(*current);
                out.u32(*previous);
            }
            State::Calendar(Count { start, count }) => {
                out.u8(4);
                out.i64(*start);
                out.u32(*count);
            }
            State::Leases(leases) => {
                out.u8(5);
                out.u32(leases.len() as u32);
                for lease in leases {
                    out.u64(lease.id);
                    out.u32(lease.units);
                    out.i64(lease.until);
                }
            }
        }
    }
    out.finish()
}

fn read(bytes: &[u8]) -> CoreResult<Stored> {
    let mut reader = Reader::new("meter", FORMAT, bytes)?;
    let _layout = reader.u32()?;
    let mut tiers = Vec::new();
    while !reader.is_empty() {
        tiers.push(StoredTier { tag: reader.u32()?, limit: reader.u32()?, state: read_state(&mut reader)? });
    }
    let is_sound = |tier: &StoredTier| match tier.state {
        // A fraction of a whole and more would carry more than once.
        State::Bucket(tat) => tat.fraction < tier.limit,
        _ => true,
    };
    if tiers.iter().all(is_sound) { Ok(tiers.into()) } else { Err(Error::RecordUnreadable { kind: "meter", why: "it is damaged" }) }
}

fn read_state(reader: &mut Reader<'_>) -> CoreResult<State> {
    Ok(match reader.u8()? {
        1 => State::Bucket(Tat { micros: reader.i64()?, fraction: reader.u32()? }),
        2 => State::Log((0..reader.u32()?).map(|_| reader.i64()).collect::<CoreResult<_>>()?),
        3 => State::Window(Counters { start: reader.i64()?, current: reader.u32()?, previous: reader.u32()? }),
        4 => State::Calendar(Count { start: reader.i64()?, count: reader.u32()? }),
        5 => {
            let count = reader.u32()?;
            let lease = |_| Ok(Lease { id: reader.u64()?, units: reader.u32()?, until: reader.i64()? });
            State::Leases((0..count).map(lease).collect::<CoreResult<_>>()?)
        }
        _ => return Err(Error::RecordUnreadable { kind: "meter", why: "it counts in an unknown way" }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{LimitPolicy, Preset};

    #[test]
    fn a_state_reads_back_and_a_damaged_one_is_an_error() {
        let states = [
            State::Bucket(Tat { micros: -5, fraction: 99 }),
            State::Log(vec![i64::MIN, 3]),
            State::Window(Counters { start: -60, current: 1, previous: u32::MAX }),
            State::Calendar(Count { start: 7, count: 8 }),
            State::Leases(vec![Lease { id: u64::MAX, units: 2, until: 9 }]),
        ];
        let stored: Stored = (1..).zip(states).map(|(tag, state)| StoredTier { tag, limit: 100, state }).collect();
        let layout = Layout::new(&LimitPolicy::preset("tenant", Preset::Tenant));
        let bytes = write(&layout, &stored);
        assert_eq!(read(&bytes), Ok(stored));
        let unreadable = |bytes: &[u8]| read(bytes).is_err_and(|error| error.code() == "record_unreadable");
        for cut in (1..bytes.len()).filter(|cut| ![5, 26].contains(cut)) {
            // A cut between two tiers is a record of fewer.
            let tiers = read(&bytes[..cut]).map_or(0, |tiers| tiers.len());
            assert!(tiers < 5 && (tiers > 0 || unreadable(&bytes[..cut])), "{cut}");
        }
        let mut over = bytes.clone();
        over[5 + 4 + 4 + 1 + 8 + 3] = 100;
        assert!(unreadable(&over), "a fraction of the whole limit");
        over = bytes;
        over[0] = 3;
        assert!(unreadable(&over) && unreadable(&[]), "another format");
    }

    #[test]
    fn any_bytes_are_read_without_a_panic_or_a_large_allocation() {
        // A count of four billion stamps in a record of a few bytes.
        for kind in 0..=255 {
            let bytes = [[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, kind].as_slice(), &[255; 12]].concat();
            let _ = read(&bytes);
        }
    }
}
