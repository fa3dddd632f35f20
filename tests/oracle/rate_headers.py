"""The headers of a decision, from limits.md A6 alone. Exact: fractions instead of rounding rules."""

from fractions import Fraction
from math import ceil

SECOND = 1_000_000
LARGEST = 999_999_999_999_999  # of an Integer of RFC 9651


def whole(micros) -> int:
    """Seconds, rounded up, as a structured field can hold them."""
    return min(max(ceil(Fraction(micros) / SECOND), 0), LARGEST)


def policy(tier: dict) -> str:
    text = f'"{tier["id"]}";q={max(tier["limit"], tier["burst"])}'
    if tier["algo"] == "concurrent":
        return text + ';qu="concurrent-requests"'
    period = Fraction(tier["period_us"], SECOND)
    return text + (f";w={period}" if period.denominator == 1 else "")


def state(tier: dict, refused_for) -> str:
    concurrent = tier["algo"] == "concurrent"
    if refused_for is not None:
        return f'"{tier["id"]}";r=0' + ("" if concurrent else f";t={max(1, whole(refused_for))}")
    if concurrent:
        return f'"{tier["id"]}";r={tier["remaining"]}'
    sustained = whole(Fraction(tier["remaining"] * tier["period_us"], tier["limit"]))
    return f'"{tier["id"]}";r={tier["remaining"]};t={max(whole(tier["next_unit_us"]), sustained)}'


def headers(decision: dict, styles: list[str]) -> list[list[str]]:
    """Of a decision with all its members. No test gives one policy twice with the same tier."""
    binding = decision["binding"]
    names = [(tier["policy"], tier["id"]) for tier in decision["tiers"]]
    assert len(set(names)) == len(names)
    at = names.index((binding["policy"], binding["tier"]))
    lines = []
    if "legacy" in styles:
        tier = decision["tiers"][at]
        lines.append(["X-RateLimit-Limit", str(tier["burst"])])
        lines.append(["X-RateLimit-Remaining", str(tier["remaining"])])
        lines.append(["X-RateLimit-Reset", str(whole(tier["full_at_us"]))])
    refused_for = None if decision["allowed"] else decision["retry_after_us"]
    if "draft-10" in styles:
        lines.append(["RateLimit-Policy", ", ".join(policy(tier) for tier in decision["tiers"])])
        states = [state(tier, refused_for if place == at else None) for place, tier in enumerate(decision["tiers"])]
        lines.append(["RateLimit", ", ".join(states)])
    if refused_for is not None:
        lines.append(["Retry-After", str(max(1, whole(refused_for)))])
    return lines
