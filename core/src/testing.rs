//! For tests and vectors: a clock that is set, entropy from a seed, an environment that is given. Never for production.

mod decision;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::entropy::Entropy;
use crate::error::Result;
use crate::time::{Clock, Timestamp};

pub use decision::read_decision;

/// A clock that stands still until it is set. It may be set back; its monotonic side then stands still.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    monotonic: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this instant.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { now: AtomicI64::new(now.as_micros()), monotonic: AtomicI64::new(0) }
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        let before = self.now.swap(now.as_micros(), Ordering::SeqCst);
        self.monotonic.fetch_add((now.as_micros().saturating_sub(before)).max(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.monotonic.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// A byte stream from a seed: block i = SHA-256(seed ‖ u64be(i)).
#[derive(Debug)]
pub struct SeededEntropy {
    state: Mutex<Stream>,
}

#[derive(Debug)]
struct Stream {
    seed: Vec<u8>,
    next_block: u64,
    rest: Vec<u8>,
}

impl SeededEntropy {
    /// The stream of this seed, at block 0.
    #[must_use]
    pub const fn new(seed: Vec<u8>) -> Self {
        Self { state: Mutex::new(Stream { seed, next_block: 0, rest: Vec::new() }) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        let mut stream = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while stream.rest.len() < out.len() {
            let block = Sha256::new().chain_update(&stream.seed).chain_update(stream.next_block.to_be_bytes()).finalize();
            stream.rest.extend_from_slice(&block);
            stream.next_block += 1;
        }
        let rest = stream.rest.split_off(out.len());
        out.copy_from_slice(&stream.rest);
        stream.rest = rest;
        Ok(())
    }
}

/// What `${NAME}` reads in a test.
pub type Environment = HashMap<String, String>;
