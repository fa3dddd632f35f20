"""`webhook.verify` and `webhook.sign` for the three first presets. webhooks.md A3, A5 and A7."""

import base64
import hashlib

import webhook
from keys import ed25519_from_seed, public_bytes
from script import SECOND, T0
from sequences import binary
from vector_file import VectorFile
from wire import Entropy, Refused, b64, hmac

NOTES = {
    "Fixed": "published: webhooks.md A5.5 and the Standard Webhooks specification",
    "Signature": "decoded to its fixed length, hex in either case, base64 padded and without spare bits",
    "Headers": "names without case, values exactly; missing, doubled, over-long in this order",
    "Timestamp": "the scheme's grammar and nothing else; never a float, a sign, a space",
    "Window": "compared in µs, limits inclusive",
    "Nonce": "[A-Za-z0-9_-]{1,128}",
    "Reframing": "the signed bytes have one reading (webhooks.md A5.2)",
    "Body": "bytes as they came: no decoding, no BOM, no new lines changed",
    "Secrets": "the first secret in policy order that matches; not_before <= clock < not_after",
    "List": "16 entries, those of no known version are skipped",
    "Family": "webhook-* if its signature is there, else svix-*; never a mixture",
    "Ed25519": "v1a with whpk_ and whsk_",
    "Order": "the order of the codes",
    "Arguments": "what a scheme does not have",
}
ONE, TWO = "first parking secret", "second parking secret"
SEED = hashlib.sha256(b"gatewright webhook key").digest()
WHSK = "whsk_" + b64(SEED + public_bytes(SEED))
WHPK = "whpk_" + b64(public_bytes(SEED))
STD_ONE = "whsec_" + b64(bytes(range(32)))
STD_TWO = b64(bytes(range(100, 124)))
PARKING = {
    "id": "chirpstack",
    "preset": "parking",
    "secrets": [{"id": "new", "secret": ONE}, {"id": "old", "secret": TWO, "sign": False, "not_after": "2026-11-21T08:10:00Z"}],
}
EDGE = {"id": "edge", "preset": "edge_sync", "secrets": [{"id": "e1", "secret": ONE}, {"id": "e2", "secret": TWO}]}
STD = {"id": "std", "preset": "standard_webhooks", "secrets": [{"id": "s1", "secret": STD_ONE}, {"id": "s2", "secret": STD_TWO}, {"id": "pk", "secret": WHPK}]}
BODY = b'{"lat":1.5,"state":"occupied"}'


class Checks:
    """A `webhook.verify` group."""

    def __init__(self, file, endpoint):
        self.group = file.group("webhook.verify", endpoint=endpoint)
        self.endpoint = webhook.Endpoint(endpoint)

    def case(self, comment, flag, code, headers, body=BODY, now=T0):
        """`code` is the key id where the message is right."""
        written = [[name, shown(value)] for name, value in headers]
        read = [(name, binary(value)) for name, value in written]
        try:
            checked, got = self.endpoint.check(now, read, body), ""
            got = checked["key_id"]
        except Refused as refused:
            checked, got = None, refused.code
        assert got == code, f"{comment}: read as {code}, computed {got}"
        members = {"now": now, "headers": written, "body": shown_body(body)}
        if checked:
            members["expect"] = {name: checked[name] for name in ("key_id", "timestamp", "id") if checked[name] != ""}
        self.group.outcome(comment, [flag], "" if checked else code, **members)


