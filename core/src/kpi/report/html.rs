//! The report as one page that needs nothing else: to look at, to print, to keep.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::locale::Locale;
use super::plot::{Plot, escaped};
use super::reporter::{BatchReport, Figure, Report, lower_is_better};
use super::targets::Curve;
use crate::kpi::{Kpi, Warning, definition};

impl Report {
    /// The report as an HTML page: no script, no request to anybody.
    #[must_use]
    pub fn to_html(&self, title: &str, locale: &Locale) -> String {
        let mut out = String::new();
        let heading = escaped(title);
        let _ = write!(
            out,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        );
        let _ = write!(out, "<title>{heading}</title><style>{STYLE}</style></head><body><h1>{heading}</h1>");
        let _ = write!(
            out,
            "<p class=\"lead\">{}, {}{}.{}</p>",
            counted(self.batch_count, "batch", "batches"),
            counted(self.rows, "row", "rows"),
            self.targets_named(),
            self.pages_named()
        );
        self.contents(&mut out, locale);
        let ranks: HashMap<&str, u64> = self.ranking.iter().filter_map(|ranked| Some((ranked.id.as_str(), ranked.rank?))).collect();
        for (at, batch) in self.batches.iter().enumerate() {
            let before = self.batches.get(at.saturating_sub(BEFORE)..at).unwrap_or(&[]);
            self.page(&mut out, batch, before, ranks.get(batch.batch.as_str()).copied(), locale);
        }
        self.problem_list(&mut out);
        out.push_str("</body></html>\n");
        out
    }

    fn pages_named(&self) -> String {
        let pages = self.batches.len();
        if u64::try_from(pages).is_ok_and(|pages| pages == self.batch_count) { String::new() } else { format!(" Pages of the latest {pages}.") }
    }

    fn targets_named(&self) -> String {
        let parts: Vec<String> =
            [&self.targets.breed, &self.targets.edition, &self.targets.basis].into_iter().flatten().map(|part| escaped(part)).collect();
        if parts.is_empty() { String::new() } else { format!("; targets: {}", parts.join(", ")) }
    }

