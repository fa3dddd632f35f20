//! The arguments of a figure, from Python's values to the core's.

use std::borrow::Cow;

use gatewright::kpi::Argument;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use super::array::Array;
use super::result::Kpi;
use super::sample::{self, Number, is_missing, is_truth, number};
use crate::errors::invalid_argument;

/// An argument that need not be given. `None` that is given is a value that is missing, not one that is left out.
pub(crate) enum Optional<'a, 'py> {
    Left,
    Given(Borrowed<'a, 'py, PyAny>),
}

impl<'py> Optional<'_, 'py> {
    pub(crate) fn given(&self) -> Option<&Bound<'py, PyAny>> {
        match self {
            Self::Left => None,
            Self::Given(value) => Some(value),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Optional<'a, 'py> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self::Given(value))
    }
}

/// A number with the name of its unit, where only you know the unit.
#[pyclass(frozen, eq, get_all, module = "gatewright.kpi")]
#[derive(PartialEq)]
pub(crate) struct Quantity {
    /// The number; `None` where it is undefined.
    value: Option<f64>,
    /// The name of its unit, as a figure's `unit`.
    unit: String,
}

#[pymethods]
impl Quantity {
    #[new]
    fn new(value: &Bound<'_, PyAny>, unit: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let number = match value.is_none() {
            true => None,
            false => Some(double(value)?.ok_or_else(|| invalid_argument(py, "value", "give a number"))?),
        };
        let unit: String = unit.extract().map_err(|_| invalid_argument(py, "unit", "give the name of a unit as str"))?;
        Ok(Self { value: number, unit })
    }

    fn __repr__(&self) -> String {
        format!("Quantity({}, {:?})", self.value.map_or_else(|| "None".to_owned(), |value| value.to_string()), self.unit)
    }
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
pub(crate) fn double(value: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
    Ok(number(value)?.map(|number| match number {
        Number::Whole(whole) => whole as f64,
        Number::Real(real) => real,
    }))
}

/// What Python gives, kept as long as the core reads it.
pub(crate) enum Value {
    Array(Array),
    Flag(bool),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
    Null,
    Real(f64),
    Text(String),
    Whole(i128),
}

/// No argument of a figure is deeper.
const MAX_DEPTH: usize = 8;

impl Value {
    /// Reads an argument.
    pub(crate) fn read(value: &Bound<'_, PyAny>, name: &'static str) -> PyResult<Self> {
        Self::at(value, name, matches!(name, "fcr_basis"), 0)
    }

