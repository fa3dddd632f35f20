//! The native half of the Python package: arguments in, answers and exceptions out. No rule of the library lives here.

mod arguments;
mod blocking;
mod bridge;
mod calls;
mod claims;
mod data;
mod decision;
mod duration;
mod epochs;
mod errors;
mod event;
mod fork;
mod gate;
mod idempotency;
mod instant;
mod kpi;
mod limits;
mod lockout;
mod problem;
mod response;
mod runtime;
mod server_limits;
mod sessions;
mod step;
mod testing;
mod tokens;
mod webhooks;

use pyo3::prelude::*;

/// The native module `gatewright._core`.
#[pymodule(gil_used = true)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<gate::Gate>()?;
    module.add_class::<gate::AsyncGate>()?;
    module.add_class::<tokens::Tokens>()?;
    module.add_class::<tokens::AsyncTokens>()?;
    module.add_class::<tokens::TokenPair>()?;
    module.add_class::<claims::Claims>()?;
    module.add_class::<sessions::Sessions>()?;
    module.add_class::<sessions::AsyncSessions>()?;
    module.add_class::<epochs::Epochs>()?;
    module.add_class::<epochs::AsyncEpochs>()?;
    module.add_class::<webhooks::Webhooks>()?;
    module.add_class::<webhooks::AsyncWebhooks>()?;
    module.add_class::<webhooks::Checked>()?;
    module.add_class::<webhooks::Verified>()?;
    module.add_class::<webhooks::AsyncVerified>()?;
    module.add_class::<idempotency::Idempotency>()?;
    module.add_class::<idempotency::AsyncIdempotency>()?;
    module.add_class::<step::Step>()?;
    module.add_class::<step::AsyncStep>()?;
    module.add_class::<step::Checkpoint>()?;
    module.add_class::<event::Event>()?;
    module.add_class::<errors::ErrorCode>()?;
    module.add_class::<errors::Problem>()?;
    module.add_class::<response::Response>()?;
    module.add_class::<testing::ManualClock>()?;
    module.add_function(wrap_pyfunction!(errors::error_table, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_open, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_reopen, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_refresh_view, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_verify_jws, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_read_decision, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_open_async, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_reopen_async, module)?)?;
    module.add_function(wrap_pyfunction!(testing::testing_refresh_view_async, module)?)?;
    limit_module(module)?;
    kpi::fill(&submodule(module, "kpi")?)?;
    fork::register(module.py(), runtime::shut_down)
}

/// The native module `gatewright._core.limits`.
fn limit_module(parent: &Bound<'_, PyModule>) -> PyResult<()> {
    let module = submodule(parent, "limits")?;
    module.add_class::<limits::Limits>()?;
    module.add_class::<limits::AsyncLimits>()?;
    module.add_class::<decision::Decision>()?;
    module.add_class::<decision::TierDecision>()?;
    module.add_class::<decision::Binding>()?;
    module.add_class::<decision::Permit>()?;
    module.add_class::<server_limits::ServerLimits>()?;
    module.add_class::<server_limits::ServerLimit>()?;
    module.add_class::<lockout::Lockout>()?;
    module.add_class::<lockout::AsyncLockout>()?;
    module.add_class::<lockout::Attempt>()?;
    module.add_class::<lockout::AsyncAttempt>()?;
    module.add_class::<lockout::LockoutStatus>()
}

/// A module inside of this one, where an import of its full name finds it.
fn submodule<'py>(parent: &Bound<'py, PyModule>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    let py = parent.py();
    let full_name = format!("gatewright._core.{name}");
    let module = PyModule::new(py, &full_name)?;
    parent.add(name, &module)?;
    py.import("sys")?.getattr("modules")?.set_item(full_name, &module)?;
    Ok(module)
}
