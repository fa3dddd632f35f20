//! Opening a store by its URL.

use std::sync::Arc;

use super::{MemoryStore, Store};
use crate::error::Result;
use crate::time::Clock;

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreUrl {
    /// `memory:`: in this process, gone with it.
    Memory,
    /// `sqlite:path`: a file, relative to the policy file's folder.
    Sqlite(std::path::PathBuf),
}

/// Opens the store that a URL names, with this clock as its own.
///
/// `memory:` gives a fresh, empty store each time: whoever wants to share one shares the `Arc`.
///
/// # Errors
/// `config_invalid` where the place cannot be used as a store (no such folder, no permission, another kind of file, a back end
/// that this build lacks); `unavailable` where it cannot be reached now.
pub fn open(url: &StoreUrl, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>> {
    match url {
        StoreUrl::Memory => Ok(Arc::new(MemoryStore::new(clock))),
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite(path) => Ok(Arc::new(super::SqliteStore::open(path, clock)?)),
        #[cfg(not(feature = "sqlite"))]
        StoreUrl::Sqlite(_) => Err(crate::error::ConfigError::at_call("store", "this build has no SQLite; use `memory:` or a build with it").into()),
    }
}
