"""Rate limits in memory beside `limits`, pyrate-limiter and a dict by hand, on one hot key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Job = Callable[[], object]

POLICIES: list[dict[str, Any]] = [
    {"id": "one", "tiers": [{"id": "second", "limit": 1_000_000, "period": "1s"}]},
    {"id": "three", "preset": "tenant"},
]


def one_tier_jobs(gate: Any) -> dict[str, Job]:
    """One limit of a million a second."""
    import limits
    from pyrate_limiter import InMemoryBucket, Limiter, Rate

    allow, check, ask = gate.limits.allow_local, gate.limits.check_local, gate.limits.check
    storage = limits.storage.MemoryStorage()
    fixed = limits.strategies.FixedWindowRateLimiter(storage)
    sliding = limits.strategies.SlidingWindowCounterRateLimiter(storage)
    rate = limits.RateLimitItemPerSecond(1_000_000)
    # A log of each hit grows with its limit: a small one, refused nearly always, is what it is fastest at.
    moving, few = limits.strategies.MovingWindowRateLimiter(storage), limits.RateLimitItemPerMinute(100)
    pyrate = Limiter(InMemoryBucket([Rate(100, 60_000)]))
    return {
        "gatewright, bool": lambda: allow("one", "acme"),
        "gatewright, decision": lambda: check("one", "acme"),
        "gatewright, check of any store": lambda: ask("one", "acme"),
        "limits, fixed window": lambda: fixed.hit(rate, "acme"),
        "limits, sliding window counter": lambda: sliding.hit(rate, "acme"),
        "limits, moving window (100 a minute)": lambda: moving.hit(few, "acme"),
        "pyrate-limiter (100 a minute)": lambda: pyrate.try_acquire("acme", blocking=False),
        "a dict by hand": _by_hand(),
    }


def three_tier_jobs(gate: Any) -> dict[str, Job]:
    """100 a minute, 5,000 an hour and 100,000 a day, refused nearly always; the others decide one after the other."""
    import limits

    allow, check = gate.limits.allow_local, gate.limits.check_local
    fixed = limits.strategies.FixedWindowRateLimiter(limits.storage.MemoryStorage())
    rates = [
        limits.RateLimitItemPerMinute(100),
        limits.RateLimitItemPerHour(5000),
        limits.RateLimitItemPerDay(100_000),
    ]
    return {
        "gatewright, bool": lambda: allow("three", "acme"),
        "gatewright, decision": lambda: check("three", "acme"),
        "limits, fixed windows": lambda: [fixed.hit(rate, "acme") for rate in rates],
    }


def _by_hand() -> Job:
    """A token bucket as one writes it: neither threads nor forgotten keys are thought of."""
    buckets: dict[str, tuple[float, float]] = {}

    def allow() -> bool:
        now = time.monotonic()
        tokens, then = buckets.get("acme", (1_000_000.0, now))
        tokens = min(1_000_000.0, tokens + (now - then) * 1_000_000.0)
        if tokens < 1.0:
            return False
        buckets["acme"] = (tokens - 1.0, now)
        return True

    return allow
