use super::*;

const DEFAULT: &str = "default = \"sqlite:data/app.db\"";

#[test]
fn urls_name_a_store_of_this_build() {
    for (url, mend) in [
        ("", "write \"memory:\""),
        ("memory", "write \"memory:\""),
        ("memory:x", "write \"memory:\""),
        ("mysql://db/app", "write \"memory:\""),
        ("/var/lib/app.db", "write \"memory:\""),
        ("sqlite:", "path of a file"),
        ("sqlite:a\\u0000b", "path of a file"),
        ("sqlite:///var/lib/app.db", "right behind sqlite:"),
        ("sqlite::memory:", "\"memory:\""),
        ("postgres://app:pw@db:5432/app", "not in this build"),
        ("rediss://[::1]:6379/0", "not in this build"),
        ("redis+sentinel://s1:26379,s2:26379/0?master=main", "not in this build"),
        ("redis+cluster://a,b,c", "not in this build"),
        ("redis://", "name the server"),
        ("postgres://:pw@/app", "name the server"),
        ("redis://host:0/0", "name the server"),
        ("redis://a,,b", "name the server"),
        ("redis://host:port", "name the server"),
        ("${NOPE}", "NOPE"),
    ] {
        assert_fault(DEFAULT, &format!("default = \"{url}\""), "store.default", mend);
    }
    assert_fault(DEFAULT, "default = [\"memory:\"]", "store.default", "in quotes");
    assert_fault("limits = \"memory:\"", "limits = \"disk:\"", "store.limits", "write \"memory:\"");
}

#[test]
fn paths_start_at_the_folder_unless_they_are_absolute() {
    let tokens = |url: &str| load_in(&format!("version = 1\n[store]\ndefault = \"{url}\"\n"), Path::new("/etc/app")).unwrap().store.unwrap().tokens;
    assert_eq!(tokens("sqlite:data/app.db"), Some(StoreUrl::Sqlite("/etc/app/data/app.db".into())));
    assert_eq!(tokens("sqlite:/var/lib/app.db"), Some(StoreUrl::Sqlite("/var/lib/app.db".into())));
}

#[test]
fn a_domain_that_no_url_is_for_has_no_store() {
    let store = try_load("version = 1\n[store]\nwebhooks = \"memory:\"\n").unwrap().store.unwrap();
    assert_eq!((store.tokens, store.webhooks), (None, Some(StoreUrl::Memory)));
    let empty = problem("version = 1\n[store]\nsweep_every = \"1h\"\n");
    assert_eq!((empty.line, empty.field.as_str()), (Some(2), "store.default"));
    assert_eq!(problem("version = 1\nstore = \"memory:\"\n").field, "store");
}

#[test]
fn what_stores_of_later_versions_need_is_checked_for_form() {
    assert_fault("sweep_every = \"6h\"", "sweep_every = \"999ms\"", "store.sweep_every", "at least 1s");
    assert_fault("size = 16", "size = 0", "store.pool.size", "from 1 to");
    assert_fault("connect = \"10s\"", "connect = \"0s\"", "store.pool.connect", "above 0s");
    assert_fault("connect = \"10s\"", "max = 10", "store.pool.max", "command, connect, idle, size");
    assert_fault("durability = \"replicated\"", "durability = \"all\"", "store.durability", "\"local\", \"replicated\"");
}
