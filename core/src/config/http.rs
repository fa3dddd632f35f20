//! `[http]`: what glue writes.

use super::reader::Table;
use crate::http::ErrorFormat;
use crate::limits::{HeaderStyle, HeaderStyles};

/// The part `[http]` of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpPolicy {
    /// How errors are rendered.
    pub errors: ErrorFormat,
    /// Which headers say what is left of rate limits.
    pub rate_limit_headers: HeaderStyles,
}

pub(super) fn read(http: &Table<'_>) -> HttpPolicy {
    let errors = http.choice("errors", &[("problem", ErrorFormat::Problem), ("envelope", ErrorFormat::Envelope)]).or(ErrorFormat::Problem);
    let styles = http.list("rate_limit_headers", |item| match item.text()? {
        "legacy" => Some(HeaderStyle::Legacy),
        "draft-10" => Some(HeaderStyle::Draft10),
        _ => {
            item.problem("write \"legacy\" or \"draft-10\"");
            None
        }
    });
    HttpPolicy { errors, rate_limit_headers: styles.or(Vec::new()).into_iter().collect() }
}
