//! `[idempotency]`.

use std::time::Duration;

use super::*;

#[test]
fn every_member_says_what_it_takes() {
    assert_fault("effects = \"implicit\"", "effects = \"magic\"", "idempotency.effects", "\"explicit\"");
    assert_fault("lease = \"30s\"", "lease = \"0s\"", "idempotency.lease", "above 0s");
    assert_fault("lease = \"30s\"", "leases = \"30s\"", "idempotency.leases", "effects, fingerprint, fingerprint_key, lease");
    assert_fault("max_stored_body = \"256KiB\"", "max_stored_body = \"961KiB\"", "idempotency.max_stored_body", "960KiB");
    assert_fault("on_5xx = \"store\"", "on_5xx = \"keep\"", "idempotency.routes[0].on_5xx", "\"release\", \"store\"");
    assert_fault("method = \"POST\"", "verb = \"POST\"", "idempotency.routes[0].match.verb", "method, path");
    let unmatched = problem(&example_with("match = { method = \"POST\", path = \"/devices/*/commands\" }\n", ""));
    assert_eq!(unmatched.field, "idempotency.routes[0].match");
    for fingerprint in ["\"raw\"", "\"jcs\"", "\"content_digest\"", "{ jcs = { exclude = [\"/a\"] } }", "{ selected = [\"/a\", \"\"] }"] {
        assert_loads("lease = \"30s\"", &format!("namespace = \"orders\"\nfingerprint = {fingerprint}"));
    }
    for (wrong, member) in [
        ("\"body\"", ""),
        ("5", ""),
        ("{ selected = [\"a\"] }", ".selected[0]"),
        ("{}", ".selected"),
        ("{ jcs = {}, selected = [] }", ".selected"),
        ("{ jcs = { only = [] } }", ".jcs.only"),
    ] {
        assert_fault("lease = \"30s\"", &format!("fingerprint = {wrong}"), &format!("idempotency.fingerprint{member}"), "");
    }
    let explicit: Vec<_> =
        problems(&example_with("effects = \"implicit\"", "effects = \"explicit\"")).into_iter().map(|problem| problem.field).collect();
    assert_eq!(explicit, ["idempotency.routes[0].on_5xx", "idempotency.routes[0].on_crash"]);
    assert_loads("on_crash = \"hold\"", "effects = \"transactional\"");
}

#[test]
fn a_lease_is_not_longer_than_its_retention() {
    assert_fault("lease = \"30s\"", "lease = \"25h\"", "idempotency.lease", "not longer than the retention");
    assert_loads("lease = \"30s\"", "lease = \"24h\"");
    assert_fault(
        "on_crash = \"hold\"\nretention = \"7d\"",
        "on_crash = \"hold\"\nretention = \"29s\"",
        "idempotency.routes[0].retention",
        "not longer than the retention",
    );
    assert_loads("on_crash = \"hold\"\nretention = \"7d\"", "on_crash = \"hold\"\nretention = \"30s\"");
}

#[test]
fn what_goes_beyond_the_rule() {
    let with = |members: &str| example_with("lease = \"30s\"", members);
    let key = "fingerprint_key = \"hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddee01\"";
    let text = with(&format!("wait = \"2s\"\non_store_error = \"allow\"\nnever_stored = [\"X-Trace\"]\nreplayed_header = \"X-Replayed\"\n{key}"));
    let policy = try_load(&text).unwrap().idempotency.unwrap();
    let route = &policy.routes.first().unwrap().settings;
    assert_eq!((route.wait, route.never_stored.as_slice()), (Duration::from_secs(2), ["X-Trace".to_owned()].as_slice()));
    assert_eq!(route.on_store_error, crate::idempotency::OnStoreError::Allow);
    assert_eq!((policy.replayed_header.as_str(), policy.fingerprint_key.is_some()), ("X-Replayed", true));
    for (wrong, field) in [
        ("wait = \"61s\"", "wait"),
        ("on_store_error = { local = 0.5 }", "on_store_error"),
        ("never_stored = [\"X Trace\"]", "never_stored[0]"),
        ("replayed_header = \"\"", "replayed_header"),
        ("fingerprint_key = \"a text of more than thirty-two bytes\"", "fingerprint_key"),
        ("fingerprint_key = \"hex:00\"", "fingerprint_key"),
        ("fingerprint_key = \"hex:0000000000000000000000000000000000000000000000000000000000000000\"", "fingerprint_key"),
        ("fingerprint_key = \"hex:0g\"", "fingerprint_key"),
    ] {
        assert_fault("lease = \"30s\"", wrong, &format!("idempotency.{field}"), "");
    }
}
