//! The tree as JSON, for parts that are read as data elsewhere.

use serde::{Serialize, Serializer};

use super::{Node, Value};

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Array(nodes) => serializer.collect_seq(nodes),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Integer(value) => value.serialize(serializer),
            Value::DateTime | Value::Null | Value::Unresolved => serializer.serialize_none(),
            Value::Table(members) => serializer.collect_map(members.iter().map(|(name, node)| (name, node))),
            Value::Text(text) => serializer.serialize_str(text),
        }
    }
}
