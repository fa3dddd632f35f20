//! Idempotency keys: one effect, and one answer, however often a request is sent.
//!
//! This holds the rules. What a client sends: [`IdempotencyKey`] in a [`Scope`]. What makes two requests the same:
//! [`Fingerprinting`]. What is stored and sent again: [`Response`](crate::http::Response). What a route may set: [`Settings`]. What a client does next:
//! [`next_action`].

mod client;
mod decide;
mod fingerprint;
mod guard;
mod heartbeat;
mod json;
mod key;
mod late;
mod ledger;
mod operation;
mod policy;
mod record;
mod response;
pub(crate) mod service;
#[cfg(feature = "sqlite")]
mod transaction;
mod waiting;

pub use crate::error::NextAction;
pub use client::next_action;
pub use decide::FinishAs;
pub use fingerprint::{Content, Fingerprinting};
pub use guard::Guard;
pub use json::Pointer;
pub use key::{IdempotencyKey, MAX_KEY, MIN_KEY, Scope};
pub(crate) use policy::InForce;
pub use policy::{Effects, IdempotencyPolicy, On5xx, OnCrash, OnStoreError, Route, Settings};
pub use record::Checkpoint;
pub use service::{Begin, Request};
#[cfg(feature = "sqlite")]
pub use transaction::{BeginIn, TransactionGuard};
