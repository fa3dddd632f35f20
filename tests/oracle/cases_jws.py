"""`jws.verify`: the published examples of RFC 7515, 7519 and 8037, and the rules that a JWS shares with a token."""

import json

import jwt
from cases_jwt_data import ED_SEED
from fixed_values import RFC7515_A1, RFC7515_A1_KEY, RFC8037_A4, RFC8037_D, RFC8037_X
from vector_file import VectorFile
from wire import Refused, b64, b64u, strict_b64u

NOTES = {
    "Rfc": "printed in the RFC that the comment names",
    "Key": "a JWK's use and key_ops must allow the use; a key that is refused makes each test invalid",
    "Kid": "the key is the one with that kid, else the only one that fits alg",
    "Algorithm": "one key, one algorithm; an Ed25519 key answers to both of its names",
    "Form": "size, form, header and signature as in an access token; typ and claims are free",
}
OCT = {"kty": "oct", "k": RFC7515_A1_KEY}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X}


def key_of(entry: dict):
    kid, alg = entry.get("kid"), entry.get("alg")
    if "secret" in entry:
        return kid, alg, jwt.Key("HS256", secret=jwt.Key.from_policy(entry).secret)
    if entry["kty"] == "oct":
        return kid, alg, jwt.Key("HS256", secret=strict_b64u(entry["k"]))
    return kid, alg, jwt.Key("EdDSA", public=strict_b64u(entry["x"]))


class Cases:
    def __init__(self, file, keys, refused=False):
        self.group = file.group("jws.verify", keys=keys)
        self.keys = None if refused else [key_of(key) for key in keys]

    def case(self, comment, flag, code, jws):
        """`code` None: invalid, whatever the code."""
        if self.keys is None:
            self.group.test(comment, [flag], "invalid", jws=jws)
            return
        try:
            payload, got = jwt.verify_jws(jws, self.keys), ""
        except Refused as refused:
            payload, got = None, refused.code
        if code is None:
            assert got, comment
            self.group.test(comment, [flag], "invalid", jws=jws)
            return
        assert got == code, f"{comment}: read as {code or 'valid'}, computed {got or 'valid'}"
        expect = {"expect": {"payload": {"b64": b64(payload)}}} if payload is not None else {}
        self.group.outcome(comment, [flag], code, jws=jws, **expect)


