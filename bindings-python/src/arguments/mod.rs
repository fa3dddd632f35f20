//! Arguments of Python, read without surprises: what has a wrong type is `InvalidArgument`, and nothing is guessed.

mod body;
mod headers;
mod json;
mod limit;
mod request;

use std::collections::HashMap;

use gatewright::event::Context;
use gatewright::tokens::Device;
use gatewright::webhook::RequestLine;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyMapping, PyString};

pub(crate) use body::body;
pub(crate) use headers::{headers, response_headers};
pub(crate) use json::json_text;
pub(crate) use limit::{borrowed, bundle, cost, duration, whole_cost};
pub(crate) use request::{key_lines, scope, text_or_bytes};

use crate::errors::invalid_argument;

/// An optional argument as Python gives it.
pub(crate) type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// A text.
pub(crate) fn text(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<String> {
    let py = value.py();
    let Ok(value) = value.cast::<PyString>() else { return Err(invalid_argument(py, argument, "give a str")) };
    match value.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(invalid_argument(py, argument, "give a str without lone surrogates")),
    }
}

/// A text that came from a client: one that is no Unicode is refused by the parser of its format, not here.
pub(crate) fn wire_text(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<String> {
    match value.cast::<PyString>() {
        Ok(value) => Ok(value.to_string_lossy().into_owned()),
        Err(_) => Err(invalid_argument(value.py(), argument, "give a str")),
    }
}

/// A text or `None`.
pub(crate) fn optional_text(value: Given<'_, '_>, argument: &'static str) -> PyResult<Option<String>> {
    value.map(|value| text(value, argument)).transpose()
}

/// An HTTP status. Which of them mean something is the core's to say.
pub(crate) fn status(value: &Bound<'_, PyAny>) -> PyResult<u16> {
    let number = if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() { value.extract().ok() } else { None };
    number.ok_or_else(|| invalid_argument(value.py(), "status", "give an HTTP status as int"))
}

/// A list of texts. A single text is refused: `roles="admin"` would be five roles.
pub(crate) fn texts(value: Given<'_, '_>, argument: &'static str) -> PyResult<Vec<String>> {
    const MEND: &str = "give a list of str";
    let Some(value) = value else { return Ok(Vec::new()) };
    let py = value.py();
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyDict>() {
        return Err(invalid_argument(py, argument, MEND));
    }
    let items = value.try_iter().map_err(|_| invalid_argument(py, argument, MEND))?;
    items.map(|item| text(&item.map_err(|_| invalid_argument(py, argument, MEND))?, argument)).collect()
}

/// The context of a request: a mapping with some of its six members.
pub(crate) fn context(value: Given<'_, '_>) -> PyResult<Context> {
    const MEND: &str = "give a mapping with some of request_id, trace_id, method, endpoint, ip, user_agent, each a str";
    let mut context = Context::default();
    let Some(value) = value else { return Ok(context) };
    for (name, member) in members(value, "context", MEND)? {
        let place = match name.as_str() {
            "request_id" => &mut context.request_id,
            "trace_id" => &mut context.trace_id,
            "method" => &mut context.method,
            "endpoint" => &mut context.endpoint,
            "ip" => &mut context.ip,
            "user_agent" => &mut context.user_agent,
            _ => return Err(invalid_argument(value.py(), "context", MEND)),
        };
        *place = if member.is_none() { None } else { Some(wire_text(&member, "context")?) };
    }
    Ok(context)
}

/// The device of a login: a mapping with `id` and some of its other members.
pub(crate) fn device(value: Given<'_, '_>) -> PyResult<Option<Device>> {
    const MEND: &str = "give a mapping with id and, if known, kind, name, platform, app_version, each a str";
    let Some(value) = value else { return Ok(None) };
    let mut device = Device::default();
    let mut has_id = false;
    for (name, member) in members(value, "device", MEND)? {
        let place = match name.as_str() {
            "id" => {
                has_id = true;
                &mut device.id
            }
            "kind" => &mut device.kind,
            "name" => &mut device.name,
            "platform" => &mut device.platform,
            "app_version" => &mut device.app_version,
            _ => return Err(invalid_argument(value.py(), "device", MEND)),
        };
        *place = text(&member, "device")?;
    }
    if has_id { Ok(Some(device)) } else { Err(invalid_argument(value.py(), "device", MEND)) }
}

/// The line of a request: a mapping with `method` and `url`.
pub(crate) fn request_line(value: Given<'_, '_>) -> PyResult<Option<RequestLine>> {
    const MEND: &str = "give a mapping with method and url, each a str";
    let Some(value) = value else { return Ok(None) };
    let mut line = RequestLine::default();
    let mut seen = 0;
    for (name, member) in members(value, "request", MEND)? {
        let place = match name.as_str() {
            "method" => &mut line.method,
            "url" => &mut line.url,
            _ => return Err(invalid_argument(value.py(), "request", MEND)),
        };
        *place = text(&member, "request")?;
        seen += 1;
    }
    if seen == 2 { Ok(Some(line)) } else { Err(invalid_argument(value.py(), "request", MEND)) }
}

/// A map of texts.
pub(crate) fn text_map(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<HashMap<String, String>> {
    members(value, argument, "give a mapping of str to str")?.into_iter().map(|(name, member)| Ok((name, text(&member, argument)?))).collect()
}

/// DPoP comes with a later version; the core would say the same of a proof.
pub(crate) fn refuse_dpop(value: Given<'_, '_>, argument: &'static str) -> PyResult<()> {
    match value {
        None => Ok(()),
        Some(value) => Err(invalid_argument(value.py(), argument, "leave it out: this version has no DPoP")),
    }
}

/// The members of a mapping whose names are texts.
fn members<'py>(value: &Bound<'py, PyAny>, argument: &'static str, mend: &'static str) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let py = value.py();
    let refuse = || invalid_argument(py, argument, mend);
    let items = match value.cast::<PyDict>() {
        Ok(dict) => dict.as_any().call_method0(intern!(py, "items")),
        Err(_) if value.is_instance_of::<PyMapping>() => value.call_method0(intern!(py, "items")),
        Err(_) => return Err(refuse()),
    };
    let mut members = Vec::new();
    for item in items.and_then(|items| items.try_iter()).map_err(|_| refuse())? {
        let (name, member) = item.and_then(|item| item.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()).map_err(|_| refuse())?;
        members.push((text(&name, argument)?, member));
    }
    Ok(members)
}
