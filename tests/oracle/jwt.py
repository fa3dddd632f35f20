"""Strict access tokens. tokens.md, the checklist's rules and "JWT details, decided"; the order of the codes is that page's."""

import math
from fractions import Fraction

from keys import Key
from strict_json import Bad, Num, read
from timetext import duration, instant
from wire import Refused, b64u, strict_b64u

SECOND = 1_000_000
OWN_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "gen", "tv"]
FORBIDDEN = ["jwk", "jku", "x5u", "x5c", "enc", "zip"]
MAX_TIME = 2**53 - 1


class Profile:
    """How tokens of one issuer are verified."""

    def __init__(self, tokens: dict, issuer_id: str = "own"):
        self.own = issuer_id == "own"
        self.leeway = duration(tokens.get("leeway", "30s"))
        self.claims: dict = {}
        self.fractional = False
        if self.own:
            entry, keys = tokens, tokens["signing_keys"]
            self.typ, self.required = ["at+jwt"], OWN_REQUIRED
            default_ttl = tokens.get("access_ttl", "15m")
        else:
            entry = next(item for item in tokens["issuers"] if item["id"] == issuer_id)
            keys = entry["keys"]
            self.typ = entry.get("typ", ["at+jwt"])
            self.required = ["iss", "aud", "exp", *entry.get("required", [])]
            self.claims = entry.get("claims", {})
            self.fractional = entry.get("fractional_times", False)
            self.leeway = duration(entry["leeway"]) if "leeway" in entry else self.leeway
            default_ttl = entry.get("max_ttl", "24h")
        self.issuer, self.audience = entry["issuer"], entry["audience"]
        self.keys = {}
        for key in keys:
            window = [instant(key[name]) if name in key else None for name in ("not_before", "not_after")]
            self.keys[key["kid"]] = (Key.from_policy(key), duration(key.get("max_ttl", default_ttl)), *window)


def split(token: str):
    """Size and the three parts."""
    if len(token.encode()) > 8192 or len(token.split(".", 1)[0].encode()) > 1366:
        raise Refused("jwt_too_large")
    parts = token.split(".")
    if len(parts) != 3:
        raise Refused("jwt_malformed")
    return parts


def read_object(part: str) -> dict:
    data = strict_b64u(part)
    if data is None:
        raise Refused("jwt_malformed")
    try:
        value = read(data)
    except Bad as error:
        raise Refused("jwt_malformed") from error
    if not isinstance(value, dict):
        raise Refused("jwt_malformed")
    return value


def check_header(header: dict, kid_required: bool):
    if "crit" in header or "b64" in header:
        raise Refused("jwt_crit")
    if not isinstance(header.get("alg"), str) or not isinstance(header.get("typ", ""), str):
        raise Refused("jwt_header")
    if any(name in header for name in FORBIDDEN):
        raise Refused("jwt_header")
    if "kid" in header:
        kid = header["kid"]
        if not isinstance(kid, str) or not 1 <= len(kid) <= 128 or any(not "!" <= char <= "~" for char in kid):
            raise Refused("jwt_header")
    elif kid_required:
        raise Refused("jwt_header")


def check_signature(key: Key, parts):
    signature = strict_b64u(parts[2])
    if signature is None:
        raise Refused("jwt_malformed")
    if not key.verifies(f"{parts[0]}.{parts[1]}".encode(), signature):
        raise Refused("jwt_signature")


def fold_typ(typ: str) -> str:
    typ = "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in typ)
    return typ.removeprefix("application/")


def verify(token: str, profile: Profile, now: int, cnf_ok: bool = False) -> dict:
    """The claims as read, or Refused. Revocation is the caller's."""
    parts = split(token)
    header = read_object(parts[0])
    check_header(header, kid_required=profile.own)
    found = profile.keys.get(header.get("kid", ""))
    if found is None:
        raise Refused("jwt_key_unknown")
    key, max_ttl, not_before, not_after = found
    if (not_before is not None and now < not_before) or (not_after is not None and now >= not_after):
        raise Refused("jwt_key_unknown")
    if not key.accepts(header["alg"]):
        raise Refused("jwt_algorithm")
    if "typ" not in header:
        if "" not in profile.typ:
            raise Refused("jwt_type")
    elif fold_typ(header["typ"]) not in [fold_typ(typ) for typ in profile.typ if typ]:
        raise Refused("jwt_type")
    check_signature(key, parts)
    claims = read_object(parts[1])
    if any(name not in claims for name in profile.required):
        raise Refused("jwt_claim_missing")
    check_types(claims, profile)
    check_meaning(claims, profile, max_ttl, now)
    if "cnf" in claims and not cnf_ok:
        raise Refused("dpop_missing")
    return claims


