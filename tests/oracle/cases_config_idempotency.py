"""`config.load`: the part `[idempotency]`, one fault at a time, as TOML and as JSON. api.md section 3, idempotency.md B5 and B5b."""

from cases_config import Cases
from policy_text import Literal
from vector_file import VectorFile
from wire import b64

NOTES = {
    "Good": "what must load",
    "Form": "types, words, durations and sizes",
    "Unknown": "an unknown member is an error",
    "Missing": "a missing member has its parent's line and its full path",
    "Explicit": "on_5xx and on_crash say nothing where effects are explicit",
    "Lease": "a lease is not longer than the retention",
    "Pointer": "JSON Pointers, RFC 6901",
    "Secret": "a key of fingerprints is as long as every other",
}
TOP, FIRST = "idempotency", "idempotency.routes[0]"
MATCH = {"method": "POST", "path": "/devices/*/commands"}


def build():
    file = VectorFile("config/idempotency.json", NOTES)
    cases = Cases(file)
    good(cases)
    members(cases)
    fingerprints(cases)
    leases(cases)
    routes(cases)
    return [file]


def good(cases):
    cases.valid("nothing said", {TOP: {}})
    cases.valid("the example of the page", {
        TOP: {"effects": "implicit", "retention": "24h", "lease": "30s", "max_stored_body": "256KiB",
              "routes": [{"match": MATCH, "on_5xx": "store", "on_crash": "hold", "retention": "7d"}]},
    })  # fmt: skip
    for name, values in {
        "effects": ("implicit", "explicit"),
        "retention": ("30s", "7d", "365d"),
        "lease": ("1us", "1ms", "24h"),
        "max_stored_body": ("1B", "960KiB", "983040B"),
        "namespace": ("", "billing", "\u00e9"),
        "fingerprint": (
            "raw",
            "jcs",
            "content_digest",
            {"jcs": {"exclude": ["/a", "/b/0/c", "/a~1b", "/a~0b", "/"]}},
            {"jcs": {"exclude": []}},
            {"selected": ["/a"]},
        ),
        "wait": ("0s", "500ms", "60s"),
        "never_stored": ([], ["X-Trace"], ["x-a", "x-b"]),
        "replayed_header": ("X-Replayed",),
        "on_store_error": ("deny", "allow"),
        "fingerprint_key": ("base64:" + b64(bytes(range(1, 33))), "hex:" + bytes(range(40, 80)).hex()),
    }.items():
        for value in values:
            cases.valid(f"{name} = {value!r}"[:60], {f"{TOP}.{name}": value})
    for members in (
        {"on_5xx": "release"}, {"on_5xx": "store"}, {"on_crash": "rerun"}, {"on_crash": "hold"}, {"effects": "explicit"}, {"retention": "7d"},
        {"fingerprint": "jcs"}, {"effects": "implicit", "on_5xx": "store", "on_crash": "hold"}, {"wait": "2s"}, {"never_stored": ["X-A"]},
    ):  # fmt: skip
        cases.valid(f"a route with {members}", {f"{TOP}.routes": [{"match": MATCH, **members}]})
    cases.valid(
        "an implicit route of an explicit policy", {f"{TOP}.effects": "explicit", f"{TOP}.routes": [{"match": MATCH, "effects": "implicit", "on_5xx": "store"}]}
    )
    cases.valid("two routes", {f"{TOP}.routes": [{"match": MATCH}, {"match": {"method": "PUT", "path": "/x"}, "on_5xx": "store"}]})
    cases.valid("no routes", {f"{TOP}.routes": []})


def members(cases):
    for path in (f"{TOP}.colour", f"{TOP}.ttl", f"{TOP}.Lease"):
        cases.both(f"unknown member {path}", "Unknown", {path: "30s"}, path)
    cases.wrong("Form", f"{TOP}.effects", "maybe", "Explicit", "", 1, True, ["implicit"])
    for name in ("retention", "lease"):
        cases.wrong("Form", f"{TOP}.{name}", "0s", "30", "-1s", "1.5s", "30 s", "1w", 30, Literal("30.0"), True)
    cases.wrong("Form", f"{TOP}.max_stored_body", "961KiB", "983041B", "1MiB", "1GiB", "256", "256kb", "-1B", 262144, True)
    cases.wrong("Form", f"{TOP}.namespace", 5, True, ["a"])
    cases.wrong("Form", f"{TOP}.wait", "61s", "2", 2, "1h")
    cases.wrong("Form", f"{TOP}.never_stored", "X-Trace", 5)
    for value in ("x y", "", "x:"):
        cases.both(f"never_stored holds {value!r}", "Form", {f"{TOP}.never_stored": ["X-A", value]}, f"{TOP}.never_stored[1]")
    cases.wrong("Form", f"{TOP}.replayed_header", "", "X Replayed", "X:", 5)
    cases.wrong("Form", f"{TOP}.on_store_error", "closed", True, "")
    cases.wrong(
        "Secret", f"{TOP}.fingerprint_key", "hex:" + "ab" * 31, "base64:" + b64(bytes(range(31))), "a key of more than 32 bytes, without a prefix", "hex:zz", 5
    )
    cases.both("the part is no table", "Form", {TOP: "implicit"}, TOP)
    cases.both("the part is a number", "Form", {TOP: 1}, TOP)


