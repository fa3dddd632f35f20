//! A tier: so many units in such a time.

use std::sync::Arc;
use std::time::Duration;

use super::calendar::{Calendar, Unit};
use super::gcra::Rate;
use super::leases::Concurrent;
use super::log::SlidingLog;
use super::rule::Rule;
use super::window::SlidingWindow;
use crate::error::{Error, Result};

/// The largest limit and burst.
pub(crate) const MAX_UNITS: u32 = i32::MAX as u32;
/// The most stamps that a sliding log keeps.
pub(crate) const MAX_LOG: u32 = 64;
/// The most units that can be held at a time.
pub(crate) const MAX_CONCURRENT: u32 = 256;
pub(crate) const MIN_PERIOD: u64 = 1_000;
pub(crate) const MAX_PERIOD: u64 = 366 * DAY;
/// How long an empty bucket may take to fill: longer, and the sums would leave what a double holds exactly.
const MAX_REFILL: u128 = 3_650 * DAY as u128;
/// The largest whole number below which a double holds them all.
const MAX_EXACT: u128 = 1 << 53;
const DAY: u64 = 86_400_000_000;

/// How a tier counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algo {
    /// A bucket of `burst` units that refills evenly, `limit` units a period. Admits up to `burst` + `limit` in one closed period.
    TokenBucket,
    /// Exactly `limit` in any period, by the time of each. For small limits, such as failed logins.
    SlidingLog,
    /// About `limit` in any period, by two counters: for large limits that must not be passed by twice.
    SlidingWindow,
    /// `limit` in each hour, day or month of the calendar: for what is billed so.
    Calendar,
    /// `limit` at a time, each given back by a refund of its permit or by the end of its lease.
    Concurrent,
}

impl Algo {
    /// Its name in policies and decisions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenBucket => "token_bucket",
            Self::SlidingLog => "sliding_log",
            Self::SlidingWindow => "sliding_window",
            Self::Calendar => "calendar",
            Self::Concurrent => "concurrent",
        }
    }
}

