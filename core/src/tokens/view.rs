//! What a verifier knows of revocations without asking the store: the deny records and the epochs in use.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::error::{Error, Result};
use crate::store::{Kind, Store};
use crate::time::Clock;
use crate::tokens::epoch::{self, DENY_GROUP, Denial, Level};
use crate::tokens::policy::ViewPolicy;
use crate::tokens::refresh::token::FamilyId;

/// The local view of one gate. Reading takes no lock.
pub(crate) struct View {
    state: ArcSwap<State>,
    /// Held while the state is replaced, so that nothing written between is lost.
    writing: Mutex<()>,
    policy: ViewPolicy,
    clock: Arc<dyn Clock>,
}

#[derive(Clone, Default)]
struct State {
    families: HashSet<FamilyId>,
    below: HashMap<Level, u64>,
    /// Epochs of the installation and of the tenants in use.
    epochs: HashMap<Level, u64>,
    /// What this gate wrote since the refresh that is under way began.
    own: Vec<Denial>,
    refreshed_at: Option<Duration>,
}

impl State {
    fn deny(&mut self, denial: Denial) {
        match denial {
            Denial::Family(family_id) => {
                self.families.insert(family_id);
            }
            Denial::Below(level, version) => {
                let known = self.below.entry(level).or_insert(0);
                *known = (*known).max(version);
            }
        }
    }
}

impl View {
    pub(crate) fn new(policy: ViewPolicy, clock: Arc<dyn Clock>) -> Self {
        Self { state: ArcSwap::default(), writing: Mutex::new(()), policy, clock }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = State::clone(&self.state.load());
        change(&mut state);
        self.state.store(Arc::new(state));
    }

    /// How old it is; `unavailable` if it is older than the policy allows.
    pub(crate) fn age(&self) -> Result<Duration> {
        let refreshed_at = self.state.load().refreshed_at.ok_or(Error::unavailable("the list of revocations"))?;
        let age = self.clock.monotonic().saturating_sub(refreshed_at);
        if age > self.policy.max_age && !self.policy.accept_stale {
            return Err(Error::unavailable("the list of revocations"));
        }
        Ok(age)
    }

    /// How long ago it was refreshed, whatever the policy says.
    pub(crate) fn is_due(&self) -> bool {
        self.state.load().refreshed_at.is_none_or(|at| self.clock.monotonic().saturating_sub(at) > self.policy.refresh)
    }

    /// Whether tokens of this family and of these versions are revoked. Levels are computed only where any is denied.
    pub(crate) fn denies(&self, family_id: &FamilyId, versions: [u64; 3], tenant: &str, subject: &str) -> bool {
        let state = self.state.load();
        if state.families.contains(family_id) {
            return true;
        }
        if state.below.is_empty() {
            return false;
        }
        let levels = [Level::subject(tenant, subject), Level::tenant(tenant), Level::Installation];
        levels.iter().zip(versions).any(|(level, version)| state.below.get(level).is_some_and(|min| version < *min))
    }

    /// Notes what this gate wrote: it counts at once.
    pub(crate) fn note(&self, denial: Denial) {
        self.update(|state| {
            state.deny(denial);
            state.own.push(denial);
        });
    }

    /// Notes an epoch that was read or written.
    pub(crate) fn note_epoch(&self, level: Level, version: u64) {
        // Every login says what is known already; only news is worth a copy of the view.
        if self.state.load().epochs.get(&level).is_some_and(|known| *known >= version) {
            return;
        }
        self.update(|state| {
            let known = state.epochs.entry(level).or_insert(0);
            *known = (*known).max(version);
        });
    }

    /// The epoch of a tenant or the installation; loaded if it is not in use yet.
    pub(crate) async fn epoch(&self, level: Level, store: &dyn Store) -> Result<u64> {
        if let Some(version) = self.state.load().epochs.get(&level) {
            return Ok(*version);
        }
        let (version, _) = epoch::load(store, &level).await?;
        self.note_epoch(level, version);
        Ok(version)
    }

    /// Reads everything anew.
    pub(crate) async fn refresh(&self, store: &dyn Store) -> Result<()> {
        // The age counts from before the first question, and what is written meanwhile is kept.
        let began = self.clock.monotonic();
        self.update(|state| state.own.clear());
        let mut fresh = State { refreshed_at: Some(began), ..State::default() };
        let mut cursor: Option<Vec<u8>> = None;
        loop {
            let page = store.list(Kind::Deny, Some(DENY_GROUP), cursor.as_deref(), crate::store::MAX_LIST).await?;
            for record in &page.records {
                fresh.deny(Denial::from_bytes(&record.value)?);
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let levels: Vec<_> = self.state.load().epochs.keys().copied().chain([Level::Installation]).collect();
        for level in levels {
            let (version, _) = epoch::load(store, &level).await?;
            fresh.epochs.insert(level, version);
        }
        self.update(|state| {
            for denial in std::mem::take(&mut state.own) {
                fresh.deny(denial);
            }
            for (level, version) in &state.epochs {
                let known = fresh.epochs.entry(*level).or_insert(0);
                *known = (*known).max(*version);
            }
            *state = fresh;
        });
        Ok(())
    }
}
