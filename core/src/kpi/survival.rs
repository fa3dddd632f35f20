//! Animals that came, died and left.

use super::result::{Kpi, Unit, Warning};
use super::units::HeadDays;
use crate::error::{KpiError, Result};

/// The animals of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inventory {
    /// Placed at the start.
    pub placed: u64,
    /// Come from another batch later.
    pub moved_in: u64,
    /// Found dead.
    pub dead: u64,
    /// Killed because they were ill or weak.
    pub culled: u64,
    /// Moved to another batch alive.
    pub moved_out: u64,
}

impl Inventory {
    /// Placed and come later, all that leave the batch alive or dead without being sold, dead and culled.
    fn sums(&self) -> Result<Sums> {
        let came = i128::from(self.placed) + i128::from(self.moved_in);
        let lost = i128::from(self.dead) + i128::from(self.culled);
        let went = lost + i128::from(self.moved_out);
        if went > came {
            let hint = "more animals were lost or moved out than came; look at placed and moved_in";
            return Err(KpiError::InventoryMismatch { field: "dead, culled, moved_out", hint }.into());
        }
        Ok(Sums { came, lost, went })
    }
}

struct Sums {
    came: i128,
    lost: i128,
    went: i128,
}

/// `survival.v1`: (placed + moved in − dead − culled − moved out) / (placed + moved in), a fraction. Undefined without animals.
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost than came.
///
/// ```
/// use gatewright::kpi::{self, Inventory};
///
/// let flock = Inventory { placed: 20_000, dead: 700, culled: 100, ..Inventory::default() };
/// assert_eq!(kpi::survival(&flock)?.value, Some(0.96));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn survival(animals: &Inventory) -> Result<Kpi> {
    let Sums { came, went, .. } = animals.sums()?;
    Ok(Kpi::quotient("survival.v1", Unit::Fraction, came - went, came))
}

/// `survival.at_risk.v1`: as [`survival`], but animals that were moved out alive are no loss and are not counted as placed either.
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost than came.
///
/// ```
/// use gatewright::kpi::{self, Inventory};
///
/// let flock = Inventory { placed: 1000, dead: 20, moved_out: 500, ..Inventory::default() };
/// assert_eq!(kpi::survival_at_risk(&flock)?.value, Some(0.96));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn survival_at_risk(animals: &Inventory) -> Result<Kpi> {
    let Sums { came, went, .. } = animals.sums()?;
    Ok(Kpi::quotient("survival.at_risk.v1", Unit::Fraction, came - went, came - i128::from(animals.moved_out)))
}

/// `mortality.v1`: dead / (placed + moved in), a fraction. Undefined without animals.
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost than came.
///
/// ```
/// use gatewright::kpi::{self, Inventory};
///
/// let flock = Inventory { placed: 1000, dead: 30, culled: 10, ..Inventory::default() };
/// assert_eq!(kpi::mortality(&flock)?.value, Some(0.03));
/// assert_eq!(kpi::cull(&flock)?.value, Some(0.01));
/// assert_eq!(kpi::loss(&flock)?.value, Some(0.04));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn mortality(animals: &Inventory) -> Result<Kpi> {
    Ok(Kpi::quotient("mortality.v1", Unit::Fraction, animals.dead.into(), animals.sums()?.came))
}

/// `cull.v1`: culled / (placed + moved in), a fraction. Undefined without animals; see [`mortality`].
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost than came.
pub fn cull(animals: &Inventory) -> Result<Kpi> {
    Ok(Kpi::quotient("cull.v1", Unit::Fraction, animals.culled.into(), animals.sums()?.came))
}

/// `loss.v1`: (dead + culled) / (placed + moved in), a fraction. Undefined without animals; see [`mortality`].
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost than came.
pub fn loss(animals: &Inventory) -> Result<Kpi> {
    let Sums { came, lost, .. } = animals.sums()?;
    Ok(Kpi::quotient("loss.v1", Unit::Fraction, lost, came))
}

/// What became of all animals of a batch that has ended or is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Census {
    /// Those that came, died and were moved.
    pub animals: Inventory,
    /// Sold.
    pub sold: u64,
    /// Still there.
    pub left: u64,
}

