//! The state machine: pure.

use std::time::Duration;

use super::policy::LockoutPolicy;
use super::record::{Entry, NEVER};
use crate::time::Timestamp;

/// How long an account is remembered beyond its window and lock.
const AFTERLIFE: Duration = Duration::from_secs(24 * 3_600);

/// What an attempt comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// No password may be checked. The entry, if the clock's step back changed it.
    Locked { retry_after: Duration, next: Option<Entry> },
    /// One may, and this has been charged for it.
    Charged(Entry),
}

/// Charges an attempt, unless the account is locked.
pub(super) fn begin(entry: Option<Entry>, policy: &LockoutPolicy, now: Timestamp) -> Begun {
    let new = Entry { fails: 0, window_start: now, locked_until: NEVER, level: 0, generation: u64::try_from(now.as_micros()).unwrap_or(0) };
    let (mut next, clamped) = entry.map_or((new, false), |entry| clamp(entry, policy, now));
    if now < next.locked_until {
        return Begun::Locked { retry_after: next.locked_until.since(now), next: clamped.then_some(next) };
    }
    if is_over(&next, policy, now) {
        next = Entry { fails: 0, locked_until: NEVER, generation: next.generation.saturating_add(1), ..next };
    }
    if next.fails == 0 {
        next.window_start = now;
    }
    next.fails = next.fails.saturating_add(1);
    // More than the threshold where the policy lowered it.
    if next.fails >= policy.threshold {
        next.locked_until = Timestamp::from_micros(now.as_micros().saturating_add(policy.lock_micros(next.level)));
        next.level = next.level.saturating_add(1);
    }
    Begun::Charged(next)
}

/// The password was right: nothing is charged any more, and the lock of a last attempt is gone.
pub(super) fn succeed(entry: Entry, generation: u64, policy: &LockoutPolicy, now: Timestamp) -> Option<Entry> {
    let (entry, _) = clamp(entry, policy, now);
    let next = Entry { fails: 0, locked_until: NEVER, generation: entry.generation.saturating_add(1), ..entry };
    (entry.generation == generation).then_some(next)
}

/// No password was checked: the attempt's charge is taken back, and with it the lock that it brought.
pub(super) fn abandon(entry: Entry, generation: u64, policy: &LockoutPolicy, now: Timestamp) -> Option<Entry> {
    let (entry, _) = clamp(entry, policy, now);
    if entry.generation != generation || entry.fails == 0 {
        return None;
    }
    let mut next = Entry { fails: entry.fails - 1, ..entry };
    if next.locked_until > NEVER && next.fails < policy.threshold {
        next = Entry { locked_until: NEVER, level: next.level.saturating_sub(1), ..next };
    }
    Some(next)
}

/// Everything is forgiven. The entry stays, or a late `abandon` would give guesses back.
pub(super) fn unlock(entry: Entry, policy: &LockoutPolicy, now: Timestamp) -> Entry {
    let (entry, _) = clamp(entry, policy, now);
    let generation = entry.generation.saturating_add(1).max(u64::try_from(now.as_micros()).unwrap_or(0));
    Entry { fails: 0, locked_until: NEVER, level: 0, generation, ..entry }
}

/// What an attempt would find now.
pub(super) fn look(entry: Entry, policy: &LockoutPolicy, now: Timestamp) -> Entry {
    let (entry, _) = clamp(entry, policy, now);
    // A lock can outlast the window that it ended.
    if now >= entry.locked_until && is_over(&entry, policy, now) { Entry { fails: 0, locked_until: NEVER, ..entry } } else { entry }
}

/// When an entry may be forgotten. It slides, so it is rounded up to the hour.
pub(super) fn expires_at(entry: &Entry, policy: &LockoutPolicy) -> Timestamp {
    const HOUR: i64 = 3_600_000_000;
    let end = entry.window_start.plus(policy.window).max(entry.locked_until).plus(AFTERLIFE).as_micros();
    Timestamp::from_micros(end.saturating_add(HOUR - 1).div_euclid(HOUR).saturating_mul(HOUR))
}

/// Whether what was charged counts no more: its window is over, or the lock that it brought.
fn is_over(entry: &Entry, policy: &LockoutPolicy, now: Timestamp) -> bool {
    now >= entry.window_start.plus(policy.window) || (entry.locked_until > NEVER && now >= entry.locked_until)
}

