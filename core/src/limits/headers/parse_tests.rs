use proptest::prelude::*;

use super::*;

/// 2026-11-21T09:32:06Z.
const NOW: Timestamp = Timestamp::from_secs(1_795_253_526);

fn read(lines: &[(&str, &str)]) -> ServerLimits {
    let headers: Vec<_> = lines.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    parse_headers(&headers, NOW)
}

fn only(lines: &[(&str, &str)]) -> ServerLimit {
    let mut limits = read(lines).limits;
    assert_eq!(limits.len(), 1, "{limits:?}");
    limits.remove(0)
}

fn wait(lines: &[(&str, &str)]) -> i64 {
    let micros = read(lines).wait_us;
    assert_eq!(micros % 1_000_000, 0);
    micros / 1_000_000
}

#[test]
fn named_policies_and_what_remains_of_them() {
    // As express-rate-limit 8 writes it.
    let limit =
        only(&[("RateLimit-Policy", r#""100-in-15min"; q=100; w=900; pk=:ZmRiMzU0NmJlMmNk:"#), ("RateLimit", r#""100-in-15min"; r=99; t=900"#)]);
    let expected = ServerLimit {
        name: "100-in-15min".to_owned(),
        quota: Some(100),
        window_s: Some(900),
        remaining: Some(99),
        reset_s: Some(900),
        unit: None,
        partition_key: Some(b"fdb3546be2cd".to_vec()),
    };
    assert_eq!(limit, expected);
    let limits = read(&[
        ("RATELIMIT", r#""b";r=0;t=7"#),
        ("ratelimit", r#""a";r=0;t=5, "c";r=1;t=90"#),
        ("RateLimit-Policy", r#""a";q=10;w=60;qu="content-bytes", "b";q=5"#),
    ]);
    let names: Vec<_> = limits.limits.iter().map(|limit| (limit.name.as_str(), limit.quota, limit.remaining, limit.reset_s)).collect();
    assert_eq!(names, [("a", Some(10), Some(0), Some(5)), ("b", Some(5), Some(0), Some(7)), ("c", None, Some(1), Some(90))]);
    assert_eq!((limits.limits[0].unit.as_deref(), limits.wait_us), (Some("content-bytes"), 7_000_000));
}

#[test]
fn one_name_for_two_keys_is_two_limits() {
    let read = read(&[("RateLimit-Policy", r#""a";q=1;pk=:AQ==:, "a";q=2;pk=:Ag==:"#), ("RateLimit", r#""a";r=5;pk=:Ag==:, "a";r=6"#)]);
    let found: Vec<_> = read.limits.iter().map(|limit| (limit.quota, limit.remaining, limit.partition_key.as_deref())).collect();
    assert_eq!(found, [(Some(1), Some(6), Some(&[1][..])), (Some(2), Some(5), Some(&[2][..]))]);
}

#[test]
fn older_drafts() {
    let numbers = |limit: ServerLimit| (limit.quota, limit.window_s, limit.remaining, limit.reset_s);
    let seven = [("RateLimit", "limit=100, remaining=50, reset=50"), ("RateLimit-Policy", "10;w=1, 100;w=60")];
    assert_eq!(numbers(only(&seven)), (Some(100), Some(60), Some(50), Some(50)));
    let six = [("RateLimit-Limit", "100"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "12"), ("RateLimit-Policy", "100;w=60")];
    assert_eq!((numbers(only(&six)), wait(&six)), ((Some(100), Some(60), Some(0), Some(12)), 12));
    assert_eq!(numbers(only(&[("RateLimit-Limit", "100, 100;w=3600"), ("RateLimit-Remaining", "7")])), (Some(100), Some(3600), Some(7), None));
}

#[test]
fn resets_of_old_are_told_apart_by_their_size() {
    let reset = |text: &str| only(&[("X-RateLimit-Reset", text)]).reset_s;
    assert_eq!(reset("60"), Some(60));
    assert_eq!(reset("999999999"), Some(999_999_999));
    assert_eq!(reset("1000000000"), Some(0), "an instant that is past");
    assert_eq!(reset("1795253586"), Some(60), "as GitHub writes it");
    assert_eq!(reset("1795253585.25"), Some(60));
    assert_eq!(reset("1795253585001"), Some(60), "in milliseconds");
    assert_eq!(reset("0.2"), Some(1));
    // The server's clock is an hour ahead.
    let github = [("Date", "Sat, 21 Nov 2026 10:32:06 GMT"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795257156")];
    assert_eq!(wait(&github), 30);
    for bad in ["", "-1", "1e9", "soon", "1.", ".5", "0x10", "1 2"] {
        assert_eq!(read(&[("X-RateLimit-Reset", bad)]), ServerLimits::default(), "{bad}");
    }
}

#[test]
fn legacy_headers_in_either_spelling_and_several_lines() {
    let twitter = [("x-rate-limit-limit", "15"), ("X-Rate-Limit-Remaining", "0"), ("x-rate-limit-reset", "1795253556")];
    let limit = only(&twitter);
    assert_eq!((limit.quota, limit.remaining, limit.reset_s, wait(&twitter)), (Some(15), Some(0), Some(30), 30));
    let both = [twitter.as_slice(), &[("X-RateLimit-Remaining", "7")]].concat();
    assert_eq!(only(&both), ServerLimit { remaining: Some(7), ..ServerLimit::default() }, "one family, not a mixture");
    let limit = only(&[("X-RateLimit-Limit", "none"), ("X-RateLimit-Limit", "\t0100 , 100;window=60"), ("X-RateLimit-Remaining", "-1")]);
    assert_eq!(limit, ServerLimit { quota: Some(100), ..ServerLimit::default() });
    assert_eq!(read(&[("X-RateLimit-Limit", "\u{a0}100"), ("X-RateLimit-Remaining", "+5"), ("X-RateLimit-Reset", "\n60")]), ServerLimits::default());
}

#[test]
fn the_newest_family_is_told() {
    let limit = only(&[("X-RateLimit-Limit", "9"), ("X-RateLimit-Reset", "50"), ("RateLimit", r#""a";r=0;t=3"#)]);
    assert_eq!((limit.name.as_str(), limit.reset_s), ("a", Some(3)));
    let unreadable = only(&[("X-RateLimit-Limit", "9"), ("RateLimit", r#""a";r=0;t=3,"#)]);
    assert_eq!((unreadable.name.as_str(), unreadable.quota), ("", Some(9)));
}

#[test]
fn when_to_try_again() {
    assert_eq!(wait(&[("Retry-After", "120")]), 120);
    assert_eq!(wait(&[("Retry-After", " 0 ")]), 0);
    for date in ["Sat, 21 Nov 2026 09:33:06 GMT", "Saturday, 21-Nov-26 09:33:06 GMT", "Sat Nov 21 09:33:06 2026"] {
        assert_eq!(wait(&[("Retry-After", date)]), 60, "{date}");
        assert_eq!(wait(&[("Retry-After", date), ("Date", "Sat, 21 Nov 2026 09:32:56 GMT")]), 10);
        assert_eq!(wait(&[("Retry-After", date), ("Date", "yesterday")]), 60);
    }
    assert_eq!(wait(&[("Retry-After", "Sat, 21 Nov 2026 09:32:05 GMT")]), 0, "it is past");
    assert_eq!(wait(&[("Retry-After", "5"), ("Retry-After", "never"), ("retry-after", "9")]), 9);
    assert_eq!(wait(&[("Retry-After", "1"), ("RateLimit", r#""a";r=0;t=30"#)]), 1, "it is said first");
    assert_eq!(wait(&[("Retry-After", "later"), ("RateLimit", r#""a";r=0;t=30"#)]), 30);
    assert_eq!(wait(&[("RateLimit", r#""a";r=1;t=30"#)]), 0, "something remains");
    assert_eq!(wait(&[("RateLimit", r#""a";r=0"#)]), 0, "nobody says until when");
    assert_eq!(wait(&[("Retry-After", "99999999999999999999999")]), 9_007_199_254);
    assert_eq!((wait(&[("Retry-After", "\t000120 ")]), wait(&[("Retry-After", "0.001")])), (120, 1));
    for bad in [
        "-5",
        "+5",
        "5s",
        "1e3",
        "0x5",
        "5 6",
        ".5",
        "5.",
        "\u{665}",
        "\u{a0}5",
        "",
        ",",
        "Sat, 21 Nov 2026 09:33:06",
        "Sun, 21 Nov 2026 09:33:06 GMT",
    ] {
        assert_eq!(read(&[("Retry-After", bad)]), ServerLimits::default(), "{bad}");
    }
}

#[test]
fn several_retry_afters_are_told_apart_however_they_were_joined() {
    let (imf, rfc850, asctime) = ("Sat, 21 Nov 2026 09:33:06 GMT", "Saturday, 21-Nov-26 09:33:07 GMT", "Sat Nov 21 09:33:08 2026");
    for (joined, seconds) in [
        ("5, 9".to_owned(), 9),
        ("9,5,never,".to_owned(), 9),
        (format!("{imf}, 5"), 60),
        (format!("5,{rfc850} , {imf}"), 61),
        (format!("{asctime}, {rfc850}, soon, 3"), 62),
        ("Sat, 7".to_owned(), 7),
    ] {
        assert_eq!(wait(&[("Retry-After", &joined)]), seconds, "{joined}");
    }
}

#[test]
fn a_host_whose_clock_is_wrong_waits_as_long() {
    // The server's clock is at 10:00:00, this host's an hour behind or ahead, or at the ends of time.
    let answer = [("Date", "Sat, 21 Nov 2026 10:00:00 GMT"), ("Retry-After", "Saturday, 21-Nov-26 10:00:45 GMT"), ("X-RateLimit-Remaining", "0")];
    let headers = [answer.as_slice(), &[("X-RateLimit-Reset", "1795255260")]].concat();
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    for now in [1_795_251_600_000_000, 1_795_258_800_000_000, 0, i64::MIN, i64::MAX] {
        let read = parse_headers(&headers, Timestamp::from_micros(now));
        assert_eq!((read.wait_us, read.limits[0].reset_s), (45_000_000, Some(60)), "at {now}");
    }
    // Without a date, its own clock is all there is: a part of a second counts whole.
    let read = parse_headers(&headers[1..2], Timestamp::from_micros(1_795_255_244_999_000));
    assert_eq!(read.wait_us, 1_000_000);
}

#[test]
fn an_answer_out_of_a_cache_tells_of_no_limit() {
    let told = [("RateLimit", r#""a";r=0;t=30"#), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "40"), ("Retry-After", "7")];
    let aged = |age| [told.as_slice(), &[("Age", age)]].concat();
    assert_eq!(read(&aged("1")), ServerLimits { wait_us: 7_000_000, limits: Vec::new() });
    for age in ["0", "000", "soon", ""] {
        assert_eq!(read(&aged(age)), read(&told), "{age}");
    }
}

#[test]
fn large_answers_are_bounded() {
    let many: Vec<_> = (0..1_025).map(|_| ("RateLimit", r#""a";r=1;t=1"#)).collect();
    assert!(read(&many) == ServerLimits::default());
    let long = "1".repeat(1 << 20);
    for name in LIMIT_HEADERS {
        assert_eq!(read(&[(name, &long)]).limits.len(), 0, "{name}");
    }
    let list = |name: char| (0..1_024).map(|at| format!("\"{name}{at}\";q=1")).collect::<Vec<_>>().join(",");
    assert_eq!(read(&[("RateLimit", &list('a')), ("RateLimit-Policy", &list('b'))]).limits.len(), 2_048);
    assert_eq!(read(&[("RateLimit", &list('a')), ("RateLimit", r#""last";r=0"#)]).limits.len(), 0);
    let last = format!(r#"{}, "last";r=0;t=8"#, vec![r#""a";r=1;t=900"#; 1_023].join(","));
    assert_eq!(wait(&[("RateLimit", &last)]), 8, "none is cut off");
}

#[test]
fn draft_8_named_limits_by_tokens() {
    let limit = only(&[("RateLimit-Policy", "default;q=400;w=60;qu=bytes"), ("RateLimit", "default;r=398;t=55")]);
    let expected = ServerLimit {
        name: "default".to_owned(),
        quota: Some(400),
        window_s: Some(60),
        remaining: Some(398),
        reset_s: Some(55),
        ..ServerLimit::default()
    };
    assert_eq!(limit, ServerLimit { unit: Some("bytes".to_owned()), ..expected });
    assert_eq!(only(&[("RateLimit-Policy", r#""a";q=4"#), ("RateLimit", "a;r=1")]).remaining, Some(1), "one name, however it is written");
}

#[test]
fn lines_of_a_structured_field_are_one_list() {
    let two = read(&[("RateLimit", r#""a";r=0;t=1 "#), ("Other", "1"), ("ratelimit", r#"  "b";r=0;t=2"#)]);
    assert_eq!((two.limits.len(), two.wait_us), (2, 2_000_000));
    assert_eq!(only(&[("RateLimit", r#""a"#), ("RateLimit", r#"b";r=1"#)]).name, "a, b", "as the RFC warns");
    for (before, after) in [("", r#""a";r=0;t=1"#), (r#""a";r=0;t=1"#, ""), ("", ""), (r#""a";r=0;t=1"#, "\"b")] {
        assert_eq!(read(&[("RateLimit", before), ("RateLimit", after)]), ServerLimits::default(), "{before} and {after}");
    }
    // Blanks that the RFC does not know around a value are a fault, spaces are none.
    assert_eq!(read(&[("RateLimit", "\t\"a\";r=0;t=1")]), ServerLimits::default());
    assert_eq!(wait(&[("RateLimit", "  \"a\";r=0;t=1  ")]), 1);
}

#[test]
fn what_is_well_formed_but_of_no_draft_is_read_over() {
    let field = r#"5;r=0;t=900, :AQ==:;r=0, ("a";r=0;t=900);r=0, ?1, 1.5, @1659578233, %"f%c3%bc", "a";r=0;t=3;acme-x=?0;T1=1"#;
    assert_eq!(read(&[("RateLimit", field)]), ServerLimits::default(), "a key in upper case is a fault");
    let field = field.replace(";T1=1", r#";acme=%"x";q=@5;pk=:AQ==:;flag"#);
    let limit = only(&[("RateLimit", &field)]);
    let expected = ServerLimit { name: "a".to_owned(), remaining: Some(0), reset_s: Some(3), partition_key: Some(vec![1]), ..ServerLimit::default() };
    assert_eq!(limit, expected);
    // Another type than the draft says is no value.
    let limit = only(&[("RateLimit-Policy", r#""a";q="10";w=0;qu=5;pk="x""#), ("RateLimit", r#""a";r=1.0;t=-1"#)]);
    assert_eq!(limit, ServerLimit { name: "a".to_owned(), ..ServerLimit::default() });
    let limit = only(&[("RateLimit", r#""a";r=5;t=007;r=0"#)]);
    assert_eq!((limit.remaining, limit.reset_s), (Some(0), Some(7)), "the last of a parameter, and zeros in front");
    assert_eq!(read(&[("RateLimit", "limit=(100), remaining=\"0\", reset=?1")]), ServerLimits::default());
}

proptest! {
    #[test]
    fn anything_gives_an_answer(lines in prop::collection::vec((prop::sample::select(LIMIT_HEADERS.to_vec()), prop::collection::vec(any::<u8>(), 0..40)), 0..12), now: i64) {
        let headers: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let read = parse_headers(&headers, Timestamp::from_micros(now));
        prop_assert!((0..=1 << 53).contains(&read.wait_us) && read.limits.len() <= 2_048);
    }
}
