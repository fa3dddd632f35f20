//! Whether what a call offered is what the vector expects.

use serde_json::{Map, Value};

use crate::shape::{binary, bytes};

/// Where the two differ first; `None` if each member of `expect` matches.
pub(crate) fn difference(expect: &Value, offered: &Value) -> Option<String> {
    let Value::Object(members) = expect else { return Some("expect is no object".to_owned()) };
    let tolerance = members.get("tol").and_then(Value::as_f64).unwrap_or(0.0);
    members.iter().filter(|(name, _)| *name != "tol").find_map(|(name, wanted)| {
        let got = offered.get(name).unwrap_or(&Value::Null);
        if name == "headers" && wanted.is_array() && !is_lines(got) { headers(wanted, got) } else { differs(wanted, got, tolerance, name) }
    })
}

fn differs(wanted: &Value, got: &Value, tolerance: f64, at: &str) -> Option<String> {
    let equal = match (wanted, got) {
        (Value::Object(wanted), _) if is_float(wanted) => false,
        (_, Value::Object(_)) if binary(got).is_some() && bytes(wanted).is_some() => bytes(wanted) == binary(got),
        (Value::Object(wanted), Value::Object(got)) => return members(wanted, got, tolerance, at),
        (Value::Array(wanted), Value::Array(lines)) if is_lines(got) && wanted.len() == lines.len() => {
            return wanted.iter().zip(lines).enumerate().find_map(|(place, (wanted, got))| line(wanted, got, &format!("{at}[{place}]")));
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            return wanted.iter().zip(got).enumerate().find_map(|(place, (wanted, got))| differs(wanted, got, tolerance, &format!("{at}[{place}]")));
        }
        (Value::Number(wanted), Value::Number(got)) => match (wanted.as_i64(), got.as_i64()) {
            (Some(wanted), Some(got)) if tolerance == 0.0 => wanted == got,
            _ => wanted.as_f64().zip(got.as_f64()).is_some_and(|(wanted, got)| (wanted - got).abs() <= tolerance),
        },
        (Value::String(digits), Value::Number(got)) => *digits == got.to_string() || got.as_f64().is_some_and(|got| *digits == format!("{got:.0}")),
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => text.is_empty(),
        (wanted, got) => wanted == got,
    };
    (!equal).then(|| format!("{at}: expected {wanted}, got {got}"))
}

fn members(wanted: &Map<String, Value>, got: &Map<String, Value>, tolerance: f64, at: &str) -> Option<String> {
    wanted.iter().find_map(|(name, wanted)| differs(wanted, got.get(name).unwrap_or(&Value::Null), tolerance, &format!("{at}.{name}")))
}

/// `{"f64": "NaN"}`: no call of this version offers a number that is none.
fn is_float(wanted: &Map<String, Value>) -> bool {
    wanted.len() == 1 && wanted.get("f64").is_some_and(Value::is_string)
}

/// Whether these are the header lines of an answer, whose values are bytes.
fn is_lines(got: &Value) -> bool {
    let is_line = |pair: &Value| pair.get(0).is_some_and(Value::is_string) && pair.get(1).and_then(binary).is_some();
    got.as_array().is_some_and(|lines| !lines.is_empty() && lines.iter().all(is_line))
}

/// Header lines compare in their order, names without case and values byte by byte.
fn line(wanted: &Value, got: &Value, at: &str) -> Option<String> {
    let name = |pair: &Value| pair.get(0).and_then(Value::as_str).map(str::to_ascii_lowercase);
    let value = |pair: &Value| pair.get(1).and_then(bytes);
    let equal = name(wanted) == name(got) && value(wanted) == value(got) && wanted.as_array().is_some_and(|pair| pair.len() == 2);
    (!equal).then(|| format!("{at}: expected {wanted}, got {got}"))
}

