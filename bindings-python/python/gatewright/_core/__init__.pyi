from asyncio import Future
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar, final, overload

from gatewright._core import kpi as kpi
from gatewright._core import limits as limits
from gatewright._core.limits import AsyncLimits, AsyncLockout, Decision, Limits, Lockout
from gatewright.errors import Advice, NextAction
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

_T = TypeVar("_T")
_P = ParamSpec("_P")

__all__ = [
    "AsyncEpochs",
    "AsyncGate",
    "AsyncIdempotency",
    "AsyncSessions",
    "AsyncStep",
    "AsyncTokens",
    "AsyncVerified",
    "AsyncWebhooks",
    "Checked",
    "Checkpoint",
    "Claims",
    "Epochs",
    "ErrorCode",
    "Event",
    "Gate",
    "Idempotency",
    "ManualClock",
    "Problem",
    "Response",
    "Sessions",
    "Step",
    "TokenPair",
    "Tokens",
    "Verified",
    "Webhooks",
    "__version__",
    "error_table",
    "kpi",
    "limits",
    "testing_open",
    "testing_open_async",
    "testing_read_decision",
    "testing_refresh_view",
    "testing_refresh_view_async",
    "testing_reopen",
    "testing_reopen_async",
    "testing_verify_jws",
]

__version__: str

def error_table() -> list[ErrorCode]: ...

