//! Canonical JSON (RFC 8785): one text for one value.

use super::{Node, Number, Value};

/// Writes a value in the form of RFC 8785: members by the UTF-16 units of their names, numbers as ECMAScript writes them.
///
/// ```
/// let node = gatewright::json::read(br#"{ "b": 1.0, "a": "\u00e9" }"#, 16).unwrap();
/// assert_eq!(gatewright::json::canonical(&node), r#"{"a":"é","b":1}"#);
/// ```
#[must_use]
pub fn canonical(node: &Node<'_>) -> String {
    canonical_with(node, &|out, number| write_number(out, number.as_f64()))
}

/// The same, with numbers written by `write_number`.
pub(crate) fn canonical_with(node: &Node<'_>, write_number: &dyn Fn(&mut String, Number<'_>)) -> String {
    let mut out = String::new();
    write_value(&mut out, &node.value, write_number);
    out
}

fn write_value(out: &mut String, value: &Value<'_>, write_number: &dyn Fn(&mut String, Number<'_>)) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, *number),
        Value::Text(text) => write_text(out, text),
        Value::Array(nodes) => {
            out.push('[');
            for (at, node) in nodes.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, &node.value, write_number);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
            out.push('{');
            for (at, member) in sorted.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(out, &member.name);
                out.push(':');
                write_value(out, &member.node.value, write_number);
            }
            out.push('}');
        }
    }
}

/// A number as ECMAScript's `Number::toString` writes it; the reader has refused what is not finite.
pub(crate) fn write_number(out: &mut String, number: f64) {
    out.push_str(ryu_js::Buffer::new().format(number));
}

/// A text with only the escapes that JSON needs.
pub(crate) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                out.push_str("\\u00");
                out.push(if control < '\u{10}' { '0' } else { '1' });
                out.push(char::from_digit(u32::from(control) & 15, 16).unwrap_or('0'));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    #[test]
    fn the_examples_of_rfc_8785() {
        let numbers = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(&read(numbers.as_bytes(), 16).unwrap()), expected);
        let names = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let node = read(names.as_bytes(), 16).unwrap();
        let text = canonical(&node);
        let order = ["\\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"];
        let places: Vec<_> = order.iter().map(|name| text.find(&format!("\"{name}\":")).unwrap()).collect();
        assert!(places.is_sorted());
    }
}
