//! One number for a whole flock: European production efficiency factor and broiler index.

use super::result::{Basis, Kpi, Reason, Unit, Warning, over};
use super::sample::Sample;
use super::summary::Summary;
use super::units::{Days, Fraction, GramsPerDay, MassG, at_least_zero};
use crate::error::Result;

/// A feed conversion and what it is based on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fcr {
    /// The ratio; none where it is undefined.
    value: Option<f64>,
    basis: Basis,
    reason: Option<Reason>,
}

impl Fcr {
    /// Feed per live weight, as in breeders' tables.
    #[must_use]
    pub const fn on_live_weight(value: f64) -> Self {
        Self::new(Some(value), Basis::LiveWeight, None)
    }

    /// Feed per gain.
    #[must_use]
    pub const fn on_gain(value: f64) -> Self {
        Self::new(Some(value), Basis::Gain, None)
    }

    pub(super) const fn new(value: Option<f64>, basis: Basis, reason: Option<Reason>) -> Self {
        Self { value, basis, reason }
    }

    /// The result of a figure that has a basis of its own, as [`fcr_closeout`](super::fcr_closeout); undefined if that is.
    ///
    /// # Errors
    /// `invalid_argument` for a figure without the basis live weight or gain.
    pub fn of(kpi: &Kpi) -> Result<Self> {
        match kpi.basis {
            Some(basis @ (Basis::LiveWeight | Basis::Gain)) => Ok(Self { value: kpi.value, basis, reason: kpi.reason }),
            _ => Err(crate::Error::invalid_argument("fcr", "give the result of an fcr figure that says its basis, or a number and its basis")),
        }
    }
}

/// `epef.v1`: survival · 100 · (weight / 1000) / (age · FCR) · 100, in points. Undefined where the age or the conversion is 0. A
/// conversion on gain is a warning: tables of EPEF are on live weight. The age of several loads is their mean, weighted by heads.
///
/// # Errors
/// `kpi_out_of_range` for a survival that is no share of 0 to 1; `kpi_non_finite` and `kpi_negative` for such numbers; `kpi_overflow`
/// where no double holds the result.
///
/// ```
/// use gatewright::kpi::{self, Days, Fcr, Fraction, MassG};
///
/// let epef = kpi::epef(Fraction(0.95), MassG(1850), Days(44.0), Fcr::on_live_weight(1.88))?;
/// assert_eq!(epef.value.map(|epef| (epef * 100.0).round() / 100.0), Some(212.46));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub fn epef(survival: Fraction, weight: MassG, age: Days, fcr: Fcr) -> Result<Kpi> {
    let (survival, age) = (survival.checked("survival")?, age.checked("age_days")?);
    let dividend = survival * 100.0 * (weight.0 as f64 / 1000.0);
    index("epef.v1", fcr, age == 0.0, |fcr| over(dividend, age * fcr) * 100.0)
}

/// `ebi.v1`: ADG · survival · 100 / (FCR · 10), in points. Undefined where the conversion is 0. It is the EPEF where the daily gain is
/// weight / age. A conversion on gain is a warning.
///
/// # Errors
/// As [`epef`].
///
/// ```
/// use gatewright::kpi::{self, Fcr, Fraction, GramsPerDay};
///
/// let ebi = kpi::ebi(GramsPerDay(60.0), Fraction(0.96), Fcr::on_live_weight(1.6))?;
/// assert_eq!(ebi.value.map(f64::round), Some(360.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn ebi(adg: GramsPerDay, survival: Fraction, fcr: Fcr) -> Result<Kpi> {
    let (adg, survival) = (at_least_zero(adg.0, "adg_g")?, survival.checked("survival")?);
    index("ebi.v1", fcr, false, |fcr| over(adg * survival * 100.0, fcr * 10.0))
}

