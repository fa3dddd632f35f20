//! Data of Python as JSON text: `None`, `bool`, `int`, `float`, `str`, lists, tuples and mappings with `str` keys.
//!
//! Not `json.dumps`: that turns keys of other types into texts, and writes NaN.

use std::fmt::Write;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use super::members;
use crate::errors::invalid_argument;

const MEND: &str = "give only str, int, float, bool, None, lists, and mappings with str keys, at most 32 deep; no NaN and no infinity";
const MAX_DEPTH: usize = 32;

/// The JSON text of a mapping.
pub(crate) fn json_text(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<String> {
    if !value.is_instance_of::<PyDict>() && !value.is_instance_of::<PyMapping>() {
        return Err(invalid_argument(value.py(), argument, MEND));
    }
    let mut writer = Writer { out: String::new(), argument };
    writer.value(value, MAX_DEPTH)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    argument: &'static str,
}

impl Writer {
    fn value(&mut self, value: &Bound<'_, PyAny>, depth_left: usize) -> PyResult<()> {
        let refuse = || invalid_argument(value.py(), self.argument, MEND);
        if value.is_none() {
            self.out.push_str("null");
        } else if let Ok(flag) = value.cast::<PyBool>() {
            self.out.push_str(if flag.is_true() { "true" } else { "false" });
        } else if let Ok(text) = value.cast::<PyString>() {
            let text = text.to_str().map_err(|_| refuse())?;
            self.text(text);
        } else if let Ok(number) = value.cast::<PyFloat>() {
            let number = number.value();
            if !number.is_finite() {
                return Err(refuse());
            }
            // Debug writes the shortest text that reads back as the same double, and a fraction or an exponent with it.
            let _ = write!(self.out, "{number:?}");
        } else if value.is_instance_of::<PyInt>() {
            // Whole numbers of a subclass (an IntEnum) are written as numbers; those of over 4300 digits refuse to be.
            let text = value.py().get_type::<PyInt>().call_method1("__repr__", (value,)).map_err(|_| refuse())?;
            self.out.push_str(text.extract::<&str>().map_err(|_| refuse())?);
        } else if depth_left == 0 {
            return Err(refuse());
        } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            self.array(value, depth_left - 1)?;
        } else {
            self.object(value, depth_left - 1)?;
        }
        Ok(())
    }

    fn array(&mut self, value: &Bound<'_, PyAny>, depth_left: usize) -> PyResult<()> {
        self.out.push('[');
        for (at, item) in value.try_iter()?.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.value(&item?, depth_left)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self, value: &Bound<'_, PyAny>, depth_left: usize) -> PyResult<()> {
        self.out.push('{');
        for (at, (name, member)) in members(value, self.argument, MEND)?.into_iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.text(&name);
            self.out.push(':');
            self.value(&member, depth_left)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                control if control < ' ' => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(control));
                }
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}
