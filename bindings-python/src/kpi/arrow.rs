//! Arrays of the Arrow C data interface: `__arrow_c_array__` and `__arrow_c_stream__`, as pyarrow, polars and others have them.
//!
//! Only columns of numbers are read. The layouts are those of the interface's specification, which never change.
#![allow(unsafe_code, reason = "the interface is one of C structures")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::array::{Array, Owner, View};
use crate::errors::invalid_argument;

#[repr(C)]
struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Self,
    dictionary: *mut Self,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

/// An array of the interface; dropped, it is given back.
#[repr(C)]
pub(crate) struct ArrowArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *const *const c_void,
    children: *mut *mut Self,
    dictionary: *mut Self,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct ArrowStream {
    get_schema: Option<unsafe extern "C" fn(*mut Self, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Self, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Self) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

macro_rules! given_back {
    ($($name:ident)+) => {
        $(impl Drop for $name {
            fn drop(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: it has not been released, and says so itself.
                    unsafe { release(self) }
                }
            }
        })+
    };
}

given_back! { ArrowSchema ArrowArray ArrowStream }

const MEND: &str = "give a column of numbers";

/// The numbers of an object with either method; `None` of any other.
pub(crate) fn array(value: &Bound<'_, PyAny>, argument: &'static str) -> PyResult<Option<Array>> {
    let py = value.py();
    let refuse = || invalid_argument(py, argument, MEND);
    if let Some(method) = value.getattr_opt(intern!(py, "__arrow_c_array__"))? {
        let given = method.call0().map_err(|_| refuse())?;
        let (schema, array) =
            given.cast::<PyTuple>().ok().and_then(|pair| pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().ok()).ok_or_else(refuse)?;
        let (schema, array) = (taken::<ArrowSchema>(&schema, c"arrow_schema"), taken::<ArrowArray>(&array, c"arrow_array"));
        let (schema, array) = schema.zip(array).ok_or_else(refuse)?;
        return column(schema.kind(), vec![array]).ok_or_else(refuse).map(Some);
    }
    if let Some(method) = value.getattr_opt(intern!(py, "__arrow_c_stream__"))? {
        let given = method.call0().map_err(|_| refuse())?;
        let mut stream = taken::<ArrowStream>(&given, c"arrow_array_stream").ok_or_else(refuse)?;
        let (kind, arrays) = stream.read().ok_or_else(refuse)?;
        return column(kind, arrays).ok_or_else(refuse).map(Some);
    }
    Ok(None)
}

/// A structure that is released by its own function.
trait Released {
    fn release(&mut self) -> bool;
}

macro_rules! released {
    ($($name:ident)+) => {
        $(impl Released for $name {
            fn release(&mut self) -> bool {
                self.release.take().is_some()
            }
        })+
    };
}

released! { ArrowSchema ArrowArray ArrowStream }

/// Moves a structure out of its capsule, which is left released.
fn taken<T: Released>(capsule: &Bound<'_, PyAny>, name: &CStr) -> Option<T> {
    let pointer = capsule.cast::<PyCapsule>().ok()?.pointer_checked(Some(name)).ok()?.cast::<T>();
    // SAFETY: a capsule of this name holds this structure, and nobody else reads it while the GIL is held.
    let moved = unsafe { pointer.read() };
    // SAFETY: as above; only its release is set, as the specification says of a move.
    if unsafe { &mut *pointer.as_ptr() }.release() {
        Some(moved)
    } else {
        // It had been released before: nothing is left to give back.
        std::mem::forget(moved);
        None
    }
}

