//! The reader: one pass, borrowed where no escape stands in the way.

use std::borrow::Cow;

use super::{JsonError, Member, Node, Number, Value};

/// Reads one JSON value that fills the whole of `bytes`, at most `max_depth` containers deep (the top one is 1).
///
/// # Errors
/// The first fault and its place.
///
/// ```
/// use gatewright::json::read;
/// assert_eq!(read(br#"{"a":1}"#, 16).unwrap().value.get("a").unwrap().start, 5);
/// assert_eq!(read(br#"{"a":1,"a":2}"#, 16).unwrap_err().what, "a second member of this name");
/// ```
pub fn read(bytes: &[u8], max_depth: usize) -> Result<Node<'_>, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|error| JsonError { at: error.valid_up_to(), what: "not UTF-8" })?;
    let mut reader = Reader { text, at: 0, depth_left: max_depth };
    reader.skip_space();
    let node = reader.node()?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.fault("text after the value")) } else { Ok(node) }
}

/// Reads a text that is one JSON object and hands over its members as they come, at most `max_depth` containers deep. `visit`
/// says whether the name is new: for known names it can tell that without a list of all names.
///
/// # Errors
/// The first fault and its place.
pub(crate) fn read_members<'a>(text: &'a str, max_depth: usize, visit: impl FnMut(Member<'a>) -> bool) -> Result<(), JsonError> {
    let mut reader = Reader { text, at: 0, depth_left: max_depth };
    reader.skip_space();
    if reader.peek() != Some(b'{') {
        return Err(reader.fault("not an object"));
    }
    reader.enter()?;
    reader.members(visit)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.fault("text after the value")) } else { Ok(()) }
}

/// What is said of a name that its object already has.
pub(crate) const SECOND_MEMBER: &str = "a second member of this name";

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth_left: usize,
}

impl<'a> Reader<'a> {
    const fn fault(&self, what: &'static str) -> JsonError {
        JsonError { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        // Compact texts, which is what most are, take one comparison.
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn slice(&self, start: usize, end: usize) -> Result<&'a str, JsonError> {
        self.text.get(start..end).ok_or_else(|| self.fault("cut inside a character"))
    }

    #[inline]
    fn node(&mut self) -> Result<Node<'a>, JsonError> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.fault("not a JSON value")),
            None => return Err(self.fault("the text ends too early")),
        };
        Ok(Node { value, start, end: self.at })
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, JsonError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.fault("not a JSON value"));
        }
        self.at += word.len();
        Ok(value)
    }

    /// Goes past the opening bracket of a container.
    fn enter(&mut self) -> Result<(), JsonError> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or_else(|| self.fault("nested too deep"))?;
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn nested(&mut self, body: fn(&mut Self) -> Result<Value<'a>, JsonError>) -> Result<Value<'a>, JsonError> {
        self.enter()?;
        let value = body(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value<'a>, JsonError> {
        let mut members: Vec<Member<'a>> = Vec::new();
        let mut names = Names::default();
        self.members(|member| {
            let new = !names.is_repeated(&member.name, &members);
            members.push(member);
            new
        })?;
        Ok(Value::Object(members))
    }

    /// Reads the members of an object from after its opening bracket to after its closing one.
    fn members(&mut self, mut visit: impl FnMut(Member<'a>) -> bool) -> Result<(), JsonError> {
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.fault("a member needs a name in quotes"));
            }
            let name = self.string()?;
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.fault("a colon is missing"));
            }
            self.skip_space();
            let node = self.node()?;
            if !visit(Member { name, start, node }) {
                return Err(JsonError { at: start, what: SECOND_MEMBER });
            }
            self.skip_space();
            if self.eat(b'}') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(self.fault("a comma or the end of the object is missing"));
            }
            self.skip_space();
        }
    }

    fn array(&mut self) -> Result<Value<'a>, JsonError> {
        let mut nodes = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(nodes));
        }
        loop {
            nodes.push(self.node()?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Value::Array(nodes));
            }
            if !self.eat(b',') {
                return Err(self.fault("a comma or the end of the array is missing"));
            }
            self.skip_space();
        }
    }

    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.fault("a digit is missing"));
        }
        let mut integer = true;
        if self.eat(b'.') {
            integer = false;
            if self.digits() == 0 {
                return Err(self.fault("a digit is missing"));
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            integer = false;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(self.fault("a digit is missing"));
            }
        }
        let text = self.slice(start, self.at)?;
        // Up to 300 digits fit a double whatever they are.
        if (!integer || text.len() > 300) && !text.parse().is_ok_and(f64::is_finite) {
            return Err(JsonError { at: start, what: "a number that no double can hold" });
        }
        Ok(Value::Number(Number(text)))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a string from its opening quote on.
    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let start = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            let text = self.slice(start, self.at)?;
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.string_with_escapes(start)
    }

    #[cold]
    fn string_with_escapes(&mut self, start: usize) -> Result<Cow<'a, str>, JsonError> {
        let mut text = self.slice(start, self.at)?.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character in a text")),
                None => return Err(self.fault("the text ends too early")),
            }
            let start = self.at;
            self.plain();
            text.push_str(self.slice(start, self.at)?);
        }
    }

    /// Skips what stands for itself inside a string.
    #[inline]
    fn plain(&mut self) {
        while let Some(eight) = self.text.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk) {
            match ends_plain(u64::from_le_bytes(*eight)) {
                0 => self.at += 8,
                found => {
                    self.at += found.trailing_zeros() as usize / 8;
                    return;
                }
            }
        }
        while self.peek().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        self.at += 1;
        let simple = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err(JsonError { at: start, what: "an unknown escape" }),
        };
        self.at += 1;
        Ok(simple)
    }

    fn unicode(&mut self, start: usize) -> Result<char, JsonError> {
        let lone = JsonError { at: start, what: "half of a surrogate pair" };
        self.at += 1;
        let first = self.hex4()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or(lone);
        }
        if first >= 0xDC00 || !(self.eat(b'\\') && self.eat(b'u')) {
            return Err(lone);
        }
        let second = self.hex4()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(lone);
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(lone)
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or_else(|| self.fault("four hex digits are missing"))?;
            self.at += 1;
        }
        Ok(value)
    }
}

