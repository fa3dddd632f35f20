//! An endpoint made ready: keys set up once, header names known.

use std::time::Duration;

use super::headers::HeaderNames;
use super::policy::{EndpointPolicy, EndpointSecret};
use super::scheme::Scheme;

/// An endpoint made ready: what a gate's webhooks rest on, without store, clock and events.
///
/// ```
/// # use gatewright::webhook::policy::{EndpointPolicy, EndpointSpec, SecretSpec};
/// use gatewright::entropy::OsEntropy;
/// use gatewright::time::Timestamp;
/// use gatewright::webhook::{Endpoint, Sign};
///
/// let secret = SecretSpec { id: "2026-11".into(), secret: "correct horse battery".to_owned().into(), sign: true, not_before: None, not_after: None };
/// let spec = EndpointSpec { id: "chirpstack".into(), preset: Some("parking".into()), secrets: vec![secret], ..EndpointSpec::default() };
/// let endpoint = Endpoint::new(&EndpointPolicy::from_spec(spec).unwrap());
///
/// let now = Timestamp::parse_rfc3339("2026-11-21T08:00:00Z").unwrap();
/// let signed = endpoint.sign(b"{}", &Sign::default(), now, &OsEntropy)?;
/// let headers: Vec<_> = signed.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
/// assert_eq!(endpoint.check(&headers, b"{}", None, now)?.key_id, "2026-11");
/// assert_eq!(endpoint.check(&headers, b"{ }", None, now).unwrap_err().code(), "signature_mismatch");
/// # Ok::<(), gatewright::Error>(())
/// ```
pub struct Endpoint {
    pub(super) id: String,
    pub(super) scheme: Scheme,
    pub(super) names: HeaderNames,
    pub(super) secrets: Vec<EndpointSecret>,
    pub(super) max_body: u64,
    pub(super) one_phase: bool,
    pub(super) hold: Duration,
    pub(super) url: Option<String>,
}

impl Endpoint {
    /// Sets its keys up.
    #[must_use]
    pub fn new(policy: &EndpointPolicy) -> Self {
        Self {
            id: policy.id.clone(),
            names: HeaderNames::new(&policy.scheme),
            scheme: policy.scheme.clone(),
            secrets: policy.secrets.clone(),
            max_body: policy.max_body,
            one_phase: policy.one_phase,
            hold: policy.hold,
            url: policy.url.clone(),
        }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("id", &self.id).finish_non_exhaustive()
    }
}
