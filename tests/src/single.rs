//! Tests of one call: `config.load`, `headers.render`, `jws.verify`, `jwt.verify`, `kpi.evaluate`, `kpi.report`, `webhook.sign`,
//! `webhook.verify`.

use gatewright::encode;
use gatewright::kpi::report::{report_csv, report_json};
use gatewright::webhook::Sign;
use gatewright::{Error, Gate};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::calls::{checked, headers_of, message, request_line};
use crate::outcome::Outcome;
use crate::policy::{now, open};
use crate::run::Verdict;
use crate::shape::{binary, bytes, list};

/// Runs a test of one of these types.
pub(crate) async fn run(kind: &str, group: &Value, test: &Value) -> Verdict {
    match kind {
        "config.load" => config(group, test).await,
        "jws.verify" => jws(group, test),
        "kpi.evaluate" => kpi(test),
        "kpi.report" => farm(test),
        _ => {
            let outcome = match gate(kind, group, test).await {
                Ok(gate) => {
                    let outcome = Outcome::of(call(kind, &gate, group, test));
                    gate.close().await;
                    outcome
                }
                Err(error) => Outcome::refused(&error),
            };
            Verdict { complaint: outcome.complaint(test), report: outcome.report }
        }
    }
}

async fn gate(kind: &str, group: &Value, test: &Value) -> Result<Gate, Error> {
    let policy = match (kind, group.get("policy")) {
        ("headers.render" | "jwt.verify", Some(policy)) => policy.to_string(),
        _ => json!({ "version": 1, "webhooks": { "endpoints": [group.get("endpoint")] } }).to_string(),
    };
    open(&policy, group, group.get("env"), now(test)).await.map(|(gate, _)| gate)
}

fn call(kind: &str, gate: &Gate, group: &Value, test: &Value) -> Result<Value, Error> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    if kind == "jwt.verify" {
        let issuer = text(group, "issuer").unwrap_or_else(|| "own".to_owned());
        let claims = gate.tokens().verify_from(&text(test, "token").unwrap_or_default(), &issuer)?;
        return Ok(json!({ "claims": crate::json::parse(claims.payload.as_bytes()).unwrap_or_default() }));
    }
    if kind == "headers.render" {
        let decision = test.get("decision").map(Value::to_string).and_then(|decision| gatewright::testing::read_decision(&decision));
        let decision = decision.ok_or(Error::Internal("the vector holds no decision"))?;
        return Ok(headers_of(&gate.limits().headers(&decision)));
    }
    let endpoint = group.get("endpoint").and_then(|endpoint| text(endpoint, "id")).unwrap_or_default();
    let (headers, body) = message(test);
    let request = request_line(test);
    if kind == "webhook.verify" {
        return gate.webhooks().check(&endpoint, &headers, &body, request.as_ref()).map(|answer| checked(&answer));
    }
    let sign = Sign { id: text(test, "id"), nonce: text(test, "nonce"), request };
    gate.webhooks().sign(&endpoint, &body, sign).map(|headers| headers_of(&headers))
}

/// A policy that loads, or the first of its problems.
async fn config(group: &Value, test: &Value) -> Verdict {
    let text = test.get("text").and_then(Value::as_str).unwrap_or_default();
    let opened = open(text, group, test.get("env"), now(test)).await;
    let mut outcome = match &opened {
        Ok(_) => Outcome::valid(json!({})),
        Err(error) => Outcome::refused(error),
    };
    match opened {
        Ok((gate, _)) => gate.close().await,
        Err(error) => {
            if let Some(problem) = error.problems().first() {
                let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
                outcome.report = format!("{}@{line}:{}", outcome.report, problem.field);
                outcome.offers = json!({ "line": problem.line, "field": problem.field });
            }
        }
    }
    Verdict { complaint: outcome.complaint(test), report: outcome.report }
}

fn jws(group: &Value, test: &Value) -> Verdict {
    let keys: Vec<String> = list(group.get("keys")).iter().map(Value::to_string).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let jws = test.get("jws").and_then(Value::as_str).unwrap_or_default();
    let payload = gatewright::tokens::jws::verify_suite(&keys, jws);
    let outcome = Outcome::of(payload.map(|payload| json!({ "payload": encode::hex(&payload) })));
    // The forms of a binary value are many, its bytes are one.
    let mut wanted = test.clone();
    let bytes = test.get("expect").and_then(|expect| expect.get("payload")).and_then(binary);
    if let (Some(bytes), Some(expect)) = (bytes, wanted.get_mut("expect")) {
        *expect = json!({ "payload": encode::hex(&bytes) });
    }
    Verdict { complaint: outcome.complaint(&wanted), report: outcome.report }
}

/// A figure by its id, from JSON to JSON.
fn kpi(test: &Value) -> Verdict {
    let method = test.get("method").and_then(Value::as_str).unwrap_or_default();
    let arguments = test.get("args").map(Value::to_string).unwrap_or_default();
    let read = |figure: String| crate::json::parse_doubles(figure.as_bytes()).map_err(|_| Error::Internal("a figure is no JSON"));
    let outcome = Outcome::of(gatewright::kpi::evaluate_json(method, &arguments).and_then(read));
    Verdict { complaint: outcome.complaint(test), report: outcome.report }
}

/// A report, which is the same to the byte in every language: its digest is part of the outcome.
fn farm(test: &Value) -> Verdict {
    let rows = test.get("rows").unwrap_or(&Value::Null);
    let targets = test.get("targets").map(Value::to_string);
    let report = match bytes(rows) {
        Some(table) => report_csv(&table, targets.as_deref()),
        None => report_json(&rows.to_string(), targets.as_deref()),
    };
    let text = match report {
        Ok(report) => report.to_json(),
        Err(error) => {
            let outcome = Outcome::refused(&error);
            return Verdict { complaint: outcome.complaint(test), report: outcome.report };
        }
    };
    let Ok(mut offers) = crate::json::parse_doubles(text.as_bytes()) else {
        return Verdict { report: "error".to_owned(), complaint: Some("the report is no JSON".to_owned()) };
    };
    let figures = by_id(&offers);
    if let Some(members) = offers.as_object_mut() {
        members.insert("figures".to_owned(), figures);
    }
    let mut outcome = Outcome::valid(offers);
    outcome.report = format!("valid:{}", encode::hex(&Sha256::digest(text.as_bytes())));
    Verdict { complaint: outcome.complaint(test), report: outcome.report }
}

/// The figures of a report by batch and id, each with its target and deviation.
fn by_id(report: &Value) -> Value {
    let of_batch = |batch: &Value| -> Option<(String, Value)> {
        let of_figure = |figure: &Value| -> Option<(String, Value)> {
            let mut members = figure.get("kpi")?.as_object()?.clone();
            members.extend(["target", "deviation"].map(|name| (name.to_owned(), figure.get(name).cloned().unwrap_or_default())));
            Some((figure.pointer("/kpi/id")?.as_str()?.to_owned(), Value::Object(members)))
        };
        let figures = list(batch.get("figures")).iter().filter_map(of_figure).collect();
        Some((batch.get("batch")?.as_str()?.to_owned(), Value::Object(figures)))
    };
    Value::Object(list(report.get("batches")).iter().filter_map(of_batch).collect())
}
