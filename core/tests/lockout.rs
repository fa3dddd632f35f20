//! Lockouts: guesses in parallel, and a random walk beside a model that is written from the state machine alone.

#![cfg(all(feature = "sqlite", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;
use gatewright::{Gate, gate::Attempt};

const NOW: i64 = 1_795_248_726_000_000;
const HOUR: i64 = 3_600_000_000;
const ROOT: &str = "[[root_keys]]\nid = 1\nsecret = \"hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\"\nstate = \"active\"\n";

async fn gate(store: &str, lockout: &str, clock: Option<Arc<ManualClock>>) -> Arc<Gate> {
    let text =
        format!("version = 1\n[store]\ndefault = \"{store}\"\n{ROOT}[lockout]\npolicies = [{{ id = \"login\", subject = \"email\"{lockout} }}]\n");
    let builder = Gate::builder();
    let builder = if let Some(clock) = clock { builder.clock(clock) } else { builder };
    Arc::new(builder.from_policy(&text).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_64_guesses_at_once_ten_are_verified() {
    let folder = tempfile::tempdir().unwrap();
    for store in ["memory:".to_owned(), format!("sqlite:{}", folder.path().join("store.db").display())] {
        let gate = gate(&store, "", None).await;
        let begin = |_| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.lockout().begin("login", "ada@example.com").await })
        };
        let mut attempts: Vec<Attempt> = Vec::new();
        for one in (0..64).map(begin).collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(attempt) => attempts.push(attempt),
                Err(error) => assert_eq!(error.code(), "locked"),
            }
        }
        let mut numbers: Vec<u32> = attempts.iter().map(Attempt::n).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        assert!(attempts.iter().all(|attempt| attempt.last() == (attempt.n() == 10)));
        let (last, others): (Vec<_>, Vec<_>) = attempts.iter().partition(|attempt| attempt.last());
        for attempt in others {
            attempt.settle(false).await.unwrap();
        }
        last[0].settle(true).await.unwrap();
        let status = gate.lockout().status("login", "ada@example.com").await.unwrap();
        assert_eq!((status.fails, status.locked_until), (0, None), "the right password of the tenth attempt unlocks");
    }
}

#[tokio::test]
async fn no_identifier_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let gate = gate(&format!("sqlite:{}", path.display()), "", None).await;
    gate.lockout().begin("login", "Ada@Example.com").await.unwrap().settle(false).await.unwrap();
    gate.lockout().known_device("the-blue-phone").begin("login", "ada@example.com").await.unwrap().settle(false).await.unwrap();
    gate.close().await;
    let mut read = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase();
        read += bytes.len();
        for word in ["ada@", "example.com", "blue-phone"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }
    assert!(read > 0);
}

#[derive(Clone, Copy, Default)]
struct Record {
    fails: i64,
    window_start: i64,
    locked_until: i64,
    level: u32,
    generation: i64,
    expires: i64,
}

struct Model {
    threshold: i64,
    window: i64,
    duration: i64,
    multiplier: i64,
    record: Option<Record>,
}

impl Model {
    fn lock(&self, level: u32) -> i64 {
        let longest = (24 * HOUR).max(self.duration);
        (0..level.min(30)).fold(self.duration, |lock, _| (lock * self.multiplier).min(longest))
    }

    /// What is stored, as if the future had been now.
    fn seen(&self, now: i64) -> Option<Record> {
        let mut record = self.record.filter(|record| record.expires > now)?;
        record.locked_until = record.locked_until.min(now + self.lock(record.level));
        record.window_start = record.window_start.min(now);
        Some(record)
    }

    fn is_over(&self, record: &Record, now: i64) -> bool {
        now >= record.window_start + self.window || (record.locked_until > 0 && now >= record.locked_until)
    }

    fn write(&mut self, mut record: Record) {
        let end = (record.window_start + self.window).max(record.locked_until) + 24 * HOUR;
        record.expires = (end + HOUR - 1) / HOUR * HOUR;
        self.record = Some(record);
    }

    /// What is left of the lock, or the number and generation of the attempt.
    fn begin(&mut self, now: i64) -> Result<(i64, i64), i64> {
        let mut record = self.seen(now).unwrap_or_else(|| Record { window_start: now, generation: now, ..Record::default() });
        if now < record.locked_until {
            self.write(record);
            return Err(record.locked_until - now);
        }
        if self.is_over(&record, now) {
            (record.fails, record.locked_until, record.generation) = (0, 0, record.generation + 1);
        }
        if record.fails == 0 {
            record.window_start = now;
        }
        record.fails += 1;
        if record.fails == self.threshold {
            record.locked_until = now + self.lock(record.level);
            record.level += 1;
        }
        self.write(record);
        Ok((record.fails, record.generation))
    }

