//! The service: signs, checks, and claims what was checked.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::claims::{Claimed, Claims, Keep, Wanted};
use super::endpoint::Endpoint;
use super::policy::EndpointPolicy;
use super::replay::MARGIN;
use super::scheme::Replay;
use super::types::{Checked, Headers, RequestLine, Sign};
use super::verified::{OpenClaim, Verified};
use super::verify::{self, Message, Refusal};
use crate::encode;
use crate::error::{ConfigError, Error, Result, WebhookError};
use crate::event::{Context, Event};
use crate::host::Host;
use crate::store::{Key, Kind, Store};
use crate::time::Timestamp;

/// The webhooks of one gate.
pub(crate) struct WebhookService {
    endpoints: HashMap<String, Endpoint>,
    host: Arc<Host>,
    claims: Option<Arc<Claims>>,
}

impl WebhookService {
    /// Makes the endpoints of a policy ready. Without a store, only what touches memory works.
    pub(crate) fn new(endpoints: &[EndpointPolicy], store: Option<Arc<dyn Store>>, host: Arc<Host>) -> Self {
        Self {
            endpoints: endpoints.iter().map(|policy| (policy.id.clone(), Endpoint::new(policy))).collect(),
            claims: store.map(|store| Arc::new(Claims::new(store, Arc::clone(&host)))),
            host,
        }
    }

    pub(crate) fn sign(&self, endpoint: &str, body: &[u8], options: &Sign) -> Result<Vec<(String, String)>> {
        self.host.ensure_open()?;
        self.endpoint(endpoint)?.sign(body, options, self.host.clock.now(), &*self.host.entropy)
    }

    pub(crate) fn header_names(&self, endpoint: &str) -> Vec<&str> {
        self.endpoints.get(endpoint).map(|endpoint| endpoint.names.all().collect()).unwrap_or_default()
    }

    pub(crate) fn check(&self, endpoint: &str, headers: Headers<'_>, body: &[u8], request: Option<&RequestLine>) -> Result<Checked> {
        self.host.ensure_open()?;
        let endpoint = self.endpoint(endpoint)?;
        let now = self.host.clock.now();
        match verify::check(endpoint, headers, body, request, now) {
            Ok(message) => {
                self.observe("webhook_checked", endpoint, now, "valid", &Context::default(), || accepted(&message));
                Ok(message.checked(Context::default()))
            }
            Err(refusal) => Err(self.refuse("webhook_checked", endpoint, now, &Context::default(), refusal)),
        }
    }

    pub(crate) async fn verify(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: Context,
    ) -> Result<Verified> {
        self.host.ensure_open()?;
        let endpoint = self.endpoint(endpoint)?;
        let no_store = || ConfigError::at_call("store", "give the policy a store: replays cannot be told without one");
        let claims = self.claims.as_ref().ok_or_else(no_store)?;
        let now = self.host.clock.now();
        let message = match verify::check(endpoint, headers, body, request, now) {
            Ok(message) => message,
            Err(refusal) => return Err(self.refuse(VERIFIED, endpoint, now, &context, refusal)),
        };
        let Some(wanted) = wanted(endpoint, &message)? else {
            self.observe(VERIFIED, endpoint, now, "verified", &context, || accepted(&message));
            return Ok(self.verified(endpoint, &message, context, false, None));
        };
        let details = || accepted(&message).into_iter().chain([("claim", encode::hex(wanted.key.id()))]).collect();
        let refuse = |error: Error| Refusal { error, details: details() };
        match claims.claim(&wanted).await {
            Ok(Claimed::Before) if endpoint.scheme.replay != Replay::Id => {
                Err(self.refuse(VERIFIED, endpoint, now, &context, refuse(WebhookError::Replayed.into())))
            }
            Ok(claimed) => {
                let duplicate = matches!(claimed, Claimed::Before);
                let outcome = if duplicate { "duplicate" } else { "verified" };
                self.observe(VERIFIED, endpoint, now, outcome, &context, details);
                let claim = match claimed {
                    Claimed::Held(held) => Some(OpenClaim::new(Arc::clone(claims), held)),
                    Claimed::Before | Claimed::Used => None,
                };
                Ok(self.verified(endpoint, &message, context, duplicate, claim))
            }
            Err(error) => Err(self.refuse(VERIFIED, endpoint, now, &context, refuse(error))),
        }
    }

