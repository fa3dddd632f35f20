//! Limits in a store that processes share, and what is decided while it does not answer.

use std::sync::Arc;
use std::time::Duration;

use super::breaker::{Breaker, PROBE_EVERY};
use super::decide::{Op, Outcomes, TierOutcome};
use super::decision::Source;
use super::deny_cache::{DenyCache, Generation, Refusal, Seen};
use super::layout::{LayoutTier, Stored};
use super::policy::OnStoreError;
use super::service::{Answer, Key, Wanted};
use crate::error::{Error, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::store::memory::{Asked, Meters};
use crate::store::{MeterItem, Store};
use crate::time::{Timestamp, micros};

/// A shared store, its breaker, and this process's own counts for when it is down.
pub(super) struct Shared {
    store: Arc<dyn Store>,
    host: Arc<Host>,
    breaker: Breaker,
    denied: DenyCache,
    local: Meters,
}

/// Why a change was not answered.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether the store may have made it all the same.
    pub(super) may_be_done: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, may_be_done: false }
    }
}

/// A change of states under way: whatever is heard of it, no refusal from before it is repeated after it.
struct Changing<'a> {
    denied: &'a DenyCache,
    wanted: &'a [Wanted],
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.denied.forget(self.wanted);
    }
}

impl Shared {
    pub(super) fn new(store: Arc<dyn Store>, host: Arc<Host>) -> Self {
        Self { store, host, breaker: Breaker::default(), denied: DenyCache::new(), local: Meters::new() }
    }

    pub(super) async fn run(&self, op: Op, wanted: &[Wanted]) -> Result<Answer> {
        if matches!(op, Op::Refund | Op::Reset) {
            return self.change(op, wanted).await.map_err(|failed| failed.error);
        }
        if let Some(answer) = self.denied_before(op, wanted) {
            return Ok(answer);
        }
        match self.ask_unless_down(op, wanted).await {
            Err(Failed { error: Error::Unavailable { .. }, .. }) => Ok(self.without_store(op, wanted)),
            asked => asked.map_err(|failed| failed.error),
        }
    }

    /// Gives units back, or forgets what was taken: what is in the store is changed there or not at all.
    pub(super) async fn change(&self, op: Op, wanted: &[Wanted]) -> Result<Answer, Failed> {
        let _changing = Changing { denied: &self.denied, wanted };
        self.ask_unless_down(op, wanted).await
    }

    async fn ask_unless_down(&self, op: Op, wanted: &[Wanted]) -> Result<Answer, Failed> {
        if !self.breaker.lets_through(self.host.clock.monotonic()) {
            return Err(Error::unavailable("the store of limits").into());
        }
        let seen_before = Self::only_key(wanted).map(|key| self.denied.generation(key));
        let asked = self.ask(op, wanted).await;
        if let Err(error @ Error::Unavailable { .. }) = asked {
            if self.breaker.failed(self.host.clock.monotonic()) {
                self.tell("down");
            }
            return Err(Failed { error, may_be_done: true });
        }
        // Wrong settings and damaged records are no outage: the store has answered.
        if self.breaker.succeeded() {
            self.tell("up");
        }
        let (answer, refused_on) = asked?;
        self.take_note(op, wanted, &answer, refused_on, seen_before);
        Ok(answer)
    }

    /// Tells that the store is left alone from now on, or asked again.
    fn tell(&self, outcome: &'static str) {
        self.host.events.emit(&Event::new("limit_store", self.host.clock.now(), outcome, &Context::default()));
    }

    async fn ask(&self, op: Op, wanted: &[Wanted]) -> Result<(Answer, Vec<Option<Stored>>)> {
        let item = |one: &Wanted| Some(MeterItem { key: one.key.text()?.to_vec(), item: one.item.clone() });
        let bundle: Option<Vec<MeterItem>> = wanted.iter().map(item).collect();
        let bundle = bundle.ok_or(Error::Internal("a limit in a shared store without its key"))?;
        let mut asked = self.store.meter(op, &bundle);
        // A refund that is late has still happened: given up and tried again, it would give back twice.
        let deadline = self.store.meter_deadline().filter(|_| matches!(op, Op::Commit | Op::Peek));
        let metered = match deadline {
            Some(deadline) => tokio::select! {
                // A store that answers at once costs no timer.
                biased;
                answer = &mut asked => answer?,
                // Without a background no time passes.
                true = self.host.background.pause(deadline) => return Err(Error::unavailable("the store of limits")),
                else => asked.await?,
            },
            None => asked.await?,
        };
        Ok((Answer { source: Source::Store, now: metered.now, items: metered.items.into() }, metered.refused_on))
    }