/// `inventory.v1`: (placed + moved in) − (dead + culled + moved out + sold + left): 0 where the books are right. Real flocks miss by the
/// hatchery's count, so that a difference is a warning.
///
/// ```
/// use gatewright::kpi::{self, Census, Inventory, Warning};
///
/// let animals = Inventory { placed: 20_000, dead: 700, ..Inventory::default() };
/// let books = kpi::inventory(&Census { animals, sold: 19_310, left: 0 });
/// assert_eq!((books.value, books.warnings), (Some(-10.0), vec![Warning::InventoryDelta]));
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub fn inventory(census: &Census) -> Kpi {
    let Census { animals: Inventory { placed, moved_in, dead, culled, moved_out }, sold, left } = *census;
    let sum = |counts: &[u64]| counts.iter().map(|count| i128::from(*count)).sum::<i128>();
    let delta = sum(&[placed, moved_in]) - sum(&[dead, culled, moved_out, sold, left]);
    Kpi::of("inventory.v1", Unit::SameAsInput, delta as f64).warn_if(delta != 0, Warning::InventoryDelta)
}

/// `mortality.per_1000_head_weeks.v1`: 7000 · dead / head-days. Undefined without head-days.
///
/// ```
/// use gatewright::kpi::{self, HeadDays, Heads};
///
/// let deaths = kpi::mortality_per_1000_head_weeks(Heads(3), HeadDays::new(7000.0)?);
/// assert_eq!(deaths.value, Some(3.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[must_use]
pub fn mortality_per_1000_head_weeks(dead: super::Heads, head_days: HeadDays) -> Kpi {
    let (num, den) = over_head_days(7000 * i128::from(dead.0), head_days);
    Kpi::quotient("mortality.per_1000_head_weeks.v1", Unit::Per1000HeadWeeks, num, den)
}

/// Numerator and denominator, both doubled where there is half a head-day: the quotient is the same to the bit.
pub(super) fn over_head_days(num: i128, head_days: HeadDays) -> (i128, i128) {
    let halves = i128::from(head_days.halves());
    if halves % 2 == 0 { (num, halves / 2) } else { (num * 2, halves) }
}

/// Whether a share that should be 1 at most is more.
pub(super) fn capped(kpi: Kpi) -> Kpi {
    let is_above = kpi.value.is_some_and(|value| value > 1.0);
    kpi.warn_if(is_above, Warning::AboveOne)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::{Heads, Reason, Status};

    #[test]
    fn the_published_flock() {
        let flock = Inventory { placed: 20_000, dead: 800, ..Inventory::default() };
        let survival = survival(&flock).unwrap();
        assert_eq!((survival.value, survival.num, survival.den), (Some(0.96), Some(19_200), Some(20_000)));
        assert_eq!((survival.id, survival.unit.as_str(), survival.status), ("survival.v1", "fraction", Status::Ok));
        assert_eq!(loss(&flock).unwrap().value, Some(0.04));
    }

    #[test]
    fn without_animals_there_is_no_figure_but_losses_are_a_mismatch() {
        let none = Inventory::default();
        for figure in [survival, survival_at_risk, mortality, cull, loss] {
            let kpi = figure(&none).unwrap();
            assert_eq!((kpi.value, kpi.status, kpi.reason), (None, Status::Undefined, Some(Reason::ZeroDenominator)));
            for animals in [Inventory { dead: 1, ..none }, Inventory { placed: 5, culled: 3, moved_out: 3, ..none }] {
                assert_eq!(figure(&animals).unwrap_err().code(), "kpi_inventory_mismatch");
            }
            // The largest counts are added without a wrap.
            assert!(figure(&Inventory { placed: u64::MAX, moved_in: u64::MAX, dead: u64::MAX, culled: u64::MAX, moved_out: 0 }).is_ok());
        }
    }

    #[test]
    fn half_head_days_double_both_sides() {
        let kpi = mortality_per_1000_head_weeks(Heads(1), HeadDays::from_halves(3));
        assert_eq!((kpi.num, kpi.den, kpi.value), (Some(14_000), Some(3), Some(14_000.0 / 3.0)));
        let none = mortality_per_1000_head_weeks(Heads(1), HeadDays::default());
        assert_eq!(none.reason, Some(Reason::ZeroDenominator));
        for (number, code) in [(f64::NAN, "kpi_non_finite"), (-1.0, "kpi_negative"), (0.3, "kpi_out_of_range"), (1e300, "kpi_overflow")] {
            assert_eq!(HeadDays::new(number).unwrap_err().code(), code);
        }
    }
}
