//! The calls on tokens.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::tokens::{Login, Refresh};
use pyo3::prelude::*;
use pyo3::pyclass_init::PyClassInitializer;

use crate::arguments::{Given, body, context, device, json_text, optional_text, refuse_dpop, text, texts, wire_text};
use crate::calls::{Mode, local, run};
use crate::claims::Claims;
use crate::errors::invalid_argument;
use crate::instant::timestamp;

/// What both forms of the calls share.
#[pyclass(frozen, subclass, name = "_TokenCalls", module = "gatewright._core")]
pub(crate) struct TokenCalls {
    gate: Arc<Gate>,
    mode: Mode,
}

/// The calls on tokens: `gate.tokens`.
#[pyclass(frozen, extends = TokenCalls, module = "gatewright")]
pub(crate) struct Tokens;

/// The calls on tokens as asyncio futures; `gatewright.aio` makes coroutines of them.
#[pyclass(frozen, extends = TokenCalls, module = "gatewright._core")]
pub(crate) struct AsyncTokens;

pub(crate) fn blocking(gate: &Arc<Gate>) -> PyClassInitializer<Tokens> {
    PyClassInitializer::from(TokenCalls { gate: Arc::clone(gate), mode: Mode::Blocking }).add_subclass(Tokens)
}

pub(crate) fn on_loop(gate: &Arc<Gate>) -> PyClassInitializer<AsyncTokens> {
    PyClassInitializer::from(TokenCalls { gate: Arc::clone(gate), mode: Mode::Loop }).add_subclass(AsyncTokens)
}

#[pymethods]
#[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python call")]
impl TokenCalls {
    /// Begins a session and gives its first pair of tokens. Draws randomness.
    #[pyo3(signature = (*, subject, client, tenant=None, roles=None, scope=None, device=None, claims=None, auth_time=None, amr=None, dpop_jkt=None, context=None))]
    fn issue<'py>(
        &self,
        py: Python<'py>,
        subject: &Bound<'py, PyAny>,
        client: &Bound<'py, PyAny>,
        tenant: Given<'_, 'py>,
        roles: Given<'_, 'py>,
        scope: Given<'_, 'py>,
        device: Given<'_, 'py>,
        claims: Given<'_, 'py>,
        auth_time: Given<'_, 'py>,
        amr: Given<'_, 'py>,
        dpop_jkt: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let login = Login {
            tenant: optional_text(tenant, "tenant")?.unwrap_or_default(),
            subject: text(subject, "subject")?,
            client: text(client, "client")?,
            roles: texts(roles, "roles")?,
            scope: optional_text(scope, "scope")?.unwrap_or_default(),
            device: self::device(device)?,
            claims: claims.map(|claims| json_text(claims, "claims")).transpose()?,
            auth_time: auth_time.map(|at| timestamp(at, "auth_time")).transpose()?,
            amr: texts(amr, "amr")?,
            dpop_jkt: optional_text(dpop_jkt, "dpop_jkt")?,
            context: self::context(context)?,
        };
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().issue(login).await }, pair)
    }

    /// Exchanges a refresh token for the next pair. Draws randomness.
    #[pyo3(signature = (token, *, retry_key=None, dpop=None, client=None, tenant=None, device_id=None, context=None))]
    fn refresh<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyAny>,
        retry_key: Given<'_, 'py>,
        dpop: Given<'_, 'py>,
        client: Given<'_, 'py>,
        tenant: Given<'_, 'py>,
        device_id: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        refuse_dpop(dpop, "dpop")?;
        let token = wire_text(token, "token")?;
        let retry_key = retry_key.map(|key| body(key, "retry_key").map(|key| key.to_vec())).transpose()?;
        let refresh = Refresh { retry_key, ..presenter(client, tenant, device_id, context)? };
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().refresh(&token, refresh).await }, pair)
    }

    /// Gives an access token and changes nothing; for confidential clients. Draws randomness.
    #[pyo3(signature = (token, *, dpop=None, client=None, tenant=None, device_id=None, context=None))]
    fn refresh_access_only<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyAny>,
        dpop: Given<'_, 'py>,
        client: Given<'_, 'py>,
        tenant: Given<'_, 'py>,
        device_id: Given<'_, 'py>,
        context: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        refuse_dpop(dpop, "dpop")?;
        let token = wire_text(token, "token")?;
        let refresh = presenter(client, tenant, device_id, context)?;
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().refresh_access_only(&token, refresh).await }, pair)
    }

    /// Verifies an access token against the local view; touches memory only.
    #[pyo3(signature = (access, issuer=None, dpop=None))]
    fn verify(&self, py: Python<'_>, access: &Bound<'_, PyAny>, issuer: Given<'_, '_>, dpop: Given<'_, '_>) -> PyResult<Claims> {
        refuse_dpop(dpop, "dpop")?;
        let access = Access::read(access)?;
        let issuer = optional_text(issuer, "issuer")?;
        local(py, || self.gate.tokens().verify_from(access.as_str(), issuer.as_deref().unwrap_or("own"))).map(Claims)
    }

    /// Verifies one of our own access tokens after a refresh of the local view from the store.
    #[pyo3(signature = (access, dpop=None))]
    fn verify_fresh<'py>(&self, py: Python<'py>, access: &Bound<'py, PyAny>, dpop: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        refuse_dpop(dpop, "dpop")?;
        let access = wire_text(access, "access")?;
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().verify_fresh(&access).await }, |py, claims| Ok(Bound::new(py, Claims(claims))?.into_any()))
    }

    /// Notes that the client has its latest pair: the lost-response window shuts.
    fn confirm<'py>(&self, py: Python<'py>, access: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let access = wire_text(access, "access")?;
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().confirm(&access).await }, nothing)
    }

    /// Ends the session of a refresh token (any generation) or of an own access token: log-out.
    #[pyo3(signature = (token, *, context=None))]
    fn revoke<'py>(&self, py: Python<'py>, token: &Bound<'py, PyAny>, context: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let token = wire_text(token, "token")?;
        let context = self::context(context)?;
        let gate = Arc::clone(&self.gate);
        run(py, self.mode, async move { gate.tokens().revoke(&token, context).await }, nothing)
    }
}