def build():
    file = VectorFile("jws/rfc.json", NOTES)
    hmac_key = jwt.Key("HS256", secret=strict_b64u(RFC7515_A1_KEY))
    ed = jwt.Key("EdDSA", seed=strict_b64u(RFC8037_D))

    case = Cases(file, [OCT]).case
    head, body, mac = RFC7515_A1.split(".")
    case("RFC 7515 A.1 and RFC 7519 3.1", "Rfc", "", RFC7515_A1)
    case("RFC 7519 6.1, unsecured", "Rfc", None, "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.")
    case("RFC 7515 A.1, payload changed", "Rfc", "jwt_signature", f"{head}.{body[:-1]}0.{mac}" if strict_b64u(body[:-1] + "0") else f"{head}.{b64u(b'{}')}.{mac}")
    case("RFC 7515 A.1, mac changed", "Rfc", "jwt_signature", f"{head}.{body}.{mac[:-2]}AA" if strict_b64u(mac[:-2] + "AA") else f"{head}.{body}.A{mac[1:]}")
    case("RFC 7515 A.1, spare bits of the mac", "Form", "jwt_malformed", RFC7515_A1[:-1] + "l")
    case("RFC 7515 A.1, padded", "Form", "jwt_malformed", RFC7515_A1 + "=")
    payloads = (("empty", b""), ("no JSON", b"not json"), ("bytes", bytes(range(256))), ("a BOM", b"\xef\xbb\xbf{}"), ("a member twice", b'{"a":1,"a":2}'), ("long expired", b'{"exp":1}'))
    for comment, payload in payloads:
        case(f"payload {comment}", "Form", "", jwt.compact('{"alg":"HS256"}', payload, hmac_key))
    for typ in ("JWT", "", "JOSE", "dpop+jwt", "anything/at all"):
        case(f"typ {json.dumps(typ)}", "Form", "", jwt.compact(json.dumps({"alg": "HS256", "typ": typ}), b"x", hmac_key))
    for code, head in (
        ("jwt_crit", {"alg": "HS256", "crit": ["exp"], "exp": 1}),
        ("jwt_crit", {"alg": "HS256", "b64": True}),
        ("jwt_header", {"alg": "HS256", "jwk": OCT}),
        ("jwt_header", {"alg": "HS256", "x5u": "https://evil.example"}),
        ("jwt_header", {"alg": "HS256", "zip": "DEF"}),
        ("jwt_header", {"alg": "HS256", "typ": 1}),
        ("jwt_header", {"alg": "HS256", "kid": ""}),
        ("jwt_header", {"alg": 1}),
        ("jwt_header", {"typ": "JWT"}),
        (None, {"alg": "none"}),
        (None, {"alg": "HS384"}),
        (None, {"alg": "hs256"}),
        (None, {"alg": "EdDSA"}),
    ):
        case(f"header {json.dumps(head)[:60]}", "Form", code, jwt.compact(json.dumps(head), b"x", hmac_key))
    large = jwt.compact('{"alg":"HS256"}', b"x" * 6200, hmac_key)
    case("too large", "Form", "jwt_too_large", large)
    case("two parts", "Form", "jwt_malformed", RFC7515_A1.rsplit(".", 1)[0])
    case("header twice the same member", "Form", "jwt_malformed", jwt.compact('{"alg":"HS256","alg":"HS256"}', b"x", hmac_key))

    case = Cases(file, [OKP]).case
    case("RFC 8037 A.4", "Rfc", "", RFC8037_A4)
    case("RFC 8037 A.4 under the name Ed25519 (RFC 9864)", "Algorithm", "", jwt.compact('{"alg":"Ed25519"}', b"Example of Ed25519 signing", ed))
    head, body, mac = RFC8037_A4.split(".")
    data = strict_b64u(mac)
    order_l = 2**252 + 27742317777372353535851937790883648493
    grown = data[:32] + (int.from_bytes(data[32:], "little") + order_l).to_bytes(32, "little")
    case("S + L", "Algorithm", "jwt_signature", f"{head}.{body}.{b64u(grown)}")
    for comment, value in (("zeros", bytes(64)), ("63 bytes", data[:63]), ("65 bytes", data + b"\0"), ("empty", b""), ("R changed", bytes([data[0] ^ 1]) + data[1:])):
        case(f"signature {comment}", "Algorithm", "jwt_signature", f"{head}.{body}.{b64u(value)}")
    public = jwt.Key("HS256", secret=strict_b64u(RFC8037_X))
    case("HS256 by the public key", "Algorithm", None, jwt.compact('{"alg":"HS256"}', b"x", public))
    case("none", "Algorithm", None, jwt.compact('{"alg":"none"}', b"x", public))
    case("Ed448", "Algorithm", None, jwt.compact('{"alg":"Ed448"}', b"x", ed))

    two = [{"kid": "h", "alg": "HS256", **OCT}, {"kid": "e", "alg": "EdDSA", **OKP}, {"kid": "s", "alg": "HS256", "secret": "hex:" + "33" * 32}]
    case = Cases(file, two).case
    third = jwt.Key("HS256", secret=b"\x33" * 32)
    for kid, alg, key in (("h", "HS256", hmac_key), ("e", "EdDSA", ed), ("e", "Ed25519", ed), ("s", "HS256", third)):
        case(f"kid {kid}, {alg}", "Kid", "", jwt.compact(json.dumps({"alg": alg, "kid": kid}), b"x", key))
    case("no kid, the only Ed25519 key", "Kid", "", jwt.compact('{"alg":"EdDSA"}', b"x", ed))
    case("no kid, two HMAC keys", "Kid", None, jwt.compact('{"alg":"HS256"}', b"x", hmac_key))
    case("kid h with another's alg", "Kid", "jwt_algorithm", jwt.compact('{"alg":"EdDSA","kid":"h"}', b"x", ed))
    case("kid e with HS256 by the public key", "Kid", "jwt_algorithm", jwt.compact('{"alg":"HS256","kid":"e"}', b"x", public))
    case("kid s signed by h", "Kid", "jwt_signature", jwt.compact('{"alg":"HS256","kid":"s"}', b"x", hmac_key))

    good = jwt.compact('{"alg":"HS256"}', b"x", hmac_key)
    for comment, entry in (
        ("use enc", {**OCT, "use": "enc"}),
        ("key_ops without verify", {**OCT, "key_ops": ["encrypt"]}),
        ("a short secret", {"kty": "oct", "k": b64u(b"k" * 31)}),
        ("an empty secret", {"kty": "oct", "k": ""}),
        ("alg of another kind", {**OCT, "alg": "EdDSA"}),
        ("padded k", {"kty": "oct", "k": RFC7515_A1_KEY + "=="}),
        ("no k", {"kty": "oct"}),
    ):
        Cases(file, [entry], refused=True).case(f"refused key: {comment}", "Key", None, good)
    signed = jwt.compact('{"alg":"EdDSA"}', b"x", ed)
    for comment, entry in (
        ("use enc", {**OKP, "use": "enc"}),
        ("key_ops without verify", {**OKP, "key_ops": ["deriveKey"]}),
        ("small order", {"kty": "OKP", "crv": "Ed25519", "x": b64u(b"\x01" + bytes(31))}),
        ("small order, zero", {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes(32))}),
        ("31 bytes", {"kty": "OKP", "crv": "Ed25519", "x": b64u(strict_b64u(RFC8037_X)[:31])}),
        ("X25519", {**OKP, "crv": "X25519"}),
        ("alg HS256", {**OKP, "alg": "HS256"}),
    ):
        Cases(file, [entry], refused=True).case(f"refused key: {comment}", "Key", None, signed)
    for comment, entry in (("use sig", {**OKP, "use": "sig"}), ("key_ops verify", {**OKP, "key_ops": ["verify"]}), ("unknown members", {**OKP, "x5t": "x", "exp": 1}), ("alg Ed25519", {**OKP, "alg": "Ed25519"})):
        Cases(file, [entry]).case(f"key with {comment}", "Key", "", signed)
    return [file]
