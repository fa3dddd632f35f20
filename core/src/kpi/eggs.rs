//! What hens lay.

use super::result::{Kpi, Reason, Unit, over};
use super::survival::{capped, over_head_days};
use super::units::{Days, Eggs, HeadDays, Heads, MassG};
use crate::error::Result;

/// `hen_day.v1`: eggs / hen-days, a fraction. Undefined without hen-days; above 1 the result warns, as when eggs are collected late.
///
/// ```
/// use gatewright::kpi::{self, Eggs, HeadDays};
///
/// assert_eq!(kpi::hen_day(Eggs(9108), HeadDays::new(9900.0)?).value, Some(0.92));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[must_use]
pub fn hen_day(eggs: Eggs, hen_days: HeadDays) -> Kpi {
    let (num, den) = over_head_days(eggs.0.into(), hen_days);
    capped(Kpi::quotient("hen_day.v1", Unit::Fraction, num, den))
}

/// `hen_housed.v1`: eggs / (hens housed · days), a fraction. Undefined without hens or days; above 1 the result warns.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such days; `kpi_overflow` where no double holds the result.
///
/// ```
/// use gatewright::kpi::{self, Days, Eggs, Heads};
///
/// assert_eq!(kpi::hen_housed(Eggs(9108), Heads(10_000), Days(1.0))?.value, Some(0.9108));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "whole days below 2^63, and one rounding"
)]
pub fn hen_housed(eggs: Eggs, housed: Heads, days: Days) -> Result<Kpi> {
    const ID: &str = "hen_housed.v1";
    let days = days.checked("days")?;
    if housed.0 == 0 || days == 0.0 {
        return Ok(Kpi { num: Some(eggs.0.into()), den: Some(0), ..Kpi::undefined(ID, Unit::Fraction, Reason::ZeroDenominator) });
    }
    let kpi = if days.fract() == 0.0 && days < 9e18 {
        let den = u128::from(housed.0) * days as u128;
        let exact = i128::try_from(den).ok();
        Kpi { num: exact.map(|_| eggs.0.into()), den: exact, ..Kpi::finite(ID, Unit::Fraction, eggs.0 as f64 / den as f64)? }
    } else {
        Kpi::finite(ID, Unit::Fraction, over(eggs.0 as f64, housed.0 as f64 * days))?
    };
    Ok(capped(kpi))
}

/// `eggs_per_hen_housed.v1`: eggs / hens housed. Undefined without hens.
///
/// ```
/// use gatewright::kpi::{self, Eggs, Heads};
///
/// assert_eq!(kpi::eggs_per_hen_housed(Eggs(3200), Heads(10)).value, Some(320.0));
/// ```
#[must_use]
pub fn eggs_per_hen_housed(eggs: Eggs, housed: Heads) -> Kpi {
    Kpi::quotient("eggs_per_hen_housed.v1", Unit::EggsPerHen, eggs.0.into(), housed.0.into())
}

/// `egg_mass_per_hen_day.v1`: egg mass / hen-days, in grams a day and hen. Undefined without hen-days.
///
/// ```
/// use gatewright::kpi::{self, HeadDays, MassG};
///
/// assert_eq!(kpi::egg_mass_per_hen_day(MassG(5700), HeadDays::new(100.0)?).value, Some(57.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[must_use]
pub fn egg_mass_per_hen_day(egg_mass: MassG, hen_days: HeadDays) -> Kpi {
    let (num, den) = over_head_days(egg_mass.0.into(), hen_days);
    Kpi::quotient("egg_mass_per_hen_day.v1", Unit::GPerDay, num, den)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::Warning;

    #[test]
    fn late_collection_is_a_warning_and_no_hens_no_number() {
        let late = hen_day(Eggs(11), HeadDays::from_halves(21));
        assert_eq!((late.value, late.warnings.as_slice()), (Some(22.0 / 21.0), [Warning::AboveOne].as_slice()));
        assert!(hen_day(Eggs(10), HeadDays::from_halves(20)).warnings.is_empty());
        let none = HeadDays::default();
        for kpi in [hen_day(Eggs(1), none), eggs_per_hen_housed(Eggs(1), Heads(0)), egg_mass_per_hen_day(MassG(1), none)] {
            assert_eq!((kpi.value, kpi.reason), (None, Some(Reason::ZeroDenominator)));
        }
    }

    #[test]
    fn hens_and_days_past_every_double_are_an_overflow_and_not_a_rate_of_0() {
        assert_eq!(hen_housed(Eggs(1), Heads(2), Days(1e308)).unwrap_err().code(), "kpi_overflow");
        assert!(hen_housed(Eggs(1), Heads(1), Days(1e308)).unwrap().value.unwrap() > 0.0);
    }
}
