//! The bytes of a record, the same in every language and store.

use super::response::Stored;
use crate::error::{Error, Result};
use crate::http::Response;
use crate::store::codec::{Reader, Writer};
use crate::time::Timestamp;

/// What proves that a worker owns an operation: random, so that no later owner has the same.
pub(crate) type OwnerToken = [u8; 16];

/// What is known of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Grows with every begin, through releases and takeovers.
    pub(crate) fence: u64,
    /// Who began it last.
    pub(crate) token: OwnerToken,
    /// From this instant on the record counts for nothing but its fence.
    pub(crate) until: Timestamp,
    pub(crate) state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Given back; kept for its fence.
    Released,
    InFlight(InFlight),
    Completed {
        fingerprint: [u8; 32],
        stored: Stored,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) fingerprint: [u8; 32],
    pub(crate) attempt: u32,
    /// When this attempt began.
    pub(crate) begun_at: Timestamp,
    /// The first instant at which it may be taken over.
    pub(crate) lease_until: Timestamp,
    pub(crate) mark: Mark,
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// Whether an act has been done that cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    /// Perhaps done, and nobody could go on from there.
    Uncovered,
    /// Done, and a checkpoint tells how to go on.
    Covered,
}

/// How far an operation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// What has been reached.
    pub name: String,
    /// Whatever the handler needs to go on from there.
    pub data: Vec<u8>,
}

impl Entry {
    /// What its request was, while that is known.
    pub(crate) const fn fingerprint(&self) -> Option<&[u8; 32]> {
        match &self.state {
            State::Released => None,
            State::InFlight(flight) => Some(&flight.fingerprint),
            State::Completed { fingerprint, .. } => Some(fingerprint),
        }
    }

    /// `u8 format | u64 fence | 16 token | i64 until | u8 state | …`, numbers big-endian, texts and bytes behind a u32 length.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::new(FORMAT);
        out.u64(self.fence);
        out.array(&self.token);
        out.i64(self.until.as_micros());
        match &self.state {
            State::Released => out.u8(RELEASED),
            State::InFlight(flight) => {
                out.u8(IN_FLIGHT);
                out.array(&flight.fingerprint);
                out.u32(flight.attempt);
                out.i64(flight.begun_at.as_micros());
                out.i64(flight.lease_until.as_micros());
                out.u8(flight.mark as u8);
                out.option(flight.checkpoint.as_ref(), |out, checkpoint| {
                    out.text(&checkpoint.name);
                    out.bytes(&checkpoint.data);
                });
            }
            State::Completed { fingerprint, stored: Stored::Whole(response) } => {
                out.u8(WHOLE);
                out.array(fingerprint);
                out.u32(u32::from(response.status));
                out.u32(u32::try_from(response.headers.len()).unwrap_or(u32::MAX));
                for (name, value) in &response.headers {
                    out.text(name);
                    out.bytes(value);
                }
                out.bytes(&response.body);
            }
            State::Completed { fingerprint, stored: Stored::Omitted { status, digest } } => {
                out.u8(OMITTED);
                out.array(fingerprint);
                out.u32(u32::from(*status));
                out.array(digest);
            }
        }
        out.finish()
    }

    /// # Errors
    /// `record_unreadable`, whatever the bytes.
    pub(crate) fn read(value: &[u8]) -> Result<Self> {
        let mut input = Reader::new(KIND, FORMAT, value)?;
        let (fence, token) = (input.u64()?, input.array()?);
        if fence >= FENCE_END {
            return Err(unreadable("a fence beyond 2^53"));
        }
        let until = Timestamp::from_micros(input.i64()?);
        let state = match input.u8()? {
            RELEASED => State::Released,
            IN_FLIGHT => State::InFlight(read_in_flight(&mut input)?),
            WHOLE => {
                let (fingerprint, status) = (input.array()?, read_status(&mut input)?);
                // Not allocated in advance: the count may be damaged.
                let headers = (0..input.u32()?).map(|_| Ok((input.text()?, input.bytes()?))).collect::<Result<_>>()?;
                State::Completed { fingerprint, stored: Stored::Whole(Response { status, headers, body: input.bytes()? }) }
            }
            OMITTED => {
                let (fingerprint, status) = (input.array()?, read_status(&mut input)?);
                State::Completed { fingerprint, stored: Stored::Omitted { status, digest: input.array()? } }
            }
            _ => return Err(unreadable("an unknown state")),
        };
        input.finish()?;
        Ok(Self { fence, token, until, state })
    }
}

