//! The calls of a step: arguments read from JSON, what they offer written as JSON.

mod idempotency;
mod limits;
mod lockout;
mod refresh;
mod webhook;

use gatewright::event::Context;
use gatewright::webhook::RequestLine;
use gatewright::{Error, Gate};
use serde_json::Value;

pub(crate) use idempotency::{Guards, call as idempotency, refusal};
pub(crate) use limits::{Metered, call as limits};
use lockout::{Attempts, call as lockout};
pub(crate) use refresh::call as refresh;
pub(crate) use webhook::{Handles, call as webhook, checked, headers_of, message};

/// What a call answers: an error of the library is an outcome, not a fault of the runner.
pub(crate) type Answer = Result<Value, Error>;

/// A step and the gate that it runs on.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) members: &'a Value,
}

impl Step<'_> {
    /// A text that is required: absent, it is given as the empty one.
    fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    fn optional(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.optional(name).map(str::to_owned)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        crate::shape::list(self.members.get(name)).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn context(&self) -> Context {
        let member = |name: &str| self.members.get("context").and_then(|context| context.get(name)).and_then(Value::as_str).map(str::to_owned);
        Context {
            request_id: member("request_id"),
            trace_id: member("trace_id"),
            method: member("method"),
            endpoint: member("endpoint"),
            ip: member("ip"),
            user_agent: member("user_agent"),
        }
    }
}

/// The `request` of a webhook.
pub(crate) fn request_line(test: &Value) -> Option<RequestLine> {
    let request = test.get("request")?;
    let member = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(RequestLine { method: member("method"), url: member("url") })
}
