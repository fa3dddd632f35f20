"""Idempotency keys for ASGI applications."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypedDict
from urllib.parse import quote

from gatewright import aio
from gatewright.asgi.messages import App, Message, Receive, Scope, Send, raw_headers, send_whole
from gatewright.errors import BodyTooLarge, GatewrightError, InvalidArgument
from gatewright.types import Scope as RequestScope

_STEP = "gatewright.idempotency"
# What an application may send instead of a body that can be seen; without the offer it sends the body.
_UNSEEN = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


class Caller(TypedDict, total=False):
    """Who calls, as authenticated. Tenant and principal are not both empty: all callers would share their keys."""

    tenant: str | None
    principal: str | None
    """Who calls, within the tenant."""


def step_of(scope: Scope) -> aio.Step | None:
    """Give the operation that this request runs, to mark effects and keep checkpoints; `None` where there is none."""
    return scope.get(_STEP)


class IdempotencyMiddleware:
    """Gives the routes under it idempotency keys.

    Of any number of requests with one key, one is handled at a time; once it has an answer, the others are sent that.

    - A request needs exactly one header `Idempotency-Key`; one without is refused (400 `idempotency_key_missing`),
      unless `required=False` lets it pass. Methods other than `methods` pass through.
    - The request's body is read before the application runs, up to `max_body` bytes (else 413 `body_too_large`).
    - The application finds its operation by `step_of(request.scope)`.
    - The answer is stored before it is sent. A body larger than the policy's `max_stored_body` is handed out as it
      comes, and only its status and digest are stored, before its last piece is sent.
    - If the application raises, the operation is given back where leaving its block would do so, and the exception goes
      on; one of Gatewright's is answered, a `Stale` by the winner's answer. If the client goes away, an application
      that goes on to its end leaves its answer for the next try.
    - A refusal is `gate.problem`.

    Put it inside authentication and rate limits, so that what they refuse never takes a key, and outside of whatever
    compresses::

        app.add_middleware(
            IdempotencyMiddleware, gate=gate, caller=lambda scope: {"tenant": "acme", "principal": scope["user"].id}
        )

        @app.post("/orders")
        async def order(request: Request) -> JSONResponse:
            await step_of(request.scope).mark_effects()  # the next act cannot be taken back
            return JSONResponse(await place(await request.json()), status_code=201)
    """

    def __init__(
        self,
        app: App,
        gate: aio.Gate,
        *,
        caller: Callable[[Scope], Caller | Awaitable[Caller]],
        methods: Iterable[str] = ("POST", "PATCH"),
        required: bool = True,
        max_body: int = 1024 * 1024,
        route: Callable[[Scope], str | None] | None = None,
    ) -> None:
        """Wrap an application.

        `caller` says who calls; `route` gives the path that routes of the policy are matched with, where it is not the
        request's own. Raises `InvalidArgument` for a gate that is not of `gatewright.aio`.
        """
        if not isinstance(gate, aio.Gate):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("gate: give a gatewright.aio.Gate; a plain one would hold the event loop up")
        self._app = app
        self._gate = gate
        self._caller = caller
        self._methods = frozenset(methods)
        self._required = required
        self._max_body = max_body
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["method"] not in self._methods:
            return await self._app(scope, receive, send)
        key = [value for name, value in scope["headers"] if name == b"idempotency-key"]
        if not key and not self._required:
            return await self._app(scope, receive, send)
        try:
            body = await _read(receive, self._max_body)
            if body is None:
                return None
            step = await self._gate.idempotency.begin(
                key=key,
                scope=await self._scope(scope),
                body=body,
                content_type=_content_type(scope),
                query=scope["query_string"].decode("latin-1"),
                route=self._route(scope) if self._route else None,
            )
        except GatewrightError as error:
            return await send_whole(send, self._gate.problem(error))
        async with step:
            if step.response:
                return await send_whole(send, step.response)
            return await self._run(step, scope, _replayed(body, receive), _Answer(step, self._gate, send))

    async def _run(self, step: aio.Step, scope: Scope, receive: Receive, answer: _Answer) -> None:
        extensions: dict[str, Any] = scope.get("extensions") or {}
        offered = {name: given for name, given in extensions.items() if name not in _UNSEEN}
        try:
            await self._app({**scope, "extensions": offered, _STEP: step}, receive, answer.send)
        except GatewrightError as error:
            if answer.has_begun:
                raise
            async with step:
                pass
            await send_whole(answer.to_client, self._gate.problem(error))

    async def _scope(self, scope: Scope) -> RequestScope:
        caller = self._caller(scope)
        if inspect.isawaitable(caller):
            caller = await caller
        raw: bytes | None = scope.get("raw_path")
        # A server that keeps no raw path has decoded it: as written by most clients, but not to the byte.
        path = raw.decode("latin-1").partition("?")[0] if raw else quote(scope["path"])
        return {
            "tenant": caller.get("tenant"),
            "principal": caller.get("principal"),
            "method": scope["method"],
            "path": path,
        }


class _Answer:
    """What the application sends, until it is whole or too large to be kept."""

    def __init__(self, step: aio.Step, gate: aio.Gate, to_client: Send) -> None:
        self._step = step
        self._gate = gate
        self.to_client = to_client
        self._start: Message = {}
        self._held: list[bytes] = []
        self._size = 0
        # Set once the answer goes out as it comes.
        self._digest: hashlib._Hash | None = None
        self._is_over = False
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        kind = message["type"]
        if self._is_over:
            # Trailers, or what comes behind an answer that was not to be sent.
            if kind == "http.response.trailers" and self._start.get("trailers"):
                await self.to_client(message)
        elif kind == "http.response.start":
            self._start = message
        elif kind == "http.response.body":
            await self._body(bytes(message.get("body", b"")), is_last=not message.get("more_body", False))
        else:
            await self.to_client(message)

    async def _body(self, piece: bytes, *, is_last: bool) -> None:
        self._held.append(piece)
        self._size += len(piece)
        if self._digest is None and self._size > self._step.max_stored_body:
            self._digest = hashlib.sha256()
        if self._digest is None:
            if is_last:
                await self._end_whole()
            return
        self._digest.update(b"".join(self._held))
        if is_last:
            await self._end_streamed(self._digest.digest())
            return
        await self._begin()
        await self._flush(more_body=True)

    async def _end_whole(self) -> None:
        self._is_over = True
        headers = [(name.decode("latin-1"), value) for name, value in self._start.get("headers", ())]
        try:
            sent = await self._step.complete(self._start["status"], headers, b"".join(self._held))
        except GatewrightError as error:
            return await self._refuse(error)
        self._start = {**self._start, "headers": raw_headers(sent)}
        await self._begin()
        return await self._flush(more_body=False)

    async def _end_streamed(self, digest: bytes) -> None:
        self._is_over = True
        try:
            is_stored = await self._step.complete_streamed(self._start["status"], digest)
        except GatewrightError as error:
            if self.has_begun:
                # Its beginning is with the client: the answer breaks off, so that nobody takes it for a whole one.
                raise
            return await self._refuse(error)
        if not is_stored and not self.has_begun:
            headers = [*self._start.get("headers", ()), (b"idempotency-stored", b"false")]
            self._start = {**self._start, "headers": headers}
        await self._begin()
        return await self._flush(more_body=False)

    async def _refuse(self, error: GatewrightError) -> None:
        self._start = {}
        self.has_begun = True
        await send_whole(self.to_client, self._gate.problem(error))

    async def _begin(self) -> None:
        if not self.has_begun:
            self.has_begun = True
            await self.to_client(self._start)

    async def _flush(self, *, more_body: bool) -> None:
        piece, self._held = b"".join(self._held), []
        await self.to_client({"type": "http.response.body", "body": piece, "more_body": more_body})


async def _read(receive: Receive, max_body: int) -> bytes | None:
    """Read the body; `None` where the client has gone."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > max_body:
            raise BodyTooLarge("the body of this request is larger than is allowed here; send less")
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _replayed(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _content_type(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"), None)
