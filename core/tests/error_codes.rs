//! `tests/errors.json` is the table of codes as the bindings see it; this test holds the two together.
//!
//! `UPDATE=1 cargo test -p gatewright --test error_codes` writes the file anew.

use std::collections::HashSet;
use std::path::Path;

use gatewright::error::TABLE;

#[test]
fn the_file_for_the_bindings_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/errors.json");
    let rows: Vec<_> = TABLE.iter().map(|row| format!("  {}", serde_json::to_string(row).unwrap())).collect();
    let expected = format!("[\n{}\n]\n", rows.join(",\n"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "tests/errors.json differs from the table of codes: run this test with UPDATE=1 and look at the change");
}

#[test]
fn codes_are_unique_in_the_whole_product() {
    let mut seen = HashSet::new();
    for row in TABLE {
        assert!(seen.insert(row.code), "{} stands twice", row.code);
        assert!(row.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{} is not snake_case", row.code);
        assert_eq!(row.retryable, row.advice.as_str() == "yes", "{}", row.code);
    }
}
