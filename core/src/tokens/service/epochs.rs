//! Breach response: bumps, what restores a lost one, and what a second theft sets off.

use std::time::Duration;

use super::{Ground, TRIES, TokenService, check_name, check_subject, read_session};
use crate::error::{Error, Result, RevokedReason};
use crate::event::{Context, Event};
use crate::store::{Expect, Kind, MAX_LIST, Next, Store, Swap, Swapped};
use crate::time::Timestamp;
use crate::tokens::epoch::{self, Denial, Epochs, Level, bumped};
use crate::tokens::session::{Login, Session, Status};

/// Within this span a second theft counts.
const ESCALATION: Duration = Duration::from_secs(24 * 60 * 60);

/// What came of raising an epoch.
struct Raised {
    version: u64,
    now: Timestamp,
    written: bool,
}

impl TokenService {
    pub(crate) async fn bump_subject(&self, tenant: &str, subject: &str, reason: &str, context: &Context) -> Result<u64> {
        let ground = self.ground()?;
        check_subject(tenant, subject)?;
        self.bump(ground.store, Level::subject(tenant, subject), reason, context, Some(tenant), Some(subject)).await
    }

    pub(crate) async fn bump_tenant(&self, tenant: &str, reason: &str, context: &Context) -> Result<u64> {
        let ground = self.ground()?;
        check_name("tenant", tenant)?;
        self.bump(ground.store, Level::tenant(tenant), reason, context, Some(tenant), None).await
    }

    pub(crate) async fn bump_all(&self, reason: &str, context: &Context) -> Result<u64> {
        let ground = self.ground()?;
        self.bump(ground.store, Level::Installation, reason, context, None, None).await
    }

    pub(super) async fn bump(
        &self,
        store: &dyn Store,
        level: Level,
        reason: &str,
        context: &Context,
        tenant: Option<&str>,
        subject: Option<&str>,
    ) -> Result<u64> {
        // A bump by somebody else that lands while this one is under way kills the same tokens: it serves for both.
        let mut before = None;
        let raise = |old, now| if old > *before.get_or_insert(old) { old } else { bumped(old, now) };
        let Raised { version, now, .. } = self.raise(store, &level, raise).await?;
        // Counted from the new version too: under a clock that was ahead, tokens may be that young.
        let base = now.max(Timestamp::from_micros(i64::try_from(version).unwrap_or(i64::MAX)));
        self.deny(store, Denial::Below(level, version), base, now).await?;
        let mut event = Event::new("epoch_bump", now, "bumped", context);
        event.tenant = tenant.map(str::to_owned);
        event.subject = subject.map(str::to_owned);
        event.details = vec![("reason", reason.to_owned()), ("version", version.to_string())];
        self.host.events.emit(&event);
        Ok(version)
    }

    /// A family above an epoch shows that the store has lost a bump: the epoch is raised to it again. The caller has made sure that
    /// the family's versions are those of its login.
    pub(super) async fn restore_epochs(&self, store: &dyn Store, login: &Login, min_version: [u64; 3], now: Timestamp) -> Result<()> {
        for ((level, min), version) in Level::of(login).iter().zip(min_version).zip(login.token_version) {
            if version <= min || !self.raise(store, level, |old, _| old.max(version)).await?.written {
                continue;
            }
            let mut event = Event::new("epoch_restored", now, "store_behind", &Context::default());
            event.details = vec![("version", version.to_string())];
            self.host.events.emit(&event);
        }
        Ok(())
    }

    /// The least version of a level that lives, as the store has it.
    pub(super) async fn load_epoch(&self, store: &dyn Store, level: &Level) -> Result<u64> {
        let (version, _) = epoch::load(store, level).await?;
        self.note_epoch(level, version);
        Ok(version)
    }

    async fn raise(&self, store: &dyn Store, level: &Level, mut version: impl FnMut(u64, Timestamp) -> u64) -> Result<Raised> {
        let key = level.key()?;
        let loaded = store.load(std::slice::from_ref(&key)).await?;
        let (mut now, mut found) = (loaded.now, loaded.records.into_iter().next().flatten());
        for _ in 0..TRIES {
            let epochs = Epochs::from_record(found.as_ref())?;
            let old = epochs.min_version(level);
            let raised = version(old, now);
            if raised == old {
                self.note_epoch(level, raised);
                return Ok(Raised { version: raised, now, written: false });
            }
            let expect = found.as_ref().map_or(Expect::Absent, |record| Expect::Version(record.version));
            // An epoch outlives all families, whatever their policy.
            let next = Next::Put { group: None, expires_at: Timestamp::MAX, value: epochs.raised(level, raised).to_bytes() };
            let reply = store.swap(Swap { key: key.clone(), expect, next, decided_at: now }).await?;
            match reply.outcome {
                Swapped::Written(_) => {
                    self.note_epoch(level, raised);
                    return Ok(Raised { version: raised, now, written: true });
                }
                Swapped::Conflict(record) => (now, found) = (reply.now, record),
            }
        }
        Err(Error::unavailable("the store"))
    }

    /// The view keeps the epochs of tenants and of the installation; a subject's is read beside his family.
    fn note_epoch(&self, level: &Level, version: u64) {
        if !matches!(level, Level::Subject(_)) {
            self.view.note_epoch(*level, version);
        }
    }

    /// `escalate_reuse`: at the second family of a subject that ended by theft within a day, all of his end.
    ///
    /// Whether that bump is still missing is read from versions, not from times: a family that gets as far as a theft is not too
    /// old, so the second one's version is the epoch of that moment, and only a later bump lies above both. Times would take a
    /// bump for missing after the clock was set back, and end the new logins at every replay of a dead token.
    pub(super) async fn escalate(&self, ground: &Ground<'_>, row: &Session) -> Result<()> {
        if !self.policy.escalate_reuse || row.status != Status::Ended(RevokedReason::Reuse) {
            return Ok(());
        }
        let mut thefts = 0;
        let mut newest = 0;
        for (other, _) in self.sessions_of(ground.store, &row.login.owner()).await? {
            let near = other.status_at.as_micros().abs_diff(row.status_at.as_micros()) <= ESCALATION.as_micros() as u64;
            let same_owner = other.login.tenant == row.login.tenant && other.login.subject == row.login.subject;
            if near && same_owner && other.status == Status::Ended(RevokedReason::Reuse) {
                thefts += 1;
                newest = newest.max(other.login.subject_version());
            }
        }
        let level = Level::Subject(row.login.owner());
        let min = self.load_epoch(ground.store, &level).await?;
        if thefts < 2 || min > newest {
            return Ok(());
        }
        let (tenant, subject) = (Some(row.login.tenant.as_str()), Some(row.login.subject.as_str()));
        self.bump(ground.store, level, "second reuse within 24 h", &Context::default(), tenant, subject).await?;
        Ok(())
    }

    /// All sessions of an owner's group.
    pub(super) async fn sessions_of(&self, store: &dyn Store, owner: &[u8; 32]) -> Result<Vec<(Session, u64)>> {
        let mut sessions = Vec::new();
        let mut cursor: Option<Vec<u8>> = None;
        loop {
            let page = store.list(Kind::Session, Some(owner), cursor.as_deref(), MAX_LIST).await?;
            for record in &page.records {
                sessions.extend(read_session(Some(record))?);
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(sessions);
            }
        }
    }
}
