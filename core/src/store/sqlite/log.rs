//! The keeper of the write-ahead log: a thread that writes it back into the file, so that no writer has to wait for that.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::at_work::AtWork;
use crate::error::{Error, Result};

/// How many pages are written before the log is written back: 4 MiB.
const PAGES_BEFORE_CHECKPOINT: usize = 1_000;

enum Message {
    WriteBack,
    Stop(oneshot::Sender<()>),
}

/// The keeper, as the writers see it.
pub(super) struct Log {
    written: AtomicUsize,
    wake: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    pub(super) fn start(connection: Connection, at_work: Arc<AtomicUsize>) -> Result<Self> {
        let (wake, messages) = channel();
        let thread = thread::Builder::new()
            .name("gatewright-store-log".to_owned())
            .spawn(move || keep(&connection, &messages, &at_work))
            .map_err(|_| Error::unavailable("a thread for the SQLite store"))?;
        Ok(Self { written: AtomicUsize::new(0), wake, thread: Mutex::new(Some(thread)) })
    }

    /// Notes that about so many pages were written.
    pub(super) fn note(&self, pages: usize) {
        if self.written.fetch_add(pages, Ordering::Relaxed) + pages >= PAGES_BEFORE_CHECKPOINT {
            self.written.store(0, Ordering::Relaxed);
            // A keeper that has ended has written everything back.
            let _ = self.wake.send(Message::WriteBack);
        }
    }

    /// Lets the thread write everything back and end, and says when it has.
    pub(super) fn stop(&self) -> oneshot::Receiver<()> {
        let (done, ended) = oneshot::channel();
        let _ = self.wake.send(Message::Stop(done));
        ended
    }

    /// Waits for the end of the thread after `stop`.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn keep(connection: &Connection, messages: &Receiver<Message>, at_work: &Arc<AtomicUsize>) {
    while let Ok(message) = messages.recv() {
        let _at_work = AtWork::new(at_work);
        // What cannot be written back now is written back later, or by whoever opens the file next: nothing is lost.
        match message {
            Message::WriteBack => {
                // The bulk beside the writers, then the little that they have added while they wait: only a log that is written
                // back whole begins anew, and a sync of a log that grows costs several times one that is written over.
                let _ = checkpoint(connection, "PASSIVE");
                let _ = checkpoint(connection, "RESTART");
            }
            Message::Stop(done) => {
                let _ = checkpoint(connection, "TRUNCATE");
                let _ = done.send(());
                return;
            }
        }
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}
