//! The calls of `refresh.sequence`.

use gatewright::time::Timestamp;
use gatewright::tokens::{Claims, Device, Login, Refresh, TokenPair};
use serde_json::{Value, json};

use super::{Answer, Step};
use crate::policy::whole;
use crate::shape::binary;

/// Runs one step.
pub(crate) async fn call(op: &str, step: Step<'_>) -> Answer {
    let (tokens, sessions, epochs) = (step.gate.tokens(), step.gate.sessions(), step.gate.epochs());
    let (tenant, subject, reason) = (step.text("tenant"), step.text("subject"), step.text("reason"));
    match op {
        "issue" => tokens.issue(login(step)).await.map(|answer| pair(&answer)),
        "refresh" => tokens.refresh(step.text("token"), refresh(step)).await.map(|answer| pair(&answer)),
        "refresh_access_only" => tokens.refresh_access_only(step.text("token"), refresh(step)).await.map(|answer| pair(&answer)),
        "verify" => tokens.verify_from(step.text("access"), step.optional("issuer").unwrap_or("own")).map(|answer| claims(&answer)),
        "verify_fresh" => tokens.verify_fresh(step.text("access")).await.map(|answer| claims(&answer)),
        "confirm" => tokens.confirm(step.text("access")).await.map(nothing),
        "revoke" => tokens.revoke(step.text("token"), step.context()).await.map(nothing),
        "sessions.revoke" => sessions.revoke(tenant, subject, step.text("session_id"), step.context()).await.map(nothing),
        "sessions.revoke_others" => sessions.revoke_others(tenant, subject, step.text("keep"), step.context()).await.map(count),
        "sessions.revoke_all" => sessions.revoke_all(tenant, subject, step.context()).await.map(count),
        "epochs.bump_subject" => epochs.bump_subject(tenant, subject, reason, step.context()).await.map(version),
        "epochs.bump_tenant" => epochs.bump_tenant(tenant, reason, step.context()).await.map(version),
        // The shape of the file knows no other.
        _ => epochs.bump_all(reason, step.context()).await.map(version),
    }
}

fn nothing((): ()) -> Value {
    json!({})
}

fn count(value: u64) -> Value {
    json!({ "value": value })
}

fn version(version: u64) -> Value {
    json!({ "version": version, "value": version })
}

fn login(step: Step<'_>) -> Login {
    let mut login = Login::new(step.text("tenant"), step.text("subject"), step.text("client")).context(step.context());
    login.roles = step.texts("roles");
    login.amr = step.texts("amr");
    step.text("scope").clone_into(&mut login.scope);
    login.claims = step.members.get("claims").map(Value::to_string);
    login.auth_time = step.members.get("auth_time").and_then(whole).map(Timestamp::from_micros);
    login.dpop_jkt = step.owned("dpop_jkt");
    login.device = step.members.get("device").map(|device| {
        let member = |name: &str| device.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Device { id: member("id"), kind: member("kind"), name: member("name"), platform: member("platform"), app_version: member("app_version") }
    });
    login
}

fn refresh(step: Step<'_>) -> Refresh {
    Refresh {
        retry_key: step.members.get("retry_key").and_then(binary),
        dpop: step.members.get("dpop").map(|dpop| dpop.get("proof").and_then(Value::as_str).unwrap_or_default().to_owned()),
        client: step.owned("client"),
        tenant: step.owned("tenant"),
        device_id: step.owned("device_id"),
        context: step.context(),
    }
}

fn pair(pair: &TokenPair) -> Value {
    json!({
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token.as_deref().unwrap_or_default(),
        "token_type": pair.token_type,
        "expires_in": pair.expires_in,
        "session_id": pair.session_id,
        "outcome": pair.outcome.as_str(),
        "server_time_ms": pair.server_time_ms,
    })
}

fn claims(claims: &Claims) -> Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
    json!({
        "issuer": claims.issuer,
        "subject": claims.subject,
        "audience": claims.audience,
        "client_id": claims.client_id,
        "tenant": claims.tenant,
        "roles": claims.roles,
        "scope": claims.scope,
        "session_id": claims.session_id,
        "gen": claims.generation,
        "token_version": claims.token_version,
        "issued_at": time(claims.issued_at),
        "not_before": time(claims.not_before),
        "expires_at": claims.expires_at.as_micros(),
        "jwt_id": claims.jwt_id,
        "confirmation": claims.confirmation.as_deref().unwrap_or_default(),
        "auth_time": time(claims.auth_time),
        "amr": claims.amr,
        "extra": crate::json::parse(claims.extra.as_bytes()).unwrap_or_default(),
    })
}
