//! How alike the animals of a sample are.

use super::moments::{Moments, count_within, whole_sum};
use super::result::{Kpi, Reason, Unit, Warning};
use super::sample::{Sample, Values};
use super::summary::Summary;
use super::units::{Fraction, Heads, at_least_zero};
use crate::error::{KpiError, Result};

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
/// let cv = kpi::cv((&weights).into(), false)?;
/// assert_eq!(cv.value.map(|cv| (cv * 10.0).round()), Some(516.0));
/// let all = kpi::cv((&weights).into(), true)?;
/// assert_eq!(all.value.map(|cv| (cv * 10.0).round()), Some(447.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn cv(weights: Sample<'_>, population: bool) -> Result<Kpi> {
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
/// assert_eq!(kpi::uniformity_score((&[2000_u64, 2000]).into())?.value, Some(100.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn uniformity_score(weights: Sample<'_>) -> Result<Kpi> {
    variation("uniformity.score.v1", weights, false, |cv| (100.0 - cv).clamp(0.0, 100.0))
}

/// `uniformity.band.v1`: the share of weights from (1 − band) · mean to (1 + band) · mean, both ends counted in. The usual band is 0.10.
/// For bands of 0.10 and 0.20 whole weights are compared in integers, so that no weight at an end is lost to rounding. Undefined
/// without weights and where they add up to 0.
///
/// # Errors
/// As [`cv`]; `kpi_out_of_range` for a band outside 0 to 1.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// let weights = [900_u64, 1000, 1100];
/// assert_eq!(kpi::uniformity_band((&weights).into(), Fraction(0.10))?.value, Some(1.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn uniformity_band(weights: Sample<'_>, band: Fraction) -> Result<Kpi> {
    const ID: &str = "uniformity.band.v1";
    let band = band.checked("band")?;
    let n = weights.n();
    let within = match (tenths(band), weights.values) {
        (Some(tenths), Values::Whole(weights)) => whole_within(weights, tenths)?,
        (Some(tenths), Values::Real(values)) => match small_within(values, tenths) {
            Some(within) => within?,
            None => weights.as_whole().map_or_else(|| within(&weights, band), |weights| whole_within(&weights, tenths))?,
        },
        (None, _) => within(&weights, band)?,
    };
    let kpi = match within {
        None if n == 0 => Kpi::undefined(ID, Unit::Fraction, Reason::NoValues),
        None => Kpi::undefined(ID, Unit::Fraction, Reason::ZeroDenominator),
        Some(within) => Kpi::quotient(ID, Unit::Fraction, within.into(), n.into()),
    };
    Ok(kpi.over(n, weights.missing))
}

/// `uniformity.from_cv.v1`: 100 · (2Φ(10 / CV) − 1), in percent: the share within ±10 % of the mean if weights were normally
/// distributed. For information only; a CV of 0 gives 100.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such a CV.
///
/// ```
/// use gatewright::kpi;
///
/// assert_eq!(kpi::uniformity_from_cv(10.0)?.value.map(|share| (share * 100.0).round()), Some(6827.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn uniformity_from_cv(cv: f64) -> Result<Kpi> {
    let cv = at_least_zero(cv, "cv")?;
    // 2Φ(x) − 1 = erf(x / √2).
    let share = if cv == 0.0 { 1.0 } else { libm::erf(10.0 / cv * std::f64::consts::FRAC_1_SQRT_2) };
    Ok(Kpi::of("uniformity.from_cv.v1", Unit::Percent, 100.0 * share))
}

/// `weight.mean.v1`: mean, standard deviation and 95 % confidence interval of weights, in grams. It warns of a small sample: fewer than
/// 100 animals, or where the size of the flock is given than 1 % of it if that is less.
///
/// # Errors
/// As [`cv`].
///
/// ```
/// use gatewright::kpi::{self, Heads};
///
/// let weighed = kpi::weight_mean((&[2000_u64, 2100, 2200]).into(), Some(Heads(300)))?;
/// assert_eq!((weighed.mean, weighed.sd, weighed.warnings.len()), (Some(2100.0), Some(100.0), 0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn weight_mean(weights: Sample<'_>, flock_size: Option<Heads>) -> Result<Summary> {
    let mut summary = Summary::new("weight.mean.v1", Unit::G, &weights.spread(WEIGHTS, false)?)?;
    let is_below_percent = flock_size.is_none_or(|Heads(heads)| u128::from(summary.n) * 100 < u128::from(heads));
    if summary.n < 100 && is_below_percent {
        summary.warnings.push(Warning::SmallSample);
    }
    Ok(summary)
}

fn variation(id: &'static str, weights: Sample<'_>, population: bool, value: impl Fn(f64) -> f64) -> Result<Kpi> {
    let spread = weights.spread(WEIGHTS, population)?;
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
    Ok(kpi.over(spread.count, weights.missing))
}

/// The band in tenths, where it is the double that 0.10 or 0.20 is read as.
fn tenths(band: f64) -> Option<u128> {
    [(0.10, 1), (0.20, 2)].into_iter().find_map(|(known, tenths)| (known == band).then_some(tenths))
}

