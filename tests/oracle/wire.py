"""Bytes and texts: base64url, length prefixes, base62, seeded entropy. From tokens.md sections 1 and 10."""

import base64
import hashlib
import hmac as _hmac
import struct
import zlib

B64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Refused(Exception):
    """A refusal with its stable code and what the error offers."""

    def __init__(self, code, **offers):
        super().__init__(code)
        self.code = code
        self.offers = offers


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def strict_b64u(text: str) -> bytes | None:
    """Decodes unpadded base64url; None for another alphabet, an impossible length or spare bits that are set."""
    if any(char not in B64URL for char in text) or len(text) % 4 == 1:
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if b64u(data) == text else None


def hmac(key: bytes, data: bytes) -> bytes:
    return _hmac.new(key, data, hashlib.sha256).digest()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def u8(number: int) -> bytes:
    return struct.pack(">B", number)


def u32(number: int) -> bytes:
    return struct.pack(">I", number)


def u64(number: int) -> bytes:
    return struct.pack(">Q", number)


def i64(number: int) -> bytes:
    return struct.pack(">q", number)


def lp(data: bytes | str) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return u32(len(data)) + data


def lpl(items) -> bytes:
    return u32(len(items)) + b"".join(lp(item) for item in items)


def crc62(text: str) -> str:
    """Six base62 digits of the CRC-32 of a text."""
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


class Entropy:
    """Block i = SHA-256(seed | u64be(i)); one byte stream."""

    def __init__(self, seed: bytes):
        self.seed, self.block, self.rest = seed, 0, b""

    def draw(self, count: int) -> bytes:
        while len(self.rest) < count:
            self.rest += sha256(self.seed + u64(self.block))
            self.block += 1
        out, self.rest = self.rest[:count], self.rest[count:]
        return out
