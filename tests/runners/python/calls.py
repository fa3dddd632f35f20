"""The calls of sequences, through the public API: arguments from their wire names, results to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gatewright import Checked, Claims, Gate, TokenPair, Verified, testing
from python import shape, strict_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What a call gave: what it offers, what stands behind `valid`, a handle, another gate."""

    offer: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    handle: Any = None
    gate: Gate | None = None


def micros(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def headers(pairs: Any) -> list[tuple[str, str | bytes]]:
    return [(name, value if isinstance(value, str) else shape.binary(value)) for name, value in pairs]


def checked(message: Checked | Verified) -> dict[str, Any]:
    return {"key_id": message.key_id, "timestamp": micros(message.timestamp), "id": message.id, "nonce": message.nonce}


def given(step: Step, *names: str) -> dict[str, Any]:
    """The arguments that are there; an absent one is not given."""
    arguments = {name: step[name] for name in names if name in step}
    if "retry_key" in arguments:
        arguments["retry_key"] = shape.binary(arguments["retry_key"])
    if "auth_time" in arguments:
        arguments["auth_time"] = _EPOCH + timedelta(microseconds=int(arguments["auth_time"]))
    return arguments


def _texts(step: Step, *names: str) -> list[str]:
    """Required texts; an absent one is empty."""
    return [step.get(name, "") for name in names]


def _pair(pair: TokenPair) -> Done:
    names = ("access_token", "refresh_token", "token_type", "expires_in", "session_id", "outcome", "server_time_ms")
    return Done({name: getattr(pair, name) for name in names}, f":{pair.outcome}")


def _claims(claims: Claims) -> Done:
    version = claims.token_version
    offer = {
        "issuer": claims.issuer,
        "subject": claims.subject,
        "audience": list(claims.audience),
        "client_id": claims.client_id,
        "tenant": claims.tenant,
        "roles": list(claims.roles),
        "scope": claims.scope,
        "session_id": claims.session_id,
        "gen": claims.gen,
        "token_version": None if version is None else list(version),
        "issued_at": micros(claims.issued_at),
        "not_before": micros(claims.not_before),
        "expires_at": micros(claims.expires_at),
        "jwt_id": claims.jwt_id,
        "confirmation": claims.confirmation,
        "auth_time": micros(claims.auth_time),
        "amr": list(claims.amr),
        "extra": claims.extra,
    }
    return Done(offer)


def _version(value: int) -> Done:
    return Done({"value": value, "version": value})


def _issue(gate: Gate, step: Step) -> Done:
    subject, client = _texts(step, "subject", "client")
    optional = ("tenant", "roles", "scope", "device", "claims", "auth_time", "amr", "dpop_jkt", "context")
    return _pair(gate.tokens.issue(subject=subject, client=client, **given(step, *optional)))


_PRESENTER = ("dpop", "client", "tenant", "device_id", "context")


def _refresh(gate: Gate, step: Step) -> Done:
    return _pair(gate.tokens.refresh(*_texts(step, "token"), **given(step, "retry_key", *_PRESENTER)))


def _refresh_access_only(gate: Gate, step: Step) -> Done:
    return _pair(gate.tokens.refresh_access_only(*_texts(step, "token"), **given(step, *_PRESENTER)))


def _revoke_others(gate: Gate, step: Step) -> Done:
    tenant, subject, keep = _texts(step, "tenant", "subject", "keep")
    return Done({"value": gate.sessions.revoke_others(tenant, subject, keep=keep, **given(step, "context"))})


def _verify_message(gate: Gate, step: Step) -> Done:
    arguments = given(step, "request", "context")
    (endpoint,) = _texts(step, "endpoint")
    message = gate.webhooks.verify(endpoint, headers(step.get("headers", [])), shape.binary(step["body"]), **arguments)
    return Done({**checked(message), "duplicate": message.duplicate}, handle=message)


def _check_message(gate: Gate, step: Step) -> Done:
    (endpoint,) = _texts(step, "endpoint")
    body = shape.binary(step["body"])
    return Done(
        checked(gate.webhooks.check(endpoint, headers(step.get("headers", [])), body, **given(step, "request")))
    )


def _sign(gate: Gate, step: Step) -> Done:
    (endpoint,) = _texts(step, "endpoint")
    signed = gate.webhooks.sign(endpoint, shape.binary(step["body"]), **given(step, "id", "nonce", "request"))
    return Done({"headers": [list(pair) for pair in signed]})


def reopened(gate: Gate, step: Step) -> Done:
    """Reopen; what a gate was opened with, its successor reads as well."""
    return Done(gate=testing.reopen(gate, strict_json.write(step["policy"])))


def _verify(gate: Gate, step: Step) -> Done:
    return _claims(gate.tokens.verify(step.get("access", ""), **given(step, "issuer", "dpop")))


def _verify_fresh(gate: Gate, step: Step) -> Done:
    return _claims(gate.tokens.verify_fresh(step.get("access", ""), **given(step, "dpop")))


def _confirm(gate: Gate, step: Step) -> Done:
    gate.tokens.confirm(*_texts(step, "access"))
    return Done()


def _revoke(gate: Gate, step: Step) -> Done:
    gate.tokens.revoke(*_texts(step, "token"), **given(step, "context"))
    return Done()


def _revoke_session(gate: Gate, step: Step) -> Done:
    gate.sessions.revoke(*_texts(step, "tenant", "subject", "session_id"), **given(step, "context"))
    return Done()


def _revoke_all(gate: Gate, step: Step) -> Done:
    return Done({"value": gate.sessions.revoke_all(*_texts(step, "tenant", "subject"), **given(step, "context"))})


def _bump_subject(gate: Gate, step: Step) -> Done:
    texts = _texts(step, "tenant", "subject", "reason")
    return _version(gate.epochs.bump_subject(*texts, **given(step, "context")))


def _bump_tenant(gate: Gate, step: Step) -> Done:
    return _version(gate.epochs.bump_tenant(*_texts(step, "tenant", "reason"), **given(step, "context")))


def _bump_all(gate: Gate, step: Step) -> Done:
    return _version(gate.epochs.bump_all(*_texts(step, "reason"), **given(step, "context")))


def _commit(_: Gate, step: Step) -> Done:
    step["verified"].commit()
    return Done()


def _release(_: Gate, step: Step) -> Done:
    step["verified"].release()
    return Done()


Call = Callable[[Gate, Step], Done]

CALLS: dict[str, dict[str, Call]] = {
    "refresh.sequence": {
        "issue": _issue,
        "refresh": _refresh,
        "refresh_access_only": _refresh_access_only,
        "verify": _verify,
        "verify_fresh": _verify_fresh,
        "confirm": _confirm,
        "revoke": _revoke,
        "sessions.revoke": _revoke_session,
        "sessions.revoke_others": _revoke_others,
        "sessions.revoke_all": _revoke_all,
        "epochs.bump_subject": _bump_subject,
        "epochs.bump_tenant": _bump_tenant,
        "epochs.bump_all": _bump_all,
        "reopen": reopened,
    },
    "webhook.sequence": {
        "sign": _sign,
        "check": _check_message,
        "verify": _verify_message,
        "verified.commit": _commit,
        "verified.release": _release,
        "reopen": reopened,
    },
}
