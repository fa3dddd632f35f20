//! The service: begins operations, replays their answers.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::client;
use super::decide::{self, Begun};
use super::fingerprint::{Content, Fingerprinting};
use super::guard::Guard;
use super::heartbeat::Heartbeat;
use super::key::{IdempotencyKey, Scope};
use super::ledger::{Ledger, Opened, Seen};
use super::operation::{Opening, Operation};
use super::policy::{Effects, IdempotencyPolicy, InForce, OnStoreError, Origin, Settings};
use super::record::{Checkpoint, State};
use super::response::replayed;
#[cfg(feature = "sqlite")]
use super::transaction::{self, BeginIn};
use crate::encode::lp;
use crate::entropy::draw;
use crate::error::{ConfigError, Error, IdempotencyError, Result};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::http::Response;
use crate::store::{Key, Kind, Store};

/// A request that must have one effect.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The lines of the header `Idempotency-Key`, as received.
    pub key: Vec<&'a [u8]>,
    /// Whose it is, and to what.
    pub scope: Scope,
    /// What it asks for.
    pub content: Content<'a>,
    /// The path that routes of the policy are matched with, where it is not the one of the scope.
    pub route: Option<&'a str>,
    /// The request that led here, for events.
    pub context: Context,
}

impl<'a> Request<'a> {
    /// A request with one header line and a body.
    #[must_use]
    pub fn new(key: &'a str, scope: Scope, body: &'a [u8]) -> Self {
        Self { key: vec![key.as_bytes()], scope, content: Content { body: Some(body), ..Content::default() }, ..Self::default() }
    }
}

/// What a request is to do.
#[derive(Debug)]
pub enum Begin {
    /// Run it, and complete the guard.
    Execute(Guard),
    /// Another worker began it and its lease ran out: go on from its newest checkpoint, if it left one, and complete the guard.
    Resume(Guard, Option<Checkpoint>),
    /// It has been run: send this.
    Replay(Response),
}

/// The idempotency of one gate.
pub(crate) struct IdempotencyService {
    policy: Arc<IdempotencyPolicy>,
    ledger: Option<Arc<Ledger>>,
    heartbeat: Arc<Heartbeat>,
    host: Arc<Host>,
}

impl IdempotencyService {
    /// `time_passes`: whether there will be a thread that keeps leases alive.
    pub(crate) fn new(policy: IdempotencyPolicy, store: Option<Arc<dyn Store>>, host: Arc<Host>, in_force: InForce, time_passes: bool) -> Self {
        let policy = Arc::new(policy);
        in_force.put(Arc::clone(&policy));
        let ledger = store.map(|store| Arc::new(Ledger::new(store, Arc::clone(&host), in_force)));
        let heartbeat = Arc::new(Heartbeat::new(Arc::clone(&host), time_passes));
        Self { policy, ledger, heartbeat, host }
    }

    pub(crate) fn heartbeat(&self) -> Arc<Heartbeat> {
        Arc::clone(&self.heartbeat)
    }

    pub(crate) fn new_key(&self) -> Result<String> {
        self.host.ensure_open()?;
        client::new_key(self.host.clock.now(), &*self.host.entropy)
    }

    pub(crate) async fn begin(&self, request: &Request<'_>) -> Result<Begin> {
        let begun = self.open(request).await;
        self.observe(outcome(&begun), &request.context, Some(&request.scope.tenant), ("method", request.scope.method.clone()));
        begun
    }

