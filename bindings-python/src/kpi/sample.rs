//! Lists of values in any form that Python has: what is missing is counted and never read as zero.

use gatewright::error::KpiError;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};

use super::array::Array;
use super::{arrow, buffer};
use crate::errors::{exception, invalid_argument};

const MEND: &str = "give a list of numbers in which None is missing, or an array of one dimension";

/// Reads a list, a tuple, an array (NumPy, the buffer protocol, Arrow), a series (pandas, polars) or any other iterable.
pub(crate) fn array(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Array> {
    let py = value.py();
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return each(value, argument);
    }
    let refuse = || invalid_argument(py, argument, MEND);
    if is_plain_array(value)
        && let Ok(found) = PyUntypedBuffer::get(value)
        && found.dimensions() == 1
        && let Ok(Some(found)) = buffer::array(py, found)
    {
        return Ok(found);
    }
    let is_none_of_numbers = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMapping>();
    if is_none_of_numbers {
        return Err(refuse());
    }
    match library(value)? {
        Library::Pandas => return pandas(value, argument),
        Library::Masked => {
            let known = value.call_method0(intern!(py, "compressed"))?;
            let total: usize = value.getattr(intern!(py, "size"))?.extract()?;
            one_dimension(value, argument)?;
            let missing = total.saturating_sub(known.len()?);
            return Ok(array(&known, argument)?.with_missing(u64::try_from(missing).unwrap_or(u64::MAX)));
        }
        Library::Other => {}
    }
    if let Ok(found) = PyUntypedBuffer::get(value) {
        if found.dimensions() != 1 {
            return Err(refuse());
        }
        if let Ok(Some(found)) = buffer::array(py, found) {
            return Ok(found);
        }
        if let Ok(list) = value.call_method0(intern!(py, "tolist")) {
            return each(&list, argument);
        }
    } else if let Some(found) = arrow::array(value, argument)? {
        return Ok(found);
    }
    each(value, argument)
}

/// Whether this is an array of NumPy and of no class that extends its own. Its class is known once one was seen.
fn is_plain_array(value: &Bound<'_, PyAny>) -> bool {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (py, class) = (value.py(), value.get_type());
    if let Some(known) = CLASS.get(py) {
        return class.is(known);
    }
    let is = class.name().is_ok_and(|name| name == "ndarray") && class.module().is_ok_and(|module| module == "numpy");
    if is {
        CLASS.get_or_init(py, || class.unbind());
    }
    is
}

/// Who made an object, where that changes what its values mean.
enum Library {
    /// NaN is missing.
    Pandas,
    /// What is masked is missing.
    Masked,
    Other,
}

fn library(value: &Bound<'_, PyAny>) -> PyResult<Library> {
    let py = value.py();
    let kind = value.get_type();
    let module = kind.getattr(intern!(py, "__module__"))?;
    let Some(module) = module.cast::<PyString>().ok().and_then(|module| module.to_str().ok()) else { return Ok(Library::Other) };
    if module == "numpy" {
        return Ok(Library::Other);
    }
    let is_of_pandas = module == "pandas" || module.starts_with("pandas.");
    if is_of_pandas && value.hasattr(intern!(py, "isna"))? && value.hasattr(intern!(py, "dropna"))? {
        return Ok(Library::Pandas);
    }
    // Also a class of somebody's own that extends it.
    // The class is asked: some objects look long for an attribute that they do not have.
    let is_masked = kind.hasattr(intern!(py, "compressed"))? && value.hasattr(intern!(py, "mask"))?;
    Ok(if is_masked { Library::Masked } else { Library::Other })
}

