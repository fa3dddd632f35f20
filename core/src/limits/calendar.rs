//! Quotas by the hour, day or month of a fixed offset from UTC: for what is billed so.

use crate::time::Timestamp;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What a calendar tier counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Hour,
    Day,
    Month,
}

/// So many units an hour, day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Calendar {
    limit: u32,
    unit: Unit,
    offset: i64,
}

/// What was taken in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// When it began.
    pub start: i64,
    /// Units taken.
    pub count: u32,
}

impl Calendar {
    pub(super) const fn new(limit: u32, unit: Unit, tz_offset_min: i32) -> Self {
        Self { limit, unit, offset: tz_offset_min as i64 * MINUTE }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// When the hour, day or month of an instant begins and ends.
    pub(super) fn bounds(&self, at: i64) -> (i64, i64) {
        let local = at.saturating_add(self.offset);
        let (start, end) = match self.unit {
            Unit::Hour => (floor(local, HOUR), floor(local, HOUR).saturating_add(HOUR)),
            Unit::Day => (floor(local, DAY), floor(local, DAY).saturating_add(DAY)),
            Unit::Month => month(local.div_euclid(DAY)),
        };
        (start.saturating_sub(self.offset), end.saturating_sub(self.offset))
    }

    /// How long the hour, day or month of an instant is.
    pub(super) fn length(&self, now: Timestamp) -> i64 {
        let (start, end) = self.bounds(now.as_micros());
        end - start
    }

    /// The count of now's unit, and whether it was of a later one, which cannot be.
    pub(super) fn settle(&self, stored: Option<Count>, now: Timestamp) -> (Count, bool) {
        let (start, end) = self.bounds(now.as_micros());
        match stored {
            Some(stored) if stored.start >= end => (Count { start, ..stored }, true),
            Some(stored) if stored.start >= start => (Count { start, ..stored }, false),
            _ => (Count { start, count: 0 }, false),
        }
    }

    /// How many µs until `cost` more units fit; 0 if they do now.
    pub(super) fn wait_for(&self, count: Count, now: Timestamp, cost: u32) -> i64 {
        if cost > self.limit {
            return i64::MAX;
        }
        if count.count.saturating_add(cost) <= self.limit { 0 } else { self.bounds(now.as_micros()).1.saturating_sub(now.as_micros()) }
    }

    pub(super) const fn take(count: &mut Count, cost: u32) {
        count.count = count.count.saturating_add(cost);
    }

    pub(super) const fn remaining(&self, count: Count) -> u32 {
        self.limit.saturating_sub(count.count)
    }

    pub(super) fn full_at(&self, count: Count, now: Timestamp) -> Timestamp {
        if count.count == 0 { now } else { Timestamp::from_micros(self.bounds(now.as_micros()).1) }
    }

    /// Gives units back, if they were taken in the same hour, day or month.
    pub(super) const fn refund(count: &mut Count, units: u32, permit: i64) {
        if permit == count.start {
            count.count = count.count.saturating_sub(units);
        }
    }
}

const fn floor(micros: i64, unit: i64) -> i64 {
    micros.saturating_sub(micros.rem_euclid(unit))
}

/// The bounds of the month of a day since 1970-01-01.
fn month(day: i64) -> (i64, i64) {
    let (year, month) = civil(day);
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (days_before(year, month).saturating_mul(DAY), days_before(next_year, next_month).saturating_mul(DAY))
}

/// Year and month of a day. The calendar repeats every 400 years, which begin in March so that the leap day comes last.
const fn civil(day: i64) -> (i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + (month <= 2) as i64, month)
}

/// The days from 1970-01-01 to the first of a month.
const fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        Timestamp::parse_rfc3339(text).unwrap().as_micros()
    }

    #[test]
    fn units_begin_and_end_where_the_calendar_says() {
        for (unit, offset, now, start, end) in [
            (Unit::Hour, 0, "2026-11-21T08:59:59.999999Z", "2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z"),
            (Unit::Hour, 330, "2026-11-21T08:15:00Z", "2026-11-21T07:30:00Z", "2026-11-21T08:30:00Z"),
            (Unit::Day, 60, "2026-11-21T23:30:00Z", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"),
            (Unit::Day, -720, "2026-11-21T11:59:59Z", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"),
            (Unit::Month, 0, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            (Unit::Month, 0, "2100-02-28T23:59:59Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
            (Unit::Month, 840, "2026-12-31T10:00:00Z", "2026-12-31T10:00:00Z", "2027-01-31T10:00:00Z"),
            (Unit::Month, 0, "1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(Calendar::new(1, unit, offset).bounds(at(now)), (at(start), at(end)), "{unit:?} of {now}");
        }
    }

    #[test]
    fn every_day_of_800_years_is_in_its_month() {
        let mut day = days_before(1600, 1);
        for year in 1600..2400 {
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in (1..).zip(lengths) {
                assert_eq!(days_before(year, month), day);
                assert_eq!([civil(day), civil(day + length - 1)], [(year, month); 2]);
                day += length;
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for unit in [Unit::Hour, Unit::Day, Unit::Month] {
            for now in [i64::MIN, i64::MAX] {
                let (start, end) = Calendar::new(1, unit, -720).bounds(now);
                assert!(start <= end);
            }
        }
    }
}
