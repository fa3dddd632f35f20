//! The bytes of records: a format number, then big-endian numbers and length-prefixed texts.

use crate::encode::lp;
use crate::error::{Error, Result};

/// Writes a record's value.
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(format: u8) -> Self {
        let mut out = Vec::with_capacity(512);
        out.push(format);
        Self { out }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn u8(&mut self, number: u8) {
        self.out.push(number);
    }

    pub(crate) fn u32(&mut self, number: u32) {
        self.out.extend_from_slice(&number.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, number: u64) {
        self.out.extend_from_slice(&number.to_be_bytes());
    }

    pub(crate) fn i64(&mut self, number: i64) {
        self.out.extend_from_slice(&number.to_be_bytes());
    }

    pub(crate) fn array<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        lp(&mut self.out, text.as_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        lp(&mut self.out, bytes);
    }

    pub(crate) fn texts(&mut self, texts: &[String]) {
        crate::encode::lpl(&mut self.out, texts);
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Reads a record's value. Whatever the bytes, the outcome is a value or `record_unreadable`.
pub(crate) struct Reader<'a> {
    kind: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(kind: &'static str, format: u8, bytes: &'a [u8]) -> Result<Self> {
        match bytes.split_first() {
            Some((found, rest)) if *found == format => Ok(Self { kind, rest }),
            Some((found, _)) if *found > format => Err(Error::RecordUnreadable { kind, why: "a newer version wrote it" }),
            _ => Err(Error::RecordUnreadable { kind, why: "unknown format" }),
        }
    }

    const fn damaged(&self, why: &'static str) -> Error {
        Error::RecordUnreadable { kind: self.kind, why }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.damaged("cut short"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn slice(&mut self) -> Result<&'a [u8]> {
        let len = self.u32()? as usize;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.damaged("cut short"))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        self.slice().map(<[u8]>::to_vec)
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        let bytes = self.slice()?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| self.damaged("not UTF-8"))
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<String>> {
        // Not allocated in advance: the count may be damaged.
        (0..self.u32()?).map(|_| self.text()).collect()
    }

    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(self.damaged("neither there nor absent")),
        }
    }

    #[cfg(feature = "sqlite")]
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn finish(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.damaged("bytes after its end")) }
    }
}
