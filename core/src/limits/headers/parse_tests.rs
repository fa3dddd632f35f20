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
}

#[test]
fn large_answers_are_bounded() {
    let many: Vec<_> = (0..1_000).map(|_| ("RateLimit", r#""a";r=1;t=1"#)).collect();
    assert_eq!(read(&many), ServerLimits::default());
    let long = "1".repeat(1 << 20);
    for name in LIMIT_HEADERS {
        assert_eq!(read(&[(name, &long)]).limits.len(), 0, "{name}");
    }
    let list = |name: char| (0..40).map(|at| format!("\"{name}{at}\";q=1")).collect::<Vec<_>>().join(",");
    assert_eq!(read(&[("RateLimit", &list('a')), ("RateLimit-Policy", &list('b'))]).limits.len(), 64);
}

proptest! {
    #[test]
    fn anything_gives_an_answer(lines in prop::collection::vec((prop::sample::select(LIMIT_HEADERS.to_vec()), "[\\x00-\\x7f]{0,40}"), 0..12), now: i64) {
        let headers: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
        let read = parse_headers(&headers, Timestamp::from_micros(now));
        prop_assert!((0..=1 << 53).contains(&read.wait_us) && read.limits.len() <= 64);
    }
}
