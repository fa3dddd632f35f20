"""Idempotent operations beside AWS Lambda Powertools, both with their records in memory."""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Callable
from typing import Any

Job = Callable[[], object]

ORDER = {"item": 7, "amount": "129.00", "currency": "EUR", "note": "as agreed by telephone"}


def first_jobs(gate: Any) -> dict[str, Job]:
    """A new operation, from its begin to its stored answer."""
    from gatewright import Response

    scope, body, answer = _scope(), _body(), Response(201, [("content-type", "application/json")], _body())
    begin, run = gate.idempotency.begin, gate.idempotency.run
    numbers = itertools.count()
    theirs = _powertools()

    def by_block() -> object:
        with begin(key=f"order-{next(numbers):012}", scope=scope, body=body) as step:
            return step.complete(answer)

    return {
        "gatewright, with": by_block,
        "gatewright, run": lambda: run(lambda _: answer, key=f"order-{next(numbers):012}", scope=scope, body=body),
        "AWS Lambda Powertools": lambda: theirs(order={**ORDER, "key": next(numbers)}),
    }


def replay_jobs(gate: Any) -> dict[str, Job]:
    """An operation that has been carried out: its answer is read."""
    scope, body = _scope(), _body()
    begin = gate.idempotency.begin
    begin(key="order-000017", scope=scope, body=body).complete(201, [("content-type", "application/json")], body)
    theirs = _powertools()
    theirs(order=ORDER)
    return {
        "gatewright": lambda: begin(key="order-000017", scope=scope, body=body).response,
        "AWS Lambda Powertools": lambda: theirs(order=ORDER),
    }


def _scope() -> dict[str, str]:
    return {"tenant": "acme", "principal": "u-42", "method": "POST", "path": "/orders"}


def _body() -> bytes:
    return json.dumps(ORDER).encode()


def _powertools() -> Callable[..., object]:
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyItemAlreadyExistsError,
        IdempotencyItemNotFoundError,
    )
    from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

    # It asks for a deadline, which only a Lambda function has.
    warnings.simplefilter("ignore")

    class InMemory(BasePersistenceLayer):
        def __init__(self) -> None:
            super().__init__()
            self.records: dict[str, DataRecord] = {}

        def _get_record(self, idempotency_key: str) -> DataRecord:
            try:
                return self.records[idempotency_key]
            except KeyError:
                raise IdempotencyItemNotFoundError from None

        def _put_record(self, data_record: DataRecord) -> None:
            if self.records.setdefault(data_record.idempotency_key, data_record) is not data_record:
                raise IdempotencyItemAlreadyExistsError

        def _update_record(self, data_record: DataRecord) -> None:
            self.records[data_record.idempotency_key] = data_record

        def _delete_record(self, data_record: DataRecord) -> None:
            self.records.pop(data_record.idempotency_key, None)

    @idempotent_function(data_keyword_argument="order", persistence_store=InMemory(), config=IdempotencyConfig())
    def handle(order: dict[str, Any]) -> dict[str, Any]:
        return {"status": 201, "order": order}

    return handle
