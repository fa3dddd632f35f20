//! What limits are asked for: costs, bundles and waits.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDelta, PyInt, PyString, PyTuple};

use super::{Given, text};
use crate::errors::invalid_argument;

/// One more than the core takes: enough for it to refuse, whatever an endless iterable would give.
const MAX_BUNDLE: usize = 17;

/// A text that is read in place: on a hot path a copy would be half of the call.
pub(crate) fn borrowed<'a>(value: &'a Bound<'_, PyAny>, argument: &'static str) -> PyResult<&'a str> {
    let py = value.py();
    let Ok(value) = value.cast::<PyString>() else { return Err(invalid_argument(py, argument, "give a str")) };
    value.to_str().map_err(|_| invalid_argument(py, argument, "give a str without lone surrogates"))
}

/// A number of units: an `int` of 32 bits; 1 if it is left out.
pub(crate) fn cost(value: Given<'_, '_>) -> PyResult<u32> {
    value.map_or(Ok(1), whole_cost)
}

/// A number of units that is given.
pub(crate) fn whole_cost(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    let number = if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() { value.extract().ok() } else { None };
    number.ok_or_else(|| invalid_argument(value.py(), "cost", "give an int from 0 to 4294967295"))
}

/// Pairs of policy and subject, each with a cost if it is not 1.
pub(crate) fn bundle(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String, u32)>> {
    const MEND: &str = "give a list of (policy, subject) or (policy, subject, cost)";
    let py = value.py();
    let refuse = || invalid_argument(py, "bundle", MEND);
    if value.is_instance_of::<PyString>() {
        return Err(refuse());
    }
    let item = |item: PyResult<Bound<'_, PyAny>>| {
        let item = item.map_err(|_| refuse())?;
        let parts: Vec<Bound<'_, PyAny>> = match item.cast::<PyTuple>() {
            Ok(tuple) => tuple.iter().take(4).collect(),
            Err(_) if item.is_instance_of::<PyString>() => return Err(refuse()),
            Err(_) => item.try_iter().and_then(|parts| parts.take(4).collect()).map_err(|_| refuse())?,
        };
        match parts.as_slice() {
            [policy, subject] => Ok((text(policy, "policy")?, text(subject, "subject")?, 1)),
            [policy, subject, cost] => Ok((text(policy, "policy")?, text(subject, "subject")?, whole_cost(cost)?)),
            _ => Err(refuse()),
        }
    };
    value.try_iter().map_err(|_| refuse())?.take(MAX_BUNDLE).map(item).collect()
}

/// A duration that is not negative.
pub(crate) fn duration(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Duration> {
    let given = if value.is_instance_of::<PyDelta>() { value.extract().ok() } else { None };
    given.ok_or_else(|| invalid_argument(value.py(), argument, "give a timedelta that is not negative"))
}
