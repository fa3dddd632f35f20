"""Sessions: issue, refresh with every row of tokens.md section 6, revocation, epochs, confirmation.

One row per family, one clock, no concurrency: the state that one vector sees.
"""

import copy
from dataclasses import dataclass, field

import jwt
import refresh_token as rt
from keys import Key
from strict_json import canonical
from timetext import duration, instant
from wire import Entropy, Refused, b64u, sha256, strict_b64u

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
KINDS = {  # idle, absolute, lost window, prefix
    "browser": ("30d", "90d", "0s", "gwr1_"),
    "native": ("30d", "90d", "10m", "gwr1_"),
    "device": ("90d", "365d", "7d", "gwd1_"),
}
REASONS = {1: "logged_out", 2: "reuse", 3: "admin", 4: "epoch"}
OWN_CLAIMS = "iss sub aud client_id iat exp jti sid gen tv tenant roles scope cnf auth_time amr nbf".split()


@dataclass
class Row:
    prefix: str
    login: dict
    kid: int
    gen: int
    cur_hash: bytes
    rotated_at: int
    prev_hash: bytes = b""
    prev_kid: int = 0
    nonce: bytes = b""
    retry_key_hash: bytes = b""
    confirmed_gen: int = 0
    confirmed_at: int = 0
    status: int = 0
    status_at: int = 0

    def owner(self):
        return self.login["tenant"], self.login["subject"]


@dataclass
class Store:
    rows: dict = field(default_factory=dict)
    epochs: dict = field(default_factory=dict)
    denied: dict = field(default_factory=dict)