/// `epef.flocks.v1`: mean, standard deviation (n − 1) and 95 % confidence interval of the EPEF of flocks, in points.
///
/// # Errors
/// `kpi_non_finite` and `kpi_negative` for such values; `kpi_overflow` where a sum or square is too large.
///
/// ```
/// use gatewright::kpi;
///
/// let flocks = kpi::epef_flocks((&[380.0, 400.0, 420.0]).into())?;
/// assert_eq!((flocks.mean, flocks.sd), (Some(400.0), Some(20.0)));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn epef_flocks(values: Sample<'_>) -> Result<Summary> {
    Summary::new("epef.flocks.v1", Unit::Points, &values.spread("values", false)?)
}

/// The points for a conversion, unless something else that they are divided by is 0.
fn index(id: &'static str, fcr: Fcr, is_over_zero: bool, points: impl Fn(f64) -> f64) -> Result<Kpi> {
    let Fcr { value, basis, reason } = fcr;
    let kpi = match value.map(|fcr| at_least_zero(fcr, "fcr")).transpose()? {
        None => Kpi::undefined(id, Unit::Points, reason.unwrap_or(Reason::NotDefined)),
        Some(fcr) if fcr == 0.0 || is_over_zero => Kpi::undefined(id, Unit::Points, Reason::ZeroDenominator),
        Some(fcr) => Kpi::finite(id, Unit::Points, points(fcr))?,
    };
    Ok(kpi.on(basis).warn_if(basis == Basis::Gain, Warning::BasisGain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kpi::{self, Closeout};

    #[test]
    fn a_conversion_brings_its_own_basis_and_reason() {
        let week = Closeout { feed: MassG(180), weight_started: MassG(42), weight_sold: MassG(202), ..Closeout::default() };
        let on_gain = Fcr::of(&kpi::fcr_closeout(&week)).unwrap();
        let points = epef(Fraction(1.0), MassG(202), Days(7.0), on_gain).unwrap();
        assert_eq!((points.basis, points.warnings.as_slice()), (Some(Basis::Gain), [Warning::BasisGain].as_slice()));
        let none = Fcr::of(&kpi::fcr_closeout(&Closeout::default())).unwrap();
        assert_eq!(epef(Fraction(1.0), MassG(1), Days(1.0), none).unwrap().reason, Some(Reason::NotDefined));
        assert_eq!(Fcr::of(&kpi::error_rate(0, 1).unwrap()).unwrap_err().code(), "invalid_argument");
    }

    #[test]
    fn without_age_or_feed_there_are_no_points() {
        let reason = |age, fcr| epef(Fraction(0.9), MassG(2000), Days(age), Fcr::on_live_weight(fcr)).unwrap().reason;
        assert_eq!((reason(0.0, 1.5), reason(40.0, 0.0)), (Some(Reason::ZeroDenominator), Some(Reason::ZeroDenominator)));
        let code = |survival, fcr| epef(Fraction(survival), MassG(2000), Days(40.0), Fcr::on_gain(fcr)).unwrap_err().code();
        assert_eq!((code(95.0, 1.5), code(0.9, -1.0), code(0.9, f64::NAN)), ("kpi_out_of_range", "kpi_negative", "kpi_non_finite"));
        // Neither a quotient nor what it is divided by may pass the largest double: 0 points would be wrong, not small.
        assert_eq!((code(0.9, 5e-324), code(0.9, 1e308)), ("kpi_overflow", "kpi_overflow"));
        assert_eq!(ebi(GramsPerDay(61.0), Fraction(0.9), Fcr::on_gain(1e308)).unwrap_err().code(), "kpi_overflow");
    }

    proptest! {
        #[test]
        fn both_indices_agree_where_gain_is_weight_by_age(weight in 1_u64..10_000, age in 1_u32..100, fcr in 0.5_f64..5.0, survival in 0.0_f64..=1.0) {
            let (fcr, survival) = (Fcr::on_live_weight(fcr), Fraction(survival));
            let epef = epef(survival, MassG(weight), Days(age.into()), fcr).unwrap().value.unwrap();
            let adg = kpi::adg_from_zero(MassG(weight), Days(age.into())).unwrap().value.unwrap();
            let ebi = ebi(GramsPerDay(adg), survival, fcr).unwrap().value.unwrap();
            prop_assert!((epef - ebi).abs() <= epef * 1e-14);
        }
    }
}
