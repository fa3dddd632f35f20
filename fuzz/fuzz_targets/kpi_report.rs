//! Any bytes as a farm's table, through to the page, JSON and CSV: no panic, and no markup but ours.

#![no_main]

use gatewright::kpi::report::{Locale, ReadOptions, Reporter, Table, Targets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { batch: Some("one".to_owned()), ..ReadOptions::default() };
    let Ok(mut table) = Table::open(bytes, &options) else { return };
    let mut reporter = Reporter::new(Targets::default());
    while let Ok(Some(entry)) = table.next_entry() {
        reporter.add_entry(entry).expect("no targets, no mismatch");
    }
    let report = reporter.finish().expect("no targets, no mismatch");
    let page = report.to_html("fuzz", &Locale::default());
    assert!(!page.contains("<script"), "the page shows what it was given as markup");
    let _ = (report.to_json(), report.to_csv());
});
