//! Moments of doubles, in blocks whose order of additions is fixed: the same bits with and without SIMD, and close to the
//! two-pass formula.

use super::Spread;
use super::lanes::{sum_and_ends, sums_off};
use crate::error::{KpiError, Result};
use crate::kpi::result::Unit;
use crate::kpi::summary::Summary;

/// Count, mean and sum of squared deviations of doubles, with the least and the greatest.
///
/// Values go into blocks of 1,024 in the order given; the order of additions within a block and of blocks is part of the definition,
/// so the same values in the same order and parts give the same bits everywhere. Another order may differ in the last digits: where
/// the values are integers, [`Moments`](super::Moments) has no such order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FloatMoments {
    total: Total,
    /// Of the block that is not full yet.
    open: Vec<f64>,
    missing: u64,
    ends: Option<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Total {
    count: u64,
    mean: f64,
    m2: f64,
}

impl FloatMoments {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { total: Total { count: 0, mean: 0.0, m2: 0.0 }, open: Vec::new(), missing: 0, ends: None }
    }

    /// Adds a value.
    ///
    /// # Errors
    /// `kpi_non_finite` for NaN and infinities; `kpi_overflow` where the value completes a block of 1,024 whose sum or squares pass
    /// the largest double. Nothing is added then. An unfinished block is not summed up yet: its overflow is told by
    /// [`snapshot`](Self::snapshot), by [`merge`](Self::merge), or when it is full.
    pub fn add(&mut self, value: f64) -> Result<()> {
        self.add_all(&[value])
    }

    /// Adds values.
    ///
    /// # Errors
    /// As [`FloatMoments::add`]; none is added then.
    pub fn add_all(&mut self, values: &[f64]) -> Result<()> {
        // What is not finite is told before what is too large, and either changes nothing.
        self.try_add_all(values)
            .map_err(|error| if values.iter().all(|value| value.is_finite()) { error } else { KpiError::non_finite("values").into() })
    }

    fn try_add_all(&mut self, values: &[f64]) -> Result<()> {
        let (mut total, mut ends) = (self.total, self.ends);
        let mut join = |block: &[f64]| -> Result<()> {
            let (next, next_ends) = Total::of(block)?;
            total = total.join(next)?;
            ends = join_ends(ends, Some(next_ends));
            Ok(())
        };
        let fill = if self.open.is_empty() { 0 } else { (BLOCK - self.open.len()).min(values.len()) };
        let (first, rest) = values.split_at_checked(fill).unwrap_or((values, &[]));
        let mut open = None;
        if fill > 0 && self.open.len() + fill == BLOCK {
            let block: Vec<f64> = self.open.iter().chain(first).copied().collect();
            join(&block)?;
            open = Some(Vec::new());
        }
        let blocks = rest.chunks_exact(BLOCK);
        let left = blocks.remainder();
        for block in blocks {
            join(block)?;
        }
        for open in [first, left] {
            ends = join_ends(ends, self::ends(open)?);
        }
        match open {
            Some(mut open) => {
                open.extend(left.iter().copied().map(plain_zero));
                self.open = open;
            }
            None => {
                self.open.extend(first.iter().chain(left).copied().map(plain_zero));
            }
        }
        (self.total, self.ends) = (total, ends);
        Ok(())
    }

    /// What moments of these values alone would say, the same to the last bit, without keeping any.
    pub(in crate::kpi) fn spread_of(values: &[f64], population: bool) -> Result<Spread> {
        let (mut total, mut ends) = (Total::default(), None);
        for block in values.chunks(BLOCK) {
            let (next, next_ends) = Total::of(block)?;
            total = total.join(next)?;
            ends = join_ends(ends, Some(next_ends));
        }
        Ok(total.spread(ends, population))
    }

    /// The mean that [`Self::spread_of`] has of values that cannot be negative, the same to the last bit, without their squares. None
    /// where it could be that one overflows, or that a value is none of them: the other says what is wrong.
    pub(in crate::kpi) fn mean_of(values: &[f64]) -> Option<f64> {
        let mut total = Total::default();
        for block in values.chunks(BLOCK) {
            let (next, (least, greatest)) = Total::without_squares(block).ok()?;
            if least < 0.0 || greatest > SQUARES_FIT {
                return None;
            }
            total = total.join(next).ok()?;
        }
        (total.count > 0).then_some(total.mean)
    }

    /// Counts values that are missing.
    pub const fn add_missing(&mut self, count: u64) {
        self.missing = self.missing.saturating_add(count);
    }

    /// Adds what another has seen, behind what this one has. The unfinished blocks of both are closed first.
    ///
    /// # Errors
    /// `kpi_overflow` where a sum or square passes the largest double, also in the unfinished block of either; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.total = self.closed()?.join(other.closed()?)?;
        self.open.clear();
        self.missing = self.missing.saturating_add(other.missing);
        self.ends = join_ends(self.ends, other.ends);
        Ok(())
    }

    /// What has been added so far, as a sample: `moments.f64.v1`.
    ///
    /// # Errors
    /// `kpi_overflow` where a sum, a square or an end of the confidence interval passes the largest double.
    pub fn snapshot(&self) -> Result<Summary> {
        Summary::new("moments.f64.v1", Unit::SameAsInput, &self.spread(false)?)
    }

    /// Mean and standard deviation: of a sample (n − 1) or, with `population`, of all there is (n).
    ///
    /// # Errors
    /// `kpi_overflow` where a sum or square passes the largest double, as the unfinished block may only show here.
    pub fn spread(&self, population: bool) -> Result<Spread> {
        Ok(Spread { missing: self.missing, ..self.closed()?.spread(self.ends, population) })
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total.count.saturating_add(u64::try_from(self.open.len()).unwrap_or(u64::MAX))
    }

    /// How many were missing.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.missing
    }

    /// Its bytes, the same in every language: `u8 1 | u64 count | f64 mean | f64 m2 | u64 missing | f64 least | f64 greatest | u16 length |
    /// f64 …` of the open block, big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (min, max) = self.ends.unwrap_or((0.0, 0.0));
        let mut bytes = vec![FORMAT];
        bytes.extend(self.total.count.to_be_bytes());
        bytes.extend(self.total.mean.to_be_bytes());
        bytes.extend(self.total.m2.to_be_bytes());
        bytes.extend(self.missing.to_be_bytes());
        bytes.extend(min.to_be_bytes());
        bytes.extend(max.to_be_bytes());
        bytes.extend(u16::try_from(self.open.len()).unwrap_or(0).to_be_bytes());
        for value in &self.open {
            bytes.extend(value.to_be_bytes());
        }
        bytes
    }

    /// What [`FloatMoments::to_bytes`] gave.
    ///
    /// # Errors
    /// `record_unreadable` for anything else, figures that no values have and negative zeros included.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read = || {
            let (format, rest) = bytes.split_first()?;
            let (count, rest) = rest.split_first_chunk::<8>().filter(|_| *format == FORMAT)?;
            let (mean, rest) = rest.split_first_chunk::<8>()?;
            let (m2, rest) = rest.split_first_chunk::<8>()?;
            let (missing, rest) = rest.split_first_chunk::<8>()?;
            let (min, rest) = rest.split_first_chunk::<8>()?;
            let (max, rest) = rest.split_first_chunk::<8>()?;
            let (length, rest) = rest.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let open: Vec<f64> = rest.chunks_exact(8).filter_map(|chunk| chunk.first_chunk::<8>()).map(|bytes| f64::from_be_bytes(*bytes)).collect();
            let total = Total { count: u64::from_be_bytes(*count), mean: f64::from_be_bytes(*mean), m2: f64::from_be_bytes(*m2) };
            let ends = (f64::from_be_bytes(*min), f64::from_be_bytes(*max));
            let is_right = rest.len() == length * 8 && length < BLOCK && is_possible(total, &open, ends);
            let is_empty = total.count == 0 && open.is_empty();
            let missing = u64::from_be_bytes(*missing);
            is_right.then_some(Self { total, open, missing, ends: (!is_empty).then_some(ends) })
        };
        read().ok_or(super::unreadable())
    }

    /// The total, with the open block as its last.
    fn closed(&self) -> Result<Total> {
        if self.open.is_empty() { Ok(self.total) } else { self.total.join(Total::of(&self.open)?.0) }
    }
}

