//! Sessions among processes on one SQLite file: a race on one token, a process killed amid rotations, and what is left in the memory
//! of one that has closed its gate. A program of its own, because it starts itself as its children.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test, though not one of the usual harness"
)]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "race", folder, token] => race::child(folder.as_ref(), token),
        [_, "rotate", folder] => kill::child(folder.as_ref()),
        [_, "residue", masked] => residue::child(masked),
        _ => {
            for (name, test) in [
                ("of_24_threads_in_4_processes_one_rotates_and_all_get_its_token", race::test as fn()),
                ("a_process_killed_amid_rotations_200_times_loses_and_forks_no_session", kill::test),
                ("the_root_secret_is_not_in_memory_once_the_gate_is_closed", residue::test),
            ] {
                test();
                println!("test {name} ... ok");
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod gates {
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    use gatewright::Gate;

    /// A gate on the SQLite file of a folder. The client keeps retry keys, as the SDKs do.
    pub(crate) async fn open(folder: &Path) -> Gate {
        let policy = format!(
            r#"
            version = 1
            root_keys = [{{ id = 1, secret = "hex:2f9c0e6bb1d5a84377e0c9d2f1a6b83e5d4c7a90e1f2b3c4d5e6f70819203a4b", state = "active" }}]
            [store]
            default = "sqlite:{}"
            [tokens]
            issuer = "https://auth.example"
            audience = ["api"]
            concurrent_window = "1s"
            clients = [{{ id = "app", kind = "native" }}]
            signing_keys = [{{ kid = "k1", alg = "HS256", secret = "hex:91b3c5d7e9f10213243546576879808a9bacbdcedfe0f1a2b3c4d5e6f7081929", state = "active" }}]
            "#,
            folder.join("store.db").display()
        );
        Gate::from_policy(&policy).await.unwrap()
    }

    pub(crate) fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    }

    pub(crate) fn start(arguments: &[&str]) -> Child {
        let this = std::env::current_exe().unwrap();
        Command::new(this).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }
}

#[cfg(target_os = "linux")]
mod race {
    use std::collections::{HashMap, HashSet};
    use std::io::{BufRead, BufReader, Write};
    use std::path::Path;
    use std::sync::Barrier;

    use gatewright::tokens::{Login, Refresh};

    use super::gates::{open, runtime, start};

    const PROCESSES: usize = 4;
    const THREADS: usize = 24;

    pub(crate) fn test() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let runtime = runtime();
        let (gate, token) = runtime.block_on(async {
            let gate = open(folder.path()).await;
            let pair = gate.tokens().issue(Login::new("acme", "u-42", "app")).await.unwrap();
            (gate, pair.refresh_token.unwrap())
        });
        let mut children: Vec<_> = (0..PROCESSES).map(|_| start(&["race", path, &token])).collect();
        let mut outputs: Vec<_> = children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines()).collect();
        for lines in &mut outputs {
            assert_eq!(lines.next().unwrap().unwrap(), "ready");
        }
        for child in &mut children {
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        let mut outcomes: HashMap<String, usize> = HashMap::new();
        let mut successors = HashSet::new();
        for line in outputs.into_iter().flatten() {
            let line = line.unwrap();
            let (outcome, successor) = line.split_once(' ').unwrap();
            *outcomes.entry(outcome.to_owned()).or_default() += 1;
            successors.insert(successor.to_owned());
        }
        assert!(children.into_iter().all(|mut child| child.wait().unwrap().success()));
        assert_eq!(outcomes.remove("rotated"), Some(1), "{outcomes:?}");
        assert_eq!(outcomes.remove("retry_concurrent"), Some(PROCESSES * THREADS - 1), "{outcomes:?}");
        assert!(outcomes.is_empty(), "{outcomes:?}");
        let [successor] = successors.into_iter().collect::<Vec<_>>().try_into().expect("one successor for all");
        let next = runtime.block_on(gate.tokens().refresh(&successor, Refresh::new())).unwrap();
        assert_eq!(next.outcome.as_str(), "rotated");
        runtime.block_on(gate.close());
    }

    /// As a child: all threads refresh the token at once; each prints its outcome and the token it got.
    pub(crate) fn child(folder: &Path, token: &str) {
        let runtime = runtime();
        let gate = runtime.block_on(open(folder));
        println!("ready");
        std::io::stdin().lock().read_line(&mut String::new()).unwrap();
        let barrier = Barrier::new(THREADS);
        let lines: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        match runtime.block_on(gate.tokens().refresh(token, Refresh::new())) {
                            Ok(pair) => format!("{} {}", pair.outcome.as_str(), pair.refresh_token.unwrap()),
                            Err(error) => format!("{} -", error.code()),
                        }
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for line in lines {
            println!("{line}");
        }
        runtime.block_on(gate.close());
    }
}

