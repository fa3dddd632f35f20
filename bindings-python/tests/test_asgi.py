"""The ASGI middleware, driven without a server. `tests/http` drives it over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gatewright import Gate, aio, testing
from gatewright.asgi import App, Caller, IdempotencyMiddleware, Message, Scope, step_of
from gatewright.errors import InvalidArgument

KEY = (b"idempotency-key", b"order-000017")


def caller(_: Scope) -> Caller:
    return {"tenant": "acme", "principal": "u-42"}


@dataclass
class Exchange:
    """A request, and what the client hears."""

    body: list[bytes] = field(default_factory=lambda: [b"{}"])
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [KEY])
    method: str = "POST"
    path: str = "/orders"
    sent: list[Message] = field(default_factory=list)

    async def run(self, app: App) -> Exchange:
        pieces = list(self.body)
        scope: Scope = {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": self.headers,
        }

        async def receive() -> Message:
            if not self.body:
                return {"type": "http.disconnect"}
            if not pieces:
                # The client waits for its answer.
                await asyncio.Event().wait()
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            self.sent.append(message)

        await app(scope, receive, send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def answer(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def code(self) -> str:
        return str(json.loads(self.answer)["code"])


def app(gate: aio.Gate, handler: Any, **options: Any) -> App:
    return IdempotencyMiddleware(handler, gate, caller=caller, **options)


def starlette(handler: Any, path: str = "/orders") -> Starlette:
    return Starlette(routes=[Route(path, handler, methods=["POST", "PUT"])])


async def test_an_answer_is_stored_before_it_is_sent_and_sent_again(agate: aio.Gate) -> None:
    runs = 0

    async def order(request: Request) -> Response:
        nonlocal runs
        runs += 1
        step = step_of(request.scope)
        assert step is not None
        await step.mark_effects()
        response = JSONResponse({"body": (await request.body()).decode(), "run": runs}, status_code=201)
        response.headers.append("x-tag", "a")
        response.headers.append("x-tag", "b")
        response.set_cookie("session", "secret")
        return response

    wrapped = app(agate, starlette(order))
    first = await Exchange(body=[b"{", b"", b"}"]).run(wrapped)
    again = await Exchange().run(wrapped)
    assert (first.status, again.status, runs) == (201, 201, 1)
    assert first.answer == again.answer == b'{"body":"{}","run":1}'
    assert [value for name, value in again.sent[0]["headers"] if name == b"x-tag"] == [b"a", b"b"]
    assert (b"idempotent-replayed", b"true") in again.sent[0]["headers"]
    assert b"set-cookie" in dict(first.sent[0]["headers"])
    assert b"set-cookie" not in dict(again.sent[0]["headers"])
    assert (await Exchange(body=[b"[]"]).run(wrapped)).code == "idempotency_key_reused"


async def test_what_cannot_begin_is_a_problem_and_never_reaches_the_application(agate: aio.Gate) -> None:
    async def unreached(scope: Scope, receive: Any, send: Any) -> None:
        raise AssertionError

    wrapped = app(agate, unreached, max_body=4)
    assert (await Exchange(headers=[]).run(wrapped)).code == "idempotency_key_missing"
    assert (await Exchange(headers=[KEY, KEY]).run(wrapped)).code == "idempotency_key_multiple"
    assert (await Exchange(body=[b"123", b"45"]).run(wrapped)).code == "body_too_large"
    gone = await Exchange(body=[]).run(wrapped)
    assert gone.sent == []
    nobody = IdempotencyMiddleware(unreached, agate, caller=lambda _: {})
    assert (await Exchange().run(nobody)).status == 500


async def test_other_methods_and_optional_keys_pass_as_they_come(agate: aio.Gate) -> None:
    async def seen(request: Request) -> Response:
        assert step_of(request.scope) is None
        return Response(await request.body())

    assert (await Exchange(method="PUT").run(app(agate, starlette(seen)))).answer == b"{}"
    assert (await Exchange(headers=[]).run(app(agate, starlette(seen), required=False, max_body=1))).answer == b"{}"


async def test_a_large_answer_is_handed_out_as_it_comes_and_never_run_again(agate: aio.Gate) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"0123456789"

    async def large(_: Request) -> Response:
        return StreamingResponse(pieces(), status_code=201)

    wrapped = app(agate, starlette(large, "/small"))
    first = await Exchange(path="/small").run(wrapped)
    assert (first.status, first.answer) == (201, b"0123456789" * 4)
    again = await Exchange(path="/small").run(wrapped)
    assert again.code == "response_unavailable"
    assert json.loads(again.answer)["response_status"] == 201


async def test_an_exception_gives_the_operation_back_and_goes_on(agate: aio.Gate) -> None:
    async def failing(scope: Scope, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Exchange().run(app(agate, failing))

    async def silent(scope: Scope, receive: Any, send: Any) -> None:
        assert scope["extensions"] == {}

    assert (await Exchange().run(app(agate, silent))).sent == []
    answered = starlette(lambda _: Response(b"made", status_code=201))
    assert (await Exchange().run(app(agate, answered))).answer == b"made"


async def test_a_worker_that_lost_its_lease_sends_the_winners_answer(
    agate: aio.Gate, clock: testing.ManualClock
) -> None:
    async def winner(_: Request) -> Response:
        return Response(b"of the winner", status_code=201)

    async def slow(scope: Scope, receive: Any, send: Any) -> None:
        clock.advance(timedelta(seconds=30))
        await Exchange(path=scope["path"]).run(app(agate, starlette(winner, scope["path"])))
        if scope["path"] == "/marks":
            step = step_of(scope)
            assert step is not None
            await step.mark_effects()
            raise AssertionError
        await Response(b"too late", status_code=201)(scope, receive, send)

    for path in ("/orders", "/marks"):
        late = await Exchange(path=path).run(app(agate, slow))
        assert (late.status, late.answer) == (201, b"of the winner")


async def test_a_cancelled_request_gives_the_operation_back(agate: aio.Gate) -> None:
    begun = asyncio.Event()

    async def endless(_: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(Exchange().run(app(agate, starlette(endless))))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await Exchange().run(app(agate, starlette(lambda _: Response(b"made"))))).answer == b"made"


def test_a_plain_gate_is_refused(gate: Gate) -> None:
    wrong: Any = gate
    with pytest.raises(InvalidArgument):
        IdempotencyMiddleware(starlette(None), wrong, caller=caller)