class Service:
    """One gate."""

    def __init__(self, policy: dict, entropy: Entropy, store: Store | None = None):
        self.policy, self.entropy, self.store = policy, entropy, store or Store()
        tokens = self.tokens = policy["tokens"]
        self.ring = rt.Ring(policy["root_keys"])
        self.access_ttl = duration(tokens.get("access_ttl", "15m"))
        self.w_conc = duration(tokens.get("concurrent_window", "15s"))
        self.retention = duration(tokens.get("retention", "24h"))
        self.leeway = duration(tokens.get("leeway", "30s"))
        self.clients = {client["id"]: client for client in tokens["clients"]}
        self.own = jwt.Profile(tokens)
        self.now = 0

    def client_time(self, client: dict, name: str, at: int) -> int:
        return duration(client.get(name, KINDS[client["kind"]][at]))

    # --- access tokens

    def access(self, row: Row, family: bytes, gen: int, jti: bytes) -> tuple[str, int]:
        """Signed now; refused where no whole second is left."""
        login, iat = row.login, self.now // SECOND
        exp = min((self.now + self.access_ttl) // SECOND, login["absolute"] // SECOND)
        if exp - iat < 1:
            raise Refused("expired", reason="absolute")
        audience = self.tokens["audience"]
        claims = {
            "iss": self.tokens["issuer"],
            "sub": login["subject"],
            "aud": audience[0] if len(audience) == 1 else audience,
            "client_id": login["client"],
            "iat": iat,
            "exp": exp,
            "jti": b64u(jti),
            "sid": b64u(family),
            "gen": gen,
            "tv": login["token_version"],
        }
        optional = {
            "tenant": login["tenant"],
            "roles": login["roles"],
            "scope": login["scope"],
            "auth_time": None if login["auth_time"] is None else login["auth_time"] // SECOND,
            "amr": login["amr"],
        }
        claims |= {name: value for name, value in optional.items() if value not in ("", [], None)}
        body = "{" + ",".join(f"{canonical(name)}:{self.claim(value)}" for name, value in claims.items())
        extra = login["claims"][1:-1]
        body += ("," + extra if extra else "") + "}"
        entry = next(key for key in self.tokens["signing_keys"] if key["state"] == "active")
        for name, outside in (("not_before", lambda at: self.now < at), ("not_after", lambda at: self.now >= at)):
            if name in entry and outside(instant(entry[name])):
                raise Refused("unavailable", retry_after=2 * SECOND)
        header = f'{{"alg":{canonical(entry["alg"])},"typ":"at+jwt","kid":{canonical(entry["kid"])}}}'
        return jwt.compact(header, body, Key.from_policy(entry)), exp - iat

    @staticmethod
    def claim(value) -> str:
        if isinstance(value, int):
            return str(value)
        if isinstance(value, list):
            return "[" + ",".join(Service.claim(item) for item in value) + "]"
        return canonical(value)

    def pair(self, row: Row, family: bytes, outcome: str, jti: bytes, refresh: str, gen: int | None = None) -> dict:
        access, expires_in = self.access(row, family, row.gen if gen is None else gen, jti)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "bearer",
            "expires_in": expires_in,
            "session_id": b64u(family),
            "outcome": outcome,
            "server_time_ms": self.now // 1000,
        }

    # --- login

    def issue(self, subject="", client="", tenant="", roles=(), scope="", device=None, claims=None, auth_time=None, amr=()):
        entry = self.clients.get(client)
        if entry is None or subject == "" or any(len(text.encode()) > 255 for text in (tenant, subject, client)):
            raise Refused("invalid_argument")
        if device is not None and not device.get("id"):
            raise Refused("invalid_argument")
        if claims is not None and (set(claims) & set(OWN_CLAIMS) or depth(claims) > 16):
            raise Refused("invalid_argument")
        _, _, _, prefix = KINDS[entry["kind"]]
        login = {
            "tenant": tenant,
            "subject": subject,
            "client": client,
            "roles": list(roles),
            "scope": scope,
            "claims": canonical(claims) if claims is not None else "",
            "device_id": device["id"] if device else None,
            "created_at": self.now,
            "absolute": self.now + self.client_time(entry, "absolute", 1),
            "idle": self.client_time(entry, "idle", 0),
            "token_version": [self.epoch(level) for level in self.levels(tenant, subject)],
            "auth_time": auth_time,
            "amr": list(amr),
        }
        family = rt.owner(tenant, subject)[:8] + self.entropy.draw(8)
        secret, jti = self.entropy.draw(32), self.entropy.draw(16)
        digest = rt.login_digest(family, prefix, login)
        row = Row(prefix, login, self.ring.active, 0, b"", self.now)
        row.cur_hash = rt.secret_hash(self.ring, row.kid, digest, 0, secret)
        token = rt.write(self.ring, rt.Presented(prefix, row.kid, family, 0, secret))
        answer = self.pair(row, family, "issued", jti, token)
        if len(answer["access_token"]) > 8192:
            raise Refused("invalid_argument")
        self.store.rows[family] = row
        return answer

    # --- refresh

    def refresh(self, token, retry_key=None, client=None, tenant=None, device_id=None, access_only=False):
        if (retry_key is not None and len(retry_key) != 16) or (client is not None and client not in self.clients):
            raise Refused("invalid_argument")
        try:
            shown = rt.parse(self.ring, token)
        except Refused as refused:
            raise self.offers(refused) from None
        nonce, jti = self.entropy.draw(32), self.entropy.draw(16)
        try:
            return self.decide(shown, nonce, jti, retry_key, client, tenant, device_id, access_only)
        except Refused as refused:
            raise self.offers(refused) from None

    @staticmethod
    def offers(refused: Refused) -> Refused:
        """What a refusal of a refresh offers beside its code."""
        refused.offers.setdefault("reason", None)
        if refused.code == "unavailable":
            refused.offers["retry_after"] = 2 * SECOND
        elif refused.code == "store_behind":
            refused.offers |= {"retry_after": 5 * SECOND, "clear_cookies": False}
        elif refused.code != "invalid_argument":
            refused.offers["clear_cookies"] = refused.code != "binding_mismatch"
        return refused

    def decide(self, shown, nonce, jti, retry_key, client, tenant, device_id, access_only):
        family, row = shown.family, self.row(shown.family)
        if row is None:
            raise Refused("unknown")  # row 2
        self.check_binding(row, family, retry_key, client, tenant, access_only)  # row 3
        self.check_life(row, family)  # rows 4 to 6
        if row.kid not in self.ring.roots:
            raise Refused("unavailable")
        digest = rt.login_digest(family, row.prefix, row.login)
        shown_hash = rt.secret_hash(self.ring, shown.kid, digest, shown.gen, shown.secret)
        same_prefix = shown.prefix == row.prefix

        if shown.gen == row.gen and shown.kid == row.kid and same_prefix and shown_hash == row.cur_hash:
            if access_only:
                return self.pair(row, family, "access_only", jti, "", gen=shown.gen)
            return self.rotate(row, family, shown, nonce, jti, retry_key)  # row 7

        parent = shown.gen == row.gen - 1 and shown.kid == row.prev_kid and same_prefix and shown_hash == row.prev_hash
        window = parent and self.window(row, retry_key, device_id, access_only)  # rows 8a and 8b
        if window and access_only:
            return self.pair(row, family, "access_only", jti, "", gen=shown.gen)
        if window:
            successor = rt.next_secret(self.ring, row.kid, family, row.gen, row.nonce, shown.secret)
            if rt.secret_hash(self.ring, row.kid, digest, row.gen, successor) != row.cur_hash:
                self.end(row, family, 2)
                raise Refused("fork")
            text = rt.write(self.ring, rt.Presented(row.prefix, row.kid, family, row.gen, successor))
            return self.pair(row, family, window, jti, text)
        if shown.gen < row.gen:
            self.suspect(row, family)
            raise Refused("reuse")  # row 9
        if shown.gen > row.gen:
            failover = self.tokens.get("failover_until")
            if access_only or not failover or self.now >= instant(failover) or shown.gen - row.gen > 2:
                raise Refused("store_behind")  # row 10
            return self.adopt(row, family, shown, shown_hash, nonce, jti, retry_key)
        self.suspect(row, family)
        raise Refused("fork")  # row 11

    def check_binding(self, row, family, retry_key, client, tenant, access_only):
        entry = self.clients.get(row.login["client"])
        if (client is not None and client != row.login["client"]) or (tenant is not None and tenant != row.login["tenant"]):
            if self.tokens.get("on_binding_mismatch") == "revoke":
                self.end(row, family, 3)
            raise Refused("binding_mismatch")
        if entry is None:
            raise Refused("binding_mismatch")
        if access_only:
            if not entry.get("confidential", False):
                raise Refused("binding_mismatch")
        elif entry.get("retry_key") == "required" and retry_key is None:
            raise Refused("binding_mismatch")

    def check_life(self, row, family):
        if row.status:
            raise Refused("revoked", reason=REASONS[row.status])
        if self.too_old(row):
            self.end(row, family, 4)
            raise Refused("version_too_old")
        absolute = row.login["absolute"]
        exp = min((self.now + self.access_ttl) // SECOND, absolute // SECOND)
        if self.now >= absolute or exp - self.now // SECOND < 1:
            raise Refused("expired", reason="absolute")
        if self.now >= row.rotated_at + row.login["idle"]:
            raise Refused("expired", reason="idle")

    def window(self, row, retry_key, device_id, access_only):
        """Which of the two windows a parent falls into."""
        entry = self.clients[row.login["client"]]
        age = max(0, self.now - row.rotated_at)
        same_key = bool(row.retry_key_hash) and retry_key is not None and sha256(retry_key)[:16] == row.retry_key_hash
        proven = same_key or access_only
        if age <= self.w_conc and (proven or entry.get("retry_key") != "required"):
            return "retry_concurrent"
        lost = self.client_time(entry, "lost_window", 2)
        if device_id is not None and device_id != row.login["device_id"]:
            lost = 0
        w_dup = min(120 * SECOND, self.access_ttl // 2)
        open_still = row.confirmed_gen < row.gen or self.now - row.confirmed_at <= w_dup
        return "retry_lost" if age <= lost and proven and open_still else None

    def rotate(self, row, family, shown, nonce, jti, retry_key):
        if row.gen == 2**32 - 1:
            raise Refused("expired", reason="generations")
        after = copy.copy(row)
        after.kid = max(self.ring.active, row.kid)
        after.gen = row.gen + 1
        secret = rt.next_secret(self.ring, after.kid, family, after.gen, nonce, shown.secret)
        digest = rt.login_digest(family, row.prefix, row.login)
        after.prev_hash, after.prev_kid = row.cur_hash, row.kid
        after.cur_hash = rt.secret_hash(self.ring, after.kid, digest, after.gen, secret)
        after.nonce, after.rotated_at = nonce, self.now
        after.retry_key_hash = sha256(retry_key)[:16] if retry_key is not None else b""
        after.confirmed_gen = max(row.confirmed_gen, row.gen)
        text = rt.write(self.ring, rt.Presented(row.prefix, after.kid, family, after.gen, secret))
        answer = self.pair(after, family, "rotated", jti, text)
        self.store.rows[family] = after
        return answer

    def adopt(self, row, family, shown, shown_hash, nonce, jti, retry_key):
        """Row 10 inside a declared failover: the presented token becomes current, then row 7."""
        row = copy.copy(row)
        row.gen, row.kid, row.cur_hash = shown.gen, shown.kid, shown_hash
        row.prev_hash, row.prev_kid, row.nonce, row.retry_key_hash = b"", 0, b"", b""
        return self.rotate(row, family, shown, nonce, jti, retry_key)

    # --- ends

    def row(self, family: bytes) -> Row | None:
        row = self.store.rows.get(family)
        if row is None:
            return None
        end = min(row.login["absolute"], row.rotated_at + row.login["idle"]) + self.retention
        return None if self.now >= -(-end // HOUR) * HOUR else row

    def end(self, row: Row, family: bytes, status: int):
        if not row.status:
            row.status, row.status_at = status, self.now
            row.cur_hash = row.prev_hash = row.nonce = row.retry_key_hash = b""
        self.deny(("family", family), 0, max(self.now, row.rotated_at, row.login["created_at"]))

    def suspect(self, row: Row, family: bytes):
        self.end(row, family, 2)
        if self.tokens.get("escalate_reuse"):
            marked = [
                other
                for key, other in self.store.rows.items()
                if self.row(key) and other.owner() == row.owner() and other.status == 2 and self.now - other.status_at <= DAY
            ]
            if len(marked) >= 2:
                self.bump(("subject", *row.owner()))

    def deny(self, what: tuple, version: int, since: int):
        longest = max(max_ttl for _, max_ttl, _, _ in self.own.keys.values())
        self.store.denied[what] = (version, since + longest + self.leeway + 60 * SECOND)

    @staticmethod
    def levels(tenant: str, subject: str) -> list[tuple]:
        return [("subject", tenant, subject), ("tenant", tenant), ("installation",)]

    def epoch(self, level: tuple) -> int:
        return self.store.epochs.get(level, 0)

    def too_old(self, row: Row) -> bool:
        levels = self.levels(*row.owner())
        return any(version < self.epoch(level) for version, level in zip(row.login["token_version"], levels))

    def bump(self, level: tuple) -> int:
        version = max(self.epoch(level) + 1, self.now)
        self.store.epochs[level] = version
        self.deny(level, version, max(self.now, version))
        return version

    def alive(self, family: bytes) -> bool:
        row = self.row(family)
        try:
            return row is not None and not row.status and not self.too_old(row) and self.check_life(row, family) is None
        except Refused:
            return False

    # --- the other calls

    def verify(self, access: str, issuer: str = "own", cnf_ok: bool = False) -> dict:
        if issuer != "own" and issuer not in [entry["id"] for entry in self.tokens.get("issuers", [])]:
            raise Refused("invalid_argument")
        profile = self.own if issuer == "own" else jwt.Profile(self.tokens, issuer)
        claims = jwt.verify(access, profile, self.now, cnf_ok)
        if issuer == "own":
            self.check_denied(claims)
        return claims

    def check_denied(self, claims: dict):
        version = [int(item.text) for item in claims["tv"]]
        levels = self.levels(claims.get("tenant", ""), claims["sub"])
        keys = [(("family", strict_b64u(claims["sid"])), -1), *zip(levels, version)]
        for key, have in keys:
            minimum, until = self.store.denied.get(key, (-1, 0))
            if self.now < until and have < minimum:
                raise Refused("jwt_revoked")

    def confirm(self, access: str):
        claims = self.verify(access, cnf_ok=True)
        row, gen = self.row(strict_b64u(claims["sid"])), int(claims["gen"].text)
        if row is None:
            raise Refused("session_not_found")
        if row.confirmed_gen < gen <= row.gen:
            row.confirmed_gen, row.confirmed_at = gen, self.now

    def revoke(self, token: str):
        if token.startswith(("gwr1_", "gwd1_")):
            try:
                family = rt.parse(self.ring, token).family
            except Refused as refused:
                if refused.code == "malformed":
                    return
                raise self.offers(refused) from None
        else:
            try:
                family = strict_b64u(self.verify(token, cnf_ok=True)["sid"])
            except Refused:
                return
        row = self.row(family)
        if row is not None:
            self.end(row, family, 1)

    def session(self, tenant: str, subject: str, session_id: str) -> bytes:
        family = strict_b64u(session_id)
        row = self.row(family) if family else None
        if row is None or row.owner() != (tenant, subject):
            raise Refused("session_not_found")
        return family

    def sessions_revoke(self, subject: str, session_id: str, tenant: str = ""):
        family = self.session(tenant, subject, session_id)
        self.end(self.row(family), family, 3)

    def sessions_revoke_others(self, subject: str, keep: str, tenant: str = ""):
        kept = self.session(tenant, subject, keep)
        if not self.alive(kept):
            raise Refused("session_not_found")
        for family, row in self.store.rows.items():
            if family != kept and row.owner() == (tenant, subject) and self.row(family):
                self.end(row, family, 3)

    def sessions_revoke_all(self, subject: str, tenant: str = ""):
        version = self.bump(("subject", tenant, subject))
        for family, row in self.store.rows.items():
            if row.owner() == (tenant, subject) and self.row(family) and row.login["token_version"][0] < version:
                self.end(row, family, 3)


def depth(value) -> int:
    """Containers inside one another."""
    if isinstance(value, dict):
        return 1 + max([depth(item) for item in value.values()], default=0)
    if isinstance(value, list):
        return 1 + max([depth(item) for item in value], default=0)
    return 0
