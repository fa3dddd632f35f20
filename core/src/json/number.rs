//! A JSON number as it was written.

/// The text of a JSON number; a double can hold its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(pub(super) &'a str);

impl<'a> Number<'a> {
    /// The number as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// The value, if it is written as an integer without sign, fraction and exponent.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        if self.0.bytes().all(|byte| byte.is_ascii_digit()) { self.0.parse().ok() } else { None }
    }

    /// The nearest double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }
}
