//! Latencies in bins: a fixed size for any number of values, and merges in any order.

use super::percentile::nearest_rank;
use super::result::{Basis, Kpi, Reason, Unit};
use super::units::Fraction;
use crate::error::{Error, KpiError, Result};

/// Counts of whole microseconds.
///
/// Up to 10,000 values are kept as they are, and quantiles are exact. Past that they are counted in bins: below 128 µs one for each
/// value, above that 64 for each power of two, up to 2^36 µs (19 hours), and one for all that is longer. A quantile is the greatest value
/// of its bin then, at most 1/64 too high; of the last bin it is the greatest value of all.
///
/// Merging is associative and commutative to the bit: what is kept depends on the values only, not on their order or parts.
///
/// ```
/// use gatewright::kpi::{Fraction, Histogram};
///
/// let mut here = Histogram::new();
/// here.add_all(&[120, 80, 4000])?;
/// let mut there = Histogram::new();
/// there.add(95)?;
/// here.merge(&there)?;
/// assert_eq!(here.quantile(Fraction(0.5))?.value, Some(95.0));
/// assert_eq!(Histogram::from_bytes(&here.to_bytes())?, here);
/// # Ok::<(), gatewright::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    count: u64,
    missing: u64,
    sum: u128,
    /// Least and greatest.
    ends: Option<(u64, u64)>,
    values: Kept,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// Every value, sorted.
    All(Vec<u64>),
    /// A count for each bin.
    Bins(Box<[u64]>),
}

/// What a histogram says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistogramSnapshot {
    /// How many values there are.
    pub n: u64,
    /// How many were missing.
    pub missing: u64,
    /// Their mean in µs, of exact sums; none of none.
    pub mean: Option<f64>,
    /// The least value in µs.
    pub min: Option<u64>,
    /// The greatest.
    pub max: Option<u64>,
    /// The median in µs.
    pub p50: Option<u64>,
    /// What 9 of 10 values are at most.
    pub p90: Option<u64>,
    /// What 95 of 100 values are at most.
    pub p95: Option<u64>,
    /// What 99 of 100 values are at most.
    pub p99: Option<u64>,
    /// Whether quantiles are exact or of bins.
    pub basis: Basis,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { count: 0, missing: 0, sum: 0, ends: None, values: Kept::All(Vec::new()) }
    }

    /// Adds a value in µs.
    ///
    /// # Errors
    /// `kpi_overflow` for the 2^64th value; nothing is added then.
    pub fn add(&mut self, micros: u64) -> Result<()> {
        self.add_all(&[micros])
    }

    /// Adds values in µs.
    ///
    /// # Errors
    /// As [`Histogram::add`]; none is added then.
    pub fn add_all(&mut self, micros: &[u64]) -> Result<()> {
        let more = u64::try_from(micros.len()).map_err(|_| KpiError::Overflow)?;
        self.count = self.count.checked_add(more).ok_or(KpiError::Overflow)?;
        // Fewer than 2^64 values below 2^64 add up to less than 2^128.
        self.sum += micros.iter().map(|value| u128::from(*value)).sum::<u128>();
        for value in micros {
            self.ends = Some(self.ends.map_or((*value, *value), |(min, max)| (min.min(*value), max.max(*value))));
        }
        match &mut self.values {
            Kept::All(kept) if self.count <= EXACT => match micros {
                [value] => kept.insert(kept.partition_point(|other| other <= value), *value),
                _ => {
                    kept.extend_from_slice(micros);
                    kept.sort_unstable();
                }
            },
            _ => micros.iter().for_each(|value| count_in(self.values.bins(), *value, 1)),
        }
        Ok(())
    }

    /// Counts values that are missing.
    pub const fn add_missing(&mut self, count: u64) {
        self.missing = self.missing.saturating_add(count);
    }

    /// Adds what another has counted.
    ///
    /// # Errors
    /// As [`Histogram::add`]; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let missing = self.missing.saturating_add(other.missing);
        match &other.values {
            Kept::All(values) => self.add_all(values)?,
            Kept::Bins(bins) => {
                self.count = self.count.checked_add(other.count).ok_or(KpiError::Overflow)?;
                self.sum += other.sum;
                self.ends = match (self.ends, other.ends) {
                    (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                    (one, None) | (None, one) => one,
                };
                for (mine, theirs) in self.values.bins().iter_mut().zip(bins) {
                    *mine += theirs;
                }
            }
        }
        self.missing = missing;
        Ok(())
    }

    /// The smallest value, or greatest value of its bin, that a share p of all values is at most, in µs: `histogram.quantile.v1`. p is the
    /// decimal that was typed, as of [`percentile_nearest_rank`](super::percentile_nearest_rank). Undefined without values.
    ///
    /// # Errors
    /// `kpi_out_of_range` for a p outside 0 to 1.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    pub fn quantile(&self, p: Fraction) -> Result<Kpi> {
        const ID: &str = "histogram.quantile.v1";
        let kpi = match self.at_share(p.checked("p")?) {
            None => Kpi::undefined(ID, Unit::SameAsInput, Reason::NoValues),
            Some(value) => Kpi::of(ID, Unit::SameAsInput, value as f64),
        };
        Ok(kpi.over(self.count, self.missing).on(self.basis()))
    }

    /// What has been counted so far.
    #[must_use]
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    pub fn snapshot(&self) -> HistogramSnapshot {
        HistogramSnapshot {
            n: self.count,
            missing: self.missing,
            mean: (self.count > 0).then(|| self.sum as f64 / self.count as f64),
            min: self.ends.map(|(min, _)| min),
            max: self.ends.map(|(_, max)| max),
            p50: self.at_share(0.5),
            p90: self.at_share(0.9),
            p95: self.at_share(0.95),
            p99: self.at_share(0.99),
            basis: self.basis(),
        }
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

    /// Its bytes, the same in every language: `u8 1 | u64 missing | u8 kind | u32 length`, big-endian, then of kind 0 each value as `u64`,
    /// in order; of kind 1, after `u128 sum | u64 least | u64 greatest`, each bin that is not empty as `u16 bin | u64 count`, in order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.missing.to_be_bytes());
        let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        match &self.values {
            Kept::All(values) => {
                bytes.push(0);
                bytes.extend(length(values.len()));
                values.iter().for_each(|value| bytes.extend(value.to_be_bytes()));
            }
            Kept::Bins(bins) => {
                let (min, max) = self.ends.unwrap_or((0, 0));
                let filled = || (0_u16..).zip(bins.iter()).filter(|(_, count)| **count > 0);
                bytes.push(1);
                bytes.extend(length(filled().count()));
                bytes.extend(self.sum.to_be_bytes());
                bytes.extend(min.to_be_bytes());
                bytes.extend(max.to_be_bytes());
                for (bin, count) in filled() {
                    bytes.extend(bin.to_be_bytes());
                    bytes.extend(count.to_be_bytes());
                }
            }
        }
        bytes
    }

    /// What [`Histogram::to_bytes`] gave.
    ///
    /// # Errors
    /// `record_unreadable` for anything else, counts that no values have included.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        read(bytes).ok_or(Error::RecordUnreadable { kind: "histogram", why: "these are not the bytes of a histogram" })
    }

    fn at_share(&self, p: f64) -> Option<u64> {
        let (_, max) = self.ends?;
        let rank = nearest_rank(p, self.count);
        match &self.values {
            Kept::All(values) => values.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied(),
            Kept::Bins(bins) => {
                let mut seen = 0_u64;
                let bin = bins.iter().position(|count| {
                    seen += count;
                    seen >= rank
                })?;
                Some(greatest_of(bin).unwrap_or(max))
            }
        }
    }

    const fn basis(&self) -> Basis {
        match self.values {
            Kept::All(_) => Basis::Exact,
            Kept::Bins(_) => Basis::Histogram,
        }
    }
}

