//! What a call is answered with.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use smallvec::SmallVec;
use tokio::sync::Notify;

use super::decide::{Given, Outcomes, TierOutcome};
use super::layout::{Layout, LayoutTier};
use super::rule::Taken;
use super::tier::Algo;
use crate::time::Timestamp;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The store that everybody shares.
    Store,
    /// This process by itself, by its share of the limits: the store did not answer.
    Local,
    /// Nobody: the store did not answer, and the policy allows then.
    FailOpen,
    /// Nobody: the store did not answer, and the policy denies then.
    FailClosed,
}

impl Source {
    /// Its name in every language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Local => "local",
            Self::FailOpen => "fail_open",
            Self::FailClosed => "fail_closed",
        }
    }
}

/// How the tiers of a bundle were decided together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Atomicity {
    /// In one step: all were charged, or none.
    Atomic,
    /// One after another, and given back where a later one refused.
    Compensated,
}

impl Atomicity {
    /// Its name in every language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Atomic => "atomic",
            Self::Compensated => "compensated",
        }
    }
}

/// The answer to a call on limits. A refusal is an answer too, never an error.
#[derive(Debug)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Who decided.
    pub source: Source,
    /// When, by the clock that decided, in µs since the epoch.
    pub now_us: i64,
    /// What was asked for; of a bundle the greatest.
    pub cost: u32,
    /// Of a refusal the tier that refuses for longest, else the one that is nearest to refusing.
    pub binding: Binding,
    /// After how many µs the same request would be allowed if nobody else asked: not 1 µs earlier. 0 if it was.
    pub retry_after_us: i64,
    /// For a reservation that was granted: µs to wait before going on.
    pub wait_us: Option<i64>,
    /// Every tier, in the order of the bundle and of its policies.
    pub tiers: SmallVec<[TierDecision; 3]>,
    /// Gives back what was taken. None where nothing was.
    pub permit: Option<Permit>,
    /// How the tiers were decided together.
    pub atomicity: Atomicity,
}

/// The tier that matters most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its policy.
    pub policy: Arc<str>,
    /// Its id there.
    pub tier: Arc<str>,
}

/// What came of one tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierDecision {
    /// Its policy.
    pub policy: Arc<str>,
    /// Its id there.
    pub id: Arc<str>,
    /// How it counts.
    pub algo: Algo,
    /// Units a period.
    pub limit: u32,
    /// Units that can be taken at once; the limit of all but token buckets.
    pub burst: u32,
    /// Its period in µs: of a calendar the length of the current hour, day or month, 0 of concurrency.
    pub period_us: i64,
    /// Units that can be taken now.
    pub remaining: u32,
    /// `burst` − `remaining`.
    pub used: u32,
    /// µs until one unit more remains; 0 if all do.
    pub next_unit_us: i64,
    /// When nothing is taken any more, in µs since the epoch.
    pub full_at_us: i64,
    /// µs until this tier would allow the request; 0 if it did.
    pub retry_after_us: i64,
    /// Whether this tier allowed the request.
    pub allowed: bool,
}

impl TierDecision {
    fn new(layout: &Layout, tier: &LayoutTier, outcome: &TierOutcome, now: Timestamp) -> Self {
        let burst = tier.rule.burst();
        Self {
            policy: Arc::clone(layout.policy()),
            id: Arc::clone(&tier.id),
            algo: tier.algo,
            limit: tier.rule.limit(),
            burst,
            period_us: tier.rule.period(now),
            remaining: outcome.remaining,
            used: burst - outcome.remaining.min(burst),
            next_unit_us: outcome.next_unit,
            full_at_us: outcome.full_at.as_micros(),
            retry_after_us: outcome.retry_after,
            allowed: outcome.allowed,
        }
    }
}

impl Decision {
    /// The decision that the tiers' outcomes come to.
    pub(crate) fn new(source: Source, now: Timestamp, cost: u32, items: &[(&Layout, Outcomes)]) -> Self {
        let mut tiers = SmallVec::new();
        for (layout, outcomes) in items {
            tiers.extend(layout.tiers().iter().zip(outcomes).map(|(tier, outcome)| TierDecision::new(layout, tier, outcome, now)));
        }
        Self::of_tiers(source, now, cost, tiers, |_| None)
    }

    /// The decision on one subject in memory, and the permit for what was taken.
    pub(crate) fn of_one(now: Timestamp, key: u128, cost: u32, layout: &Arc<Layout>, outcomes: impl Iterator<Item = TierOutcome>) -> Self {
        let (mut tiers, mut all_taken) = (SmallVec::new(), SmallVec::new());
        for (tier, outcome) in layout.tiers().iter().zip(outcomes) {
            tiers.push(TierDecision::new(layout, tier, &outcome, now));
            all_taken.push(outcome.taken);
        }
        let permit = |allowed: bool| {
            let took = allowed && cost > 0;
            let item = || PermitItem { layout: Arc::clone(layout), key: super::service::Key::Hash(key), cost, taken: all_taken };
            took.then(|| Permit { items: SmallVec::from_buf([item()]), cost, local: false, reserved: false, ready_at: None, spent: false.into() })
        };
        Self::of_tiers(Source::Store, now, cost, tiers, permit)
    }

    #[inline]
    fn of_tiers(source: Source, now: Timestamp, cost: u32, tiers: SmallVec<[TierDecision; 3]>, permit: impl FnOnce(bool) -> Option<Permit>) -> Self {
        let allowed = tiers.iter().all(|tier| tier.allowed);
        Self {
            allowed,
            source,
            now_us: now.as_micros(),
            cost,
            binding: binding(&tiers, allowed),
            retry_after_us: tiers.iter().map(|tier| tier.retry_after_us).max().unwrap_or(0),
            wait_us: None,
            tiers,
            permit: permit(allowed),
            atomicity: Atomicity::Atomic,
        }
    }

