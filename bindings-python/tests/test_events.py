"""Events: every decision can be observed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from conftest import NOW
from gatewright import Event, Gate, testing


def test_every_decision_is_an_event(gate: Gate) -> None:
    events: list[Event] = []
    gate.on_event(events.append)
    context = {
        "request_id": "r-1",
        "trace_id": "t-1",
        "method": "POST",
        "endpoint": "/login",
        "ip": "192.0.2.1",
        "user_agent": "x",
    }
    pair = gate.tokens.issue(tenant="acme", subject="u-42", client="web", context=context)  # type: ignore[arg-type]
    (event,) = [event for event in events if event.kind == "token_issue"]
    assert (event.at, event.outcome, event.tenant, event.subject) == (NOW, "issued", "acme", "u-42")
    assert event.context.items() >= {"request_id": "r-1", "method": "POST"}.items()
    assert event.id
    assert isinstance(event.details, dict)
    assert pair.refresh_token not in repr(event)
    gate.tokens.refresh(pair.refresh_token)
    assert events[-1].outcome == "rotated"


def test_a_callback_may_call_the_gate(gate: Gate) -> None:
    seen: list[str] = []

    def on_event(event: Event) -> None:
        seen.append(event.kind)
        if len(seen) < 3:
            gate.tokens.issue(subject=f"u-{len(seen)}", client="web")

    gate.on_event(on_event)
    gate.tokens.issue(subject="u", client="web")
    assert len(seen) >= 3


def test_what_a_callback_raises_does_not_change_the_decision(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: raised.append(unraisable.exc_value))

    def on_event(_: Event) -> None:
        raise ZeroDivisionError

    gate.on_event(on_event)
    assert gate.tokens.issue(subject="u", client="web").outcome == "issued"
    assert isinstance(raised[0], ZeroDivisionError)


async def test_events_of_coroutines_arrive_too(policy: dict[str, Any], clock: testing.ManualClock) -> None:
    events: list[str] = []
    async with testing.aio.from_policy(policy, clock=clock) as gate:
        gate.on_event(lambda event: events.append(event.kind))
        await gate.tokens.issue(subject="u", client="web")
    assert "token_issue" in events
