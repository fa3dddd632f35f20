//! How fast animals grow.

use super::result::{Kpi, Reason, Unit, Warning};
use super::survival::over_head_days;
use super::units::{Days, HeadDays, MassG};
use crate::error::Result;

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

/// `sgr.v1`: 100 · (ln end − ln start) / days, the specific growth rate of fish in percent a day. Undefined for a weight of 0 and for 0
/// days; a loss of weight is a negative number and a warning.
///
/// # Errors
/// As [`adg_net`].
///
/// ```
/// use gatewright::kpi::{self, Days, MassG};
///
/// let rate = kpi::sgr(MassG(100), MassG(200), Days(50.0))?.value;
/// assert_eq!(rate.map(|rate| (rate * 1e6).round()), Some(1_386_294.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub fn sgr(weight_start: MassG, weight_end: MassG, days: Days) -> Result<Kpi> {
    const ID: &str = "sgr.v1";
    let days = days.checked("days")?;
    if weight_start.0 == 0 || weight_end.0 == 0 {
        return Ok(Kpi::undefined(ID, Unit::PercentPerDay, Reason::NotDefined));
    }
    if days == 0.0 {
        return Ok(Kpi::undefined(ID, Unit::PercentPerDay, Reason::ZeroDenominator));
    }
    let value = 100.0 * (libm::log(weight_end.0 as f64) - libm::log(weight_start.0 as f64)) / days;
    Ok(Kpi::finite(ID, Unit::PercentPerDay, value)?.warn_if(weight_end < weight_start, Warning::NegativeGain))
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::as_conversions, reason = "whole days below 2^63, and one rounding")]
fn a_day(id: &'static str, gain: i128, days: Days, field: &'static str) -> Result<Kpi> {
    let days = days.checked(field)?;
    if days.fract() == 0.0 && days < 9e18 {
        return Ok(Kpi::quotient(id, Unit::GPerDay, gain, days as i128));
    }
    Kpi::finite(id, Unit::GPerDay, gain as f64 / days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_a_number_with_a_warning() {
        let loss = adg_net(MassG(100), MassG(90), Days(2.5)).unwrap();
        assert_eq!((loss.value, loss.num, loss.warnings.as_slice()), (Some(-4.0), None, [Warning::NegativeGain].as_slice()));
        let pigs = adg_group(MassG(10), MassG(2), MassG(3), HeadDays::from_halves(5));
        assert_eq!((pigs.value, pigs.warnings.as_slice()), (Some(-2.0), [Warning::NegativeGain].as_slice()));
    }

    #[test]
    fn logarithms_of_nothing_are_not_defined() {
        let reason = |start, end, days| sgr(MassG(start), MassG(end), Days(days)).unwrap().reason;
        assert_eq!((reason(0, 5, 1.0), reason(5, 0, 0.0)), (Some(Reason::NotDefined), Some(Reason::NotDefined)));
        assert_eq!(reason(5, 6, 0.0), Some(Reason::ZeroDenominator));
        let loss = sgr(MassG(200), MassG(100), Days(50.0)).unwrap();
        assert_eq!((loss.value.unwrap() < 0.0, loss.warnings.as_slice()), (true, [Warning::NegativeGain].as_slice()));
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
