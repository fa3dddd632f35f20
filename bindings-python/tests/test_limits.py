"""Limits and lockouts, waited for."""

from __future__ import annotations

import gc
import itertools
import json
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import NOW
from gatewright import Decision, Gate, errors, testing
from gatewright.errors import Closed, ConfigError, InvalidArgument, LimitError, Locked

SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW_US = (NOW - EPOCH) // timedelta(microseconds=1)


def test_a_decision_says_what_came_of_every_tier(gate: Gate) -> None:
    decision = gate.limits.check("tenant", "acme", 40)
    assert (decision.allowed, decision.source, decision.cost, decision.atomicity) == (True, "store", 40, "atomic")
    assert (decision.now, decision.now_us) == (NOW, NOW_US)
    assert (decision.retry_after, decision.retry_after_us) == (timedelta(0), 0)
    assert (decision.wait, decision.wait_us) == (None, None)
    assert (decision.binding.policy, decision.binding.tier) == ("tenant", "minute")
    assert [(tier.policy, tier.id, tier.limit) for tier in decision.tiers] == [
        ("tenant", "minute", 100),
        ("tenant", "hour", 5000),
        ("tenant", "day", 100_000),
    ]
    minute = decision.tiers[0]
    assert (minute.algo, minute.burst, minute.period_us) == ("token_bucket", 100, 60_000_000)
    assert (minute.remaining, minute.used, minute.allowed, minute.retry_after_us) == (60, 40, True, 0)
    assert (minute.next_unit_us, minute.full_at_us) == (600_000, NOW_US + 24_000_000)
    assert repr(decision) == "Decision(allowed=True, cost=40, binding='tenant.minute', retry_after_us=0)"


def test_a_refusal_is_a_decision_and_charges_nothing(gate: Gate, clock: testing.ManualClock) -> None:
    gate.limits.check("tenant", "acme", 100)
    refused = gate.limits.check("tenant", "acme")
    assert not refused.allowed
    assert refused.permit is None
    assert (refused.retry_after, refused.retry_after_us) == (timedelta(milliseconds=600), 600_000)
    assert gate.limits.peek("tenant", "acme").tiers[1].used == 100
    clock.advance(refused.retry_after - timedelta(microseconds=1))
    assert not gate.limits.check("tenant", "acme").allowed
    clock.advance(timedelta(microseconds=1))
    assert gate.limits.check("tenant", "acme").allowed


def test_a_peek_takes_nothing(gate: Gate) -> None:
    assert gate.limits.check("user", "u", 0).tiers[0].remaining == 2
    peeked = gate.limits.peek("user", "u")
    assert (peeked.allowed, peeked.cost, peeked.permit, peeked.tiers[0].remaining) == (True, 0, None, 2)


def test_a_bundle_is_taken_whole_or_not_at_all(gate: Gate) -> None:
    assert gate.limits.check_all([("tenant", "acme"), ("user", "u", 2)]).allowed
    refused = gate.limits.check_all(iter([["tenant", "acme", 1], ("user", "u")]))  # type: ignore[arg-type]
    assert not refused.allowed
    assert (refused.binding.policy, len(refused.tiers)) == ("user", 4)
    assert gate.limits.peek("tenant", "acme").tiers[0].used == 1


@pytest.mark.parametrize(
    "bundle",
    [
        [],
        [("user", "u"), ("user", "u", 2)],
        [("user", f"u-{at}") for at in range(17)],
        (("user", f"u-{at}") for at in itertools.count()),
        "user",
        ["user"],
        [("user",)],
        [("user", "u", 1, 1)],
        [("user", "u", -1)],
        [("user", "u", None)],
        [("user", 7)],
        [7],
        7,
        None,
        [("nobody", "u")],
    ],
    ids=lambda bundle: type(bundle).__name__ + str(bundle)[:20],
)
def test_a_bundle_that_makes_no_sense_is_refused(gate: Gate, bundle: Any) -> None:
    with pytest.raises(InvalidArgument):
        gate.limits.check_all(bundle)


@pytest.mark.parametrize("cost", [-1, True, False, 1.0, "1", 2**32, 2**64, [1]])
def test_a_cost_is_a_whole_number(gate: Gate, cost: Any) -> None:
    for call in (gate.limits.check, gate.limits.check_local, gate.limits.allow_local):
        with pytest.raises(InvalidArgument, match=r"^cost: "):
            call("tenant", "acme", cost)
    with pytest.raises(InvalidArgument, match=r"^cost: "):
        gate.limits.reserve("outbound", "p", cost, SECOND)


