"""`config.load`: a good policy with one fault at a time, as TOML and as JSON, with the line and field of the fault.

The expected field is written by hand from api.md section 3 and the "details, decided" of the other pages; the line is where the
writer put that member (a missing member has its parent's line).
"""

import copy

from cases_jwt_data import ED_SEED, private_pem, public_pem
from cases_webhook import STD_ONE, WHPK
from policy_text import Literal, json_, toml
from vector_file import VectorFile
from wire import b64

NOTES = {
    "Good": "what must load",
    "Form": "syntax of the two formats",
    "Unknown": "an unknown member is an error",
    "Missing": "a missing member has its parent's line and its full path",
    "Type": "a wrong JSON or TOML type",
    "Range": "durations, sizes, instants and numbers in their range",
    "Secret": "a missing, short or unreadable secret stops the start",
    "Twice": "ids, kids, issuers and keys are there once",
    "State": "exactly one active key",
    "Profiles": "an issuer and a key belong to exactly one profile",
    "Keys": "a key fits its algorithm",
    "Webhooks": "secrets as the scheme decodes them, replay and window as it allows",
    "Store": "store URLs",
    "Later": "members of domains that come later are checked for form",
}
ENV = {
    "ROOT_1": "base64:" + b64(bytes(range(1, 33))),
    "ROOT_2": "hex:" + bytes(range(40, 80)).hex(),
    "JWT": "base64:" + b64(b"config signing key of 32 bytes.."),
    "OLD": "an old signing key, plain text of 43 bytes..",
    "FARM": "the farm gateway's secret of 40 bytes......",
    "HOOK": "a parking secret of 27 bytes",
    "HOOK_OLD": "an older parking secret",
    "EMPTY": "",
}
TREE = {
    "version": 1,
    "root_keys": [
        {"id": 1, "secret": "${ROOT_1}", "state": "retired"},
        {"id": 2, "secret": "${ROOT_2}", "state": "active"},
    ],
    "store": {"default": "memory:", "sweep_every": "6h"},
    "tokens": {
        "issuer": "https://auth.example",
        "audience": ["api"],
        "access_ttl": "15m",
        "leeway": "30s",
        "concurrent_window": "15s",
        "retention": "7d",
        "view": {"refresh": "5s", "max_age": "60s"},
        "clients": [
            {"id": "web", "kind": "browser"},
            {"id": "tablet", "kind": "device", "idle": "90d", "absolute": "365d", "lost_window": "7d", "retry_key": "required"},
        ],
        "signing_keys": [
            {"kid": "k1", "alg": "HS256", "secret": "${JWT}", "state": "active"},
            {"kid": "old", "alg": "HS256", "secret": "${OLD}", "state": "retired", "max_ttl": "24h", "not_after": "2027-01-31T00:00:00Z"},
        ],
        "issuers": [
            {
                "id": "farmiq",
                "issuer": "farmiq",
                "audience": ["farmiq-api"],
                "typ": ["JWT", ""],
                "required": ["sub", "exp"],
                "claims": {"tenant": "tenant_id", "roles": "role"},
                "keys": [{"kid": "", "alg": "HS256", "secret": "${FARM}"}],
            }
        ],
    },
    "webhooks": {
        "endpoints": [
            {
                "id": "chirpstack",
                "preset": "parking",
                "secrets": [{"id": "new", "secret": "${HOOK}"}, {"id": "old", "secret": "${HOOK_OLD}", "sign": False, "not_after": "2026-12-31T00:00:00Z"}],
                "window": {"past": "300s", "future": "60s"},
                "replay": "nonce",
                "max_body": "1MiB",
            },
            {"id": "std", "preset": "standard_webhooks", "secrets": [{"id": "a", "secret": STD_ONE}]},
            {"id": "edge", "preset": "edge_sync", "secrets": [{"id": "a", "secret": "${HOOK}"}]},
        ]
    },
}
DROP = object()
CLIENT, KEY, ISSUER, HOOK = "tokens.clients[1]", "tokens.signing_keys[1]", "tokens.issuers[0]", "webhooks.endpoints[0]"
STD, EDGE = "webhooks.endpoints[1]", "webhooks.endpoints[2]"


