//! `[http]`: what glue writes.

use super::reader::Table;
use crate::http::ErrorFormat;

/// The part `[http]` of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpPolicy {
    /// How errors are rendered.
    pub errors: ErrorFormat,
}

pub(super) fn read(http: &Table<'_>) -> HttpPolicy {
    let errors = http.choice("errors", &[("problem", ErrorFormat::Problem), ("envelope", ErrorFormat::Envelope)]).or(ErrorFormat::Problem);
    // Of a later version, checked for form.
    let families = http.list("rate_limit_headers", |item| {
        if !matches!(item.text()?, "legacy" | "draft-10") {
            item.problem("write \"legacy\" or \"draft-10\"");
        }
        Some(())
    });
    families.optional();
    HttpPolicy { errors }
}
