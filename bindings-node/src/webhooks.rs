//! Calls on webhooks.

use std::sync::Arc;

use gatewright::Gate;
use gatewright::webhook::{self, Header};
use napi::Env;
use napi::bindgen_prelude::{Either, External, Uint8Array};
use napi_derive::napi;

use crate::answer::{Answer, Promised, Soon, answer, promise, soon};
use crate::checked;
use crate::context::{Context, context};
use crate::idempotency::Begun;

/// The handle of a claim.
pub type Claim = Arc<gatewright::gate::Verified>;

/// Names and values in turn, each ended by a line feed, which no header holds; or, for values that are bytes, pairs.
type Headers = Either<String, Vec<HeaderBytes>>;

#[napi(object, object_to_js = false)]
pub struct HeaderBytes {
    pub name: String,
    pub value: Uint8Array,
}

pub(crate) fn headers(given: Headers) -> Vec<Header> {
    match given {
        Either::A(lines) => {
            let mut rest = lines.split_terminator('\n');
            std::iter::from_fn(|| Some((rest.next()?.to_owned(), rest.next()?.as_bytes().to_vec()))).collect()
        }
        Either::B(pairs) => pairs.into_iter().map(|header| (header.name, header.value.to_vec())).collect(),
    }
}

#[napi(object, object_to_js = false)]
pub struct RequestLine {
    pub method: String,
    pub url: String,
}

impl From<RequestLine> for webhook::RequestLine {
    fn from(line: RequestLine) -> Self {
        Self { method: line.method, url: line.url }
    }
}

#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct Sign {
    pub id: Option<String>,
    pub nonce: Option<String>,
    pub request: Option<RequestLine>,
}

impl From<Sign> for webhook::Sign {
    fn from(sign: Sign) -> Self {
        Self { id: sign.id, nonce: sign.nonce, request: sign.request.map(Into::into) }
    }
}

/// The headers to send: the text of a JSON array of pairs.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn webhooks_sign(gate: &External<Gate>, endpoint: String, body: &[u8], options: Option<Sign>) -> Answer<String> {
    let signed = gate.webhooks().sign(&endpoint, body, options.unwrap_or_default().into());
    answer(signed.map(|headers| serde_json::to_string(&headers).unwrap_or_default()))
}

/// What was checked, as text.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn webhooks_check(
    gate: &External<Gate>,
    endpoint: String,
    #[napi(ts_arg_type = "string | Array<HeaderBytes>")] given: Headers,
    body: &[u8],
    request: Option<RequestLine>,
) -> Answer<String> {
    let request = request.map(Into::into);
    let checked = gate.webhooks().check(&endpoint, &headers(given), body, request.as_ref());
    answer(checked.map(|checked| checked::text(&checked)))
}

/// A verified message: what was checked, as text, and the handle of its claim.
#[napi(object, object_from_js = false)]
pub struct VerifiedMessage {
    pub checked: String,
    pub duplicate: bool,
    #[napi(ts_type = "ExternalObject<Claim>")]
    pub claim: External<Claim>,
}

#[napi(catch_unwind, ts_return_type = "Promise<VerifiedMessage | Failure>")]
pub fn webhooks_verify<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    endpoint: String,
    #[napi(ts_arg_type = "string | Array<HeaderBytes>")] given: Headers,
    body: &[u8],
    request: Option<RequestLine>,
    context_given: Option<Context>,
) -> Promised<'env, VerifiedMessage> {
    // JavaScript may write to its buffer while another thread computes the MAC: what is verified is a copy.
    let (gate, headers, body) = (Gate::clone(gate), headers(given), body.to_vec());
    promise(env, async move {
        let request = request.map(Into::into);
        let verified = gate.webhooks().verify(&endpoint, &headers, &body, request.as_ref(), context(context_given)).await?;
        Ok(VerifiedMessage { checked: checked::text(verified.checked()), duplicate: verified.duplicate(), claim: External::new(Arc::new(verified)) })
    })
}

/// What was checked, as text, and the operation that the message began.
#[napi(object, object_from_js = false)]
pub struct BegunMessage {
    pub checked: String,
    pub begun: Begun,
}

#[napi(catch_unwind, ts_return_type = "BegunMessage | Failure | Promise<BegunMessage | Failure>")]
pub fn webhooks_begin<'env>(
    env: &'env Env,
    gate: &External<Gate>,
    endpoint: String,
    #[napi(ts_arg_type = "string | Array<HeaderBytes>")] given: Headers,
    body: &[u8],
    request: Option<RequestLine>,
    context_given: Option<Context>,
) -> Soon<'env, BegunMessage> {
    let (gate, headers, body) = (Gate::clone(gate), headers(given), body.to_vec());
    soon(env, body.len(), async move {
        let request = request.map(Into::into);
        let (checked, begun) = gate.webhooks().begin(&endpoint, &headers, &body, request.as_ref(), context(context_given)).await?;
        Ok(BegunMessage { checked: checked::text(&checked), begun: begun.into() })
    })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn verified_commit<'env>(env: &'env Env, claim: &External<Claim>) -> Promised<'env, ()> {
    let claim = Arc::clone(claim);
    promise(env, async move { claim.commit().await })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn verified_release<'env>(env: &'env Env, claim: &External<Claim>) -> Promised<'env, ()> {
    let claim = Arc::clone(claim);
    promise(env, async move { claim.release().await })
}
