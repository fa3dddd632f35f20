//! What a farm compares with: its own targets, or a breeder's tables that it has entered. None are built in: booklets of one breed and
//! year are cited with different numbers.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::cohort::{Named, Weight};
use super::super::definition::definition;
use crate::error::{KpiError, Result};

/// Targets, their origin and the weights of a ranking.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Targets {
    /// The breed, as it is to be printed.
    pub breed: Option<String>,
    /// Which edition of its tables.
    pub edition: Option<String>,
    /// What they hold for, as "as hatched".
    pub basis: Option<String>,
    /// Targets of figures by id.
    pub figures: BTreeMap<String, Target>,
    /// Weights by day.
    pub growth: Curve,
    /// Uniformity scores by day.
    pub uniformity: Curve,
    /// Cumulative mortality by day.
    pub mortality: Curve,
    /// Laying rates by day.
    pub laying: Curve,
    /// What a ranking goes by: figures by id.
    pub weights: BTreeMap<String, RankWeight>,
}

/// The target of a figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Target {
    /// The number.
    pub value: f64,
    /// Its unit, which must be the figure's: `ratio`, `g_per_day`, `fraction`, …
    pub unit: String,
}

/// A target for each of some days; straight lines between them.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Curve {
    /// The unit of the values: `g` of growth, `percent` of uniformity, `fraction` of mortality and laying.
    pub unit: String,
    /// Days from placement, growing.
    pub days: Vec<f64>,
    /// A value for each.
    pub values: Vec<f64>,
}

/// How much a figure counts in a ranking, and which way it is better.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RankWeight {
    /// 0 or more.
    pub weight: f64,
    /// Whether a low figure is a good one.
    #[serde(default)]
    pub lower_is_better: bool,
}

impl Targets {
    /// Reads targets in TOML.
    ///
    /// ```
    /// use gatewright::kpi::report::Targets;
    ///
    /// let targets = Targets::from_toml(r#"
    /// breed = "Ross 308"
    /// edition = "2022"
    /// basis = "as hatched"
    /// [figures]
    /// "fcr.live_weight.v1" = { value = 1.45, unit = "ratio" }
    /// [growth]
    /// unit = "g"
    /// days = [0, 7, 35]
    /// values = [43, 213, 2296]
    /// [weights]
    /// "fcr.live_weight.v1" = { weight = 2, lower_is_better = true }
    /// "survival.v1" = { weight = 1 }
    /// "#)?;
    /// assert_eq!(targets.growth.at(21.0), Some(1254.5));
    /// # Ok::<(), gatewright::Error>(())
    /// ```
    ///
    /// # Errors
    /// `kpi_bad_row` with the line for what is no such document; `kpi_unit_mismatch` for a curve in another unit; `kpi_non_finite` for
    /// what is no number.
    pub fn from_toml(text: &str) -> Result<Self> {
        let targets: Self = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| bad(&error, text))?;
        targets.checked()
    }

    /// Reads targets in JSON, of the same form.
    ///
    /// # Errors
    /// As [`Targets::from_toml`].
    pub fn from_json(text: &str) -> Result<Self> {
        let targets: Self = serde_json::from_str(text).map_err(|error| KpiError::bad_table(format!("targets: {error}")))?;
        targets.checked()
    }

    /// The weights of a ranking; of FarmIQ's cohort score if none are given.
    pub(super) fn ranking(&self) -> Named<Weight> {
        if self.weights.is_empty() {
            let weight = |lower_is_better| Weight { weight: 1.0, lower_is_better };
            return COHORT_SCORE.iter().map(|(id, lower)| ((*id).to_owned(), weight(*lower))).collect();
        }
        let weight = |weight: &RankWeight| Weight { weight: weight.weight, lower_is_better: weight.lower_is_better };
        self.weights.iter().map(|(id, given)| (id.clone(), weight(given))).collect()
    }

    fn checked(self) -> Result<Self> {
        if let Some(id) = self.figures.keys().chain(self.weights.keys()).find(|id| definition(id).is_none()) {
            return Err(KpiError::bad_table(format!("targets: {id:?} is no figure; give an id as \"survival.v1\"")).into());
        }
        if !self.figures.values().map(|target| target.value).chain(self.weights.values().map(|weight| weight.weight)).all(f64::is_finite) {
            return Err(KpiError::NonFinite { field: "targets" }.into());
        }
        let curves = [
            ("growth", &self.growth, "g"),
            ("uniformity", &self.uniformity, "percent"),
            ("mortality", &self.mortality, "fraction"),
            ("laying", &self.laying, "fraction"),
        ];
        for (name, curve, unit) in curves {
            if curve.days.len() != curve.values.len() {
                return Err(KpiError::bad_table(format!("targets: {name} has {} days and {} values", curve.days.len(), curve.values.len())).into());
            }
            if !curve.days.is_empty() && curve.unit != unit {
                return Err(KpiError::UnitMismatch { left: unit.to_owned(), right: curve.unit.clone() }.into());
            }
            if !curve.days.iter().chain(&curve.values).all(|number| number.is_finite()) {
                return Err(KpiError::NonFinite { field: "targets" }.into());
            }
            if !curve.days.is_sorted_by(|a, b| a < b) {
                return Err(KpiError::bad_table(format!("targets: the days of {name} must grow")).into());
            }
        }
        Ok(self)
    }
}

impl Curve {
    /// The target at an age in days; none outside of the days given.
    #[must_use]
    pub fn at(&self, day: f64) -> Option<f64> {
        let points = || self.days.iter().copied().zip(self.values.iter().copied());
        let before = points().take_while(|(at, _)| *at <= day).last()?;
        let after = points().find(|(at, _)| *at >= day)?;
        let span = after.0 - before.0;
        Some(if span == 0.0 { before.1 } else { before.1 + (after.1 - before.1) * ((day - before.0) / span) })
    }
}

fn bad(error: &toml::de::Error, text: &str) -> crate::Error {
    let line = error.span().map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
    let place = line.map_or_else(String::new, |line| format!(" line {line}"));
    KpiError::bad_table(format!("targets{place}: {}", error.message())).into()
}

/// FarmIQ's cohort score: figures, and whether a low one is good.
const COHORT_SCORE: &[(&str, bool)] =
    &[("fcr.live_weight.v1", true), ("adg.from_zero.v1", false), ("survival.v1", false), ("uniformity.score.v1", false), ("health.farm.v1", false)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_targets_say_where() {
        let message = |text: &str| Targets::from_toml(text).unwrap_err().to_string();
        assert!(message("breed = 1").contains("line 1"), "{}", message("breed = 1"));
        assert!(message("\n[growth]\nunit = \"g\"\ndays = [1]\nvalues = []").contains("1 days and 0 values"));
        assert_eq!(Targets::from_toml("[growth]\nunit = \"kg\"\ndays = [1]\nvalues = [2.1]").unwrap_err().code(), "kpi_unit_mismatch");
        assert!(Targets::from_json(r#"{"growth": {"unit": "g", "days": [2, 1], "values": [1, 2]}}"#).is_err());
        assert!(message("[figures]\n\"survival\" = { value = 1, unit = \"fraction\" }").contains("\"survival\" is no figure"));
        assert_eq!(Targets::from_toml("[figures]\n\"survival.v1\" = { value = nan, unit = \"fraction\" }").unwrap_err().code(), "kpi_non_finite");
        assert_eq!(Targets::default().ranking().len(), 5);
    }
}
