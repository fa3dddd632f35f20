"""`limits.sequence`: headers of a decision that was made, and what is read of other servers' answers. limits.md A6; RFC 9110 and 9651."""

from meters import SEED, of, policy
from vector_file import VectorFile

NOTES = {
    "Own": "headers of a saved decision, read back",
    "Named": "RateLimit and RateLimit-Policy of the drafts 8 to 11",
    "Older": "the drafts before, and X-RateLimit",
    "Retry": "Retry-After in both its forms",
    "Unreadable": "what cannot be read is ignored",
    "Structured": "RFC 9651: lines are one list, a fault anywhere makes it unreadable, what no draft knows is read over",
    "Cached": "draft 10, Client Behavior, Caching: what a cached answer says of limits is old",
    "Clock": "an instant is taken relative to the answer's Date",
}
NOW = 1_795_253_526_000_000  # Sat, 21 Nov 2026 09:32:06 GMT
DOCUMENT = policy(of("p", {"id": "minute", "limit": 100, "period": "1m"})) | {"http": {"rate_limit_headers": ["draft-10"]}}


def limit(name="", quota=None, window=None, remaining=None, reset=None, unit=None, key=None) -> dict:
    key = None if key is None else {"hex": key.encode().hex()}
    return {
        "name": name,
        "quota": quota,
        "window_s": window,
        "remaining": remaining,
        "reset_s": reset,
        "unit": unit,
        "partition_key": key,
    }


def build():
    file = VectorFile("limits/headers_read.json", NOTES)
    group = file.group("limits.sequence", policy=DOCUMENT, seed=SEED)

    def read(comment, flag, headers, wait_s, *limits):
        step = {
            "op": "parse_headers",
            "now": NOW,
            "headers": [list(header) for header in headers],
            "result": "valid",
        }
        step["expect"] = {"wait_us": wait_s * 1_000_000, "limits": list(limits)}
        group.test(comment, [flag], "valid", steps=[step])

    check = {
        "op": "check",
        "now": NOW,
        "policy": "p",
        "subject": "acme",
        "cost": 40,
        "result": "valid",
        "save": "a",
    }
    headers = [
        ["RateLimit-Policy", '"minute";q=100;w=60'],
        ["RateLimit", '"minute";r=60;t=36'],
    ]
    write = {
        "op": "headers",
        "now": NOW,
        "decision": "$a",
        "result": "valid",
        "expect": {"headers": headers},
    }
    group.test("of a decision", ["Own"], "valid", steps=[check, write])
    read("the same, read", "Own", headers, 0, limit("minute", 100, 60, 60, 36))
    named(read)
    older(read)
    retry(read)
    structured(read)
    joined(read)
    spelt(read)
    return [file]


def named(read):
    lines = [
        ("RateLimit", '"a";r=0;t=5'),
        ("ratelimit", '"b";r=0;t=7'),
        ("RATELIMIT-POLICY", '"a";q=10;w=60;qu="content-bytes"'),
    ]
    read(
        "several lines, and the longest of what is used up",
        "Named",
        lines,
        7,
        limit("a", 10, 60, 0, 5, "content-bytes"),
        limit("b", None, None, 0, 7),
    )
    name = "100-in-15min"
    lines = [
        ("RateLimit-Policy", f'"{name}"; q=100; w=900; pk=:ZmRiMzU0NmJlMmNk:'),
        ("RateLimit", f'"{name}"; r=99; t=900'),
    ]
    read(
        "spaces after semicolons, and a partition key",
        "Named",
        lines,
        0,
        limit(name, 100, 900, 99, 900, None, "fdb3546be2cd"),
    )
    read(
        "something remains",
        "Named",
        [("RateLimit", '"a";r=1;t=5')],
        0,
        limit("a", None, None, 1, 5),
    )
    for fault in (
        '"a";r=0;t=5,',
        '"a";r=0;t=5;',
        '"a;r=0',
        '"a";R=0',
        '"a";r=1234567890123456',
        "=",
        '"\\n"',
    ):
        read(f"no list: {fault}", "Unreadable", [("RateLimit", fault)], 0)
    read(
        "a negative reset",
        "Unreadable",
        [("RateLimit", '"a";r=0;t=-5')],
        0,
        limit("a", None, None, 0, None),
    )


