//! `${NAME}` and `${file:/path}` in texts, resolved after the document has been parsed: what they bring in is never syntax,
//! and is not looked at again.

use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use super::problems::{Place, Problems};
use super::tree::{Node, Value, child, element};

/// Where references lead.
pub(super) struct Sources<'a> {
    /// The value of a variable of the environment.
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    /// Where relative paths start.
    pub(super) base_dir: &'a Path,
}

impl Sources<'_> {
    /// Resolves every text of a tree. One that cannot be resolved is reported and set aside.
    pub(super) fn resolve_all(&self, node: &mut Node, path: &str, problems: &Problems) {
        match &mut node.value {
            Value::Array(nodes) => nodes.iter_mut().enumerate().for_each(|(at, node)| self.resolve_all(node, &element(path, at), problems)),
            Value::Table(members) => members.iter_mut().for_each(|(name, node)| self.resolve_all(node, &child(path, name), problems)),
            Value::Text(text) if text.contains("${") => {
                node.value = self.resolve(text).map_or_else(
                    |mend| {
                        problems.add(Place { at: node.at, field: path.to_owned() }, mend);
                        Value::Unresolved
                    },
                    Value::Text,
                );
            }
            _ => {}
        }
    }

    fn resolve(&self, text: &str) -> Result<Zeroizing<String>, String> {
        let mut rest = text;
        let mut pieces: Vec<Zeroizing<String>> = Vec::new();
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                pieces.push(Zeroizing::new(format!("{before}${{")));
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}').ok_or("close ${ with a brace, as ${NAME}, or write $${ for ${ itself")?;
            pieces.push(Zeroizing::new(before.to_owned()));
            pieces.push(self.look_up(name)?);
            rest = after;
        }
        // In one piece of the right size, so that no copy of a secret is left behind by a string that grew.
        let mut resolved = Zeroizing::new(String::with_capacity(pieces.iter().map(|piece| piece.len()).sum::<usize>() + rest.len()));
        pieces.iter().for_each(|piece| resolved.push_str(piece));
        resolved.push_str(rest);
        Ok(resolved)
    }

    fn look_up(&self, name: &str) -> Result<Zeroizing<String>, String> {
        if let Some(path) = name.strip_prefix("file:") {
            return read_secret_file(&self.base_dir.join(path), path);
        }
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.starts_with(|first: char| first.is_ascii_digit());
        if name.is_empty() || name.len() > MAX_NAME || !is_name {
            return Err("name a variable of the environment between the braces, as ${NAME}, or a file, as ${file:/path}".to_owned());
        }
        match (self.env)(name).map(Zeroizing::new) {
            Some(value) if !value.is_empty() => Ok(value),
            Some(_) => Err(format!("give the environment variable {name} a value: it is empty")),
            None => Err(format!("set the environment variable {name}: it is missing (or it is not UTF-8)")),
        }
    }
}

/// The text of a file, one final newline dropped.
fn read_secret_file(path: &PathBuf, shown: &str) -> Result<Zeroizing<String>, String> {
    if shown.is_empty() {
        return Err("name a file behind file:, as ${file:/run/secrets/jwt.pem}".to_owned());
    }
    let shown = shown.escape_debug();
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE));
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_FILE as u64).read_to_end(&mut bytes));
    read.map_err(|error| format!("make the file {shown} readable for this process: {}", error.kind()))?;
    if bytes.len() == MAX_FILE {
        return Err(format!("name another file than {shown}: no secret has {MAX_FILE} bytes"));
    }
    let mut text = String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        format!("write text in the file {shown}: it is not UTF-8 (binary secrets are written in base64 or hex)")
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() { Err(format!("write the secret in the file {shown}: it is empty")) } else { Ok(text) }
}

/// Larger than any key in PEM.
const MAX_FILE: usize = 64 * 1024;
const MAX_NAME: usize = 255;
