//! What a figure gives: a number with its method, its unit and what it rests on.

use crate::error::{KpiError, Result};

/// One figure.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Kpi {
    /// The method, as `fcr.live_weight.v1`. Another definition has another id.
    pub id: &'static str,
    /// The number; none where the figure is undefined. Never NaN or infinite.
    pub value: Option<f64>,
    /// Whether there is a number.
    pub status: Status,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// The unit of `value`.
    pub unit: Unit,
    /// The numerator, exact, where the figure is a quotient of integers.
    pub num: Option<i128>,
    /// The denominator, likewise. Parts are merged by adding numerators and denominators, never by averaging values.
    pub den: Option<i128>,
    /// How many values the figure rests on; 1 for a figure of totals.
    pub n: u64,
    /// How many values were missing.
    pub missing: u64,
    /// What a feed conversion is based on.
    pub basis: Option<Basis>,
    /// Of a composite: the weight of the figures that are present, of the weight of all.
    pub coverage: Option<f64>,
    /// What to know before the number is compared with another.
    pub warnings: Vec<Warning>,
}

impl Kpi {
    /// A fraction times 100, for display; the value itself in any other unit.
    ///
    /// ```
    /// use gatewright::kpi::{self, Inventory};
    ///
    /// let flock = Inventory { placed: 20_000, dead: 800, ..Inventory::default() };
    /// let survival = kpi::survival(&flock)?;
    /// assert_eq!((survival.value, survival.percent()), (Some(0.96), Some(96.0)));
    /// # Ok::<(), gatewright::Error>(())
    /// ```
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        self.value.map(|value| if self.unit == Unit::Fraction { value * 100.0 } else { value })
    }

    /// The quotient of two integers, each of which becomes a double once; undefined where the denominator is 0.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "the rounding of `as` is the one wanted")]
    pub(super) fn quotient(id: &'static str, unit: Unit, num: i128, den: i128) -> Self {
        let quotient = if den == 0 { Self::undefined(id, unit, Reason::ZeroDenominator) } else { Self::of(id, unit, num as f64 / den as f64) };
        Self { num: Some(num), den: Some(den), ..quotient }
    }

    pub(super) fn of(id: &'static str, unit: Unit, value: f64) -> Self {
        // Negative zero is zero.
        Self { value: Some(value + 0.0), status: Status::Ok, reason: None, ..Self::undefined(id, unit, Reason::NoValues) }
    }

    pub(super) const fn undefined(id: &'static str, unit: Unit, reason: Reason) -> Self {
        let (value, num, den, basis, coverage) = (None, None, None, None, None);
        let (status, reason) = (Status::Undefined, Some(reason));
        Self { id, value, status, reason, unit, num, den, n: 1, missing: 0, basis, coverage, warnings: Vec::new() }
    }

    /// The number, if a double holds it.
    pub(super) fn finite(id: &'static str, unit: Unit, value: f64) -> Result<Self> {
        if value.is_finite() { Ok(Self::of(id, unit, value)) } else { Err(KpiError::Overflow.into()) }
    }

    /// The same, resting on so many values, while others were missing.
    pub(super) fn over(self, n: u64, missing: u64) -> Self {
        Self { n, missing, ..self }.warn_if(missing > 0, Warning::InputMissing)
    }

    pub(super) fn on(self, basis: Basis) -> Self {
        Self { basis: Some(basis), ..self }
    }

    pub(super) fn warn_if(mut self, applies: bool, warning: Warning) -> Self {
        if applies {
            self.warnings.push(warning);
        }
        self
    }
}

/// A quotient of doubles. A divisor past the largest of them has none: 0 would look like one.
pub(super) fn over(dividend: f64, divisor: f64) -> f64 {
    if divisor.is_finite() { dividend / divisor } else { f64::INFINITY }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$case_doc])* $case,)+ }

        impl $name {
            /// Its name in every language.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)+ }
            }

            /// The one of that name.
            #[allow(dead_code, reason = "not every list of words is read")]
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$case),)+ _ => None }
            }
        }
    };
}

words! {
    /// Whether a figure has a number.
    Status {
        /// It has.
        Ok = "ok",
        /// There is too little data for one, or it has no meaning; `reason` says which.
        Undefined = "undefined",
    }
}

words! {
    /// Why a figure is undefined.
    Reason {
        /// Too much of its input is missing.
        LowCoverage = "low_coverage",
        /// There are no values.
        NoValues = "no_values",
        /// The definition gives no number here: no gain, or a weight of 0 in a logarithm.
        NotDefined = "not_defined",
        /// Fewer values than the definition needs.
        TooFewValues = "too_few_values",
        /// The denominator is 0.
        ZeroDenominator = "zero_denominator",
    }
}

impl Reason {
    /// What it is to somebody who reads a report.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::LowCoverage => "too much is missing",
            Self::NoValues => "no values",
            Self::NotDefined => "not defined",
            Self::TooFewValues => "too few values",
            Self::ZeroDenominator => "nothing to divide by",
        }
    }
}

words! {
    /// The unit of a figure's value.
    Unit {
        /// Eggs a hen.
        EggsPerHen = "eggs_per_hen",
        /// A share, rate, deviation or norm; shares are 0 to 1.
        Fraction = "fraction",
        /// Grams.
        G = "g",
        /// Grams a day.
        GPerDay = "g_per_day",
        /// Animals times days.
        HeadDays = "head_days",
        /// Kilograms a square metre.
        KgPerM2 = "kg_per_m2",
        /// The currency's minor units, as cents, a dozen eggs.
        MinorUnitsPerDozen = "minor_units_per_dozen",
        /// The currency's minor units, as cents, a kilogram.
        MinorUnitsPerKg = "minor_units_per_kg",
        /// Deaths per 1000 animals a week.
        Per1000HeadWeeks = "per_1000_head_weeks",
        /// 0 to 100.
        Percent = "percent",
        /// Percent a day.
        PercentPerDay = "percent_per_day",
        /// Points of a score.
        Points = "points",
        /// A quotient of like things, as feed and gain.
        Ratio = "ratio",
        /// The unit of the values given.
        SameAsInput = "same_as_input",
    }
}

words! {
    /// What to know before a figure is compared with another.
    Warning {
        /// A share that should be 1 at most is more, as when eggs are collected late.
        AboveOne = "above_one",
        /// The feed conversion is on gain, where breeders' tables are on live weight.
        BasisGain = "basis_gain",
        /// The weight is more than 500 g from the reference.
        FarFromReference = "far_from_reference",
        /// Some of the input was missing.
        InputMissing = "input_missing",
        /// The two sides of the inventory differ.
        InventoryDelta = "inventory_delta",
        /// Weight was lost.
        NegativeGain = "negative_gain",
        /// Fewer animals were weighed than should be.
        SmallSample = "small_sample",
    }
}

words! {
    /// What a number is based on.
    Basis {
        /// Every value was kept.
        Exact = "exact",
        /// Feed per gain.
        Gain = "gain",
        /// Values were counted in bins.
        Histogram = "histogram",
        /// Feed per live weight.
        LiveWeight = "live_weight",
    }
}
