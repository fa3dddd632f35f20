"""A small language for sequences: each step is run by the oracle at once and must come out as its author read the page."""

import copy

from sequences import Run

T0 = 1795248000000000
SECOND = 1_000_000
KEYS = {name: {"hex": (name * 32)[:32]} for name in "1234"}
SHOWN = {
    "issue": ("outcome", "refresh_token", "session_id", "expires_in", "token_type"),
    "refresh": ("outcome", "refresh_token", "expires_in", "server_time_ms"),
    "refresh_access_only": ("outcome", "refresh_token", "expires_in"),
    "verify": ("subject", "session_id", "gen", "token_version"),
    "verify_fresh": ("subject", "session_id", "gen"),
}


def micros(at) -> int:
    """An instant from seconds after T0, or (seconds, µs)."""
    seconds, rest = at if isinstance(at, tuple) else (at, 0)
    return T0 + round(seconds * SECOND) + rest


def literal(value):
    """Texts that begin with `$` are doubled, at any depth."""
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, dict):
        return {name: literal(item) for name, item in value.items()}
    return "$" + value if isinstance(value, str) and value.startswith("$") else value


class Sequence:
    """One test of a sequence group."""

    REFUSED = ("reason", "clear_cookies", "retry_after")

    def __init__(self, group, comment: str, *flags: str):
        self.run = Run(group.members)
        self.steps: list = []
        group.test(comment, list(flags), "valid", steps=self.steps)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def step(self, op: str, at, want: str | None, save=None, show=None, **arguments):
        """`want` is an outcome, "valid", the code of a refusal, or None where the oracle alone has to say."""
        step = {"op": op, "now": micros(at), **copy.deepcopy(arguments)}
        if save:
            step["save"] = save
        before = dict(self.run.saved)
        result, code, offered = self.run.step(step)
        got = code or offered.get("outcome", "valid")
        assert want in (got, None), f"step {len(self.steps)} {op}: read as {want}, computed {got}"
        step["result"] = result
        if code:
            step["code"] = code
        names = show if show is not None else SHOWN.get(op, ())
        if code and show is None:
            names = [name for name in self.REFUSED if offered.get(name) is not None]
        expect = {name: self.reference(before, name, offered[name]) for name in names if name in offered}
        if expect:
            step["expect"] = expect
        self.steps.append(step)
        return offered

    @staticmethod
    def reference(saved: dict, name: str, value):
        """An equal value of an earlier step, by reference; else the value itself."""
        if isinstance(value, str) and name in ("refresh_token", "session_id") and value:
            for earlier, offered in saved.items():
                if offered.get(name) == value:
                    return f"${earlier}.{name}"
        return literal(value)

    # --- the calls that occur often

    def issue(self, save="a", at=0, want="issued", **login):
        login = {"tenant": "acme", "subject": "u-42", "client": "web", **login}
        return self.step("issue", at, want, save, **login)

    def refresh(self, token, at, want, save=None, key=None, only=False, **arguments):
        token = f"${token}.refresh_token" if len(token) < 8 else token
        if key:
            arguments["retry_key"] = KEYS[key]
        return self.step("refresh_access_only" if only else "refresh", at, want, save, token=token, **arguments)

    def verify(self, access, at, want="valid", op="verify"):
        return self.step(op, at, want, access=f"${access}.access_token")

    def confirm(self, access, at, want="valid"):
        return self.step("confirm", at, want, access=f"${access}.access_token")

    def reopen(self, at, policy, **changes):
        policy = copy.deepcopy(policy)
        policy["tokens"].update(changes)
        return self.step("reopen", at, "valid", policy=policy)
