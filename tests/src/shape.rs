//! The form of a vector file. Whatever is not named here rejects the whole file.

use std::collections::HashSet;

use gatewright::encode;
use serde_json::{Map, Value};

/// Why a file is rejected.
pub(crate) type Fault = String;

/// What a member holds.
#[derive(Clone, Copy)]
enum Kind {
    Binary,
    Bool,
    /// A list of `[policy, subject, cost?]` or `{policy, subject, cost?}`.
    Bundle,
    /// A binary value or a text, which stands for its UTF-8 bytes.
    Bytes,
    Headers,
    /// One header line or a list of them, each a binary value or a text.
    Lines,
    List,
    Object,
    /// Whole µs, or a duration as a policy writes it.
    Span,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    Result,
    /// The rows of a report: a list of objects, or a table of text as a binary value or a text.
    Rows,
    Text,
    Texts,
    /// An object of texts with these members at most.
    TextsNamed(&'static [&'static str]),
    TextMap,
    Whole,
}

use Kind::{Binary, Bool, Bundle, Bytes, Headers, Lines, List, Object, OneOf, Rows, Span, Text, TextMap, Texts, TextsNamed, Whole};

/// A member: its name, what it holds, whether it must be there.
type Members = &'static [(&'static str, Kind, bool)];

const FILE: Members = &[("schema", Text, true), ("numberOfTests", Whole, true), ("notes", TextMap, false), ("testGroups", List, true)];
const TEST: Members = &[
    ("tcId", Whole, true),
    ("comment", Text, false),
    ("flags", Texts, false),
    ("result", Kind::Result, true),
    ("code", Text, false),
    ("expect", Object, false),
];
const STEP: Members = &[
    ("op", Text, true),
    ("now", Whole, true),
    ("result", Kind::Result, true),
    ("code", Text, false),
    ("expect", Object, false),
    ("save", Text, false),
    ("context", TextsNamed(&["request_id", "trace_id", "method", "endpoint", "ip", "user_agent"]), false),
];
const REQUEST: Kind = TextsNamed(&["method", "url"]);
const DPOP: Kind = TextsNamed(&["proof", "method", "url"]);

/// The members of a figure, of one number or of several.
const FIGURE: &[&str] = &[
    "id",
    "value",
    "status",
    "reason",
    "unit",
    "num",
    "den",
    "n",
    "missing",
    "basis",
    "coverage",
    "warnings",
    "mean",
    "sd",
    "ci95_low",
    "ci95_high",
    "min",
    "max",
    "tol",
];

/// The members of a report, and `figures`: its figures by batch and id.
const REPORT: &[&str] = &["batches", "ranking", "farm", "targets", "batch_count", "rows", "problem_count", "problems", "figures", "tol"];

/// The members of a group (beside `type` and `tests`) and of its tests (beside those of every test).
fn of_type(kind: &str) -> Option<(Members, Members)> {
    Some(match kind {
        "config.load" => (&[], &[("format", Text, true), ("text", Text, true), ("env", TextMap, false)]),
        "headers.render" => (&[("policy", Object, true), ("env", TextMap, false)], &[("decision", Object, true)]),
        "kpi.evaluate" => (&[], &[("method", Text, true), ("args", Object, true)]),
        "kpi.report" => (&[], &[("rows", Rows, true), ("targets", Object, false)]),
        "jws.verify" => (&[("keys", List, true)], &[("jws", Text, true)]),
        "jwt.verify" => {
            (&[("policy", Object, true), ("env", TextMap, false), ("issuer", Text, false)], &[("now", Whole, true), ("token", Text, true)])
        }
        "idempotency.sequence" | "limits.sequence" | "refresh.sequence" | "webhook.sequence" => {
            (&[("policy", Object, true), ("env", TextMap, false), ("seed", Binary, true)], &[("steps", List, true)])
        }
        "webhook.sign" => (
            &[("endpoint", Object, true), ("env", TextMap, false), ("seed", Binary, false)],
            &[("now", Whole, true), ("body", Binary, true), ("id", Text, false), ("nonce", Text, false), ("request", REQUEST, false)],
        ),
        "webhook.verify" => (
            &[("endpoint", Object, true), ("env", TextMap, false)],
            &[("now", Whole, true), ("headers", Headers, true), ("body", Binary, true), ("request", REQUEST, false)],
        ),
        _ => return None,
    })
}

