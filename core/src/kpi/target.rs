//! How far a figure is from what was wanted.

use super::result::{Kpi, Reason, Unit};
use super::units::{Days, Fraction, GramsPerDay, HeadDays, MassG, MassMg, finite};
use crate::error::{KpiError, Result};

/// What can be compared with a target of its own kind.
pub trait Comparable: Copy {
    /// As a double in the unit of the kind.
    fn number(self) -> f64;
}

macro_rules! comparable {
    ($($kind:ident($($of:tt)+),)+) => {
        $(impl Comparable for $kind {
            #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
            fn number(self) -> f64 {
                self.$($of)+ as f64
            }
        })+
    };
}

comparable! { Days(0), Fraction(0), GramsPerDay(0), MassG(0), MassMg(0), }

impl Comparable for HeadDays {
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    fn number(self) -> f64 {
        self.halves() as f64 / 2.0
    }
}

/// `deviation.v1`: (actual − target) / |target|, a signed fraction. Undefined for a target of 0. Two units cannot be compared:
///
/// ```compile_fail
/// gatewright::kpi::deviation(gatewright::kpi::MassG(2_000), gatewright::kpi::GramsPerDay(60.0));
/// ```
///
/// # Errors
/// `kpi_non_finite` for what is no number; `kpi_overflow` where no double holds the result.
///
/// ```
/// use gatewright::kpi::{self, GramsPerDay};
///
/// let deviation = kpi::deviation(GramsPerDay(61.0), GramsPerDay(65.0))?;
/// assert_eq!(deviation.value, Some(-4.0 / 65.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn deviation<T: Comparable>(actual: T, target: T) -> Result<Kpi> {
    of_numbers(actual.number(), target.number())
}

/// A number with the name of its unit, where the kind is known only when the program runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The number; none where it is undefined.
    pub value: Option<f64>,
    /// Its unit; none for a bare number.
    pub unit: Option<String>,
}

impl From<&Kpi> for Quantity {
    fn from(kpi: &Kpi) -> Self {
        Self { value: kpi.value, unit: Some(kpi.unit.as_str().to_owned()) }
    }
}

/// [`deviation`] of two numbers that say their units, as figures do. Of an undefined figure there is no deviation.
///
/// # Errors
/// `kpi_unit_mismatch` for two units, and for a unit beside none; else as [`deviation`].
///
/// ```
/// use gatewright::kpi::{self, Days, MassG, Quantity};
///
/// let gain = kpi::adg_from_zero(MassG(2257), Days(37.0))?;
/// let target = Quantity { value: Some(0.065), unit: Some("kg_per_day".into()) };
/// assert_eq!(kpi::deviation_of(&(&gain).into(), &target).unwrap_err().code(), "kpi_unit_mismatch");
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn deviation_of(actual: &Quantity, target: &Quantity) -> Result<Kpi> {
    if actual.unit != target.unit {
        let name = |quantity: &Quantity| quantity.unit.clone().unwrap_or_else(|| "no unit".to_owned());
        return Err(KpiError::UnitMismatch { left: name(actual), right: name(target) }.into());
    }
    match (actual.value, target.value) {
        (Some(actual), Some(target)) => of_numbers(actual, target),
        (actual, target) => {
            actual.map(|actual| finite(actual, "actual")).transpose()?;
            target.map(|target| finite(target, "target")).transpose()?;
            Ok(Kpi::undefined(ID, Unit::Fraction, Reason::NoValues).over(1, 1))
        }
    }
}

fn of_numbers(actual: f64, target: f64) -> Result<Kpi> {
    let (actual, target) = (finite(actual, "actual")?, finite(target, "target")?);
    if target == 0.0 {
        return Ok(Kpi::undefined(ID, Unit::Fraction, Reason::ZeroDenominator));
    }
    Kpi::finite(ID, Unit::Fraction, (actual - target) / target.abs())
}

const ID: &str = "deviation.v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_has_the_sign_of_the_difference() {
        let of = |actual, target| deviation(GramsPerDay(actual), GramsPerDay(target)).map(|kpi| kpi.value);
        assert_eq!((of(-3.0, -2.0), of(1.0, 2.0), of(1.0, 0.0)), (Ok(Some(-0.5)), Ok(Some(-0.5)), Ok(None)));
        assert_eq!(of(f64::NAN, 1.0).unwrap_err().code(), "kpi_non_finite");
        assert_eq!(of(1e308, -1e308).map(|kpi| kpi.is_some()).unwrap_err().code(), "kpi_overflow");
        assert_eq!(deviation(MassG(1900), MassG(2000)).unwrap().value, Some(-0.05));
    }

    #[test]
    fn a_bare_number_is_not_compared_with_a_unit() {
        let g = |value| Quantity { value: Some(value), unit: Some("g".to_owned()) };
        let bare = Quantity { value: Some(1.0), unit: None };
        assert_eq!(deviation_of(&g(1.0), &bare).unwrap_err().code(), "kpi_unit_mismatch");
        assert_eq!(deviation_of(&bare, &bare).unwrap().value, Some(0.0));
        assert_eq!(deviation_of(&g(1.0), &Quantity { value: None, ..g(0.0) }).unwrap().reason, Some(Reason::NoValues));
    }
}
