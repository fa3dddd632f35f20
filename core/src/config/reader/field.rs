//! A member that was asked for.

use super::Table;

/// A member: absent, faulty (which has been reported) or given.
#[must_use]
pub(in crate::config) struct Field<'t, 'd, T> {
    table: &'t Table<'d>,
    name: &'static str,
    state: State<T>,
}

enum State<T> {
    Absent,
    Faulty,
    Given(T),
}

impl<'t, 'd, T> Field<'t, 'd, T> {
    pub(super) const fn absent(table: &'t Table<'d>, name: &'static str) -> Self {
        Self { table, name, state: State::Absent }
    }

    pub(super) const fn faulty(table: &'t Table<'d>, name: &'static str) -> Self {
        Self { table, name, state: State::Faulty }
    }

    pub(super) const fn given(table: &'t Table<'d>, name: &'static str, value: T) -> Self {
        Self { table, name, state: State::Given(value) }
    }

    /// Reports `mend` at the member unless `is_right`.
    pub(in crate::config) fn check(self, mend: &str, is_right: impl FnOnce(&T) -> bool) -> Self {
        match &self.state {
            State::Given(value) if !is_right(value) => {
                self.table.problem(self.name, mend);
                Self { state: State::Faulty, ..self }
            }
            _ => self,
        }
    }

    /// What was given; the default if nothing was, or nothing right.
    pub(in crate::config) fn or(self, default: T) -> T {
        self.optional().unwrap_or(default)
    }

    /// What was given, if it was right.
    pub(in crate::config) fn optional(self) -> Option<T> {
        match self.state {
            State::Given(value) => Some(value),
            State::Absent | State::Faulty => None,
        }
    }

    /// What was given, if it was right; that nothing was is reported.
    pub(in crate::config) fn required(self, mend: &str) -> Option<T> {
        if matches!(self.state, State::Absent) {
            self.table.problem(self.name, mend);
        }
        self.optional()
    }
}