impl Kept {
    /// The bins; where every value is kept, they are counted now.
    fn bins(&mut self) -> &mut [u64] {
        if let Self::All(values) = self {
            let mut bins = vec![0; BINS].into_boxed_slice();
            values.iter().for_each(|value| count_in(&mut bins, *value, 1));
            *self = Self::Bins(bins);
        }
        match self {
            Self::Bins(bins) => bins,
            Self::All(_) => &mut [],
        }
    }
}

fn count_in(bins: &mut [u64], value: u64, count: u64) {
    if let Some(bin) = bins.get_mut(bin_of(value)) {
        *bin += count;
    }
}

fn bin_of(value: u64) -> usize {
    if value >= LONGEST {
        return BINS - 1;
    }
    let value = usize::try_from(value).unwrap_or(0);
    if value < LINEAR {
        return value;
    }
    // Of a value from 2^e to 2^(e+1) the 6 bits below the highest are its place among 64 bins.
    let shift = usize::try_from(value.ilog2()).unwrap_or(0) - STEP_BITS;
    LINEAR + (shift - 1) * STEPS + (value >> shift) - STEPS
}

/// The greatest value of a bin; none of the last, which has no end.
fn greatest_of(bin: usize) -> Option<u64> {
    let greatest = match bin.checked_sub(LINEAR) {
        None => bin,
        Some(_) if bin >= BINS - 1 => return None,
        Some(above) => {
            let shift = above / STEPS + 1;
            ((above % STEPS + STEPS + 1) << shift) - 1
        }
    };
    u64::try_from(greatest).ok()
}

