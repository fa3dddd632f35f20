"""What the type checkers must refuse: an `ignore` without its error is an error too."""

from __future__ import annotations

from gatewright import Gate, TokenPair, aio, kpi


def misuse(gate: Gate, agate: aio.Gate, pair: TokenPair) -> None:
    gate.webhooks.check("a", {}, "text")  # type: ignore[arg-type]
    gate.tokens.refresh(pair.refresh_token, retry_key="text")  # type: ignore[arg-type]
    gate.tokens.issue(subject="u")  # type: ignore[call-arg]
    gate.tokens.issue(subject="u", client="web", device={"name": "d"})  # type: ignore[arg-type]
    gate.tokens.issue(subject="u", client="web", context={"requestId": "r"})  # type: ignore[arg-type]
    gate.tokens.Verify("x")  # type: ignore[attr-defined]
    pair.outcome = "issued"  # type: ignore[misc]
    agate.tokens.refresh(pair.refresh_token).access_token  # type: ignore[attr-defined]
    gate.limits.check("tenant", 7)  # type: ignore[arg-type]
    gate.limits.refund(None)  # type: ignore[arg-type]
    kpi.survival(placed=1.5)  # type: ignore[arg-type]
    kpi.fcr_live_weight(feed_kg=1, live_weight_out_g=1)  # type: ignore[call-arg]