impl ArrowStream {
    fn read(&mut self) -> Option<(Kind, Vec<ArrowArray>)> {
        let mut schema = MaybeUninit::<ArrowSchema>::zeroed();
        // SAFETY: the stream has not been released; on success it fills the schema.
        let filled = unsafe { self.get_schema?(self, schema.as_mut_ptr()) } == 0;
        // SAFETY: filled, or all zero, which is a released one.
        let schema = unsafe { schema.assume_init() };
        let kind = filled.then(|| schema.kind())?;
        let mut arrays = Vec::new();
        loop {
            let mut array = MaybeUninit::<ArrowArray>::zeroed();
            // SAFETY: as above.
            let filled = unsafe { self.get_next?(self, array.as_mut_ptr()) } == 0;
            // SAFETY: as above.
            let array = unsafe { array.assume_init() };
            if !filled {
                return None;
            }
            if array.release.is_none() {
                return Some((kind, arrays));
            }
            arrays.push(array);
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    F64,
    F32,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    /// Nothing but nulls.
    Null,
    Other,
}

impl ArrowSchema {
    fn kind(&self) -> Kind {
        if self.format.is_null() || !self.dictionary.is_null() {
            return Kind::Other;
        }
        // SAFETY: the format is a text that ends with a zero, as long as the schema lives.
        match unsafe { CStr::from_ptr(self.format) }.to_bytes() {
            b"g" => Kind::F64,
            b"f" => Kind::F32,
            b"l" => Kind::I64,
            b"i" => Kind::I32,
            b"s" => Kind::I16,
            b"c" => Kind::I8,
            b"L" => Kind::U64,
            b"I" => Kind::U32,
            b"S" => Kind::U16,
            b"C" => Kind::U8,
            b"n" => Kind::Null,
            _ => Kind::Other,
        }
    }
}

fn column(kind: Kind, arrays: Vec<ArrowArray>) -> Option<Array> {
    match kind {
        Kind::F64 => read(arrays, Array::real_view, Array::real),
        Kind::I64 => read(arrays, Array::signed_view, |numbers: Vec<i64>| Array::signed(&numbers)),
        Kind::U64 => read(arrays, Array::whole_view, Array::whole),
        Kind::F32 => copied(arrays, |numbers: Vec<f32>| Array::real(numbers.into_iter().map(f64::from).collect())),
        Kind::I32 => copied(arrays, |numbers: Vec<i32>| Array::signed(&numbers)),
        Kind::I16 => copied(arrays, |numbers: Vec<i16>| Array::signed(&numbers)),
        Kind::I8 => copied(arrays, |numbers: Vec<i8>| Array::signed(&numbers)),
        Kind::U32 => copied(arrays, |numbers: Vec<u32>| Array::whole(numbers.into_iter().map(u64::from).collect())),
        Kind::U16 => copied(arrays, |numbers: Vec<u16>| Array::whole(numbers.into_iter().map(u64::from).collect())),
        Kind::U8 => copied(arrays, |numbers: Vec<u8>| Array::whole(numbers.into_iter().map(u64::from).collect())),
        Kind::Null => {
            let missing = arrays.iter().map(|array| u64::try_from(array.length)).sum::<Result<u64, _>>().ok()?;
            Some(Array::real(Vec::new()).with_missing(missing))
        }
        Kind::Other => None,
    }
}

/// One piece without nulls is borrowed; anything else is copied.
fn read<T: Copy>(arrays: Vec<ArrowArray>, view: impl FnOnce(View<T>) -> Array, copy: impl FnOnce(Vec<T>) -> Array) -> Option<Array> {
    let plain = match arrays.as_slice() {
        [array] => array.validity()?.is_none().then(|| array.numbers::<T>()).flatten(),
        _ => None,
    };
    let Some(slice) = plain else { return copied(arrays, copy) };
    let owner = Owner::Arrow(Box::new(arrays.into_iter().next()?));
    // SAFETY: alignment was checked, and the numbers stay where they are until the array is released.
    Some(view(unsafe { View::new(slice, owner) }))
}

fn copied<T: Copy>(arrays: Vec<ArrowArray>, array_of: impl FnOnce(Vec<T>) -> Array) -> Option<Array> {
    let mut numbers = Vec::new();
    let mut missing = 0_u64;
    for array in &arrays {
        let validity = array.validity()?;
        let length = usize::try_from(array.length).ok()?;
        numbers.try_reserve(length).ok()?;
        for at in 0..length {
            if validity.is_none_or(|bits| bits.is_set(at)) {
                numbers.push(array.number(at)?);
            } else {
                missing = missing.checked_add(1)?;
            }
        }
    }
    Some(array_of(numbers).with_missing(missing))
}

/// Which of the values are there, a bit each.
#[derive(Clone, Copy)]
struct Bits {
    bytes: NonNull<u8>,
    offset: usize,
}

impl Bits {
    fn is_set(self, at: usize) -> bool {
        let at = self.offset + at;
        // SAFETY: the bitmap has a bit for each value, the offset included.
        unsafe { *self.bytes.as_ptr().add(at / 8) & (1 << (at % 8)) != 0 }
    }
}

impl ArrowArray {
    /// The bitmap; `Some(None)` where all values are there, `None` of an array that is none of numbers.
    #[allow(clippy::option_option, reason = "said above")]
    fn validity(&self) -> Option<Option<Bits>> {
        if self.n_buffers != 2 || self.buffers.is_null() || self.length < 0 {
            return None;
        }
        let offset = usize::try_from(self.offset).ok()?;
        offset.checked_add(usize::try_from(self.length).ok()?)?;
        if self.null_count == 0 {
            return Some(None);
        }
        // SAFETY: there are two buffers.
        let bytes = unsafe { *self.buffers };
        Some(NonNull::new(bytes.cast_mut().cast::<u8>()).map(|bytes| Bits { bytes, offset }))
    }

    fn data<T>(&self) -> Option<NonNull<T>> {
        // SAFETY: `validity` has found two buffers.
        let data = unsafe { *self.buffers.add(1) };
        NonNull::new(data.cast_mut().cast::<T>())
    }

    /// All numbers in their place, if they are aligned.
    fn numbers<T>(&self) -> Option<NonNull<[T]>> {
        let length = usize::try_from(self.length).ok()?;
        if length == 0 {
            return Some(NonNull::slice_from_raw_parts(NonNull::dangling(), 0));
        }
        let data = self.data::<T>()?;
        // SAFETY: the buffer has this many values behind the offset.
        let first = unsafe { data.add(usize::try_from(self.offset).ok()?) };
        first.is_aligned().then(|| NonNull::slice_from_raw_parts(first, length))
    }

    fn number<T: Copy>(&self, at: usize) -> Option<T> {
        let data = self.data::<T>()?;
        // SAFETY: as above; a buffer need not be aligned.
        Some(unsafe { data.add(usize::try_from(self.offset).ok()? + at).as_ptr().read_unaligned() })
    }
}
