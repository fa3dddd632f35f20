//! The claims of a verified access token, read on demand: what nobody asks for is never made into a Python object.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::data::data;
use crate::duration::timedelta;
use crate::instant::datetime;

/// What a verified access token says. Absent texts are empty, other absent claims are `None`.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct Claims(pub(crate) gatewright::tokens::Claims);

#[pymethods]
impl Claims {
    /// Who issued the token (`iss`).
    #[getter]
    fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The user (`sub`).
    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// For whom the token is (`aud`).
    #[getter]
    fn audience<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.audience)
    }

    /// The client that logged in (`client_id`).
    #[getter]
    fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// The tenant; empty in a system that has only one.
    #[getter]
    fn tenant(&self) -> &str {
        &self.0.tenant
    }

    /// What the user may do.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.roles)
    }

    /// OAuth scope.
    #[getter]
    fn scope(&self) -> &str {
        &self.0.scope
    }

    /// The session (`sid`).
    #[getter]
    fn session_id(&self) -> &str {
        &self.0.session_id
    }

    /// The generation of the refresh token that came with it; own tokens only.
    #[getter]
    fn r#gen(&self) -> Option<u32> {
        self.0.generation
    }

    /// The versions of subject, tenant and installation (`tv`); own tokens only.
    #[getter]
    fn token_version(&self) -> Option<(u64, u64, u64)> {
        self.0.token_version.map(|[subject, tenant, installation]| (subject, tenant, installation))
    }

    /// `iat`, in UTC.
    #[getter]
    fn issued_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.issued_at.map(|at| datetime(py, at)).transpose()
    }

    /// `nbf`, in UTC.
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.not_before.map(|at| datetime(py, at)).transpose()
    }

    /// `exp`, in UTC; a time after the year 9999 is the last instant of that year.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime(py, self.0.expires_at)
    }

    /// The token's own name (`jti`).
    #[getter]
    fn jwt_id(&self) -> &str {
        &self.0.jwt_id
    }

    /// The thumbprint of the key that the token is bound to (`cnf.jkt`).
    #[getter]
    fn confirmation(&self) -> Option<&str> {
        self.0.confirmation.as_deref()
    }

    /// When the user proved who he is, in UTC.
    #[getter]
    fn auth_time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.auth_time.map(|at| datetime(py, at)).transpose()
    }

    /// How he proved it (RFC 8176).
    #[getter]
    fn amr<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.amr)
    }

    /// How old the local view was that said "not revoked"; none without a store, and for foreign tokens.
    #[getter]
    fn view_age<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.view_age.map(|age| timedelta(py, age).map(Bound::into_any)).transpose()
    }

    /// All other claims, as a new `dict` at each access.
    #[getter]
    fn extra<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        data(py, if self.0.extra.is_empty() { "{}" } else { &self.0.extra })
    }

    /// The whole payload as it was signed, by the names of the wire, as a new `dict`.
    fn as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        data(py, &self.0.payload)
    }

    fn __repr__(&self) -> String {
        let claims = &self.0;
        format!(
            "Claims(issuer={:?}, subject={:?}, tenant={:?}, session_id={:?}, expires_at={})",
            claims.issuer, claims.subject, claims.tenant, claims.session_id, claims.expires_at
        )
    }
}
