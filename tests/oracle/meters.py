"""The small language of `script`, for limits and lockouts; and the policies that their vectors share."""

from script import Sequence

SEED = {"hex": "00"}
ROOT = [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}]


def policy(*policies, **more) -> dict:
    """A document in memory with these policies of limits."""
    return {"version": 1, "store": {"default": "memory:"}, "limits": {"policies": list(policies)}, **more}


def of(name: str, *tiers, **more) -> dict:
    return {"id": name, "tiers": list(tiers), **more}


class Metered(Sequence):
    """Steps of one test; `at` is in seconds after T0, or (seconds, µs). Decisions are read as `allowed` or `denied`."""

    DECISION = ("allowed", "source", "now_us", "cost", "binding", "retry_after_us", "wait_us", "tiers", "permit", "atomicity")
    BACK = ("allowed", "source", "now_us", "binding", "retry_after_us", "tiers")
    SHOWN = {
        **dict.fromkeys(("check", "check_local", "peek", "check_all", "reserve"), DECISION),
        **dict.fromkeys(("refund", "reset"), BACK),
        "allow_local": ("value",),
        "lockout.begin": ("n", "last"),
        "lockout.status": ("fails", "threshold", "locked_until", "level", "now"),
    }
    REFUSED = ("retry_after",)

    def step(self, op, at, want, save=None, show=None, **arguments):
        word = {"allowed": "valid", "denied": "valid"}.get(want, want)
        shown = self.SHOWN.get(op, ()) if show is None else show
        offered = super().step(op, at, word, save, shown, **arguments)
        last = self.steps[-1]
        if want in ("allowed", "denied"):
            got = "allowed" if offered.get("allowed", offered.get("value")) else "denied"
            assert got == want, f"step {len(self.steps)} {op}: read as {want}, computed {got}"
        if last["result"] == "invalid" and offered.get("retry_after") is not None:
            last["expect"] = {"retry_after": offered["retry_after"]}
        return offered

    def check(self, at, want="allowed", cost=None, save=None, subject="acme", policy="p", op="check", **more):
        cost = {} if cost is None else {"cost": cost}
        return self.step(op, at, want, save, policy=policy, subject=subject, **cost, **more)

    def peek(self, at, subject="acme", policy="p", **more):
        return self.step("peek", at, "allowed", policy=policy, subject=subject, **more)

    def reserve(self, at, max_wait, want="allowed", cost=None, save=None, subject="acme", policy="p"):
        cost = {} if cost is None else {"cost": cost}
        return self.step("reserve", at, want, save, policy=policy, subject=subject, max_wait=max_wait, **cost)

    def bundle(self, at, *items, want="allowed", save=None):
        return self.step("check_all", at, want, save, bundle=list(items))

    def refund(self, permit, at, cost=None, want="allowed"):
        cost = {} if cost is None else {"cost": cost}
        return self.step("refund", at, want, permit=f"${permit}", **cost)

    def reset(self, at, subject="acme", policy="p"):
        return self.step("reset", at, "allowed", policy=policy, subject=subject)

    def change(self, at, document: dict):
        return self.step("reopen", at, "valid", policy=document)

    # --- lockouts

    def begin(self, at, want="valid", save=None, identifier="ada@example.com", policy="login", **more):
        return self.step("lockout.begin", at, want, save, policy=policy, identifier=identifier, **more)

    def settle(self, attempt, at, success: bool):
        return self.step("attempt.settle", at, "valid", attempt=f"${attempt}", success=success)

    def abandon(self, attempt, at):
        return self.step("attempt.abandon", at, "valid", attempt=f"${attempt}")

    def unlock(self, at, identifier="ada@example.com", policy="login", **more):
        return self.step("lockout.unlock", at, "valid", policy=policy, identifier=identifier, **more)

    def status(self, at, identifier="ada@example.com", policy="login", **more):
        return self.step("lockout.status", at, "valid", policy=policy, identifier=identifier, **more)
