//! The tables, and whether a file has them.

use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours: "GWst".
const APPLICATION_ID: i32 = 0x4757_7374;
/// Grows with every change that an older program could not read.
const VERSION: i32 = 1;

/// `floor` holds the greatest version of a record that is gone: a new one begins above it, whatever the clock says.
const TABLES: &str = "
CREATE TABLE record (
  kind INTEGER NOT NULL,
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  owner BLOB,
  expires_at INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_owner ON record (kind, owner) WHERE owner IS NOT NULL;
CREATE INDEX record_expiry ON record (expires_at);
CREATE TABLE floor (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO floor VALUES (1, 0);
CREATE TABLE meter (
  id BLOB NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX meter_expiry ON meter (expires_at);
";

/// Why a file could not be opened.
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Unusable(&'static str),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Whether the file is new. Nothing is written, so that another program's file stays as it is.
pub(super) fn check(connection: &Connection) -> Result<bool, Fault> {
    // One transaction for all reads: another process may be making the tables right now.
    let _transaction = if connection.is_autocommit() { Some(connection.unchecked_transaction()?) } else { None };
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", [], |row| row.get::<_, i64>(0))?;
    match (number("application_id")?, number("user_version")?, tables) {
        (0, 0, 0) => Ok(true),
        (APPLICATION_ID, VERSION, 3..) => Ok(false),
        (APPLICATION_ID, version, _) if version > VERSION => {
            Err(Fault::Unusable("a newer version of Gatewright has written this file; run that version, or give another path"))
        }
        (APPLICATION_ID, ..) => Err(Fault::Unusable("the file lacks tables of a store; restore it from a backup, or give another path")),
        _ => Err(Fault::Unusable("this SQLite file belongs to another program; a store has a file of its own, so give another path")),
    }
}

/// Makes the tables, unless another process was first.
pub(super) fn create(connection: &Connection) -> Result<(), Fault> {
    let transaction = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if check(&transaction)? {
        transaction.execute_batch(TABLES)?;
        transaction.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"))?;
    }
    transaction.commit()?;
    Ok(())
}
