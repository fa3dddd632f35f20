//! Tests of many steps on one store: `idempotency.sequence`, `limits.sequence`, `refresh.sequence` and `webhook.sequence`.

use std::sync::Arc;

use gatewright::testing::ManualClock;
use gatewright::{Error, Gate};
use serde_json::{Value, json};

use crate::calls::{self, Answer, Guards, Handles, Metered, Step};
use crate::outcome::Outcome;
use crate::policy::{now, open};
use crate::references::{Saved, resolve};
use crate::run::Verdict;
use crate::shape::list;

/// Runs all steps of a test, whatever comes of them.
pub(crate) async fn run(kind: &str, group: &Value, test: &Value) -> Verdict {
    let steps = list(test.get("steps"));
    let at = steps.first().map(now).unwrap_or_default();
    let policy = group.get("policy").unwrap_or(&Value::Null);
    match open(&policy.to_string(), group, Some(&environment(group, steps)), at).await {
        Err(error) => Verdict { report: Outcome::refused(&error).report, complaint: Some(format!("the gate does not open: {error}")) },
        Ok((gate, clock)) => {
            let sequence = Sequence {
                kind,
                policy,
                gates: vec![gate],
                clock,
                saved: Saved::new(),
                handles: Handles::default(),
                guards: Guards::default(),
                metered: Metered::default(),
            };
            sequence.run(steps).await
        }
    }
}

struct Sequence<'a> {
    kind: &'a str,
    policy: &'a Value,
    /// The gates of the test; the last one is in use.
    gates: Vec<Gate>,
    clock: Arc<ManualClock>,
    saved: Saved,
    handles: Handles,
    guards: Guards,
    metered: Metered,
}

impl<'a> Sequence<'a> {
    async fn run(mut self, steps: &'a [Value]) -> Verdict {
        let (mut reports, mut complaints) = (Vec::new(), Vec::new());
        for (place, step) in steps.iter().enumerate() {
            let (report, complaint) = self.step(step).await;
            reports.push(report);
            complaints.extend(complaint.map(|complaint| format!("step {} ({}): {complaint}", place + 1, op(step))));
        }
        for gate in &self.gates {
            gate.close().await;
        }
        Verdict { report: reports.join(" "), complaint: (!complaints.is_empty()).then(|| complaints.join("; ")) }
    }

    async fn step(&mut self, step: &'a Value) -> (String, Option<String>) {
        self.clock.set(now(step));
        let viewed = self.policy.get("tokens").is_some() && self.policy.get("store").is_some();
        if let Some(gate) = self.gates.last().filter(|_| viewed)
            && let Err(error) = gate.refresh_view().await
        {
            return ("error".to_owned(), Some(format!("the view cannot be refreshed: {error}")));
        }
        let Some(resolved) = resolve(step, &self.saved) else {
            return ("unresolved".to_owned(), Some("a reference to nothing".to_owned()));
        };
        let outcome = Outcome::of(self.call(step, &resolved).await);
        let complaint = outcome.complaint(&expectations(resolved));
        if let Some(name) = step.get("save").and_then(Value::as_str) {
            self.saved.insert(name.to_owned(), outcome.offers);
        }
        (outcome.report, complaint)
    }

    async fn call(&mut self, step: &'a Value, resolved: &Value) -> Answer {
        let Some(gate) = self.gates.last().cloned() else { return Err(Error::Internal("no gate")) };
        if op(step) == "reopen" {
            let policy = step.get("policy").unwrap_or(&Value::Null);
            self.gates.push(gate.reopen(&policy.to_string()).await?);
            self.policy = policy;
            return Ok(json!({}));
        }
        let arguments = Step { gate: &gate, members: resolved };
        match self.kind {
            "idempotency.sequence" => calls::idempotency(op(step), arguments, &mut self.guards).await,
            "limits.sequence" => calls::limits(op(step), arguments, &mut self.metered).await,
            "refresh.sequence" => calls::refresh(op(step), arguments).await,
            _ => calls::webhook(op(step), arguments, &mut self.handles).await,
        }
    }
}

/// The environment of the group and of every policy that is opened later: a gate keeps the one it was opened with.
fn environment(group: &Value, steps: &[Value]) -> Value {
    let parts = group.get("env").into_iter().chain(steps.iter().filter_map(|step| step.get("env")));
    Value::Object(parts.filter_map(Value::as_object).flatten().map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A step as what is wanted of it. The `code` that `next_action` is given is an argument: the call itself is not refused.
fn expectations(mut step: Value) -> Value {
    if op(&step) == "next_action"
        && let Some(members) = step.as_object_mut()
    {
        members.remove("code");
    }
    step
}

fn op(step: &Value) -> &str {
    step.get("op").and_then(Value::as_str).unwrap_or_default()
}
