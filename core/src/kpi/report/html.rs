//! The report as one page that needs nothing else: to look at, to print, to keep.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::locale::Locale;
use super::plot::escaped;
use super::reporter::{BatchReport, Figure, Report, lower_is_better};
use crate::kpi::{Kpi, Warning, definition};

impl Report {
    /// The report as an HTML page: no script, no request to anybody.
    #[must_use]
    pub fn to_html(&self, title: &str, locale: &Locale) -> String {
        let locale = &self.written(*locale);
        let mut out = String::new();
        let heading = escaped(title);
        let _ = write!(
            out,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        );
        let _ = write!(out, "<title>{heading}</title><style>{STYLE}</style></head><body><h1>{heading}</h1>");
        let _ = write!(out, "<p class=\"lead\">{}{}.{}</p>", self.size(), self.targets_named(), self.pages_named());
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

    /// How much it rests on.
    pub(crate) fn size(&self) -> String {
        format!("{}, {}", counted(self.rows, "row", "rows"), counted(self.batch_count, "batch", "batches"))
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
        if self.ranked() == 0 {
            out.push_str("<p class=\"note\">No batch has enough of the figures that batches are ranked by. Name those of this farm under [weights] of the targets.</p>");
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
            let name = isolated(&ranked.id);
            let has_page = pages.contains_key(ranked.id.as_str());
            let name = if has_page { format!("<a href=\"#{}\">{name}</a>", anchor(&ranked.id)) } else { name };
            let _ = write!(out, "<tr><td>{rank}</td><td class=\"name\">{name}</td><td class=\"n\">{score}</td>");
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
        let _ = write!(out, "<section class=\"batch\" id=\"{}\"><h2>{}</h2><p class=\"lead\">", anchor(&batch.batch), isolated(&batch.batch));
        let mut facts = Vec::new();
        facts.extend(batch.species.as_deref().map(isolated));
        facts.extend(batch.age.map(|age| {
            let weeks = if age > LONG_LIFE { format!(" ({} weeks)", age / 7) } else { String::new() };
            format!("{}{weeks}", counted(age, "day", "days"))
        }));
        facts.extend(rank.map(|rank| format!("rank {rank} of {}", self.ranked())));
        let _ = write!(out, "{}</p>", facts.join(" · "));
        told(out, "Look at this", &batch.implausible);
        told(out, "What is not here, and why", &batch.incomplete);
        if !batch.figures.is_empty() || batch.weights.is_some() {
            self.figure_table(out, batch, before, locale);
        }
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
            let _ = write!(out, "<th class=\"n name\">{}</th>", isolated(&earlier.batch));
        }
        out.push_str("<th class=\"n\">Farm</th><th class=\"n\">Best quarter</th></tr></thead><tbody>");
        if let Some((day, weights)) = &batch.weights
            && let Some(mean) = weights.mean
        {
            let interval = weights.ci95_low.zip(weights.ci95_high);
            let interval = interval.map_or_else(String::new, |(low, high)| {
                format!(" <span class=\"interval\">({}–{})</span>", locale.number(low, 0), locale.number(high, 0))
            });
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
        if has_targets {
            out.push_str("<p class=\"note\">Deviation: (value − target) / target.</p>");
        }
    }

    /// How many batches have a rank.
    fn ranked(&self) -> usize {
        self.ranking.iter().filter(|ranked| ranked.rank.is_some()).count()
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

/// A number with its noun.
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
    // A word beside the colour, for those who see none and for paper.
    let (class, word) = match is_better {
        Some((by, lower)) if by != 0.0 && (by < 0.0) == lower => (" good", " <small>better</small>"),
        Some((by, _)) if by != 0.0 => (" poor", " <small>worse</small>"),
        _ => ("", ""),
    };
    format!("<td class=\"n\">{}</td><td class=\"n{class}\">{deviation}{word}</td>", locale.figure(target.value, figure.kpi.unit))
}

fn definitions(out: &mut String, batch: &BatchReport, locale: &Locale) {
    if batch.figures.is_empty() {
        return;
    }
    // Numerator and denominator are doubled where there is half a head-day: here they are what the keeper knows.
    let half_days = batch.figure("head_days.daily_mean.v1").and_then(|figure| figure.kpi.value).is_some_and(|days| days.fract() != 0.0);
    out.push_str("<details open><summary>What the numbers mean</summary><dl>");
    for figure in &batch.figures {
        if let Some(definition) = definition(figure.kpi.id) {
            let basis = figure.kpi.num.zip(figure.kpi.den).map_or_else(String::new, |(num, den)| {
                if half_days && OVER_HEAD_DAYS.contains(&figure.kpi.id) {
                    format!(" = {} / {}", halved(num, locale), halved(den, locale))
                } else {
                    format!(" = {} / {}", locale.whole(num), locale.whole(den))
                }
            });
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
        (None, Some(reason)) => format!("<span class=\"none\">{}</span>", reason.words()),
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

/// A name of the table's, whose direction of writing is its own.
fn isolated(name: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(name))
}

/// Half of a whole number.
fn halved(number: i128, locale: &Locale) -> String {
    if number % 2 == 0 { locale.whole(number / 2) } else { format!("{}{}", locale.whole(number / 2), locale.half()) }
}

/// Figures by head-days, which count halves.
const OVER_HEAD_DAYS: &[&str] = &["adfi.v1", "adg.group.v1", "egg_mass_per_hen_day.v1", "hen_day.v1", "mortality.per_1000_head_weeks.v1"];
/// From which age in days on a keeper counts in weeks.
pub(super) const LONG_LIFE: u64 = 140;
/// How many earlier batches stand beside one.
const BEFORE: usize = 3;
const SHOWN_PROBLEMS: usize = 500;
const STYLE: &str = include_str!("page.css");
