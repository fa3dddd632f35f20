//! Operations: how often something fails.

use super::result::{Kpi, Unit};
use crate::error::{KpiError, Result};

/// `error_rate.v1`: errors / total, a fraction. Undefined, not 0, where there was nothing.
///
/// # Errors
/// `kpi_out_of_range` where there are more errors than requests.
///
/// ```
/// use gatewright::kpi;
///
/// assert_eq!(kpi::error_rate(3, 1000)?.value, Some(0.003));
/// assert_eq!(kpi::availability(10, 1440)?.value, Some(1430.0 / 1440.0));
/// assert_eq!(kpi::error_rate(0, 0)?.value, None);
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn error_rate(errors: u64, total: u64) -> Result<Kpi> {
    Ok(Kpi::quotient("error_rate.v1", Unit::Fraction, at_most(errors, total)?, total.into()))
}

/// `availability.v1`: (total − errors) / total, a fraction. Undefined where there was nothing; see [`error_rate`].
///
/// # Errors
/// `kpi_out_of_range` where there are more errors than requests.
pub fn availability(errors: u64, total: u64) -> Result<Kpi> {
    Ok(Kpi::quotient("availability.v1", Unit::Fraction, i128::from(total) - at_most(errors, total)?, total.into()))
}

fn at_most(errors: u64, total: u64) -> Result<i128> {
    if errors > total {
        let hint = "each error is one of the total; look whether the two are exchanged";
        return Err(KpiError::OutOfRange { field: "errors", range: "0..total", hint }.into());
    }
    Ok(errors.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_rate_and_more_errors_than_requests_an_error() {
        assert_eq!(format!("{:.6}", availability(10, 1440).unwrap().value.unwrap()), "0.993056");
        assert_eq!(error_rate(u64::MAX, u64::MAX).unwrap().value, Some(1.0));
        for figure in [error_rate, availability] {
            assert_eq!(figure(0, 0).unwrap().value, None);
            assert_eq!(figure(1, 0).unwrap_err().code(), "kpi_out_of_range");
        }
    }
}
