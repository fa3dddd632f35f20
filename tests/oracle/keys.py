"""Keys of access tokens: HS256 and Ed25519. tokens.md, "Keys"."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from wire import hmac


def ed25519_from_seed(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def private_pem(seed: bytes) -> str:
    return (
        ed25519_from_seed(seed)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_bytes(seed: bytes) -> bytes:
    return ed25519_from_seed(seed).public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def public_pem(seed: bytes) -> str:
    return (
        ed25519_from_seed(seed)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def secret_bytes(text: str) -> bytes:
    """A signing secret of a policy: base64:, hex:, else its UTF-8 bytes."""
    if text.startswith("base64:"):
        return base64.b64decode(text[7:], validate=True)
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    return text.encode()


class Key:
    """One key, one algorithm (an Ed25519 key answers to both of its names)."""

    def __init__(self, alg: str, secret: bytes = b"", seed: bytes = b"", public: bytes = b""):
        self.alg, self.secret, self.seed = alg, secret, seed
        self.public = public or (public_bytes(seed) if seed else b"")

    @classmethod
    def from_policy(cls, entry: dict) -> "Key":
        if entry["alg"] == "HS256":
            return cls("HS256", secret=secret_bytes(entry["secret"]))
        if "private_key" in entry:
            loaded = serialization.load_pem_private_key(entry["private_key"].encode(), None)
            raw = loaded.private_bytes(
                serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
            )
            return cls(entry["alg"], seed=raw)
        loaded = serialization.load_pem_public_key(entry["public_key"].encode())
        return cls(
            entry["alg"], public=loaded.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        )

    def accepts(self, alg: str) -> bool:
        return alg == "HS256" if self.alg == "HS256" else alg in ("Ed25519", "EdDSA")

    def sign(self, data: bytes) -> bytes:
        if self.alg == "HS256":
            return hmac(self.secret, data)
        return ed25519_from_seed(self.seed).sign(data)

    def verifies(self, data: bytes, signature: bytes) -> bool:
        if self.alg == "HS256":
            return hmac(self.secret, data) == signature
        if len(signature) != 64:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, data)
            return True
        except InvalidSignature:
            return False
