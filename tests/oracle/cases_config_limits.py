"""`config.load`: the parts `[limits]` and `[lockout]`, one fault at a time, as TOML and as JSON. limits.md A4.1 and A5, api.md section 3."""

from cases_config import Cases, changed
from policy_text import json_, toml
from vector_file import VectorFile

NOTES = {
    "Good": "what must load",
    "Form": "types, words, durations and numbers",
    "Range": "out of range is an error (limits.md A4.1)",
    "Unknown": "an unknown member is an error",
    "Missing": "a missing member has its parent's line and its full path",
    "Foreign": "a member that means nothing to the way of counting",
    "Twice": "ids are unique",
    "Sum": "burst times period over limit above 3,650 days, or a window's product above 2^53 (A4.1)",
    "Roots": "limits and lockout on any store but memory need root_keys (A4.5); what is missing from the document is on its first line",
    "Wait": "reserve_max_wait only where all tiers are token buckets (A4.1)",
}
FIRST = "limits.policies[0]"
TIER = f"{FIRST}.tiers[0]"
BUCKET = {"id": "minute", "limit": 100, "period": "1m"}
KINDS = {
    "token_bucket": BUCKET,
    "sliding_log": {"id": "t", "limit": 5, "period": "15m", "algo": "sliding_log"},
    "sliding_window": {"id": "t", "limit": 5, "period": "1m", "algo": "sliding_window"},
    "calendar": {"id": "t", "limit": 5, "algo": "calendar", "unit": "day"},
    "concurrent": {"id": "t", "limit": 5, "algo": "concurrent", "lease_ttl": "30s"},
}


def limits(*tiers, **members) -> dict:
    return {"limits": {"policies": [{"id": "p", "tiers": list(tiers) or [BUCKET], **members}]}}


def lockout(**members) -> dict:
    return {"lockout": {"policies": [{"id": "login", **members}]}}


def without(document: dict, name: str) -> dict:
    return {key: value for key, value in document.items() if key != name}


def build():
    file = VectorFile("config/limits.json", NOTES)
    cases = Cases(file)
    for algo, tier in KINDS.items():
        cases.valid(f"a tier of {algo}", limits(tier))
    for tier in ({**BUCKET, "burst": 2147483647, "limit": 2147483647}, {**BUCKET, "period": "1ms"}, {**BUCKET, "period": "366d"}, {**KINDS["sliding_log"], "limit": 64},
                 {**KINDS["concurrent"], "limit": 256}, {**KINDS["calendar"], "tz_offset_min": -720}, {**KINDS["calendar"], "tz_offset_min": 840},
                 {**BUCKET, "limit": 1, "period": "365d", "burst": 10}, {**BUCKET, "id": "a" * 16}):  # fmt: skip
        cases.valid(f"at the edge: {tier}", limits(tier))
    for preset in ("tenant", "strict", "login", "login_ip", "password_reset", "email", "outbound"):
        cases.valid(f"preset {preset}", {"limits": {"policies": [{"id": "p", "preset": preset}]}})
    cases.valid("eight tiers", limits(*({**BUCKET, "id": f"t{at}"} for at in range(8))))
    for value in ("allow", "deny", {"local": 1}, {"local": 0.01}):
        cases.valid(f"on_store_error {value}", limits(on_store_error=value))
    cases.valid("a lockout", lockout(subject="email", threshold=10, window="24h", duration="1h", multiplier=2))

    for name, values in {"limit": (0, -1, 2147483648, "5", 1.5), "burst": (0, 2147483648, "5"), "period": ("0s", "999us", "367d", 60, "1w"), "id": ("", "A", "a-b", "a" * 17, 1)}.items():
        for value in values:
            flag = "Range" if isinstance(value, int) and name != "period" else "Form"
            cases.both(f"a tier's {name} = {value!r}", flag, limits({**BUCKET, name: value}), f"{TIER}.{name}")
    for name, kind, values in (("limit", "sliding_log", (65, 0)), ("limit", "concurrent", (257, 0)), ("tz_offset_min", "calendar", (-721, 841)), ("unit", "calendar", ("week", 1)), ("lease_ttl", "concurrent", ("0s", 5))):
        for value in values:
            cases.both(f"{kind}: {name} = {value!r}", "Range", limits({**KINDS[kind], name: value}), f"{TIER}.{name}")
    cases.both("another way of counting", "Form", limits({**BUCKET, "algo": "fixed_window"}), f"{TIER}.algo")
    cases.both("3651 days to fill", "Sum", limits({**BUCKET, "limit": 1, "period": "365d", "burst": 11}), f"{TIER}.burst")
    cases.both("a window above 2^53", "Sum", limits({**KINDS["sliding_window"], "limit": 1000000, "period": "1d", "algo": "sliding_window"} | {"limit": 2147483647}), f"{TIER}.limit")
    for kind, names in {"token_bucket": ("unit", "tz_offset_min", "lease_ttl"), "sliding_log": ("burst", "unit"), "sliding_window": ("burst", "lease_ttl"), "calendar": ("period", "burst"), "concurrent": ("period", "burst", "unit")}.items():
        values = {"burst": 5, "unit": "day", "tz_offset_min": 60, "lease_ttl": "30s", "period": "1m"}
        for name in names:
            cases.both(f"{name} of {kind}", "Foreign", limits({**KINDS[kind], name: values[name]}), f"{TIER}.{name}")
    for kind, names in {"token_bucket": ("id", "limit", "period"), "sliding_log": ("period",), "sliding_window": ("period",), "calendar": ("unit",), "concurrent": ("lease_ttl",)}.items():
        for name in names:
            cases.both(f"{kind} without {name}", "Missing", limits(without(KINDS[kind], name)), f"{TIER}.{name}", TIER)
    cases.both("neither tiers nor preset", "Missing", {"limits": {"policies": [{"id": "p"}]}}, f"{FIRST}.tiers", FIRST)
    cases.both("a policy without an id", "Missing", {"limits": {"policies": [{"preset": "tenant"}]}}, f"{FIRST}.id", FIRST)
    cases.both("an unknown member of a tier", "Unknown", limits({**BUCKET, "colour": "red"}), f"{TIER}.colour")
    cases.both("an unknown member of a policy", "Unknown", limits(colour="red"), f"{FIRST}.colour")
    cases.both("another preset", "Form", {"limits": {"policies": [{"id": "p", "preset": "friends"}]}}, f"{FIRST}.preset")
    for name, values in {"subject": ("phone", 1), "on_store_error": ("local", 1), "refundable": ("yes", 1), "max_keys": (0, "5"), "on_full": ("drop",), "inherit": ("half",), "reserve_max_wait": ("0s", 5)}.items():
        for value in values:
            cases.both(f"a policy's {name} = {value!r}", "Form", limits(**{name: value}), f"{FIRST}.{name}")
    for value in (0, 1.1, -1, "half"):
        cases.both(f"a share of {value!r}", "Range", limits(on_store_error={"local": value}), f"{FIRST}.on_store_error.local")
    for kind in ("sliding_log", "sliding_window", "calendar", "concurrent"):
        cases.both(f"reserve_max_wait with {kind}", "Wait", limits(BUCKET, KINDS[kind], reserve_max_wait="30s"), f"{FIRST}.reserve_max_wait")
    cases.both("two tiers of one id", "Twice", limits(BUCKET, BUCKET), f"{FIRST}.tiers[1].id")
    cases.both("two policies of one id", "Twice", {"limits": {"policies": [{"id": "p", "preset": "tenant"}, {"id": "p", "preset": "login"}]}}, "limits.policies[1].id")
    cases.both("nine tiers", "Range", limits(*({**BUCKET, "id": f"t{at}"} for at in range(9))), f"{FIRST}.tiers")
    lock = "lockout.policies[0]"
    for name, values in {"threshold": (0, -1, "5"), "window": ("0s", 5, "367d"), "duration": ("0s", "367d"), "multiplier": (0, 3), "subject": ("phone",), "colour": ("red",)}.items():
        for value in values:
            cases.both(f"a lockout's {name} = {value!r}", "Unknown" if name == "colour" else "Range", lockout(**{name: value}), f"{lock}.{name}")
    cases.both("a lockout without an id", "Missing", {"lockout": {"policies": [{"threshold": 5}]}}, f"{lock}.id", lock)
    cases.both("two lockouts of one id", "Twice", {"lockout": {"policies": [{"id": "login"}, {"id": "login"}]}}, "lockout.policies[1].id")
    roots(cases)
    edges(cases)
    return [file]


