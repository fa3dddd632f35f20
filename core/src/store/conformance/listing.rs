//! Lists by group and by kind.

use std::collections::BTreeSet;

use super::*;

fn id(at: usize) -> [u8; 16] {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&at.to_be_bytes());
    // Groups whose records do not share a slot must work too.
    id[0] = u8::try_from(at % 7).unwrap();
    id
}

fn ids(records: &[Record]) -> BTreeSet<Vec<u8>> {
    let ids: BTreeSet<_> = records.iter().map(|record| record.key.id().to_vec()).collect();
    assert_eq!(ids.len(), records.len(), "a record was listed twice");
    ids
}

fn expected(range: impl Iterator<Item = usize>) -> BTreeSet<Vec<u8>> {
    range.map(|at| id(at).to_vec()).collect()
}

/// Whatever the page size: each record once, none of another group or kind.
pub fn a_list_gives_the_live_records_of_its_group(s: &Subject) {
    for at in 0..60 {
        let group: &[u8] = if at % 3 == 0 { b"three" } else { b"other" };
        let until = if at % 2 == 0 { HOUR } else { 1000 };
        s.create(&key(Kind::Session, &id(at)), put_until(until, Some(group), b"v"));
        s.create(&key(Kind::ApiKey, &id(at)), put_until(until, Some(b"three"), b"v"));
    }
    s.set(1000);
    for limit in [1, 2, 3, 9, 10, 11, 500] {
        assert_eq!(ids(&s.list(Kind::Session, Some(b"three"), limit)), expected((0..60).step_by(6)), "{limit}");
    }
    assert_eq!(s.list(Kind::Session, Some(b"thre"), 10), []);
    assert_eq!(s.list(Kind::Lease, Some(b"three"), 10), []);
}

/// More than a page of them, with and without groups.
pub fn a_list_without_a_group_gives_a_whole_kind(s: &Subject) {
    for at in 0..700 {
        let group: Option<&[u8]> = if at % 2 == 0 { Some(b"g") } else { None };
        s.create(&key(Kind::Provider, &id(at)), put_until(HOUR, group, b"v"));
    }
    s.create(&key(Kind::Secret, b"another kind"), put(b"v"));
    for limit in [33, 499, 500] {
        assert_eq!(ids(&s.list(Kind::Provider, None, limit)), expected(0..700), "{limit}");
    }
    let page = block_on(s.store.list(Kind::Provider, None, None, 10_000)).unwrap();
    assert!(page.records.len() <= 500 && page.cursor.is_some(), "a page holds 500 at most");
}

/// What is there from the first page to the last is listed exactly once, whatever is written in between.
pub fn a_cursor_holds_while_records_come_and_go(s: &Subject) {
    for group in [Some(&b"group"[..]), None] {
        let kind = if group.is_some() { Kind::Session } else { Kind::Nonce };
        for at in 0..100 {
            s.create(&key(kind, &id(at)), put_until(HOUR, group, b"v"));
        }
        let (mut listed, mut cursor, mut pages) = (Vec::new(), None::<Vec<u8>>, 0);
        loop {
            let page = block_on(s.store.list(kind, group, cursor.as_deref(), 10)).unwrap();
            // The last one of the page goes, so that the cursor has nothing to hold on to; another is written anew.
            for (at, record) in page.records.iter().enumerate() {
                let next = if at % 2 == 1 { Next::Remove } else { put_until(HOUR, group, b"new") };
                written(&s.swap(&record.key, Expect::Version(record.version), next));
            }
            s.create(&key(kind, &id(1000 + pages)), put_until(HOUR, group, b"late"));
            listed.extend(page.records.into_iter().filter(|record| record.value != b"late"));
            (cursor, pages) = (page.cursor, pages + 1);
            if cursor.is_none() {
                break;
            }
            assert!(pages < 200, "the list does not end");
        }
        assert_eq!(ids(&listed), expected(0..100));
    }
}

/// A swap may change the group.
pub fn a_record_moves_with_its_group(s: &Subject) {
    let versions: Vec<u64> = (0..5).map(|at| s.create(&key(Kind::Session, &id(at)), put_until(HOUR, Some(b"a"), b"v"))).collect();
    for (at, group) in [(0, Some(&b"b"[..])), (2, None), (4, Some(b"b"))] {
        written(&s.swap(&key(Kind::Session, &id(at)), Expect::Version(versions[at]), put_until(HOUR, group, b"w")));
    }
    assert_eq!(ids(&s.list(Kind::Session, Some(b"a"), 500)), expected([1, 3].into_iter()));
    assert_eq!(ids(&s.list(Kind::Session, Some(b"b"), 1)), expected([0, 4].into_iter()));
    assert_eq!(ids(&s.list(Kind::Session, None, 500)), expected(0..5));
}

/// Cursors come from outside; a made-up one is an error or an ordinary page, never a panic.
pub fn a_foreign_cursor_is_refused(s: &Subject) {
    s.create(&key(Kind::Session, b"session"), put_until(HOUR, Some(b"g"), b"v"));
    for group in [Some(&b"g"[..]), None] {
        for cursor in [&b""[..], &[0xff; 200]] {
            assert_eq!(block_on(s.store.list(Kind::Session, group, Some(cursor), 10)).unwrap_err().code(), "invalid_argument");
        }
        for cursor in [&b"\0"[..], &[0; 13], &[0xff; 13], &[0x3f; 13], &[1; 64]] {
            match block_on(s.store.list(Kind::Session, group, Some(cursor), 10)) {
                Ok(page) => assert!(page.records.len() <= 1),
                Err(error) => assert_eq!(error.code(), "invalid_argument"),
            }
        }
    }
}
