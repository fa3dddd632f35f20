//! Bytes stay bytes: `bytes` are borrowed, any other buffer is copied, a text is refused.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMemoryView, PyString};

use crate::errors::invalid_argument;

/// Reads a `bytes`-like argument; the bytes stay where Python has them.
pub(crate) fn body(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<PyBackedBytes> {
    let py = value.py();
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone().into());
    }
    if value.is_instance_of::<PyString>() {
        const MEND: &str = "give the bytes as they came over the wire, not a str: decoding and encoding again changes them";
        return Err(invalid_argument(py, argument, MEND));
    }
    let copied = PyMemoryView::from(value).and_then(|view| view.call_method0(intern!(py, "tobytes")));
    match copied.as_ref().map(|copied| copied.cast::<PyBytes>()) {
        Ok(Ok(bytes)) => Ok(bytes.clone().into()),
        _ => Err(invalid_argument(py, argument, "give bytes, or an object with the buffer protocol")),
    }
}
