//! Decisions of limits, on their way to Kotlin and back.

use std::sync::Arc;

use gatewright::limits::{Algo, Atomicity, Decision, Permit, Source, TierDecision};

/// What a call on limits is answered with, and what it took.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "the names say it")]
pub struct FfiDecided {
    pub decision: FfiDecision,
    pub permit: Option<Arc<FfiPermit>>,
}

/// A decision without its permit: plain data, which may come back to be rendered.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::limits::Decision")]
pub struct FfiDecision {
    pub allowed: bool,
    pub source: FfiSource,
    pub now_us: i64,
    pub cost: i64,
    pub binding_policy: String,
    pub binding_tier: String,
    pub retry_after_us: i64,
    pub wait_us: Option<i64>,
    pub tiers: Vec<FfiTier>,
    pub atomicity: FfiAtomicity,
}

/// What came of one tier.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::limits::TierDecision")]
pub struct FfiTier {
    pub policy: String,
    pub id: String,
    pub algo: FfiAlgo,
    pub limit: i64,
    pub burst: i64,
    pub period_us: i64,
    pub remaining: i64,
    pub used: i64,
    pub next_unit_us: i64,
    pub full_at_us: i64,
    pub retry_after_us: i64,
    pub allowed: bool,
}

/// What was taken. Dropped, it gives nothing back.
#[derive(uniffi::Object)]
pub struct FfiPermit {
    pub(crate) permit: Permit,
}

#[uniffi::export]
impl FfiPermit {
    /// The most that can be given back.
    #[must_use]
    pub fn cost(&self) -> i64 {
        i64::from(self.permit.cost())
    }

    /// Whether it has been given back.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.permit.is_spent()
    }
}

/// Declares an enum of the edge, and its conversion to and from the core's of the same variants.
macro_rules! mirrored {
    ($(#[$doc:meta])* $ffi:ident = $core:ident { $($variant:ident),+ }, otherwise $fallback:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, uniffi::Enum)]
        #[allow(missing_docs, reason = "named as in gatewright::limits")]
        pub enum $ffi { $($variant),+ }

        impl From<$core> for $ffi {
            fn from(given: $core) -> Self {
                match given {
                    $($core::$variant => Self::$variant,)+
                    // The core's enum may grow; the next release of this crate names what is new.
                    _ => Self::$fallback,
                }
            }
        }

        impl From<$ffi> for $core {
            fn from(given: $ffi) -> Self {
                match given { $($ffi::$variant => Self::$variant),+ }
            }
        }
    };
}

mirrored! {
    /// Who decided.
    FfiSource = Source { Store, Local, FailOpen, FailClosed }, otherwise Store
}
mirrored! {
    /// How the tiers of a bundle were decided together.
    FfiAtomicity = Atomicity { Atomic, Compensated }, otherwise Compensated
}
mirrored! {
    /// How a tier counts.
    FfiAlgo = Algo { TokenBucket, SlidingLog, SlidingWindow, Calendar, Concurrent }, otherwise TokenBucket
}

impl From<Decision> for FfiDecided {
    fn from(mut decision: Decision) -> Self {
        let permit = decision.permit.take().map(|permit| Arc::new(FfiPermit { permit }));
        Self { decision: FfiDecision::from(decision), permit }
    }
}

impl From<Decision> for FfiDecision {
    fn from(decision: Decision) -> Self {
        Self {
            allowed: decision.allowed,
            source: decision.source.into(),
            now_us: decision.now_us,
            cost: i64::from(decision.cost),
            binding_policy: decision.binding.policy.as_ref().to_owned(),
            binding_tier: decision.binding.tier.as_ref().to_owned(),
            retry_after_us: decision.retry_after_us,
            wait_us: decision.wait_us,
            tiers: decision.tiers.iter().map(FfiTier::from).collect(),
            atomicity: decision.atomicity.into(),
        }
    }
}

impl From<&TierDecision> for FfiTier {
    fn from(tier: &TierDecision) -> Self {
        Self {
            policy: tier.policy.as_ref().to_owned(),
            id: tier.id.as_ref().to_owned(),
            algo: tier.algo.into(),
            limit: i64::from(tier.limit),
            burst: i64::from(tier.burst),
            period_us: tier.period_us,
            remaining: i64::from(tier.remaining),
            used: i64::from(tier.used),
            next_unit_us: tier.next_unit_us,
            full_at_us: tier.full_at_us,
            retry_after_us: tier.retry_after_us,
            allowed: tier.allowed,
        }
    }
}
