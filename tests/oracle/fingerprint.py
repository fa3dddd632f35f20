"""What makes two requests the same: raw bytes, canonical JSON, selected members, a digest, or what the caller says. idempotency.md B5 and B5b."""

import base64
import hashlib
import re
from decimal import Decimal

import strict_json
from strict_json import Num, canonical, ecmascript_number
from wire import Refused, hmac, lp, sha256, u8

RAW, JCS, SELECTED, CUSTOM, DIGEST = range(5)
ABSENT = object()
BEYOND = 2**53
DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
DIGEST_MEMBER = re.compile(r" *(sha-256|sha-512)=:([A-Za-z0-9+/=]+): *")


def fingerprint(setting, key: bytes | None, body: bytes | None, given: bytes | None, content_type: str, query: str) -> bytes:
    """`setting` is the member `fingerprint` of the policy, `key` what `fingerprint_key` says."""
    if body is None and given is None:
        raise Refused("invalid_argument")
    mode, part = compared(setting, body, given)
    essence = content_type.split(";")[0].strip(" \t").lower()
    written_out = b"gw.idem.1" + u8(mode) + lp(essence) + lp(query) + lp(part)
    return sha256(written_out) if key is None else hmac(key, written_out)


def compared(setting, body: bytes | None, given: bytes | None) -> tuple[int, bytes]:
    if setting == "content_digest":
        return DIGEST, digest(given, body)
    if given is not None:
        return CUSTOM, given
    if setting == "raw":
        return RAW, body
    try:
        value = strict_json.read(body)
    except strict_json.Bad as bad:
        raise Refused("invalid_argument") from bad
    if setting == "jcs":
        return JCS, jcs(value)
    if "jcs" in setting:
        for pointer in setting["jcs"].get("exclude", []):
            value = without(value, steps(pointer))
        return JCS, jcs(value)
    found = [at(value, steps(pointer)) for pointer in setting["selected"]]
    return SELECTED, b"".join(b"\x00" if item is ABSENT else b"\x01" + lp(jcs(item)) for item in found)


def jcs(value) -> bytes:
    return written(value).encode()


def written(value) -> str:
    """RFC 8785, but whole numbers beyond 2^53 keep their digits."""
    if isinstance(value, Num):
        if re.fullmatch(r"-?[0-9]+", value.text) and abs(int(value.text)) > BEYOND:
            return value.text
        return ecmascript_number(float(Decimal(value.text)))
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + written(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item) for item in value) + "]"
    return canonical(value)


def steps(pointer: str) -> list[str]:
    """RFC 6901."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def child(value, step: str):
    if isinstance(value, dict):
        return value.get(step, ABSENT)
    if isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]*", step) and int(step) < len(value):
        return value[int(step)]
    return ABSENT


def at(value, way: list[str]):
    for step in way:
        value = child(value, step)
    return value


def without(value, way: list[str]):
    """The value without what the pointer means."""
    step, *rest = way
    inner = child(value, step)
    if inner is ABSENT:
        return value
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name != step}
        return {**kept, step: without(inner, rest)} if rest else kept
    place = int(step)
    return value[:place] + ([without(inner, rest)] if rest else []) + value[place + 1 :]


def digest(header: bytes | None, body: bytes | None) -> bytes:
    """The SHA-256 that `Content-Digest` (RFC 9530) says, which must be that of the body where there is one; then SHA-512 will do."""
    member = DIGEST_MEMBER.fullmatch((header or b"").decode("latin-1"))
    if not member:
        raise Refused("invalid_argument")
    value, algorithm = base64.b64decode(member.group(2)), DIGESTS[member.group(1)]
    if len(value) != algorithm().digest_size or (body is not None and algorithm(body).digest() != value):
        raise Refused("invalid_argument")
    return value if body is None else sha256(body)
