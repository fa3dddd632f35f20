use super::*;

/// The issuer that a text resolves to.
fn issuer(text: &str, base_dir: &Path) -> Result<String, String> {
    let text = format!("version = 1\n[tokens]\nissuer = '{text}'\naudience = [\"api\"]\n");
    match load_in(&text, base_dir) {
        Ok(policy) => Ok(policy.tokens.unwrap().issuer),
        Err(error) => {
            let [problem] = error.problems() else { panic!("{error}") };
            assert_eq!((problem.line, problem.field.as_str()), (Some(3), "tokens.issuer"));
            Err(problem.mend.clone())
        }
    }
}

#[test]
fn variables_are_put_in_once_and_what_they_hold_is_not_read_again() {
    let env = |name: &str| match name {
        "HOST" => Some("auth.example".to_owned()),
        "NESTED" => Some("${HOST}\"\nversion = 2".to_owned()),
        _ => None,
    };
    let of = |text: &str| {
        let text = format!("version = 1\n[tokens]\nissuer = '{text}'\naudience = [\"api\"]\n");
        load(&text, &Source::default(), &env).unwrap().tokens.unwrap().issuer
    };
    assert_eq!(of("https://${HOST}/${HOST}"), "https://auth.example/auth.example");
    assert_eq!(of("${NESTED}"), "${HOST}\"\nversion = 2");
    assert_eq!(of("$${HOST}"), "${HOST}");
    assert_eq!(of("$$${HOST}"), "$${HOST}");
    assert_eq!(of("$HOST $ {HOST} }"), "$HOST $ {HOST} }");
}

#[test]
fn what_cannot_be_resolved_names_the_variable() {
    let folder = folder();
    for (text, mend) in [
        ("${NOPE}", "set the environment variable NOPE"),
        ("${EMPTY}", "environment variable EMPTY a value"),
        ("${", "close ${"),
        ("x${HOST", "close ${"),
        ("${}", "between the braces"),
        ("${HO ST}", "between the braces"),
        ("${1HOST}", "between the braces"),
        ("${env:HOST}", "between the braces"),
    ] {
        let found = issuer(text, folder.path()).unwrap_err();
        assert!(found.contains(mend), "{text}: {found}");
    }
}

#[test]
fn files_are_read_from_the_folder_of_the_policy_and_lose_one_newline() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("plain", b"auth");
    write("line", b"auth\n");
    write("lines", b"auth\n\n");
    write("windows", b"auth\r\n");
    write("empty", b"\n");
    write("binary", b"\xff\xfe");
    write("large", &vec![b'x'; 64 * 1024]);
    let of = |name: &str| issuer(&format!("${{file:{name}}}"), folder.path());
    assert_eq!(of("plain").unwrap(), "auth");
    assert_eq!(of("line").unwrap(), "auth");
    assert_eq!(of("lines").unwrap(), "auth\n");
    assert_eq!(of("windows").unwrap(), "auth");
    assert_eq!(of(folder.path().join("line").to_str().unwrap()).unwrap(), "auth");
    for (name, mend) in
        [("empty", "it is empty"), ("binary", "not UTF-8"), ("large", "no secret has"), ("none", "readable"), ("", "name a file"), (".", "readable")]
    {
        let found = of(name).unwrap_err();
        assert!(found.contains(mend), "{name}: {found}");
    }
}

#[test]
fn only_texts_are_resolved_and_each_is_told_once() {
    let text = "version = 1\n\"${HOOK_NEW}\" = 1\ntokens = \"${NOPE}\"\nstore = { default = \"${NOPE}\" }\n";
    let places: Vec<_> = problems(text).into_iter().map(|problem| (problem.line.unwrap(), problem.field)).collect();
    assert_eq!(places, [(2, "\"${HOOK_NEW}\"".to_owned()), (3, "tokens".to_owned()), (4, "store.default".to_owned())]);
}
