//! Calls on idempotency.

use std::future::Future;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::gate::Inner;
use crate::http::Response;
#[cfg(feature = "sqlite")]
use crate::idempotency::BeginIn;
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
    /// an operation that another worker began, its newest checkpoint. If it fails or panics, the operation is given back where
    /// dropping the guard would do so, before its caller hears of it. Of a worker that lost its lease, the answer is the winner's.
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

    /// Makes the table for [`Idempotency::begin_in`] in a database of the caller's, if it is not there. Call it once, at start-up.
    ///
    /// # Errors
    /// `unavailable`, `closed`, `config_invalid` without `[idempotency]`.
    #[cfg(feature = "sqlite")]
    pub fn prepare_in(&self, connection: &rusqlite::Connection) -> Result<()> {
        self.service()?.prepare_in(connection)
    }

    /// Begins an operation inside the caller's own transaction, on a route whose `effects` are `transactional`: the record commits
    /// with the rows that the handler writes, or neither does. So a failure or a crash at any point is safe to run again, as long
    /// as the handler writes nothing but this database. Of two that ask at once, one waits for the other's end (as long as the
    /// connection's `busy_timeout` says, then it is `unavailable`). Needs no store, but the table of [`Idempotency::prepare_in`].
    ///
    /// Call it first in the transaction: after a `SELECT` the database may have moved on, and the answer is `unavailable`.
    ///
    /// # Errors
    /// As [`Idempotency::begin`], but for `in_progress` and `outcome_unknown`, which cannot be.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let gate = tokio::runtime::Builder::new_current_thread().build()?.block_on(gatewright::Gate::from_policy(
    /// #     "version = 1\n[idempotency]\neffects = \"transactional\"\n"))?;
    /// use gatewright::http::Response;
    /// use gatewright::idempotency::{BeginIn, Request, Scope};
    /// use gatewright::rusqlite::Connection;
    ///
    /// let mut database = Connection::open_in_memory()?;
    /// database.execute_batch("CREATE TABLE orders (item INTEGER)")?;
    /// gate.idempotency().prepare_in(&database)?;
    ///
    /// let request = Request::new("order-000017", Scope::new("acme", "u-42", "POST", "/orders"), b"{\"item\":7}");
    /// for attempt in 1..=3 {
    ///     let transaction = database.transaction()?;
    ///     let answer = match gate.idempotency().begin_in(&transaction, &request)? {
    ///         BeginIn::Replay(answer) => answer,
    ///         BeginIn::Execute(guard) => {
    ///             transaction.execute("INSERT INTO orders VALUES (7)", [])?;
    ///             if attempt == 1 {
    ///                 continue; // a failure: rolled back, and nothing is left of it
    ///             }
    ///             guard.complete(&Response::new(201, "made"))?
    ///         }
    ///     };
    ///     transaction.commit()?;
    ///     assert_eq!(answer.status, 201);
    /// }
    /// assert_eq!(database.query_row("SELECT count(*) FROM orders", [], |row| row.get::<_, i64>(0))?, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "sqlite")]
    pub fn begin_in<'t>(&self, transaction: &'t rusqlite::Transaction<'t>, request: &Request<'_>) -> Result<BeginIn<'t>> {
        self.service()?.begin_in(transaction, request)
    }

    /// Deletes expired records of [`Idempotency::begin_in`] from the caller's database, at most so many; says how many.
    ///
    /// # Errors
    /// As [`Idempotency::prepare_in`].
    #[cfg(feature = "sqlite")]
    pub fn sweep_in(&self, connection: &rusqlite::Connection, limit: usize) -> Result<u64> {
        self.service()?.sweep_in(connection, limit)
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
