//! The service: policies by name, subjects in their one form, one atomic step for a call.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hashbrown::HashMap;
use hmac::Mac;
use smallvec::SmallVec;

use super::buckets::Request;
use super::decide::{Given, Item, Op, Outcomes};
use super::decision::{Decision, Permit, PermitItem, Source, Turn};
use super::layout::Layout;
use super::packed::unpack_permit;
use super::policy::{LimitPolicy, OnStoreError};
use super::shared::{Failed, Shared};
use crate::encode::hex;
use crate::error::{ConfigError, Error, LimitError, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::keys::{HmacSha256, Keyring, Purpose};
use crate::store::memory::{Asked, Meters, PolicyMeters};
use crate::store::{MAX_BUNDLE, Store};
use crate::time::{Timestamp, micros};

/// The limits of one gate.
pub(crate) struct LimitService {
    limits: HashMap<String, Arc<Limit>>,
    pub(super) backend: Backend,
    pub(super) host: Arc<Host>,
    /// Tells the leases of permits apart; from a random start, so that processes do not meet.
    next_lease: AtomicU64,
}

/// A policy, ready.
pub(crate) struct Limit {
    pub(super) policy: LimitPolicy,
    pub(super) layout: Arc<Layout>,
    /// Its states, where they are in memory.
    pub(super) meters: Option<Arc<PolicyMeters>>,
    /// What this process decides by while a shared store is down.
    pub(super) local: Option<Arc<Layout>>,
}

pub(super) enum Backend {
    None,
    Memory(Arc<Meters>),
    Shared { shared: Box<Shared>, key: Option<HmacSha256> },
}

/// A subject as its store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Hash(u128),
    Text(Vec<u8>),
}

/// One subject of a call.
pub(super) struct Wanted {
    pub(super) limit: Arc<Limit>,
    pub(super) key: Key,
    pub(super) item: Item,
}

/// What came of a call.
pub(super) struct Answer {
    pub(super) source: Source,
    pub(super) now: Timestamp,
    pub(super) items: SmallVec<[Outcomes; 1]>,
}

/// One, or a few.
pub(super) type Bundle = SmallVec<[Wanted; 1]>;

impl LimitService {
    pub(crate) fn new(policies: Vec<LimitPolicy>, store: Option<Arc<dyn Store>>, ring: &Keyring, host: Arc<Host>) -> Self {
        let backend = match store.map(|store| (store.memory_meters(), store)) {
            None => Backend::None,
            Some((Some(meters), _)) => Backend::Memory(meters),
            Some((None, store)) => {
                let key = ring.active().and_then(|root| ring.derive(root, Purpose::Limits));
                Backend::Shared { shared: Box::new(Shared::new(store, Arc::clone(&host))), key }
            }
        };
        let limit = |policy: LimitPolicy| {
            let layout = Arc::new(Layout::new(&policy));
            let meters = if let Backend::Memory(meters) = &backend { Some(meters.of(&layout)) } else { None };
            let local = match policy.on_store_error {
                OnStoreError::Local(share) => Some(Arc::new(Layout::new(&policy.scaled(share)))),
                OnStoreError::Allow | OnStoreError::Deny => None,
            };
            (policy.id.clone(), Arc::new(Limit { policy, layout, meters, local }))
        };
        let limits = policies.into_iter().map(limit).collect();
        Self { limits, backend, host, next_lease: AtomicU64::new(RandomState::new().hash_one(0_u8)) }
    }

    pub(crate) async fn check(&self, policy: &str, subject: &str, cost: u32, context: &Context) -> Result<Decision> {
        let wanted = self.wanted(policy, subject, cost)?;
        self.commit(SmallVec::from_buf([wanted]), context).await
    }

