use std::time::Duration;

use super::*;
use crate::keys::KeyState;
use crate::tokens::key::Algorithm;
use crate::tokens::policy::{ClientKind, ClientPolicy, OnBindingMismatch, StoreBehind, ViewPolicy};
use crate::webhook::scheme::Replay;

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn the_example_means_what_it_says_in_both_formats() {
    let folder = folder();
    for text in [EXAMPLE.to_owned(), as_json(EXAMPLE)] {
        let policy = load_in(&text, folder.path()).unwrap();
        let roots: Vec<_> = policy.root_keys.iter().map(|root| (root.id, root.state, root.secret.len())).collect();
        assert_eq!(roots, [(1, KeyState::Retired, 32), (2, KeyState::Active, 32)]);
        let store = policy.store.unwrap();
        assert_eq!(store.tokens, Some(StoreUrl::Sqlite(folder.path().join("data/app.db"))));
        assert_eq!((store.webhooks, store.sweep_every), (Some(StoreUrl::Memory), Duration::from_secs(6 * 3600)));

        let tokens = policy.tokens.unwrap();
        assert_eq!((tokens.issuer.as_str(), tokens.audience.as_slice()), ("https://auth.example", ["api".to_owned()].as_slice()));
        assert_eq!((tokens.access_ttl, tokens.leeway), (Duration::from_secs(900), Duration::from_secs(30)));
        assert_eq!((tokens.concurrent_window, tokens.retention), (Duration::from_secs(15), 7 * DAY));
        assert_eq!(tokens.view, ViewPolicy::default());
        let keys: Vec<_> = tokens.signing_keys.iter().map(|key| (key.kid.as_str(), key.key.algorithm(), key.state, key.max_ttl)).collect();
        assert_eq!(
            keys,
            [("2026-11", Algorithm::Ed25519, KeyState::Active, Duration::from_secs(900)), ("legacy", Algorithm::Hs256, KeyState::Retired, DAY)]
        );
        assert_eq!(tokens.signing_keys[1].not_after.map(|at| at.to_string()).as_deref(), Some("2027-01-31T00:00:00Z"));
        let issuer = &tokens.issuers[0];
        assert_eq!((issuer.id.as_str(), issuer.typ.as_slice()), ("farmiq", ["JWT".to_owned(), String::new()].as_slice()));
        assert_eq!((issuer.tenant_claim.as_deref(), issuer.session_claim.as_deref()), (Some("tenant_id"), None));
        assert_eq!((issuer.leeway, issuer.max_ttl, issuer.keys.len()), (Duration::from_secs(30), DAY, 1));

        let endpoint = &policy.endpoints[0];
        assert_eq!((endpoint.id.as_str(), endpoint.scheme.replay, endpoint.max_body), ("chirpstack", Replay::Nonce, 1 << 20));
        let secrets: Vec<_> = endpoint.secrets.iter().map(|secret| (secret.id.as_str(), secret.sign, secret.not_after.is_some())).collect();
        assert_eq!(secrets, [("2026-11", true, false), ("2026-05", false, true)]);
    }
}

