"""`refresh.sequence`: every row of tokens.md section 6, both windows at their edges, and what ends a session."""

import copy
import hashlib

import jwt
import refresh_token as rt
from script import KEYS, SECOND, T0, Sequence
from vector_file import VectorFile
from wire import crc62

NOTES = {
    "Rotation": "row 7: a new generation, byte-exact by the ratchet",
    "TwoWindows": "rows 8a and 8b: W_conc for everybody, W_lost for who has the retry key",
    "Reuse": "row 9: an old generation ends the family",
    "Grandparent": "grace never reaches two generations back (django-oauth-toolkit#1617)",
    "Sliding": "a retry moves neither the window nor idle (Hydra, DOT#1617)",
    "ClockStep": "the store's clock steps back or forward",
    "Confirm": "a confirmed successor shuts W_lost after min(2 min, access_ttl / 2)",
    "Device": "another device id lowers W_lost to 0 and nothing else",
    "Binding": "row 3: a stranger must not be able to log someone out",
    "RetryKey": "16 bytes; required for clients that always send one",
    "Malformed": "row 1: no store access, nothing drawn",
    "Unknown": "row 2",
    "StoreBehind": "row 10: a restored or failed-over store is no theft",
    "Fork": "row 11: the same generation with another secret",
    "Expiry": "row 6, expiry of the record, and the life of an access token",
    "Epochs": "row 5: versions compare level by level",
    "Revoke": "no grace for a family that has ended",
    "AccessOnly": "changes nothing and gives no refresh token",
    "Arguments": "checked before the parser, nothing drawn",
}
KEY = {"kid": "k1", "alg": "HS256", "secret": "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=", "state": "active"}
ROOT = {"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}
ROOT2 = {"id": 2, "secret": "hex:" + hashlib.sha256(b"gatewright second root").hexdigest(), "state": "active"}
POLICY = {
    "version": 1,
    "store": {"default": "memory:"},
    "root_keys": [ROOT],
    "tokens": {
        "issuer": "https://auth.example",
        "audience": ["api"],
        "clients": [
            {"id": "web", "kind": "browser"},
            {"id": "phone", "kind": "native"},
            {"id": "tablet", "kind": "device"},
            {"id": "kiosk", "kind": "device", "retry_key": "required"},
            {"id": "bff", "kind": "browser", "confidential": True},
            {"id": "agent", "kind": "native", "confidential": True, "retry_key": "required"},
            {"id": "short", "kind": "browser", "idle": "1h", "absolute": "2h"},
        ],
        "signing_keys": [KEY],
    },
}
RING = rt.Ring([ROOT])
DAY = 86_400


def build():
    return [windows(), rows(), ends()]


def forged(shown: str, ring=RING, flags=0, **changes) -> str:
    """A token with other members and a right MAC: only who holds the key can write it."""
    token = rt.parse(ring, shown)
    return rt.write(ring, rt.Presented(**{**vars(token), **changes}), flags)


def windows():
    file = VectorFile("refresh/windows.json", {name: NOTES[name] for name in ("Rotation", "TwoWindows", "Reuse", "Grandparent", "Sliding", "ClockStep", "Confirm", "Device", "RetryKey")})
    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "01"})
    new = lambda comment, *flags: Sequence(group, comment, *flags)

    with new("six generations", "Rotation") as s:
        s.issue("t0")
        for gen in range(1, 7):
            s.refresh(f"t{gen - 1}", gen * 600, "rotated", f"t{gen}")
            s.verify(f"t{gen}", gen * 600 + 1)
        s.refresh("t5", 3601, "retry_concurrent")
        s.refresh("t0", 3602, "reuse")
        s.refresh("t6", 3603, "revoked")
    for age, want in ((0, "retry_concurrent"), (14, "retry_concurrent"), ((15, -1), "retry_concurrent"), (15, "retry_concurrent"), ((15, 1), "reuse"), (16, "reuse"), (DAY, "reuse")):
        seconds, rest = age if isinstance(age, tuple) else (age, 0)
        with new(f"W_conc: parent {seconds} s {rest:+d} µs after the rotation", "TwoWindows") as s:
            s.issue()
            s.refresh("a", 600, "rotated", "b")
            s.refresh("a", (600 + seconds, rest), want)
            s.refresh("b", (601 + seconds, rest), "revoked" if want == "reuse" else "rotated")
    with new("a hundred seconds of tabs: retries do not slide the window", "Sliding") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        for age in (3, 6, 9, 12, 15):
            s.refresh("a", 600 + age, "retry_concurrent")
        s.refresh("a", (615, 1), "reuse")
    with new("retries do not slide idle", "Sliding") as s:
        s.issue(client="short")
        s.refresh("a", 600, "rotated", "b")
        s.refresh("a", 610, "retry_concurrent")
        s.refresh("b", 600 + 3600, "expired")
    with new("a retried successor rotates once", "TwoWindows") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("a", 601, "retry_concurrent", "c")
        s.refresh("c", 602, "rotated", "d")
        s.refresh("b", 603, "retry_concurrent")
        s.refresh("d", 604, "rotated")
    with new("the grandparent inside W_conc", "Grandparent") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("b", 601, "rotated", "c")
        s.refresh("a", 602, "reuse")
        s.refresh("c", 603, "revoked")
        s.refresh("b", 603, "revoked")
    with new("the grandparent inside W_lost with its key", "Grandparent") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("b", 601, "rotated", "c", key="2")
        s.refresh("a", 602, "reuse", key="1")
    with new("a parent after reuse has no grace", "Reuse") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("b", 700, "rotated", "c")
        s.refresh("a", 701, "reuse")
        s.refresh("b", 702, "revoked")
        s.refresh("c", 702, "revoked")
        s.refresh("a", 703, "revoked")
        s.verify("c", 704, "jwt_revoked")
        s.verify("a", 704, "jwt_revoked")
        s.verify("c", 704, "jwt_revoked", op="verify_fresh")
        s.confirm("c", 704, "jwt_revoked")
    with new("reuse of one family leaves the subject's others alone", "Reuse") as s:
        s.issue("a")
        s.issue("x", at=1)
        s.refresh("a", 600, "rotated", "b")
        s.refresh("a", 700, "reuse")
        s.refresh("x", 701, "rotated")

    # Clock steps.
    for back in (1, 599, 600, DAY, 40 * DAY):
        with new(f"clock {back} s back after the rotation: age is 0", "ClockStep") as s:
            s.issue()
            s.refresh("a", 600, "rotated", "b")
            s.refresh("a", 600 - back, "retry_concurrent")
            s.refresh("b", 600 - back, "rotated", "c")
            s.refresh("b", 600 - back + 15, "retry_concurrent")
            s.refresh("b", (600 - back + 15, 1), "reuse")
    with new("clock a day forward: retries under way are judged late", "ClockStep") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("a", 600 + DAY, "reuse")
        s.refresh("b", 601, "revoked")
    with new("clock back and forth: the window is counted from the rotation", "ClockStep") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("a", 0, "retry_concurrent")
        s.refresh("a", 615, "retry_concurrent")
        s.refresh("a", (615, 1), "reuse")
    with new("clock back before the login", "ClockStep") as s:
        s.issue(at=1000)
        s.refresh("a", 0, "rotated", "b")
        s.verify("a", 0, "jwt_issued_in_future")
        s.verify("b", 0)
        s.refresh("b", 2000, "rotated")
    with new("clock back: W_lost counts from the rotation as well", "ClockStep") as s:
        s.issue(client="phone")
        s.refresh("a", 1000, "rotated", "b", key="1")
        s.refresh("a", 100, "retry_concurrent", key="1")
        s.refresh("a", 1600, "retry_lost", key="1")
        s.refresh("a", (1600, 1), "reuse", key="1")

    # W_lost.
    for client, lost in (("phone", 600), ("tablet", 7 * DAY)):
        for age, want in ((16, "retry_lost"), (lost - 1, "retry_lost"), ((lost, -1), "retry_lost"), (lost, "retry_lost"), ((lost, 1), "reuse")):
            seconds, rest = age if isinstance(age, tuple) else (age, 0)
            with new(f"W_lost of {client}: {seconds} s {rest:+d} µs, same key", "TwoWindows") as s:
                s.issue(client=client)
                s.refresh("a", 600, "rotated", "b", key="1")
                s.refresh("a", (600 + seconds, rest), want, key="1")
                s.refresh("b", (601 + seconds, rest), "revoked" if want == "reuse" else "rotated", key="2")
        with new(f"W_lost of {client}: the edge of W_conc with the key", "TwoWindows") as s:
            s.issue(client=client)
            s.refresh("a", 600, "rotated", "b", key="1")
            s.refresh("a", 615, "retry_concurrent", key="1")
            s.refresh("a", (615, 1), "retry_lost", key="1")
        for comment, first, second in (("another key", "1", "2"), ("no key", "1", None), ("a key that the rotation did not have", None, "1")):
            with new(f"W_lost of {client}: {comment}", "RetryKey") as s:
                s.issue(client=client)
                s.refresh("a", 600, "rotated", "b", key=first)
                s.refresh("a", 610, "retry_concurrent", key=second)
                s.refresh("a", 616, "reuse", key=second)
    with new("a browser has no W_lost, even with the key", "TwoWindows") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("a", 615, "retry_concurrent", key="1")
        s.refresh("a", (615, 1), "reuse", key="1")
    with new("the key of the last rotation counts, not of an earlier one", "RetryKey") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("b", 1200, "rotated", "c", key="2")
        s.refresh("b", 1300, "retry_lost", key="2")
        s.refresh("b", 1301, "reuse", key="1")
    with new("a rotation without a key forgets the last one", "RetryKey") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("b", 1200, "rotated", "c")
        s.refresh("b", 1300, "reuse", key="1")
    with new("lost answers one after another", "TwoWindows") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("a", 700, "retry_lost", "c", key="1")
        s.refresh("c", 1300, "rotated", "d", key="2")
        s.refresh("c", 1400, "retry_lost", "e", key="2")
        s.refresh("e", 2000, "rotated", "f", key="3")
        s.refresh("e", 2000 + 7 * DAY, "retry_lost", key="3")

    # Confirmation.
    for after, want in ((119, "retry_lost"), (120, "retry_lost"), ((120, 1), "reuse"), (121, "reuse"), (300, "reuse")):
        seconds, rest = after if isinstance(after, tuple) else (after, 0)
        with new(f"confirmed {seconds} s {rest:+d} µs ago", "Confirm") as s:
            s.issue(client="phone")
            s.refresh("a", 600, "rotated", "b", key="1")
            s.confirm("b", 620)
            s.refresh("a", (620 + seconds, rest), want, key="1")
    with new("a second confirmation does not move the first", "Confirm") as s:
        s.issue(client="phone")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("b", 620)
        s.confirm("b", 700)
        s.refresh("a", 740, "retry_lost", key="1")
        s.refresh("a", (740, 1), "reuse", key="1")
    with new("the access token of a retry confirms", "Confirm") as s:
        s.issue(client="phone")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("a", 610, "retry_concurrent", "c", key="1")
        s.confirm("c", 630)
        s.refresh("a", (750, 1), "reuse", key="1")
    with new("the parent's access token confirms nothing", "Confirm") as s:
        s.issue(client="phone")
        s.confirm("a", 1)
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("a", 620)
        s.refresh("a", 1100, "retry_lost", key="1")
    with new("confirmation does not shut W_conc", "Confirm") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.confirm("b", 601)
        s.refresh("a", 615, "retry_concurrent")
    with new("an expired access token does not confirm", "Confirm") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("b", 600 + 930, "jwt_expired")
        s.refresh("a", 600 + 931, "retry_lost", key="1")
    with new("confirmed in the future after a clock step back", "Confirm", "ClockStep") as s:
        s.issue(client="tablet")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("b", 1000)
        s.refresh("a", 700, "retry_lost", key="1")
        s.refresh("a", 1120, "retry_lost", key="1")
        s.refresh("a", (1120, 1), "reuse", key="1")
    with new("a new rotation is unconfirmed again", "Confirm") as s:
        s.issue(client="phone")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("b", 601)
        s.refresh("b", 900, "rotated", "c", key="2")
        s.refresh("b", 1300, "retry_lost", key="2")
    short = copy.deepcopy(POLICY)
    short["tokens"]["access_ttl"] = "100s"
    group = file.group("refresh.sequence", policy=short, seed={"utf8": "short"})
    for after, want in ((50, "retry_lost"), ((50, 1), "reuse")):
        seconds, rest = after if isinstance(after, tuple) else (after, 0)
        with new(f"access_ttl 100 s, confirmed {seconds} s {rest:+d} µs ago", "Confirm") as s:
            s.issue(client="phone")
            s.refresh("a", 600, "rotated", "b", key="1")
            s.confirm("b", 620)
            s.refresh("a", (620 + seconds, rest), want, key="1")

    # Device ids.
    group = file.group("refresh.sequence", policy=POLICY, seed={"b64": "AgI="})
    tablet = {"id": "d-1", "kind": "tablet", "name": "Barn 2", "platform": "android", "app_version": "3.1"}
    for comment, login, shown, want in (
        ("the same device id", tablet, "d-1", "retry_lost"),
        ("another device id", tablet, "d-2", "reuse"),
        ("no device id given", tablet, None, "retry_lost"),
        ("a device id given and none at login", None, "d-1", "reuse"),
    ):
        with new(f"{comment}, in W_lost", "Device") as s:
            s.issue(client="tablet", **({"device": login} if login else {}))
            s.refresh("a", 600, "rotated", "b", key="1", device_id="d-7")
            s.refresh("a", 615, "retry_concurrent", key="1", device_id="d-8")
            s.refresh("a", 700, want, key="1", **({"device_id": shown} if shown else {}))
            s.refresh("b", 701, "revoked" if want == "reuse" else "rotated")

    # Other windows.
    for w_conc in ("1s", "60s"):
        policy = copy.deepcopy(POLICY)
        policy["tokens"]["concurrent_window"] = w_conc
        policy["tokens"]["clients"][1] |= {"lost_window": "30s"}
        group = file.group("refresh.sequence", policy=policy, seed={"hex": "0304"})
        edge = int(w_conc[:-1])
        with new(f"W_conc of {w_conc}", "TwoWindows") as s:
            s.issue()
            s.refresh("a", 600, "rotated", "b")
            s.refresh("a", 600 + edge, "retry_concurrent")
            s.refresh("a", (600 + edge, 1), "reuse")
        with new(f"W_conc of {w_conc} and W_lost of 30 s", "TwoWindows") as s:
            s.issue(client="phone")
            s.refresh("a", 600, "rotated", "b", key="1")
            s.refresh("a", 630, "retry_concurrent" if edge == 60 else "retry_lost", key="1")
            s.refresh("a", (630, 1), "retry_concurrent" if edge == 60 else "reuse", key="1")
    return file