def older(read):
    read(
        "one dictionary",
        "Older",
        [("RateLimit", "limit=100, remaining=0, reset=50")],
        50,
        limit("", 100, None, 0, 50),
    )
    separate = [
        ("RateLimit-Limit", "100"),
        ("RateLimit-Remaining", "0"),
        ("RateLimit-Reset", "12"),
    ]
    read("a field for each number", "Older", separate, 12, limit("", 100, None, 0, 12))
    for reset in ("30", "1795253556", "1795253556000"):
        lines = [
            ("X-RateLimit-Limit", "60"),
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", reset),
        ]
        read(f"a reset of {reset}", "Older", lines, 30, limit("", 60, None, 0, 30))
    read("a reset that is no number", "Unreadable", [("X-RateLimit-Reset", "soon")], 0)


def retry(read):
    read("in seconds", "Retry", [("Retry-After", "120")], 120)
    for date in (
        "Sat, 21 Nov 2026 09:33:06 GMT",
        "Saturday, 21-Nov-26 09:33:06 GMT",
        "Sat Nov 21 09:33:06 2026",
    ):
        read(f"by this host's clock: {date}", "Retry", [("Retry-After", date)], 60)
        read(
            f"by the answer's date: {date}",
            "Retry",
            [("Date", "Sat, 21 Nov 2026 09:32:56 GMT"), ("Retry-After", date)],
            10,
        )
    read(
        "a date that is past",
        "Retry",
        [("Retry-After", "Sat, 21 Nov 2026 09:32:05 GMT")],
        0,
    )
    read(
        "it is said first",
        "Retry",
        [("Retry-After", "1"), ("RateLimit", '"a";r=0;t=30')],
        1,
        limit("a", None, None, 0, 30),
    )
    read(
        "neither seconds nor a date",
        "Unreadable",
        [("Retry-After", "later"), ("RateLimit", '"a";r=0;t=30')],
        30,
        limit("a", None, None, 0, 30),
    )


def structured(read):
    """Each rule of RFC 9651, sections 3 and 4.2, that a limit can meet."""
    used_up = limit("a", None, None, 0, 5)
    for value in (
        '"a";r=0;t=5  ',
        '  "a";r=0;t=5',
        '"a";  r=0;  t=5',
        '"a";r=007;t=5;r=0',
        '"a";r=-0;t=0005',
        '"a";r=0;t=5;x;acme-y=?0;*z_-.9=tok',
        '"a";r=0;t=5;d=@-1659578233;s=%"f%c3%bc";n=-999999999999.999',
        'a;r=0;t=5',
        '5;r=0;t=900, 1.5;t=9, :AQ==:;t=9, ?1;t=9, @0;t=9, %"";t=9, "a";r=0;t=5',
        '("a";r=0;t=900 "b");r=0;t=900, "a";r=0;t=5, ()',
    ):
        read(f"as it may be written: {value}", "Structured", [("RateLimit", value)], 5, used_up)
    blanks = '"a";r=0;t=5\t ,\t "a";r=0;t=5'
    read("blanks around a comma", "Structured", [("RateLimit", blanks)], 5, used_up, used_up)
    for value in (
        '\t"a";r=0;t=5',
        '"a" ;r=0;t=5',
        '"a";\tr=0;t=5',
        '"a";r =0;t=5',
        '"a";r= 0;t=5',
        '"a";r=0;t=5 "b"',
        '"a";r=0;t=5,,"b"',
        ',"a";r=0;t=5',
        '"a";r=0;t=5, ',
        "'a';r=0;t=5",
        '"a";r=+0;t=5',
        '"a";r=--0;t=5',
        '"a";r=0;t=5.',
        '"a";r=0;t=5.1234',
        '"a";r=0;t=1234567890123.0',
        '"a";r=0;t=5, "\\a"',
        '"a";r=0;t=5, "\u00fc"',
        '"a";r=0;t=5, "\u007f"',
        '"a";r=0;t=5, (1,2)',
        '"a";r=0;t=5, (1 2',
        '"a";r=0;t=5, ("b"1)',
        '"a";r=0;t=5;x=?2',
        '"a";r=0;t=5;x=@1.5',
        '"a";r=0;t=5;x=%"%C3%BC"',
        '"a";r=0;t=5;x=%"%fc"',
        '"a";r=0;t=5;x=:_-8=:',
        '"a";r=0;t=5;x=:AQ==',
        '"a";r=0;t=5;9x=1',
        '"a";r=0;t=5;x=(1)',
        '"a";r=0;t=5;x={1}',
    ):
        read(f"a fault: {value}", "Structured", [("RateLimit", value)], 0)
    for lines in (("", '"a";r=0;t=5'), ('"a";r=0;t=5', "", '"b";r=0;t=6')):
        read(f"an empty line among {len(lines)}", "Structured", [("RateLimit", line) for line in lines], 0)
    split = [("RateLimit", '"a;r=0'), ("RateLimit", '";r=0;t=5')]
    read("a string over two lines", "Structured", split, 5, limit("a;r=0, ", None, None, 0, 5))
    tokens = [("RateLimit-Policy", "default;q=400;w=60;qu=bytes"), ("RateLimit", "default;r=398;t=55")]
    read("tokens for names, as in draft 8", "Structured", tokens, 0, limit("default", 400, 60, 398, 55, "bytes"))
    mixed = [("RateLimit-Policy", '"a";q=4'), ("RateLimit", "a;r=1")]
    read("one name, once as a string and once as a token", "Structured", mixed, 0, limit("a", 4, None, 1))
    other = '"a";q="10";w=0;qu=5;pk="x", "b";q=1.0;w=-1'
    read("parameters of another type", "Structured", [("RateLimit-Policy", other)], 0, limit("a"), limit("b"))
    read("an escaped name", "Structured", [("RateLimit", '"\\"\\\\";r=1')], 0, limit('"\\', None, None, 1))
    members = "limit=9, remaining=(0), reset=?1, limit=100;x, remaining=0, reset=7, other"
    read("a dictionary, the last of each name", "Structured", [("RateLimit", members)], 7, limit("", 100, None, 0, 7))
    many = ["5", *(f'"{at}";r=1' for at in range(1_022)), '"last";r=0;t=5']
    limits = [*(limit(str(at), None, None, 1) for at in range(1_022)), limit("last", None, None, 0, 5)]
    read("1,024 members", "Structured", [("RateLimit", ",".join(many))], 5, *limits)
    read("1,025 members", "Structured", [("RateLimit", ",".join([*many, "one"]))], 0)
    many = "".join(f";x{at}" for at in range(254))
    read("256 parameters", "Structured", [("RateLimit", f'"a"{many};r=0;t=5')], 5, used_up)


