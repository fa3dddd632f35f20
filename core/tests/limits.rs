//! Limits and lockouts through the gate, in memory and in SQLite alike.

#![cfg(all(feature = "sqlite", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use gatewright::Gate;
use gatewright::testing::ManualClock;
use gatewright::time::Timestamp;

const NOW: i64 = 1_795_248_726_000_000;
const POLICY: &str = r#"
[[root_keys]]
id = 1
secret = "hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
state = "active"
[[limits.policies]]
id = "tenant"
preset = "tenant"
refundable = true
[[limits.policies]]
id = "login"
preset = "login"
[[limits.policies]]
id = "outbound"
preset = "outbound"
[[limits.policies]]
id = "jobs"
tiers = [{ id = "held", limit = 2, algo = "concurrent", lease_ttl = "30s" }]
[[limits.policies]]
id = "window"
tiers = [{ id = "w", limit = 7, period = "1s", algo = "sliding_window" }]
[lockout]
policies = [{ id = "login", subject = "email", threshold = 3, duration = "1h", multiplier = 2 }]
"#;

struct Bench {
    gate: Arc<Gate>,
    clock: Arc<ManualClock>,
    at: i64,
}

impl Bench {
    async fn new(store: &str) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(NOW)));
        let text = format!("version = 1\n[store]\ndefault = \"{store}\"\n{POLICY}");
        let gate = Gate::builder().clock(clock.clone()).from_policy(&text).await.unwrap();
        Self { gate: Arc::new(gate), clock, at: NOW }
    }

    fn pass(&mut self, micros: i64) {
        self.at += micros;
        self.clock.set(Timestamp::from_micros(self.at));
    }
}

/// One of each store.
async fn benches(folder: &tempfile::TempDir) -> [Bench; 2] {
    [Bench::new("memory:").await, Bench::new(&format!("sqlite:{}", folder.path().join("store.db").display())).await]
}

/// `gw:rl:{tag}:<policy>:<subject>`, where K = HKDF-SHA-256(root, "limits" | u8 1) and the subject is the first 16 bytes of
/// HMAC-SHA-256(K, "ada@example.com"), the tag the first 8, computed elsewhere.
#[tokio::test]
async fn a_file_knows_a_subject_by_its_digest_only() {
    let folder = tempfile::tempdir().unwrap();
    let [_, b] = benches(&folder).await;
    for written in ["ada@example.com", " ADA@Example.com"] {
        assert!(b.gate.limits().check("login", written, 1).await.unwrap().allowed);
    }
    let path = folder.path().join("store.db");
    let keys = || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let mut select = connection.prepare("SELECT CAST(id AS TEXT) FROM meter").unwrap();
        select.query_map([], |row| row.get::<_, String>(0)).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(keys(), ["gw:rl:{8458bcf6c5fb54af}:login:8458bcf6c5fb54af03d7f43890117482"]);
    b.gate.close().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|part| part.eq_ignore_ascii_case(b"ada@")));
    }
}

/// The worked example: seed tiers, 1, 40 and 100 units at one instant.
#[tokio::test]
async fn a_tenant_is_let_through_at_exactly_its_retry_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    for mut b in benches(&folder).await {
        let gate = Arc::clone(&b.gate);
        let full = gate.limits().peek("tenant", "acme").await.unwrap();
        assert!(full.allowed && full.permit.is_none());
        assert_eq!((full.tiers[0].remaining, full.tiers[1].remaining, full.tiers[2].remaining), (100, 5_000, 100_000));
        let one = gate.limits().check("tenant", "acme", 1).await.unwrap();
        assert_eq!((one.tiers[0].remaining, one.tiers[0].full_at_us), (99, NOW + 600_000));
        let forty = gate.limits().check("tenant", "acme", 39).await.unwrap();
        assert_eq!((forty.tiers[0].remaining, forty.tiers[0].full_at_us, &*forty.binding.tier), (60, NOW + 24_000_000, "minute"));
        assert!(gate.limits().check("tenant", "acme", 60).await.unwrap().allowed);
        let refused = gate.limits().check("tenant", "acme", 3).await.unwrap();
        assert_eq!((refused.allowed, refused.retry_after_us, refused.tiers[1].used), (false, 1_800_000, 100));
        b.pass(1_799_999);
        assert!(!gate.limits().check("tenant", "acme", 3).await.unwrap().allowed);
        b.pass(1);
        assert!(gate.limits().check("tenant", "acme", 3).await.unwrap().allowed);
        assert_eq!(gate.limits().check("tenant", "acme", 101).await.unwrap_err().code(), "cost_impossible");
        assert_eq!(gate.limits().check("tenant", "", 1).await.unwrap_err().code(), "subject_invalid");
        assert_eq!(gate.limits().check("nobody", "acme", 1).await.unwrap_err().code(), "invalid_argument");
    }
}

