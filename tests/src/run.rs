//! Runs every file below a folder and writes the report.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use crate::shape::{self, Fault, list};
use crate::{json, sequence, single};

/// How many tests went as written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tests that did.
    pub passed: u64,
    /// Tests that did not, and files that were rejected.
    pub failed: u64,
}

/// What came of a test.
pub(crate) struct Verdict {
    /// For the report.
    pub(crate) report: String,
    /// What is wrong with it; `None` if nothing is.
    pub(crate) complaint: Option<String>,
}

/// Runs every `*.json` below `folder`, prints each failure and writes the outcomes to `report`.
///
/// # Errors
/// A folder that cannot be listed, a report that cannot be written. A file that cannot be read is a failure, not an error.
pub fn run(folder: &Path, report: &Path) -> io::Result<Totals> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut totals = Totals::default();
    let mut outcomes = Map::new();
    for (name, path) in files(folder)? {
        let file = match fs::read(&path).map_err(|error| error.to_string()).and_then(|bytes| accept(&bytes)) {
            Ok(file) => run_file(&runtime, &name, &file, &mut totals),
            Err(fault) => {
                totals.failed += 1;
                say(&format!("FAIL {name}: rejected: {fault}"));
                Map::from_iter([("file".to_owned(), Value::from("rejected"))])
            }
        };
        outcomes.insert(name, Value::Object(file));
    }
    fs::write(report, format!("{:#}\n", Value::Object(outcomes)))?;
    Ok(totals)
}

fn accept(bytes: &[u8]) -> Result<Value, Fault> {
    let file = json::parse(bytes).map_err(|error| format!("byte {}: {}", error.at, error.what))?;
    shape::check(&file)?;
    Ok(file)
}

fn run_file(runtime: &Runtime, name: &str, file: &Value, totals: &mut Totals) -> Map<String, Value> {
    let mut outcomes = Map::new();
    for group in list(file.get("testGroups")) {
        for test in list(group.get("tests")) {
            let id = test.get("tcId").map(ToString::to_string).unwrap_or_default();
            let verdict = run_test(runtime, group, test);
            match verdict.complaint {
                None => totals.passed += 1,
                Some(complaint) => {
                    totals.failed += 1;
                    let comment = test.get("comment").and_then(Value::as_str).unwrap_or_default();
                    say(&format!("FAIL {name} tcId {id} ({comment}): {complaint}"));
                }
            }
            outcomes.insert(id, Value::String(verdict.report));
        }
    }
    outcomes
}

fn run_test(runtime: &Runtime, group: &Value, test: &Value) -> Verdict {
    let kind = group.get("type").and_then(Value::as_str).unwrap_or_default();
    let test = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            if kind.ends_with(".sequence") { sequence::run(kind, group, test).await } else { single::run(kind, group, test).await }
        })
    }));
    test.unwrap_or_else(|_| Verdict { report: "error".to_owned(), complaint: Some("the library panicked".to_owned()) })
}

/// Every `*.json` below a folder, by its path from there with `/`.
fn files(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                folders.push((format!("{name}/"), path));
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.insert(name, path);
            }
        }
    }
    Ok(found)
}

#[allow(clippy::print_stdout, reason = "the failures are what the caller wants to see")]
fn say(line: &str) {
    println!("{line}");
}
