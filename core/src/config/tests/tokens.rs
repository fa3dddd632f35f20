use super::*;

#[test]
fn lifetimes_are_in_their_ranges() {
    for wrong in ["0s", "999ms", "1500ms", "1000001us", "15", "15 m", "1.5h", "-1s", "+1s", "15M", "", " 15m", "1m30s", "99999999999999999999d"] {
        assert_fault("access_ttl = \"15m\"", &format!("access_ttl = \"{wrong}\""), "tokens.access_ttl", "write a duration");
    }
    assert_fault("access_ttl = \"15m\"", "access_ttl = 900", "tokens.access_ttl", "in quotes");
    assert_fault("access_ttl = \"15m\"", "access_ttl = \"91d\"", "tokens.access_ttl", "shortest absolute lifetime");
    for right in ["1s", "2000ms", "3000000us", "90d"] {
        assert_loads("access_ttl = \"15m\"", &format!("access_ttl = \"{right}\""));
    }
    for wrong in ["0s", "999999us", "60001ms", "61s", "1h"] {
        assert_fault("concurrent_window = \"15s\"", &format!("concurrent_window = \"{wrong}\""), "tokens.concurrent_window", "1s to 60s");
    }
    for right in ["1s", "60s", "1m", "1000001us"] {
        assert_loads("concurrent_window = \"15s\"", &format!("concurrent_window = \"{right}\""));
    }
    assert_fault("leeway = \"30s\"", "leeway = \"120001ms\"", "tokens.leeway", "120s");
    assert_loads("leeway = \"30s\"", "leeway = \"2m\"");
    assert_loads("leeway = \"30s\"", "leeway = \"0s\"");
    assert_fault("refresh = \"5s\"", "refresh = \"0s\"", "tokens.view.refresh", "at least 1ms");
}

#[test]
fn an_access_ttl_by_default_is_within_each_absolute_lifetime_too() {
    let text = example_with("access_ttl = \"15m\"\n", "").replace("kind = \"browser\"", "kind = \"browser\", absolute = \"14m\"");
    assert_eq!(problem(&text).field, "tokens.clients[0].absolute");
}

#[test]
fn windows_of_lost_answers_end_with_the_session() {
    let field = "tokens.clients[1].lost_window";
    assert_fault("lost_window = \"7d\"", "lost_window = \"7776000000001us\"", field, "at most the idle time");
    assert_loads("lost_window = \"7d\"", "lost_window = \"90d\"");
    assert_fault("kind = \"browser\"", "kind = \"browser\", lost_window = \"31d\"", "tokens.clients[0].lost_window", "at most the idle time");
    assert_fault("idle = \"90d\", absolute = \"365d\", lost_window = \"7d\"", "idle = \"6d\"", "tokens.clients[1].idle", "lost_window");
    assert_fault("idle = \"90d\"", "idle = \"0s\"", "tokens.clients[1].idle", "above 0s");
}

#[test]
fn clients_have_a_kind_and_a_name_of_their_own() {
    assert_fault("id = \"tablet\"", "id = \"web\"", "tokens.clients[1].id", "already taken");
    assert_fault("id = \"tablet\"", "id = \"\"", "tokens.clients[1].id", "1 to 255 bytes");
    assert_fault("id = \"tablet\"", &format!("id = \"{}\"", "x".repeat(256)), "tokens.clients[1].id", "1 to 255 bytes");
    assert_fault("kind = \"device\"", "kind = \"phone\"", "tokens.clients[1].kind", "\"browser\", \"native\", \"device\"");
    assert_fault("kind = \"browser\"", "idle = \"1d\"", "tokens.clients[0].kind", "write the kind");
    assert_fault("retry_key = \"required\"", "retry_key = true", "tokens.clients[1].retry_key", "\"optional\", \"required\"");
    assert_fault("retry_key = \"required\"", "confidential = \"yes\"", "tokens.clients[1].confidential", "true or false");
    let policy = assert_loads("retry_key = \"required\"", "confidential = true").tokens.unwrap();
    assert_eq!((policy.clients[1].confidential, policy.clients[1].retry_key_required), (true, false));
}

#[test]
fn switches_have_their_words() {
    let after = "retention = \"7d\"\nview";
    let fault = |member: &str, value: &str, mend: &str| {
        let found = problem(&example_with(after, &format!("{member} = {value}\n{after}")));
        assert_eq!((found.line, found.field), (Some(16), format!("tokens.{member}")));
        assert!(found.mend.contains(mend), "{}", found.mend);
    };
    fault("escalate_reuse", "\"yes\"", "true or false");
    fault("on_binding_mismatch", "\"ignore\"", "\"refuse\", \"revoke\"");
    fault("store_behind", "\"adopt\"", "\"refuse\", \"adopt_bound\"");
    fault("failover_until", "\"tomorrow\"", "RFC 3339");
    fault("colour", "1", "access_ttl, audience");
    assert_fault("max_age = \"60s\"", "max_age = \"60s\", on_stale = \"ignore\"", "tokens.view.on_stale", "\"unavailable\", \"accept\"");
    assert!(assert_loads("max_age = \"60s\"", "on_stale = \"accept\"").tokens.unwrap().view.accept_stale);
}

