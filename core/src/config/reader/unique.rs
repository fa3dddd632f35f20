//! Names that may be there once.

use std::collections::HashSet;

use super::Table;

/// The names seen so far.
#[derive(Default)]
pub(in crate::config) struct Unique(HashSet<String>);

impl Unique {
    /// Reports a name that has been seen before, at the member that holds it.
    pub(in crate::config) fn see(&mut self, table: &Table<'_>, member: &str, name: &str) {
        if !self.0.insert(name.to_owned()) {
            table.problem(member, "write another name: this one is already taken above");
        }
    }
}