/// The headers that `sign` gives compare as a set of (lower-case name, value).
fn headers(wanted: &Value, got: &Value) -> Option<String> {
    let set = |list: &Value| {
        let mut pairs: Vec<(String, String)> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(|pair| {
                let text = |at: usize| pair.get(at).and_then(Value::as_str).unwrap_or_default();
                (text(0).to_ascii_lowercase(), text(1).to_owned())
            })
            .collect();
        pairs.sort();
        pairs
    };
    (set(wanted) != set(got)).then(|| format!("headers: expected {wanted}, got {got}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::difference;

    #[test]
    fn members_beside_the_expected_ones_are_free_and_all_others_must_match() {
        let offered = json!({ "a": 1, "b": [1, { "c": "x", "d": 2 }], "e": "", "n": 9007199254740993_i64, "z": -0.0, "large": 2_f64.powi(65) });
        for good in [
            json!({}),
            json!({ "a": 1.0 }),
            json!({ "b": [1, { "c": "x" }] }),
            json!({ "e": null }),
            json!({ "absent": null }),
            json!({ "absent": "" }),
            json!({ "n": "9007199254740993" }),
            json!({ "large": "36893488147419103232" }),
            json!({ "z": 0 }),
            json!({ "a": 1.05, "b": [0.95, {}], "tol": 0.1 }),
        ] {
            assert_eq!(difference(&good, &offered), None, "{good}");
        }
        for bad in [
            json!({ "a": 2 }),
            json!({ "a": "x" }),
            json!({ "b": [1] }),
            json!({ "b": [1, { "c": "y" }] }),
            json!({ "b": [1, { "absent": 1 }] }),
            json!({ "absent": 0 }),
            json!({ "absent": false }),
            json!({ "e": "x" }),
            json!({ "n": 9007199254740992_i64 }),
            json!({ "large": "36893488147419103233" }),
            json!({ "a": 1.2, "tol": 0.1 }),
            json!({ "a": { "f64": "NaN" } }),
        ] {
            assert!(difference(&bad, &offered).is_some(), "{bad}");
        }
    }

    #[test]
    fn bytes_match_in_whatever_form_they_are_written() {
        let offered = json!({ "body": { "hex": "6d616465" }, "deep": { "digest": { "hex": "00ff" } }, "none": null });
        for good in [
            json!({ "body": "made" }),
            json!({ "body": { "utf8": "made" } }),
            json!({ "body": { "b64": "bWFkZQ==" } }),
            json!({ "deep": { "digest": { "hex": "00FF" } } }),
        ] {
            assert_eq!(difference(&good, &offered), None, "{good}");
        }
        for bad in [json!({ "body": "Made" }), json!({ "body": null }), json!({ "body": "" }), json!({ "none": { "hex": "" } })] {
            assert!(difference(&bad, &offered).is_some(), "{bad}");
        }
    }

    #[test]
    fn header_lines_of_an_answer_have_an_order() {
        let lines = json!([["X-A", { "hex": "31" }], ["x-b", { "hex": "ff" }]]);
        let offered = json!({ "headers": lines, "response": { "headers": lines } });
        let good = json!([["x-a", "1"], ["X-B", { "b64": "/w==" }]]);
        assert_eq!(difference(&json!({ "headers": good, "response": { "headers": good } }), &offered), None);
        for bad in [
            json!([["x-b", { "hex": "ff" }], ["x-a", "1"]]),
            json!([["x-a", "1"]]),
            json!([]),
            json!([["x-a", "1"], ["x-b", "ff"]]),
            json!([["x-a", "1"], ["x-c", { "hex": "ff" }]]),
        ] {
            assert!(difference(&json!({ "headers": bad }), &offered).is_some(), "{bad}");
            assert!(difference(&json!({ "response": { "headers": bad } }), &offered).is_some(), "{bad}");
        }
    }

    #[test]
    fn headers_are_a_set() {
        let offered = json!({ "headers": [["X-A", "1"], ["x-b", "2"]] });
        assert_eq!(difference(&json!({ "headers": [["X-B", "2"], ["x-a", "1"]] }), &offered), None);
        assert!(difference(&json!({ "headers": [["x-a", "1"]] }), &offered).is_some());
        assert!(difference(&json!({ "headers": [["x-a", "1"], ["x-b", "3"]] }), &offered).is_some());
    }
}