def test_a_cost_above_the_burst_can_never_be_met(gate: Gate) -> None:
    for cost in (101, 2**32 - 1):
        with pytest.raises(LimitError) as impossible:
            gate.limits.check("tenant", "acme", cost)
        assert (impossible.value.code, impossible.value.status) == ("cost_impossible", 400)


@pytest.mark.parametrize(
    ("name", "subject"), [("nobody", "u"), (7, "u"), ("user", b"u"), ("user", None), ("user", "\ud800")]
)
def test_names_are_text(gate: Gate, name: Any, subject: Any) -> None:
    calls = (gate.limits.check, gate.limits.peek, gate.limits.reset, gate.limits.check_local, gate.limits.allow_local)
    for call in calls:
        with pytest.raises((InvalidArgument, ConfigError)):
            call(name, subject)


def test_an_empty_subject_is_refused(gate: Gate) -> None:
    with pytest.raises(LimitError) as refused:
        gate.limits.check("user", "")
    assert refused.value.code == "subject_invalid"


def test_a_permit_gives_back_once(gate: Gate) -> None:
    permit = gate.limits.check("tenant", "acme", 40).permit
    assert permit is not None
    assert (permit.cost, permit.is_spent) == (40, False)
    with pytest.raises(InvalidArgument):
        gate.limits.refund(permit, 41)
    assert gate.limits.refund(permit, 15).tiers[0].used == 25
    assert permit.is_spent
    assert gate.limits.refund(permit).tiers[0].used == 25


def test_all_of_a_permit_comes_back_by_default(gate: Gate) -> None:
    decision = gate.limits.check("jobs", "j", 2)
    assert not gate.limits.check("jobs", "j").allowed
    assert decision.permit is not None
    assert gate.limits.refund(decision.permit).tiers[0].used == 0
    assert decision.permit == decision.permit
    assert len({decision.permit, decision.permit, gate.limits.check("jobs", "j").permit}) == 2


def test_a_permit_that_is_dropped_gives_nothing_back(gate: Gate) -> None:
    gate.limits.check("jobs", "j", 2)
    gc.collect()
    assert not gate.limits.check("jobs", "j").allowed


