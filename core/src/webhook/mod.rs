//! Webhooks: schemes as data, signing, verification, and replay claims.

pub mod policy;
pub mod scheme;
mod types;

pub use types::{Checked, Header, Headers, RequestLine, Sign};