    fn contents(&self, out: &mut String, locale: &Locale) {
        if self.ranking.is_empty() {
            return;
        }
        out.push_str(
            "<section><h2>Batches by score</h2><div class=\"wide\"><table><thead><tr><th>Rank</th><th>Batch</th><th class=\"n\">Score</th><th class=\"n\">Coverage</th>",
        );
        let columns: Vec<String> = self.targets.ranking().into_keys().filter(|id| self.farm.contains_key(id)).collect();
        for id in &columns {
            let _ = write!(out, "<th class=\"n\">{}</th>", title_of(id));
        }
        out.push_str("</tr></thead><tbody>");
        let pages: HashMap<&str, &BatchReport> = self.batches.iter().map(|batch| (batch.batch.as_str(), batch)).collect();
        for ranked in &self.ranking {
            let rank = ranked.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
            let score = ranked.score.map_or_else(|| "–".to_owned(), |score| locale.number(score, 3));
            let name = escaped(&ranked.id);
            let has_page = pages.contains_key(ranked.id.as_str());
            let name = if has_page { format!("<a href=\"#{}\">{name}</a>", anchor(&ranked.id)) } else { name };
            let _ = write!(out, "<tr><td>{rank}</td><td>{name}</td><td class=\"n\">{score}</td>");
            let _ = write!(out, "<td class=\"n\">{}\u{a0}%</td>", locale.number(ranked.coverage * 100.0, 0));
            let batch = pages.get(ranked.id.as_str());
            for id in &columns {
                let value = batch.and_then(|batch| batch.figure(id)).map_or_else(|| "–".to_owned(), |figure| shown(&figure.kpi, locale));
                let _ = write!(out, "<td class=\"n\">{value}</td>");
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div><p class=\"note\">Each figure is normed over these batches, 1 for the best and 0 for the worst; the score is their weighted mean. Coverage is the weight of the figures that a batch has. On the pages, the farm\u{2019}s ratios are those of the sums of all batches, its other figures the plain mean of the batches; a quarter of the batches is as good as the best quarter or better.</p></section>");
    }

    fn page(&self, out: &mut String, batch: &BatchReport, before: &[BatchReport], rank: Option<u64>, locale: &Locale) {
        let _ = write!(out, "<section class=\"batch\" id=\"{}\"><h2>{}</h2><p class=\"lead\">", anchor(&batch.batch), escaped(&batch.batch));
        let mut facts = Vec::new();
        facts.extend(batch.species.as_deref().map(escaped));
        facts.extend(batch.age.map(|age| format!("{age} days")));
        facts.extend(rank.map(|rank| format!("rank {rank} of {}", self.ranking.len())));
        let _ = write!(out, "{}</p>", facts.join(" · "));
        told(out, "Look at this", &batch.implausible);
        told(out, "What is not here, and why", &batch.incomplete);
        self.figure_table(out, batch, before, locale);
        self.plots(out, batch, locale);
        definitions(out, batch, locale);
        out.push_str("</section>");
    }

    fn figure_table(&self, out: &mut String, batch: &BatchReport, before: &[BatchReport], locale: &Locale) {
        let has_targets = batch.figures.iter().any(|figure| figure.target.is_some());
        out.push_str("<div class=\"wide\"><table><thead><tr><th>Figure</th><th class=\"n\">Value</th>");
        if has_targets {
            out.push_str("<th class=\"n\">Target</th><th class=\"n\">Deviation</th>");
        }
        for earlier in before {
            let _ = write!(out, "<th class=\"n\">{}</th>", escaped(&earlier.batch));
        }
        out.push_str("<th class=\"n\">Farm</th><th class=\"n\">Best quarter</th></tr></thead><tbody>");
        if let Some((day, weights)) = &batch.weights
            && let Some(mean) = weights.mean
        {
            let interval = weights.ci95_low.zip(weights.ci95_high);
            let interval = interval.map_or_else(String::new, |(low, high)| format!(" ({}–{})", locale.number(low, 0), locale.number(high, 0)));
            let columns = if has_targets { 2 } else { 0 } + before.len() + 2;
            let _ = write!(
                out,
                "<tr><td>Mean weight, day {day} (n = {}, 95\u{a0}% interval){}</td><td class=\"n\">{}\u{a0}g{interval}</td>",
                weights.n,
                named(&weights.warnings),
                locale.number(mean, 0)
            );
            out.push_str(&"<td></td>".repeat(columns));
            out.push_str("</tr>");
        }
        for figure in &batch.figures {
            let _ = write!(out, "<tr><td>{}{}</td><td class=\"n\">{}</td>", title_of(figure.kpi.id), marks(&figure.kpi), shown(&figure.kpi, locale));
            if has_targets {
                let _ = write!(out, "{}", against_target(figure, locale));
            }
            for earlier in before {
                let value = earlier.figure(figure.kpi.id).map_or_else(|| "–".to_owned(), |figure| shown(&figure.kpi, locale));
                let _ = write!(out, "<td class=\"n\">{value}</td>");
            }
            let farm = self.farm.get(figure.kpi.id);
            let mean = farm.map_or_else(|| "–".to_owned(), |farm| locale.figure(farm.mean, figure.kpi.unit));
            let quarter = farm.and_then(|farm| farm.best_quarter).map_or_else(|| "–".to_owned(), |value| locale.figure(value, figure.kpi.unit));
            let _ = write!(out, "<td class=\"n\">{mean}</td><td class=\"n\">{quarter}</td></tr>");
        }
        out.push_str("</tbody></table></div>");
    }

    fn plots(&self, out: &mut String, batch: &BatchReport, locale: &Locale) {
        let growth: Vec<(f64, f64)> = batch.growth.iter().map(|weighing| (real(weighing.day), weighing.mean_g)).collect();
        let uniformity: Vec<(f64, f64)> = batch.growth.iter().filter_map(|weighing| Some((real(weighing.day), weighing.uniformity?))).collect();
        let mortality: Vec<(f64, f64)> = batch.mortality.iter().map(|(day, share)| (real(*day), share * 100.0)).collect();
        let last = batch.age.map_or(0.0, real);
        let percent = |points: Vec<(f64, f64)>| points.into_iter().map(|(day, share)| (day, share * 100.0)).collect::<Vec<_>>();
        let wanted_growth = curve(&self.targets.growth, last);
        let wanted_mortality = percent(curve(&self.targets.mortality, last));
        let wanted_uniformity = curve(&self.targets.uniformity, last);
        let line = Plot { title: "", x: "day", y: "", points: &[], wanted: &[], bars: None, places: 0, from_zero: true, at_least: None, marks: &[] };
        let plots = [
            Plot { title: "Growth", y: "mean weight, g", points: &growth, wanted: &wanted_growth, ..line },
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

    fn problem_list(&self, out: &mut String) {
        if self.problem_count == 0 {
            return;
        }
        let _ = write!(
            out,
            "<section class=\"problems\"><h2>What could not be read ({})</h2><div class=\"wide\"><table><thead><tr><th class=\"n\">Line</th><th>Column</th><th>Text</th><th>Reason</th><th>Effect</th></tr></thead><tbody>",
            self.problem_count
        );
        for problem in self.problems.iter().take(SHOWN_PROBLEMS) {
            let column = problem.column.as_deref().unwrap_or("");
            let _ = write!(out, "<tr><td class=\"n\">{}</td><td>{}</td>", problem.line, escaped(column));
            let _ = write!(
                out,
                "<td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escaped(&problem.text),
                escaped(&problem.reason),
                escaped(&problem.effect)
            );
        }
        out.push_str("</tbody></table></div>");
        if let Some(more) = self.problem_count.checked_sub(SHOWN_PROBLEMS as u64).filter(|more| *more > 0) {
            let _ = write!(out, "<p class=\"note\">and {more} more.</p>");
        }
        out.push_str("</section>");
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn told(out: &mut String, heading: &str, list: &[String]) {
    if list.is_empty() {
        return;
    }
    let _ = write!(out, "<div class=\"warn\"><strong>{heading}</strong><ul>");
    for told in list {
        let _ = write!(out, "<li>{}</li>", escaped(told));
    }
    out.push_str("</ul></div>");
}

fn against_target(figure: &Figure, locale: &Locale) -> String {
    let Some(target) = &figure.target else { return "<td></td><td></td>".to_owned() };
    let deviation = figure.deviation.as_ref().and_then(|deviation| deviation.value);
    let deviation = deviation.map_or_else(
        || "–".to_owned(),
        |deviation| format!("{}{}\u{a0}%", if deviation > 0.0 { "+" } else { "" }, locale.number(deviation * 100.0, 1)),
    );
    let is_better = figure.deviation.as_ref().and_then(|deviation| deviation.value).zip(lower_is_better(figure.kpi.id));
    let class = match is_better {
        Some((by, lower)) if by != 0.0 => {
            if (by < 0.0) == lower {
                " good"
            } else {
                " poor"
            }
        }
        _ => "",
    };
    format!("<td class=\"n\">{}</td><td class=\"n{class}\">{deviation}</td>", locale.figure(target.value, figure.kpi.unit))
}

fn definitions(out: &mut String, batch: &BatchReport, locale: &Locale) {
    out.push_str("<details open><summary>What the numbers mean</summary><dl>");
    for figure in &batch.figures {
        if let Some(definition) = definition(figure.kpi.id) {
            let basis =
                figure.kpi.num.zip(figure.kpi.den).map_or_else(String::new, |(num, den)| format!(" = {} / {}", locale.whole(num), locale.whole(den)));
            let _ = write!(
                out,
                "<div><dt>{} <code>{}</code></dt><dd>{}{basis}</dd></div>",
                escaped(definition.title),
                definition.id,
                escaped(definition.formula)
            );
        }
    }
    out.push_str("</dl></details>");
}

fn shown(kpi: &Kpi, locale: &Locale) -> String {
    match (kpi.value, kpi.reason) {
        (Some(value), _) => locale.figure(value, kpi.unit),
        (None, Some(reason)) => format!("<span class=\"none\">{}</span>", reason.as_str().replace('_', " ")),
        (None, None) => "–".to_owned(),
    }
}

/// The warnings of a figure, in words.
fn marks(kpi: &Kpi) -> String {
    let missing = if kpi.missing > 0 { format!(" <span class=\"mark-warn\">{} missing</span>", kpi.missing) } else { String::new() };
    named(&kpi.warnings) + &missing
}

fn named(warnings: &[Warning]) -> String {
    let mut out = String::new();
    for warning in warnings {
        let words = match warning {
            // Its number is told beside it.
            Warning::InputMissing => continue,
            Warning::SmallSample => "few animals weighed",
            Warning::NegativeGain => "weight was lost",
            Warning::BasisGain => "conversion on gain",
            Warning::AboveOne => "above 100 %: collected late?",
            Warning::InventoryDelta => "counts do not meet",
            other => &other.as_str().replace('_', " "),
        };
        let _ = write!(out, " <span class=\"mark-warn\">{words}</span>");
    }
    out
}

fn title_of(id: &str) -> String {
    definition(id).map_or_else(|| escaped(id), |definition| escaped(definition.title))
}

/// What names a batch in links: its bytes, where they could be anything else.
fn anchor(id: &str) -> String {
    id.bytes().fold("batch-".to_owned(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "-{byte:02x}");
        }
        out
    })
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

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "a day")]
fn real(day: u64) -> f64 {
    day as f64
}

/// How many earlier batches stand beside one.
const BEFORE: usize = 3;
const SHOWN_PROBLEMS: usize = 500;

const STYLE: &str = "\
:root{color-scheme:light}*{box-sizing:border-box}body{font:15px/1.45 system-ui,sans-serif;color:#1c2421;background:#fff;max-width:64rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.3rem;margin:2.4rem 0 .2rem;border-top:3px solid #2f6f4f;padding-top:.7rem;overflow-wrap:anywhere}\
.lead{color:#4a5752;margin:.1rem 0 .8rem}.note{color:#4a5752;font-size:.87rem}.wide{overflow-x:auto}a{color:#1f5f8b}\
table{border-collapse:collapse;width:100%;font-size:.92rem;margin:.5rem 0}th,td{text-align:left;padding:.22rem .6rem .22rem 0;border-bottom:1px solid #dfe5e2;vertical-align:baseline}\
tbody tr:nth-child(even){background:#f6f9f7}th{color:#4a5752;font-weight:600;border-bottom:2px solid #b9c5bf;vertical-align:bottom}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
td:nth-child(2).n{font-weight:600}.good{color:#1b6b3a}.poor{color:#a33a00}.none,.mark-warn{color:#8a4b00;font-size:.85rem;font-weight:400}.mark-warn{background:#fff3e0;border-radius:3px;padding:0 .3rem;white-space:nowrap}\
.warn{background:#fff8ec;border-left:4px solid #c77700;margin:.6rem 0;padding:.5rem .8rem}.warn ul{margin:.2rem 0;padding-left:1.2rem}\
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:.3rem 1.5rem}figure{margin:.6rem 0;break-inside:avoid}svg{width:100%;height:auto;display:block}\
figcaption{font-weight:600;font-size:.95rem}figcaption span{font-weight:400;color:#4a5752;margin-left:.7rem;font-size:.85rem}.key{display:inline-block;width:1.4rem;border-top:2px solid #2f6f4f;vertical-align:middle;margin-right:.3rem}.key.dashed{border-top:2px dashed #c77700}\
.grid{stroke:#dfe5e2;stroke-width:1}.tick{font-size:12px;fill:#4a5752}.axis{font-size:12px;fill:#1c2421}\
.line{fill:none;stroke:#2f6f4f;stroke-width:2.2}.dot{fill:#2f6f4f}.wanted{fill:none;stroke:#c77700;stroke-width:1.8;stroke-dasharray:6 4}.bar{fill:#7fae95}.mark{stroke:#c77700;stroke-width:1.4;stroke-dasharray:4 3}\
details{font-size:.84rem;margin:.8rem 0}summary{cursor:pointer;color:#2f6f4f;font-weight:600}dl{margin:.3rem 0;columns:2 22rem;column-gap:2rem}dl div{break-inside:avoid;margin-bottom:.25rem}dt{font-weight:600}dd{margin:0;color:#38443f}code{font-size:.85em;color:#5a6762;font-weight:400}td code{overflow-wrap:anywhere}\
@page{size:A4;margin:11mm}@media print{html{font-size:9.5px}body{margin:0;padding:0;max-width:none;font-size:9.5px;line-height:1.28}h1{font-size:16px}h2{font-size:13px;margin-top:0;padding-top:.3rem}.batch,.problems{break-before:page}.wide{overflow:visible}a{color:inherit;text-decoration:none}\
table{font-size:9.2px;margin:.2rem 0}th,td{padding:.06rem .5rem .06rem 0}.plots{grid-template-columns:1fr 1fr;gap:0 1rem}figure{margin:.15rem 0}svg{max-height:36mm}figcaption{font-size:9px}details{font-size:7.3px;line-height:1.2;margin:.2rem 0}dl{columns:3;column-gap:1rem;margin:0}dl div{margin-bottom:0}dt,dd{display:inline}dt::after{content:' '}summary{list-style:none}.lead{margin:0 0 .2rem}.warn{margin:.2rem 0;padding:.15rem .5rem}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";
