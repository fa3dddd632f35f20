"""The calls of `idempotency.sequence`, through the public API: arguments from their wire names, results to them."""

from __future__ import annotations

from typing import Any

from gatewright import Gate, Response
from gatewright.errors import GatewrightError
from python.calls import Call, Done, Step, given, reopened
from python.shape import octets


def _plain(response: Response) -> dict[str, Any]:
    """An answer's header values are bytes, which stand in a `str` as latin-1."""
    headers = [[name, value.encode("latin-1")] for name, value in response.headers]
    return {"status": response.status, "headers": headers, "body": response.body}


def _offered(response: Response) -> dict[str, Any]:
    parts = _plain(response)
    return {"response": parts, **parts}


def refusal(error: GatewrightError) -> dict[str, Any]:
    """What the refusals of this domain offer beside those of every error."""
    if error.code == "stale":
        return {"response": None if error.response is None else _plain(error.response)}
    if error.code == "response_unavailable":
        return {"status": error.response_status, "digest": error.body_digest}
    return {}


def _begin(gate: Gate, step: Step) -> Done:
    key = step.get("key", [])
    lines = [octets(line) for line in key] if isinstance(key, list) else octets(key)
    content: dict[str, Any] = {name: octets(step[name]) for name in ("body", "fingerprint") if name in step}
    scope: Any = {"method": "", "path": "", **step.get("scope", {})}
    begun = gate.idempotency.begin(
        key=lines, scope=scope, **content, **given(step, "content_type", "query", "route", "context")
    )
    if begun.response is not None:
        return Done({"outcome": begun.outcome, **_offered(begun.response)}, f":{begun.outcome}")
    reached = begun.checkpoint_reached
    checkpoint = None if reached is None else {"name": reached.name, "bytes": reached.data}
    offer = {"outcome": begun.outcome, "fence": begun.fence, "attempt": begun.attempt, "checkpoint": checkpoint}
    return Done(offer, f":{begun.outcome}", handle=begun)


def _mark_effects(_: Gate, step: Step) -> Done:
    step["guard"].mark_effects()
    return Done()


def _checkpoint(_: Gate, step: Step) -> Done:
    step["guard"].checkpoint(step.get("name", ""), octets(step.get("bytes", "")))
    return Done()


def _renew(_: Gate, step: Step) -> Done:
    step["guard"].renew()
    return Done()


def _release(_: Gate, step: Step) -> Done:
    step["guard"].release()
    return Done()


def _complete(_: Gate, step: Step) -> Done:
    headers = [(name, octets(value)) for name, value in step.get("headers", [])]
    body = octets(step.get("body", ""))
    sent = step["guard"].complete(int(step["status"]), headers, body, **given(step, "finish_as"))
    return Done(_offered(sent))


def _new_key(gate: Gate, _: Step) -> Done:
    return Done({"value": gate.idempotency.new_key()})


def _next_action(gate: Gate, step: Step) -> Done:
    return Done({"value": gate.idempotency.next_action(int(step["status"]), step.get("code"))})


IDEMPOTENCY: dict[str, Call] = {
    "begin": _begin,
    "guard.mark_effects": _mark_effects,
    "guard.checkpoint": _checkpoint,
    "guard.renew": _renew,
    "guard.release": _release,
    "guard.complete": _complete,
    "new_key": _new_key,
    "next_action": _next_action,
    "reopen": reopened,
}
