"""`idempotency.sequence`: whose key it is, which route decides, what another policy changes, and the client's side. idempotency.md B5 and B5b."""

from itertools import combinations

from next_action import BY_CODE
from operations import KEY, POLICY, SCOPE, SEED, Operation, route, to
from vector_file import VectorFile

NOTES = {
    "Scope": "a key is of one tenant, principal, method and path",
    "Empty": "tenant and principal both empty: nobody's key, never everybody's",
    "Collision": "parts are told apart by their lengths, not by a separator",
    "Route": "a route decides for the requests that it matches",
    "Reopen": "settings are those of now, ends that were stored stay",
    "Namespace": "a namespace keeps the keys of services apart",
    "Interleaved": "operations do not touch each other",
    "NewKey": "a UUID of version 7 from the clock and 10 drawn bytes",
    "NextAction": "what a client does after an answer",
    "Draws": "begin draws 16 bytes, new_key 10, and nothing else draws",
}
DAY = 86400


def policy(**members) -> dict:
    return {**POLICY, "idempotency": members}


def build():
    file = VectorFile("idempotency/scopes.json", NOTES)
    group = file.group("idempotency.sequence", policy=POLICY, seed=SEED)
    scopes(group)
    collisions(group)
    routes(file)
    reopened(group)
    namespaces(group)
    interleaved(group)
    new_keys(file, group)
    next_actions(group)
    return [file]


def scopes(group):
    parts = {"tenant": "globex", "principal": "u-43", "method": "PUT", "path": "/refunds"}
    for count in (1, 2, 4):
        for names in combinations(parts, count):
            with Operation(group, f"another {' and '.join(names)}", "Scope") as s:
                other = {**SCOPE, **{name: parts[name] for name in names}}
                s.begin(0, "execute", "a")
                s.begin(1, "execute", "b", scope=other)
                s.complete("a", 2, body="first")
                s.begin(3, "in_progress", scope=other)
                s.complete("b", 4, body="second")
                s.begin(5, "replay")
                s.begin(6, "replay", scope=other)
    for comment, other in {
        "the case of the tenant": {"tenant": "Acme"},
        "the case of the method": {"method": "post"},
        "the case of the path": {"path": "/Orders"},
        "a slash at the end": {"path": "/orders/"},
        "two slashes": {"path": "//orders"},
        "percent encoding": {"path": "/%6frders"},
        "a dot segment": {"path": "/./orders"},
        "a space in the principal": {"principal": "u-42 "},
        "an empty path": {"path": ""},
        "an empty method": {"method": ""},
        "no tenant": {"tenant": ""},
        "no principal": {"principal": ""},
        "composed and decomposed": {"tenant": "acme\u0301"},
    }.items():
        with Operation(group, f"two scopes: {comment}", "Scope") as s:
            s.begin(0, "execute", "a")
            s.begin(1, "execute", scope={**SCOPE, **other})
    for comment, scope, want in (
        ("tenant and principal empty", {**SCOPE, "tenant": "", "principal": ""}, "scope_empty"),
        ("tenant and principal absent", {"method": "POST", "path": "/orders"}, "scope_empty"),
        ("an empty object", {}, "scope_empty"),
        ("no scope", None, "scope_empty"),
        ("no tenant", {**SCOPE, "tenant": ""}, "execute"),
        ("no principal", {**SCOPE, "principal": ""}, "execute"),
        ("a space is a tenant", {**SCOPE, "tenant": " ", "principal": ""}, "execute"),
        ("tenant alone", {"tenant": "acme"}, "execute"),
        ("principal alone", {"principal": "u-42"}, "execute"),
    ):
        with Operation(group, f"scope: {comment}", "Empty") as s:
            s.begin(0, want, scope=scope)
            s.begin(1, want if want == "scope_empty" else "in_progress", scope=scope)
    with Operation(group, "absent members are empty ones", "Scope") as s:
        s.begin(0, "execute", scope={"tenant": "acme"})
        s.begin(1, "in_progress", scope={"tenant": "acme", "principal": "", "method": "", "path": ""})


