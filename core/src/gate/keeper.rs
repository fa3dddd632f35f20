//! The thread that keeps a gate fresh: it reads the local view anew and removes expired records, off every request's path.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::Result;
use crate::gate::Inner;

/// The thread of one gate, in whichever process the gate is.
#[derive(Default)]
pub(super) struct Keeper {
    running: Mutex<Option<Running>>,
}

struct Running {
    pid: u32,
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits so long; says whether to stop.
    fn wait(&self, duration: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(asked, duration, |asked| !*asked);
        let (asked, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *asked
    }
}

impl Keeper {
    /// Starts the thread, unless it runs in this process already. A fork leaves it behind in the parent.
    pub(super) fn start(&self, gate: &Arc<Inner>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().is_some_and(|running| running.pid == std::process::id()) {
            return;
        }
        let stop = Arc::new(Stop::default());
        let (gate, theirs) = (Arc::downgrade(gate), Arc::clone(&stop));
        let spawned = std::thread::Builder::new().name("gatewright-keeper".to_owned()).spawn(move || keep(&gate, &theirs));
        // Without a thread the view grows old, and verification says so.
        let started = spawned.ok().map(|thread| Running { pid: std::process::id(), stop, thread });
        if let Some(left_behind) = std::mem::replace(&mut *running, started) {
            // Its thread is in the parent: there is nothing to join or free here.
            std::mem::forget(left_behind);
        }
    }

    /// Stops the thread and waits for it.
    pub(super) fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running.filter(|running| running.pid == std::process::id()) {
            running.stop.ask();
            if running.thread.thread().id() != std::thread::current().id() {
                let _ = running.thread.join();
            }
        }
    }

    /// Asks the thread to stop.
    pub(super) fn let_go(&self) {
        if let Some(running) = &*self.running.lock().unwrap_or_else(PoisonError::into_inner) {
            running.stop.ask();
        }
    }
}

fn keep(gate: &Weak<Inner>, stop: &Stop) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    let mut next_sweep = None;
    loop {
        let Some(inner) = gate.upgrade() else { return };
        let now = inner.host.clock.monotonic();
        let pause = inner.view_refresh();
        // A store that does not answer leaves the view to grow old: the next round tries again.
        let _ = runtime.block_on(inner.refresh_view());
        if *next_sweep.get_or_insert(now + inner.sweep_every) <= now {
            let _: Result<u64> = runtime.block_on(inner.sweep());
            next_sweep = Some(now + inner.sweep_every);
        }
        drop(inner);
        if stop.wait(pause) {
            return;
        }
    }
}
