//! Figures from JSON to JSON, for languages that read a text faster than an object crosses to them, and for documents.

use std::borrow::Cow;

use super::argument::{Argument, Arguments};
use super::cohort::{Norms, Ranked};
use super::evaluate::{Evaluated, evaluate};
use super::result::{Kpi, Warning};
use super::sample::Sample;
use super::summary::Summary;
use crate::error::{Error, Result};
use crate::json::{Node, Number, Value, read, write_number, write_text};

/// A figure by its id, of a JSON object of arguments; its result as a JSON object.
///
/// Whole numbers past 2^53 are texts of decimal digits, both ways; `{"f64": "NaN"}` is a NaN, so that it can be refused.
///
/// # Errors
/// As [`evaluate`]; `invalid_argument` for what is no JSON object.
///
/// ```
/// use gatewright::kpi;
///
/// let fcr = kpi::evaluate_json("fcr.live_weight.v1", r#"{"feed_g": 180, "live_weight_out_g": 202}"#)?;
/// assert!(fcr.starts_with(r#"{"id":"fcr.live_weight.v1","value":0.8910891089108911,"status":"ok""#));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn evaluate_json(method: &str, arguments: &str) -> Result<String> {
    evaluated(method, arguments, None)
}

/// The same, where one of the arguments is a list of numbers in one piece, which is read where it lies.
///
/// # Errors
/// As [`evaluate_json`].
///
/// ```
/// use gatewright::kpi;
///
/// let cv = kpi::evaluate_sample_json("cv.v1", "weights", (&[2300.0, 2500.0, 2700.0]).into(), "{}")?;
/// assert!(cv.starts_with(r#"{"id":"cv.v1","value":8,"#));
/// # Ok::<(), gatewright::Error>(())
/// ```
pub fn evaluate_sample_json(method: &str, field: &str, sample: Sample<'_>, arguments: &str) -> Result<String> {
    evaluated(method, arguments, Some((field, sample)))
}

fn evaluated(method: &str, arguments: &str, sample: Option<(&str, Sample<'_>)>) -> Result<String> {
    let no_object = Error::invalid_argument("arguments", "give a JSON object of at most 16 levels");
    let node = read(arguments.as_bytes(), 16).map_err(|_| no_object.clone())?;
    let Argument::Map(mut members) = argument(&node) else { return Err(no_object) };
    members.extend(sample.map(|(field, sample)| (Cow::Borrowed(field), Argument::Sample(sample))));
    let mut out = String::with_capacity(256);
    match evaluate(method, Arguments::new(members))? {
        Evaluated::Kpi(kpi) => write_kpi(&mut out, &kpi),
        Evaluated::Norms(norms) => write_norms(&mut out, &norms),
        Evaluated::Ranking(ranking) => write_ranking(&mut out, &ranking),
        Evaluated::Summary(summary) => write_summary(&mut out, &summary),
    }
    Ok(out)
}

impl Kpi {
    /// The figure as a JSON object, as [`evaluate_json`] writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(256);
        write_kpi(&mut out, self);
        out
    }
}

impl Summary {
    /// The summary as a JSON object, as [`evaluate_json`] writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(256);
        write_summary(&mut out, self);
        out
    }
}

fn argument<'a>(node: &'a Node<'a>) -> Argument<'a> {
    match &node.value {
        Value::Null => Argument::Null,
        Value::Bool(flag) => Argument::Flag(*flag),
        Value::Number(number) => self::number(*number),
        Value::Text(text) => Argument::Text(Cow::Borrowed(text)),
        Value::Array(members) => Argument::List(members.iter().map(argument).collect()),
        Value::Object(members) => match members.as_slice() {
            [member] if member.name == "f64" && member.node.value.as_text().is_some() => Argument::Real(special(member.node.value.as_text())),
            members => Argument::Map(members.iter().map(|member| (Cow::Borrowed(&*member.name), argument(&member.node))).collect()),
        },
    }
}

/// Whole where it is written so and is not negative zero.
fn number<'a>(number: Number<'_>) -> Argument<'a> {
    match number.text().parse() {
        Ok(whole) if number.text() != "-0" => Argument::Whole(whole),
        _ => Argument::Real(number.as_f64()),
    }
}

fn special(name: Option<&str>) -> f64 {
    match name {
        Some("Infinity" | "inf" | "+Infinity") => f64::INFINITY,
        Some("-Infinity" | "-inf") => f64::NEG_INFINITY,
        _ => f64::NAN,
    }
}

/// Members one after another.
pub(super) struct Object<'o> {
    out: &'o mut String,
}

impl<'o> Object<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out }
    }

    pub(super) fn name(&mut self, name: &str) -> &mut String {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        write_text(self.out, name);
        self.out.push(':');
        self.out
    }

    pub(super) fn text(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        let out = self.name(name);
        match text {
            Some(text) => write_text(out, text),
            None => out.push_str("null"),
        }
        self
    }

    pub(super) fn real(&mut self, name: &str, real: Option<f64>) -> &mut Self {
        write_real(self.name(name), real);
        self
    }

    pub(super) fn whole(&mut self, name: &str, whole: Option<i128>) -> &mut Self {
        let out = self.name(name);
        match whole {
            None => out.push_str("null"),
            Some(whole) if whole.unsigned_abs() <= 1 << 53 => out.push_str(&whole.to_string()),
            Some(whole) => write_text(out, &whole.to_string()),
        }
        self
    }

    fn warnings(&mut self, warnings: &[Warning]) -> &mut Self {
        write_list(self.name("warnings"), warnings, |out, warning| write_text(out, warning.as_str()));
        self
    }

    pub(super) fn end(&mut self) {
        self.out.push('}');
    }
}

