//! `[idempotency]`: a domain of a later version, checked for form.

use super::reader::Table;

const ABOVE_ZERO: &str = "write a duration above 0s, as \"24h\"";
/// A record holds 1 MiB; 64 KiB of it are for headers and state.
const MAX_STORED_BODY: u64 = (1 << 20) - (64 << 10);

pub(super) fn read(idempotency: &Table<'_>) {
    let explicit = effects(idempotency).unwrap_or(false);
    retention(idempotency);
    idempotency.duration("lease").check(ABOVE_ZERO, |lease| !lease.is_zero()).optional();
    let max_body = idempotency.size("max_stored_body").check("write a size of at most 960KiB, as \"256KiB\"", |size| *size <= MAX_STORED_BODY);
    max_body.optional();
    idempotency.text("namespace").optional();
    fingerprint(idempotency);
    let routes = idempotency.tables("routes", |route| {
        self::route(route, explicit);
        Some(())
    });
    routes.optional();
}

fn route(route: &Table<'_>, explicit: bool) {
    let matches = route.table("match", |matches| {
        matches.name("method").optional();
        matches.name("path").optional();
    });
    matches.required("write which requests are meant, as { method = \"POST\", path = \"/devices/*/commands\" }");
    let explicit = effects(route).unwrap_or(explicit);
    route.choice("on_5xx", &[("release", ()), ("store", ())]).optional();
    route.choice("on_crash", &[("rerun", ()), ("hold", ())]).optional();
    for name in ["on_5xx", "on_crash"] {
        if explicit && route.has(name) {
            route.problem(name, "leave this out: where effects are explicit, the mark decides");
        }
    }
    retention(route);
    fingerprint(route);
}

/// Whether effects are marked by the handler.
fn effects(table: &Table<'_>) -> Option<bool> {
    table.choice("effects", &[("implicit", false), ("explicit", true), ("transactional", false)]).optional()
}

fn retention(table: &Table<'_>) {
    table.duration("retention").check(ABOVE_ZERO, |retention| !retention.is_zero()).optional();
}

/// A word, or a table of JSON Pointers.
fn fingerprint(table: &Table<'_>) {
    if !table.is_table("fingerprint") {
        table.choice("fingerprint", &[("raw", ()), ("jcs", ()), ("content_digest", ())]).optional();
        return;
    }
    let form = table.table("fingerprint", |form| {
        form.table("jcs", |jcs| pointers(jcs, "exclude")).optional();
        pointers(form, "selected");
        if form.has("jcs") == form.has("selected") {
            form.problem("selected", "write either jcs = { exclude = [\"/a\"] } or selected = [\"/a\"]");
        }
    });
    form.optional();
}

fn pointers(table: &Table<'_>, name: &'static str) {
    let pointers = table.list(name, |item| {
        let pointer = item.text()?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            item.problem("write a JSON Pointer, as \"/sent_at\"");
        }
        Some(())
    });
    pointers.optional();
}