#[cfg(target_os = "linux")]
mod kill {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use gatewright::store::{Kind, SqliteStore, Store};
    use gatewright::time::SystemClock;
    use gatewright::tokens::session::{Session, Status};
    use gatewright::tokens::{Login, Refresh};

    use super::gates::{open, runtime, start};

    const KILLS: u64 = 200;
    const SESSIONS: usize = 3;

    pub(crate) fn test() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let runtime = runtime();
        runtime.block_on(async {
            let gate = open(folder.path()).await;
            for at in 0..SESSIONS {
                let pair = gate.tokens().issue(Login::new("acme", format!("u-{at}"), "app")).await.unwrap();
                Client::at(folder.path(), at).keep(&pair.refresh_token.unwrap());
            }
            gate.close().await;
        });
        let mut rotations = 0;
        for kill in 0..KILLS {
            let mut child = start(&["rotate", path]);
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            // It is at work once it has rotated; then it dies at some moment of the next rotations.
            let first = lines.next().expect("a child that was not killed ended").unwrap();
            assert_eq!(first, "rotated", "after {kill} kills");
            std::thread::sleep(Duration::from_micros(kill * 97 % 8_000));
            child.kill().unwrap();
            let rest: Vec<_> = lines.map_while(Result::ok).collect();
            child.wait().unwrap();
            assert!(rest.iter().all(|line| line == "rotated" || "rotated".starts_with(line.as_str())), "after {kill} kills: {rest:?}");
            rotations += 1 + rest.len();
        }
        // Every session lives, is one row, and goes on from what its client holds.
        runtime.block_on(async {
            let gate = open(folder.path()).await;
            for at in 0..SESSIONS {
                Client::at(folder.path(), at).refresh(&gate).await.unwrap();
            }
            gate.close().await;
            let store = SqliteStore::open(folder.path().join("store.db"), std::sync::Arc::new(SystemClock::new())).unwrap();
            let records = store.list(Kind::Session, None, None, 500).await.unwrap().records;
            assert_eq!(records.len(), SESSIONS);
            let mut generations = 0;
            for record in records {
                let session = Session::from_bytes(&record.value).unwrap();
                assert_eq!(session.status, Status::Active);
                generations += session.generation as usize;
            }
            assert!(generations >= rotations, "{generations} generations, but {rotations} rotations were acknowledged");
            store.close().await.unwrap();
        });
    }

    /// As a child: refreshes all sessions in turn without end, as clients that keep what they must.
    pub(crate) fn child(folder: &Path) {
        let runtime = runtime();
        runtime.block_on(async {
            let gate = open(folder).await;
            loop {
                for at in 0..SESSIONS {
                    match Client::at(folder, at).refresh(&gate).await {
                        Ok(()) => println!("rotated"),
                        Err(error) => println!("session {at}: {}", error.code()),
                    }
                }
            }
        });
    }

    /// What the client of a session keeps: its token, and the retry key of a request that may be under way.
    struct Client {
        token: PathBuf,
        retry_key: PathBuf,
    }

    impl Client {
        fn at(folder: &Path, at: usize) -> Self {
            Self { token: folder.join(format!("token-{at}")), retry_key: folder.join(format!("retry-key-{at}")) }
        }

        fn keep(&self, token: &str) {
            write_whole(&self.token, token.as_bytes());
        }

        /// Writes a retry key down, unless one is pending, sends it, keeps the answer, and only then forgets the key. Dying
        /// between the last two leaves the key of the generation before: it was used, so it must not be sent again. The token
        /// tells: a key is kept with the token that it was made for.
        async fn refresh(&self, gate: &gatewright::Gate) -> gatewright::Result<()> {
            let token = fs::read_to_string(&self.token).unwrap();
            let pending = fs::read_to_string(&self.retry_key)
                .ok()
                .and_then(|kept| Some(kept.split_once(' ')?.1.to_owned()).filter(|_| kept.starts_with(&token)));
            let key = pending.unwrap_or_else(|| {
                let mut bytes = [0; 8];
                gatewright::entropy::Entropy::fill(&gatewright::entropy::OsEntropy, &mut bytes).unwrap();
                let key = gatewright::encode::hex(&bytes);
                write_whole(&self.retry_key, format!("{token} {key}").as_bytes());
                key
            });
            let pair = gate.tokens().refresh(&token, Refresh::new().retry_key(key.as_bytes())).await?;
            self.keep(&pair.refresh_token.unwrap());
            Ok(())
        }
    }

    /// A file is there whole or not at all.
    fn write_whole(path: &Path, bytes: &[u8]) {
        let beside = path.with_extension("new");
        fs::write(&beside, bytes).unwrap();
        fs::rename(&beside, path).unwrap();
    }
}