def steps(path: str):
    """The members and places of a path."""
    for part in path.replace("]", "").replace("[", ".#").split("."):
        yield int(part[1:]) if part.startswith("#") else part


def part(edits: dict) -> dict:
    """The parts of the tree that the edits touch: vectors stay small."""
    text = " ".join(edits)
    tree = {name: value for name, value in TREE.items() if name == "version" or not edits or name in text}
    if edits and "tokens" in tree and "issuers" not in text:
        tree["tokens"] = {name: value for name, value in tree["tokens"].items() if name != "issuers"}
    if edits and "webhooks" in tree and STD not in text and EDGE not in text:
        tree["webhooks"] = {"endpoints": TREE["webhooks"]["endpoints"][:1]}
    return copy.deepcopy(tree)


def changed(edits: dict) -> dict:
    tree = part(edits)
    for path, value in edits.items():
        *way, last = steps(path)
        node = tree
        for step in way:
            node = node[step] if not isinstance(node, dict) else node.setdefault(step, {})
        if value is DROP:
            node.pop(last, None) if isinstance(node, dict) else node.pop(last)
        elif isinstance(last, int) and last == len(node):
            node.append(value)
        else:
            node[last] = value
    return tree


def used(env: dict, text: str) -> dict:
    return {name: value for name, value in env.items() if "${" + name + "}" in text}


class Cases:
    def __init__(self, file):
        self.groups = {name: file.group("config.load") for name in ("toml", "json")}

    def both(self, comment, flag, edits, field=None, line_of=None, env=ENV):
        """`field` None: the pages do not say which; `line_of` None: the field's own line. No field and no line: valid."""
        for name, write in (("toml", toml), ("json", json_)):
            written = write(changed(edits))
            expect = {}
            if field or line_of:
                expect["line"] = written.at[line_of or field]
            if field:
                expect["field"] = field
            self.add(name, comment, flag, written.text(), expect, env)

    def valid(self, comment, edits, env=ENV):
        for name, write in (("toml", toml), ("json", json_)):
            text = write(changed(edits)).text()
            self.groups[name].outcome(comment, ["Good"], "", format=name, text=text, env=used(env, text))

    def add(self, name, comment, flag, text, expect, env=ENV):
        members = {"format": name, "text": text, "env": used(env, text), **({"expect": expect} if expect else {})}
        self.groups[name].test(comment, [flag], "invalid", code="config_invalid", **members)

    def wrong(self, flag, path, *values, line_of=None):
        for value in values:
            shown = value.text if isinstance(value, Literal) else repr(value)
            self.both(f"{path} = {shown[:40]}", flag, {path: value}, path, line_of)

    def missing(self, path):
        parent = path.rsplit(".", 1)[0]
        self.both(f"{path} missing", "Missing", {path: DROP}, path, parent)


def build():
    file = VectorFile("config/load.json", NOTES)
    cases = Cases(file)
    good(cases)
    document(cases)
    roots_and_store(cases)
    tokens(cases)
    signing_keys(cases)
    issuers(cases)
    webhooks(cases)
    later(cases)
    toml_form(cases)
    json_form(cases)
    return [file]


