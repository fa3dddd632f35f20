//! What came of a call, as reports and expectations see it.

use gatewright::Error;
use gatewright::time::micros;
use serde_json::{Value, json};

use crate::calls::refusal;
use crate::matching::difference;

/// A call's outcome and what it offers.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `valid`, `invalid:code`, `error`, and what the contract adds to them.
    pub(crate) report: String,
    valid: bool,
    code: &'static str,
    pub(crate) offers: Value,
}

impl Outcome {
    pub(crate) fn valid(offers: Value) -> Self {
        let pair = offers.get("outcome").and_then(Value::as_str);
        let report = pair.map_or_else(|| "valid".to_owned(), |outcome| format!("valid:{outcome}"));
        Self { report, valid: true, code: "", offers }
    }

    pub(crate) fn refused(error: &Error) -> Self {
        let mut offers = json!({
            "clear_cookies": error.clear_cookies(),
            "reason": error.reason(),
            "retry_after": error.retry_after().map(micros),
            "server_time_ms": error.server_time_ms(),
        });
        if let Some(members) = offers.as_object_mut() {
            members.extend(refusal(error).into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        Self { report: format!("invalid:{}", error.code()), valid: false, code: error.code(), offers }
    }

    pub(crate) fn of(result: Result<Value, Error>) -> Self {
        result.map_or_else(|error| Self::refused(&error), Self::valid)
    }

    /// Where it differs from `result`, `code` and `expect` of a test or step; `None` if nowhere.
    pub(crate) fn complaint(&self, wanted: &Value) -> Option<String> {
        let result = wanted.get("result").and_then(Value::as_str).unwrap_or_default();
        let code = wanted.get("code").and_then(Value::as_str);
        if (result == "valid") != self.valid || code.is_some_and(|code| code != self.code) {
            let code = code.map(|code| format!(":{code}")).unwrap_or_default();
            return Some(format!("expected {result}{code}, got {}", self.report));
        }
        difference(wanted.get("expect")?, &self.offers).map(|at| format!("{}, but {at}", self.report))
    }
}
