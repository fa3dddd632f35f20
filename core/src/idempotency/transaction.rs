//! Operations inside their caller's own SQLite transaction: the record commits with the effects, or neither does.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::decide::{self, Act, Begun, FinishAs};
use super::policy::Settings;
use super::record::Entry;
use super::response::{Stored, replayed};
use crate::error::Result;
use crate::host::Host;
use crate::http::Response;
use crate::store::sqlite_error;
use crate::time::Timestamp;

/// What a request is to do inside its transaction.
#[derive(Debug)]
pub enum BeginIn<'t> {
    /// Run it in this transaction, complete the guard, and commit.
    Execute(TransactionGuard<'t>),
    /// It has been run and committed: send this.
    Replay(Response),
}

/// An operation inside a transaction.
///
/// Nothing of it is there before the transaction commits, so a failure needs no release and a crash no lease: roll back, and the
/// next request runs it again. Dropped without [`TransactionGuard::complete`] it leaves no record: roll back then.
pub struct TransactionGuard<'t> {
    transaction: &'t Transaction<'t>,
    host: Arc<Host>,
    id: [u8; 32],
    settings: Arc<Settings>,
    entry: Entry,
}

/// What [`begin`] needs of its request.
pub(super) struct Opening<'a> {
    pub(super) id: [u8; 32],
    pub(super) fingerprint: [u8; 32],
    pub(super) key_line: Option<&'a [u8]>,
    pub(super) replayed_header: &'a str,
    pub(super) settings: &'a Arc<Settings>,
}

impl TransactionGuard<'_> {
    /// A number that grows with every run of this operation, below 2^53.
    #[must_use]
    pub const fn fence(&self) -> u64 {
        self.entry.fence
    }

    /// Writes the answer beside the effects, and gives what is to be sent after the commit. Whether the answer is stored or the key
    /// is free again is decided by its status and the route.
    ///
    /// # Errors
    /// `invalid_argument` for a status outside 200–599; `unavailable`, `closed`: roll back then.
    pub fn complete(self, response: &Response) -> Result<Response> {
        self.finish(response, None)
    }

    /// As [`TransactionGuard::complete`], but stored or released as is said here.
    ///
    /// # Errors
    /// As [`TransactionGuard::complete`].
    pub fn complete_as(self, response: &Response, finish_as: FinishAs) -> Result<Response> {
        self.finish(response, Some(finish_as))
    }

    fn finish(self, response: &Response, finish_as: Option<FinishAs>) -> Result<Response> {
        self.host.ensure_open()?;
        let stored = Stored::of(response, self.settings.max_stored_body, &self.settings.never_stored)?;
        let act = Act::Complete(stored, finish_as);
        // No lease runs out in a transaction: until it ends nobody else can have the operation.
        let now = self.host.clock.now().min(self.entry.until.minus(self.settings.retention));
        if let Some(next) = decide::act(Some(&self.entry), self.entry.token, &act, &self.settings, now)? {
            let sql = "INSERT INTO gatewright_idempotency (id, expires_at, value) VALUES (?1, ?2, ?3)
              ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, value = excluded.value";
            let values = params![self.id, decide::expires_at(&next).as_micros(), next.write()];
            self.transaction.prepare_cached(sql).and_then(|mut put| put.execute(values)).map_err(|error| sqlite_error(&error))?;
        }
        Ok(response.clone())
    }
}

impl std::fmt::Debug for TransactionGuard<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransactionGuard").field("fence", &self.entry.fence).finish_non_exhaustive()
    }
}

/// Makes the table, if it is not there.
pub(super) fn prepare(connection: &Connection) -> Result<()> {
    connection.execute_batch(TABLE).map_err(|error| sqlite_error(&error))
}

pub(super) fn begin<'t>(transaction: &'t Transaction<'t>, host: &Arc<Host>, opening: &Opening<'_>) -> Result<BeginIn<'t>> {
    let now = host.clock.now();
    let found = take(transaction, &opening.id, now)?;
    // Proves nothing here: whoever holds the transaction owns the operation.
    let token = [0; 16];
    match decide::begin(found.as_ref(), opening.fingerprint, token, opening.settings, now)? {
        Begun::Replay(response) => Ok(BeginIn::Replay(replayed(response, opening.replayed_header, opening.key_line))),
        Begun::Execute(entry) | Begun::Resume(entry) => Ok(BeginIn::Execute(TransactionGuard {
            transaction,
            host: Arc::clone(host),
            id: opening.id,
            settings: Arc::clone(opening.settings),
            entry,
        })),
    }
}

/// Deletes expired records in one batch; says how many.
pub(super) fn sweep(connection: &Connection, limit: usize, now: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM gatewright_idempotency WHERE id IN (SELECT id FROM gatewright_idempotency WHERE expires_at <= ?1 LIMIT ?2)";
    let values = params![now.as_micros(), i64::try_from(limit).unwrap_or(i64::MAX)];
    let removed = connection.prepare_cached(sql).and_then(|mut delete| delete.execute(values)).map_err(|error| sqlite_error(&error))?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}

/// What is known of an operation, once nobody else can change it.
fn take(transaction: &Transaction<'_>, id: &[u8; 32], now: Timestamp) -> Result<Option<Entry>> {
    let run = || -> rusqlite::Result<Option<(i64, Vec<u8>)>> {
        // Writes nothing, but takes the database's write lock: of two that ask at once, one waits here for the other's end.
        transaction.prepare_cached("UPDATE gatewright_idempotency SET expires_at = expires_at WHERE id = ?1")?.execute([id])?;
        let mut select = transaction.prepare_cached("SELECT expires_at, value FROM gatewright_idempotency WHERE id = ?1")?;
        select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    match run().map_err(|error| sqlite_error(&error))? {
        Some((expires_at, value)) if Timestamp::from_micros(expires_at) > now => Entry::read(&value).map(Some),
        _ => Ok(None),
    }
}

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS gatewright_idempotency (
  id BLOB NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gatewright_idempotency_expiry ON gatewright_idempotency (expires_at);
";