def good(cases):
    cases.valid("the whole tree", {})
    cases.valid("nothing but a version", {"version": 1})
    cases.valid("no store", {"tokens.leeway": "30s", "webhooks.endpoints[0].replay": "nonce"})
    cases.valid("webhooks and a store", {"store.default": "memory:", "webhooks.endpoints[0].replay": "nonce"})
    cases.valid("a literal ${", {"tokens.issuer": "$${ROOT_1}"})
    cases.valid("a reference inside a text", {"tokens.issuer": "https://${HOST}/auth"}, {**ENV, "HOST": "auth.example"})
    cases.valid("a reference is not read again", {"tokens.issuer": "${HOST}"}, {**ENV, "HOST": "${NOPE}"})
    cases.valid("a secret in hex", {f"{KEY}.secret": "hex:" + "ab" * 32})
    for path, values in {
        "tokens.leeway": ("0s", "120s", "119999ms"),
        "tokens.concurrent_window": ("1s", "60s", "1000001us", "1m"),
        "tokens.access_ttl": ("1s", "60m", "2000ms", "1d"),
        "tokens.retention": ("30d",),
        f"{CLIENT}.lost_window": ("0s", "90d"),
        f"{CLIENT}.retry_key": ("optional",),
        f"{CLIENT}.confidential": (True, False),
        f"{HOOK}.max_body": ("1B", "64KiB"),
        f"{HOOK}.claim": ("one_phase", "two_phase"),
        f"{HOOK}.replay": ("none", "signature"),
        f"{EDGE}.replay": ("signature",),
        "tokens.escalate_reuse": (True,),
        "tokens.on_binding_mismatch": ("refuse", "revoke"),
        "tokens.store_behind": ("refuse", "adopt_bound"),
        "tokens.failover_until": ("2026-11-21T08:00:00.5+01:00",),
        "tokens.view": ({"refresh": "1s", "max_age": "10s", "on_stale": "accept"}, {"on_stale": "unavailable"}),
        f"{KEY}.state": ("next", "retired"),
        f"{ISSUER}.fractional_times": (True,),
        f"{ISSUER}.leeway": ("120s",),
    }.items():
        for value in values:
            cases.valid(f"{path} = {value!r}", {path: value})
    cases.valid("an Ed25519 key", {"tokens.signing_keys[2]": {"kid": "ed", "alg": "Ed25519", "private_key": private_pem(ED_SEED), "state": "retired"}})
    cases.valid("an Ed25519 key that only verifies", {"tokens.signing_keys[2]": {"kid": "ed", "alg": "EdDSA", "public_key": public_pem(ED_SEED), "state": "retired"}})
    cases.valid("a next root", {"root_keys[2]": {"id": 3, "secret": "hex:" + "cd" * 32, "state": "next"}})
    cases.valid("a lower min_len", {f"{HOOK}.min_len": 13, f"{HOOK}.secrets[0].secret": "shared-secret"})
    cases.valid("secrets of Standard Webhooks in all forms", {f"{STD}.secrets": [{"id": "a", "secret": STD_ONE}, {"id": "b", "secret": STD_ONE[6:-4] + "AAA="}, {"id": "c", "secret": WHPK}]})
    cases.valid("members of later domains", {
        "idempotency": {"effects": "implicit", "retention": "24h", "lease": "30s", "max_stored_body": "256KiB", "routes": [{"match": {"method": "POST", "path": "/devices/*/commands"}, "on_5xx": "store", "on_crash": "hold", "retention": "7d"}]},
        "limits": {"policies": [{"id": "tenant", "tiers": [{"id": "minute", "limit": 100, "period": "1m"}], "on_store_error": {"local": 0.5}}, {"id": "login", "tiers": [{"id": "q", "limit": 5, "period": "15m", "algo": "sliding_log"}], "subject": "email", "on_store_error": "deny"}]},
        "lockout": {"policies": [{"id": "login", "subject": "email", "threshold": 10, "window": "24h", "duration": "1h"}]},
        "http": {"errors": "problem", "rate_limit_headers": ["legacy"]},
    })  # fmt: skip


def document(cases):
    cases.both("version missing", "Missing", {"version": DROP})
    cases.wrong("Range", "version", 0, 2, -1)
    cases.wrong("Type", "version", "1", True, Literal("1.0"), [1])
    for path in ("colour", "tokens.colour", "store.colour", "tokens.view.colour", f"{CLIENT}.colour", f"{KEY}.colour", f"{ISSUER}.colour", f"{ISSUER}.claims.colour", f"{ISSUER}.keys[0].colour", f"{HOOK}.colour", f"{HOOK}.window.colour", f"{HOOK}.secrets[0].colour", "root_keys[0].colour", "tokens.Issuer", "tokens.signing_key"):
        cases.both(f"unknown member {path}", "Unknown", {path: "red"}, path)
    for path, value in (("tokens", 5), ("tokens", "x"), ("store", "memory:"), ("webhooks", 1), ("root_keys", {"id": 1}), ("root_keys", "x"), ("tokens.clients", "web"), ("tokens.clients", ["web"]), ("tokens.view", "5s"), (f"{HOOK}.window", "300s"), (f"{ISSUER}.claims", "x"), (f"{ISSUER}.keys", "x")):
        line = "tokens.clients" if value == ["web"] else path
        cases.both(f"{path} = {value!r}", "Type", {path: value}, None if value == ["web"] else path, line)


