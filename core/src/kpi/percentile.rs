//! Percentiles of lists.

use super::result::{Kpi, Reason, Unit, Warning};
use super::units::Fraction;
use crate::error::{KpiError, Result};

/// `percentile.linear.v1` (type 7): with h = p · (n − 1), x⌊h⌋ + (h − ⌊h⌋) · (x⌊h⌋₊₁ − x⌊h⌋) of the sorted values, in their unit.
/// `missing` values are counted and told. Undefined without values.
///
/// # Errors
/// `kpi_out_of_range` for a p outside 0 to 1; `kpi_non_finite` for what is no number; `kpi_overflow` where two neighbours are further
/// apart than a double can say.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// let median = kpi::percentile_linear(&[4.0, 1.0, 3.0, 2.0], Fraction(0.5), 0)?;
/// assert_eq!((median.value, median.n), (Some(2.5), 4));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "a place in a list, below 2^53"
)]
pub fn percentile_linear(values: &[f64], p: Fraction, missing: u64) -> Result<Kpi> {
    const ID: &str = "percentile.linear.v1";
    let p = p.checked("p")?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(KpiError::NonFinite { field: "values" }.into());
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let h = p * sorted.len().saturating_sub(1) as f64;
    let at = h.floor() as usize;
    let kpi = match (sorted.get(at), sorted.get(at.saturating_add(1))) {
        (None, _) => Kpi::undefined(ID, Unit::SameAsInput, Reason::NoValues),
        (Some(last), None) => Kpi::of(ID, Unit::SameAsInput, *last),
        (Some(low), Some(high)) => {
            let value = low + (h - h.floor()) * (high - low);
            if !value.is_finite() {
                return Err(KpiError::Overflow.into());
            }
            Kpi::of(ID, Unit::SameAsInput, value)
        }
    };
    let n = u64::try_from(values.len()).map_err(|_| KpiError::Overflow)?;
    Ok(Kpi { n, missing, ..kpi }.warn_if(missing > 0, Warning::InputMissing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_between_its_neighbours() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        let at = |p| percentile_linear(&values, Fraction(p), 0).unwrap().value.unwrap();
        assert!((at(0.95) - 19.05).abs() < 1e-12);
        assert_eq!((at(0.0), at(1.0), at(0.5)), (1.0, 20.0, 10.5));
    }

    #[test]
    fn no_values_no_number_and_no_number_an_error() {
        let none = percentile_linear(&[], Fraction(0.5), 2).unwrap();
        assert_eq!((none.value, none.reason, none.n, none.missing), (None, Some(Reason::NoValues), 0, 2));
        let code = |values: &[f64], p| percentile_linear(values, Fraction(p), 0).unwrap_err().code();
        assert_eq!((code(&[1.0], 95.0), code(&[1.0], f64::NAN)), ("kpi_out_of_range", "kpi_non_finite"));
        assert_eq!((code(&[f64::NAN], 0.5), code(&[-1e308, 1e308], 0.5)), ("kpi_non_finite", "kpi_overflow"));
    }
}
