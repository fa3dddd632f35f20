//! Percentiles of lists.

use std::borrow::Cow;

use super::moments::count_within;
use super::result::{Kpi, Reason, Unit};
use super::sample::Sample;
use super::selection::two_from;
use super::units::Fraction;
use crate::error::{KpiError, Result};

/// `percentile.linear.v1` (type 7): with h = p · (n − 1), x⌊h⌋ + (h − ⌊h⌋) · (x⌊h⌋₊₁ − x⌊h⌋) of the sorted values, in their unit.
/// Undefined without values.
///
/// # Errors
/// `kpi_out_of_range` for a p outside 0 to 1; `kpi_non_finite` for what is no number; `kpi_overflow` where two neighbours are further
/// apart than a double can say.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// let median = kpi::percentile_linear((&[4.0, 1.0, 3.0, 2.0]).into(), Fraction(0.5))?;
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
pub fn percentile_linear(values: Sample<'_>, p: Fraction) -> Result<Kpi> {
    const ID: &str = "percentile.linear.v1";
    let p = p.checked("p")?;
    let list = finite(&values)?;
    let h = p * list.len().saturating_sub(1) as f64;
    let kpi = match two_from(&list, h.floor() as usize) {
        None => Kpi::undefined(ID, Unit::SameAsInput, Reason::NoValues),
        Some((last, None)) => Kpi::of(ID, Unit::SameAsInput, last),
        Some((low, Some(high))) => Kpi::finite(ID, Unit::SameAsInput, low + (h - h.floor()) * (high - low))?,
    };
    Ok(kpi.over(values.n(), values.missing))
}

/// `percentile.nearest_rank.v1`: the smallest value with k / n ≥ p, in its unit. p is the decimal that was typed: 0.07 of 100 values is
/// the 7th, although the double 0.07 is a little more than 7/100. p = 0 gives the minimum. Undefined without values.
///
/// # Errors
/// `kpi_out_of_range` for a p outside 0 to 1; `kpi_non_finite` for what is no number.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// let latencies: Vec<u64> = (1..=100).collect();
/// let p7 = kpi::percentile_nearest_rank(latencies.as_slice().into(), Fraction(0.07))?;
/// assert_eq!(p7.value, Some(7.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn percentile_nearest_rank(values: Sample<'_>, p: Fraction) -> Result<Kpi> {
    const ID: &str = "percentile.nearest_rank.v1";
    let p = p.checked("p")?;
    let list = finite(&values)?;
    let rank = usize::try_from(nearest_rank(p, values.n())).unwrap_or(usize::MAX);
    let kpi = match two_from(&list, rank.saturating_sub(1)) {
        None => Kpi::undefined(ID, Unit::SameAsInput, Reason::NoValues),
        Some((value, _)) => Kpi::of(ID, Unit::SameAsInput, value),
    };
    Ok(kpi.over(values.n(), values.missing))
}

/// The smallest k of 1 to n with k / n ≥ p, p being the shortest decimal that is read as this double.
pub(super) fn nearest_rank(p: f64, n: u64) -> u64 {
    let text = format!("{p:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // p = digits / 10^places, exact: a shortest decimal has 17 digits at most.
    let digits: u128 = format!("{whole}{fraction}").parse().unwrap_or(0);
    let places = i64::try_from(fraction.len()).unwrap_or(0) - exponent.parse::<i64>().unwrap_or(0);
    let product = digits * u128::from(n);
    let power = u32::try_from(places.max(0)).ok().and_then(|places| 10_u128.checked_pow(places));
    // Below 10^-38 any number of values is too few for a second.
    let rank = power.map_or(1, |power| product.div_ceil(power));
    u64::try_from(rank).unwrap_or(n).clamp(1, n.max(1))
}

fn finite<'a>(values: &Sample<'a>) -> Result<Cow<'a, [f64]>> {
    let n = values.n();
    let values = values.as_real();
    if count_within(&values, f64::MIN, f64::MAX) != n {
        return Err(KpiError::NonFinite { field: "values" }.into());
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_lies_between_its_neighbours() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        let at = |p| percentile_linear(values.as_slice().into(), Fraction(p)).unwrap().value.unwrap();
        assert!((at(0.95) - 19.05).abs() < 1e-12);
        assert_eq!((at(0.0), at(1.0), at(0.5)), (1.0, 20.0, 10.5));
        let nearest = |p| percentile_nearest_rank(values.as_slice().into(), Fraction(p)).unwrap().value.unwrap();
        assert_eq!((nearest(0.95), nearest(0.0), nearest(1.0)), (19.0, 1.0, 20.0));
    }

    #[test]
    fn the_rank_is_that_of_the_typed_decimal() {
        for n in 1..=1000_u64 {
            for hundredth in 0..=100_u64 {
                let expected = (hundredth * n).div_ceil(100).max(1);
                assert_eq!(nearest_rank(format!("0.{hundredth:02}").replace("0.100", "1").parse().unwrap(), n), expected, "{hundredth} of {n}");
            }
        }
        assert_eq!((nearest_rank(1e-300, u64::MAX), nearest_rank(5e-324, 7), nearest_rank(1.0, u64::MAX)), (1, 1, u64::MAX));
    }

    #[test]
    fn no_values_no_number_and_no_number_an_error() {
        let none: Sample<'_> = (&[0.0; 0]).into();
        let none = percentile_linear(none.with_missing(2), Fraction(0.5)).unwrap();
        assert_eq!((none.value, none.reason, none.n, none.missing), (None, Some(Reason::NoValues), 0, 2));
        let code = |values: &[f64], p| percentile_linear(values.into(), Fraction(p)).unwrap_err().code();
        assert_eq!((code(&[1.0], 95.0), code(&[1.0], f64::NAN)), ("kpi_out_of_range", "kpi_non_finite"));
        assert_eq!((code(&[f64::NAN], 0.5), code(&[-1e308, 1e308], 0.5)), ("kpi_non_finite", "kpi_overflow"));
    }

    proptest! {
        #[test]
        fn selection_is_sorting(values in proptest::collection::vec(-1e6_f64..1e6, 1..200), p in 0.0_f64..=1.0) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let h = p * (values.len() - 1) as f64;
            let (low, high) = (sorted[h.floor() as usize], *sorted.get(h.floor() as usize + 1).unwrap_or(&0.0));
            let expected = if h.floor() as usize + 1 < sorted.len() { low + (h - h.floor()) * (high - low) } else { low };
            prop_assert_eq!(percentile_linear(values.as_slice().into(), Fraction(p)).unwrap().value, Some(expected));
            let rank = nearest_rank(p, values.len() as u64) as usize;
            prop_assert_eq!(percentile_nearest_rank(values.as_slice().into(), Fraction(p)).unwrap().value, Some(sorted[rank - 1]));
        }
    }
}