fn read(bytes: &[u8]) -> Option<Histogram> {
    let (format, rest) = bytes.split_first()?;
    let (missing, rest) = rest.split_first_chunk::<8>().filter(|_| *format == FORMAT)?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let missing = u64::from_be_bytes(*missing);
    let mut histogram = Histogram::new();
    histogram.missing = missing;
    if *kind == 0 {
        if rest.len() != length.checked_mul(8)? || u64::try_from(length).ok()? > EXACT {
            return None;
        }
        let values: Vec<u64> = rest.chunks_exact(8).filter_map(|chunk| chunk.first_chunk::<8>()).map(|bytes| u64::from_be_bytes(*bytes)).collect();
        if !values.is_sorted() {
            return None;
        }
        histogram.add_all(&values).ok()?;
        return Some(histogram);
    }
    let (sum, rest) = rest.split_first_chunk::<16>().filter(|_| *kind == 1)?;
    let (min, rest) = rest.split_first_chunk::<8>()?;
    let (max, rest) = rest.split_first_chunk::<8>()?;
    let (sum, ends) = (u128::from_be_bytes(*sum), (u64::from_be_bytes(*min), u64::from_be_bytes(*max)));
    if rest.len() != length.checked_mul(10)? {
        return None;
    }
    let mut bins = vec![0_u64; BINS].into_boxed_slice();
    let (mut count, mut next) = (0_u64, 0_usize);
    for pair in rest.chunks_exact(10) {
        let (bin, many) = pair.split_first_chunk::<2>()?;
        let (bin, many) = (usize::from(u16::from_be_bytes(*bin)), u64::from_be_bytes(*many.first_chunk::<8>()?));
        if bin < next || many == 0 {
            return None;
        }
        *bins.get_mut(bin)? = many;
        count = count.checked_add(many)?;
        next = bin + 1;
    }
    let (first, last) = (bins.iter().position(|count| *count > 0)?, bins.iter().rposition(|count| *count > 0)?);
    let is_mean_inside = u128::from(ends.0) * u128::from(count) <= sum && sum <= u128::from(ends.1).checked_mul(count.into())?;
    let is_possible = count > EXACT && ends.0 <= ends.1 && bin_of(ends.0) == first && bin_of(ends.1) == last && is_mean_inside;
    is_possible.then_some(Histogram { count, missing, sum, ends: Some(ends), values: Kept::Bins(bins) })
}

/// How many values are kept as they are.
const EXACT: u64 = 10_000;
/// Values below this have a bin each.
const LINEAR: usize = 128;
const STEP_BITS: usize = 6;
/// Bins for a power of two.
const STEPS: usize = 1 << STEP_BITS;
/// From here on, in µs, all values share the last bin.
const LONGEST: u64 = 1 << 36;
const BINS: usize = LINEAR + (36 - 7) * STEPS + 1;
const FORMAT: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bins_follow_each_other_without_a_gap() {
        let mut from = 0_u64;
        for bin in 0..BINS - 1 {
            let greatest = greatest_of(bin).unwrap();
            assert_eq!((bin_of(from), bin_of(greatest)), (bin, bin));
            assert!(greatest - from <= from / 64, "{from} to {greatest}");
            from = greatest + 1;
        }
        assert_eq!((from, bin_of(from), bin_of(u64::MAX), greatest_of(BINS - 1)), (1 << 36, BINS - 1, BINS - 1, None));
    }

    #[test]
    fn up_to_ten_thousand_values_quantiles_are_exact() {
        let mut histogram = Histogram::new();
        histogram.add_all(&(1..=10_000).rev().map(|value| value * 10).collect::<Vec<_>>()).unwrap();
        let exact = histogram.quantile(Fraction(0.95)).unwrap();
        assert_eq!((exact.value, exact.basis, exact.unit), (Some(95_000.0), Some(Basis::Exact), Unit::SameAsInput));
        histogram.add(u64::MAX).unwrap();
        let binned = histogram.quantile(Fraction(0.95)).unwrap();
        assert_eq!((binned.value, binned.basis), (Some(95_231.0), Some(Basis::Histogram)));
        assert_eq!(histogram.quantile(Fraction(1.0)).unwrap().value, Some(u64::MAX as f64));
        assert_eq!(Histogram::from_bytes(&histogram.to_bytes()), Ok(histogram.clone()));
        assert_eq!(histogram.snapshot().max, Some(u64::MAX));
        assert_eq!(Histogram::new().quantile(Fraction(0.5)).unwrap().reason, Some(Reason::NoValues));
    }

    proptest! {
        #[test]
        fn parts_and_order_change_nothing(values in proptest::collection::vec(0_u64..1 << 40, 0..300), at in 0_usize..300, many in proptest::bool::ANY) {
            // With many more values in front both ways end in bins.
            let base: Vec<u64> = if many { (0..9_900).collect() } else { Vec::new() };
            let (left, right) = values.split_at(at.min(values.len()));
            let of = |parts: &[&[u64]]| {
                let mut all = Histogram::new();
                for part in parts {
                    let mut one = Histogram::new();
                    one.add_all(part).unwrap();
                    all.merge(&one).unwrap();
                }
                all
            };
            let (a, b) = (of(&[&base, left, right]), of(&[right, &base, left]));
            let mut stream = Histogram::new();
            for value in base.iter().chain(&values) {
                stream.add(*value).unwrap();
            }
            prop_assert_eq!(a.to_bytes(), b.to_bytes());
            prop_assert_eq!(&a, &stream);
            prop_assert_eq!(Histogram::from_bytes(&a.to_bytes()), Ok(a));
        }

        #[test]
        fn bytes_of_others_are_refused_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Ok(histogram) = Histogram::from_bytes(&bytes) {
                prop_assert_eq!(histogram.to_bytes(), bytes);
            }
        }
    }
}
