//! How alike the animals of a sample are.

use super::moments::{FloatMoments, Moments, Spread};
use super::result::{Kpi, Reason, Unit, Warning};
use crate::error::{KpiError, Result};

/// Weights of single animals, all in one unit.
///
/// Where every weight is a whole number, as in grams, sums are exact and their order changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights<'a> {
    /// Those that are known.
    pub known: &'a [f64],
    /// How many are missing: they are counted and in no figure.
    pub missing: u64,
}

impl<'a> From<&'a [f64]> for Weights<'a> {
    fn from(known: &'a [f64]) -> Self {
        Self { known, missing: 0 }
    }
}

/// `cv.v1`: 100 · standard deviation / mean, in percent; of a sample (n − 1) or, with `population`, of all there is (n). Undefined for
/// fewer than two weights and for a mean of 0.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such weights; `kpi_overflow` where a sum or square is too large.
///
/// ```
/// use gatewright::kpi;
///
/// let weights = [1.0, 2.0, 3.0, 4.0];
/// let cv = kpi::cv(weights.as_slice().into(), false)?;
/// assert_eq!(cv.value.map(|cv| (cv * 10.0).round()), Some(516.0));
/// let all = kpi::cv(weights.as_slice().into(), true)?;
/// assert_eq!(all.value.map(|cv| (cv * 10.0).round()), Some(447.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn cv(weights: Weights<'_>, population: bool) -> Result<Kpi> {
    variation("cv.v1", weights, population, |cv| cv)
}

/// `uniformity.score.v1`: min(100, max(0, 100 − CV)) of a sample, 0 to 100 percent. Undefined as [`cv`] is.
///
/// # Errors
/// As [`cv`].
///
/// ```
/// use gatewright::kpi;
///
/// assert_eq!(kpi::uniformity_score([2000.0, 2000.0].as_slice().into())?.value, Some(100.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn uniformity_score(weights: Weights<'_>) -> Result<Kpi> {
    variation("uniformity.score.v1", weights, false, |cv| (100.0 - cv).clamp(0.0, 100.0))
}

fn variation(id: &'static str, weights: Weights<'_>, population: bool, value: impl Fn(f64) -> f64) -> Result<Kpi> {
    let spread = spread(weights.known, population)?;
    let kpi = match (spread.mean, spread.sd) {
        (Some(0.0), Some(_)) if spread.count > 1 => Kpi::undefined(id, Unit::Percent, Reason::ZeroDenominator),
        (Some(mean), Some(sd)) if spread.count > 1 => {
            let cv = 100.0 * sd / mean;
            if !cv.is_finite() {
                return Err(KpiError::Overflow.into());
            }
            Kpi::of(id, Unit::Percent, value(cv))
        }
        _ => Kpi::undefined(id, Unit::Percent, Reason::TooFewValues),
    };
    Ok(Kpi { n: spread.count, missing: weights.missing, ..kpi }.warn_if(weights.missing > 0, Warning::InputMissing))
}

/// Exact where all weights are whole.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a whole number below 2^64 by then")]
fn spread(weights: &[f64], population: bool) -> Result<Spread> {
    let field = "weights";
    if !weights.iter().all(|weight| weight.is_finite()) {
        return Err(KpiError::NonFinite { field }.into());
    }
    if weights.iter().any(|weight| *weight < 0.0) {
        return Err(KpiError::Negative { field }.into());
    }
    if weights.iter().all(|weight| weight.fract() == 0.0 && *weight < 18_446_744_073_709_551_616.0) {
        let whole: Vec<u64> = weights.iter().map(|weight| *weight as u64).collect();
        let mut moments = Moments::new();
        moments.add_all(&whole)?;
        return Ok(moments.snapshot(population));
    }
    let mut moments = FloatMoments::new();
    moments.add_all(weights)?;
    moments.snapshot(population)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(known: &[f64]) -> Weights<'_> {
        known.into()
    }

    #[test]
    fn eight_percent_are_a_score_of_ninety_two() {
        // Mean 2500, standard deviation 200.
        let weights = [2300.0, 2500.0, 2700.0];
        assert_eq!((cv(of(&weights), false).unwrap().value, uniformity_score(of(&weights)).unwrap().value), (Some(8.0), Some(92.0)));
        assert_eq!(uniformity_score(of(&[0.0, 0.0, 0.0, 9.0])).unwrap().value, Some(0.0));
        let kilograms = cv(of(&[2.3, 2.5, 2.7]), false).unwrap().value.unwrap();
        assert!((kilograms - 8.0).abs() < 1e-12);
    }

    #[test]
    fn too_little_is_undefined_and_what_is_no_weight_an_error() {
        let reason = |weights| cv(of(weights), false).unwrap().reason;
        assert_eq!(
            (reason(&[]), reason(&[5.0]), reason(&[0.0, -0.0])),
            (Some(Reason::TooFewValues), Some(Reason::TooFewValues), Some(Reason::ZeroDenominator))
        );
        assert_eq!(cv(of(&[5.0]), true).unwrap().value, None);
        for (weight, code) in [(f64::NAN, "kpi_non_finite"), (-1.0, "kpi_negative"), (1e300, "kpi_overflow")] {
            assert_eq!(uniformity_score(of(&[1.5, weight])).unwrap_err().code(), code);
        }
    }

    #[test]
    fn what_is_missing_is_counted_and_told() {
        let kpi = cv(Weights { known: &[2300.0, 2500.0, 2700.0], missing: 2 }, false).unwrap();
        assert_eq!((kpi.value, kpi.n, kpi.missing, kpi.warnings.as_slice()), (Some(8.0), 3, 2, [Warning::InputMissing].as_slice()));
    }
}
