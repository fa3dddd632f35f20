//! The Rust worker of the demo: a line of JSON in, a line of JSON out, over the public API only.
//!
//! `worker gatewright.toml` opens the policy, says `{"ready":"Rust"}`, and answers requests until its input ends. What Gatewright
//! refuses is an answer too: `{"error": code, "reason": …}`. A request that it does not understand ends it.

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright::event::Context;
use gatewright::http::Response;
use gatewright::idempotency::{self, Scope};
use gatewright::tokens::{Login, Refresh, TokenPair};
use gatewright::webhook::{Header, Sign};
use gatewright::{Error, Gate, encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
enum Request {
    Issue { tenant: String, subject: String, client: String },
    Refresh { token: String, retry_key: Option<String> },
    Verify { access: String },
    VerifyFresh { access: String },
    Revoke { token: String },
    BumpSubject { tenant: String, subject: String, reason: String },
    Sign { endpoint: String, body: String },
    Check { endpoint: String, headers: Vec<(String, String)>, body: String },
    Deliver { endpoint: String, headers: Vec<(String, String)>, body: String },
    Charge { policy: String, subject: String, cost: u32 },
    Attempt { policy: String, identifier: String, success: Option<bool> },
    Account { policy: String, identifier: String },
    Unlock { policy: String, identifier: String },
    Once { key: String, path: String, content_type: Option<String>, body: String, answer: Answer },
}

/// The answer of an operation. Every character of a header's value stands for one byte; the body is hexadecimal.
#[derive(Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

// One request at a time, so nothing but the next line waits for this thread while it reads.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = std::env::args().nth(1).ok_or("usage: worker <policy file>")?;
    let gate = Gate::open(policy).await?;
    let mut output = io::stdout().lock();
    writeln!(output, "{}", json!({ "ready": "Rust" }))?;

    for line in io::stdin().lock().lines() {
        let reply = match answer(&gate, serde_json::from_str(&line?)?).await {
            Ok(reply) => reply,
            Err(error) => json!({ "error": error.code(), "reason": error.reason() }),
        };
        writeln!(output, "{reply}")?;
    }
    gate.close().await;
    Ok(())
}

async fn answer(gate: &Gate, request: Request) -> Result<Value, Error> {
    let tokens = gate.tokens();
    let webhooks = gate.webhooks();
    Ok(match request {
        Request::Issue { tenant, subject, client } => pair(&tokens.issue(Login::new(tenant, subject, client)).await?),
        Request::Refresh { token, retry_key } => {
            // Not hexadecimal: no key of 16 bytes either, which is for the library to refuse.
            let retry_key = retry_key.map(|key| encode::from_hex(key.as_bytes()).unwrap_or_default());
            pair(&tokens.refresh(&token, Refresh { retry_key, ..Refresh::new() }).await?)
        }
        Request::Verify { access } => {
            let claims = tokens.verify(&access)?;
            json!({ "subject": claims.subject, "gen": claims.generation })
        }
        Request::VerifyFresh { access } => {
            let claims = tokens.verify_fresh(&access).await?;
            json!({ "subject": claims.subject, "gen": claims.generation })
        }
        Request::Revoke { token } => {
            tokens.revoke(&token, Context::default()).await?;
            json!({})
        }
        Request::BumpSubject { tenant, subject, reason } => {
            json!({ "version": gate.epochs().bump_subject(&tenant, &subject, &reason, Context::default()).await? })
        }
        Request::Sign { endpoint, body } => json!({ "headers": webhooks.sign(&endpoint, body.as_bytes(), Sign::default())? }),
        Request::Check { endpoint, headers, body } => {
            let checked = webhooks.check(&endpoint, &as_bytes(headers), body.as_bytes(), None)?;
            json!({ "key_id": checked.key_id })
        }
        Request::Deliver { endpoint, headers, body } => {
            // Verified and claimed before the closure runs; committed after it, or released if it fails.
            let handle = |message: &gatewright::gate::Verified| std::future::ready(Ok::<_, Error>(message.duplicate()));
            let duplicate = webhooks.run(&endpoint, &as_bytes(headers), body.as_bytes(), None, Context::default(), handle).await?;
            json!({ "duplicate": duplicate })
        }
        Request::Charge { policy, subject, cost } => {
            let decision = gate.limits().check(&policy, &subject, cost).await?;
            let remaining: Map<String, Value> = decision.tiers.iter().map(|tier| (tier.id.to_string(), tier.remaining.into())).collect();
            json!({ "allowed": decision.allowed, "remaining": remaining })
        }
        Request::Attempt { policy, identifier, success } => {
            let attempt = gate.lockout().begin(&policy, &identifier).await?;
            match success {
                Some(success) => attempt.settle(success).await?,
                None => attempt.abandon().await?,
            }
            json!({ "n": attempt.n(), "last": attempt.last() })
        }
        Request::Account { policy, identifier } => {
            let status = gate.lockout().status(&policy, &identifier).await?;
            json!({ "fails": status.fails, "locked": status.locked_until.is_some() })
        }
        Request::Unlock { policy, identifier } => {
            gate.lockout().unlock(&policy, &identifier).await?;
            json!({})
        }
        Request::Once { key, path, content_type, body, answer } => {
            let mut request = idempotency::Request::new(&key, Scope::new("acme", "u-1", "POST", path), body.as_bytes());
            request.content.content_type = content_type.as_deref();
            let ran = AtomicBool::new(false);
            // Run unless there is an answer already, which is then replayed; stored after it, or given back if it fails.
            let handle = |_, _| {
                ran.store(true, Ordering::Relaxed);
                std::future::ready(Ok::<_, Error>(response(answer)))
            };
            let sent = gate.idempotency().run(&request, handle).await?;
            let headers: Vec<Value> = sent.headers.iter().map(|(name, value)| json!([name, latin1(value)])).collect();
            json!({ "ran": ran.into_inner(), "status": sent.status, "headers": headers, "body": encode::hex(&sent.body) })
        }
    })
}

fn response(answer: Answer) -> Response {
    let body = encode::from_hex(answer.body.as_bytes()).unwrap_or_default();
    let as_bytes = |value: String| value.chars().filter_map(|char| u8::try_from(char).ok()).collect::<Vec<u8>>();
    answer.headers.into_iter().fold(Response::new(answer.status, body), |response, (name, value)| response.header(name, as_bytes(value)))
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn pair(pair: &TokenPair) -> Value {
    json!({ "access_token": pair.access_token, "refresh_token": pair.refresh_token, "outcome": pair.outcome.as_str() })
}

fn as_bytes(headers: Vec<(String, String)>) -> Vec<Header> {
    headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}
