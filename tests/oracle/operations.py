"""The small language of `script`, for idempotent operations; and the policy that their vectors share."""

from script import Sequence

KEY = "order-0001"
SCOPE = {"tenant": "acme", "principal": "u-42", "method": "POST", "path": "/orders"}
BODY = '{"item":7}'
OTHER = '{"item":8}'


def route(path: str, **members) -> dict:
    return {"match": {"method": "POST", "path": path}, **members}


# What each route is there for: its path says it.
POLICY = {
    "version": 1,
    "store": {"default": "memory:"},
    "idempotency": {
        "routes": [
            route("/store", on_5xx="store"),
            route("/hold", on_crash="hold"),
            route("/money", on_5xx="store", on_crash="hold"),
            route("/explicit", effects="explicit"),
            route("/week", retention="7d"),
            route("/minute", retention="60s"),
        ]
    },
}
SEED = {"hex": "00"}


def to(path: str) -> dict:
    return {**SCOPE, "path": path}


class Operation(Sequence):
    """Steps of one test; `at` is in seconds after T0, or (seconds, µs)."""

    SHOWN = {
        "begin": ("outcome", "fence", "attempt", "checkpoint", "status", "headers", "body"),
        "guard.complete": ("status", "headers", "body"),
        "new_key": ("value",),
        "next_action": ("value",),
    }
    REFUSED = ("retry_after", "status", "digest")

    def step(self, op, at, want, save=None, show=None, **arguments):
        offered = super().step(op, at, want, save, self.SHOWN.get(op, ()) if show is None else show, **arguments)
        last = self.steps[-1]
        if last["result"] == "invalid":
            names = [name for name in self.REFUSED if offered.get(name) is not None]
            if last["code"] == "stale":
                names.append("response")
            if names:
                last["expect"] = {name: offered[name] for name in names}
        return offered

    def begin(self, at, want, save=None, body=BODY, key=KEY, scope=SCOPE, **more):
        given = {name: value for name, value in (("key", key), ("scope", scope), ("body", body)) if value is not None}
        return self.step("begin", at, want, save, **given, **more)

    def complete(self, guard, at, want="valid", status=201, body="made", **more):
        return self.step("guard.complete", at, want, guard=f"${guard}", status=status, body=body, **more)

    def mark(self, guard, at, want="valid"):
        return self.step("guard.mark_effects", at, want, guard=f"${guard}")

    def checkpoint(self, guard, at, want="valid", name="charged", data="ch_1"):
        return self.step("guard.checkpoint", at, want, guard=f"${guard}", name=name, bytes=data)

    def renew(self, guard, at, want="valid"):
        return self.step("guard.renew", at, want, guard=f"${guard}")

    def release(self, guard, at, want="valid"):
        return self.step("guard.release", at, want, guard=f"${guard}")

    def change(self, at, **members):
        """Opens the policy with other members of `[idempotency]`."""
        policy = {**POLICY, "idempotency": {**POLICY["idempotency"], **members}}
        return self.step("reopen", at, "valid", policy=policy)
