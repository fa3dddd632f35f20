//! Loops over doubles, shaped so that compilers make vector instructions of them: independent lanes, no early end, no index.
//!
//! The sums of sixteen lanes do not fit into the registers of every processor, so each half of the lanes is gone through by itself; no
//! sum notices.

const LANES: usize = 16;
type Half = [f64; 8];

/// The sum of a block, and its least and greatest value. A value that is not finite makes the sum so, too.
pub(super) fn sum_and_ends(block: &[f64]) -> (f64, f64, f64) {
    let (rows, last) = block.as_chunks::<LANES>();
    let (left, right) = (sums(rows.iter().map(left)), sums(rows.iter().map(right)));
    let sum = tree(joined(left.sum, right.sum, last.iter().copied()));
    let least = left.least.into_iter().chain(right.least).chain(last.iter().copied()).fold(f64::INFINITY, lesser);
    let greatest = left.greatest.into_iter().chain(right.greatest).chain(last.iter().copied()).fold(f64::NEG_INFINITY, greater);
    (sum, least, greatest)
}

/// The sums of what each value is off, squared and as it is.
pub(super) fn sums_off(block: &[f64], mean: f64) -> (f64, f64) {
    let (rows, last) = block.as_chunks::<LANES>();
    let (left, right) = (off(rows.iter().map(left), mean), off(rows.iter().map(right), mean));
    let squares = joined(left.0, right.0, last.iter().map(|value| (value - mean) * (value - mean)));
    let rest = joined(left.1, right.1, last.iter().map(|value| value - mean));
    (tree(squares), tree(rest))
}

struct Sums {
    sum: Half,
    least: Half,
    greatest: Half,
}

#[inline(always)]
fn sums<'a>(rows: impl Iterator<Item = &'a Half>) -> Sums {
    let mut sums = Sums { sum: [0.0; 8], least: [f64::INFINITY; 8], greatest: [f64::NEG_INFINITY; 8] };
    for row in rows {
        for (((sum, least), greatest), value) in sums.sum.iter_mut().zip(&mut sums.least).zip(&mut sums.greatest).zip(row) {
            *sum += value;
            *least = lesser(*least, *value);
            *greatest = greater(*greatest, *value);
        }
    }
    sums
}

#[inline(always)]
fn off<'a>(rows: impl Iterator<Item = &'a Half>, mean: f64) -> (Half, Half) {
    let (mut squares, mut rest) = ([0.0; 8], [0.0; 8]);
    for row in rows {
        for ((square, rest), value) in squares.iter_mut().zip(&mut rest).zip(row) {
            let off = value - mean;
            *square += off * off;
            *rest += off;
        }
    }
    (squares, rest)
}

fn left(row: &[f64; LANES]) -> &Half {
    row.first_chunk().unwrap_or(&[0.0; 8])
}

fn right(row: &[f64; LANES]) -> &Half {
    row.last_chunk().unwrap_or(&[0.0; 8])
}

/// All lanes, and what is left of the block in the first of them.
fn joined(left: Half, right: Half, last: impl Iterator<Item = f64>) -> [f64; LANES] {
    let mut lanes = [0.0; LANES];
    for (lane, sum) in lanes.iter_mut().zip(left.into_iter().chain(right)) {
        *lane = sum;
    }
    for (lane, value) in lanes.iter_mut().zip(last) {
        *lane += value;
    }
    lanes
}

fn tree([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]: [f64; LANES]) -> f64 {
    let [left, right] =
        [[a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]].map(|[a, b, c, d, e, f, g, h]| ((a + b) + (c + d)) + ((e + f) + (g + h)));
    left + right
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
    let (rows, last) = values.as_chunks::<4>();
    let mut sums = Whole::new();
    for row in rows {
        sums.add(row.each_ref().map(read));
    }
    let mut rest = Whole::new();
    for value in last {
        rest.add([read(value)]);
    }
    sums.end(&rest)
}

/// The same of doubles; none where one is not a whole number, or not small.
pub(super) fn whole_sums_of(values: &[f64]) -> Option<WholeSums> {
    let (rows, last) = values.as_chunks::<4>();
    let (mut sums, mut fractions) = (Whole::new(), [0.0; 4]);
    for row in rows {
        for (fraction, value) in fractions.iter_mut().zip(row) {
            // Beside 2^52 there is no place for a fraction.
            *fraction += (value - ((value + TWO_52) - TWO_52)).abs();
        }
        sums.add(*row);
    }
    let mut rest = Whole::new();
    for value in last {
        fractions[0] += (value - ((value + TWO_52) - TWO_52)).abs();
        rest.add([*value]);
    }
    let sums = sums.end(&rest);
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a power of two")]
    let are_small = sums.least >= 0.0 && sums.greatest < SMALL as f64;
    // A NaN is equal to nothing.
    (are_small && fractions == [0.0; 4]).then_some(sums)
}

struct Whole<const N: usize> {
    sum: [f64; N],
    squares: [f64; N],
    least: [f64; N],
    greatest: [f64; N],
}

impl<const N: usize> Whole<N> {
    const fn new() -> Self {
        Self { sum: [0.0; N], squares: [0.0; N], least: [f64::INFINITY; N], greatest: [f64::NEG_INFINITY; N] }
    }

    #[inline(always)]
    fn add(&mut self, row: [f64; N]) {
        let Self { sum, squares, least, greatest } = self;
        for ((((sum, square), least), greatest), value) in sum.iter_mut().zip(squares).zip(least).zip(greatest).zip(row) {
            *sum += value;
            *square += value * value;
            *least = lesser(*least, value);
            *greatest = greater(*greatest, value);
        }
    }

    /// Exact, so in any order.
    fn end(&self, rest: &Whole<1>) -> WholeSums {
        WholeSums {
            sum: self.sum.iter().chain(&rest.sum).sum(),
            squares: self.squares.iter().chain(&rest.squares).sum(),
            least: self.least.iter().chain(&rest.least).copied().fold(f64::INFINITY, lesser),
            greatest: self.greatest.iter().chain(&rest.greatest).copied().fold(f64::NEG_INFINITY, greater),
        }
    }
}

/// One instruction, where `f64::min` has to mind NaN.
const fn lesser(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

const fn greater(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

const TWO_52: f64 = 4_503_599_627_370_496.0;
