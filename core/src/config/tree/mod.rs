//! The document as a tree in which every node knows where it stands: the same for TOML and JSON.

mod duplicates;
mod json;
mod path;
mod serialize;
mod toml;

use zeroize::Zeroizing;

pub(super) use path::{Step, child, element, steps};

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// The byte offset of the member's name, or of an element's first character.
    pub(super) at: usize,
    pub(super) value: Value,
}

/// What a node holds.
pub(super) enum Value {
    Array(Vec<Node>),
    Bool(bool),
    /// A date or time of TOML: no member is one.
    DateTime,
    /// A number with a fraction, or written with an exponent.
    Float(f64),
    /// A whole number; none beyond 64 bits.
    Integer(Option<i64>),
    Null,
    /// Members in no particular order.
    Table(Vec<(String, Node)>),
    /// May be a secret, and so is wiped.
    Text(Zeroizing<String>),
    /// A text whose `${…}` could not be resolved, which has been reported.
    Unresolved,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

impl Value {
    /// What it is, in the words of both formats.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Array(_) => "a list",
            Self::Bool(_) => "true or false",
            Self::DateTime => "a date or time of TOML",
            Self::Float(_) => "a number with a fraction or exponent",
            Self::Integer(_) => "a whole number",
            Self::Null => "null",
            Self::Table(_) => "a table",
            Self::Text(_) | Self::Unresolved => "a text",
        }
    }
}

/// A fault that keeps a text from being read, or a member that is there twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    /// The path of the member, where it is known.
    pub(super) field: String,
    pub(super) mend: String,
}

/// Reads a text: JSON if it begins with `{`, which no TOML does, else TOML.
///
/// A member that is there twice is left out and told among the faults, so that everything else can be checked still. Without a
/// tree the text could not be read.
pub(super) fn read(text: &str) -> (Option<Node>, Vec<Fault>) {
    let parse = if text.trim_ascii_start().starts_with('{') { json::parse } else { toml::parse };
    duplicates::read_around(text, parse)
}

/// Why a parser stopped.
struct Stop {
    fault: Fault,
    /// The name, as it is written, of a member that is there twice.
    duplicate: Option<std::ops::Range<usize>>,
}

/// How deep a document may be. The deepest member is `webhooks.endpoints[0].scheme.signature.format.kv.sig[0]`.
const MAX_DEPTH: usize = 16;