    pub(crate) async fn check_all(&self, bundle: &[(&str, &str, u32)], context: &Context) -> Result<Decision> {
        if bundle.is_empty() || bundle.len() > MAX_BUNDLE {
            return Err(Error::invalid_argument("bundle", "give 1 to 16 pairs of policy and subject"));
        }
        let wanted = bundle.iter().map(|(policy, subject, cost)| self.wanted(policy, subject, *cost)).collect::<Result<Bundle>>()?;
        for (at, one) in wanted.iter().enumerate() {
            if wanted.iter().take(at).any(|other| Arc::ptr_eq(&other.limit, &one.limit) && other.key == one.key) {
                return Err(Error::invalid_argument("bundle", "name each policy and subject once, with the sum of the costs"));
            }
        }
        self.commit(wanted, context).await
    }

    pub(crate) async fn reserve(&self, policy: &str, subject: &str, cost: u32, max_wait: Duration, context: &Context) -> Result<Decision> {
        let mut wanted = self.wanted(policy, subject, cost)?;
        let Some(most) = wanted.limit.policy.reserve_max_wait else {
            return Err(Error::invalid_argument("policy", "give the policy a reserve_max_wait: without one it reserves nothing"));
        };
        wanted.item.wait = micros(max_wait.min(most));
        let mut decision = self.commit(SmallVec::from_buf([wanted]), context).await?;
        if decision.allowed {
            decision.wait_us.get_or_insert(0);
        }
        if let Some(permit) = &mut decision.permit {
            permit.reserved = true;
            let wait = Duration::from_micros(decision.wait_us.map_or(0, i64::unsigned_abs));
            permit.ready_at = (!wait.is_zero()).then(|| Turn::new(self.host.clock.monotonic().saturating_add(wait)));
        }
        Ok(decision)
    }

    async fn commit(&self, wanted: Bundle, context: &Context) -> Result<Decision> {
        let op = if wanted.iter().all(|one| one.item.cost == 0) { Op::Peek } else { Op::Commit };
        let answer = self.run(op, &wanted).await?;
        let decision = decision(answer, wanted, op);
        self.observe(&decision, context);
        Ok(decision)
    }

    /// Gives units of a permit back, once: it is spent before the store is asked, as a reply that got lost says nothing of what was done.
    pub(crate) async fn refund(&self, permit: &Permit, cost: u32) -> Result<Decision> {
        self.host.ensure_open()?;
        if cost > permit.cost {
            return Err(Error::invalid_argument("cost", "give back at most what was taken"));
        }
        if !permit.spend() {
            let wanted = self.given_back(permit, 0)?;
            let answer = if permit.local { self.run_locally(Op::Peek, &wanted)? } else { self.run(Op::Peek, &wanted).await? };
            return Ok(decision(answer, wanted, Op::Peek));
        }
        self.give_back(permit, cost).await.map_err(|failed| {
            if !failed.may_be_done {
                // It is certain that nothing came back: it may be tried again.
                permit.spent.store(false, Ordering::Release);
            }
            failed.error
        })
    }

    async fn give_back(&self, permit: &Permit, cost: u32) -> Result<Decision, Failed> {
        let wanted = self.given_back(permit, cost)?;
        let answer = match &self.backend {
            _ if permit.local => self.run_locally(Op::Refund, &wanted)?,
            Backend::Shared { shared, .. } => shared.change(Op::Refund, &wanted).await?,
            _ => self.run_in_memory(Op::Refund, &wanted)?,
        };
        Ok(decision(answer, wanted, Op::Refund))
    }

    /// What a permit gives back to all its subjects.
    fn given_back(&self, permit: &Permit, cost: u32) -> Result<Bundle> {
        permit.items.iter().map(|item| self.given(permit, item, cost.min(item.cost))).collect()
    }

