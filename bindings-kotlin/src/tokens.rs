//! Calls on tokens.

use gatewright::Error;
use gatewright::time::Timestamp;
use gatewright::tokens::{Device, Login, Refresh, TokenPair};

use crate::claims::FfiClaims;
use crate::context::{FfiContext, context};
use crate::fault::{FfiException, FfiFault};
use crate::gate::{FfiGate, signed};
use crate::runtime::detached;

/// Who logs in.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::tokens::Login")]
pub struct FfiLogin {
    pub tenant: String,
    pub subject: String,
    pub client: String,
    pub roles: Vec<String>,
    pub scope: String,
    pub device: Option<FfiDevice>,
    pub claims: Option<String>,
    /// Microseconds since the epoch.
    pub auth_time: Option<i64>,
    pub amr: Vec<String>,
    pub dpop_jkt: Option<String>,
    pub context: Option<FfiContext>,
}

/// The device of a login.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::tokens::Device")]
pub struct FfiDevice {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub platform: String,
    pub app_version: String,
}

/// The optional arguments of a refresh.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::tokens::Refresh")]
pub struct FfiRefresh {
    pub retry_key: Option<Vec<u8>>,
    pub dpop: Option<String>,
    pub client: Option<String>,
    pub tenant: Option<String>,
    pub device_id: Option<String>,
    pub context: Option<FfiContext>,
}

/// What a login or refresh answers. Without `Debug`: it holds tokens.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::tokens::TokenPair")]
pub struct FfiTokenPair {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub token_type: String,
    pub expires_in: i64,
    pub session_id: String,
    pub outcome: String,
    pub server_time_ms: i64,
}

/// The verdict on one token of many: claims or a fault.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "exactly one of them is there")]
pub struct FfiVerdict {
    pub claims: Option<FfiClaims>,
    pub fault: Option<FfiFault>,
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::gate::Tokens")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiGate {
    pub async fn issue(&self, login: FfiLogin) -> Result<FfiTokenPair, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.tokens().issue(login.into()).await }).await.map(FfiTokenPair::from)
    }

    pub async fn refresh(&self, token: String, refresh: FfiRefresh) -> Result<FfiTokenPair, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.tokens().refresh(&token, refresh.into()).await }).await.map(FfiTokenPair::from)
    }

    pub async fn refresh_access_only(&self, token: String, refresh: FfiRefresh) -> Result<FfiTokenPair, FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.tokens().refresh_access_only(&token, refresh.into()).await }).await.map(FfiTokenPair::from)
    }

    pub fn verify_token(&self, access: String, issuer: String, dpop: Option<String>) -> Result<FfiClaims, FfiException> {
        no_dpop(dpop.as_deref())?;
        Ok(self.gate.tokens().verify_from(&access, &issuer)?.into())
    }

    pub fn verify_many(&self, tokens: Vec<String>, issuer: String) -> Vec<FfiVerdict> {
        let verify = |access: String| match self.gate.tokens().verify_from(&access, &issuer) {
            Ok(claims) => FfiVerdict { claims: Some(claims.into()), fault: None },
            Err(error) => FfiVerdict { claims: None, fault: Some(error.into()) },
        };
        tokens.into_iter().map(verify).collect()
    }

    pub async fn verify_fresh(&self, access: String, dpop: Option<String>) -> Result<FfiClaims, FfiException> {
        no_dpop(dpop.as_deref())?;
        let gate = self.gate.clone();
        detached(async move { gate.tokens().verify_fresh(&access).await }).await.map(FfiClaims::from)
    }

    pub async fn confirm(&self, access: String) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.tokens().confirm(&access).await }).await
    }

    pub async fn revoke(&self, token: String, request: Option<FfiContext>) -> Result<(), FfiException> {
        let gate = self.gate.clone();
        detached(async move { gate.tokens().revoke(&token, context(request)).await }).await
    }
}

/// The core's calls to verify take no proof yet, so that the refusal stands here until they do.
fn no_dpop(proof: Option<&str>) -> Result<(), Error> {
    proof.map_or(Ok(()), |_| Err(Error::invalid_argument("dpop", "leave it out; this version has no DPoP")))
}

impl From<FfiLogin> for Login {
    fn from(login: FfiLogin) -> Self {
        Self {
            tenant: login.tenant,
            subject: login.subject,
            client: login.client,
            roles: login.roles,
            scope: login.scope,
            device: login.device.map(Device::from),
            claims: login.claims,
            auth_time: login.auth_time.map(Timestamp::from_micros),
            amr: login.amr,
            dpop_jkt: login.dpop_jkt,
            context: context(login.context),
        }
    }
}

impl From<FfiDevice> for Device {
    fn from(device: FfiDevice) -> Self {
        let FfiDevice { id, kind, name, platform, app_version } = device;
        Self { id, kind, name, platform, app_version }
    }
}

impl From<FfiRefresh> for Refresh {
    fn from(refresh: FfiRefresh) -> Self {
        Self {
            retry_key: refresh.retry_key,
            dpop: refresh.dpop,
            client: refresh.client,
            tenant: refresh.tenant,
            device_id: refresh.device_id,
            context: context(refresh.context),
        }
    }
}

impl From<TokenPair> for FfiTokenPair {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            token_type: pair.token_type.to_owned(),
            expires_in: signed(pair.expires_in),
            session_id: pair.session_id,
            outcome: pair.outcome.as_str().to_owned(),
            server_time_ms: pair.server_time_ms,
        }
    }
}
