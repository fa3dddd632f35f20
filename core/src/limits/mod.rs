//! Rate limits: tiers that are decided together, exactly, and the lockout of accounts.

mod breaker;
pub(crate) mod buckets;
mod calendar;
pub mod decide;
mod decision;
mod deny_cache;
#[cfg(feature = "testing")]
#[cfg(test)]
mod deny_cache_tests;
#[cfg(feature = "testing")]
#[cfg(test)]
mod faulty_store;
pub mod gcra;
mod headers;
pub mod layout;
mod lazy;
mod leases;
mod local;
pub mod lockout;
mod log;
#[cfg(feature = "testing")]
#[cfg(test)]
mod outage_tests;
pub mod packed;
pub mod policy;
mod presets;
pub mod rule;
pub(crate) mod service;
mod shared;
mod subject;
pub(crate) mod tier;
mod window;

pub use calendar::{Count, Unit};
pub use decision::{Atomicity, Binding, Decision, Permit, Source, TierDecision};
pub use gcra::Tat;
pub use headers::{HeaderStyle, HeaderStyles, LIMIT_HEADERS, ServerLimit, ServerLimits, parse_headers};
pub(crate) use headers::{refusal, render as render_headers};
pub use lazy::LazyDecision;
pub use leases::Lease;
pub use policy::{Inherit, LimitPolicy, OnFull, OnStoreError};
pub use presets::Preset;
pub use subject::{SubjectForm, ip_key};
pub use tier::{Algo, Tier};
pub use window::Counters;
