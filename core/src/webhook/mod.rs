//! Webhooks: schemes as data, signing, verification, and replay claims.

pub mod policy;
mod presets;
pub mod scheme;
mod secrets;
mod types;

pub use types::{Checked, Header, Headers, RequestLine, Sign};
