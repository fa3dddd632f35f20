//! The key that a client sends, the scope it belongs to, and the name of the record that both give.

use sha2::{Digest, Sha256};

use crate::encode::lp;
use crate::error::{Error, IdempotencyError, Result};

/// The fewest bytes of a key: what is shorter is guessed, or counted.
pub const MIN_KEY: usize = 8;
/// The most bytes of a key.
pub const MAX_KEY: usize = 255;

/// A key, unquoted: 8–255 visible bytes without a comma.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the `Idempotency-Key` header lines of one request, as they came. There must be one; it is a string of RFC 9651 or
    /// the bare key, both mean the same, and parameters are ignored.
    ///
    /// # Errors
    /// `idempotency_key_missing` without a line, `idempotency_key_multiple` with several, `idempotency_key_invalid` for anything
    /// but a key of 8–255 bytes from 0x21 to 0x7E without a comma.
    ///
    /// ```
    /// use gatewright::idempotency::IdempotencyKey;
    ///
    /// let quoted = IdempotencyKey::parse(&[br#""order-000017""#])?;
    /// assert_eq!(quoted, IdempotencyKey::parse(&[b"order-000017"])?);
    /// assert_eq!(IdempotencyKey::parse::<&[u8]>(&[]).unwrap_err().code(), "idempotency_key_missing");
    /// # Ok::<(), gatewright::Error>(())
    /// ```
    pub fn parse<L: AsRef<[u8]>>(lines: &[L]) -> Result<Self> {
        let line = match lines {
            [] => return Err(IdempotencyError::KeyMissing.into()),
            [line] => line.as_ref(),
            _ => return Err(IdempotencyError::KeyMultiple.into()),
        };
        read_line(line).map(Self).ok_or_else(|| IdempotencyError::KeyInvalid.into())
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose request it is, and to what. The same key of another caller, or on another route, is another key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The tenant; may be empty where there is a principal.
    pub tenant: String,
    /// Who calls, within the tenant.
    pub principal: String,
    /// The method, as received.
    pub method: String,
    /// The raw path, without the query.
    pub path: String,
}

impl Scope {
    /// A scope.
    #[must_use]
    pub fn new(tenant: impl Into<String>, principal: impl Into<String>, method: impl Into<String>, path: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), principal: principal.into(), method: method.into(), path: path.into() }
    }

    /// The name of the record of a key in this scope: neither the key nor the caller can be read from it.
    ///
    /// # Errors
    /// `scope_empty` without tenant and principal: all callers would share one bucket. `invalid_argument` for a path with a query.
    pub(crate) fn record_id(&self, namespace: &str, key: &IdempotencyKey) -> Result<[u8; 32]> {
        if self.tenant.is_empty() && self.principal.is_empty() {
            return Err(IdempotencyError::ScopeEmpty.into());
        }
        if self.path.contains('?') {
            return Err(Error::invalid_argument("scope.path", "give the path alone, and what stands behind the ? as query"));
        }
        let mut bytes = LABEL.to_vec();
        for part in [namespace, &self.tenant, &self.principal, &self.method, &self.path, key.as_str()] {
            lp(&mut bytes, part.as_bytes());
        }
        Ok(Sha256::digest(&bytes).into())
    }
}

