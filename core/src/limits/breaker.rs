//! Whether a store that failed is asked again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// After how many failures in a row it is left alone.
const FAILURES: u32 = 5;
/// How often it is asked then.
pub(super) const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Lets every call through until five in a row have failed, and then one a second until one succeeds.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    probed_at: Duration,
}

impl Breaker {
    /// Whether this call may ask the store. `now` is the host's clock that never goes back.
    pub(super) fn lets_through(&self, now: Duration) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failures < FAILURES {
            return true;
        }
        let is_due = now.saturating_sub(state.probed_at) >= PROBE_EVERY;
        if is_due {
            state.probed_at = now;
        }
        is_due
    }

    /// Takes note of an answer. Says whether it has closed the breaker.
    pub(super) fn succeeded(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.failures) >= FAILURES
    }

    /// Takes note of a failure. Says whether it has opened the breaker.
    pub(super) fn failed(&self, now: Duration) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.probed_at = now;
        }
        state.failures == FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_closes_it() {
        let (breaker, at) = (Breaker::default(), Duration::from_millis);
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)));
        }
        assert!(!breaker.succeeded());
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)) && breaker.lets_through(at(0)));
        }
        assert!(breaker.failed(at(10)));
        assert!(!breaker.lets_through(at(10)) && !breaker.lets_through(at(1_009)));
        assert!(breaker.lets_through(at(1_010)), "one probe");
        assert!(!breaker.lets_through(at(1_011)), "and no second one beside it");
        assert!(!breaker.failed(at(1_500)), "it is open already");
        assert!(!breaker.lets_through(at(2_499)) && breaker.lets_through(at(2_500)));
        assert!(breaker.succeeded());
        assert!(breaker.lets_through(at(2_500)) && breaker.lets_through(at(2_500)));
    }
}
