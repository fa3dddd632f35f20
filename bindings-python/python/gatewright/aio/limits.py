"""Limits and lockouts for asyncio."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Self

from gatewright._core import Response
from gatewright._core import limits as _core
from gatewright._core.limits import Decision, LockoutStatus, Permit, ServerLimits
from gatewright.aio.opening import Opening
from gatewright.types import Bundle, Context, Headers

__all__ = ["Attempt", "Limits", "Lockout"]


class Limits:
    """The calls on limits: `gate.limits`. A refusal is a decision with `allowed = False`, never an exception."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncLimits) -> None:
        self._calls = calls

    async def check(self, policy: str, subject: str, cost: int = 1, *, context: Context | None = None) -> Decision:
        """Take `cost` units of every tier of a policy for a subject, or of none. See `gatewright.Limits.check`."""
        return await self._calls.check(policy, subject, cost, context=context)

    async def peek(self, policy: str, subject: str, *, context: Context | None = None) -> Decision:
        """Say what is left to a subject. Takes nothing and writes nothing."""
        return await self._calls.peek(policy, subject, context=context)

    async def check_all(self, bundle: Bundle, *, context: Context | None = None) -> Decision:
        """Take the cost of each of 1 to 16 `(policy, subject, cost)`, or of none. A cost that is left out is 1."""
        return await self._calls.check_all(bundle, context=context)

    async def reserve(
        self, policy: str, subject: str, cost: int, max_wait: timedelta, *, context: Context | None = None
    ) -> Decision:
        """Take units ahead of time. See `gatewright.Limits.reserve`.

        Wait for them, then go on::

            decision = await gate.limits.reserve("outbound", "provider", 1, timedelta(seconds=5))
            if decision.allowed:
                await gate.limits.wait(decision)
                await handle(decision)
        """
        return await self._calls.reserve(policy, subject, cost, max_wait, context=context)

    async def wait(self, decision: Decision) -> None:
        """Wait what is left of a reservation's wait; return at once where nothing is. See `gatewright.Limits.wait`.

        Cancelled, it gives the reservation back.
        """
        try:
            await self._calls.wait(decision)
        except asyncio.CancelledError:
            if decision.permit is not None:
                # Shielded against a second cancellation. Units that cannot be given back leak away.
                refund = asyncio.shield(self._calls.refund(decision.permit))
                await asyncio.gather(refund, return_exceptions=True)
            raise

    async def refund(self, permit: Permit, cost: int | None = None) -> Decision:
        """Give units of a permit back, all of them if `cost` is left out. See `gatewright.Limits.refund`."""
        return await self._calls.refund(permit, cost)

    async def reset(self, policy: str, subject: str, *, context: Context | None = None) -> Decision:
        """Forget what a subject has taken."""
        return await self._calls.reset(policy, subject, context=context)

    def check_local(self, policy: str, subject: str, cost: int = 1, *, context: Context | None = None) -> Decision:
        """Do as `check`, of limits in memory. Touches memory only."""
        return self._calls.check_local(policy, subject, cost, context=context)

    def allow_local(self, policy: str, subject: str, cost: int = 1, *, context: Context | None = None) -> bool:
        """Do the same, and say no more than whether the request may go on. Touches memory only."""
        return self._calls.allow_local(policy, subject, cost, context=context)

    def headers(self, decision: Decision) -> list[tuple[str, str]]:
        """Give the headers to send with an answer. Touches memory only. See `gatewright.Limits.headers`."""
        return self._calls.headers(decision)

    def problem(self, decision: Decision) -> Response:
        """Give the answer to a request that was refused. Touches memory only. See `gatewright.Limits.problem`."""
        return self._calls.problem(decision)

    def parse_headers(self, headers: Headers) -> ServerLimits:
        """Read what another server's answer says of its limits. Touches memory only."""
        return self._calls.parse_headers(headers)


class Attempt:
    """An attempt to log in that has been charged: check the password, then settle it.

    Leaving its block unsettled abandons it; so does dropping it.
    """

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncAttempt) -> None:
        self._calls = calls

    @property
    def n(self) -> int:
        """Its number in the window, from 1."""
        return self._calls.n

    @property
    def last(self) -> bool:
        """Whether the account is locked now unless this one succeeds."""
        return self._calls.last

    async def settle(self, success: bool) -> None:
        """Say what came of it. See `gatewright.Attempt.settle`."""
        await self._calls.settle(success)

    async def abandon(self) -> None:
        """Take the charge back: no password was checked. Does nothing once it has been settled or abandoned."""
        await self._calls.abandon()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        # Shielded, for the exception on its way may be a cancellation. What cannot be taken back stays charged.
        await asyncio.gather(asyncio.shield(self._calls.abandon()), return_exceptions=True)


class Lockout:
    """The calls on lockouts: `gate.lockout`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncLockout) -> None:
        self._calls = calls

    def begin(
        self, policy: str, identifier: str, device: str | None = None, *, context: Context | None = None
    ) -> Opening[Attempt]:
        """Charge an attempt before its password is checked. See `gatewright.Lockout.begin`.

        Leaving the block unsettled abandons it::

            async with gate.lockout.begin("login", "ada@example.com") as attempt:
                await attempt.settle(await check_later("password"))
        """

        async def begun() -> Attempt:
            return Attempt(await self._calls.begin(policy, identifier, device, context=context))

        return Opening(begun)

    async def unlock(
        self, policy: str, identifier: str, device: str | None = None, *, context: Context | None = None
    ) -> None:
        """Forgive everything: an administrator unlocks the account, or its owner has reset the password."""
        await self._calls.unlock(policy, identifier, device, context=context)

    async def status(
        self, policy: str, identifier: str, device: str | None = None, *, context: Context | None = None
    ) -> LockoutStatus:
        """Say how an account stands. Changes nothing."""
        return await self._calls.status(policy, identifier, device, context=context)
