//! Against exact fractions, and against themselves in every order.

use proptest::prelude::*;

use super::*;
use crate::error::KpiError;

fn integers(parts: &[Vec<u64>]) -> Moments {
    let mut all = Moments::new();
    for part in parts {
        let mut moments = Moments::new();
        moments.add_all(part).unwrap();
        all.merge(&moments).unwrap();
    }
    all
}

fn floats(values: &[f64]) -> FloatMoments {
    let mut moments = FloatMoments::new();
    moments.add_all(values).unwrap();
    moments
}

/// Spelled out from the definition: blocks, lanes, tree, joins.
fn by_the_page(values: &[f64]) -> (f64, f64) {
    fn sum(values: &[f64]) -> f64 {
        let mut lanes: Vec<f64> = vec![0.0; 16];
        for (at, value) in values.iter().enumerate() {
            lanes[at % 16] += value;
        }
        while lanes.len() > 1 {
            lanes = lanes.chunks(2).map(|pair| pair[0] + pair[1]).collect();
        }
        lanes[0]
    }
    let (mut n, mut mean, mut m2) = (0.0, 0.0, 0.0);
    for block in values.chunks(1024) {
        let m = block.len() as f64;
        let mean_b = sum(block) / m;
        let squares = sum(&block.iter().map(|x| (x - mean_b) * (x - mean_b)).collect::<Vec<_>>());
        let rest = sum(&block.iter().map(|x| x - mean_b).collect::<Vec<_>>());
        let m2_b = f64::max(squares - rest * rest / m, 0.0);
        if n == 0.0 {
            (n, mean, m2) = (m, mean_b, m2_b);
            continue;
        }
        let delta = mean_b - mean;
        let total = n + m;
        mean += delta * (m / total);
        m2 = m2 + m2_b + delta * delta * (n * m / total);
        n = total;
    }
    (mean, (m2 / (n - 1.0)).sqrt())
}

proptest! {
    #[test]
    fn integers_do_not_know_their_order(parts in prop::collection::vec(prop::collection::vec(0_u64..1 << 58, 0..20), 0..6), seed: u64) {
        let forward = integers(&parts);
        let mut shuffled: Vec<u64> = parts.iter().flatten().copied().collect();
        let len = shuffled.len().max(1);
        for at in 0..shuffled.len() {
            shuffled.swap(at, (seed as usize).wrapping_mul(at + 7) % len);
        }
        let mut one_by_one = Moments::new();
        for value in &shuffled {
            one_by_one.add(*value).unwrap();
        }
        let backward: Vec<_> = parts.iter().rev().cloned().collect();
        prop_assert_eq!(forward, one_by_one);
        prop_assert_eq!(forward, integers(&backward));
        prop_assert_eq!(forward, integers(&[shuffled]));
        prop_assert_eq!(Moments::from_bytes(&forward.to_bytes()).unwrap(), forward);
    }

    #[test]
    fn integers_are_exact(values in prop::collection::vec(0_u64..1 << 40, 2..50)) {
        // The numerator fits into 128 bits here, where it can be had in another way: the sum over all pairs of squared differences.
        let n = values.len() as u128;
        let pairs: u128 = values.iter().enumerate().flat_map(|(at, a)| values[at + 1..].iter().map(move |b| u128::from(a.abs_diff(*b)).pow(2))).sum();
        let spread = integers(std::slice::from_ref(&values)).spread(false);
        prop_assert_eq!(spread.sd, Some((pairs as f64 / (n * (n - 1)) as f64).sqrt()));
        prop_assert_eq!(spread.mean, Some(values.iter().map(|value| u128::from(*value)).sum::<u128>() as f64 / n as f64));
        prop_assert_eq!((spread.min, spread.max), (values.iter().min().map(|min| *min as f64), values.iter().max().map(|max| *max as f64)));
    }

    #[test]
    fn doubles_follow_the_page(len in 2_usize..5000, seed: u32, cuts in prop::collection::vec(0_usize..5000, 0..5)) {
        let values: Vec<f64> = (0..len).map(|at| f64::from((at as u32).wrapping_mul(2_654_435_761) ^ seed) / 1e6).collect();
        let (mean, sd) = by_the_page(&values);
        let batch = floats(&values);
        let spread = batch.spread(false).unwrap();
        prop_assert_eq!((spread.mean, spread.sd), (Some(mean), Some(sd)));
        // However it is cut into calls, it is one stream.
        let mut stream = FloatMoments::new();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(len)).chain([0, len]).collect();
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            stream.add_all(&values[pair[0]..pair[1]]).unwrap();
        }
        prop_assert_eq!(&stream, &batch);
        prop_assert_eq!(FloatMoments::from_bytes(&stream.to_bytes()).unwrap(), batch);
        // A merge closes both blocks and joins the totals.
        let (left, right) = values.split_at(len / 2);
        let mut merged = floats(left);
        merged.merge(&floats(right)).unwrap();
        let near = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() <= 1e-9 * b.abs();
        let spread = merged.spread(false).unwrap();
        prop_assert!(near(spread.mean, mean) && near(spread.sd, sd));
        prop_assert_eq!(spread.count, len as u64);
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..80) {
        for bytes in [&bytes[..], &[&[1], &bytes[..]].concat(), &integers(&[vec![5, 6]]).to_bytes()[..cut.min(64)]] {
            if let Ok(moments) = Moments::from_bytes(bytes) {
                prop_assert_eq!(moments.to_bytes(), bytes);
                let spread = moments.spread(false);
                prop_assert!(spread.sd.is_none_or(f64::is_finite));
            }
            if let Ok(moments) = FloatMoments::from_bytes(bytes) {
                prop_assert_eq!(moments.to_bytes(), bytes);
                drop(moments.spread(false));
            }
        }
    }
}

