//! Webhooks: schemes as data, signing, verification, and replay claims.
//!
//! A [scheme](scheme::Scheme) says how a sender's messages look; the presets are schemes as JSON. An endpoint of the policy
//! document is a scheme with secrets. A message passes `verify::check`, which is pure and asks no store, and is then claimed:
//! `replay` holds the rule, `claims` its steps on the store.

mod claims;
mod endpoint;
mod framing;
mod headers;
mod key;
pub mod policy;
mod presets;
mod replay;
mod request;
pub mod scheme;
mod secrets;
pub(crate) mod service;
mod sign;
mod signature;
mod types;
pub(crate) mod verified;
mod verify;

pub use endpoint::Endpoint;
pub use types::{Checked, Header, Headers, RequestLine, Sign};

#[cfg(test)]
mod tests;
