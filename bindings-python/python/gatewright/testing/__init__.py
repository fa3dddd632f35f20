"""For tests: a clock that is set, randomness from a seed, an environment that is given. Never for production.

::

    clock = testing.ManualClock(datetime(2026, 11, 21, 8, tzinfo=UTC))
    with testing.from_policy(POLICY, clock=clock, seed=b"seed", environment={"GW_ROOT_1": "…"}) as gate:
        pair = gate.tokens.issue(subject="u-42", client="web")
        clock.advance(timedelta(minutes=16))
        with pytest.raises(TokenExpired):
            gate.tokens.verify(pair.access_token)

`gatewright.testing.aio` opens gates of `gatewright.aio`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewright import _core
from gatewright._core import Gate
from gatewright._core.limits import Decision
from gatewright.testing import aio
from gatewright.testing.clock import ManualClock
from gatewright.types import Body, Json, Path, Policy

__all__ = ["ManualClock", "aio", "from_policy", "open", "read_decision", "refresh_view", "reopen", "verify_jws"]


def open(
    path: Path,
    *,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Gate:
    """Open the policy document in a file.

    `clock` replaces the host's and, for memory and SQLite stores, the store's; `seed` replaces the operating system's
    randomness by block i = SHA-256(seed ‖ u64be(i)); `environment` is all that `${NAME}` reads.
    """
    return _core.testing_open(
        path=path, clock=None if clock is None else clock._core, seed=seed, environment=environment
    )


def from_policy(
    policy: Policy,
    *,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Gate:
    """Open a policy document given as text or mapping. See `open`."""
    return _core.testing_open(
        policy=policy, clock=None if clock is None else clock._core, seed=seed, environment=environment
    )


def reopen(gate: Gate, policy: Policy) -> Gate:
    """Open another policy on the same store, clock and randomness. The old gate stays usable until either is closed."""
    return _core.testing_reopen(gate, policy)


def refresh_view(gate: Gate) -> None:
    """Refresh the gate's local view now."""
    _core.testing_refresh_view(gate)


def verify_jws(keys: Sequence[str | Json], jws: str) -> bytes:
    """Verify a compact JWS of a published suite and give its payload.

    All rules on size, form, header and signature hold, none on `typ` and claims. Each key is a JWK or
    `{kid, alg, secret}`, as a mapping or as the text of its JSON.
    """
    return _core.testing_verify_jws(keys, jws)


def read_decision(decision: str | Json) -> Decision:
    """Make a decision of its members by name, a mapping or the text of its JSON, to render what becomes of it.

    Members that are left out are those of a tier that allowed and of which nothing is taken. It has no permit. Raises
    `InvalidArgument` for a member that no decision has.
    """
    return _core.testing_read_decision(decision)