    fn at(value: &Bound<'_, PyAny>, name: &'static str, is_text: bool, depth: usize) -> PyResult<Self> {
        let py = value.py();
        if let Ok(whole) = value.cast_exact::<PyInt>()
            && let Ok(whole) = whole.extract::<i64>()
        {
            return Ok(Self::Whole(whole.into()));
        }
        if let Ok(real) = value.cast_exact::<PyFloat>() {
            return Ok(Self::Real(real.value()));
        }
        if value.is_none() || is_missing(value)? {
            return Ok(Self::Null);
        }
        if let Ok(kpi) = value.cast::<Kpi>() {
            return Ok(Self::figure(&kpi.get().0));
        }
        if let Ok(quantity) = value.cast::<Quantity>() {
            let Quantity { value, unit } = quantity.get();
            return Ok(Self::Map(vec![("value".to_owned(), Self::optional(*value)), ("unit".to_owned(), Self::Text(unit.clone()))]));
        }
        if let Ok(text) = value.cast::<PyString>() {
            let text = text.to_str().map(str::to_owned).map_err(|_| invalid_argument(py, name, "give a str without lone surrogates"))?;
            // A number is not given as a text here, where integers have any size.
            return if is_text { Ok(Self::Text(text)) } else { Err(invalid_argument(py, name, "give a number, not a str")) };
        }
        if is_truth(value) {
            return Ok(Self::Flag(value.is_truthy()?));
        }
        match number(value)? {
            Some(Number::Whole(whole)) => return Ok(Self::Whole(whole)),
            Some(Number::Real(real)) => return Ok(Self::Real(real)),
            None => {}
        }
        if depth == MAX_DEPTH || value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
            return Err(invalid_argument(py, name, "give numbers, lists and mappings of numbers"));
        }
        if value.is_instance_of::<PyMapping>() {
            return Self::map(value, name, depth);
        }
        Self::list(value, name, depth)
    }

    fn figure(kpi: &gatewright::kpi::Kpi) -> Self {
        let text = |text: Option<&str>| text.map_or(Self::Null, |text| Self::Text(text.to_owned()));
        let basis = kpi.basis.map(gatewright::kpi::Basis::as_str);
        let reason = kpi.reason.map(gatewright::kpi::Reason::as_str);
        Self::Map(vec![
            ("value".to_owned(), Self::optional(kpi.value)),
            ("unit".to_owned(), text(Some(kpi.unit.as_str()))),
            ("basis".to_owned(), text(basis)),
            ("reason".to_owned(), text(reason)),
        ])
    }

    fn optional(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Real)
    }

    fn map(value: &Bound<'_, PyAny>, name: &'static str, depth: usize) -> PyResult<Self> {
        let py = value.py();
        let refuse = || invalid_argument(py, name, "give values by names that are str");
        let mut members = Vec::new();
        for item in value.call_method0(intern!(py, "items")).and_then(|items| items.try_iter()).map_err(|_| refuse())? {
            let (key, member) = item?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().map_err(|_| refuse())?;
            let key: String = key.extract().map_err(|_| refuse())?;
            let is_text = matches!(key.as_str(), "id" | "unit" | "basis" | "reason");
            members.push((key, Self::at(&member, name, is_text, depth + 1)?));
        }
        Ok(Self::Map(members))
    }

    /// A list whose places matter: what is missing stays in its place.
    fn list(value: &Bound<'_, PyAny>, name: &'static str, depth: usize) -> PyResult<Self> {
        let py = value.py();
        let refuse = || invalid_argument(py, name, "give a list");
        let plain = if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            value.clone()
        } else {
            match sample::array(value, name) {
                Ok(array) if array.missing == 0 => return Ok(Self::Array(array)),
                Ok(_) => in_place(value)?.unwrap_or_else(|| value.clone()),
                Err(_) => value.clone(),
            }
        };
        let items = plain.try_iter().map_err(|_| refuse())?;
        items.map(|item| Self::at(&item?, name, false, depth + 1)).collect::<PyResult<_>>().map(Self::List)
    }

    /// The same for the core.
    pub(crate) fn argument(&self) -> Argument<'_> {
        match self {
            Self::Array(array) => Argument::Sample(array.sample()),
            Self::Flag(flag) => Argument::Flag(*flag),
            Self::List(values) => Argument::List(values.iter().map(Self::argument).collect()),
            Self::Map(members) => Argument::Map(members.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), value.argument())).collect()),
            Self::Null => Argument::Null,
            Self::Real(real) => Argument::Real(*real),
            Self::Text(text) => Argument::Text(Cow::Borrowed(text)),
            Self::Whole(whole) => Argument::Whole(*whole),
        }
    }
}

/// The items of an array or series with `None` where one is missing.
fn in_place<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    if value.hasattr(intern!(py, "isna"))? {
        let list = value.call_method0(intern!(py, "tolist"))?;
        let missing = value.call_method0(intern!(py, "isna"))?.call_method0(intern!(py, "tolist"))?;
        let pairs = list.try_iter()?.zip(missing.try_iter()?);
        let items = pairs.map(|(item, missing)| Ok(if missing?.is_truthy()? { py.None().into_bound(py) } else { item? }));
        return Ok(Some(PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any()));
    }
    for method in [intern!(py, "to_pylist"), intern!(py, "to_list"), intern!(py, "tolist")] {
        if value.hasattr(method)? {
            return value.call_method0(method).map(Some);
        }
    }
    Ok(None)
}