def joined(read):
    for joined, wait in (
        ("5, 9", 9),
        ("Sat, 21 Nov 2026 09:33:06 GMT, 5", 60),
        ("5,Saturday, 21-Nov-26 09:33:07 GMT , soon", 61),
        ("\t000120 ", 120),
        ("99999999999999999999999", 9_007_199_254),
    ):
        read(f"Retry-After: {joined}", "Retry", [("Retry-After", joined)], wait)
    for bad in ("-5", "+5", "5s", "1e3", "5 6", ".5", "5.", "\u0665", "\u00a05", "", "Sun, 21 Nov 2026 09:33:06 GMT", "Sat, 21 Nov 2026 09:33:06"):
        read(f"Retry-After: {bad!r}", "Unreadable", [("Retry-After", bad)], 0)
    for comment, date in (("ahead", "Sat, 21 Nov 2026 10:32:06 GMT"), ("behind", "Saturday, 21-Nov-26 08:32:06 GMT")):
        at = 1_795_257_126 if comment == "ahead" else 1_795_249_926
        lines = [
            ("Date", date),
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", str(at + 30)),
        ]
        read(f"a server that is an hour {comment}", "Clock", lines, 30, limit("", None, None, 0, 30))
        lines[2] = ("X-RateLimit-Reset", "30")
        read(f"the same, told in seconds: {comment}", "Clock", lines, 30, limit("", None, None, 0, 30))
        lines[2] = ("X-RateLimit-Reset", str(at - 1))
        read(f"an instant that is past: {comment}", "Clock", lines, 0, limit("", None, None, 0, 0))


def spelt(read):
    lines = [
        ("x-rate-limit-limit", "15"),
        ("X-Rate-Limit-Remaining", "0"),
        ("X-RATE-LIMIT-RESET", "1795253556"),
    ]
    read("another spelling", "Older", lines, 30, limit("", 15, None, 0, 30))
    lines = [
        ("X-RateLimit-Limit", "0100, 100;window=60"),
        ("X-RateLimit-Remaining", "-1"),
        ("X-RateLimit-Reset", "+5"),
    ]
    read("zeros in front, what follows a comma, and signs", "Unreadable", lines, 0, limit("", 100))
    for reset, seconds in (("0", 0), ("999999999", 999_999_999), ("1000000000", 0), ("1795253526", 0), ("99999999999", 98_204_746_473)):
        lines = [("X-RateLimit-Reset", reset)]
        read(f"a reset of {reset}", "Older", lines, 0, limit("", None, None, None, seconds))
    for age in ("1", "0", "soon"):
        lines = [("Age", age), ("RateLimit", '"a";r=0;t=30'), ("Retry-After", "7")]
        read(f"an age of {age}", "Cached", lines, 7, *[] if age == "1" else [limit("a", None, None, 0, 30)])