def roots_and_store(cases):
    for name in ("id", "secret"):
        cases.missing(f"root_keys[0].{name}")
    cases.wrong("Range", "root_keys[0].id", 0, 256, -1)
    cases.wrong("Type", "root_keys[0].id", "1", Literal("1.5"))
    cases.wrong("Type", "root_keys[0].secret", 5, ["x"])
    cases.wrong("Secret", "root_keys[0].secret", "plain text of more than 32 bytes, no prefix", "base64:", "hex:", "base64:" + b64(bytes(range(31))), "hex:" + "ab" * 31, "base64:not base64 at all, not at all", "hex:" + "g" * 64, "hex:" + "abc", "${NOPE}", "${EMPTY}", "${", "x${ROOT_1")
    cases.wrong("State", "root_keys[0].state", "on", "Active", "")
    cases.both("no active root", "State", {"root_keys[1].state": "retired"})
    cases.both("two active roots", "State", {"root_keys[0].state": "active"})
    cases.both("a root id twice", "Twice", {"root_keys[1].id": 1}, "root_keys[1].id")
    cases.both("one root under two ids", "Twice", {"root_keys[1].secret": "${ROOT_1}"}, "root_keys[1].secret")
    cases.both("one root under two ids, once in hex", "Twice", {"root_keys[1].secret": "hex:" + bytes(range(1, 33)).hex()}, "root_keys[1].secret")
    cases.wrong("Store", "store.default", "", "memory", "mysql://db/app", "sqlite:", "/var/lib/app.db", "${NOPE}")
    cases.wrong("Type", "store.default", 5, ["memory:"])
    cases.wrong("Range", "store.sweep_every", "never", "6", "6 h", "")
    cases.wrong("Store", "store.tokens", "redis", "x:")


def tokens(cases):
    for path in ("tokens.issuer", "tokens.audience", f"{CLIENT}.id", f"{CLIENT}.kind"):
        cases.missing(path)
    cases.wrong("Type", "tokens.issuer", 5, ["x"], True)
    cases.wrong("Secret", "tokens.issuer", "${NOPE}", "${EMPTY}", "x${NOPE}y")
    cases.wrong("Type", "tokens.audience", "api", 5)
    cases.both("tokens.audience holds a number", "Type", {"tokens.audience": ["api", 5]}, None, "tokens.audience")
    cases.wrong("Range", "tokens.audience", [])
    bad = ("15", "15 m", "1.5h", "-1s", "+1s", "15M", "15min", "", "s", " 15m", "15m ", "1m30s", "0x1s", "1e3s", "99999999999999999999d", "\uff11s")
    cases.wrong("Range", "tokens.access_ttl", *bad, "0s", "999ms", "1500ms", "1000001us")
    cases.wrong("Type", "tokens.access_ttl", 900, Literal("1.5"), True)
    cases.both("access_ttl beyond the absolute lifetime", "Range", {"tokens.access_ttl": "91d"})
    cases.wrong("Range", "tokens.leeway", "121s", "120001ms", "3m", "x")
    cases.wrong("Range", "tokens.concurrent_window", "0s", "999ms", "999999us", "61s", "60001ms", "x")
    cases.wrong("Range", "tokens.retention", "x", "7")
    cases.wrong("Type", "tokens.retention", 7)
    cases.wrong("Range", "tokens.view.refresh", "x", "5")
    cases.wrong("Range", "tokens.view.max_age", "x", "60")
    cases.wrong("Range", "tokens.view.on_stale", "ignore", "")
    cases.wrong("Type", "tokens.escalate_reuse", "yes", 1)
    cases.wrong("Range", "tokens.on_binding_mismatch", "ignore", "Refuse")
    cases.wrong("Range", "tokens.store_behind", "adopt", "")
    cases.wrong("Range", "tokens.failover_until", "tomorrow", "2026-11-21", "2026-11-21T08:00:00", "2026-11-21 08:00:00Z", "2026-13-21T08:00:00Z", "1795248000")
    cases.wrong("Type", "tokens.failover_until", 1795248000)
    cases.wrong("Type", f"{CLIENT}.id", 5)
    cases.wrong("Range", f"{CLIENT}.kind", "phone", "Device", "")
    cases.both("a client twice", "Twice", {f"{CLIENT}.id": "web"}, f"{CLIENT}.id")
    cases.wrong("Range", f"{CLIENT}.idle", "x", "90")
    cases.wrong("Range", f"{CLIENT}.absolute", "x")
    cases.wrong("Range", f"{CLIENT}.lost_window", "91d", "x")
    cases.both("lost_window beyond the idle time of its kind", "Range", {"tokens.clients[0]": {"id": "web", "kind": "browser", "lost_window": "31d"}}, None, "tokens.clients[0]")
    cases.wrong("Range", f"{CLIENT}.retry_key", "always", "")
    cases.wrong("Type", f"{CLIENT}.retry_key", True)
    cases.wrong("Type", f"{CLIENT}.confidential", "true", 1)


