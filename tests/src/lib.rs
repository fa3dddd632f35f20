//! Runs conformance vectors through the public API of the Rust crate. `docs/conformance.md` is the contract.

mod calls;
mod json;
mod matching;
mod outcome;
mod policy;
mod references;
mod run;
mod sequence;
mod shape;
mod single;

pub use run::{Totals, run};

/// The examples of a page run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/headers.md")]
struct HeadersPage;