    fn succeed(&mut self, generation: i64, now: i64) {
        if let Some(mut record) = self.seen(now).filter(|record| record.generation == generation) {
            (record.fails, record.locked_until, record.generation) = (0, 0, record.generation + 1);
            self.write(record);
        }
    }

    fn abandon(&mut self, generation: i64, now: i64) {
        if let Some(mut record) = self.seen(now).filter(|record| record.generation == generation && record.fails > 0) {
            record.fails -= 1;
            if record.locked_until > 0 && record.fails < self.threshold {
                (record.locked_until, record.level) = (0, record.level - 1);
            }
            self.write(record);
        }
    }

    fn unlock(&mut self, now: i64) {
        if let Some(mut record) = self.seen(now) {
            (record.fails, record.locked_until, record.level) = (0, 0, 0);
            record.generation = (record.generation + 1).max(now);
            self.write(record);
        }
    }
}

#[tokio::test]
async fn a_random_walk_goes_as_the_state_machine_says() {
    let mut seed = 11_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    for (threshold, window, duration, multiplier) in [(3, 24, 1, 2), (1, 2, 5, 1), (5, 1, 30, 2)] {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
        let lockout = format!(", threshold = {threshold}, window = \"{window}h\", duration = \"{duration}h\", multiplier = {multiplier}");
        let gate = gate("memory:", &lockout, Some(Arc::clone(&clock))).await;
        let mut model = Model { threshold, window: window * HOUR, duration: duration * HOUR, multiplier, record: None };
        let (mut now, mut attempts, mut refused) = (NOW, Vec::<(Attempt, i64, bool)>::new(), 0);
        for _ in 0..40_000 {
            let account = "ada@example.com";
            match random(16) {
                0..=6 => match (gate.lockout().begin("login", account).await, model.begin(now)) {
                    (Ok(attempt), Ok((n, generation))) => {
                        assert_eq!((i64::from(attempt.n()), attempt.last()), (n, n == threshold));
                        attempts.push((attempt, generation, false));
                    }
                    (Err(error), Err(left)) => {
                        assert_eq!((error.code(), error.retry_after().unwrap().as_micros()), ("locked", u128::try_from(left).unwrap()));
                        refused += 1;
                    }
                    (found, expected) => panic!("{found:?}, not {expected:?}"),
                },
                event @ 7..=11 if !attempts.is_empty() => {
                    let at = usize::try_from(random(attempts.len() as u64)).unwrap();
                    let (attempt, generation, settled) = &mut attempts[at];
                    match event {
                        7 => {
                            attempt.settle(true).await.unwrap();
                            model.succeed(*generation, now);
                        }
                        8 => attempt.settle(false).await.unwrap(),
                        _ => {
                            attempt.abandon().await.unwrap();
                            if !*settled {
                                model.abandon(*generation, now);
                            }
                        }
                    }
                    *settled = true;
                    // Some are asked again, long after they were settled.
                    if random(3) > 0 || attempts.len() > 20 {
                        attempts.swap_remove(at);
                    }
                }
                12 if random(6) == 0 => {
                    gate.lockout().unlock("login", account).await.unwrap();
                    model.unlock(now);
                }
                13 => {
                    let most = if random(2) == 0 { HOUR } else { 30 * HOUR };
                    now -= random(most.unsigned_abs());
                }
                14 => now += random((100 * HOUR).unsigned_abs()),
                _ => now += random(HOUR.unsigned_abs()),
            }
            clock.set(Timestamp::from_micros(now));
            let status = gate.lockout().status("login", account).await.unwrap();
            let seen = model.seen(now).unwrap_or_default();
            let is_open = now >= seen.locked_until && model.is_over(&seen, now);
            assert_eq!(i64::from(status.fails), if is_open { 0 } else { seen.fails });
            assert_eq!(status.locked_until.map(Timestamp::as_micros), Some(seen.locked_until).filter(|until| *until > now));
            assert_eq!(status.level, seen.level);
        }
        assert!(refused > 500, "{refused}");
    }
}
