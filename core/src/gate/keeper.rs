//! The thread that keeps a gate fresh: it reads the local view anew, removes expired records, renews the leases of operations
//! under way, and does what calls leave behind, off every request's path.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::gate::Inner;

/// The thread of one gate, in whichever process the gate is.
#[derive(Default)]
pub(super) struct Keeper {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Off,
    Running(Running),
    /// At rest for a fork, with the work that was left to it.
    Resting(u32, Runtime),
}

struct Running {
    pid: u32,
    stop: Arc<Stop>,
    thread: JoinHandle<Option<Runtime>>,
}

#[derive(Default)]
struct Stop {
    asked: Notify,
    /// Whether somebody waits for what is left of the work.
    is_rest: AtomicBool,
}

impl Keeper {
    /// Starts the thread, unless it runs in this process already. A fork leaves it behind in the parent.
    pub(super) fn start(&self, gate: &Arc<Inner>) {
        let pid = std::process::id();
        let mut state = self.lock();
        if matches!(&*state, State::Running(running) if running.pid == pid) {
            return;
        }
        let runtime = match std::mem::take(&mut *state) {
            State::Resting(of, runtime) if of == pid => Some(runtime),
            left_behind => {
                // Its thread and its work are in the parent: there is nothing to join or free here.
                std::mem::forget(left_behind);
                None
            }
        };
        let new = || tokio::runtime::Builder::new_current_thread().enable_time().build().ok();
        let Some(runtime) = runtime.or_else(new) else { return };
        let (handle, stop) = (runtime.handle().clone(), Arc::new(Stop::default()));
        let (weak, theirs) = (Arc::downgrade(gate), Arc::clone(&stop));
        let keep = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = theirs.asked.notified() => {}
                    () = keep(&weak) => {}
                }
            });
            if theirs.is_rest.load(Ordering::Acquire) {
                return Some(runtime);
            }
            // Not left to whoever drops the handle: that may be a task of another runtime, where one must not wait.
            runtime.shutdown_background();
            None
        };
        // Without a thread the view grows old, and verification says so.
        if let Ok(thread) = std::thread::Builder::new().name("gatewright-keeper".to_owned()).spawn(keep) {
            gate.host.background.begin(handle);
            *state = State::Running(Running { pid, stop, thread });
        }
    }

    /// Stops the thread and waits for it; what was left to it is done after the next start.
    pub(super) fn rest(&self, gate: &Inner) {
        let mut state = self.lock();
        match std::mem::take(&mut *state) {
            State::Running(running) if running.pid == std::process::id() => {
                gate.host.background.end();
                let is_other = running.thread.thread().id() != std::thread::current().id();
                running.stop.is_rest.store(is_other, Ordering::Release);
                running.stop.asked.notify_one();
                if is_other && let Ok(Some(runtime)) = running.thread.join() {
                    *state = State::Resting(running.pid, runtime);
                }
            }
            other => *state = other,
        }
    }

    /// Stops the thread and waits for it, and lets go of what was left to it.
    pub(super) fn stop(&self, gate: &Inner) {
        self.rest(gate);
        if let State::Resting(of, runtime) = std::mem::take(&mut *self.lock()) {
            if of == std::process::id() {
                // Whoever closes the gate may be a task of another runtime, where one must not wait.
                runtime.shutdown_background();
            } else {
                std::mem::forget(runtime);
            }
        }
    }

    /// Asks the thread to stop.
    pub(super) fn let_go(&self) {
        match std::mem::take(&mut *self.lock()) {
            State::Running(running) if running.pid == std::process::id() => running.stop.asked.notify_one(),
            State::Resting(of, runtime) if of == std::process::id() => runtime.shutdown_background(),
            left_behind => std::mem::forget(left_behind),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn keep(gate: &Weak<Inner>) {
    let heartbeat = gate.upgrade().and_then(|inner| inner.idempotency.as_ref().map(|idempotency| idempotency.heartbeat()));
    tokio::select! {
        () = rounds(gate) => {}
        () = async {
            match heartbeat {
                Some(heartbeat) => heartbeat.beat().await,
                None => std::future::pending().await,
            }
        } => {}
    }
}

/// Refreshes and sweeps until the gate is gone.
async fn rounds(gate: &Weak<Inner>) {
    let mut next_sweep = None;
    loop {
        let Some(inner) = gate.upgrade() else { return };
        let now = inner.host.clock.monotonic();
        let pause = inner.view_refresh();
        // A store that does not answer leaves the view to grow old: the next round tries again.
        let _ = inner.refresh_view().await;
        if *next_sweep.get_or_insert(now + inner.sweep_every) <= now {
            let _ = inner.sweep().await;
            next_sweep = Some(now + inner.sweep_every);
        }
        drop(inner);
        tokio::time::sleep(pause).await;
    }
}
