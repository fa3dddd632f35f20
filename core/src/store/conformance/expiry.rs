//! Expiry, the sweep, and clocks that step.

use super::*;

/// Live 1 µs before `expires_at`, absent at it, everywhere.
pub fn a_record_is_absent_from_its_expiry_on(s: &Subject) {
    let key = key(Kind::Deny, b"deny");
    let version = s.create(&key, put_until(1000, Some(b"list"), b"a"));
    s.set(999);
    assert_eq!(s.load(&key).unwrap().version, version);
    assert_eq!(s.list(Kind::Deny, Some(b"list"), 10).len(), 1);
    s.set(1000);
    assert_eq!(s.load(&key), None);
    assert_eq!(s.list(Kind::Deny, Some(b"list"), 10), []);
    assert_eq!(s.list(Kind::Deny, None, 10), []);
    assert_eq!(conflict(s.swap(&key, Expect::Version(version), put(b"b"))), None);
    let born_expired = super::key(Kind::Deny, b"born expired");
    s.create(&born_expired, put_until(1000, None, b"a"));
    assert_eq!(s.load(&born_expired), None);
}

/// What has expired is no obstacle to a new record, and its version is no version of the new one.
pub fn an_expired_record_is_replaced_as_if_it_were_absent(s: &Subject) {
    let key = key(Kind::Nonce, b"claim");
    let old = s.create(&key, put_until(1000, Some(b"old"), b"a"));
    s.set(1000);
    let new = s.create(&key, put_until(HOUR, Some(b"new"), b"b"));
    assert!(new > old);
    assert_eq!(s.load(&key).unwrap().value, b"b");
    assert_eq!(s.list(Kind::Nonce, Some(b"old"), 10), []);
    assert_eq!(s.list(Kind::Nonce, Some(b"new"), 10).len(), 1);
    let removed_late = super::key(Kind::Nonce, b"removed late");
    s.create(&removed_late, put_until(2000, None, b"a"));
    s.set(2000);
    written(&s.swap(&removed_late, Expect::Absent, Next::Remove));
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 0, "a removal leaves nothing to sweep");
}

/// After a removal or a sweep too: a version once shown for a key is never shown again for another state of it.
pub fn a_clock_that_steps_back_shows_no_old_version(s: &Subject) {
    let key = key(Kind::Session, b"session");
    let first = s.create(&key, put(b"a"));
    s.set(-HOUR);
    let second = written(&s.swap(&key, Expect::Version(first), put(b"b")));
    assert_eq!(second, first + 1);
    assert_eq!(written(&s.swap(&key, Expect::Version(second), Next::Remove)), second);
    let third = s.create(&key, put_until(-HOUR + 10, None, b"c"));
    assert!(third > second, "{third} after {second}");
    s.set(-HOUR + 10);
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 1);
    s.set(-2 * HOUR);
    let fourth = s.create(&key, put(b"d"));
    assert!(fourth > third, "{fourth} after {third}");
    s.set(24 * HOUR);
    assert_eq!(s.load(&key), None);
    s.set(0);
    assert_eq!(s.load(&key).unwrap().version, fourth);
}

/// At most `limit` a call, all of them in the end, no live one.
pub fn a_sweep_removes_the_expired_in_bounded_batches_and_nothing_else(s: &Subject) {
    for at in 0..100_u8 {
        s.create(&key(Kind::Nonce, &[at]), put_until(if at < 70 { 1000 } else { 2000 }, Some(b"g"), &[at]));
    }
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 0);
    s.set(1000);
    let mut batches = Vec::new();
    loop {
        let removed = block_on(s.store.sweep(None, 30)).unwrap();
        if removed == 0 {
            break;
        }
        batches.push(removed);
    }
    assert!(batches.iter().all(|removed| *removed <= 30), "{batches:?}");
    assert!(batches.iter().sum::<u64>() <= 70, "{batches:?}");
    assert_eq!(s.list(Kind::Nonce, None, 500).len(), 30);
    assert_eq!(s.list(Kind::Nonce, Some(b"g"), 7).len(), 30);
    assert_eq!(block_on(s.store.sweep(None, 0)).unwrap(), 0);
}

/// A sweep may be for one kind.
pub fn a_sweep_of_one_kind_leaves_the_others(s: &Subject) {
    for kind in [Kind::Nonce, Kind::Session, Kind::Deny] {
        for id in 0..3_u8 {
            s.create(&key(kind, &[id]), put_until(1000, None, b"a"));
        }
    }
    s.set(1000);
    assert_eq!(block_on(s.store.sweep(Some(Kind::Deny), 2)).unwrap(), 2);
    assert_eq!(block_on(s.store.sweep(Some(Kind::Deny), 2)).unwrap(), 1);
    assert_eq!(block_on(s.store.sweep(Some(Kind::Deny), 2)).unwrap(), 0);
    assert_eq!(block_on(s.store.sweep(None, 500)).unwrap(), 6);
}
