//! The threads that calls on stores run on.

use std::future::Future;
use std::sync::{OnceLock, mpsc};

use gatewright::Error;
use tokio::runtime::{Builder, Handle, Runtime};

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
    match handle()?.spawn(call).await {
        Ok(answer) => answer.map_err(FfiException::from),
        Err(_) => Err(FfiException::from(Error::Internal("a call on a store panicked"))),
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
