use proptest::prelude::*;

use super::*;

#[test]
fn what_is_a_list() {
    let items = list(br#""a"; r=99; t=900;pk=:ZmRi:,  tok;x, 12;w=60, ("in" 1);q=1, ?1, 1.5, @12, %"%c3%a4", "q\"\\""#).unwrap();
    let bare: Vec<_> = items.iter().map(|item| item.bare.clone()).collect();
    let text = |text: &str| Bare::Text(text.to_owned());
    let token = Bare::Token("tok".to_owned());
    assert_eq!(bare, [text("a"), token, Bare::Integer(12), Bare::Other, Bare::Other, Bare::Other, Bare::Other, text("q\"\\")]);
    assert_eq!((items[0].count("r"), items[0].count("t"), items[0].count("q")), (Some(99), Some(900), None));
    assert_eq!(items[0].parameter("pk"), Some(&Bare::Bytes(b"fdb".to_vec())));
    assert_eq!(items[2].count("w"), Some(60));
    assert_eq!(list(b"").unwrap(), []);
    assert_eq!(list(b"  1  ").unwrap().len(), 1);
}

#[test]
fn what_is_none() {
    for bad in [
        "1,",
        ",1",
        "1,,2",
        "1 2",
        "\"a",
        "\"a\\n\"",
        "\"\u{e4}\"",
        "a=1",
        "1;",
        "1;R=1",
        "1;r=",
        "1234567890123456",
        "-",
        "1.",
        "1.1234",
        "1234567890123.1",
        ":a",
        ":!:",
        "?2",
        "@1.5",
        "%\"%C3\"",
        "%\"%ff\"",
        "(1",
        "(1,2)",
        "\u{7f}",
        "\t1",
        "1 ;r=2",
    ] {
        assert_eq!(list(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn sizes_that_a_parser_must_read_and_no_more() {
    let members = |count: usize| (0..count).map(|at| format!("a{at}=1")).collect::<Vec<_>>().join(",");
    let parameters = |count: usize| format!("1{}", (0..count).map(|at| format!(";a{at}=1")).collect::<String>());
    let items = |count: usize| vec!["1"; count].join(" ,\t");
    assert_eq!(list(items(1_024).as_bytes()).map(|items| items.len()), Some(1_024));
    assert_eq!(list(items(1_025).as_bytes()), None);
    assert_eq!(dictionary(members(1_024).as_bytes()).map(|members| members.len()), Some(1_024));
    assert_eq!(dictionary(members(1_025).as_bytes()), None);
    assert_eq!(list(parameters(256).as_bytes()).and_then(|items| items[0].count("a255")), Some(1));
    assert_eq!(list(parameters(257).as_bytes()), None);
    let key = "a".repeat(64);
    assert_eq!(list(format!("1;{key}=2").as_bytes()).and_then(|items| items[0].count(&key)), Some(2));
    let text = "\\\"".repeat(1_024);
    assert_eq!(list(format!("\"{text}\"").as_bytes()).map(|items| items[0].bare.clone()), Some(Bare::Text("\"".repeat(1_024))));
    let bytes = format!(":{}:", BASE64.encode(vec![7; 16_384]));
    assert_eq!(list(bytes.as_bytes()).map(|items| items[0].bare.clone()), Some(Bare::Bytes(vec![7; 16_384])));
    let inner = format!("({});a=1, 5", vec!["tok"; 256].join(" "));
    assert_eq!(list(inner.as_bytes()).map(|items| items[0].bare.count()), Some(Some(5)));
}

#[test]
fn the_last_of_a_name_counts() {
    assert_eq!(list(b"1;r=1;r=2").unwrap()[0].count("r"), Some(2));
    let members = dictionary(b"limit=100, remaining=5, flag, reset=50, limit=7;w=1, remaining=(1 2)").unwrap();
    let names: Vec<_> = members.iter().map(|(name, item)| (name.as_str(), item.bare.count())).collect();
    assert_eq!(names, [("limit", Some(7)), ("remaining", None), ("flag", None), ("reset", Some(50))]);
    assert_eq!(dictionary(b"\"a\";r=1"), None);
}

/// What RFC 9651 says of each bare item, a line a rule.
#[test]
fn bare_items_of_each_type() {
    let bare = |text: &str| list(text.as_bytes()).map(|items| items.into_iter().map(|item| item.bare).collect::<Vec<_>>());
    for (text, number) in [
        ("0", 0),
        ("-0", 0),
        ("00042", 42),
        ("-007", -7),
        ("999999999999999", 999_999_999_999_999),
        ("-999999999999999", -999_999_999_999_999),
        ("000000000000001", 1),
    ] {
        assert_eq!(bare(text), Some(vec![Bare::Integer(number)]), "{text}");
    }
    for other in ["1.0", "-0.001", "999999999999.999", "?0", "@0", "@-1", "@999999999999999", "%\"\"", "%\"%f0%9f%98%80 \\\""] {
        assert_eq!(bare(other), Some(vec![Bare::Other]), "{other}");
    }
    for token in ["a", "A", "*", "*foo", "foo:bar/baz", "a!#$%&'*+-.^_`|~:/9", "foo-bar"] {
        assert_eq!(bare(token), Some(vec![Bare::Token(token.to_owned())]), "{token}");
    }
    for (encoded, bytes) in [("::", &b""[..]), (":aGVsbG8=:", b"hello"), (":aGVsbG8:", b"hello"), (":/+Ah:", &[0xff, 0xe0, 0x21]), (":AA==:", &[0])] {
        assert_eq!(bare(encoded), Some(vec![Bare::Bytes(bytes.to_vec())]), "{encoded}");
    }
    for bad in [
        "0000000000000001",
        "--1",
        "+1",
        "- 1",
        "1e3",
        "1.2.3",
        ".1",
        "-.1",
        "1.-1",
        "0x1",
        "1234567890123.4",
        "?",
        "?t",
        "?01",
        "@",
        "@a",
        "@1234567890123456",
        "%a",
        "%\"",
        "%\"%c\"",
        "%\"%C3%A4\"",
        "%\"%c3\"",
        "%\"%ff\"",
        "%\"\t\"",
        "\"\\x\"",
        "\"\\",
        "\"a\"b",
        "'a'",
        "a b",
        "a@b",
        ":aGVsbG8=",
        ":aGVsb_8=:",
        ":aGV sbG8=:",
        ":a:",
        "=",
        "()()",
        "{}",
        "\u{e9}",
    ] {
        assert_eq!(bare(bad), None, "{bad}");
    }
}

#[test]
fn members_that_are_inner_lists_are_read_over_if_they_are_well_formed() {
    for good in ["()", "( )", "(a)", "( a  b )", "(a;x b;y=1);z", "(\"a)\" :AQ==: ?1 1.5 @1 %\"\")"] {
        assert_eq!(list(format!("{good} , 5").as_bytes()).map(|items| items.len()), Some(1), "{good}");
    }
    for bad in ["(", "(a", ")", "(a,b)", "(a\tb)", "((a))", "(a)b", "(a)(b)", "(a;)", "(\"a\"\"b\")", "(a ;x)"] {
        assert_eq!(list(format!("{bad}, 5").as_bytes()), None, "{bad}");
    }
}

#[test]
fn keys_are_lower_case_and_begin_with_a_letter_or_a_star() {
    for good in ["a", "*", "*a-_.9*", "rate-limit.v1_x"] {
        assert_eq!(list(format!("1;{good}=7").as_bytes()).and_then(|items| items[0].count(good)), Some(7), "{good}");
        assert_eq!(dictionary(format!("{good}=7").as_bytes()).and_then(|members| members[0].1.bare.count()), Some(7), "{good}");
    }
    for bad in ["A", "aB", "9a", "-a", "_a", ".a", "a b", "a!", "\u{e9}", ""] {
        assert_eq!(list(format!("1;{bad}=7").as_bytes()), None, "{bad}");
        assert_eq!(dictionary(format!("{bad}=7").as_bytes()), None, "{bad}");
    }
}

fn bare() -> impl Strategy<Value = (String, Bare)> {
    prop_oneof![
        (-999_999_999_999_999..=999_999_999_999_999_i64).prop_map(|number| (number.to_string(), Bare::Integer(number))),
        "[ -~]{0,12}".prop_map(|text| (format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")), Bare::Text(text))),
        "[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,12}".prop_map(|token| (token.clone(), Bare::Token(token))),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| (format!(":{}:", BASE64.encode(&bytes)), Bare::Bytes(bytes))),
        prop::sample::select(vec!["?0", "?1", "1.5", "-0.25", "@1659578233", "%\"f%c3%bc\""]).prop_map(|other| (other.to_owned(), Bare::Other)),
    ]
}

prop_compose! {
    fn item()(
        (text, bare) in bare(),
        parameters in prop::collection::btree_map("[a-z*][a-z0-9_.*-]{0,5}", prop::option::of(bare()), 0..4),
        blank in prop::sample::select(vec!["", " ", "   "]),
    ) -> (String, Item) {
        let written = |(name, value): (&String, &Option<(String, Bare)>)| {
            format!(";{blank}{name}{}", value.as_ref().map_or_else(String::new, |(text, _)| format!("={text}")))
        };
        let text = text + &parameters.iter().map(written).collect::<String>();
        let read = |(name, value): (String, Option<(String, Bare)>)| (name, value.map_or(Bare::Other, |(_, bare)| bare));
        (text, Item { bare, parameters: parameters.into_iter().map(read).collect() })
    }
}

proptest! {
    #[test]
    fn what_is_written_by_the_rfc_reads_back(
        members in prop::collection::vec(item(), 0..6),
        comma in prop::sample::select(vec![",", ", ", " ,", "\t, \t"]),
        (before, after) in ("[ ]{0,3}", "[ ]{0,3}"),
    ) {
        let (texts, items): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        prop_assert_eq!(list(format!("{before}{}{after}", texts.join(comma)).as_bytes()), Some(items.clone()));
        let named = texts.iter().enumerate().map(|(at, text)| format!("k{at}={text}")).collect::<Vec<_>>().join(comma);
        let members = items.into_iter().enumerate().map(|(at, item)| (format!("k{at}"), item)).collect();
        prop_assert_eq!(dictionary(format!("{before}{named}{after}").as_bytes()), Some(members));
    }

    #[test]
    fn any_bytes_are_read_or_refused(field in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\"(),;=:?@%*a1.-\\ \t".to_vec())], 0..60)) {
        // No more than was given, whatever it was.
        let (items, members) = (list(&field).unwrap_or_default(), dictionary(&field).unwrap_or_default());
        prop_assert!(items.len().max(members.len()) <= field.len());
    }
}
