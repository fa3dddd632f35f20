use super::*;

const ENDPOINT: &str = "webhooks.endpoints[0]";

fn fault(from: &str, to: &str, member: &str, mend: &str) {
    assert_fault(from, to, &format!("{ENDPOINT}.{member}"), mend);
}

#[test]
fn forms_are_told_once_and_on_their_own_line() {
    fault("preset = \"parking\"", "preset = 5", "preset", "in quotes");
    fault("preset = \"parking\"", "preset = \"park\"", "preset", "parking");
    fault("window = { past = \"300s\", future = \"60s\" }", "window = \"300s\"", "window", "write a table");
    fault("past = \"300s\"", "past = \"300\"", "window.past", "write a duration");
    fault("past = \"300s\"", "before = \"300s\"", "window.before", "future, past");
    fault("max_body = \"1MiB\"", "max_body = \"1MB\"", "max_body", "B, KiB or MiB");
    fault("max_body = \"1MiB\"", "max_body = 1048576", "max_body", "in quotes");
    fault("max_body = \"1MiB\"", "max_body = \"0B\"", "max_body", "at least 1B");
    fault("max_body = \"1MiB\"", "claim = \"twice\"", "claim", "two_phase");
    fault("max_body = \"1MiB\"", "hold = \"0s\"", "hold", "1us to 24h");
    fault("max_body = \"1MiB\"", "min_len = \"13\"", "min_len", "whole number");
    fault("max_body = \"1MiB\"", "url = \"example.com\"", "url", "http://");
    fault("max_body = \"1MiB\"", "colour = \"red\"", "colour", "no member here");
    fault("replay = \"nonce\"", "replay = \"id\"", "replay", "no id");
    fault("replay = \"nonce\"", "replay = \"once\"", "replay", "nonce, signature, id or none");
    fault("{ id = \"2026-11\", secret", "{ secret", "secrets[0].id", "write a name");
    fault("secret = \"${HOOK_NEW}\"", "secret = \"${NOPE}\"", "secrets[0].secret", "NOPE");
    fault("secret = \"${HOOK_NEW}\"", "secret = 5", "secrets[0].secret", "in quotes");
    fault("secret = \"${HOOK_NEW}\"", "secret = \"fifteen bytes..\"", "secrets[0].secret", "16 is the least");
    fault("id = \"2026-05\"", "id = \"2026-11\"", "secrets[1].id", "no other secret");
    fault("sign = false", "sign = \"no\"", "secrets[1].sign", "true or false");
    fault("sign = false", "not_before = \"2026-12-31T00:00:00Z\"", "secrets[1].not_after", "after not_before");
    fault("sign = false", "not_before = \"2026-12-31\"", "secrets[1].not_before", "RFC 3339");
}

#[test]
fn what_is_missing_is_on_the_line_of_the_endpoint() {
    for (from, member) in [("id = \"chirpstack\"\n", "id"), ("preset = \"parking\"\n", "preset")] {
        let found = problem(&example_with(from, ""));
        assert_eq!((found.line, found.field), (Some(42), format!("{ENDPOINT}.{member}")));
    }
    let none = problem("version = 1\n[[webhooks.endpoints]]\nid = \"a\"\npreset = \"parking\"\n");
    assert_eq!((none.line, none.field), (Some(2), format!("{ENDPOINT}.secrets")));
}

#[test]
fn endpoints_and_secrets_are_counted() {
    let endpoint = "\n[[webhooks.endpoints]]\nid = \"chirpstack\"\npreset = \"parking\"\nsecrets = [{ id = \"a\", secret = \"${HOOK_NEW}\" }]\n";
    let twice = problem(&example_with("\n[idempotency]", &format!("{endpoint}[idempotency]")));
    assert_eq!((twice.line, twice.field.as_str()), (Some(50), "webhooks.endpoints[1].id"));
    let secrets = |count: usize| {
        let each = (0..count).map(|at| format!("{{ id = \"{at}\", secret = \"${{HOOK_NEW}}\" }}")).collect::<Vec<_>>().join(", ");
        format!("version = 1\n[[webhooks.endpoints]]\nid = \"a\"\npreset = \"parking\"\nsecrets = [{each}]\n")
    };
    assert_eq!(try_load(&secrets(8)).unwrap().endpoints[0].secrets.len(), 8);
    assert_eq!(problem(&secrets(9)).field, format!("{ENDPOINT}.secrets[8]"));
    assert_eq!(problem(&secrets(1000)).field, format!("{ENDPOINT}.secrets[8]"));
}

#[test]
fn a_scheme_that_is_written_out_is_read_and_its_faults_have_lines() {
    let scheme = |change: (&str, &str)| {
        let scheme = "[webhooks.endpoints.scheme]\nalgs = [\"hmac_sha256\"]\nsecret = { utf8 = {} }\nsignature = { header = \"x-sig\", format = { prefixed = \"v0=\" } }\ntimestamp = { header = \"x-time\", unit = \"s\", past = \"10s\" }\ncontent = [\"v0:\", \"timestamp\", \":\", \"body\"]\n";
        assert!(change.0.is_empty() || scheme.contains(change.0));
        let changed = if change.0.is_empty() { scheme.to_owned() } else { scheme.replace(change.0, change.1) };
        format!("version = 1\n[[webhooks.endpoints]]\nid = \"a\"\nsecrets = [{{ id = \"a\", secret = \"${{HOOK_NEW}}\" }}]\n{changed}")
    };
    let policy = try_load(&scheme(("", ""))).unwrap();
    assert_eq!(policy.endpoints[0].scheme.timestamp.as_ref().unwrap().past, Duration::from_secs(10));
    for (from, to, line, member) in [
        ("unit = \"s\"", "unit = \"h\"", 9, "scheme.timestamp.unit"),
        ("header = \"x-sig\"", "head = \"x-sig\"", 8, "scheme.signature.head"),
        ("header = \"x-sig\", ", "", 8, "scheme.signature"),
        ("\"hmac_sha256\"", "\"hmac_md5\"", 6, "scheme.algs[0]"),
        (", \"body\"", "", 10, "scheme.content"),
        ("\"x-time\"", "\"${NOPE}\"", 9, "scheme.timestamp.header"),
    ] {
        let found = problem(&scheme((from, to)));
        assert_eq!((found.line, found.field), (Some(line), format!("{ENDPOINT}.{member}")), "{to}");
    }
    assert_eq!(
        problem(&scheme(("[webhooks.endpoints.scheme]", "preset = \"parking\"\n[webhooks.endpoints.scheme]"))).field,
        format!("{ENDPOINT}.scheme")
    );
}

#[test]
fn members_of_presets_of_later_versions_are_told_so() {
    fault("preset = \"parking\"", "preset = \"stripe\"", "preset", "not in this version");
    fault("max_body = \"1MiB\"", "require_digest = false", "require_digest", "not in this version");
    let certificates = "certificates = [{ url = \"https://sns.example/a.pem\", pem = \"x\" }]";
    fault("max_body = \"1MiB\"", certificates, "certificates", "not in this version");
}
