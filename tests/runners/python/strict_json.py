"""A JSON reader for vectors, strict about member names and exact about numbers; and a writer that changes no number."""

from __future__ import annotations

import json
from typing import Any, Self


class Real(float):
    """A number with a fraction or an exponent, and its text."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


def read(data: bytes) -> Any:
    """Read a whole file; `ValueError` for any fault, a member name that stands twice included."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_members, parse_float=Real, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def write(value: Any) -> str:
    """Write a value that `read` gave."""
    match value:
        case Real():
            return value.text
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{write(member)}" for name, member in value.items()) + "}"
        case list():
            return "[" + ",".join(map(write, value)) + "]"
        case _:
            return json.dumps(value)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name stands twice in one object")
    return members


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
