//! Plots as SVG: lines with points, a dashed line for what was wanted, and bars.

use std::fmt::Write as _;

use super::locale::Locale;

/// What a plot shows.
pub(super) struct Plot<'p> {
    pub(super) title: &'p str,
    pub(super) x: &'p str,
    pub(super) y: &'p str,
    pub(super) points: &'p [(f64, f64)],
    pub(super) wanted: &'p [(f64, f64)],
    /// Bars from 0 instead of a line, so wide.
    pub(super) bars: Option<f64>,
    /// How many places numbers of the y axis have.
    pub(super) places: usize,
    /// Whether 0 is on the y axis.
    pub(super) from_zero: bool,
    /// What the y axis shows at least, so that small differences stay small.
    pub(super) at_least: Option<(f64, f64)>,
    /// Marks on the x axis, as the mean, with their names.
    pub(super) marks: &'p [(f64, &'p str)],
}

impl Plot<'_> {
    /// The plot; nothing where there is nothing to show.
    pub(super) fn svg(&self, locale: &Locale) -> String {
        let all = || self.points.iter().chain(self.wanted);
        let half_bar = self.bars.unwrap_or(0.0) / 2.0;
        let (x_min, x_max) = ends(all().map(|(x, _)| *x));
        let (x_min, x_max) = spread(x_min - half_bar, x_max + half_bar);
        let wanted_range = self.at_least.into_iter().flat_map(|(least, most)| [least, most]);
        let (y_min, y_max) = ends(all().map(|(_, y)| *y).chain(wanted_range));
        let zero = self.from_zero || self.bars.is_some();
        let (y_min, y_max) = if zero { spread(0.0, y_max.max(0.0)) } else { spread(y_min, y_max) };
        let (y_ticks, x_ticks) = (ticks(y_min, y_max), ticks(x_min, x_max));
        let y_min = if zero { 0.0 } else { y_ticks.first().copied().unwrap_or(y_min).min(y_min) };
        let y_max = y_ticks.last().copied().unwrap_or(y_max).max(y_max + (y_max - y_min) * 0.04);
        if self.points.is_empty() || !(x_max - x_min).is_finite() || !(y_max - y_min).is_finite() {
            return String::new();
        }
        let at =
            |x: f64, y: f64| (LEFT + (x - x_min) / (x_max - x_min) * (WIDTH - LEFT - RIGHT), BOTTOM - (y - y_min) / (y_max - y_min) * (BOTTOM - TOP));
        let mut out = String::new();
        let title = escaped(self.title);
        let legend = if self.bars.is_some() {
            ""
        } else if self.wanted.is_empty() {
            "<span><i class=\"key\"></i>this batch</span>"
        } else {
            "<span><i class=\"key\"></i>this batch</span><span><i class=\"key dashed\"></i>target</span>"
        };
        let _ = write!(
            out,
            "<figure><figcaption>{title}{legend}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
        );
        for y in y_ticks {
            let (_, at_y) = at(x_min, y);
            let label = locale.number(y, self.places.max(places(y)));
            let _ = write!(out, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at_y:.1}\" y2=\"{at_y:.1}\"/>", WIDTH - RIGHT);
            let _ = write!(out, "<text class=\"tick\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>", LEFT - 6.0, at_y + 4.0);
        }
        for x in x_ticks {
            let (at_x, _) = at(x, y_min);
            let _ = write!(out, "<line class=\"grid\" x1=\"{at_x:.1}\" x2=\"{at_x:.1}\" y1=\"{BOTTOM}\" y2=\"{:.1}\"/>", BOTTOM + 4.0);
            let _ = write!(
                out,
                "<text class=\"tick\" text-anchor=\"middle\" x=\"{at_x:.1}\" y=\"{:.1}\">{}</text>",
                BOTTOM + 17.0,
                locale.number(x, places(x))
            );
        }
        let _ = write!(
            out,
            "<text class=\"axis\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            f64::midpoint(LEFT, WIDTH - RIGHT),
            HEIGHT - 4.0,
            escaped(self.x)
        );
        let _ = write!(out, "<text class=\"axis\" x=\"4\" y=\"14\">{}</text>", escaped(self.y));
        self.draw(&mut out, &at, y_min);
        for (x, name) in self.marks {
            let (at_x, _) = at(*x, y_min);
            let _ = write!(out, "<line class=\"mark\" x1=\"{at_x:.1}\" x2=\"{at_x:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>");
            let _ = write!(out, "<text class=\"tick\" text-anchor=\"middle\" x=\"{at_x:.1}\" y=\"{:.1}\">{}</text>", TOP - 4.0, escaped(name));
        }
        out.push_str("</svg></figure>");
        out
    }

    fn draw(&self, out: &mut String, at: &dyn Fn(f64, f64) -> (f64, f64), y_min: f64) {
        if let Some(width) = self.bars {
            for (x, y) in self.points {
                let ((left, top), (right, bottom)) = (at(x - width / 2.0, *y), at(x + width / 2.0, y_min));
                let _ = write!(
                    out,
                    "<rect class=\"bar\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                    (right - left - 1.0).max(0.5),
                    bottom - top
                );
            }
            return;
        }
        let line = |points: &[(f64, f64)]| {
            let mut line = String::new();
            for (x, y) in points {
                let (x, y) = at(*x, *y);
                let _ = write!(line, "{x:.1},{y:.1} ");
            }
            line
        };
        if !self.wanted.is_empty() {
            let _ = write!(out, "<polyline class=\"wanted\" points=\"{}\"/>", line(self.wanted).trim_end());
        }
        let _ = write!(out, "<polyline class=\"line\" points=\"{}\"/>", line(self.points).trim_end());
        if self.points.len() <= 60 {
            for (x, y) in self.points {
                let (x, y) = at(*x, *y);
                let _ = write!(out, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
            }
        }
    }
}

/// Text of a page, without what would be markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Signs that turn the text round, or are none, would show something else than what stands there.
            c if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| (min.min(value), max.max(value)))
}

/// A range that is wider than nothing.
fn spread(min: f64, max: f64) -> (f64, f64) {
    if max > min { (min, max) } else { (min - 0.5, min + 0.5) }
}

/// Four to nine round numbers over a range.
#[allow(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a few steps")]
fn ticks(min: f64, max: f64) -> Vec<f64> {
    let rough = (max - min) / 5.0;
    let power = 10_f64.powi(rough.log10().floor() as i32);
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (min / step).ceil();
    (0..12).map(|at| (first + f64::from(at)) * step).take_while(|tick| *tick <= max + step * 1e-9).map(|tick| tick + 0.0).collect()
}

fn places(x: f64) -> usize {
    if x.fract().abs() < 1e-9 { 0 } else { 1 }
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 236.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 42.0), [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(ticks(0.0, 2300.0), [0.0, 500.0, 1000.0, 1500.0, 2000.0]);
        assert!(ticks(0.0, 0.041).len() >= 4);
    }

    #[test]
    fn names_cannot_become_markup_and_nothing_is_no_plot() {
        let plot = Plot {
            title: "<b>\"&'",
            x: "d",
            y: "g",
            points: &[(1.0, 2.0)],
            wanted: &[],
            bars: None,
            places: 0,
            from_zero: true,
            at_least: None,
            marks: &[],
        };
        let svg = plot.svg(&Locale::default());
        assert!(svg.contains("&lt;b&gt;&quot;&amp;&#39;") && !svg.contains("<b>") && !svg.contains("NaN"));
        assert_eq!(Plot { points: &[], ..plot }.svg(&Locale::default()), "");
    }
}
