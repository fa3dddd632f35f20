//! The plots of a batch's page: growth, laying, mortality, uniformity, and the weights of the last weighing.

use super::html::LONG_LIFE;
use super::locale::Locale;
use super::plot::Plot;
use super::reporter::{BatchReport, Report};
use super::targets::Curve;
use super::weighing::real;

impl Report {
    /// Those for which there is something to show.
    pub(super) fn plots(&self, out: &mut String, batch: &BatchReport, locale: &Locale) {
        let is_long = batch.age.is_some_and(|age| age > LONG_LIFE);
        let (span, x) = if is_long { (7.0, "age, weeks") } else { (1.0, "age, days") };
        let at = |day: u64| real(day) / span;
        let growth: Vec<(f64, f64)> = batch.growth.iter().map(|weighing| (at(weighing.day), weighing.mean_g)).collect();
        let uniformity: Vec<(f64, f64)> = batch.growth.iter().filter_map(|weighing| Some((at(weighing.day), weighing.uniformity?))).collect();
        let shares = |list: &[(u64, f64)]| list.iter().map(|(day, share)| (at(*day), share * 100.0)).collect::<Vec<_>>();
        let (mortality, laying) = (shares(&batch.mortality), shares(&batch.laying));
        let last = batch.age.map_or(0.0, real);
        let wanted = |target: &Curve, times: f64| curve(target, last).into_iter().map(|(day, value)| (day / span, value * times)).collect::<Vec<_>>();
        let targets = &self.targets;
        let (wanted_growth, wanted_uniformity) = (wanted(&targets.growth, 1.0), wanted(&targets.uniformity, 1.0));
        let (wanted_mortality, wanted_laying) = (wanted(&targets.mortality, 100.0), wanted(&targets.laying, 100.0));
        let line = Plot { title: "", x, y: "", points: &[], wanted: &[], bars: None, places: 0, from_zero: true, at_least: None, marks: &[] };
        let plots = [
            Plot { title: "Growth", y: "mean weight, g", points: &growth, wanted: &wanted_growth, ..line },
            Plot {
                title: "Laying rate",
                y: "eggs by hens present, %",
                points: &laying,
                wanted: &wanted_laying,
                at_least: Some((0.0, 100.0)),
                ..line
            },
            Plot { title: "Mortality", y: "% of those placed, cumulative", points: &mortality, wanted: &wanted_mortality, places: 1, ..line },
            Plot {
                title: "Uniformity",
                y: "score (100 − CV)",
                points: &uniformity,
                wanted: &wanted_uniformity,
                from_zero: false,
                at_least: Some((80.0, 100.0)),
                ..line
            },
        ];
        out.push_str("<div class=\"plots\">");
        plots.iter().for_each(|plot| out.push_str(&plot.svg(locale)));
        let (bins, width) = binned(&batch.distribution);
        let mean = batch.weights.as_ref().and_then(|(_, weights)| weights.mean);
        let marks: Vec<(f64, &str)> = mean.into_iter().flat_map(|mean| [(mean * 0.9, "−10 %"), (mean, "mean"), (mean * 1.1, "+10 %")]).collect();
        let weights = Plot { title: "Weights of the last weighing", x: "g", y: "animals", points: &bins, bars: Some(width), marks: &marks, ..line };
        if bins.len() > 2 {
            out.push_str(&weights.svg(locale));
        }
        out.push_str("</div>");
    }
}

/// A target curve as far as a batch has come.
fn curve(curve: &Curve, last: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = curve.days.iter().copied().zip(curve.values.iter().copied()).filter(|(day, _)| *day <= last).collect();
    if let Some(end) = curve.at(last)
        && points.last().is_none_or(|(day, _)| *day < last)
    {
        points.push((last, end));
    }
    points
}

/// Weights in about twenty bins of a round width.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a count of animals")]
fn binned(distribution: &[(f64, u64)]) -> (Vec<(f64, f64)>, f64) {
    let (Some((least, _)), Some((greatest, _))) = (distribution.first(), distribution.last()) else { return (Vec::new(), 1.0) };
    let rough = ((greatest - least) / 20.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let width = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough).unwrap_or(rough);
    let mut bins: Vec<(f64, f64)> = Vec::new();
    for (weight, count) in distribution {
        let middle = (weight / width).floor() * width + width / 2.0;
        match bins.last_mut() {
            Some((at, sum)) if *at == middle => *sum += *count as f64,
            _ => bins.push((middle, *count as f64)),
        }
    }
    (bins, width)
}