#[test]
fn what_no_sum_can_hold_is_an_overflow_and_changes_nothing() {
    let mut moments = Moments::new();
    moments.add_all(&[u64::MAX]).unwrap();
    let before = moments;
    assert_eq!(moments.add(u64::MAX), Err(KpiError::Overflow.into()));
    assert_eq!(moments.add_all(&[1, u64::MAX]), Err(KpiError::Overflow.into()));
    assert_eq!(moments, before);
    let mut moments = floats(&[1e308]);
    assert_eq!(moments.add_all(&[1e308, f64::NAN]), Err(KpiError::non_finite("values").into()));
    moments.add(1e308).unwrap();
    assert_eq!(moments.spread(false), Err(KpiError::Overflow.into()));
    assert_eq!(floats(&[1e200, -1e200]).spread(false), Err(KpiError::Overflow.into()));
}

#[test]
fn too_little_data_is_no_number() {
    let none = Spread::default();
    assert_eq!((Moments::new().spread(false), FloatMoments::new().spread(false)), (none, Ok(none)));
    let one = Spread { count: 1, mean: Some(5.0), min: Some(5.0), max: Some(5.0), ..none };
    assert_eq!((integers(&[vec![5]]).spread(false), floats(&[5.0]).spread(false)), (one, Ok(one)));
    assert_eq!(integers(&[vec![5]]).spread(true).sd, Some(0.0));
    let mut missing = integers(&[vec![5, 7]]);
    missing.add_missing(3);
    assert_eq!((missing.spread(true).missing, missing.spread(true).sd), (3, Some(1.0)));
}

#[test]
fn where_others_lose_their_digits() {
    // var(1e9 + [4, 7, 13, 16]) = 30.
    assert_eq!(floats(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).spread(false).unwrap().sd, Some(30_f64.sqrt()));
    assert_eq!(integers(&[vec![1_000_000_004, 1_000_000_007, 1_000_000_013, 1_000_000_016]]).spread(false).sd, Some(30_f64.sqrt()));
    // n·Σx² and (Σx)² of these take 160 bits.
    let far = 1_u64 << 60;
    assert_eq!(integers(&[vec![far, far + 2, far + 4]]).spread(false).sd, Some(2.0));
}

#[test]
fn negative_zeros_are_zeros() {
    let signed = floats(&[-0.0, 0.0, -0.0]);
    assert_eq!(signed.to_bytes(), floats(&[0.0, 0.0, 0.0]).to_bytes());
    let spread = signed.spread(true).unwrap();
    for number in [spread.mean, spread.sd, spread.min, spread.max] {
        assert_eq!(number.unwrap().to_bits(), 0);
    }
    // A sum so small that its mean is rounded to nothing.
    let tiny = floats(&[-5e-324, 0.0, 0.0]).spread(false).unwrap();
    assert_eq!(tiny.mean.unwrap().to_bits(), 0);
}

#[test]
fn figures_that_no_values_have_are_not_read() {
    let unreadable = |bytes: &[u8]| FloatMoments::from_bytes(bytes).unwrap_err().code() == "record_unreadable";
    let mut closed = floats(&[2.0, 4.0]);
    closed.merge(&floats(&[6.0])).unwrap();
    let good = closed.to_bytes();
    assert_eq!(FloatMoments::from_bytes(&good).unwrap(), closed);
    let with = |at: usize, value: f64| {
        let mut bytes = good.clone();
        bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
        bytes
    };
    // Bytes 9: mean, 17: m2, 33: least, 41: greatest.
    for (at, value) in
        [(9, 6.5), (9, 1.0), (9, f64::NAN), (17, -1.0), (17, -0.0), (17, 1e3), (33, 7.0), (33, f64::NAN), (41, 1.0), (41, f64::INFINITY)]
    {
        assert!(unreadable(&with(at, value)), "{value} at {at}");
    }
    let open = floats(&[0.0, 4.0]).to_bytes();
    for (at, value) in [(33, -0.0), (33, -1.0), (41, 5.0), (51, -0.0), (51, 4.5)] {
        let mut bytes = open.clone();
        bytes[at..at + 8].copy_from_slice(&f64::to_be_bytes(value));
        assert!(unreadable(&bytes), "{value} at {at} of an open block");
    }
    // What rounding does to equal values is not taken for damage.
    for value in [0.1, -0.7, 1e100 / 3.0, 5e-324] {
        let mut equal = floats(&[value; 1000]);
        equal.merge(&floats(&[value; 77])).unwrap();
        assert_eq!(FloatMoments::from_bytes(&equal.to_bytes()).unwrap(), equal);
    }
}

