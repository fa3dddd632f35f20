//! Gatewright.

#![forbid(unsafe_code)]

pub mod config;
#[cfg(feature = "ring")]
mod ed25519;
#[cfg(not(feature = "ring"))]
#[path = "ed25519_absent.rs"]
mod ed25519;
pub mod encode;
pub mod entropy;
pub mod error;
pub mod event;
pub mod gate;
mod host;
pub mod json;
pub mod keys;
pub mod limits;
pub mod secret;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod tokens;
pub mod webhook;

pub use error::{Error, Result};
pub use gate::Gate;
