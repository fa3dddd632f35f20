"""The calls of `limits.sequence`, through the public API: arguments from their wire names, results to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gatewright import Decision, Gate, TierDecision
from gatewright.errors import InvalidArgument
from python import shape
from python.calls import Call, Done, Step, given, headers, micros, reopened

_TIER = (
    "policy",
    "id",
    "algo",
    "limit",
    "burst",
    "period_us",
    "remaining",
    "used",
    "next_unit_us",
    "full_at_us",
    "retry_after_us",
    "allowed",
)


def decided(decision: Decision) -> Done:
    offer = {
        "allowed": decision.allowed,
        "source": decision.source,
        "now_us": decision.now_us,
        "cost": decision.cost,
        "binding": {"policy": decision.binding.policy, "tier": decision.binding.tier},
        "retry_after_us": decision.retry_after_us,
        "wait_us": decision.wait_us,
        "tiers": [_tier(tier) for tier in decision.tiers],
        "permit": None if decision.permit is None else {"cost": decision.permit.cost},
        "atomicity": decision.atomicity,
    }
    return Done(offer, handle=decision)


def _tier(tier: TierDecision) -> dict[str, Any]:
    return {name: getattr(tier, name) for name in _TIER}


def _subject(step: Step) -> tuple[str, str]:
    return step.get("policy", ""), step.get("subject", "")


def _cost(members: Mapping[str, Any]) -> dict[str, Any]:
    """The cost, if it is there; a whole number past 2^53 is a text."""
    return {"cost": int(members["cost"])} if "cost" in members else {}


def _charge(step: Step) -> dict[str, Any]:
    return {**_cost(step), **given(step, "context")}


def _check(gate: Gate, step: Step) -> Done:
    return decided(gate.limits.check(*_subject(step), **_charge(step)))


def _peek(gate: Gate, step: Step) -> Done:
    return decided(gate.limits.peek(*_subject(step), **given(step, "context")))


def _check_all(gate: Gate, step: Step) -> Done:
    bundle = [_item(item) for item in step["bundle"]]
    return decided(gate.limits.check_all(bundle, **given(step, "context")))


def _item(item: Any) -> tuple[str, str] | tuple[str, str, int]:
    if isinstance(item, list):
        item = dict(zip(("policy", "subject", "cost"), item, strict=False))
    policy, subject = item["policy"], item["subject"]
    return (policy, subject, int(item["cost"])) if "cost" in item else (policy, subject)


def _reserve(gate: Gate, step: Step) -> Done:
    wait = shape.duration(step["max_wait"])
    if wait is None or not 0 <= wait < 2**63:
        raise InvalidArgument("max_wait: give a duration of 0 or more")
    cost = _cost(step).get("cost", 1)
    return decided(gate.limits.reserve(*_subject(step), cost, timedelta(microseconds=wait), **given(step, "context")))


def _refund(gate: Gate, step: Step) -> Done:
    return decided(gate.limits.refund(step["permit"].permit, **_cost(step)))


def _reset(gate: Gate, step: Step) -> Done:
    return decided(gate.limits.reset(*_subject(step), **given(step, "context")))


def _check_local(gate: Gate, step: Step) -> Done:
    return decided(gate.limits.check_local(*_subject(step), **_charge(step)))


def _allow_local(gate: Gate, step: Step) -> Done:
    return Done({"value": gate.limits.allow_local(*_subject(step), **_charge(step))})


def _headers(gate: Gate, step: Step) -> Done:
    return Done({"headers": [list(pair) for pair in gate.limits.headers(step["decision"])]})


def _parse_headers(gate: Gate, step: Step) -> Done:
    told = gate.limits.parse_headers(headers(step.get("headers", [])))
    names = ("name", "quota", "window_s", "remaining", "reset_s", "unit", "partition_key")
    return Done(
        {"wait_us": told.wait_us, "limits": [{name: getattr(limit, name) for name in names} for limit in told.limits]}
    )


def _account(step: Step) -> tuple[str, str]:
    return step.get("policy", ""), step.get("identifier", "")


def _begin(gate: Gate, step: Step) -> Done:
    attempt = gate.lockout.begin(*_account(step), **given(step, "device", "context"))
    return Done({"n": attempt.n, "last": attempt.last}, handle=attempt)


def _unlock(gate: Gate, step: Step) -> Done:
    gate.lockout.unlock(*_account(step), **given(step, "device", "context"))
    return Done()


def _status(gate: Gate, step: Step) -> Done:
    status = gate.lockout.status(*_account(step), **given(step, "device"))
    return Done(
        {
            "fails": status.fails,
            "threshold": status.threshold,
            "locked_until": micros(status.locked_until),
            "level": status.level,
            "now": micros(status.now),
        }
    )


def _settle(_: Gate, step: Step) -> Done:
    step["attempt"].settle(step["success"])
    return Done()


def _abandon(_: Gate, step: Step) -> Done:
    step["attempt"].abandon()
    return Done()


LIMITS: dict[str, Call] = {
    "check": _check,
    "peek": _peek,
    "check_all": _check_all,
    "reserve": _reserve,
    "refund": _refund,
    "reset": _reset,
    "check_local": _check_local,
    "allow_local": _allow_local,
    "headers": _headers,
    "parse_headers": _parse_headers,
    "lockout.begin": _begin,
    "lockout.unlock": _unlock,
    "lockout.status": _status,
    "attempt.settle": _settle,
    "attempt.abandon": _abandon,
    "reopen": reopened,
}