/// Whole numbers on either side of every limit of the fast ways, which a double holds.
fn whole_number() -> impl Strategy<Value = u64> {
    let near = |power: u32| (0_u64..4).prop_map(move |off| (1_u64 << power).saturating_add(off).saturating_sub(2));
    prop_oneof![8 => 0_u64..5000, 1 => near(21), 1 => near(26), 1 => near(31), 1 => near(52), 1 => (0_u64..1 << 12).prop_map(|high| high << 52)]
}

proptest! {
    #[test]
    fn whole_doubles_are_integers(values in prop::collection::vec(whole_number(), 0..60), repeats in 1_usize..40) {
        let values = values.repeat(repeats);
        let reals: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        let mut moments = Moments::new();
        let added = moments.add_all(&values);
        prop_assert_eq!(Moments::of_doubles(&reals), Some(added.map(|()| moments)));
        let (mut sum, mut squares, mut one_by_one) = (0_u128, 0_u128, Ok(Moments::new()));
        for value in &values {
            one_by_one = one_by_one.and_then(|mut all: Moments| all.add(*value).map(|()| all));
            sum += u128::from(*value);
            squares = squares.saturating_add(u128::from(*value).pow(2));
        }
        if squares < u128::MAX {
            prop_assert_eq!(one_by_one.unwrap(), moments);
            prop_assert_eq!(moments.sum(), sum);
        }
        prop_assert_eq!(whole_sum(&values), sum);
    }
}

#[test]
fn what_is_no_whole_number_is_found_anywhere() {
    for wrong in [0.5, -1.0, -0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 18_446_744_073_709_551_616.0, 4_503_599_627_370_495.5, 5e-324] {
        for (at, length) in [(0, 1), (3, 5), (17, 2100), (1023, 2100), (1024, 2100), (2098, 2100), (2099, 2100)] {
            let mut values = vec![7.0; length];
            values[at] = wrong;
            assert_eq!(Moments::of_doubles(&values), None, "{wrong} at {at} of {length}");
        }
    }
    assert_eq!(Moments::of_doubles(&[-0.0, 2.0]), Some(Ok(integers(&[vec![0, 2]]))));
}

proptest! {
    #[test]
    fn what_is_not_kept_comes_to_the_same(values in prop::collection::vec(-1e9_f64..1e9, 0..50), repeats in 1_usize..60, population: bool) {
        let values = values.repeat(repeats);
        let spread = FloatMoments::spread_of(&values, population);
        prop_assert_eq!(&spread, &floats(&values).spread(population));
        let weights: Vec<f64> = values.iter().map(|value| value.abs()).collect();
        prop_assert_eq!(FloatMoments::mean_of(&weights), FloatMoments::spread_of(&weights, population).unwrap().mean);
        let is_negative = values.iter().any(|value| *value < 0.0);
        prop_assert_eq!(FloatMoments::mean_of(&values), if is_negative { None } else { spread.unwrap().mean });
    }
}

#[test]
fn the_greatest_integers_have_a_sum() {
    let (many, max) = (3_000_000, u128::from(u64::MAX));
    assert_eq!((whole_sum(&vec![u64::MAX; many]), whole_sum(&[])), (max * many as u128, 0));
}

#[test]
fn a_mean_alone_leaves_to_others_what_might_be_wrong() {
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 1e121, 1e308] {
        for at in [0, 16, 1023, 1024, 1030] {
            let mut values = vec![0.5; 1031];
            values[at] = wrong;
            assert_eq!(FloatMoments::mean_of(&values), None, "{wrong} at {at}");
        }
    }
    assert_eq!((FloatMoments::mean_of(&[]), FloatMoments::mean_of(&[-0.0, 1e120])), (None, Some(5e119)));
}

#[test]
fn ends_and_errors_are_found_anywhere() {
    for at in [0, 7, 8, 15, 16, 1015, 1023, 1024, 1500, 2047, 2048, 2099] {
        let mut values = vec![0.5; 2100];
        values[at] = -3.5;
        assert_eq!(floats(&values).spread(false).unwrap().min, Some(-3.5), "{at}");
        values[at] = 3.5;
        assert_eq!(floats(&values).spread(false).unwrap().max, Some(3.5), "{at}");
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            values[at] = wrong;
            assert_eq!(FloatMoments::new().add_all(&values), Err(KpiError::non_finite("values").into()), "{wrong} at {at}");
        }
    }
}
