//! The lockout of accounts: so many failed attempts in a window, and no password is checked for a while.
//!
//! An attempt is charged before the password is checked, so that however many run at once, no more than the threshold are checked.
//! A locked account is locked no longer by further attempts. Unknown accounts go the same way as known ones.

pub(crate) mod attempt;
mod decide;
mod policy;
mod record;
pub(crate) mod service;
#[cfg(feature = "testing")]
#[cfg(test)]
mod service_tests;
mod turns;

pub use attempt::Attempt;
pub use policy::LockoutPolicy;
pub use service::LockoutStatus;
