//! Exact moments of integers: sums that never round, so that the order of values and of merges changes nothing.

use super::Spread;
use super::lanes::{FEW, SMALL, WholeSums, whole_sums, whole_sums_of};
use crate::error::{KpiError, Result};
use crate::kpi::result::Unit;
use crate::kpi::sample::{is_whole, starts_whole, whole};
use crate::kpi::summary::Summary;
use crate::kpi::wide::U256;

/// Count, sum and sum of squares of integers, as weights in grams, with the least and the greatest.
///
/// Adding and merging are associative and commutative to the bit: whichever part of the data is added where, in whatever language,
/// the figures are the same.
///
/// ```
/// use gatewright::kpi::Moments;
///
/// let mut monday = Moments::new();
/// monday.add_all(&[2000, 2100, 2200])?;
/// let mut tuesday = Moments::new();
/// tuesday.add_all(&[2600, 2700, 2800, 2900])?;
/// monday.merge(&tuesday)?;
/// let all = monday.snapshot()?;
/// assert_eq!((all.n, all.mean), (7, Some(17_300.0 / 7.0)));
/// assert_eq!(all.sd.map(|sd| (sd * 1000.0).round() / 1000.0), Some(363.842));
/// # Ok::<(), gatewright::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    count: u64,
    missing: u64,
    sum: u128,
    squares: u128,
    /// Least and greatest.
    ends: Option<(u64, u64)>,
}

