//! Calls on idempotency.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::error::IdempotencyError;
use gatewright::idempotency::{self, Begin, FinishAs, IdempotencyKey};
use napi::Env;
use napi::bindgen_prelude::{Either, External, Uint8Array};
use napi_derive::napi;

use crate::answer::{Answer, Failure, Soon, answer, soon};
use crate::context::{Context, context};
use crate::gate::count;
use crate::response::{SentResponse, response};

/// The handle of a guard.
pub type Guard = Arc<idempotency::Guard>;

/// Whose an operation is and how requests are told apart, but for its bytes.
#[napi(object, object_to_js = false)]
pub struct IdempotentRequest {
    /// The one header line, or any number of lines.
    #[napi(ts_type = "string | Array<Uint8Array>")]
    pub key: Either<String, Vec<Uint8Array>>,
    pub tenant: String,
    pub principal: String,
    pub method: String,
    pub path: String,
    pub content_type: Option<String>,
    pub query: Option<String>,
    pub route: Option<String>,
    pub context: Option<Context>,
}

/// A request whose bytes are its own: JavaScript may write to its buffers while another thread reads.
struct Owned {
    key: Vec<Vec<u8>>,
    scope: idempotency::Scope,
    body: Option<Vec<u8>>,
    fingerprint: Option<Vec<u8>>,
    content_type: Option<String>,
    query: Option<String>,
    route: Option<String>,
    context: gatewright::event::Context,
}

impl Owned {
    fn new(request: IdempotentRequest, body: Option<&[u8]>, fingerprint: Option<&[u8]>) -> Self {
        let key = match request.key {
            Either::A(line) => vec![line.into_bytes()],
            Either::B(lines) => lines.iter().map(|line| line.to_vec()).collect(),
        };
        Self {
            key,
            scope: idempotency::Scope { tenant: request.tenant, principal: request.principal, method: request.method, path: request.path },
            body: body.map(<[u8]>::to_vec),
            fingerprint: fingerprint.map(<[u8]>::to_vec),
            content_type: request.content_type,
            query: request.query,
            route: request.route,
            context: context(request.context),
        }
    }

    async fn begin(self, gate: &Gate) -> gatewright::Result<Begun> {
        let content = idempotency::Content {
            body: self.body.as_deref(),
            fingerprint: self.fingerprint.as_deref(),
            content_type: self.content_type.as_deref(),
            query: self.query.as_deref(),
        };
        let key = self.key.iter().map(Vec::as_slice).collect();
        let route = self.route.as_deref();
        let request = idempotency::Request { key, scope: self.scope, content, route, context: self.context };
        gate.idempotency().begin(&request).await.map(Into::into)
    }
}

/// What has begun: a guard, or the answer of an earlier run.
#[napi(object, object_from_js = false)]
pub struct Begun {
    #[napi(ts_type = "'execute' | 'resume' | 'replay'")]
    pub outcome: &'static str,
    #[napi(ts_type = "ExternalObject<Guard>")]
    pub guard: Option<External<Guard>>,
    pub fence: Option<i64>,
    pub attempt: Option<u32>,
    pub max_stored_body: Option<u32>,
    pub checkpoint: Option<Checkpoint>,
    pub response: Option<SentResponse>,
}

#[napi(object, object_from_js = false)]
pub struct Checkpoint {
    pub name: String,
    pub data: Uint8Array,
}

impl Begun {
    fn guarded(outcome: &'static str, guard: idempotency::Guard, checkpoint: Option<idempotency::Checkpoint>) -> Self {
        Self {
            outcome,
            fence: Some(count(guard.fence())),
            attempt: Some(guard.attempt()),
            max_stored_body: Some(u32::try_from(guard.max_stored_body()).unwrap_or(u32::MAX)),
            guard: Some(External::new(Arc::new(guard))),
            checkpoint: checkpoint.map(|reached| Checkpoint { name: reached.name, data: Uint8Array::new(reached.data) }),
            response: None,
        }
    }
}

impl From<Begin> for Begun {
    fn from(begin: Begin) -> Self {
        match begin {
            Begin::Execute(guard) => Self::guarded("execute", guard, None),
            Begin::Resume(guard, checkpoint) => Self::guarded("resume", guard, checkpoint),
            Begin::Replay(response) => Self {
                outcome: "replay",
                guard: None,
                fence: None,
                attempt: None,
                max_stored_body: None,
                checkpoint: None,
                response: Some(response.into()),
            },
        }
    }
}

