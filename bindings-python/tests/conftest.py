"""A policy that uses everything of this version, and gates opened with it."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gatewright import Gate, aio, testing

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ROOT_SECRET = "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8="
SIGNING_SECRET = "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4="

POLICY: dict[str, Any] = {
    "version": 1,
    "root_keys": [{"id": 1, "secret": ROOT_SECRET, "state": "active"}],
    "store": {"default": "memory:"},
    "tokens": {
        "issuer": "https://auth.example",
        "audience": ["api"],
        "clients": [
            {"id": "web", "kind": "browser"},
            {"id": "tablet", "kind": "device"},
            {"id": "batch", "kind": "native", "confidential": True},
        ],
        "signing_keys": [{"kid": "k1", "alg": "HS256", "secret": SIGNING_SECRET, "state": "active"}],
    },
    "idempotency": {
        "routes": [
            {"match": {"method": "POST", "path": "/money"}, "on_5xx": "store", "on_crash": "hold"},
            {"match": {"method": "POST", "path": "/explicit"}, "effects": "explicit"},
            {"match": {"method": "POST", "path": "/small"}, "max_stored_body": "16B"},
        ]
    },
    "limits": {
        "policies": [
            {"id": "tenant", "preset": "tenant", "refundable": True},
            {"id": "user", "tiers": [{"id": "second", "limit": 2, "period": "1s"}]},
            {"id": "outbound", "tiers": [{"id": "second", "limit": 1, "period": "1s"}], "reserve_max_wait": "1h"},
            {"id": "slow", "tiers": [{"id": "month", "limit": 1, "period": "30d"}], "reserve_max_wait": "60d"},
            {"id": "jobs", "tiers": [{"id": "now", "algo": "concurrent", "limit": 2, "lease_ttl": "1m"}]},
        ]
    },
    "lockout": {"policies": [{"id": "login", "subject": "email", "threshold": 3}]},
    "webhooks": {
        "endpoints": [
            {
                "id": "parking",
                "preset": "parking",
                "secrets": [{"id": "a", "secret": "a shared secret of 32 bytes, yes"}],
            },
            {
                "id": "std",
                "preset": "standard_webhooks",
                "secrets": [{"id": "s", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}],
            },
        ]
    },
}


def policy_for(store: str) -> dict[str, Any]:
    """The policy, with another store."""
    policy = copy.deepcopy(POLICY)
    policy["store"]["default"] = store
    return policy


@pytest.fixture
def clock() -> testing.ManualClock:
    return testing.ManualClock(NOW)


@pytest.fixture(params=["memory", "sqlite"])
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    return policy_for("memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'gate.db'}")


@pytest.fixture
def gate(policy: dict[str, Any], clock: testing.ManualClock) -> Iterator[Gate]:
    with testing.from_policy(policy, clock=clock, seed=b"seed", environment={}) as gate:
        yield gate


@pytest.fixture
async def agate(policy: dict[str, Any], clock: testing.ManualClock) -> AsyncIterator[aio.Gate]:
    async with testing.aio.from_policy(policy, clock=clock, seed=b"seed", environment={}) as gate:
        yield gate
