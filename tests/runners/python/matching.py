"""Compares what a call offered with what a vector expects."""

from __future__ import annotations

import re
from typing import Any

_SPECIAL = {"NaN", "Infinity", "-Infinity"}


def difference(expected: Any, actual: Any, path: str = "", tolerance: float = 0.0) -> str | None:
    """Where the two differ, as a path; `None` if they match."""
    if isinstance(expected, dict):
        if expected.keys() == {"f64"} and expected["f64"] in _SPECIAL:
            return (
                None if _is_number(actual) and repr(float(actual)) == _named(expected["f64"]) else path or "the whole"
            )
        if not isinstance(actual, dict):
            return path or "the whole"
        within = float(expected["tol"]) if "tol" in expected else tolerance
        named = ((name, member) for name, member in expected.items() if name != "tol")
        found = (difference(member, actual.get(name), f"{path}.{name}", within) for name, member in named)
        return next((at for at in found if at is not None), None)
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return path or "the whole"
        pairs = enumerate(zip(expected, actual, strict=True))
        found = (difference(one, other, f"{path}[{at}]", tolerance) for at, (one, other) in pairs)
        return next((at for at in found if at is not None), None)
    return None if _equal(expected, actual, tolerance) else path or "the whole"


def header_set(pairs: list[Any]) -> list[list[str]]:
    """Headers as a set of (lower-case name, value)."""
    return sorted([name.lower(), value] for name, value in pairs)


def _equal(expected: Any, actual: Any, tolerance: float) -> bool:
    if expected is None or actual is None:
        return expected in (None, "") and actual in (None, "")
    if _is_number(expected) and _is_number(actual):
        return expected == actual or (tolerance > 0 and abs(expected - actual) <= tolerance)
    if _is_number(expected) and _is_digits(actual):
        return bool(expected == int(actual))
    if _is_digits(expected) and _is_number(actual):
        return bool(int(expected) == actual)
    return type(expected) is type(actual) and bool(expected == actual)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value) is not None


def _named(special: str) -> str:
    return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[special]
