//! Where the next page of a `list` begins: shard u8 ‖ (place u32be ‖ seq u64be)?.

use super::SHARDS;
use super::shard::Position;
use crate::error::Result;
use crate::store::contract::bad_cursor;

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) shard: usize,
    /// After this record; none: at the shard's first.
    pub(super) position: Option<Position>,
}

impl Cursor {
    pub(super) const START: Self = Self { shard: 0, position: None };

    pub(super) fn write(self) -> Vec<u8> {
        let mut out = vec![u8::try_from(self.shard).unwrap_or(u8::MAX)];
        if let Some(position) = self.position {
            out.extend_from_slice(&position.at.to_be_bytes());
            out.extend_from_slice(&position.seq.to_be_bytes());
        }
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let (&shard, rest) = bytes.split_first().ok_or_else(bad_cursor)?;
        let shard = usize::from(shard);
        if shard >= SHARDS {
            return Err(bad_cursor());
        }
        let position = match rest.split_first_chunk::<4>() {
            None if rest.is_empty() => None,
            Some((at, seq)) => {
                let seq = <[u8; 8]>::try_from(seq).map_err(|_| bad_cursor())?;
                Some(Position { at: u32::from_be_bytes(*at), seq: u64::from_be_bytes(seq) })
            }
            None => return Err(bad_cursor()),
        };
        Ok(Self { shard, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_read() {
        for cursor in [Cursor::START, Cursor { shard: 63, position: Some(Position { at: 7, seq: 1 << 40 }) }] {
            assert_eq!(Cursor::read(&cursor.write()).unwrap(), cursor);
        }
        for wrong in [&b""[..], &[64], &[0, 1], &[0; 12], &[0; 14]] {
            assert_eq!(Cursor::read(wrong).unwrap_err().code(), "invalid_argument");
        }
    }
}
