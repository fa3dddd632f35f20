//! Instants: aware `datetime`.

use gatewright::time::Timestamp;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyTzInfo};

use crate::duration::{LONGEST, delta};
use crate::errors::invalid_argument;

/// The first and the last instant that a `datetime` can hold.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = LONGEST;

/// An instant as `datetime` in UTC. What lies outside the years 1 to 9999 becomes the nearest that can be said.
pub(crate) fn datetime(py: Python<'_>, at: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    epoch(py)?.add(delta(py, at.as_micros().clamp(FIRST, LAST))?)
}

/// Reads an aware `datetime`; a naive one is refused, for nobody can tell which instant it means.
pub(crate) fn timestamp(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Timestamp> {
    const MEND: &str = "give an aware datetime, such as datetime.now(timezone.utc); a naive one does not say which instant it is";
    let py = value.py();
    let refuse = || invalid_argument(py, argument, MEND);
    if !value.is_instance_of::<PyDateTime>() {
        return Err(refuse());
    }
    let aware = value.call_method0(intern!(py, "utcoffset")).is_ok_and(|offset| !offset.is_none());
    if !aware {
        return Err(refuse());
    }
    let micros = value.sub(epoch(py)?).and_then(|since| since.floor_div(delta(py, 1)?)).and_then(|micros| micros.extract::<i64>());
    micros.map(Timestamp::from_micros).map_err(|_| refuse())
}

fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let epoch = EPOCH.get_or_try_init(py, || {
        let utc = PyTzInfo::utc(py)?;
        PyResult::Ok(PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?.into_any().unbind())
    })?;
    Ok(epoch.bind(py))
}
