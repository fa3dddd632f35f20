//! Several numbers about one list of values.

use super::moments::Spread;
use super::result::{Unit, Warning};
use super::student::t_quantile_975;
use crate::error::{KpiError, Result};

/// Mean, standard deviation, confidence interval and ends of a sample.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The method.
    pub id: &'static str,
    /// The unit of all numbers.
    pub unit: Unit,
    /// How many values there are.
    pub n: u64,
    /// How many were missing.
    pub missing: u64,
    /// Their mean; none of none.
    pub mean: Option<f64>,
    /// Their standard deviation, of a sample (n − 1); none below two values.
    pub sd: Option<f64>,
    /// The lower end of the 95 % confidence interval of the mean, mean − t · (sd / √n), with Student's t; none below two values.
    pub ci95_low: Option<f64>,
    /// Its upper end.
    pub ci95_high: Option<f64>,
    /// The least value.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// What to know before the numbers are compared with others.
    pub warnings: Vec<Warning>,
}

impl Summary {
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a count becomes a double once, rounded to the nearest")]
    pub(super) fn new(id: &'static str, unit: Unit, spread: &Spread) -> Result<Self> {
        let Spread { count: n, missing, mean, sd, min, max } = *spread;
        let half = sd.zip(t_quantile_975(n.saturating_sub(1))).map(|(sd, t)| t * (sd / (n as f64).sqrt()));
        let end = |sign: f64| -> Result<Option<f64>> {
            let Some((mean, half)) = mean.zip(half) else { return Ok(None) };
            let end = mean + sign * half;
            if end.is_finite() { Ok(Some(end + 0.0)) } else { Err(KpiError::Overflow.into()) }
        };
        let (ci95_low, ci95_high) = (end(-1.0)?, end(1.0)?);
        let warnings = if missing > 0 { vec![Warning::InputMissing] } else { Vec::new() };
        Ok(Self { id, unit, n, missing, mean, sd, ci95_low, ci95_high, min, max, warnings })
    }
}
