//! One writer connection and its thread: whoever waits while a commit is under way shares the next one.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::at_work::AtWork;
use super::file::{run_error, wait, wait_briefly};
use super::log::Log;
use super::request::{Reply, Request};
use super::rows::Fault;
use crate::error::{Error, Result};
use crate::time::Clock;

/// How many writers share one transaction at most.
const BATCH: usize = 256;

/// A request on its way to a lane's thread.
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) reply: oneshot::Sender<Result<Reply>>,
    /// Its place in the queue, and its mark of being at work.
    pub(super) place: (OwnedSemaphorePermit, AtWork),
}

enum Message {
    Job(Job),
    Stop(oneshot::Sender<()>),
}

/// A writer connection with its thread.
pub(super) struct Lane {
    connection: Arc<Mutex<Connection>>,
    queue: Sender<Message>,
    /// How many jobs are waiting: while there are any, nobody passes them.
    waiting: Arc<AtomicUsize>,
    log: Arc<Log>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    pub(super) fn start(name: &str, connection: Connection, clock: Arc<dyn Clock>, log: Arc<Log>) -> Result<Self> {
        let connection = Arc::new(Mutex::new(connection));
        let waiting = Arc::new(AtomicUsize::new(0));
        let (queue, messages) = channel();
        let worker = Worker { connection: Arc::clone(&connection), waiting: Arc::clone(&waiting), log: Arc::clone(&log), clock };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || worker.run(&messages))
            .map_err(|_| Error::unavailable("a thread for the SQLite store"))?;
        Ok(Self { connection, queue, waiting, log, thread: Mutex::new(Some(thread)) })
    }

    /// Does it on this thread, if nobody is in the way; else gives it back.
    pub(super) fn try_now(&self, request: Request, clock: &dyn Clock) -> Result<Reply, Result<Request, Error>> {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            return Err(Ok(request));
        }
        let Ok(connection) = self.connection.try_lock() else { return Err(Ok(request)) };
        // This thread may be a runtime's: it does not sleep for a lock of another process, the lane's own thread does.
        connection.busy_handler(None).map_err(|error| Err(run_error(&error)))?;
        let outcome = run_at_once(&connection, &request, clock);
        let restored = connection.busy_handler(Some(wait));
        drop(connection);
        let busy = |fault: &Fault| matches!(fault, Fault::Store(error) if is_busy(error));
        if outcome.as_ref().is_err_and(busy) {
            return Err(Ok(request));
        }
        self.log.note(request.pages());
        restored.map_err(|error| Err(run_error(&error)))?;
        outcome.map_err(|fault| Err(fault.into_error()))
    }

    /// Queues it.
    pub(super) fn send(&self, job: Job) -> Result<()> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.send(Message::Job(job)).map_err(|_| Error::Closed)
    }

    /// Lets the thread end once its queue is empty, and says when it has.
    pub(super) fn stop(&self) -> oneshot::Receiver<()> {
        let (done, ended) = oneshot::channel();
        let _ = self.queue.send(Message::Stop(done));
        ended
    }

    /// Waits for the end of the thread after `stop`.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It ends without a panic, or it has said so already.
            let _ = thread.join();
        }
    }
}

struct Worker {
    connection: Arc<Mutex<Connection>>,
    waiting: Arc<AtomicUsize>,
    log: Arc<Log>,
    clock: Arc<dyn Clock>,
}

impl Worker {
    fn run(&self, messages: &Receiver<Message>) {
        let mut batch = Vec::new();
        // Without senders the store is gone: what was queued before is still done.
        while let Ok(first) = messages.recv() {
            let mut next = Some(first);
            let mut stop = None;
            while let Some(message) = next.take() {
                match message {
                    Message::Job(job) => batch.push(job),
                    Message::Stop(done) => stop = Some(done),
                }
                if stop.is_none() && batch.len() < BATCH {
                    next = messages.try_recv().ok();
                }
            }
            let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
            self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
            if !batch.is_empty() {
                let pages = batch.iter().map(|job| job.request.pages()).sum();
                self.run_batch(&connection, &mut batch);
                self.log.note(pages);
            }
            drop(connection);
            if let Some(done) = stop {
                let _ = done.send(());
                return;
            }
        }
    }