def signing_keys(cases):
    for name in ("kid", "alg"):
        cases.missing(f"{KEY}.{name}")
    cases.both("a key without material", "Missing", {f"{KEY}.secret": DROP}, None, KEY)
    cases.wrong("Type", f"{KEY}.kid", 5)
    cases.wrong("Range", f"{KEY}.kid", "", "k 1", "k" * 129, "k\u00e9", "k\n")
    cases.both("a kid twice", "Twice", {f"{KEY}.kid": "k1"}, f"{KEY}.kid")
    cases.wrong("Keys", f"{KEY}.alg", "none", "hs256", "HS255", "", "A128KW", "ed25519")
    cases.wrong("Type", f"{KEY}.alg", 5)
    cases.wrong("Secret", f"{KEY}.secret", "short", "x" * 31, "base64:" + b64(bytes(31)), "hex:" + "ab" * 31, "base64:???", "hex:xyz", "${NOPE}", "${EMPTY}")
    cases.wrong("Type", f"{KEY}.secret", 5)
    cases.wrong("State", f"{KEY}.state", "on", "ACTIVE", "")
    cases.both("no active signing key", "State", {"tokens.signing_keys[0].state": "next"})
    cases.both("two active signing keys", "State", {f"{KEY}.state": "active"})
    cases.wrong("Range", f"{KEY}.max_ttl", "x", "24")
    cases.wrong("Range", f"{KEY}.not_after", "x", "2027-01-31", "2027-01-31T00:00:00", "2027-02-30T00:00:00Z")
    window = {f"{KEY}.not_before": "2027-01-31T00:00:00Z"}
    cases.both("not_before and not_after equal", "Range", window)
    cases.both("not_before after not_after", "Range", {f"{KEY}.not_before": "2027-02-01T00:00:00Z"})
    third = "tokens.signing_keys[2]"
    for comment, members, name in (
        ("a private key that is no key", {"alg": "Ed25519", "private_key": "not a key"}, "private_key"),
        ("a public key that is no key", {"alg": "Ed25519", "public_key": "not a key"}, "public_key"),
        ("a PEM that is cut", {"alg": "Ed25519", "private_key": private_pem(ED_SEED)[:60]}, "private_key"),
        ("a public key given as private", {"alg": "Ed25519", "private_key": public_pem(ED_SEED)}, "private_key"),
        ("a private key given as public", {"alg": "Ed25519", "public_key": private_pem(ED_SEED)}, "public_key"),
    ):
        key = {"kid": "ed", "state": "retired", **members}
        cases.both(comment, "Keys", {third: key}, f"{third}.{name}")
    for comment, members in (
        ("an Ed25519 key with a secret", {"alg": "Ed25519", "secret": "x" * 32}),
        ("an HS256 key with a public key", {"alg": "HS256", "public_key": public_pem(ED_SEED)}),
        ("an HS256 key with a private key", {"alg": "HS256", "private_key": private_pem(ED_SEED)}),
        ("an Ed25519 key without material", {"alg": "Ed25519"}),
    ):
        cases.both(comment, "Keys", {third: {"kid": "ed", "state": "retired", **members}})
    only = {"kid": "ed", "alg": "Ed25519", "public_key": public_pem(ED_SEED), "state": "active"}
    cases.both("an active key that only verifies", "Keys", {"tokens.signing_keys": [only]})


