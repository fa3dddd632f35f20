//! Vector files and token payloads as `serde_json` values, read by the strict reader: members once, nothing trailing.

use gatewright::json::{JsonError, Node, Value as Read, read};
use serde_json::{Map, Number, Value};

const MAX_DEPTH: usize = 64;

/// Reads a whole text. A whole number past 64 bits becomes the text of its digits, which is how vectors write it.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    Ok(convert(&read(bytes, MAX_DEPTH)?, |digits| Value::String(digits.to_owned())))
}

/// Reads a text in which numbers are doubles, however they are written.
pub(crate) fn parse_doubles(bytes: &[u8]) -> Result<Value, JsonError> {
    Ok(convert(&read(bytes, MAX_DEPTH)?, double))
}

fn convert(node: &Node<'_>, large: fn(&str) -> Value) -> Value {
    match &node.value {
        Read::Array(items) => Value::Array(items.iter().map(|item| convert(item, large)).collect()),
        Read::Bool(value) => Value::Bool(*value),
        Read::Null => Value::Null,
        Read::Number(number) => from_text(number.text(), large),
        Read::Object(members) => {
            Value::Object(members.iter().map(|member| (member.name.clone().into_owned(), convert(&member.node, large))).collect::<Map<_, _>>())
        }
        Read::Text(text) => Value::String(text.clone().into_owned()),
    }
}

fn from_text(text: &str, large: fn(&str) -> Value) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_whole { large(text) } else { double(text) }
}

fn double(text: &str) -> Value {
    text.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}
