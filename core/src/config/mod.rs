//! The policy document: one TOML or JSON file for all languages, checked as a whole before anything starts.

use std::time::Duration;

use crate::keys::RootKey;
use crate::tokens::policy::TokensPolicy;
use crate::webhook::policy::EndpointPolicy;

/// A checked policy document.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The root secrets; dropped (and zeroised) once the keyring is built.
    pub root_keys: Vec<RootKey>,
    /// Where state is kept; without it only the calls work that touch memory only.
    pub store: Option<StorePolicy>,
    /// `[tokens]`.
    pub tokens: Option<TokensPolicy>,
    /// `[[webhooks.endpoints]]`.
    pub endpoints: Vec<EndpointPolicy>,
}

/// `[store]`: a URL for each domain.
#[derive(Debug, Clone)]
pub struct StorePolicy {
    /// For sessions, epochs and deny records.
    pub tokens: StoreUrl,
    /// For replay claims.
    pub webhooks: StoreUrl,
    /// How often expired records are removed. Default 6 h.
    pub sweep_every: Duration,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreUrl {
    /// `memory:`: in this process, gone with it.
    Memory,
    /// `sqlite:path`: a file, relative to the policy file's folder.
    Sqlite(std::path::PathBuf),
}