pub(super) fn write_real(out: &mut String, real: Option<f64>) {
    match real {
        Some(real) => write_number(out, real),
        None => out.push_str("null"),
    }
}

pub(super) fn write_list<T>(out: &mut String, list: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (at, member) in list.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, member);
    }
    out.push(']');
}

pub(super) fn write_kpi(out: &mut String, kpi: &Kpi) {
    Object::new(out)
        .text("id", Some(kpi.id))
        .real("value", kpi.value)
        .text("status", Some(kpi.status.as_str()))
        .text("reason", kpi.reason.map(super::Reason::as_str))
        .text("unit", Some(kpi.unit.as_str()))
        .whole("num", kpi.num)
        .whole("den", kpi.den)
        .whole("n", Some(kpi.n.into()))
        .whole("missing", Some(kpi.missing.into()))
        .text("basis", kpi.basis.map(super::Basis::as_str))
        .real("coverage", kpi.coverage)
        .warnings(&kpi.warnings)
        .end();
}

pub(super) fn write_summary(out: &mut String, summary: &Summary) {
    Object::new(out)
        .text("id", Some(summary.id))
        .text("unit", Some(summary.unit.as_str()))
        .whole("n", Some(summary.n.into()))
        .whole("missing", Some(summary.missing.into()))
        .real("mean", summary.mean)
        .real("sd", summary.sd)
        .real("ci95_low", summary.ci95_low)
        .real("ci95_high", summary.ci95_high)
        .real("min", summary.min)
        .real("max", summary.max)
        .warnings(&summary.warnings)
        .end();
}

fn write_norms(out: &mut String, norms: &Norms) {
    let mut object = Object::new(out);
    object.text("id", Some(norms.id));
    write_list(object.name("value"), &norms.value, |out, norm| write_real(out, *norm));
    object
        .text("status", Some("ok"))
        .text("unit", Some(norms.unit.as_str()))
        .whole("n", Some(norms.n.into()))
        .whole("missing", Some(norms.missing.into()))
        .warnings(&norms.warnings)
        .end();
}

fn write_ranking(out: &mut String, ranking: &[Ranked]) {
    let mut object = Object::new(out);
    object.text("id", Some("rank.v1"));
    write_list(object.name("value"), ranking, write_ranked);
    object.whole("n", i128::try_from(ranking.len()).ok()).end();
}

pub(super) fn write_ranked(out: &mut String, ranked: &Ranked) {
    Object::new(out)
        .text("id", Some(&ranked.id))
        .whole("rank", ranked.rank.map(i128::from))
        .real("score", ranked.score)
        .real("coverage", Some(ranked.coverage))
        .end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value_past_the_doubles() {
        let sum = evaluate_json("moments.integer.v1", r#"{"parts": [["18446744073709551615"], [1, null]]}"#).unwrap();
        assert!(sum.contains(r#""n":2,"missing":1"#), "{sum}");
        let fcr = evaluate_json("fcr.live_weight.v1", r#"{"feed_g": "18446744073709551615", "live_weight_out_g": 3}"#).unwrap();
        assert!(fcr.contains(r#""num":"18446744073709551615","den":3"#), "{fcr}");
        let mean = evaluate_json("mean.head_day_weighted.v1", r#"{"x": ["9223372036854775809", 1], "head_days": [3, 1]}"#).unwrap();
        assert!(mean.contains(r#""num":"27670116110564327428","den":4"#), "{mean}");
        let code = |arguments: &str| evaluate_json("uniformity.from_cv.v1", arguments).unwrap_err().code();
        assert_eq!((code(r#"{"cv": {"f64": "NaN"}}"#), code(r#"{"cv": -1}"#), code("[]")), ("kpi_non_finite", "kpi_negative", "invalid_argument"));
        let whole = |feed: &str| {
            evaluate_json("fcr.live_weight.v1", &format!(r#"{{"feed_g": {feed}, "live_weight_out_g": 3}}"#)).map_err(|error| error.code())
        };
        assert!(whole("180.0").is_ok() && whole("-0").is_ok());
        assert_eq!((whole("2.257"), whole("1e300"), whole("true")), (Err("kpi_out_of_range"), Err("kpi_overflow"), Err("invalid_argument")));
    }

    #[test]
    fn lists_come_back_as_lists() {
        let norms = evaluate_json("norm.min_max.v1", r#"{"values": [1.5, null, 1.6, 1.7], "lower_is_better": true}"#).unwrap();
        assert!(norms.starts_with(r#"{"id":"norm.min_max.v1","value":[1,null,0.4999999999999"#) || norms.contains("0.5"), "{norms}");
        let ranks = evaluate_json(
            "rank.v1",
            r#"{"cohort": [{"id": "a", "figures": {"fcr": 1.5}}, {"id": "b", "figures": {}}], "weights": {"fcr": {"weight": 1, "lower_is_better": true}}}"#,
        );
        let expected =
            r#"{"id":"rank.v1","value":[{"id":"a","rank":1,"score":0.5,"coverage":1},{"id":"b","rank":null,"score":null,"coverage":0}],"n":2}"#;
        assert_eq!(ranks.as_deref(), Ok(expected));
    }
}
