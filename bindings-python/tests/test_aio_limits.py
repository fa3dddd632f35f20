"""Limits and lockouts on an event loop."""

from __future__ import annotations

import asyncio
import inspect
from datetime import timedelta

import pytest

from gatewright import aio, testing
from gatewright.errors import ConfigError, InvalidArgument, Locked

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


async def test_a_wait_lasts_what_is_left(agate: aio.Gate) -> None:
    await agate.limits.wait(await agate.limits.check("outbound", "p"))
    granted = await agate.limits.reserve("outbound", "p", 1, SECOND)
    waiting = asyncio.ensure_future(agate.limits.wait(granted))
    await asyncio.sleep(0)
    assert not waiting.done()
    await waiting
    await agate.limits.wait(granted)
    assert granted.permit is not None
    assert not granted.permit.is_spent


async def test_a_wait_that_is_cancelled_gives_back(agate: aio.Gate) -> None:
    await agate.limits.check("outbound", "p")
    granted = await agate.limits.reserve("outbound", "p", 1, timedelta(hours=1))
    assert granted.permit is not None
    waiting = asyncio.ensure_future(agate.limits.wait(granted))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert granted.permit.is_spent
    assert (await agate.limits.reserve("outbound", "p", 1, SECOND)).wait == SECOND


async def test_a_wait_with_a_deadline_gives_back(agate: aio.Gate) -> None:
    await agate.limits.check("outbound", "p")
    granted = await agate.limits.reserve("outbound", "p", 1, timedelta(hours=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await agate.limits.wait(granted)
    assert (await agate.limits.peek("outbound", "p")).tiers[0].used == 1


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
    async def log_in() -> None:
        async with agate.lockout.begin("login", EMAIL):
            await asyncio.sleep(3600)

    task = asyncio.ensure_future(log_in())
    await asyncio.sleep(0.1)
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


async def test_a_manual_clock_moves_no_wait(clock: testing.ManualClock, agate: aio.Gate) -> None:
    await agate.limits.check("outbound", "p")
    granted = await agate.limits.reserve("outbound", "p", 1, SECOND)
    clock.advance(timedelta(days=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await agate.limits.wait(granted)
