//! A store around another one: it counts calls, fails at the one it is told to, loses its reply, or lets somebody in between.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Error;
use crate::store::{Key, Kind, Listed, Loaded, MeterItem, MeterOp, Metered, Store, StoreFuture, Swap, SwapReply};

/// What happens to the next call of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It never arrives.
    Request,
    /// It is carried out, and nobody hears of it.
    Reply,
}

pub(super) struct Probe<S> {
    inner: S,
    calls: AtomicUsize,
    fault: Mutex<Option<(usize, Fault)>>,
    /// Called before every swap, once.
    before_swap: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl<S: Store> Probe<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, calls: AtomicUsize::new(0), fault: Mutex::new(None), before_swap: Mutex::new(None) }
    }

    /// How many calls came since the last question.
    pub(super) fn take_calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    /// The call after so many others fails.
    pub(super) fn fail_after(&self, calls: usize, fault: Fault) {
        self.take_calls();
        *self.fault.lock().unwrap() = Some((calls, fault));
    }

    /// No call fails any more; says whether one would still have.
    pub(super) fn heal(&self) -> bool {
        self.fault.lock().unwrap().take().is_some()
    }

    pub(super) fn before_next_swap(&self, act: impl FnOnce() + Send + 'static) {
        *self.before_swap.lock().unwrap() = Some(Box::new(act));
    }

    fn fault_now(&self) -> Option<Fault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let mut fault = self.fault.lock().unwrap();
        let (_, now) = fault.filter(|(at, _)| *at == call)?;
        *fault = None;
        Some(now)
    }
}

const DOWN: Error = Error::unavailable("the store of this test");

impl<S: Store> Store for Probe<S> {
    fn load<'a>(&'a self, keys: &'a [Key]) -> StoreFuture<'a, Loaded> {
        let fault = self.fault_now();
        Box::pin(async move { if fault.is_some() { Err(DOWN) } else { self.inner.load(keys).await } })
    }

    fn swap(&self, swap: Swap) -> StoreFuture<'_, SwapReply> {
        let act = self.before_swap.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        let fault = self.fault_now();
        Box::pin(async move {
            if fault == Some(Fault::Request) {
                return Err(DOWN);
            }
            let reply = self.inner.swap(swap).await;
            if fault == Some(Fault::Reply) { Err(DOWN) } else { reply }
        })
    }

    fn list<'a>(&'a self, kind: Kind, group: Option<&'a [u8]>, cursor: Option<&'a [u8]>, limit: usize) -> StoreFuture<'a, Listed> {
        let fault = self.fault_now();
        Box::pin(async move { if fault.is_some() { Err(DOWN) } else { self.inner.list(kind, group, cursor, limit).await } })
    }

    fn sweep(&self, kind: Option<Kind>, limit: usize) -> StoreFuture<'_, u64> {
        self.inner.sweep(kind, limit)
    }

    fn meter<'a>(&'a self, op: MeterOp, bundle: &'a [MeterItem]) -> StoreFuture<'a, Metered> {
        self.inner.meter(op, bundle)
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.inner.close()
    }
}