    /// What a permit gives back to a subject, by the policy as it is now.
    fn given(&self, permit: &Permit, item: &PermitItem, cost: u32) -> Result<Wanted> {
        let limit = self.limit(item.layout.policy())?;
        if matches!(item.key, Key::Hash(_)) != matches!(self.backend, Backend::Memory(_)) {
            return Err(Error::invalid_argument("permit", "give it back to the gate that it came from"));
        }
        let layout = if permit.local { limit.local.as_ref().unwrap_or(&limit.layout) } else { &limit.layout };
        let given: Given = item.given(layout, permit.reserved);
        let item_now = Item { layout: Arc::clone(layout), cost, wait: 0, lease: 0, permit: Some(given) };
        Ok(Wanted { key: item.key.clone(), limit, item: item_now })
    }

    /// The permit of a decision of this gate that was packed.
    pub(crate) fn packed_permit(&self, packed: &[u8]) -> Option<Permit> {
        unpack_permit(packed, |policy, number, local| {
            let limit = self.limits.get(policy)?;
            let layout = if local { limit.local.as_ref().unwrap_or(&limit.layout) } else { &limit.layout };
            (layout.number() == number).then(|| Arc::clone(layout))
        })
    }

    /// Forgets what a subject has taken.
    pub(crate) async fn reset(&self, policy: &str, subject: &str, context: &Context) -> Result<Decision> {
        let wanted: Bundle = SmallVec::from_buf([self.wanted(policy, subject, 0)?]);
        let answer = self.run(Op::Reset, &wanted).await?;
        let decision = decision(answer, wanted, Op::Reset);
        self.emit("limit_reset", "done", &decision, context);
        Ok(decision)
    }

    async fn run(&self, op: Op, wanted: &Bundle) -> Result<Answer> {
        match &self.backend {
            Backend::Shared { shared, .. } => shared.run(op, wanted).await,
            _ => self.run_in_memory(op, wanted),
        }
    }

    /// By this process's own counts, where it has some for when its store is down.
    fn run_locally(&self, op: Op, wanted: &Bundle) -> Result<Answer> {
        match &self.backend {
            Backend::Shared { shared, .. } => Ok(shared.run_locally(op, wanted)),
            _ => self.run_in_memory(op, wanted),
        }
    }