/// The arguments of a call.
fn of_op(group: &str, op: &str) -> Option<Members> {
    Some(match (group, op) {
        ("idempotency.sequence", "begin") => &[
            ("key", Lines, false),
            ("scope", TextsNamed(&["tenant", "principal", "method", "path"]), false),
            ("body", Bytes, false),
            ("fingerprint", Bytes, false),
            ("content_type", Text, false),
            ("query", Text, false),
            ("route", Text, false),
        ],
        ("idempotency.sequence", "guard.mark_effects" | "guard.renew" | "guard.release") => &[("guard", Text, true)],
        ("idempotency.sequence", "guard.checkpoint") => &[("guard", Text, true), ("name", Text, false), ("bytes", Bytes, false)],
        ("idempotency.sequence", "guard.complete") => &[
            ("guard", Text, true),
            ("status", Whole, true),
            ("headers", Headers, false),
            ("body", Bytes, false),
            ("finish_as", OneOf(&["store", "release"]), false),
        ],
        ("idempotency.sequence", "new_key") => &[],
        ("idempotency.sequence", "next_action") => &[("status", Whole, true), ("code", Text, false)],
        ("limits.sequence", "check" | "check_local" | "allow_local") => &[("policy", Text, false), ("subject", Text, false), ("cost", Whole, false)],
        ("limits.sequence", "peek" | "reset") => &[("policy", Text, false), ("subject", Text, false)],
        ("limits.sequence", "check_all") => &[("bundle", Bundle, true)],
        ("limits.sequence", "reserve") => &[("policy", Text, false), ("subject", Text, false), ("cost", Whole, false), ("max_wait", Span, true)],
        ("limits.sequence", "headers") => &[("decision", Text, true)],
        ("limits.sequence", "parse_headers") => &[("headers", Headers, true)],
        ("limits.sequence", "refund") => &[("permit", Text, true), ("cost", Whole, false)],
        ("limits.sequence", "lockout.begin" | "lockout.unlock" | "lockout.status") => {
            &[("policy", Text, false), ("identifier", Text, false), ("device", Text, false)]
        }
        ("limits.sequence", "attempt.settle") => &[("attempt", Text, true), ("success", Bool, true)],
        ("limits.sequence", "attempt.abandon") => &[("attempt", Text, true)],
        ("refresh.sequence", "issue") => &[
            ("subject", Text, false),
            ("client", Text, false),
            ("tenant", Text, false),
            ("roles", Texts, false),
            ("scope", Text, false),
            ("device", TextsNamed(&["id", "kind", "name", "platform", "app_version"]), false),
            ("claims", Object, false),
            ("auth_time", Whole, false),
            ("amr", Texts, false),
            ("dpop_jkt", Text, false),
        ],
        ("refresh.sequence", "refresh") => &[
            ("token", Text, false),
            ("retry_key", Binary, false),
            ("dpop", DPOP, false),
            ("client", Text, false),
            ("tenant", Text, false),
            ("device_id", Text, false),
        ],
        ("refresh.sequence", "refresh_access_only") => {
            &[("token", Text, false), ("dpop", DPOP, false), ("client", Text, false), ("tenant", Text, false), ("device_id", Text, false)]
        }
        ("refresh.sequence", "verify") => &[("access", Text, false), ("issuer", Text, false), ("dpop", DPOP, false)],
        ("refresh.sequence", "verify_fresh") => &[("access", Text, false), ("dpop", DPOP, false)],
        ("refresh.sequence", "confirm") => &[("access", Text, false)],
        ("refresh.sequence", "revoke") => &[("token", Text, false)],
        ("refresh.sequence", "sessions.revoke") => &[("tenant", Text, false), ("subject", Text, false), ("session_id", Text, false)],
        ("refresh.sequence", "sessions.revoke_others") => &[("tenant", Text, false), ("subject", Text, false), ("keep", Text, false)],
        ("refresh.sequence", "sessions.revoke_all") => &[("tenant", Text, false), ("subject", Text, false)],
        ("refresh.sequence", "epochs.bump_subject") => &[("tenant", Text, false), ("subject", Text, false), ("reason", Text, false)],
        ("refresh.sequence", "epochs.bump_tenant") => &[("tenant", Text, false), ("reason", Text, false)],
        ("refresh.sequence", "epochs.bump_all") => &[("reason", Text, false)],
        ("webhook.sequence", "sign") => {
            &[("endpoint", Text, false), ("body", Binary, true), ("id", Text, false), ("nonce", Text, false), ("request", REQUEST, false)]
        }
        ("webhook.sequence", "check" | "verify") => {
            &[("endpoint", Text, false), ("headers", Headers, false), ("body", Binary, true), ("request", REQUEST, false)]
        }
        ("webhook.sequence", "verified.commit" | "verified.release") => &[("verified", Text, true)],
        ("idempotency.sequence" | "limits.sequence" | "refresh.sequence" | "webhook.sequence", "reopen") => {
            &[("policy", Object, true), ("env", TextMap, false)]
        }
        _ => return None,
    })
}