def rows():
    file = VectorFile("refresh/rows.json", {name: NOTES[name] for name in ("Rotation", "Malformed", "Unknown", "Binding", "RetryKey", "StoreBehind", "Fork", "Reuse", "Expiry", "AccessOnly", "Arguments")})
    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "05"})
    new = lambda comment, *flags: Sequence(group, comment, *flags)

    # Row 1. A later rotation shows, byte by byte, that nothing was drawn.
    with new("the example token of tokens.md section 10 in a store of its own", "Unknown") as s:
        s.issue()
        s.refresh("gwr1_AQBGFDNtjtBZjj5wd_0vZtaJAAAAAODO5qfPWze_Lcp8l5rzVtCjHLxchWBcfSrhwZwMvTeOipOirXiULEOYqi4vwyXS0w3LuSAF", 1, "unknown")
        s.refresh("a", 2, "rotated")
    probe = Sequence(group, "nothing wrong", "Rotation")
    good = probe.issue()["refresh_token"]
    probe.refresh("a", 600, "rotated")
    with_crc = lambda text: text + crc62(text)
    spare = good[:98]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(good[98])
    wrong = {
        "one character": "x",
        "a short text": "gwr1_AAAA",
        "one character less": good[:-1],
        "one character more": good + "0",
        "a space at the end": good + " ",
        "a newline at the end": good + "\n",
        "a space in front": " " + good[:-1],
        "upper-case prefix": "GWR1_" + good[5:],
        "prefix gwx1_": with_crc("gwx1_" + good[5:99]),
        "prefix gwo1_": with_crc("gwo1_" + good[5:99]),
        "prefix gwr2_": with_crc("gwr2_" + good[5:99]),
        "prefix gwd1_, MAC of gwr1_": with_crc("gwd1_" + good[5:99]),
        "CRC changed": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "CRC zero": good[:99] + "000000",
        "CRC with a sign that is no digit": good[:-1] + "_",
        "one character of the secret changed": good[:40] + ("A" if good[40] != "A" else "B") + good[41:],
        "one character of the secret changed, CRC right": with_crc(good[:40] + ("A" if good[40] != "A" else "B") + good[41:99]),
        "one bit of the MAC changed, CRC right": with_crc(good[:97] + ("A" if good[97] != "A" else "B") + good[98:99]),
        "spare bits set, CRC right": with_crc(spare + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last | 1]),
        "standard alphabet, CRC right": with_crc(good[:50] + "+" + good[51:99]),
        "padding inside, CRC right": with_crc(good[:98] + "="),
        "flags 1 with a right MAC": forged(good, flags=1),
        "flags 255 with a right MAC": forged(good, flags=255),
        "kid 0": with_crc("gwr1_AA" + good[7:99]),
        "a non-ASCII letter": good[:-2] + "\u00e9",
        "a non-ASCII letter, 105 characters": good[:-1] + "\u00e9",
        "an access token": "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        "two tokens": good + good,
        "105 zeros": "0" * 105,
        "105 NULs": "\0" * 105,
    }
    for comment, text in wrong.items():
        with new(f"malformed: {comment}", "Malformed") as s:
            s.issue()
            s.step("refresh", 599, "malformed", token=text)
            s.refresh("a", 600, "rotated")
    with new("malformed: an empty text", "Malformed") as s:
        s.issue()
        s.step("refresh", 599, "malformed", token="")
        s.step("refresh_access_only", 599, "malformed", token="")
        s.refresh("a", 600, "rotated")
    with new("malformed in refresh_access_only", "Malformed") as s:
        s.issue(client="bff")
        for text in list(wrong.values())[8:20]:
            s.step("refresh_access_only", 599, "malformed", token=text)
        s.refresh("a", 600, "rotated")

    # Row 2.
    with new("a family that is not in the store draws like a refresh", "Unknown") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, family=bytes(16)), 1, "unknown")
        s.refresh(forged(token, family=bytes(16)), 1, "unknown", only=True)
        s.refresh("a", 2, "rotated")

    # Arguments.
    for size in (0, 1, 15, 17, 32):
        with new(f"a retry key of {size} bytes", "Arguments") as s:
            s.issue(client="tablet")
            bad = {"hex": "ab" * size}
            s.step("refresh", 600, "invalid_argument", token="$a.refresh_token", retry_key=bad)
            s.step("refresh", 600, "invalid_argument", token="garbage", retry_key=bad)
            s.refresh("a", 600, "rotated", key="1")
    with new("a client that the policy does not name", "Arguments") as s:
        s.issue()
        s.step("refresh", 600, "invalid_argument", token="$a.refresh_token", client="other")
        s.step("refresh", 600, "invalid_argument", token="garbage", client="other")
        s.step("refresh_access_only", 600, "invalid_argument", token="$a.refresh_token", client="other")
        s.refresh("a", 600, "rotated", client="web")
    long_ = "x" * 255
    with new("logins that are refused draw nothing", "Arguments") as s:
        s.issue("x", want="invalid_argument", client="other")
        s.issue("x", want="invalid_argument", client="")
        s.issue("x", want="invalid_argument", client="WEB")
        s.issue("x", want="invalid_argument", subject="")
        s.issue("x", want="invalid_argument", subject=long_ + "x")
        s.issue("x", want="invalid_argument", tenant=long_ + "x")
        s.issue("x", want="invalid_argument", subject="\u00e9" * 128)
        s.issue("a")
        s.refresh("a", 600, "rotated")
    with new("names of 255 bytes", "Arguments") as s:
        s.issue(subject=long_, tenant="\u00e9" * 127 + "x")
        s.verify("a", 1)
        s.refresh("a", 600, "rotated", tenant="\u00e9" * 127 + "x")
    for name in "iss sub aud client_id iat exp jti sid gen tv tenant roles scope cnf auth_time amr nbf".split():
        with new(f"login claims with the name {name}", "Arguments") as s:
            s.issue("x", want="invalid_argument", claims={"a": 1, name: "x"})
            s.issue("a")
    nested = 1
    for _ in range(15):
        nested = [nested]
    with new("login claims 16 deep", "Arguments") as s:
        s.issue(claims={"x": nested})
        s.verify("a", 1)
    with new("login claims 17 deep", "Arguments") as s:
        s.issue("x", want="invalid_argument", claims={"x": [nested]})
        s.issue("a")
    with new("login claims that make the token too large", "Arguments") as s:
        s.step("issue", 0, "invalid_argument", tenant="acme", subject="u-42", client="web", claims={"x": "y" * 7000})

    # Row 3.
    with new("another client of the policy", "Binding") as s:
        s.issue()
        s.refresh("a", 600, "binding_mismatch", client="phone")
        s.refresh("a", 601, "rotated", "b", client="web")
        s.refresh("a", 602, "binding_mismatch", client="phone")
        s.refresh("a", 603, "retry_concurrent", client="web")
    with new("another tenant", "Binding") as s:
        s.issue()
        s.refresh("a", 600, "binding_mismatch", tenant="other")
        s.refresh("a", 600, "binding_mismatch", tenant="ACME")
        s.refresh("a", 601, "rotated", "b", tenant="acme")
    with new("a tenant given where the login has none", "Binding") as s:
        s.issue(tenant="")
        s.refresh("a", 600, "binding_mismatch", tenant="acme")
        s.refresh("a", 601, "rotated", "b")
    with new("a stranger with an old token ends nothing", "Binding") as s:
        s.issue()
        s.refresh("a", 600, "rotated", "b")
        s.refresh("b", 700, "rotated", "c")
        s.refresh("a", 701, "binding_mismatch", client="phone")
        s.refresh("c", 702, "rotated")
    with new("binding comes before the end of the family", "Binding") as s:
        s.issue()
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        s.refresh("a", 2, "binding_mismatch", tenant="other")
        s.refresh("a", 2, "revoked")
    with new("a retry key is required and missing", "RetryKey", "Binding") as s:
        s.issue(client="kiosk")
        s.refresh("a", 600, "binding_mismatch")
        s.refresh("a", 601, "rotated", "b", key="1")
        s.refresh("a", 602, "binding_mismatch")
        s.refresh("a", 603, "retry_concurrent", key="1")
        s.refresh("b", 604, "rotated", key="2")
    with new("under a required key W_conc needs the same one", "RetryKey") as s:
        s.issue(client="kiosk")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("a", 601, "retry_concurrent", key="1")
        s.refresh("a", 602, "reuse", key="2")
        s.refresh("b", 603, "revoked", key="3")
    with new("under a required key W_lost", "RetryKey") as s:
        s.issue(client="kiosk")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("a", 600 + 7 * DAY, "retry_lost", key="1")
        s.refresh("a", (600 + 7 * DAY, 1), "reuse", key="1")

    # Rows 9 to 11 with tokens that only the holder of the key can write.
    for comment, gap in (("one", 1), ("two", 2), ("three", 3), ("a million", 10**6)):
        with new(f"the token is {comment} ahead of the store", "StoreBehind") as s:
            token = s.issue()["refresh_token"]
            s.refresh(forged(token, gen=gap), 600, "store_behind")
            s.refresh(forged(token, gen=gap), 600, "binding_mismatch", only=True)
            s.refresh("a", 601, "rotated")
    with new("the token is ahead of the store, access only", "StoreBehind", "AccessOnly") as s:
        token = s.issue(client="bff")["refresh_token"]
        s.refresh(forged(token, gen=1), 600, "store_behind", only=True)
        s.refresh("a", 601, "rotated")
    with new("the last generation of all, ahead", "StoreBehind") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, gen=2**32 - 1), 600, "store_behind")
        s.refresh("a", 601, "rotated")
    other = hashlib.sha256(b"another secret").digest()
    with new("the current generation with another secret", "Fork") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, secret=other), 600, "fork")
        s.refresh("a", 601, "revoked")
        s.verify("a", 602, "jwt_revoked")
    with new("the parent's generation with another secret, in the window", "Reuse") as s:
        token = s.issue()["refresh_token"]
        s.refresh("a", 600, "rotated", "b")
        s.refresh(forged(token, secret=other), 601, "reuse")
        s.refresh("b", 602, "revoked")
    with new("the current token under the other prefix", "Fork") as s:
        token = s.issue()["refresh_token"]
        s.refresh(forged(token, prefix="gwd1_"), 600, "fork")
        s.refresh("a", 601, "revoked")
    with new("a device's current token under the user's prefix", "Fork") as s:
        token = s.issue(client="tablet")["refresh_token"]
        s.refresh(forged(token, prefix="gwr1_"), 600, "fork", key="1")
    with new("the parent under the other prefix, in the window", "Reuse") as s:
        token = s.issue()["refresh_token"]
        s.refresh("a", 600, "rotated", "b")
        s.refresh(forged(token, prefix="gwd1_"), 601, "reuse")
        s.refresh("b", 602, "revoked")
    with new("fork, access only", "Fork", "AccessOnly") as s:
        token = s.issue(client="bff")["refresh_token"]
        s.refresh(forged(token, secret=other), 600, "fork", only=True)
        s.refresh("a", 601, "revoked")

    # Row 6 and expiry.
    month = 30 * DAY
    for at, want in ((month - 1, "rotated"), ((month, -1), "rotated"), (month, "expired"), (month + 1, "expired")):
        with new(f"idle: first use after {at}", "Expiry") as s:
            s.issue()
            s.refresh("a", at, want)
    with new("idle counts from the last rotation, not from retries", "Expiry") as s:
        s.issue()
        s.refresh("a", 20 * DAY, "rotated", "b")
        s.refresh("b", (50 * DAY, -1), "rotated", "c")
        s.refresh("b", 50 * DAY + 10, "retry_concurrent")
        s.refresh("c", 80 * DAY, "expired")
    with new("absolute: whatever the rotations", "Expiry") as s:
        s.issue("t0")
        for turn in range(1, 5):
            s.refresh(f"t{turn - 1}", turn * 20 * DAY, "rotated", f"t{turn}")
        s.refresh("t4", (90 * DAY, -1), "rotated", "t5")
        s.refresh("t5", 90 * DAY, "expired")
        s.refresh("t0", 90 * DAY, "expired")
    with new("both have passed: absolute", "Expiry") as s:
        s.issue(client="short")
        s.refresh("a", 3599, "rotated", "b")
        s.refresh("b", 7199, "expired")
        s.refresh("b", (7200, -1), "expired")
        s.refresh("b", 7200, "expired")
        s.refresh("b", 80000, "expired")
    with new("an access token ends with the family", "Expiry") as s:
        s.issue(client="short")
        s.refresh("a", 3000, "rotated", "b")
        s.refresh("b", 6400, "rotated", "c")
        s.refresh("c", 7199, "rotated", "d")
        s.refresh("d", (7200, -1), "rotated", "e")
        s.verify("e", (7200, -1))
        s.refresh("e", 7200, "expired")
    with new("no whole second is left", "Expiry") as s:
        s.issue(client="short", at=0.5)
        s.refresh("a", 3000, "rotated", "b")
        s.refresh("b", 6000, "rotated", "c")
        s.refresh("c", (7200, -1), "rotated", "d")
        s.refresh("d", 7200, "expired")
        s.refresh("d", 7200.4, "expired")
    with new("times of an answer round down", "Expiry") as s:
        s.issue(at=(0, 999_999))
        s.verify("a", 1)
        s.refresh("a", (600, 999_999), "rotated", "b")
        s.verify("b", 601)
    for comment, at, want in (("last instant", (31 * DAY, -1), "expired"), ("gone", 31 * DAY, "unknown")):
        with new(f"the record after idle and retention (24 h): {comment}", "Expiry") as s:
            s.issue()
            s.refresh("a", at, want)
    for comment, at, want in (("last instant", (31 * DAY + 3600, -1), "expired"), ("gone", 31 * DAY + 3600, "unknown")):
        with new(f"the record's end is rounded up to the hour: {comment}", "Expiry") as s:
            s.issue(at=(0, 1))
            s.refresh("a", at, want)
    with new("a family that has ended is remembered as long", "Expiry") as s:
        s.issue()
        s.step("revoke", 1, "valid", token="$a.refresh_token")
        s.refresh("a", (31 * DAY, -1), "revoked")
        s.refresh("a", 31 * DAY, "unknown")
        s.step("revoke", 31 * DAY, "valid", token="$a.refresh_token")

    # Access only.
    with new("access only changes nothing", "AccessOnly") as s:
        s.issue(client="bff")
        s.refresh("a", 600, "access_only", "x", only=True)
        s.verify("x", 601)
        s.refresh("a", 700, "access_only", only=True)
        s.refresh("a", 800, "rotated", "b")
        s.refresh("a", 815, "access_only", "y", only=True)
        s.verify("y", 816)
        s.refresh("b", 817, "access_only", only=True)
        s.refresh("a", (815, 1), "reuse", only=True)
        s.refresh("b", 818, "revoked")
        s.refresh("b", 818, "revoked", only=True)
    with new("access only is for confidential callers", "AccessOnly") as s:
        s.issue()
        s.refresh("a", 600, "binding_mismatch", only=True)
        s.refresh("a", 600, "binding_mismatch", only=True, client="web")
        s.refresh("a", 601, "rotated")
    with new("access only compares client and tenant", "AccessOnly", "Binding") as s:
        s.issue(client="bff")
        s.refresh("a", 600, "binding_mismatch", only=True, client="web")
        s.refresh("a", 600, "binding_mismatch", only=True, tenant="x")
        s.refresh("a", 600, "access_only", only=True, client="bff", tenant="acme")
    with new("access only asks no retry key, in both windows", "AccessOnly", "RetryKey") as s:
        s.issue(client="agent")
        s.refresh("a", 600, "binding_mismatch")
        s.refresh("a", 600, "access_only", only=True)
        s.refresh("a", 601, "rotated", "b", key="1")
        s.refresh("a", 610, "access_only", only=True)
        s.refresh("a", 700, "access_only", only=True)
        s.refresh("a", 1201, "access_only", only=True)
        s.refresh("a", (1201, 1), "reuse", only=True)
    with new("access only in W_lost: another device", "AccessOnly") as s:
        s.issue(client="agent", device={"id": "d-1"})
        s.refresh("a", 601, "rotated", "b", key="1")
        s.refresh("a", 616, "access_only", only=True, device_id="d-2")
        s.refresh("a", 700, "access_only", only=True, device_id="d-1")
        s.refresh("a", 701, "reuse", only=True, device_id="d-2")
    with new("access only in W_lost: confirmed", "AccessOnly") as s:
        s.issue(client="agent")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.confirm("b", 620)
        s.refresh("a", 740, "access_only", only=True)
        s.refresh("a", (740, 1), "reuse", only=True)
    with new("access only when expired", "AccessOnly", "Expiry") as s:
        s.issue(client="bff")
        s.refresh("a", (30 * DAY, -1), "access_only", only=True)
        s.refresh("a", 30 * DAY, "expired", only=True)
        s.refresh("a", 31 * DAY, "unknown", only=True)
    with new("access only confirms like any access token of its generation", "AccessOnly") as s:
        s.issue(client="agent")
        s.refresh("a", 600, "rotated", "b", key="1")
        s.refresh("b", 610, "access_only", "x", only=True)
        s.confirm("x", 620)
        s.refresh("a", (740, 1), "reuse", key="1")
    return file


def ends():
    from cases_refresh_ends import fill

    file = VectorFile("refresh/ends.json", {name: NOTES[name] for name in ("Revoke", "Epochs", "Expiry", "Reuse")})
    fill(file)
    return file
