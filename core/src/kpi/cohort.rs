//! Batches beside each other: norms, a composite score and ranks.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use super::result::{Kpi, Reason, Unit, Warning};
use super::units::{Fraction, at_least_zero, finite};
use crate::error::{Error, KpiError, Result};

/// Values by name, in the order of code points.
pub type Named<T> = BTreeMap<String, T>;

/// The norms of a list of values, each 0 to 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Norms {
    /// The method.
    pub id: &'static str,
    /// A norm for each value; none for one that is missing.
    pub value: Vec<Option<f64>>,
    /// The unit, a fraction.
    pub unit: Unit,
    /// How many values there are.
    pub n: u64,
    /// How many were missing.
    pub missing: u64,
    /// What to know before the norms are used.
    pub warnings: Vec<Warning>,
}

/// `norm.min_max.v1`: (x − min) / (max − min), or (max − x) / (max − min) where lower is better: 1 for the best value, 0 for the worst,
/// 0.5 for all where they are equal. A missing value has no norm.
///
/// # Errors
/// `kpi_non_finite` for what is no number; `kpi_overflow` where min and max are further apart than a double can say.
///
/// ```
/// use gatewright::kpi;
///
/// let norms = kpi::norm_min_max(&[Some(1.5), None, Some(2.0), Some(1.75)], true)?;
/// assert_eq!(norms.value, [Some(1.0), None, Some(0.0), Some(0.5)]);
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn norm_min_max(values: &[Option<f64>], lower_is_better: bool) -> Result<Norms> {
    let known = || values.iter().flatten().copied();
    if !known().all(f64::is_finite) {
        return Err(KpiError::NonFinite { field: "values" }.into());
    }
    let (min, max) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| (min.min(x), max.max(x)));
    let range = max - min;
    if range == f64::INFINITY {
        return Err(KpiError::Overflow.into());
    }
    let norm = |x: f64| match range {
        0.0 => 0.5,
        _ if lower_is_better => (max - x) / range,
        _ => (x - min) / range,
    };
    let value = values.iter().map(|value| value.map(norm)).collect();
    let n = u64::try_from(known().count()).unwrap_or(u64::MAX);
    let missing = u64::try_from(values.len()).unwrap_or(u64::MAX) - n;
    let warnings = if missing > 0 { vec![Warning::InputMissing] } else { Vec::new() };
    Ok(Norms { id: "norm.min_max.v1", value, unit: Unit::Fraction, n, missing, warnings })
}

/// `score.composite.v1`: Σ w · norm / Σ w over the norms that are present, in points of 0 to 1. The result says what share of all weight
/// they have (`coverage`); below `min_coverage` it is undefined. Norms without a weight count for nothing.
///
/// # Errors
/// `kpi_bad_weights` for a weight below 0 and for weights that add up to 0; `kpi_out_of_range` for a norm or a least coverage outside
/// 0 to 1; `kpi_non_finite` for what is no number; `kpi_overflow` where no double holds the sum of the weights.
///
/// ```
/// use gatewright::kpi::{self, Fraction};
///
/// let norms = [("fcr".into(), Some(1.0)), ("adg".into(), Some(0.5)), ("health".into(), None)].into();
/// let weights = [("fcr".into(), 2.0), ("adg".into(), 1.0), ("health".into(), 1.0)].into();
/// let score = kpi::score_composite(&norms, &weights, Fraction(0.5))?;
/// assert_eq!((score.value, score.coverage), (Some(2.5 / 3.0), Some(0.75)));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn score_composite(norms: &Named<Option<f64>>, weights: &Named<f64>, min_coverage: Fraction) -> Result<Kpi> {
    const ID: &str = "score.composite.v1";
    let min_coverage = min_coverage.checked("min_coverage")?;
    let all = total(weights)?;
    for norm in norms.values().flatten() {
        Fraction(*norm).checked("norms")?;
    }
    let present = || weights.iter().filter_map(|(name, weight)| Some((*weight, (*norms.get(name)?)?)));
    let weight: f64 = present().fold(0.0, |sum, (weight, _)| sum + weight);
    let coverage = weight / all;
    let n = u64::try_from(present().count()).unwrap_or(u64::MAX);
    let missing = u64::try_from(weights.len()).unwrap_or(u64::MAX) - n;
    let kpi = if coverage < min_coverage || weight == 0.0 {
        Kpi::undefined(ID, Unit::Points, Reason::LowCoverage)
    } else {
        Kpi::finite(ID, Unit::Points, present().fold(0.0, |sum, (weight, norm)| sum + weight * norm) / weight)?
    };
    Ok(Kpi { coverage: Some(coverage), ..kpi.over(n, missing) })
}