#[test]
fn what_is_left_out_takes_its_default() {
    let text = "version = 1\n[tokens]\nissuer = \"a\"\naudience = [\"api\"]\nclients = [{ id = \"w\", kind = \"browser\" }, { id = \"n\", kind = \"native\" }, { id = \"d\", kind = \"device\" }]\n[[tokens.issuers]]\nid = \"b\"\nissuer = \"b\"\naudience = [\"api\"]\njwks_uri = \"https://b.example/keys\"\n[store]\ndefault = \"memory:\"\n";
    let policy = try_load(text).unwrap();
    let tokens = policy.tokens.unwrap();
    assert_eq!((tokens.access_ttl, tokens.leeway), (Duration::from_secs(900), Duration::from_secs(30)));
    assert_eq!((tokens.concurrent_window, tokens.retention), (Duration::from_secs(15), DAY));
    assert_eq!(tokens.view, ViewPolicy { refresh: Duration::from_secs(5), max_age: Duration::from_secs(60), accept_stale: false });
    assert!(!tokens.escalate_reuse && tokens.failover_until.is_none());
    assert_eq!((tokens.on_binding_mismatch, tokens.store_behind), (OnBindingMismatch::Refuse, StoreBehind::Refuse));
    let client = |id: &str, kind, idle: u32, absolute: u32, lost_window| ClientPolicy {
        id: id.to_owned(),
        kind,
        idle: idle * DAY,
        absolute: absolute * DAY,
        lost_window,
        retry_key_required: false,
        confidential: false,
    };
    let clients = [
        client("w", ClientKind::Browser, 30, 90, Duration::ZERO),
        client("n", ClientKind::Native, 30, 90, Duration::from_secs(600)),
        client("d", ClientKind::Device, 90, 365, 7 * DAY),
    ];
    assert_eq!(tokens.clients, clients);
    let issuer = &tokens.issuers[0];
    assert_eq!((issuer.typ.join(","), issuer.required.join(",")), ("at+jwt".to_owned(), "sub,iat,jti,client_id".to_owned()));
    assert_eq!((issuer.leeway, issuer.max_ttl, issuer.fractional_times), (Duration::from_secs(30), DAY, false));
    let store = policy.store.unwrap();
    assert_eq!((store.tokens, store.webhooks), (Some(StoreUrl::Memory), Some(StoreUrl::Memory)));
    assert_eq!(store.sweep_every, Duration::from_secs(6 * 3600));
}

#[test]
fn a_file_is_named_in_its_problems_and_paths_start_at_its_folder() {
    let folder = folder();
    let path = folder.path().join("gatewright.toml");
    std::fs::write(&path, EXAMPLE).unwrap();
    let policy = load_file(&path, &variable).unwrap();
    assert_eq!(policy.store.unwrap().tokens, Some(StoreUrl::Sqlite(folder.path().join("data/app.db"))));

    std::fs::write(&path, example_with("leeway = \"30s\"", "leeway = \"121s\"")).unwrap();
    let error = load_file(&path, &variable).unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!((problem.file.as_deref(), problem.line), (path.to_str(), Some(14)));
    assert!(error.to_string().contains(&format!("{}:14: tokens.leeway: write a duration of at most 120s", path.display())), "{error}");

    std::fs::write(&path, b"version = 1\n# \xff\n").unwrap();
    assert_eq!(load_file(&path, &variable).unwrap_err().problems()[0].line, Some(2));
    let missing = load_file(&folder.path().join("none.toml"), &variable).unwrap_err();
    assert_eq!((missing.code(), missing.problems()[0].line), ("config_invalid", None));
    assert!(load_file(folder.path(), &variable).unwrap_err().to_string().contains("readable"));
}

#[test]
fn all_problems_come_at_once_and_in_file_order() {
    let text = EXAMPLE
        .replace("id = 1, secret = \"${GW_ROOT_1}\"", "id = 0")
        .replace("leeway = \"30s\"", "leeway = 30\ncolour = \"red\"")
        .replace("kid = \"legacy\"\n", "")
        .replace("replay = \"nonce\"", "replay = \"id\"")
        .replace("threshold = 10", "threshold = 0");
    let found = problems(&text);
    let places: Vec<_> = found.iter().map(|problem| (problem.line.unwrap(), problem.field.as_str())).collect();
    assert_eq!(
        places,
        [
            (2, "root_keys[0].secret"),
            (2, "root_keys[0].id"),
            (14, "tokens.leeway"),
            (15, "tokens.colour"),
            (28, "tokens.signing_keys[1].kid"),
            (47, "webhooks.endpoints[0].replay"),
            (69, "lockout.policies[0].threshold"),
        ]
    );
}

#[test]
fn data_has_no_lines() {
    let text = as_json(&example_with("leeway = \"30s\"", "leeway = 30"));
    let error = load(&text, &Source { as_data: true, ..Source::default() }, &variable).unwrap_err();
    let problem = error.problems().iter().find(|problem| problem.field == "tokens.leeway").unwrap();
    assert_eq!((problem.line, problem.file.as_deref()), (None, None));
}
