//! `$name`, `$name.member` and `$$` in the steps of a sequence.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// These are the vector's own and never hold a reference.
const PLAIN: [&str; 7] = ["op", "now", "result", "code", "save", "policy", "env"];

/// What earlier steps offered, by the name they were saved under.
pub(crate) type Saved = HashMap<String, Value>;

/// A step with values in place of its references; `None` where one refers to nothing. A bare `$name` stays: it is a handle.
pub(crate) fn resolve(step: &Value, saved: &Saved) -> Option<Value> {
    let members = step.as_object()?.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "permit" => permit(value, saved)?,
            plain if PLAIN.contains(&plain) => value.clone(),
            _ => resolve_value(value, saved)?,
        };
        Some((name.clone(), value))
    });
    members.collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// The decision whose permit is meant: `$name` or `$name.permit`, of one that has a permit.
fn permit(value: &Value, saved: &Saved) -> Option<Value> {
    let name = value.as_str()?.strip_prefix('$')?;
    let name = name.strip_suffix(".permit").unwrap_or(name);
    saved.get(name)?.get("permit").filter(|permit| permit.is_object()).map(|_| Value::String(format!("${name}")))
}

fn resolve_value(value: &Value, saved: &Saved) -> Option<Value> {
    Some(match value {
        Value::Array(items) => Value::Array(items.iter().map(|item| resolve_value(item, saved)).collect::<Option<_>>()?),
        Value::Object(members) => {
            let resolved = members.iter().map(|(name, value)| Some((name.clone(), resolve_value(value, saved)?)));
            Value::Object(resolved.collect::<Option<_>>()?)
        }
        Value::String(text) => match text.strip_prefix('$') {
            None => value.clone(),
            Some(literal) if literal.starts_with('$') => Value::String(literal.to_owned()),
            Some(reference) => match reference.split_once('.') {
                Some((name, member)) => saved.get(name)?.get(member)?.clone(),
                None => saved.contains_key(reference).then(|| value.clone())?,
            },
        },
        Value::Bool(_) | Value::Null | Value::Number(_) => value.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Saved, resolve};

    #[test]
    fn a_permit_is_that_of_a_decision_that_has_one() {
        let saved = Saved::from([("a".to_owned(), json!({ "permit": { "cost": 2 } })), ("b".to_owned(), json!({ "permit": null }))]);
        for given in ["$a", "$a.permit"] {
            assert_eq!(resolve(&json!({ "permit": given }), &saved), Some(json!({ "permit": "$a" })));
        }
        for nothing in ["$b", "$b.permit", "$c", "$a.permit.cost", "$a.cost", "a"] {
            assert_eq!(resolve(&json!({ "permit": nothing }), &saved), None, "{nothing}");
        }
        assert_eq!(resolve(&json!({ "expect": { "permit": "$a.permit" } }), &saved), Some(json!({ "expect": { "permit": { "cost": 2 } } })));
    }

    #[test]
    fn references_stand_for_values_of_any_type_at_any_depth() {
        let saved = Saved::from([("a".to_owned(), json!({ "t": "x", "h": [["n", "v"]] }))]);
        let step = json!({ "token": "$a.t", "headers": "$a.h", "in": [{ "deep": "$a.t" }], "money": "$$a.t", "verified": "$a", "policy": "${NAME}" });
        let resolved =
            json!({ "token": "x", "headers": [["n", "v"]], "in": [{ "deep": "x" }], "money": "$a.t", "verified": "$a", "policy": "${NAME}" });
        assert_eq!(resolve(&step, &saved), Some(resolved));
        for nothing in [json!({ "token": "$b.t" }), json!({ "token": "$a.u" }), json!({ "token": "$b" })] {
            assert_eq!(resolve(&nothing, &saved), None, "{nothing}");
        }
    }
}