/// One limit of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    id: Arc<str>,
    rule: Rule,
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
        Self::new(id, Rule::TokenBucket(Rate::new(units(limit)?, micros(period)?.unsigned_abs(), limit)))?.with_burst(limit)
    }

    /// The same with another burst: how many units a full bucket holds.
    ///
    /// # Errors
    /// `invalid_argument` for a burst outside 1–2³¹−1, one that takes longer than 3,650 days to fill, or a tier that is no bucket.
    pub fn with_burst(self, burst: u32) -> Result<Self> {
        let Rule::TokenBucket(rate) = self.rule else {
            return Err(Error::invalid_argument("tier.burst", "leave this out: only a token bucket has a burst"));
        };
        if burst == 0 || burst > MAX_UNITS {
            return Err(Error::invalid_argument("tier.burst", "write a whole number from 1 to 2147483647"));
        }
        if u128::from(burst) * u128::from(rate.period()) > MAX_REFILL * u128::from(rate.limit()) {
            return Err(Error::invalid_argument("tier.burst", TOO_SLOW));
        }
        Ok(Self { rule: Rule::TokenBucket(Rate::new(rate.limit(), rate.period(), burst)), ..self })
    }

    /// Exactly `limit` units, 64 at most, in any `period`.
    ///
    /// # Errors
    /// `invalid_argument` as [`Tier::token_bucket`], and for a limit above 64.
    pub fn sliding_log(id: &str, limit: u32, period: Duration) -> Result<Self> {
        if limit == 0 || limit > MAX_LOG {
            return Err(Error::invalid_argument("tier.limit", LOG_TOO_LONG));
        }
        Self::new(id, Rule::SlidingLog(SlidingLog::new(limit, micros(period)?)))
    }

    /// About `limit` units in any `period`: what the last window weighs is counted in proportion.
    ///
    /// # Errors
    /// `invalid_argument` as [`Tier::token_bucket`], and where limit × period in µs is above 2⁵³.
    pub fn sliding_window(id: &str, limit: u32, period: Duration) -> Result<Self> {
        let (limit, period) = (units(limit)?, micros(period)?);
        if u128::from(limit) * u128::from(period.unsigned_abs()) > MAX_EXACT {
            return Err(Error::invalid_argument("tier.limit", WINDOW_TOO_LARGE));
        }
        Self::new(id, Rule::SlidingWindow(SlidingWindow::new(limit, period)))
    }

    /// `limit` units in each hour, day or month, `tz_offset_min` minutes (−720 to 840) ahead of UTC.
    ///
    /// # Errors
    /// `invalid_argument` for an id or a limit as [`Tier::token_bucket`], or another offset.
    pub fn calendar(id: &str, limit: u32, unit: Unit, tz_offset_min: i32) -> Result<Self> {
        if !(-720..=840).contains(&tz_offset_min) {
            return Err(Error::invalid_argument("tier.tz_offset_min", "write a whole number from -720 to 840"));
        }
        Self::new(id, Rule::Calendar(Calendar::new(units(limit)?, unit, tz_offset_min)))
    }

    /// `limit` units, 256 at most, at a time; what is not given back comes back after `lease_ttl`.
    ///
    /// # Errors
    /// `invalid_argument` for an id as [`Tier::token_bucket`], a limit outside 1–256, or a lease as periods are.
    pub fn concurrent(id: &str, limit: u32, lease_ttl: Duration) -> Result<Self> {
        if limit == 0 || limit > MAX_CONCURRENT {
            return Err(Error::invalid_argument("tier.limit", TOO_MANY_LEASES));
        }
        micros(lease_ttl)?;
        Self::new(id, Rule::Concurrent(Concurrent::new(limit, lease_ttl)))
    }

    fn new(id: &str, rule: Rule) -> Result<Self> {
        if !is_tier_id(id) {
            return Err(Error::invalid_argument("tier.id", TIER_ID));
        }
        Ok(Self { id: id.into(), rule })
    }

    /// A tier whose ranges hold by its own source.
    pub(super) fn known(id: &str, rule: Rule) -> Self {
        Self { id: id.into(), rule }
    }

    /// The same with a share of its limit and burst, at least 1 of each.
    pub(crate) fn scaled(&self, share: f64) -> Self {
        // A share of at most 1 of at most 2³¹−1, rounded down. The smallest part more, or 0.29 of 100 would be 28: no share is exact.
        let scale = |units: u32| ((f64::from(units) * share + 1e-6) as u32).clamp(1, units);
        let limit = scale(self.rule.limit());
        let rule = match self.rule {
            // A slower bucket may not hold more than 3,650 days of it: the burst shrinks with the limit, so it never does.
            Rule::TokenBucket(rate) => Rule::TokenBucket(Rate::new(limit, rate.period(), scale(rate.burst()))),
            Rule::SlidingLog(log) => Rule::SlidingLog(SlidingLog::new(limit, log.period())),
            Rule::SlidingWindow(window) => Rule::SlidingWindow(SlidingWindow::new(limit, window.period())),
            Rule::Calendar(calendar) => Rule::Calendar(calendar.with_limit(limit)),
            Rule::Concurrent(concurrent) => Rule::Concurrent(concurrent.with_limit(limit)),
        };
        Self { id: Arc::clone(&self.id), rule }
    }

    /// Its name in its policy.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) const fn shared_id(&self) -> &Arc<str> {
        &self.id
    }

    /// How it counts.
    #[must_use]
    pub const fn algo(&self) -> Algo {
        match self.rule {
            Rule::TokenBucket(_) => Algo::TokenBucket,
            Rule::SlidingLog(_) => Algo::SlidingLog,
            Rule::SlidingWindow(_) => Algo::SlidingWindow,
            Rule::Calendar(_) => Algo::Calendar,
            Rule::Concurrent(_) => Algo::Concurrent,
        }
    }

    /// Units a period.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.rule.limit()
    }

    /// Its period; none of a calendar or of concurrency.
    #[must_use]
    pub const fn period(&self) -> Option<Duration> {
        match self.rule {
            Rule::TokenBucket(rate) => Some(Duration::from_micros(rate.period())),
            Rule::SlidingLog(log) => Some(Duration::from_micros(log.period().unsigned_abs())),
            Rule::SlidingWindow(window) => Some(Duration::from_micros(window.period().unsigned_abs())),
            Rule::Calendar(_) | Rule::Concurrent(_) => None,
        }
    }

    /// How many units can be taken at once.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.rule.burst()
    }

    /// Its arithmetic.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }
}

