//! The page that people configure from.

use std::collections::BTreeSet;

use super::*;

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.md")).unwrap()
}

#[test]
fn its_example_loads() {
    let page = page();
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let env = |name: &str| match name {
        "GW_ROOT_1" | "JWT_SECRET" => variable("GW_ROOT_1"),
        "HOOK_SECRET" => variable("HOOK_NEW"),
        _ => None,
    };
    let policy = load(example, &Source::default(), &env).unwrap();
    assert_eq!((policy.root_keys.len(), policy.endpoints.len()), (1, 1));
}

#[test]
fn it_names_every_member() {
    // A table names its members where one is unknown; so each table gets one.
    let table: ::toml::Table = EXAMPLE.parse().unwrap();
    let mut document = serde_json::to_value(&table).unwrap();
    document["idempotency"]["fingerprint"] = serde_json::json!({ "jcs": { "exclude": [] } });
    document["webhooks"]["endpoints"][0]["certificates"] = serde_json::json!([{ "url": "u", "pem": "p" }]);
    spoil(&mut document);
    let error = try_load(&document.to_string()).unwrap_err();
    let lists = error.problems().iter().filter_map(|problem| problem.mend.split_once("where these are: "));
    let members: BTreeSet<&str> = lists.flat_map(|(_, list)| list.split(", ")).collect();
    assert!(members.len() > 90, "{}", members.len());
    let page = page();
    let absent: Vec<_> =
        members.into_iter().filter(|member| !page.contains(&format!("`{member}`")) && !page.contains(&format!("{member} = "))).collect();
    assert!(absent.is_empty(), "{absent:?}");
}

fn spoil(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.values_mut().for_each(spoil);
            members.insert("?".to_owned(), serde_json::Value::Null);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(spoil),
        _ => {}
    }
}
