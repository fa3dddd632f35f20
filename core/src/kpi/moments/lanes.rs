//! Loops over doubles, shaped so that compilers make vector instructions of them: independent lanes, no early end, no index.
//!
//! Each runs with the widest vectors that the processor has. Their width changes no bit: every lane adds the same numbers in the same
//! order, and no product is fused with a sum.

use fearless_simd::{Level, dispatch};

const LANES: usize = 16;
type Lanes = [f64; LANES];

/// The sum of a block, and its least and greatest value. A value that is not finite makes the sum so, too.
pub(super) fn sum_and_ends(block: &[f64]) -> (f64, f64, f64) {
    let (rows, last) = block.as_chunks();
    let mut ends = dispatch!(Level::new(), _simd => Ends::of(rows));
    ends.add(last);
    let Ends { sum, least, greatest } = ends;
    (sum_of(sum), least_of(least), greatest_of(greatest))
}

/// The sums of what each value is off, squared and as it is.
pub(super) fn sums_off(block: &[f64], mean: f64) -> (f64, f64) {
    let (rows, last) = block.as_chunks();
    let mut off = dispatch!(Level::new(), _simd => Off::of(rows, mean));
    off.add(last, mean);
    let Off { squares, rest } = off;
    (sum_of(squares), sum_of(rest))
}

/// How many values lie from the one to the other, both counted in.
pub(in crate::kpi) fn count_within<T: Copy + PartialOrd>(values: &[T], least: T, greatest: T) -> u64 {
    #[inline(always)]
    fn count<T: Copy + PartialOrd>(values: &[T], least: T, greatest: T) -> u64 {
        values.iter().map(|value| u64::from((least <= *value) & (*value <= greatest))).sum()
    }
    dispatch!(Level::new(), _simd => count(values, least, greatest))
}

/// The sum of integers.
pub(in crate::kpi) fn whole_sum(values: &[u64]) -> u128 {
    /// Of the lower and of the upper halves, which vectors add without a carry.
    #[inline(always)]
    fn halves(values: &[u64]) -> (u64, u64) {
        values.iter().fold((0, 0), |(low, high), value| (low + (value & 0xffff_ffff), high + (value >> 32)))
    }
    values
        .chunks(HALVES)
        .map(|chunk| {
            let (low, high) = dispatch!(Level::new(), _simd => halves(chunk));
            (u128::from(high) << 32) + u128::from(low)
        })
        .sum()
}

struct Ends {
    sum: Lanes,
    least: Lanes,
    greatest: Lanes,
}

impl Ends {
    #[inline(always)]
    fn of(rows: &[Lanes]) -> Self {
        let mut ends = Self { sum: [0.0; LANES], least: [f64::INFINITY; LANES], greatest: [f64::NEG_INFINITY; LANES] };
        for row in rows {
            ends.add(row);
        }
        ends
    }

    #[inline(always)]
    fn add(&mut self, row: &[f64]) {
        for (((sum, least), greatest), value) in self.sum.iter_mut().zip(&mut self.least).zip(&mut self.greatest).zip(row) {
            *sum += value;
            *least = lesser(*least, *value);
            *greatest = greater(*greatest, *value);
        }
    }
}

struct Off {
    squares: Lanes,
    rest: Lanes,
}

impl Off {
    #[inline(always)]
    fn of(rows: &[Lanes], mean: f64) -> Self {
        let mut off = Self { squares: [0.0; LANES], rest: [0.0; LANES] };
        for row in rows {
            off.add(row, mean);
        }
        off
    }

    #[inline(always)]
    fn add(&mut self, row: &[f64], mean: f64) {
        for ((square, rest), value) in self.squares.iter_mut().zip(&mut self.rest).zip(row) {
            let off = value - mean;
            *square += off * off;
            *rest += off;
        }
    }
}

/// A balanced tree: ((0 + 1) + (2 + 3)) + …
#[inline(always)]
fn joined(lanes: Lanes, join: impl Fn(f64, f64) -> f64) -> f64 {
    let pairs = |[a, b, c, d, e, f, g, h]: [f64; 8]| join(join(join(a, b), join(c, d)), join(join(e, f), join(g, h)));
    let [a, b, c, d, e, f, g, h, rest @ ..] = lanes;
    join(pairs([a, b, c, d, e, f, g, h]), pairs(rest))
}

