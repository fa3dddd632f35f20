//! Claims as one text: the JavaScript half parses it only when a claim is read.

use gatewright::time::{Timestamp, micros};
use gatewright::tokens::Claims;
use serde_json::json;

/// Separates the claims from the payload. JSON has no such character outside its escapes.
const SEPARATOR: char = '\0';

/// The claims as the text of a JSON object, then the payload as it was signed.
pub(crate) fn text(claims: &Claims) -> String {
    let head = json!({
        "issuer": claims.issuer,
        "subject": claims.subject,
        "audience": claims.audience,
        "clientId": claims.client_id,
        "tenant": claims.tenant,
        "roles": claims.roles,
        "scope": claims.scope,
        "sessionId": claims.session_id,
        "gen": claims.generation,
        "tokenVersion": claims.token_version,
        "issuedAt": claims.issued_at.map(Timestamp::as_micros),
        "notBefore": claims.not_before.map(Timestamp::as_micros),
        "expiresAt": claims.expires_at.as_micros(),
        "jwtId": claims.jwt_id,
        "confirmation": claims.confirmation,
        "authTime": claims.auth_time.map(Timestamp::as_micros),
        "amr": claims.amr,
        "viewAge": claims.view_age.map(micros),
        "extra": claims.extra,
    });
    format!("{head}{SEPARATOR}{}", claims.payload)
}
