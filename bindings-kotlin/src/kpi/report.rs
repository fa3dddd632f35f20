//! The report of a farm: rows and targets come as texts of JSON, tables as text, pages and numbers go as text.

use std::sync::Arc;

use gatewright::kpi::report::{self, Locale, Report};

use crate::fault::FfiException;

/// A report on rows and targets.
#[derive(uniffi::Object)]
pub struct FfiReport(Report);

/// Reports on rows and targets, each as JSON.
///
/// # Errors
/// As `gatewright::kpi::report::report_json`.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn report_kpi(rows: String, targets: Option<String>) -> Result<Arc<FfiReport>, FfiException> {
    Ok(Arc::new(FfiReport(report::report_json(&rows, targets.as_deref())?)))
}

/// Reports on a table of text (CSV) and targets as JSON.
///
/// # Errors
/// As `gatewright::kpi::report::report_csv`.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn report_kpi_table(table: Vec<u8>, targets: Option<String>) -> Result<Arc<FfiReport>, FfiException> {
    Ok(Arc::new(FfiReport(report::report_csv(&table, targets.as_deref())?)))
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::kpi::report")]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
impl FfiReport {
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    #[must_use]
    pub fn to_csv(&self) -> String {
        self.0.to_csv()
    }

    #[must_use]
    pub fn to_html(&self, title: String, locale: String) -> String {
        self.0.to_html(&title, &Locale::of(&locale))
    }
}
