//! Whole documents: the example of the reference, then one fault at a time, in both formats.

mod example;
mod hostile;
mod idempotency;
mod keys;
mod later;
mod reference_page;
mod references;
mod store;
mod syntax;
mod tokens;
mod webhooks;

use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::error::{Error, Problem};

/// Every domain, as in the reference; stores that are in this build.
const EXAMPLE: &str = include_str!("example.toml");

/// An Ed25519 key, and its public half (RFC 8410 section 10.3).
const PRIVATE_PEM: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

/// The environment of the example.
const VARIABLES: [(&str, &str); 7] = [
    ("GW_ROOT_1", "base64:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="),
    ("GW_ROOT_2", "hex:28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f4041424344454647"),
    ("JWT_OLD_SECRET", "an old signing key: plain text, 46 bytes of it"),
    ("FARMIQ_SECRET", "hex:7f7e7d7c7b7a797877767574737271706f6e6d6c6b6a69686766656463626160"),
    ("HOOK_NEW", "a parking secret of 27 bytes"),
    ("HOOK_OLD", "an older parking secret"),
    ("EMPTY", ""),
];

/// A folder with the file that the example names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jwt.pem"), PRIVATE_PEM).unwrap();
    folder
}

fn variable(name: &str) -> Option<String> {
    HashMap::from(VARIABLES).get(name).map(|value| (*value).to_owned())
}

fn load_in(text: &str, base_dir: &Path) -> Result<Policy> {
    load(text, &Source { base_dir, ..Source::default() }, &variable)
}

fn try_load(text: &str) -> Result<Policy> {
    load_in(text, folder().path())
}

/// The example with one part replaced, which must be in it once.
fn example_with(from: &str, to: &str) -> String {
    assert_eq!(EXAMPLE.matches(from).count(), 1, "{from}");
    EXAMPLE.replace(from, to)
}

/// The same document in JSON, a member a line.
fn as_json(toml: &str) -> String {
    let table: ::toml::Table = toml.parse().unwrap();
    serde_json::to_string_pretty(&table).unwrap()
}

/// The problems of a document, which must be the same members in JSON.
fn problems(toml: &str) -> Vec<Problem> {
    let of = |text: &str| match try_load(text) {
        Err(Error::Config(error)) => error.problems().to_vec(),
        other => panic!("{other:?}\n{text}"),
    };
    let found = of(toml);
    let mut fields: Vec<_> = found.iter().map(|problem| &problem.field).collect();
    let in_json = of(&as_json(toml));
    let mut json_fields: Vec<_> = in_json.iter().map(|problem| &problem.field).collect();
    fields.sort();
    json_fields.sort();
    assert_eq!(fields, json_fields, "{toml}");
    assert!(in_json.iter().all(|problem| problem.line.is_some()));
    found
}

/// The only problem of a document.
fn problem(toml: &str) -> Problem {
    let found = problems(toml);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// That the example with one part replaced has one problem: in this member, on the line of the new part, with these words in its
/// mend.
#[track_caller]
fn assert_fault(from: &str, to: &str, field: &str, mend: &str) {
    let text = example_with(from, to);
    let line = EXAMPLE.lines().zip(text.lines()).position(|(old, new)| old != new).unwrap() + 1;
    let found = problem(&text);
    assert_eq!((found.field.as_str(), found.line), (field, u32::try_from(line).ok()), "{found}");
    assert!(found.mend.contains(mend), "{found}");
}

/// That the example loads with one part replaced.
#[track_caller]
fn assert_loads(from: &str, to: &str) -> Policy {
    let text = example_with(from, to);
    assert!(try_load(&as_json(&text)).is_ok());
    try_load(&text).unwrap()
}
