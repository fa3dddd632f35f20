//! Dates as people write them.

use time::{Date, Month};

/// Which part of a date with slashes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DateOrder {
    /// What only one reading fits: another date is an error.
    #[default]
    Auto,
    /// 31/12/2026
    DayFirst,
    /// 12/31/2026
    MonthFirst,
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotDate {
    /// It is one of two.
    Ambiguous(Date, Date),
    NoDate,
    /// It is written as one, and the calendar has no such day.
    NoSuchDay,
    /// Its year has two digits: of which century would be a guess.
    ShortYear,
}

/// 2026-12-31, 31.12.2026, or with slashes by the order; also with a time of day behind, which is left out.
pub(super) fn read(text: &str, order: DateOrder) -> Result<Date, NotDate> {
    let text = text.trim();
    let text = text.split(['T', ' ']).next().unwrap_or(text);
    let part = |text: &str| (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u16>().ok());
    let parts = |mark: char| -> Option<[u16; 3]> {
        let mut parts = text.split(mark).map(|text| part(text).flatten());
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(a)), Some(Some(b)), Some(Some(c)), None) => Some([a, b, c]),
            _ => None,
        }
    };
    if let Some([year, month, day]) = parts('-').filter(|[year, ..]| *year > 31) {
        return date(year, month, day).ok_or_else(|| no_date(year));
    }
    if let Some([day, month, year]) = parts('.') {
        return date(year, month, day).ok_or_else(|| no_date(year));
    }
    let [first, second, year] = parts('/').or_else(|| parts('-')).ok_or(NotDate::NoDate)?;
    if first > 31 {
        return date(first, second, year).ok_or_else(|| no_date(first));
    }
    let (day_first, month_first) = (date(year, second, first), date(year, first, second));
    match order {
        DateOrder::DayFirst => day_first.ok_or_else(|| no_date(year)),
        DateOrder::MonthFirst => month_first.ok_or_else(|| no_date(year)),
        DateOrder::Auto => match (day_first, month_first) {
            (Some(one), Some(other)) if one != other => Err(NotDate::Ambiguous(one, other)),
            (Some(date), _) | (None, Some(date)) => Ok(date),
            (None, None) => Err(no_date(year)),
        },
    }
}

/// Why three numbers are no date.
const fn no_date(year: u16) -> NotDate {
    if year < 100 { NotDate::ShortYear } else { NotDate::NoSuchDay }
}

/// A date of four digits' year: two digits would be a guess.
fn date(year: u16, month: u16, day: u16) -> Option<Date> {
    if year < 1000 {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_reading_or_is_an_error() {
        let day = |text: &str, order| read(text, order).map(|date| date.to_string());
        for text in ["2026-04-13", "13.04.2026", "13.4.2026", "13/04/2026", "04/13/2026", "2026/04/13", "2026-04-13T06:00:00Z", "2026-04-13 06:00"] {
            assert_eq!(day(text, DateOrder::Auto).as_deref(), Ok("2026-04-13"), "{text}");
        }
        assert!(matches!(read("03/04/2026", DateOrder::Auto), Err(NotDate::Ambiguous(..))));
        assert_eq!(day("04/04/2026", DateOrder::Auto).as_deref(), Ok("2026-04-04"));
        assert_eq!(
            (day("03/04/2026", DateOrder::DayFirst), day("03/04/2026", DateOrder::MonthFirst)),
            (Ok("2026-04-03".into()), Ok("2026-03-04".into()))
        );
        for text in ["", "x", "2026", "1-2-3-4", "13.April 2026"] {
            assert_eq!(read(text, DateOrder::Auto), Err(NotDate::NoDate), "{text}");
        }
        for text in ["2026-02-30", "31.11.2026", "13/13/2026", "2026/13/01"] {
            assert_eq!(read(text, DateOrder::Auto), Err(NotDate::NoSuchDay), "{text}");
        }
        for text in ["1.1.26", "13/4/26", "1-2-26"] {
            assert_eq!(read(text, DateOrder::Auto), Err(NotDate::ShortYear), "{text}");
        }
    }
}
