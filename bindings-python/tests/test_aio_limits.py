"""Limits and lockouts on an event loop."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gatewright import Decision, aio
from gatewright.errors import Closed, ConfigError, InvalidArgument, Locked

SECOND = timedelta(seconds=1)
EMAIL = "ada@example.com"


async def test_every_call_is_there(agate: aio.Gate) -> None:
    limits = agate.limits
    assert (await limits.check("tenant", "acme", 40)).allowed
    assert (await limits.peek("tenant", "acme")).tiers[0].used == 40
    assert (await limits.check_all([("tenant", "acme", 60), ("user", "u")])).allowed
    refused = await limits.check("tenant", "acme", context={"request_id": "r"})
    assert (refused.allowed, refused.retry_after) == (False, timedelta(milliseconds=600))
    assert (await limits.reset("tenant", "acme")).tiers[0].used == 0
    held = await limits.check("jobs", "j", 2)
    assert held.permit is not None
    assert (await limits.refund(held.permit, 1)).tiers[0].used == 1
    with pytest.raises(InvalidArgument):
        await limits.check("nobody", "u")


async def test_calls_in_memory_are_plain(agate: aio.Gate) -> None:
    try:
        decision = agate.limits.check_local("user", "u")
        allowed = agate.limits.allow_local("user", "u")
    except ConfigError:
        assert (await agate.limits.check("user", "u")).allowed
        return
    assert decision.allowed
    assert allowed is True


async def test_headers_are_plain(agate: aio.Gate) -> None:
    refused = await agate.limits.check_all([("user", "u", 2), ("jobs", "j")])
    assert refused.allowed
    refused = await agate.limits.check("user", "u")
    assert dict(agate.limits.headers(refused))["Retry-After"] == "1"
    answer = agate.limits.problem(refused)
    assert agate.limits.parse_headers(answer.headers).wait == SECOND


MONTH = timedelta(days=30)


@pytest.fixture
async def live(policy: dict[str, Any]) -> AsyncIterator[aio.Gate]:
    """A gate whose time passes."""
    async with aio.Gate.from_policy(policy) as gate:
        yield gate


async def a_month_to_wait(gate: aio.Gate) -> Decision:
    """Reserve what comes in a month, if nobody else has."""
    await gate.limits.check("slow", "p")
    granted = await gate.limits.reserve("slow", "p", 1, 2 * MONTH)
    assert granted.wait is not None
    assert timedelta(0) < granted.wait <= MONTH
    return granted


async def waiting_for(gate: aio.Gate, decision: Decision) -> asyncio.Task[None]:
    """Begin to wait."""
    waiting = asyncio.create_task(gate.limits.wait(decision))
    await asyncio.sleep(0)
    assert not waiting.done()
    return waiting


async def test_a_wait_lasts_what_is_left(live: aio.Gate) -> None:
    await live.limits.wait(await live.limits.check("outbound", "p"))
    before = time.monotonic()
    granted = await live.limits.reserve("outbound", "p", 1, timedelta(hours=1))
    assert granted.wait is not None
    await live.limits.wait(granted)
    # Never less, however busy this machine is.
    assert time.monotonic() - before >= granted.wait.total_seconds()
    await live.limits.wait(granted)
    assert granted.permit is not None
    assert not granted.permit.is_spent


async def test_a_wait_that_is_cancelled_gives_back_once(live: aio.Gate) -> None:
    granted = await a_month_to_wait(live)
    waiting = await waiting_for(live, granted)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert granted.permit is not None
    assert granted.permit.is_spent
    await a_month_to_wait(live)
    again = await live.limits.refund(granted.permit)
    assert again.tiers[0].full_at_us - again.now_us > MONTH / timedelta(microseconds=1)


async def test_a_wait_that_is_cancelled_twice_gives_back(live: aio.Gate) -> None:
    granted = await a_month_to_wait(live)
    waiting = await waiting_for(live, granted)
    for _ in range(2):
        waiting.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert granted.permit is not None
    assert granted.permit.is_spent
    await a_month_to_wait(live)


async def test_a_wait_with_a_deadline_gives_back(live: aio.Gate) -> None:
    granted = await a_month_to_wait(live)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await live.limits.wait(granted)
    await a_month_to_wait(live)


async def test_a_wait_ends_with_its_gate_and_with_its_permit(live: aio.Gate) -> None:
    granted = await a_month_to_wait(live)
    assert granted.permit is not None
    waiting = await waiting_for(live, granted)
    await live.limits.refund(granted.permit)
    with pytest.raises(InvalidArgument, match=r"^permit: "):
        await waiting
    granted = await a_month_to_wait(live)
    waiting = await waiting_for(live, granted)
    await live.close()
    with pytest.raises(Closed):
        await waiting
    with pytest.raises(Closed):
        await live.limits.wait(granted)
    with pytest.raises(Closed):
        await live.limits.reserve("slow", "p", 1, MONTH)


async def test_a_clock_that_stands_still_is_not_waited_for(agate: aio.Gate) -> None:
    granted = await a_month_to_wait(agate)
    await agate.limits.wait(granted)
    assert granted.permit is not None
    assert not granted.permit.is_spent


async def test_an_account_is_locked(agate: aio.Gate) -> None:
    for n in (1, 2, 3):
        async with agate.lockout.begin("login", EMAIL) as attempt:
            assert (attempt.n, attempt.last) == (n, n == 3)
            await attempt.settle(False)
    with pytest.raises(Locked):
        await agate.lockout.begin("login", EMAIL)
    assert (await agate.lockout.status("login", EMAIL)).locked_until is not None
    await agate.lockout.unlock("login", EMAIL)
    async with agate.lockout.begin("login", EMAIL) as attempt:
        await attempt.settle(True)
    assert (await agate.lockout.status("login", EMAIL)).fails == 0


async def test_a_block_that_is_left_unsettled_abandons(agate: aio.Gate) -> None:
    async with agate.lockout.begin("login", EMAIL):
        assert (await agate.lockout.status("login", EMAIL)).fails == 1
    assert (await agate.lockout.status("login", EMAIL)).fails == 0
    with pytest.raises(LookupError):
        async with agate.lockout.begin("login", EMAIL):
            raise LookupError
    assert (await agate.lockout.status("login", EMAIL)).fails == 0
    attempt = await agate.lockout.begin("login", EMAIL, "cookie")
    await attempt.abandon()
    assert (await agate.lockout.status("login", EMAIL, "cookie")).fails == 0


async def test_a_block_that_is_cancelled_abandons(agate: aio.Gate) -> None:
    charged = asyncio.Event()

    async def log_in() -> None:
        async with agate.lockout.begin("login", EMAIL):
            charged.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(log_in())
    await charged.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await agate.lockout.status("login", EMAIL)).fails == 0


async def test_guessing_in_parallel(agate: aio.Gate) -> None:
    async def guess() -> int:
        try:
            async with agate.lockout.begin("login", EMAIL) as attempt:
                await attempt.settle(False)
                return attempt.n
        except Locked:
            return 0

    outcomes = await asyncio.gather(*(guess() for _ in range(32)))
    assert sorted(outcomes)[-3:] == [1, 2, 3]
    assert outcomes.count(0) == 29


def test_both_forms_take_the_same_arguments() -> None:
    from gatewright import Limits, Lockout

    for plain, on_loop in ((Limits, aio.Limits), (Lockout, aio.Lockout)):
        names = {name for name in dir(plain) if not name.startswith("_")}
        assert names == {name for name in vars(on_loop) if not name.startswith("_")}
        for name in names:
            theirs, ours = inspect.signature(getattr(plain, name)), inspect.signature(getattr(on_loop, name))
            assert list(theirs.parameters) == list(ours.parameters), name