def fingerprints(cases):
    cases.wrong("Form", f"{TOP}.fingerprint", "sha256", "JCS", "", 5, True)
    for value in ("a", "a/b", "/a~", "/a~2", "/~x", "#/a"):
        cases.both(f"selected holds {value!r}", "Pointer", {f"{TOP}.fingerprint": {"selected": ["/ok", value]}}, f"{TOP}.fingerprint.selected[1]")
        cases.both(f"exclude holds {value!r}", "Pointer", {f"{TOP}.fingerprint": {"jcs": {"exclude": ["/ok", value]}}}, f"{TOP}.fingerprint.jcs.exclude[1]")
    for comment, value in {
        "both forms": {"jcs": {"exclude": ["/a"]}, "selected": ["/b"]},
        "neither form": {},
        "an unknown form": {"sorted": ["/a"]},
        "pointers that are no list": {"selected": "/a"},
        "pointers that are no texts": {"selected": [1]},
        "jcs that is no table": {"jcs": ["/a"]},
        "jcs with an unknown member": {"jcs": {"exclude": ["/a"], "include": ["/b"]}},
    }.items():
        cases.both(f"fingerprint: {comment}", "Form", {f"{TOP}.fingerprint": value})


def leases(cases):
    for lease, retention in (("25h", "24h"), ("61s", "60s"), ("2us", "1us")):
        cases.both(f"a lease of {lease} with a retention of {retention}", "Lease", {f"{TOP}.lease": lease, f"{TOP}.retention": retention}, f"{TOP}.lease")
    cases.both("a lease longer than the default retention", "Lease", {f"{TOP}.lease": "25h"}, f"{TOP}.lease")
    cases.both("a retention shorter than the default lease", "Lease", {f"{TOP}.retention": "29s"})
    cases.valid("a lease as long as the retention", {f"{TOP}.lease": "60s", f"{TOP}.retention": "60s"})
    cases.both(
        "a route's retention shorter than the lease",
        "Lease",
        {f"{TOP}.lease": "60s", f"{TOP}.routes": [{"match": MATCH, "retention": "59s"}]},
        f"{FIRST}.retention",
    )
    cases.valid("a route's retention as long as the lease", {f"{TOP}.lease": "60s", f"{TOP}.routes": [{"match": MATCH, "retention": "60s"}]})


def routes(cases):
    route = lambda **members: {f"{TOP}.routes": [{"match": MATCH, **members}]}
    for name, values in {
        "on_5xx": ("keep", "", "Store", 500, True),
        "on_crash": ("retry", "", "Hold", 1),
        "effects": ("maybe", 1),
        "retention": ("0s", "7", 7),
        "fingerprint": ("sha256", 5),
        "wait": ("61s",),
        "on_store_error": ("closed",),
    }.items():
        for value in values:
            cases.both(f"a route's {name} = {value!r}", "Form", route(**{name: value}), f"{FIRST}.{name}")
    for name in ("colour", "ttl"):
        cases.both(f"unknown member {FIRST}.{name}", "Unknown", route(**{name: "red"}), f"{FIRST}.{name}")
    cases.both("unknown member of a match", "Unknown", {f"{TOP}.routes": [{"match": {**MATCH, "host": "a"}}]}, f"{FIRST}.match.host")
    cases.both("a route without a match", "Missing", {f"{TOP}.routes": [{"on_5xx": "store"}]}, f"{FIRST}.match", FIRST)
    cases.both("a match that is no table", "Form", {f"{TOP}.routes": [{"match": "/x"}]}, f"{FIRST}.match")
    cases.both("a method that is no text", "Form", {f"{TOP}.routes": [{"match": {"method": 1, "path": "/x"}}]}, f"{FIRST}.match.method")
    cases.both("a path that is no text", "Form", {f"{TOP}.routes": [{"match": {"method": "POST", "path": ["/x"]}}]}, f"{FIRST}.match.path")
    cases.both("routes that are no list", "Form", {f"{TOP}.routes": "x"}, f"{TOP}.routes")
    for name, value in (("on_5xx", "store"), ("on_5xx", "release"), ("on_crash", "hold"), ("on_crash", "rerun")):
        cases.both(f"{name} = {value} on an explicit route", "Explicit", route(effects="explicit", **{name: value}), f"{FIRST}.{name}")
        cases.both(
            f"{name} = {value} on a route of an explicit policy", "Explicit", {f"{TOP}.effects": "explicit", **route(**{name: value})}, f"{FIRST}.{name}"
        )
    cases.both(
        "the second of two routes",
        "Explicit",
        {f"{TOP}.routes": [{"match": MATCH}, {"match": MATCH, "effects": "explicit", "on_5xx": "store"}]},
        f"{TOP}.routes[1].on_5xx",
    )
