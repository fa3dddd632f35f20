"""The text of a refresh token, its keys, hashes and ratchet. tokens.md sections 1, 2, 4 and 10."""

from dataclasses import dataclass

from keys import secret_bytes
from wire import Refused, b64u, crc62, hmac, i64, lp, lpl, sha256, strict_b64u, u8, u32, u64


class Ring:
    """Root secrets of a policy."""

    def __init__(self, root_keys: list):
        self.roots = {key["id"]: secret_bytes(key["secret"]) for key in root_keys}
        self.active = next(key["id"] for key in root_keys if key["state"] == "active")

    def key(self, kid: int, purpose: str) -> bytes:
        prk = hmac(b"gatewright.root.1", self.roots[kid])
        return hmac(prk, f"gw.rt.{purpose}.1".encode() + u8(kid) + b"\x01")


@dataclass(frozen=True)
class Presented:
    prefix: str
    kid: int
    family: bytes
    gen: int
    secret: bytes


def owner(tenant: str, subject: str) -> bytes:
    return sha256(lp(tenant) + lp(subject))


def mac(ring: Ring, token: Presented, flags: int = 0) -> bytes:
    head = u8(token.kid) + u8(flags) + token.family + u32(token.gen) + token.secret
    return head + hmac(ring.key(token.kid, "mac"), token.prefix.encode() + head)[:16]


def write(ring: Ring, token: Presented, flags: int = 0) -> str:
    text = token.prefix + b64u(mac(ring, token, flags))
    return text + crc62(text)


def parse(ring: Ring, text: str) -> Presented:
    """Row 1: anything that is not ours is malformed; a kid above all that are held is our fault."""
    if len(text) != 105 or text[:5] not in ("gwr1_", "gwd1_") or crc62(text[:99]) != text[99:]:
        raise Refused("malformed")
    body = strict_b64u(text[5:99])
    if body is None or len(body) != 70 or body[1] != 0:
        raise Refused("malformed")
    token = Presented(text[:5], body[0], body[2:18], int.from_bytes(body[18:22]), body[22:54])
    if token.kid not in ring.roots:
        raise Refused("unavailable" if token.kid > max(ring.roots) else "malformed")
    if mac(ring, token) != body:
        raise Refused("malformed")
    return token


def login_digest(family: bytes, prefix: str, login: dict) -> bytes:
    """Everything that is fixed at login."""
    jkt = strict_b64u(login["dpop_jkt"]) if login.get("dpop_jkt") else bytes(32)
    versions = b"".join(u64(version) for version in login["token_version"])
    return sha256(
        b"gw.rt.login.1"
        + prefix.encode()
        + family
        + lp(login["tenant"])
        + lp(login["subject"])
        + lp(login["client"])
        + lp(login["scope"])
        + lpl(login["roles"])
        + lp(login["claims"])
        + lp(login["device_id"] or "")
        + i64(login["created_at"])
        + i64(login["absolute"])
        + i64(login["idle"])
        + versions
        + jkt
        + i64(login["created_at"] if login["auth_time"] is None else login["auth_time"])
        + lpl(login["amr"])
    )


def secret_hash(ring: Ring, kid: int, login: bytes, gen: int, secret: bytes) -> bytes:
    return hmac(ring.key(kid, "hash"), b"gw.rt.1" + login + u32(gen) + secret)


def next_secret(ring: Ring, kid: int, family: bytes, gen: int, nonce: bytes, secret: bytes) -> bytes:
    """The secret of generation `gen`, from its parent's."""
    return hmac(ring.key(kid, "next"), b"gw.next.1" + family + u32(gen) + nonce + secret)
