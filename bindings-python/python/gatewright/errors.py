"""The exceptions: one class per domain, and one for each code that programs branch on.

The `code` is the contract and is for the program and the log; `public_code` is what a client may see::

    try:
        claims = gate.tokens.verify(token)
    except GatewrightError as error:
        return Response({"error": error.public_code}, status=error.status)
"""

from __future__ import annotations

from gatewright import _core
from gatewright._core import ErrorCode, Problem, Response

# Not `typing.TYPE_CHECKING`: programs that need no `typing` need not wait for it either. Type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from typing import Any, ClassVar, Literal, TypeAlias

    Advice: TypeAlias = Literal["change", "log_in", "new_key", "no", "re_sign", "reconcile", "refresh", "yes"]
    """What the caller of a failed request should do; `yes` = send it again, after `retry_after` where that is given."""

    NextAction: TypeAlias = Literal["reconcile", "reuse", "rotate", "wait"]
    """What becomes of an idempotency key after an answer.

    `reuse` = the same request with the same key at once; `wait` = the same after `Retry-After`; `rotate` = the outcome
    is definite, the next request takes a new key; `reconcile` = look what came of it before another is begun.
    """
else:
    Advice = NextAction = str

__all__ = [
    "Advice",
    "BodyTooLarge",
    "Closed",
    "ConfigError",
    "DpopError",
    "ErrorCode",
    "GatewrightError",
    "IdempotencyError",
    "InProgress",
    "InternalError",
    "InvalidArgument",
    "KeyMaterialError",
    "KeyReused",
    "KpiError",
    "LimitError",
    "Locked",
    "NextAction",
    "OutcomeUnknown",
    "Problem",
    "RateLimited",
    "RecordUnreadable",
    "RefreshError",
    "Replayed",
    "ResponseUnavailable",
    "ReuseDetected",
    "SessionError",
    "Stale",
    "TokenError",
    "TokenExpired",
    "Unavailable",
    "WebhookError",
    "error_codes",
]

_ROWS = {row.code: row for row in _core.error_table()}


def error_codes() -> list[ErrorCode]:
    """Every error code of this version."""
    return list(_ROWS.values())


