"""As `gatewright.testing`, for gates of `gatewright.aio`."""

from __future__ import annotations

from collections.abc import Mapping

from gatewright import _core
from gatewright.aio import Gate, Opening
from gatewright.testing.clock import ManualClock
from gatewright.types import Body, Path, Policy

__all__ = ["from_policy", "open", "refresh_view", "reopen"]


def open(
    path: Path,
    *,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Opening[Gate]:
    """Open the policy document in a file. See `gatewright.testing.open`."""

    async def opened() -> Gate:
        calls = await _core.testing_open_async(
            path=path, clock=None if clock is None else clock._core, seed=seed, environment=environment
        )
        return Gate(calls)

    return Opening(opened)


def from_policy(
    policy: Policy,
    *,
    clock: ManualClock | None = None,
    seed: Body | None = None,
    environment: Mapping[str, str] | None = None,
) -> Opening[Gate]:
    """Open a policy document given as text or mapping. See `gatewright.testing.open`."""

    async def opened() -> Gate:
        calls = await _core.testing_open_async(
            policy=policy, clock=None if clock is None else clock._core, seed=seed, environment=environment
        )
        return Gate(calls)

    return Opening(opened)


def reopen(gate: Gate, policy: Policy) -> Opening[Gate]:
    """Open another policy on the same store, clock and randomness. The old gate stays usable until either is closed."""

    async def opened() -> Gate:
        return Gate(await _core.testing_reopen_async(gate._calls, policy))

    return Opening(opened)


async def refresh_view(gate: Gate) -> None:
    """Refresh the gate's local view now."""
    await _core.testing_refresh_view_async(gate._calls)