/// An entry from the future means that the clock went back: it is as if that had been now.
fn clamp(entry: Entry, policy: &LockoutPolicy, now: Timestamp) -> (Entry, bool) {
    let latest = Timestamp::from_micros(now.as_micros().saturating_add(policy.lock_micros(entry.level)));
    let clamped = Entry { window_start: entry.window_start.min(now), locked_until: entry.locked_until.min(latest), ..entry };
    (clamped, clamped != entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;
    const START: i64 = 1_795_248_000_000_000;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(START + micros)
    }

    fn policy() -> LockoutPolicy {
        LockoutPolicy { threshold: 3, ..LockoutPolicy::new("login") }
    }

    fn charged(entry: Option<Entry>, policy: &LockoutPolicy, now: Timestamp) -> Entry {
        let Begun::Charged(entry) = begin(entry, policy, now) else { panic!("locked") };
        entry
    }

    fn locked(entry: Entry, policy: &LockoutPolicy, now: Timestamp) -> (Duration, Option<Entry>) {
        let Begun::Locked { retry_after, next } = begin(Some(entry), policy, now) else { panic!("not locked") };
        (retry_after, next)
    }

    fn after(attempts: u32, policy: &LockoutPolicy) -> Entry {
        (1..attempts).fold(charged(None, policy, at(0)), |entry, _| charged(Some(entry), policy, at(0)))
    }

    #[test]
    fn the_attempt_that_reaches_the_threshold_locks_and_no_further_one_extends_it() {
        let policy = policy();
        let entry = after(3, &policy);
        assert_eq!((entry.fails, entry.level, entry.locked_until), (3, 1, at(HOUR)));
        assert_eq!(entry.generation, u64::try_from(START).unwrap());
        assert_eq!(locked(entry, &policy, at(1)), (Duration::from_micros(3_599_999_999), None));
        assert_eq!(locked(entry, &policy, at(HOUR - 1)), (Duration::from_micros(1), None));
        let next = charged(Some(entry), &policy, at(HOUR));
        assert_eq!((next.fails, next.window_start, next.generation), (1, at(HOUR), entry.generation + 1));
    }

    #[test]
    fn a_window_that_is_over_counts_no_more() {
        let policy = policy();
        let entry = after(2, &policy);
        assert_eq!(charged(Some(entry), &policy, at(24 * HOUR - 1)).fails, 3);
        let next = charged(Some(entry), &policy, at(24 * HOUR));
        assert_eq!((next.fails, next.generation, next.locked_until), (1, entry.generation + 1, NEVER));
    }

    #[test]
    fn a_success_opens_even_a_last_attempt_and_one_of_an_older_generation_changes_nothing() {
        let policy = policy();
        let entry = after(3, &policy);
        let open = succeed(entry, entry.generation, &policy, at(1)).unwrap();
        assert_eq!((open.fails, open.locked_until, open.level, open.generation), (0, NEVER, 1, entry.generation + 1));
        for late in [succeed(open, entry.generation, &policy, at(2)), abandon(open, entry.generation, &policy, at(2))] {
            assert_eq!(late, None);
        }
        assert_eq!(charged(Some(open), &policy, at(3)).window_start, at(3), "a new window begins");
    }

    #[test]
    fn an_abandoned_attempt_gives_its_charge_and_its_lock_back() {
        let policy = policy();
        let entry = after(3, &policy);
        let back = abandon(entry, entry.generation, &policy, at(1)).unwrap();
        assert_eq!((back.fails, back.locked_until, back.level), (2, NEVER, 0));
        assert_eq!(charged(Some(back), &policy, at(2)).fails, 3);
        let none = [1, 2].iter().fold(back, |entry, _| abandon(entry, entry.generation, &policy, at(2)).unwrap());
        assert_eq!((none.fails, abandon(none, none.generation, &policy, at(3))), (0, None));
    }

    #[test]
    fn an_unlock_forgives_all_and_stays_ahead_of_what_is_under_way() {
        let policy = policy();
        let entry = after(3, &policy);
        let open = unlock(entry, &policy, at(5));
        assert_eq!((open.fails, open.locked_until, open.level), (0, NEVER, 0));
        assert_eq!(open.generation, u64::try_from(START + 5).unwrap());
        assert_eq!(unlock(open, &policy, at(-HOUR)).generation, open.generation + 1);
        assert_eq!(abandon(open, entry.generation, &policy, at(6)), None);
    }

    #[test]
    fn locks_double_up_to_a_day() {
        let policy = LockoutPolicy { threshold: 1, doubles: true, window: Duration::from_secs(60), ..policy() };
        let (mut entry, mut now, mut hours) = (None, 0, Vec::new());
        for _ in 0..8 {
            let locked = charged(entry, &policy, at(now));
            hours.push((locked.locked_until.as_micros() - at(now).as_micros()) / HOUR);
            now = locked.locked_until.as_micros() - START;
            entry = Some(locked);
        }
        assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24, 24]);
        let far = Entry { level: u32::MAX, ..after(1, &policy) };
        assert!(expires_at(&far, &policy) > at(0), "no overflow");
    }

    #[test]
    fn a_clock_that_steps_back_locks_for_no_longer_than_a_lock() {
        let policy = policy();
        let entry = after(3, &policy);
        let (retry_after, next) = locked(entry, &policy, at(-24 * HOUR));
        assert_eq!(retry_after, Duration::from_secs(3_600));
        let next = next.unwrap();
        assert_eq!((next.locked_until, next.window_start), (at(-23 * HOUR), at(-24 * HOUR)));
        assert_eq!(locked(next, &policy, at(-24 * HOUR)), (retry_after, None), "written once");
        assert_eq!(charged(Some(next), &policy, at(-23 * HOUR)).fails, 1);
    }

    #[test]
    fn an_entry_outlives_its_window_and_lock_by_a_day() {
        let policy = policy();
        assert_eq!(expires_at(&after(1, &policy), &policy), at(48 * HOUR));
        let late = charged(Some(after(2, &policy)), &policy, at(24 * HOUR - 1));
        assert_eq!(expires_at(&late, &policy), at(49 * HOUR));
    }

    #[test]
    fn a_lowered_threshold_locks_at_the_next_attempt() {
        let entry = after(2, &policy());
        let lower = LockoutPolicy { threshold: 1, ..policy() };
        assert_eq!(charged(Some(entry), &lower, at(1)).locked_until, at(HOUR + 1));
    }
}
