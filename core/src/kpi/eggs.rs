//! What hens lay.

use super::result::{Kpi, Unit};
use super::survival::{capped, over_head_days};
use super::units::{Eggs, HeadDays, Heads, MassG};

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
    use crate::kpi::{Reason, Warning};

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
}
