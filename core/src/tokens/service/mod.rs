//! The service of tokens: every call is load → decide → swap on one record.

mod end;
mod epochs;
mod issue;
mod refresh;
#[cfg(feature = "testing")]
#[cfg(test)]
mod tests;
mod verify;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use lru::LruCache;

use crate::error::{ConfigError, Error, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::keys::Keyring;
use crate::store::{Expect, Next, Record, Store, Swap, Swapped};
use crate::time::Timestamp;
use crate::tokens::access::AccessTokens;
use crate::tokens::epoch::{DENY_GROUP, Denial, denial_life};
use crate::tokens::policy::TokensPolicy;
use crate::tokens::refresh::ratchet::RefreshKeys;
use crate::tokens::refresh::token::{FamilyId, log_id};
use crate::tokens::session::{Login, Session, session_key};
use crate::tokens::view::View;

/// How often a lost swap is decided again.
const TRIES: usize = 16;
/// How many confirmed generations a process remembers, so that confirming costs one write a rotation and not one a request.
const CONFIRMED: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// The tokens of one gate.
pub(crate) struct TokenService {
    policy: TokensPolicy,
    access: AccessTokens,
    keys: Option<RefreshKeys>,
    store: Option<Arc<dyn Store>>,
    view: View,
    host: Arc<Host>,
    confirmed: Mutex<LruCache<FamilyId, u32>>,
}

/// What a loop of decisions works with.
struct Ground<'a> {
    store: &'a dyn Store,
    keys: &'a RefreshKeys,
}

impl TokenService {
    pub(crate) fn new(policy: TokensPolicy, ring: &Keyring, store: Option<Arc<dyn Store>>, host: Arc<Host>) -> Self {
        Self {
            access: AccessTokens::new(&policy),
            keys: RefreshKeys::new(ring),
            store,
            view: View::new(policy.view, Arc::clone(&host.clock)),
            host,
            confirmed: Mutex::new(LruCache::new(CONFIRMED)),
            policy,
        }
    }

    fn store(&self) -> Result<&dyn Store> {
        let missing = || ConfigError::at_call("store", "give the policy a store: sessions live in one");
        Ok(self.store.as_deref().ok_or_else(missing)?)
    }

    fn ground(&self) -> Result<Ground<'_>> {
        self.host.ensure_open()?;
        let store = self.store()?;
        let missing = || ConfigError::at_call("root_keys", "give the policy an active root key: refresh tokens are made from it");
        Ok(Ground { store, keys: self.keys.as_ref().ok_or_else(missing)? })
    }

    /// Whether the local view should be read anew.
    pub(crate) fn view_is_due(&self) -> bool {
        self.store.is_some() && self.view.is_due()
    }

    /// How often it should be.
    pub(crate) const fn view_refresh(&self) -> std::time::Duration {
        self.policy.view.refresh
    }

    /// Whether there is anything to read it from.
    pub(crate) const fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Reads the local view anew.
    pub(crate) async fn refresh_view(&self) -> Result<()> {
        self.host.ensure_open()?;
        self.view.refresh(self.store()?).await
    }

    /// Tells verifiers: after the lasting record, and before the answer. What stops here is `unavailable`, and the call is
    /// repeated.
    async fn deny(&self, store: &dyn Store, denial: Denial, base: Timestamp, now: Timestamp) -> Result<()> {
        let expires_at = base.plus(denial_life(&self.policy));
        if expires_at <= now {
            return Ok(());
        }
        let key = denial.key()?;
        let (mut expect, mut value, mut until, mut decided_at) = (Expect::Absent, denial, expires_at, now);
        for _ in 0..TRIES {
            let next = Next::Put { group: Some(DENY_GROUP.to_vec()), expires_at: until, value: value.to_bytes() };
            let reply = store.swap(Swap { key: key.clone(), expect, next, decided_at }).await?;
            let Swapped::Conflict(found) = reply.outcome else {
                self.view.note(denial);
                return Ok(());
            };
            decided_at = reply.now;
            (expect, value, until) = match found {
                None => (Expect::Absent, denial, expires_at),
                Some(record) => {
                    let known = Denial::from_bytes(&record.value)?;
                    value = known.merged(denial);
                    if value == known && record.expires_at >= expires_at {
                        self.view.note(denial);
                        return Ok(());
                    }
                    (Expect::Version(record.version), value, expires_at.max(record.expires_at))
                }
            };
        }
        Err(Error::unavailable("the store"))
    }

    /// Writes a session over the record that it was decided on.
    async fn put_session(&self, store: &dyn Store, session: &Session, expect: Expect, decided_at: Timestamp) -> Result<(Timestamp, Swapped)> {
        let swap = Swap {
            key: session_key(&session.login.family_id)?,
            expect,
            next: Next::Put {
                group: Some(session.login.owner().to_vec()),
                expires_at: session.keep_until(self.policy.retention),
                value: session.to_bytes(),
            },
            decided_at,
        };
        let reply = store.swap(swap).await?;
        Ok((reply.now, reply.outcome))
    }

    fn emit(&self, kind: &'static str, at: Timestamp, outcome: &'static str, login: Option<&Login>, context: &Context, details: Details) {
        let mut event = Event::new(kind, at, outcome, context);
        if let Some(login) = login {
            event.tenant = Some(login.tenant.clone());
            event.subject = Some(login.subject.clone());
            event.id = Some(log_id(&login.family_id));
        }
        event.details = details;
        self.host.events.emit(&event);
    }
}

type Details = Vec<(&'static str, String)>;

fn read_session(record: Option<&Record>) -> Result<Option<(Session, u64)>> {
    record.map(|record| Ok((Session::from_bytes(&record.value)?, record.version))).transpose()
}

/// Names have at most 255 bytes.
fn check_name(argument: &'static str, name: &str) -> Result<()> {
    if name.len() > 255 { Err(Error::invalid_argument(argument, "give at most 255 bytes")) } else { Ok(()) }
}

/// A subject: a name that is not empty.
fn check_subject(tenant: &str, subject: &str) -> Result<()> {
    check_name("tenant", tenant)?;
    if subject.is_empty() {
        return Err(Error::invalid_argument("subject", "give the user's id; it is not empty"));
    }
    check_name("subject", subject)
}
