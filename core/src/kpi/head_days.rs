//! How long animals were there, and means that go by it.

use super::result::{Kpi, Reason, Unit};
use super::sum::Sum;
use super::units::HeadDays;
use crate::error::{KpiError, Result};

/// The animals of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCount {
    /// Present at its start.
    pub start: u64,
    /// Present at its end.
    pub end: u64,
    /// Come in the course of it.
    pub moved_in: u64,
}

/// Animals that came or went on a day, counted from the day of placement, which is day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Movement {
    /// The day.
    pub day: u64,
    /// How many.
    pub count: u64,
}

/// `head_days.daily_mean.v1`: Σ (start + end) / 2 over days. A day that is missing is counted and adds nothing.
///
/// # Errors
/// `kpi_inventory_mismatch` where more animals are there at a day's end than were at its start and came.
///
/// ```
/// use gatewright::kpi::{self, DayCount};
///
/// let day = |start, end, moved_in| Some(DayCount { start, end, moved_in });
/// let two = kpi::head_days_daily_mean(&[day(200, 196, 0), day(196, 206, 10)])?;
/// assert_eq!((two.value, two.num, two.den), (Some(399.0), Some(798), Some(2)));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn head_days_daily_mean(daily: &[Option<DayCount>]) -> Result<Kpi> {
    let mut halves = 0_i128;
    for day in daily.iter().flatten() {
        if u128::from(day.end) > u128::from(day.start) + u128::from(day.moved_in) {
            let hint = "more animals than at the day's start; give those that came as moved_in";
            return Err(KpiError::InventoryMismatch { field: "daily", hint }.into());
        }
        halves += i128::from(day.start) + i128::from(day.end);
    }
    let (n, missing) = counted(daily);
    Ok(Kpi::quotient("head_days.daily_mean.v1", Unit::HeadDays, halves, 2).over(n, missing))
}

/// `head_days.exits.v1`: the sum, over animals, of the whole days that each was there, of `days` days. Neither the day on which one
/// comes is a whole day nor the one on which it leaves; those that were placed have day 0.
///
/// # Errors
/// `kpi_inventory_mismatch` for an exit after the end (day `days` is after the last whole day, and allowed), and where more animals
/// leave than there are; `kpi_overflow` past 2^127.
///
/// ```
/// use gatewright::kpi::{self, Movement};
///
/// let (died, came) = (Movement { day: 11, count: 4 }, Movement { day: 15, count: 10 });
/// assert_eq!(kpi::head_days_exits(200, &[came], &[died], 31)?.value, Some(6270.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn head_days_exits(placed: u64, entries: &[Movement], exits: &[Movement], days: u64) -> Result<Kpi> {
    const MISMATCH: &str = "exits";
    if exits.iter().any(|exit| exit.day > days && exit.count > 0) {
        return Err(KpiError::InventoryMismatch { field: MISMATCH, hint: "an exit lies after the last day; look at days" }.into());
    }
    // By day, those that come before those that leave: who came today may leave today.
    let mut movements: Vec<(u64, bool, u64)> = Vec::with_capacity(entries.len().saturating_add(exits.len()));
    movements.extend(entries.iter().map(|entry| (entry.day, false, entry.count)));
    movements.extend(exits.iter().map(|exit| (exit.day, true, exit.count)));
    movements.sort_unstable();
    let overflow = || KpiError::Overflow;
    let mut present = i128::from(placed);
    let mut total = present.checked_mul(days.into()).ok_or_else(overflow)?;
    for today in movements.chunk_by(|a, b| a.0 == b.0) {
        let day = today.first().map_or(0, |(day, ..)| *day);
        let of = |exits: bool| today.iter().filter(|(_, exit, _)| *exit == exits).map(|(.., count)| i128::from(*count)).sum::<i128>();
        let (came, left) = (of(false), of(true));
        if left > present + came {
            return Err(KpiError::InventoryMismatch { field: MISMATCH, hint: "more animals leave than there are on that day" }.into());
        }
        // Of those that leave, the ones that were there in the morning go first.
        let (old, new) = (left.min(present), (left - present).max(0));
        let whole = |from: u64| i128::from(days.saturating_sub(from));
        let lost = old.checked_mul(whole(day)).ok_or_else(overflow)?;
        let won = (came - new).checked_mul(whole(day.saturating_add(1))).ok_or_else(overflow)?;
        total = total.checked_sub(lost).and_then(|total| total.checked_add(won)).ok_or_else(overflow)?;
        present += came - left;
    }
    Ok(Kpi::quotient("head_days.exits.v1", Unit::HeadDays, total, 1))
}

/// `mean.head_day_weighted.v1`: Σ x · h / Σ h, in the unit of x; undefined where Σ h is 0. A pair that misses either is counted and
/// left out.
///
/// # Errors
/// `invalid_argument` for lists of unequal length; `kpi_non_finite` for what is no number; `kpi_overflow` where no double holds a
/// product or sum.
///
/// ```
/// use gatewright::kpi::{self, HeadDays};
///
/// let days = [Some(HeadDays::new(100.0)?), Some(HeadDays::new(300.0)?)];
/// assert_eq!(kpi::mean_head_day_weighted(&[Some(800.0), Some(900.0)], &days)?.value, Some(875.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn mean_head_day_weighted(x: &[Option<f64>], head_days: &[Option<HeadDays>]) -> Result<Kpi> {
    if !x.iter().flatten().all(|x| x.is_finite()) {
        return Err(KpiError::NonFinite { field: "x" }.into());
    }
    weighted(&x.iter().map(|x| x.map(Weighed::from)).collect::<Vec<_>>(), head_days)
}

/// A value to be weighted: a whole number stays one, whatever its size.
#[derive(Debug, Clone, Copy)]
pub(super) enum Weighed {
    Real(f64),
    Whole(i128),
}

