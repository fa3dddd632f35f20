"""The state machine of idempotent operations: leases, tokens, fences, marks, checkpoints, answers. idempotency.md B5 and B5b."""

import base64
import re
from dataclasses import dataclass, field, replace

import idempotency_key
from fingerprint import fingerprint as fingerprint_of
from wire import Entropy, Refused, lp, sha256

SECOND = 1_000_000
UNITS = {"us": 1, "ms": 1_000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
RENEWED_AT_MOST = 15 * 60 * SECOND
ASKED_AGAIN_AT_MOST = 30 * SECOND
RELEASED_4XX = {401, 403, 408, 409, 413, 415, 421, 425, 429}
NEVER_STORED = {
    "set-cookie", "www-authenticate", "authorization", "date", "content-length", "traceparent", "x-request-id",
    "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
DEFAULTS = {
    "effects": "implicit", "on_5xx": "release", "on_crash": "rerun", "retention": "24h", "lease": "30s",
    "max_stored_body": "256KiB", "fingerprint": "raw", "never_stored": [],
}  # fmt: skip


class Silent(Exception):
    """The page does not say what comes of this; no vector may ask."""


def duration(text: str) -> int:
    number, unit = re.fullmatch(r"([0-9]+)(us|ms|s|m|h|d)", text).groups()
    return int(number) * UNITS[unit]


def key_of(text: str | None) -> bytes | None:
    """A key as policies write it."""
    if text is None:
        return None
    form, _, rest = text.partition(":")
    return {"base64": base64.b64decode, "hex": bytes.fromhex}[form](rest)


def size(text: str) -> int:
    number, unit = re.fullmatch(r"([0-9]+)(B|KiB|MiB)", text).groups()
    return int(number) * SIZES[unit]


@dataclass(frozen=True)
class Record:
    state: str  # flight, completed, released
    token: bytes
    fence: int
    expires: int
    print: bytes = b""
    lease_end: int = 0
    begun: int = 0
    attempt: int = 1
    mark: str = "none"  # none, bare, covered
    checkpoint: dict | None = None
    answer: dict | None = None


@dataclass
class Guard:
    name: bytes
    token: bytes
    route: tuple
    key_line: bytes
    print: bytes
    fields: dict = field(default_factory=dict)


def kept(headers: list, more: list) -> list:
    never = NEVER_STORED | {name.lower() for name in more}
    named = {option.strip(b" \t").lower().decode("latin-1") for name, value in headers if name.lower() == "connection" for option in value.split(b",")}
    return [[name, value] for name, value in headers if name.lower() not in never and not name.lower().startswith("proxy-") and name.lower() not in named]


def shown(data: bytes):
    """Bytes as vectors write them."""
    readable = all(0x20 <= byte <= 0x7E for byte in data)
    return {"utf8": data.decode()} if readable else {"hex": data.hex()}


def sent(answer: dict) -> dict:
    """What a step offers of an answer."""
    headers = [[name, value.decode() if all(0x20 <= byte <= 0x7E for byte in value) else {"hex": value.hex()}] for name, value in answer["headers"]]
    plain = {"status": answer["status"], "headers": headers, "body": shown(answer["body"])}
    return {**plain, "response": plain}


class Service:
    """Idempotency on one store; `now` is the store's clock."""

    def __init__(self, policy: dict, entropy: Entropy, records: dict):
        self.policy, self.entropy, self.records, self.now = policy["idempotency"], entropy, records, 0

    def settings(self, method: str, path: str) -> dict:
        top = {**DEFAULTS, **{name: value for name, value in self.policy.items() if name != "routes"}}
        for route in self.policy.get("routes", []):
            wanted = {"method": method, "path": path, **route["match"]}
            pattern = "/".join("[^/]+" if part == "*" else re.escape(part) for part in wanted["path"].split("/"))
            if wanted["method"] == method and ("path" not in route["match"] or re.fullmatch(pattern, path)):
                return {**top, **{name: value for name, value in route.items() if name != "match"}}
        return top

    def load(self, name: bytes) -> Record | None:
        record = self.records.get(name)
        return record if record and self.now < record.expires else None

    # --- begin

    def begin(self, key=(), scope=None, body=None, fingerprint=None, content_type="", query="", route=None) -> dict:
        lines = list(key)
        plain = idempotency_key.parse(lines)
        scope = {"tenant": "", "principal": "", "method": "", "path": "", **(scope or {})}
        if not scope["tenant"] and not scope["principal"]:
            raise Refused("scope_empty")
        parts = (self.policy.get("namespace", ""), scope["tenant"], scope["principal"], scope["method"], scope["path"], plain)
        name = sha256(b"".join(lp(part) for part in parts))
        where = (scope["method"], scope["path"] if route is None else route)
        setting = self.settings(*where)
        print_ = fingerprint_of(setting["fingerprint"], key_of(self.policy.get("fingerprint_key")), body, fingerprint, content_type, query)
        token = self.entropy.draw(16)
        return self.decide(Guard(name, token, where, lines[0], print_), print_, setting)

    def decide(self, guard: Guard, print_: bytes, setting: dict) -> dict:
        record = self.load(guard.name)
        if record is None or record.state == "released":
            return self.own(guard, record, print_, setting, attempt=1, mark="none", checkpoint=None)
        if record.print != print_:
            raise Refused("idempotency_key_reused")
        if record.state == "completed":
            answer = record.answer
            if answer["body"] is None:
                raise Refused("response_unavailable", status=answer["status"], digest={"hex": answer["digest"].hex()})
            return {"outcome": "replay", **sent(self.replayed(answer, guard))}
        if self.now < record.lease_end:
            left = min(record.lease_end - self.now, ASKED_AGAIN_AT_MOST)
            raise Refused("in_progress", retry_after=-(-left // SECOND) * SECOND)
        if record.mark == "bare" or (setting["effects"] == "implicit" and setting["on_crash"] == "hold"):
            raise Refused("outcome_unknown")
        return self.own(guard, record, print_, setting, attempt=record.attempt + 1, mark=record.mark, checkpoint=record.checkpoint)

    def own(self, guard: Guard, before: Record | None, print_: bytes, setting: dict, attempt: int, mark: str, checkpoint) -> dict:
        fence = max(before.fence + 1 if before else 0, self.now)
        end = self.now + duration(setting["lease"])
        self.records[guard.name] = Record(
            "flight", guard.token, fence, end + duration(setting["retention"]), print_, end, self.now, attempt, mark, checkpoint
        )  # fmt: skip
        outcome = "execute" if attempt == 1 else "resume"
        return {"outcome": outcome, "fence": fence, "attempt": attempt, "checkpoint": checkpoint, "guard": guard}

    def replayed(self, answer: dict, guard: Guard) -> dict:
        more = [[self.policy.get("replayed_header", "Idempotent-Replayed"), b"true"], ["Idempotency-Key", guard.key_line]]
        return {**answer, "headers": answer["headers"] + more}

    # --- the guard

    def owned(self, guard: Guard) -> Record:
        """The record, where it is this guard's and under way."""
        record = self.load(guard.name)
        if record is None:
            raise Refused("stale", response=None)
        if record.token != guard.token:
            # The answer to another request under this key is none to this one.
            answer = record.answer if record.state == "completed" and record.print == guard.print else None
            readable = answer is not None and answer["body"] is not None
            raise Refused("stale", response=sent(self.replayed(answer, guard))["response"] if readable else None)
        if record.state == "released":
            raise Silent("a call after one's own release")
        return record

    def flight(self, guard: Guard) -> Record:
        record = self.owned(guard)
        if record.state != "flight":
            raise Silent("a call after one's own completion")
        return record

    def mark_effects(self, guard: Guard):
        self.records[guard.name] = replace(self.flight(guard), mark="bare")

    def checkpoint(self, guard: Guard, name: str = "", bytes: bytes = b""):
        if not 1 <= len(name.encode()) <= 255:
            raise Refused("invalid_argument")
        record = self.flight(guard)
        mark = "covered" if record.mark == "bare" else record.mark
        self.records[guard.name] = replace(record, mark=mark, checkpoint={"name": name, "bytes": shown(bytes)})

    def renew(self, guard: Guard):
        record, setting = self.flight(guard), self.settings(*guard.route)
        # A renewal takes nothing away, whatever the clock and the settings of now say.
        end = max(record.lease_end, min(self.now + duration(setting["lease"]), record.begun + RENEWED_AT_MOST))
        # An end that was stored stays where the settings of now would shorten it.
        expires = max(record.expires, end + duration(setting["retention"])) if end > record.lease_end else record.expires
        self.records[guard.name] = replace(record, lease_end=end, expires=expires)

    def release(self, guard: Guard):
        record = self.flight(guard)
        if record.mark != "none":
            raise Refused("invalid_argument")
        self.give_back(guard, record)

    def give_back(self, guard: Guard, record: Record):
        self.records[guard.name] = Record("released", record.token, record.fence, self.now + duration(self.settings(*guard.route)["retention"]))

    def complete(self, guard: Guard, status: int, headers=(), body: bytes = b"", finish_as=None) -> dict:
        if not 200 <= status <= 599:
            raise Refused("invalid_argument")
        record, setting = self.owned(guard), self.settings(*guard.route)
        response = {"status": status, "headers": [list(pair) for pair in headers], "body": body}
        answer = {**response, "headers": kept(response["headers"], setting["never_stored"])}
        if len(body) > size(setting["max_stored_body"]):
            answer = {"status": status, "headers": [], "body": None, "digest": sha256(body)}
        if record.state == "completed":
            if record.answer != answer:
                raise Silent("another answer after one's own completion")
            return sent(response)
        if not self.stored(status, record, setting, finish_as):
            self.give_back(guard, record)
            return sent(response)
        until = self.now + duration(setting["retention"])
        self.records[guard.name] = Record("completed", record.token, record.fence, until, record.print, answer=answer)
        return sent(response)

    @staticmethod
    def stored(status: int, record: Record, setting: dict, finish_as) -> bool:
        if finish_as:
            return finish_as == "store"
        if record.mark != "none":
            return True
        keeps_failures = setting["effects"] == "implicit" and setting["on_5xx"] == "store"
        if status >= 500:
            return keeps_failures
        return status not in RELEASED_4XX or (status == 409 and keeps_failures)

    # --- the client's side

    def new_key(self) -> dict:
        """A UUID of version 7, RFC 9562 section 5.7: 10 drawn bytes, four and two bits of which make room for version and variant."""
        drawn = bytearray(self.entropy.draw(10))
        drawn[0] = 0x70 | drawn[0] & 0x0F
        drawn[2] = 0x80 | drawn[2] & 0x3F
        text = (max(self.now // 1000, 0).to_bytes(6, "big") + bytes(drawn)).hex()
        return {"value": "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))}
