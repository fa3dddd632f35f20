//! The problems of a document, collected while it is read.

use std::cell::RefCell;

use super::Source;
use crate::error::{ConfigError, Problem};

/// Where a problem is: a place in the text and the path of the member.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) at: usize,
    pub(super) field: String,
}

/// All problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<(Place, String)>>);

impl Problems {
    pub(super) fn add(&self, place: Place, mend: impl Into<String>) {
        self.0.borrow_mut().push((place, mend.into()));
    }

    /// How many there are: a mark for [`Problems::covers_since`].
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether one found after the mark is in this member, in what holds it or in what it holds: the member then has no meaning
    /// that could be checked.
    pub(super) fn covers_since(&self, mark: usize, field: &str) -> bool {
        let inside = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        self.0.borrow().iter().skip(mark).any(|(place, _)| inside(&place.field, field) || inside(field, &place.field))
    }

    /// The error that holds them all in file order, or none.
    pub(super) fn into_error(self, text: &str, source: &Source<'_>) -> Option<ConfigError> {
        let mut found = self.0.into_inner();
        found.sort_by_key(|(place, _)| place.at);
        let file = source.file.map(|path| path.display().to_string());
        let mut lines = Lines::new(text);
        let problems: Vec<_> = found
            .into_iter()
            .map(|(place, mend)| {
                let line = (!source.as_data).then(|| lines.line_of(place.at));
                Problem { file: file.clone(), line, field: place.field, mend }
            })
            .collect();
        (!problems.is_empty()).then(|| ConfigError::new(problems))
    }
}

/// Counts lines from the beginning on: the places asked for only grow.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    fn line_of(&mut self, at: usize) -> u32 {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        let ends = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.at = self.at.max(at);
        self.line
    }
}
