//! Headers, as frameworks give them. Every repetition is kept: that a header came twice matters.
//!
//! A value is bytes. Of a request, a `str` stands for its UTF-8 bytes; headers that a scheme reads are ASCII, where all encodings
//! agree. Where a framework has the bytes of the wire (`Headers.raw` of Starlette and httpx) they are taken.

use gatewright::webhook::Header;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::body;
use crate::errors::invalid_argument;

const ARGUMENT: &str = "headers";
const NAME_MEND: &str = "give names without lone surrogates";
const MEND: &str = "give a mapping, a list of (name, value) pairs, or the framework's own headers";

/// Reads the headers with the given names out of any of these forms: a `dict`, a list or tuple of pairs, an object with `raw`
/// (pairs of bytes), `multi_items()` or `items()`. All other headers are passed over as they are.
pub(crate) fn headers(value: &Bound<'_, PyAny>, wanted: &[&str]) -> PyResult<Vec<Header>> {
    let mut headers = Vec::new();
    each_pair(value, |name, value| push(&mut headers, wanted, name, value))?;
    Ok(headers)
}

/// The headers of an answer, in any of the same forms, all of them and in their order. A `str` stands for its latin-1 bytes.
pub(crate) fn response_headers(value: &Bound<'_, PyAny>) -> PyResult<Vec<Header>> {
    let mut headers = Vec::new();
    each_pair(value, |name, value| {
        let name = match name.cast::<PyString>() {
            Ok(name) => name.to_str().map(str::to_owned).map_err(|_| invalid_argument(name.py(), ARGUMENT, NAME_MEND))?,
            Err(_) => latin1_of(name)?.into_iter().map(char::from).collect(),
        };
        each_value(value, |value| {
            headers.push((name.clone(), latin1_of(value)?));
            Ok(())
        })
    })?;
    Ok(headers)
}

/// Visits the pairs of headers in any form.
fn each_pair<'py>(value: &Bound<'py, PyAny>, mut visit: impl FnMut(&Bound<'py, PyAny>, &Bound<'py, PyAny>) -> PyResult<()>) -> PyResult<()> {
    let py = value.py();
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        for (name, value) in dict {
            visit(&name, &value)?;
        }
        return Ok(());
    }
    let pairs = if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        Ok(value.clone())
    } else if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return Err(invalid_argument(py, ARGUMENT, MEND));
    } else {
        pairs_of(value)
    };
    let refuse = |_| invalid_argument(py, ARGUMENT, MEND);
    for pair in pairs.and_then(|pairs| pairs.try_iter()).map_err(refuse)? {
        let pair = pair.map_err(refuse)?;
        if let Ok(pair) = pair.cast_exact::<PyTuple>()
            && pair.len() == 2
        {
            visit(&pair.get_item(0)?, &pair.get_item(1)?)?;
            continue;
        }
        let is_text = pair.is_instance_of::<PyString>() || pair.is_instance_of::<PyBytes>();
        let items: Option<Vec<Bound<'_, PyAny>>> = if is_text { None } else { pair.try_iter().and_then(|items| items.take(3).collect()).ok() };
        match items.as_deref() {
            Some([name, value]) => visit(name, value)?,
            _ => return Err(invalid_argument(py, ARGUMENT, MEND)),
        }
    }
    Ok(())
}

/// The pairs of a framework's headers, the bytes of the wire first.
fn pairs_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Ok(raw) = value.getattr(intern!(py, "raw"))
        && raw.is_instance_of::<PyList>()
    {
        return Ok(raw);
    }
    for method in [intern!(py, "multi_items"), intern!(py, "items")] {
        if value.hasattr(method)? {
            return value.call_method0(method);
        }
    }
    Ok(value.clone())
}

/// Adds a header that is wanted; a list of values is a header that came several times.
fn push(headers: &mut Vec<Header>, wanted: &[&str], name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let copy;
    let name = match name.cast::<PyString>() {
        Ok(name) => name.to_string_lossy(),
        Err(_) => {
            copy = bytes_of(name)?;
            String::from_utf8_lossy(&copy)
        }
    };
    if !wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(&name)) {
        return Ok(());
    }
    let name = name.into_owned();
    each_value(value, |value| {
        headers.push((name.clone(), bytes_of(value)?));
        Ok(())
    })
}

/// Visits the values of one header.
fn each_value<'py>(value: &Bound<'py, PyAny>, mut visit: impl FnMut(&Bound<'py, PyAny>) -> PyResult<()>) -> PyResult<()> {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        for one in value.try_iter()? {
            visit(&one?)?;
        }
        return Ok(());
    }
    visit(value)
}

fn latin1_of(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    const VALUE_MEND: &str = "give bytes, or a str without characters above U+00FF";
    let Ok(text) = value.cast::<PyString>() else { return bytes_of(value) };
    let wrong = || invalid_argument(value.py(), ARGUMENT, VALUE_MEND);
    let text = text.to_str().map_err(|_| wrong())?;
    text.chars().map(|character| u8::try_from(character).map_err(|_| wrong())).collect()
}

fn bytes_of(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = value.py();
    if let Ok(text) = value.cast::<PyString>() {
        // Lone surrogates are no UTF-8; what becomes of them is outside every header's grammar all the same.
        return Ok(text.to_string_lossy().as_bytes().to_vec());
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    body(value, ARGUMENT).map(|bytes| bytes.to_vec()).map_err(|_| invalid_argument(py, ARGUMENT, "give names and values as str or bytes"))
}
