"""Idempotent operations on an event loop."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any, cast

import pytest

from gatewright import Gate, Response, aio, testing
from gatewright.errors import InProgress, InvalidArgument, OutcomeUnknown, Stale
from gatewright.types import Scope

KEY = "order-000017"
BODY = b'{"item":7}'


def scope(path: str = "/orders") -> Scope:
    return {"tenant": "acme", "principal": "u-42", "method": "POST", "path": path}


def begin(gate: aio.Gate, path: str = "/orders", **more: Any) -> aio.Opening[aio.Step]:
    given: dict[str, Any] = {"key": KEY, "scope": scope(path), "body": BODY, **more}
    return gate.idempotency.begin(**given)


async def test_an_operation_runs_once_and_its_answer_is_replayed(agate: aio.Gate) -> None:
    async with begin(agate) as step:
        assert (step.outcome, step.attempt, step.response) == ("execute", 1, None)
        await step.mark_effects()
        await step.checkpoint("charged", b"ch_1")
        await step.renew()
        sent = await step.complete(201, [("Location", "/orders/1")], b"made")
    async with begin(agate) as again:
        assert again.outcome == "replay"
        assert again.response is not None
        assert (again.response.status, again.response.body) == (sent.status, sent.body) == (201, b"made")


async def test_an_exception_and_a_cancellation_give_the_operation_back(agate: aio.Gate) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with begin(agate):
            raise ZeroDivisionError
    begun = asyncio.Event()

    async def work() -> None:
        async with begin(agate):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    with pytest.raises(InProgress):
        await begin(agate)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await begin(agate)).outcome == "execute"


async def test_marked_effects_are_left_to_the_lease(agate: aio.Gate, clock: testing.ManualClock) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with begin(agate) as step:
            await step.mark_effects()
            raise ZeroDivisionError
    with pytest.raises(InProgress):
        await begin(agate)
    clock.advance(timedelta(seconds=30))
    with pytest.raises(OutcomeUnknown):
        await begin(agate)


async def test_run_does_it_all_and_a_late_worker_sends_the_winners_answer(
    agate: aio.Gate, clock: testing.ManualClock
) -> None:
    async def overtaken(_: aio.Step) -> Response:
        clock.advance(timedelta(seconds=30))
        winner = await begin(agate)
        assert (winner.outcome, winner.attempt) == ("resume", 2)
        await winner.complete(201, body=b"of the winner")
        return Response(201, body=b"too late")

    answer = await agate.idempotency.run(overtaken, key=KEY, scope=scope(), body=BODY)
    assert (answer.status, answer.body) == (201, b"of the winner")
    plain = await agate.idempotency.run(lambda _: Response(200), key=KEY, scope=scope("/plain"), body=BODY)
    assert plain.status == 200
    wrong: Any = lambda _: {"status": 200}  # noqa: E731
    with pytest.raises(InvalidArgument):
        await agate.idempotency.run(wrong, key=KEY, scope=scope("/wrong"), body=BODY)
    assert (await begin(agate, "/wrong")).outcome == "execute"


async def test_a_late_act_is_stale(agate: aio.Gate, clock: testing.ManualClock) -> None:
    step = await begin(agate)
    clock.advance(timedelta(seconds=30))
    await (await begin(agate)).complete(201, body=b"of the winner")
    with pytest.raises(Stale) as stale:
        await step.complete(201)
    assert stale.value.response is not None
    assert stale.value.response.body == b"of the winner"


async def test_a_decorator_reads_the_request_from_the_arguments(agate: aio.Gate) -> None:
    runs: list[bytes] = []

    @agate.idempotency.idempotent(
        key=lambda request: request["key"], scope=lambda _: scope(), body=lambda request: request["body"]
    )
    async def place(step: aio.Step, request: dict[str, Any]) -> Response:
        await step.mark_effects()
        runs.append(cast("bytes", request["body"]))
        return Response(201, body=b"made")

    request = {"key": KEY, "body": BODY}
    answers = [await place(request), await place(request)]
    assert [answer.body for answer in answers] == [b"made", b"made"]
    assert runs == [BODY]


async def test_a_webhook_is_handled_once_and_acknowledged_each_time(agate: aio.Gate) -> None:
    for expected in ("execute", "replay"):
        headers = agate.webhooks.sign("std", BODY, id="msg_1")
        async with agate.webhooks.begin("std", headers, BODY) as step:
            assert step.message is not None
            assert (step.outcome, step.message.id) == (expected, "msg_1")
            if step.response is None:
                await step.complete(204)
            else:
                assert step.response.headers == [("Idempotent-Replayed", "true")]


async def test_one_answer_for_many_tasks_that_wait() -> None:
    policy = "version = 1\n[store]\ndefault = 'memory:'\n[idempotency]\nwait = '30s'"
    async with aio.Gate.from_policy(policy) as gate:
        runs = 0

        async def work(_: aio.Step) -> Response:
            nonlocal runs
            runs += 1
            await asyncio.sleep(0.1)
            return Response(201, body=b"made")

        calls = [gate.idempotency.run(work, key=KEY, scope=scope(), body=BODY) for _ in range(30)]
        answers = await asyncio.gather(*calls)
        assert {answer.body for answer in answers} == {b"made"}
        assert runs == 1


def test_both_forms_of_a_gate_share_their_records(tmp_path: Any) -> None:
    policy = f"version = 1\n[store]\ndefault = 'sqlite:{tmp_path / 'gate.db'}'\n[idempotency]\n"
    with Gate.from_policy(policy) as gate:
        gate.idempotency.begin(key=KEY, scope=scope(), body=BODY).complete(201, body=b"made")

    async def replay() -> bytes:
        async with aio.Gate.from_policy(policy) as gate, begin(gate) as step:
            assert step.response is not None
            return step.response.body

    assert asyncio.run(replay()) == b"made"
