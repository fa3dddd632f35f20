"""Runs the steps of a sequence against the oracle: writes what came out, or compares with what is written."""

import base64

import idempotency
import limits
import sessions
import webhook
from next_action import next_action
from strict_json import Num
from wire import Entropy, Refused


def binary(value) -> bytes:
    if isinstance(value, str):
        return value.encode()
    ((kind, text),) = value.items()
    return {"b64": base64.b64decode, "hex": bytes.fromhex, "utf8": str.encode}[kind](text)


def resolve(value, saved: dict):
    """`$name.member` and `$$`, at any depth."""
    if isinstance(value, list):
        return [resolve(item, saved) for item in value]
    if isinstance(value, dict):
        return {name: resolve(item, saved) for name, item in value.items()}
    if isinstance(value, str) and value.startswith("$"):
        if value.startswith("$$"):
            return value[1:]
        name, _, member = value[1:].partition(".")
        return saved[name][member] if member else saved[name]
    return value


class Run:
    """One test: a gate, its store and its entropy."""

    def __init__(self, group: dict):
        self.kind = group["type"]
        self.entropy = Entropy(binary(group["seed"]))
        self.store = sessions.Store() if self.kind == "refresh.sequence" else {}
        self.saved: dict = {}
        self.open(group["policy"])

    def open(self, policy: dict):
        if self.kind == "refresh.sequence":
            self.gate = sessions.Service(policy, self.entropy, self.store)
        elif self.kind == "idempotency.sequence":
            self.gate = idempotency.Service(policy, self.entropy, self.store)
        elif self.kind == "limits.sequence":
            self.gate = limits.Service(policy, self.store)
        else:
            serial = self.gate.serial if hasattr(self, "gate") else 0
            self.gate = webhook.Service(policy, self.entropy, self.store)
            self.gate.serial = serial

    def step(self, step: dict):
        """(result, code, what it offers)."""
        self.gate.now = step["now"]
        known = ("op", "now", "result", "code", "expect", "save", "context", "comment")
        arguments = {name: value for name, value in step.items() if name not in known}
        if step["op"] == "reopen":
            self.open(arguments["policy"])
            return "valid", None, {}
        if step["op"] == "next_action":
            arguments["code"] = step.get("code")
        if step["op"] == "refund":
            arguments["permit"] = arguments["permit"].removesuffix(".permit")
        arguments = resolve(arguments, self.saved)
        call = {
            "refresh.sequence": self.session_call,
            "webhook.sequence": self.webhook_call,
            "idempotency.sequence": self.idempotency_call,
            "limits.sequence": self.limits_call,
        }[self.kind]
        try:
            offered = call(step["op"], arguments)
        except Refused as refused:
            return "invalid", refused.code, refused.offers
        if "save" in step:
            self.saved[step["save"]] = offered
        return "valid", None, offered

    def session_call(self, op: str, arguments: dict) -> dict:
        gate = self.gate
        if "retry_key" in arguments:
            arguments["retry_key"] = binary(arguments["retry_key"])
        if op == "verify" and arguments.get("issuer", "own") == "own" or op == "verify_fresh":
            return claims_offered(gate.verify(arguments["access"]))
        if op == "verify":
            read = gate.verify(**arguments)
            return {"issuer": read["iss"], "subject": read.get("sub", "")}
        calls = {
            "issue": gate.issue,
            "refresh": gate.refresh,
            "refresh_access_only": lambda **named: gate.refresh(**named, access_only=True),
            "confirm": lambda access: gate.confirm(access),
            "revoke": gate.revoke,
            "sessions.revoke": gate.sessions_revoke,
            "sessions.revoke_others": gate.sessions_revoke_others,
            "sessions.revoke_all": gate.sessions_revoke_all,
            "epochs.bump_subject": lambda tenant, subject, reason: gate.bump(("subject", tenant, subject)),
            "epochs.bump_tenant": lambda tenant, reason: gate.bump(("tenant", tenant)),
            "epochs.bump_all": lambda reason: gate.bump(("installation",)),
        }
        offered = calls[op](**arguments)
        if op.startswith("epochs."):
            return {"version": offered, "value": offered}
        return offered or {}

    def webhook_call(self, op: str, arguments: dict) -> dict:
        gate = self.gate
        if "headers" in arguments:
            arguments["headers"] = [(name, binary(value)) for name, value in arguments["headers"]]
        if "body" in arguments:
            arguments["body"] = binary(arguments["body"])
        if op == "verify":
            return gate.verify(**arguments)
        if op in ("verified.commit", "verified.release"):
            getattr(gate, op.split(".")[1])(arguments["verified"]["handle"])
            return {}
        endpoint = gate.endpoint(arguments.pop("endpoint"))
        if op == "check":
            checked = endpoint.check(gate.now, **arguments)
            return {name: value for name, value in checked.items() if name != "signed"}
        assert op == "sign", op
        return {"headers": [list(pair) for pair in endpoint.sign(gate.now, **arguments, entropy=self.entropy)]}


    def idempotency_call(self, op: str, arguments: dict) -> dict:
        gate = self.gate
        for name in ("body", "fingerprint", "bytes"):
            if name in arguments:
                arguments[name] = binary(arguments[name])
        if "headers" in arguments:
            arguments["headers"] = [(name, binary(value)) for name, value in arguments["headers"]]
        if op == "begin":
            key = arguments.pop("key", [])
            arguments["key"] = [binary(line) for line in (key if isinstance(key, list) else [key])]
            return gate.begin(**arguments)
        if op == "new_key":
            return gate.new_key()
        if op == "next_action":
            return {"value": next_action(**arguments)}
        guard = arguments.pop("guard")["guard"]
        return getattr(gate, op.removeprefix("guard."))(guard, **arguments) or {}

    def limits_call(self, op: str, arguments: dict) -> dict:
        call = getattr(self.gate, op.split(".")[-1])
        if op == "refund":
            arguments["permit"] = arguments["permit"]["handle"]
        if op.startswith("attempt."):
            arguments["attempt"] = arguments["attempt"]["handle"]
        return call(**arguments) or {}


def plain(value):
    """Claims as read, as Python's own values."""
    if isinstance(value, Num):
        return value.value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def claims_offered(read: dict) -> dict:
    claims = plain(read)
    own = sessions.OWN_CLAIMS
    time = lambda name: claims[name] * 1_000_000 if name in claims else None
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    return {
        "issuer": claims["iss"],
        "subject": claims["sub"],
        "audience": audience,
        "client_id": claims["client_id"],
        "tenant": claims.get("tenant", ""),
        "roles": claims.get("roles", []),
        "scope": claims.get("scope", ""),
        "session_id": claims["sid"],
        "gen": claims["gen"],
        "token_version": claims["tv"],
        "issued_at": time("iat"),
        "expires_at": time("exp"),
        "jwt_id": claims["jti"],
        "auth_time": time("auth_time"),
        "amr": claims.get("amr", []),
        "extra": {name: value for name, value in claims.items() if name not in own},
    }


def replay(group: dict, test: dict):
    """Runs a written test and demands that the oracle agrees with every step."""
    run = Run(group)
    for at, step in enumerate(test["steps"]):
        result, code, offered = run.step(step)
        where = f"{group['type']} {test['tcId']} step {at}"
        if result != step["result"] or step.get("code", code) != code:
            raise SystemExit(f"{where}: the oracle says {result} {code}, the file {step['result']} {step.get('code')}")
        for name, value in resolve(step.get("expect", {}), run.saved).items():
            if offered.get(name) != value:
                raise SystemExit(f"{where}: the oracle offers {name} = {offered.get(name)!r}, the file {value!r}")
