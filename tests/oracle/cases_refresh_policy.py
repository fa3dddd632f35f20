"""Sequences that depend on the policy: root roll-over, reopened policies, access-token bytes, foreign tokens."""

import copy
import hashlib

import jwt
import refresh_token as rt
from cases_jwt_data import ED_SEED, private_pem
from cases_refresh import DAY, KEY, POLICY, RING, ROOT, ROOT2, forged
from script import T0, Sequence
from vector_file import VectorFile

NOTES = {
    "Roots": "tokens.md sections 2 and 10: which kid signs, and what an unknown one means",
    "Reopen": "another policy on the same store",
    "Bytes": "access tokens byte by byte",
    "Escalate": "escalate_reuse: the second family with reuse or fork within 24 h ends all of the subject's",
    "Mismatch": "on_binding_mismatch = revoke",
    "Failover": "failover_until declares a window in which a token ahead is adopted",
    "Foreign": "sid, gen and tv of a foreign token are never looked up among ours",
    "KeyTimes": "an active signing key outside its time does not sign; nothing is consumed",
}


def with_roots(*roots, **tokens):
    policy = copy.deepcopy(POLICY)
    policy["root_keys"] = [{**root, "state": state} for root, state in roots]
    policy["tokens"].update(tokens)
    return policy


ROOT3 = {"id": 3, "secret": "hex:" + hashlib.sha256(b"gatewright third root").hexdigest()}
BOTH = with_roots((ROOT, "retired"), (ROOT2, "active"))
NEXT = with_roots((ROOT, "active"), (ROOT2, "next"))
ONLY2 = with_roots((ROOT2, "active"))


def build():
    file = VectorFile("refresh/policies.json", NOTES)
    roots(file)
    reopened(file)
    access_bytes(file)
    escalation(file)
    mismatch(file)
    failover(file)
    foreign(file)
    key_times(file)
    return [file]


def roots(file):
    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "00"})
    new = lambda comment: Sequence(group, comment, "Roots")
    with new("the worked vector of tokens.md section 10") as s:
        s.issue()
        s.step("refresh", 600, "rotated", "b", token="$a.refresh_token", retry_key={"hex": "000102030405060708090a0b0c0d0e0f"})
        s.step("reopen", 600, "valid", policy=BOTH)
        s.refresh("b", 1200, "rotated", "c")
        s.refresh("b", 1215, "retry_concurrent")
        s.refresh("c", 1800, "rotated")
    with new("a retry after the roll-over uses the row's kid") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.step("reopen", 605, "valid", policy=BOTH)
        s.refresh("a", 610, "retry_concurrent", key="1")
        s.refresh("a", 700, "retry_lost", key="1")
        s.refresh("b", 800, "rotated", "c", key="2")
        s.refresh("b", 900, "retry_lost", key="2")
        s.refresh("c", 1000, "rotated", "d", key="3")
    with new("a next root signs nothing by itself") as s:
        s.step("reopen", 0, "valid", policy=NEXT)
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.step("reopen", 601, "valid", policy=BOTH)
        s.refresh("b", 1200, "rotated", "c")
        s.step("reopen", 1201, "valid", policy=NEXT)
        s.refresh("b", 1202, "retry_concurrent")
        s.refresh("c", 1800, "rotated", "d")
        s.issue("x", at=1801)
        s.refresh("c", 1802, "retry_concurrent")
    with new("a kid above all that are held is our fault, not the token's") as s:
        s.step("reopen", 0, "valid", policy=BOTH)
        s.issue()
        s.step("reopen", 1, "valid", policy=POLICY)
        s.refresh("a", 2, "unavailable")
        s.step("revoke", 2, "unavailable", token="$a.refresh_token")
        s.step("reopen", 3, "valid", policy=BOTH)
        s.refresh("a", 4, "rotated")
    with new("a row with a kid that is not held, by its parent") as s:
        s.issue()
        s.step("reopen", 1, "valid", policy=BOTH)
        s.refresh("a", 600, "rotated", "b")
        s.step("reopen", 601, "valid", policy=POLICY)
        s.refresh("a", 602, "unavailable")
        s.refresh("b", 602, "unavailable")
        s.step("reopen", 603, "valid", policy=BOTH)
        s.refresh("a", 604, "retry_concurrent")
        s.refresh("b", 605, "rotated")
    with new("a row with a kid that is not held: ends come first") as s:
        s.issue()
        s.step("reopen", 1, "valid", policy=BOTH)
        s.refresh("a", 600, "rotated", "b")
        s.step("revoke", 601, "valid", token="$b.refresh_token")
        s.step("reopen", 602, "valid", policy=POLICY)
        s.refresh("a", 603, "revoked")
    with new("a dropped kid is malformed") as s:
        s.issue()
        s.step("reopen", 1, "valid", policy=ONLY2)
        s.refresh("a", 2, "malformed")
        s.step("revoke", 2, "valid", token="$a.refresh_token")
        s.issue("x", at=3)
        s.step("reopen", 4, "valid", policy=POLICY)
        s.refresh("a", 5, "rotated")
    with new("three roots: the kid between is unknown") as s:
        s.step("reopen", 0, "valid", policy=BOTH)
        s.issue()
        s.step("reopen", 1, "valid", policy=with_roots((ROOT, "retired"), (ROOT3, "active")))
        s.refresh("a", 2, "malformed")
        s.step("reopen", 3, "valid", policy=with_roots((ROOT2, "retired"), (ROOT3, "active")))
        s.refresh("a", 4, "rotated", "b")
        s.refresh("a", 5, "retry_concurrent")
        s.refresh("b", 6, "rotated")
    with new("the current generation under the parent's kid is a fork") as s:
        s.issue()
        s.step("reopen", 1, "valid", policy=BOTH)
        token = s.refresh("a", 600, "rotated", "b")["refresh_token"]
        both = rt.Ring(BOTH["root_keys"])
        s.refresh(forged(token, ring=both, kid=1), 601, "fork")
        s.refresh("b", 602, "revoked")
    with new("the parent under the successor's kid is reuse") as s:
        token = s.issue()["refresh_token"]
        s.step("reopen", 1, "valid", policy=BOTH)
        s.refresh("a", 600, "rotated", "b")
        both = rt.Ring(BOTH["root_keys"])
        s.refresh(forged(token, ring=both, kid=2), 601, "reuse")
        s.refresh("b", 602, "revoked")


