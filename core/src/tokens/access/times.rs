//! Times in claims: reading them, and the order in which a token is too long-lived, too early or too late.

use super::claims::{MAX_INTEGER, integer};
use crate::error::TokenError;
use crate::json::{Number, Value};
use crate::time::Timestamp;

/// Microseconds since the epoch. Claims go up to 2^53 seconds, which 64 bits of microseconds do not hold.
pub(super) type Micros = i128;

const PER_SECOND: Micros = 1_000_000;

/// The times of a token, microseconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) issued_at: Option<Micros>,
    pub(super) not_before: Option<Micros>,
    pub(super) expires_at: Micros,
}

/// What a profile allows, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) leeway: Micros,
    pub(super) max_ttl: Micros,
}

impl Times {
    /// # Errors
    /// `jwt_lifetime`, `jwt_issued_in_future`, `jwt_not_yet_valid`, `jwt_expired`, in this order: "expired" is only said of
    /// a token that is right in every other respect.
    pub(super) fn check(&self, limits: Limits, now: Timestamp) -> Result<(), TokenError> {
        let now = Micros::from(now.as_micros());
        let lifetime_is_right = match self.issued_at {
            Some(issued_at) => (1..=limits.max_ttl).contains(&(self.expires_at - issued_at)),
            None => self.expires_at - now <= limits.max_ttl + limits.leeway,
        };
        if !lifetime_is_right {
            return Err(TokenError::Lifetime);
        }
        if self.issued_at.is_some_and(|issued_at| issued_at - limits.leeway > now) {
            return Err(TokenError::IssuedInFuture);
        }
        if self.not_before.is_some_and(|not_before| not_before - limits.leeway > now) {
            return Err(TokenError::NotYetValid);
        }
        if now >= self.expires_at + limits.leeway { Err(TokenError::Expired) } else { Ok(()) }
    }
}

/// The instant, or the last one that can be said.
pub(super) fn timestamp(micros: Micros) -> Timestamp {
    i64::try_from(micros).map_or(Timestamp::MAX, Timestamp::from_micros)
}

/// A time claim: whole seconds, or any JSON number where the profile says so, from 0 to 2^53 - 1.
pub(super) fn time(value: &Value<'_>, fractional: bool) -> Result<Micros, TokenError> {
    if fractional {
        let Value::Number(number) = value else { return Err(TokenError::ClaimType) };
        return micros_of_number(*number).ok_or(TokenError::ClaimType);
    }
    integer(value).map(|seconds| Micros::from(seconds) * PER_SECOND)
}

/// Rounds the number of seconds that is written down to the microsecond, by its digits: a double would be off by hundreds
/// of nanoseconds. None if it is negative or above 2^53 - 1.
fn micros_of_number(number: Number<'_>) -> Option<Micros> {
    /// More digits than the greatest number of microseconds has.
    const DIGITS: i64 = 22;
    const MAX: Micros = MAX_INTEGER as Micros * PER_SECOND;

    let text = number.text();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0').peekable();
    if digits.peek().is_none() {
        return Some(0);
    }
    if negative {
        return None;
    }
    // How many digits stand before the point once the exponent has moved it. No text is long enough to make these overflow.
    let zeros = i64::try_from(whole.bytes().chain(fraction.bytes()).take_while(|digit| *digit == b'0').count()).ok()?;
    let before_point = (i64::try_from(whole.len()).ok()? - zeros).saturating_add(exponent_of(exponent));
    let wanted = before_point.saturating_add(6);
    if wanted > DIGITS {
        return None;
    }
    let mut micros: Micros = 0;
    for _ in 0..wanted {
        micros = micros * 10 + Micros::from(digits.next().unwrap_or(b'0') - b'0');
    }
    // What is cut counts only at the very end of the range.
    let cut = digits.any(|digit| digit != b'0');
    (micros < MAX || (micros == MAX && !cut)).then_some(micros)
}

/// The value of an exponent's digits; far beyond any use it is only known to be large.
fn exponent_of(text: &str) -> i64 {
    const LARGE: i64 = 1 << 40;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = digits.bytes().fold(0_i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(LARGE));
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Micros> {
        let node = crate::json::read(text.as_bytes(), 1).unwrap();
        time(&node.value, true).ok()
    }

    #[test]
    fn fractions_are_rounded_down_to_the_microsecond() {
        for (text, micros) in [
            ("0", 0),
            ("-0", 0),
            ("-0.0e5", 0),
            ("0e99999999999999999999", 0),
            ("1", 1_000_000),
            ("1.5", 1_500_000),
            ("1795248000.0000009", 1_795_248_000_000_000),
            ("1795248000.9999999", 1_795_248_000_999_999),
            ("1795248000.123456", 1_795_248_000_123_456),
            ("1.795248E9", 1_795_248_000_000_000),
            ("1.795248e+9", 1_795_248_000_000_000),
            ("17952480000000000000000000000000e-22", 1_795_248_000_000_000),
            ("0.000001", 1),
            ("0.0000019", 1),
            ("0.0000009", 0),
            ("0.00000000001795248e20", 1_795_248_000_000_000),
            ("1e-99999999999999999999", 0),
            ("1e-6", 1),
            ("9e-7", 0),
            ("9007199254740991", 9_007_199_254_740_991_000_000),
            ("9007199254740991.000000000", 9_007_199_254_740_991_000_000),
            ("9007199254740990.9999999", 9_007_199_254_740_990_999_999),
        ] {
            assert_eq!(read(text), Some(micros), "{text}");
        }
        for text in ["-1", "-0.1", "-1e-30", "9007199254740992", "9007199254740991.1", "9007199254740991.0000000001", "1e16", "9.1e15", "1e300"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_number_is_the_same_time(micros in 0..9_007_199_254_740_991_000_000_u128, shift in 0..40_usize, cut in 0..999_u32) {
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let digits = format!("{seconds}{rest:06}");
            let expected = i128::try_from(micros).ok();
            prop_assert_eq!(read(&format!("{seconds}.{rest:06}{cut:03}")), expected);
            prop_assert_eq!(read(&format!("0.{}{digits}{cut:03}e{}", "0".repeat(shift), shift + digits.len() - 6)), expected);
            let trimmed = digits.trim_start_matches('0');
            if !trimmed.is_empty() {
                prop_assert_eq!(read(&format!("{trimmed}{}e-{}", "0".repeat(shift), shift + 6)), expected);
            }
        }
    }
}