def shown(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return value


def shown_body(body: bytes):
    try:
        return {"utf8": body.decode()} if len(body) < 2000 else {"b64": b64(body)}
    except UnicodeDecodeError:
        return {"b64": b64(body)}


def raw(text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def parking(time="2026-11-21T08:00:00Z", nonce="n-0001", body=BODY, secret=ONE, signature=None):
    mac = hmac(raw(secret), raw(time) + b"." + raw(nonce) + b"." + body).hex()
    return [("X-Chirpstack-Signature", f"sha256={mac}" if signature is None else signature), ("X-Timestamp", time), ("X-Nonce", nonce)]


def edge(time="1795248000000", body=BODY, secret=ONE, signature=None):
    mac = hmac(raw(secret), raw(time) + b"." + body).hex()
    return [("x-signature", mac if signature is None else signature), ("x-timestamp", time)]


def std_mac(id="msg_1", time="1795248000", body=BODY, secret=STD_ONE):
    signed = raw(id) + b"." + raw(time) + b"." + body
    if secret == WHSK:
        return "v1a," + b64(ed25519_from_seed(SEED).sign(signed))
    return "v1," + b64(hmac(base64.b64decode(secret.removeprefix("whsec_")), signed))


def std(id="msg_1", time="1795248000", body=BODY, secret=STD_ONE, signature=None, family="webhook"):
    value = std_mac(id, time, body, secret) if signature is None else signature
    return [(f"{family}-id", id), (f"{family}-timestamp", time), (f"{family}-signature", value)]


def without(headers, *names):
    return [(name, value) for name, value in headers if name not in names]


def build():
    file = VectorFile("webhook/verify.json", {name: NOTES[name] for name in NOTES if name not in ("Arguments",)})
    fixed(file)
    parking_cases(Checks(file, PARKING).case)
    edge_cases(Checks(file, EDGE).case)
    std_cases(Checks(file, STD).case)
    limits(file)
    signing = VectorFile("webhook/sign.json", {name: NOTES[name] for name in ("Fixed", "Timestamp", "Nonce", "Secrets", "List", "Ed25519", "Body", "Arguments")})
    sign_cases(signing)
    return [file, signing]


def fixed(file):
    short = {"min_len": 13, "secrets": [{"id": "a", "secret": "shared-secret"}]}
    case = Checks(file, {"id": "p", "preset": "parking", **short}).case
    body = b'{"deviceId":"p-17","state":"occupied"}'
    mac = "24faf2864d48d8a066f4617f5ad0befe3f2396d6c08ab55d54bf5cfec6f51c7c"
    case("parking, A5.5", "Fixed", "a", [("X-Chirpstack-Signature", "sha256=" + mac), ("X-Timestamp", "2026-11-21T08:00:00Z"), ("X-Nonce", "n-0001")], body)
    case = Checks(file, {"id": "e", "preset": "edge_sync", **short}).case
    mac = "9502cf4b9eee3f75a14914771377646e1bc71ebd3be962d84b66bf113a1782bf"
    case("edge_sync, A5.5", "Fixed", "a", [("x-signature", mac), ("x-timestamp", "1795248000000")], b'{"batch":[1,2,3]}')
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    case = Checks(file, {"id": "s", "preset": "standard_webhooks", "secrets": [{"id": "a", "secret": secret}]}).case
    headers = std("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"", signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    case("Standard Webhooks, specification", "Fixed", "a", headers, b'{"test": 2432232314}', 1614265330 * SECOND)


def parking_cases(case):
    good = parking()
    mac = good[0][1][7:]
    case("control", "Signature", "new", good)
    case("second secret", "Secrets", "old", parking(secret=TWO))
    case("second secret one µs before its end", "Secrets", "old", parking("2026-11-21T08:10:00Z", secret=TWO), now=T0 + 600 * SECOND - 1)
    case("second secret at its end", "Secrets", "signature_mismatch", parking("2026-11-21T08:10:00Z", secret=TWO), now=T0 + 600 * SECOND)
    case("unknown secret", "Secrets", "signature_mismatch", parking(secret="another secret of 26 bytes"))
    case("upper-case hex", "Signature", "new", parking(signature="sha256=" + mac.upper()))
    case("mixed-case hex", "Signature", "new", parking(signature="sha256=" + mac[:32].upper() + mac[32:]))
    for comment, value in (
        ("empty", ""),
        ("prefix alone", "sha256="),
        ("no prefix", mac),
        ("upper-case prefix", "SHA256=" + mac),
        ("sha1 prefix", "sha1=" + mac),
        ("prefix twice", "sha256=sha256=" + mac),
        ("62 digits", "sha256=" + mac[:62]),
        ("63 digits", "sha256=" + mac[:63]),
        ("66 digits", "sha256=" + mac + "00"),
        ("no hex digit", "sha256=g" + mac[1:]),
        ("base64", "sha256=" + b64(bytes.fromhex(mac))),
        ("space in front", " sha256=" + mac),
        ("space behind", "sha256=" + mac + " "),
        ("space after the prefix", "sha256= " + mac),
        ("tab behind", "sha256=" + mac + "\t"),
        ("0x", "sha256=0x" + mac[2:]),
        ("two signatures with a comma", f"sha256={mac},sha256={mac}"),
        ("full-width digits", "sha256=\uff11" + mac[1:]),
        ("invalid UTF-8", b"sha256=\xff" + mac[1:].encode()),
        ("NUL inside", b"sha256=" + mac[:63].encode() + b"\0"),
        ("8193 bytes", "sha256=" + "0" * 8186),
        ("8192 bytes", "sha256=" + "0" * 8185),
    ):
        case(f"signature: {comment}", "Signature", "header_malformed", parking(signature=value))
    flipped = f"{int(mac[-1], 16) ^ 1:x}"
    for comment, value in (("last digit changed", mac[:-1] + flipped), ("zeros", "0" * 64), ("of the body alone", hmac(raw(ONE), BODY).hex()), ("of another nonce", parking(nonce="n-2")[0][1][7:])):
        case(f"signature: {comment}", "Signature", "signature_mismatch", parking(signature="sha256=" + value))
    for name, _ in good:
        case(f"{name} missing", "Headers", "header_missing", without(good, name))
        case(f"{name} twice, equal", "Headers", "header_duplicate", good + [pair for pair in good if pair[0] == name])
        case(f"{name} twice, in other case", "Headers", "header_duplicate", good + [(name.lower(), "x")])
    case("no headers", "Headers", "header_missing", [])
    case("names in lower case", "Headers", "new", [(name.lower(), value) for name, value in good])
    case("names in upper case", "Headers", "new", [(name.upper(), value) for name, value in good])
    case("other headers, long and doubled", "Headers", "new", [("Cookie", "x" * 9000), ("cookie", "y"), *good, ("X-Forwarded-For", ""), ("X-Signature", "z")])
    case("a name with a space is another name", "Headers", "header_missing", [("X-Nonce ", "n-0001"), *without(good, "X-Nonce")])
    case("a name with an underscore is another name", "Headers", "header_missing", [("X_Nonce", "n-0001"), *without(good, "X-Nonce")])

    times = {
        "2026-11-21T08:00:00+00:00": "new",
        "2026-11-21T09:30:00+01:30": "new",
        "2026-11-20T23:00:00-09:00": "new",
        "2026-11-21T08:00:00-00:00": "new",
        "2026-11-21T08:00:00.1Z": "new",
        "2026-11-21T08:00:00.123456789Z": "new",
        "2026-11-21T08:00:00.000Z": "new",
        "2026-11-21T08:00:00": "new",
        "2026-11-21T08:00:00.5": "new",
        "2026-11-22T07:59:00+23:59": "new",
        "": "timestamp_malformed",
        "2026-11-21": "timestamp_malformed",
        "2026-11-21 08:00:00Z": "timestamp_malformed",
        "2026-11-21t08:00:00Z": "timestamp_malformed",
        "2026-11-21T08:00:00z": "timestamp_malformed",
        "2026-11-21T08:00Z": "timestamp_malformed",
        "2026-11-21T08:00:00.Z": "timestamp_malformed",
        "2026-11-21T08:00:00.1234567890Z": "timestamp_malformed",
        "2026-11-21T08:00:00,5Z": "timestamp_malformed",
        "2026-11-21T08:00:00+0000": "timestamp_malformed",
        "2026-11-21T08:00:00+00": "timestamp_malformed",
        "2026-11-21T08:00:00+24:00": "timestamp_malformed",
        "2026-11-21T08:00:00+00:60": "timestamp_malformed",
        "2026-11-21T24:00:00Z": "timestamp_malformed",
        "2026-11-21T08:60:00Z": "timestamp_malformed",
        "2026-11-21T08:00:60Z": "timestamp_malformed",
        "2026-02-29T08:00:00Z": "timestamp_malformed",
        "2026-11-31T08:00:00Z": "timestamp_malformed",
        "2026-13-21T08:00:00Z": "timestamp_malformed",
        "2026-00-21T08:00:00Z": "timestamp_malformed",
        "2026-11-00T08:00:00Z": "timestamp_malformed",
        "0000-11-21T08:00:00Z": "timestamp_malformed",
        "+2026-11-21T08:00:00Z": "timestamp_malformed",
        "12026-11-21T08:00:00Z": "timestamp_malformed",
        "20261121T080000Z": "timestamp_malformed",
        " 2026-11-21T08:00:00Z": "timestamp_malformed",
        "2026-11-21T08:00:00Z ": "timestamp_malformed",
        "2026-11-21T08:00:00\u2212" + "01:00": "timestamp_malformed",
        "1795248000": "timestamp_malformed",
        "Sat, 21 Nov 2026 08:00:00 GMT": "timestamp_malformed",
        "2026-11-21T08:00:00\uff10Z": "timestamp_malformed",
        "0001-01-01T00:00:00Z": "timestamp_too_old",
        "0001-01-01T00:00:00+23:59": "timestamp_too_old",
        "9999-12-31T23:59:59Z": "timestamp_too_new",
        "9999-12-31T23:59:59-23:59": "timestamp_too_new",
        "1970-01-01T00:00:00Z": "timestamp_too_old",
        "2024-02-29T08:00:00Z": "timestamp_too_old",
    }
    for time, code in times.items():
        case(f"time {time!a}", "Window" if "too" in code else "Timestamp", code, parking(time))
    case("time of 8193 bytes", "Headers", "header_malformed", parking("2" * 8193))
    case("time of 8192 bytes", "Timestamp", "timestamp_malformed", parking("2" * 8192))
    for comment, offset, code in (
        ("past, last instant", 300 * SECOND, "new"),
        ("past, one µs more", 300 * SECOND + 1, "timestamp_too_old"),
        ("future, last instant", -60 * SECOND, "new"),
        ("future, one µs more", -60 * SECOND - 1, "timestamp_too_new"),
    ):
        case(comment, "Window", code, good, now=T0 + offset)
    case("a fraction counts: just too new", "Window", "timestamp_too_new", parking("2026-11-21T08:01:00.000001Z"))
    case("digits after the sixth are cut", "Window", "new", parking("2026-11-21T08:01:00.000000999Z"))
    case("a fraction counts: just too old", "Window", "timestamp_too_old", parking("2026-11-21T07:54:59.999999Z"))

    for nonce in ("a", "-", "_", "0", "A" * 128, "n-0001_XYZ", "123", "123456789Z"):
        case(f"nonce {nonce[:20]}", "Nonce", "new", parking(nonce=nonce))
    for comment, nonce in (
        ("empty", ""),
        ("129 characters", "A" * 129),
        ("with a dot", "n.1"),
        ("a dot", "."),
        ("with a space", "n 1"),
        ("space behind", "n-1 "),
        ("with a plus", "n+1"),
        ("padded", "bjE="),
        ("with a slash", "n/1"),
        ("with a colon", "n:1"),
        ("non-ASCII", "n\u00e9"),
        ("invalid UTF-8", b"n\xff"),
        ("NUL", b"n\0"),
        ("newline", b"n\n"),
    ):
        case(f"nonce {comment}", "Nonce", "nonce_malformed", parking(nonce=nonce))
    case("nonce of 8193 bytes", "Headers", "header_malformed", parking(nonce="n" * 8193))

    # One captured message, cut anew.
    captured = parking("2026-11-21T08:00:00.123Z", "n-1", b'{"lat":1.5,"x":2}')
    signature = captured[0]
    case("captured message", "Reframing", "new", captured, b'{"lat":1.5,"x":2}')
    case("nonce grown into the body", "Reframing", "nonce_malformed", [signature, captured[1], ("X-Nonce", 'n-1.{"lat":1')], b'5,"x":2}')
    case("time shortened, its rest in the nonce", "Reframing", "framing_ambiguous", [signature, ("X-Timestamp", "2026-11-21T08:00:00"), ("X-Nonce", "123Z")], b'n-1.{"lat":1.5,"x":2}')
    for digits in range(1, 11):
        nonce = "1" * digits
        code = "new" if digits == 10 else "framing_ambiguous"
        case(f"zone-less time, nonce of {digits} digits", "Reframing", code, parking("2026-11-21T08:00:00", nonce))
    case("zone-less time, digits and Z", "Reframing", "framing_ambiguous", parking("2026-11-21T08:00:00", "5Z"))
    case("zone-less time, nine digits and Z", "Reframing", "framing_ambiguous", parking("2026-11-21T08:00:00", "123456789Z"))
    case("zone-less time, ten digits and Z", "Reframing", "new", parking("2026-11-21T08:00:00", "1234567890Z"))
    case("zone-less time, digits and z", "Reframing", "new", parking("2026-11-21T08:00:00", "5z"))
    case("zone-less time, digits and letters", "Reframing", "new", parking("2026-11-21T08:00:00", "5a"))
    case("zone-less time, digits and an offset without a colon", "Reframing", "new", parking("2026-11-21T08:00:00", "5-0100"))
    case("zone-less time with a fraction, nonce of digits", "Reframing", "new", parking("2026-11-21T08:00:00.5", "123"))
    case("time with a zone, nonce of digits", "Reframing", "new", parking(nonce="123"))
    case("ambiguous and no dot in the body", "Reframing", "framing_ambiguous", parking("2026-11-21T08:00:00", "7", b"{}"), b"{}")
    case("ambiguous and the body empty", "Reframing", "framing_ambiguous", parking("2026-11-21T08:00:00", "7", b""), b"")

    for comment, body in (
        ("empty", b""),
        ("one byte", b"\0"),
        ("invalid UTF-8", b"\xff\xfe\x00\x80"),
        ("BOM", b"\xef\xbb\xbf{}"),
        ("CRLF", b'{\r\n"a": 1\r\n}\r\n'),
        ("dots", b"....."),
        ("all bytes", bytes(range(256))),
        ("20 kB", b"x" * 20_000),
    ):
        case(f"body {comment}", "Body", "new", parking(body=body), body)
    for comment, sent, got in (
        ("0xFF became 0xFE", b"a\xff", b"a\xfe"),
        ("BOM added", b"{}", b"\xef\xbb\xbf{}"),
        ("BOM dropped", b"\xef\xbb\xbf{}", b"{}"),
        ("decoded with replacement", b"a\xff", "a\ufffd".encode()),
        ("CRLF became LF", b"{\r\n}", b"{\n}"),
        ("newline added", b"{}", b"{}\n"),
        ("serialised anew", b'{"a": 1}', b'{"a":1}'),
        ("emptied", b"{}", b""),
        ("one bit", b"abc", b"abb"),
    ):
        case(f"body {comment}", "Body", "signature_mismatch", parking(body=sent), got)

    bad = "sha256=" + "0" * 64
    case("missing before doubled", "Order", "header_missing", [good[0], good[0], good[1]])
    case("doubled before over-long", "Order", "header_duplicate", [good[0], ("X-Timestamp", "2" * 8193), good[2], good[2]])
    case("over-long nonce before a malformed signature", "Order", "header_malformed", [("X-Chirpstack-Signature", "x"), good[1], ("X-Nonce", "n" * 8193)])
    case("malformed signature before time", "Order", "header_malformed", parking("x", signature="x"))
    case("time's grammar before nonce", "Order", "timestamp_malformed", parking("x", "n.1", signature=bad))
    case("window before nonce", "Order", "timestamp_too_old", parking("2026-11-20T08:00:00Z", "n.1", signature=bad))
    case("window before framing", "Order", "timestamp_too_old", parking("2026-11-20T08:00:00", "7", signature=bad))
    case("nonce before signature", "Order", "nonce_malformed", parking(nonce="", signature=bad))
    case("framing before signature", "Order", "framing_ambiguous", parking("2026-11-21T08:00:00", "7", signature=bad))
    case("empty nonce before nothing else", "Order", "timestamp_malformed", parking("", ""))


def edge_cases(case):
    good = edge()
    mac = good[0][1]
    case("control", "Signature", "e1", good)
    case("second secret", "Secrets", "e2", edge(secret=TWO))
    case("upper-case hex", "Signature", "e1", edge(signature=mac.upper()))
    for comment, value in (("empty", ""), ("with a prefix", "sha256=" + mac), ("63 digits", mac[:63]), ("65 digits", mac + "0"), ("64 letters", "z" * 64), ("space", mac + " "), ("base64", b64(bytes.fromhex(mac)))):
        case(f"signature: {comment}", "Signature", "header_malformed", edge(signature=value))
    case("signature: wrong", "Signature", "signature_mismatch", edge(signature="f" * 64))
    for name, _ in good:
        case(f"{name} missing", "Headers", "header_missing", without(good, name))
        case(f"{name} twice", "Headers", "header_duplicate", good + [(name.upper(), "1")])
    for time in ("", " 1795248000000", "1795248000000 ", "+1795248000000", "-1795248000000", "1795248000000.0", "1.795248e12", "1_795_248_000_000", "0x1a1", "1795248000000abc", "\uff11795248000000", "2026-11-21T08:00:00Z", "NaN", "null", "1795248000000\n", "1" * 16, "0" * 16):
        case(f"time {time!a}", "Timestamp", "timestamp_malformed", edge(time))
    for time, code in (("1795248000", "timestamp_too_old"), ("0", "timestamp_too_old"), ("000001795248000", "timestamp_too_old"), ("001795248000000", "e1"), ("999999999999999", "timestamp_too_new"), ("1795248000001", "e1")):
        case(f"time {time}", "Window" if "too" in code else "Timestamp", code, edge(time))
    for comment, offset, code in (
        ("past, last instant", 300 * SECOND, "e1"),
        ("past, one µs more", 300 * SECOND + 1, "timestamp_too_old"),
        ("future, last instant", -300 * SECOND, "e1"),
        ("future, one µs more", -300 * SECOND - 1, "timestamp_too_new"),
    ):
        case(comment, "Window", code, good, now=T0 + offset)
    case("a body that starts with digits", "Body", "e1", edge(body=b"123.4"), b"123.4")
    case("the time shortened into the body", "Reframing", "signature_mismatch", [("x-signature", edge(body=b"5.{}")[0][1]), ("x-timestamp", "1795248000000")], b"{}")
    case("body empty", "Body", "e1", edge(body=b""), b"")
    case("malformed signature before time", "Order", "header_malformed", edge("x", signature="x"))
    case("window before signature", "Order", "timestamp_too_new", edge("1795248300001", signature="0" * 64))


def std_cases(case):
    good = std()
    v1, other, v1a = std_mac(), std_mac(secret=STD_TWO), std_mac(secret=WHSK)
    wrong = "v1," + b64(bytes(32))
    case("control", "List", "s1", good)
    case("second secret, given without whsec_", "Secrets", "s2", std(secret=STD_TWO))
    case("Ed25519", "Ed25519", "pk", std(secret=WHSK))
    case("Ed25519, changed", "Ed25519", "signature_mismatch", std(signature="v1a," + b64(bytes(64))))
    case("several match: the first in policy order", "Secrets", "s1", std(signature=f"{v1a} {other} {v1}"))
    case("two match: the first in policy order", "Secrets", "s2", std(signature=f"{v1a} {other}"))
    case("the right one last", "List", "s1", std(signature=f"{wrong} {wrong} {v1}"))
    case("the right one first", "List", "s1", std(signature=f"{v1} {wrong}"))
    for comment, value in (
        ("double space", f"{v1}  {wrong}"),
        ("space in front", f" {v1}"),
        ("space behind", f"{v1} "),
        ("garbage between", f"garbage {v1} v1,??? v1,a,b ,"),
        ("unknown version", f"v2,{v1[3:]} {v1}"),
        ("v1 in the wrong length", f"v1,{b64(bytes(31))} {v1}"),
        ("v1 in upper case beside it", f"V1,{v1[3:]} {v1}"),
        ("v1a of 32 bytes beside it", f"v1a,{v1[3:]} {v1}"),
        ("16 entries", " ".join([wrong] * 15 + [v1])),
        ("16 entries of which 15 are garbage", " ".join(["x"] * 15 + [v1])),
    ):
        case(f"list: {comment}", "List", "s1", std(signature=value))
    for comment, value in (
        ("empty", ""),
        ("spaces", "   "),
        ("garbage", "garbage"),
        ("no version", v1[3:]),
        ("v1 without a comma", "v1" + v1[3:]),
        ("v1 and nothing", "v1,"),
        ("v1,a,b", "v1,a,b"),
        ("bad base64", "v1,!!!!"),
        ("unpadded base64", v1.rstrip("=")),
        ("base64url", v1.replace("+", "-").replace("/", "_") if "+" in v1 or "/" in v1 else "v1," + "-" * 43 + "="),
        ("spare bits", v1[:-2] + chr(ord(v1[-2]) + 1) + "=" if v1[-2] in "AEIMQUYcgkosw048" else "v1,x"),
        ("31 bytes", "v1," + b64(bytes(31))),
        ("33 bytes", "v1," + b64(bytes(33))),
        ("hex", "v1," + base64.b64decode(v1[3:]).hex()),
        ("unknown version", "v2," + v1[3:]),
        ("upper-case version", "V1," + v1[3:]),
        ("tab as separator", v1 + "\t" + v1),
        ("comma as separator", v1 + "," + v1),
        ("space after the comma", v1.replace(",", ", ")),
        ("v1a of 32 bytes", "v1a," + v1[3:]),
        ("v1 of 64 bytes", "v1," + v1a[4:]),
        ("invalid UTF-8", b"v1,\xff" + v1[4:].encode()),
        ("8193 bytes", v1 + " " * (8193 - len(v1))),
    ):
        case(f"signature: {comment}", "List", "header_malformed", std(signature=value))
    case("8192 bytes, mostly spaces", "List", "s1", std(signature=v1 + " " * (8192 - len(v1))))
    case("17 entries", "List", "too_many_signatures", std(signature=" ".join([wrong] * 16 + [v1])))
    case("17 entries of garbage", "List", "too_many_signatures", std(signature=" ".join(["x"] * 17)))
    case("4000 entries", "List", "too_many_signatures", std(signature="x " * 4000))
    case("16 wrong entries", "List", "signature_mismatch", std(signature=" ".join([wrong] * 16)))
    for name, _ in good:
        case(f"{name} missing", "Headers", "header_missing", without(good, name))
        case(f"{name} twice", "Headers", "header_duplicate", good + [(name.title(), "x")])
    case("svix family", "Family", "s1", std(family="svix"))
    case("svix family in other case", "Family", "s1", [(name.upper(), value) for name, value in std(family="svix")])
    case("both families, complete: webhook-* is read", "Family", "s1", good + std(id="msg_2", signature="v1,x", family="svix"))
    case("both families, svix right, webhook wrong", "Family", "signature_mismatch", std(signature=wrong) + std(family="svix"))
    case("webhook signature with svix id and time", "Family", "header_missing", [good[2], *std(family="svix")[:2]])
    case("svix signature with webhook id and time", "Family", "header_missing", [*good[:2], std(family="svix")[2]])
    case("svix signature with one header of webhook", "Family", "header_missing", [good[0], *std(family="svix")[1:]])
    case("svix complete and a webhook id", "Family", "s1", [("webhook-id", "x"), *std(family="svix")])
    case("webhook complete and svix signatures twice", "Family", "s1", good + [("svix-signature", "x"), ("svix-signature", "y")])
    for time in ("", "1795248000.7", " 1795248000", "1795248000 ", "1.795248e9", "1795248000abc", "+1795248000", "-1", "0x6b01", "1_795_248_000", "2026-11-21T08:00:00Z", "1" * 16):
        case(f"time {time!a}", "Timestamp", "timestamp_malformed", std(time=time))
    for time, code in (("1795248000000", "timestamp_too_new"), ("999999999999999", "timestamp_too_new"), ("0", "timestamp_too_old"), ("00000", "timestamp_too_old"), ("001795248000", "s1")):
        case(f"time {time}", "Window" if "too" in code else "Timestamp", code, std(time=time))
    for comment, offset, code in (
        ("past, last instant", 300 * SECOND, "s1"),
        ("past, one µs more", 300 * SECOND + 1, "timestamp_too_old"),
        ("future, last instant", -60 * SECOND, "s1"),
        ("future, one µs more", -60 * SECOND - 1, "timestamp_too_new"),
    ):
        case(comment, "Window", code, good, now=T0 + offset)
    for id in ("a", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "!", "~", "x" * 256, '{"a":1}', ",", "-"):
        case(f"id {id[:20]}", "Headers", "s1", std(id=id))
    for comment, id in (("empty", ""), ("257 characters", "x" * 257), ("with a dot", "msg.1"), ("with a space", "msg 1"), ("space behind", "msg_1 "), ("non-ASCII", "msg\u00e9"), ("DEL", "msg\x7f"), ("NUL", b"msg\0"), ("invalid UTF-8", b"\xff")):
        case(f"id {comment}", "Headers", "header_malformed", std(id=id))
    case("id grown into the time", "Reframing", "header_malformed", std(id="msg_1.1795248000", time="1795248000", signature=v1))
    case("body moved", "Reframing", "signature_mismatch", good, b"." + BODY)
    for comment, body in (("no JSON", b"not json"), ("empty", b""), ("invalid UTF-8", b"\xff\xfe")):
        case(f"body {comment}", "Body", "s1", std(body=body), body)
    case("body: 0xFF became 0xFE", "Body", "signature_mismatch", std(body=b"\xff"), b"\xfe")
    case("too many signatures before time", "Order", "too_many_signatures", std(time="x", signature="x " * 17))
    case("malformed signature before time", "Order", "header_malformed", std(time="x", signature="x"))
    case("time before id", "Order", "timestamp_malformed", std(id="a.b", time="x", signature=wrong))
    case("window before id", "Order", "timestamp_too_old", std(id="a.b", time="1", signature=wrong))
    case("id before signature", "Order", "header_malformed", std(id="a.b", signature=wrong))


def limits(file):
    case = Checks(file, {**PARKING, "window": {"past": "10s", "future": "0s"}, "max_body": "16B"}).case
    body = b"0123456789abcdef"
    case("max_body reached", "Body", "new", parking(body=body), body)
    case("max_body passed", "Body", "body_too_large", parking(body=body + b"0"), body + b"0")
    case("max_body passed before the signature", "Order", "body_too_large", parking(body=body, signature="sha256=" + "0" * 64), body + b"0")
    case("framing before max_body", "Order", "framing_ambiguous", parking("2026-11-21T08:00:00", "7", body + b"0"), body + b"0")
    for offset, code in ((10 * SECOND, "new"), (10 * SECOND + 1, "timestamp_too_old"), (0, "new"), (-1, "timestamp_too_new")):
        case(f"own window, clock {offset:+d} µs", "Window", code, parking(body=b""), b"", T0 + offset)
    times = {"not_before": "2026-11-21T08:00:00Z", "not_after": "2026-11-21T08:00:01Z"}
    case = Checks(file, {"id": "t", "preset": "edge_sync", "secrets": [{"id": "x", "secret": ONE, **times}, {"id": "y", "secret": TWO, "sign": False, "not_before": "2026-11-21T08:00:02Z"}]}).case
    for offset, code in ((-1, "signature_mismatch"), (0, "x"), (999_999, "x"), (SECOND, "signature_mismatch"), (2 * SECOND, "signature_mismatch")):
        case(f"the first secret, clock {offset:+d} µs", "Secrets", code, edge(), now=T0 + offset)
    for offset, code in ((0, "signature_mismatch"), (2 * SECOND - 1, "signature_mismatch"), (2 * SECOND, "y")):
        case(f"the second secret, clock {offset:+d} µs", "Secrets", code, edge(secret=TWO), now=T0 + offset)
    case = Checks(file, {"id": "pk", "preset": "standard_webhooks", "secrets": [{"id": "pk", "secret": WHPK}]}).case
    case("v1a for a public key", "Ed25519", "pk", std(secret=WHSK))
    case("v1 alone where there is a public key alone", "Ed25519", "signature_mismatch", std())
    case("v1 by the public key as a secret", "Ed25519", "signature_mismatch", std(signature="v1," + b64(hmac(public_bytes(SEED), b"msg_1.1795248000." + BODY))))
    case = Checks(file, {"id": "sk", "preset": "standard_webhooks", "secrets": [{"id": "sk", "secret": WHSK}]}).case
    case("v1a for a private key", "Ed25519", "sk", std(secret=WHSK))
    case = Checks(file, {"id": "hm", "preset": "standard_webhooks", "secrets": [{"id": "hm", "secret": STD_ONE}]}).case
    case("v1a alone where there is an HMAC secret alone", "Ed25519", "signature_mismatch", std(secret=WHSK))


def sign_cases(file):
    def group(endpoint, seed="00"):
        members = {"endpoint": endpoint, "seed": {"hex": seed}}
        return file.group("webhook.sign", **members), webhook.Endpoint(endpoint), bytes.fromhex(seed)

    def case(target, comment, flag, code="", now=T0, body=BODY, **arguments):
        made, endpoint, seed = target
        try:
            headers, got = endpoint.sign(now, body, **arguments, entropy=Entropy(seed)), ""
        except Refused as refused:
            headers, got = None, refused.code
        assert got == code, f"{comment}: read as {code or 'valid'}, computed {got or 'valid'}"
        expect = {} if code else {"expect": {"headers": [list(pair) for pair in headers]}}
        made.outcome(comment, [flag], code, now=now, body=shown_body(body), **arguments, **expect)

    short = {"min_len": 13, "secrets": [{"id": "a", "secret": "shared-secret"}]}
    case(group({"id": "p", "preset": "parking", **short}), "parking, A5.5", "Fixed", body=b'{"deviceId":"p-17","state":"occupied"}', nonce="n-0001")
    case(group({"id": "e", "preset": "edge_sync", **short}), "edge_sync, A5.5", "Fixed", body=b'{"batch":[1,2,3]}')
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    published = group({"id": "s", "preset": "standard_webhooks", "secrets": [{"id": "a", "secret": secret}]})
    case(published, "Standard Webhooks, specification", "Fixed", now=1614265330 * SECOND, body=b'{"test": 2432232314}', id="msg_p5jXN8AQM9LWM0D4loKWxJek")

    target = group(PARKING)
    case(target, "nonce drawn", "Nonce")
    case(target, "nonce given", "Nonce", nonce="A" * 128)
    for micros in (1, 999_999, SECOND, 86_399 * SECOND, 31 * 86_400 * SECOND):
        case(target, f"{micros} µs later", "Timestamp", now=T0 + micros, nonce="n")
    case(target, "leap day", "Timestamp", now=1709164800 * SECOND, nonce="n")
    case(target, "the epoch", "Timestamp", now=0, nonce="n")
    for comment, body in (("empty", b""), ("invalid UTF-8", b"\xff\x00"), ("BOM", b"\xef\xbb\xbf"), ("CRLF", b"a\r\nb")):
        case(target, f"body {comment}", "Body", body=body, nonce="n")
    for nonce in ("", "n.1", "n 1", "x" * 129, "\u00e9", "n=", "n\n"):
        case(target, f"nonce {nonce[:8]!a}", "Nonce", "nonce_malformed", nonce=nonce)
    case(target, "an id where the scheme has none", "Arguments", "invalid_argument", id="msg_1")
    target = group({**PARKING, "secrets": [{"id": "a", "secret": ONE}, {"id": "b", "secret": TWO, "not_before": "2026-11-21T08:00:00Z"}]}, "01")
    case(target, "the newest secret is not yet in force", "Secrets", now=T0 - 1)
    case(target, "the newest secret signs", "Secrets", now=T0)
    newest = [{"id": "a", "secret": ONE, "not_before": "2026-11-02T00:00:00Z"}, {"id": "b", "secret": TWO, "not_before": "2026-11-01T00:00:00Z"}, {"id": "c", "secret": "third parking secret"}]
    target = group({**PARKING, "secrets": newest}, "02")
    case(target, "the latest not_before signs, not the last in the policy", "Secrets")
    target = group({**PARKING, "secrets": [{"id": "a", "secret": ONE}, {"id": "b", "secret": TWO}]}, "03")
    case(target, "ties go by policy order", "Secrets")
    target = group({**PARKING, "secrets": [{"id": "a", "secret": ONE, "sign": False}, {"id": "b", "secret": TWO}]}, "03")
    case(target, "sign = false takes the role away", "Secrets")
    target = group({**PARKING, "secrets": [{"id": "a", "secret": ONE, "sign": False}]})
    case(target, "no secret signs", "Secrets", "config_invalid", nonce="n")

    target = group(EDGE)
    for micros in (0, 999, 1000, 123_456_789):
        case(target, f"{micros} µs later", "Timestamp", now=T0 + micros)
    case(target, "an id where the scheme has none", "Arguments", "invalid_argument", id="x")
    case(target, "body empty", "Body", body=b"")

    target = group(STD, "04")
    case(target, "id drawn, two secrets sign", "List")
    case(target, "id given", "List", id="msg_1")
    case(target, "an id of 256 characters", "List", id="x" * 256)
    case(target, "half a second later", "Timestamp", now=T0 + 500_000, id="msg_1")
    for id in ("", "a.b", "a b", "x" * 257, "\u00e9", "a\x7f"):
        case(target, f"id {id[:8]!a}", "Arguments", "header_malformed", id=id)
    target = group({**STD, "secrets": [{"id": "sk", "secret": WHSK}, *STD["secrets"][:2]]}, "05")
    case(target, "v1a and v1 in policy order", "Ed25519")
    case(target, "v1a and v1, id given", "Ed25519", id="msg_1")
    target = group({**STD, "secrets": [{"id": "sk", "secret": WHSK}]})
    case(target, "v1a alone", "Ed25519", id="msg_1")
    target = group({**STD, "secrets": [{"id": "pk", "secret": WHPK}]})
    case(target, "a public key does not sign", "Ed25519", "config_invalid", id="msg_1")
    rolled = [{**STD["secrets"][0], "not_after": "2026-11-21T08:00:01Z"}, {**STD["secrets"][1], "not_before": "2026-11-21T08:00:00Z"}, {"id": "s3", "secret": b64(b"z" * 24), "sign": False}]
    target = group({**STD, "secrets": rolled})
    case(target, "a roll: before", "Secrets", now=T0 - 1, id="m")
    case(target, "a roll: both", "Secrets", now=T0, id="m")
    case(target, "a roll: after", "Secrets", now=T0 + SECOND, id="m")