def reopened(file):
    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "07"})
    new = lambda comment: Sequence(group, comment, "Reopen")
    with new("a client leaves the policy") as s:
        s.issue(client="phone")
        s.issue("x")
        policy = copy.deepcopy(POLICY)
        policy["tokens"]["clients"] = policy["tokens"]["clients"][:1]
        s.step("reopen", 1, "valid", policy=policy)
        s.refresh("a", 2, "binding_mismatch")
        s.refresh("a", 2, "invalid_argument", client="phone")
        s.refresh("x", 2, "rotated")
        s.step("reopen", 3, "valid", policy=POLICY)
        s.refresh("a", 4, "rotated")
    with new("W_conc is that of the policy in force") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.reopen(601, POLICY, concurrent_window="60s")
        s.refresh("a", 660, "retry_concurrent")
        s.reopen(661, POLICY, concurrent_window="1s")
        s.refresh("a", 661, "reuse")
    with new("idle and absolute are those of the login") as s:
        s.issue()
        policy = copy.deepcopy(POLICY)
        policy["tokens"]["clients"][0] |= {"idle": "1h", "absolute": "2h"}
        s.step("reopen", 1, "valid", policy=policy)
        s.refresh("a", 10 * DAY, "rotated", "b")
        s.issue("x", at=10 * DAY)
        s.refresh("x", 10 * DAY + 3600, "expired")
        s.refresh("b", 20 * DAY, "rotated")
    with new("access_ttl is that of the policy in force") as s:
        s.issue()
        s.reopen(1, POLICY, access_ttl="1s")
        s.refresh("a", 2, "rotated", "b")
        s.verify("b", 3)
        s.verify("a", 3, "jwt_lifetime")
        s.reopen(4, POLICY, access_ttl="1h")
        s.refresh("b", 5, "rotated", "c")
        s.verify("c", 6)
    with new("a retry key becomes required: the old rotation had none") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        policy = copy.deepcopy(POLICY)
        policy["tokens"]["clients"][0]["retry_key"] = "required"
        s.step("reopen", 601, "valid", policy=policy)
        s.refresh("a", 602, "binding_mismatch")
        s.refresh("a", 603, "reuse", key="1")
        s.refresh("b", 604, "revoked", key="1")
    with new("retention is that of the policy that wrote the record") as s:
        s.issue(client="short")
        s.refresh("a", 3600 + DAY - 1, "expired")
        s.reopen(1, POLICY, retention="7d")
        s.issue("x", at=0, client="short")
        s.refresh("x", 3600 + 7 * DAY - 1, "expired")
        s.refresh("x", 3600 + 7 * DAY, "unknown")


