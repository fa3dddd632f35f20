//! Refusals of limits and lockouts.

use std::time::Duration;

/// Why a limit or a lockout refused a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each message says what its case means")]
pub enum LimitError {
    #[error("a tier of the policy holds fewer units than this costs, so no wait would help; ask for less")]
    CostImpossible,
    #[error("too many failed attempts; try again after {} s, or have the account unlocked", retry_after.as_secs_f64().ceil())]
    Locked { retry_after: Duration },
    /// A refusal as an error, for glue; the calls themselves give a decision.
    #[error("too many requests; send the same request again after {} s", retry_after.as_secs_f64().ceil())]
    RateLimited { retry_after: Duration },
    #[error("the subject is empty, longer than 320 bytes or, where an address is wanted, no address")]
    SubjectInvalid,
}

impl LimitError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CostImpossible => "cost_impossible",
            Self::Locked { .. } => "locked",
            Self::RateLimited { .. } => "rate_limited",
            Self::SubjectInvalid => "subject_invalid",
        }
    }

    /// When to try again, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Locked { retry_after } | Self::RateLimited { retry_after } => Some(*retry_after),
            Self::CostImpossible | Self::SubjectInvalid => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn every_case_has_its_row() {
        let retry_after = Duration::from_secs(1);
        let cases =
            [LimitError::CostImpossible, LimitError::Locked { retry_after }, LimitError::RateLimited { retry_after }, LimitError::SubjectInvalid];
        for case in cases {
            assert_eq!(Error::from(case.clone()).row().code, case.code());
        }
    }
}
