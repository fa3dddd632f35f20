//! Replay claims: the pure rule, and the bytes of a claim's record.
//!
//! A message is claimed before it is handled and marked used afterwards. A claim that is neither used nor released is over
//! when its hold is: then the next delivery takes it over.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::store::{Expect, Record};
use crate::time::Timestamp;

/// How long the ids of messages are remembered: longer than the longest schedule of retries that senders are known for.
pub(super) const ID_RETENTION: Duration = Duration::from_secs(96 * 3600);
/// How much longer than its window a message is remembered.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

/// What a claim's record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Somebody is handling the message, and has until this instant.
    Held {
        /// Who: any number that no other claim has.
        claim_id: u64,
        /// The first instant at which it may be taken over.
        until: Timestamp,
    },
    /// The message has been handled.
    Used {
        /// Who did.
        claim_id: u64,
    },
}

impl Claim {
    pub(super) const fn claim_id(self) -> u64 {
        match self {
            Self::Held { claim_id, .. } | Self::Used { claim_id } => claim_id,
        }
    }

    /// `u8 version | u64be claim id`, of a held one then `i64be until`: 9 or 17 bytes.
    pub(super) fn write(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(17);
        out.push(VERSION);
        out.extend_from_slice(&self.claim_id().to_be_bytes());
        if let Self::Held { until, .. } = self {
            out.extend_from_slice(&until.as_micros().to_be_bytes());
        }
        out
    }

    pub(super) fn read(value: &[u8]) -> Result<Self> {
        let unreadable = |why| Error::RecordUnreadable { kind: "nonce", why };
        let (version, rest) = value.split_first().ok_or_else(|| unreadable("it is empty"))?;
        if *version != VERSION {
            return Err(unreadable("its format is of another version"));
        }
        let (claim_id, rest) = rest.split_first_chunk().ok_or_else(|| unreadable("it is too short"))?;
        let claim_id = u64::from_be_bytes(*claim_id);
        match rest {
            [] => Ok(Self::Used { claim_id }),
            until => {
                let until = until.try_into().map_err(|_| unreadable("its length is of no claim"))?;
                Ok(Self::Held { claim_id, until: Timestamp::from_micros(i64::from_be_bytes(until)) })
            }
        }
    }
}

/// What is to be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Claim it, if the record is still this.
    Claim(Expect),
    /// It has been handled.
    Used,
    /// It is being handled, for so long at most.
    InProgress(Duration),
}

/// Decides on the record of a message.
///
/// # Errors
/// `record_unreadable`.
pub(super) fn decide(record: Option<&Record>, now: Timestamp) -> Result<Decision> {
    let Some(record) = record else { return Ok(Decision::Claim(Expect::Absent)) };
    Ok(match Claim::read(&record.value)? {
        Claim::Used { .. } => Decision::Used,
        Claim::Held { until, .. } if now < until => Decision::InProgress(until.since(now)),
        Claim::Held { .. } => Decision::Claim(Expect::Version(record.version)),
    })
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Key, Kind};

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn record(claim: Claim) -> Record {
        Record { key: Key::new(Kind::Nonce, [1]).unwrap(), version: 7, group: None, expires_at: at(1000), value: claim.write() }
    }

    #[test]
    fn a_hold_is_over_at_its_instant() {
        let held = record(Claim::Held { claim_id: 1, until: at(100) });
        assert_eq!(decide(None, at(0)), Ok(Decision::Claim(Expect::Absent)));
        assert_eq!(decide(Some(&held), at(99)), Ok(Decision::InProgress(Duration::from_micros(1))));
        assert_eq!(decide(Some(&held), at(100)), Ok(Decision::Claim(Expect::Version(7))));
        assert_eq!(decide(Some(&record(Claim::Used { claim_id: 1 })), at(100)), Ok(Decision::Used));
    }

    #[test]
    fn records_read_back_and_others_are_refused() {
        for claim in [Claim::Held { claim_id: u64::MAX, until: at(-5) }, Claim::Used { claim_id: 3 }] {
            assert_eq!(Claim::read(&claim.write()), Ok(claim));
        }
        for wrong in [&b""[..], b"\x02\0\0\0\0\0\0\0\0", b"\x01\0\0\0\0\0\0\0", b"\x01\0\0\0\0\0\0\0\0\0", &[1; 18]] {
            assert_eq!(Claim::read(wrong).unwrap_err().code(), "record_unreadable");
        }
    }
}
