"""Token rotation with reuse detection, webhook signing with replay windows, and their neighbours.

One policy document says how; a `Gate` is that document, opened::

    from gatewright import Gate

    with Gate.open("gatewright.toml") as gate:
        pair = gate.tokens.issue(tenant="acme", subject="u-42", client="web", roles=["operator"])
        claims = gate.tokens.verify(pair.access_token)

`gatewright.aio.Gate` is the same for asyncio, `gatewright.errors` has every exception, and `gatewright.testing` opens
gates with a clock and randomness of your own.
"""

from gatewright import errors, kpi
from gatewright._core import (
    Checked,
    Checkpoint,
    Claims,
    Epochs,
    Event,
    Gate,
    Idempotency,
    Response,
    Sessions,
    Step,
    TokenPair,
    Tokens,
    Verified,
    Webhooks,
    __version__,
)
from gatewright._core.limits import (
    Attempt,
    Binding,
    Decision,
    Limits,
    Lockout,
    LockoutStatus,
    Permit,
    ServerLimit,
    ServerLimits,
    TierDecision,
)
from gatewright.errors import GatewrightError

__all__ = [
    "Attempt",
    "Binding",
    "Checked",
    "Checkpoint",
    "Claims",
    "Decision",
    "Epochs",
    "Event",
    "Gate",
    "GatewrightError",
    "Idempotency",
    "Limits",
    "Lockout",
    "LockoutStatus",
    "Permit",
    "Response",
    "ServerLimit",
    "ServerLimits",
    "Sessions",
    "Step",
    "TierDecision",
    "TokenPair",
    "Tokens",
    "Verified",
    "Webhooks",
    "__version__",
    "errors",
    "kpi",
]
