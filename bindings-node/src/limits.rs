//! Calls on limits. A decision crosses as bytes in a text, from which the JavaScript half reads its members on demand.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use gatewright::limits::packed::{pack, unpack};
use gatewright::limits::{Decision, Permit, ServerLimit};
use gatewright::{Error, Gate, Result};
use napi::bindgen_prelude::{Either, External, Latin1String};
use napi::{Env, JsString};
use napi_derive::napi;
use serde::Serialize;

use crate::answer::{Answer, Soon, answer, soon};
use crate::context::{Context, context};
use crate::response::SentResponse;
use crate::text::{Latin1, Text};
use crate::webhooks::{HeaderBytes, headers};

/// The handle of a permit.
pub type PermitHandle = Arc<Permit>;

/// One of several that are asked for together.
#[napi(object, object_to_js = false)]
pub struct Wanted {
    pub policy: String,
    pub subject: String,
    pub cost: u32,
}

/// A reservation, and its permit, which knows when it may be used: a packed one does not.
#[napi(object, object_from_js = false)]
pub struct Reserved {
    #[napi(ts_type = "string")]
    pub decision: Latin1,
    #[napi(ts_type = "ExternalObject<Permit>")]
    pub permit: Option<External<PermitHandle>>,
}

/// A decision as it leaves.
fn packed(decision: &Decision) -> Result<Latin1> {
    let mut out = Vec::new();
    pack(decision, &mut out).map(|()| Latin1(out)).ok_or(TOO_LARGE)
}

const TOO_LARGE: Error = Error::Internal("a decision of more than any policy has");

thread_local! {
    /// Where decisions that leave at once are written, so that none needs memory of its own.
    static LEAVING: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes a decision that leaves at once, where it stands: it is dear to move.
pub(crate) fn write(decided: &Decision) -> Result<()> {
    LEAVING.with_borrow_mut(|out| {
        out.clear();
        pack(decided, out).ok_or(TOO_LARGE)
    })
}

/// The text of what was written last.
pub(crate) fn leave(env: &Env, written: Result<()>) -> napi::Result<Answer<JsString<'_>>> {
    match written {
        Ok(()) => LEAVING.with_borrow(|out| env.create_string_latin1(out.as_slice())).map(Either::A),
        Err(error) => Ok(Either::B(error.into())),
    }
}

#[napi(catch_unwind, ts_return_type = "string | Failure | Promise<string | Failure>")]
pub fn limits_check<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    cost: u32,
    given: Option<Context>,
) -> Soon<'env, Latin1> {
    let (gate, policy, subject) = (Gate::clone(gate), policy.into_string(), subject.into_string());
    soon(env, 0, async move { packed(&gate.limits().with_context(context(given)).check(&policy, &subject, cost).await?) })
}

#[napi(catch_unwind, ts_return_type = "string | Failure | Promise<string | Failure>")]
pub fn limits_peek<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    given: Option<Context>,
) -> Soon<'env, Latin1> {
    let (gate, policy, subject) = (Gate::clone(gate), policy.into_string(), subject.into_string());
    soon(env, 0, async move { packed(&gate.limits().with_context(context(given)).peek(&policy, &subject).await?) })
}

#[napi(catch_unwind, ts_return_type = "string | Failure | Promise<string | Failure>")]
pub fn limits_check_all<'env>(env: &'env Env, gate: &External<Gate>, bundle: Vec<Wanted>, given: Option<Context>) -> Soon<'env, Latin1> {
    let gate = Gate::clone(gate);
    soon(env, 0, async move {
        let bundle: Vec<_> = bundle.iter().map(|wanted| (&*wanted.policy, &*wanted.subject, wanted.cost)).collect();
        packed(&gate.limits().with_context(context(given)).check_all(&bundle).await?)
    })
}

/// `max_wait` is in microseconds.
#[napi(catch_unwind, ts_return_type = "Reserved | Failure | Promise<Reserved | Failure>")]
pub fn limits_reserve<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    cost: u32,
    max_wait: i64,
    given: Option<Context>,
) -> Soon<'env, Reserved> {
    let (gate, policy, subject) = (Gate::clone(gate), policy.into_string(), subject.into_string());
    soon(env, 0, async move {
        let max_wait = Duration::from_micros(u64::try_from(max_wait).unwrap_or(0));
        let mut decided = gate.limits().with_context(context(given)).reserve(&policy, &subject, cost, max_wait).await?;
        Ok(Reserved { decision: packed(&decided)?, permit: decided.permit.take().map(|permit| External::new(Arc::new(permit))) })
    })
}