impl Total {
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a count becomes a double once, rounded to the nearest")]
    fn spread(&self, ends: Option<(f64, f64)>, population: bool) -> Spread {
        let Self { count, mean, m2 } = *self;
        let divisor = if population { count } else { count.saturating_sub(1) };
        Spread {
            count,
            missing: 0,
            mean: (count > 0).then_some(mean),
            sd: (divisor > 0).then(|| (m2 / divisor as f64).sqrt()),
            min: ends.map(|(min, _)| min),
            max: ends.map(|(_, max)| max),
        }
    }

    /// One block.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a block has 1,024 values at most")]
    fn of(block: &[f64]) -> Result<(Self, (f64, f64))> {
        let (total, ends) = Self::without_squares(block)?;
        let (squares, rest) = sums_off(block, total.mean);
        // What the rounded mean left over is taken back.
        let m2 = finite(squares - rest * rest / block.len() as f64)?.max(0.0);
        Ok((Self { m2, ..total }, ends))
    }

    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a block has 1,024 values at most")]
    fn without_squares(block: &[f64]) -> Result<(Self, (f64, f64))> {
        let (sum, least, greatest) = sum_and_ends(block);
        let mean = plain_zero(finite(sum)? / block.len() as f64);
        let count = u64::try_from(block.len()).map_err(|_| KpiError::Overflow)?;
        Ok((Self { count, mean, m2: 0.0 }, (plain_zero(least), plain_zero(greatest))))
    }

