//! How a call is run: at once, waiting on the caller's thread, or for an event loop.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gatewright::Error;
use pyo3::prelude::*;

use crate::bridge::{self, Answer};
use crate::errors::exception;
use crate::fork::{ended, step};
use crate::{blocking, runtime};

/// What an I/O call gives back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The answer.
    Blocking,
    /// An asyncio future of the answer.
    Loop,
}

/// Whether the first step of a call may be taken on the event loop's own thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstStep {
    /// It takes microseconds; against a memory store it is the only one.
    Here,
    /// It may take long (a large body is hashed).
    Elsewhere,
}

/// Runs an I/O call.
pub(crate) fn run<'py, T, F>(
    py: Python<'py>,
    mode: Mode,
    call: F,
    translate: impl for<'a> FnOnce(Python<'a>, T) -> PyResult<Bound<'a, PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    run_from(py, mode, FirstStep::Here, call, translate)
}

/// As [`run`], with a choice of where it begins.
pub(crate) fn run_from<'py, T, F>(
    py: Python<'py>,
    mode: Mode,
    first: FirstStep,
    call: F,
    translate: impl for<'a> FnOnce(Python<'a>, T) -> PyResult<Bound<'a, PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let mut call = Unwinding(Box::pin(call));
    if mode == Mode::Blocking {
        return match blocking::wait(py, call)? {
            Ok(done) => translate(py, done),
            Err(error) => Err(exception(py, &error)),
        };
    }
    let (waiting, queue) = bridge::promise(py)?;
    if first == FirstStep::Here
        && let Poll::Ready(done) = py.detach(|| step(|| Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()))))
    {
        bridge::settle(&waiting, answer(done, translate))?;
        return Ok(waiting);
    }
    let future = waiting.clone().unbind();
    runtime::spawn(
        py,
        Step(Box::pin(async move {
            let done = call.await;
            queue.push(future, answer(done, translate));
        })),
    )?;
    Ok(waiting)
}

fn answer<T: Send + 'static>(
    done: Result<T, Error>,
    translate: impl for<'a> FnOnce(Python<'a>, T) -> PyResult<Bound<'a, PyAny>> + Send + 'static,
) -> Answer {
    match done {
        Ok(done) => Box::new(move |py| translate(py, done)),
        Err(error) => Box::new(move |py| Err(exception(py, &error))),
    }
}

/// Runs a call that touches memory only.
pub(crate) fn local<T>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    let done = catch_unwind(AssertUnwindSafe(call)).unwrap_or(Err(PANICKED));
    done.map_err(|error| exception(py, &error))
}

/// As [`local`], with the GIL released: worth its price where much is hashed.
pub(crate) fn local_detached<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    let done = py.detach(|| step(|| catch_unwind(AssertUnwindSafe(call)).unwrap_or(Err(PANICKED))));
    done.map_err(|error| exception(py, &error))
}

/// A panic must not cross into Python, and an event loop must not wait for an answer that will never come.
pub(crate) const PANICKED: Error = Error::Internal("a panic in the core");

struct Unwinding<F>(Pin<Box<F>>);

impl<T, F: Future<Output = Result<T, Error>>> Future for Unwinding<F> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.0.as_mut();
        catch_unwind(AssertUnwindSafe(|| future.poll(context))).unwrap_or(Poll::Ready(Err(PANICKED)))
    }
}

/// A task of the runtime, whose every poll is a step. Once the interpreter is about to end it rests for good.
struct Step(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        step(|| if ended() { Poll::Pending } else { self.0.as_mut().poll(context) })
    }
}
