//! How fast animals grow.

use super::result::{Kpi, Unit, Warning};
use super::survival::over_head_days;
use super::units::{Days, HeadDays, MassG};
use crate::error::{KpiError, Result};

/// `adg.net.v1`: (end − start) / days, in grams a day. A loss of weight is a negative number and a warning. Undefined for 0 days.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such days; `kpi_overflow` where they are so few that no double holds the result.
///
/// ```
/// use gatewright::kpi::{self, Days, MassG};
///
/// let gain = kpi::adg_net(MassG(42), MassG(2257), Days(37.0))?;
/// assert_eq!((gain.num, gain.den, gain.value), (Some(2215), Some(37), Some(2215.0 / 37.0)));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn adg_net(weight_start: MassG, weight_end: MassG, days: Days) -> Result<Kpi> {
    let gain = i128::from(weight_end.0) - i128::from(weight_start.0);
    Ok(a_day("adg.net.v1", gain, days, "days")?.warn_if(gain < 0, Warning::NegativeGain))
}

/// `adg.from_zero.v1`: weight / age, in grams a day, as breeders give it. Undefined at an age of 0.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such an age; `kpi_overflow` where it is so small that no double holds the result.
///
/// ```
/// use gatewright::kpi::{self, Days, MassG};
///
/// assert_eq!(kpi::adg_from_zero(MassG(2257), Days(37.0))?.value, Some(61.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn adg_from_zero(weight: MassG, age: Days) -> Result<Kpi> {
    a_day("adg.from_zero.v1", weight.0.into(), age, "age_days")
}

/// `adg.group.v1`: (sold + moved out − in) / head-days, in grams a day and animal; the weight of the dead is left out. Undefined
/// without head-days.
///
/// ```
/// use gatewright::kpi::{self, HeadDays, MassG};
///
/// let pigs = kpi::adg_group(MassG(25_000), MassG(110_000), MassG(0), HeadDays::new(100.0)?);
/// assert_eq!(pigs.value, Some(850.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[must_use]
pub fn adg_group(weight_in: MassG, weight_sold: MassG, weight_moved_out: MassG, head_days: HeadDays) -> Kpi {
    let gain = i128::from(weight_sold.0) + i128::from(weight_moved_out.0) - i128::from(weight_in.0);
    let (num, den) = over_head_days(gain, head_days);
    Kpi::quotient("adg.group.v1", Unit::GPerDay, num, den).warn_if(gain < 0, Warning::NegativeGain)
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::as_conversions, reason = "whole days below 2^63, and one rounding")]
fn a_day(id: &'static str, gain: i128, Days(days): Days, field: &'static str) -> Result<Kpi> {
    if !days.is_finite() {
        return Err(KpiError::NonFinite { field }.into());
    }
    if days < 0.0 {
        return Err(KpiError::Negative { field }.into());
    }
    if days.fract() == 0.0 && days < 9e18 {
        return Ok(Kpi::quotient(id, Unit::GPerDay, gain, days as i128));
    }
    let value = gain as f64 / days;
    if value.is_finite() { Ok(Kpi::of(id, Unit::GPerDay, value)) } else { Err(KpiError::Overflow.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::Reason;

    #[test]
    fn a_loss_is_a_number_with_a_warning() {
        let loss = adg_net(MassG(100), MassG(90), Days(2.5)).unwrap();
        assert_eq!((loss.value, loss.num, loss.warnings.as_slice()), (Some(-4.0), None, [Warning::NegativeGain].as_slice()));
        let pigs = adg_group(MassG(10), MassG(2), MassG(3), HeadDays::from_halves(5));
        assert_eq!((pigs.value, pigs.warnings.as_slice()), (Some(-2.0), [Warning::NegativeGain].as_slice()));
    }

    #[test]
    fn days_that_are_none() {
        assert_eq!(adg_net(MassG(1), MassG(2), Days(0.0)).unwrap().reason, Some(Reason::ZeroDenominator));
        assert_eq!(adg_from_zero(MassG(1), Days(-0.0)).unwrap().reason, Some(Reason::ZeroDenominator));
        for (days, code) in [(f64::NAN, "kpi_non_finite"), (-1.0, "kpi_negative"), (5e-324, "kpi_overflow")] {
            assert_eq!(adg_from_zero(MassG(1), Days(days)).unwrap_err().code(), code);
        }
        assert!(adg_from_zero(MassG(1), Days(1e300)).unwrap().value.unwrap() > 0.0);
    }
}
