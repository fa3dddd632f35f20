//! The layer, and what it may be told.

use std::sync::Arc;

use ::http::Method;
use ::http::request::Parts;
use tower_layer::Layer;

use super::service::Idempotent;
use crate::gate::Gate;
use crate::idempotency::Scope;

/// Gives the routes under it idempotency keys: of any number of requests with one key, one is handled at a time, and once it has
/// an answer, the others are sent that.
///
/// - A request needs exactly one header `Idempotency-Key`; one without is refused (`idempotency_key_missing`), unless
///   [`IdempotencyLayer::optional_key`] lets it pass. Methods other than POST and PATCH pass through ([`IdempotencyLayer::methods`]).
/// - The request's body is read before the handler runs, up to [`IdempotencyLayer::max_body`]; beyond that it is `body_too_large`.
/// - The handler finds its [`Operation`](super::Operation) among the request's extensions.
/// - The answer is stored before it is sent. A body larger than the policy's `max_stored_body` is handed out as it comes and only its
///   status and digest are stored, before its last piece is sent.
/// - If the handler fails or panics, or its answer breaks off, or the client goes away before the answer is complete, the operation is
///   given back where dropping its [`Guard`](crate::idempotency::Guard) would do so; before the failure is passed on, so that whoever
///   hears of it finds the key free.
/// - A refusal is [`Gate::problem`]; the answer of a worker that lost its lease is the winner's.
///
/// Put it inside authentication and rate limits, so that what they refuse never takes a key, and outside of whatever compresses.
#[derive(Clone)]
pub struct IdempotencyLayer {
    pub(super) mount: Mount,
}

/// What a service under the layer needs to know.
#[derive(Clone)]
pub(super) struct Mount {
    pub(super) gate: Gate,
    pub(super) scope: Arc<dyn Fn(&Parts) -> Scope + Send + Sync>,
    pub(super) methods: Arc<[Method]>,
    pub(super) max_body: usize,
    pub(super) needs_key: bool,
}

impl IdempotencyLayer {
    /// The layer of a gate. `scope` says whose the request is and what it is for: tenant and principal as they were authenticated, never
    /// as the client says; the method; the whole path, which in a nested axum router is that of `OriginalUri`. A scope
    /// with neither tenant nor principal is answered 500 (`scope_empty`).
    pub fn new(gate: Gate, scope: impl Fn(&Parts) -> Scope + Send + Sync + 'static) -> Self {
        let methods = Arc::new([Method::POST, Method::PATCH]);
        Self { mount: Mount { gate, scope: Arc::new(scope), methods, max_body: DEFAULT_MAX_BODY, needs_key: true } }
    }

    /// Which methods need a key: by default POST and PATCH, which are not idempotent by themselves.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.mount.methods = methods.into_iter().collect();
        self
    }

    /// The largest request body, in bytes, that is read; 1 MiB by default.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.mount.max_body = bytes;
        self
    }

    /// Lets requests without a key pass, to be handled each time they come.
    #[must_use]
    pub fn optional_key(mut self) -> Self {
        self.mount.needs_key = false;
        self
    }
}

impl<S> Layer<S> for IdempotencyLayer {
    type Service = Idempotent<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Idempotent::new(inner, self.mount.clone())
    }
}

impl std::fmt::Debug for IdempotencyLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyLayer")
    }
}

const DEFAULT_MAX_BODY: usize = 1 << 20;
