//! How numbers are written for people.

use super::column::{has_minor_units, is_minor_unit};
use crate::kpi::Unit;

/// The signs of numbers in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Locale {
    decimal: char,
    thousands: &'static str,
    /// What amounts of money are in, as a table's header names it.
    currency: Option<&'static str>,
}

impl Default for Locale {
    fn default() -> Self {
        Self { decimal: '.', thousands: ",", currency: None }
    }
}

impl Locale {
    /// The locale of a tag as `de`, `de-CH` or `fr_FR.UTF-8`; English for an unknown one.
    ///
    /// ```
    /// use gatewright::kpi::report::Locale;
    ///
    /// assert_eq!(Locale::of("de-DE").number(1234.5, 1), "1.234,5");
    /// assert_eq!(Locale::of("de_CH.UTF-8").number(1234.5, 1), "1’234.5");
    /// assert_eq!(Locale::of("en").number(-1234567.0, 0), "−1,234,567");
    /// ```
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let tag = tag.split('.').next().unwrap_or(tag).replace('_', "-").to_lowercase();
        let language = tag.split('-').next().unwrap_or("");
        let (decimal, thousands) = match (language, tag.as_str()) {
            (_, "de-ch" | "fr-ch" | "it-ch") => ('.', "\u{2019}"),
            (_, "es-mx") => ('.', ","),
            ("de" | "nl" | "it" | "es" | "pt" | "da" | "el" | "id" | "tr" | "vi" | "ro" | "sl" | "hr" | "is", _) => (',', "."),
            ("fr" | "sv" | "nb" | "nn" | "no" | "fi" | "pl" | "cs" | "sk" | "hu" | "ru" | "uk" | "bg", _) => (',', "\u{202f}"),
            _ => ('.', ","),
        };
        Self { decimal, thousands, currency: None }
    }

    /// The same, for money of this name.
    pub(crate) const fn with_currency(self, currency: Option<&'static str>) -> Self {
        Self { currency, ..self }
    }

    /// Minor units as people name the money: euros of cents, and yen of yen.
    fn money(&self, minor: f64, product: &str) -> String {
        match self.currency {
            Some(name) if !has_minor_units(name) => format!("{}\u{a0}{}/{product}", self.number(minor, 1), name.to_uppercase()),
            Some(name) if !is_minor_unit(name) => format!("{}\u{a0}{}/{product}", self.number(minor / 100.0, 2), name.to_uppercase()),
            _ => format!("{}\u{a0}per {product}", self.number(minor / 100.0, 2)),
        }
    }

    /// A number with so many places after the decimal sign.
    #[must_use]
    pub fn number(&self, number: f64, places: usize) -> String {
        let text = format!("{:.places$}", number.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
        let mut out = String::from(if number < 0.0 && !is_zero { "\u{2212}" } else { "" });
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push_str(self.thousands);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(self.decimal);
            out.push_str(fraction);
        }
        out
    }

    /// A whole number.
    pub(super) fn whole(self, number: i128) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut out = String::from(if number < 0 { "\u{2212}" } else { "" });
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(self.thousands);
            }
            out.push(digit);
        }
        out
    }

    /// A half behind a whole number.
    pub(super) fn half(self) -> String {
        format!("{}5", self.decimal)
    }

    /// A figure with its unit.
    #[must_use]
    pub fn figure(&self, value: f64, unit: Unit) -> String {
        match unit {
            Unit::Fraction => format!("{}\u{a0}%", self.number(value * 100.0, 2)),
            Unit::Percent => format!("{}\u{a0}%", self.number(value, 1)),
            Unit::PercentPerDay => format!("{}\u{a0}%/d", self.number(value, 2)),
            Unit::G => format!("{}\u{a0}g", self.number(value, 0)),
            Unit::GPerDay => format!("{}\u{a0}g/d", self.number(value, 1)),
            Unit::HeadDays => self.number(value, if value.fract() == 0.0 { 0 } else { 1 }),
            Unit::KgPerM2 => format!("{}\u{a0}kg/m²", self.number(value, 1)),
            Unit::MinorUnitsPerKg => self.money(value, "kg"),
            Unit::MinorUnitsPerDozen => self.money(value, "dozen"),
            Unit::Points | Unit::EggsPerHen => self.number(value, 1),
            Unit::Per1000HeadWeeks => self.number(value, 2),
            Unit::Ratio => self.number(value, 3),
            Unit::SameAsInput => self.number(value, if value.fract() == 0.0 { 0 } else { 2 }),
        }
    }
}