    /// Checks a message, and gives what tells it from all others: what `verify` would claim or, where the endpoint tells no replays,
    /// its id or else its signed bytes.
    pub(crate) fn identify(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: &Context,
    ) -> Result<(Checked, [u8; 32])> {
        self.host.ensure_open()?;
        let endpoint = self.endpoint(endpoint)?;
        let now = self.host.clock.now();
        match verify::check(endpoint, headers, body, request, now) {
            Ok(message) => {
                self.observe("webhook_checked", endpoint, now, "valid", context, || accepted(&message));
                let replay = match endpoint.scheme.replay {
                    Replay::None if message.id.is_some() => Replay::Id,
                    Replay::None => Replay::Signature,
                    replay => replay,
                };
                Ok((message.checked(context.clone()), identity(endpoint, &message, replay)))
            }
            Err(refusal) => Err(self.refuse("webhook_checked", endpoint, now, context, refusal)),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the arguments of verify, and what to do with the message")]
    pub(crate) async fn run<T, E, F>(
        &self,
        endpoint: &str,
        headers: Headers<'_>,
        body: &[u8],
        request: Option<&RequestLine>,
        context: Context,
        handle: impl FnOnce(&Verified) -> F,
    ) -> Result<T, E>
    where
        E: From<Error>,
        F: Future<Output = Result<T, E>>,
    {
        let verified = self.verify(endpoint, headers, body, request, context).await?;
        match handle(&verified).await {
            Ok(done) => {
                verified.commit().await?;
                Ok(done)
            }
            Err(failed) => {
                // The handler's failure is what the caller must see; a release that fails leaves the claim to its hold.
                let _ = verified.release().await;
                Err(failed)
            }
        }
    }

    fn endpoint(&self, id: &str) -> Result<&Endpoint> {
        self.endpoints.get(id).ok_or(Error::invalid_argument("endpoint", "name an endpoint of the policy document"))
    }

    fn verified(&self, endpoint: &Endpoint, message: &Message<'_>, context: Context, duplicate: bool, claim: Option<OpenClaim>) -> Verified {
        Verified::new(message.checked(context), duplicate, endpoint.id.clone(), Arc::clone(&self.host), claim)
    }

    fn refuse(&self, kind: &'static str, endpoint: &Endpoint, now: Timestamp, context: &Context, refusal: Refusal) -> Error {
        self.observe(kind, endpoint, now, refusal.error.code(), context, || refusal.details);
        refusal.error
    }

    fn observe(
        &self,
        kind: &'static str,
        endpoint: &Endpoint,
        now: Timestamp,
        outcome: &'static str,
        context: &Context,
        details: impl FnOnce() -> Vec<(&'static str, String)>,
    ) {
        if self.host.events.are_wanted() {
            let mut event = Event::new(kind, now, outcome, context);
            event.details = vec![("endpoint", endpoint.id.clone())];
            event.details.extend(details());
            self.host.events.emit(&event);
        }
    }
}

fn accepted(message: &Message<'_>) -> Vec<(&'static str, String)> {
    vec![("key_id", message.secret.id.clone())]
}

/// What to claim of a message; none where the endpoint tells no replays.
///
/// Nonces are claimed under the secret that signed them, so that one sender cannot use up another's. Ids are not: a retry across
/// a change of secrets stays a duplicate. Nor are signed bytes: one message can have several right signatures.
fn wanted(endpoint: &Endpoint, message: &Message<'_>) -> Result<Option<Wanted>> {
    if endpoint.scheme.replay == Replay::None {
        return Ok(None);
    }
    let digest = identity(endpoint, message, endpoint.scheme.replay);
    let key = Key::new(Kind::Nonce, digest.first_chunk::<16>().copied().unwrap_or_default())?;
    let keep = match (endpoint.scheme.replay, &endpoint.scheme.timestamp, message.timestamp) {
        (Replay::Nonce | Replay::Signature, Some(form), Some(at)) => Keep::Until(at.plus(form.past).plus(MARGIN)),
        _ => Keep::FromClaim,
    };
    Ok(Some(Wanted { key, keep, hold: endpoint.hold, one_phase: endpoint.one_phase }))
}

/// What tells a message of an endpoint from all others.
fn identity(endpoint: &Endpoint, message: &Message<'_>, replay: Replay) -> [u8; 32] {
    let (kind, key_id, value) = match replay {
        Replay::Id => ("id", "", message.id.unwrap_or_default().as_bytes().to_vec()),
        Replay::Nonce => ("nonce", message.secret.id.as_str(), message.nonce.unwrap_or_default().as_bytes().to_vec()),
        Replay::Signature | Replay::None => ("signature", "", message.signed.digest().to_vec()),
    };
    let mut parts = Vec::with_capacity(128);
    for part in [kind, &endpoint.scheme.name, &endpoint.id, key_id] {
        encode::lp(&mut parts, part.as_bytes());
    }
    encode::lp(&mut parts, &value);
    Sha256::digest(&parts).into()
}

const VERIFIED: &str = "webhook_verified";
