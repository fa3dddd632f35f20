//! Lists of values, and what is missing among them.

use std::borrow::Cow;

use super::moments::{FloatMoments, Moments, Spread};
use crate::error::{KpiError, Result};

/// Values, and how many more are missing: those are counted and in no figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// Those that are known.
    pub values: Values<'a>,
    /// How many are missing.
    pub missing: u64,
}

/// Values in one unit.
///
/// What counts is the values, not how they are written: where each is a whole number from 0 below 2^64, sums of doubles are exact too,
/// and their order changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Values<'a> {
    /// Whole numbers, as grams.
    Whole(&'a [u64]),
    /// Doubles.
    Real(&'a [f64]),
}

impl<'a> From<&'a [u64]> for Sample<'a> {
    fn from(values: &'a [u64]) -> Self {
        Self { values: Values::Whole(values), missing: 0 }
    }
}

impl<'a> From<&'a [f64]> for Sample<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self { values: Values::Real(values), missing: 0 }
    }
}

impl<'a, const N: usize> From<&'a [u64; N]> for Sample<'a> {
    fn from(values: &'a [u64; N]) -> Self {
        values.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for Sample<'a> {
    fn from(values: &'a [f64; N]) -> Self {
        values.as_slice().into()
    }
}

impl<'a> Sample<'a> {
    /// The same with this many missing.
    #[must_use]
    pub const fn with_missing(self, missing: u64) -> Self {
        Self { missing, ..self }
    }

    /// How many are known.
    #[must_use]
    pub fn n(&self) -> u64 {
        let len = match self.values {
            Values::Whole(values) => values.len(),
            Values::Real(values) => values.len(),
        };
        u64::try_from(len).unwrap_or(u64::MAX)
    }

    /// Count, mean and standard deviation of values that cannot be negative.
    pub(super) fn spread(&self, field: &'static str, population: bool) -> Result<Spread> {
        let spread = match self.values {
            Values::Whole(values) => whole_spread(values, population)?,
            Values::Real(values) => match Moments::of_doubles(values) {
                Some(moments) => moments?.spread(population),
                None => {
                    let spread = FloatMoments::spread_of(values, population);
                    if spread.as_ref().map_or(true, |spread| spread.min.is_some_and(|least| least < 0.0)) {
                        at_least_zero(values, field)?;
                    }
                    spread?
                }
            },
        };
        Ok(Spread { missing: self.missing, ..spread })
    }

    /// Their mean alone, as [`Self::spread`] has it and with its errors.
    pub(super) fn mean(&self, field: &'static str) -> Result<Option<f64>> {
        if let Values::Real(values) = self.values
            && !starts_whole(values)
            && let Some(mean) = FloatMoments::mean_of(values)
        {
            return Ok(Some(mean));
        }
        Ok(self.spread(field, false)?.mean)
    }

    /// The values as whole numbers, if each of them is one.
    pub(super) fn as_whole(&self) -> Option<Cow<'a, [u64]>> {
        match self.values {
            Values::Whole(values) => Some(Cow::Borrowed(values)),
            Values::Real(values) => is_whole(values).then(|| Cow::Owned(whole(values))),
        }
    }

    /// The values as doubles, each rounded once.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "the rounding of `as` is the one wanted")]
    pub(super) fn as_real(&self) -> Cow<'a, [f64]> {
        match self.values {
            Values::Whole(values) => Cow::Owned(values.iter().map(|value| *value as f64).collect()),
            Values::Real(values) => Cow::Borrowed(values),
        }
    }
}

fn whole_spread(values: &[u64], population: bool) -> Result<Spread> {
    let mut moments = Moments::new();
    moments.add_all(values)?;
    Ok(moments.spread(population))
}

/// Refuses what is no number, and numbers below 0.
pub(super) fn at_least_zero(values: &[f64], field: &'static str) -> Result<()> {
    if !values.iter().all(|value| value.is_finite()) {
        return Err(KpiError::NonFinite { field }.into());
    }
    if values.iter().any(|value| *value < 0.0) {
        return Err(KpiError::Negative { field }.into());
    }
    Ok(())
}

/// Whether the first values are whole numbers. Most lists of which not all are say so at once.
pub(super) fn starts_whole(values: &[f64]) -> bool {
    is_whole(values.get(..16).unwrap_or(values))
}

pub(super) fn is_whole(values: &[f64]) -> bool {
    values.iter().all(|value| value.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(value))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "whole numbers below 2^64 by then")]
pub(super) fn whole(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| *value as u64).collect()
}
