"""The exceptions: complete, typed, and able to travel."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from gatewright import Gate, Response, errors
from gatewright.errors import GatewrightError, Problem, error_codes

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, GatewrightError)]


def test_every_code_is_in_the_table_of_the_core() -> None:
    table = Path(__file__).parents[2] / "tests" / "errors.json"
    rows = json.loads(table.read_text())
    members = ("domain", "code", "status", "public_code", "retryable", "advice", "next_action")
    assert [{name: getattr(row, name) for name in members} for row in error_codes()] == rows


@pytest.mark.parametrize("row", error_codes(), ids=lambda row: row.code)
def test_every_code_has_a_class_of_its_domain(row: errors.ErrorCode) -> None:
    error = errors._from_core(row.code, "m", None, None, None, None, [], None, None, None)
    assert (error.code, error.status, error.public_code) == (row.code, row.status, row.public_code)
    assert (error.retryable, error.advice, error.next_action) == (row.retryable, row.advice, row.next_action)
    assert type(error) is not GatewrightError
    domain = {
        "dpop": errors.DpopError,
        "idempotency": errors.IdempotencyError,
        "keys": errors.KeyMaterialError,
        "kpi": errors.KpiError,
        "limits": errors.LimitError,
        "refresh": errors.RefreshError,
        "sessions": errors.SessionError,
        "tokens": errors.TokenError,
        "webhooks": errors.WebhookError,
    }.get(row.domain, GatewrightError)
    # Webhooks and idempotent requests have these in common.
    domain = {"in_progress": errors.InProgress, "body_too_large": errors.BodyTooLarge}.get(row.code, domain)
    assert isinstance(error, domain)


def test_the_tree_is_the_documented_one() -> None:
    assert issubclass(errors.TokenExpired, errors.TokenError)
    assert issubclass(errors.ReuseDetected, errors.RefreshError)
    assert issubclass(errors.RefreshError, errors.TokenError)
    assert issubclass(errors.Replayed, errors.WebhookError)
    for shared in (errors.InProgress, errors.BodyTooLarge):
        assert shared.__bases__ == (GatewrightError,)
    for refusal in (errors.KeyReused, errors.OutcomeUnknown, errors.ResponseUnavailable, errors.Stale):
        assert refusal.__bases__ == (errors.IdempotencyError,)
    for refused in (errors.Locked, errors.RateLimited):
        assert refused.__bases__ == (errors.LimitError,)
    assert all(cls.__name__ in errors.__all__ for cls in CLASSES)
    assert not any(hasattr(__builtins__, cls.__name__) for cls in CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
def test_errors_survive_pickle_and_copy(cls: type[GatewrightError]) -> None:
    error = cls(
        "what happened",
        retry_after=timedelta(seconds=2),
        reason="reuse",
        clear_cookies=True,
        server_time_ms=1,
        problems=[Problem("a.toml", 3, "store.default", "write memory:")],
        response=Response(201, [("X-Name", "Zo\xeb"), ("X-Name", "2")], b"made\x00"),
        response_status=201,
        body_digest=bytes(32),
    )
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is cls
        assert str(again) == "what happened"
        assert vars(again) == vars(error)


def test_an_error_of_the_core_survives_pickle() -> None:
    with pytest.raises(errors.ConfigError) as caught:
        Gate.from_policy("version = 2")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)
    assert again.problems