def access_bytes(file):
    def new(policy, seed, comment):
        group = file.group("refresh.sequence", policy=policy, seed=seed)
        return Sequence(group, comment, "Bytes")

    shown = ("outcome", "access_token", "refresh_token", "session_id", "expires_in", "server_time_ms", "token_type")

    def both(s, **login):
        login = {"subject": "u-42", "client": "web", **login}
        s.step("issue", (0, 123_456), "issued", "a", show=shown, **login)
        s.step("verify", 1, "valid", access="$a.access_token", show=tuple(CLAIMS))
        s.step("refresh", (600, 999_999), "rotated", "b", token="$a.refresh_token", show=shown)
        s.step("refresh", 601, "retry_concurrent", token="$a.refresh_token", show=shown)

    with new(POLICY, {"hex": ""}, "nothing but a subject") as s:
        both(s)
    with new(POLICY, {"utf8": "bytes"}, "all members of a login") as s:
        both(
            s,
            tenant="acme",
            roles=["operator", "vet", ""],
            scope="read write",
            device={"id": "d-1"},
            claims={"z": 1, "a": {"y": [True, None, "\u00e9\u4e2d\U0001f600"], "b": -0.0}, "m": "\u0000\u001f\"\\/\u007f\u2028"},
            auth_time=T0 - 1,
            amr=["pwd", "otp"],
        )
    with new(POLICY, {"hex": "ff" * 40}, "texts that JSON escapes, in every member") as s:
        text = "\"\\/\b\f\n\r\t\u0001<>&'\u00e9\u20ac\U0001f600"
        both(s, tenant=text, subject=text, roles=[text], scope=text, amr=[text], claims={text: text})
    with new(POLICY, {"hex": "0a"}, "numbers and member order of RFC 8785") as s:
        numbers = [1e21, 1e-7, 0.000001, 123456789012345680000.0, 5e-324, 1.7976931348623157e308, 4.5, 2.0, 333333333.33333329, 1e30, 0, -1, 9007199254740991]
        both(s, claims={"\u20ac": 1, "\r": 2, "1": 3, "\ufb33": 4, "\U0001f600": 5, "\u0080": 6, "n": numbers})
    with new(POLICY, {"hex": "0b"}, "empty lists, texts and claims are left out") as s:
        both(s, roles=[], amr=[], scope="", tenant="", claims={})
    with new(POLICY, {"hex": "0c"}, "auth_time 0 is there") as s:
        both(s, auth_time=0)
    with new(POLICY, {"hex": "0d"}, "auth_time one µs before a second") as s:
        both(s, auth_time=1_999_999)
    two = copy.deepcopy(POLICY)
    two["tokens"] |= {"audience": ["api", "\u00fc"], "issuer": "urn:x:\u00e9", "access_ttl": "1h"}
    with new(two, {"hex": "0e"}, "two audiences") as s:
        both(s, tenant="acme")
    for alg in ("Ed25519", "EdDSA"):
        policy = copy.deepcopy(POLICY)
        keys = [{"kid": "ed.1", "alg": alg, "private_key": private_pem(ED_SEED), "state": "active"}, {**KEY, "state": "retired"}]
        policy["tokens"]["signing_keys"] = keys
        with new(policy, {"hex": "0f"}, f"signed with {alg}") as s:
            both(s, tenant="acme", roles=["operator"])


CLAIMS = "issuer subject audience client_id tenant roles scope session_id gen token_version issued_at expires_at jwt_id auth_time amr extra".split()


