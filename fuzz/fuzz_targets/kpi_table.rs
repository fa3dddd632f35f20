//! Any bytes as a farm's table, through to the figures: no panic, and figures that are numbers. Its page is `kpi_report`'s: writing that
//! takes longer than all of this.

#![no_main]

use gatewright::kpi::report::{ReadOptions, Reporter, Table, Targets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { batch: Some("one".to_owned()), ..ReadOptions::default() };
    let Ok(mut table) = Table::open(bytes, &options) else { return };
    let mut reporter = Reporter::new(Targets::default());
    while let Ok(Some(entry)) = table.next_entry() {
        reporter.add_entry(entry).expect("no targets, no mismatch");
    }
    let report = reporter.finish().expect("no targets, no mismatch");
    for figure in report.batches.iter().flat_map(|batch| &batch.figures) {
        assert!(figure.kpi.value.is_none_or(f64::is_finite), "{}", figure.kpi.id);
    }
});
