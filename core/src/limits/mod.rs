//! Rate limits: what a tier is, and the exact arithmetic of its token bucket.

pub mod gcra;
mod tier;

pub use tier::{Algo, Tier};
