//! The value at a place of a sorted list, without sorting it.
//!
//! A few values say between which two the place must be; one pass keeps what lies there, so that the rest is never moved. What is
//! selected is the same whichever values are looked at; where they mislead, the standard library selects.

use std::borrow::Cow;

use fearless_simd::{Level, dispatch};

/// The value at a place of the sorted list, and the next one; none behind its end. No value may be NaN.
pub(super) fn two_from(values: &[f64], at: usize) -> Option<(f64, Option<f64>)> {
    let (mut list, mut at) = (Cow::Borrowed(values), at);
    while list.len() > FEW
        && let Some((kept, place)) = if list.len() > MANY { narrowed::<64>(&list, at) } else { narrowed::<16>(&list, at) }
    {
        (list, at) = (Cow::Owned(kept), place);
    }
    if at >= list.len() {
        return None;
    }
    let mut list = list.into_owned();
    let (_, value, above) = list.select_nth_unstable_by(at, f64::total_cmp);
    Some((*value, above.iter().copied().min_by(f64::total_cmp)))
}

/// Fewer values, in which the one at a place and the next are, and the place of the first among them. None where no few were found.
fn narrowed<const SAMPLE: usize>(values: &[f64], at: usize) -> Option<(Vec<f64>, usize)> {
    let mut sample = [0.0; SAMPLE];
    for (known, value) in sample.iter_mut().zip(values.iter().step_by(values.len() / SAMPLE)) {
        *known = *value;
    }
    sample.sort_unstable_by(f64::total_cmp);
    let place = at.checked_mul(SAMPLE)? / values.len();
    // More than the deviation that such a place has.
    let margin = 2 + (place * SAMPLE.saturating_sub(place) / SAMPLE).isqrt();
    let least = place.checked_sub(margin).and_then(|place| sample.get(place)).copied();
    let greatest = sample.get(place + margin).copied();
    let (kept, below) = between(values, least.unwrap_or(f64::NEG_INFINITY), greatest.unwrap_or(f64::INFINITY));
    let place = at.checked_sub(below)?;
    let is_next_kept = place + 1 < kept.len() || (greatest.is_none() && place < kept.len());
    (is_next_kept && kept.len() <= values.len() / 4 * 3).then_some((kept, place))
}

/// The values from the one to the other, and how many are below them.
fn between(values: &[f64], least: f64, greatest: f64) -> (Vec<f64>, usize) {
    let mut kept = Vec::with_capacity(values.len() / 4);
    let mut below = 0;
    let (rows, last) = values.as_chunks::<ROW>();
    for row in rows {
        let (under, mut inside) = dispatch!(Level::new(), _simd => masks(row, least, greatest));
        below += under.count_ones();
        while inside != 0 {
            kept.extend(usize::try_from(inside.trailing_zeros()).ok().and_then(|at| row.get(at)));
            inside &= inside - 1;
        }
    }
    kept.extend(last.iter().filter(|value| (least <= **value) & (**value <= greatest)));
    below += last.iter().map(|value| u32::from(*value < least)).sum::<u32>();
    (kept, below.try_into().unwrap_or(usize::MAX))
}

/// A bit for each value that is below, and one for each that lies from the one to the other.
#[inline(always)]
fn masks(row: &[f64; ROW], least: f64, greatest: f64) -> (u64, u64) {
    let (mut under, mut up_to) = (0, 0);
    for (at, value) in row.iter().enumerate() {
        under |= u64::from(*value < least) << at;
        up_to |= u64::from(*value <= greatest) << at;
    }
    (under, up_to & !under)
}

const ROW: usize = 64;
const MANY: usize = 4096;
/// So few are selected from at once.
const FEW: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_sorting(values: &[f64], at: usize) -> Option<(f64, Option<f64>)> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get(at).map(|value| (*value, sorted.get(at + 1).copied()))
    }

    /// Many and few, spread and equal, in order and against it, and with a rhythm that the values looked at share.
    fn lists() -> impl Strategy<Value = Vec<f64>> {
        let length = prop_oneof![4 => 0_usize..300, 1 => 4000_usize..10_000];
        (length, 0_u32..7, any::<u32>()).prop_map(|(length, kind, seed)| {
            let mixed = move |at: usize| f64::from((at as u32).wrapping_mul(2_654_435_761) ^ seed);
            (0..length)
                .map(|at| match kind {
                    0 => mixed(at),
                    1 => -mixed(at) / 7.0,
                    2 => (mixed(at) / 1e9).floor(),
                    3 => at as f64,
                    4 => -(at as f64),
                    5 => f64::from(u8::from(at % (length / 16).max(1) == 0)) + mixed(at) / 1e12,
                    _ => (mixed(at) / 1e8).exp(),
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn it_is_what_sorting_finds(values in lists(), share in 0.0_f64..1.0) {
            for at in [0, (share * values.len() as f64) as usize, values.len().saturating_sub(2), values.len().saturating_sub(1), values.len()] {
                prop_assert_eq!(two_from(&values, at), by_sorting(&values, at), "{} of {}", at, values.len());
            }
        }
    }

    #[test]
    fn few_are_kept_of_many() {
        let values: Vec<f64> = (0..1000_u32).map(|at| f64::from(at.wrapping_mul(2_654_435_761))).collect();
        for at in [0, 10, 500, 949, 999] {
            let (kept, place) = narrowed::<16>(&values, at).unwrap();
            assert!(kept.len() < 700, "{} for {at}", kept.len());
            assert_eq!(by_sorting(&kept, place), by_sorting(&values, at));
        }
        // Where nothing can be left out, nothing is copied.
        assert_eq!(narrowed::<16>(&[7.0; 1000], 500), None);
    }
}