#[cfg(target_os = "linux")]
mod residue {
    use std::fs::{File, read_to_string};
    use std::os::unix::fs::FileExt;
    use std::process::{Command, Stdio};

    use gatewright::Gate;
    use gatewright::encode::{base64, from_hex, hex};
    use gatewright::entropy::{Entropy, OsEntropy};
    use gatewright::tokens::{Login, Refresh};

    /// The child gets the secret only in its environment, as text, and masked: it never decodes it itself.
    const MASK: u8 = 0x5a;

    pub(crate) fn test() {
        let mut secret = [0; 32];
        OsEntropy.fill(&mut secret).unwrap();
        let masked = secret.map(|byte| byte ^ MASK);
        let this = std::env::current_exe().unwrap();
        let child = Command::new(this)
            .args(["residue", &hex(&masked)])
            .env("GW_TEST_ROOT", format!("base64:{}", base64(&secret)))
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        assert_eq!(said, "after close: 0\nplanted: found\n");
        assert!(child.status.success());
    }

    /// As a child: the whole life of a gate, then a look at all of this process's memory.
    pub(crate) fn child(masked: &str) {
        let runtime = super::gates::runtime();
        runtime.block_on(async {
            let policy = r#"
                version = 1
                root_keys = [{ id = 1, secret = "${GW_TEST_ROOT}", state = "active" }]
                [store]
                default = "memory:"
                [tokens]
                issuer = "https://auth.example"
                audience = ["api"]
                clients = [{ id = "web", kind = "browser" }]
                signing_keys = [{ kid = "k1", alg = "HS256", secret = "hex:91b3c5d7e9f10213243546576879808a9bacbdcedfe0f1a2b3c4d5e6f7081929", state = "active" }]
            "#;
            let gate = Gate::from_policy(policy).await.unwrap();
            let first = gate.tokens().issue(Login::new("acme", "u-42", "web")).await.unwrap();
            gate.tokens().refresh(&first.refresh_token.unwrap(), Refresh::new()).await.unwrap();
            gate.close().await;
        });
        drop(runtime);
        let masked = from_hex(masked.as_bytes()).unwrap();
        println!("after close: {}", occurrences(&masked));
        let planted: Vec<u8> = masked.iter().map(|byte| byte ^ MASK).collect();
        println!("planted: {}", if occurrences(&masked) > 0 { "found" } else { "missed" });
        std::hint::black_box(&planted);
    }

    /// How often the masked bytes stand unmasked in the writable memory of this process, stacks and heaps included.
    fn occurrences(masked: &[u8]) -> usize {
        let memory = File::open("/proc/self/mem").unwrap();
        let mut found = 0;
        let mut chunk = vec![0; 1 << 20];
        for line in read_to_string("/proc/self/maps").unwrap().lines() {
            let (range, rest) = line.split_once(' ').unwrap();
            if !rest.starts_with("rw") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let (mut at, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
            while at < end {
                let len = chunk.len().min(usize::try_from(end - at).unwrap());
                let Ok(read) = memory.read_at(&mut chunk[..len], at) else { break };
                let is_there = |window: &[u8]| window.iter().zip(masked).all(|(byte, masked)| byte ^ MASK == *masked);
                found += chunk[..read].windows(masked.len()).filter(|window| is_there(window)).count();
                if read < len || at + (read as u64) == end {
                    break;
                }
                // What stands across two chunks is seen in the second.
                at += (read - masked.len()) as u64;
            }
        }
        chunk.fill(0);
        found
    }
}
