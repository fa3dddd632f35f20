//! Accumulators, which can be merged. Python's threads take turns at one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright::error::KpiError;
use gatewright::kpi::{self, Argument, Arguments, Values};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use super::argument::double;
use super::array::Array;
use super::figures::LARGE;
use super::result::Summary;
use super::sample::{self, Number, number};
use crate::arguments::body;
use crate::errors::{exception, invalid_argument};

/// A number that is counted as one of many: a whole one of 0 or more.
pub(crate) fn whole(value: &Bound<'_, PyAny>, name: &'static str) -> PyResult<u64> {
    let py = value.py();
    let array = match number(value)? {
        Some(Number::Whole(whole)) => match u64::try_from(whole) {
            Ok(whole) => return Ok(whole),
            Err(_) if whole < 0 => return Err(exception(py, &KpiError::Negative { field: name }.into())),
            Err(_) => return Err(exception(py, &KpiError::Overflow.into())),
        },
        Some(Number::Real(real)) => Array::real(vec![real]),
        None => return Err(invalid_argument(py, name, "give an int of 0 or more")),
    };
    Ok(counted(py, array)?.values_as_whole().first().copied().unwrap_or(0))
}

/// Whole numbers, as a list or an array; what is missing is counted beside them.
pub(crate) fn wholes(values: &Bound<'_, PyAny>, name: &'static str) -> PyResult<Array> {
    counted(values.py(), sample::array(values, name)?)
}

/// The same numbers as integers. Of doubles the core says whether each is a count.
fn counted(py: Python<'_>, array: Array) -> PyResult<Array> {
    let Values::Real(reals) = array.values() else { return Ok(array) };
    let arguments = Arguments::new(vec![("values".into(), Argument::Sample(reals.into()))]);
    kpi::evaluate("moments.integer.v1", arguments).map_err(|error| exception(py, &error))?;
    Ok(Array::whole(reals.iter().copied().map(count).collect()).with_missing(array.missing))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "the core has found it to be a count")]
const fn count(real: f64) -> u64 {
    real as u64
}

/// Locks an accumulator. What another thread does with it takes microseconds.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

macro_rules! accumulator {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "gatewright.kpi")]
        pub(crate) struct $name(Mutex<kpi::$name>);

        #[pymethods]
        impl $name {
            #[new]
            const fn new() -> Self {
                Self(Mutex::new(kpi::$name::new()))
            }

            /// Adds one value.
            fn add(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
                let value = Self::one(value)?;
                locked(&self.0).add(value).map_err(|error| exception(py, &error))
            }

            /// Adds a list, an array or a series; `None` in it is missing. Adds none of them if one cannot be added.
            fn add_all(&self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<()> {
                let (values, missing) = Self::many(values)?;
                let numbers = Self::numbers(&values);
                let add = || {
                    let mut moments = locked(&self.0);
                    moments.add_all(&numbers)?;
                    moments.add_missing(missing);
                    Ok(())
                };
                let done = if numbers.len() < LARGE { add() } else { py.detach(add) };
                done.map_err(|error: gatewright::Error| exception(py, &error))
            }

            /// Counts values that are missing.
            #[pyo3(signature = (count=None), text_signature = "($self, count=1)")]
            fn add_missing(&self, count: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
                locked(&self.0).add_missing(count.map_or(Ok(1), |count| whole(count, "count"))?);
                Ok(())
            }

            /// Adds all that another one has.
            fn merge(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<()> {
                let Ok(other) = other.cast::<Self>() else {
                    return Err(invalid_argument(py, "other", concat!("give another ", stringify!($name))));
                };
                // Copied, so that no two are locked at once.
                let other = locked(&other.get().0).clone();
                locked(&self.0).merge(&other).map_err(|error| exception(py, &error))
            }

            /// What they come to so far.
            fn snapshot(&self, py: Python<'_>) -> PyResult<Summary> {
                locked(&self.0).snapshot().map(Summary).map_err(|error| exception(py, &error))
            }

            /// How many values were added.
            #[getter]
            fn count(&self) -> u64 {
                locked(&self.0).count()
            }

            /// How many were missing.
            #[getter]
            fn missing(&self) -> u64 {
                locked(&self.0).missing()
            }

            /// Its state, the same in every language.
            fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, &locked(&self.0).to_bytes())
            }

            /// The one that gave these bytes. `RecordUnreadable` for others.
            #[staticmethod]
            fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
                let read = kpi::$name::from_bytes(&body(data, "data")?);
                read.map(|moments| Self(Mutex::new(moments))).map_err(|error| exception(data.py(), &error))
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
                let class: Bound<'py, PyType> = slf.get_type();
                Ok((class.getattr("from_bytes")?, (slf.get().to_bytes(slf.py()),)))
            }

            fn __repr__(&self) -> String {
                format!(concat!(stringify!($name), "(count={}, missing={})"), self.count(), self.missing())
            }
        }
    };
}

accumulator! {
    /// Exact moments of integers: sums that never round, so that the order of values and of merges changes no bit.
    Moments
}

accumulator! {
    /// Moments of doubles, in blocks whose order of additions is fixed: the same bits in every language.
    FloatMoments
}

impl Moments {
    fn one(value: &Bound<'_, PyAny>) -> PyResult<u64> {
        whole(value, "value")
    }

    fn many(values: &Bound<'_, PyAny>) -> PyResult<(Array, u64)> {
        wholes(values, "values").map(|array| {
            let missing = array.missing;
            (array, missing)
        })
    }

    fn numbers(array: &Array) -> std::borrow::Cow<'_, [u64]> {
        array.values_as_whole().into()
    }
}

impl FloatMoments {
    fn one(value: &Bound<'_, PyAny>) -> PyResult<f64> {
        double(value)?.ok_or_else(|| invalid_argument(value.py(), "value", "give a number"))
    }

    fn many(values: &Bound<'_, PyAny>) -> PyResult<(Array, u64)> {
        sample::array(values, "values").map(|array| {
            let missing = array.missing;
            (array, missing)
        })
    }

    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
    fn numbers(array: &Array) -> std::borrow::Cow<'_, [f64]> {
        match array.values() {
            Values::Real(numbers) => numbers.into(),
            Values::Whole(numbers) => numbers.iter().map(|number| *number as f64).collect::<Vec<_>>().into(),
            _ => (&[][..]).into(),
        }
    }
}
