"""Saved values and the references to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class UnresolvedError(LookupError):
    """A reference to something that was not saved or offered."""


@dataclass(frozen=True)
class Kept:
    """What a step offered, and its handle if it has one."""

    offer: Mapping[str, Any] = field(default_factory=dict)
    handle: Any = None


def resolve(value: Any, saved: Mapping[str, Kept]) -> Any:
    """Put saved values in place of references, inside lists and objects too."""
    match value:
        case str() if value.startswith("$$"):
            return value[1:]
        case str() if value.startswith("$"):
            return _referred(value[1:], saved)
        case list():
            return [resolve(item, saved) for item in value]
        case dict():
            return {name: resolve(member, saved) for name, member in value.items()}
        case _:
            return value


def resolve_step(step: Mapping[str, Any], saved: Mapping[str, Kept], plain: Iterable[str] = ()) -> dict[str, Any]:
    """Put saved values in place of the references of a step; the members named in `plain` never hold one."""

    def resolved(name: str, value: Any) -> Any:
        if name in plain:
            return value
        return _decision_with_permit(value, saved) if name == "permit" else resolve(value, saved)

    return {name: resolved(name, value) for name, value in step.items()}


def _decision_with_permit(value: Any, saved: Mapping[str, Kept]) -> Any:
    """The decision whose permit is meant: `$name` or `$name.permit`, of one that has a permit."""
    if isinstance(value, str) and value.startswith("$"):
        kept = saved.get(value[1:].removesuffix(".permit"))
        if kept is not None and kept.offer.get("permit") is not None:
            return kept.handle
    raise UnresolvedError(value)


def _referred(reference: str, saved: Mapping[str, Kept]) -> Any:
    name, dot, member = reference.partition(".")
    kept = saved.get(name)
    if kept is not None:
        if not dot and kept.handle is not None:
            return kept.handle
        if dot and member in kept.offer:
            return kept.offer[member]
    raise UnresolvedError(reference)
