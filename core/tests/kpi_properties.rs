//! What holds of figures whatever the values are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::cast_precision_loss, clippy::as_conversions, reason = "tests")]

use gatewright::kpi::{self, Days, Fcr, FloatMoments, Fraction, GramsPerDay, Histogram, MassG, Member, Moments, Weight};
use proptest::collection::vec;
use proptest::prelude::*;

fn integers(values: &[u64]) -> Moments {
    let mut moments = Moments::new();
    moments.add_all(values).unwrap();
    moments
}

fn doubles(values: &[f64]) -> FloatMoments {
    let mut moments = FloatMoments::new();
    moments.add_all(values).unwrap();
    moments
}

fn merged<T: Clone>(parts: &[T], merge: impl Fn(&mut T, &T)) -> T {
    let (first, rest) = parts.split_first().unwrap();
    rest.iter().fold(first.clone(), |mut all, part| {
        merge(&mut all, part);
        all
    })
}

/// The variance as a quotient of integers, in 128 bits, of values that are small enough for it.
fn exact_sd(values: &[u64]) -> f64 {
    let n = values.len() as u128;
    let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
    let squares: u128 = values.iter().map(|value| u128::from(*value) * u128::from(*value)).sum();
    ((n * squares - sum * sum) as f64 / (n * (n - 1)) as f64).sqrt()
}

