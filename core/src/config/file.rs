//! A policy document in a file.

use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::{Policy, Source, load};
use crate::error::{ConfigError, Problem, Result};

/// Reads and checks the policy document in a file. Relative paths in it start at the file's folder.
///
/// # Errors
/// As [`load`]; also where the file cannot be read, is not UTF-8 or longer than 1 MiB.
pub fn load_file(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Policy> {
    let unreadable = |line: Option<u32>, mend: String| {
        let problem = Problem { file: Some(path.display().to_string()), line, field: String::new(), mend };
        ConfigError::new(vec![problem])
    };
    // The text may hold secrets.
    let mut bytes = Zeroizing::new(Vec::new());
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_LEN as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        ErrorKind::NotFound => unreadable(None, "give the path of the policy document: there is no such file".to_owned()),
        kind => unreadable(None, format!("make the policy document readable for this process: {kind}")),
    })?;
    if bytes.len() > MAX_LEN {
        return Err(unreadable(None, TOO_LONG.to_owned()).into());
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count();
        unreadable(u32::try_from(before + 1).ok(), "write the policy document in UTF-8: here is something else".to_owned())
    })?;
    let base_dir = path.parent().unwrap_or_else(|| Path::new(""));
    load(text, &Source { file: Some(path), base_dir, as_data: false }, env)
}

/// The longest document.
pub(super) const MAX_LEN: usize = 1 << 20;
pub(super) const TOO_LONG: &str = "write a policy document of at most 1 MiB";
