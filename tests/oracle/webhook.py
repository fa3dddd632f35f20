"""Webhooks: the presets parking, edge_sync and standard_webhooks; check, sign, and replay claims. webhooks.md A5 to A7."""

import base64
import re
from dataclasses import dataclass

from keys import Key, ed25519_from_seed
from timetext import duration, instant, iso, iso_seconds, size
from wire import Entropy, Refused, b64, b64u, hmac, sha256

SECOND, HOUR = 1_000_000, 3_600_000_000
MARGIN = 60 * SECOND
PRESETS = {
    "parking": {
        "signature": "X-Chirpstack-Signature",
        "timestamp": ("X-Timestamp", "iso8601", "300s", "60s"),
        "nonce": "X-Nonce",
        "content": ["timestamp", b".", "nonce", b".", "body"],
        "replay": "nonce",
    },
    "edge_sync": {
        "signature": "x-signature",
        "timestamp": ("x-timestamp", "ms", "300s", "300s"),
        "content": ["timestamp", b".", "body"],
        "replay": "none",
    },
    "standard_webhooks": {
        "signature": "webhook-signature",
        "timestamp": ("webhook-timestamp", "s", "300s", "60s"),
        "id": "webhook-id",
        "content": ["id", b".", "timestamp", b".", "body"],
        "replay": "id",
    },
}


@dataclass
class Secret:
    id: str
    sign: bool
    not_before: int | None
    not_after: int | None
    mac: bytes = b""
    ed25519: Key | None = None

    def in_force(self, now: int) -> bool:
        return (self.not_before is None or self.not_before <= now) and (self.not_after is None or now < self.not_after)


def read_secret(preset: str, entry: dict) -> Secret:
    window = [instant(entry[name]) if name in entry else None for name in ("not_before", "not_after")]
    secret = Secret(entry["id"], entry.get("sign", True), *window)
    text = entry["secret"]
    if preset != "standard_webhooks":
        secret.mac = text.encode()
    elif text.startswith("whpk_"):
        secret.ed25519, secret.sign = Key("Ed25519", public=base64.b64decode(text[5:])), False
    elif text.startswith("whsk_"):
        secret.ed25519 = Key("Ed25519", seed=base64.b64decode(text[5:])[:32])
    else:
        secret.mac = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    return secret


