//! Losses day by day.

use super::result::{Kpi, Reason, Unit};
use super::sum::Sum;
use crate::error::{KpiError, Result};

/// What happened to a batch day by day, from the day of placement on. Of a number that is missing nothing is counted; a list that is
/// left out (empty) stands for zeros, and all others are of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DailyLosses<'a> {
    /// Found dead.
    pub dead: &'a [Option<u64>],
    /// Killed because they were ill or weak.
    pub culled: &'a [Option<u64>],
    /// Sold, or moved to another batch alive.
    pub out: &'a [Option<u64>],
    /// Come from another batch.
    pub moved_in: &'a [Option<u64>],
}

/// `mortality.first_week.v1`: dead of days 0–6 / placed, a fraction. Undefined for fewer than 7 days, where one of them is missing, and
/// without animals.
///
/// # Errors
/// `kpi_inventory_mismatch` where more died than were placed.
///
/// ```
/// use gatewright::kpi;
///
/// let dead = [40, 30, 25, 20, 15, 12, 8, 5].map(Some);
/// assert_eq!(kpi::mortality_first_week(10_000, &dead)?.value, Some(0.015));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn mortality_first_week(placed: u64, daily_dead: &[Option<u64>]) -> Result<Kpi> {
    const ID: &str = "mortality.first_week.v1";
    let week = daily_dead.get(..7).unwrap_or(daily_dead);
    let dead: i128 = week.iter().flatten().map(|dead| i128::from(*dead)).sum();
    if dead > placed.into() {
        return Err(KpiError::InventoryMismatch { field: "daily_dead", hint: "more animals died than were placed" }.into());
    }
    let known = count(week.iter().flatten());
    let kpi =
        if known < 7 { Kpi::undefined(ID, Unit::Fraction, Reason::TooFewValues) } else { Kpi::quotient(ID, Unit::Fraction, dead, placed.into()) };
    Ok(kpi.over(known, count(week.iter()) - known))
}

/// `mortality.cumulative_daily.v1`: Σ over days of (dead + culled) / animals present at the start of that day, a fraction: the legal
/// figure of the EU for broilers above 33 kg/m² (2007/43/EC). A day with nobody present and no loss adds 0. Undefined where none were
/// placed.
///
/// # Errors
/// `kpi_inventory_mismatch` where more are lost, or lost and moved out, than are there; `invalid_argument` for lists of unequal length.
///
/// ```
/// use gatewright::kpi::{self, DailyLosses};
///
/// let days = DailyLosses { dead: &[Some(2), Some(1)], out: &[Some(48), Some(0)], ..DailyLosses::default() };
/// assert_eq!(kpi::mortality_cumulative_daily(100, &days)?.value, Some(2.0 / 100.0 + 1.0 / 50.0));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub fn mortality_cumulative_daily(placed: u64, losses: &DailyLosses<'_>) -> Result<Kpi> {
    const ID: &str = "mortality.cumulative_daily.v1";
    let lists = [("daily_dead", losses.dead), ("daily_culled", losses.culled), ("daily_out", losses.out), ("daily_in", losses.moved_in)];
    let days = lists.iter().map(|(_, list)| list.len()).max().unwrap_or(0);
    if let Some((name, _)) = lists.iter().find(|(_, list)| !list.is_empty() && list.len() != days) {
        return Err(crate::Error::invalid_argument(name, "give all daily lists in one length"));
    }
    let (mut present, mut sum, mut missing) = (i128::from(placed), Sum::default(), 0_u64);
    for day in 0..days {
        let mut of = |list: &[Option<u64>]| match list.get(day) {
            Some(Some(count)) => i128::from(*count),
            Some(None) => {
                missing += 1;
                0
            }
            None => 0,
        };
        let (lost, out, came) = (of(losses.dead) + of(losses.culled), of(losses.out), of(losses.moved_in));
        if lost > present {
            let hint = "more animals were lost than were present at the start of a day";
            return Err(KpiError::InventoryMismatch { field: "daily_dead, daily_culled", hint }.into());
        }
        if lost > 0 {
            sum.add(lost as f64 / present as f64);
        }
        present += came - lost - out;
        if present < 0 {
            let hint = "more animals were lost and moved out than were there on a day";
            return Err(KpiError::InventoryMismatch { field: "daily_out", hint }.into());
        }
    }
    let days = u64::try_from(days).unwrap_or(u64::MAX);
    let kpi = if placed == 0 { Kpi::undefined(ID, Unit::Fraction, Reason::ZeroDenominator) } else { Kpi::of(ID, Unit::Fraction, sum.total()) };
    Ok(kpi.over(days, missing))
}

fn count<T>(values: impl Iterator<Item = T>) -> u64 {
    u64::try_from(values.count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_seven_known_days() {
        let reason = |dead: &[Option<u64>]| mortality_first_week(100, dead).unwrap().reason;
        assert_eq!(reason(&[Some(1); 6]), Some(Reason::TooFewValues));
        let gap = [Some(1), Some(1), None, Some(1), Some(1), Some(1), Some(1), Some(1)];
        let kpi = mortality_first_week(100, &gap).unwrap();
        assert_eq!((kpi.value, kpi.n, kpi.missing), (None, 6, 1));
        assert_eq!(mortality_first_week(0, &[Some(0); 7]).unwrap().reason, Some(Reason::ZeroDenominator));
        assert_eq!(mortality_first_week(6, &[Some(1); 7]).unwrap_err().code(), "kpi_inventory_mismatch");
    }

    #[test]
    fn the_denominator_is_who_is_there_that_day() {
        let zero = mortality_cumulative_daily(2, &DailyLosses { dead: &[Some(2), Some(0)], ..DailyLosses::default() }).unwrap();
        assert_eq!((zero.value, zero.n), (Some(1.0), 2));
        let code = |placed, losses: DailyLosses<'_>| mortality_cumulative_daily(placed, &losses).unwrap_err().code();
        assert_eq!(code(2, DailyLosses { dead: &[Some(2)], culled: &[Some(1)], ..DailyLosses::default() }), "kpi_inventory_mismatch");
        assert_eq!(code(2, DailyLosses { dead: &[Some(1)], out: &[Some(2)], ..DailyLosses::default() }), "kpi_inventory_mismatch");
        assert_eq!(code(2, DailyLosses { dead: &[Some(1)], out: &[Some(0), None], ..DailyLosses::default() }), "invalid_argument");
        // Those that come on a day are there from the next one on.
        let came = DailyLosses { dead: &[None, Some(5)], moved_in: &[Some(8), Some(0)], ..DailyLosses::default() };
        let kpi = mortality_cumulative_daily(2, &came).unwrap();
        assert_eq!((kpi.value, kpi.missing), (Some(0.5), 1));
    }
}