#[napi(catch_unwind, ts_return_type = "Begun | Failure | Promise<Begun | Failure>")]
pub fn idempotency_begin<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    request: IdempotentRequest,
    body: Option<&[u8]>,
    fingerprint: Option<&[u8]>,
) -> Soon<'env, Begun> {
    let (gate, size) = (Gate::clone(gate), body.map_or(0, <[u8]>::len));
    let request = Owned::new(request, body, fingerprint);
    soon(env, size, async move { request.begin(&gate).await })
}

/// A key for a new operation.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn idempotency_new_key(gate: &External<Gate>) -> Answer<String> {
    answer(gate.idempotency().new_key())
}

/// Whether these lines are a key, for glue that would else wait for a body in vain.
#[napi(catch_unwind, ts_return_type = "void | Failure")]
pub fn idempotency_check_key(lines: Vec<Uint8Array>) -> Answer<()> {
    answer(IdempotencyKey::parse(&lines).map(drop))
}

/// What glue answers to a body beyond its limit.
#[napi(catch_unwind, ts_return_type = "Failure")]
pub fn idempotency_body_too_large() -> Failure {
    gatewright::Error::from(IdempotencyError::BodyTooLarge).into()
}

#[napi(catch_unwind)]
pub fn idempotency_next_action(gate: &External<Gate>, status: u16, code: Option<String>) -> &'static str {
    gate.idempotency().next_action(status, code.as_deref()).as_str()
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn guard_mark_effects<'env>(env: &'env Env, guard: &External<Guard>) -> Soon<'env, ()> {
    let guard = Arc::clone(guard);
    soon(env, 0, async move { guard.mark_effects().await })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn guard_checkpoint<'env>(env: &'env Env, guard: &External<Guard>, name: String, data: &[u8]) -> Soon<'env, ()> {
    let (guard, data) = (Arc::clone(guard), data.to_vec());
    soon(env, data.len(), async move { guard.checkpoint(&name, &data).await })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn guard_renew<'env>(env: &'env Env, guard: &External<Guard>) -> Soon<'env, ()> {
    let guard = Arc::clone(guard);
    soon(env, 0, async move { guard.renew().await })
}

/// What is to be sent, or `null` for the answer that was given.
#[napi(catch_unwind, ts_return_type = "SentResponse | null | Failure | Promise<SentResponse | null | Failure>")]
pub fn guard_complete<'env>(
    env: &'env Env,
    guard: &External<Guard>,
    status: u16,
    headers: String,
    body: &[u8],
    #[napi(ts_arg_type = "'store' | 'release' | undefined | null")] as_given: Option<String>,
) -> Soon<'env, Option<SentResponse>> {
    let (guard, size, given) = (Arc::clone(guard), body.len(), response(status, &headers, body));
    soon(env, size, async move {
        let given = given?;
        let sent = match finish_as(as_given.as_deref()) {
            None => guard.complete(&given).await,
            Some(how) => guard.complete_as(&given, how).await,
        }?;
        Ok(if sent == given { None } else { Some(sent.into()) })
    })
}

/// Whether the store knows of it.
#[napi(catch_unwind, ts_return_type = "boolean | Failure | Promise<boolean | Failure>")]
pub fn guard_complete_streamed<'env>(
    env: &'env Env,
    guard: &External<Guard>,
    status: u16,
    body_sha256: &[u8],
    #[napi(ts_arg_type = "'store' | 'release' | undefined | null")] as_given: Option<String>,
) -> Soon<'env, bool> {
    let (guard, digest) = (Arc::clone(guard), <[u8; 32]>::try_from(body_sha256));
    soon(env, 0, async move {
        let digest = digest.map_err(|_| gatewright::Error::invalid_argument("bodySha256", "give the 32 bytes of a SHA-256"))?;
        guard.complete_streamed(status, digest, finish_as(as_given.as_deref())).await
    })
}

#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn guard_release<'env>(env: &'env Env, guard: &External<Guard>) -> Soon<'env, ()> {
    let guard = Arc::clone(guard);
    soon(env, 0, async move { guard.release().await })
}

/// What a failure of the handler comes to.
#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn guard_abandon<'env>(env: &'env Env, guard: &External<Guard>) -> Soon<'env, ()> {
    let guard = Arc::clone(guard);
    soon(env, 0, async move {
        guard.abandon().await;
        Ok(())
    })
}

/// The JavaScript half gives nothing else.
fn finish_as(given: Option<&str>) -> Option<FinishAs> {
    match given {
        Some("store") => Some(FinishAs::Store),
        Some("release") => Some(FinishAs::Release),
        _ => None,
    }
}
