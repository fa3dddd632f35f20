//! From a future of the core to a future of asyncio.
//!
//! Answers are handed to the event loop in batches: the first of a batch wakes the loop, those that come before it runs
//! ride along. Waking it once for each costs ten times as much.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

/// Makes the answer, on the event loop's thread.
pub(crate) type Answer = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

/// The answers that one event loop has not taken yet.
pub(crate) struct Queue {
    answers: Mutex<Vec<(Py<PyAny>, Answer)>>,
}

thread_local! {
    /// The queue of the loop that ran last on this thread. The loop is held weakly: it may be long gone.
    static LAST: RefCell<Option<(Py<PyWeakrefReference>, Arc<Queue>)>> = const { RefCell::new(None) };
}

/// A fresh asyncio future of the running loop, and the queue that will settle it.
///
/// # Errors
/// `RuntimeError` where no event loop runs.
pub(crate) fn promise(py: Python<'_>) -> PyResult<(Bound<'_, PyAny>, Arc<Queue>)> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let running = RUNNING.get_or_try_init(py, || PyResult::Ok(py.import("asyncio")?.getattr("get_running_loop")?.unbind()))?;
    let event_loop = running.bind(py).call0()?;
    Ok((event_loop.call_method0(intern!(py, "create_future"))?, Queue::of(&event_loop)?))
}

impl Queue {
    fn of(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let py = event_loop.py();
        LAST.with_borrow_mut(|last| {
            if let Some((known, queue)) = last
                && known.bind(py).upgrade().is_some_and(|known| known.is(event_loop))
            {
                return Ok(Arc::clone(queue));
            }
            let queue = Arc::new(Self { answers: Mutex::new(Vec::new()) });
            *last = Some((PyWeakrefReference::new(event_loop)?.unbind(), Arc::clone(&queue)));
            Ok(queue)
        })
    }

    /// Hands over an answer, from any thread.
    pub(crate) fn push(self: &Arc<Self>, future: Py<PyAny>, answer: Answer) {
        let first = {
            let mut answers = self.lock();
            answers.push((future, answer));
            answers.len() == 1
        };
        if first && Python::try_attach(|py| self.wake(py)).is_none_or(|woken| woken.is_err()) {
            // The loop is closed, or the interpreter about to end: nobody waits any more.
            drop(self.take());
        }
    }

    fn wake(self: &Arc<Self>, py: Python<'_>) -> PyResult<()> {
        let future = self.lock().first().map(|(future, _)| future.clone_ref(py));
        let Some(future) = future else { return Ok(()) };
        let event_loop = future.bind(py).call_method0(intern!(py, "get_loop"))?;
        event_loop.call_method1(intern!(py, "call_soon_threadsafe"), (Settle(Arc::clone(self)),))?;
        Ok(())
    }

    fn take(&self) -> Vec<(Py<PyAny>, Answer)> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Py<PyAny>, Answer)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Called by the event loop.
#[pyclass(frozen)]
struct Settle(Arc<Queue>);

#[pymethods]
impl Settle {
    fn __call__(&self, py: Python<'_>) {
        for (future, answer) in self.0.take() {
            let future = future.bind(py);
            if let Err(failed) = settle(future, answer) {
                failed.write_unraisable(py, Some(future));
            }
        }
    }
}

/// Sets the answer of a future; one that was cancelled meanwhile has none.
pub(crate) fn settle(future: &Bound<'_, PyAny>, answer: Answer) -> PyResult<()> {
    let py = future.py();
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        crate::fork::let_go(py, answer);
        return Ok(());
    }
    match answer(py) {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
        Err(failed) => future.call_method1(intern!(py, "set_exception"), (failed.into_value(py),))?,
    };
    Ok(())
}