#[tokio::test]
async fn a_bundle_takes_from_all_or_from_none() {
    let folder = tempfile::tempdir().unwrap();
    for b in benches(&folder).await {
        let limits = b.gate.limits();
        let refused = limits.check_all(&[("tenant", "acme", 5), ("login", "ada@example.com", 5), ("outbound", "mail", 10)]).await.unwrap();
        assert!(refused.allowed);
        let refused = limits.check_all(&[("tenant", "acme", 5), ("login", "Ada@example.com", 1)]).await.unwrap();
        assert_eq!((refused.allowed, &*refused.binding.policy, refused.retry_after_us), (false, "login", 900_000_000));
        assert_eq!(limits.peek("tenant", "acme").await.unwrap().tiers[0].used, 5, "nothing was taken of the tier that allowed");
        let twice = limits.check_all(&[("login", "ada@example.com", 1), ("login", "ADA@example.com", 1)]).await;
        assert_eq!(twice.unwrap_err().code(), "invalid_argument");
        assert_eq!(limits.check_all(&[]).await.unwrap_err().code(), "invalid_argument");
    }
}

#[tokio::test]
async fn a_permit_gives_back_once_and_a_reset_forgets() {
    let folder = tempfile::tempdir().unwrap();
    for b in benches(&folder).await {
        let limits = b.gate.limits();
        let permit = limits.check("tenant", "acme", 40).await.unwrap().permit.unwrap();
        assert_eq!(limits.refund(&permit, 41).await.unwrap_err().code(), "invalid_argument");
        assert_eq!(limits.refund(&permit, 10).await.unwrap().tiers[0].used, 30);
        assert_eq!(limits.refund(&permit, 10).await.unwrap().tiers[0].used, 30, "the second gives nothing");
        limits.reset("tenant", "acme").await.unwrap();
        assert_eq!(limits.peek("tenant", "acme").await.unwrap().tiers[0].used, 0);

        let first = limits.check("jobs", "x", 1).await.unwrap().permit.unwrap();
        let second = limits.check("jobs", "x", 1).await.unwrap();
        assert!(second.allowed && !limits.check("jobs", "x", 1).await.unwrap().allowed);
        limits.refund(&first, 1).await.unwrap();
        assert!(limits.check("jobs", "x", 1).await.unwrap().allowed, "what is held comes back though the policy is not refundable");
    }
}

#[tokio::test]
async fn a_reservation_waits_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    for b in benches(&folder).await {
        let limits = b.gate.limits();
        let wait = Duration::from_secs(1);
        assert_eq!(limits.reserve("outbound", "mail", 10, wait).await.unwrap().wait_us, Some(0));
        assert_eq!(limits.reserve("outbound", "mail", 5, wait).await.unwrap().wait_us, Some(500_000));
        let refused = limits.reserve("outbound", "mail", 6, wait).await.unwrap();
        assert_eq!((refused.allowed, refused.retry_after_us), (false, 100_000));
        assert_eq!(limits.reserve("login", "ada@example.com", 1, wait).await.unwrap_err().code(), "invalid_argument");
    }
}

