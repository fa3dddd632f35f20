"""How users write it, for the type checkers alone: nothing here is run."""

from __future__ import annotations

import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

from starlette.requests import Request

from gatewright import (
    Attempt,
    Checked,
    Claims,
    Decision,
    Event,
    Gate,
    GatewrightError,
    Permit,
    TierDecision,
    TokenPair,
    Verified,
    aio,
    errors,
    kpi,
    testing,
)
from gatewright.types import Context


def sync(request: Request, body: bytes) -> None:
    context: Context = {"request_id": "r-1"}
    with Gate.open(Path("gatewright.toml")) as gate:
        assert_type(gate, Gate)
        pair = gate.tokens.issue(tenant="acme", subject="u-42", client="web", roles=["operator"], context=context)
        assert_type(pair, TokenPair)
        pair = gate.tokens.refresh(pair.refresh_token, retry_key=memoryview(bytes(16)))
        claims = gate.tokens.verify(pair.access_token)
        assert_type(claims, Claims)
        assert_type(claims.expires_at, datetime)
        assert_type(claims.view_age, timedelta | None)
        assert_type(claims.token_version, tuple[int, int, int] | None)
        assert_type(claims.extra, dict[str, Any])
        assert_type(gate.sessions.revoke_others("acme", "u-42", keep=pair.session_id), int)
        assert_type(gate.epochs.bump_all("breach"), int)
        with gate.webhooks.verify("chirpstack", request.headers, body) as message:
            assert_type(message, Verified)
        assert_type(gate.webhooks.run("chirpstack", {"a": "b"}, body, lambda message: message.duplicate), bool)
        assert_type(gate.webhooks.check("chirpstack", [("a", b"b")], bytearray(body)), Checked)
        assert_type(gate.webhooks.sign("chirpstack", body), list[tuple[str, str]])
        decision = gate.limits.check("tenant", "acme", 2, context=context)
        assert_type(decision, Decision)
        assert_type(decision.retry_after, timedelta)
        assert_type(decision.tiers, tuple[TierDecision, ...])
        assert_type(gate.limits.allow_local("tenant", "acme"), bool)
        assert_type(gate.limits.check_all([("tenant", "acme"), ("user", "u", 2)]).permit, Permit | None)
        assert_type(gate.limits.parse_headers(request.headers).wait, timedelta)
        with gate.lockout.begin("login", "ada@example.com") as attempt:
            assert_type(attempt, Attempt)
            attempt.settle(attempt.last)
        gate.on_event(on_event)


def on_event(event: Event) -> None:
    assert_type(event.at, datetime)


async def coroutines(request: Request, body: bytes) -> None:
    async with aio.Gate.open("gatewright.toml") as gate:
        assert_type(gate, aio.Gate)
        pair = await gate.tokens.issue(subject="u-42", client="web", device={"id": "d-1"}, auth_time=datetime.now(UTC))
        assert_type(pair, TokenPair)
        assert_type(gate.tokens.verify(pair.access_token), Claims)
        assert_type(await gate.tokens.verify_fresh(pair.access_token), Claims)
        async with gate.webhooks.verify("chirpstack", request.headers, body) as message:
            assert_type(message, aio.Verified)
        held = await gate.webhooks.verify("chirpstack", request.headers, body)
        await held.commit()

        async def handle(message: aio.Verified) -> str:
            return message.key_id

        assert_type(await gate.webhooks.run("chirpstack", request.headers, body, handle), str)
        assert_type(
            await gate.webhooks.run("chirpstack", request.headers, body, lambda message: message.duplicate), bool
        )
        assert_type(await gate.limits.reserve("outbound", "p", 1, timedelta(seconds=1)), Decision)
        assert_type(gate.limits.check_local("tenant", "acme"), Decision)
        async with gate.lockout.begin("login", "ada@example.com", "cookie") as attempt:
            assert_type(attempt, aio.Attempt)
            await attempt.settle(True)
    gate = await aio.Gate.from_policy({"version": 1})
    assert_type(gate, aio.Gate)


def failures(gate: Gate) -> None:
    try:
        gate.tokens.refresh("…")
    except errors.ReuseDetected as error:
        assert_type(error.retry_after, timedelta | None)
        assert_type(error.clear_cookies, bool | None)
    except GatewrightError as error:
        assert_type(error.status, int)
        assert_type(error.problems, tuple[errors.Problem, ...])


def figures(weights: array.array[float]) -> None:
    fcr = kpi.fcr_live_weight(feed_g=180, live_weight_out_g=202)
    assert_type(fcr.value, float | None)
    assert_type(kpi.epef(survival=0.95, weight_g=1850, age_days=44, fcr=fcr), kpi.Kpi)
    assert_type(kpi.weight_mean(weights=weights), kpi.Summary)
    assert_type(kpi.norm_min_max(values=[1, None]), kpi.Norms)
    assert_type(
        kpi.rank(cohort=[{"id": "A", "figures": {"fcr": None}}], weights={"fcr": {"weight": 1}}), list[kpi.Ranked]
    )


def tests() -> None:
    clock = testing.ManualClock(datetime.now(UTC))
    with testing.from_policy("version = 1", clock=clock, seed=b"seed", environment={"A": "b"}) as gate:
        clock.advance(timedelta(minutes=1))
        testing.refresh_view(gate)
        assert_type(testing.reopen(gate, {"version": 1}), Gate)
