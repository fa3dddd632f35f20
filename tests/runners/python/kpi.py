"""`kpi.evaluate` and `kpi.report`, through the public functions: arguments from their wire names, results to them."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

from gatewright import kpi
from gatewright.errors import InvalidArgument
from python.calls import Done
from python.shape import is_octets, octets

_TEXTS = {"basis", "fcr_basis", "id", "method", "reason", "unit"}
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

_KPI = ("id", "value", "status", "reason", "unit", "num", "den", "n", "missing", "basis", "coverage")
_SUMMARY = ("id", "unit", "n", "missing", "mean", "sd", "ci95_low", "ci95_high", "min", "max")
_NORMS = ("id", "value", "unit", "n", "missing")
_RANKED = ("id", "rank", "score", "coverage")


def evaluate(method: str, arguments: Mapping[str, Any]) -> Done:
    """Call the function of a method."""
    return Done(_offered(_result(method, arguments)))


def report(rows: Any, targets: Mapping[str, Any] | None) -> Done:
    """Report on rows or a table. The digest of the report's text is part of the outcome."""
    text = kpi.report(octets(rows) if is_octets(rows) else rows, targets).to_json()
    offer = json.loads(text)
    offer["figures"] = {
        batch["batch"]: {
            figure["kpi"]["id"]: {**figure["kpi"], "target": figure["target"], "deviation": figure["deviation"]}
            for figure in batch["figures"]
        }
        for batch in offer["batches"]
    }
    return Done(offer, ":" + hashlib.sha256(text.encode()).hexdigest())


def _result(method: str, arguments: Mapping[str, Any]) -> Any:
    if method in _ACCUMULATORS:
        return _accumulated(_ACCUMULATORS[method], arguments)
    name = method.removesuffix(".v1").replace(".", "_")
    if not method.endswith(".v1") or method not in kpi.METHODS:
        raise InvalidArgument("method: name a figure by its id")
    function = getattr(kpi, name)
    given = {name: _given(value, name) for name, value in arguments.items()}
    try:
        inspect.signature(function).bind(**given)
    except TypeError:
        # Python itself refuses an argument that is left out or unknown.
        raise InvalidArgument("arguments: give the figure's own arguments") from None
    return function(**given)


def _given(value: Any, name: str) -> Any:  # noqa: PLR0911, a case each
    """An argument: integers past 2^53 and doubles that JSON has none of are written otherwise."""
    match value:
        case {"f64": special} if len(value) == 1:
            return _SPECIAL[special]
        case {"method": method, "args": arguments} if len(value) == 2:
            return _result(method, arguments)
        case {"value": number, "unit": str(unit)} if len(value) == 2:
            return kpi.Quantity(_given(number, "value"), unit)
        case dict():
            return {member: _given(one, member) for member, one in value.items()}
        case list():
            return [_given(one, "") for one in value]
        case str() if name not in _TEXTS and re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        case _:
            return value


_ACCUMULATORS: dict[str, type[kpi.Moments] | type[kpi.FloatMoments]] = {
    "moments.integer.v1": kpi.Moments,
    "moments.f64.v1": kpi.FloatMoments,
}


def _accumulated(kind: type[kpi.Moments] | type[kpi.FloatMoments], arguments: Mapping[str, Any]) -> kpi.Summary:
    """Add each part to an accumulator of its own, and merge these from left to right."""
    match arguments:
        case {"parts": list(parts)} if len(arguments) == 1:
            pass
        case {"values": list(values)} if len(arguments) == 1:
            parts = [values]
        case _:
            raise InvalidArgument("arguments: give parts or values")
    whole: Any = kind()
    for part in parts:
        one = kind()
        one.add_all(_given(part, ""))
        whole.merge(one)
    snapshot: kpi.Summary = whole.snapshot()
    return snapshot


def _offered(result: Any) -> dict[str, Any]:
    match result:
        case kpi.Kpi():
            return {**_members(result, _KPI), "warnings": list(result.warnings)}
        case kpi.Summary():
            return {**_members(result, _SUMMARY), "warnings": list(result.warnings)}
        case kpi.Norms():
            return {**_members(result, _NORMS), "status": "ok", "warnings": list(result.warnings)}
        case _:
            return {"id": "rank.v1", "value": [_members(ranked, _RANKED) for ranked in result], "n": len(result)}


def _members(result: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(result, name) for name in names}
