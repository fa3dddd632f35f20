//! What a number measures. A figure takes these instead of bare numbers, so that grams cannot stand where days belong.

use crate::error::{KpiError, Result};

/// Grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MassG(pub u64);

/// Milligrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MassMg(pub u64);

/// Grams a day.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct GramsPerDay(pub f64);

/// Animals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Heads(pub u64);

/// Eggs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Eggs(pub u64);

/// Animals times the days they were there, in steps of half a day.
///
/// ```
/// use gatewright::kpi::HeadDays;
///
/// assert_eq!(HeadDays::new(6270.5)?, HeadDays::from_halves(12_541));
/// assert_eq!(HeadDays::new(0.25).unwrap_err().code(), "kpi_out_of_range");
/// # Ok::<(), gatewright::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HeadDays {
    halves: u64,
}

impl HeadDays {
    /// From a multiple of 0.5.
    ///
    /// # Errors
    /// `kpi_non_finite`, `kpi_negative`; `kpi_out_of_range` for what is no multiple of 0.5; `kpi_overflow` from 2^63 on.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a whole number below 2^64 by then")]
    pub fn new(head_days: f64) -> Result<Self> {
        let field = "head_days";
        if !head_days.is_finite() {
            return Err(KpiError::NonFinite { field }.into());
        }
        if head_days < 0.0 {
            return Err(KpiError::Negative { field }.into());
        }
        let halves = head_days * 2.0;
        if halves >= 18_446_744_073_709_551_616.0 {
            return Err(KpiError::Overflow.into());
        }
        if halves.trunc() < halves {
            let hint = "6270.5, not 6270.25: an animal counts for a whole or a half day";
            return Err(KpiError::OutOfRange { field, range: "the multiples of 0.5", hint }.into());
        }
        Ok(Self { halves: halves as u64 })
    }

    /// From half head-days.
    #[must_use]
    pub const fn from_halves(halves: u64) -> Self {
        Self { halves }
    }

    /// In half head-days.
    #[must_use]
    pub const fn halves(self) -> u64 {
        self.halves
    }
}

/// Days, whole or not: the age of several loads is a mean.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Days(pub f64);

impl Days {
    pub(super) fn checked(self, field: &'static str) -> Result<f64> {
        at_least_zero(self.0, field)
    }
}

/// A number that is 0 or more.
pub(super) fn at_least_zero(number: f64, field: &'static str) -> Result<f64> {
    if number < 0.0 && number.is_finite() {
        return Err(KpiError::Negative { field }.into());
    }
    finite(number, field)
}

/// A number, not NaN or an infinity; negative zero is zero.
pub(super) fn finite(number: f64, field: &'static str) -> Result<f64> {
    if number.is_finite() { Ok(number + 0.0) } else { Err(KpiError::NonFinite { field }.into()) }
}

/// Minor units of a currency, as cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub u64);

/// Square centimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AreaCm2(pub u64);

/// Millilitres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct VolumeMl(pub u64);

/// A share, 0 to 1. Figures refuse any other number with `kpi_out_of_range`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Fraction(pub f64);

impl Fraction {
    pub(super) fn checked(self, field: &'static str) -> Result<f64> {
        if !self.0.is_finite() {
            return Err(KpiError::NonFinite { field }.into());
        }
        if !(0.0..=1.0).contains(&self.0) {
            return Err(KpiError::OutOfRange { field, range: "0..1", hint: "0.95, not 95: give a fraction" }.into());
        }
        Ok(self.0)
    }
}
