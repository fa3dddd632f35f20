"""The gate for asyncio: real coroutines, nothing lost, nothing blocked."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from datetime import timedelta
from typing import Any

import pytest

from conftest import NOW, POLICY
from gatewright import aio, testing
from gatewright.errors import Closed, InvalidArgument, RefreshError, Replayed, ReuseDetected

BODY = b"{}"

MEMORY_ONLY = {"on_event", "verify", "sign", "check", "problem", "begin", "new_key", "next_action", "idempotent"}


def test_calls_are_coroutine_functions() -> None:
    for cls in (aio.Gate, aio.Tokens, aio.Sessions, aio.Epochs, aio.Webhooks, aio.Verified, aio.Idempotency, aio.Step):
        for name, call in inspect.getmembers(cls, inspect.isfunction):
            if not name.startswith("_") and name not in MEMORY_ONLY:
                assert inspect.iscoroutinefunction(call), (cls, name)


async def test_a_session_from_login_to_theft(agate: aio.Gate, clock: testing.ManualClock) -> None:
    first = await agate.tokens.issue(tenant="acme", subject="u-42", client="tablet", roles=["operator"])
    assert agate.tokens.verify(first.access_token).roles == ("operator",)
    second = await agate.tokens.refresh(first.refresh_token, retry_key=bytes(16))
    clock.advance(timedelta(minutes=1))
    again = await agate.tokens.refresh(first.refresh_token, retry_key=bytes(16))
    assert (again.outcome, again.refresh_token) == ("retry_lost", second.refresh_token)
    await agate.tokens.confirm(again.access_token)
    assert (await agate.tokens.verify_fresh(again.access_token)).gen == 1
    with pytest.raises(ReuseDetected):
        await agate.tokens.refresh(first.refresh_token)
    with pytest.raises(RefreshError):
        await agate.tokens.refresh(second.refresh_token)


async def test_every_other_call_has_its_coroutine(agate: aio.Gate, policy: dict[str, Any]) -> None:
    pair = await agate.tokens.issue(subject="job", client="batch")
    assert (await agate.tokens.refresh_access_only(pair.refresh_token)).outcome == "access_only"
    other = await agate.tokens.issue(subject="job", client="batch")
    assert await agate.sessions.revoke_others("", "job", keep=other.session_id) == 1
    await agate.sessions.revoke("", "job", other.session_id)
    assert await agate.sessions.revoke_all("", "job") == 0
    version = int(NOW.timestamp() * 1_000_000)
    assert await agate.epochs.bump_subject("", "u", "test") == version
    assert await agate.epochs.bump_tenant("", "test") == version
    assert await agate.epochs.bump_all("test") == version
    await agate.tokens.revoke((await agate.tokens.issue(subject="x", client="web")).refresh_token)
    assert await agate.sweep() == 0
    await agate.health()
    await testing.aio.refresh_view(agate)
    async with testing.aio.reopen(agate, policy) as again:
        await again.health()


async def test_wrong_arguments_are_refused(agate: aio.Gate) -> None:
    with pytest.raises(InvalidArgument):
        await agate.tokens.refresh(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument):
        async with agate.webhooks.verify("parking", {}, "text"):  # type: ignore[arg-type]
            pass
    with pytest.raises(InvalidArgument):
        await aio.Gate.open(3)  # type: ignore[arg-type]


async def test_a_closed_gate_says_so(policy: dict[str, Any]) -> None:
    async with aio.Gate.from_policy(policy) as gate:
        pair = await gate.tokens.issue(subject="u", client="web")
    with pytest.raises(Closed):
        await gate.tokens.refresh(pair.refresh_token)
    await gate.close()


async def test_leaving_the_block_commits_and_an_exception_releases(agate: aio.Gate) -> None:
    signed = agate.webhooks.sign("parking", BODY)
    agate.webhooks.check("parking", signed, BODY)
    with pytest.raises(ZeroDivisionError):
        async with agate.webhooks.verify("parking", signed, BODY):
            raise ZeroDivisionError
    async with agate.webhooks.verify("parking", signed, BODY) as message:
        assert (message.key_id, message.duplicate, message.id) == ("a", False, None)
        assert message.nonce == dict(signed)["X-Nonce"]
        assert message.timestamp is not None
    with pytest.raises(Replayed):
        await agate.webhooks.verify("parking", signed, BODY)


async def test_a_cancelled_handler_releases(agate: aio.Gate) -> None:
    signed = agate.webhooks.sign("parking", BODY)
    entered = asyncio.Event()

    async def handle() -> None:
        async with agate.webhooks.verify("parking", signed, BODY):
            entered.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(handle())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await (await agate.webhooks.verify("parking", signed, BODY)).commit()


async def test_run_takes_functions_and_coroutine_functions(agate: aio.Gate) -> None:
    async def handle(message: aio.Verified) -> str:
        await asyncio.sleep(0)
        return message.key_id

    signed = [agate.webhooks.sign("parking", BODY) for _ in range(2)]
    assert await agate.webhooks.run("parking", signed[0], BODY, handle) == "a"
    assert await agate.webhooks.run("parking", signed[1], BODY, lambda message: message.duplicate) is False


async def test_a_large_body_is_verified(agate: aio.Gate) -> None:
    body = bytes(1_000_000)
    async with agate.webhooks.verify("parking", agate.webhooks.sign("parking", body), body) as message:
        assert message.key_id == "a"


async def test_a_thousand_calls_at_once_all_come_back(agate: aio.Gate) -> None:
    pairs = await asyncio.gather(*(agate.tokens.issue(subject=f"u-{at}", client="web") for at in range(1000)))
    assert len({pair.session_id for pair in pairs}) == 1000
    subjects = [agate.tokens.verify(pair.access_token).subject for pair in pairs]
    assert subjects == [f"u-{at}" for at in range(1000)]


async def test_concurrent_refreshes_have_one_successor(agate: aio.Gate) -> None:
    pair = await agate.tokens.issue(subject="u", client="web")
    answers = await asyncio.gather(*(agate.tokens.refresh(pair.refresh_token) for _ in range(50)))
    assert len({answer.refresh_token for answer in answers}) == 1
    assert sorted(answer.outcome for answer in answers).count("rotated") == 1


async def test_cancelled_waits_harm_nobody(agate: aio.Gate) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    for round_ in range(20):
        tasks = [asyncio.create_task(agate.tokens.issue(subject=f"u-{at}", client="web")) for at in range(20)]
        await asyncio.sleep(0)
        for task in tasks[:: 1 + round_ % 2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    gc.collect()
    assert (await agate.tokens.issue(subject="u", client="web")).outcome == "issued"
    assert complaints == []


async def test_a_cancelled_verify_gives_its_claim_back(agate: aio.Gate, clock: testing.ManualClock) -> None:
    signed = agate.webhooks.sign("parking", BODY)

    async def verify() -> aio.Verified:
        return await agate.webhooks.verify("parking", signed, BODY)

    task = asyncio.create_task(verify())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    del task
    clock.advance(timedelta(seconds=30))
    await (await agate.webhooks.verify("parking", signed, BODY)).commit()


def test_one_gate_serves_many_loops_one_after_another() -> None:
    async def one(gate: aio.Gate | None) -> aio.Gate:
        gate = gate or await aio.Gate.from_policy(POLICY)
        await gate.tokens.issue(subject="u", client="web")
        return gate

    gate: aio.Gate | None = None
    for _ in range(20):
        gate = asyncio.run(one(gate))


def test_one_gate_serves_loops_of_many_threads() -> None:
    gate = asyncio.run(_opened())
    failures: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_hundred(gate))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def _opened() -> aio.Gate:
    return await aio.Gate.from_policy(POLICY)


async def _hundred(gate: aio.Gate) -> None:
    pairs = await asyncio.gather(*(gate.tokens.issue(subject="u", client="web") for _ in range(100)))
    assert len({pair.session_id for pair in pairs}) == 100


def test_without_a_loop_there_is_no_answer() -> None:
    gate = asyncio.run(_opened())
    with pytest.raises(RuntimeError, match="no running event loop"):
        gate.tokens._calls.issue(subject="u", client="web")
