//! Structured fields (RFC 9651), as far as limits are written in them: lists of items, and dictionaries of integers.
//!
//! A fault anywhere makes the whole field unreadable, as the RFC demands. Inner lists are read over.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A bare item. Of those that no limit is written in, only that they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bare {
    Integer(i64),
    Text(String),
    Token(String),
    Bytes(Vec<u8>),
    Other,
}

/// An item and its parameters, of each name the last value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) bare: Bare,
    parameters: Vec<(String, Bare)>,
}

impl Item {
    pub(super) fn parameter(&self, name: &str) -> Option<&Bare> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// A parameter that is an integer of 0 or more.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.parameter(name)?.count()
    }
}

impl Bare {
    pub(super) fn count(&self) -> Option<u64> {
        if let Self::Integer(number) = self { u64::try_from(*number).ok() } else { None }
    }

    /// A string, or the token that stands in its place.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Token(text) => Some(text),
            _ => None,
        }
    }
}

/// The items of a list; `None` where it is none or longer than [`MAX_MEMBERS`].
pub(super) fn list(field: &[u8]) -> Option<Vec<Item>> {
    let mut input = Input { rest: field };
    let mut items = Vec::new();
    input.members(|input| {
        let item = input.item_or_inner_list()?;
        items.extend(item);
        Some(())
    })?;
    Some(items)
}

/// The members of a dictionary; `None` where it is none or longer than [`MAX_MEMBERS`].
pub(super) fn dictionary(field: &[u8]) -> Option<Vec<(String, Item)>> {
    let mut input = Input { rest: field };
    let mut members: Vec<(String, Item)> = Vec::new();
    input.members(|input| {
        let name = input.key()?;
        let item = if input.take(b'=') { input.item_or_inner_list()? } else { Some(Item { bare: Bare::Other, parameters: input.parameters()? }) };
        // An inner list takes the place of an item too.
        let item = item.unwrap_or(Item { bare: Bare::Other, parameters: Vec::new() });
        put(&mut members, name, item);
        Some(())
    })?;
    Some(members)
}

/// The last value of a name counts, in the place of the first.
fn put<T>(members: &mut Vec<(String, T)>, name: String, value: T) {
    match members.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => members.push((name, value)),
    }
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.next();
        }
        is_next
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let len = self.rest.iter().take_while(|byte| wanted(**byte)).count();
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn spaces(&mut self) {
        self.take_while(|byte| byte == b' ');
    }

    fn blanks(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// Members between commas, up to the end of the field.
    fn members(&mut self, mut member: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.spaces();
        for _ in 0..MAX_MEMBERS {
            if self.rest.is_empty() {
                return Some(());
            }
            member(self)?;
            self.blanks();
            if self.rest.is_empty() {
                return Some(());
            }
            if !self.take(b',') {
                return None;
            }
            self.blanks();
            if self.rest.is_empty() {
                return None;
            }
        }
        None
    }

    /// An item; `Some(None)` for an inner list.
    fn item_or_inner_list(&mut self) -> Option<Option<Item>> {
        if !self.take(b'(') {
            return self.item().map(Some);
        }
        loop {
            self.spaces();
            if self.take(b')') {
                self.parameters()?;
                return Some(None);
            }
            self.item()?;
            if !matches!(self.peek(), Some(b' ' | b')')) {
                return None;
            }
        }
    }

    fn item(&mut self) -> Option<Item> {
        Some(Item { bare: self.bare()?, parameters: self.parameters()? })
    }

    fn parameters(&mut self) -> Option<Vec<(String, Bare)>> {
        let mut parameters: Vec<(String, Bare)> = Vec::new();
        while self.take(b';') {
            self.spaces();
            let name = self.key()?;
            let value = if self.take(b'=') { self.bare()? } else { Bare::Other };
            put(&mut parameters, name, value);
            if parameters.len() > MAX_PARAMETERS {
                return None;
            }
        }
        Some(parameters)
    }

    fn key(&mut self) -> Option<String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*') {
            return None;
        }
        let name = self.take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*'));
        Some(text(name))
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.peek()? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string().map(Bare::Text),
            b'*' | b'A'..=b'Z' | b'a'..=b'z' => Some(Bare::Token(text(self.take_while(is_token)))),
            b':' => self.bytes(),
            b'?' => {
                self.next();
                matches!(self.next()?, b'0' | b'1').then_some(Bare::Other)
            }
            b'@' => {
                self.next();
                matches!(self.number()?, Bare::Integer(_)).then_some(Bare::Other)
            }
            b'%' => {
                self.next();
                self.display_string()
            }
            _ => None,
        }
    }

    /// An integer of at most 15 digits, or a decimal of at most 12 and 3.
    fn number(&mut self) -> Option<Bare> {
        let negative = self.take(b'-');
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() {
            return None;
        }
        if self.take(b'.') {
            let fraction = self.take_while(|byte| byte.is_ascii_digit());
            return (digits.len() <= 12 && (1..=3).contains(&fraction.len())).then_some(Bare::Other);
        }
        let number = (digits.len() <= 15).then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))?;
        Some(Bare::Integer(if negative { -number } else { number }))
    }

    fn string(&mut self) -> Option<String> {
        self.next();
        let mut string = String::new();
        loop {
            match self.next()? {
                b'"' => return Some(string),
                b'\\' => string.push(self.next().filter(|byte| matches!(byte, b'"' | b'\\'))?.into()),
                byte @ 0x20..=0x7e => string.push(byte.into()),
                _ => return None,
            }
        }
    }

    /// `%"…"`, whose text no limit is written in.
    fn display_string(&mut self) -> Option<Bare> {
        if !self.take(b'"') {
            return None;
        }
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                b'"' => return std::str::from_utf8(&bytes).ok().map(|_| Bare::Other),
                b'%' => bytes.push(hex(self.next()?)? << 4 | hex(self.next()?)?),
                byte @ 0x20..=0x7e => bytes.push(byte),
                _ => return None,
            }
        }
    }

    fn bytes(&mut self) -> Option<Bare> {
        self.next();
        let encoded = self.take_while(|byte| byte != b':');
        if !self.take(b':') {
            return None;
        }
        BASE64.decode(encoded).ok().map(Bare::Bytes)
    }
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' | b':' | b'/')
}

/// A digit of a display string: lower case only.
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// ASCII as text.
fn text(ascii: &[u8]) -> String {
    ascii.iter().copied().map(char::from).collect()
}

/// As many as the RFC demands of a parser.
const MAX_MEMBERS: usize = 1_024;
/// The same, of an item.
const MAX_PARAMETERS: usize = 256;
/// Padding may be missing and its bits set, as the RFC advises.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
#[path = "structured_tests.rs"]
mod tests;
