//! Signing: the headers that a verifier of the same scheme accepts.

use super::endpoint::Endpoint;
use super::framing::{self, Pieces};
use super::policy::EndpointSecret;
use super::request::Target;
use super::scheme::{Format, TimestampForm, Unit};
use super::signature;
use super::types::Sign;
use crate::encode;
use crate::entropy::{Entropy, draw};
use crate::error::{ConfigError, Error, Result, WebhookError};
use crate::time::Timestamp;

impl Endpoint {
    /// Signs a body as of this instant: the headers to send with it.
    ///
    /// # Errors
    /// As [`Webhooks::sign`](crate::gate::Webhooks::sign).
    pub fn sign(&self, body: &[u8], sign: &Sign, now: Timestamp, entropy: &dyn Entropy) -> Result<Vec<(String, String)>> {
        self::sign(self, body, sign, now, entropy)
    }
}

/// Signs a body. Draws 16 bytes for an id and 16 for a nonce where the scheme has one and none is given.
///
/// # Errors
/// `config_invalid` where no secret in force signs; `invalid_argument` for an id or nonce that the scheme has not, or a request
/// that it needs; the verifier's code for an id or nonce outside its grammar.
fn sign(endpoint: &Endpoint, body: &[u8], sign: &Sign, now: Timestamp, entropy: &dyn Entropy) -> Result<Vec<(String, String)>> {
    let (scheme, names) = (&endpoint.scheme, &endpoint.names);
    let secrets = signers(endpoint, now);
    if secrets.is_empty() {
        return Err(ConfigError::at_call("webhooks.endpoints.secrets", "add a secret that is in force now and may sign").into());
    }
    if sign.id.is_some() && scheme.id.is_none() {
        return Err(Error::invalid_argument("id", "leave it out: the scheme has no id"));
    }
    if sign.nonce.is_some() && scheme.nonce.is_none() {
        return Err(Error::invalid_argument("nonce", "leave it out: the scheme has no nonce"));
    }
    let target = Target::of(scheme, endpoint.url.as_deref(), sign.request.as_ref())?;
    // The grammar of what is given comes before any draw: a refused call draws nothing.
    if sign.id.as_ref().is_some_and(|id| framing::id(id.as_bytes()).is_none()) {
        return Err(WebhookError::HeaderMalformed(names.id().to_owned()).into());
    }
    if sign.nonce.as_ref().is_some_and(|nonce| framing::nonce(nonce.as_bytes()).is_none()) {
        return Err(WebhookError::NonceMalformed.into());
    }
    let timestamp = scheme.timestamp.as_ref().map(|form| write_time(form, now));
    let id = match (&scheme.id, &sign.id) {
        (Some(_), None) => Some(format!("msg_{}", encode::base64url(&draw::<16>(entropy)?))),
        (_, given) => given.clone(),
    };
    let nonce = match (&scheme.nonce, &sign.nonce) {
        (Some(_), None) => Some(encode::base64url(&draw::<16>(entropy)?)),
        (_, given) => given.clone(),
    };
    let pieces = Pieces {
        timestamp: timestamp.as_deref().unwrap_or_default().as_bytes(),
        id: id.as_deref().unwrap_or_default(),
        nonce: nonce.as_deref().unwrap_or_default(),
        target: target.as_ref(),
        body,
        body_fits: true,
    };
    let signed = framing::assemble(scheme, &pieces)?;
    let signatures: Vec<_> = secrets.iter().filter_map(|secret| secret.key.sign(&signed)).collect();
    let signature = signature::write(scheme, timestamp.as_deref(), &signatures);
    let own_header = scheme.timestamp.as_ref().is_some_and(|time| time.header.is_some());
    let named =
        [(names.id(), id), (names.timestamp(), timestamp.filter(|_| own_header)), (names.nonce(), nonce), (names.signature(), Some(signature))];
    Ok(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// The secrets that sign now: all of them, in policy order, where the format is a list; else the newest, which is the one with
/// the latest `not_before` (none counts as the oldest), of equal ones the first in policy order.
fn signers(endpoint: &Endpoint, now: Timestamp) -> Vec<&EndpointSecret> {
    let signing = endpoint.secrets.iter().filter(|secret| secret.sign && secret.is_in_force(now));
    match endpoint.scheme.signature.format {
        Format::SpaceList(_) | Format::Kv { .. } => signing.collect(),
        Format::Plain | Format::Prefixed(_) => {
            let newest = signing.reduce(|newest, secret| if secret.not_before > newest.not_before { secret } else { newest });
            newest.into_iter().collect()
        }
    }
}

fn write_time(form: &TimestampForm, now: Timestamp) -> String {
    match form.unit {
        Unit::Iso8601 => Timestamp::from_secs(now.as_secs()).to_string(),
        Unit::Ms => now.as_millis().to_string(),
        Unit::S => now.as_secs().to_string(),
    }
}
