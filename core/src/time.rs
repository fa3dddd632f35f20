//! Time: instants in microseconds, and the clock as a parameter.

mod recent;

use std::fmt;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use time::{Date, Month};

use recent::{Recent, counter};

/// An instant: microseconds since 1970-01-01T00:00:00Z, before it negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last instant that can be said.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, at the ends of the range the nearest instant.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Milliseconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This instant and so much later, at most [`Timestamp::MAX`].
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// This instant and so much earlier.
    #[must_use]
    pub const fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// How long after `earlier` this is; zero if it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads RFC 3339 with a zone: `2027-01-31T00:00:00Z`, `…+01:00`, 0–9 fraction digits, those after the sixth cut.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let iso = IsoTime::parse(text.as_bytes())?;
        iso.zoned.then_some(iso.at)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many fraction digits as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, micros) = (self.as_secs(), self.0.rem_euclid(1_000_000));
        let (days, second) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
        let date = i32::try_from(days + UNIX_EPOCH_JULIAN).ok().and_then(|day| Date::from_julian_day(day).ok());
        let Some(date) = date else { return write!(f, "{}us", self.0) };
        write!(f, "{:04}-{:02}-{:02}T", date.year(), u8::from(date.month()), date.day())?;
        write!(f, "{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)?;
        if micros != 0 {
            write!(f, ".{}", format!("{micros:06}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// The Julian day of 1970-01-01.
const UNIX_EPOCH_JULIAN: i64 = 2_440_588;

/// An ISO 8601 time of the one form that is read here, `YYYY-MM-DDThh:mm:ss[.d{1,9}][Z|±hh:mm]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsoTime {
    /// The instant; without a zone, as if it were UTC.
    pub at: Timestamp,
    /// Whether a zone was given.
    pub zoned: bool,
}

impl IsoTime {
    /// Reads exactly the whole text. Years 0001–9999, hours to 23, minutes and seconds to 59; digits after the sixth of a
    /// fraction are cut.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(19)?;
        let number = |at: usize, len: usize| -> Option<i64> {
            head.get(at..at + len)?.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
        };
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if separators.iter().any(|(at, byte)| head.get(*at) != Some(byte)) {
            return None;
        }
        let year = i32::try_from(number(0, 4)?).ok().filter(|year| *year >= 1)?;
        let month = Month::try_from(u8::try_from(number(5, 2)?).ok()?).ok()?;
        let date = Date::from_calendar_date(year, month, u8::try_from(number(8, 2)?).ok()?).ok()?;
        let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (fraction, zone) = fraction(rest)?;
        let (offset, zoned) = zone_offset(zone)?;
        let days = i64::from(date.to_julian_day()) - UNIX_EPOCH_JULIAN;
        let secs = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Self { at: Timestamp(secs * 1_000_000 + fraction), zoned })
    }
}

/// Splits off `.d{1,9}` and gives it in microseconds.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after_dot) = rest.strip_prefix(b".") else { return Some((0, rest)) };
    let len = after_dot.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, zone) = after_dot.split_at_checked(len)?;
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let micros = (0..6).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0')));
    Some((micros, zone))
}

/// The offset from UTC in seconds, and whether a zone was given at all.
fn zone_offset(zone: &[u8]) -> Option<(i64, bool)> {
    match zone {
        [] => Some((0, false)),
        [b'Z'] => Some((0, true)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()) => {
            let two = |tens: &u8, ones: &u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
            let (hours, minutes) = (two(h1, h2), two(m1, m2));
            let offset = hours * 3600 + minutes * 60;
            (hours <= 23 && minutes <= 59).then_some((if *sign == b'-' { -offset } else { offset }, true))
        }
        _ => None,
    }
}

/// A duration in whole microseconds, at most what an instant can hold.
#[must_use]
pub const fn micros(duration: Duration) -> i64 {
    let micros = duration.as_micros();
    if micros > i64::MAX as u128 { i64::MAX } else { micros as i64 }
}

/// Reads a duration of the policy document: `<integer><us|ms|s|m|h|d>`, as `300s`; none for any other text, or where a `u64` of
/// microseconds cannot hold it.
///
/// ```
/// # use std::time::Duration;
/// use gatewright::time::parse_duration;
///
/// assert_eq!(parse_duration("15m"), Some(Duration::from_secs(900)));
/// assert_eq!(parse_duration("1.5s"), None);
/// ```
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.bytes().take_while(u8::is_ascii_digit).count())?;
    let micros: u64 = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(micros).map(Duration::from_micros)
}

