//! The check of one message: pure, in one order, each refusal with its own code.
//!
//! Headers, time, window, framing and size cost next to nothing and are looked at before the first byte is hashed; the claim on
//! the message (`webhook::replay`) comes only after the signature, so that a forger can use nothing up.

use super::endpoint::Endpoint;
use super::framing::{self, Pieces, Signed};
use super::policy::EndpointSecret;
use super::request::Target;
use super::scheme::{Naive, TimestampForm, Unit};
use super::signature;
use super::types::{Checked, Headers, RequestLine};
use crate::error::{Error, WebhookError};
use crate::event::Context;
use crate::time::{IsoTime, Timestamp, micros};

/// A message whose signature and window are right.
pub(super) struct Message<'a> {
    pub(super) secret: &'a EndpointSecret,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) id: Option<&'a str>,
    pub(super) nonce: Option<&'a str>,
    pub(super) signed: Signed<'a>,
}

impl Endpoint {
    /// Checks signature and window of a message at this instant.
    ///
    /// # Errors
    /// Of [`WebhookError`](crate::error::WebhookError) all but `replayed` and `in_progress`; `invalid_argument` where the scheme signs
    /// the request and none is given.
    pub fn check(&self, headers: Headers<'_>, body: &[u8], request: Option<&RequestLine>, now: Timestamp) -> Result<Checked, Error> {
        match check(self, headers, body, request, now) {
            Ok(message) => Ok(message.checked(Context::default())),
            Err(refusal) => Err(refusal.error),
        }
    }
}

impl Message<'_> {
    pub(super) fn checked(&self, context: Context) -> Checked {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Checked { key_id: self.secret.id.clone(), timestamp: self.timestamp, id: owned(self.id), nonce: owned(self.nonce), context }
    }
}

/// A refusal, and what only a log may say of it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: Error,
    pub(super) details: Vec<(&'static str, String)>,
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), details: Vec::new() }
    }
}

/// Checks a message.
///
/// # Errors
/// The first that applies, in the order of the steps below.
pub(super) fn check<'a>(
    endpoint: &'a Endpoint,
    headers: Headers<'a>,
    body: &'a [u8],
    request: Option<&RequestLine>,
    now: Timestamp,
) -> Result<Message<'a>, Refusal> {
    let (scheme, names) = (&endpoint.scheme, &endpoint.names);
    let target = Target::of(scheme, endpoint.url.as_deref(), request)?;
    let values = names.read(headers)?;
    let signatures = signature::read(scheme, names.signature(), values.signature)?;
    let mut timestamp = None;
    let time_bytes = values.timestamp.or(signatures.timestamp).unwrap_or_default();
    if let Some(form) = &scheme.timestamp {
        let at = parse_time(form, time_bytes).ok_or(WebhookError::TimestampMalformed)?;
        timestamp = Some(within_window(form, at, now)?);
    }
    let nonce = match values.nonce {
        Some(value) => Some(framing::nonce(value).ok_or(WebhookError::NonceMalformed)?),
        None => None,
    };
    let id = match values.id {
        Some(value) => Some(framing::id(value).ok_or_else(|| WebhookError::HeaderMalformed(names.id().to_owned()))?),
        None => None,
    };
    let body_fits = body.len() as u64 <= endpoint.max_body;
    let pieces =
        Pieces { timestamp: time_bytes, id: id.unwrap_or_default(), nonce: nonce.unwrap_or_default(), target: target.as_ref(), body, body_fits };
    let signed = framing::assemble(scheme, &pieces)?;
    if !body_fits {
        return Err(WebhookError::BodyTooLarge.into());
    }
    let mut tried = 0_usize;
    let mut in_force = endpoint.secrets.iter().filter(|secret| secret.is_in_force(now)).inspect(|_| tried += 1);
    match in_force.find(|secret| secret.key.made(&signed, &signatures.candidates)) {
        Some(secret) => Ok(Message { secret, timestamp, id, nonce, signed }),
        None => Err(Refusal { error: WebhookError::SignatureMismatch.into(), details: vec![("secrets_tried", tried.to_string())] }),
    }
}

/// A time as the scheme writes it, in µs: wide enough for fifteen digits of seconds.
fn parse_time(form: &TimestampForm, value: &[u8]) -> Option<i128> {
    let micros_in_one = match form.unit {
        Unit::Iso8601 => {
            let iso = IsoTime::parse(value).filter(|iso| iso.zoned || form.naive == Naive::Utc)?;
            return Some(iso.at.as_micros().into());
        }
        Unit::Ms => 1_000,
        Unit::S => 1_000_000,
    };
    let fits = (1..=15).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    fits.then(|| i128::from(value.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'))) * micros_in_one)
}

/// The instant, if it is neither too old nor too new. Both ends belong to the window.
fn within_window(form: &TimestampForm, at: i128, now: Timestamp) -> Result<Timestamp, Refusal> {
    let server_time_ms = now.as_millis();
    let age = i128::from(now.as_micros()) - at;
    let error = if age > micros(form.past).into() {
        WebhookError::TimestampTooOld { server_time_ms }
    } else if -age > micros(form.future).into() {
        WebhookError::TimestampTooNew { server_time_ms }
    } else {
        match i64::try_from(at) {
            Ok(at) => return Ok(Timestamp::from_micros(at)),
            Err(_) => WebhookError::TimestampTooNew { server_time_ms },
        }
    };
    let mut details = vec![("delta_ms", (age / 1_000).to_string())];
    details.extend(unit_suspect(form, at, now).map(|unit| ("unit_suspect", unit.to_owned())));
    Err(Refusal { error: error.into(), details })
}

/// The unit that the sender seems to have used instead: the most frequent cause of a time far away.
fn unit_suspect(form: &TimestampForm, at: i128, now: Timestamp) -> Option<&'static str> {
    let (other, at) = match form.unit {
        Unit::Iso8601 => return None,
        Unit::Ms => ("s", at * 1_000),
        Unit::S => ("ms", at / 1_000),
    };
    let age = i128::from(now.as_micros()) - at;
    (age <= micros(form.past).into() && -age <= micros(form.future).into()).then_some(other)
}