/// Random steps against the definitions, in plain arithmetic over everything that was taken.
#[tokio::test]
async fn logs_windows_and_leases_agree_with_their_definitions() {
    let folder = tempfile::tempdir().unwrap();
    for mut b in benches(&folder).await {
        let gate = Arc::clone(&b.gate);
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut log, mut window, mut held): (Vec<i64>, Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new(), Vec::new());
        let mut refused = [0; 3];
        for _ in 0..1_500 {
            let cost = u32::try_from(random(2) + 1).unwrap();
            let units = cost as usize;
            let now = b.at;
            match random(3) {
                0 => {
                    let fits = log.iter().filter(|at| **at > now - 900_000_000).count() + units <= 5;
                    assert_eq!(gate.limits().check("login", "ada", cost).await.unwrap().allowed, fits);
                    refused[0] += usize::from(!fits);
                    log.extend(std::iter::repeat_n(now, if fits { units } else { 0 }));
                }
                1 => {
                    let start = now - now.rem_euclid(1_000_000);
                    let count = |from: i64| window.iter().filter(|at| (from..from + 1_000_000).contains(*at)).count() as i64;
                    let (previous, current) = (count(start - 1_000_000).min(7), count(start));
                    let fits = current + i64::from(cost) <= 7 && previous * (start + 1_000_000 - now) <= (7 - current - i64::from(cost)) * 1_000_000;
                    assert_eq!(gate.limits().check("window", "x", cost).await.unwrap().allowed, fits);
                    refused[1] += usize::from(!fits);
                    window.extend(std::iter::repeat_n(now, if fits { units } else { 0 }));
                }
                _ => {
                    let fits = held.iter().filter(|until| **until > now).count() + units <= 2;
                    assert_eq!(gate.limits().check("jobs", "x", cost).await.unwrap().allowed, fits);
                    refused[2] += usize::from(!fits);
                    held.extend(std::iter::repeat_n(now + 30_000_000, if fits { units } else { 0 }));
                }
            }
            let most = if random(8) == 0 { 300_000_000 } else { 300_000 };
            b.pass(i64::try_from(random(most)).unwrap());
        }
        assert!(refused.iter().all(|times| *times > 5), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_in_parallel_get_exactly_as_many_verifications_as_the_threshold() {
    let folder = tempfile::tempdir().unwrap();
    for mut b in benches(&folder).await {
        let guess = |gate: Arc<Gate>| async move {
            match gate.lockout().begin("login", "ada@example.com").await {
                Ok(attempt) => attempt.settle(false).await.map(|()| "checked").unwrap(),
                Err(error) => error.code(),
            }
        };
        let guesses: Vec<_> = (0..12).map(|_| tokio::spawn(guess(Arc::clone(&b.gate)))).collect();
        let mut checked = 0;
        for one in guesses {
            match one.await.unwrap() {
                "checked" => checked += 1,
                code => assert_eq!(code, "locked"),
            }
        }
        assert_eq!(checked, 3);
        let gate = Arc::clone(&b.gate);
        b.pass(3_600_000_000 - 1);
        assert_eq!(gate.lockout().begin("login", " ADA@example.com").await.unwrap_err().code(), "locked");
        b.pass(1);
        for _ in 0..2 {
            gate.lockout().begin("login", "ada@example.com").await.unwrap().settle(false).await.unwrap();
        }
        let last = gate.lockout().begin("login", "ada@example.com").await.unwrap();
        assert_eq!((last.n(), last.last()), (3, true));
        let until = gate.lockout().status("login", "ada@example.com").await.unwrap().locked_until.unwrap();
        assert_eq!(until.as_micros() - b.at, 7_200_000_000, "the second lock is twice as long");
        last.settle(true).await.unwrap();
        let status = gate.lockout().status("login", "ada@example.com").await.unwrap();
        assert_eq!((status.fails, status.locked_until), (0, None), "a success unlocks what it locked");
        let attempt = gate.lockout().begin("login", "ada@example.com").await.unwrap();
        attempt.abandon().await.unwrap();
        attempt.abandon().await.unwrap();
        assert_eq!(gate.lockout().status("login", "ada@example.com").await.unwrap().fails, 0);
        let stale = gate.lockout().begin("login", "ada@example.com").await.unwrap();
        gate.lockout().unlock("login", "ada@example.com").await.unwrap();
        let fresh = gate.lockout().begin("login", "ada@example.com").await.unwrap();
        stale.abandon().await.unwrap();
        assert_eq!(gate.lockout().status("login", "ada@example.com").await.unwrap().fails, 1, "an old attempt gives nothing back");
        fresh.settle(false).await.unwrap();
    }
}

#[tokio::test]
async fn limits_in_memory_are_asked_without_waiting_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let [memory, sqlite] = benches(&folder).await;
    let limits = memory.gate.limits();
    let allowed = (0..9).filter(|_| limits.allow_local("login", "a@example.org", 1).unwrap()).count();
    assert_eq!(allowed, 5);
    let refused = limits.check_local("login", "a@example.org", 1).unwrap();
    assert_eq!((refused.allowed, refused.retry_after_us), (false, 900_000_000));
    // One state, however it is asked.
    assert!(!limits.check("login", "a@example.org", 1).await.unwrap().allowed);
    assert!(limits.check_local("login", "b@example.org", 1).unwrap().allowed);
    assert_eq!(sqlite.gate.limits().check_local("login", "a@example.org", 1).unwrap_err().code(), "config_invalid");
    assert_eq!(limits.check_local("nobody", "a", 1).unwrap_err().code(), "invalid_argument");
}