    /// The answer to a single check that was refused a moment ago.
    fn denied_before(&self, op: Op, wanted: &[Wanted]) -> Option<Answer> {
        let ([one], Op::Commit) = (wanted, op) else { return None };
        if one.item.wait > 0 {
            return None;
        }
        let found = self.denied.find(one.key.text()?, &one.item, Seen::at(&*self.host.clock))?;
        Some(Answer { source: Source::Store, now: found.0, items: smallvec::SmallVec::from_buf([found.1]) })
    }

    fn take_note(&self, op: Op, wanted: &[Wanted], answer: &Answer, refused_on: Vec<Option<Stored>>, seen_before: Option<Generation>) {
        match (op, wanted, answer.items.as_slice()) {
            (Op::Commit, [one], [tiers]) if one.item.wait == 0 && tiers.iter().any(|tier| !tier.allowed) => {
                let (Some(key), Some(generation), Some(on)) = (one.key.text(), seen_before, refused_on.into_iter().next()) else { return };
                self.denied.refused(key, generation, Refusal::new(&one.item, on, tiers, answer.now, Seen::at(&*self.host.clock)));
            }
            // Whatever changed a state makes what was seen of it old.
            (Op::Commit, ..) => self.denied.forget(wanted),
            _ => {}
        }
    }

    /// The key of a single subject.
    fn only_key(wanted: &[Wanted]) -> Option<&[u8]> {
        if let [one] = wanted { one.key.text() } else { None }
    }

    /// What is decided while the store is down: of a bundle by the strictest of its policies.
    fn without_store(&self, op: Op, wanted: &[Wanted]) -> Answer {
        let modes = || wanted.iter().map(|one| one.limit.policy.on_store_error);
        if modes().any(|mode| mode == OnStoreError::Deny) {
            return self.undecided(Source::FailClosed, op, wanted);
        }
        if modes().all(|mode| mode == OnStoreError::Allow) {
            return self.undecided(Source::FailOpen, op, wanted);
        }
        self.run_locally(op, wanted)
    }

    /// Decides by this process's own counts. Items that allow all meanwhile are not counted.
    pub(super) fn run_locally(&self, op: Op, wanted: &[Wanted]) -> Answer {
        let scaled = |one: &Wanted| {
            let layout = Arc::clone(one.limit.local.as_ref()?);
            let key = self.local.hash(one.key.text()?);
            Some((self.local.of(&layout), key, super::decide::Item { layout, ..one.item.clone() }))
        };
        let scaled: Vec<_> = wanted.iter().map(scaled).collect();
        let asked: Vec<Asked<'_>> = scaled.iter().flatten().map(|(policy, key, item)| Asked { policy, key: *key, item }).collect();
        let (now, outcomes) = self.local.decide(op, &asked, &*self.host.clock);
        let mut outcomes = outcomes.into_iter();
        let probe = micros(PROBE_EVERY);
        let items =
            wanted.iter().zip(&scaled).map(|(one, scaled)| match scaled.as_ref().and_then(|(.., item)| Some((&item.layout, outcomes.next()?))) {
                Some((local, mut tiers)) => {
                    // A share may hold less than this costs: no wait would bring it, but the store may be back.
                    let never = |tier: &LayoutTier| one.item.cost > tier.rule.burst();
                    tiers.iter_mut().zip(local.tiers()).filter(|(_, tier)| never(tier)).for_each(|(told, _)| told.retry_after = probe);
                    tiers
                }
                None => untouched(one, Source::FailOpen, op, now),
            });
        Answer { source: Source::Local, now, items: items.collect() }
    }

    /// All tiers as if nothing had been taken, or nothing were left, by the source.
    fn undecided(&self, source: Source, op: Op, wanted: &[Wanted]) -> Answer {
        let now = self.host.clock.steady();
        let items = wanted.iter().map(|one| untouched(one, source, op, now)).collect();
        Answer { source, now, items }
    }
}

fn untouched(one: &Wanted, source: Source, op: Op, now: Timestamp) -> Outcomes {
    let is_open = source == Source::FailOpen;
    let next_unit = if is_open { 0 } else { micros(PROBE_EVERY) };
    // Whoever only looks is refused nothing.
    let allowed = is_open || op == Op::Peek;
    let tier = |tier: &LayoutTier| TierOutcome {
        allowed,
        remaining: if is_open { tier.rule.burst() } else { 0 },
        retry_after: if allowed { 0 } else { next_unit },
        next_unit,
        full_at: now.plus(Duration::from_micros(next_unit.unsigned_abs())),
        taken: None,
        ready_after: 0,
    };
    one.limit.layout.tiers().iter().map(tier).collect()
}

impl Key {
    pub(super) fn text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}