/// The high bit of each of eight bytes that is a quote, a backslash or a control character; those above the first such byte
/// may be wrong.
const fn ends_plain(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    const fn zero_bytes(eight: u64) -> u64 {
        eight.wrapping_sub(ONES) & !eight
    }
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (control | zero_bytes(eight ^ (ONES * b'"' as u64)) | zero_bytes(eight ^ (ONES * b'\\' as u64))) & HIGHS
}

/// Finds repeated names: by comparison while there are few, by a set when a hostile object has many.
#[derive(Default)]
pub(crate) struct Names {
    set: std::collections::HashSet<String>,
}

impl Names {
    const FEW: usize = 24;

    /// Whether `members`, the ones before, hold this name.
    pub(crate) fn is_repeated(&mut self, name: &str, members: &[Member<'_>]) -> bool {
        if members.len() < Self::FEW {
            return members.iter().any(|member| member.name == name);
        }
        if self.set.is_empty() {
            self.set.extend(members.iter().map(|member| member.name.clone().into_owned()));
        }
        !self.set.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn what(text: &str) -> &'static str {
        read(text.as_bytes(), 4).map_or_else(|error| error.what, |_| "")
    }

    #[test]
    fn every_fault_is_found() {
        assert_eq!(what("{\"a\":{\"b\":1,\"b\":1}}"), "a second member of this name");
        assert_eq!(what("{\"a\":1,\"\\u0061\":1}"), "a second member of this name");
        assert_eq!(what("[[[[]]]]"), "");
        assert_eq!(what("[[[[[]]]]]"), "nested too deep");
        assert_eq!(what("\"\\ud83d\""), "half of a surrogate pair");
        assert_eq!(what("\"\\ud83d\\ude00\""), "");
        assert_eq!(what("\"\\udc00\""), "half of a surrogate pair");
        assert_eq!(what("1e400"), "a number that no double can hold");
        assert_eq!(what("1e308"), "");
        for wrong in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "NaN",
            "Infinity",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "'a'",
            "\u{feff}{}",
            "{}x",
            "\"\t\"",
            "tru",
            "-",
            "\"\\x\"",
            "// c\n1",
        ] {
            assert_ne!(what(wrong), "", "{wrong}");
        }
        assert_eq!(read(b"\"\xff\"", 4).map_err(|error| error.what), Err("not UTF-8"));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".*".prop_map(|text: String| text.into()),
        ];
        leaf.prop_recursive(3, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::Array),
                prop::collection::btree_map(".{0,4}", inner, 0..40).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
        match (ours, theirs) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
            (Value::Number(a), serde_json::Value::Number(b)) => a.text() == b.to_string(),
            (Value::Text(a), serde_json::Value::String(b)) => a == b,
            (Value::Array(a), serde_json::Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, b)),
            (Value::Object(a), serde_json::Value::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, (name, b))| a.name == *name && same(&a.node.value, b))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_as_it_was(value in any_json()) {
            let text = value.to_string();
            prop_assert!(same(&read(text.as_bytes(), 16).unwrap().value, &value));
        }

        #[test]
        fn no_bytes_make_it_panic_and_serde_json_takes_all_it_takes(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\u0123eE+-.dD89abtrufalsn \xc3\xa9\xff".as_slice()), 0..40)) {
            if read(&bytes, 16).is_ok() {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
            }
        }
    }
}