/// The least and the greatest weight within ± so many tenths of the mean; none where the mean is 0 or there is no weight.
fn bounds(sum: u128, n: usize, tenths: u128) -> Result<Option<(u128, u128)>> {
    let overflow = || KpiError::Overflow;
    if sum == 0 {
        return Ok(None);
    }
    let n = u128::try_from(n).map_err(|_| overflow())?;
    // (10 − t) · Σ ≤ 10 · n · w ≤ (10 + t) · Σ.
    let least = sum.checked_mul(10 - tenths).ok_or_else(overflow)?.div_ceil(10 * n);
    Ok(Some((least, sum.checked_mul(10 + tenths).ok_or_else(overflow)? / (10 * n))))
}

/// How many weights lie within them.
fn whole_within(weights: &[u64], tenths: u128) -> Result<Option<u64>> {
    let Some((least, greatest)) = bounds(whole_sum(weights), weights.len(), tenths)? else { return Ok(None) };
    let Ok(least) = u64::try_from(least) else { return Ok(Some(0)) };
    let greatest = u64::try_from(greatest).unwrap_or(u64::MAX);
    Ok(Some(count_within(weights, least, greatest)))
}

/// The same of doubles that all are whole numbers below 2^53, where they compare as integers do. None of others.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "below 2^53, or above all weights")]
fn small_within(weights: &[f64], tenths: u128) -> Option<Result<Option<u64>>> {
    let moments = Moments::of_doubles(weights)?.ok()?;
    if moments.spread(true).max.is_some_and(|max| max >= 9_007_199_254_740_992.0) {
        return None;
    }
    Some(
        bounds(moments.sum(), weights.len(), tenths)
            .map(|bounds| bounds.map(|(least, greatest)| count_within(weights, least as f64, greatest as f64))),
    )
}

/// The same in doubles, for any band and any weights.
fn within(weights: &Sample<'_>, band: f64) -> Result<Option<u64>> {
    let Some(mean) = weights.mean(WEIGHTS)?.filter(|mean| *mean > 0.0) else { return Ok(None) };
    Ok(Some(count_within(&weights.as_real(), (1.0 - band) * mean, (1.0 + band) * mean)))
}

const WEIGHTS: &str = "weights";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Sample<'_> {
        values.into()
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
        for (weight, code) in [(f64::NAN, "kpi_non_finite"), (-1.0, "kpi_negative"), (1e300, "kpi_overflow"), (f64::INFINITY, "kpi_non_finite")] {
            assert_eq!(uniformity_band(of(&[1.5, weight]), Fraction(0.1)).unwrap_err().code(), code);
        }
    }

    #[test]
    fn what_is_missing_is_counted_and_told() {
        let kpi = cv(of(&[2300.0, 2500.0, 2700.0]).with_missing(2), false).unwrap();
        assert_eq!((kpi.value, kpi.n, kpi.missing, kpi.warnings.as_slice()), (Some(8.0), 3, 2, [Warning::InputMissing].as_slice()));
    }

    #[test]
    fn both_ends_of_a_band_are_in_it() {
        // 0.9 · 1050 = 945 and 1.1 · 1050 = 1155 are no doubles that compare well with the weights.
        let share = |weights: &[u64], band| uniformity_band(weights.into(), Fraction(band)).unwrap().value;
        assert_eq!(share(&[945, 1155, 1050], 0.10), Some(1.0));
        assert_eq!(share(&[944, 1156, 1050], 0.10), Some(1.0 / 3.0));
        assert_eq!(share(&[840, 1260, 1050], 0.20), Some(1.0));
        assert_eq!(share(&[0, 2, 4], 1.0), Some(1.0));
        assert_eq!(share(&[u64::MAX; 3], 0.20), Some(1.0));
        for weights in [&[945, 1155, 1050][..], &[944, 1156, 1050], &[0, 0], &[1 << 53, (1 << 53) + 2], &[1 << 60, 1 << 60], &[]] {
            for band in [0.10, 0.20, 0.15] {
                let reals: Vec<f64> = weights.iter().map(|weight| *weight as f64).collect();
                assert_eq!(uniformity_band(of(&reals), Fraction(band)), uniformity_band(weights.into(), Fraction(band)), "{weights:?} {band}");
            }
        }
        let kilograms = uniformity_band(of(&[1.2, 1.32, 1.44, 1.5]), Fraction(0.10)).unwrap();
        assert_eq!((kilograms.num, kilograms.den), (Some(3), Some(4)));
        let reason = |weights: &[u64]| uniformity_band(weights.into(), Fraction(0.1)).unwrap().reason;
        assert_eq!((reason(&[]), reason(&[0, 0])), (Some(Reason::NoValues), Some(Reason::ZeroDenominator)));
        assert_eq!(uniformity_band(of(&[1.0]), Fraction(10.0)).unwrap_err().code(), "kpi_out_of_range");
    }

    #[test]
    fn a_hundred_birds_or_one_in_a_hundred_are_enough() {
        let warns = |n: usize, flock: Option<u64>| !weight_mean(vec![2000_u64; n].as_slice().into(), flock.map(Heads)).unwrap().warnings.is_empty();
        assert_eq!((warns(99, None), warns(100, None)), (true, false));
        assert_eq!((warns(20, Some(2000)), warns(19, Some(2000)), warns(100, Some(1_000_000))), (false, true, false));
        assert_eq!(uniformity_from_cv(0.0).unwrap().value, Some(100.0));
    }
}
