"""The ASGI middleware of rate limits, driven without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from gatewright import Gate, aio, testing
from gatewright.asgi import App, Message, RateLimit, Rule, Scope, decision_of
from gatewright.errors import InvalidArgument

POLICY: dict[str, Any] = {
    "version": 1,
    "store": {"default": "memory:"},
    "http": {"rate_limit_headers": ["legacy", "draft-10"]},
    "limits": {
        "policies": [
            {"id": "user", "tiers": [{"id": "minute", "limit": 2, "period": "1m"}], "refundable": True},
            {"id": "jobs", "tiers": [{"id": "now", "algo": "concurrent", "limit": 1, "lease_ttl": "1m"}]},
        ]
    },
}


async def ask(app: App, path: str = "/", kind: str = "http") -> list[Message]:
    sent: list[Message] = []
    scope: Scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": []}

    async def receive() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def told(sent: list[Message]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


async def answer(request: Request) -> PlainTextResponse:
    decision = decision_of(request.scope)
    return PlainTextResponse("none" if decision is None else str(decision.tiers[0].remaining))


async def stream(_: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    return StreamingResponse(pieces(), headers={"x-own": "1"})


@pytest.fixture
async def gate(clock: testing.ManualClock) -> AsyncIterator[aio.Gate]:
    async with testing.aio.from_policy(POLICY, clock=clock) as gate:
        yield gate


def app(gate: aio.Gate, rule: Any) -> App:
    return RateLimit(Starlette(routes=[Route("/", answer), Route("/stream", stream)]), gate, rule)


async def test_an_allowed_answer_tells_what_is_left(gate: aio.Gate) -> None:
    sent = await ask(app(gate, lambda scope: ("user", scope["path"])))
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"1")
    headers = told(sent)
    assert (headers["x-ratelimit-remaining"], headers["ratelimit"]) == ("1", '"minute";r=1;t=30')
    assert headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_stream_is_sent_as_it_comes(gate: aio.Gate) -> None:
    sent = await ask(app(gate, lambda _: ("user", "u")), "/stream")
    assert [message.get("body") for message in sent[1:]] == [b"a", b"b", b""]
    headers = told(sent)
    assert (headers["x-own"], headers["x-ratelimit-limit"]) == ("1", "2")


async def test_a_refusal_reaches_no_application(gate: aio.Gate) -> None:
    async def never(*_: Any) -> None:
        raise AssertionError

    async def rule(_: Scope) -> Rule:
        await asyncio.sleep(0)
        return ("user", "u", 2)

    assert (await ask(app(gate, rule)))[0]["status"] == 200
    sent = await ask(RateLimit(never, gate, rule))
    assert sent[0]["status"] == 429
    headers = told(sent)
    assert (headers["retry-after"], headers["x-ratelimit-remaining"]) == ("60", "0")
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-length"] == str(len(sent[1]["body"]))
    body = json.loads(sent[1]["body"])
    assert (body["status"], body["violated-policies"], body["code"]) == (429, ["minute"], "rate_limited")


async def test_what_has_no_rule_passes_unmeasured(gate: aio.Gate) -> None:
    sent = await ask(app(gate, lambda _: None))
    assert (sent[1]["body"], "ratelimit" in told(sent)) == (b"none", False)
    seen: list[str] = []

    async def inner(scope: Scope, *_: Any) -> None:
        seen.append(scope["type"])

    await ask(RateLimit(inner, gate, lambda _: pytest.fail("asked")), kind="lifespan")
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("rule", "status"), [(("user", ""), 400), (("user", "u", 3), 400), (("nobody", "u"), 400), (("user", "u", -1), 400)]
)
async def test_what_cannot_be_measured_is_a_problem(gate: aio.Gate, rule: Any, status: int) -> None:
    sent = await ask(app(gate, lambda _: rule))
    assert sent[0]["status"] == status
    assert json.loads(sent[1]["body"])["code"] in {"subject_invalid", "cost_impossible", "invalid_argument"}


async def test_the_application_gives_a_lease_back(gate: aio.Gate) -> None:
    async def inner(scope: Scope, *_: Any) -> None:
        decision = decision_of(scope)
        assert decision is not None
        assert decision.permit is not None
        assert not (await gate.limits.check("jobs", "j")).allowed
        await gate.limits.refund(decision.permit)

    for _ in range(2):
        await ask(RateLimit(inner, gate, lambda _: ("jobs", "j")))


def test_a_gate_that_blocks_is_refused() -> None:
    with Gate.from_policy(POLICY) as plain, pytest.raises(InvalidArgument):
        RateLimit(Starlette(), plain, lambda _: None)  # type: ignore[arg-type]
