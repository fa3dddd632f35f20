//! The file: made for its owner only, opened with the settings of its role, refused where it is something else.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::{self, Fault};
use crate::error::{ConfigError, Error, Result};

/// What a connection is for. `synchronous` belongs to a connection, so each durability has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads.
    Reader,
    /// Writes records that need not survive a loss of power: a commit waits for no disk.
    Normal,
    /// Writes records that must: a commit is on the disk before anyone can read it.
    Full,
}

/// How long a connection waits for a lock of another process: about 5 s.
const BUSY_TRIES: i32 = 5_000;
/// How long a limit does: about 0.5 s.
const BRIEF_TRIES: i32 = 500;

/// The file's absolute path, so that a later change of the working folder changes nothing; the file is there afterwards.
pub(super) fn prepare(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).map_err(|_| unusable(path, "give the path of a file after `sqlite:`"))?;
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => Err(unusable(&path, "this is a folder; give the path of a file in it")),
        Ok(found) if !found.is_file() => Err(unusable(&path, "this is a device, a pipe or a socket; give the path of a file")),
        // An existing file is not opened here: closing it again would drop the locks of every connection in this process.
        Ok(_) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(file_error(&path, &error)),
    }
}

fn create(path: PathBuf) -> Result<PathBuf> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        Err(error) => Err(file_error(&path, &error)),
    }
}

fn file_error(path: &Path, error: &io::Error) -> Error {
    let mend = match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist; make the folder, or give a path in one that exists",
        io::ErrorKind::NotADirectory => "a part of this path is a file, not a folder; give another path",
        io::ErrorKind::PermissionDenied => "this process may not use it; give it the right to read and write the file and its folder",
        io::ErrorKind::ReadOnlyFilesystem => "its file system is read-only; give a path on another",
        io::ErrorKind::StorageFull => return Error::unavailable("the disk of the SQLite store, which is full,"),
        _ => "it cannot be opened; give the path of a file that this process can read and write",
    };
    unusable(path, mend)
}

fn unusable(path: &Path, mend: &str) -> Error {
    ConfigError::at_call("store", &format!("{}: {mend}", path.display())).into()
}

/// Opens a connection, and makes the tables if the file is new.
pub(super) fn connect(path: &Path, role: Role) -> Result<Connection> {
    let mut tries = 0;
    loop {
        match try_connect(path, role) {
            // A file that another process is just turning into a store is busy without SQLite waiting for it.
            Err(error) if tries < BUSY_TRIES && is_busy(&error) => {
                wait(tries);
                tries += 1;
            }
            Err(Fault::Sqlite(error)) => return Err(open_error(path, &error)),
            Err(Fault::Unusable(mend)) => return Err(unusable(path, mend)),
            Ok(connection) => return Ok(connection),
        }
    }
}

fn is_busy(fault: &Fault) -> bool {
    let Fault::Sqlite(error) = fault else { return false };
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn try_connect(path: &Path, role: Role) -> Result<Connection, Fault> {
    // Without `SQLITE_OPEN_URI` no path is taken for a URI; the mutex around the connection replaces SQLite's own.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait))?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // The last connection would else delete the log, which a child of a fork may have open. `close` writes it back.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let is_new = schema::check(&connection)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::Unusable("its file system cannot hold a write-ahead log; give a path on a local disk"));
    }
    // On macOS an fsync alone does not reach the disk; elsewhere these two do nothing.
    connection.execute_batch("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA journal_size_limit = 67108864;")?;
    match role {
        Role::Reader => connection.execute_batch("PRAGMA query_only = ON")?,
        // No commit waits for a checkpoint: the log has a keeper.
        Role::Normal => connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")?,
        Role::Full => connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")?,
    }
    if is_new && role == Role::Full {
        schema::create(&connection)?;
    }
    Ok(connection)
}

/// What SQLite calls while another connection holds the lock: a commit takes a tenth of a millisecond, so the first waits are short.
pub(super) fn wait(tries: i32) -> bool {
    pause(tries);
    tries < BUSY_TRIES
}

/// The same for limits, whose policies say what is decided while the store does not answer: an answer without it is worth more to them
/// than one in 5 s. The tries are counted, not the time: a process that gets no processor makes them later, not fewer of them, and so
/// does not take its own trouble for an outage.
pub(super) fn wait_briefly(tries: i32) -> bool {
    pause(tries);
    tries < BRIEF_TRIES
}

fn pause(tries: i32) {
    let micros = match tries {
        ..20 => 100,
        20..40 => 400,
        _ => 1_000,
    };
    thread::sleep(Duration::from_micros(micros));
}

fn open_error(path: &Path, error: &rusqlite::Error) -> Error {
    let mend = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "this is not an SQLite file; give the path of a new file, or of a store",
        Some(ErrorCode::DatabaseCorrupt) => "the file is damaged; restore it from a backup, or give the path of a new file",
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::AuthorizationForStatementDenied) => {
            "this process may not use it; give it the right to read and write the file and its folder"
        }
        _ => return run_error(error),
    };
    unusable(path, mend)
}

/// What a failure of an open store means to its caller: an outage, or a fault of the set-up, which is never called an outage.
pub(crate) fn run_error(error: &rusqlite::Error) -> Error {
    let mend = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            return Error::unavailable("the SQLite store, which another process has locked,");
        }
        Some(ErrorCode::DiskFull) => return Error::unavailable("the disk of the SQLite store, which is full,"),
        Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory | ErrorCode::OperationAborted | ErrorCode::FileLockingProtocolFailed) => {
            return Error::unavailable("the SQLite store");
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the SQLite file is damaged; restore it from a backup",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "this process may no longer write the SQLite file; give it the right to read and write the file and its folder"
        }
        _ => return Error::Internal("an SQLite statement failed"),
    };
    ConfigError::at_call("store", mend).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = prepare(&folder.path().join("store.db")).unwrap();
        for (role, synchronous, checkpoint) in [(Role::Full, 2, 0), (Role::Normal, 1, 0)] {
            let connection = connect(&path, role).unwrap();
            let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!((number("synchronous"), number("wal_autocheckpoint")), (synchronous, checkpoint));
            let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
            assert_eq!(mode, "wal");
        }
        let reader = connect(&path, Role::Reader).unwrap();
        let error = reader.execute("INSERT INTO meter VALUES (x'00', 0, x'00')", []).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    }
}
