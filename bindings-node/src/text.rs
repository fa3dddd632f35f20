//! Texts of hot paths: short ones are copied once and to the stack, and bytes leave as a text of Latin-1, whose characters are cheap to read.

#![allow(unsafe_code, reason = "napi's own texts take two calls and memory of the heap; here is one call into memory of a known size")]

use std::ptr;

use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{Result, ValueType, check_status, sys};

/// A text that is given, at most a few of them at a time. Anything else is an error of napi.
pub struct Text {
    short: [u8; SHORT],
    len: usize,
    long: Option<String>,
}

/// Longer names are rare.
const SHORT: usize = 96;

/// What no character of UTF-8 exceeds: with less room than this left, the text may have been cut.
const LONGEST_CHARACTER: usize = 4;

impl Text {
    /// The text. The JavaScript half gives well-formed ones only, so that nothing is replaced.
    pub(crate) fn as_str(&self) -> &str {
        let short = || self.short.get(..self.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        self.long.as_deref().unwrap_or_else(short)
    }

    pub(crate) fn into_string(self) -> String {
        match self.long {
            Some(long) => long,
            None => self.as_str().to_owned(),
        }
    }
}

impl TypeName for Text {
    fn type_name() -> &'static str {
        "String"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for Text {}

impl FromNapiValue for Text {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut text = Self { short: [0; SHORT], len: 0, long: None };
        // SAFETY: napi writes at most `SHORT` bytes to `short`, the terminating zero included; `env` and `value` are the caller's.
        check_status!(unsafe { sys::napi_get_value_string_utf8(env, value, text.short.as_mut_ptr().cast(), SHORT, &raw mut text.len) })?;
        if text.len + LONGEST_CHARACTER >= SHORT {
            // SAFETY: the same value.
            text.long = Some(unsafe { String::from_napi_value(env, value) }?);
        }
        Ok(text)
    }
}

/// Bytes that leave as a text, each as the character of its number.
pub struct Latin1(pub Vec<u8>);

impl TypeName for Latin1 {
    fn type_name() -> &'static str {
        "String"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ToNapiValue for Latin1 {
    unsafe fn to_napi_value(env: sys::napi_env, Self(bytes): Self) -> Result<sys::napi_value> {
        let mut value = ptr::null_mut();
        let len = isize::try_from(bytes.len()).unwrap_or(0);
        // SAFETY: napi reads `len` bytes of `bytes`; `env` is the caller's.
        check_status!(unsafe { sys::napi_create_string_latin1(env, bytes.as_ptr().cast(), len, &raw mut value) })?;
        Ok(value)
    }
}
