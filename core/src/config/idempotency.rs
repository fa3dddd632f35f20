//! `[idempotency]`: settings, and those of each route.

use std::sync::Arc;
use std::time::Duration;

use super::reader::Table;
use super::secret_text::random;
use crate::idempotency::{Effects, Fingerprinting, IdempotencyPolicy, On5xx, OnCrash, OnStoreError, Pointer, Route, Settings};

/// Whether this can be the name of a header (RFC 9110, token).
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_token)
}

const HEADER_NAME: &str = "write the name of a header, as \"X-Trace\"";
const SHORTER_LEASE: &str = "write a lease that is not longer than the retention: an answer is kept at least as long as it may take";
const MAX_WAIT: Duration = Duration::from_secs(60);
const ABOVE_ZERO: &str = "write a duration above 0s, as \"24h\"";
/// A record holds 1 MiB; 64 KiB of it are for headers and state.
const MAX_STORED_BODY: u64 = (1 << 20) - (64 << 10);

pub(super) fn read(idempotency: &Table<'_>) -> IdempotencyPolicy {
    let mut settings = Settings::default();
    read_shared(idempotency, &mut settings);
    if settings.lease > settings.retention {
        idempotency.problem("lease", SHORTER_LEASE);
    }
    let namespace = idempotency.text("namespace").or("").to_owned();
    let replayed_header = idempotency.text("replayed_header").check(HEADER_NAME, |name| is_header_name(name)).or("Idempotent-Replayed").to_owned();
    let fingerprint_key = idempotency.text("fingerprint_key").optional().and_then(|text| random(idempotency, "fingerprint_key", text));
    let routes = idempotency.tables("routes", |route| read_route(route, &settings)).or(Vec::new());
    IdempotencyPolicy { namespace, replayed_header, fingerprint_key, settings: Arc::new(settings), routes }
}

fn read_route(route: &Table<'_>, defaults: &Settings) -> Option<Route> {
    let matches = route.table("match", |matches| {
        let name = |name| matches.name(name).optional().map(str::to_owned);
        (name("method"), name("path"))
    });
    let matches = matches.required("write which requests are meant, as { method = \"POST\", path = \"/devices/*/commands\" }");
    let mut settings = defaults.clone();
    let effects = route.choice("effects", &EFFECTS).or(settings.effects);
    let on_5xx = route.choice("on_5xx", &[("release", On5xx::Release), ("store", On5xx::Store)]).optional();
    let on_crash = route.choice("on_crash", &[("rerun", OnCrash::Rerun), ("hold", OnCrash::Hold)]).optional();
    for name in ["on_5xx", "on_crash"] {
        if effects == Effects::Explicit && route.has(name) {
            route.problem(name, "leave this out: where effects are explicit, the mark decides");
        }
    }
    read_shared(route, &mut settings);
    settings.on_5xx = on_5xx.unwrap_or(settings.on_5xx);
    settings.on_crash = on_crash.unwrap_or(settings.on_crash);
    if settings.lease > settings.retention
        && let Some(member) = ["retention", "lease"].into_iter().find(|member| route.has(member))
    {
        route.problem(member, SHORTER_LEASE);
    }
    matches.map(|(method, path)| Route { method, path, settings: Arc::new(settings) })
}

/// What the part and its routes may both say.
fn read_shared(table: &Table<'_>, settings: &mut Settings) {
    settings.effects = table.choice("effects", &EFFECTS).or(settings.effects);
    settings.retention = table.duration("retention").check(ABOVE_ZERO, |retention| !retention.is_zero()).or(settings.retention);
    settings.lease = table.duration("lease").check(ABOVE_ZERO, |lease| !lease.is_zero()).or(settings.lease);
    let max_body = table.size("max_stored_body").check("write a size of at most 960KiB, as \"256KiB\"", |size| *size <= MAX_STORED_BODY);
    settings.max_stored_body = max_body.optional().and_then(|size| usize::try_from(size).ok()).unwrap_or(settings.max_stored_body);
    settings.wait = table.duration("wait").check("write a duration of at most 60s, as \"2s\"", |wait| *wait <= MAX_WAIT).or(settings.wait);
    settings.on_store_error =
        table.choice("on_store_error", &[("deny", OnStoreError::Deny), ("allow", OnStoreError::Allow)]).or(settings.on_store_error);
    let never_stored = table.list("never_stored", |item| {
        let name = item.text()?;
        if !is_header_name(name) {
            item.problem(HEADER_NAME);
        }
        Some(name.to_owned())
    });
    settings.never_stored = never_stored.optional().unwrap_or_else(|| std::mem::take(&mut settings.never_stored));
    if let Some(fingerprint) = fingerprint(table) {
        settings.fingerprint = fingerprint;
    }
}

/// A word, or a table of JSON Pointers.
fn fingerprint(table: &Table<'_>) -> Option<Fingerprinting> {
    if !table.is_table("fingerprint") {
        return match table.choice("fingerprint", &[("raw", Word::Raw), ("jcs", Word::Jcs), ("content_digest", Word::ContentDigest)]).optional()? {
            Word::Raw => Some(Fingerprinting::Raw),
            Word::Jcs => Some(Fingerprinting::Jcs { exclude: Vec::new() }),
            Word::ContentDigest => Some(Fingerprinting::ContentDigest),
        };
    }
    let form = table.table("fingerprint", |form| {
        let exclude = form.table("jcs", |jcs| pointers(jcs, "exclude").unwrap_or_default()).optional();
        let selected = pointers(form, "selected");
        if form.has("jcs") == form.has("selected") {
            form.problem("selected", "write either jcs = { exclude = [\"/a\"] } or selected = [\"/a\"]");
        }
        exclude.map(|exclude| Fingerprinting::Jcs { exclude }).or_else(|| selected.map(Fingerprinting::Selected))
    });
    form.optional().flatten()
}

#[derive(Clone, Copy)]
enum Word {
    Raw,
    Jcs,
    ContentDigest,
}

fn pointers(table: &Table<'_>, name: &'static str) -> Option<Vec<Pointer>> {
    let pointers = table.list(name, |item| {
        let pointer = Pointer::parse(item.text()?);
        if pointer.is_none() {
            item.problem("write a JSON Pointer, as \"/sent_at\"");
        }
        pointer
    });
    pointers.optional()
}

const EFFECTS: [(&str, Effects); 3] = [("implicit", Effects::Implicit), ("explicit", Effects::Explicit), ("transactional", Effects::Transactional)];
