use super::*;

const ROOT: &str = "secret = \"${GW_ROOT_1}\"";
const SECRET: &str = "secret = \"${JWT_OLD_SECRET}\"";
const ROOT_FIELD: &str = "root_keys[0].secret";
const SECRET_FIELD: &str = "tokens.signing_keys[1].secret";

#[test]
fn root_secrets_are_random_bytes_in_base64_or_hex() {
    for (secret, mend) in [
        ("a plain text of more than thirty-two bytes", "base64: or hex:"),
        ("", "base64: or hex:"),
        ("base64:", "at least 32 random bytes: these are 0"),
        ("base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "these are 31"),
        ("base64:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "padded"),
        ("base64:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e_-A=", "standard alphabet"),
        ("base64: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "without white space"),
        ("hex:0", "even number"),
        ("hex:0102", "these are 2"),
        ("base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "of your own"),
        ("hex:0000000000000000000000000000000000000000000000000000000000000000", "of your own"),
        ("${EMPTY}", "EMPTY"),
    ] {
        assert_fault(ROOT, &format!("secret = \"{secret}\""), ROOT_FIELD, mend);
    }
    assert_fault(ROOT, "secret = 5", ROOT_FIELD, "in quotes");
    assert_loads(ROOT, "secret = \"hex:0102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021\"");
}

#[test]
fn roots_have_numbers_of_their_own_and_no_root_has_two() {
    for id in ["0", "256", "-1", "1.5", "\"1\""] {
        assert_fault("id = 1, secret = \"${GW", &format!("id = {id}, secret = \"${{GW"), "root_keys[0].id", "from 1 to 255");
    }
    assert_fault("id = 2, secret", "id = 1, secret", "root_keys[1].id", "already taken");
    assert_fault("${GW_ROOT_2}", "${GW_ROOT_1}", "root_keys[1].secret", "the same");
    let same_bytes = "hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    assert_fault("${GW_ROOT_2}", same_bytes, "root_keys[1].secret", "the same");
}

#[test]
fn exactly_one_key_of_a_list_is_active() {
    assert_fault("state = \"retired\" }, { id = 2", "state = \"active\" }, { id = 2", "root_keys[1].state", "exactly one");
    assert_fault("${GW_ROOT_2}\", state = \"active\"", "${GW_ROOT_2}\", state = \"next\"", "root_keys", "exactly one");
    assert_fault("${GW_ROOT_2}\", state = \"active\"", "${GW_ROOT_2}\", state = \"Active\"", "root_keys[1].state", "\"next\", \"active\"");
    assert_fault("${GW_ROOT_2}\", state = \"active\"", "${GW_ROOT_2}\"", "root_keys[1].state", "write its state");
    let keys = "private_key = \"${file:jwt.pem}\"\nstate = ";
    let none = problem(&example_with(&format!("{keys}\"active\""), &format!("{keys}\"next\"")));
    assert_eq!((none.line, none.field.as_str()), (Some(22), "tokens.signing_keys"));
    assert_fault("state = \"retired\"\nmax_ttl", "state = \"active\"\nmax_ttl", "tokens.signing_keys[1].state", "exactly one");
    assert_eq!(problem("version = 1\nroot_keys = []\n").field, "root_keys");
}

#[test]
fn limits_and_lockouts_that_others_can_read_need_a_root() {
    let limits = "[limits]\npolicies = [{ id = \"tenant\", preset = \"tenant\" }]\n";
    let lockout = "[lockout]\npolicies = [{ id = \"login\" }]\n";
    let both = format!("{limits}{lockout}");
    for (store, parts, mend) in [
        ("default = \"sqlite:a.db\"", limits, "[limits]"),
        ("default = \"sqlite:a.db\"", lockout, "[lockout]"),
        ("default = \"sqlite:a.db\"", both.as_str(), "[limits]"),
        ("default = \"memory:\"\nlimits = \"sqlite:a.db\"", limits, "[limits]"),
        ("default = \"sqlite:a.db\"\nlimits = \"memory:\"", both.as_str(), "[lockout]"),
    ] {
        let found = problem(&format!("version = 1\n[store]\n{store}\n{parts}"));
        assert_eq!((found.field.as_str(), found.line), ("root_keys", Some(1)), "{store}");
        assert!(found.mend.contains("write root_keys = [{ id = 1, ") && found.mend.contains(mend), "{found}");
    }
    for (store, parts) in [
        ("default = \"memory:\"", both.as_str()),
        ("default = \"sqlite:a.db\"\nlockout = \"memory:\"\nlimits = \"memory:\"", both.as_str()),
        ("tokens = \"sqlite:a.db\"", both.as_str()),
        ("default = \"sqlite:a.db\"\nlimits = \"memory:\"", limits),
        ("default = \"sqlite:a.db\"", ""),
    ] {
        try_load(&format!("version = 1\n[store]\n{store}\n{parts}")).unwrap();
    }
    try_load(&format!("version = 1\n{both}")).unwrap();
}

#[test]
fn signing_secrets_are_their_text_or_what_it_encodes() {
    for (secret, mend) in [
        ("short", "at least 32 random bytes"),
        ("thirty-one bytes of plain text.", "at least 32 random bytes"),
        ("base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "at least 32"),
        ("base64:?", "standard alphabet"),
        ("hex:xyz", "even number"),
        ("ChangeMeChangeMeChangeMeChangeMe", "of your own"),
        ("-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", "HMAC takes random bytes"),
    ] {
        assert_fault(SECRET, &format!("secret = \"{secret}\""), SECRET_FIELD, mend);
    }
    assert_loads(SECRET, "secret = \"thirty-two bytes of plain text ..\"");
}

#[test]
fn a_key_is_given_in_one_way_which_fits_its_algorithm() {
    assert_fault(SECRET, &format!("{SECRET}\nprivate_key = \"${{file:jwt.pem}}\""), "tokens.signing_keys[1].private_key", "given in one way");
    let private = "private_key = \"${file:jwt.pem}\"";
    let (own, own_field) = (|to: &str| example_with(private, to), "tokens.signing_keys[0]");
    let fault = |to: &str, member: &str, mend: &str| {
        let problem = problem(&own(to));
        assert_eq!(problem.field, format!("{own_field}.{member}"), "{problem}");
        assert!(problem.mend.contains(mend), "{problem}");
    };
    fault("", "private_key", "write the key: secret or private_key or public_key");
    fault("secret = \"a secret of more than thirty-two bytes\"", "secret", "never a secret");
    fault("private_key = \"not a key\"", "private_key", "give a PEM or JWK");
    fault(&format!("private_key = '''{PUBLIC_PEM}'''"), "private_key", "a private one is wanted");
    fault(&format!("public_key = '''{PRIVATE_PEM}'''"), "public_key", "a public one is wanted");
    fault(&format!("public_key = '''{PUBLIC_PEM}'''"), "state", "the active key signs");
    fault("private_key = 5", "private_key", "in quotes");
    let text = example_with(SECRET, &format!("public_key = '''{PUBLIC_PEM}'''"));
    assert_eq!(problem(&text).field, "tokens.signing_keys[1].public_key");
}

#[test]
fn a_jwk_may_stand_there_as_text_or_as_the_table_that_it_is() {
    let private = "private_key = \"${file:jwt.pem}\"";
    let (d, x) = ("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_loads(private, &format!("private_key = {{ kty = \"OKP\", crv = \"Ed25519\", d = \"{d}\", x = \"{x}\" }}"));
    assert_loads(private, &format!("private_key = '{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"{d}\",\"x\":\"{x}\"}}'"));
    let wrong = problem(&example_with(private, &format!("private_key = {{ kty = \"OKP\", crv = \"Ed25519\", d = \"{d}\", x = \"{d}\" }}")));
    assert_eq!(wrong.field, "tokens.signing_keys[0].private_key");
    assert!(!wrong.mend.contains(d));
}

#[test]
fn algorithms_of_later_versions_are_told_from_what_is_none() {
    for (alg, mend) in [("RS256", "not in this version"), ("ES384", "not in this version"), ("none", "no such algorithm"), ("hs256", "case matters")]
    {
        assert_fault("alg = \"HS256\"\nsecret", &format!("alg = \"{alg}\"\nsecret"), "tokens.signing_keys[1].alg", mend);
    }
    assert_loads("alg = \"Ed25519\"", "alg = \"EdDSA\"");
}

#[test]
fn kids_are_what_a_header_can_hold_and_are_there_once() {
    let kid = "tokens.signing_keys[1].kid";
    for wrong in ["", "a b", "k\u{e9}", "\\u0007", &"k".repeat(129)] {
        assert_fault("kid = \"legacy\"", &format!("kid = \"{wrong}\""), kid, "1 to 128 characters");
    }
    assert_fault("kid = \"legacy\"", "kid = \"2026-11\"", kid, "already taken");
    assert_loads("kid = \"legacy\"", &format!("kid = \"{}\"", "k".repeat(128)));
}

#[test]
fn the_life_of_a_key_begins_before_it_ends() {
    let until = "not_after = \"2027-01-31T00:00:00Z\"";
    for from in ["2027-01-31T00:00:00Z", "2027-01-31T01:00:00.000001+01:00"] {
        let found = problem(&example_with(until, &format!("{until}\nnot_before = \"{from}\"")));
        assert_eq!((found.line, found.field.as_str()), (Some(33), "tokens.signing_keys[1].not_after"));
    }
    assert_loads(until, &format!("{until}\nnot_before = \"2027-01-30T23:59:59.999999Z\""));
    for wrong in ["2027-01-31", "2027-01-31T00:00:00", "2027-02-29T00:00:00Z", "tomorrow", "1795248000"] {
        assert_fault(until, &format!("not_after = \"{wrong}\""), "tokens.signing_keys[1].not_after", "RFC 3339");
    }
    assert_fault("max_ttl = \"24h\"", "max_ttl = \"0s\"", "tokens.signing_keys[1].max_ttl", "above 0s");
}
