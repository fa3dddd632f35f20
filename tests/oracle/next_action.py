"""What a client does after an answer. idempotency.md B5 (the table of codes) and B5b; which codes there are: api.md section 4."""

import json
from pathlib import Path

ROWS = json.loads((Path(__file__).parent.parent / "errors.json").read_text())
KNOWN = {row["code"] for row in ROWS}
# B5: "same key after Retry-After", "same key at once", "new key", "look first".
BY_CODE = {
    "in_progress": "wait",
    "unavailable": "wait",
    "idempotency_key_missing": "rotate",
    "idempotency_key_invalid": "rotate",
    "idempotency_key_multiple": "rotate",
    "idempotency_key_reused": "rotate",
    "body_too_large": "rotate",
    "outcome_unknown": "reconcile",
    "response_unavailable": "reconcile",
    "stale": "reuse",
}


class Unsaid(Exception):
    """The page does not say it; no vector may ask."""


def next_action(status: int, code: str | None = None) -> str:
    if code in BY_CODE:
        return BY_CODE[code]
    if code in KNOWN or status in (401, 403, 407, 408, 409, 421, 425, 429, 503) or 100 <= status < 200 or status > 599:
        raise Unsaid(status, code)
    # A time-out or a 5xx leaves the outcome open; every other answer is a definite one.
    return "reuse" if status == 0 or status >= 500 else "rotate"