    /// One transaction for all; nobody is answered before it is committed.
    fn run_batch(&self, connection: &Connection, batch: &mut Vec<Job>) {
        if let Err(error) = begin_for(connection, batch) {
            let error = run_error(&error);
            batch.drain(..).for_each(|job| job.answer(Err(error.clone())));
        }
        if batch.is_empty() {
            return;
        }
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch.iter() {
            let answer = job.request.run(connection, self.clock.now());
            let failed = matches!(answer, Err(Fault::Store(_)));
            answers.push(answer);
            if failed {
                break;
            }
        }
        let fault = answers.last().and_then(|answer| answer.as_ref().err());
        let outcome = finish(connection, fault);
        let failure = match (&outcome, fault) {
            (Err(error), _) => Some(run_error(error)),
            (Ok(()), Some(Fault::Store(error))) => Some(run_error(error)),
            (Ok(()), _) => None,
        };
        let mut answers = answers.into_iter();
        for job in batch.drain(..) {
            let answer = answers.next().map(|answer| answer.map_err(Fault::into_error));
            match (&failure, answer) {
                (Some(error), _) => job.answer(Err(error.clone())),
                (None, Some(answer)) => job.answer(answer),
                (None, None) => job.answer(Err(Error::Internal("a batch ended early"))),
            }
        }
    }
}

/// Begins a transaction. Limits wait for the lock of another process a tenth of the time that others do: where they get none they are
/// answered, having written nothing and with nothing left that could be written later, and the rest of the batch waits on.
fn begin_for(connection: &Connection, batch: &mut Vec<Job>) -> rusqlite::Result<()> {
    let is_meter = |job: &mut Job| matches!(job.request, Request::Meter { .. });
    if !batch.iter_mut().any(is_meter) {
        return begin(connection);
    }
    let begun = while_waiting_briefly(connection, || begin(connection))?;
    match begun {
        Err(error) if is_busy(&error) => {
            let error = run_error(&error);
            batch.extract_if(.., is_meter).for_each(|job| job.answer(Err(error.clone())));
            if batch.is_empty() { Ok(()) } else { begin(connection) }
        }
        begun => begun,
    }
}

fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]).map(drop))
}

/// Does something that waits for a lock as long as a limit does.
fn while_waiting_briefly<T>(connection: &Connection, run: impl FnOnce() -> T) -> rusqlite::Result<T> {
    connection.busy_handler(Some(wait_briefly))?;
    let outcome = run();
    connection.busy_handler(Some(wait))?;
    Ok(outcome)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

impl Job {
    fn answer(self, answer: Result<Reply>) {
        // SQLite's part ends before the caller can go on, and perhaps fork.
        drop(self.place);
        // Whoever no longer waits has dropped the call; what was committed stays.
        let _ = self.reply.send(answer);
    }
}

/// Does one request in a transaction of its own. The usual swap is one statement, which is one already.
fn run_at_once(connection: &Connection, request: &Request, clock: &dyn Clock) -> Result<Reply, Fault> {
    if let Some(reply) = request.run_as_one_statement(connection, clock.now())? {
        return Ok(reply);
    }
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let answer = request.run(connection, clock.now());
    finish(connection, answer.as_ref().err())?;
    answer
}

/// Commits, or takes everything back where the store is in trouble.
fn finish(connection: &Connection, fault: Option<&Fault>) -> rusqlite::Result<()> {
    let committed = match fault {
        Some(Fault::Store(_)) => Ok(()),
        _ => connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]).map(drop)),
    };
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    committed
}

/// A connection that any thread may read from.
pub(super) struct Readers(Vec<Mutex<Connection>>);

impl Readers {
    pub(super) const fn new(connections: Vec<Mutex<Connection>>) -> Self {
        Self(connections)
    }

    /// Runs a read on the first connection that is free.
    pub(super) fn run(&self, request: &Request, clock: &dyn Clock) -> Result<Reply> {
        let free = self.0.iter().find_map(|connection| connection.try_lock().ok());
        let connection = match free {
            Some(connection) => connection,
            // A read takes microseconds: waiting for one is cheaper than a way through a thread.
            None => {
                let first = self.0.first().ok_or(Error::Internal("no connection to read from"))?;
                first.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        let connection = connection.deref();
        if matches!(request, Request::Meter { .. }) {
            return while_waiting_briefly(connection, || Self::read(connection, request, clock)).map_err(|error| run_error(&error))?;
        }
        Self::read(connection, request, clock)
    }

    fn read(connection: &Connection, request: &Request, clock: &dyn Clock) -> Result<Reply> {
        if !request.needs_snapshot() {
            return request.run(connection, clock.now()).map_err(Fault::into_error);
        }
        let snapshot = connection.unchecked_transaction().map_err(|error| run_error(&error))?;
        request.run(&snapshot, clock.now()).map_err(Fault::into_error)
    }
}