def issuers(cases):
    for name in ("id", "issuer", "audience"):
        cases.missing(f"{ISSUER}.{name}")
    cases.both("neither keys nor jwks_uri", "Missing", {f"{ISSUER}.keys": DROP}, None, ISSUER)
    for name in ("kid", "alg"):
        cases.missing(f"{ISSUER}.keys[0].{name}")
    cases.both("our own issuer", "Profiles", {f"{ISSUER}.issuer": "https://auth.example"}, f"{ISSUER}.issuer")
    other = {**copy.deepcopy(TREE["tokens"]["issuers"][0]), "id": "two", "issuer": "two", "keys": [{"kid": "", "alg": "HS256", "secret": "the other gateway's secret of 41 bytes....."}]}
    second = "tokens.issuers[1]"
    cases.valid("a second issuer", {second: other})
    cases.both("an issuer's id twice", "Twice", {second: {**other, "id": "farmiq"}}, f"{second}.id")
    cases.both("an issuer text in two profiles", "Profiles", {second: {**other, "issuer": "farmiq"}}, f"{second}.issuer")
    cases.both("a key in two profiles", "Profiles", {second: {**other, "keys": [{"kid": "", "alg": "HS256", "secret": "${FARM}"}]}}, f"{second}.keys[0].secret")
    cases.both("our own key in a profile", "Profiles", {f"{ISSUER}.keys[0].secret": "${JWT}"}, f"{ISSUER}.keys[0].secret")
    cases.both("our retired key in a profile", "Profiles", {f"{ISSUER}.keys[0].secret": "${OLD}"}, f"{ISSUER}.keys[0].secret")
    cases.both("a kid twice in a profile", "Twice", {f"{ISSUER}.keys[1]": {"kid": "", "alg": "HS256", "secret": "y" * 40}}, f"{ISSUER}.keys[1].kid")
    cases.wrong("Type", f"{ISSUER}.typ", "JWT", 5)
    cases.wrong("Type", f"{ISSUER}.required", "sub", 5)
    cases.wrong("Range", f"{ISSUER}.leeway", "121s", "x")
    cases.wrong("Type", f"{ISSUER}.fractional_times", "no", 1)
    cases.wrong("Range", f"{ISSUER}.max_ttl", "x")
    cases.wrong("Secret", f"{ISSUER}.keys[0].secret", "short", "${NOPE}")
    cases.wrong("Keys", f"{ISSUER}.keys[0].alg", "none", "HS1")
    cases.wrong("Type", f"{ISSUER}.claims.tenant", 5)


