use super::*;

fn only(text: &str) -> Problem {
    let error = try_load(text).unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    problem.clone()
}

fn place(text: &str) -> (u32, String) {
    let problem = only(text);
    (problem.line.unwrap(), problem.field)
}

#[test]
fn a_text_that_is_neither_format_is_told_with_its_line() {
    assert_eq!(place(""), (1, "version".to_owned()));
    assert_eq!(place("version = 1\nsome words\n"), (2, String::new()));
    assert_eq!(place("version = 1\nx = \"no end\n"), (2, String::new()));
    assert_eq!(place("version = 1\nx = maybe\n"), (2, String::new()));
    assert_eq!(place("{\n  \"version\": 1,\n}"), (3, String::new()));
    assert_eq!(place("{\n  \"version\": 1 // one\n}"), (2, String::new()));
    assert_eq!(place("{\n  \"version\": NaN\n}"), (2, String::new()));
    assert_eq!(place("{\n  \"version\": 1\n}\nmore"), (4, String::new()));
    assert!(only("{").mend.starts_with("mend the JSON"));
    assert!(only("version = 1\n[a").mend.starts_with("mend the TOML"));
}

#[test]
fn a_member_that_is_there_twice_is_told_with_its_path_and_the_rest_is_read_on() {
    assert_eq!(place("version = 1\nversion = 1\n"), (2, "version".to_owned()));
    let twice = "version = 1\n[tokens]\nissuer = \"a\"\naudience = [\"a\"]\nissuer = \"b\"\n\"issuer\" = \"c\"\nleeway = 5\n[store]\ndefault = \"memory:\"\n[store]\n";
    let error = try_load(twice).unwrap_err();
    let places: Vec<_> = error.problems().iter().map(|problem| (problem.line.unwrap(), problem.field.as_str())).collect();
    assert_eq!(places, [(5, "tokens.issuer"), (6, "tokens.issuer"), (7, "tokens.leeway"), (10, "store")]);

    assert_eq!(
        place("version = 1\n[tokens]\nissuer = \"a\"\naudience = [\"a\"]\nview = { refresh = \"5s\", refresh = \"5s\" }\n"),
        (5, "tokens.view.refresh".to_owned())
    );
    assert_eq!(place("{\n\"version\": 1,\n\"version\": 1\n}"), (3, "version".to_owned()));
    assert_eq!(place("{\n\"version\": 1,\n\"\\u0076ersion\": 1\n}").0, 3);
    let json = "{\"version\": 1, \"webhooks\": {\"endpoints\": [{\"id\": \"a\", \"preset\": \"parking\", \"secrets\": [\n{\"id\": \"a\", \"secret\": \"${HOOK_NEW}\",\n\"id\": \"b\"}]}]}}";
    assert_eq!(place(json), (3, "webhooks.endpoints[0].secrets[0].id".to_owned()));
}

#[test]
fn too_many_second_members_end_the_reading() {
    let text = format!("version = 1\n{}", "version = 1\n".repeat(50));
    let error = try_load(&text).unwrap_err();
    assert_eq!(error.problems().len(), 9);
    assert_eq!(error.problems()[8].line, Some(10));
}

#[test]
fn dates_of_toml_are_refused_where_they_stand() {
    for date in ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00", "2027-01-31", "07:32:00"] {
        let text = example_with("not_after = \"2027-01-31T00:00:00Z\"", &format!("not_after = {date}"));
        let problem = only(&text);
        assert_eq!((problem.line, problem.field.as_str()), (Some(33), "tokens.signing_keys[1].not_after"));
        assert!(problem.mend.contains("in quotes"), "{problem}");
    }
    assert_eq!(place(&example_with("audience = [\"api\"]", "audience = [2027-01-31]")), (12, "tokens.audience[0]".to_owned()));
}

#[test]
fn integers_have_no_fraction_and_no_exponent() {
    for (json, mend) in [("1.0", "version = 1"), ("1e0", "version = 1"), ("\"1\"", "version = 1"), ("2", "version = 1"), ("true", "version = 1")] {
        let problem = only(&format!("{{\"version\":\n{json}}}"));
        assert_eq!((problem.field.as_str(), problem.line), ("version", Some(1)));
        assert!(problem.mend.contains(mend), "{problem}");
    }
    assert!(try_load("version = 0x1\n").is_ok());
    assert_eq!(place("version = 99999999999999999999\n"), (1, "version".to_owned()));
    assert_eq!(place("version = 1.0\n"), (1, "version".to_owned()));
}

#[test]
fn lines_are_counted_in_both_kinds_of_line_ends() {
    assert_eq!(place("version = 1\r\n\r\ncolour = 1\r\n"), (3, "colour".to_owned()));
    assert_eq!(place("\u{feff}version = 1\ncolour = 1\n"), (2, "colour".to_owned()));
}

#[test]
fn a_missing_member_is_on_the_line_of_what_should_hold_it() {
    assert_eq!(place("version = 1\n\n[tokens.view]\nrefresh = \"5s\"\n[tokens]\naudience = [\"a\"]\n"), (5, "tokens.issuer".to_owned()));
    let implied = try_load("version = 1\n\n[tokens.view]\nrefresh = \"5s\"\n").unwrap_err();
    let places: Vec<_> = implied.problems().iter().map(|problem| (problem.line.unwrap(), problem.field.as_str())).collect();
    assert_eq!(places, [(3, "tokens.issuer"), (3, "tokens.audience")]);
    assert_eq!(place("{\"version\": 1,\n\"tokens\":\n{ \"audience\": [\"a\"] } }"), (2, "tokens.issuer".to_owned()));
}
