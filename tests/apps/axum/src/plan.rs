//! What the suite wants done: see the README beside the apps.
#![allow(clippy::panic, reason = "a handler that fails does so by a panic, which is what the suite asks for")]

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use gatewright::entropy::{Entropy, OsEntropy};
use gatewright::http::tower::Operation;
use gatewright::{Result, encode, http};
use http_body_util::channel::{Channel, Sender};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    id: String,
    steps: Vec<Vec<Value>>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Option<String>,
    size: Option<usize>,
    chunks: usize,
    fail_after: Option<usize>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { id: String::new(), steps: Vec::new(), status: 201, headers: Vec::new(), body: None, size: None, chunks: 0, fail_after: None }
    }
}

impl Plan {
    pub(crate) fn read(header: Option<&str>) -> Self {
        header.map_or_else(Self::default, |text| serde_json::from_str(text).unwrap_or_else(|error| stop(&format!("bad plan {text}: {error}"))))
    }

    /// Does the steps, and gives the answer.
    pub(crate) async fn run(&self, journal: &File, operation: Option<Operation>, received: usize) -> Result<http::Response> {
        let guard = operation.as_ref().map(|operation| &operation.guard);
        let checkpoint = operation.as_ref().and_then(|operation| operation.checkpoint.as_ref());
        let from = checkpoint.map_or("-", |checkpoint| checkpoint.name.as_str());
        note(journal, &format!("{} {} {from}\n", self.id, guard.map_or(0, |guard| guard.attempt())));
        for step in &self.steps {
            let text = |at: usize| step.get(at).and_then(Value::as_str).unwrap_or_default();
            match (text(0), guard) {
                ("until", _) => until(text(1)).await,
                ("tell", _) => note(journal, &format!("{} {}\n", self.id, text(1))),
                ("sleep", _) => tokio::time::sleep(Duration::from_millis(step.get(1).and_then(Value::as_u64).unwrap_or(0))).await,
                ("throw", _) => std::panic::panic_any("the plan says so"),
                ("crash", _) => std::process::abort(),
                ("mark", Some(guard)) => guard.mark_effects().await?,
                ("checkpoint", Some(guard)) => guard.checkpoint(text(1), text(2).as_bytes()).await?,
                ("renew", Some(guard)) => guard.renew().await?,
                ("release", Some(guard)) => guard.release().await?,
                ("mark" | "checkpoint" | "renew" | "release", None) => {}
                (unknown, _) => stop(&format!("no such step: {unknown}")),
            }
        }
        note(journal, &format!("{} done\n", self.id));

        let mut answer = http::Response::new(self.status, "");
        match (&self.body, self.size) {
            (Some(body), _) => answer.body = encode::from_base64(body.as_bytes()).unwrap_or_else(|| stop("bad base64")),
            (None, Some(size)) => answer.body = vec![b'x'; size],
            (None, None) => {
                let checkpoint = checkpoint.map(|checkpoint| (&checkpoint.name, String::from_utf8_lossy(&checkpoint.data)));
                let (attempt, fence) = (guard.map(|guard| guard.attempt()), guard.map(|guard| guard.fence()));
                let run = unique()?;
                let document = json!({ "id": self.id, "run": run, "attempt": attempt, "fence": fence, "checkpoint": checkpoint, "bytes": received });
                answer.body = document.to_string().into_bytes();
                answer = answer.header("content-type", "application/json");
            }
        }
        // A character of a value is a byte.
        let latin1 = |value: &str| value.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect::<Vec<u8>>();
        Ok(self.headers.iter().fold(answer, |answer, (name, value)| answer.header(name, latin1(value))))
    }

    /// The answer as a message, whose body comes in pieces where the plan says so.
    pub(crate) fn send(&self, mut answer: http::Response) -> Response {
        if self.chunks == 0 {
            return message(answer).map(Body::from);
        }
        let mut rest = Bytes::from(std::mem::take(&mut answer.body));
        let pieces: Vec<Bytes> = (1..=self.chunks).rev().map(|left| rest.split_to(rest.len().div_ceil(left))).collect();
        let fail_after = self.fail_after;
        let (sender, body) = Channel::new(1);
        tokio::spawn(write(sender, pieces, fail_after));
        message(answer).map(|_| Body::new(body))
    }
}

async fn write(mut sender: Sender<Bytes, std::io::Error>, pieces: Vec<Bytes>, fail_after: Option<usize>) {
    for (written, piece) in pieces.into_iter().enumerate() {
        if fail_after == Some(written) {
            return sender.abort(std::io::Error::other("the plan says so"));
        }
        // The client may be gone.
        if sender.send_data(piece).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits for a file to be there.
async fn until(path: &str) {
    while !std::fs::exists(path).unwrap_or_else(|error| stop(&format!("{path}: {error}"))) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn message(answer: http::Response) -> axum::http::Response<Bytes> {
    answer.try_into().unwrap_or_else(|error| stop(&format!("{error}")))
}

fn note(mut journal: &File, line: &str) {
    journal.write_all(line.as_bytes()).unwrap_or_else(|error| stop(&format!("the journal: {error}")));
}

fn unique() -> Result<String> {
    let mut bytes = [0; 16];
    OsEntropy.fill(&mut bytes)?;
    Ok(encode::hex(&bytes))
}

/// What only a fault of the suite or of this app leads to.
fn stop(why: &str) -> ! {
    std::panic::panic_any(why.to_owned())
}
