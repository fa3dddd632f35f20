"""Compares what a call offered with what a vector expects."""

from __future__ import annotations

import re
from typing import Any

from python import shape

_SPECIAL = {"NaN", "Infinity", "-Infinity"}


def difference(expected: Any, actual: Any, path: str = "", tolerance: float = 0.0) -> str | None:
    """Where the two differ, as a path; `None` if they match."""
    if isinstance(expected, dict) and not isinstance(actual, bytes):
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
        compare = _line_difference if is_lines(actual) else difference
        pairs = enumerate(zip(expected, actual, strict=True))
        found = (compare(one, other, f"{path}[{at}]", tolerance) for at, (one, other) in pairs)
        return next((at for at in found if at is not None), None)
    return None if _equal(expected, actual, tolerance) else path or "the whole"


def is_lines(actual: Any) -> bool:
    """Whether these are the header lines of an answer, whose values are bytes."""
    return isinstance(actual, list) and actual != [] and all(map(_is_line, actual))


def _is_line(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], bytes)


def _line_difference(expected: Any, actual: Any, path: str, _: float) -> str | None:
    """Lines compare in their order, names without case and values byte by byte."""
    is_line = isinstance(expected, list) and len(expected) == 2 and isinstance(expected[0], str)
    same = is_line and expected[0].lower() == actual[0].lower() and _same_bytes(expected[1], actual[1])
    return None if same else path


def _same_bytes(expected: Any, actual: Any) -> bool:
    """Bytes are equal in whatever form they are written."""
    is_written = isinstance(expected, bytes) or shape.is_octets(expected)
    return isinstance(actual, bytes) and is_written and shape.octets(expected) == actual


def header_set(pairs: list[Any]) -> list[list[str]]:
    """Headers as a set of (lower-case name, value)."""
    return sorted([name.lower(), value] for name, value in pairs)


def _equal(expected: Any, actual: Any, tolerance: float) -> bool:
    if isinstance(expected, bytes) or isinstance(actual, bytes):
        return _same_bytes(expected, actual)
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