def micros(value, fractional: bool):
    """A time in µs (a fraction rounded down), or None."""
    if not isinstance(value, Num) or not (fractional or value.plain):
        return None
    exact = Fraction(value.text)
    if value.text.startswith("-") or not 0 <= exact <= MAX_TIME:
        return None
    return math.floor(exact * SECOND)


def check_types(claims: dict, profile: Profile):
    def demand(condition):
        if not condition:
            raise Refused("jwt_claim_type")

    def text(name, filled=True):
        if name in claims:
            demand(isinstance(claims[name], str) and (claims[name] != "" or not filled))

    def texts(name, single=False):
        if name in claims:
            value = claims[name]
            demand((single and isinstance(value, str)) or (isinstance(value, list) and all(isinstance(item, str) for item in value)))

    def whole(value, top):
        return isinstance(value, Num) and value.plain and int(value.text) <= top

    text("iss", filled=False)
    texts("aud", single=True)
    text("sub")
    text("jti")
    for name in ("exp", "nbf", "iat"):
        if name in claims:
            demand(micros(claims[name], profile.fractional) is not None)
    if "cnf" in claims:
        cnf = claims["cnf"]
        demand(isinstance(cnf, dict) and list(cnf) == ["jkt"] and isinstance(cnf["jkt"], str) and len(cnf["jkt"]) == 43)
    if profile.own:
        text("client_id")
        demand(isinstance(claims["sid"], str) and len(strict_b64u(claims["sid"]) or b"") == 16)
        demand(whole(claims["gen"], 2**32 - 1))
        tv = claims["tv"]
        demand(isinstance(tv, list) and len(tv) == 3 and all(whole(item, MAX_TIME) for item in tv))
        text("tenant")
        texts("roles")
        text("scope", filled=False)
        texts("amr")
        if "auth_time" in claims:
            demand(whole(claims["auth_time"], MAX_TIME))
    else:
        text(profile.claims.get("tenant", ""))
        texts(profile.claims.get("roles", ""), single=True)
        text(profile.claims.get("session", ""))


def check_meaning(claims: dict, profile: Profile, max_ttl: int, now: int):
    if claims["iss"] != profile.issuer:
        raise Refused("jwt_issuer")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if not 1 <= len(audience) <= 16 or not set(audience) & set(profile.audience):
        raise Refused("jwt_audience")
    times = {name: micros(claims[name], profile.fractional) for name in ("exp", "iat", "nbf") if name in claims}
    exp, iat, nbf = times["exp"], times.get("iat"), times.get("nbf")
    if iat is None:
        if exp - now > max_ttl + profile.leeway:
            raise Refused("jwt_lifetime")
    elif not 0 < exp - iat <= max_ttl:
        raise Refused("jwt_lifetime")
    if iat is not None and now < iat - profile.leeway:
        raise Refused("jwt_issued_in_future")
    if nbf is not None and now < nbf - profile.leeway:
        raise Refused("jwt_not_yet_valid")
    if now >= exp + profile.leeway:
        raise Refused("jwt_expired")


def verify_jws(jws: str, keys: list) -> bytes:
    """`jws.verify`: keys are (kid or None, alg or None, Key)."""
    parts = split(jws)
    header = read_object(parts[0])
    check_header(header, kid_required=False)
    named = [key for key in keys if "kid" in header and key[0] == header["kid"]]
    fitting = [key for key in keys if key[2].accepts(header["alg"])]
    if named:
        key = named[0][2]
    elif len(fitting) == 1:
        key = fitting[0][2]
    else:
        raise Refused("jwt_key_unknown")
    if not key.accepts(header["alg"]):
        raise Refused("jwt_algorithm")
    check_signature(key, parts)
    payload = strict_b64u(parts[1])
    if payload is None:
        raise Refused("jwt_malformed")
    return payload


def compact(header: str | bytes, claims: str | bytes, key: Key) -> str:
    """A token of exactly these bytes."""
    parts = [b64u(part.encode() if isinstance(part, str) else part) for part in (header, claims)]
    signed = ".".join(parts)
    return f"{signed}.{b64u(key.sign(signed.encode()))}"
