//! Line ends of all systems as one, so that lines can be counted.

use std::io::{BufRead, Read, Result};

/// A text whose lines all end with `\n`, the last one too.
pub(super) struct Lines<R> {
    text: R,
    after_return: bool,
    last: u8,
    read: u64,
    /// Bytes that may still be read of one row.
    allowed: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(text: R) -> Self {
        Self { text, after_return: false, last: b'\n', read: 0, allowed: u64::MAX }
    }

    /// Reads no more than so many bytes from here on: then it is an error, of the kind `FileTooLarge`.
    pub(super) const fn allow(&mut self, bytes: u64) {
        self.allowed = bytes;
    }

    /// How many bytes of the text have been read.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.read
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.allowed == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let mut written = 0;
        let mut places = out.iter_mut();
        while written == 0 {
            let text = self.text.fill_buf()?;
            if text.is_empty() {
                if self.last != b'\n'
                    && let Some(place) = places.next()
                {
                    *place = b'\n';
                    self.last = b'\n';
                    return Ok(1);
                }
                return Ok(0);
            }
            let mut taken = 0;
            for byte in text {
                // The `\r` was the end of the line already.
                let is_rest = self.after_return && *byte == b'\n';
                if !is_rest {
                    let Some(place) = places.next() else { break };
                    self.last = if *byte == b'\r' { b'\n' } else { *byte };
                    *place = self.last;
                    written += 1;
                }
                self.after_return = *byte == b'\r';
                taken += 1;
            }
            self.text.consume(taken);
            let taken_bytes = u64::try_from(taken).unwrap_or(0);
            self.read += taken_bytes;
            self.allowed = self.allowed.saturating_sub(taken_bytes);
            if taken == 0 {
                break;
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ends_alike() {
        for (text, lines) in [("a\r\nb\rc\n", "a\nb\nc\n"), ("a", "a\n"), ("", ""), ("\r\n\r\n", "\n\n"), ("a\n\rb", "a\n\nb\n")] {
            for capacity in [1, 2, 64] {
                let mut out = String::new();
                Lines::new(std::io::BufReader::with_capacity(capacity, text.as_bytes())).read_to_string(&mut out).unwrap();
                assert_eq!(out, lines, "{text:?} by {capacity}");
            }
        }
    }
}
