"""`limits.sequence`: headers of a decision that was made, and what is read of other servers' answers. limits.md A6; RFC 9110 and 9651."""

from meters import SEED, of, policy
from vector_file import VectorFile

NOTES = {
    "Own": "headers of a saved decision, read back",
    "Named": "RateLimit and RateLimit-Policy of the drafts 8 to 11",
    "Older": "the drafts before, and X-RateLimit",
    "Retry": "Retry-After in both its forms",
    "Unreadable": "what cannot be read is ignored",
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