proptest! {
    #[test]
    fn integers_merge_in_any_order_and_grouping_to_the_same_bits(a in vec(0_u64..1 << 40, 0..50), b in vec(0_u64..1 << 40, 0..50), c in vec(0_u64..1 << 40, 0..50)) {
        let parts = [integers(&a), integers(&b), integers(&c)];
        let merge = |all: &mut Moments, part: &Moments| all.merge(part).unwrap();
        let left = merged(&parts, merge);
        let right = merged(&[parts[0], merged(&parts[1..], merge)], merge);
        let back = merged(&[parts[2], parts[0], parts[1]], merge);
        let mut stream = Moments::new();
        for value in c.iter().chain(&a).chain(&b) {
            stream.add(*value).unwrap();
        }
        prop_assert_eq!(left, right);
        prop_assert_eq!(left, back);
        prop_assert_eq!(left, stream);
        prop_assert_eq!(left.snapshot().unwrap(), stream.snapshot().unwrap());
        prop_assert_eq!(Moments::from_bytes(&left.to_bytes()).unwrap(), left);
    }

    #[test]
    fn the_deviation_of_integers_is_the_exact_quotient(values in vec(0_u64..1 << 30, 2..200)) {
        prop_assert_eq!(integers(&values).snapshot().unwrap().sd.map(f64::to_bits), Some(exact_sd(&values).to_bits()));
    }

    #[test]
    fn whole_numbers_give_the_same_bits_as_integers_as_doubles_and_in_any_order(mut values in vec(0_u64..1 << 50, 2..300)) {
        let as_doubles: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        let cv = kpi::cv(values.as_slice().into(), false).unwrap();
        prop_assert_eq!(&kpi::cv(as_doubles.as_slice().into(), false).unwrap(), &cv);
        values.reverse();
        prop_assert_eq!(&kpi::cv(values.as_slice().into(), false).unwrap(), &cv);
        let band = |weights: &[u64]| kpi::uniformity_band(weights.into(), Fraction(0.1)).unwrap().num;
        let before = band(&values);
        values.sort_unstable();
        prop_assert_eq!(band(&values), before);
    }

    #[test]
    fn a_stream_of_doubles_is_their_batch(values in vec(-1e6_f64..1e6, 0..2500), cut in 0_usize..2500) {
        let batch = doubles(&values);
        let mut stream = FloatMoments::new();
        let (left, right) = values.split_at(cut.min(values.len()));
        stream.add_all(left).unwrap();
        for value in right {
            stream.add(*value).unwrap();
        }
        prop_assert_eq!(stream.snapshot().unwrap(), batch.snapshot().unwrap());
        prop_assert_eq!(FloatMoments::from_bytes(&batch.to_bytes()).unwrap().snapshot().unwrap(), batch.snapshot().unwrap());
    }

    #[test]
    fn doubles_that_are_merged_are_near_those_that_are_not(values in vec(1.0_f64..1e4, 2..2500), cut in 0_usize..2500) {
        let (left, right) = values.split_at(cut.min(values.len()));
        let all = doubles(&values).snapshot().unwrap();
        let parts = merged(&[doubles(left), doubles(right)], |all, part| all.merge(part).unwrap()).snapshot().unwrap();
        let near = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() <= 1e-9 * a.unwrap().abs();
        prop_assert!(near(all.mean, parts.mean) && near(all.sd, parts.sd));
        prop_assert_eq!((all.n, all.min, all.max), (parts.n, parts.min, parts.max));
    }

    #[test]
    fn the_unit_of_weights_changes_no_variation(grams in vec(1_u64..1 << 20, 2..200)) {
        let of = |unit: u64| {
            let weights: Vec<u64> = grams.iter().map(|weight| weight * unit).collect();
            kpi::cv(weights.as_slice().into(), false).unwrap().value.unwrap()
        };
        prop_assert!((of(1) - of(1000)).abs() <= 1e-12 * of(1));
        let kilograms: Vec<f64> = grams.iter().map(|weight| *weight as f64 / 1000.0).collect();
        let in_kilograms = kpi::cv(kilograms.as_slice().into(), false).unwrap().value.unwrap();
        prop_assert!((of(1) - in_kilograms).abs() <= 1e-9 * of(1) + 1e-9);
    }

    #[test]
    fn both_indices_are_one_where_gain_is_weight_by_age(weight in 1_u64..10_000, age in 0.5_f64..100.0, fcr in 0.5_f64..5.0, survival in 0.0_f64..=1.0) {
        let fcr = Fcr::on_live_weight(fcr);
        let adg = kpi::adg_from_zero(MassG(weight), Days(age)).unwrap().value.unwrap();
        let epef = kpi::epef(Fraction(survival), MassG(weight), Days(age), fcr).unwrap().value.unwrap();
        let ebi = kpi::ebi(GramsPerDay(adg), Fraction(survival), fcr).unwrap().value.unwrap();
        prop_assert!((epef - ebi).abs() <= 1e-14 * epef);
    }

    #[test]
    fn a_quantile_of_bins_is_at_most_a_64th_above_the_exact_one(values in vec(0_u64..1 << 36, 1..200), p in 0.0_f64..=1.0) {
        let exact = kpi::percentile_nearest_rank(values.as_slice().into(), Fraction(p)).unwrap().value.unwrap();
        let mut few = Histogram::new();
        few.add_all(&values).unwrap();
        prop_assert_eq!(few.quantile(Fraction(p)).unwrap().value, Some(exact));
        // So often that bins take over, and no rank moves: k of n values become 100 · k of 100 · n.
        let copies = 10_001_usize.div_ceil(values.len());
        let mut many = Histogram::new();
        let all: Vec<u64> = values.iter().flat_map(|value| std::iter::repeat_n(*value, copies)).collect();
        many.add_all(&all).unwrap();
        let whole = kpi::percentile_nearest_rank(all.as_slice().into(), Fraction(p)).unwrap().value.unwrap();
        let binned = many.quantile(Fraction(p)).unwrap();
        prop_assert_eq!(binned.basis, Some(kpi::Basis::Histogram));
        let binned = binned.value.unwrap();
        prop_assert!(whole <= binned && binned <= whole + whole / 64.0, "{whole} {binned}");
        prop_assert_eq!(Histogram::from_bytes(&many.to_bytes()).unwrap(), many);
    }

    #[test]
    fn percentiles_do_not_go_by_the_order_of_values(mut values in vec(-1e9_f64..1e9, 1..100), p in 0.0_f64..=1.0) {
        let both = |values: &[f64]| {
            (kpi::percentile_linear(values.into(), Fraction(p)).unwrap(), kpi::percentile_nearest_rank(values.into(), Fraction(p)).unwrap())
        };
        let before = both(&values);
        values.reverse();
        prop_assert_eq!(both(&values), before.clone());
        let (linear, nearest) = (before.0.value.unwrap(), before.1.value.unwrap());
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(least <= linear && linear <= greatest && values.contains(&nearest));
    }

    #[test]
    fn norms_turn_around_and_stay_between_0_and_1(values in vec(prop_oneof![1 => Just(None), 5 => (-1e6_f64..1e6).prop_map(Some)], 0..50)) {
        let (up, down) = (kpi::norm_min_max(&values, false).unwrap(), kpi::norm_min_max(&values, true).unwrap());
        for (value, (up, down)) in values.iter().zip(up.value.iter().zip(&down.value)) {
            prop_assert_eq!(value.is_some(), up.is_some());
            if let Some((up, down)) = up.zip(*down) {
                prop_assert!((0.0..=1.0).contains(&up) && (0.0..=1.0).contains(&down) && (up + down - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_ranking_does_not_go_by_the_order_of_its_cohort(values in vec(prop_oneof![1 => Just(None), 4 => (0_u8..5).prop_map(|value| Some(f64::from(value)))], 0..12)) {
        let mut cohort: Vec<Member> = (0..)
            .zip(&values)
            .map(|(at, value)| Member { id: format!("{at}"), figures: [("x".to_owned(), *value)].into() })
            .collect();
        let weights = [("x".to_owned(), Weight { weight: 1.0, lower_is_better: false })].into();
        let ranks = kpi::rank(&cohort, &weights).unwrap();
        cohort.reverse();
        prop_assert_eq!(&kpi::rank(&cohort, &weights).unwrap(), &ranks);
        for ranked in &ranks {
            let better = ranks.iter().filter(|other| other.score > ranked.score && ranked.score.is_some()).count() as u64;
            prop_assert_eq!(ranked.rank, ranked.score.map(|_| better + 1));
        }
    }
}