    /// The tier that matters most of these.
    #[cfg(feature = "testing")]
    pub(crate) fn binding_of(tiers: &[TierDecision], allowed: bool) -> Binding {
        binding(tiers, allowed)
    }

    /// The tier that `binding` names; where a bundle names its policy for several subjects, the one of them that binds.
    #[must_use]
    pub fn binding_tier(&self) -> Option<&TierDecision> {
        let named = || self.tiers.iter().filter(|tier| tier.id == self.binding.tier && tier.policy == self.binding.policy);
        foremost(named(), self.allowed).or_else(|| named().next())
    }

    /// The same as an error, for whoever answers a refusal by one.
    ///
    /// # Errors
    /// `rate_limited` for a refusal.
    pub fn into_result(self) -> crate::Result<Self> {
        if self.allowed {
            return Ok(self);
        }
        let retry_after = Duration::from_micros(u64::try_from(self.retry_after_us).unwrap_or(0));
        Err(crate::error::LimitError::RateLimited { retry_after }.into())
    }
}

/// Refused: the longest retry. Allowed: the least remaining of its burst. Ties: the longer period, then the earlier in the bundle.
fn foremost<'a>(tiers: impl Iterator<Item = &'a TierDecision>, allowed: bool) -> Option<&'a TierDecision> {
    let is_before = |a: &TierDecision, b: &TierDecision| {
        let (mine, theirs) = (u64::from(a.remaining) * u64::from(b.burst), u64::from(b.remaining) * u64::from(a.burst));
        let first = if allowed { mine.cmp(&theirs) } else { b.retry_after_us.cmp(&a.retry_after_us) };
        first.then(b.period_us.cmp(&a.period_us)).is_lt()
    };
    let candidates = tiers.filter(|tier| allowed || !tier.allowed);
    candidates.reduce(|best, tier| if is_before(tier, best) { tier } else { best })
}

fn binding(tiers: &[TierDecision], allowed: bool) -> Binding {
    let found = foremost(tiers.iter(), allowed);
    let name = |name: fn(&TierDecision) -> &Arc<str>| found.map_or_else(|| "".into(), |tier| Arc::clone(name(tier)));
    Binding { policy: name(|tier| &tier.policy), tier: name(|tier| &tier.id) }
}

/// What was taken, so that it can be given back once.
#[derive(Debug)]
pub struct Permit {
    pub(super) items: SmallVec<[PermitItem; 1]>,
    pub(super) cost: u32,
    /// Whether this process decided by itself, so that its own counts are given back to.
    pub(super) local: bool,
    /// Whether it was reserved: then it comes back whatever the policy says.
    pub(super) reserved: bool,
    /// The turn that has to be waited for.
    pub(super) ready_at: Option<Turn>,
    pub(super) spent: AtomicBool,
}

/// When what was reserved may be used.
#[derive(Debug)]
pub(super) struct Turn {
    /// By the host's clock that never goes back.
    at: Duration,
    /// Wakes those who wait for it, once it has been given back.
    given_back: Arc<Notify>,
}

impl Turn {
    pub(super) fn new(at: Duration) -> Self {
        Self { at, given_back: Arc::default() }
    }
}

/// What was taken from one subject.
#[derive(Debug, Clone)]
pub(super) struct PermitItem {
    pub(super) layout: Arc<Layout>,
    pub(super) key: super::service::Key,
    pub(super) cost: u32,
    pub(super) taken: SmallVec<[Option<Taken>; 3]>,
}

impl Permit {
    /// The most that can be given back; of a bundle the greatest cost.
    #[must_use]
    pub const fn cost(&self) -> u32 {
        self.cost
    }

    /// How long it is until what was reserved may be used; none if it may be now.
    pub(crate) fn ready_after(&self, now: Duration) -> Option<Duration> {
        self.ready_at.as_ref()?.at.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// Ends once it has been given back.
    pub(crate) async fn given_back(&self) {
        let Some(turn) = &self.ready_at else { return std::future::pending().await };
        let mut told = pin!(turn.given_back.notified());
        // Whoever gives it back after this is heard; whoever did before is seen.
        told.as_mut().enable();
        if !self.is_spent() {
            told.await;
        }
    }

    /// Counts as given back from now on; says whether it did not before.
    pub(super) fn spend(&self) -> bool {
        let is_first = !self.spent.swap(true, Ordering::AcqRel);
        if let (true, Some(turn)) = (is_first, &self.ready_at) {
            turn.given_back.notify_waiters();
        }
        is_first
    }

    /// The same permit to be given back by somebody else, unless it has been; this one counts as spent from now on.
    pub(crate) fn hand_over(&self) -> Option<Self> {
        self.spend().then(|| Self { items: self.items.clone(), ready_at: None, spent: false.into(), ..*self })
    }

    /// Whether it has been given back.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Acquire)
    }
}

impl PermitItem {
    /// What it took, in the order of a policy's tiers now.
    pub(super) fn given(&self, now: &Layout, reserved: bool) -> Given {
        let all = reserved || now.is_refundable();
        if now.number() == self.layout.number() {
            return Given { taken: self.taken.clone(), all };
        }
        let taken_of = |tier: &LayoutTier| {
            let (before, taken) = self.layout.tiers().iter().zip(&self.taken).find(|(before, _)| before.tag == tier.tag)?;
            // A fraction of another limit: cut, so that no more comes back than was taken.
            Some(match (*taken)? {
                Taken::Bucket(tat) if before.rule.limit() != tier.rule.limit() => Taken::Bucket(super::Tat { fraction: 0, ..tat }),
                taken => taken,
            })
        };
        Given { taken: now.tiers().iter().map(taken_of).collect(), all }
    }
}
