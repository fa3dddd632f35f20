//! The host's monotonic clock for a fraction of its price: what was last read, until the processor's counter says that a moment has passed.
//!
//! The counter tells only whether a reading is still good, never a time. So nothing needs to be calibrated, what is told has always been
//! read from the host's clock, and a counter that jumps (a suspended machine, a moved one, another process after a fork) costs a reading.

use std::sync::atomic::{AtomicU64, Ordering};

/// For how many steps of the counter a reading is good: 0.5–1 µs at the 2–4 GHz that such counters run at.
const GOOD_FOR: u64 = 2_048;

/// The latest reading of all threads. A cache line of its own: it is written about once a microsecond.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Recent {
    /// The latest time that was told of, in µs.
    micros: AtomicU64,
    /// The counter before it was read.
    counter: AtomicU64,
}

impl Recent {
    pub(super) const fn new() -> Self {
        Self { micros: AtomicU64::new(0), counter: AtomicU64::new(0) }
    }

    /// Tells of a reading: it, or a later one that was told of meanwhile.
    ///
    /// `micros` only grows, and whatever anybody tells of is in it before. So who knows of a time that was told (which orders that
    /// write before the load here) is told of no earlier one: relaxed operations on one word are enough.
    pub(super) fn exact(&self, micros: u64) -> u64 {
        self.micros.fetch_max(micros, Ordering::Relaxed).max(micros)
    }

    /// The latest reading if it is good yet, else a new one. `counter` was read just now.
    ///
    /// Acquire and release: who sees a counter sees the time that was read after it, or a later one. Two threads that write at once may
    /// leave the earlier counter beside the later time, which is good for less long then.
    pub(super) fn about(&self, counter: u64, read: impl FnOnce() -> u64) -> u64 {
        if counter.wrapping_sub(self.counter.load(Ordering::Acquire)) < GOOD_FOR {
            return self.micros.load(Ordering::Relaxed);
        }
        let micros = self.exact(read());
        self.counter.store(counter, Ordering::Release);
        micros
    }
}

/// The processor's counter, where the kernel itself keeps time by it: then it is invariant and the same for all processors.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) mod counter {
    use std::sync::LazyLock;

    static IS_CLOCK: LazyLock<bool> = LazyLock::new(|| {
        let source = std::fs::read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
        source.is_ok_and(|source| source.trim_ascii() == b"tsc")
    });

    pub(in crate::time) fn is_usable() -> bool {
        *IS_CLOCK
    }

    #[inline]
    pub(in crate::time) fn read() -> u64 {
        tick_counter::x86_64_tick_counter()
    }
}

/// Elsewhere there is none, and the host's clock is always read.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub(super) mod counter {
    pub(in crate::time) const fn is_usable() -> bool {
        false
    }

    pub(in crate::time) const fn read() -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// A host's clock that shows `micros`, and how often it was read.
    struct Host {
        recent: Recent,
        read: AtomicU32,
    }

    impl Host {
        fn about(&self, counter: u64, micros: u64) -> (u64, u32) {
            let told = self.recent.about(counter, || {
                self.read.fetch_add(1, Ordering::Relaxed);
                micros
            });
            (told, self.read.load(Ordering::Relaxed))
        }
    }

    fn host() -> Host {
        Host { recent: Recent::new(), read: 0.into() }
    }

    #[test]
    fn a_reading_is_good_for_a_moment() {
        let host = host();
        assert_eq!(host.about(1_000_000, 5), (5, 1));
        assert_eq!(host.about(1_000_000, 6), (5, 1));
        assert_eq!(host.about(1_000_000 + GOOD_FOR - 1, 7), (5, 1));
        assert_eq!(host.about(1_000_000 + GOOD_FOR, 8), (8, 2), "it is good for no longer, however often it was told");
        assert_eq!(host.about(1_000_001 + GOOD_FOR, 9), (8, 2));
    }

    #[test]
    fn a_counter_that_jumps_costs_a_reading_and_nothing_else() {
        let host = host();
        assert_eq!(host.about(u64::MAX - 1, 5), (5, 1));
        assert_eq!(host.about(1, 6), (5, 1), "it has passed its end");
        assert_eq!(host.about(u64::MAX - 2, 7), (7, 2), "back, as on another processor");
        assert_eq!(host.about(1 << 60, 8), (8, 3), "far ahead, as after a sleep");
        assert_eq!(host.about(0, 9), (9, 4), "anew, as after a start");
    }

    #[test]
    fn an_exact_reading_is_told_to_those_that_ask_about_the_time() {
        let host = host();
        assert_eq!(host.about(10_000, 5), (5, 1));
        assert_eq!(host.recent.exact(9), 9);
        assert_eq!(host.about(10_001, 0), (9, 1));
        assert_eq!(host.recent.exact(8), 9, "a host's clock that goes back stands still here");
        assert_eq!(host.about(10_000 + 2 * GOOD_FOR, 7), (9, 2));
    }

    #[test]
    fn no_thread_is_told_of_an_earlier_time_than_another() {
        let (recent, host, counter, told) = (Recent::new(), AtomicU64::new(1), AtomicU64::new(GOOD_FOR), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (recent, host, counter, told) = (&recent, &host, &counter, &told);
                scope.spawn(move || {
                    for step in 0..50_000_u64 {
                        let known = told.load(Ordering::Acquire);
                        let read = || host.fetch_add(1, Ordering::Relaxed);
                        let now = if (step + thread) % 5 == 0 {
                            recent.exact(read())
                        } else {
                            recent.about(counter.fetch_add(GOOD_FOR / 3, Ordering::Relaxed), read)
                        };
                        assert!(now >= known, "{now} after {known}");
                        assert!(now < host.load(Ordering::Relaxed), "nobody has read {now} yet");
                        told.fetch_max(now, Ordering::AcqRel);
                    }
                });
            }
        });
    }
}
