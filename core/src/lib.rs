//! Sessions that notice theft, webhooks that cannot be replayed: the things that every service writes by hand and gets
//! subtly wrong, once, with the same verdict in Rust, Python, Node and Kotlin.
//!
//! A [`Gate`] is a policy document, opened. It offers [tokens](Gate::tokens), [sessions](Gate::sessions),
//! [epochs](Gate::epochs) and [webhooks](Gate::webhooks):
//!
//! ```
//! # fn main() -> gatewright::Result<()> {
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use gatewright::Gate;
//! use gatewright::event::Context;
//! use gatewright::tokens::{Login, Refresh};
//! use gatewright::webhook::Sign;
//!
//! let gate = Gate::from_policy(r#"
//!     version = 1
//!     root_keys = [{ id = 1, secret = "hex:2f9c0e6bb1d5a84377e0c9d2f1a6b83e5d4c7a90e1f2b3c4d5e6f70819203a4b", state = "active" }]
//!     [store]
//!     default = "memory:"                     # or "sqlite:gate.db", shared by every process of the machine
//!     [tokens]
//!     issuer = "https://auth.example"
//!     audience = ["api"]
//!     clients = [{ id = "app", kind = "native" }]
//!     [[tokens.signing_keys]]
//!     kid = "k1"
//!     alg = "HS256"
//!     secret = "hex:91b3c5d7e9f10213243546576879808a9bacbdcedfe0f1a2b3c4d5e6f7081929"
//!     state = "active"
//!     [[webhooks.endpoints]]
//!     id = "sensors"
//!     preset = "parking"
//!     secrets = [{ id = "2026-11", secret = "a-secret-of-the-sender" }]
//! "#).await?;
//!
//! // A login, and a rotation with a retry key: 16 random bytes that the client wrote down before it sent them.
//! let stolen = gate.tokens().issue(Login::new("acme", "u-42", "app")).await?.refresh_token.unwrap();
//! let key = *b"sixteen bytes !!";
//! let pair = gate.tokens().refresh(&stolen, Refresh::new().retry_key(key)).await?;
//! assert_eq!(gate.tokens().verify(&pair.access_token)?.subject, "u-42");
//!
//! // The answer was lost? The same request gives the same token again.
//! let again = gate.tokens().refresh(&stolen, Refresh::new().retry_key(key)).await?;
//! assert_eq!((again.refresh_token, again.outcome.as_str()), (pair.refresh_token.clone(), "retry_concurrent"));
//!
//! // The pair was used, so an older generation is a thief's, and the session ends for both.
//! let newest = gate.tokens().refresh(pair.refresh_token.as_deref().unwrap(), Refresh::new()).await?;
//! assert_eq!(gate.tokens().refresh(&stolen, Refresh::new()).await.unwrap_err().code(), "reuse");
//! assert_eq!(gate.tokens().verify(&newest.access_token).unwrap_err().code(), "jwt_revoked");
//!
//! // A webhook is signed, verified once, and refused when it comes again.
//! let body = br#"{"deviceId":"p-17","state":"occupied"}"#;
//! let headers: Vec<_> = gate.webhooks().sign("sensors", body, Sign::default())?
//!     .into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
//! gate.webhooks().verify("sensors", &headers, body, None, Context::default()).await?.commit().await?;
//! let replay = gate.webhooks().verify("sensors", &headers, body, None, Context::default()).await;
//! assert_eq!(replay.err().unwrap().code(), "replayed");
//!
//! gate.close().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Where to find what
//!
//! - **When is a refresh token reuse?** [`tokens::refresh::decide::decide`], one pure function: rows 3–11 of
//!   `docs/tokens.md`, reuse is row 9. What a token is made of: [`tokens::refresh::token`]; how its successor follows from
//!   it: [`tokens::refresh::ratchet`].
//! - **When is an access token refused?** The cases of [`error::TokenError`] stand in the order in which they are tested;
//!   [`tokens::access`] tests them.
//! - **When is a webhook refused?** [`error::WebhookError`]; schemes are data, see [`webhook::scheme`].
//! - **When is a request run again, replayed or refused?** [`idempotency`], and the calls of
//!   [`Gate::idempotency`](Gate::idempotency).
//! - **What does a figure of a flock mean?** [`kpi`]; figures need no gate.
//! - **What does a code mean?** [`error::TABLE`]: HTTP status, public code, advice. What a client is shown of an error:
//!   [`http::Problem`], sent by [`Gate::problem`].
//! - **What may a policy say?** [`config`], and `docs/policy.md`.
//! - **How does a back end plug in?** [`store::Store`] is five operations; [`store_conformance_tests!`] (feature `testing`)
//!   is the suite that it must pass.
//!
//! Imports run downwards: ground ([`error`], [`time`], [`entropy`], [`secret`], [`encode`], [`json`], [`keys`]) ← rules ←
//! services ← [`gate`]. A rule takes the state, the request and the time, and gives an outcome and the next state: no clock,
//! no randomness, no I/O. A service is load → decide → swap on one record.
//!
//! # Features
//!
//! `ring` (default): Ed25519 keys. `sqlite` (default): the embedded store. `tower`: glue for axum and hyper, `http::tower`.
//! `testing`: a clock that is set, entropy from a seed, a given environment, and the conformance suite of stores. A feature only
//! adds; it never changes what a call does.

#![forbid(unsafe_code)]

mod background;
#[cfg(feature = "cli")]
pub mod cli;
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
pub mod http;
pub mod idempotency;
pub mod json;
pub mod keys;
pub mod kpi;
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

/// The SQLite library of this build, whose transactions [`Idempotency::begin_in`](gate::Idempotency::begin_in) takes.
#[cfg(feature = "sqlite")]
pub use rusqlite;
