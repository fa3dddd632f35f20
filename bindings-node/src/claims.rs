//! Claims as one text: the JavaScript half parses it only when a claim is read.

use gatewright::time::{Timestamp, micros};
use gatewright::tokens::Claims;
use serde::Serialize;

/// Separates the claims from the payload. JSON has no such character outside its escapes.
const SEPARATOR: u8 = 0;

/// What is written beside the payload. Borrowed, and without what is absent: verifying is a hot path.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    issuer: &'a str,
    subject: &'a str,
    audience: &'a [String],
    client_id: &'a str,
    tenant: &'a str,
    roles: &'a [String],
    scope: &'a str,
    session_id: &'a str,
    #[serde(rename = "gen", skip_serializing_if = "Option::is_none")]
    generation: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_version: Option<[u64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
    expires_at: i64,
    jwt_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    view_age: Option<i64>,
    extra: &'a str,
}

/// The claims as the text of a JSON object, then the payload as it was signed.
pub(crate) fn text(claims: &Claims) -> String {
    let text = Text {
        issuer: &claims.issuer,
        subject: &claims.subject,
        audience: &claims.audience,
        client_id: &claims.client_id,
        tenant: &claims.tenant,
        roles: &claims.roles,
        scope: &claims.scope,
        session_id: &claims.session_id,
        generation: claims.generation,
        token_version: claims.token_version,
        issued_at: claims.issued_at.map(Timestamp::as_micros),
        not_before: claims.not_before.map(Timestamp::as_micros),
        expires_at: claims.expires_at.as_micros(),
        jwt_id: &claims.jwt_id,
        confirmation: claims.confirmation.as_deref(),
        auth_time: claims.auth_time.map(Timestamp::as_micros),
        amr: &claims.amr,
        view_age: claims.view_age.map(micros),
        extra: &claims.extra,
    };
    // The names of the members take about 200 bytes; the values are in the payload as well.
    let mut out = Vec::with_capacity(256 + 2 * claims.payload.len());
    // Writing texts and numbers to memory cannot fail; and a text that is not one would be an error of JSON.parse.
    if serde_json::to_writer(&mut out, &text).is_ok() {
        out.push(SEPARATOR);
        out.extend_from_slice(claims.payload.as_bytes());
    }
    String::from_utf8(out).unwrap_or_default()
}