@pytest.mark.parametrize("permit", [None, 7, "permit", object()])
def test_only_a_permit_is_given_back(gate: Gate, permit: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^permit: "):
        gate.limits.refund(permit)


def test_threads_give_a_permit_back_once(gate: Gate) -> None:
    gate.limits.check("tenant", "acme", 40)
    permit = gate.limits.check("tenant", "acme", 8).permit
    assert permit is not None
    threads = [threading.Thread(target=gate.limits.refund, args=(permit,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gate.limits.peek("tenant", "acme").tiers[0].used == 40


def test_a_subject_is_forgotten(gate: Gate) -> None:
    gate.limits.check("tenant", "acme", 100)
    assert gate.limits.reset("tenant", "acme").tiers[0].remaining == 100
    assert gate.limits.check("tenant", "acme").allowed


def test_a_reservation_says_how_long_to_wait(gate: Gate) -> None:
    assert gate.limits.reserve("outbound", "p", 1, SECOND).wait == timedelta(0)
    second = gate.limits.reserve("outbound", "p", 1, SECOND)
    assert (second.allowed, second.wait, second.wait_us) == (True, SECOND, 1_000_000)
    third = gate.limits.reserve("outbound", "p", 1, SECOND)
    assert (third.allowed, third.wait, third.retry_after) == (False, None, SECOND)


@pytest.mark.parametrize("max_wait", [None, 1, 1.0, "1s", -SECOND])
def test_a_wait_is_a_timedelta(gate: Gate, max_wait: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^max_wait: "):
        gate.limits.reserve("outbound", "p", 1, max_wait)


def test_only_policies_that_say_so_reserve(gate: Gate) -> None:
    with pytest.raises(InvalidArgument):
        gate.limits.reserve("tenant", "acme", 1, SECOND)


def test_a_wait_lasts_what_is_left(policy: dict[str, Any]) -> None:
    with Gate.from_policy(policy) as gate:
        limits = gate.limits
        limits.wait(limits.check("outbound", "p"))
        before = time.monotonic()
        granted = limits.reserve("outbound", "p", 1, timedelta(hours=1))
        assert granted.wait is not None
        limits.wait(granted)
        # Never less, however busy this machine is.
        assert time.monotonic() - before >= granted.wait.total_seconds()
        limits.wait(granted)
        assert granted.permit is not None
        assert not granted.permit.is_spent
        with pytest.raises(InvalidArgument, match=r"^decision: "):
            limits.wait(None)  # type: ignore[arg-type]


MONTH = timedelta(days=30)


def a_month_to_wait(gate: Gate) -> Decision:
    """Reserve what comes in a month, if nobody else has."""
    gate.limits.check("slow", "p")
    granted = gate.limits.reserve("slow", "p", 1, 2 * MONTH)
    assert granted.wait is not None
    assert timedelta(0) < granted.wait <= MONTH
    return granted


def test_a_clock_that_stands_still_is_not_waited_for(gate: Gate) -> None:
    granted = a_month_to_wait(gate)
    gate.limits.wait(granted)
    assert granted.permit is not None
    assert not granted.permit.is_spent


def test_a_wait_that_is_interrupted_gives_back(policy: dict[str, Any]) -> None:
    waiting = False

    def interrupt(*_: object) -> None:
        nonlocal waiting
        if waiting:
            waiting = False
            raise KeyboardInterrupt

    def wait_for(gate: Gate, granted: Decision) -> None:
        nonlocal waiting
        waiting = True
        gate.limits.wait(granted)

    handler = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        with Gate.from_policy(policy) as gate:
            granted = a_month_to_wait(gate)
            assert granted.permit is not None
            # A signal may come just before a wait has begun; it does not do so every time.
            for _ in range(100):
                with pytest.raises(KeyboardInterrupt):
                    wait_for(gate, granted)
                if granted.permit.is_spent:
                    break
            assert granted.permit.is_spent
            a_month_to_wait(gate)
            # It came back, and no second time.
            again = gate.limits.refund(granted.permit)
            assert again.tiers[0].full_at_us - again.now_us > MONTH / timedelta(microseconds=1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_a_wait_ends_with_its_gate_and_with_its_permit(policy: dict[str, Any]) -> None:
    with Gate.from_policy(policy) as gate, ThreadPoolExecutor() as pool:
        # However far the wait has come by then.
        granted = a_month_to_wait(gate)
        assert granted.permit is not None
        waiting = pool.submit(gate.limits.wait, granted)
        gate.limits.refund(granted.permit)
        with pytest.raises(InvalidArgument, match=r"^permit: "):
            waiting.result()
        granted = a_month_to_wait(gate)
        waiting = pool.submit(gate.limits.wait, granted)
        gate.close()
        with pytest.raises(Closed):
            waiting.result()
        with pytest.raises(Closed):
            gate.limits.wait(granted)
        with pytest.raises(Closed):
            gate.limits.reserve("slow", "p", 1, MONTH)


def test_limits_in_memory_are_asked_without_waiting(clock: testing.ManualClock) -> None:
    policy = {
        "version": 1,
        "store": {"default": "memory:"},
        "limits": {"policies": [{"id": "user", "tiers": [{"id": "second", "limit": 2, "period": "1s"}]}]},
    }
    with testing.from_policy(policy, clock=clock) as gate:
        assert gate.limits.allow_local("user", "u") is True
        assert gate.limits.check_local("user", "u", cost=1).tiers[0].remaining == 0
        assert gate.limits.allow_local("user", "u") is False
        assert gate.limits.check_local("user", "u").retry_after == timedelta(milliseconds=500)
        clock.advance(SECOND)
        assert gate.limits.allow_local("user", "u", 2)
    with pytest.raises(errors.Closed):
        gate.limits.allow_local("user", "u")


def test_limits_in_another_store_are_not(gate: Gate, policy: dict[str, Any]) -> None:
    if policy["store"]["default"] == "memory:":
        assert gate.limits.check_local("user", "u").allowed
        return
    for call in (gate.limits.check_local, gate.limits.allow_local):
        with pytest.raises(ConfigError):
            call("user", "u")


def test_events_tell_of_decisions_and_their_request(gate: Gate) -> None:
    seen: list[tuple[str, str, str | None]] = []
    gate.on_event(lambda event: seen.append((event.kind, event.outcome, event.context.get("request_id"))))
    gate.limits.check("user", "u", context={"request_id": "r-1"})
    gate.limits.check("user", "u", 2, context={"request_id": "r-2"})
    with gate.lockout.begin("login", "ada@example.com", context={"request_id": "r-3"}) as attempt:
        attempt.settle(False)
    assert seen == [
        ("limit_checked", "allowed", "r-1"),
        ("limit_checked", "denied", "r-2"),
        ("lockout_begun", "charged", "r-3"),
        ("lockout_settled", "failure", "r-3"),
    ]


def test_a_gate_without_limits_says_so() -> None:
    with testing.from_policy({"version": 1, "store": {"default": "memory:"}}) as gate:
        for call in (gate.limits.check, gate.limits.allow_local, gate.lockout.status):
            with pytest.raises(ConfigError):
                call("user", "u")


def test_decisions_are_plain_to_hold(gate: Gate) -> None:
    tier = gate.limits.check("user", "u").tiers[0]
    gc.collect()
    assert (tier.policy, tier.remaining) == ("user", 1)
    with pytest.raises(TypeError):
        Decision()


@pytest.fixture
def polite(clock: testing.ManualClock) -> Iterator[Gate]:
    policy = {
        "version": 1,
        "store": {"default": "memory:"},
        "http": {"rate_limit_headers": ["legacy", "draft-10"]},
        "limits": {"policies": [{"id": "user", "tiers": [{"id": "minute", "limit": 2, "period": "1m"}]}]},
    }
    with testing.from_policy(policy, clock=clock) as gate:
        yield gate


def test_an_answer_tells_of_its_limits(polite: Gate) -> None:
    headers = dict(polite.limits.headers(polite.limits.check("user", "u")))
    assert headers["X-RateLimit-Remaining"] == "1"
    assert headers["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert headers["RateLimit"] == '"minute";r=1;t=30'
    assert "Retry-After" not in headers
    refused = polite.limits.check("user", "u", 2)
    assert dict(polite.limits.headers(refused))["Retry-After"] == "30"
    answer = polite.limits.problem(refused)
    assert answer.status == 429
    assert dict(answer.headers)["Retry-After"] == "30"
    assert json.loads(answer.body)["violated-policies"] == ["minute"]
    for call in (polite.limits.headers, polite.limits.problem):
        with pytest.raises(InvalidArgument, match=r"^decision: "):
            call(None)  # type: ignore[arg-type]


def test_a_client_reads_what_a_server_tells(polite: Gate) -> None:
    polite.limits.check("user", "u", 2)
    told = polite.limits.parse_headers(polite.limits.problem(polite.limits.check("user", "u")).headers)
    assert (told.wait, told.limits[0].name, told.limits[0].quota) == (timedelta(seconds=30), "minute", 2)
    told = polite.limits.parse_headers(
        {"RateLimit": '"d";r=0;t=36;pk=:AAE=:', "RateLimit-Policy": '"d";q=5;qu="bytes"'}
    )
    assert (told.wait, told.wait_us) == (timedelta(seconds=36), 36_000_000)
    (limit,) = told.limits
    assert (limit.name, limit.quota, limit.window_s, limit.remaining, limit.reset_s) == ("d", 5, None, 0, 36)
    assert (limit.unit, limit.partition_key) == ("bytes", b"\x00\x01")
    assert repr(limit) == 'ServerLimit(name="d", quota=5, remaining=0, reset_s=36)'
    assert polite.limits.parse_headers([(b"retry-after", b"7")]).wait_us == 7_000_000
    assert polite.limits.parse_headers({"Retry-After": "\ud800", "X-RateLimit-Limit": b"\xff"}).limits == ()
    with pytest.raises(InvalidArgument):
        polite.limits.parse_headers("Retry-After: 7")  # type: ignore[arg-type]


EMAIL = "Ada@Example.com"


def fail(gate: Gate, device: str | None = None) -> None:
    with gate.lockout.begin("login", EMAIL, device) as attempt:
        attempt.settle(False)


def test_an_account_is_locked_after_so_many_failures(gate: Gate, clock: testing.ManualClock) -> None:
    fail(gate)
    fail(gate)
    with gate.lockout.begin("login", EMAIL) as attempt:
        assert (attempt.n, attempt.last) == (3, True)
        attempt.settle(False)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(Locked) as locked:
        gate.lockout.begin("login", " ada@example.com ")
    assert (locked.value.retry_after, locked.value.status) == (timedelta(minutes=59), 423)
    status = gate.lockout.status("login", EMAIL)
    assert (status.fails, status.threshold, status.level) == (3, 3, 1)
    assert (status.locked_until, status.now) == (NOW + timedelta(hours=1), NOW + timedelta(minutes=1))
    gate.lockout.unlock("login", EMAIL)
    assert gate.lockout.status("login", EMAIL).locked_until is None
    fail(gate)


def test_a_success_forgives(gate: Gate) -> None:
    fail(gate)
    fail(gate)
    with gate.lockout.begin("login", EMAIL) as attempt:
        attempt.settle(True)
    assert gate.lockout.status("login", EMAIL).fails == 0


def test_an_attempt_that_is_not_settled_is_abandoned(gate: Gate) -> None:
    with gate.lockout.begin("login", EMAIL):
        assert gate.lockout.status("login", EMAIL).fails == 1
    assert gate.lockout.status("login", EMAIL).fails == 0
    with pytest.raises(LookupError), gate.lockout.begin("login", EMAIL):
        raise LookupError("the database does not answer")
    assert gate.lockout.status("login", EMAIL).fails == 0
    attempt = gate.lockout.begin("login", EMAIL)
    attempt.abandon()
    attempt.abandon()
    assert gate.lockout.status("login", EMAIL).fails == 0


def test_a_failure_in_a_block_that_raises_stays(gate: Gate) -> None:
    def log_in() -> None:
        with gate.lockout.begin("login", EMAIL) as attempt:
            attempt.settle(False)
            raise LookupError

    with pytest.raises(LookupError):
        log_in()
    assert gate.lockout.status("login", EMAIL).fails == 1


def test_an_attempt_that_is_dropped_is_abandoned(gate: Gate) -> None:
    attempt = gate.lockout.begin("login", EMAIL)
    assert gate.lockout.status("login", EMAIL).fails == 1
    del attempt
    gc.collect()
    deadline = time.monotonic() + 10
    while gate.lockout.status("login", EMAIL).fails and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gate.lockout.status("login", EMAIL).fails == 0


def test_a_known_device_is_counted_by_itself(gate: Gate) -> None:
    for _ in range(3):
        fail(gate)
    with pytest.raises(Locked):
        gate.lockout.begin("login", EMAIL)
    with gate.lockout.begin("login", EMAIL, device="cookie") as attempt:
        assert attempt.n == 1
        attempt.settle(False)
    assert gate.lockout.status("login", EMAIL, "cookie").fails == 1
    gate.lockout.unlock("login", EMAIL, "cookie")
    assert gate.lockout.status("login", EMAIL, "cookie").fails == 0


@pytest.mark.parametrize("success", [0, 1, None, "yes"])
def test_a_settlement_is_a_bool(gate: Gate, success: Any) -> None:
    with pytest.raises(InvalidArgument), gate.lockout.begin("login", EMAIL) as attempt:
        attempt.settle(success)


@pytest.mark.parametrize(("identifier", "code"), [("", "subject_invalid"), ("a" * 321, "subject_invalid")])
def test_a_bad_identifier_says_so(gate: Gate, identifier: str, code: str) -> None:
    with pytest.raises(LimitError) as refused:
        gate.lockout.begin("login", identifier)
    assert refused.value.code == code


@pytest.mark.parametrize("call", ["begin", "unlock", "status"])
def test_lockouts_take_text(gate: Gate, call: str) -> None:
    for arguments in (("login", 7), (7, EMAIL), ("login", EMAIL, 7), ("nobody", EMAIL)):
        with pytest.raises(InvalidArgument):
            getattr(gate.lockout, call)(*arguments)


def test_guessing_in_parallel_checks_no_more_passwords_than_are_allowed(gate: Gate) -> None:
    checked: list[int] = []

    def guess() -> None:
        try:
            with gate.lockout.begin("login", EMAIL) as attempt:
                checked.append(attempt.n)
                attempt.settle(False)
        except Locked:
            pass

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(checked) == [1, 2, 3]