/// The members that `expect` of a single test may name.
fn expectable(kind: &str) -> &'static [&'static str] {
    match kind {
        "config.load" => &["line", "field", "tol"],
        "headers.render" | "webhook.sign" => &["headers"],
        "jws.verify" => &["payload"],
        "jwt.verify" => &["claims", "tol"],
        "kpi.evaluate" => FIGURE,
        "kpi.report" => REPORT,
        "webhook.verify" => &["key_id", "timestamp", "id", "nonce", "server_time_ms", "tol"],
        _ => &[],
    }
}

/// Checks a whole file.
pub(crate) fn check(file: &Value) -> Result<(), Fault> {
    let file = members("the file", file, &[FILE], false)?;
    if file.get("schema").and_then(Value::as_str) != Some("gatewright-vectors-1") {
        return Err("the schema is not gatewright-vectors-1".to_owned());
    }
    let mut ids = HashSet::new();
    let mut count = 0;
    for (place, group) in list(file.get("testGroups")).iter().enumerate() {
        let at = format!("group {place}");
        let kind = group.get("type").and_then(Value::as_str).unwrap_or_default();
        let (of_group, of_test) = of_type(kind).ok_or_else(|| format!("{at} has an unknown type"))?;
        members(&at, group, &[&[("type", Text, true), ("tests", List, true)], of_group], false)?;
        for test in list(group.get("tests")) {
            let id = test.get("tcId").and_then(Value::as_i64).ok_or_else(|| format!("{at}: a test without a tcId"))?;
            let at = format!("{at}, tcId {id}");
            let test = members(&at, test, &[TEST, of_test], false)?;
            check_expect(&at, kind, test)?;
            for step in list(test.get("steps")) {
                check_step(&at, kind, step)?;
            }
            if !ids.insert(id) {
                return Err(format!("{at} is there twice"));
            }
            count += 1;
        }
    }
    let said = file.get("numberOfTests").and_then(Value::as_i64);
    if said == Some(count) { Ok(()) } else { Err(format!("numberOfTests is {said:?}, there are {count}")) }
}

fn check_expect(at: &str, kind: &str, test: &Map<String, Value>) -> Result<(), Fault> {
    let expect = test.get("expect").and_then(Value::as_object).into_iter().flatten();
    match expect.map(|(name, _)| name).find(|name| !expectable(kind).contains(&name.as_str())) {
        Some(unknown) => Err(format!("{at}: expect has an unknown member {unknown}")),
        None => Ok(()),
    }
}

fn check_step(at: &str, group: &str, step: &Value) -> Result<(), Fault> {
    let op = step.get("op").and_then(Value::as_str).unwrap_or_default();
    let arguments = of_op(group, op).ok_or_else(|| format!("{at} has an unknown op {op}"))?;
    members(&format!("{at}, {op}"), step, &[STEP, arguments], true).map(drop)
}