def escalation(file):
    policy = copy.deepcopy(POLICY)
    policy["tokens"]["escalate_reuse"] = True
    group = file.group("refresh.sequence", policy=policy, seed={"hex": "10"})

    def burn(s, name, at, rest=0):
        s.refresh(name, at - 100, "rotated", f"{name}2")
        s.refresh(name, (at, rest), "reuse")

    for rest, want in ((-1, "version_too_old"), (0, "version_too_old"), (1, "rotated")):
        with Sequence(group, f"a second reuse 24 h {rest:+d} µs after the first", "Escalate") as s:
            for name in "abc":
                s.issue(name)
            burn(s, "a", 1000)
            s.refresh("c", 1001, "rotated", "d")
            burn(s, "b", 1000 + DAY, rest)
            s.refresh("d", 1001 + DAY, want)
            s.issue("n", at=1002 + DAY)
            s.refresh("n", 1003 + DAY, "rotated")
    with Sequence(group, "a fork counts like a reuse", "Escalate") as s:
        s.issue("a")
        token = s.issue("b")["refresh_token"]
        s.issue("c")
        burn(s, "a", 1000)
        s.refresh(forged(token, secret=bytes(32)), 1001, "fork")
        s.verify("c", 900, "jwt_revoked")
        s.refresh("c", 1002, "version_too_old")
    with Sequence(group, "of two subjects each is the first", "Escalate") as s:
        s.issue("a")
        s.issue("b", subject="u-43")
        s.issue("c")
        s.issue("d", subject="u-43")
        burn(s, "a", 1000)
        burn(s, "b", 1001)
        s.refresh("c", 1002, "rotated")
        s.refresh("d", 1002, "rotated")
    with Sequence(group, "one family twice is one family", "Escalate") as s:
        s.issue("a")
        s.issue("c")
        burn(s, "a", 1000)
        s.refresh("a", 1001, "revoked")
        s.refresh("c", 1002, "rotated")
    with Sequence(group, "what has been escalated is not escalated again", "Escalate") as s:
        for name in "abc":
            s.issue(name)
        burn(s, "a", 1000)
        burn(s, "b", 1100)
        s.issue("n", at=1200)
        s.refresh("a", 1201, "revoked")
        s.refresh("b", 1201, "revoked")
        s.refresh("a2", 1202, "revoked")
        s.refresh("c", 1202, "version_too_old")
        s.refresh("n", 1203, "rotated", "m")
        s.verify("m", 1204)
    with Sequence(group, "families that have ended otherwise do not count", "Escalate") as s:
        for name in "abc":
            s.issue(name)
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        burn(s, "b", 1000)
        s.refresh("c", 1001, "rotated")
    with Sequence(group, "the clock steps back between the two: what has been escalated is not escalated again", "Escalate") as s:
        for name in "abc":
            s.issue(name)
        burn(s, "a", 5000)
        burn(s, "b", 1000)
        s.refresh("c", 1001, "version_too_old")
        s.issue("n", at=1002)
        s.refresh("a", 1003, "revoked")
        s.refresh("b", 1003, "revoked")
        s.refresh("n", 1004, "rotated", "m")
        s.verify("m", 1005)


def mismatch(file):
    policy = copy.deepcopy(POLICY)
    policy["tokens"]["on_binding_mismatch"] = "revoke"
    group = file.group("refresh.sequence", policy=policy, seed={"hex": "11"})
    for name, value in (("client", "phone"), ("tenant", "other")):
        with Sequence(group, f"another {name} ends the family", "Mismatch") as s:
            s.issue()
            s.refresh("a", 600, "binding_mismatch", **{name: value})
            s.refresh("a", 601, "revoked")
            s.verify("a", 602, "jwt_revoked")
    with Sequence(group, "a missing retry key ends nothing", "Mismatch") as s:
        s.issue(client="kiosk")
        s.refresh("a", 600, "binding_mismatch")
        s.refresh("a", 601, "rotated", key="1")
    with Sequence(group, "a caller that is not confidential ends nothing", "Mismatch") as s:
        s.issue()
        s.refresh("a", 600, "binding_mismatch", only=True)
        s.refresh("a", 601, "rotated")
    with Sequence(group, "another device ends nothing", "Mismatch") as s:
        s.issue(client="tablet", device={"id": "d-1"})
        s.refresh("a", 600, "rotated", device_id="d-2")


