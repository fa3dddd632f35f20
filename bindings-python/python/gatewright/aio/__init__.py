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

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar, overload

from gatewright import _core, _idempotent
from gatewright._core import Checked, Checkpoint, Claims, Event, Response, TokenPair
from gatewright.aio.limits import Attempt, Limits, Lockout
from gatewright.aio.opening import Opening
from gatewright.errors import InvalidArgument, NextAction, Stale
from gatewright.types import (
    Body,
    Context,
    Device,
    FinishAs,
    Headers,
    Json,
    Key,
    Path,
    Policy,
    RequestLine,
    ResponseHeaders,
    Scope,
)

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

_T = TypeVar("_T")
_P = ParamSpec("_P")


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


class Tokens:
    """The calls on tokens: `gate.tokens`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncTokens) -> None:
        self._calls = calls

    async def issue(
        self,
        *,
        subject: str,
        client: str,
        tenant: str | None = None,
        roles: Iterable[str] | None = None,
        scope: str | None = None,
        device: Device | None = None,
        claims: Json | None = None,
        auth_time: datetime | None = None,
        amr: Iterable[str] | None = None,
        dpop_jkt: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Begin a session and give its first pair of tokens. See `gatewright.Tokens.issue`."""
        return await self._calls.issue(
            subject=subject,
            client=client,
            tenant=tenant,
            roles=roles,
            scope=scope,
            device=device,
            claims=claims,
            auth_time=auth_time,
            amr=amr,
            dpop_jkt=dpop_jkt,
            context=context,
        )

    async def refresh(
        self,
        token: str,
        *,
        retry_key: Body | None = None,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Exchange a refresh token for the next pair. See `gatewright.Tokens.refresh`."""
        return await self._calls.refresh(
            token,
            retry_key=retry_key,
            dpop=dpop,
            client=client,
            tenant=tenant,
            device_id=device_id,
            context=context,
        )

    async def refresh_access_only(
        self,
        token: str,
        *,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair:
        """Give an access token and change nothing; for confidential clients."""
        return await self._calls.refresh_access_only(
            token, dpop=dpop, client=client, tenant=tenant, device_id=device_id, context=context
        )

    def verify(self, access: str, issuer: str | None = None, dpop: Mapping[str, str] | None = None) -> Claims:
        """Verify an access token against the local view; touches memory only."""
        return self._calls.verify(access, issuer, dpop)

    async def verify_fresh(self, access: str, dpop: Mapping[str, str] | None = None) -> Claims:
        """Verify one of our own access tokens after a refresh of the local view from the store."""
        return await self._calls.verify_fresh(access, dpop)

    async def confirm(self, access: str) -> None:
        """Note that the client has its latest pair: the lost-response window shuts."""
        await self._calls.confirm(access)

    async def revoke(self, token: str, *, context: Context | None = None) -> None:
        """End the session of a refresh token (any generation) or of an own access token: log-out."""
        await self._calls.revoke(token, context=context)


class Sessions:
    """The calls on sessions: `gate.sessions`."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncSessions) -> None:
        self._calls = calls

    async def revoke(self, tenant: str, subject: str, session_id: str, *, context: Context | None = None) -> None:
        """End one session of a subject. Ending a dead session is answered well."""
        await self._calls.revoke(tenant, subject, session_id, context=context)

    async def revoke_others(self, tenant: str, subject: str, *, keep: str, context: Context | None = None) -> int:
        """End all sessions of a subject but `keep`; say how many."""
        return await self._calls.revoke_others(tenant, subject, keep=keep, context=context)

    async def revoke_all(self, tenant: str, subject: str, *, context: Context | None = None) -> int:
        """End all sessions of a subject; say how many rows were ended at once."""
        return await self._calls.revoke_all(tenant, subject, context=context)


class Epochs:
    """The calls on epochs: `gate.epochs`. Each gives the new version."""

    __slots__ = ("_calls",)

    def __init__(self, calls: _core.AsyncEpochs) -> None:
        self._calls = calls

    async def bump_subject(self, tenant: str, subject: str, reason: str, *, context: Context | None = None) -> int:
        """All tokens of a subject die at once."""
        return await self._calls.bump_subject(tenant, subject, reason, context=context)

    async def bump_tenant(self, tenant: str, reason: str, *, context: Context | None = None) -> int:
        """All tokens of a tenant die at once."""
        return await self._calls.bump_tenant(tenant, reason, context=context)

    async def bump_all(self, reason: str, *, context: Context | None = None) -> int:
        """All tokens of the installation die at once."""
        return await self._calls.bump_all(reason, context=context)


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