    /// This and what comes behind it.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "counts become doubles once, rounded to the nearest")]
    fn join(self, next: Self) -> Result<Self> {
        if self.count == 0 {
            return Ok(next);
        }
        if next.count == 0 {
            return Ok(self);
        }
        let count = self.count.checked_add(next.count).ok_or(KpiError::Overflow)?;
        let (a, b, n) = (self.count as f64, next.count as f64, count as f64);
        let delta = next.mean - self.mean;
        let mean = self.mean + delta * (b / n);
        let m2 = self.m2 + next.m2 + delta * delta * (a * b / n);
        Ok(Self { count, mean: finite(mean)?, m2: finite(m2)? })
    }
}

/// Whether some values have these figures; not exactly, but up to what rounding may have added.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a bound that rounding is allowed for")]
fn is_possible(total: Total, open: &[f64], (min, max): (f64, f64)) -> bool {
    let is_plain = |value: &f64| value.is_finite() && (*value != 0.0 || value.is_sign_positive());
    let are_plain = [min, max, total.mean, total.m2].iter().chain(open).all(is_plain);
    let count_fits = u64::try_from(open.len()).is_ok_and(|len| total.count.checked_add(len).is_some());
    let is_inside = |value: f64, slack: f64| min - slack <= value && value <= max + slack;
    // Equal values may have a mean that is some last digits beside them.
    let slack = 1e-12 * min.abs().max(max.abs());
    let range = max - min + slack;
    let is_total_possible = if total.count == 0 {
        // The open block is all there is, so its ends are the ends.
        total == Total::default() && open.iter().fold(None, |ends, x| join_ends(ends, Some((*x, *x)))).unwrap_or_default() == (min, max)
    } else {
        is_inside(total.mean, slack) && total.m2 >= 0.0 && total.m2 / total.count as f64 <= range * range
    };
    are_plain && count_fits && min <= max && is_total_possible && open.iter().all(|value| is_inside(*value, 0.0))
}

/// The value; negative zero as zero, which is the same number with the same bits everywhere.
fn plain_zero(value: f64) -> f64 {
    value + 0.0
}

/// The least and the greatest; none of none.
fn ends(values: &[f64]) -> Result<Option<(f64, f64)>> {
    if !values.iter().all(|value| value.is_finite()) {
        return Err(KpiError::non_finite("values").into());
    }
    let ends = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| (value.min(min), value.max(max)));
    Ok((!values.is_empty()).then(|| (plain_zero(ends.0), plain_zero(ends.1))))
}

fn join_ends(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> Option<(f64, f64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, None) | (None, one) => one,
    }
}

fn finite(value: f64) -> Result<f64> {
    if value.is_finite() { Ok(plain_zero(value)) } else { Err(KpiError::Overflow.into()) }
}

const BLOCK: usize = 1024;
/// 2^400: the squares of any number of such values add up to less than the largest double.
const SQUARES_FIT: f64 = 2.582_249_878_086_909e120;
const FORMAT: u8 = 1;
