//! What must be done around a fork of this process.

use std::sync::{Mutex, PoisonError, Weak};

/// A store with threads, locks or connections that a child must not inherit.
pub(crate) trait AtFork: Send + Sync {
    /// Comes to rest: what is under way finishes, what is new waits.
    fn pause(&self);
    /// Goes on.
    fn resume(&self);
}

static STORES: Mutex<Vec<Weak<dyn AtFork>>> = Mutex::new(Vec::new());

/// Remembers a store for as long as it lives.
#[cfg(feature = "sqlite")]
pub(crate) fn register(store: Weak<dyn AtFork>) {
    let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
    stores.retain(|store| store.strong_count() > 0);
    stores.push(store);
}

/// Brings every store of this process to rest for a fork: calls under way finish, new ones wait until [`after_fork`], and no thread
/// or connection is left for the child to inherit. Both sides open their own at the next call.
///
/// Call it right before `fork` wherever a gate is to be used on both sides (the Python package does so by itself). A child of an
/// unprepared fork works too if the store was at rest; if it was not, its calls are `config_invalid` there.
///
/// ```
/// gatewright::store::before_fork();
/// // … fork …
/// gatewright::store::after_fork();
/// ```
pub fn before_fork() {
    each(|store| store.pause());
}

/// Lets the calls of this process go on after [`before_fork`], whether the fork succeeded or not. To be called in the parent, and
/// harmless in the child.
pub fn after_fork() {
    each(|store| store.resume());
}

fn each(act: impl Fn(&dyn AtFork)) {
    let stores = STORES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    stores.iter().filter_map(Weak::upgrade).for_each(|store| act(&*store));
}
