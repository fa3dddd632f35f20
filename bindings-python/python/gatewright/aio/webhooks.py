"""Webhooks for asyncio."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar, overload

from gatewright import _core
from gatewright._core import Checked
from gatewright.aio.idempotency import Step
from gatewright.aio.opening import Opening
from gatewright.types import Body, Context, Headers, RequestLine

__all__ = ["Verified", "Webhooks"]

_T = TypeVar("_T")


class Verified:
    """A verified message and its claim. Leaving its block commits; an exception that leaves it releases."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncVerified) -> None:
        self._calls = calls

    @property
    def key_id(self) -> str:
        """Which secret signed it."""
        return self._calls.key_id

    @property
    def timestamp(self) -> datetime | None:
        """When it was signed, in UTC, if the scheme has a time."""
        return self._calls.timestamp

    @property
    def id(self) -> str | None:
        """The message id, if the scheme has one."""
        return self._calls.id

    @property
    def nonce(self) -> str | None:
        """The nonce, if the scheme has one."""
        return self._calls.nonce

    @property
    def duplicate(self) -> bool:
        """Whether a message with this id has been committed before: answer 2xx and do nothing."""
        return self._calls.duplicate

    async def commit(self) -> None:
        """Say that the message has been used: any further one is a replay, or a duplicate."""
        await self._calls.commit()

    async def release(self) -> None:
        """Say that the message has not been used: the sender may deliver it again."""
        await self._calls.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        if kind is None:
            await self._calls.commit()
            return
        # The exception on its way matters more than a claim that could not be given back: that one ends by itself.
        # Shielded, for the exception may be a cancellation.
        await asyncio.gather(asyncio.shield(self._calls.release()), return_exceptions=True)


class Webhooks:
    """The calls on webhooks: `gate.webhooks`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncWebhooks) -> None:
        self._calls = calls

    def sign(
        self,
        endpoint: str,
        body: Body,
        *,
        id: str | None = None,
        nonce: str | None = None,
        request: RequestLine | None = None,
    ) -> list[tuple[str, str]]:
        """Sign a body: the headers to send with it. Touches memory only."""
        return self._calls.sign(endpoint, body, id=id, nonce=nonce, request=request)

    def check(self, endpoint: str, headers: Headers, body: Body, *, request: RequestLine | None = None) -> Checked:
        """Check signature and window and claim nothing. Touches memory only."""
        return self._calls.check(endpoint, headers, body, request=request)

    def verify(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Opening[Verified]:
        """Check, then claim the message.

        `async with gate.webhooks.verify(…) as message` commits at the end of the block, or releases if an exception
        leaves it. `message = await gate.webhooks.verify(…)` leaves both to you; a message that is dropped is released.
        """

        async def verified() -> Verified:
            return Verified(await self._calls.verify(endpoint, headers, body, request=request, context=context))

        return Opening(verified)

    def begin(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Opening[Step]:
        """Check a message and begin the operation that it asks for. See `gatewright.Webhooks.begin`."""

        async def begun() -> Step:
            return Step(await self._calls.begin(endpoint, headers, body, request=request, context=context))

        return Opening(begun)

    @overload
    async def run(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        handle: Callable[[Verified], Awaitable[_T]],
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> _T: ...

    @overload
    async def run(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        handle: Callable[[Verified], _T],
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> _T: ...

    async def run(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        handle: Callable[[Verified], Awaitable[_T] | _T],
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> _T:
        """Verify, run `handle` with the verified message, then commit, or release if it raised."""
        async with self.verify(endpoint, headers, body, request=request, context=context) as message:
            done = handle(message)
            if inspect.isawaitable(done):
                return await done
            return done
