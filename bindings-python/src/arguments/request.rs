//! What an idempotent request is told by: the lines of its key, and its scope.

use gatewright::idempotency::Scope;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::{body, members, text};
use crate::errors::invalid_argument;

/// The lines of the header `Idempotency-Key`: none, one, or a list of any number of them.
pub(crate) fn key_lines(value: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<u8>>> {
    if value.is_none() {
        return Ok(Vec::new());
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return value.try_iter()?.map(|line| text_or_bytes(&line?, "key")).collect();
    }
    Ok(vec![text_or_bytes(value, "key")?])
}

/// Bytes, or the UTF-8 bytes of a text. A text that has none is refused: two of them must not become one.
pub(crate) fn text_or_bytes(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Vec<u8>> {
    const MEND: &str = "give str or bytes";
    if let Ok(text) = value.cast::<PyString>() {
        let wrong = |_| invalid_argument(value.py(), argument, "give a str without lone surrogates");
        return text.to_str().map(|text| text.as_bytes().to_vec()).map_err(wrong);
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    body(value, argument).map(|bytes| bytes.to_vec()).map_err(|_| invalid_argument(value.py(), argument, MEND))
}

/// The scope: a mapping with `method`, `path` and, if known, `tenant` and `principal`.
pub(crate) fn scope(value: &Bound<'_, PyAny>) -> PyResult<Scope> {
    const MEND: &str = "give a mapping with method, path, and tenant or principal or both, each a str";
    let py = value.py();
    let refuse = || invalid_argument(py, "scope", MEND);
    let mut scope = Scope::default();
    let mut required = 0;
    let mut take = |name: &str, member: &Bound<'_, PyAny>| {
        let place = match name {
            "method" => {
                required += 1;
                &mut scope.method
            }
            "path" => {
                required += 1;
                &mut scope.path
            }
            "tenant" | "principal" if member.is_none() => return Ok(()),
            "tenant" => &mut scope.tenant,
            "principal" => &mut scope.principal,
            _ => return Err(refuse()),
        };
        *place = text(member, "scope")?;
        Ok(())
    };
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        let mut known = 0;
        for (name, key) in [
            ("method", intern!(py, "method")),
            ("path", intern!(py, "path")),
            ("tenant", intern!(py, "tenant")),
            ("principal", intern!(py, "principal")),
        ] {
            if let Some(member) = dict.get_item(key)? {
                known += 1;
                take(name, &member)?;
            }
        }
        if known != dict.len() {
            return Err(refuse());
        }
    } else {
        for (name, member) in members(value, "scope", MEND)? {
            take(&name, &member)?;
        }
    }
    if required == 2 { Ok(scope) } else { Err(refuse()) }
}