/// Where time comes from. Nothing else in this crate reads a clock.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// A clock that never goes back, from some start of its own.
    fn monotonic(&self) -> Duration;
    /// The time for limits in this process's memory: of the host's clock the wall time of its start and what has passed since, so
    /// that no step of the wall clock gives or takes units.
    fn steady(&self) -> Timestamp {
        self.now()
    }
    /// [`Clock::steady`], or about a microsecond before it at most, where that costs less. Neither ever tells of an earlier time than
    /// the other has told of.
    fn recent(&self) -> Timestamp {
        self.steady()
    }
}

/// The host's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
    /// The wall time of the origin that all clocks of the process count from, as this one's start tells it.
    origin_at: Timestamp,
    has_counter: bool,
}

/// What all clocks of the process count their steady time from, and the latest that was told of.
#[allow(clippy::disallowed_methods, reason = "the one place where the host's clock is read")]
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
static RECENT: Recent = Recent::new();

#[allow(clippy::disallowed_methods, reason = "the one place where the host's clock is read")]
impl SystemClock {
    /// The host's clock; its monotonic side starts at zero.
    #[must_use]
    pub fn new() -> Self {
        let origin = *ORIGIN;
        let (start, started_at) = (Instant::now(), wall_clock());
        Self { start, origin_at: started_at.minus(start.saturating_duration_since(origin)), has_counter: counter::is_usable() }
    }

    const fn after_origin(&self, micros: u64) -> Timestamp {
        Timestamp(self.origin_at.0.saturating_add_unsigned(micros))
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place where the host's clock is read")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        wall_clock()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn steady(&self) -> Timestamp {
        let passed = since_origin();
        self.after_origin(if self.has_counter { RECENT.exact(passed) } else { passed })
    }

    fn recent(&self) -> Timestamp {
        if self.has_counter { self.after_origin(RECENT.about(counter::read(), since_origin)) } else { self.steady() }
    }
}

/// In µs.
fn since_origin() -> u64 {
    u64::try_from(ORIGIN.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[allow(clippy::disallowed_methods, reason = "the one place where the host's clock is read")]
fn wall_clock() -> Timestamp {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Timestamp(micros(after)),
        Err(before) => Timestamp(-micros(before.duration())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_are_read_to_the_microsecond_and_nothing_else_is() {
        let at = |text: &str| IsoTime::parse(text.as_bytes());
        let base = 1_795_248_000_000_000;
        assert_eq!(at("2026-11-21T08:00:00Z"), Some(IsoTime { at: Timestamp(base), zoned: true }));
        assert_eq!(at("2026-11-21T08:00:00"), Some(IsoTime { at: Timestamp(base), zoned: false }));
        assert_eq!(at("2026-11-21T09:30:00+01:30").map(|iso| iso.at), Some(Timestamp(base)));
        assert_eq!(at("2026-11-21T08:00:00.123456999Z").map(|iso| iso.at), Some(Timestamp(base + 123_456)));
        assert_eq!(at("2026-11-21T08:00:00.1Z").map(|iso| iso.at), Some(Timestamp(base + 100_000)));
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21 08:00:00Z",
            "2026-11-21T08:00:00z",
            "2026-11-21T08:00:60Z",
            "2026-11-21T24:00:00Z",
            "2026-02-29T08:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-11-21T08:00:00.Z",
            "2026-11-21T08:00:00.1234567890Z",
            "2026-11-21T08:00:00+0100",
            "2026-11-21T08:00:00+24:00",
            "2026-11-21T08:00:00+01:60",
            "2026-11-21T08:00:00Z ",
            "+026-11-21T08:00:00Z",
            "2026-11-21T08:00Z",
            "2026-11-21T08:00:00,5Z",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn neither_way_to_tell_the_time_is_before_what_the_other_told() {
        let clock = SystemClock::new();
        let told = std::sync::Mutex::new(clock.steady());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (clock, told) = (&clock, &told);
                scope.spawn(move || {
                    for step in 0..20_000 {
                        let mut told = told.lock().unwrap();
                        let now = if (step + thread) % 3 == 0 { clock.steady() } else { clock.recent() };
                        assert!(now >= *told, "{now} after {told}");
                        *told = now;
                    }
                });
            }
        });
        let host = clock.origin_at.plus(ORIGIN.elapsed());
        assert!(*told.lock().unwrap() <= host, "ahead of the host's clock");
    }

    #[test]
    fn display_is_rfc_3339_and_reads_back() {
        for micros in [0, 1, -1, 1_795_248_000_000_000, 1_795_248_000_123_450, -62_135_596_800_000_000] {
            let at = Timestamp(micros);
            assert_eq!(Timestamp::parse_rfc3339(&at.to_string()), Some(at), "{at}");
        }
        assert_eq!(Timestamp(1_795_248_000_123_450).to_string(), "2026-11-21T08:00:00.12345Z");
    }
}
