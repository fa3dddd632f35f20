//! Decisions in memory that are worked out once somebody asks: a gateway that lets a request pass needs one bit of most.

use std::sync::{Arc, OnceLock};

use super::buckets::Request;
use super::decision::Decision;
use super::layout::Layout;
use crate::store::memory::One;

/// A decision of which no more than `allowed` is worked out until the rest is asked for: see
/// [`Limits::check_local_lazily`](crate::gate::Limits::check_local_lazily).
#[derive(Debug)]
pub struct LazyDecision(Inner);

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a box would cost what is spared")]
enum Inner {
    Whole(Box<Decision>),
    Lazy(Lazy),
}

/// What one subject of token buckets came to.
struct Lazy {
    allowed: bool,
    one: One,
    layout: Arc<Layout>,
    key: u128,
    asked: Request,
    whole: OnceLock<Box<Decision>>,
}

impl From<Decision> for LazyDecision {
    fn from(decision: Decision) -> Self {
        Self(Inner::Whole(Box::new(decision)))
    }
}

impl LazyDecision {
    pub(super) fn of_one(one: One, layout: &Arc<Layout>, key: u128, asked: Request) -> Self {
        Self(Inner::Lazy(Lazy { allowed: one.is_allowed(), one, layout: Arc::clone(layout), key, asked, whole: OnceLock::new() }))
    }

    /// Whether the request may go on.
    #[must_use]
    pub fn allowed(&self) -> bool {
        match &self.0 {
            Inner::Whole(decision) => decision.allowed,
            Inner::Lazy(lazy) => lazy.allowed,
        }
    }

    /// All of it, worked out the first time.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        match &self.0 {
            Inner::Whole(decision) => decision,
            Inner::Lazy(lazy) => lazy.whole.get_or_init(|| {
                let Lazy { one, layout, key, asked, .. } = lazy;
                Box::new(Decision::of_one(one.now, *key, asked.cost, layout, one.outcomes(layout, asked)))
            }),
        }
    }
}

impl std::fmt::Debug for Lazy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lazy").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}
