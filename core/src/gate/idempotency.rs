//! Calls on idempotency.

use std::future::Future;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::gate::Inner;
use crate::http::Response;
use crate::idempotency::service::IdempotencyService;
use crate::idempotency::{Begin, Checkpoint, Guard, NextAction, Request, next_action};

/// The calls on idempotency: `gate.idempotency()`.
#[derive(Clone, Copy)]
pub struct Idempotency<'a> {
    pub(super) gate: &'a Arc<Inner>,
}

impl Idempotency<'_> {
    /// Begins an operation: of any number of requests with one key, one at a time may run it, and once it has an answer, all
    /// others get that. Draws 16 bytes.
    ///
    /// # Errors
    /// `idempotency_key_missing`, `idempotency_key_invalid`, `idempotency_key_multiple`, `scope_empty`, `invalid_argument`,
    /// `body_too_large` for the request itself; `idempotency_key_reused`, `in_progress`, `outcome_unknown`, `response_unavailable`
    /// for what is known of its key; `record_unreadable`, `unavailable`, `closed`, `config_invalid` without `[idempotency]` or store.
    ///
    /// ```
    /// # fn main() -> gatewright::Result<()> {
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use gatewright::Gate;
    /// use gatewright::http::Response;
    /// use gatewright::idempotency::{Begin, Request, Scope};
    ///
    /// let gate = Gate::from_policy("version = 1\n[store]\ndefault = \"memory:\"\n[idempotency]\n").await?;
    /// let request = Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/orders"), b"{\"item\":7}");
    ///
    /// let Begin::Execute(guard) = gate.idempotency().begin(&request).await? else { panic!("it is new") };
    /// guard.mark_effects().await?; // the next act cannot be taken back
    /// let response = guard.complete(&Response::new(201, "made")).await?;
    ///
    /// let Begin::Replay(again) = gate.idempotency().begin(&request).await? else { panic!("it is done") };
    /// assert_eq!((again.status, again.body), (response.status, response.body));
    ///
    /// let other = Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/orders"), b"{\"item\":8}");
    /// assert_eq!(gate.idempotency().begin(&other).await.unwrap_err().code(), "idempotency_key_reused");
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    pub async fn begin(&self, request: &Request<'_>) -> Result<Begin> {
        self.service()?.begin(request).await
    }

    /// Begins, runs `handle` unless there is an answer already, completes, and gives the answer. `handle` gets the guard and, of
    /// an operation that another worker began, its newest checkpoint. If it fails, the operation is given back where dropping the
    /// guard would do so. Of a worker that lost its lease, the answer is the winner's.
    ///
    /// # Errors
    /// As [`Idempotency::begin`] and [`Guard::complete`], or the handler's own.
    pub async fn run<E, F>(&self, request: &Request<'_>, handle: impl FnOnce(Arc<Guard>, Option<Checkpoint>) -> F) -> Result<Response, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Response, E>>,
    {
        self.service()?.run(request, handle).await
    }

    /// A key for a new operation, a UUID of version 7. Keep it beside the operation before the first request is sent. Draws 10
    /// bytes.
    ///
    /// # Errors
    /// `unavailable` without randomness; `closed`; `config_invalid` without `[idempotency]`.
    pub fn new_key(&self) -> Result<String> {
        self.service()?.new_key()
    }

    /// What a client does after an answer: see [`next_action`].
    #[must_use]
    pub fn next_action(&self, status: u16, code: Option<&str>) -> NextAction {
        next_action(status, code)
    }

    fn service(&self) -> Result<&IdempotencyService> {
        self.gate.idempotency()
    }
}
