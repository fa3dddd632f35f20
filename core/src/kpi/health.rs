//! The farm's health score.

use super::result::{Kpi, Unit};
use super::units::Fraction;
use crate::error::Result;

/// `health.farm.v1`: 0.4 · max(0, 100 − 1000 · mortality) + 0.3 · max(0, 100 − 100 · morbidity) + 0.3 · max(0, 100 − 100 · treatment),
/// 0 to 100 points.
///
/// # Errors
/// `kpi_out_of_range` for what is no share of 0 to 1, `kpi_non_finite` for what is no number.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// assert_eq!(kpi::health_farm(Fraction(0.0), Fraction(0.0), Fraction(0.0))?.value, Some(100.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn health_farm(mortality: Fraction, morbidity: Fraction, treatment: Fraction) -> Result<Kpi> {
    let (mortality, morbidity) = (mortality.checked("mortality")?, morbidity.checked("morbidity")?);
    let treatment = treatment.checked("treatment")?;
    let part = |loss: f64| f64::max(0.0, 100.0 - loss);
    let value = 0.4 * part(1000.0 * mortality) + 0.3 * part(100.0 * morbidity) + 0.3 * part(100.0 * treatment);
    Ok(Kpi::of("health.farm.v1", Unit::Points, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_scores() {
        let score = |a, b, c| health_farm(Fraction(a), Fraction(b), Fraction(c)).map(|kpi| kpi.value.unwrap());
        assert!((score(0.04, 0.10, 0.15).unwrap() - 76.5).abs() < 1e-12);
        assert_eq!((score(0.0, 0.0, 0.0), score(1.0, 1.0, 1.0)), (Ok(100.0), Ok(0.0)));
        for (number, code) in [(4.0, "kpi_out_of_range"), (-0.1, "kpi_out_of_range"), (f64::INFINITY, "kpi_non_finite")] {
            assert_eq!(score(0.0, 0.0, number).unwrap_err().code(), code);
            assert_eq!(score(number, 0.0, 0.0).unwrap_err().code(), code);
        }
    }
}