def collisions(group):
    for comment, one, two in (
        ("path and key", ({**SCOPE, "path": "/a:x"}, "yyyyyyyy"), ({**SCOPE, "path": "/a"}, "x:yyyyyyyy")),
        ("method and path", ({**SCOPE, "method": "POST/a", "path": "/b"}, KEY), ({**SCOPE, "method": "POST", "path": "/a/b"}, KEY)),
        ("tenant and principal", ({**SCOPE, "tenant": "ab", "principal": "c"}, KEY), ({**SCOPE, "tenant": "a", "principal": "bc"}, KEY)),
        ("an empty tenant", ({**SCOPE, "tenant": "", "principal": "a"}, KEY), ({**SCOPE, "tenant": "a", "principal": ""}, KEY)),
        ("principal and method", ({**SCOPE, "principal": "uP", "method": "OST"}, KEY), ({**SCOPE, "principal": "u", "method": "POST"}, KEY)),
        ("a zero byte", ({**SCOPE, "tenant": "a\x00b", "principal": ""}, KEY), ({**SCOPE, "tenant": "a", "principal": "b"}, KEY)),
        (
            "what looks like a length",
            ({**SCOPE, "tenant": "\x00\x00\x00\x01", "principal": ""}, KEY),
            ({**SCOPE, "tenant": "", "principal": "\x00\x00\x00\x01"}, KEY),
        ),
    ):
        with Operation(group, f"no collision: {comment}", "Collision") as s:
            for at, (scope, key) in enumerate((one, two)):
                s.begin(at, "execute", scope=scope, key=key)


def routes(file):
    members = [
        route("/devices/*/commands", on_5xx="store", on_crash="hold", retention="7d"),
        route("/devices/all/commands", effects="explicit"),
        {"match": {"method": "PUT", "path": "/devices/*"}, "effects": "explicit"},
        {"match": {"method": "DELETE"}, "on_5xx": "store"},
        {"match": {"path": "/any"}, "on_crash": "hold"},
        route("/exact", on_crash="hold"),
        route("/a.b", on_crash="hold"),
        route("/*/x/*", on_crash="hold"),
    ]
    group = file.group("idempotency.sequence", policy=policy(routes=members), seed=SEED)
    # On hold or not, seen from what an unmarked crash comes to.
    for comment, scope, held in (
        ("one segment for the star", to("/devices/7/commands"), True),
        ("the first route that matches decides", to("/devices/all/commands"), True),
        ("two segments for the star", to("/devices/7/8/commands"), False),
        ("no segment for the star", to("/devices/commands"), False),
        ("a path that goes on", to("/devices/7/commands/9"), False),
        ("a path that ends before", to("/devices/7"), False),
        ("another method", {**to("/devices/7/commands"), "method": "PUT"}, False),
        ("the method in another case", {**to("/devices/7/commands"), "method": "post"}, False),
        ("the path in another case", to("/Devices/7/commands"), False),
        ("no star, the same path", to("/exact"), True),
        ("no star, a longer path", to("/exactly"), False),
        ("no star, a slash at the end", to("/exact/"), False),
        ("a dot is a dot", to("/a.b"), True),
        ("a dot is nothing else", to("/axb"), False),
        ("two stars", to("/1/x/2"), True),
        ("two stars, another middle", to("/1/y/2"), False),
        ("a route without a method", to("/any"), True),
        ("a route without a method, another method", {**to("/any"), "method": "PATCH"}, True),
        ("a path of an encoded slash", to("/devices/7%2F8/commands"), True),
    ):
        with Operation(group, f"route: {comment}", "Route") as s:
            s.begin(0, "execute", scope=scope)
            s.begin(30, "outcome_unknown" if held else "resume", scope=scope)
    with Operation(group, "a route without a path", "Route") as s:
        scope = {**to("/whatever/it/is"), "method": "DELETE"}
        s.begin(0, "execute", "a", scope=scope)
        s.complete("a", 1, status=500)
        s.begin(2, "replay", scope=scope)
    for comment, given, held in (("the template of a framework", "/devices/*/commands", True), ("another route", "/elsewhere", False)):
        with Operation(group, f"route: {comment} in place of the path", "Route") as s:
            path = "/x" if held else "/devices/7/commands"
            s.begin(0, "execute", scope=to(path), route=given)
            s.begin(30, "outcome_unknown" if held else "resume", scope=to(path), route=given)
    with Operation(group, "the route is not part of the key", "Route") as s:
        s.begin(0, "execute", route="/devices/7/commands")
        s.begin(1, "in_progress", route="/elsewhere")
        s.begin(2, "in_progress")
    with Operation(group, "what a route does not say is the policy's", "Route") as s:
        s.begin(0, "execute", "a", scope=to("/devices/7/commands"))
        s.begin((30, -1), "in_progress", scope=to("/devices/7/commands"))
        s.complete("a", 31)
        s.begin((31 + 7 * DAY, -1), "replay", scope=to("/devices/7/commands"))
        s.begin(31 + 7 * DAY, "execute", scope=to("/devices/7/commands"))
    group = file.group("idempotency.sequence", policy=policy(effects="explicit", routes=[route("/plain", effects="implicit", on_5xx="store")]), seed=SEED)
    with Operation(group, "effects of the policy and of a route", "Route") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1, status=500)
        s.begin(2, "execute")
        s.begin(3, "execute", "b", scope=to("/plain"))
        s.complete("b", 4, status=500)
        s.begin(5, "replay", scope=to("/plain"))


