//! The report of a farm: rows and targets come as JSON, tables as text, pages and numbers go as text.

use gatewright::kpi::report::{self, Locale};
use pyo3::prelude::*;

use crate::calls::PANICKED;
use crate::errors::exception;

/// A report. Rendering releases the GIL.
#[pyclass(frozen, name = "Report", module = "gatewright.kpi")]
pub(crate) struct Report {
    report: report::Report,
}

#[pymethods]
impl Report {
    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.report.to_json())
    }

    fn to_csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.report.to_csv())
    }

    #[pyo3(signature = (*, title = "Batch report", locale = "en"))]
    fn to_html(&self, py: Python<'_>, title: &str, locale: &str) -> String {
        py.detach(|| self.report.to_html(title, &Locale::of(locale)))
    }
}

/// Reports on rows and targets, each as JSON.
#[pyfunction]
pub(crate) fn report_json(py: Python<'_>, rows: &str, targets: Option<&str>) -> PyResult<Report> {
    let run = || std::panic::catch_unwind(|| report::report_json(rows, targets)).unwrap_or(Err(PANICKED));
    py.detach(run).map(|report| Report { report }).map_err(|error| exception(py, &error))
}

/// Reports on a table of text (CSV) and targets as JSON.
#[pyfunction]
pub(crate) fn report_csv(py: Python<'_>, table: &[u8], targets: Option<&str>) -> PyResult<Report> {
    let run = || std::panic::catch_unwind(|| report::report_csv(table, targets)).unwrap_or(Err(PANICKED));
    py.detach(run).map(|report| Report { report }).map_err(|error| exception(py, &error))
}

/// Runs the program `gatewright` with these arguments, the first being its name; its exit code.
#[pyfunction]
pub(crate) fn run_program(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| std::panic::catch_unwind(|| gatewright::cli::status(arguments)).unwrap_or(2))
}