#[test]
fn the_issuer_and_its_audiences_are_named() {
    let missing = problem(&example_with("issuer = \"https://auth.example\"\n", ""));
    assert_eq!((missing.line, missing.field.as_str()), (Some(10), "tokens.issuer"));
    assert_fault("issuer = \"https://auth.example\"", "issuer = \"\"", "tokens.issuer", "not empty");
    for (wrong, mend) in [("\"api\"", "list in brackets"), ("[]", "at least one"), ("5", "list in brackets")] {
        assert_fault("audience = [\"api\"]", &format!("audience = {wrong}"), "tokens.audience", mend);
    }
    assert_fault("audience = [\"api\"]", "audience = [\"api\", 5]", "tokens.audience[1]", "in quotes");
    assert_fault("audience = [\"api\"]", "audience = [\"\"]", "tokens.audience[0]", "not empty");
    let many = |count: usize| format!("audience = [{}]", vec!["\"a\""; count].join(", "));
    assert_fault("audience = [\"api\"]", &many(17), "tokens.audience", "at most 16");
    assert_loads("audience = [\"api\"]", &many(16));
}

#[test]
fn an_issuer_and_a_key_belong_to_one_profile() {
    assert_fault("issuer = \"farmiq\"", "issuer = \"https://auth.example\"", "tokens.issuers[0].issuer", "your own");
    assert_fault("id = \"farmiq\"", "id = \"own\"", "tokens.issuers[0].id", "your own tokens");
    assert_fault("secret = \"${FARMIQ_SECRET}\"", "secret = \"${JWT_OLD_SECRET}\"", "tokens.issuers[0].keys[0].secret", "your own signing keys");
    let public = example_with("alg = \"HS256\", secret = \"${FARMIQ_SECRET}\"", &format!("alg = \"EdDSA\", public_key = '''{PUBLIC_PEM}'''"));
    assert_eq!(problem(&public).field, "tokens.issuers[0].keys[0].public_key");
    let second = |id: &str, issuer: &str, secret: &str| {
        let keys = format!("keys = [{{ kid = \"\", alg = \"HS256\", secret = \"{secret}\" }}]");
        let second = format!("[[tokens.issuers]]\nid = \"{id}\"\nissuer = \"{issuer}\"\naudience = [\"a\"]\n{keys}\n[[webhooks.endpoints]]");
        example_with("[[webhooks.endpoints]]", &second)
    };
    let fresh = "another secret of the second issuer";
    assert!(try_load(&second("two", "two", fresh)).is_ok());
    assert_eq!(problem(&second("farmiq", "two", fresh)).field, "tokens.issuers[1].id");
    assert_eq!(problem(&second("two", "farmiq", fresh)).field, "tokens.issuers[1].issuer");
    let twice = problem(&second("two", "two", "${FARMIQ_SECRET}"));
    assert_eq!((twice.line, twice.field.as_str()), (Some(46), "tokens.issuers[1].keys[0].secret"));
}

#[test]
fn profiles_relax_only_what_they_may() {
    let keys = "keys = [{ kid = \"\", alg = \"HS256\", secret = \"${FARMIQ_SECRET}\" }]";
    let missing = problem(&example_with(&format!("{keys}\n"), ""));
    assert_eq!((missing.line, missing.field.as_str()), (Some(34), "tokens.issuers[0].keys"));
    assert_fault(keys, "keys = []", "tokens.issuers[0].keys", "at least one key");
    assert_fault(keys, "jwks_uri = \"http://farmiq.example/keys\"", "tokens.issuers[0].jwks_uri", "https://");
    assert_loads(keys, "jwks_uri = \"https://farmiq.example/keys\"");
    assert_fault(keys, &format!("{keys}\njwks_uri = \"https://farmiq.example\""), "tokens.issuers[0].jwks_uri", "one place");
    let twice = "keys = [{ kid = \"\", alg = \"HS256\", secret = \"${FARMIQ_SECRET}\" }, { kid = \"\", alg = \"HS256\", secret = \"another secret of thirty-two bytes\" }]";
    assert_fault(keys, twice, "tokens.issuers[0].keys[1].kid", "already taken");
    assert_fault("typ = [\"JWT\", \"\"]", "typ = \"JWT\"", "tokens.issuers[0].typ", "list in brackets");
    assert_fault("typ = [\"JWT\", \"\"]", "typ = []", "tokens.issuers[0].typ", "at least one typ");
    assert_fault("required = [\"sub\", \"exp\"]", "required = [\"\"]", "tokens.issuers[0].required[0]", "name of a claim");
    assert_fault("required = [\"sub\", \"exp\"]", "leeway = \"121s\"", "tokens.issuers[0].leeway", "120s");
    assert_fault("required = [\"sub\", \"exp\"]", "fractional_times = 1", "tokens.issuers[0].fractional_times", "true or false");
    assert_fault("roles = \"role\"", "role = \"role\"", "tokens.issuers[0].claims.role", "roles, session, tenant");
    assert_fault("roles = \"role\"", "roles = \"\"", "tokens.issuers[0].claims.roles", "1 to 255 bytes");
    let issuer = assert_loads("required = [\"sub\", \"exp\"]", "required = []\nmax_ttl = \"1h\"\nfractional_times = true").tokens.unwrap().issuers;
    assert!(issuer[0].required.is_empty() && issuer[0].fractional_times && issuer[0].max_ttl.as_secs() == 3600);
}

#[test]
fn a_profile_only_verifies_so_a_private_key_is_no_member_of_it() {
    let text = example_with("alg = \"HS256\", secret = \"${FARMIQ_SECRET}\"", "alg = \"Ed25519\", private_key = \"${file:jwt.pem}\"");
    let fields: Vec<_> = problems(&text).into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["tokens.issuers[0].keys[0].public_key", "tokens.issuers[0].keys[0].private_key"]);
}
