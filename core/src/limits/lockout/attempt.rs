//! An attempt that has been charged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::service::{Account, Accounts};
use crate::error::Result;

/// An attempt to log in that has been charged: check the password, then settle it.
///
/// Dropped without, it is abandoned: the charge is taken back, as no password was checked. The drop begins that and does not wait for it.
pub struct Attempt {
    accounts: Arc<Accounts>,
    account: Account,
    n: u32,
    last: bool,
    generation: u64,
    settled: AtomicBool,
    /// Whether its failure has been told of.
    told: AtomicBool,
}

impl Attempt {
    pub(super) const fn new(accounts: Arc<Accounts>, account: Account, n: u32, last: bool, generation: u64) -> Self {
        Self { accounts, account, n, last, generation, settled: AtomicBool::new(false), told: AtomicBool::new(false) }
    }

    /// Its number in the window, from 1.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.n
    }

    /// Whether the account is locked now unless this one succeeds.
    #[must_use]
    pub const fn last(&self) -> bool {
        self.last
    }

    /// Says what came of it. A success forgives what was charged before, and unlocks what this attempt locked; a failure was charged
    /// already. An attempt of before an unlock or another success changes nothing. May be called again after an error.
    ///
    /// # Errors
    /// `unavailable`, `record_unreadable`, `closed`.
    pub async fn settle(&self, success: bool) -> Result<()> {
        self.accounts.host.ensure_open()?;
        self.settled.store(true, Ordering::Release);
        if success {
            self.accounts.succeed(&self.account, self.generation).await
        } else {
            if !self.told.swap(true, Ordering::AcqRel) {
                self.accounts.failed(&self.account, self.last);
            }
            Ok(())
        }
    }

    /// Takes the charge back: no password was checked, because the client went away or the database did not answer. Where the store's
    /// reply is lost, the charge may stay. Does nothing once the attempt has been settled or abandoned.
    ///
    /// # Errors
    /// As [`Attempt::settle`].
    pub async fn abandon(&self) -> Result<()> {
        self.accounts.host.ensure_open()?;
        if self.settled.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.accounts.abandon(&self.account, self.generation).await
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.settled.swap(true, Ordering::AcqRel) {
            return;
        }
        let (accounts, account, generation) = (Arc::clone(&self.accounts), self.account.clone(), self.generation);
        let abandon = async move {
            // Whoever dropped it has gone; what could not be taken back stays charged.
            let _ = accounts.abandon(&account, generation).await;
        };
        self.accounts.host.background.leave(abandon);
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("n", &self.n).field("last", &self.last).finish_non_exhaustive()
    }
}
