//! The threads that calls on stores run on.

use std::future::Future;
use std::sync::{OnceLock, mpsc};
use std::task::{Context, Poll, Waker};

use gatewright::Error;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::fault::FfiException;

/// Two threads wait for stores well enough, and a phone has no more to give.
const WORKERS: usize = 2;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// The threads, started by the first call that needs them.
pub(crate) fn handle() -> Result<&'static Handle, FfiException> {
    RUNTIME
        .get_or_init(|| Builder::new_multi_thread().worker_threads(WORKERS).thread_name("gatewright").enable_all().build().ok())
        .as_ref()
        .map(Runtime::handle)
        .ok_or_else(|| FfiException::from(Error::unavailable("the runtime's threads")))
}

/// Runs a call to its end, whether or not anybody still waits for it.
///
/// A cancelled coroutine drops its Rust future at once. Were a rotation inside that future, it could stop between the
/// store's write and its answer; here only the wait stops.
pub(crate) async fn detached<T, F>(call: F) -> Result<T, FfiException>
where
    T: Send + 'static,
    F: Future<Output = gatewright::Result<T>> + Send + 'static,
{
    Task(handle()?.spawn(call)).answer().await
}

/// A call that runs to its end.
pub(crate) struct Task<T>(JoinHandle<gatewright::Result<T>>);

impl<T> Task<T> {
    /// What it comes to.
    pub(crate) async fn answer(self) -> Result<T, FfiException> {
        match self.0.await {
            Ok(answer) => answer.map_err(FfiException::from),
            Err(_) => Err(FfiException::from(Error::Internal("a call on a store panicked"))),
        }
    }
}

/// How far a call came on the thread that made it.
pub(crate) enum Started<T> {
    Over(T),
    GoingOn(Task<T>),
}

/// Begins a call on the thread that makes it, where a call that waits for nothing is over at once; any other goes on as a
/// [`detached`] one does. A future that crosses costs five crossings and two changes of thread: more than a decision in memory.
pub(crate) fn started<T, F>(call: F) -> Result<Started<T>, FfiException>
where
    T: Send + 'static,
    F: Future<Output = gatewright::Result<T>> + Send + 'static,
{
    let threads = handle()?;
    let _inside = threads.enter();
    let mut call = Box::pin(call);
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(Started::Over(answer?)),
        // A task is polled once more when it begins, and wakes itself from then on.
        Poll::Pending => Ok(Started::GoingOn(Task(threads.spawn(call)))),
    }
}

/// Runs a call to its end and waits for it; on a thread of the library it does not wait, for it would wait for itself.
pub(crate) fn awaited(call: impl Future<Output = ()> + Send + 'static) -> Result<(), FfiException> {
    let (done, ended) = mpsc::channel::<()>();
    handle()?.spawn(async move {
        call.await;
        drop(done);
    });
    if Handle::try_current().is_err() {
        // Nothing is ever sent: the wait ends when the task drops its end, also if it panicked.
        let _ = ended.recv();
    }
    Ok(())
}