/// Waits for the turn of a reservation; of another decision there is nothing to wait for.
#[napi(catch_unwind, ts_return_type = "void | Failure | Promise<void | Failure>")]
pub fn limits_wait<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "ExternalObject<Permit> | undefined")] permit: Option<&External<PermitHandle>>,
) -> Soon<'env, ()> {
    let (gate, permit) = (Gate::clone(gate), permit.map(|permit| Arc::clone(permit)));
    soon(env, 0, async move { gate.limits().wait_for(permit.as_deref()).await })
}

#[napi(catch_unwind, ts_return_type = "string | Failure | Promise<string | Failure>")]
pub fn limits_reset<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    given: Option<Context>,
) -> Soon<'env, Latin1> {
    let (gate, policy, subject) = (Gate::clone(gate), policy.into_string(), subject.into_string());
    soon(env, 0, async move { packed(&gate.limits().with_context(context(given)).reset(&policy, &subject).await?) })
}

#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn limits_check_local<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    cost: u32,
    given: Option<Context>,
) -> napi::Result<Answer<JsString<'env>>> {
    let limits = gate.limits().with_context(context(given));
    leave(env, limits.check_local(policy.as_str(), subject.as_str(), cost).and_then(|decision| write(&decision)))
}

#[napi(catch_unwind, ts_return_type = "boolean | Failure")]
pub fn limits_allow_local(
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string")] policy: Text,
    #[napi(ts_arg_type = "string")] subject: Text,
    cost: u32,
    given: Option<Context>,
) -> Answer<bool> {
    answer(gate.limits().with_context(context(given)).allow_local(policy.as_str(), subject.as_str(), cost))
}

/// The permit of a decision of this gate.
#[napi(catch_unwind, ts_return_type = "ExternalObject<Permit> | Failure")]
pub fn limits_permit(gate: &External<Gate>, #[napi(ts_arg_type = "string")] packed: Latin1String) -> Answer<External<PermitHandle>> {
    let permit = gate.limits().packed_permit(&packed).map(|permit| External::new(Arc::new(permit)));
    answer(permit.ok_or(Error::Internal("a permit of another gate")))
}

#[napi(catch_unwind)]
pub fn permit_is_spent(#[napi(ts_arg_type = "ExternalObject<Permit>")] permit: &External<PermitHandle>) -> bool {
    permit.is_spent()
}

#[napi(catch_unwind, ts_return_type = "string | Failure | Promise<string | Failure>")]
pub fn limits_refund<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    #[napi(ts_arg_type = "ExternalObject<Permit>")] permit: &External<PermitHandle>,
    cost: u32,
) -> Soon<'env, Latin1> {
    let (gate, permit) = (Gate::clone(gate), Arc::clone(permit));
    soon(env, 0, async move { packed(&gate.limits().refund(&permit, cost).await?) })
}

/// Pairs of name and value: the text of a JSON array.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn limits_headers(gate: &External<Gate>, #[napi(ts_arg_type = "string")] packed: Latin1String) -> Answer<String> {
    answer(read(&packed).map(|decision| serde_json::to_string(&gate.limits().headers(&decision)).unwrap_or_default()))
}

#[napi(catch_unwind, ts_return_type = "SentResponse | Failure")]
pub fn limits_problem(gate: &External<Gate>, #[napi(ts_arg_type = "string")] packed: Latin1String) -> Answer<SentResponse> {
    answer(read(&packed).map(|decision| gate.limits().problem(&decision).into()))
}

fn read(packed: &[u8]) -> Result<Decision> {
    unpack(packed).ok_or(Error::Internal("a decision that cannot be read"))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServerLimitsText<'a> {
    wait_us: i64,
    limits: Vec<ServerLimitText<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServerLimitText<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<&'a [u8]>,
}

impl<'a> From<&'a ServerLimit> for ServerLimitText<'a> {
    fn from(limit: &'a ServerLimit) -> Self {
        Self {
            name: &limit.name,
            quota: limit.quota,
            window_s: limit.window_s,
            remaining: limit.remaining,
            reset_s: limit.reset_s,
            unit: limit.unit.as_deref(),
            partition_key: limit.partition_key.as_deref(),
        }
    }
}

/// What another server says of its limits: the text of a JSON object.
#[napi(catch_unwind)]
pub fn limits_parse_headers(
    gate: &External<Gate>,
    #[napi(ts_arg_type = "string | Array<HeaderBytes>")] given: Either<String, Vec<HeaderBytes>>,
) -> String {
    let told = gate.limits().parse_headers(&headers(given));
    let text = ServerLimitsText { wait_us: told.wait_us, limits: told.limits.iter().map(Into::into).collect() };
    serde_json::to_string(&text).unwrap_or_default()
}
