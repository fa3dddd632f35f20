//! JSON as a tree.

use zeroize::Zeroizing;

use super::{Fault, MAX_DEPTH, Node, Stop, Value};
use crate::json;

pub(super) fn parse(text: &str) -> Result<Node, Stop> {
    let read = json::read(text.as_bytes(), MAX_DEPTH).map_err(|error| stop(text, error))?;
    Ok(node(0, read.value))
}

fn stop(text: &str, error: json::JsonError) -> Stop {
    let duplicate = (error.what == json::SECOND_MEMBER).then(|| name_at(text, error.at)).flatten();
    let mend = if duplicate.is_some() { super::duplicates::MEND.to_owned() } else { format!("mend the JSON: {}", error.what) };
    Stop { fault: Fault { at: error.at, field: String::new(), mend }, duplicate }
}

/// What stands between the quotes of the name that begins here.
fn name_at(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let start = at + 1;
    let rest = text.as_bytes().get(start..)?;
    let mut escaped = false;
    let len = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    Some(start..start + len)
}

fn node(at: usize, value: json::Value<'_>) -> Node {
    let value = match value {
        json::Value::Array(nodes) => Value::Array(nodes.into_iter().map(|each| node(each.start, each.value)).collect()),
        json::Value::Bool(value) => Value::Bool(value),
        json::Value::Null => Value::Null,
        json::Value::Number(number) if number.text().bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => Value::Float(number.as_f64()),
        json::Value::Number(number) => Value::Integer(number.text().parse().ok()),
        json::Value::Object(members) => {
            Value::Table(members.into_iter().map(|member| (member.name.into_owned(), node(member.start, member.node.value))).collect())
        }
        json::Value::Text(text) => Value::Text(Zeroizing::new(text.into_owned())),
    };
    Node { at, value }
}
