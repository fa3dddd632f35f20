"""What a figure gives: a value or why there is none, and what is to be said of its parts."""

from kpi_numbers import finite
from wire import Refused


def ok(unit: str, value, *warnings: str, **more) -> dict:
    value = finite(value) if isinstance(value, float) else value
    return {"value": value, "status": "ok", "reason": None, "unit": unit, "warnings": list(warnings)} | more


def undefined(unit: str, reason: str, *warnings: str, **more) -> dict:
    return {"value": None, "status": "undefined", "reason": reason, "unit": unit, "warnings": list(warnings)} | more


def quotient(unit: str, num: int, den: int, *warnings: str, **more) -> dict:
    more |= {"num": num, "den": den}
    if den == 0:
        return undefined(unit, "zero_denominator", *warnings, **more)
    return ok(unit, float(num) / float(den), *warnings, **more)


def per_halves(unit: str, num: int, twice: int, *warnings: str) -> dict:
    """Over head-days: both doubled where there is half a day."""
    return quotient(unit, num, twice // 2, *warnings) if twice % 2 == 0 else quotient(unit, 2 * num, twice, *warnings)


def known(values: list) -> tuple[list, dict, tuple]:
    present = [value for value in values if value is not None]
    missing = len(values) - len(present)
    return present, {"n": len(present), "missing": missing}, ("input_missing",) if missing else ()


def mismatch(holds: bool):
    if holds:
        raise Refused("kpi_inventory_mismatch")
