//! The service: load → decide → swap on the record of an account.

use std::collections::HashMap;
use std::sync::Arc;

use hmac::Mac;

use super::attempt::Attempt;
use super::decide::{self, Begun};
use super::policy::LockoutPolicy;
use super::record::Entry;
use super::turns::{Conflicts, Turns};
use crate::encode::{hex, lp};
use crate::error::{ConfigError, Error, LimitError, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::keys::{HmacSha256, Keyring, Purpose, keyed};
use crate::store::{Expect, Key, Kind, Next, Record, Store, Swap, Swapped};
use crate::time::Timestamp;

pub(super) const STORE: &str = "the store of lockouts";

/// The lockout of one gate.
pub(crate) struct LockoutService {
    policies: HashMap<String, Arc<LockoutPolicy>>,
    accounts: Option<Arc<Accounts>>,
    host: Arc<Host>,
}

/// The records of accounts.
pub(super) struct Accounts {
    store: Arc<dyn Store>,
    key: Option<HmacSha256>,
    turns: Turns,
    pub(super) host: Arc<Host>,
}

/// One account of a policy, as its store knows it, and the request that led here.
#[derive(Debug, Clone)]
pub(super) struct Account {
    policy: Arc<LockoutPolicy>,
    key: Key,
    context: Context,
}

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockoutStatus {
    /// Attempts charged in the current window.
    pub fails: u32,
    /// How many are allowed.
    pub threshold: u32,
    /// Until when it is locked; none if it is not.
    pub locked_until: Option<Timestamp>,
    /// How many locks it has had.
    pub level: u32,
    /// The store's clock.
    pub now: Timestamp,
}

impl LockoutService {
    pub(crate) fn new(policies: Vec<LockoutPolicy>, store: Option<Arc<dyn Store>>, ring: &Keyring, host: Arc<Host>) -> Self {
        // Nothing of a store in memory outlives this process: a key of its own will do, the same for every gate on it.
        let key = |store: &Arc<dyn Store>| match store.memory_meters() {
            Some(meters) => Some(keyed(&[meters.hash(b"lockout 1"), meters.hash(b"lockout 2")].map(u128::to_be_bytes).concat())),
            None => ring.active().and_then(|root| ring.derive(root, Purpose::Lockout)),
        };
        let accounts = store.map(|store| Arc::new(Accounts { key: key(&store), turns: Turns::default(), store, host: Arc::clone(&host) }));
        let policies = policies.into_iter().map(|policy| (policy.id.clone(), Arc::new(policy))).collect();
        Self { policies, accounts, host }
    }

    pub(crate) async fn begin(&self, policy: &str, identifier: &str, device: Option<&str>, context: &Context) -> Result<Attempt> {
        let (accounts, account) = self.account(policy, identifier, device, context)?;
        let begin = |entry: Option<Entry>, now| match decide::begin(entry, &account.policy, now) {
            Begun::Charged(next) => Decided::Write(next, Ok(next)),
            Begun::Locked { retry_after, next: Some(next) } => Decided::Write(next, Err(retry_after)),
            Begun::Locked { retry_after, next: None } => Decided::Stands(Err(retry_after)),
        };
        let (now, begun) = accounts.decide(&account, begin).await?;
        match begun {
            Err(retry_after) => {
                accounts.emit("lockout_begun", "locked", &account, now);
                Err(LimitError::Locked { retry_after }.into())
            }
            Ok(entry) => {
                let last = entry.fails >= account.policy.threshold;
                accounts.emit("lockout_begun", if last { "last" } else { "charged" }, &account, now);
                Ok(Attempt::new(Arc::clone(accounts), account, entry.fails, last, entry.generation))
            }
        }
    }

    pub(crate) async fn unlock(&self, policy: &str, identifier: &str, device: Option<&str>, context: &Context) -> Result<()> {
        let (accounts, account) = self.account(policy, identifier, device, context)?;
        let unlock = |entry, now| Some(decide::unlock(entry, &account.policy, now));
        let now = accounts.change(&account, unlock).await?;
        accounts.emit("lockout_unlocked", "done", &account, now);
        Ok(())
    }

    pub(crate) async fn status(&self, policy: &str, identifier: &str, device: Option<&str>) -> Result<LockoutStatus> {
        let (accounts, account) = self.account(policy, identifier, device, &Context::default())?;
        let (now, seen) = accounts.load(&account.key).await?;
        let entry = seen.map(|(entry, _)| decide::look(entry, &account.policy, now));
        Ok(LockoutStatus {
            fails: entry.map_or(0, |entry| entry.fails),
            threshold: account.policy.threshold,
            locked_until: entry.map(|entry| entry.locked_until).filter(|until| *until > now),
            level: entry.map_or(0, |entry| entry.level),
            now,
        })
    }

    fn account(&self, policy: &str, identifier: &str, device: Option<&str>, context: &Context) -> Result<(&Arc<Accounts>, Account)> {
        self.host.ensure_open()?;
        let policy = self.policies.get(policy).ok_or(Error::invalid_argument("policy", "name one of lockout.policies"))?;
        let subject = policy.subject.normalise(identifier)?;
        let no_store = || ConfigError::at_call("store", "give the policy a store: without one nothing is remembered");
        let accounts = self.accounts.as_ref().ok_or_else(no_store)?;
        let no_key = || ConfigError::at_call("root_keys", "give the policy a root key: a shared store keeps no identifier as it is");
        let mut mac = accounts.key.clone().ok_or_else(no_key)?;
        let mut bytes = Vec::new();
        lp(&mut bytes, policy.id.as_bytes());
        lp(&mut bytes, subject.as_bytes());
        if let Some(device) = device {
            lp(&mut bytes, device.as_bytes());
        }
        mac.update(&bytes);
        let id: [u8; 32] = mac.finalize().into_bytes().into();
        Ok((accounts, Account { policy: Arc::clone(policy), key: Key::new(Kind::Lockout, id)?, context: context.clone() }))
    }
}

impl Accounts {
    pub(super) async fn succeed(&self, account: &Account, generation: u64) -> Result<()> {
        let now = self.change(account, |entry, now| decide::succeed(entry, generation, &account.policy, now)).await?;
        self.emit("lockout_settled", "success", account, now);
        Ok(())
    }

    /// A failure was charged when it began: there is only something to tell.
    pub(super) fn failed(&self, account: &Account, last: bool) {
        let now = self.host.clock.now();
        self.emit("lockout_settled", "failure", account, now);
        if last {
            self.emit("locked_out", "locked", account, now);
        }
    }

    pub(super) async fn abandon(&self, account: &Account, generation: u64) -> Result<()> {
        let now = self.change(account, |entry, now| decide::abandon(entry, generation, &account.policy, now)).await?;
        self.emit("lockout_abandoned", "done", account, now);
        Ok(())
    }

    /// Changes what is stored of an account, if there is anything; a lost reply is not asked for again.
    async fn change(&self, account: &Account, decide: impl Fn(Entry, Timestamp) -> Option<Entry>) -> Result<Timestamp> {
        let change = |entry: Option<Entry>, now| match entry.and_then(|entry| decide(entry, now)) {
            Some(next) => Decided::Write(next, ()),
            None => Decided::Stands(()),
        };
        Ok(self.decide(account, change).await?.0)
    }

    /// Load → decide → swap: when it was decided, by the store's clock, and what that came to.
    async fn decide<T>(&self, account: &Account, decide: impl Fn(Option<Entry>, Timestamp) -> Decided<T>) -> Result<(Timestamp, T)> {
        let (mut now, mut seen) = self.load(&account.key).await?;
        let (mut turn, mut conflicts) = (None, Conflicts::default());
        loop {
            let (next, outcome) = match decide(seen.as_ref().map(|(entry, _)| *entry), now) {
                Decided::Write(next, outcome) => (next, outcome),
                // Whoever changes nothing stands in nobody's way: an account under attack is locked, and asked for without end.
                Decided::Stands(outcome) => return Ok((now, outcome)),
            };
            if turn.is_none() {
                let mine = turn.insert(self.turns.turn(&account.key, &self.host).await?);
                if mine.has_waited {
                    (now, seen) = self.load(&account.key).await?;
                    continue;
                }
            }
            match self.swap(account, seen.as_ref(), next, now).await? {
                Ok(()) => return Ok((now, outcome)),
                Err(found) => (now, seen) = found,
            }
            if !conflicts.again(&self.host).await {
                return Err(Error::unavailable(STORE));
            }
        }
    }

    async fn load(&self, key: &Key) -> Result<(Timestamp, Option<Seen>)> {
        let loaded = self.store.load(std::slice::from_ref(key)).await?;
        let record = loaded.records.into_iter().next().flatten();
        Ok((loaded.now, record.map(read).transpose()?))
    }

    /// Swaps, or says what is there instead.
    async fn swap(&self, account: &Account, seen: Option<&Seen>, entry: Entry, now: Timestamp) -> Result<Result<(), (Timestamp, Option<Seen>)>> {
        let expect = seen.map_or(Expect::Absent, |(_, version)| Expect::Version(*version));
        let next = Next::Put { group: None, expires_at: decide::expires_at(&entry, &account.policy), value: entry.write() };
        let reply = self.store.swap(Swap { key: account.key.clone(), expect, next, decided_at: now }).await?;
        Ok(match reply.outcome {
            Swapped::Written(_) => Ok(()),
            Swapped::Conflict(record) => Err((reply.now, record.map(read).transpose()?)),
        })
    }

    fn emit(&self, kind: &'static str, outcome: &'static str, account: &Account, now: Timestamp) {
        if self.host.events.are_wanted() {
            let mut event = Event::new(kind, now, outcome, &account.context);
            let (_, digest) = account.key.id().split_at(account.key.id().len().min(16));
            event.id = Some(hex(digest));
            event.details = vec![("policy", account.policy.id.clone())];
            self.host.events.emit(&event);
        }
    }
}

/// What a decision on an account comes to.
enum Decided<T> {
    /// This, once the entry is written.
    Write(Entry, T),
    /// This: there is nothing to write.
    Stands(T),
}

/// An entry and the version of its record.
type Seen = (Entry, u64);

fn read(record: Record) -> Result<Seen> {
    Ok((Entry::read(&record.value)?, record.version))
}
