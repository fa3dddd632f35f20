//! Faults of the policy document, all of a file at once.

use std::fmt;

/// One fault: where it is and what to write instead. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The policy file; `None` for a policy given as data.
    pub file: Option<String>,
    /// The line in the text, from 1; `None` for a policy given as data.
    pub line: Option<u32>,
    /// The full path of the member, as `tokens.signing_keys[1].secret`.
    pub field: String,
    /// A sentence that says what to write.
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.mend)
    }
}

/// A policy document that cannot be used, or a call that it does not provide for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    /// All problems of a document, in file order.
    #[must_use]
    pub const fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// A call that the policy does not provide for.
    #[must_use]
    pub fn at_call(field: &str, mend: &str) -> Self {
        Self { problems: vec![Problem { file: None, line: None, field: field.to_owned(), mend: mend.to_owned() }] }
    }

    /// The problems, in file order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy cannot be used")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