@final
class ErrorCode:
    """A row of the table of error codes."""

    @property
    def domain(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def public_code(self) -> str: ...
    @property
    def retryable(self) -> bool: ...
    @property
    def advice(self) -> Advice: ...
    @property
    def next_action(self) -> NextAction: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Problem:
    """A fault of a policy document: where it is and what to write instead."""

    def __new__(cls, file: str | None, line: int | None, field: str, mend: str) -> Self: ...
    @property
    def file(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def field(self) -> str: ...
    @property
    def mend(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Response:
    """The answer of an operation, of this run or of an earlier one."""

    def __new__(cls, status: int, headers: ResponseHeaders | None = None, body: Body | None = None) -> Self: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Gate:
    """A policy document, opened. Every call may be made from any thread."""

    @property
    def tokens(self) -> Tokens: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def epochs(self) -> Epochs: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def lockout(self) -> Lockout: ...
    @staticmethod
    def open(path: Path) -> Gate: ...
    @staticmethod
    def from_policy(policy: Policy) -> Gate: ...
    def close(self) -> None: ...
    def on_event(self, callback: Callable[[Event], object]) -> None: ...
    def problem(self, error: BaseException) -> Response: ...
    def sweep(self) -> int: ...
    def health(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

@final
class AsyncGate:
    @property
    def tokens(self) -> AsyncTokens: ...
    @property
    def sessions(self) -> AsyncSessions: ...
    @property
    def epochs(self) -> AsyncEpochs: ...
    @property
    def webhooks(self) -> AsyncWebhooks: ...
    @property
    def idempotency(self) -> AsyncIdempotency: ...
    @property
    def limits(self) -> AsyncLimits: ...
    @property
    def lockout(self) -> AsyncLockout: ...
    @staticmethod
    def open(path: Path) -> Future[AsyncGate]: ...
    @staticmethod
    def from_policy(policy: Policy) -> Future[AsyncGate]: ...
    def close(self) -> Future[None]: ...
    def on_event(self, callback: Callable[[Event], object]) -> None: ...
    def problem(self, error: BaseException) -> Response: ...
    def sweep(self) -> Future[int]: ...
    def health(self) -> Future[None]: ...

@final
class TokenPair:
    """What a login or refresh answers."""

    @property
    def access_token(self) -> str: ...
    @property
    def refresh_token(self) -> str: ...
    @property
    def token_type(self) -> str: ...
    @property
    def expires_in(self) -> int: ...
    @property
    def session_id(self) -> str: ...
    @property
    def outcome(self) -> Literal["issued", "rotated", "retry_concurrent", "retry_lost", "access_only"]: ...
    @property
    def server_time_ms(self) -> int: ...

@final
class Claims:
    """What a verified access token says. Absent texts are empty, other absent claims are `None`."""

    @property
    def issuer(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def audience(self) -> tuple[str, ...]: ...
    @property
    def client_id(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def scope(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def gen(self) -> int | None: ...
    @property
    def token_version(self) -> tuple[int, int, int] | None: ...
    @property
    def issued_at(self) -> datetime | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def jwt_id(self) -> str: ...
    @property
    def confirmation(self) -> str | None: ...
    @property
    def auth_time(self) -> datetime | None: ...
    @property
    def amr(self) -> tuple[str, ...]: ...
    @property
    def view_age(self) -> timedelta | None: ...
    @property
    def extra(self) -> dict[str, Any]: ...
    def as_dict(self) -> dict[str, Any]: ...

@final
class Tokens:
    """The calls on tokens: `gate.tokens`."""

    def issue(
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
    ) -> TokenPair: ...
    def refresh(
        self,
        token: str,
        *,
        retry_key: Body | None = None,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair: ...
    def refresh_access_only(
        self,
        token: str,
        *,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> TokenPair: ...
    def verify(self, access: str, issuer: str | None = None, dpop: Mapping[str, str] | None = None) -> Claims: ...
    def verify_fresh(self, access: str, dpop: Mapping[str, str] | None = None) -> Claims: ...
    def confirm(self, access: str) -> None: ...
    def revoke(self, token: str, *, context: Context | None = None) -> None: ...

@final
class AsyncTokens:
    def issue(
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
    ) -> Future[TokenPair]: ...
    def refresh(
        self,
        token: str,
        *,
        retry_key: Body | None = None,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> Future[TokenPair]: ...
    def refresh_access_only(
        self,
        token: str,
        *,
        dpop: Mapping[str, str] | None = None,
        client: str | None = None,
        tenant: str | None = None,
        device_id: str | None = None,
        context: Context | None = None,
    ) -> Future[TokenPair]: ...
    def verify(self, access: str, issuer: str | None = None, dpop: Mapping[str, str] | None = None) -> Claims: ...
    def verify_fresh(self, access: str, dpop: Mapping[str, str] | None = None) -> Future[Claims]: ...
    def confirm(self, access: str) -> Future[None]: ...
    def revoke(self, token: str, *, context: Context | None = None) -> Future[None]: ...

@final
class Sessions:
    """The calls on sessions: `gate.sessions`."""

    def revoke(self, tenant: str, subject: str, session_id: str, *, context: Context | None = None) -> None: ...
    def revoke_others(self, tenant: str, subject: str, *, keep: str, context: Context | None = None) -> int: ...
    def revoke_all(self, tenant: str, subject: str, *, context: Context | None = None) -> int: ...

@final
class AsyncSessions:
    def revoke(self, tenant: str, subject: str, session_id: str, *, context: Context | None = None) -> Future[None]: ...
    def revoke_others(self, tenant: str, subject: str, *, keep: str, context: Context | None = None) -> Future[int]: ...
    def revoke_all(self, tenant: str, subject: str, *, context: Context | None = None) -> Future[int]: ...

@final
class Epochs:
    """The calls on epochs: `gate.epochs`. Each gives the new version."""

    def bump_subject(self, tenant: str, subject: str, reason: str, *, context: Context | None = None) -> int: ...
    def bump_tenant(self, tenant: str, reason: str, *, context: Context | None = None) -> int: ...
    def bump_all(self, reason: str, *, context: Context | None = None) -> int: ...

@final
class AsyncEpochs:
    def bump_subject(
        self, tenant: str, subject: str, reason: str, *, context: Context | None = None
    ) -> Future[int]: ...
    def bump_tenant(self, tenant: str, reason: str, *, context: Context | None = None) -> Future[int]: ...
    def bump_all(self, reason: str, *, context: Context | None = None) -> Future[int]: ...

@final
class Checked:
    """A message whose signature and window are right."""

    @property
    def key_id(self) -> str: ...
    @property
    def timestamp(self) -> datetime | None: ...
    @property
    def id(self) -> str | None: ...
    @property
    def nonce(self) -> str | None: ...

@final
class Verified:
    """A verified message and its claim. Leaving its block commits; an exception that leaves it releases."""

    @property
    def key_id(self) -> str: ...
    @property
    def timestamp(self) -> datetime | None: ...
    @property
    def id(self) -> str | None: ...
    @property
    def nonce(self) -> str | None: ...
    @property
    def duplicate(self) -> bool: ...
    def commit(self) -> None: ...
    def release(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

@final
class AsyncVerified:
    @property
    def key_id(self) -> str: ...
    @property
    def timestamp(self) -> datetime | None: ...
    @property
    def id(self) -> str | None: ...
    @property
    def nonce(self) -> str | None: ...
    @property
    def duplicate(self) -> bool: ...
    def commit(self) -> Future[None]: ...
    def release(self) -> Future[None]: ...

@final
class Webhooks:
    """The calls on webhooks: `gate.webhooks`."""

    def sign(
        self,
        endpoint: str,
        body: Body,
        *,
        id: str | None = None,
        nonce: str | None = None,
        request: RequestLine | None = None,
    ) -> list[tuple[str, str]]: ...
    def check(self, endpoint: str, headers: Headers, body: Body, *, request: RequestLine | None = None) -> Checked: ...
    def verify(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Verified: ...
    def begin(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Step: ...
    def run(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        handle: Callable[[Verified], _T],
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> _T: ...

@final
class AsyncWebhooks:
    def sign(
        self,
        endpoint: str,
        body: Body,
        *,
        id: str | None = None,
        nonce: str | None = None,
        request: RequestLine | None = None,
    ) -> list[tuple[str, str]]: ...
    def check(self, endpoint: str, headers: Headers, body: Body, *, request: RequestLine | None = None) -> Checked: ...
    def verify(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Future[AsyncVerified]: ...
    def begin(
        self,
        endpoint: str,
        headers: Headers,
        body: Body,
        *,
        request: RequestLine | None = None,
        context: Context | None = None,
    ) -> Future[AsyncStep]: ...

@final
class Idempotency:
    """The calls on idempotency: `gate.idempotency`."""

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
    ) -> Step: ...
    def run(
        self,
        handle: Callable[[Step], Response],
        *,
        key: Key,
        scope: Scope,
        body: Body | None = None,
        fingerprint: str | Body | None = None,
        content_type: str | None = None,
        query: str | None = None,
        route: str | None = None,
        context: Context | None = None,
    ) -> Response: ...
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
    ) -> Callable[[Callable[Concatenate[Step, _P], Response]], Callable[_P, Response]]: ...
    def new_key(self) -> str: ...
    def next_action(self, status: int, code: str | None = None) -> NextAction: ...

@final
class AsyncIdempotency:
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
    ) -> Future[AsyncStep]: ...
    def new_key(self) -> str: ...
    def next_action(self, status: int, code: str | None = None) -> NextAction: ...

@final
class Step:
    """What a request is to do, and the acts of its owner."""

    @property
    def outcome(self) -> Literal["execute", "resume", "replay"]: ...
    @property
    def response(self) -> Response | None: ...
    @property
    def checkpoint_reached(self) -> Checkpoint | None: ...
    @property
    def message(self) -> Checked | None: ...
    @property
    def fence(self) -> int: ...
    @property
    def attempt(self) -> int: ...
    @property
    def max_stored_body(self) -> int: ...
    def mark_effects(self) -> None: ...
    def checkpoint(self, name: str, data: Body) -> None: ...
    def renew(self) -> None: ...
    @overload
    def complete(self, status: Response, *, finish_as: FinishAs | None = None) -> Response: ...
    @overload
    def complete(
        self,
        status: int,
        headers: ResponseHeaders | None = None,
        body: Body | None = None,
        *,
        finish_as: FinishAs | None = None,
    ) -> Response: ...
    def complete_streamed(self, status: int, body_sha256: Body, *, finish_as: FinishAs | None = None) -> bool: ...
    def release(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

@final
class AsyncStep:
    @property
    def outcome(self) -> Literal["execute", "resume", "replay"]: ...
    @property
    def response(self) -> Response | None: ...
    @property
    def checkpoint_reached(self) -> Checkpoint | None: ...
    @property
    def message(self) -> Checked | None: ...
    @property
    def fence(self) -> int: ...
    @property
    def attempt(self) -> int: ...
    @property
    def max_stored_body(self) -> int: ...
    def mark_effects(self) -> Future[None]: ...
    def checkpoint(self, name: str, data: Body) -> Future[None]: ...
    def renew(self) -> Future[None]: ...
    def complete(
        self,
        status: int | Response,
        headers: ResponseHeaders | None = None,
        body: Body | None = None,
        *,
        finish_as: FinishAs | None = None,
    ) -> Future[Response]: ...
    def complete_streamed(
        self, status: int, body_sha256: Body, *, finish_as: FinishAs | None = None
    ) -> Future[bool]: ...
    def release(self) -> Future[None]: ...
    def abandon(self) -> Future[None]: ...

@final
class Checkpoint:
    """How far an operation had come when its worker stopped."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Event:
    """One decision. Never holds a secret, a token or an e-mail."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def outcome(self) -> str: ...
    @property
    def tenant(self) -> str | None: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def id(self) -> str | None: ...
    @property
    def details(self) -> dict[str, str]: ...
    @property
    def context(self) -> dict[str, str]: ...

@final
class ManualClock:
    def __new__(cls, micros: int) -> Self: ...
    def set_micros(self, micros: int) -> None: ...

def testing_open(
    *,
    path: Path | None = None,
    policy: Policy | None = None,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Gate: ...
def testing_open_async(
    *,
    path: Path | None = None,
    policy: Policy | None = None,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Future[AsyncGate]: ...
def testing_reopen(gate: Gate, policy: Policy) -> Gate: ...
def testing_reopen_async(gate: AsyncGate, policy: Policy) -> Future[AsyncGate]: ...
def testing_read_decision(decision: str | Json) -> Decision: ...
def testing_refresh_view(gate: Gate) -> None: ...
def testing_verify_jws(keys: Sequence[str | Json], jws: str) -> bytes: ...
def testing_refresh_view_async(gate: AsyncGate) -> Future[None]: ...
