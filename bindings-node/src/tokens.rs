//! Calls on tokens.

use gatewright::Gate;
use gatewright::time::Timestamp;
use gatewright::tokens;
use napi::Env;
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;

use crate::answer::{Answer, Promised, answer, promise};
use crate::claims;
use crate::context::{Context, context};

#[napi(object, object_to_js = false)]
pub struct Login {
    pub tenant: Option<String>,
    pub subject: String,
    pub client: String,
    pub roles: Option<Vec<String>>,
    pub scope: Option<String>,
    pub device: Option<Device>,
    /// The text of a JSON object.
    pub claims: Option<String>,
    /// Microseconds since 1970.
    pub auth_time: Option<i64>,
    pub amr: Option<Vec<String>>,
    pub dpop_jkt: Option<String>,
    pub context: Option<Context>,
}

#[napi(object, object_to_js = false)]
pub struct Device {
    pub id: String,
    pub kind: Option<String>,
    pub name: Option<String>,
    pub platform: Option<String>,
    pub app_version: Option<String>,
}

impl From<Device> for tokens::Device {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            kind: device.kind.unwrap_or_default(),
            name: device.name.unwrap_or_default(),
            platform: device.platform.unwrap_or_default(),
            app_version: device.app_version.unwrap_or_default(),
        }
    }
}

impl From<Login> for tokens::Login {
    fn from(login: Login) -> Self {
        Self {
            tenant: login.tenant.unwrap_or_default(),
            subject: login.subject,
            client: login.client,
            roles: login.roles.unwrap_or_default(),
            scope: login.scope.unwrap_or_default(),
            device: login.device.map(Into::into),
            claims: login.claims,
            auth_time: login.auth_time.map(Timestamp::from_micros),
            amr: login.amr.unwrap_or_default(),
            dpop_jkt: login.dpop_jkt,
            context: context(login.context),
        }
    }
}

#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct Refresh {
    pub retry_key: Option<Uint8Array>,
    pub dpop: Option<String>,
    pub client: Option<String>,
    pub tenant: Option<String>,
    pub device_id: Option<String>,
    pub context: Option<Context>,
}

impl From<Refresh> for tokens::Refresh {
    fn from(refresh: Refresh) -> Self {
        Self {
            retry_key: refresh.retry_key.map(|key| key.to_vec()),
            dpop: refresh.dpop,
            client: refresh.client,
            tenant: refresh.tenant,
            device_id: refresh.device_id,
            context: context(refresh.context),
        }
    }
}

#[napi(object, object_from_js = false)]
pub struct TokenPair {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub session_id: String,
    pub outcome: &'static str,
    pub server_time_ms: i64,
}

impl From<tokens::TokenPair> for TokenPair {
    fn from(pair: tokens::TokenPair) -> Self {
        Self {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            token_type: pair.token_type,
            expires_in: crate::gate::count(pair.expires_in),
            session_id: pair.session_id,
            outcome: pair.outcome.as_str(),
            server_time_ms: pair.server_time_ms,
        }
    }
}

#[napi(catch_unwind, ts_return_type = "Promise<TokenPair | Failure>")]
pub fn tokens_issue<'env>(env: &'env Env, gate: &External<Gate>, login: Login) -> Promised<'env, TokenPair> {
    let (gate, login) = (Gate::clone(gate), login.into());
    promise(env, async move { gate.tokens().issue(login).await.map(Into::into) })
}

#[napi(catch_unwind, ts_return_type = "Promise<TokenPair | Failure>")]
pub fn tokens_refresh<'env>(env: &'env Env, gate: &External<Gate>, token: String, options: Refresh) -> Promised<'env, TokenPair> {
    let (gate, options) = (Gate::clone(gate), options.into());
    promise(env, async move { gate.tokens().refresh(&token, options).await.map(Into::into) })
}

#[napi(catch_unwind, ts_return_type = "Promise<TokenPair | Failure>")]
pub fn tokens_refresh_access_only<'env>(env: &'env Env, gate: &External<Gate>, token: String, options: Refresh) -> Promised<'env, TokenPair> {
    let (gate, options) = (Gate::clone(gate), options.into());
    promise(env, async move { gate.tokens().refresh_access_only(&token, options).await.map(Into::into) })
}

/// The claims as text.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn tokens_verify(gate: &External<Gate>, access: String, issuer: Option<String>) -> Answer<String> {
    let verified = match &issuer {
        None => gate.tokens().verify(&access),
        Some(issuer) => gate.tokens().verify_from(&access, issuer),
    };
    answer(verified.map(|claims| claims::text(&claims)))
}

/// The claims as text.
#[napi(catch_unwind, ts_return_type = "Promise<string | Failure>")]
pub fn tokens_verify_fresh<'env>(env: &'env Env, gate: &External<Gate>, access: String) -> Promised<'env, String> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.tokens().verify_fresh(&access).await.map(|claims| claims::text(&claims)) })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn tokens_confirm<'env>(env: &'env Env, gate: &External<Gate>, access: String) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.tokens().confirm(&access).await })
}

#[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
pub fn tokens_revoke<'env>(env: &'env Env, gate: &External<Gate>, token: String, given: Option<Context>) -> Promised<'env, ()> {
    let gate = Gate::clone(gate);
    promise(env, async move { gate.tokens().revoke(&token, context(given)).await })
}
