//! The report as one call: rows of a program or a table of text in, the pages and numbers out.

use super::records::read_json;
use super::reporter::{Report, Reporter};
use super::table::{ReadOptions, Table};
use super::targets::Targets;
use crate::error::Result;

/// Reports on rows, given as a JSON array of objects, beside targets, given as a JSON object of the form of
/// [`Targets::from_toml`]; no targets are no comparison.
///
/// ```
/// use gatewright::kpi::report::report_json;
///
/// let rows = r#"[{"batch": "A1", "day": 0, "placed": 1000, "dead": 5}, {"batch": "A1", "day": 1, "dead": "x"}]"#;
/// let targets = r#"{"figures": {"survival.v1": {"value": 0.99, "unit": "fraction"}}}"#;
/// let report = report_json(rows, Some(targets))?;
/// assert_eq!(report.batches[0].figure("survival.v1").and_then(|figure| figure.kpi.value), Some(0.995));
/// assert_eq!((report.problem_count, report.problems[0].line), (1, 2));
/// # Ok::<(), gatewright::Error>(())
/// ```
///
/// # Errors
/// `kpi_bad_row` for what is no array of objects, for names that are not understood or measures without a unit, and for targets that
/// are none; `kpi_unit_mismatch` for a target in another unit than its figure; `kpi_bad_weights` for weights of a ranking that are none.
pub fn report_json(rows: &str, targets: Option<&str>) -> Result<Report> {
    let targets = targets.map(Targets::from_json).transpose()?.unwrap_or_default();
    let (rows, problems) = read_json(rows, &ReadOptions::default())?;
    let mut reporter = Reporter::new(targets);
    rows.iter().try_for_each(|row| reporter.add(row))?;
    problems.into_iter().for_each(|problem| reporter.add_problem(problem));
    reporter.finish()
}

/// Reports on a table of text (CSV), beside targets as those of [`report_json`]. Columns, units and signs are told by the table itself.
///
/// ```
/// use gatewright::kpi::report::report_csv;
///
/// let table = "batch;day;placed;dead;feed_kg\nA1;0;1000;5;20,5\nA1;1;;x;30\n";
/// let report = report_csv(table.as_bytes(), None)?;
/// assert_eq!(report.batches[0].figure("mortality.v1").and_then(|figure| figure.kpi.value), Some(0.005));
/// assert_eq!((report.problems[0].line, report.problems[0].column.as_deref()), (3, Some("dead")));
/// # Ok::<(), gatewright::Error>(())
/// ```
///
/// # Errors
/// `kpi_bad_row` for what is no table, as [`Table::open`] says; for targets as [`report_json`].
pub fn report_csv(table: &[u8], targets: Option<&str>) -> Result<Report> {
    let targets = targets.map(Targets::from_json).transpose()?.unwrap_or_default();
    let mut table = Table::open(table, &ReadOptions::default())?;
    let mut reporter = Reporter::new(targets);
    while let Some(entry) = table.next_entry()? {
        reporter.add_entry(entry)?;
    }
    reporter.finish()
}
