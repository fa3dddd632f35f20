//! A tier: so many units in such a time.

use std::time::Duration;

use super::gcra::Rate;
use crate::error::{Error, Result};

/// The largest limit and burst.
const MAX_UNITS: u32 = i32::MAX as u32;
const MIN_PERIOD: u64 = 1_000;
const MAX_PERIOD: u64 = 366 * DAY;
/// How long an empty bucket may take to fill: longer, and the sums would leave what a double holds exactly.
const MAX_REFILL: u128 = 3_650 * DAY as u128;
const DAY: u64 = 86_400_000_000;

/// How a tier counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algo {
    /// A bucket of `burst` units that refills evenly, `limit` units a period.
    TokenBucket,
}

/// One limit of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    id: String,
    algo: Algo,
    rate: Rate,
}

impl Tier {
    /// A token bucket of `limit` units a `period`, with a burst of `limit`: in one closed period it admits up to twice the limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatewright::limits::Tier;
    ///
    /// let tier = Tier::token_bucket("minute", 100, Duration::from_secs(60))?.with_burst(10)?;
    /// assert_eq!((tier.limit(), tier.burst()), (100, 10));
    /// # Ok::<(), gatewright::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_argument` for an id that is not 1–16 of `a-z 0-9 _`, a limit outside 1–2³¹−1, a period outside 1 ms – 366 d or not of
    /// whole microseconds, or a bucket that takes longer than 3,650 days to fill.
    pub fn token_bucket(id: &str, limit: u32, period: Duration) -> Result<Self> {
        let in_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if id.is_empty() || id.len() > 16 || !id.bytes().all(in_id) {
            return Err(Error::invalid_argument("tier.id", "write 1 to 16 of a-z, 0-9 and _"));
        }
        if limit == 0 || limit > MAX_UNITS {
            return Err(Error::invalid_argument("tier.limit", "write a whole number from 1 to 2147483647"));
        }
        let micros = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
        if !(MIN_PERIOD..=MAX_PERIOD).contains(&micros) || Duration::from_micros(micros) != period {
            return Err(Error::invalid_argument("tier.period", "write a duration from 1ms to 366d, in whole microseconds"));
        }
        Self { id: id.to_owned(), algo: Algo::TokenBucket, rate: Rate::new(limit, micros, limit) }.with_burst(limit)
    }

    /// The same with another burst: how many units a full bucket holds.
    ///
    /// # Errors
    /// `invalid_argument` for a burst outside 1–2³¹−1, or one that takes longer than 3,650 days to fill.
    pub fn with_burst(mut self, burst: u32) -> Result<Self> {
        if burst == 0 || burst > MAX_UNITS {
            return Err(Error::invalid_argument("tier.burst", "write a whole number from 1 to 2147483647"));
        }
        let (limit, period) = (self.limit(), self.rate.period());
        if u128::from(burst) * u128::from(period) > MAX_REFILL * u128::from(limit) {
            return Err(Error::invalid_argument(
                "tier.burst",
                "an empty bucket would take over 3650 days to fill; lower the burst or raise the limit",
            ));
        }
        self.rate = Rate::new(limit, period, burst);
        Ok(self)
    }

    /// Its name in its policy.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How it counts.
    #[must_use]
    pub const fn algo(&self) -> Algo {
        self.algo
    }

    /// Units a period.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.rate.limit()
    }

    /// Its period.
    #[must_use]
    pub const fn period(&self) -> Duration {
        Duration::from_micros(self.rate.period())
    }

    /// How many units a full bucket holds.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.rate.burst()
    }

    /// Its arithmetic.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// Its name in stored state: a tier that is renamed begins anew.
    #[must_use]
    pub fn tag(&self) -> u32 {
        crc32fast::hash(self.id.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_every_range() {
        let tier = |id: &str, limit, period| Tier::token_bucket(id, limit, period).map(drop).map_err(|error| error.to_string());
        let day = Duration::from_secs(86_400);
        for (id, limit, period) in [("a", 1, Duration::from_millis(1)), ("abcdefghijklmno_", MAX_UNITS, 366 * day), ("0", 1, 366 * day)] {
            assert_eq!(tier(id, limit, period), Ok(()));
        }
        for (id, limit, period) in [
            ("", 1, day),
            ("abcdefghijklmnopq", 1, day),
            ("A", 1, day),
            ("ä", 1, day),
            ("a", 0, day),
            ("a", MAX_UNITS + 1, day),
            ("a", 1, Duration::from_micros(999)),
            ("a", 1, 366 * day + Duration::from_micros(1)),
            ("a", 1, Duration::from_nanos(1_000_001)),
            ("a", 1, Duration::MAX),
        ] {
            tier(id, limit, period).unwrap_err();
        }
        let daily = Tier::token_bucket("a", 1, day).unwrap();
        assert_eq!(daily.clone().with_burst(3650).unwrap().burst(), 3650);
        for burst in [0, 3651, MAX_UNITS, u32::MAX] {
            assert_eq!(daily.clone().with_burst(burst).unwrap_err().code(), "invalid_argument");
        }
    }
}
