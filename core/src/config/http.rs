//! `[http]`: what glue writes; of a later version, checked for form.

use super::reader::Table;

pub(super) fn read(http: &Table<'_>) {
    http.choice("errors", &[("problem", ()), ("envelope", ())]).optional();
    let families = http.list("rate_limit_headers", |item| {
        if !matches!(item.text()?, "legacy" | "draft-10") {
            item.problem("write \"legacy\" or \"draft-10\"");
        }
        Some(())
    });
    families.optional();
}