def webhooks(cases):
    for path in (f"{HOOK}.id", f"{HOOK}.secrets[0].id", f"{HOOK}.secrets[0].secret"):
        cases.missing(path)
    cases.both("secrets missing", "Missing", {f"{HOOK}.secrets": DROP}, f"{HOOK}.secrets", HOOK)
    cases.both("neither preset nor scheme", "Missing", {f"{HOOK}.preset": DROP}, None, HOOK)
    cases.wrong("Webhooks", f"{HOOK}.preset", "park", "Parking", "")
    cases.wrong("Type", f"{HOOK}.preset", 5)
    cases.wrong("Webhooks", f"{HOOK}.secrets", [])
    many = [{"id": f"s{at}", "secret": f"a secret of the many, number {at}"} for at in range(9)]
    cases.valid("8 secrets", {f"{HOOK}.secrets": many[:8]})
    cases.both("9 secrets", "Webhooks", {f"{HOOK}.secrets": many})
    cases.both("an endpoint twice", "Twice", {f"{STD}.id": "chirpstack"}, f"{STD}.id")
    cases.both("a secret's id twice", "Twice", {f"{HOOK}.secrets[1].id": "new"}, f"{HOOK}.secrets[1].id")
    first = f"{HOOK}.secrets[0].secret"
    cases.wrong("Webhooks", first, "fifteen bytes..", " a secret with a space in front", "a secret with a space behind ", "a secret with a\ttab inside it", "a secret ending in a newline\n", "${NOPE}", "${EMPTY}", "")
    cases.wrong("Webhooks", first, WHPK, "v1,whsec_" + b64(bytes(range(32))), "sk_live_0123456789abcdef", "sk_test_0123456789abcdef", "whsk_0123456789abcdef")
    cases.wrong("Webhooks", f"{STD}.secrets[0].secret", "whsec_" + b64(bytes(range(23))), "whsec_" + b64(bytes(range(65))), "whsec_!!!!AQ", "v1," + STD_ONE, "whsec_", "whpk_" + b64(bytes(range(31))), "whsk_" + b64(bytes(range(63))), STD_ONE + " ", "whsec_" + b64(bytes(range(32)))[:10] + " " + b64(bytes(range(32)))[10:])
    cases.wrong("Webhooks", f"{HOOK}.replay", "id", "once", "")
    cases.wrong("Webhooks", f"{EDGE}.replay", "nonce", "id")
    cases.wrong("Webhooks", f"{STD}.replay", "nonce")
    cases.wrong("Range", f"{HOOK}.window.past", "x", "300")
    cases.wrong("Range", f"{HOOK}.window.future", "x", "-60s")
    cases.wrong("Range", f"{HOOK}.max_body", "1MB", "1", "1 MiB", "-1B", "1GiB", "1.5MiB", "x")
    cases.wrong("Type", f"{HOOK}.max_body", 1048576)
    cases.wrong("Range", f"{HOOK}.claim", "three_phase")
    cases.wrong("Range", f"{HOOK}.hold", "x")
    cases.wrong("Type", f"{HOOK}.min_len", "13")
    cases.wrong("Type", f"{HOOK}.secrets[1].sign", "no")
    cases.wrong("Range", f"{HOOK}.secrets[1].not_after", "x", "2026-12-31")
    for comment, at in (("equal", "2026-12-31T00:00:00Z"), ("reversed", "2027-01-01T00:00:00Z")):
        cases.both(f"times of a secret {comment}", "Range", {f"{HOOK}.secrets[1].not_before": at}, f"{HOOK}.secrets[1].not_after")


def later(cases):
    cases.both("idempotency.colour", "Later", {"idempotency": {"colour": "red"}}, "idempotency.colour")
    cases.both("idempotency.retention = 5", "Later", {"idempotency": {"retention": 5}}, "idempotency.retention")
    cases.both("limits.colour", "Later", {"limits": {"colour": "red"}}, "limits.colour")
    cases.both("http.colour", "Later", {"http": {"colour": "red"}}, "http.colour")
    cases.both("lockout.colour", "Later", {"lockout": {"colour": "red"}}, "lockout.colour")


