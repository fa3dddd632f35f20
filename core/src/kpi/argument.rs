//! The arguments of a figure by name, as bindings and documents give them: numbers of one kind, checked in one place.

use std::borrow::Cow;

use super::cohort::Named;
use super::head_days::Weighed;
use super::sample::{Sample, Values};
use super::units::{Fraction, HeadDays, at_least_zero, finite};
use crate::error::{Error, KpiError, Result};

/// What is given for an argument.
///
/// A whole number may be written in any way that has its value: as a double, or as a text of decimal digits where a language or JSON
/// has no integers of that size.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Argument<'a> {
    /// A truth value.
    Flag(bool),
    /// A list.
    List(Vec<Self>),
    /// Arguments by name.
    Map(Vec<(Cow<'a, str>, Self)>),
    /// Nothing: a value that is missing.
    Null,
    /// A double.
    Real(f64),
    /// A list of numbers in one piece, without a copy.
    Sample(Sample<'a>),
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Whole(i128),
}

/// The arguments of a call, each taken once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arguments<'a> {
    members: Vec<(Cow<'a, str>, Argument<'a>)>,
}

impl<'a> Arguments<'a> {
    /// Of these names and values.
    #[must_use]
    pub const fn new(members: Vec<(Cow<'a, str>, Argument<'a>)>) -> Self {
        Self { members }
    }

    /// What was given by a name. A name that stands twice stays behind, and is refused as unknown by [`Arguments::end`].
    pub(super) fn take(&mut self, field: &'static str) -> Option<Argument<'a>> {
        let at = self.members.iter().position(|(name, _)| name == field)?;
        Some(self.members.swap_remove(at).1)
    }

    /// What was given by a name and is not missing.
    pub(super) fn take_known(&mut self, field: &'static str) -> Option<Argument<'a>> {
        self.take(field).filter(|argument| *argument != Argument::Null)
    }

    pub(super) fn need(&mut self, field: &'static str) -> Result<Argument<'a>> {
        self.take(field).ok_or_else(|| Error::invalid_argument(field, "give it: the figure has no default for it"))
    }

    /// Refuses what no figure has taken.
    pub(super) fn end(self) -> Result<()> {
        if self.members.is_empty() {
            return Ok(());
        }
        Err(Error::invalid_argument("arguments", "give the figure's own arguments, each once"))
    }

    pub(super) fn count(&mut self, field: &'static str) -> Result<u64> {
        self.need(field)?.count(field)
    }

    /// A count that is 0 if it is left out, as each of animals, eggs and events is but those placed.
    pub(super) fn count_or_zero(&mut self, field: &'static str) -> Result<u64> {
        self.take(field).map_or(Ok(0), |argument| argument.count(field))
    }

    /// A number of 0 or more.
    pub(super) fn number(&mut self, field: &'static str) -> Result<f64> {
        at_least_zero(self.need(field)?.real(field)?, field)
    }

    pub(super) fn fraction(&mut self, field: &'static str) -> Result<Fraction> {
        let share = Fraction(self.need(field)?.real(field)?);
        share.checked(field)?;
        Ok(share)
    }

    pub(super) fn fraction_or(&mut self, field: &'static str, default: f64) -> Result<Fraction> {
        let Some(argument) = self.take(field) else { return Ok(Fraction(default)) };
        let share = Fraction(argument.real(field)?);
        share.checked(field)?;
        Ok(share)
    }

    pub(super) fn flag_or_false(&mut self, field: &'static str) -> Result<bool> {
        self.take(field).map_or(Ok(false), |argument| argument.flag(field))
    }

    pub(super) fn head_days(&mut self, field: &'static str) -> Result<HeadDays> {
        self.need(field)?.head_days(field)
    }

    /// A list, of whose members each is read by itself or missing.
    pub(super) fn list<T>(&mut self, field: &'static str, read: impl Fn(Argument<'a>) -> Result<T>) -> Result<Vec<Option<T>>> {
        let list = self.need(field)?.list(field)?;
        list.into_iter().map(|member| member.if_known(&read)).collect()
    }

    /// The same; empty where it is left out.
    pub(super) fn list_or_empty<T>(&mut self, field: &'static str, read: impl Fn(Argument<'a>) -> Result<T>) -> Result<Vec<Option<T>>> {
        let list = self.take(field).map_or(Ok(Vec::new()), |list| list.list(field))?;
        list.into_iter().map(|member| member.if_known(&read)).collect()
    }

    /// Reads a list of numbers and goes on with it.
    pub(super) fn with_sample<T>(&mut self, field: &'static str, go_on: impl FnOnce(Sample<'_>, &mut Self) -> Result<T>) -> Result<T> {
        let argument = self.need(field)?;
        if let Argument::Sample(sample) = argument {
            return go_on(sample, self);
        }
        let (numbers, missing) = argument.numbers(field)?;
        match &numbers {
            Numbers::Whole(values) => go_on(Sample::from(values.as_slice()).with_missing(missing), self),
            Numbers::Real(values) => go_on(Sample::from(values.as_slice()).with_missing(missing), self),
        }
    }
}

/// A list of numbers.
pub(super) enum Numbers {
    Whole(Vec<u64>),
    Real(Vec<f64>),
}

impl<'a> Argument<'a> {
    /// Reads it, unless it is missing.
    pub(super) fn if_known<T>(self, read: impl Fn(Self) -> Result<T>) -> Result<Option<T>> {
        if self == Self::Null { Ok(None) } else { read(self).map(Some) }
    }

    /// A whole number of 0 or more.
    pub(super) fn count(&self, field: &'static str) -> Result<u64> {
        match self.exact(field)? {
            Exact::Whole(whole) if whole < 0 => Err(KpiError::Negative { field }.into()),
            Exact::Whole(whole) => u64::try_from(whole).map_err(|_| KpiError::Overflow.into()),
            Exact::Real(real) => {
                let real = at_least_zero(real, field)?;
                if real.fract() != 0.0 {
                    let hint = "2257 g, not 2.257 kg: give a whole number of the unit in the argument's name";
                    return Err(KpiError::OutOfRange { field, range: "the whole numbers", hint }.into());
                }
                whole(real).ok_or_else(|| KpiError::Overflow.into())
            }
        }
    }

    /// Any number.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    pub(super) fn real(&self, field: &'static str) -> Result<f64> {
        match self.exact(field)? {
            Exact::Whole(whole) => Ok(whole as f64),
            Exact::Real(real) => finite(real, field),
        }
    }

    /// Any number, exact where it is whole and below 2^64.
    pub(super) fn weighed(&self, field: &'static str) -> Result<Weighed> {
        match self.exact(field)? {
            Exact::Whole(whole) if whole.unsigned_abs() < 1 << 64 => Ok(Weighed::Whole(whole)),
            _ => self.real(field).map(Weighed::from),
        }
    }

    pub(super) fn head_days(&self, field: &'static str) -> Result<HeadDays> {
        match self.exact(field)? {
            Exact::Whole(whole) if whole < 0 => Err(KpiError::Negative { field }.into()),
            Exact::Whole(whole) => {
                let halves = whole.checked_mul(2).and_then(|halves| u64::try_from(halves).ok());
                halves.map(HeadDays::from_halves).ok_or_else(|| KpiError::Overflow.into())
            }
            Exact::Real(real) => HeadDays::new(real),
        }
    }

    pub(super) fn flag(&self, field: &'static str) -> Result<bool> {
        if let Self::Flag(flag) = self { Ok(*flag) } else { Err(Error::invalid_argument(field, "give true or false")) }
    }

    pub(super) fn text(self, field: &'static str) -> Result<Cow<'a, str>> {
        if let Self::Text(text) = self { Ok(text) } else { Err(Error::invalid_argument(field, "give a text")) }
    }

    pub(super) fn list(self, field: &'static str) -> Result<Vec<Self>> {
        match self {
            Self::List(list) => Ok(list),
            Self::Sample(Sample { values, missing: 0 }) => Ok(match values {
                Values::Whole(values) => values.iter().map(|value| Self::Whole((*value).into())).collect(),
                Values::Real(values) => values.iter().map(|value| Self::Real(*value)).collect(),
            }),
            _ => Err(Error::invalid_argument(field, "give a list")),
        }
    }

    pub(super) fn map(self, field: &'static str) -> Result<Arguments<'a>> {
        if let Self::Map(members) = self { Ok(Arguments::new(members)) } else { Err(Error::invalid_argument(field, "give values by name")) }
    }

    /// Values by names of the caller's own.
    pub(super) fn named<T>(self, field: &'static str, read: impl Fn(Self) -> Result<T>) -> Result<Named<T>> {
        let members = self.map(field)?.members;
        let length = members.len();
        let named = members.into_iter().map(|(name, value)| Ok((name.into_owned(), read(value)?))).collect::<Result<Named<T>>>()?;
        if named.len() == length { Ok(named) } else { Err(Error::invalid_argument(field, "give each name once")) }
    }

    /// A list of numbers, whole where all are, and how many are missing.
    pub(super) fn numbers(self, field: &'static str) -> Result<(Numbers, u64)> {
        let list = self.list(field)?;
        let known = || list.iter().filter(|member| **member != Argument::Null);
        let missing = u64::try_from(list.len() - known().count()).unwrap_or(u64::MAX);
        let mut wholes = Vec::with_capacity(list.len());
        for member in known() {
            match member.exact(field)? {
                Exact::Whole(whole) => match u64::try_from(whole) {
                    Ok(whole) => wholes.push(whole),
                    Err(_) => break,
                },
                Exact::Real(_) => break,
            }
        }
        if wholes.len() == known().count() {
            return Ok((Numbers::Whole(wholes), missing));
        }
        let reals = known().map(|member| member.real(field)).collect::<Result<_>>()?;
        Ok((Numbers::Real(reals), missing))
    }

    fn exact(&self, field: &'static str) -> Result<Exact> {
        let no_number = Error::invalid_argument(field, "give a number");
        match self {
            Self::Whole(whole) => Ok(Exact::Whole(*whole)),
            Self::Real(real) => Ok(Exact::Real(*real)),
            Self::Text(text) => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(no_number);
                }
                // Past 128 bits no count is one, but a double may still be.
                let real = || text.parse().ok().filter(|real: &f64| real.is_finite()).map(Exact::Real);
                text.parse().ok().map(Exact::Whole).or_else(real).ok_or_else(|| KpiError::Overflow.into())
            }
            _ => Err(no_number),
        }
    }
}

/// A number as it was given.
enum Exact {
    Whole(i128),
    Real(f64),
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a whole number below 2^64 by then")]
fn whole(real: f64) -> Option<u64> {
    (0.0..18_446_744_073_709_551_616.0).contains(&real).then_some(real as u64)
}