/// An access token, borrowed from its Python object where that is possible.
enum Access<'a> {
    Borrowed(&'a str),
    Owned(String),
}

impl<'a> Access<'a> {
    fn read(value: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        let Ok(text) = value.cast::<pyo3::types::PyString>() else {
            return Err(invalid_argument(value.py(), "access", "give a str"));
        };
        Ok(text.to_str().map_or_else(|_| Self::Owned(text.to_string_lossy().into_owned()), Self::Borrowed))
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

fn presenter(client: Given<'_, '_>, tenant: Given<'_, '_>, device_id: Given<'_, '_>, context: Given<'_, '_>) -> PyResult<Refresh> {
    Ok(Refresh {
        client: optional_text(client, "client")?,
        tenant: optional_text(tenant, "tenant")?,
        device_id: optional_text(device_id, "device_id")?,
        context: self::context(context)?,
        ..Refresh::new()
    })
}

/// `None`, for calls that answer nothing.
#[allow(clippy::unnecessary_wraps, reason = "the shape of a translation")]
pub(crate) fn nothing(py: Python<'_>, (): ()) -> PyResult<Bound<'_, PyAny>> {
    Ok(py.None().into_bound(py))
}

/// A whole number.
pub(crate) fn count(py: Python<'_>, count: u64) -> PyResult<Bound<'_, PyAny>> {
    Ok(count.into_pyobject(py)?.into_any())
}

fn pair(py: Python<'_>, pair: gatewright::tokens::TokenPair) -> PyResult<Bound<'_, PyAny>> {
    Ok(Bound::new(py, TokenPair(pair))?.into_any())
}

/// What a login or refresh answers.
#[pyclass(frozen, module = "gatewright")]
pub(crate) struct TokenPair(gatewright::tokens::TokenPair);

#[pymethods]
impl TokenPair {
    /// The access token, a JWT.
    #[getter]
    fn access_token(&self) -> &str {
        &self.0.access_token
    }

    /// The refresh token; empty after `refresh_access_only`.
    #[getter]
    fn refresh_token(&self) -> &str {
        self.0.refresh_token.as_deref().unwrap_or_default()
    }

    /// `bearer`.
    #[getter]
    fn token_type(&self) -> &str {
        self.0.token_type
    }

    /// Whole seconds that the access token lives.
    #[getter]
    fn expires_in(&self) -> u64 {
        self.0.expires_in
    }

    /// The session.
    #[getter]
    fn session_id(&self) -> &str {
        &self.0.session_id
    }

    /// How it came about: `issued`, `rotated`, `retry_concurrent`, `retry_lost`, `access_only`. Never for the client.
    #[getter]
    fn outcome(&self) -> &str {
        self.0.outcome.as_str()
    }

    /// The store's clock in milliseconds since 1970.
    #[getter]
    fn server_time_ms(&self) -> i64 {
        self.0.server_time_ms
    }

    fn __repr__(&self) -> String {
        let pair = &self.0;
        format!("TokenPair(session_id={:?}, outcome={:?}, expires_in={})", pair.session_id, pair.outcome.as_str(), pair.expires_in)
    }
}
