//! Refusals of figures.

/// Why a figure could not be computed. Too little data is no error: such a figure is undefined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KpiError {
    /// A row of a table or cohort cannot be used.
    #[error("{field}: {hint}")]
    BadRow {
        /// Which member of the row.
        field: &'static str,
        /// What to give instead.
        hint: &'static str,
    },
    /// A table cannot be read, or a cell of it.
    #[error("{message}")]
    BadTable {
        /// What is wrong, where, and what to write instead.
        message: String,
    },
    /// A weight is negative or the weights add up to nothing.
    #[error("weights must be 0 or more, with a sum above 0")]
    BadWeights,
    /// Animals are lost that were never there.
    #[error("{field}: {hint}")]
    InventoryMismatch {
        /// The count that does not fit.
        field: &'static str,
        /// What does not fit, and what to look at.
        hint: &'static str,
    },
    /// A negative number where only 0 or more has a meaning.
    #[error("{field} is negative; give 0 or more")]
    Negative {
        /// Which argument.
        field: &'static str,
    },
    /// NaN or an infinity.
    #[error("{field} is not a finite number; leave a missing value out instead")]
    NonFinite {
        /// Which argument.
        field: &'static str,
    },
    /// Outside the stated range.
    #[error("{field} is outside {range}: {hint}")]
    OutOfRange {
        /// Which argument.
        field: &'static str,
        /// The range.
        range: &'static str,
        /// What to give instead.
        hint: &'static str,
    },
    /// A sum, square or result passes what a number of its kind can hold.
    #[error("a sum or result is too large; look for a wrong unit among the values")]
    Overflow,
    /// Two units that cannot be compared.
    #[error("{left} and {right} are different units; give both in the same one")]
    UnitMismatch {
        /// One unit.
        left: String,
        /// The other.
        right: String,
    },
}

impl KpiError {
    /// `kpi_non_finite`.
    #[must_use]
    pub const fn non_finite(field: &'static str) -> Self {
        Self::NonFinite { field }
    }

    pub(crate) const fn bad_table(message: String) -> Self {
        Self::BadTable { message }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadRow { .. } | Self::BadTable { .. } => "kpi_bad_row",
            Self::BadWeights => "kpi_bad_weights",
            Self::InventoryMismatch { .. } => "kpi_inventory_mismatch",
            Self::Negative { .. } => "kpi_negative",
            Self::NonFinite { .. } => "kpi_non_finite",
            Self::OutOfRange { .. } => "kpi_out_of_range",
            Self::Overflow => "kpi_overflow",
            Self::UnitMismatch { .. } => "kpi_unit_mismatch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn every_case_has_a_row_of_its_own() {
        let (field, hint) = ("dead", "look again");
        let cases = [
            KpiError::BadRow { field, hint },
            KpiError::BadWeights,
            KpiError::InventoryMismatch { field, hint },
            KpiError::Negative { field },
            KpiError::NonFinite { field },
            KpiError::OutOfRange { field, range: "0..1", hint },
            KpiError::Overflow,
            KpiError::UnitMismatch { left: "g".to_owned(), right: "kg".to_owned() },
        ];
        for case in cases {
            let code = case.code();
            let error = Error::from(case);
            assert_eq!((error.row().code, error.status(), error.advice().as_str(), error.retryable()), (code, 422, "change", false));
        }
    }
}