/// Checks the members of an object; a text `$…` stands for any type where references are allowed.
fn members<'a>(at: &str, value: &'a Value, known: &[Members], references: bool) -> Result<&'a Map<String, Value>, Fault> {
    let object = value.as_object().ok_or_else(|| format!("{at} is no object"))?;
    let table = || known.iter().copied().flatten();
    for (name, value) in object {
        let (_, kind, _) = table().find(|(known, ..)| known == name).ok_or_else(|| format!("{at} has an unknown member {name}"))?;
        let reference = references && value.as_str().is_some_and(|text| text.starts_with('$'));
        if !reference && !is(value, *kind) {
            return Err(format!("{at}: {name} has a wrong type"));
        }
    }
    match table().find(|(name, _, required)| *required && !object.contains_key(*name)) {
        Some((name, ..)) => Err(format!("{at}: {name} is missing")),
        None => Ok(object),
    }
}

fn is(value: &Value, kind: Kind) -> bool {
    let all_text = || value.as_object().is_some_and(|object| object.values().all(Value::is_string));
    match kind {
        Binary => binary(value).is_some(),
        Bool => value.is_boolean(),
        Bundle => value.as_array().is_some_and(|items| items.iter().all(is_item)),
        Bytes => bytes(value).is_some(),
        Headers => value.as_array().is_some_and(|pairs| pairs.iter().all(|pair| header(pair).is_some())),
        Lines => bytes(value).is_some() || value.as_array().is_some_and(|lines| lines.iter().all(|line| bytes(line).is_some())),
        List => value.is_array(),
        OneOf(texts) => value.as_str().is_some_and(|text| texts.contains(&text)),
        Object => value.is_object(),
        Rows => bytes(value).is_some() || value.as_array().is_some_and(|rows| rows.iter().all(Value::is_object)),
        Span => is(value, Whole) || value.as_str().and_then(duration).is_some(),
        Kind::Result => matches!(value.as_str(), Some("valid" | "invalid")),
        Text => value.is_string(),
        Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        TextsNamed(names) => all_text() && value.as_object().is_some_and(|object| object.keys().all(|name| names.contains(&name.as_str()))),
        TextMap => all_text(),
        Whole => value.as_i64().is_some() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
    }
}

fn is_item(item: &Value) -> bool {
    let is_part = |at: usize, part: &Value| if at < 2 { part.is_string() } else { at == 2 && is(part, Whole) };
    match item {
        Value::Array(parts) => parts.len() >= 2 && parts.iter().enumerate().all(|(at, part)| is_part(at, part)),
        Value::Object(parts) => {
            let place = |name: &str| ["policy", "subject", "cost"].iter().position(|known| *known == name);
            ["policy", "subject"].iter().all(|name| parts.contains_key(*name))
                && parts.iter().all(|(name, part)| place(name).is_some_and(|at| is_part(at, part)))
        }
        _ => false,
    }
}

/// The µs of a duration as a policy writes it.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let units = [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000)];
    units.iter().find_map(|(unit, micros)| {
        let digits = text.strip_suffix(unit).filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i64>().ok()?.checked_mul(*micros)
    })
}

/// The elements of a member that the shape has found to be a list, or none.
pub(crate) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The bytes of a binary value.
pub(crate) fn binary(value: &Value) -> Option<Vec<u8>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (form, text) = object.iter().next()?;
    let text = text.as_str()?;
    match form.as_str() {
        "b64" => encode::from_base64(text.as_bytes()),
        "hex" => encode::from_hex(text.as_bytes()),
        "utf8" => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

/// The bytes of a binary value, or the UTF-8 bytes of a text.
pub(crate) fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_str().map(|text| text.as_bytes().to_vec()).or_else(|| binary(value))
}

