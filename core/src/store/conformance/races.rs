//! Writers that really race.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use super::*;

const THREADS: usize = 16;

/// Adds one to a counter, as often as it takes.
fn increment(s: &Subject, key: &Key) -> u64 {
    loop {
        let loaded = block_on(s.store.load(std::slice::from_ref(key))).unwrap();
        let record = loaded.records.into_iter().next().flatten();
        let count = record.as_ref().map_or(0, |record| u64::from_be_bytes(record.value.as_slice().try_into().unwrap()));
        let expect = record.map_or(Expect::Absent, |record| Expect::Version(record.version));
        if let Swapped::Written(_) = s.swap(key, expect, put(&(count + 1).to_be_bytes())) {
            return count + 1;
        }
    }
}

pub(super) fn on_all_threads<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(THREADS);
    let (work, barrier) = (&work, &barrier);
    thread::scope(|scope| {
        let run = |at| {
            scope.spawn(move || {
                barrier.wait();
                work(at)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Sixteen threads, one counter: every increment counts and every count is given once.
pub fn no_update_of_a_counter_is_lost(s: &Subject) {
    for kind in [Kind::Session, Kind::Nonce] {
        let key = key(kind, b"counter");
        let counts = on_all_threads(|_| (0..25).map(|_| increment(s, &key)).collect::<Vec<_>>());
        let counts: HashSet<u64> = counts.into_iter().flatten().collect();
        assert_eq!(counts.len(), THREADS * 25);
        assert_eq!(s.load(&key).unwrap().value, (THREADS as u64 * 25).to_be_bytes());
    }
}

/// Of sixteen claims of one nonce one wins, and the others are shown it.
pub fn of_many_creators_one_wins(s: &Subject) {
    for round in 0..20_u8 {
        let key = key(Kind::Nonce, &[round]);
        let outcomes = on_all_threads(|at| s.swap(&key, Expect::Absent, put(&[u8::try_from(at).unwrap()])));
        let winner = s.load(&key).unwrap();
        let won: Vec<_> = outcomes.iter().enumerate().filter(|(_, outcome)| matches!(outcome, Swapped::Written(_))).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        assert_eq!((winner.value[0] as usize, won[0].1), (won[0].0, &Swapped::Written(winner.version)));
        for outcome in &outcomes {
            assert!(matches!(outcome, Swapped::Written(_)) || *outcome == Swapped::Conflict(Some(winner.clone())));
        }
    }
}

/// Writers of different records, durable and not, beside readers and a sweeper.
pub fn writers_of_many_records_do_not_disturb_each_other(s: &Subject) {
    let totals = on_all_threads(|at| {
        let kind = if at % 2 == 0 { Kind::Session } else { Kind::Nonce };
        let key = key(kind, &[u8::try_from(at).unwrap(); 16]);
        for round in 0..20_u64 {
            assert_eq!(increment(s, &key), round + 1);
            match at {
                0 => drop(s.list(Kind::Session, None, 3)),
                1 => drop(block_on(s.store.sweep(None, 10)).unwrap()),
                _ => {}
            }
        }
        s.load(&key).unwrap().value
    });
    assert!(totals.iter().all(|total| *total == 20_u64.to_be_bytes()));
}

/// Creators and removers of one key: no version is given twice.
pub fn versions_grow_under_concurrent_removal(s: &Subject) {
    let key = key(Kind::Nonce, b"on and off");
    let versions = on_all_threads(|_| {
        let mut given = Vec::new();
        for _ in 0..25 {
            match s.swap(&key, Expect::Absent, put(b"a")) {
                Swapped::Written(version) => given.push(version),
                Swapped::Conflict(Some(record)) => drop(s.swap(&key, Expect::Version(record.version), Next::Remove)),
                Swapped::Conflict(None) => panic!("absent was expected and is there"),
            }
        }
        given
    });
    let all: Vec<u64> = versions.into_iter().flatten().collect();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "a version was given twice");
}

/// After `close` every call is `closed`, and closing again does nothing.
pub fn a_closed_store_says_so(s: &Subject) {
    let key = key(Kind::Session, b"session");
    s.create(&key, put(b"a"));
    block_on(s.store.close()).unwrap();
    block_on(s.store.close()).unwrap();
    assert_eq!(block_on(s.store.load(std::slice::from_ref(&key))).unwrap_err().code(), "closed");
    assert_eq!(s.try_swap(&key, Expect::Absent, put(b"b"), s.now()).unwrap_err().code(), "closed");
    assert_eq!(block_on(s.store.list(Kind::Session, None, None, 1)).unwrap_err().code(), "closed");
    assert_eq!(block_on(s.store.sweep(None, 1)).unwrap_err().code(), "closed");
    s.store.before_fork();
    s.store.after_fork();
    assert_eq!(block_on(s.store.load(std::slice::from_ref(&key))).unwrap_err().code(), "closed");
}
