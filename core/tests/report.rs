//! Reports of tables that are longer than memory is meant for, and of the example's farm.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::io::Read;

use gatewright::kpi::report::{Locale, MAX_OPEN, MAX_PAGES, ReadOptions, Report, Reporter, Table, Targets};

fn report(text: impl Read, targets: Targets) -> Report {
    let mut table = Table::open(text, &ReadOptions::default()).unwrap();
    let mut reporter = Reporter::new(targets);
    while let Some(entry) = table.next_entry().unwrap() {
        reporter.add_entry(entry).unwrap();
    }
    reporter.finish().unwrap()
}

/// Many batches, one behind the other, and a last row for the first of them.
#[test]
fn of_very_many_batches_all_are_ranked_and_the_latest_have_pages() {
    let batches = MAX_OPEN * 3;
    let mut text = "batch,day,placed,dead,sold,live_weight_out_kg,feed_kg\n".to_owned();
    for batch in 0..batches {
        text.push_str(&format!("B{batch},0,1000,{},,,\nB{batch},35,,0,900,2000,{}\n", batch % 50, 3000 + batch % 7));
    }
    text.push_str("B0,36,,1,,,\n");
    let report = report(text.as_bytes(), Targets::default());
    assert_eq!((report.batch_count, report.batches.len(), report.ranking.len()), (batches as u64, MAX_PAGES, batches));
    assert_eq!(report.batches.last().unwrap().batch, format!("B{}", batches - 1));
    assert_eq!(report.farm["survival.v1"].n, batches as u64);
    assert_eq!((report.problem_count, report.problems[0].line), (1, 2 + 2 * batches as u64));
    assert!(report.problems[0].reason.contains("sort the table"));
    assert!(report.to_html("Farm", &Locale::default()).contains("Pages of the latest 500."));
}

/// A text made as it is read, and how much of it has been.
struct Made<F> {
    line: F,
    at: u64,
    lines: u64,
    rest: std::io::Cursor<Vec<u8>>,
}

impl<F: FnMut(u64) -> String> Read for Made<F> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.rest.read(out)?;
        if read > 0 || self.at == self.lines {
            return Ok(read);
        }
        let line = (self.line)(self.at);
        self.at += 1;
        self.rest = std::io::Cursor::new(line.into_bytes());
        self.rest.read(out)
    }
}

fn made(header: &str, lines: u64, line: impl FnMut(u64) -> String) -> impl Read {
    Made { line, at: 0, lines, rest: std::io::Cursor::new(header.as_bytes().to_vec()) }
}

/// One batch, one weight a row: a page knows them all, and keeps no more than there are different ones.
#[test]
fn one_batch_of_very_many_rows_has_one_page() {
    let rows = 30_000;
    let report = report(made("batch,day,weight_g\n", rows, |at| format!("A,{},{}\n", at % 50, 2000 + at % 997)), Targets::default());
    let batch = &report.batches[0];
    assert_eq!((report.rows, report.problem_count, batch.growth.len()), (rows, 0, 50));
    assert_eq!(batch.growth.iter().map(|weighing| weighing.n).sum::<u64>(), rows);
    assert!(batch.distribution.len() <= 997);
}

/// Days, weights and names without end: each has its bound, and what is beyond it is told.
#[test]
fn a_hostile_table_meets_bounds_and_is_told_so() {
    let days = report(made("batch,day,dead\n", 5_000, |at| format!("A,{at},1\n")), Targets::default());
    assert_eq!((days.problem_count, days.problems[0].line), (1_000, 4_002));
    assert!(days.problems[0].reason.contains("more days than one batch can have"));
    let weights = report(made("batch,day,weight_g\n", 100_001, |at| format!("A,1,{at}.5\n")), Targets::default());
    assert_eq!(weights.problem_count, 1);
    assert!(weights.batches[0].distribution.len() <= 2_000);
    let name = "x".repeat(201);
    let names = report(
        format!("batch,day,dead\n{name},0,1\nA,18446744073709551615,1\nA,0,340282366920938463463374607431768211456\n").as_bytes(),
        Targets::default(),
    );
    assert!(names.problem_count >= 3 && names.batches.len() == 1, "{:?}", names.problems);
}

/// The figures of the example, worked by hand from its table: 20,000 placed, 46 culled and 400 dead in the first batch.
#[test]
fn the_example_farm_has_the_figures_of_its_table() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/kpi");
    let targets = Targets::from_toml(&std::fs::read_to_string(format!("{folder}/targets.toml")).unwrap()).unwrap();
    let report = report(std::fs::File::open(format!("{folder}/flocks.csv")).unwrap(), targets);
    let first = &report.batches[0];
    let quotient = |id: &str| first.figure(id).map(|figure| (figure.kpi.num.unwrap(), figure.kpi.den.unwrap()));
    assert_eq!(quotient("survival.v1"), Some((19_554, 20_000)));
    assert_eq!(quotient("fcr.live_weight.v1"), Some((75_994_800, 47_598_000)));
    assert_eq!(report.ranking.iter().map(|ranked| &*ranked.id).collect::<Vec<_>>(), ["2026-4", "2026-2", "2026-1", "2026-3"]);
    let html = report.to_html("<Farm>", &Locale::of("de"));
    assert!(html.contains("&lt;Farm&gt;") && html.contains("97,77\u{a0}%") && !html.contains("NaN") && !html.contains("inf"));
    assert_eq!((html.matches("<section").count(), html.matches("<svg").count()), (5, 16));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["batches"][0]["figures"][0]["kpi"]["value"], 0.9777);
    assert_eq!(report.to_csv().lines().count(), 1 + report.batches.iter().map(|batch| batch.figures.len()).sum::<usize>());
}

#[test]
fn names_are_neither_markup_nor_formulas() {
    let text = "batch,day,placed,dead\n\"=1+1\",0,100,1\n<script>alert(1)</script>,0,100,1\n";
    let report = report(text.as_bytes(), Targets::default());
    assert!(!report.to_html("x", &Locale::default()).contains("<script"));
    assert!(report.to_csv().contains("'=1+1,"));
}
