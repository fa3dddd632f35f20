//! Arrays of the buffer protocol (PEP 3118): NumPy, `array.array`, memory views.

use pyo3::buffer::{Element, ElementType, PyUntypedBuffer};
use pyo3::prelude::*;

use super::array::{Array, Owner, View};

/// The numbers of a buffer of one dimension; `None` if it holds something that is not read here.
pub(crate) fn array(py: Python<'_>, buffer: PyUntypedBuffer) -> PyResult<Option<Array>> {
    if !is_native(buffer.format().to_bytes()) {
        return Ok(None);
    }
    Ok(Some(match ElementType::from_format(buffer.format()) {
        ElementType::Float { bytes: 8 } => match view::<f64>(buffer)? {
            Laid::Plainly(view) => Array::real_view(view),
            Laid::Otherwise(buffer) => Array::real(copy(py, &buffer)?),
        },
        ElementType::SignedInteger { bytes: 8 } => match view::<i64>(buffer)? {
            Laid::Plainly(view) => Array::signed_view(view),
            Laid::Otherwise(buffer) => Array::signed(&copy::<i64>(py, &buffer)?),
        },
        ElementType::UnsignedInteger { bytes: 8 } => match view::<u64>(buffer)? {
            Laid::Plainly(view) => Array::whole_view(view),
            Laid::Otherwise(buffer) => Array::whole(copy(py, &buffer)?),
        },
        ElementType::Float { bytes: 4 } => Array::real(copy::<f32>(py, &buffer)?.into_iter().map(f64::from).collect()),
        ElementType::SignedInteger { bytes: 4 } => Array::signed(&copy::<i32>(py, &buffer)?),
        ElementType::SignedInteger { bytes: 2 } => Array::signed(&copy::<i16>(py, &buffer)?),
        ElementType::SignedInteger { bytes: 1 } => Array::signed(&copy::<i8>(py, &buffer)?),
        ElementType::UnsignedInteger { bytes: 4 } => Array::whole(copy::<u32>(py, &buffer)?.into_iter().map(u64::from).collect()),
        ElementType::UnsignedInteger { bytes: 2 } => Array::whole(copy::<u16>(py, &buffer)?.into_iter().map(u64::from).collect()),
        ElementType::UnsignedInteger { bytes: 1 } if buffer.format().to_bytes() != b"c" => {
            Array::whole(copy::<u8>(py, &buffer)?.into_iter().map(u64::from).collect())
        }
        _ => return Ok(None),
    }))
}

/// How the elements of a buffer lie.
enum Laid<T> {
    Plainly(View<T>),
    Otherwise(PyUntypedBuffer),
}

/// The elements in their place, if they lie one behind the other.
#[allow(unsafe_code, reason = "borrowing is what arrays without copies come to")]
fn view<T: Element>(buffer: PyUntypedBuffer) -> PyResult<Laid<T>> {
    let Some(slice) = buffer.as_typed::<T>()?.as_slice_ptr() else { return Ok(Laid::Otherwise(buffer)) };
    // SAFETY: the type was checked, alignment included, and an exported buffer stays where it is until it is released.
    Ok(Laid::Plainly(unsafe { View::new(slice, Owner::Buffer(buffer)) }))
}

fn copy<T: Element>(py: Python<'_>, buffer: &PyUntypedBuffer) -> PyResult<Vec<T>> {
    buffer.as_typed::<T>()?.to_vec(py)
}

/// Whether a format says the byte order of this machine; sizes are those of the standard behind a prefix, and not read here.
fn is_native(format: &[u8]) -> bool {
    matches!(format, [_] | [b'@', _])
}
