//! For tests: another clock, seeded entropy, a given environment. Only `gatewright.testing` calls this.

use std::sync::Arc;

use gatewright::gate::GateBuilder;
use gatewright::testing::SeededEntropy;
use gatewright::testing::read_decision;
use gatewright::time::Timestamp;
use gatewright::tokens::jws::verify_suite;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::arguments::{Given, body, json_text, text, text_map, wire_text};
use crate::calls::{FirstStep, Mode, local, run, run_from};
use crate::decision::Decision;
use crate::errors::invalid_argument;
use crate::gate::{GateCalls, Source, open, wrap};
use crate::tokens::nothing;

/// A clock that stands still until it is set.
#[pyclass(frozen, module = "gatewright._core")]
pub(crate) struct ManualClock(Arc<gatewright::testing::ManualClock>);

#[pymethods]
impl ManualClock {
    #[new]
    fn new(micros: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(Arc::new(gatewright::testing::ManualClock::new(instant(micros)?))))
    }

    /// Sets it, in microseconds since 1970.
    fn set_micros(&self, micros: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.set(instant(micros)?);
        Ok(())
    }
}

fn instant(micros: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let read = micros.extract::<i64>().map(Timestamp::from_micros);
    read.map_err(|_| invalid_argument(micros.py(), "micros", "give a whole number of microseconds since 1970"))
}

/// A policy document given as a file or in full, and what the testing gate takes in place of the host's own.
fn prepare<'py>(
    path: Given<'_, 'py>,
    policy: Given<'_, 'py>,
    clock: Given<'_, 'py>,
    seed: Given<'_, 'py>,
    environment: Given<'_, 'py>,
    py: Python<'py>,
) -> PyResult<(Source, GateBuilder)> {
    let source = match (path, policy) {
        (Some(path), None) => Source::file(path)?,
        (None, Some(policy)) => Source::policy(policy)?,
        _ => return Err(invalid_argument(py, "policy", "give a path or a policy")),
    };
    let mut builder = gatewright::Gate::builder();
    if let Some(clock) = clock {
        let Ok(clock) = clock.cast::<ManualClock>() else {
            return Err(invalid_argument(py, "clock", "give a ManualClock"));
        };
        let clock: Arc<gatewright::testing::ManualClock> = Arc::clone(&clock.get().0);
        builder = builder.clock(clock);
    }
    if let Some(seed) = seed {
        builder = builder.entropy(Arc::new(SeededEntropy::new(body(seed, "seed")?.to_vec())));
    }
    if let Some(environment) = environment {
        builder = builder.environment(text_map(environment, "environment")?);
    }
    Ok((source, builder))
}

#[pyfunction]
#[pyo3(signature = (*, path=None, policy=None, clock=None, seed=None, environment=None))]
pub(crate) fn testing_open<'py>(
    py: Python<'py>,
    path: Given<'_, 'py>,
    policy: Given<'_, 'py>,
    clock: Given<'_, 'py>,
    seed: Given<'_, 'py>,
    environment: Given<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let (source, builder) = prepare(path, policy, clock, seed, environment, py)?;
    open(py, Mode::Blocking, source, builder)
}

#[pyfunction]
#[pyo3(signature = (*, path=None, policy=None, clock=None, seed=None, environment=None))]
pub(crate) fn testing_open_async<'py>(
    py: Python<'py>,
    path: Given<'_, 'py>,
    policy: Given<'_, 'py>,
    clock: Given<'_, 'py>,
    seed: Given<'_, 'py>,
    environment: Given<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let (source, builder) = prepare(path, policy, clock, seed, environment, py)?;
    open(py, Mode::Loop, source, builder)
}

#[pyfunction]
pub(crate) fn testing_reopen<'py>(gate: &Bound<'py, GateCalls>, policy: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    reopen(gate, policy, Mode::Blocking)
}

#[pyfunction]
pub(crate) fn testing_reopen_async<'py>(gate: &Bound<'py, GateCalls>, policy: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    reopen(gate, policy, Mode::Loop)
}

fn reopen<'py>(gate: &Bound<'py, GateCalls>, policy: &Bound<'py, PyAny>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
    let source = Source::policy(policy)?;
    let gate = Arc::clone(&gate.get().gate);
    let call = async move { gate.reopen(source.text()).await };
    run_from(policy.py(), mode, FirstStep::Elsewhere, call, move |py, gate| wrap(py, mode, gate))
}

#[pyfunction]
pub(crate) fn testing_refresh_view<'py>(gate: &Bound<'py, GateCalls>) -> PyResult<Bound<'py, PyAny>> {
    refresh_view(gate, Mode::Blocking)
}

#[pyfunction]
pub(crate) fn testing_refresh_view_async<'py>(gate: &Bound<'py, GateCalls>) -> PyResult<Bound<'py, PyAny>> {
    refresh_view(gate, Mode::Loop)
}

fn refresh_view<'py>(gate: &Bound<'py, GateCalls>, mode: Mode) -> PyResult<Bound<'py, PyAny>> {
    let core = Arc::clone(&gate.get().gate);
    run(gate.py(), mode, async move { core.refresh_view().await }, nothing)
}

/// Verifies a compact JWS of a published suite. A key is a mapping, or the text of its JSON.
#[pyfunction]
pub(crate) fn testing_verify_jws<'py>(keys: &Bound<'py, PyAny>, jws: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = keys.py();
    if !keys.is_instance_of::<PyList>() && !keys.is_instance_of::<PyTuple>() {
        return Err(invalid_argument(py, "keys", "give a list of keys, each a mapping or the text of its JSON"));
    }
    let mut texts = Vec::new();
    for key in keys.try_iter()? {
        let key = key?;
        texts.push(if key.is_instance_of::<PyString>() { text(&key, "keys")? } else { json_text(&key, "keys")? });
    }
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let jws = wire_text(jws, "jws")?;
    Ok(PyBytes::new(py, &local(py, || verify_suite(&texts, &jws))?))
}

/// A decision from a mapping of its members, or from the text of its JSON.
#[pyfunction]
pub(crate) fn testing_read_decision(decision: &Bound<'_, PyAny>) -> PyResult<Decision> {
    let given = if decision.is_instance_of::<PyString>() { text(decision, "decision")? } else { json_text(decision, "decision")? };
    let wrong = || invalid_argument(decision.py(), "decision", "give the members of a decision by their names");
    read_decision(&given).map(Decision::from).ok_or_else(wrong)
}
