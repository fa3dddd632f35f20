//! The figures: no gate, no I/O, and no rule of theirs in here.

mod accumulators;
mod argument;
mod array;
mod arrow;
mod buffer;
mod figures;
mod histogram;
mod report;
mod result;
mod sample;

use pyo3::prelude::*;

/// Fills the native module `gatewright._core.kpi`.
pub(crate) fn fill(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<result::Kpi>()?;
    module.add_class::<result::Summary>()?;
    module.add_class::<result::Norms>()?;
    module.add_class::<result::Ranked>()?;
    module.add_class::<argument::Quantity>()?;
    module.add_class::<accumulators::Moments>()?;
    module.add_class::<accumulators::FloatMoments>()?;
    module.add_class::<histogram::Histogram>()?;
    module.add_class::<histogram::HistogramSnapshot>()?;
    module.add("METHODS", pyo3::types::PyTuple::new(module.py(), gatewright::kpi::METHODS)?)?;
    module.add_class::<report::Report>()?;
    module.add_function(pyo3::wrap_pyfunction!(report::report_csv, module)?)?;
    module.add_function(pyo3::wrap_pyfunction!(report::report_json, module)?)?;
    module.add_function(pyo3::wrap_pyfunction!(report::run_program, module)?)?;
    figures::add(module)
}
