//! What a verified access token says.

use gatewright::time::{self, Timestamp};
use gatewright::tokens::Claims;

use crate::gate::signed;

/// Claims. Times are microseconds since the epoch.
#[derive(Debug, Clone, uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::tokens::Claims")]
pub struct FfiClaims {
    pub issuer: String,
    pub subject: String,
    pub audience: Vec<String>,
    pub client_id: String,
    pub tenant: String,
    pub roles: Vec<String>,
    pub scope: String,
    pub session_id: String,
    pub generation: Option<i64>,
    pub token_version: Option<Vec<i64>>,
    pub issued_at: Option<i64>,
    pub not_before: Option<i64>,
    pub expires_at: i64,
    pub jwt_id: String,
    pub confirmation: Option<String>,
    pub auth_time: Option<i64>,
    pub amr: Vec<String>,
    pub view_age: Option<i64>,
    pub extra: String,
    pub payload: String,
}

impl From<Claims> for FfiClaims {
    fn from(claims: Claims) -> Self {
        Self {
            issuer: claims.issuer,
            subject: claims.subject,
            audience: claims.audience,
            client_id: claims.client_id,
            tenant: claims.tenant,
            roles: claims.roles,
            scope: claims.scope,
            session_id: claims.session_id,
            generation: claims.generation.map(i64::from),
            token_version: claims.token_version.map(|versions| versions.into_iter().map(signed).collect()),
            issued_at: claims.issued_at.map(Timestamp::as_micros),
            not_before: claims.not_before.map(Timestamp::as_micros),
            expires_at: claims.expires_at.as_micros(),
            jwt_id: claims.jwt_id,
            confirmation: claims.confirmation,
            auth_time: claims.auth_time.map(Timestamp::as_micros),
            amr: claims.amr,
            view_age: claims.view_age.map(time::micros),
            extra: claims.extra.into_owned(),
            payload: claims.payload,
        }
    }
}
