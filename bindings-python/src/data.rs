//! JSON of the core as Python data: `dict`, `list`, `str`, `int`, `float`, `bool` and `None`, as `json.loads` makes them.

use gatewright::json::{Node, Number, Value, read};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::errors::exception;

/// No text that the core hands out is deeper.
const MAX_DEPTH: usize = 64;

/// The data of a text that the core has already found to be strict.
pub(crate) fn data<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    match read(text.as_bytes(), MAX_DEPTH) {
        Ok(node) => object_of(py, &node),
        Err(_) => Err(exception(py, &gatewright::Error::Internal("claims that are not strict JSON"))),
    }
}

fn object_of<'py>(py: Python<'py>, node: &Node<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &node.value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::Number(number) => number_of(py, *number)?,
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(object_of(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(members) => {
            let dict = PyDict::new(py);
            for member in members {
                let value = object_of(py, &member.node)?;
                match known(py, &member.name) {
                    Some(name) => dict.set_item(name, value)?,
                    None => dict.set_item(PyString::new(py, &member.name), value)?,
                }
            }
            dict.into_any()
        }
    })
}

/// A number without fraction and exponent is an `int` of any size, every other one a `float`.
fn number_of<'py>(py: Python<'py>, number: Number<'_>) -> PyResult<Bound<'py, PyAny>> {
    let text = number.text();
    if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return Ok(PyFloat::new(py, number.as_f64()).into_any());
    }
    match text.parse::<i64>() {
        Ok(number) => Ok(number.into_pyobject(py)?.into_any()),
        Err(_) => py.get_type::<PyInt>().call1((text,)),
    }
}

/// The name of a claim that is in most tokens, made once.
fn known<'py>(py: Python<'py>, name: &str) -> Option<&'py Bound<'py, PyString>> {
    Some(match name {
        "iss" => intern!(py, "iss"),
        "sub" => intern!(py, "sub"),
        "aud" => intern!(py, "aud"),
        "client_id" => intern!(py, "client_id"),
        "iat" => intern!(py, "iat"),
        "nbf" => intern!(py, "nbf"),
        "exp" => intern!(py, "exp"),
        "jti" => intern!(py, "jti"),
        "sid" => intern!(py, "sid"),
        "gen" => intern!(py, "gen"),
        "tv" => intern!(py, "tv"),
        "tenant" => intern!(py, "tenant"),
        "roles" => intern!(py, "roles"),
        "scope" => intern!(py, "scope"),
        "cnf" => intern!(py, "cnf"),
        "jkt" => intern!(py, "jkt"),
        "auth_time" => intern!(py, "auth_time"),
        "amr" => intern!(py, "amr"),
        _ => return None,
    })
}
