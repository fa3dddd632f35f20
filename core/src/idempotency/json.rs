//! JSON bodies for comparison: places in them, and one text for one value, whole numbers to their last digit.

use crate::json::{Node, Value, canonical_with, write_number};

/// A JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    steps: Vec<String>,
}

impl Pointer {
    /// Reads a pointer: empty for the whole, else each step behind a `/`, `~0` for `~` and `~1` for `/`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let steps = match text.strip_prefix('/') {
            Some(rest) => rest.split('/').map(unescape).collect::<Option<Vec<_>>>()?,
            None if text.is_empty() => Vec::new(),
            None => return None,
        };
        Some(Self { text: text.to_owned(), steps })
    }

    /// The pointer as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value at this place.
    pub(crate) fn find<'n, 'a>(&self, node: &'n Node<'a>) -> Option<&'n Node<'a>> {
        self.steps.iter().try_fold(node, |node, step| match &node.value {
            Value::Object(_) => node.value.get(step),
            Value::Array(nodes) => nodes.get(index(step)?),
            _ => None,
        })
    }

    /// Removes the values at all these places at once, so that no removal moves another's place. Says whether the whole is gone.
    pub(crate) fn remove_all(pointers: &[Self], node: &mut Node<'_>) -> bool {
        let paths: Vec<&[String]> = pointers.iter().map(|pointer| pointer.steps.as_slice()).collect();
        remove(&paths, node)
    }
}

fn remove(paths: &[&[String]], node: &mut Node<'_>) -> bool {
    if paths.iter().any(|path| path.is_empty()) {
        return true;
    }
    if paths.is_empty() {
        return false;
    }
    let below = |is_next: &dyn Fn(&str) -> bool| -> Vec<&[String]> {
        paths.iter().filter_map(|path| path.split_first()).filter(|(step, _)| is_next(step)).map(|(_, rest)| rest).collect()
    };
    match &mut node.value {
        Value::Object(members) => members.retain_mut(|member| !remove(&below(&|step| step == member.name), &mut member.node)),
        Value::Array(nodes) => {
            let mut at = 0;
            nodes.retain_mut(|node| {
                let gone = remove(&below(&|step| index(step) == Some(at)), node);
                at += 1;
                !gone
            });
        }
        _ => {}
    }
    false
}

/// Writes a value in the form of RFC 8785, but whole numbers beyond 2^53 with all their digits: two ids never pass for one.
pub(crate) fn canonical(node: &Node<'_>) -> String {
    canonical_with(node, &|out, number| match exact_whole(number.text()) {
        Some(digits) => out.push_str(&digits),
        None => write_number(out, number.as_f64()),
    })
}

/// All digits of a number that is whole and beyond 2^53. The reader has refused what a double cannot hold, so there are no more
/// than 309 behind those that were written.
fn exact_whole(text: &str) -> Option<String> {
    let magnitude = text.trim_start_matches('-');
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
    let mut digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return None;
    }
    let shift = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if shift >= 0 {
        let zeros = usize::try_from(shift).ok().filter(|zeros| *zeros <= MAX_ZEROS)?;
        digits.extend(std::iter::repeat_n('0', zeros));
    } else {
        // Whole only if what is cut off is nothing but zeros, as in 100e-2.
        let keep = digits.len().checked_sub(usize::try_from(shift.unsigned_abs()).ok()?)?;
        let (kept, cut) = digits.split_at_checked(keep)?;
        if cut.bytes().any(|digit| digit != b'0') {
            return None;
        }
        digits = kept.to_owned();
    }
    let beyond = digits.len() > LIMIT.len() || (digits.len() == LIMIT.len() && digits.as_str() > LIMIT);
    beyond.then(|| format!("{}{digits}", if text.starts_with('-') { "-" } else { "" }))
}

fn unescape(step: &str) -> Option<String> {
    let mut out = String::with_capacity(step.len());
    let mut characters = step.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

/// The place in an array that a step names: no sign, no leading zero.
fn index(step: &str) -> Option<usize> {
    let is_plain = step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if is_plain { step.parse().ok() } else { None }
}

/// 2^53.
const LIMIT: &str = "9007199254740992";
/// No double has more.
const MAX_ZEROS: usize = 309;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::read;

    fn text(json: &str) -> String {
        canonical(&read(json.as_bytes(), 16).unwrap())
    }

    #[test]
    fn pointers_are_those_of_rfc_6901() {
        let document = read(br#"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8," ":7,"01":5}"#, 16).unwrap();
        let at = |pointer: &str| Pointer::parse(pointer).and_then(|pointer| pointer.find(&document).map(canonical));
        for (pointer, value) in [("/foo/0", "\"bar\""), ("/foo/1", "\"baz\""), ("/", "0"), ("/a~1b", "1"), ("/m~0n", "8"), ("/ ", "7"), ("/01", "5")]
        {
            assert_eq!(at(pointer).as_deref(), Some(value), "{pointer}");
        }
        assert!(at("").is_some());
        for absent in ["/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/foo/", "/x", "/ /x", "foo", "/m~n", "/m~2n", "/~"] {
            assert_eq!(at(absent), None, "{absent}");
        }
    }

    #[test]
    fn places_are_removed_at_once() {
        let removed = |pointers: &[&str], json: &str| {
            let mut node = read(json.as_bytes(), 16).unwrap();
            let pointers: Vec<_> = pointers.iter().map(|text| Pointer::parse(text).unwrap()).collect();
            assert!(!Pointer::remove_all(&pointers, &mut node));
            canonical(&node)
        };
        assert_eq!(removed(&["/0", "/1", "/9"], "[1,2,3,4]"), "[3,4]");
        assert_eq!(removed(&["/a/b", "/a/c/0", "/x/y"], r#"{"a":{"b":1,"c":[1,2],"d":3}}"#), r#"{"a":{"c":[2],"d":3}}"#);
        assert_eq!(removed(&["/a", "/a/b"], r#"{"a":{"b":1}}"#), "{}");
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        for (written, canonical) in [
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740993"),
            ("-9007199254740993.000", "-9007199254740993"),
            ("90071992547409930e-1", "9007199254740993"),
            ("9007199254740993.5", "9007199254740994"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e17", "100000000000000000"),
            ("1.5e0", "1.5"),
            ("100e-2", "1"),
            ("-0", "0"),
            ("0e99", "0"),
            ("1e-400", "0"),
        ] {
            assert_eq!(text(written), canonical, "{written}");
        }
        assert_eq!(text("1e308"), format!("1{}", "0".repeat(308)));
    }

    proptest! {
        #[test]
        fn equal_whole_numbers_have_one_text(number in any::<i128>(), zeros in 0_usize..5) {
            let padded = format!("{number}{}", "0".repeat(zeros));
            let same = text(&format!("{number}e{zeros}"));
            prop_assert_eq!(&same, &text(&padded));
            prop_assert_eq!(&same, &text(&format!("{padded}.0")));
        }

        #[test]
        fn no_body_is_a_panic(body in prop::collection::vec(any::<u8>(), 0..200), pointer in "(/[a0-9~]{0,2}){0,3}") {
            if let (Ok(mut node), Some(pointer)) = (read(&body, 16), Pointer::parse(&pointer)) {
                pointer.find(&node);
                Pointer::remove_all(&[pointer], &mut node);
                let _ = canonical(&node);
            }
        }
    }
}