/// A series, an index or an extension array of pandas.
fn pandas(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Array> {
    let py = value.py();
    one_dimension(value, argument)?;
    if let Some(array) = plain_pandas(value)? {
        return Ok(array);
    }
    let read = || -> PyResult<(Bound<'_, PyAny>, u64)> {
        let missing: u64 = value.call_method0(intern!(py, "isna"))?.call_method0(intern!(py, "sum"))?.extract()?;
        let known = if missing == 0 { value.clone() } else { value.call_method0(intern!(py, "dropna"))? };
        let to_numpy = known.getattr(intern!(py, "to_numpy"))?;
        // An extension type gives objects unless it is told otherwise.
        let numbers = match known.getattr(intern!(py, "dtype"))?.getattr_opt(intern!(py, "numpy_dtype"))? {
            Some(dtype) => to_numpy.call1((dtype,))?,
            None => to_numpy.call0()?,
        };
        Ok((numbers, missing))
    };
    let (numbers, missing) = read().map_err(|_| invalid_argument(py, argument, MEND))?;
    if numbers.get_type().getattr(intern!(py, "__module__"))?.extract::<String>()? != "numpy" {
        return Err(invalid_argument(py, argument, MEND));
    }
    Ok(array(&numbers, argument)?.with_missing(missing))
}

/// One whose numbers lie in an array of NumPy: NaN is all that can be missing of it.
fn plain_pandas(value: &Bound<'_, PyAny>) -> PyResult<Option<Array>> {
    let py = value.py();
    let Some(kind) = value.getattr(intern!(py, "dtype"))?.getattr_opt(intern!(py, "kind"))? else { return Ok(None) };
    if !matches!(kind.extract::<char>(), Ok('f' | 'i' | 'u')) {
        return Ok(None);
    }
    let numbers = value.call_method0(intern!(py, "to_numpy"))?;
    if !is_plain_array(&numbers) {
        return Ok(None);
    }
    let Ok(buffer) = PyUntypedBuffer::get(&numbers) else { return Ok(None) };
    // An extension type may have given objects, which are looked at one by one.
    Ok(if buffer.dimensions() == 1 { buffer::array(py, buffer)?.map(Array::without_nan) } else { None })
}

fn one_dimension(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<()> {
    let dimensions = value.getattr(intern!(value.py(), "ndim")).and_then(|ndim| ndim.extract::<u32>());
    if dimensions.is_ok_and(|ndim| ndim == 1) { Ok(()) } else { Err(invalid_argument(value.py(), argument, MEND)) }
}

/// Value by value: whole if all are whole, not negative and below 2^64.
fn each(values: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Array> {
    if let Ok(list) = values.cast_exact::<PyList>() {
        return each_of(list.len(), list.iter().map(Ok), argument);
    }
    let items = values.try_iter().map_err(|_| invalid_argument(values.py(), argument, MEND))?;
    each_of(values.len().unwrap_or(0).min(1 << 20), items, argument)
}

fn each_of<'py>(length: usize, values: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>, argument: &'static str) -> PyResult<Array> {
    let mut numbers = Growing::Empty { length };
    let mut missing = 0;
    for value in values {
        let value = value?;
        if let Ok(real) = value.cast_exact::<PyFloat>() {
            numbers.push_real(real.value());
        } else if value.is_none() || is_missing(&value)? {
            missing += 1;
        } else {
            match number(&value)?.ok_or_else(|| invalid_argument(value.py(), argument, MEND))? {
                Number::Whole(whole) => numbers.push_whole(whole),
                Number::Real(real) => numbers.push_real(real),
            }
        }
    }
    Ok(match numbers {
        Growing::Empty { .. } => Array::whole(Vec::new()),
        Growing::Whole(numbers) => Array::whole(numbers),
        Growing::Real(numbers) => Array::real(numbers),
    }
    .with_missing(missing))
}

/// Numbers of a list that is still read.
enum Growing {
    Empty { length: usize },
    Whole(Vec<u64>),
    Real(Vec<f64>),
}

impl Growing {
    fn push_whole(&mut self, number: i128) {
        match (&mut *self, u64::try_from(number)) {
            (Self::Whole(numbers), Ok(number)) => numbers.push(number),
            (Self::Empty { length }, Ok(number)) => {
                let mut numbers = Vec::with_capacity(*length);
                numbers.push(number);
                *self = Self::Whole(numbers);
            }
            _ => self.push_real(nearest(number)),
        }
    }

    #[inline]
    fn push_real(&mut self, number: f64) {
        if let Self::Real(numbers) = self {
            numbers.push(number);
            return;
        }
        let mut numbers = match self {
            Self::Whole(wholes) => {
                let mut numbers = Vec::with_capacity(wholes.capacity());
                numbers.extend(wholes.iter().map(|whole| nearest((*whole).into())));
                numbers
            }
            Self::Empty { length } => Vec::with_capacity(*length),
            Self::Real(_) => Vec::new(),
        };
        numbers.push(number);
        *self = Self::Real(numbers);
    }
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
const fn nearest(number: i128) -> f64 {
    number as f64
}

/// A number as Python has it.
pub(crate) enum Number {
    /// Below 2^127.
    Whole(i128),
    Real(f64),
}

/// Reads an `int`, a `float`, or whatever says that it is one of them. `None` for anything else, a truth value included.
pub(crate) fn number(value: &Bound<'_, PyAny>) -> PyResult<Option<Number>> {
    let py = value.py();
    if let Ok(real) = value.cast::<PyFloat>() {
        return Ok(Some(Number::Real(real.value())));
    }
    if is_truth(value) {
        return Ok(None);
    }
    // Past 128 bits no count is one, but a double may still be.
    let whole = |value: &Bound<'_, PyAny>| {
        let number = value.extract().map(Number::Whole).or_else(|_| value.extract().map(Number::Real));
        number.map(Some).map_err(|_| exception(py, &KpiError::Overflow.into()))
    };
    if value.is_instance_of::<PyInt>() {
        return whole(value);
    }
    // Of an array of one number too: what has a length is a list.
    if value.hasattr(intern!(py, "__len__"))? {
        return Ok(None);
    }
    if let Some(index) = value.getattr_opt(intern!(py, "__index__"))? {
        return index.call0().map_or(Ok(None), |index| whole(&index));
    }
    let Some(real) = value.getattr_opt(intern!(py, "__float__"))? else { return Ok(None) };
    Ok(real.call0().and_then(|real| real.extract()).map(Number::Real).ok())
}

/// A truth value of NumPy.
pub(crate) fn is_truth(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyBool>() || value.get_type().name().is_ok_and(|name| name == "bool_" || name == "bool")
}

/// What libraries put in the place of a value that is missing.
pub(crate) fn is_missing(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>() {
        return Ok(false);
    }
    let name = value.get_type().name()?;
    Ok(name == "NAType" || name == "NaTType" || name == "MaskedConstant")
}