def reopened(group):
    with Operation(group, "a new gate knows the old answers", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.change(2)
        s.begin(3, "replay")
    with Operation(group, "a new gate knows what is under way", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.checkpoint("a", 1)
        s.change(2)
        s.begin(3, "in_progress")
        s.begin(30, "resume")
    with Operation(group, "a guard of before completes what a new gate replays", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1)
        s.complete("a", 2)
        s.begin(3, "replay")
    with Operation(group, "a longer lease is for those who begin now", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, lease="60s")
        s.begin((30, -1), "in_progress")
        s.begin(30, "resume", "b")
        s.begin((90, -1), "in_progress")
        s.begin(90, "resume")
    with Operation(group, "a shorter lease is for those who begin now", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, lease="1s")
        s.begin((30, -1), "in_progress")
        s.begin(30, "resume", "b")
        s.begin(31, "resume")
    with Operation(group, "a shorter retention does not shorten what is stored", "Reopen", "Namespace") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 0)
        s.change(1, retention="60s")
        s.begin((DAY, -1), "replay")
        s.begin(DAY, "execute", "b")
        s.complete("b", DAY)
        s.begin((DAY + 60, -1), "replay")
        s.begin(DAY + 60, "execute")
    with Operation(group, "a longer retention does not lengthen what is stored", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 0)
        s.change(1, retention="7d")
        s.begin(DAY, "execute", "b")
        s.complete("b", DAY)
        s.begin((8 * DAY, -1), "replay")
        s.begin(8 * DAY, "execute")
    hold, money = [route("/orders", on_crash="hold")], [route("/orders", on_5xx="store", on_crash="hold")]
    for comment, first, then, want in (
        ("rerun, now hold", {}, {"routes": hold}, "outcome_unknown"),
        ("hold, now rerun", {"routes": hold}, {"routes": []}, "resume"),
        ("implicit, now explicit", {}, {"effects": "explicit", "routes": []}, "resume"),
        ("hold, now explicit", {"routes": hold}, {"effects": "explicit", "routes": []}, "resume"),
        ("explicit, now hold", {"effects": "explicit", "routes": []}, {"routes": money}, "outcome_unknown"),
    ):
        with Operation(group, f"a crash is judged by the settings of now: {comment}", "Reopen") as s:
            s.change(0, **first)
            s.begin(1, "execute")
            s.change(2, **then)
            s.begin(31, want)
    for comment, first, then, status, want in (
        ("5xx released, now stored", {}, {"routes": money}, 500, "replay"),
        ("5xx stored, now released", {"routes": money}, {"routes": []}, 500, "execute"),
        ("409 released, now stored", {}, {"routes": money}, 409, "replay"),
        ("5xx stored, now explicit", {"routes": money}, {"effects": "explicit", "routes": []}, 500, "execute"),
        ("a body that was small enough", {}, {"max_stored_body": "3B"}, 201, "response_unavailable"),
        ("a body that was too large", {"max_stored_body": "3B"}, {}, 201, "replay"),
    ):
        with Operation(group, f"an answer is judged by the settings of now: {comment}", "Reopen") as s:
            s.change(0, **first)
            s.begin(1, "execute", "a")
            s.change(2, **then)
            s.complete("a", 3, status=status)
            s.begin(4, want)
    with Operation(group, "an answer is kept as long as the settings of now say", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, retention="60s")
        s.complete("a", 2)
        s.begin((62, -1), "replay")
        s.begin(62, "execute")
    with Operation(group, "a lease is renewed as the settings of now say", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, lease="60s")
        s.renew("a", 10)
        s.begin((70, -1), "in_progress")
        s.begin(70, "resume")
    with Operation(group, "a shorter lease of now takes nothing away", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, lease="1s")
        s.renew("a", 10)
        s.begin((30, -1), "in_progress")
        s.begin(30, "resume")
    with Operation(group, "headers are kept as the settings of now say", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.change(1, never_stored=["X-Trace"])
        s.complete("a", 2, headers=[["X-Trace", "1"], ["X-Other", "2"]])
        s.begin(3, "replay")
    with Operation(group, "a mark outlives every change of settings", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.mark("a", 1)
        s.change(2, effects="explicit", routes=[])
        s.begin(30, "outcome_unknown")
        s.change(31)
        s.begin(32, "outcome_unknown")
    with Operation(group, "another fingerprint makes another request of it", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.change(2, fingerprint="jcs")
        s.begin(3, "idempotency_key_reused")
    with Operation(group, "a released operation begins with the settings of now", "Reopen") as s:
        s.begin(0, "execute", "a")
        s.release("a", 1)
        s.change(2, lease="1s")
        s.begin(3, "execute")
        s.begin(4, "resume")


def namespaces(group):
    with Operation(group, "another namespace has other keys", "Namespace") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.change(2, namespace="billing")
        s.begin(3, "execute", "b")
        s.complete("b", 4, body="billed")
        s.change(5, namespace="shipping")
        s.begin(6, "execute")
        s.change(7, namespace="billing")
        s.begin(8, "replay")
        s.change(9)
        s.begin(10, "replay")
    with Operation(group, "an empty namespace is none", "Namespace") as s:
        s.begin(0, "execute", "a")
        s.change(1, namespace="")
        s.begin(2, "in_progress")
    with Operation(group, "namespace and tenant do not run together", "Namespace", "Collision") as s:
        s.change(0, namespace="ab")
        s.begin(1, "execute", scope={**SCOPE, "tenant": "c"})
        s.change(2, namespace="a")
        s.begin(3, "execute", scope={**SCOPE, "tenant": "bc"})


def interleaved(group):
    with Operation(group, "two keys at once", "Interleaved") as s:
        s.begin(0, "execute", "a", key="order-000a")
        s.begin(0, "execute", "b", key="order-000b")
        s.mark("a", 1)
        s.release("b", 2)
        s.complete("a", 3, status=500, body="a failed")
        s.begin(4, "replay", key="order-000a")
        s.begin(4, "execute", key="order-000b")
    with Operation(group, "five keys, each in a state of its own", "Interleaved") as s:
        for name in "abcde":
            s.begin(0, "execute", name, key=f"order-000{name}")
        s.complete("a", 1)
        s.mark("b", 2)
        s.checkpoint("c", 3)
        s.release("d", 4)
        s.renew("e", 5)
        for name, want in zip("abcde", ("replay", "outcome_unknown", "resume", "execute", "in_progress"), strict=True):
            s.begin(31, want, key=f"order-000{name}")
    with Operation(group, "three workers, one after the other", "Interleaved") as s:
        s.begin(0, "execute", "a")
        s.checkpoint("a", 1, name="reserved", data="r-1")
        s.begin(30, "resume", "b")
        s.checkpoint("b", 31, name="charged", data="ch-1")
        s.checkpoint("a", 32, "stale", name="charged", data="ch-0")
        s.begin(60, "resume", "c")
        s.mark("b", 61, "stale")
        s.complete("c", 62)
        s.complete("a", 63, "stale")
        s.complete("b", 64, "stale")
        s.begin(65, "replay")
    with Operation(group, "a checkpoint of any bytes and a name of any letters", "Interleaved") as s:
        s.begin(0, "execute", "a")
        s.checkpoint("a", 1, name="\u00e9t\u00e9 \U0001f600", data={"hex": "00ff80"})
        s.begin(30, "resume", "b")
        s.checkpoint("b", 31, name="empty", data="")
        s.begin(60, "resume")
    for comment, name, want in (
        ("no bytes", "", "invalid_argument"),
        ("one byte", "n", "valid"),
        ("255 bytes", "n" * 255, "valid"),
        ("256 bytes", "n" * 256, "invalid_argument"),
        ("255 bytes of UTF-8", "\u00e9" * 127 + "n", "valid"),
        ("256 bytes of UTF-8", "\u00e9" * 128, "invalid_argument"),
    ):
        with Operation(group, f"the name of a checkpoint: {comment}", "Interleaved") as s:
            s.begin(0, "execute", "a")
            s.checkpoint("a", 1, want, name=name)
            s.begin(30, "resume")


def new_keys(file, group):
    for comment, at in (("now", 0), ("a microsecond later", (0, 1)), ("a millisecond later", (0, 1000)), ("in 1970", -1795248000 + 1), ("in 2100", 2307532800)):
        with Operation(group, f"a new key: {comment}", "NewKey") as s:
            s.step("new_key", at, "valid", "k")
            s.step("new_key", at, "valid", "l")
            s.begin(at, "execute", key="$k.value")
            s.begin(at, "execute", key="$l.value")
            s.begin(at, "in_progress", key="$k.value")
    for seed in ("ff", "0102030405060708"):
        seeded = file.group("idempotency.sequence", policy=POLICY, seed={"hex": seed})
        with Operation(seeded, f"a new key of seed {seed}", "NewKey") as s:
            for at in (0, 1, 2, 3):
                s.step("new_key", at, "valid")
    with Operation(group, "begin draws before it looks, refused requests draw nothing", "Draws") as s:
        s.begin(0, "execute", "a")
        s.step("new_key", 1, "valid")
        s.begin(2, "in_progress")
        s.step("new_key", 3, "valid")
        s.begin(4, "idempotency_key_invalid", key="short")
        s.begin(4, "scope_empty", scope=None)
        s.begin(4, "invalid_argument", body=None)
        s.step("new_key", 5, "valid")
        s.mark("a", 6)
        s.checkpoint("a", 6)
        s.renew("a", 6)
        s.complete("a", 6)
        s.step("new_key", 7, "valid")
        s.begin(8, "replay")
        s.step("new_key", 9, "valid")


def next_actions(group):
    action = lambda s, status, code=None: s.step("next_action", 0, "valid", status=status, **({"code": code} if code else {}))
    statuses = {
        "in_progress": 409, "unavailable": 503, "idempotency_key_missing": 400, "idempotency_key_invalid": 400, "idempotency_key_multiple": 400,
        "idempotency_key_reused": 422, "body_too_large": 413, "outcome_unknown": 409, "response_unavailable": 409, "stale": 409,
    }  # fmt: skip
    for code, status in statuses.items():
        with Operation(group, f"after {code}: {BY_CODE[code]}", "NextAction") as s:
            action(s, status, code)
    for comment, several in {
        "success": (200, 201, 202, 204, 206),
        "a redirect": (301, 302, 303, 307, 308),
        "a definite refusal": (400, 402, 404, 405, 406, 410, 412, 413, 414, 422, 451),
        "a failure that says nothing of the act": (500, 501, 502, 504, 599),
        "no answer": (0,),
    }.items():
        with Operation(group, f"after {comment}", "NextAction") as s:
            for status in several:
                action(s, status)
    with Operation(group, "an unknown code leaves it to the status", "NextAction") as s:
        for status in (200, 404, 422, 500, 504):
            action(s, status, "order_closed")
    with Operation(group, "next_action needs no operation and changes none", "NextAction") as s:
        s.begin(0, "execute")
        action(s, 409, "in_progress")
        s.begin(1, "in_progress")
