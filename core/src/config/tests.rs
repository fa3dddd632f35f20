//! Whole documents.

use super::*;

#[test]
fn the_least_document_loads() {
    let policy = load("version = 1\n", &Source::default(), &|_| None).unwrap();
    assert!(policy.store.is_none() && policy.tokens.is_none() && policy.endpoints.is_empty() && policy.root_keys.is_empty());
}
