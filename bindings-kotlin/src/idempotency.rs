//! Calls on idempotency.

use std::sync::Arc;

use gatewright::Error;
use gatewright::http::Response;
use gatewright::idempotency::{self, Begin, Checkpoint, Content, FinishAs, Guard, Request, Scope};

use crate::context::{FfiContext, context};
use crate::fault::FfiException;
use crate::gate::{FfiGate, signed};
use crate::response::{FfiResponse, http_status};
use crate::runtime::{awaited, detached};

/// A request that must have one effect.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::idempotency::Request, Scope and Content")]
pub struct FfiIdempotentRequest {
    pub key: Vec<String>,
    pub tenant: String,
    pub principal: String,
    pub method: String,
    pub path: String,
    pub body: Option<Vec<u8>>,
    pub fingerprint: Option<Vec<u8>>,
    pub content_type: Option<String>,
    pub query: Option<String>,
    pub route: Option<String>,
    pub context: Option<FfiContext>,
}

/// What a request is to do.
#[derive(uniffi::Enum)]
#[allow(missing_docs, reason = "named as in gatewright::idempotency::Begin")]
pub enum FfiBegin {
    Execute { guard: Arc<FfiGuard>, details: FfiGuardDetails },
    Resume { guard: Arc<FfiGuard>, details: FfiGuardDetails, checkpoint: Option<FfiCheckpoint> },
    Replay { response: FfiResponse },
}

/// What is known of an operation under way; it does not change.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::idempotency::Guard")]
pub struct FfiGuardDetails {
    pub fence: i64,
    pub attempt: i32,
    pub max_stored_body: i32,
}

/// How far an operation had come.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::idempotency::Checkpoint")]
pub struct FfiCheckpoint {
    pub name: String,
    pub data: Vec<u8>,
}

/// Whether an answer is stored or its key is free again.
#[derive(Clone, Copy, uniffi::Enum)]
#[allow(missing_docs, reason = "named as in gatewright::idempotency::FinishAs")]
pub enum FfiFinishAs {
    Store,
    Release,
}

/// An operation under way. Dropped without an end, it is given back where the rules say so.
#[derive(uniffi::Object)]
pub struct FfiGuard {
    guard: Arc<Guard>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::idempotency::Guard")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGuard {
    pub async fn mark_effects(&self) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        detached(async move { guard.mark_effects().await }).await
    }

    pub async fn checkpoint(&self, name: String, data: Vec<u8>) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        detached(async move { guard.checkpoint(&name, &data).await }).await
    }

    pub async fn renew(&self) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        detached(async move { guard.renew().await }).await
    }

    /// What is to be sent, where it is not what was given: the body would cross twice.
    pub async fn complete(&self, response: FfiResponse, finish_as: Option<FfiFinishAs>) -> Result<Option<FfiResponse>, FfiException> {
        let guard = Arc::clone(&self.guard);
        let call = async move {
            let given = Response::try_from(response)?;
            let sent = match finish_as {
                Some(finish_as) => guard.complete_as(&given, finish_as.into()).await?,
                None => guard.complete(&given).await?,
            };
            Ok((sent != given).then(|| FfiResponse::from(sent)))
        };
        detached(call).await
    }

    pub async fn complete_streamed(&self, status: i32, body_sha256: Vec<u8>, finish_as: Option<FfiFinishAs>) -> Result<bool, FfiException> {
        let guard = Arc::clone(&self.guard);
        let call = async move {
            let digest = body_sha256.try_into().map_err(|_| Error::invalid_argument("body_sha256", "give the 32 bytes of a SHA-256"))?;
            guard.complete_streamed(http_status(status)?, digest, finish_as.map(FinishAs::from)).await
        };
        detached(call).await
    }

    pub async fn release(&self) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        detached(async move { guard.release().await }).await
    }

    pub async fn abandon(&self) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        let call = async move {
            guard.abandon().await;
            Ok(())
        };
        detached(call).await
    }

    /// As `abandon`, for a caller that cannot suspend.
    pub fn abandon_and_wait(&self) -> Result<(), FfiException> {
        let guard = Arc::clone(&self.guard);
        awaited(async move { guard.abandon().await })
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Idempotency")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub async fn begin_operation(&self, request: FfiIdempotentRequest) -> Result<FfiBegin, FfiException> {
        let gate = self.gate.clone();
        let call = async move {
            let content = Content {
                body: request.body.as_deref(),
                fingerprint: request.fingerprint.as_deref(),
                content_type: request.content_type.as_deref(),
                query: request.query.as_deref(),
            };
            let request = Request {
                key: request.key.iter().map(String::as_bytes).collect(),
                scope: Scope::new(request.tenant, request.principal, request.method, request.path),
                content,
                route: request.route.as_deref(),
                context: context(request.context),
            };
            gate.idempotency().begin(&request).await
        };
        detached(call).await.map(FfiBegin::from)
    }

    pub fn new_idempotency_key(&self) -> Result<String, FfiException> {
        Ok(self.gate.idempotency().new_key()?)
    }
}

/// What a client does with its key after an answer.
///
/// # Errors
/// `invalid_argument` for a status that no answer has.
#[uniffi::export]
#[allow(clippy::needless_pass_by_value, reason = "UniFFI gives what it lifted")]
pub fn next_action(status: i32, code: Option<String>) -> Result<String, FfiException> {
    let status = u16::try_from(status).map_err(|_| Error::invalid_argument("status", "give an HTTP status, or 0 for none"))?;
    Ok(idempotency::next_action(status, code.as_deref()).as_str().to_owned())
}

impl From<Begin> for FfiBegin {
    fn from(begin: Begin) -> Self {
        match begin {
            Begin::Execute(guard) => Self::Execute { details: FfiGuardDetails::from(&guard), guard: FfiGuard::new(guard) },
            Begin::Resume(guard, checkpoint) => {
                Self::Resume { details: FfiGuardDetails::from(&guard), guard: FfiGuard::new(guard), checkpoint: checkpoint.map(FfiCheckpoint::from) }
            }
            Begin::Replay(response) => Self::Replay { response: response.into() },
        }
    }
}

impl FfiGuard {
    fn new(guard: Guard) -> Arc<Self> {
        Arc::new(Self { guard: Arc::new(guard) })
    }
}

impl From<&Guard> for FfiGuardDetails {
    fn from(guard: &Guard) -> Self {
        Self {
            fence: signed(guard.fence()),
            attempt: i32::try_from(guard.attempt()).unwrap_or(i32::MAX),
            max_stored_body: i32::try_from(guard.max_stored_body()).unwrap_or(i32::MAX),
        }
    }
}

impl From<Checkpoint> for FfiCheckpoint {
    fn from(checkpoint: Checkpoint) -> Self {
        let Checkpoint { name, data } = checkpoint;
        Self { name, data }
    }
}

impl From<FfiFinishAs> for FinishAs {
    fn from(finish_as: FfiFinishAs) -> Self {
        match finish_as {
            FfiFinishAs::Store => Self::Store,
            FfiFinishAs::Release => Self::Release,
        }
    }
}
