//! What every service of one gate shares: the clock, the entropy, the events, the background, and whether the gate is still open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::background::Background;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::time::Clock;

/// Shared by the services of a gate.
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) events: Events,
    pub(crate) background: Background,
    closed: AtomicBool,
}

impl Host {
    pub(crate) fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, events: Events::default(), background: Background::default(), closed: AtomicBool::new(false) }
    }

    /// `closed` once the gate is.
    pub(crate) fn ensure_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(Error::Closed) } else { Ok(()) }
    }

    /// Closes it; says whether it was open.
    pub(crate) fn close(&self) -> bool {
        !self.closed.swap(true, Ordering::AcqRel)
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