    pub(super) fn run_in_memory(&self, op: Op, wanted: &Bundle) -> Result<Answer> {
        let Backend::Memory(meters) = &self.backend else { return Err(no_memory()) };
        if let ([one], Op::Commit | Op::Peek) = (wanted.as_slice(), op)
            && let (Some(policy), Key::Hash(key)) = (&one.limit.meters, &one.key)
        {
            let (layout, asked) = (&one.item.layout, Request { commit: op == Op::Commit, cost: one.item.cost, ahead: one.item.wait });
            if let Some(done) = meters.decide_one(policy, *key, layout, &asked, &*self.host.clock) {
                let items = SmallVec::from_buf([done.outcomes(layout, &asked).collect()]);
                return Ok(Answer { source: Source::Store, now: done.now, items });
            }
        }
        let asked: Option<SmallVec<[Asked<'_>; 4]>> = wanted
            .iter()
            .map(|one| match (&one.limit.meters, &one.key) {
                (Some(policy), Key::Hash(key)) => Some(Asked { policy, key: *key, item: &one.item }),
                _ => None,
            })
            .collect();
        let asked = asked.ok_or(Error::Internal("a limit in memory without its states"))?;
        let (now, items) = meters.decide(op, &asked, &*self.host.clock);
        Ok(Answer { source: Source::Store, now, items: items.into() })
    }

    pub(super) fn wanted(&self, policy: &str, subject: &str, cost: u32) -> Result<Wanted> {
        self.host.ensure_open()?;
        let limit = self.limit(policy)?;
        let subject = limit.policy.subject.normalise(subject)?;
        if cost > limit.layout.max_cost() {
            return Err(LimitError::CostImpossible.into());
        }
        let key = match &self.backend {
            Backend::None => return Err(ConfigError::at_call("store", "give the policy a store: without one nothing is counted").into()),
            Backend::Memory(meters) => Key::Hash(meters.hash(subject.as_bytes())),
            Backend::Shared { key: None, .. } => {
                return Err(ConfigError::at_call("root_keys", "give the policy a root key: a shared store keeps no subject as it is").into());
            }
            Backend::Shared { key: Some(key), .. } => Key::Text(text_key(key, policy, &subject)),
        };
        let lease = self.lease();
        Ok(Wanted { item: Item { layout: Arc::clone(&limit.layout), cost, wait: 0, lease, permit: None }, limit, key })
    }

    /// A name for the leases of a permit.
    pub(super) fn lease(&self) -> u64 {
        self.next_lease.fetch_add(1, Ordering::Relaxed)
    }

    /// A policy by its name.
    pub(crate) fn limit(&self, policy: &str) -> Result<Arc<Limit>> {
        self.known(policy).map(Arc::clone)
    }

    pub(super) fn known(&self, policy: &str) -> Result<&Arc<Limit>> {
        let unknown = || Error::invalid_argument("policy", "name one of limits.policies");
        self.limits.get(policy).ok_or_else(unknown)
    }

    pub(super) fn observe(&self, decision: &Decision, context: &Context) {
        self.emit("limit_checked", if decision.allowed { "allowed" } else { "denied" }, decision, context);
    }

    fn emit(&self, kind: &'static str, outcome: &'static str, decision: &Decision, context: &Context) {
        if !self.host.events.are_wanted() {
            return;
        }
        let mut event = Event::new(kind, Timestamp::from_micros(decision.now_us), outcome, context);
        event.details = vec![
            ("policy", decision.binding.policy.to_string()),
            ("tier", decision.binding.tier.to_string()),
            ("source", decision.source.as_str().to_owned()),
        ];
        self.host.events.emit(&event);
    }
}

/// `gw:rl:{tag}:<policy>:<subject>`: no store sees who it is.
fn text_key(key: &HmacSha256, policy: &str, subject: &str) -> Vec<u8> {
    let mut mac = key.clone();
    mac.update(subject.as_bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let (tag, _) = digest.split_at(8);
    let (subject, _) = digest.split_at(16);
    format!("gw:rl:{{{}}}:{policy}:{}", hex(tag), hex(subject)).into_bytes()
}

/// The decision on what was wanted, and the permit for what was taken.
pub(super) fn decision(answer: Answer, wanted: Bundle, op: Op) -> Decision {
    let Answer { source, now, items } = answer;
    let cost = wanted.iter().map(|one| one.item.cost).max().unwrap_or(0);
    let ready_after = items.iter().flatten().map(|tier| tier.ready_after).max();
    let reserves = wanted.iter().any(|one| one.item.wait > 0);
    let local = source == Source::Local;
    let layouts: SmallVec<[Arc<Layout>; 1]> =
        wanted.iter().map(|one| Arc::clone(if local { one.limit.local.as_ref().unwrap_or(&one.limit.layout) } else { &one.item.layout })).collect();
    let taken: SmallVec<[SmallVec<[_; 3]>; 1]> = items.iter().map(|tiers| tiers.iter().map(|tier| tier.taken).collect()).collect();
    let outcomes: SmallVec<[(&Layout, Outcomes); 1]> = layouts.iter().map(|layout| &**layout).zip(items).collect();
    let mut decision = Decision::new(source, now, cost, &outcomes);
    drop(outcomes);
    let took = op == Op::Commit && decision.allowed && cost > 0 && matches!(source, Source::Store | Source::Local);
    if took {
        decision.wait_us = ready_after.filter(|_| reserves);
        let items = wanted.into_iter().zip(layouts).zip(taken);
        let item = |((one, layout), taken): ((Wanted, Arc<Layout>), _)| PermitItem { layout, key: one.key, cost: one.item.cost, taken };
        decision.permit = Some(Permit { items: items.map(item).collect(), cost, local, reserved: false, ready_at: None, spent: false.into() });
    }
    decision
}

pub(super) fn no_memory() -> Error {
    ConfigError::at_call("store.limits", "write \"memory:\": only limits in memory are decided without waiting").into()
}
