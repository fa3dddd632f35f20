"""What the type checkers must refuse: an `ignore` without its error is an error too."""

from __future__ import annotations

from gatewright import Gate, TokenPair, aio


def misuse(gate: Gate, agate: aio.Gate, pair: TokenPair) -> None:
    gate.webhooks.check("a", {}, "text")  # type: ignore[arg-type]
    gate.tokens.refresh(pair.refresh_token, retry_key="text")  # type: ignore[arg-type]
    gate.tokens.issue(subject="u")  # type: ignore[call-arg]
    gate.tokens.issue(subject="u", client="web", device={"name": "d"})  # type: ignore[arg-type]
    gate.tokens.issue(subject="u", client="web", context={"requestId": "r"})  # type: ignore[arg-type]
    gate.tokens.Verify("x")  # type: ignore[attr-defined]
    pair.outcome = "issued"  # type: ignore[misc]
    agate.tokens.refresh(pair.refresh_token).access_token  # type: ignore[attr-defined]
