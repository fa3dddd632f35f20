//! Limits on the wire: what an answer says of them, and what can be read of other servers' answers.

mod parse;
mod render;
mod structured;
mod style;

pub use parse::{LIMIT_HEADERS, ServerLimit, ServerLimits, parse_headers};
pub(crate) use render::{refusal, render};
pub use style::{HeaderStyle, HeaderStyles};