/// A batch among others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Member {
    /// Which one; unique in its cohort.
    pub id: String,
    /// Its figures by name; none for one that is missing.
    pub figures: Named<Option<f64>>,
}

/// How much a figure counts, and which way it is better.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Weight {
    /// 0 or more.
    pub weight: f64,
    /// Whether a low figure is a good one, as of feed conversion.
    pub lower_is_better: bool,
}

/// The place of a batch.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// Which batch.
    pub id: String,
    /// 1 for the best; the same for equal scores, and the next one further down then (1, 2, 2, 4). None without a score.
    pub rank: Option<u64>,
    /// Its composite score, 0 to 1; none where too much is missing.
    pub score: Option<f64>,
    /// The weight of the figures that it has, of the weight of all.
    pub coverage: f64,
}

/// `rank.v1`: each figure is normed over the cohort ([`norm_min_max`]), each batch gets its composite score ([`score_composite`] with a
/// least coverage of 0.5), and batches are ordered by score, the best first; equal ones, and at the end those without a score, by id in
/// code points.
///
/// # Errors
/// `kpi_bad_row` where an id stands twice; else as [`norm_min_max`] and [`score_composite`].
///
/// ```
/// use gatewright::kpi::{self, Member, Weight};
///
/// let batch = |id: &str, fcr| Member { id: id.into(), figures: [("fcr".into(), Some(fcr))].into() };
/// let weights = [("fcr".into(), Weight { weight: 1.0, lower_is_better: true })].into();
/// let ranks = kpi::rank(&[batch("a", 1.7), batch("b", 1.5)], &weights)?;
/// assert_eq!((&*ranks[0].id, ranks[0].rank, ranks[1].score), ("b", Some(1), Some(0.0)));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn rank(cohort: &[Member], weights: &Named<Weight>) -> Result<Vec<Ranked>> {
    let mut ids = HashSet::new();
    if !cohort.iter().all(|member| ids.insert(member.id.as_str())) {
        return Err(KpiError::BadRow { field: "id", hint: "a batch stands twice in the cohort" }.into());
    }
    let plain: Named<f64> = weights.iter().map(|(name, weight)| (name.clone(), weight.weight)).collect();
    total(&plain)?;
    let mut norms: Vec<Named<Option<f64>>> = vec![Named::new(); cohort.len()];
    for (name, Weight { lower_is_better, .. }) in weights {
        let values: Vec<Option<f64>> = cohort.iter().map(|member| member.figures.get(name).copied().flatten()).collect();
        let figures = norm_min_max(&values, *lower_is_better)?.value;
        for (norms, norm) in norms.iter_mut().zip(figures) {
            norms.insert(name.clone(), norm);
        }
    }
    let score = |(member, norms): (&Member, &Named<Option<f64>>)| {
        let score = score_composite(norms, &plain, Fraction(0.5))?;
        Ok(Ranked { id: member.id.clone(), rank: None, score: score.value, coverage: score.coverage.unwrap_or(0.0) })
    };
    let mut ranked = cohort.iter().zip(&norms).map(score).collect::<Result<Vec<_>>>()?;
    ranked.sort_by(|a, b| by_score(a.score, b.score).then_with(|| a.id.cmp(&b.id)));
    let mut before: Option<(f64, u64)> = None;
    for (place, ranked) in (1..).zip(&mut ranked) {
        ranked.rank = ranked.score.map(|score| before.filter(|(equal, _)| *equal == score).map_or(place, |(_, rank)| rank));
        before = ranked.score.zip(ranked.rank);
    }
    Ok(ranked)
}