impl From<f64> for Weighed {
    #[allow(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a whole number below 2^64 by then")]
    fn from(x: f64) -> Self {
        if x.fract() == 0.0 && x.abs() < 18_446_744_073_709_551_616.0 { Self::Whole(x as i128) } else { Self::Real(x) }
    }
}

impl Weighed {
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    const fn real(self) -> f64 {
        match self {
            Self::Real(x) => x,
            Self::Whole(x) => x as f64,
        }
    }

    const fn whole(self) -> Option<i128> {
        match self {
            Self::Real(_) => None,
            Self::Whole(x) => Some(x),
        }
    }
}

/// [`mean_head_day_weighted`] of finite values.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub(super) fn weighted(x: &[Option<Weighed>], head_days: &[Option<HeadDays>]) -> Result<Kpi> {
    const ID: &str = "mean.head_day_weighted.v1";
    if x.len() != head_days.len() {
        return Err(crate::Error::invalid_argument("head_days", "give one for each value of x"));
    }
    let pairs = || x.iter().zip(head_days).filter_map(|(x, h)| Some(((*x)?, (*h)?)));
    let n = u64::try_from(pairs().count()).unwrap_or(u64::MAX);
    let missing = u64::try_from(x.len()).unwrap_or(u64::MAX) - n;
    // Twice both sums: half head-days are whole then.
    let den: i128 = pairs().map(|(_, h)| i128::from(h.halves())).sum();
    if den == 0 {
        return Ok(Kpi::undefined(ID, Unit::SameAsInput, Reason::ZeroDenominator).over(n, missing));
    }
    let whole = pairs().try_fold(0_i128, |sum, (x, h)| sum.checked_add(x.whole()?.checked_mul(i128::from(h.halves()))?));
    let kpi = match whole.filter(|_| pairs().all(|(_, h)| h.halves() % 2 == 0)) {
        Some(num) => Kpi::quotient(ID, Unit::SameAsInput, num / 2, den / 2),
        None => {
            let days = |h: HeadDays| h.halves() as f64 / 2.0;
            let sums = |term: &dyn Fn(f64, HeadDays) -> f64| pairs().map(|(x, h)| term(x.real(), h)).collect::<Sum>().total();
            Kpi::finite(ID, Unit::SameAsInput, sums(&|x, h| x * days(h)) / sums(&|_, h| days(h)))?
        }
    };
    Ok(kpi.over(n, missing))
}

fn counted<T>(list: &[Option<T>]) -> (u64, u64) {
    let known = list.iter().flatten().count();
    (u64::try_from(known).unwrap_or(u64::MAX), u64::try_from(list.len() - known).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 hens, 4 die on day 11, 10 come on day 15, of 31 days.
    fn flock() -> Vec<Option<DayCount>> {
        let day = |day| match day {
            0..=10 => DayCount { start: 200, end: 200, moved_in: 0 },
            11 => DayCount { start: 200, end: 196, moved_in: 0 },
            12..=14 => DayCount { start: 196, end: 196, moved_in: 0 },
            15 => DayCount { start: 196, end: 206, moved_in: 10 },
            _ => DayCount { start: 206, end: 206, moved_in: 0 },
        };
        (0..31).map(|at| Some(day(at))).collect()
    }

    #[test]
    fn the_two_rules_differ_by_what_is_no_whole_day() {
        assert_eq!(head_days_daily_mean(&flock()).unwrap().value, Some(6277.0));
        let one = |day, count| [Movement { day, count }];
        assert_eq!(head_days_exits(200, &one(15, 10), &one(11, 4), 31).unwrap().value, Some(6270.0));
        // Sold on the day after the last: every day is whole.
        assert_eq!(head_days_exits(10, &[], &one(37, 10), 37).unwrap().value, Some(370.0));
        // Come and gone on one day: no whole day.
        assert_eq!(head_days_exits(0, &one(5, 3), &one(5, 3), 10).unwrap().value, Some(0.0));
    }

    #[test]
    fn animals_out_of_nowhere_are_a_mismatch() {
        let mismatch = |result: Result<Kpi>| assert_eq!(result.unwrap_err().code(), "kpi_inventory_mismatch");
        mismatch(head_days_daily_mean(&[Some(DayCount { start: 5, end: 6, moved_in: 0 })]));
        let one = |day, count| [Movement { day, count }];
        mismatch(head_days_exits(10, &[], &one(38, 1), 37));
        mismatch(head_days_exits(10, &one(6, 5), &one(5, 11), 37));
        assert_eq!(head_days_exits(u64::MAX, &[], &one(0, u64::MAX), u64::MAX).unwrap_err().code(), "kpi_overflow");
    }

    #[test]
    fn the_weighted_mean_is_exact_for_whole_numbers_and_leaves_out_what_is_missing() {
        let h = |days| Some(HeadDays::new(days).unwrap());
        let whole = mean_head_day_weighted(&[Some(1.0), Some(-2.0), None], &[h(3.0), h(1.0), h(9.0)]).unwrap();
        assert_eq!((whole.value, whole.num, whole.den, whole.n, whole.missing), (Some(0.25), Some(1), Some(4), 2, 1));
        let tenths = mean_head_day_weighted(&[Some(0.1); 10], &[h(0.5); 10]).unwrap();
        assert!((tenths.value.unwrap() - 0.1).abs() < 1e-16);
        assert_eq!(mean_head_day_weighted(&[Some(1.0)], &[h(0.0)]).unwrap().reason, Some(Reason::ZeroDenominator));
        assert_eq!(mean_head_day_weighted(&[Some(1.0)], &[]).unwrap_err().code(), "invalid_argument");
    }
}
