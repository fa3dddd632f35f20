//! Durations: `timedelta`.

use std::time::Duration;

use gatewright::time::micros;
use pyo3::prelude::*;
use pyo3::types::PyDelta;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The longest that is said, in microseconds: from 1970 to the end of the year 9999.
pub(crate) const LONGEST: i64 = 253_402_300_799_999_999;

/// A duration as `timedelta`.
pub(crate) fn timedelta(py: Python<'_>, duration: Duration) -> PyResult<Bound<'_, PyDelta>> {
    delta(py, micros(duration).min(LONGEST))
}

/// So many microseconds as `timedelta`.
pub(crate) fn delta(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyDelta>> {
    let (days, rest) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let part = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
    PyDelta::new(py, part(days), part(rest / 1_000_000), part(rest % 1_000_000), false)
}
