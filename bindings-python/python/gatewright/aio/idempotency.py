"""Idempotency for asyncio."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, Literal, ParamSpec, Self, overload

from gatewright import _core, _idempotent
from gatewright._core import Checked, Checkpoint, Response
from gatewright.aio.opening import Opening
from gatewright.errors import InvalidArgument, NextAction, Stale
from gatewright.types import Body, Context, FinishAs, Key, ResponseHeaders, Scope

__all__ = ["Idempotency", "Step"]

_P = ParamSpec("_P")


class Step:
    """What a request is to do, and the acts of its owner.

    Leaving its block without an end gives the operation back if no effects are marked and the route does not store
    failures, and else leaves it to the lease. Every act raises `Stale` once another worker has taken over.
    """

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncStep) -> None:
        self._calls = calls

    @property
    def outcome(self) -> Literal["execute", "resume", "replay"]:
        """`execute`: run it; `resume`: go on from `checkpoint_reached`; `replay`: send `response`."""
        return self._calls.outcome

    @property
    def response(self) -> Response | None:
        """The answer of an earlier run, where there is one: send it."""
        return self._calls.response

    @property
    def checkpoint_reached(self) -> Checkpoint | None:
        """How far the worker before this one had come, if it left a checkpoint."""
        return self._calls.checkpoint_reached

    @property
    def message(self) -> Checked | None:
        """The webhook that asked for it; `None` for other operations."""
        return self._calls.message

    @property
    def fence(self) -> int:
        """A number that grows with every worker that gets this operation, below 2^53; 0 for a replay."""
        return self._calls.fence

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1; 0 for a replay."""
        return self._calls.attempt

    @property
    def max_stored_body(self) -> int:
        """The largest body, in bytes, that is stored of its answer; 0 for a replay."""
        return self._calls.max_stored_body

    async def mark_effects(self) -> None:
        """Say that the next act cannot be taken back. See `gatewright.Step.mark_effects`."""
        await self._calls.mark_effects()

    async def checkpoint(self, name: str, data: Body) -> None:
        """Keep how far the operation has come, so that whoever takes it over can go on from there."""
        await self._calls.checkpoint(name, data)

    async def renew(self) -> None:
        """Begin the lease anew, at most until 15 minutes after this attempt began."""
        await self._calls.renew()

    @overload
    async def complete(self, status: Response, *, finish_as: FinishAs | None = None) -> Response: ...

    @overload
    async def complete(
        self,
        status: int,
        headers: ResponseHeaders | None = None,
        body: Body | None = None,
        *,
        finish_as: FinishAs | None = None,
    ) -> Response: ...

    async def complete(
        self,
        status: int | Response,
        headers: ResponseHeaders | None = None,
        body: Body | None = None,
        *,
        finish_as: FinishAs | None = None,
    ) -> Response:
        """End the operation with its answer, and give what is to be sent. See `gatewright.Step.complete`."""
        return await self._calls.complete(status, headers, body, finish_as=finish_as)

    async def complete_streamed(self, status: int, body_sha256: Body, *, finish_as: FinishAs | None = None) -> bool:
        """End an operation whose answer has been sent already. See `gatewright.Step.complete_streamed`."""
        return await self._calls.complete_streamed(status, body_sha256, finish_as=finish_as)

    async def release(self) -> None:
        """Give the operation back: the next request runs it. `InvalidArgument` once effects are marked."""
        await self._calls.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        # Shielded, for the exception on its way may be a cancellation. What cannot be given back is left to its lease.
        await asyncio.gather(asyncio.shield(self._calls.abandon()), return_exceptions=True)


class Idempotency:
    """The calls on idempotency: `gate.idempotency`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncIdempotency) -> None:
        self._calls = calls

    def begin(
        self,
        *,
        key: Key,
        scope: Scope,
        body: Body | None = None,
        fingerprint: str | Body | None = None,
        content_type: str | None = None,
        query: str | None = None,
        route: str | None = None,
        context: Context | None = None,
    ) -> Opening[Step]:
        """Begin an operation: of any number of requests with one key, one at a time runs it, all others get its answer.

        See `gatewright.Idempotency.begin`::

            async with gate.idempotency.begin(key=key, scope=scope, body=body) as step:
                if step.response:
                    return step.response
                await step.mark_effects()  # the next act cannot be taken back
                return await step.complete(201, headers, await work())
        """

        async def begun() -> Step:
            return Step(
                await self._calls.begin(
                    key=key,
                    scope=scope,
                    body=body,
                    fingerprint=fingerprint,
                    content_type=content_type,
                    query=query,
                    route=route,
                    context=context,
                )
            )

        return Opening(begun)

    async def run(
        self,
        handle: Callable[[Step], Awaitable[Response] | Response],
        *,
        key: Key,
        scope: Scope,
        body: Body | None = None,
        fingerprint: str | Body | None = None,
        content_type: str | None = None,
        query: str | None = None,
        route: str | None = None,
        context: Context | None = None,
    ) -> Response:
        """Begin, call `handle` with the step unless there is an answer already, complete, and give the answer.

        Of a worker that lost its lease, the answer is the winner's. What `handle` raises is raised again, once the
        operation has been given back where leaving its block would do so.
        """
        begun = self.begin(
            key=key,
            scope=scope,
            body=body,
            fingerprint=fingerprint,
            content_type=content_type,
            query=query,
            route=route,
            context=context,
        )
        async with begun as step:
            if step.response is not None:
                return step.response
            answer = handle(step)
            if inspect.isawaitable(answer):
                answer = await answer
            if not isinstance(answer, Response):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgument("handle: return a gatewright.Response")
            try:
                return await step.complete(answer)
            except Stale as stale:
                if stale.response is None:
                    raise
                return stale.response

    def idempotent(
        self,
        *,
        key: Callable[..., Key],
        scope: Callable[..., Scope],
        body: Callable[..., Body | None] | None = None,
        fingerprint: Callable[..., str | Body | None] | None = None,
        content_type: Callable[..., str | None] | None = None,
        query: Callable[..., str | None] | None = None,
        route: Callable[..., str | None] | None = None,
    ) -> Callable[
        [Callable[Concatenate[Step, _P], Awaitable[Response] | Response]], Callable[_P, Coroutine[Any, Any, Response]]
    ]:
        """Decorate a function that handles an operation. See `gatewright.Idempotency.idempotent`."""
        readers = {
            "key": key,
            "scope": scope,
            "body": body,
            "fingerprint": fingerprint,
            "content_type": content_type,
            "query": query,
            "route": route,
        }
        return _idempotent.on_loop(self, readers)

    def new_key(self) -> str:
        """Make a key for a new operation, a UUID of version 7. Touches memory only."""
        return self._calls.new_key()

    def next_action(self, status: int, code: str | None = None) -> NextAction:
        """Say what a client does after an answer of this HTTP status (0 for none) and code. Touches memory only."""
        return self._calls.next_action(status, code)
