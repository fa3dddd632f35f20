"""How users write it, for the type checkers alone: nothing here is run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

from starlette.requests import Request

from gatewright import Checked, Claims, Event, Gate, GatewrightError, TokenPair, Verified, aio, errors, testing
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


def tests() -> None:
    clock = testing.ManualClock(datetime.now(UTC))
    with testing.from_policy("version = 1", clock=clock, seed=b"seed", environment={"A": "b"}) as gate:
        clock.advance(timedelta(minutes=1))
        testing.refresh_view(gate)
        assert_type(testing.reopen(gate, {"version": 1}), Gate)