// Functions of their own: where compilers see loop and tree at once, they lay out the lanes for the tree, and the loop is slower.
#[inline(never)]
fn sum_of(lanes: Lanes) -> f64 {
    joined(lanes, |a, b| a + b)
}

#[inline(never)]
fn least_of(lanes: Lanes) -> f64 {
    joined(lanes, lesser)
}

#[inline(never)]
fn greatest_of(lanes: Lanes) -> f64 {
    joined(lanes, greater)
}

/// What exact sums of few and small whole numbers come to.
pub(super) struct WholeSums {
    pub(super) sum: f64,
    pub(super) squares: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

/// The most numbers, and what each must be below, for that all sums stay below 2^53, where doubles have every whole number.
pub(super) const FEW: usize = 1 << 10;
pub(super) const SMALL: u64 = 1 << 21;

/// Sums of integers, each of which is small.
pub(super) fn whole_sums(values: &[u64]) -> WholeSums {
    // The bits of 2^52 + value, for a conversion that vectors have.
    let read = |value: &u64| f64::from_bits(value | TWO_52.to_bits()) - TWO_52;
    let (rows, last) = values.as_chunks();
    let mut whole = dispatch!(Level::new(), _simd => Whole::of(rows, read));
    whole.add(last, read);
    whole.end()
}

/// The same of doubles; none where one is not a whole number, or not small.
pub(super) fn whole_sums_of(values: &[f64]) -> Option<WholeSums> {
    let are_whole = dispatch!(Level::new(), _simd => are_small_and_whole(values));
    are_whole.then(|| {
        let (rows, last) = values.as_chunks();
        let mut whole = dispatch!(Level::new(), _simd => Whole::of(rows, |value| *value));
        whole.add(last, |value| *value);
        whole.end()
    })
}

#[inline(always)]
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a power of two")]
fn are_small_and_whole(values: &[f64]) -> bool {
    // Beside 2^52 there is no place for a fraction, and a NaN is equal to nothing.
    let is = |value: &f64| (((value + TWO_52) - TWO_52) == *value) & (0.0 <= *value) & (*value < SMALL as f64);
    values.iter().map(|value| u64::from(!is(value))).sum::<u64>() == 0
}

/// So many halves add up to less than 2^64.
const HALVES: usize = 1 << 20;
const WHOLE: usize = 8;

struct Whole {
    sum: [f64; WHOLE],
    squares: [f64; WHOLE],
    least: [f64; WHOLE],
    greatest: [f64; WHOLE],
}

impl Whole {
    #[inline(always)]
    fn of<T>(rows: &[[T; WHOLE]], read: impl Fn(&T) -> f64) -> Self {
        let mut whole = Self { sum: [0.0; WHOLE], squares: [0.0; WHOLE], least: [f64::INFINITY; WHOLE], greatest: [f64::NEG_INFINITY; WHOLE] };
        for row in rows {
            whole.add(row, &read);
        }
        whole
    }

    #[inline(always)]
    fn add<T>(&mut self, row: &[T], read: impl Fn(&T) -> f64) {
        let Self { sum, squares, least, greatest } = self;
        for ((((sum, square), least), greatest), value) in sum.iter_mut().zip(squares).zip(least).zip(greatest).zip(row.iter().map(read)) {
            *sum += value;
            *square += value * value;
            *least = lesser(*least, value);
            *greatest = greater(*greatest, value);
        }
    }

    /// Exact, so in any order.
    #[inline(never)]
    fn end(&self) -> WholeSums {
        WholeSums {
            sum: self.sum.iter().sum(),
            squares: self.squares.iter().sum(),
            least: self.least.into_iter().fold(f64::INFINITY, lesser),
            greatest: self.greatest.into_iter().fold(f64::NEG_INFINITY, greater),
        }
    }
}

/// One instruction, where `f64::min` has to mind NaN.
#[inline(always)]
const fn lesser(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

#[inline(always)]
const fn greater(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

const TWO_52: f64 = 4_503_599_627_370_496.0;
