//! `[store]`: where state is kept, a URL for each domain.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StorePolicy;
use super::reader::Table;
use crate::store::StoreUrl;

pub(super) fn read(store: &Table<'_>, base_dir: &Path) -> StorePolicy {
    let default = url(store, "default", base_dir);
    let mut named = store.has("default");
    let mut of_domain = |name| {
        named |= store.has(name);
        url(store, name, base_dir).or_else(|| default.clone())
    };
    let (tokens, webhooks, idempotency) = (of_domain("tokens"), of_domain("webhooks"), of_domain("idempotency"));
    let (limits, lockout) = (of_domain("limits"), of_domain("lockout"));
    if !named {
        store.problem("default", "write the URL of a store, as \"sqlite:gatewright.db\", or leave [store] out");
    }
    read_pool(store);
    store.choice("durability", &[("local", ()), ("replicated", ())]).optional();
    let sweep_every = store.duration("sweep_every").check("write a duration of at least 1s, as \"6h\"", |every| *every >= Duration::from_secs(1));
    StorePolicy { tokens, webhooks, idempotency, limits, lockout, sweep_every: sweep_every.or(SWEEP_EVERY) }
}

/// `pool` is for stores of later versions.
fn read_pool(store: &Table<'_>) {
    let pool = store.table("pool", |pool| {
        pool.integer("size", 1..=10_000).optional();
        for name in ["connect", "command", "idle"] {
            pool.duration(name).check("write a duration above 0s, as \"10s\"", |duration| !duration.is_zero()).optional();
        }
    });
    pool.optional();
}

fn url(store: &Table<'_>, name: &'static str, base_dir: &Path) -> Option<StoreUrl> {
    let text = store.text(name).optional()?;
    match parse(text, base_dir) {
        Ok(url) => Some(url),
        Err(mend) => {
            store.problem(name, mend);
            None
        }
    }
}

fn parse(text: &str, base_dir: &Path) -> Result<StoreUrl, &'static str> {
    if text == "memory:" {
        return Ok(StoreUrl::Memory);
    }
    if let Some(path) = text.strip_prefix("sqlite:") {
        return sqlite(path, base_dir);
    }
    let (scheme, rest) = text.split_once("://").ok_or(FORMS)?;
    if !["postgres", "postgresql", "redis", "rediss", "redis+sentinel", "redis+cluster"].contains(&scheme) {
        return Err(FORMS);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    if !hosts.split(',').all(is_host) {
        return Err("name the server behind ://, as host or host:5432, several with commas between them");
    }
    Err("write sqlite: and the path of a file, or memory:; PostgreSQL and Redis are not in this build")
}

fn sqlite(path: &str, base_dir: &Path) -> Result<StoreUrl, &'static str> {
    if path.is_empty() || path.contains('\0') {
        return Err("write the path of a file behind sqlite:, as \"sqlite:gatewright.db\"");
    }
    if path.starts_with("//") {
        return Err("write the path right behind sqlite:, as \"sqlite:/var/lib/app/gatewright.db\", without // in front");
    }
    if path == ":memory:" {
        return Err("write \"memory:\" for a store in memory");
    }
    let path: PathBuf = base_dir.join(path);
    Ok(StoreUrl::Sqlite(path))
}

/// A name or address, and perhaps a port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_%".contains(&byte) || (inner.is_some() && byte == b':');
    let name = inner.unwrap_or(name);
    !name.is_empty() && name.bytes().all(is_name) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

const FORMS: &str = "write \"memory:\", or sqlite: and the path of a file, as \"sqlite:gatewright.db\"";
const SWEEP_EVERY: Duration = Duration::from_secs(6 * 3600);
