//! The monotonic clock for half the price: the processor's counter between readings of the host's clock.
//!
//! Once a millisecond the host's clock is read, which gives a point. From a point on the counter says how much has passed, counted a
//! little too slowly. So what is told is never ahead of the host's clock and behind it by about a microsecond, and it never goes back:
//! the lines through all points have one slope, and each point lies on or above the line before it. A counter that is found ahead of the
//! host's clock all the same (badly calibrated, or a machine that was moved) is not asked again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use quanta::Clock as Counter;

use super::Timestamp;

/// For how long a point is good, in ns.
const GOOD_FOR: u64 = 1_000_000;
/// The counter is slowed by one part in 2 to the power of this: far more than its calibration errs, and 1 µs in the life of a point.
const SLOWED_BY: u32 = 10;
/// A reading of the host's clock that took longer, in ns, was interrupted: it is tried again.
const INTERRUPTED: u64 = 1_000;
const TRIES: usize = 4;

/// What all clocks of the process count from.
#[allow(clippy::disallowed_methods, reason = "the one place where the host's clock is read")]
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
static TICKS: LazyLock<Ticks> = LazyLock::new(|| Ticks::new(Counter::new(), *ORIGIN));

/// The wall time of a start, and what has passed since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    /// The wall time of the origin, in ns.
    origin_at: i64,
}

impl Steady {
    /// `start` was at `started_at`.
    pub(super) fn new(start: Instant, started_at: Timestamp) -> Self {
        let after = i64::try_from(start.saturating_duration_since(*ORIGIN).as_nanos()).unwrap_or(i64::MAX);
        Self { origin_at: started_at.as_micros().saturating_mul(1_000).saturating_sub(after) }
    }

    pub(super) fn now(self) -> Timestamp {
        Timestamp::from_micros(self.origin_at.saturating_add_unsigned(TICKS.nanos()).div_euclid(1_000))
    }
}

struct Ticks {
    counter: Counter,
    origin: Instant,
    /// Odd while the two below are written.
    version: AtomicU64,
    /// The counter at the point.
    raw: AtomicU64,
    /// The time of the point, in ns since the origin.
    at: AtomicU64,
    writer: Mutex<()>,
    is_trusted: AtomicBool,
}

impl Ticks {
    fn new(counter: Counter, origin: Instant) -> Self {
        let raw = counter.raw();
        let ticks = Self { counter, origin, version: 0.into(), raw: raw.into(), at: 0.into(), writer: Mutex::new(()), is_trusted: true.into() };
        ticks.renew();
        ticks
    }

    /// What has passed since the origin, in ns.
    fn nanos(&self) -> u64 {
        let version = self.version.load(Ordering::Acquire);
        let (point, at) = (self.raw.load(Ordering::Relaxed), self.at.load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        if version.is_multiple_of(2) && self.is_trusted.load(Ordering::Relaxed) && self.version.load(Ordering::Relaxed) == version {
            let raw = self.counter.raw();
            let passed = self.counter.delta_as_nanos(point, raw);
            // A counter that lies before the point is another processor's.
            if raw >= point && passed < GOOD_FOR {
                return at.saturating_add(slowed(passed));
            }
        }
        self.renew()
    }

    /// Takes a new point, and gives its time.
    #[cold]
    fn renew(&self) -> u64 {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (point, at) = (self.raw.load(Ordering::Relaxed), self.at.load(Ordering::Relaxed));
        let (raw, now) = self.read();
        let trusted = self.is_trusted.load(Ordering::Relaxed);
        // Where the line before it is by now. Beyond its life nobody has followed it.
        let passed = if trusted { self.counter.delta_as_nanos(point, raw).min(GOOD_FOR) } else { 0 };
        let line = at.saturating_add(slowed(passed));
        if line > now && trusted {
            self.is_trusted.store(false, Ordering::Relaxed);
        }
        let now = now.max(line);
        self.version.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.raw.store(raw, Ordering::Relaxed);
        self.at.store(now, Ordering::Relaxed);
        self.version.fetch_add(1, Ordering::Release);
        now
    }

    /// The host's clock, and the counter just after it.
    fn read(&self) -> (u64, u64) {
        let mut read = (0, 0);
        for _ in 0..TRIES {
            let before = self.counter.raw();
            let now = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
            read = (self.counter.raw(), now);
            if self.counter.delta_as_nanos(before, read.0) < INTERRUPTED {
                break;
            }
        }
        read
    }
}

const fn slowed(nanos: u64) -> u64 {
    nanos - (nanos >> SLOWED_BY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> u64 {
        u64::try_from(TICKS.origin.elapsed().as_nanos()).unwrap()
    }

    #[test]
    fn it_goes_on_with_the_host_and_is_never_ahead_of_it() {
        let begun = host();
        let mut last = TICKS.nanos();
        while host() < begun + 50_000_000 {
            let told = TICKS.nanos();
            assert!(told >= last, "{told} after {last}");
            assert!(told <= host(), "ahead of the host's clock");
            last = told;
        }
        assert!(last >= begun, "it stood still: {last} at {begun}");
    }

    #[test]
    fn no_thread_sees_an_earlier_time_than_another_has_told_of() {
        let told = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100_000 {
                        let seen = told.load(Ordering::Acquire);
                        let now = TICKS.nanos();
                        assert!(now >= seen, "{now} after {seen}");
                        told.fetch_max(now, Ordering::AcqRel);
                    }
                });
            }
        });
    }

    #[test]
    fn a_counter_that_goes_wrong_stops_no_time_and_makes_none() {
        let (counter, control) = Counter::mock();
        let ticks = Ticks::new(counter, *ORIGIN);
        let first = ticks.nanos();
        control.increment(1_024_u64);
        assert_eq!(ticks.nanos(), first + 1_023, "within the life of a point it is followed");
        control.decrement(1_000_u64);
        let second = ticks.nanos();
        assert!(second > first && second < first + 1_023, "it goes back, but not behind the point");
        // Behind the point: another processor's.
        let (counter, control) = Counter::mock();
        control.increment(GOOD_FOR);
        let ticks = Ticks::new(counter, *ORIGIN);
        let first = ticks.nanos();
        control.decrement(GOOD_FOR);
        let second = ticks.nanos();
        assert!(second >= first && second <= host());
        // Far ahead, as in a machine that was moved.
        control.increment(GOOD_FOR * 1_000_000);
        let third = ticks.nanos();
        assert!(third >= second && third <= host() + GOOD_FOR, "{third} after {second}");
    }

    #[test]
    fn a_counter_that_runs_ahead_is_not_asked_again() {
        let (counter, control) = Counter::mock();
        // The host's clock has only just begun.
        #[allow(clippy::disallowed_methods, reason = "a test of the clock itself")]
        let ticks = Ticks::new(counter, Instant::now() + std::time::Duration::from_secs(3_600));
        control.increment(GOOD_FOR * 2);
        assert_eq!(ticks.nanos(), slowed(GOOD_FOR), "as far as others may have followed it");
        control.increment(1_024_u64);
        assert_eq!(ticks.nanos(), slowed(GOOD_FOR), "and no further, until the host's clock is there");
    }

    #[test]
    fn it_counts_from_the_wall_time_of_the_start() {
        let started_at = Timestamp::from_micros(1_795_248_726_000_000);
        let start = *ORIGIN;
        let now = Steady::new(start, started_at).now();
        let most = started_at.plus(start.elapsed());
        assert!(started_at <= now && now <= most, "{now} is not between {started_at} and {most}");
    }
}
