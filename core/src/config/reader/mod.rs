//! How the readers of the domains read the tree: each asks a table for its members by name and type, and whatever is wrong is
//! collected on the way.
//!
//! ```text
//! let idle = table.duration("idle").check("write a duration of at least 1us", |idle| !idle.is_zero()).or(DAYS_30);
//! let id = table.text("id").required("write the name that calls use");
//! ```
//!
//! What a table holds beside the members that its reader asked for is unknown, and an error.

mod field;
mod table;
mod unique;
mod values;

pub(super) use field::Field;
pub(super) use table::{Item, Table};
pub(super) use unique::Unique;