class GatewrightError(Exception):
    """Any failure of Gatewright. `code` tells which: it is stable, the message is not."""

    code: str
    """The stable code, for the program and the log."""
    status: int
    """The HTTP status of this error; 0 where it has no HTTP answer."""
    public_code: str
    """The code that a client may see."""
    retryable: bool
    """Whether the same request may be sent again."""
    advice: Advice
    """What the caller should do."""
    next_action: NextAction
    """What the client does with its idempotency key."""
    retry_after: timedelta | None
    """How long to wait before the next try, where that is known."""
    reason: str | None
    """Why a session is over: `logged_out`, `reuse`, `admin`, `epoch`, `absolute`, `idle`, `generations`."""
    clear_cookies: bool | None
    """For a refused refresh: whether the client's cookies should be cleared."""
    server_time_ms: int | None
    """For a webhook outside its window: the server's time, in milliseconds since 1970."""
    problems: tuple[Problem, ...]
    """The problems of a policy document, in file order; empty for any other error."""
    response: Response | None
    """Of `stale`: what the winner answered, if it has and the answer is kept. Send this instead."""
    response_status: int | None
    """Of `response_unavailable`: the HTTP status that was answered."""
    body_digest: bytes | None
    """Of `response_unavailable`: the SHA-256 of the body that was answered, 32 bytes."""

    _code: ClassVar[str] = "internal"

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        retry_after: timedelta | None = None,
        reason: str | None = None,
        clear_cookies: bool | None = None,
        server_time_ms: int | None = None,
        problems: Iterable[Problem] = (),
        response: Response | None = None,
        response_status: int | None = None,
        body_digest: bytes | None = None,
    ) -> None:
        """Make an error of this class: in tests of your own; without `code` the one that the class stands for."""
        super().__init__(message)
        row = _ROWS.get(code or self._code, _ROWS["internal"])
        self.code = code or self._code
        self.status = row.status
        self.public_code = row.public_code
        self.retryable = row.retryable
        self.advice = row.advice
        self.next_action = row.next_action
        self.retry_after = retry_after
        self.reason = reason
        self.clear_cookies = clear_cookies
        self.server_time_ms = server_time_ms
        self.problems = tuple(problems)
        self.response = response
        self.response_status = response_status
        self.body_digest = body_digest

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arguments: what the code implies is looked up again."""
        fields = {
            "code": self.code,
            "retry_after": self.retry_after,
            "reason": self.reason,
            "clear_cookies": self.clear_cookies,
            "server_time_ms": self.server_time_ms,
            "problems": self.problems,
            "response": self.response,
            "response_status": self.response_status,
            "body_digest": self.body_digest,
        }
        return _rebuild, (type(self), str(self), fields)


class TokenError(GatewrightError):
    """A token was refused. For an access token the codes begin with `jwt_`."""

    _code = "jwt_malformed"


class TokenExpired(TokenError):
    """`jwt_expired`: an access token that is right in every other respect. Refresh it."""

    _code = "jwt_expired"


class DpopError(TokenError):
    """A proof of possession is missing or wrong: the codes that begin with `dpop_`."""

    _code = "dpop_missing"


class RefreshError(TokenError):
    """A refresh token was refused."""

    _code = "malformed"


class ReuseDetected(RefreshError):
    """`reuse`: an old refresh token was presented again; the session has been ended on suspicion of theft."""

    _code = "reuse"


class KeyMaterialError(GatewrightError):
    """A key given to a call cannot be used: the codes that begin with `key_`."""

    _code = "key_invalid"


class SessionError(GatewrightError):
    """`session_not_found`."""

    _code = "session_not_found"


class WebhookError(GatewrightError):
    """A webhook was refused."""

    _code = "signature_mismatch"


class Replayed(WebhookError):
    """`replayed`: this message has been used already."""

    _code = "replayed"


class InProgress(GatewrightError):
    """`in_progress`: the same message or operation is being handled; send it again, unchanged, after `retry_after`."""

    _code = "in_progress"


class BodyTooLarge(GatewrightError):
    """`body_too_large`: the body of a webhook or of an idempotent request is larger than is allowed here."""

    _code = "body_too_large"


class IdempotencyError(GatewrightError):
    """An idempotent request was neither run nor replayed. For a bad key the codes begin with `idempotency_key_`."""

    _code = "idempotency_key_invalid"


class KeyReused(IdempotencyError):
    """`idempotency_key_reused`: the key was used for another request. A new operation takes a new key."""

    _code = "idempotency_key_reused"


class OutcomeUnknown(IdempotencyError):
    """`outcome_unknown`: whoever handled the request stopped in the middle. Look before a new key is used."""

    _code = "outcome_unknown"


class ResponseUnavailable(IdempotencyError):
    """`response_unavailable`: it was carried out, its answer is not kept. See `response_status`, `body_digest`."""

    _code = "response_unavailable"


class Stale(IdempotencyError):
    """`stale`: another worker has taken the operation over. Its answer, if there is one, is `response`: send that."""

    _code = "stale"


class LimitError(GatewrightError):
    """A request to the limits or the lockout cannot be decided, or was refused: see its classes and `code`."""

    _code = "subject_invalid"


class RateLimited(LimitError):
    """`rate_limited`: too many requests; send it again after `retry_after`. Only glue raises it."""

    _code = "rate_limited"


class Locked(LimitError):
    """`locked`: too many failed attempts; the account opens after `retry_after`, or is unlocked. Check no password."""

    _code = "locked"


class KpiError(GatewrightError):
    """A figure cannot be computed of such input. Too little data is no error: such a figure is `undefined`."""

    _code = "kpi_out_of_range"


class ConfigError(GatewrightError):
    """`config_invalid`: the policy document cannot be used, or does not provide for the call. See `problems`."""

    _code = "config_invalid"


class Unavailable(GatewrightError):
    """`unavailable`: the store did not answer. Nothing was consumed; send the same request again."""

    _code = "unavailable"


class InvalidArgument(GatewrightError):
    """`invalid_argument`: an argument is out of its range or of a wrong type."""

    _code = "invalid_argument"


class Closed(GatewrightError):
    """`closed`: the gate has been closed."""

    _code = "closed"


class RecordUnreadable(GatewrightError):
    """`record_unreadable`: another version wrote a stored record, or it is damaged."""

    _code = "record_unreadable"


class InternalError(GatewrightError):
    """`internal`: a fault of this library, never of the input."""

    _code = "internal"


_BY_CODE: dict[str, type[GatewrightError]] = {
    cls._code: cls
    for cls in (
        BodyTooLarge,
        Closed,
        ConfigError,
        InProgress,
        InternalError,
        InvalidArgument,
        KeyReused,
        Locked,
        OutcomeUnknown,
        RateLimited,
        RecordUnreadable,
        Replayed,
        ResponseUnavailable,
        ReuseDetected,
        Stale,
        TokenExpired,
        Unavailable,
    )
}

_BY_DOMAIN: dict[str, type[GatewrightError]] = {
    "dpop": DpopError,
    "idempotency": IdempotencyError,
    "keys": KeyMaterialError,
    "kpi": KpiError,
    "limits": LimitError,
    "refresh": RefreshError,
    "sessions": SessionError,
    "tokens": TokenError,
    "webhooks": WebhookError,
}


def _rebuild(cls: type[GatewrightError], message: str, fields: dict[str, Any]) -> GatewrightError:
    return cls(message, **fields)


def _from_core(
    code: str,
    message: str,
    retry_after: timedelta | None,
    reason: str | None,
    clear_cookies: bool | None,
    server_time_ms: int | None,
    problems: list[Problem],
    response: Response | None,
    response_status: int | None,
    body_digest: bytes | None,
) -> GatewrightError:
    """Called by the native half for each of its errors."""
    cls = _BY_CODE.get(code)
    if cls is None:
        row = _ROWS.get(code)
        cls = _BY_DOMAIN.get(row.domain, GatewrightError) if row else GatewrightError
    return cls(
        message,
        code=code,
        retry_after=retry_after,
        reason=reason,
        clear_cookies=clear_cookies,
        server_time_ms=server_time_ms,
        problems=problems,
        response=response,
        response_status=response_status,
        body_digest=body_digest,
    )
