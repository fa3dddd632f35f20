"""The same gate for asyncio.

Calls that touch only memory (`tokens.verify`, `webhooks.sign`, `webhooks.check`, `limits.check_local`) are plain
functions here too; all others are coroutines, which never block the event loop::

    async with aio.Gate.open("gatewright.toml") as gate:
        pair = await gate.tokens.issue(tenant="acme", subject="u-42", client="web")
        async with gate.webhooks.verify("chirpstack", request.headers, body) as message:
            await handle(message, body)

A coroutine that is cancelled stops waiting; the call itself goes on, and its answer is dropped: a claim on a message is
given back, and a refresh counts as an answer that got lost on its way.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from gatewright import _core
from gatewright._core import Event, Response
from gatewright.aio.idempotency import Idempotency, Step
from gatewright.aio.limits import Attempt, Limits, Lockout
from gatewright.aio.opening import Opening
from gatewright.aio.tokens import Epochs, Sessions, Tokens
from gatewright.aio.webhooks import Verified, Webhooks
from gatewright.types import Path, Policy

__all__ = [
    "Attempt",
    "Epochs",
    "Gate",
    "Idempotency",
    "Limits",
    "Lockout",
    "Opening",
    "Sessions",
    "Step",
    "Tokens",
    "Verified",
    "Webhooks",
]


class Gate:
    """A policy document, opened. It may be used from any number of event loops and threads."""

    __slots__ = ("_calls", "epochs", "idempotency", "limits", "lockout", "sessions", "tokens", "webhooks")

    def __init__(self, calls: _core.AsyncGate) -> None:
        """Use `open` or `from_policy`."""
        self._calls = calls
        self.tokens = Tokens(calls.tokens)
        self.sessions = Sessions(calls.sessions)
        self.epochs = Epochs(calls.epochs)
        self.webhooks = Webhooks(calls.webhooks)
        self.idempotency = Idempotency(calls.idempotency)
        self.limits = Limits(calls.limits)
        self.lockout = Lockout(calls.lockout)

    @classmethod
    def open(cls, path: Path) -> Opening[Gate]:
        """Open the policy document in a file: `async with Gate.open(path) as gate`, or `gate = await Gate.open(path)`.

        Raises `ConfigError` with every problem of the file, `Unavailable` where the store cannot be opened.
        """

        async def opened() -> Gate:
            return Gate(await _core.AsyncGate.open(path))

        return Opening(opened)

    @classmethod
    def from_policy(cls, policy: Policy) -> Opening[Gate]:
        """Open a policy document given as text (TOML, or JSON, which begins with `{`) or as a mapping."""

        async def opened() -> Gate:
            return Gate(await _core.AsyncGate.from_policy(policy))

        return Opening(opened)

    async def close(self) -> None:
        """End the gate: calls under way finish, later ones raise `Closed`. Closing again does nothing."""
        await self._calls.close()

    def on_event(self, callback: Callable[[Event], object]) -> None:
        """Call `callback` with every decision, on the thread that decided, which need not be the event loop's.

        What the callback raises goes to `sys.unraisablehook`.
        """
        self._calls.on_event(callback)

    def problem(self, error: BaseException) -> Response:
        """Say what to send to a client for an exception. Touches memory only. See `gatewright.Gate.problem`."""
        return self._calls.problem(error)

    async def sweep(self) -> int:
        """Delete expired records until none is left, and say how many."""
        return await self._calls.sweep()

    async def health(self) -> None:
        """Raise unless the store answers."""
        await self._calls.health()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        await self.close()
