//! Sessions: access tokens that verify without a store, refresh tokens that rotate, and reuse that is noticed.
//!
//! The rule for reuse is [`refresh::decide`]; the page with its reasons is `docs/tokens.md`.

pub mod access;
pub mod jws;
pub mod key;
pub mod policy;
mod types;

pub use types::{Claims, Device, Login, Outcome, Refresh, TokenPair};
