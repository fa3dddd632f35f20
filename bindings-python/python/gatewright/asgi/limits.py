"""Rate limits for ASGI applications."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from gatewright import Decision, aio
from gatewright.asgi.messages import App, Message, Receive, Scope, Send, send_whole
from gatewright.errors import GatewrightError, InvalidArgument

_DECISION = "gatewright.limits"

Rule: TypeAlias = tuple[str, str] | tuple[str, str, int]
"""Which policy a request is measured by, for which subject, at what cost (1 if it is left out)."""


def decision_of(scope: Scope) -> Decision | None:
    """Give the decision that let this request through, to look at it or to give its permit back; `None` without one."""
    return scope.get(_DECISION)


class RateLimit:
    """Limits the rate of the requests that reach the application under it.

    `rule` says of a request (its ASGI scope) which policy it is measured by and for whom, and may be a coroutine
    function; a request for which it says `None` passes unmeasured.

    - A request that is allowed reaches the application, which finds the decision by `decision_of(request.scope)`; its
      answer has the headers of `gate.limits.headers` besides its own; one that the answer has already stays as it is.
    - A refusal is answered by `gate.limits.problem` (429), and reaches no application.
    - A cost or subject that cannot be measured, and a configuration that does not provide for it, is answered by
      `gate.problem`. What a store that is down comes to is the policy's `on_store_error` to say.

    Put it inside of authentication, where it is known who asks, and outside of idempotency keys, so that what it
    refuses takes no key::

        app.add_middleware(RateLimit, gate=gate, rule=lambda scope: ("tenant", scope["user"].tenant))
    """

    def __init__(self, app: App, gate: aio.Gate, rule: Callable[[Scope], Rule | Awaitable[Rule | None] | None]) -> None:
        """Wrap an application. Raises `InvalidArgument` for a gate that is not of `gatewright.aio`."""
        if not isinstance(gate, aio.Gate):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("gate: give a gatewright.aio.Gate; a plain one would hold the event loop up")
        self._app = app
        self._gate = gate
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        rule = self._rule(scope)
        if inspect.isawaitable(rule):
            rule = await rule
        if rule is None:
            return await self._app(scope, receive, send)
        limits = self._gate.limits
        try:
            decision = await limits.check(rule[0], rule[1], rule[2] if len(rule) == 3 else 1)  # noqa: PLR2004
        except GatewrightError as error:
            return await send_whole(send, self._gate.problem(error))
        if not decision.allowed:
            return await send_whole(send, limits.problem(decision))
        told = [(name.lower().encode(), value.encode()) for name, value in limits.headers(decision)]

        async def send_telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                has = {name.lower() for name, _ in own}
                message = {**message, "headers": own + [line for line in told if line[0] not in has]}
            await send(message)

        return await self._app({**scope, _DECISION: decision}, receive, send_telling)
