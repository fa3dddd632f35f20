//! What an element of `webhooks.endpoints` says, checked and with its defaults.

use std::time::Duration;

use crate::secret::SecretBytes;
use crate::time::Timestamp;
use crate::webhook::scheme::Scheme;

/// An endpoint.
#[derive(Debug, Clone)]
pub struct EndpointPolicy {
    /// How calls name it.
    pub id: String,
    /// How its messages look, the endpoint's own window, replay and `min_len` already in it.
    pub scheme: Scheme,
    /// 1–8 secrets, in policy order.
    pub secrets: Vec<EndpointSecret>,
    /// The largest body. Default 1 MiB.
    pub max_body: u64,
    /// Two-phase claims (the default) or the seed's single step.
    pub one_phase: bool,
    /// How long a message may be handled before another delivery may take it over. Default 30 s.
    pub hold: Duration,
    /// The endpoint's own URL, for schemes that sign it.
    pub url: Option<String>,
}

/// A secret of an endpoint.
#[derive(Debug, Clone)]
pub struct EndpointSecret {
    /// Its name, reported when it matches.
    pub id: String,
    /// The decoded key.
    pub key: EndpointKey,
    /// Whether it also signs.
    pub sign: bool,
    /// In force from this instant on.
    pub not_before: Option<Timestamp>,
    /// In force before this instant.
    pub not_after: Option<Timestamp>,
}

/// A key of an endpoint, decoded as its scheme says.
#[derive(Debug, Clone)]
pub enum EndpointKey {
    /// A shared secret.
    Hmac(SecretBytes),
    /// An Ed25519 seed (`whsk_`): signs and verifies.
    Ed25519Private {
        /// 32 bytes.
        seed: SecretBytes,
        /// 32 bytes.
        public: [u8; 32],
    },
    /// An Ed25519 public key (`whpk_`): only verifies.
    Ed25519Public([u8; 32]),
}
