"""The header `Idempotency-Key`: its lines to the key itself. idempotency.md B5 and B5b, RFC 9651 section 4.2."""

import re

from wire import Refused

MIN, MAX = 8, 255
BARE = re.compile(rb"[!#-+\--:<-\[\]-~]+")  # 0x21-0x7E but " , ; \
PARAMETER_KEY = re.compile(rb"[a-z*][a-z0-9_\-.*]*")
NUMBER = re.compile(rb"-?(?:[0-9]{1,12}\.[0-9]{1,3}|[0-9]{1,15})(?![0-9.])")
DATE = re.compile(rb"@-?[0-9]{1,15}(?![0-9.])")
TOKEN = re.compile(rb"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
BINARY = re.compile(rb":[A-Za-z0-9+/]*={0,2}:")
BOOLEAN = re.compile(rb"\?[01]")
STRING = re.compile(rb'"((?:[ !#-\[\]-~]|\\["\\])*)"')
DISPLAY = re.compile(rb'%"((?:[ !#$&-~]|%[0-9a-f]{2})*)"')


def parse(lines: list[bytes]) -> bytes:
    """The key, or a refusal."""
    if not lines:
        raise Refused("idempotency_key_missing")
    if len(lines) > 1:
        raise Refused("idempotency_key_multiple")
    key = item(lines[0].strip(b" "))
    if key is None or not MIN <= len(key) <= MAX or any(not 0x21 <= byte <= 0x7E for byte in key):
        raise Refused("idempotency_key_invalid")
    return key


def item(line: bytes) -> bytes | None:
    """A string, or what we take beside it: a bare key. Parameters must be right and mean nothing."""
    if b"," in line:
        return None
    if quoted := STRING.match(line):
        key, rest = re.sub(rb"\\(.)", rb"\1", quoted.group(1)), line[quoted.end() :]
    elif bare := BARE.match(line):
        key, rest = bare.group(), line[bare.end() :]
    else:
        return None
    return key if parameters(rest) else None


def parameters(rest: bytes) -> bool:
    while rest:
        if not rest.startswith(b";"):
            return False
        rest = rest[1:].lstrip(b" ")
        name = PARAMETER_KEY.match(rest)
        if not name:
            return False
        rest = rest[name.end() :]
        if rest.startswith(b"="):
            value = bare_item(rest[1:])
            if value is None:
                return False
            rest = rest[1 + value :]
    return True


def bare_item(text: bytes) -> int | None:
    """How long the value of a parameter is."""
    for form in (NUMBER, DATE, TOKEN, BINARY, BOOLEAN, STRING):
        if match := form.match(text):
            return match.end()
    if match := DISPLAY.match(text):
        try:
            re.sub(rb"%(..)", lambda two: bytes.fromhex(two.group(1).decode()), match.group(1)).decode("utf-8")
        except UnicodeDecodeError:
            return None
        return match.end()
    return None