def marked(cases, name, comment, flag, text, field=None, env=ENV):
    """Text with the mark § on the line of the fault."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines, 1) if "\u00a7" in line)
    expect = {"line": at, **({"field": field} if field else {})}
    cases.add(name, comment, flag, text.replace("\u00a7", ""), expect, env)


def toml_form(cases):
    add = lambda comment, text, field=None: marked(cases, "toml", comment, "Form", text, field)
    cases.add("toml", "an empty text", "Form", "", {})
    add("a text without an end", 'version = 1\n\n[tokens]\nissuer = "https://auth.example\u00a7\naudience = ["api"]\n')
    add("a member twice", 'version = 1\n[store]\ndefault = "memory:"\ndefault = "memory:"\u00a7\n')
    add("a table twice", 'version = 1\n[store]\ndefault = "memory:"\n[store]\u00a7\ntokens = "memory:"\n')
    add("no section name", "version = 1\n[]\u00a7\n")
    add("words", "version = 1\nthis is no TOML\u00a7\n")
    for literal in ("2026-11-21T08:00:00Z", "2026-11-21T08:00:00", "2026-11-21", "08:00:00"):
        add(f"a TOML date-time: {literal}", f'version = 1\n[tokens]\nissuer = "https://auth.example"\naudience = ["api"]\nfailover_until = {literal}\u00a7\n', "tokens.failover_until")
    add("a date-time in a list", 'version = 1\n[tokens]\nissuer = "https://auth.example"\naudience = [2026-11-21]\u00a7\n')
    add("infinity", "version = inf\u00a7\n", "version")
    add("nan", "version = nan\u00a7\n", "version")
    cases.groups["toml"].outcome("comments, quoted names and dotted names", ["Good"], "", format="toml", text='# a policy\n"version" = 1 # one\nstore.default = "memory:"\n', env={})
    cases.groups["toml"].outcome("texts in all four forms", ["Good"], "", format="toml", text="version = 1\n[store]\ndefault = 'memory:'\ntokens = \"\"\"memory:\"\"\"\nwebhooks = '''memory:'''\n", env={})
    cases.groups["toml"].outcome("new lines of Windows", ["Good"], "", format="toml", text='version = 1\r\n[store]\r\ndefault = "memory:"\r\n', env={})


def json_form(cases):
    add = lambda comment, text, field=None: marked(cases, "json", comment, "Form", text, field)
    add("a member twice", '{\n  "version": 1,\n  "store": { "default": "memory:" },\n  "store": { "default": "memory:" }\u00a7\n}\n')
    add("a member twice, deep", '{\n  "version": 1,\n  "store": {\n    "default": "memory:",\n    "default": "memory:"\u00a7\n  }\n}\n')
    add("a comment", '{\n  "version": 1, // one\u00a7\n  "store": { "default": "memory:" }\n}\n')
    add("a block comment", '{\n  /* one */\u00a7 "version": 1\n}\n')
    cases.add("json", "a comma at the end", "Form", '{\n  "version": 1,\n}\n', {})
    add("NaN", '{\n  "version": NaN\u00a7\n}\n')
    add("Infinity", '{\n  "version": Infinity\u00a7\n}\n')
    add("text after the object", '{\n  "version": 1\n}\nx\u00a7\n')
    add("single quotes", "{\n  'version': 1\u00a7\n}\n")
    add("an integer with an exponent", '{\n  "version": 1e0\u00a7\n}\n', "version")
    add("an integer with a fraction", '{\n  "version": 1.0\u00a7\n}\n', "version")
    add("a min_len with an exponent", '{\n  "version": 1,\n  "webhooks": {\n    "endpoints": [\n      { "id": "p", "preset": "parking", "min_len": 13e0, "secrets": [{ "id": "a", "secret": "shared-secret-of-22-by" }] }\u00a7\n    ]\n  }\n}\n', "webhooks.endpoints[0].min_len")
    add("null for a member", '{\n  "version": 1,\n  "store": {\n    "default": null\u00a7\n  }\n}\n', "store.default")
    add("a lone surrogate", '{\n  "version": 1,\n  "store": { "default": "memory:\\ud800" }\u00a7\n}\n')
    add("a raw tab in a text", '{\n  "version": 1,\n  "store": { "default": "memory:\t" }\u00a7\n}\n')
    cases.add("json", "no end", "Form", '{\n  "version": 1\n', {})
    cases.groups["json"].outcome("one line", ["Good"], "", format="json", text='{"version":1,"store":{"default":"memory:"}}', env={})
    cases.groups["json"].outcome("escapes in names and texts", ["Good"], "", format="json", text='{"\\u0076ersion":1,"store":{"default":"m\\u0065mory:"}}', env={})
