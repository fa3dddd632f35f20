//! Feed, and what it became.

use super::result::{Basis, Kpi, Reason, Unit, Warning};
use super::survival::over_head_days;
use super::units::{Eggs, HeadDays, MassG, at_least_zero};
use crate::error::{KpiError, Result};

/// What went in and out of a batch, in grams of live animals, and the feed eaten: delivered, plus what was in the silo at the start,
/// minus what was left or returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closeout {
    /// Feed eaten.
    pub feed: MassG,
    /// Weight of the animals at the start.
    pub weight_started: MassG,
    /// Weight of the animals sold.
    pub weight_sold: MassG,
    /// Weight of the animals moved to another batch.
    pub weight_moved_out: MassG,
}

/// `fcr.live_weight.v1`: feed / live weight, a ratio on live weight, as in breeders' tables. Undefined where the weight is 0.
///
/// ```
/// use gatewright::kpi::{self, MassG};
///
/// assert_eq!(kpi::fcr_live_weight(MassG(180), MassG(202)).value, Some(0.8910891089108911));
/// ```
#[must_use]
pub fn fcr_live_weight(feed: MassG, live_weight_out: MassG) -> Kpi {
    Kpi::quotient("fcr.live_weight.v1", Unit::Ratio, feed.0.into(), live_weight_out.0.into()).on(Basis::LiveWeight)
}

/// `fcr.closeout.v1`: feed / (sold + moved out − started), a ratio on gain. Undefined where nothing was gained.
///
/// ```
/// use gatewright::kpi::{self, Closeout, MassG};
///
/// let week = Closeout { feed: MassG(180), weight_started: MassG(42), weight_sold: MassG(202), ..Closeout::default() };
/// assert_eq!(kpi::fcr_closeout(&week).value, Some(1.125));
/// ```
#[must_use]
pub fn fcr_closeout(batch: &Closeout) -> Kpi {
    per_gain("fcr.closeout.v1", batch.feed, batch.gain())
}

/// `fcr.mortality_adjusted.v1`: feed / (sold + moved out + dead − started), a ratio on gain that counts what the dead had gained.
/// Undefined where nothing was gained.
///
/// ```
/// use gatewright::kpi::{self, Closeout, MassG};
///
/// let batch = Closeout { feed: MassG(3000), weight_started: MassG(100), weight_sold: MassG(1500), ..Closeout::default() };
/// assert_eq!(kpi::fcr_mortality_adjusted(&batch, MassG(100)).value, Some(2.0));
/// ```
#[must_use]
pub fn fcr_mortality_adjusted(batch: &Closeout, weight_dead: MassG) -> Kpi {
    per_gain("fcr.mortality_adjusted.v1", batch.feed, batch.gain() + i128::from(weight_dead.0))
}

/// `fcr.biological.v1`: feed / (biomass out + dead − in), a ratio on gain, of fish. Undefined where nothing was gained. What the keeper
/// pays for, where the dead count for nothing, is [`fcr_closeout`].
///
/// ```
/// use gatewright::kpi::{self, MassG};
///
/// let pond = kpi::fcr_biological(MassG(1320), MassG(100), MassG(1100), MassG(100));
/// assert_eq!(pond.value, Some(1.2));
/// ```
#[must_use]
pub fn fcr_biological(feed: MassG, biomass_in: MassG, biomass_out: MassG, biomass_dead: MassG) -> Kpi {
    per_gain("fcr.biological.v1", feed, i128::from(biomass_out.0) + i128::from(biomass_dead.0) - i128::from(biomass_in.0))
}

/// `fcr.corrected.v1`: fcr − ((weight − reference) / 100) · `per_100g`, a ratio: what the conversion would have been at the reference
/// weight. More than 500 g from it the result warns.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such numbers; `kpi_out_of_range` where the result is not above 0.
///
/// ```
/// use gatewright::kpi::{self, MassG};
///
/// let corrected = kpi::fcr_corrected(1.46, MassG(1700), MassG(1500), 0.04)?.value;
/// assert_eq!(corrected, Some(1.38));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub fn fcr_corrected(fcr: f64, weight: MassG, reference: MassG, per_100g: f64) -> Result<Kpi> {
    let (fcr, per_100g) = (at_least_zero(fcr, "fcr")?, at_least_zero(per_100g, "per_100g")?);
    let off = i128::from(weight.0) - i128::from(reference.0);
    let value = fcr - (off as f64 / 100.0) * per_100g;
    if value <= 0.0 {
        let hint = "0.04 for 100 g, not 4: the correction takes the whole conversion away";
        return Err(KpiError::OutOfRange { field: "per_100g", range: "results above 0", hint }.into());
    }
    let kpi = Kpi::finite("fcr.corrected.v1", Unit::Ratio, value)?;
    Ok(kpi.warn_if(off.abs() > 500, Warning::FarFromReference))
}

