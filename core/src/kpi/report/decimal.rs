//! Decimal numbers as people write them, exact.

/// Which sign stands before the fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DecimalSign {
    /// What the file shows: a number that can be read in two ways is an error.
    #[default]
    Auto,
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

/// `digits / 10^places`, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: u128,
    places: u32,
}

/// Why a text is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotDecimal {
    /// It has two readings.
    Ambiguous {
        as_fraction: String,
        as_thousands: String,
    },
    Negative,
    NoNumber,
    TooLong,
}

impl Decimal {
    pub(super) fn read(text: &str, sign: DecimalSign) -> Result<Self, NotDecimal> {
        let text = text.trim();
        if text.starts_with(['-', '\u{2212}']) && text.chars().any(|c| ('1'..='9').contains(&c)) {
            return Err(NotDecimal::Negative);
        }
        let text = text.trim_start_matches(['+', '-', '\u{2212}']);
        // Spaces of all kinds and apostrophes only ever stand between thousands.
        let is_gap = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}' | '_');
        let plain: String = text.chars().filter(|c| !is_gap(*c)).collect();
        if !plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
            return Err(NotDecimal::NoNumber);
        }
        if text.contains(is_gap) && !are_thousands(whole_part(text), is_gap) {
            return Err(NotDecimal::NoNumber);
        }
        let points = plain.matches('.').count();
        let commas = plain.matches(',').count();
        match (points, commas) {
            (0, 0) => Self::of(&plain, ""),
            (1.., 1..) => {
                let decimal = if plain.rfind('.') > plain.rfind(',') { '.' } else { ',' };
                let wanted = match sign {
                    DecimalSign::Auto => decimal,
                    DecimalSign::Point => '.',
                    DecimalSign::Comma => ',',
                };
                if decimal == wanted { Self::split(&plain, decimal) } else { Err(NotDecimal::NoNumber) }
            }
            (one, _) => {
                let mark = if one > 0 { '.' } else { ',' };
                let is_sign = match sign {
                    DecimalSign::Point => mark == '.',
                    DecimalSign::Comma => mark == ',',
                    DecimalSign::Auto => return Self::either(&plain, mark),
                };
                if is_sign { Self::split(&plain, mark) } else { Self::thousands(&plain, mark) }
            }
        }
    }

    /// One kind of mark, and nothing that says what it is.
    fn either(plain: &str, mark: char) -> Result<Self, NotDecimal> {
        match (Self::split(plain, mark), Self::thousands(plain, mark)) {
            (Ok(fraction), Ok(thousands)) => Err(NotDecimal::Ambiguous { as_fraction: fraction.to_string(), as_thousands: thousands.to_string() }),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// The mark is the decimal sign; the other one, if it stands there, is between thousands.
    fn split(plain: &str, mark: char) -> Result<Self, NotDecimal> {
        let Some((whole, fraction)) = plain.split_once(mark) else { return Self::of(plain, "") };
        let other = if mark == '.' { ',' } else { '.' };
        if fraction.contains([mark, other]) || (whole.contains(other) && !are_thousands(whole, |c| c == other)) {
            return Err(NotDecimal::NoNumber);
        }
        Self::of(&whole.replace(other, ""), fraction)
    }

    fn thousands(plain: &str, mark: char) -> Result<Self, NotDecimal> {
        if are_thousands(plain, |c| c == mark) { Self::of(&plain.replace(mark, ""), "") } else { Err(NotDecimal::NoNumber) }
    }

    fn of(whole: &str, fraction: &str) -> Result<Self, NotDecimal> {
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() && (whole.is_empty() && fraction.is_empty()) {
            return Err(NotDecimal::NoNumber);
        }
        if digits.trim_start_matches('0').len() > 30 {
            return Err(NotDecimal::TooLong);
        }
        let places = u32::try_from(fraction.len()).map_err(|_| NotDecimal::TooLong)?;
        digits.parse().map(|digits| Self { digits, places }).map_err(|_| NotDecimal::NoNumber)
    }

    /// So many of a smaller unit of which `times / per` make one of this, to the nearest whole one; halves go up.
    pub(super) fn scaled(self, times: u64, per: u64) -> Option<u64> {
        let per = u128::from(per).checked_mul(10_u128.checked_pow(self.places)?)?;
        let scaled = self.digits.checked_mul(times.into())?;
        u64::try_from(scaled.checked_add(per / 2)? / per).ok()
    }

    pub(super) const fn is_whole(self) -> bool {
        self.places == 0
    }

    /// The number, if it is whole and below 2^64.
    pub(super) fn whole(self) -> Option<u64> {
        if self.is_whole() { u64::try_from(self.digits).ok() } else { None }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let power = 10_u128.pow(self.places.min(38));
        if self.places == 0 {
            return write!(f, "{}", self.digits);
        }
        write!(f, "{}.{:0width$}", self.digits / power, self.digits % power, width = usize::try_from(self.places).unwrap_or(0))
    }
}

fn whole_part(text: &str) -> &str {
    text.split(['.', ',']).next().unwrap_or(text)
}

/// Whether marks stand before each three digits, with one to three in front.
fn are_thousands(text: &str, is_mark: impl Fn(char) -> bool) -> bool {
    let mut groups = text.split(is_mark);
    let first = groups.next().unwrap_or("");
    (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3)
}

/// What a file's first numbers say about its decimal sign: the one that stands where only a fraction can, if no other does.
pub(super) fn sign_of<'a>(texts: impl Iterator<Item = &'a str>) -> DecimalSign {
    let (mut points, mut commas) = (false, false);
    for text in texts {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
        if !is_plain || Decimal::read(text, DecimalSign::Auto).is_err() {
            continue;
        }
        let fits = |sign| Decimal::read(text, sign).is_ok();
        match (fits(DecimalSign::Point), fits(DecimalSign::Comma)) {
            (true, false) => points = true,
            (false, true) => commas = true,
            _ => {}
        }
    }
    match (points, commas) {
        (true, false) => DecimalSign::Point,
        (false, true) => DecimalSign::Comma,
        _ => DecimalSign::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, sign: DecimalSign) -> String {
        Decimal::read(text, sign).map_or_else(|error| format!("{error:?}"), |decimal| decimal.to_string())
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, number) in [
            ("12", "12"),
            ("12.5", "12.5"),
            ("12,5", "12.5"),
            ("1,234.50", "1234.5"),
            ("1.234,50", "1234.5"),
            ("1,234,567", "1234567"),
            ("1 234,5", "1234.5"),
            ("1'234'567", "1234567"),
            ("0.125", "0.125"),
            (".5", "0.5"),
            ("1.2345", "1.2345"),
            ("+7", "7"),
            ("-0", "0"),
        ] {
            assert_eq!(read(text, DecimalSign::Auto), number, "{text}");
        }
        for text in ["", ".", "1.2.3", "1,23,4", "12a", "1 23", "1..2", "NaN", "1e3", "0,123,456"] {
            assert!(Decimal::read(text, DecimalSign::Auto).is_err(), "{text}");
        }
        assert_eq!(Decimal::read("-3", DecimalSign::Auto), Err(NotDecimal::Negative));
        assert_eq!(Decimal::read(&"9".repeat(31), DecimalSign::Auto), Err(NotDecimal::TooLong));
    }

    #[test]
    fn what_has_two_readings_is_not_guessed() {
        let both = NotDecimal::Ambiguous { as_fraction: "2.257".to_owned(), as_thousands: "2257".to_owned() };
        assert_eq!(Decimal::read("2.257", DecimalSign::Auto), Err(both.clone()));
        assert_eq!(Decimal::read("2,257", DecimalSign::Auto), Err(both));
        assert_eq!((read("2.257", DecimalSign::Point), read("2.257", DecimalSign::Comma)), ("2.257".to_owned(), "2257".to_owned()));
        assert_eq!(sign_of(["2.257", "12,5"].into_iter()), DecimalSign::Comma);
        assert_eq!(sign_of(["2.257", "x", "12"].into_iter()), DecimalSign::Auto);
        assert_eq!(sign_of(["1.5", "1,5"].into_iter()), DecimalSign::Auto);
    }

    #[test]
    fn units_become_smaller_ones_to_the_nearest() {
        let scaled = |text: &str, times, per| Decimal::read(text, DecimalSign::Point).unwrap().scaled(times, per);
        assert_eq!(scaled("2.257", 1000, 1), Some(2257));
        assert_eq!(scaled("1", 45_359_237, 100_000), Some(454));
        assert_eq!((scaled("0.0005", 1000, 1), scaled("0.0004", 1000, 1)), (Some(1), Some(0)));
        assert_eq!(scaled("99999999999999999999", 1000, 1), None);
    }
}