    pub(crate) async fn run<E, F>(&self, request: &Request<'_>, handle: impl FnOnce(Arc<Guard>, Option<Checkpoint>) -> F) -> Result<Response, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Response, E>>,
    {
        let (guard, checkpoint) = match self.begin(request).await? {
            Begin::Replay(response) => return Ok(response),
            Begin::Execute(guard) => (Arc::new(guard), None),
            Begin::Resume(guard, checkpoint) => (Arc::new(guard), checkpoint),
        };
        let handled = guard.watch_over(async { handle(Arc::clone(&guard), checkpoint).await }).await;
        let response = match handled {
            Ok(response) => response,
            Err(error) => {
                guard.abandon().await;
                return Err(error);
            }
        };
        match guard.complete(&response).await {
            Err(Error::Idempotency(IdempotencyError::Stale { response: Some(winner) })) => Ok(*winner),
            done => Ok(done?),
        }
    }

    async fn open(&self, request: &Request<'_>) -> Result<Begin> {
        self.host.ensure_open()?;
        let ledger = self.ledger()?;
        let (id, fingerprint, settings) = self.name(request)?;
        let key_line = request.key.first().map(|line| line.to_vec());
        let (method, path) = (request.scope.method.as_str().into(), request.route.unwrap_or(&request.scope.path).into());
        let origin = Origin { method, path, least_retention: Duration::ZERO };
        self.open_record(ledger, id, fingerprint, key_line, (origin, settings)).await
    }

    /// Begins an operation inside its caller's transaction.
    #[cfg(feature = "sqlite")]
    pub(crate) fn begin_in<'t>(&self, transaction: &'t rusqlite::Transaction<'t>, request: &Request<'_>) -> Result<BeginIn<'t>> {
        let begun = self.open_in(transaction, request);
        let outcome = match &begun {
            Ok(BeginIn::Execute(_)) => "execute",
            Ok(BeginIn::Replay(_)) => "replay",
            Err(error) => error.code(),
        };
        self.observe(outcome, &request.context, Some(&request.scope.tenant), ("method", request.scope.method.clone()));
        begun
    }

    #[cfg(feature = "sqlite")]
    fn open_in<'t>(&self, transaction: &'t rusqlite::Transaction<'t>, request: &Request<'_>) -> Result<BeginIn<'t>> {
        self.host.ensure_open()?;
        let (id, fingerprint, settings) = self.name(request)?;
        if settings.effects != Effects::Transactional {
            return Err(ConfigError::at_call("idempotency.effects", "write transactional for this route, or call begin").into());
        }
        let (key_line, replayed_header) = (request.key.first().copied(), self.policy.replayed_header.as_str());
        transaction::begin(transaction, &self.host, &transaction::Opening { id, fingerprint, key_line, replayed_header, settings })
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn prepare_in(&self, connection: &rusqlite::Connection) -> Result<()> {
        self.host.ensure_open()?;
        transaction::prepare(connection)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn sweep_in(&self, connection: &rusqlite::Connection, limit: usize) -> Result<u64> {
        self.host.ensure_open()?;
        transaction::sweep(connection, limit, self.host.clock.now())
    }

    /// Begins the operation that a message asks for; `message` is what tells it from all others.
    pub(crate) async fn begin_message(&self, endpoint: &str, message: &[u8; 32], body: &[u8], context: &Context) -> Result<Begin> {
        let begun = self.open_message(endpoint, message, body).await;
        self.observe(outcome(&begun), context, None, ("endpoint", endpoint.to_owned()));
        begun
    }

    async fn open_message(&self, endpoint: &str, message: &[u8; 32], body: &[u8]) -> Result<Begin> {
        self.host.ensure_open()?;
        let origin = Origin { method: MESSAGE_METHOD.into(), path: format!("/{endpoint}").into(), least_retention: MESSAGE_RETENTION };
        let settings = origin.settings(&self.policy);
        let fingerprint =
            Fingerprinting::Raw.fingerprint(Content { body: Some(body), ..Content::default() }, self.policy.fingerprint_key.as_ref())?;
        let id = message_record_id(&self.policy.namespace, message);
        self.open_record(self.ledger()?, id, fingerprint, None, (origin, &settings)).await
    }

    async fn open_record(
        &self,
        ledger: &Arc<Ledger>,
        id: [u8; 32],
        fingerprint: [u8; 32],
        key_line: Option<Vec<u8>>,
        (origin, settings): (Origin, &Arc<Settings>),
    ) -> Result<Begin> {
        if settings.effects == Effects::Transactional {
            let mend = "call begin_in with your transaction (Rust with SQLite), or write implicit or explicit for this route";
            return Err(ConfigError::at_call("idempotency.effects", mend).into());
        }
        let token = draw(&*self.host.entropy)?;
        let key = Key::new(Kind::Idempotency, id)?;
        let guard = |seen, is_unrecorded| {
            let opened_by = (Arc::clone(&self.policy), Arc::clone(settings));
            let opening = Opening { key: key.clone(), key_line: key_line.clone(), fingerprint, origin: origin.clone(), opened_by, is_unrecorded };
            Guard::new(Operation::new(Arc::clone(ledger), Arc::clone(&self.host), opening, seen), &self.heartbeat)
        };
        match ledger.begin_or_wait(&key, fingerprint, token, settings).await {
            Ok(Opened::Replay(response)) => Ok(Begin::Replay(replayed(response, &self.policy.replayed_header, key_line.as_deref()))),
            Ok(Opened::Own { seen, resumed: false }) => Ok(Begin::Execute(guard(seen, false))),
            Ok(Opened::Own { seen, resumed: true }) => {
                let checkpoint = match &seen.entry.state {
                    State::InFlight(flight) => flight.checkpoint.clone(),
                    State::Released | State::Completed { .. } => None,
                };
                Ok(Begin::Resume(guard(seen, false), checkpoint))
            }
            Err(Error::Unavailable { .. }) if settings.on_store_error == OnStoreError::Allow => {
                let seen = decide::begin(None, fingerprint, token, settings, self.host.clock.now())?;
                let (Begun::Execute(entry) | Begun::Resume(entry)) = seen else {
                    return Err(Error::Internal("nothing can be replayed without a record"));
                };
                Ok(Begin::Execute(guard(Seen::unrecorded(entry), true)))
            }
            Err(error) => Err(error),
        }
    }

    /// The name of a request's record, its fingerprint, and what it is decided by.
    fn name(&self, request: &Request<'_>) -> Result<([u8; 32], [u8; 32], &Arc<Settings>)> {
        let key = IdempotencyKey::parse(&request.key)?;
        let id = request.scope.record_id(&self.policy.namespace, &key)?;
        let settings = self.policy.settings(&request.scope, request.route);
        Ok((id, settings.fingerprint.fingerprint(request.content, self.policy.fingerprint_key.as_ref())?, settings))
    }

    fn ledger(&self) -> Result<&Arc<Ledger>> {
        let no_store = || ConfigError::at_call("store", "give the policy a store: without one nothing is remembered");
        Ok(self.ledger.as_ref().ok_or_else(no_store)?)
    }

    fn observe(&self, outcome: &'static str, context: &Context, tenant: Option<&str>, detail: (&'static str, String)) {
        if !self.host.events.are_wanted() {
            return;
        }
        let mut event = Event::new("idempotency_begun", self.host.clock.now(), outcome, context);
        event.tenant = tenant.map(str::to_owned);
        event.details = vec![detail];
        self.host.events.emit(&event);
    }
}

const fn outcome(begun: &Result<Begin>) -> &'static str {
    match begun {
        Ok(Begin::Execute(_)) => "execute",
        Ok(Begin::Resume(..)) => "resume",
        Ok(Begin::Replay(_)) => "replay",
        Err(error) => error.code(),
    }
}

/// The name of the record of a message.
fn message_record_id(namespace: &str, message: &[u8; 32]) -> [u8; 32] {
    let mut bytes = MESSAGE_LABEL.to_vec();
    lp(&mut bytes, namespace.as_bytes());
    lp(&mut bytes, message);
    Sha256::digest(&bytes).into()
}

const MESSAGE_LABEL: &[u8] = b"gw.idem.msg.1";
/// The method by which a route of the policy means messages.
const MESSAGE_METHOD: &str = "WEBHOOK";
/// Senders repeat a message for days: the answer to one is kept at least as long as its id would be.
const MESSAGE_RETENTION: Duration = Duration::from_secs(96 * 3600);

#[cfg(feature = "testing")]
#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