def roots(cases):
    preset = {"limits": {"policies": [{"id": "p", "preset": "tenant"}]}}
    shared, memory = {"default": "sqlite:limits.db"}, {"default": "memory:"}
    for comment, edits in {
        "limits in a file without root keys": {"store": shared, **preset},
        "a lockout in a file without root keys": {"store": shared, **lockout()},
        "limits in a file of their own without root keys": {"store": {**memory, "limits": "sqlite:limits.db"}, **preset},
        "a lockout in a file, limits in memory, no root keys": {"store": {**shared, "limits": "memory:"}, **preset, **lockout()},
    }.items():
        for name, write in (("toml", toml), ("json", json_)):
            cases.add(name, comment, "Roots", write(changed(edits)).text(), {"field": "root_keys", "line": 1})
    for comment, edits in {
        "limits and lockout in memory without root keys": {"store": memory, **preset, **lockout()},
        "limits and lockout without a store": {**preset, **lockout()},
    }.items():
        cases.valid(comment, edits)


def edges(cases):
    """The sums of A4.1, one on and one over: 3,650 days are 315,360,000,000,000 us, 2^53 is 2^23 units of 2^30 us."""
    year = {**BUCKET, "limit": 1, "period": "365d"}
    cases.valid("3,650 days to fill, in another unit", limits({**year, "period": "8760h", "burst": 10}))
    cases.both("10 us more than 3,650 days", "Sum", limits({**year, "period": "31536000000001us", "burst": 10}), f"{TIER}.burst")
    # Times 3, 3,650 days are 946,080,000 s: of 30 periods of 365 d, one unit of 90 is over.
    cases.valid("30 periods for 3 units each", limits({**year, "limit": 3, "burst": 30}))
    cases.both("31 periods for 3 units each", "Sum", limits({**year, "limit": 3, "burst": 31}), f"{TIER}.burst")
    cases.valid("the largest burst of 214748364 in 366 d", limits({**BUCKET, "limit": 214_748_364, "period": "366d", "burst": 2_141_616_198}))
    cases.both("one unit more", "Sum", limits({**BUCKET, "limit": 214_748_364, "period": "366d", "burst": 2_141_616_199}), f"{TIER}.burst")
    window = {**KINDS["sliding_window"], "period": "1073741824us"}
    cases.valid("a window of 2^53", limits({**window, "limit": 8_388_608}))
    cases.both("a window of 2^53 and 2^30", "Sum", limits({**window, "limit": 8_388_609}), f"{TIER}.limit")
    cases.both("a window of 2^53 and 2^23", "Sum", limits({**window, "limit": 8_388_608, "period": "1073741825us"}), f"{TIER}.limit")