fn read_in_flight(input: &mut Reader<'_>) -> Result<InFlight> {
    Ok(InFlight {
        fingerprint: input.array()?,
        attempt: input.u32()?,
        begun_at: Timestamp::from_micros(input.i64()?),
        lease_until: Timestamp::from_micros(input.i64()?),
        mark: match input.u8()? {
            0 => Mark::None,
            1 => Mark::Uncovered,
            2 => Mark::Covered,
            _ => return Err(unreadable("an unknown mark")),
        },
        checkpoint: input.option(|input| Ok(Checkpoint { name: input.text()?, data: input.bytes()? }))?,
    })
}

fn read_status(input: &mut Reader<'_>) -> Result<u16> {
    u16::try_from(input.u32()?).ok().filter(|status| (200..=599).contains(status)).ok_or_else(|| unreadable("a status that is none"))
}

const fn unreadable(why: &'static str) -> Error {
    Error::RecordUnreadable { kind: KIND, why }
}

/// Fences stay below 2^53, so that JavaScript can hold them.
pub(crate) const FENCE_END: u64 = 1 << 53;
const KIND: &str = "idempotency";
const FORMAT: u8 = 1;
const RELEASED: u8 = 0;
const IN_FLIGHT: u8 = 1;
const WHOLE: u8 = 2;
const OMITTED: u8 = 3;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn responses() -> impl Strategy<Value = Response> {
        let headers = prop::collection::vec(("[a-zA-Z-]{1,9}", prop::collection::vec(any::<u8>(), 0..9)), 0..4);
        (200_u16..=599, headers, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(status, headers, body)| Response { status, headers, body })
    }

    fn states() -> impl Strategy<Value = State> {
        let mark = prop_oneof![Just(Mark::None), Just(Mark::Uncovered), Just(Mark::Covered)];
        let checkpoint = prop::option::of((".{0,5}", prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(name, data)| Checkpoint { name, data }));
        let flight = (any::<[u8; 32]>(), any::<u32>(), any::<i64>(), any::<i64>(), mark, checkpoint).prop_map(
            |(fingerprint, attempt, begun_at, lease_until, mark, checkpoint)| {
                let (begun_at, lease_until) = (Timestamp::from_micros(begun_at), Timestamp::from_micros(lease_until));
                State::InFlight(InFlight { fingerprint, attempt, begun_at, lease_until, mark, checkpoint })
            },
        );
        let stored = prop_oneof![
            responses().prop_map(Stored::Whole),
            (200_u16..=599, any::<[u8; 32]>()).prop_map(|(status, digest)| Stored::Omitted { status, digest })
        ];
        let completed = (any::<[u8; 32]>(), stored).prop_map(|(fingerprint, stored)| State::Completed { fingerprint, stored });
        prop_oneof![Just(State::Released), flight, completed]
    }

    fn entries() -> impl Strategy<Value = Entry> {
        (0..FENCE_END, any::<[u8; 16]>(), any::<i64>(), states()).prop_map(|(fence, token, until, state)| Entry {
            fence,
            token,
            until: Timestamp::from_micros(until),
            state,
        })
    }

    /// Written by hand after the layout; what one version stored, every later one must read.
    #[test]
    fn the_layout_is_frozen() {
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0, 9];
        bytes.extend([0xAA; 16]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 5, 2]);
        bytes.extend([0xBB; 32]);
        bytes.extend(b"\x00\x00\x00\xC9\x00\x00\x00\x01\x00\x00\x00\x01x\x00\x00\x00\x02\xFF1\x00\x00\x00\x04made");
        let response = Response::new(201, "made").header("x", *b"\xFF1");
        let state = State::Completed { fingerprint: [0xBB; 32], stored: Stored::Whole(response) };
        let entry = Entry { fence: 9, token: [0xAA; 16], until: Timestamp::from_micros(5), state };
        assert_eq!(entry.write(), bytes);
        assert_eq!(Entry::read(&bytes), Ok(entry));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(entry in entries()) {
            prop_assert_eq!(Entry::read(&entry.write()), Ok(entry));
        }

        #[test]
        fn a_damaged_record_is_told(entry in entries(), cut in any::<prop::sample::Index>(), more in 1_u8..) {
            let bytes = entry.write();
            let mut longer = bytes.clone();
            longer.push(more);
            let mut newer = bytes.clone();
            newer[0] = FORMAT + more.min(254);
            for damaged in [&bytes[..cut.index(bytes.len())], &longer, &newer] {
                prop_assert_eq!(Entry::read(damaged).unwrap_err().code(), "record_unreadable");
            }
        }

        #[test]
        fn no_bytes_are_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), entry in entries()) {
            if let Some(first) = bytes.first_mut() {
                *first = FORMAT;
            }
            let _ = Entry::read(&bytes);
            let mut flipped = entry.write();
            let at = at.index(flipped.len());
            flipped[at] ^= 0x81;
            let _ = Entry::read(&flipped);
        }
    }
}
