//! Sessions: access tokens that verify without a store, refresh tokens that rotate, and reuse that is noticed.
//!
//! The rule for reuse is [`refresh::decide`]; the page with its reasons is `docs/tokens.md`.

pub mod access;
mod epoch;
pub mod jws;
pub mod key;
pub mod policy;
pub mod refresh;
pub(crate) mod service;
pub mod session;
mod types;
mod view;

pub use types::{Claims, Device, Login, Outcome, Refresh, TokenPair};
