//! What a client is told of an error.

use std::time::Duration;

use gatewright::Gate;
use gatewright::http::Problem;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;

use crate::response::Response;

/// The answer to send for an exception.
pub(crate) fn problem<'py>(gate: &Gate, error: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static ROOT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = error.py();
    let root =
        ROOT.get_or_try_init(py, || PyResult::Ok(py.import(intern!(py, "gatewright.errors"))?.getattr(intern!(py, "GatewrightError"))?.unbind()))?;
    if !error.is_instance(root.bind(py))? {
        // What another library raised is a fault of the server, and none of the client's business.
        return Response::python(py, Problem::new("internal", "").render(gate.error_format()));
    }
    let winner = error.getattr(intern!(py, "response"))?;
    if winner.is_instance_of::<Response>() {
        return Ok(winner);
    }
    let code: String = error.getattr(intern!(py, "code"))?.extract()?;
    let mut problem = Problem::new(&code, error.str()?.to_string_lossy().into_owned());
    if let Some(delay) = error.getattr(intern!(py, "retry_after"))?.extract::<Option<Duration>>()? {
        problem = problem.retry_after(delay);
    }
    let status: Option<u16> = error.getattr(intern!(py, "response_status"))?.extract()?;
    let digest: Option<PyBackedBytes> = error.getattr(intern!(py, "body_digest"))?.extract()?;
    if let (Some(status), Some(Ok(digest))) = (status, digest.map(|digest| <[u8; 32]>::try_from(&*digest))) {
        problem = problem.answered(status, digest);
    }
    if let Some(time) = error.getattr(intern!(py, "server_time_ms"))?.extract()? {
        problem = problem.server_time_ms(time);
    }
    Response::python(py, problem.render(gate.error_format()))
}
