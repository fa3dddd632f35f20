//! Numbers in one piece: borrowed from whoever has them where they lie as the core reads them, else copied.

use std::ptr::NonNull;

use gatewright::kpi::{Sample, Values};
use pyo3::buffer::PyUntypedBuffer;

use super::arrow::ArrowArray;

/// A list of numbers, and how many are missing beside them.
pub(crate) struct Array {
    numbers: Numbers,
    pub(crate) missing: u64,
}

enum Numbers {
    Whole(Vec<u64>),
    Real(Vec<f64>),
    WholeView(View<u64>),
    RealView(View<f64>),
}

/// Memory of somebody else.
pub(crate) struct View<T> {
    slice: NonNull<[T]>,
    _owner: Owner,
}

/// Who keeps it where it is.
#[allow(dead_code, reason = "held to keep the memory")]
pub(crate) enum Owner {
    Buffer(PyUntypedBuffer),
    Arrow(Box<ArrowArray>),
}

impl<T> View<T> {
    /// # Safety
    /// The slice is aligned and initialised, and the owner keeps it in its place until it is dropped.
    #[allow(unsafe_code, reason = "borrowing is what arrays without copies come to")]
    pub(crate) unsafe fn new(slice: NonNull<[T]>, owner: Owner) -> Self {
        Self { slice, _owner: owner }
    }

    /// The numbers. As with NumPy's own functions, a thread that writes into them meanwhile changes the figure.
    #[allow(unsafe_code, reason = "borrowing is what arrays without copies come to")]
    fn as_slice(&self) -> &[T] {
        // SAFETY: `new` was promised so.
        unsafe { self.slice.as_ref() }
    }
}

impl Array {
    /// The same, with NaN counted as missing.
    pub(crate) fn without_nan(self) -> Self {
        let Values::Real(numbers) = self.values() else { return self };
        let nans = numbers.iter().map(|number| u64::from(number.is_nan())).sum();
        if nans == 0 {
            return self;
        }
        let missing = self.missing.saturating_add(nans);
        Self::real(numbers.iter().copied().filter(|number| !number.is_nan()).collect()).with_missing(missing)
    }

    pub(crate) const fn whole(numbers: Vec<u64>) -> Self {
        Self { numbers: Numbers::Whole(numbers), missing: 0 }
    }

    pub(crate) const fn real(numbers: Vec<f64>) -> Self {
        Self { numbers: Numbers::Real(numbers), missing: 0 }
    }

    /// Signed numbers: whole if none is negative.
    pub(crate) fn signed<T: Copy + Into<i64>>(numbers: &[T]) -> Self {
        match numbers.iter().map(|number| u64::try_from((*number).into())).collect() {
            Ok(whole) => Self::whole(whole),
            Err(_) => Self::real(numbers.iter().map(|number| rounded((*number).into())).collect()),
        }
    }

    pub(crate) fn whole_view(view: View<u64>) -> Self {
        Self { numbers: Numbers::WholeView(view), missing: 0 }
    }

    pub(crate) fn real_view(view: View<f64>) -> Self {
        Self { numbers: Numbers::RealView(view), missing: 0 }
    }

    /// The same without a copy, if none is negative.
    pub(crate) fn signed_view(view: View<i64>) -> Self {
        // Of all bits at once: the one of the sign is set if one number is negative.
        if view.as_slice().iter().fold(0, |bits, number| bits | number) < 0 {
            return Self::signed(view.as_slice());
        }
        let View { slice, _owner } = view;
        let slice = NonNull::slice_from_raw_parts(slice.cast::<u64>(), slice.len());
        Self::whole_view(View { slice, _owner })
    }

    pub(crate) fn with_missing(self, missing: u64) -> Self {
        Self { missing, ..self }
    }

    pub(crate) fn values(&self) -> Values<'_> {
        match &self.numbers {
            Numbers::Whole(numbers) => Values::Whole(numbers),
            Numbers::Real(numbers) => Values::Real(numbers),
            Numbers::WholeView(view) => Values::Whole(view.as_slice()),
            Numbers::RealView(view) => Values::Real(view.as_slice()),
        }
    }

    /// The same of an array of integers.
    pub(crate) fn values_as_whole(&self) -> &[u64] {
        if let Values::Whole(numbers) = self.values() { numbers } else { &[] }
    }

    pub(crate) fn sample(&self) -> Sample<'_> {
        match self.values() {
            Values::Whole(numbers) => Sample::from(numbers),
            Values::Real(numbers) => Sample::from(numbers),
            _ => Sample::from(&[][..] as &[f64]),
        }
        .with_missing(self.missing)
    }
}

#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "an integer becomes a double once, rounded to the nearest")]
const fn rounded(number: i64) -> f64 {
    number as f64
}