fn read_line(line: &[u8]) -> Option<String> {
    // No valid line is longer by much: escapes double a key, and parameters are few.
    if line.len() > MAX_LINE || line.contains(&b',') {
        return None;
    }
    let line = line.trim_prefix_spaces();
    let (key, rest) = match line.strip_prefix(b"\"") {
        Some(quoted) => read_quoted(quoted)?,
        None => {
            let len = line.iter().take_while(|byte| is_bare(**byte)).count();
            let (key, rest) = line.split_at_checked(len)?;
            (key.to_vec(), rest)
        }
    };
    let is_key = (MIN_KEY..=MAX_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !is_key || !are_parameters(rest) {
        return None;
    }
    String::from_utf8(key).ok()
}

/// The text of a string of RFC 9651 behind its opening quote, and what follows the closing one.
fn read_quoted(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut text = Vec::new();
    loop {
        match rest {
            [b'"', after @ ..] => return Some((text, after)),
            [b'\\', escaped @ (b'"' | b'\\'), after @ ..] => {
                text.push(*escaped);
                rest = after;
            }
            [byte @ (b' '..=b'[' | b']'..=b'~'), after @ ..] => {
                text.push(*byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// Whether this is `*( ";" *SP parameter ) *SP`, whatever the parameters say.
fn are_parameters(mut rest: &[u8]) -> bool {
    while let Some(parameter) = rest.strip_prefix(b";") {
        let parameter = parameter.trim_prefix_spaces();
        let len = parameter.iter().take_while(|byte| is_name(**byte)).count();
        let Some((name, after)) = parameter.split_at_checked(len) else { return false };
        if !name.first().is_some_and(|first| first.is_ascii_lowercase() || *first == b'*') {
            return false;
        }
        rest = match after.strip_prefix(b"=") {
            None => after,
            Some(value) => match skip_item(value) {
                Some(after) => after,
                None => return false,
            },
        };
    }
    rest.iter().all(|byte| *byte == b' ')
}

/// Skips a bare item of RFC 9651.
fn skip_item(value: &[u8]) -> Option<&[u8]> {
    let after = |len: usize| value.split_at_checked(len).map(|(_, rest)| rest);
    let run = |from: usize, is_part: fn(u8) -> bool| from + value.iter().skip(from).take_while(|byte| is_part(**byte)).count();
    match value {
        [b'"', quoted @ ..] => read_quoted(quoted).map(|(_, rest)| rest),
        [b'%', b'"', quoted @ ..] => skip_display(quoted),
        [b'?', b'0' | b'1', rest @ ..] => Some(rest),
        [b':', ..] => {
            let end = run(1, |byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
            (value.get(end) == Some(&b':')).then(|| after(end + 1)).flatten()
        }
        [b'@', number @ ..] => skip_number(number, false),
        [b'-' | b'0'..=b'9', ..] => skip_number(value, true),
        [first, ..] if first.is_ascii_alphabetic() || *first == b'*' => after(run(1, is_token)),
        _ => None,
    }
}

/// Skips a display string of RFC 9651 behind its opening quote: UTF-8 in which all but visible ASCII is percent-encoded.
fn skip_display(mut rest: &[u8]) -> Option<&[u8]> {
    let mut text = Vec::new();
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase()).and_then(|digit| u8::try_from(digit).ok());
    loop {
        match rest {
            [b'"', after @ ..] => return std::str::from_utf8(&text).is_ok().then_some(after),
            [b'%', high, low, after @ ..] => {
                text.push(digit(*high)? << 4 | digit(*low)?);
                rest = after;
            }
            [byte @ (b' '..=b'$' | b'&'..=b'~'), after @ ..] => {
                text.push(*byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// Skips an integer of up to 15 digits, or a decimal of up to 12 and 3.
fn skip_number(value: &[u8], may_be_decimal: bool) -> Option<&[u8]> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let count = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = count(digits);
    let (_, rest) = digits.split_at_checked(whole)?;
    match rest.strip_prefix(b".") {
        Some(fraction) if may_be_decimal && (1..=12).contains(&whole) => {
            let len = count(fraction);
            (1..=3).contains(&len).then(|| fraction.split_at_checked(len)).flatten().map(|(_, rest)| rest)
        }
        Some(_) => None,
        None => (1..=15).contains(&whole).then_some(rest),
    }
}

const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*')
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'(' | b')' | b',' | b';' | b'<' | b'=' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}')
}

trait TrimSpaces {
    fn trim_prefix_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    /// Without the spaces in front; RFC 9651 knows no other white space there.
    fn trim_prefix_spaces(&self) -> &Self {
        let mut rest = self;
        while let Some(after) = rest.strip_prefix(b" ") {
            rest = after;
        }
        rest
    }
}

const LABEL: &[u8] = b"gw.idem.key.1";
const MAX_LINE: usize = 8192;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(lines: &[&str]) -> Result<String, &'static str> {
        IdempotencyKey::parse(lines).map(|key| key.0).map_err(|error| error.code())
    }

    #[test]
    fn quoted_and_bare_keys_are_one() {
        for line in [
            "order-17",
            "\"order-17\"",
            "  order-17",
            "\"order-17\"  ",
            "order-17;a",
            "\"order-17\";a=1; b=\"x;y\";c=?1;d=:aGk=:;e=@12;f=tok/en;g=-1.5;h=%\"a%c3%bc\"",
        ] {
            assert_eq!(parse(&[line]).as_deref(), Ok("order-17"), "{line}");
        }
        assert_eq!(parse(&[r#""a\"b\\c;d=e""#]).as_deref(), Ok(r#"a"b\c;d=e"#));
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        assert_eq!(parse(&[]), Err("idempotency_key_missing"));
        assert_eq!(parse(&["order-17", "order-17"]), Err("idempotency_key_multiple"));
        let long = "x".repeat(256);
        for line in [
            "",
            "   ",
            "\"\"",
            "order-17,order-18",
            "\"order,17\"",
            "order-17;a=\"b,c\"",
            "order 17",
            "\"order 17\"",
            "\"order-17",
            "order-17\"",
            "or\\der-17",
            "order-17 ;a",
            "order-17;",
            "order-17;A",
            "order-17;a=",
            "order-17;a=1.",
            "order-17;a=1234567890123456",
            "order-17;a=:b",
            "order-17;a=%b",
            "order-17;a=%\"%C3%BC\"",
            "order-17;a=%\"%c3\"",
            "order-17;a=%\"%c",
            "\"order-17\"x",
            "\torder-17",
            "order-1\u{7f}",
            "order-1é",
            "\"order\\-17\"",
            "order-17\n",
            "seven-b",
            &long,
        ] {
            assert_eq!(parse(&[line]), Err("idempotency_key_invalid"), "{line:?}");
        }
        assert_eq!(parse(&[&"x".repeat(255)]).map(|key| key.len()), Ok(255));
        assert_eq!(parse(&["\u{0}"]), Err("idempotency_key_invalid"));
    }

    #[test]
    fn records_are_named_by_every_part_and_by_no_other_split() {
        let key = |text: &str| IdempotencyKey::parse(&[text]).unwrap();
        let id = |namespace: &str, tenant: &str, principal: &str, method: &str, path: &str, text: &str| {
            Scope::new(tenant, principal, method, path).record_id(namespace, &key(text)).unwrap()
        };
        let all = [
            id("n", "t", "p", "POST", "/a", "order-17"),
            id("m", "t", "p", "POST", "/a", "order-17"),
            id("n", "u", "p", "POST", "/a", "order-17"),
            id("n", "t", "q", "POST", "/a", "order-17"),
            id("n", "t", "p", "PUT", "/a", "order-17"),
            id("n", "t", "p", "POST", "/b", "order-17"),
            id("n", "t", "p", "POST", "/a", "order-18"),
            id("n", "tp", "", "POST", "/a", "order-17"),
            id("n", "", "tp", "POST", "/a", "order-17"),
            id("n", "t", "p", "POST", "/a:order", "-17-17-17"),
            id("n", "t", "p", "POST", "/a", "order:-17-17-17"),
        ];
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        let empty = Scope::new("", "", "POST", "/a").record_id("n", &key("order-17")).unwrap_err();
        assert_eq!((empty.code(), empty.status(), empty.public_code()), ("scope_empty", 500, "internal"));
        assert_eq!(Scope::new("t", "", "POST", "/a?b").record_id("n", &key("order-17")).unwrap_err().code(), "invalid_argument");
    }

    proptest! {
        #[test]
        fn every_visible_key_can_be_quoted(text in "[!-+--~]{8,255}") {
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let read = parse(&[&quoted]);
            prop_assert_eq!(read.as_deref(), Ok(text.as_str()));
            let is_bare = !text.contains(['"', ';', '\\']);
            let bare = parse(&[&text]);
            prop_assert_eq!(bare.as_deref() == Ok(text.as_str()), is_bare);
        }

        #[test]
        fn no_line_is_a_panic(line in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(key) = IdempotencyKey::parse(&[line]) {
                prop_assert!((MIN_KEY..=MAX_KEY).contains(&key.0.len()));
                prop_assert!(key.0.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','));
            }
        }
    }
}