def failover(file):
    policy = copy.deepcopy(POLICY)
    policy["tokens"]["failover_until"] = "2026-11-21T09:00:00Z"
    group = file.group("refresh.sequence", policy=policy, seed={"hex": "12"})
    new = lambda comment: Sequence(group, comment, "Failover")
    for gap in (1, 2):
        with new(f"{gap} ahead is adopted and rotated") as s:
            token = s.issue()["refresh_token"]
            ahead = forged(token, gen=gap, secret=bytes([7]) * 32)
            s.refresh(ahead, 600, "rotated", "b")
            s.verify("b", 601)
            s.refresh(ahead, 615, "retry_concurrent")
            s.refresh("b", 700, "rotated")
            s.refresh("a", 701, "reuse")
    with new("3 ahead is not adopted") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, gen=3), 600, "store_behind")
        s.refresh("a", 601, "rotated")
    with new("one µs before the end of the window") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, gen=1), (3600, -1), "rotated")
    with new("at the end of the window") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, gen=1), 3600, "store_behind")
        s.refresh("a", 3601, "rotated")
    with new("access only is not adopted") as s:
        token = s.issue(client="bff")["refresh_token"]
        s.refresh(forged(token, gen=1), 600, "store_behind", only=True)
        s.refresh("a", 601, "rotated")
    with new("the retry key of the rotation before is forgotten, its own is kept") as s:
        s.issue(client="tablet")
        token = s.refresh("a", 600, "rotated", "b", key="1")["refresh_token"]
        ahead = forged(token, gen=2, secret=bytes([9]) * 32)
        s.refresh(ahead, 700, "rotated", "c", key="2")
        s.refresh(ahead, 800, "retry_lost", key="2")
        s.refresh("b", 801, "reuse", key="1")
    with new("an ended family is not adopted") as s:
        token = s.issue()["refresh_token"]
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        s.refresh(forged(token, gen=1), 2, "revoked")


def foreign(file):
    policy = copy.deepcopy(POLICY)
    secret = "another issuer's secret, 40 characters.."
    policy["tokens"]["issuers"] = [
        {"id": "idp", "issuer": "idp", "audience": ["api"], "typ": ["JWT"], "required": ["sub"], "keys": [{"kid": "f1", "alg": "HS256", "secret": secret}]}
    ]
    group = file.group("refresh.sequence", policy=policy, seed={"hex": "13"})
    with Sequence(group, "a foreign token that names our session", "Foreign") as s:
        pair = s.issue()
        claims = f'{{"iss":"idp","aud":"api","sub":"u-42","exp":1795251600,"iat":1795248000,"tenant":"acme","sid":"{pair["session_id"]}","gen":9,"tv":[0,0,0]}}'
        token = jwt.compact('{"alg":"HS256","typ":"JWT","kid":"f1"}', claims, jwt.Key("HS256", secret=secret.encode()))
        s.step("verify", 1, "valid", access=token, issuer="idp")
        s.step("verify", 1, "jwt_key_unknown", access=token)
        s.step("confirm", 1, "jwt_key_unknown", access=token)
        s.step("revoke", 1, "valid", token=token)
        s.refresh("a", 2, "rotated", "b")
        s.step("sessions.revoke_all", 3, "valid", tenant="acme", subject="u-42")
        s.step("epochs.bump_all", 4, "valid", reason="x")
        s.step("verify", 5, "valid", access=token, issuer="idp")
        s.step("verify", 5, "jwt_key_unknown", access="$b.access_token", issuer="idp")
    with Sequence(group, "an issuer that the policy does not name", "Foreign") as s:
        s.issue()
        s.step("verify", 1, "invalid_argument", access="$a.access_token", issuer="nobody")
        del s.steps[-1]["code"]  # the pages name no code
        s.step("verify", 1, "valid", access="$a.access_token", issuer="own")


def key_times(file):
    policy = copy.deepcopy(POLICY)
    policy["tokens"]["signing_keys"] = [{**KEY, "not_after": "2026-11-21T08:10:00Z"}]
    group = file.group("refresh.sequence", policy=policy, seed={"hex": "14"})
    with Sequence(group, "after the active key's time nothing is consumed", "KeyTimes") as s:
        s.issue()
        s.refresh("a", (600, -1), "rotated", "b")
        s.verify("b", (600, -1))
        s.verify("b", 600, "jwt_key_unknown")
        s.refresh("b", 600, "unavailable")
        s.refresh("a", 601, "unavailable")
        s.step("reopen", 602, "valid", policy=POLICY)
        s.refresh("a", 603, "retry_concurrent")
        s.refresh("b", 604, "rotated", "c")
        s.verify("c", 605)
    with Sequence(group, "no login after the active key's time", "KeyTimes") as s:
        s.step("issue", 600, "unavailable", tenant="acme", subject="u-42", client="web")
