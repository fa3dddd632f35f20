//! Documents that nobody meant: no panic, an error that says where, and no secret in it.

use proptest::prelude::*;

use super::*;

/// What may stand in no error and no Debug output, with the environment of the example and beyond.
fn secrets() -> Vec<String> {
    let values = VARIABLES.iter().filter(|(_, value)| !value.is_empty()).map(|(_, value)| (*value).to_owned());
    let inner: Vec<_> = values.flat_map(|value| [value.trim_start_matches("base64:").trim_start_matches("hex:").to_owned(), value]).collect();
    inner.into_iter().chain(["MC4CAQAwBQYDK2Vw".to_owned()]).collect()
}

fn assert_keeps_secrets(shown: &str) {
    for secret in secrets() {
        assert!(!shown.contains(&secret), "{shown}");
    }
}

#[test]
fn a_policy_shows_no_secret() {
    let policy = try_load(EXAMPLE).unwrap();
    assert_keeps_secrets(&format!("{policy:?} {policy:#?}"));
}

#[test]
fn no_error_shows_what_stands_in_a_wrong_place() {
    // Every text of the document in turn becomes a secret that is out of place.
    let table: ::toml::Table = EXAMPLE.parse().unwrap();
    let document = serde_json::to_value(&table).unwrap();
    let mut paths = Vec::new();
    collect(&document, String::new(), &mut paths);
    assert!(paths.len() > 90, "{}", paths.len());
    for path in paths {
        for reference in ["${GW_ROOT_1}", "${JWT_OLD_SECRET}", "${file:jwt.pem}"] {
            let mut changed = document.clone();
            *changed.pointer_mut(&path).unwrap() = reference.into();
            if let Err(error) = try_load(&changed.to_string()) {
                assert_keeps_secrets(&format!("{error} {error:?}"));
            }
        }
    }
}

/// The JSON Pointers of all nodes.
fn collect(value: &serde_json::Value, path: String, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| collect(value, format!("{path}/{name}"), into)),
        serde_json::Value::Array(values) => values.iter().enumerate().for_each(|(at, value)| collect(value, format!("{path}/{at}"), into)),
        _ => {}
    }
    into.push(path);
}

#[test]
fn depth_length_and_number_are_bounded() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(5000), close.repeat(5000));
    for text in [
        format!("x = {}", deep("[", "]")),
        format!("{{\"x\": {}}}", deep("[", "]")),
        format!("{}x = 1", "a.".repeat(5000)),
        format!("[{}a]\n", "a.".repeat(20)),
    ] {
        let error = try_load(&text).unwrap_err();
        assert_eq!((error.code(), error.problems().len()), ("config_invalid", 1));
    }
    let long = format!("version = 1\n# {}\n", "x".repeat(1 << 20));
    assert!(try_load(&long).unwrap_err().to_string().contains("1 MiB"));
    let many: String = (0..20_000).map(|at| format!("m{at} = 1\n")).collect();
    assert_eq!(try_load(&format!("version = 1\n{many}")).unwrap_err().problems().len(), 20_000);
}

/// A document with bytes cut out, put in or changed.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (
        any::<prop::sample::Index>(),
        0..12_usize,
        prop::sample::select(vec![
            "", "\"", "[", "]", "{", "}", "\n", " = ", "1", "-1", "true", "\"\"", "${", "${NOPE}", "\u{e9}", ".", ",", "#", "null", "5s",
        ]),
    );
    prop::collection::vec(edit, 1..4).prop_map(move |edits| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, len, put) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + len).min(chars.len());
            chars.splice(at..end, put.chars());
        }
        chars.into_iter().collect()
    })
}

fn assert_useful(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = try_load(text) {
        prop_assert_eq!(error.code(), "config_invalid");
        prop_assert!(!error.problems().is_empty());
        let lines = u32::try_from(text.lines().count()).unwrap() + 1;
        for problem in error.problems() {
            prop_assert!(problem.line.is_some_and(|line| (1..=lines).contains(&line)), "{problem}");
            prop_assert!(!problem.mend.is_empty());
        }
        assert_keeps_secrets(&error.to_string());
    }
    Ok(())
}

proptest! {
    #[test]
    fn mutations_of_a_good_document_say_where_they_are_wrong(text in mutated(EXAMPLE)) {
        assert_useful(&text)?;
    }

    #[test]
    fn mutations_of_its_json_do_too(text in mutated(EXAMPLE_JSON)) {
        assert_useful(&text)?;
    }

    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}") {
        assert_useful(&text)?;
    }
}

/// A short document in the other format.
const EXAMPLE_JSON: &str = "{\n  \"version\": 1,\n  \"root_keys\": [{ \"id\": 1, \"secret\": \"${GW_ROOT_1}\", \"state\": \"active\" }],\n  \"store\": { \"default\": \"memory:\" },\n  \"tokens\": {\n    \"issuer\": \"https://auth.example\",\n    \"audience\": [\"api\"],\n    \"clients\": [{ \"id\": \"web\", \"kind\": \"browser\" }],\n    \"signing_keys\": [{ \"kid\": \"k\", \"alg\": \"HS256\", \"secret\": \"${JWT_OLD_SECRET}\", \"state\": \"active\" }]\n  },\n  \"webhooks\": { \"endpoints\": [{ \"id\": \"a\", \"preset\": \"parking\", \"secrets\": [{ \"id\": \"a\", \"secret\": \"${HOOK_NEW}\" }] }] }\n}\n";
