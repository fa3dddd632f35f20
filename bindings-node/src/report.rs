//! The report of a farm: rows and targets come as texts of JSON, tables as text, pages and numbers go as text.

use gatewright::kpi::report::{self, Locale, Report};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::answer::{Answer, answer};

/// A report on rows and targets.
#[napi(catch_unwind, ts_return_type = "ExternalObject<Report> | Failure")]
#[allow(clippy::needless_pass_by_value, reason = "napi gives what it copied")]
pub fn kpi_report(rows: String, targets: Option<String>) -> Answer<External<Report>> {
    answer(report::report_json(&rows, targets.as_deref()).map(External::new))
}

/// A report on a table of text (CSV) and targets.
#[napi(catch_unwind, ts_return_type = "ExternalObject<Report> | Failure")]
#[allow(clippy::needless_pass_by_value, reason = "napi gives what it copied")]
pub fn kpi_report_table(table: &[u8], targets: Option<String>) -> Answer<External<Report>> {
    answer(report::report_csv(table, targets.as_deref()).map(External::new))
}

#[napi(catch_unwind)]
pub fn kpi_report_json(#[napi(ts_arg_type = "ExternalObject<Report>")] report: &External<Report>) -> String {
    report.to_json()
}

#[napi(catch_unwind)]
pub fn kpi_report_csv(#[napi(ts_arg_type = "ExternalObject<Report>")] report: &External<Report>) -> String {
    report.to_csv()
}

#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi gives what it copied")]
pub fn kpi_report_html(#[napi(ts_arg_type = "ExternalObject<Report>")] report: &External<Report>, title: String, locale: String) -> String {
    report.to_html(&title, &Locale::of(&locale))
}
