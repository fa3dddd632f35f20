//! The policy document: one TOML or JSON file for all languages, checked as a whole before anything starts.
//!
//! `tree` reads the text, `reference` resolves `${…}`, and one file for each domain reads its table through `reader`. A new
//! domain is a file here and a line in [`load`].

mod file;
mod http;
mod idempotency;
mod limits;
mod lockout;
mod problems;
mod reader;
mod reference;
mod root_keys;
mod secret_text;
mod store;
#[cfg(feature = "ring")]
#[cfg(test)]
mod tests;
mod tokens;
mod tree;
mod webhooks;

use std::path::Path;
use std::time::Duration;

pub use file::load_file;
pub use http::HttpPolicy;

use self::problems::{Place, Problems};
use self::reader::Table;
use self::reference::Sources;
use crate::error::Result;
use crate::idempotency::IdempotencyPolicy;
use crate::keys::RootKey;
use crate::limits::LimitPolicy;
use crate::limits::lockout::LockoutPolicy;
use crate::store::StoreUrl;
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
    /// `[idempotency]`.
    pub idempotency: Option<IdempotencyPolicy>,
    /// `[[limits.policies]]`; none without `[limits]`.
    pub limits: Option<Vec<LimitPolicy>>,
    /// `lockout.policies`; none without `[lockout]`.
    pub lockout: Option<Vec<LockoutPolicy>>,
    /// `[http]`.
    pub http: HttpPolicy,
}

/// `[store]`: a URL for each domain. A domain without one has no store, so that its calls that need one are refused.
#[derive(Debug, Clone)]
pub struct StorePolicy {
    /// For sessions, epochs and deny records.
    pub tokens: Option<StoreUrl>,
    /// For replay claims.
    pub webhooks: Option<StoreUrl>,
    /// For idempotency keys.
    pub idempotency: Option<StoreUrl>,
    /// For limits.
    pub limits: Option<StoreUrl>,
    /// For lockouts.
    pub lockout: Option<StoreUrl>,
    /// How often expired records are removed. Default 6 h.
    pub sweep_every: Duration,
}

impl StorePolicy {
    /// Nowhere.
    pub(crate) const fn none() -> Self {
        let sweep_every = Duration::from_secs(6 * 3600);
        Self { tokens: None, webhooks: None, idempotency: None, limits: None, lockout: None, sweep_every }
    }
}

/// Where the text of a policy document comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file, which problems name.
    pub file: Option<&'a Path>,
    /// Where relative paths start: those of `${file:…}` and of `sqlite:…`.
    pub base_dir: &'a Path,
    /// Whether a program made the text of its own data: its problems then have no lines.
    pub as_data: bool,
}

impl Default for Source<'_> {
    /// A text that a person wrote, in no file; paths start at the working directory.
    fn default() -> Self {
        Self { file: None, base_dir: Path::new(""), as_data: false }
    }
}

/// Reads and checks a policy document, TOML or JSON (which begins with `{`). `env` gives the variables that `${NAME}` names.
///
/// # Errors
/// `config_invalid` with every problem of the document, in file order.
///
/// ```
/// use gatewright::config::{Source, load};
/// use gatewright::store::StoreUrl;
///
/// let text = "version = 1\n[store]\ndefault = \"memory:\"\n";
/// let policy = load(text, &Source::default(), &|_| None)?;
/// assert_eq!(policy.store.and_then(|store| store.tokens), Some(StoreUrl::Memory));
///
/// let error = load("version = 1\n[store]\ndefault = \"mysql://db\"\n", &Source::default(), &|_| None).unwrap_err();
/// assert_eq!((error.problems()[0].line, error.problems()[0].field.as_str()), (Some(3), "store.default"));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn load(text: &str, source: &Source<'_>, env: &dyn Fn(&str) -> Option<String>) -> Result<Policy> {
    let problems = Problems::default();
    let policy = check(text, source, env, &problems);
    match (problems.into_error(text, source), policy) {
        (Some(error), _) => Err(error.into()),
        (None, Some(policy)) => Ok(policy),
        (None, None) => Err(crate::error::Error::Internal("a policy without a problem was not read")),
    }
}

fn check(text: &str, source: &Source<'_>, env: &dyn Fn(&str) -> Option<String>, problems: &Problems) -> Option<Policy> {
    if text.len() > file::MAX_LEN {
        problems.add(Place { at: 0, field: String::new() }, file::TOO_LONG);
        return None;
    }
    let (root, faults) = tree::read(text);
    for fault in faults {
        problems.add(Place { at: fault.at, field: fault.field }, fault.mend);
    }
    let mut root = root?;
    Sources { env, base_dir: source.base_dir }.resolve_all(&mut root, "", problems);
    Table::read_root(&root, problems, |root| read(root, source.base_dir))
}

fn read(root: &Table<'_>, base_dir: &Path) -> Policy {
    root.integer("version", 1..=1).required("write version = 1");
    let root_keys = root_keys::read(root);
    let store = root.table("store", |table| store::read(table, base_dir)).optional();
    root_keys::ensure_given(root, store.as_ref());
    Policy {
        root_keys,
        store,
        tokens: root.table("tokens", tokens::read).optional(),
        endpoints: root.table("webhooks", webhooks::read).or(Vec::new()),
        idempotency: root.table("idempotency", idempotency::read).optional(),
        limits: root.table("limits", limits::read).optional(),
        lockout: root.table("lockout", lockout::read).optional(),
        http: root.table("http", http::read).or(HttpPolicy::default()),
    }
}