/// Whether a text can be the id of a tier.
pub(crate) fn is_tier_id(id: &str) -> bool {
    let in_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=16).contains(&id.len()) && id.bytes().all(in_id)
}

const fn units(limit: u32) -> Result<u32> {
    if limit == 0 || limit > MAX_UNITS {
        return Err(Error::invalid_argument("tier.limit", "write a whole number from 1 to 2147483647"));
    }
    Ok(limit)
}

fn micros(period: Duration) -> Result<i64> {
    let micros = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
    if !(MIN_PERIOD..=MAX_PERIOD).contains(&micros) || Duration::from_micros(micros) != period {
        return Err(Error::invalid_argument("tier.period", "write a duration from 1ms to 366d, in whole microseconds"));
    }
    Ok(i64::try_from(micros).unwrap_or(i64::MAX))
}

pub(crate) const TIER_ID: &str = "write 1 to 16 of a-z, 0-9 and _";
const TOO_SLOW: &str = "an empty bucket would take over 3650 days to fill; lower the burst or raise the limit";
const LOG_TOO_LONG: &str = "write a whole number from 1 to 64, or another algo: a sliding log keeps every unit";
const WINDOW_TOO_LARGE: &str = "limit times period in microseconds is over 2^53; lower one of them, or write another algo";
const TOO_MANY_LEASES: &str = "write a whole number from 1 to 256: every unit that is held is remembered";

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

    #[test]
    fn each_algo_has_its_own_edges() {
        let hour = Duration::from_secs(3600);
        assert!(Tier::sliding_log("a", 64, hour).is_ok() && Tier::sliding_log("a", 65, hour).is_err());
        assert!(Tier::sliding_log("a", 0, hour).is_err());
        // 2⁵³ / 3.6e9 µs.
        assert!(Tier::sliding_window("a", 2_501_999, hour).is_ok() && Tier::sliding_window("a", 2_502_000, hour).is_err());
        assert!(Tier::calendar("a", 1, Unit::Day, 840).is_ok() && Tier::calendar("a", 1, Unit::Day, 841).is_err());
        assert!(Tier::calendar("a", 1, Unit::Day, -720).is_ok() && Tier::calendar("a", 1, Unit::Day, -721).is_err());
        assert!(Tier::concurrent("a", 256, hour).is_ok() && Tier::concurrent("a", 257, hour).is_err());
        assert!(Tier::concurrent("a", 1, Duration::ZERO).is_err());
        assert!(Tier::sliding_log("a", 5, hour).unwrap().with_burst(5).is_err(), "only a bucket has a burst");
    }

    #[test]
    fn a_share_is_at_least_one() {
        let tier = Tier::token_bucket("a", 100, Duration::from_secs(60)).unwrap().with_burst(10).unwrap();
        let share = |share| (tier.scaled(share).limit(), tier.scaled(share).burst());
        assert_eq!([share(1.0), share(0.5), share(0.001)], [(100, 10), (50, 5), (1, 1)]);
        assert_eq!((share(0.29), share(0.57), share(0.999_999), share(0.333)), ((29, 2), (57, 5), (99, 9), (33, 3)));
        let most = Tier::token_bucket("a", MAX_UNITS, Duration::from_secs(60)).unwrap();
        assert_eq!([1.0, 0.5].map(|share| most.scaled(share).limit()), [MAX_UNITS, MAX_UNITS / 2]);
        let log = Tier::sliding_log("a", 5, Duration::from_secs(60)).unwrap();
        assert_eq!((log.scaled(0.5).limit(), log.scaled(0.01).limit()), (2, 1));
    }
}