class Endpoint:
    def __init__(self, entry: dict):
        self.id, self.preset = entry["id"], entry["preset"]
        self.data = PRESETS[self.preset]
        self.secrets = [read_secret(self.preset, secret) for secret in entry["secrets"]]
        _, self.unit, past, future = self.data["timestamp"]
        window = entry.get("window", {})
        self.past, self.future = duration(window.get("past", past)), duration(window.get("future", future))
        self.max_body = size(entry.get("max_body", "1MiB"))
        self.replay = entry.get("replay", self.data["replay"])
        self.one_phase = entry.get("claim", "two_phase") == "one_phase"
        self.hold = duration(entry.get("hold", "30s"))

    # --- check

    def names(self, headers) -> dict:
        """The headers that are read, by role; one family of names, never a mixture."""
        names = {"signature": self.data["signature"], "timestamp": self.data["timestamp"][0]}
        names |= {role: self.data[role] for role in ("id", "nonce") if role in self.data}
        given = {name.lower() for name, _ in headers}
        if self.preset == "standard_webhooks" and "webhook-signature" not in given and "svix-signature" in given:
            names = {role: name.replace("webhook-", "svix-") for role, name in names.items()}
        return names

    def check(self, now: int, headers, body: bytes) -> dict:
        """What was checked, or Refused."""
        values = {
            role: [value for given, value in headers if given.lower() == name.lower()]
            for role, name in self.names(headers).items()
        }
        if any(not found for found in values.values()):
            raise Refused("header_missing")
        if any(len(found) > 1 for found in values.values()):
            raise Refused("header_duplicate")
        if any(len(found[0]) > 8192 for found in values.values()):
            raise Refused("header_malformed")
        values = {role: found[0] for role, found in values.items()}
        signatures = self.signatures(values["signature"])
        at = self.time(values["timestamp"])
        self.window(now, at)
        self.framing(values, body)
        if len(body) > self.max_body:
            raise Refused("body_too_large")
        signed = self.signed(values, body)
        for secret in self.secrets:
            if secret.in_force(now) and self.matches(secret, signatures, signed):
                text = {role: values[role].decode() for role in ("id", "nonce") if role in values}
                return {"key_id": secret.id, "timestamp": at, "signed": signed, "id": "", "nonce": "", **text}
        raise Refused("signature_mismatch")

    def signatures(self, value: bytes):
        """[(kind, bytes)] with kind hmac or ed25519."""
        if self.preset == "standard_webhooks":
            entries = [entry for entry in value.split(b" ") if entry]
            if len(entries) > 16:
                raise Refused("too_many_signatures")
            found = [signature for signature in map(list_entry, entries) if signature]
            if not found:
                raise Refused("header_malformed")
            return found
        if self.preset == "parking":
            if not value.startswith(b"sha256="):
                raise Refused("header_malformed")
            value = value[7:]
        if not re.fullmatch(rb"[0-9a-fA-F]{64}", value):
            raise Refused("header_malformed")
        return [("hmac", bytes.fromhex(value.decode()))]

    def time(self, value: bytes) -> int:
        if self.unit == "iso8601":
            read = iso(value)
            if read is None:
                raise Refused("timestamp_malformed")
            return read[0]
        if not re.fullmatch(rb"[0-9]{1,15}", value):
            raise Refused("timestamp_malformed")
        return int(value) * (SECOND if self.unit == "s" else 1000)

    def window(self, now: int, at: int):
        offers = {"server_time_ms": now // 1000}
        if at > 2**63 - 1 or at - now > self.future:
            raise Refused("timestamp_too_new", **offers)
        if now - at > self.past:
            raise Refused("timestamp_too_old", **offers)

    def framing(self, values: dict, body: bytes):
        if "id" in values and not re.fullmatch(rb"[\x21-\x2d\x2f-\x7e]{1,256}", values["id"]):
            raise Refused("header_malformed")
        if "nonce" not in values:
            return
        if not re.fullmatch(rb"[A-Za-z0-9_-]{1,128}", values["nonce"]):
            raise Refused("nonce_malformed")
        signed = self.signed(values, body)[: len(values["timestamp"]) + 200]
        dots = [at for at, byte in enumerate(signed) if byte == ord(".")]
        longest = max(at for at in dots if iso(signed[:at]) is not None)
        nonce = signed[longest + 1 :].split(b".")[0]
        if (signed[:longest], nonce) != (values["timestamp"], values["nonce"]):
            raise Refused("framing_ambiguous")

    def signed(self, values: dict, body: bytes) -> bytes:
        pieces = {**values, "body": body}
        return b"".join(piece if isinstance(piece, bytes) else pieces[piece] for piece in self.data["content"])

    @staticmethod
    def matches(secret: Secret, signatures, signed: bytes) -> bool:
        if secret.ed25519:
            return any(kind == "ed25519" and secret.ed25519.verifies(signed, value) for kind, value in signatures)
        return any(kind == "hmac" and hmac(secret.mac, signed) == value for kind, value in signatures)

    # --- sign

    def sign(self, now: int, body: bytes, id=None, nonce=None, entropy: Entropy | None = None):
        if (id is not None and "id" not in self.data) or (nonce is not None and "nonce" not in self.data):
            raise Refused("invalid_argument")
        signing = [secret for secret in self.secrets if secret.sign and secret.in_force(now)]
        if not signing:
            raise Refused("config_invalid")
        if "id" in self.data and id is None:
            id = "msg_" + b64u(entropy.draw(16))
        if "nonce" in self.data and nonce is None:
            nonce = b64u(entropy.draw(16))
        time = {"iso8601": iso_seconds(now), "ms": str(now // 1000), "s": str(now // SECOND)}[self.unit]
        values = {"timestamp": time.encode()}
        values |= {role: text.encode() for role, text in (("id", id), ("nonce", nonce)) if text is not None}
        self.framing(values, body)
        signed = self.signed(values, body)
        headers = [(self.data["timestamp"][0], time)]
        headers += [(self.data[role], text) for role, text in (("id", id), ("nonce", nonce)) if text is not None]
        headers.append((self.data["signature"], self.write_signature(signing, signed)))
        return headers

    def write_signature(self, signing: list[Secret], signed: bytes) -> str:
        if self.preset == "standard_webhooks":
            return " ".join(
                "v1a," + b64(secret.ed25519.sign(signed)) if secret.ed25519 else "v1," + b64(hmac(secret.mac, signed))
                for secret in signing
            )
        newest = max(signing, key=lambda secret: -1 if secret.not_before is None else secret.not_before)
        prefix = "sha256=" if self.preset == "parking" else ""
        return prefix + hmac(newest.mac, signed).hex()


def list_entry(entry: bytes):
    version, comma, text = entry.partition(b",")
    kind, length = {b"v1": ("hmac", 32), b"v1a": ("ed25519", 64)}.get(version, ("", 0))
    if not comma or not kind or not re.fullmatch(rb"[A-Za-z0-9+/]*={0,2}", text) or len(text) % 4:
        return None
    data = base64.b64decode(text)
    return (kind, data) if len(data) == length and base64.b64encode(data) == text else None


class Service:
    """One gate's webhooks and the claims in its store."""

    def __init__(self, policy: dict, entropy: Entropy, claims: dict | None = None):
        self.endpoints = {entry["id"]: Endpoint(entry) for entry in policy["webhooks"]["endpoints"]}
        self.entropy, self.claims, self.now = entropy, {} if claims is None else claims, 0
        self.serial = 0

    def endpoint(self, name: str) -> Endpoint:
        if name not in self.endpoints:
            raise Refused("invalid_argument")
        return self.endpoints[name]

    def verify(self, endpoint: str, headers, body: bytes) -> dict:
        target = self.endpoint(endpoint)
        checked = target.check(self.now, headers, body)
        handle = {"duplicate": False, "claim": None}
        if target.replay != "none":
            key, until = self.claim_key(target, checked)
            handle |= self.claim(key, until, target)
        offered = {name: value for name, value in checked.items() if name != "signed"}
        return {**offered, "duplicate": handle["duplicate"], "handle": handle["claim"]}

    def claim_key(self, target: Endpoint, checked: dict):
        """What is claimed and until when it is kept."""
        kept = checked["timestamp"] + target.past + MARGIN
        if target.replay == "nonce":
            return (target.id, "nonce", checked["key_id"], checked["nonce"]), kept
        if target.replay == "id":
            return (target.id, "id", checked["id"]), self.now + 96 * HOUR
        return (target.id, "signature", sha256(checked["signed"])), kept

    def claim(self, key, until: int, target: Endpoint) -> dict:
        known = self.claims.get(key)
        if known and self.now < known["expires"]:
            if known["used"]:
                if target.replay == "id":
                    return {"duplicate": True}
                raise Refused("replayed")
            if self.now < known["held"]:
                raise Refused("in_progress", retry_after=known["held"] - self.now)
        self.serial += 1
        self.claims[key] = {
            "serial": self.serial,
            "used": target.one_phase,
            "held": self.now + target.hold,
            "expires": until,
        }
        return {"claim": (key, self.serial)}

    def mine(self, handle):
        if handle is None:
            return None
        known = self.claims.get(handle[0])
        live = known and known["serial"] == handle[1] and self.now < known["expires"]
        return known if live and not known["used"] else None

    def commit(self, handle):
        claim = self.mine(handle)
        if claim:
            claim["used"] = True

    def release(self, handle):
        if self.mine(handle):
            del self.claims[handle[0]]
