//! What neither a fork nor the end of the interpreter may cut through: a step of the core.
//!
//! A child of `fork` has a copy of every lock, but only the thread that forked: a lock that another thread held at that
//! moment stays held for ever. So a fork waits until no step is under way. The core holds no lock from one poll of a
//! future to the next, which makes a step short. Then the stores of all gates are brought to rest, for they have threads and
//! connections of their own. The end of the interpreter waits for steps in the same way, for a thread that asks for the GIL
//! after it takes the process down with it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard, Weak};

use gatewright::Gate;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict};

/// Held for reading by every step, for writing from before a fork until after it.
static STEPS: RwLock<()> = RwLock::new(());
/// The gates of this process.
static GATES: Mutex<Vec<Weak<Gate>>> = Mutex::new(Vec::new());
static ENDED: AtomicBool = AtomicBool::new(false);
/// How many forks lie between this process and the one that loaded the library.
static GENERATION: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// How many steps this thread is in: an event callback may call the library again.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static FORKING: RefCell<Option<Fork>> = const { RefCell::new(None) };
}

/// A fork under way on this thread.
struct Fork {
    /// Whose stores are at rest.
    gates: Vec<Arc<Gate>>,
    /// None if the fork happens inside a step.
    _steps: Option<RwLockWriteGuard<'static, ()>>,
}

/// Counts down also when a step unwinds.
struct Depth;

impl Drop for Depth {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

/// Runs a step of the core. The caller must not hold the GIL: a step may wait for it.
pub(crate) fn step<T>(work: impl FnOnce() -> T) -> T {
    let _guard = (DEPTH.get() == 0).then(|| STEPS.read().unwrap_or_else(PoisonError::into_inner));
    DEPTH.set(DEPTH.get() + 1);
    let _depth = Depth;
    work()
}

/// Drops something of the core whose end may be work for a store. The caller may hold the GIL.
pub(crate) fn let_go<T: Send>(py: Python<'_>, something: T) {
    py.detach(|| step(|| drop(something)));
}

/// Has the stores of a gate brought to rest at every fork, as long as the gate lives.
pub(crate) fn watch(gate: &Arc<Gate>) {
    let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
    gates.retain(|gate| gate.strong_count() > 0);
    gates.push(Arc::downgrade(gate));
}

/// Whether the interpreter is about to end: no step may begin any more on a thread of ours.
pub(crate) fn ended() -> bool {
    ENDED.load(Ordering::Acquire)
}

/// Tells this process from its parent: what one of them has begun is not the other's to end.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Registers the hooks, once for the process. `last` runs at the end of the interpreter, once no step is under way.
pub(crate) fn register(py: Python<'_>, last: fn(Python<'_>)) -> PyResult<()> {
    let hooks = PyDict::new(py);
    hooks.set_item("before", PyCFunction::new_closure(py, None, None, |args, _| before_fork(args.py()))?)?;
    hooks.set_item("after_in_parent", PyCFunction::new_closure(py, None, None, |args, _| after_fork(args.py()))?)?;
    let in_child = PyCFunction::new_closure(py, None, None, |args, _| {
        GENERATION.fetch_add(1, Ordering::Relaxed);
        after_fork(args.py());
    })?;
    hooks.set_item("after_in_child", in_child)?;
    let os = py.import(intern!(py, "os"))?;
    if os.hasattr(intern!(py, "register_at_fork"))? {
        os.call_method(intern!(py, "register_at_fork"), (), Some(&hooks))?;
    }
    let at_exit = PyCFunction::new_closure(py, None, None, move |args, _| end(args.py(), last))?;
    py.import(intern!(py, "atexit"))?.call_method1(intern!(py, "register"), (at_exit,))?;
    Ok(())
}

fn before_fork(py: Python<'_>) {
    py.detach(|| {
        // A callback that forks is inside a step itself and would wait for itself.
        let steps = (DEPTH.get() == 0).then(|| STEPS.write().unwrap_or_else(PoisonError::into_inner));
        let gates: Vec<_> = GATES.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect();
        for gate in &gates {
            quietly(|| gate.before_fork());
        }
        FORKING.set(Some(Fork { gates, _steps: steps }));
    });
}

fn after_fork(py: Python<'_>) {
    py.detach(|| {
        let Some(fork) = FORKING.take() else { return };
        for gate in &fork.gates {
            quietly(|| gate.after_fork());
        }
    });
}

/// A hook must not throw: a fork goes on in any case.
fn quietly(hook: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(hook)));
}

fn end(py: Python<'_>, last: fn(Python<'_>)) {
    ENDED.store(true, Ordering::Release);
    if DEPTH.get() == 0 {
        py.detach(|| drop(STEPS.write().unwrap_or_else(PoisonError::into_inner)));
    }
    last(py);
}
