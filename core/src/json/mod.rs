//! A strict JSON reader (RFC 8259) for bytes that may be hostile.
//!
//! It differs from the usual parsers in what tokens and policies need: member names are unique at every depth, the
//! depth is bounded, a number keeps its text and must be one that a double can hold, a text holds no lone surrogate,
//! and every node knows where it stands.

mod canonical;
mod number;
mod read;

use std::borrow::Cow;

pub use canonical::canonical;
pub(crate) use canonical::{canonical_with, write_number, write_text};
pub use number::Number;
pub use read::read;
pub(crate) use read::{Names, SECOND_MEMBER, read_members};

/// A value and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// The byte offset of its first character.
    pub start: usize,
    /// The byte offset after its last character.
    pub end: usize,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// An array.
    Array(Vec<Node<'a>>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A number.
    Number(Number<'a>),
    /// An object, its members in the order of the text.
    Object(Vec<Member<'a>>),
    /// A text, escapes resolved.
    Text(Cow<'a, str>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// Its name, escapes resolved.
    pub name: Cow<'a, str>,
    /// The byte offset of the name's opening quote.
    pub start: usize,
    /// Its value.
    pub node: Node<'a>,
}

impl<'a> Value<'a> {
    /// The member of that name, of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|member| member.name == name).map(|member| &member.node)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    /// The byte offset.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}
