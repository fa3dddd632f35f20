//! Members by their type.

use std::time::Duration;

use super::{Field, Item, Table};
use crate::config::tree::{Node, Value};
use crate::time::{Timestamp, parse_duration};

impl<'d> Table<'d> {
    /// A member that is read by `read`, or has `mend` reported; a text that could not be resolved has been reported already.
    fn value<T>(&self, name: &'static str, mend: &str, read: impl FnOnce(&'d Value) -> Option<T>) -> Field<'_, 'd, T> {
        let Some(Node { value, .. }) = self.node(name) else { return Field::absent(self, name) };
        if matches!(value, Value::Unresolved) {
            return Field::faulty(self, name);
        }
        match read(value) {
            Some(value) => Field::given(self, name, value),
            None => {
                self.problem(name, mend);
                Field::faulty(self, name)
            }
        }
    }

    /// A text.
    pub(in crate::config) fn text(&self, name: &'static str) -> Field<'_, 'd, &'d str> {
        self.value(name, "write a text in quotes", text)
    }

    /// A text that is not empty and no longer than the names that calls may give.
    pub(in crate::config) fn name(&self, name: &'static str) -> Field<'_, 'd, &'d str> {
        self.text(name).check("write a name of 1 to 255 bytes", |text| !text.is_empty() && text.len() <= MAX_NAME)
    }

    /// `true` or `false`.
    pub(in crate::config) fn bool(&self, name: &'static str) -> Field<'_, 'd, bool> {
        self.value(name, "write true or false, without quotes", |value| match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        })
    }

    /// A whole number in a range.
    pub(in crate::config) fn integer(&self, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Field<'_, 'd, i64> {
        let mend = if range.start() == range.end() {
            format!("write {name} = {}", range.start())
        } else {
            format!("write a whole number from {} to {}, without quotes, fraction and exponent", range.start(), range.end())
        };
        self.value(name, &mend, |value| match value {
            Value::Integer(value) => value.filter(|value| range.contains(value)),
            _ => None,
        })
    }

    /// A number in a range, its lower end left out.
    pub(in crate::config) fn share(&self, name: &'static str) -> Field<'_, 'd, f64> {
        let value = self.value(name, "write a number above 0 and at most 1", |value| match value {
            Value::Float(value) => Some(*value),
            Value::Integer(Some(1)) => Some(1.0),
            _ => None,
        });
        value.check("write a number above 0 and at most 1", |value| *value > 0.0 && *value <= 1.0)
    }

    /// A duration, in whole microseconds.
    pub(in crate::config) fn duration(&self, name: &'static str) -> Field<'_, 'd, Duration> {
        self.value(name, "write a duration in quotes: a whole number, then us, ms, s, m, h or d, as \"15m\"", |value| {
            let duration = parse_duration(text(value)?)?;
            i64::try_from(duration.as_micros()).is_ok().then_some(duration)
        })
    }

    /// A size in bytes.
    pub(in crate::config) fn size(&self, name: &'static str) -> Field<'_, 'd, u64> {
        self.value(name, "write a size in quotes: a whole number, then B, KiB or MiB, as \"256KiB\"", |value| parse_size(text(value)?))
    }

    /// An instant.
    pub(in crate::config) fn instant(&self, name: &'static str) -> Field<'_, 'd, Timestamp> {
        self.value(name, "write an instant of RFC 3339 in quotes, with its zone, as \"2027-01-31T00:00:00Z\"", |value| {
            Timestamp::parse_rfc3339(text(value)?)
        })
    }

    /// One of several words.
    pub(in crate::config) fn choice<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Field<'_, 'd, T> {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.value(name, &format!("write one of {}", words.join(", ")), |value| {
            let word = text(value)?;
            choices.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
        })
    }

    /// A list of texts.
    pub(in crate::config) fn texts(&self, name: &'static str) -> Field<'_, 'd, Vec<String>> {
        self.list(name, |item| item.text().map(str::to_owned))
    }

    /// A list of names: one at least, none empty.
    pub(in crate::config) fn names(&self, name: &'static str) -> Field<'_, 'd, Vec<String>> {
        let mut given = 0;
        let names = self.list(name, |item| {
            given += 1;
            let text = item.text()?;
            if text.is_empty() {
                item.problem("write a name that is not empty, or leave this element out");
            }
            Some(text.to_owned())
        });
        names.check("write a list of at least one name, as [\"api\"]", |_| given > 0)
    }

    /// Both ends of a life, of which the first must be the earlier.
    pub(in crate::config) fn term(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let (not_before, not_after) = (self.instant("not_before").optional(), self.instant("not_after").optional());
        if let (Some(from), Some(until)) = (not_before, not_after)
            && from >= until
        {
            self.problem("not_after", "write an instant after not_before");
        }
        (not_before, not_after)
    }

    /// The member as it is, for what is read as data elsewhere.
    pub(in crate::config) fn data(&self, name: &'static str) -> Option<&'d Node> {
        self.node(name)
    }
}

impl<'d> Item<'d> {
    /// An element that is a text.
    pub(in crate::config) fn text(&self) -> Option<&'d str> {
        let found = text(&self.node.value);
        if found.is_none() && !matches!(self.node.value, Value::Unresolved) {
            self.problem("write a text in quotes");
        }
        found
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let (digits, unit) = text.split_at_checked(text.bytes().take_while(u8::is_ascii_digit).count())?;
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(bytes)
}

const MAX_NAME: usize = 255;
