"""What the JWT cases are made of: one key, one good token, and ways to change it."""

import json

import jwt
from keys import Key, private_pem, public_pem, secret_bytes
from wire import B64URL  # noqa: F401

NOW = 1795248060000000
KEY_POLICY = {"kid": "k1", "alg": "HS256", "secret": "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4="}
KEY = Key("HS256", secret=secret_bytes(KEY_POLICY["secret"]))
ED_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")  # RFC 8032, test 1
OTHER_SECRET = "an older secret of forty-two characters, ok"
FLAGS = {
    "Table": "the 31-row table of tokens.md: three libraries, three verdicts",
    "Size": "8,192 bytes of text and 1,366 characters of header, inclusive, before anything is decoded (golang-jwt CVE-2025-30204)",
    "Form": "compact form only: three parts, strict base64url, no white space",
    "Json": "UTF-8, one object, no member twice at any depth, depth 16, no number beyond a double, no lone surrogate",
    "Header": "crit and b64 are refused with any value, jwk jku x5u x5c enc zip too; kid and typ have a form",
    "Algorithm": "the algorithm comes from the key and the header's is only compared, case-sensitively",
    "Type": "typ is at+jwt, without case, with or without application/",
    "Signature": "wrong length is jwt_signature, wrong base64url is jwt_malformed",
    "ClaimMissing": "RFC 9068 2.2 and ours: sid, gen, tv",
    "ClaimType": "a claim of a wrong JSON type is an error, never absent (jsonwebtoken CVE-2026-25537)",
    "Numbers": "integer literals without fraction, exponent or minus, in range",
    "Text": "texts are taken as they are",
    "Issuer": "exact byte equality (PyJWT GHSA-75c5-xw7c-p5pm)",
    "Audience": "a text or 1 to 16 texts, one match is enough",
    "Times": "exp is exclusive with the leeway on top; iat and nbf are accepted at exactly minus the leeway",
    "Lifetime": "0 < exp - iat <= max_ttl of the key",
    "Dpop": "a bound token needs a proof; a cnf that is not exactly a jkt of 43 characters has a wrong type",
    "Order": "the order of the codes",
    "Keys": "one key, one algorithm; an Ed25519 key answers to Ed25519 and EdDSA",
    "KeyTimes": "not_before <= clock < not_after, without leeway",
}


class Raw:
    """JSON text to be taken as it is."""

    def __init__(self, literal: str):
        self.literal = literal


def text(members: dict) -> str:
    """Compact JSON in the order given."""
    parts = []
    for name, value in members.items():
        written = value.literal if isinstance(value, Raw) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        parts.append(f"{json.dumps(name)}:{written}")
    return "{" + ",".join(parts) + "}"


def changed(base: dict, drop, changes: dict) -> dict:
    return {name: value for name, value in {**base, **changes}.items() if name not in drop}


def claims(drop=(), **changes) -> dict:
    base = {
        "iss": "https://auth.example",
        "sub": "u-42",
        "aud": "api",
        "client_id": "web",
        "iat": 1795248000,
        "exp": 1795248900,
        "jti": "j-1",
        "sid": "AAECAwQFBgcICQoLDA0ODw",
        "gen": 0,
        "tv": [0, 0, 0],
    }
    return changed(base, drop, changes)


def header(drop=(), **changes) -> dict:
    return changed({"alg": "HS256", "typ": "at+jwt", "kid": "k1"}, drop, changes)


def signed(body=None, head=None, key: Key = KEY) -> str:
    body = claims() if body is None else body
    head = header() if head is None else head
    return jwt.compact(text(head) if isinstance(head, dict) else head, text(body) if isinstance(body, dict) else body, key)


def pad_to(size: int) -> str | None:
    """A good token of exactly so many bytes, if there is one."""
    for pad in range(5500, 6500):
        if (token := signed(claims(pad="x" * pad))) and len(token) == size:
            return token
    return None
