//! Compare-and-set on versions.

use super::*;
use crate::store::{MAX_GROUP, MAX_ID, MAX_VALUE};

/// What was put is loaded, whole.
pub fn a_record_is_what_was_put(s: &Subject) {
    let key = key(Kind::Session, b"a family id of 16");
    assert_eq!(s.load(&key), None);
    let version = s.create(&key, put_until(HOUR, Some(b"group"), b"\x01value"));
    let expected = Record { key: key.clone(), version, group: Some(b"group".to_vec()), expires_at: after(HOUR), value: b"\x01value".to_vec() };
    assert_eq!(s.load(&key), Some(expected));
    let next = written(&s.swap(&key, Expect::Version(version), put_until(2 * HOUR, None, b"")));
    let expected = Record { key: key.clone(), version: next, group: None, expires_at: after(2 * HOUR), value: Vec::new() };
    assert_eq!(s.load(&key), Some(expected));
    assert_eq!(written(&s.swap(&key, Expect::Version(next), Next::Remove)), next);
    assert_eq!(s.load(&key), None);
}

/// Whoever names another version gets the current record and changes nothing.
pub fn a_swap_needs_the_version_it_names(s: &Subject) {
    let key = key(Kind::Epoch, b"subject");
    assert_eq!(conflict(s.swap(&key, Expect::Version(1), put(b"x"))), None);
    let version = s.create(&key, put(b"a"));
    let current = s.load(&key);
    for (expect, next) in [
        (Expect::Absent, put(b"b")),
        (Expect::Absent, Next::Remove),
        (Expect::Version(version - 1), put(b"b")),
        (Expect::Version(version + 1), put(b"b")),
        (Expect::Version(u64::MAX), put(b"b")),
        (Expect::Version(0), Next::Remove),
    ] {
        assert_eq!(conflict(s.swap(&key, expect, next)), current);
    }
    assert_eq!(s.load(&key), current);
}

/// The same id under two kinds is two records.
pub fn every_kind_is_a_name_space_of_its_own(s: &Subject) {
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        s.create(&key(kind, b"the same id"), put(&[u8::try_from(at).unwrap()]));
    }
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        assert_eq!(s.load(&key(kind, b"the same id")).unwrap().value, [u8::try_from(at).unwrap()]);
    }
}

/// Version = max(old + 1, clock), through a removal too.
pub fn versions_follow_the_clock_and_never_come_back(s: &Subject) {
    let key = key(Kind::Nonce, b"nonce");
    let now = START.as_micros().unsigned_abs();
    assert_eq!(s.create(&key, put(b"a")), now);
    assert_eq!(written(&s.swap(&key, Expect::Version(now), put(b"b"))), now + 1);
    s.set(10);
    assert_eq!(written(&s.swap(&key, Expect::Version(now + 1), put(b"c"))), now + 10);
    assert_eq!(written(&s.swap(&key, Expect::Version(now + 10), Next::Remove)), now + 10);
    assert_eq!(s.create(&key, put(b"d")), now + 11);
    assert_eq!(conflict(s.swap(&key, Expect::Version(now + 10), put(b"e"))).unwrap().value, b"d");
}

/// A removal of nothing is no conflict.
pub fn removing_what_is_not_there_is_done(s: &Subject) {
    let key = key(Kind::Lease, b"lease");
    assert_eq!(s.swap(&key, Expect::Absent, Next::Remove), Swapped::Written(0));
    assert_eq!(s.load(&key), None);
}

/// 5 s between decision and swap are allowed, in either direction; 1 µs more is a conflict that shows the current record.
pub fn a_decision_is_too_old_after_five_seconds(s: &Subject) {
    let limit = 5_000_000;
    for (at, decided_after) in [limit, -limit, limit + 1, -limit - 1, i64::MAX / 4, i64::MIN / 4].into_iter().enumerate() {
        let key = key(Kind::Lockout, &[u8::try_from(at).unwrap()]);
        let swap = |expect, value: &[u8]| s.try_swap(&key, expect, put(value), after(decided_after)).unwrap();
        let reply = swap(Expect::Absent, b"a");
        assert_eq!(reply.now, s.now());
        if decided_after.abs() <= limit {
            written(&reply.outcome);
            continue;
        }
        assert_eq!(conflict(reply.outcome), None, "{decided_after}");
        let version = s.create(&key, put(b"b"));
        assert_eq!(conflict(swap(Expect::Version(version), b"c").outcome).unwrap().value, b"b");
        assert_eq!(s.load(&key).unwrap().value, b"b");
    }
}

/// 64 bytes of id, 32 of group, 1 MiB of value.
pub fn the_largest_record_fits_and_a_larger_one_is_refused(s: &Subject) {
    let key = key(Kind::Idempotency, &[0xff; MAX_ID]);
    let value: Vec<u8> = (0..MAX_VALUE).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let group = [0xfe; MAX_GROUP];
    let version = s.create(&key, put_until(HOUR, Some(&group), &value));
    assert_eq!(s.load(&key).unwrap().value, value);
    assert_eq!(s.list(Kind::Idempotency, Some(&group), 1).len(), 1);
    let larger = vec![1; MAX_VALUE + 1];
    let error = s.try_swap(&key, Expect::Version(version), put(&larger), s.now()).unwrap_err();
    assert_eq!(error.code(), "invalid_argument");
    for group in [&b""[..], &[1; MAX_GROUP + 1]] {
        let error = s.try_swap(&key, Expect::Version(version), put_until(HOUR, Some(group), b"x"), s.now()).unwrap_err();
        assert_eq!(error.code(), "internal");
    }
    assert_eq!(s.load(&key).unwrap().version, version);
}

/// No byte ends an id, and none is folded into another.
pub fn ids_are_bytes_and_differ_in_every_one_of_them(s: &Subject) {
    let ids: Vec<&[u8]> = vec![b"a", b"A", b"a\0", b"\0", b"\0\0", b"a ", b" a", b"\xff", b"\xff\xff", b"%", b"_", b"'"];
    for id in &ids {
        s.create(&key(Kind::OneTime, id), put_until(HOUR, Some(id), id));
    }
    for id in &ids {
        assert_eq!(s.load(&key(Kind::OneTime, id)).unwrap().value, *id);
        let of_group = s.list(Kind::OneTime, Some(id), 500);
        assert_eq!(of_group.iter().map(|record| record.value.as_slice()).collect::<Vec<_>>(), [*id]);
    }
}

/// One load of eight keys, with gaps and repetitions.
pub fn loads_of_many_keys_keep_their_order(s: &Subject) {
    let keys: Vec<Key> = [3_u8, 1, 4, 1, 5, 9, 2, 6].iter().map(|id| key(Kind::Secret, &[*id])).collect();
    for id in [1_u8, 5, 6] {
        s.create(&key(Kind::Secret, &[id]), put(&[id]));
    }
    let loaded = block_on(s.store.load(&keys)).unwrap();
    let values: Vec<_> = loaded.records.iter().map(|record| record.as_ref().map(|record| record.value[0])).collect();
    assert_eq!(values, [None, Some(1), None, Some(1), Some(5), None, None, Some(6)]);
    let nine = [&keys[..], &keys[..1]].concat();
    assert_eq!(block_on(s.store.load(&nine)).unwrap_err().code(), "internal");
    assert_eq!(block_on(s.store.load(&[])).unwrap_err().code(), "internal");
}
