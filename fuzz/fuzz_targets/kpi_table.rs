//! Any bytes as a farm's table, through to the figures: no panic, and figures that are numbers. Its page is `kpi_report`'s: writing that
//! takes longer than all of this.

#![no_main]

use gatewright::kpi::report::{Entry, ReadOptions, Reporter, Table, Targets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { batch: Some("one".to_owned()), ..ReadOptions::default() };
    let Ok(mut table) = Table::open(bytes, &options) else { return };
    let mut reporter = Reporter::new(Targets::default());
    while let Ok(Some(entry)) = table.next_entry() {
        match entry {
            Entry::Row(row) => reporter.add(&row).expect("no targets, no mismatch"),
            Entry::Problem(problem) => reporter.add_problem(problem),
            _ => {}
        }
    }
    let report = reporter.finish().expect("no targets, no mismatch");
    for figure in report.batches.iter().flat_map(|batch| &batch.figures) {
        assert!(figure.kpi.value.is_none_or(f64::is_finite), "{}", figure.kpi.id);
    }
});