/// The best first, those without a score last.
fn by_score(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// The sum of weights, of which none is negative and one is more than 0.
fn total(weights: &Named<f64>) -> Result<f64> {
    let mut sum = 0.0;
    for weight in weights.values() {
        sum += at_least_zero(*weight, "weights").map_err(|error| match error {
            Error::Kpi(KpiError::Negative { .. }) => KpiError::BadWeights.into(),
            other => other,
        })?;
    }
    if sum == 0.0 {
        return Err(KpiError::BadWeights.into());
    }
    finite(sum, "weights").map_err(|_| KpiError::Overflow.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<T>(pairs: impl IntoIterator<Item = (&'static str, T)>) -> Named<T> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn norms_go_from_the_worst_to_the_best() {
        let norms = |values: &[f64], lower| norm_min_max(&values.iter().copied().map(Some).collect::<Vec<_>>(), lower).map(|norms| norms.value);
        assert_eq!(norms(&[3.0, 3.0], true), Ok(vec![Some(0.5), Some(0.5)]));
        assert_eq!(norms(&[0.0, 4.0, 1.0], false), Ok(vec![Some(0.0), Some(1.0), Some(0.25)]));
        assert_eq!((norms(&[], false), norms(&[f64::NAN], false).map_err(|error| error.code())), (Ok(vec![]), Err("kpi_non_finite")));
        assert_eq!(norms(&[-1e308, 1e308], false).unwrap_err().code(), "kpi_overflow");
    }

    #[test]
    fn weights_must_weigh_something() {
        let code = |weights| score_composite(&named([("a", Some(1.0))]), &named([("a", weights)]), Fraction(0.5)).unwrap_err().code();
        assert_eq!((code(0.0), code(-1.0), code(f64::INFINITY)), ("kpi_bad_weights", "kpi_bad_weights", "kpi_non_finite"));
        assert_eq!(score_composite(&Named::new(), &Named::new(), Fraction(0.5)).unwrap_err().code(), "kpi_bad_weights");
        let norms = named([("a", Some(1.5))]);
        assert_eq!(score_composite(&norms, &named([("a", 1.0)]), Fraction(0.5)).unwrap_err().code(), "kpi_out_of_range");
    }

    #[test]
    fn half_of_the_weight_is_enough_and_less_is_not() {
        let weights = named([("a", 1.0), ("b", 1.0), ("c", 0.5)]);
        let of = |norms| score_composite(&named(norms), &weights, Fraction(0.5)).unwrap();
        let low = of([("a", Some(1.0)), ("b", None)]);
        assert_eq!((low.value, low.reason, low.coverage, low.n, low.missing), (None, Some(Reason::LowCoverage), Some(0.4), 1, 2));
        assert_eq!(of([("a", Some(1.0)), ("c", Some(0.4))]).value, Some(1.2 / 1.5));
        let nothing = score_composite(&Named::new(), &weights, Fraction(0.0)).unwrap();
        assert_eq!((nothing.value, nothing.coverage), (None, Some(0.0)));
    }

    #[test]
    fn equal_scores_share_a_rank_and_ids_go_by_code_point() {
        let batch = |id: &str, value| Member { id: id.to_owned(), figures: named([("x", value)]) };
        let weights = named([("x", Weight { weight: 1.0, lower_is_better: false })]);
        // U+FF5E comes before U+1F414, while its UTF-16 units come behind.
        let cohort =
            [batch("\u{1F414}", Some(1.0)), batch("\u{FF5E}", Some(1.0)), batch("last", None), batch("best", Some(2.0)), batch("low", Some(0.0))];
        let ranks: Vec<_> = rank(&cohort, &weights).unwrap().into_iter().map(|ranked| (ranked.id, ranked.rank)).collect();
        let expected = [("best", Some(1)), ("\u{FF5E}", Some(2)), ("\u{1F414}", Some(2)), ("low", Some(4)), ("last", None)];
        assert_eq!(ranks, expected.map(|(id, rank)| (id.to_owned(), rank)));
        assert_eq!(rank(&[batch("a", None), batch("a", None)], &weights).unwrap_err().code(), "kpi_bad_row");
        assert_eq!(rank(&[], &weights), Ok(vec![]));
    }
}
