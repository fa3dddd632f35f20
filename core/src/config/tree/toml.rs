//! TOML as a tree.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::{Fault, MAX_DEPTH, Node, Stop, Value};

pub(super) fn parse(text: &str) -> Result<Node, Stop> {
    let table = DeTable::parse(text).map_err(|error| stop(&error))?;
    Ok(Node { at: 0, value: members(table.into_inner(), MAX_DEPTH - 1)? })
}

fn stop(error: &::toml::de::Error) -> Stop {
    let span = error.span().unwrap_or_default();
    let duplicate = (error.message() == "duplicate key").then(|| span.clone());
    // The parser's messages name what it wants, never what it found.
    let mend = if duplicate.is_some() { super::duplicates::MEND.to_owned() } else { format!("mend the TOML: {}", error.message()) };
    Stop { fault: Fault { at: span.start, field: String::new(), mend }, duplicate }
}

fn members(table: DeTable<'_>, depth_left: usize) -> Result<Value, Stop> {
    let member = |(name, value): (Spanned<std::borrow::Cow<'_, str>>, Spanned<DeValue<'_>>)| {
        let at = name.span().start;
        Ok((name.into_inner().into_owned(), Node { at, value: self::value(at, value.into_inner(), depth_left)? }))
    };
    table.into_iter().map(member).collect::<Result<_, _>>().map(Value::Table)
}

fn value(at: usize, value: DeValue<'_>, depth_left: usize) -> Result<Value, Stop> {
    let inside = || {
        let too_deep = || Stop { fault: Fault { at, field: String::new(), mend: "nest less deep".to_owned() }, duplicate: None };
        depth_left.checked_sub(1).ok_or_else(too_deep)
    };
    Ok(match value {
        DeValue::Array(elements) => {
            let depth_left = inside()?;
            let element = |element: Spanned<DeValue<'_>>| {
                let at = element.span().start;
                Ok(Node { at, value: self::value(at, element.into_inner(), depth_left)? })
            };
            Value::Array(elements.into_iter().map(element).collect::<Result<_, _>>()?)
        }
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(_) => Value::DateTime,
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Integer(integer) => Value::Integer(i64::from_str_radix(integer.as_str(), integer.radix()).ok()),
        DeValue::String(text) => Value::Text(Zeroizing::new(text.into_owned())),
        DeValue::Table(table) => members(table, inside()?)?,
    })
}