impl Moments {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { count: 0, missing: 0, sum: 0, squares: 0, ends: None }
    }

    /// Adds a value.
    ///
    /// # Errors
    /// `kpi_overflow` where the sum of squares passes 2^128; nothing is added then.
    pub fn add(&mut self, value: u64) -> Result<()> {
        let square = u128::from(value) * u128::from(value);
        let one = Self { count: 1, missing: 0, sum: value.into(), squares: square, ends: Some((value, value)) };
        self.merge(&one)
    }

    /// Adds values.
    ///
    /// # Errors
    /// As [`Moments::add`]; none is added then.
    pub fn add_all(&mut self, values: &[u64]) -> Result<()> {
        let mut all = Self::new();
        // Chunk by chunk: within one, values below 2^26 need no check on the way.
        for chunk in values.chunks(CHUNK) {
            all.merge(&Self::of_chunk(chunk)?)?;
        }
        self.merge(&all)
    }

    /// Counts values that are missing: they are in no figure, but the figures say that they are missing.
    pub const fn add_missing(&mut self, count: u64) {
        self.missing = self.missing.saturating_add(count);
    }

    /// Adds what another has seen.
    ///
    /// # Errors
    /// `kpi_overflow` where a sum passes 2^128 or the count 2^64; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let merged = || {
            Some(Self {
                count: self.count.checked_add(other.count)?,
                missing: self.missing.saturating_add(other.missing),
                sum: self.sum.checked_add(other.sum)?,
                squares: self.squares.checked_add(other.squares)?,
                ends: match (self.ends, other.ends) {
                    (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                    (one, None) | (None, one) => one,
                },
            })
        };
        *self = merged().ok_or(KpiError::Overflow)?;
        Ok(())
    }

    /// How many values there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// How many were missing.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// What has been added so far, as a sample: `moments.integer.v1`.
    ///
    /// # Errors
    /// `kpi_overflow` where an end of the confidence interval passes the largest double.
    pub fn snapshot(&self) -> Result<Summary> {
        Summary::new("moments.integer.v1", Unit::SameAsInput, &self.spread(false))
    }

    /// Mean and standard deviation: of a sample (n − 1) or, with `population`, of all there is (n). The numerator of the variance,
    /// n·Σx² − (Σx)², is exact.
    #[must_use]
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "each integer becomes a double once, rounded to the nearest")]
    pub fn spread(&self, population: bool) -> Spread {
        let n = self.count;
        let divisor = u128::from(n) * u128::from(if population { n } else { n.saturating_sub(1) });
        let numerator = U256::product(n.into(), self.squares).minus(U256::product(self.sum, self.sum));
        let variance = numerator.filter(|_| divisor > 0).map(|numerator| numerator.to_f64() / divisor as f64);
        Spread {
            count: n,
            missing: self.missing,
            mean: (n > 0).then(|| self.sum as f64 / n as f64),
            sd: variance.map(f64::sqrt),
            min: self.ends.map(|(min, _)| min as f64),
            max: self.ends.map(|(_, max)| max as f64),
        }
    }

    /// Its bytes, the same in every language: `u8 1 | u64 count | u64 missing | u128 sum | u128 squares | u64 least | u64 greatest`,
    /// big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (min, max) = self.ends.unwrap_or((0, 0));
        let mut bytes = vec![FORMAT];
        bytes.extend(self.count.to_be_bytes());
        bytes.extend(self.missing.to_be_bytes());
        bytes.extend(self.sum.to_be_bytes());
        bytes.extend(self.squares.to_be_bytes());
        bytes.extend(min.to_be_bytes());
        bytes.extend(max.to_be_bytes());
        bytes
    }

    /// What [`Moments::to_bytes`] gave.
    ///
    /// # Errors
    /// `record_unreadable` for anything else, sums that no values have included.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read = || {
            let (format, rest) = bytes.split_first()?;
            let (numbers, rest) = rest.split_first_chunk::<64>().filter(|_| *format == FORMAT)?;
            let [count, missing, sum_high, sum_low, squares_high, squares_low, min, max] = words(numbers);
            let wide = |high: u64, low: u64| (u128::from(high) << 64) | u128::from(low);
            let ends = (count > 0).then_some((min, max));
            let read = Self { count, missing, sum: wide(sum_high, sum_low), squares: wide(squares_high, squares_low), ends };
            (rest.is_empty() && read.is_possible(min, max)).then_some(read)
        };
        read().ok_or(super::unreadable())
    }

    /// Whether some values have these sums. Not exactly, but so that every figure of them is one: n·Σx² ≥ (Σx)², and the sums lie
    /// between those of the least and the greatest.
    fn is_possible(&self, min: u64, max: u64) -> bool {
        let n = u128::from(self.count);
        let between = |sum: u128, least: u128, greatest: u128| {
            U256::product(n, least) <= U256::product(sum, 1) && U256::product(sum, 1) <= U256::product(n, greatest)
        };
        let (least, greatest) = (u128::from(min), u128::from(max));
        between(self.sum, least, greatest)
            && between(self.squares, least * least, greatest * greatest)
            && U256::product(n, self.squares) >= U256::product(self.sum, self.sum)
            && (self.count > 0 || (min, max) == (0, 0))
    }

    fn of_chunk(chunk: &[u64]) -> Result<Self> {
        if chunk.iter().fold(0, |bits, value| bits | value) < SMALL {
            return Ok(Self::of_sums(chunk.len(), &whole_sums(chunk)));
        }
        let (mut sum, mut squares) = (0_u128, 0_u128);
        for value in chunk {
            sum = sum.checked_add((*value).into()).ok_or(KpiError::Overflow)?;
            squares = squares.checked_add(u128::from(*value) * u128::from(*value)).ok_or(KpiError::Overflow)?;
        }
        let ends = chunk.iter().copied().min().zip(chunk.iter().copied().max());
        Ok(Self { count: u64::try_from(chunk.len()).map_err(|_| KpiError::Overflow)?, missing: 0, sum, squares, ends })
    }

    /// Of doubles that all are whole numbers below 2^64; none if one is not.
    pub(in crate::kpi) fn of_doubles(values: &[f64]) -> Option<Result<Self>> {
        if !starts_whole(values) {
            return None;
        }
        let mut all = Ok(Self::new());
        for chunk in values.chunks(CHUNK) {
            let next = match whole_sums_of(chunk) {
                Some(sums) => Ok(Self::of_sums(chunk.len(), &sums)),
                None if is_whole(chunk) => Self::of_chunk(&whole(chunk)),
                None => return None,
            };
            all = all.and_then(|mut all| next.and_then(|next| all.merge(&next)).map(|()| all));
        }
        Some(all)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "whole numbers below 2^53")]
    fn of_sums(count: usize, sums: &WholeSums) -> Self {
        let ends = (count > 0).then_some((sums.least as u64, sums.greatest as u64));
        Self { count: count as u64, missing: 0, sum: sums.sum as u128, squares: sums.squares as u128, ends }
    }
}

fn words(bytes: &[u8; 64]) -> [u64; 8] {
    let mut words = [0; 8];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = chunk.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    }
    words
}

/// 2^12 squares below 2^52 add up to less than 2^64.
const CHUNK: usize = FEW;
const FORMAT: u8 = 1;