/// `fcr.egg_mass.v1`: feed / egg mass, a ratio. Undefined without eggs.
///
/// ```
/// use gatewright::kpi::{self, MassG};
///
/// assert_eq!(kpi::fcr_egg_mass(MassG(2100), MassG(1000)).value, Some(2.1));
/// ```
#[must_use]
pub fn fcr_egg_mass(feed: MassG, egg_mass: MassG) -> Kpi {
    Kpi::quotient("fcr.egg_mass.v1", Unit::Ratio, feed.0.into(), egg_mass.0.into())
}

/// `feed_per_dozen.v1`: 12 · feed / eggs, in grams a dozen. Undefined without eggs.
///
/// ```
/// use gatewright::kpi::{self, Eggs, MassG};
///
/// assert_eq!(kpi::feed_per_dozen(MassG(1300), Eggs(10)).value, Some(1560.0));
/// ```
#[must_use]
pub fn feed_per_dozen(feed: MassG, eggs: Eggs) -> Kpi {
    Kpi::quotient("feed_per_dozen.v1", Unit::G, 12 * i128::from(feed.0), eggs.0.into())
}

/// `adfi.v1`: feed / head-days, in grams a day and animal. Undefined without head-days.
///
/// ```
/// use gatewright::kpi::{self, HeadDays, MassG};
///
/// assert_eq!(kpi::adfi(MassG(1000), HeadDays::new(12.5)?).value, Some(80.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[must_use]
pub fn adfi(feed: MassG, head_days: HeadDays) -> Kpi {
    let (num, den) = over_head_days(feed.0.into(), head_days);
    Kpi::quotient("adfi.v1", Unit::GPerDay, num, den)
}

impl Closeout {
    fn gain(&self) -> i128 {
        i128::from(self.weight_sold.0) + i128::from(self.weight_moved_out.0) - i128::from(self.weight_started.0)
    }
}

fn per_gain(id: &'static str, feed: MassG, gain: i128) -> Kpi {
    let kpi = if gain > 0 {
        Kpi::quotient(id, Unit::Ratio, feed.0.into(), gain)
    } else {
        Kpi { num: Some(feed.0.into()), den: Some(gain), ..Kpi::undefined(id, Unit::Ratio, Reason::NotDefined) }
    };
    kpi.on(Basis::Gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_readings_of_the_first_week() {
        let live = fcr_live_weight(MassG(180), MassG(202));
        assert_eq!((live.num, live.den, live.basis, live.id), (Some(180), Some(202), Some(Basis::LiveWeight), "fcr.live_weight.v1"));
        let week = Closeout { feed: MassG(180), weight_started: MassG(42), weight_sold: MassG(100), weight_moved_out: MassG(102) };
        let gain = fcr_closeout(&week);
        assert_eq!((gain.value, gain.basis), (Some(1.125), Some(Basis::Gain)));
    }

    #[test]
    fn a_correction_warns_far_away_and_stays_above_zero() {
        let corrected = |weight, per| fcr_corrected(1.5, MassG(weight), MassG(2000), per);
        let warnings = |weight| corrected(weight, 0.02).unwrap().warnings;
        assert_eq!((warnings(2500), warnings(1500)), (vec![], vec![]));
        assert_eq!((warnings(2501), warnings(1499)), (vec![Warning::FarFromReference], vec![Warning::FarFromReference]));
        for (per, code) in [(4.0, "kpi_out_of_range"), (-0.1, "kpi_negative"), (f64::NAN, "kpi_non_finite")] {
            assert_eq!(corrected(2100, per).unwrap_err().code(), code);
        }
    }

    #[test]
    fn without_gain_there_is_no_conversion() {
        for sold in [41, 42] {
            let batch = Closeout { feed: MassG(9), weight_started: MassG(42), weight_sold: MassG(sold), ..Closeout::default() };
            for kpi in [fcr_closeout(&batch), fcr_mortality_adjusted(&batch, MassG(0))] {
                assert_eq!((kpi.value, kpi.reason, kpi.basis), (None, Some(Reason::NotDefined), Some(Basis::Gain)));
            }
        }
        let none = [
            fcr_live_weight(MassG(1), MassG(0)),
            fcr_egg_mass(MassG(1), MassG(0)),
            feed_per_dozen(MassG(1), Eggs(0)),
            adfi(MassG(1), HeadDays::default()),
        ];
        assert!(none.iter().all(|kpi| kpi.reason == Some(Reason::ZeroDenominator)));
        assert!(feed_per_dozen(MassG(u64::MAX), Eggs(1)).value.unwrap() > 2e20);
    }
}