/// A header: its name, and its value as a text or a binary value.
pub(crate) fn header(pair: &Value) -> Option<(String, Vec<u8>)> {
    let [name, value] = pair.as_array()?.as_slice() else { return None };
    Some((name.as_str()?.to_owned(), bytes(value)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use serde_json::{Value, json};

    use super::{binary, check};

    fn file() -> Value {
        json!({
            "schema": "gatewright-vectors-1",
            "numberOfTests": 8,
            "notes": { "Flag": "what it stands for" },
            "testGroups": [
                { "type": "jwt.verify", "policy": {}, "tests": [
                    { "tcId": 1, "comment": "", "flags": ["Flag"], "now": 1, "token": "x", "result": "invalid", "code": "jwt_malformed" } ] },
                { "type": "refresh.sequence", "policy": {}, "seed": { "hex": "00" }, "tests": [
                    { "tcId": 2, "comment": "", "flags": [], "result": "valid", "steps": [
                        { "op": "issue", "now": 1, "subject": "u", "client": "web", "claims": { "any": [1] }, "result": "valid", "save": "a" },
                        { "op": "refresh", "now": 2, "token": "$a.refresh_token", "retry_key": "$a.k", "result": "valid", "expect": { "outcome": "rotated" } } ] } ] },
                { "type": "webhook.verify", "endpoint": {}, "tests": [
                    { "tcId": 3, "comment": "", "flags": [], "now": 1, "headers": [["a", "b"], ["c", { "b64": "AA==" }]], "body": { "utf8": "" }, "result": "valid", "expect": { "key_id": "k" } } ] },
                { "type": "idempotency.sequence", "policy": {}, "seed": { "hex": "00" }, "tests": [
                    { "tcId": 4, "comment": "", "flags": [], "result": "valid", "steps": [
                        { "op": "begin", "now": 1, "key": ["a", { "hex": "ff" }], "scope": { "tenant": "t" }, "body": "text", "result": "valid", "save": "a" },
                        { "op": "guard.complete", "now": 2, "guard": "$a", "status": 201, "headers": [["a", "b"]], "finish_as": "store", "result": "valid" } ] } ] },
                { "type": "limits.sequence", "policy": {}, "seed": { "hex": "00" }, "tests": [
                    { "tcId": 5, "comment": "", "flags": [], "result": "valid", "steps": [
                        { "op": "check_all", "now": 1, "bundle": [["p", "s", 2], ["p", "t"], { "policy": "p", "subject": "u", "cost": 0 }], "result": "valid", "save": "a" },
                        { "op": "reserve", "now": 1, "policy": "p", "subject": "s", "max_wait": "30s", "result": "valid" },
                        { "op": "refund", "now": 2, "permit": "$a.permit", "result": "valid" },
                        { "op": "attempt.settle", "now": 2, "attempt": "$b", "success": true, "result": "valid" } ] } ] },
                { "type": "kpi.report", "tests": [
                    { "tcId": 6, "rows": "batch,day,dead\nA,0,1\n", "targets": {}, "result": "valid", "expect": { "figures": {}, "rows": 1 } },
                    { "tcId": 7, "rows": { "hex": "00" }, "result": "invalid" },
                    { "tcId": 8, "rows": [{ "batch": "A" }], "result": "valid" } ] },
            ],
        })
    }

    #[test]
    fn a_file_of_the_form_is_accepted() {
        assert_eq!(check(&file()), Ok(()));
    }

    #[test]
    fn anything_else_rejects_the_whole_file() {
        let test = "/testGroups/0/tests/0";
        let step = "/testGroups/1/tests/0/steps/0";
        let begin = "/testGroups/3/tests/0/steps/0";
        let complete = "/testGroups/3/tests/0/steps/1";
        let limits = "/testGroups/4/tests/0/steps";
        let (bundle, reserve, settle) = (&*format!("{limits}/0"), &*format!("{limits}/1"), &*format!("{limits}/3"));
        let report = "/testGroups/5/tests/0";
        let edits: [(&str, &str, Value); 48] = [
            ("", "colour", json!(1)),
            ("", "schema", json!("gatewright-vectors-2")),
            ("", "numberOfTests", json!(2)),
            ("", "notes", json!({ "Flag": 1 })),
            ("", "testGroups", json!({})),
            ("/testGroups/0", "colour", json!(1)),
            ("/testGroups/0", "seed", json!({ "hex": "00" })),
            ("/testGroups/0", "type", json!("jwt.sign")),
            ("/testGroups/0", "policy", json!("text")),
            ("/testGroups/1", "seed", json!("00")),
            ("/testGroups/1", "seed", json!({ "hex": "0" })),
            ("/testGroups/1", "seed", json!({ "hex": "00", "utf8": "" })),
            (test, "colour", json!(1)),
            (test, "tcId", json!(2)),
            (test, "tcId", json!("1")),
            (test, "now", json!(1.5)),
            (test, "token", json!(1)),
            (test, "result", json!("acceptable")),
            (test, "flags", json!("Flag")),
            (test, "expect", json!({ "colour": 1 })),
            (step, "colour", json!(1)),
            (step, "op", json!("sign")),
            (step, "token", json!("x")),
            (step, "claims", json!("x")),
            (step, "device", json!({ "id": "d", "colour": "red" })),
            (step, "expect", json!("x")),
            ("/testGroups/2/tests/0", "headers", json!([["a"]])),
            (begin, "key", json!(["a", 1])),
            (begin, "key", json!(null)),
            (begin, "scope", json!({ "user": "u" })),
            (begin, "body", json!(["text"])),
            (complete, "status", json!("ok")),
            (complete, "finish_as", json!("drop")),
            (complete, "op", json!("guard.drop")),
            (bundle, "bundle", json!([["p"]])),
            (bundle, "bundle", json!([["p", "s", 1, 1]])),
            (bundle, "bundle", json!([["p", "s", 1.5]])),
            (bundle, "bundle", json!([{ "policy": "p" }])),
            (bundle, "bundle", json!([{ "policy": "p", "subject": "s", "colour": 1 }])),
            (reserve, "max_wait", json!("s")),
            (reserve, "max_wait", json!(1.5)),
            (settle, "success", json!("yes")),
            (settle, "op", json!("wait")),
            (report, "rows", json!([1])),
            (report, "rows", json!(1)),
            (report, "targets", json!("x")),
            (report, "csv", json!("x")),
            (report, "expect", json!({ "value": 1 })),
        ];
        for (at, name, value) in edits {
            let mut wrong = file();
            wrong.pointer_mut(at).and_then(Value::as_object_mut).unwrap().insert(name.to_owned(), value.clone());
            assert!(check(&wrong).is_err(), "{at} {name} = {value}");
        }
        for (at, name) in [
            ("", "schema"),
            ("", "numberOfTests"),
            (test, "now"),
            (test, "token"),
            (test, "result"),
            ("/testGroups/1", "seed"),
            (step, "now"),
            (step, "result"),
            (complete, "status"),
            (complete, "guard"),
            (bundle, "bundle"),
            (reserve, "max_wait"),
            (settle, "attempt"),
            (settle, "success"),
            (report, "rows"),
        ] {
            let mut wrong = file();
            wrong.pointer_mut(at).and_then(Value::as_object_mut).unwrap().remove(name);
            assert!(check(&wrong).is_err(), "{at} without {name}");
        }
    }

    #[test]
    fn binary_values_have_exactly_one_form() {
        assert_eq!(binary(&json!({ "b64": "AQI=" })), Some(vec![1, 2]));
        assert_eq!(binary(&json!({ "hex": "0aFF" })), Some(vec![10, 255]));
        assert_eq!(binary(&json!({ "utf8": "é" })), Some("é".as_bytes().to_vec()));
        for wrong in [
            json!({}),
            json!("x"),
            json!({ "b64": "AQI" }),
            json!({ "b64": "AQ-_" }),
            json!({ "hex": "0" }),
            json!({ "hex": "", "utf8": "" }),
            json!({ "utf8": 1 }),
        ] {
            assert_eq!(binary(&wrong), None, "{wrong}");
        }
    }
}
